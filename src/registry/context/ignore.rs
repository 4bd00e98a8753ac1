//! What stays here of a folder: the patterns of its `.dockerignore` file, in their order.
//!
//! Source: moby `ignorefile` and `patternmatcher` (`MatchesUsingParentResults`, which Docker walks folders with).
//!
//! Invariant: the last pattern that matches a path, or a folder above it, decides; the Dockerfile and the file itself are
//! always sent.

use std::fs::{self, File};
use std::io::{self, Read as _};
use std::path::Path;

use super::pattern::Pattern;
use super::{IGNORE_FILE, LONGEST_IGNORE};
use crate::domain::text::visible;
use crate::domain::{Failure, FailureKind};

/// What tools leave at home before anything is said: the histories of version control.
const HISTORIES: [&str; 4] = [".git", ".hg", ".svn", ".bzr"];

/// The patterns.
#[derive(Debug, Clone, Default)]
pub(super) struct Ignore {
    rules: Vec<Rule>,
    file: Option<String>,
}

#[derive(Debug, Clone)]
struct Rule {
    /// Whether it lets through again what one before it has left out.
    is_exception: bool,
    pattern: Pattern,
}

/// Which patterns match a folder, for the sake of what is below it.
#[derive(Debug, Clone, Default)]
pub(super) struct Above(Vec<bool>);

impl Ignore {
    /// The patterns of a folder: those of `DOCKERFILE.dockerignore`, else of `.dockerignore`. `sent` is sent whatever they
    /// say.
    ///
    /// # Errors
    /// `Invalid` for a pattern that is none, or a file that is no text; `Io`.
    pub(super) fn of(folder: &Path, dockerfile: &str, sent: &[String], doing: &str) -> Result<Self, Failure> {
        let mut ignore = Self::default();
        ignore
            .rules
            .extend(HISTORIES.map(|name| Rule { is_exception: false, pattern: Pattern::exactly(name) }));
        let own = format!("{dockerfile}{IGNORE_FILE}");
        for file in [own.as_str(), IGNORE_FILE] {
            let doing = format!("{doing}: reading {}", visible(file));
            let Some(text) = read(&folder.join(file), &doing)? else { continue };
            ignore.add(&text).map_err(|said| Failure::new(FailureKind::Invalid, &doing, said))?;
            ignore.file = Some(file.to_owned());
            break;
        }
        let is_own = ignore.file.as_ref() == Some(&own);
        // Where the image is built, the common file would be read for this Dockerfile too.
        ignore.rules.push(Rule { is_exception: !is_own, pattern: Pattern::exactly(IGNORE_FILE) });
        let always = sent.iter().map(|path| Rule { is_exception: true, pattern: Pattern::exactly(path) });
        ignore.rules.extend(always);
        Ok(ignore)
    }

    /// Adds the patterns of a file, a line each.
    pub(super) fn add(&mut self, text: &str) -> Result<(), String> {
        let text = text.strip_prefix('\u{feff}').unwrap_or(text);
        for (line, number) in text.lines().zip(1..) {
            let bad = || format!("line {number} is no pattern: “{}”", visible(line));
            self.rules.extend(rule(line).ok_or_else(bad)?);
        }
        Ok(())
    }

    /// The file that the patterns come from.
    pub(super) fn file(&self) -> Option<&str> {
        self.file.as_deref()
    }

    /// Whether `path` stays here, by what matches the folder that it lies in; and what matches it.
    pub(super) fn leaves_out(&self, path: &str, above: &Above) -> (bool, Above) {
        let mut is_out = false;
        let matched = self.rules.iter().enumerate().map(|(i, rule)| {
            let inherits = above.0.get(i).copied().unwrap_or_default();
            // One that could change nothing is not looked at: so Docker decides what counts for those below.
            let matches = inherits || (rule.is_exception == is_out && rule.pattern.matches(path));
            if matches {
                is_out = !rule.is_exception;
            }
            matches
        });
        let matched = Above(matched.collect());
        (is_out, matched)
    }

    /// Whether something below a folder that stays here may be sent all the same.
    pub(super) fn may_send_below(&self, path: &str) -> bool {
        self.rules.iter().any(|rule| rule.is_exception && rule.pattern.may_reach_below(path))
    }
}

/// The rule of a line: none for one that is empty or a comment, nothing for what is no pattern.
#[expect(clippy::option_option, reason = "a line without a rule is no mistake")]
fn rule(line: &str) -> Option<Option<Rule>> {
    if line.starts_with('#') {
        return Some(None);
    }
    let line = line.trim();
    let (is_exception, text) = match line.strip_prefix('!') {
        Some(text) => (true, text.trim()),
        None => (false, line),
    };
    if text.is_empty() {
        return (!is_exception).then_some(None);
    }
    Pattern::read(&tidied(text)).map(|pattern| Some(Rule { is_exception, pattern }))
}

/// A path without what says nothing in it (Go's `filepath.Clean`), and without the slash at its start: every pattern
/// begins in the folder.
fn tidied(path: &str) -> String {
    let is_rooted = path.starts_with('/');
    let mut parts: Vec<&str> = Vec::new();
    for part in path.split('/') {
        match part {
            "" | "." => {}
            ".." if parts.last().is_some_and(|last| *last != "..") => {
                parts.pop();
            }
            ".." if is_rooted => {}
            part => parts.push(part),
        }
    }
    if parts.is_empty() { ".".to_owned() } else { parts.join("/") }
}

/// The text of a file; nothing where there is none.
fn read(path: &Path, doing: &str) -> Result<Option<String>, Failure> {
    let failed = |e: &io::Error| Failure::io(doing, e);
    let about = match fs::symlink_metadata(path) {
        Err(e) if e.kind() == io::ErrorKind::NotFound => return Ok(None),
        other => other.map_err(|e| failed(&e))?,
    };
    let bad = |said: &str| Failure::new(FailureKind::Invalid, doing, said);
    if !about.is_file() {
        return Err(bad("it is no regular file"));
    }
    if about.len() > LONGEST_IGNORE {
        return Err(bad("it is longer than 1 MiB"));
    }
    let mut bytes = Vec::new();
    let file = File::open(path).map_err(|e| failed(&e))?;
    file.take(LONGEST_IGNORE).read_to_end(&mut bytes).map_err(|e| failed(&e))?;
    String::from_utf8(bytes).map(Some).map_err(|_| bad("it is no text"))
}
