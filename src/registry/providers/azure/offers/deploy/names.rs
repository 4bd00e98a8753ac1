//! What apps, plans and environments may be called, and ports.
//!
//! Source: "Naming rules and restrictions for Azure resources"; of container apps, what the Azure CLI checks.

use super::refused;
use crate::domain::{Failure, FailureKind};

/// How something may be called.
pub(super) struct Rule {
    /// What it is, as a phrase: "the name of a web app".
    what: &'static str,
    shortest: usize,
    longest: usize,
    /// Whether letters are lower case, and the first character is one.
    is_strict: bool,
}

/// Sites: their name is also the first part of their host.
pub(super) const SITE: Rule =
    Rule { what: "the name of a web app", shortest: 2, longest: 60, is_strict: false };
/// App Service plans.
pub(super) const PLAN: Rule = Rule { what: "the name of a plan", shortest: 1, longest: 60, is_strict: false };
/// Container apps: their name is also the first part of their host.
pub(super) const APP: Rule =
    Rule { what: "the name of a container app", shortest: 2, longest: 32, is_strict: true };
/// Environments of container apps.
pub(super) const ENVIRONMENT: Rule =
    Rule { what: "the name of an environment", shortest: 2, longest: 60, is_strict: true };

impl Rule {
    /// Whether something may be called `name`.
    ///
    /// # Errors
    /// `Invalid` with the rule that it is against.
    pub(super) fn check(&self, name: &str) -> Result<(), Failure> {
        let Self { what, shortest, longest, is_strict } = self;
        let is_letter = |c: char| c.is_ascii_lowercase() || (!is_strict && c.is_ascii_uppercase());
        let is_sound = |c: char| is_letter(c) || c.is_ascii_digit();
        let first = |c: char| if *is_strict { is_letter(c) } else { is_sound(c) };
        let letters = if *is_strict { "lower-case letters" } else { "letters" };
        let said = match name.chars().count() {
            0 => format!("{what} is missing"),
            n if n < *shortest => format!("{what} has at least {shortest} characters"),
            n if n > *longest => format!("{what} has at most {longest} characters"),
            _ if !name.chars().all(|c| is_sound(c) || c == '-') => {
                format!("{what} has {letters}, digits and - alone")
            }
            _ if *is_strict && name.contains("--") => format!("{what} has no two - in a row"),
            _ if !name.starts_with(first) || !name.ends_with(is_sound) => {
                let first = if *is_strict { "letter" } else { "letter or digit" };
                format!("{what} begins with a {first} and ends with a letter or digit")
            }
            _ => return Ok(()),
        };
        Err(refused(FailureKind::Invalid, said))
    }
}

/// Reads the port that the image listens on.
///
/// # Errors
/// `Invalid` for what is none.
pub(super) fn port(text: &str) -> Result<u16, Failure> {
    let bad =
        || Failure::new(FailureKind::Invalid, "checking the form", "a port is a number from 1 to 65535");
    text.parse().ok().filter(|port| *port > 0).ok_or_else(bad)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_keep_to_the_rules() {
        for (rule, good) in [
            (&SITE, &["ab", "Acme-Api", "1a"] as &[_]),
            (&PLAN, &["p", "ASP-acme-1"]),
            (&APP, &["ab", "acme-api-2"]),
            (&ENVIRONMENT, &["acme-env"]),
        ] {
            for name in good {
                assert_eq!(rule.check(name), Ok(()), "{name}");
            }
        }
        let long = "a".repeat(33);
        for (rule, bad, said) in [
            (&SITE, "", "is missing"),
            (&SITE, "a", "at least 2"),
            (&SITE, "-ab", "begins with a letter or digit"),
            (&SITE, "ab-", "ends with a letter or digit"),
            (&SITE, "a.b", "letters, digits and - alone"),
            (&SITE, "ä1", "letters, digits and - alone"),
            (&APP, "Acme", "lower-case letters"),
            (&APP, "1ab", "begins with a letter"),
            (&APP, "a--b", "no two - in a row"),
            (&APP, &long, "at most 32"),
        ] {
            let failure = rule.check(bad).unwrap_err();
            assert!(failure.said.contains(said), "{bad}: {failure}");
        }
    }

    #[test]
    fn a_port_is_a_number() {
        assert_eq!(port("8080"), Ok(8080));
        for bad in ["", "0", "65536", "http", "-1", "80/tcp"] {
            assert_eq!(port(bad).unwrap_err().kind, FailureKind::Invalid, "{bad}");
        }
    }
}
