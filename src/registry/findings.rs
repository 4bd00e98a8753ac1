//! What scanners of vendors found in an image: counted in a line, and listed by severity.
//!
//! Invariant: nothing that was found is left out, however its severity is called.

use std::collections::BTreeMap;

use crate::domain::detail::Section;

/// The severities, the worst first (scanner specification 1.2, `Severity`); others count as the last.
pub const SEVERITIES: [&str; 6] = ["Critical", "High", "Medium", "Low", "Negligible", "Unknown"];

/// One vulnerability of one package.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Finding {
    /// How bad it is, in the scanner's word.
    pub severity: String,
    /// Its name, such as `CVE-2019-12900`.
    pub id: String,
    /// The package that has it.
    pub package: String,
    /// The package's version.
    pub version: String,
    /// The version without it, where there is one.
    pub fix: Option<String>,
}

impl Finding {
    fn rank(&self) -> usize {
        let known = SEVERITIES.iter().position(|s| s.eq_ignore_ascii_case(&self.severity));
        known.unwrap_or(SEVERITIES.len() - 1)
    }

    fn line(&self) -> String {
        let fix = self.fix.as_ref().map_or_else(|| "no fix yet".to_owned(), |v| format!("fixed in {v}"));
        format!("{}  {} {}, {fix}", self.id, self.package, self.version)
    }
}

/// `2 critical, 1 low; 2 of 3 can be fixed`.
#[must_use]
pub fn summary(found: &[Finding]) -> String {
    let mut counts = [0; SEVERITIES.len()];
    for finding in found {
        if let Some(count) = counts.get_mut(finding.rank()) {
            *count += 1;
        }
    }
    let fixable = found.iter().filter(|f| f.fix.is_some()).count();
    counted(counts, found.len() as u64, fixable as u64)
}

/// The same from a scanner's own counts, in the order of [`SEVERITIES`].
#[must_use]
pub fn counted(counts: [u64; SEVERITIES.len()], total: u64, fixable: u64) -> String {
    let of_each = counts.iter().zip(SEVERITIES).filter(|(n, _)| **n > 0);
    let of_each: Vec<String> =
        of_each.map(|(n, severity)| format!("{n} {}", severity.to_lowercase())).collect();
    match (of_each.is_empty(), total) {
        (true, 0) => "none found".to_owned(),
        (true, _) => format!("{total} found; {fixable} of {total} can be fixed"),
        (false, 0) => of_each.join(", "),
        (false, _) => format!("{}; {fixable} of {total} can be fixed", of_each.join(", ")),
    }
}

/// The vulnerabilities, the worst first, each severity under its own title.
#[must_use]
pub fn by_severity(found: &[Finding]) -> Vec<Section> {
    let mut sorted: BTreeMap<usize, Vec<String>> = BTreeMap::new();
    for finding in found {
        sorted.entry(finding.rank()).or_default().push(finding.line());
    }
    let named = |(rank, lines): (usize, Vec<String>)| {
        let title = format!("{} ({})", SEVERITIES.get(rank)?, lines.len());
        Some(Section { title, lines })
    };
    sorted.into_iter().filter_map(named).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_worst_comes_first_and_odd_words_come_last() {
        let finding = |severity: &str, fix: Option<&str>| Finding {
            severity: severity.to_owned(),
            id: "CVE-1".to_owned(),
            package: "musl".to_owned(),
            version: "1.1".to_owned(),
            fix: fix.map(str::to_owned),
        };
        let found = [finding("Defcon1", None), finding("low", Some("1.2")), finding("CRITICAL", None)];
        assert_eq!(summary(&found), "1 critical, 1 low, 1 unknown; 1 of 3 can be fixed");
        let sections = by_severity(&found);
        let titles: Vec<&str> = sections.iter().map(|s| s.title.as_str()).collect();
        assert_eq!(titles, ["Critical (1)", "Low (1)", "Unknown (1)"]);
        assert_eq!(sections[1].lines, ["CVE-1  musl 1.1, fixed in 1.2"]);
        assert_eq!(summary(&[]), "none found");
        assert_eq!(counted([0, 2, 0, 0, 0, 0], 0, 0), "2 high", "a scanner that leaves the total out");
        assert_eq!(counted([0; 6], 3, 1), "3 found; 1 of 3 can be fixed");
    }
}
