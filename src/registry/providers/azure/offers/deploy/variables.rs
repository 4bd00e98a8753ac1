//! Environment variables as one line: `KEY=value OTHER="two words"`.
//!
//! White space parts the pairs. A value may stand in single quotes, where everything is itself, or in double quotes, where
//! `\"` is a quote and `\\` a backslash; outside of quotes a backslash is itself, as in paths.
//!
//! Invariant: a value may be a secret, so that none is ever part of what is said.

use std::iter::Peekable;
use std::str::Chars;

use crate::domain::text::visible;
use crate::domain::{Failure, FailureKind, Secret};

/// What stands in the empty field.
pub(super) const EXAMPLE: &str = r#"KEY=value OTHER="two words", \" for a quote"#;

/// One variable.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Variable {
    pub(super) name: String,
    pub(super) value: Secret,
}

/// Reads the pairs.
///
/// # Errors
/// `Invalid`: which pair is none, and why.
pub(super) fn read(line: &str) -> Result<Vec<Variable>, Failure> {
    let mut found: Vec<Variable> = Vec::new();
    for (at, word) in words(line)?.into_iter().enumerate() {
        let Some((name, value)) = word.split_once('=') else {
            return Err(bad(format!("pair {} has no “=”: write KEY=value", at + 1)));
        };
        check_name(name, at + 1)?;
        if found.iter().any(|v| v.name == name) {
            return Err(bad(format!("“{name}” is set twice")));
        }
        found.push(Variable { name: name.to_owned(), value: Secret::new(value) });
    }
    Ok(found)
}

/// The names, without the values.
pub(super) fn names(of: &[Variable]) -> String {
    of.iter().map(|v| v.name.as_str()).collect::<Vec<_>>().join(", ")
}

fn check_name(name: &str, at: usize) -> Result<(), Failure> {
    let begins = name.chars().next().is_some_and(|c| c.is_ascii_alphabetic() || c == '_');
    if begins && name.chars().all(|c| c.is_ascii_alphanumeric() || "_.".contains(c)) {
        return Ok(());
    }
    Err(bad(match name {
        "" => format!("pair {at} has no name before its “=”"),
        name => format!(
            "“{}” cannot be a name: it begins with a letter or _, and has letters, digits, _ and . alone",
            visible(name)
        ),
    }))
}

/// The words of a line, their quotes taken away.
fn words(line: &str) -> Result<Vec<String>, Failure> {
    let mut words = Vec::new();
    let mut left = line.chars().peekable();
    loop {
        while left.next_if(|c| c.is_whitespace()).is_some() {}
        if left.peek().is_none() {
            return Ok(words);
        }
        words.push(word(&mut left)?);
    }
}

fn word(left: &mut Peekable<Chars<'_>>) -> Result<String, Failure> {
    let mut word = String::new();
    while let Some(c) = left.next_if(|c| !c.is_whitespace()) {
        match c {
            '"' | '\'' => quoted(left, c, &mut word)?,
            c => word.push(c),
        }
    }
    Ok(word)
}

fn quoted(left: &mut Peekable<Chars<'_>>, quote: char, word: &mut String) -> Result<(), Failure> {
    while let Some(c) = left.next() {
        match c {
            c if c == quote => return Ok(()),
            '\\' if quote == '"' => word.push(left.next_if(|c| "\"\\".contains(*c)).unwrap_or('\\')),
            c => word.push(c),
        }
    }
    Err(bad(format!("a quote ({quote}) is opened and never closed")))
}

fn bad(said: String) -> Failure {
    Failure::new(FailureKind::Invalid, "reading the environment variables", said)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn pairs(line: &str) -> Vec<(String, String)> {
        read(line).unwrap().into_iter().map(|v| (v.name, v.value.expose().to_owned())).collect()
    }

    #[test]
    fn values_may_have_anything_in_them() {
        let line = r#" A=1 B_2="two words"  c.d='say "hi" \ $x' E="a \"b\" \\ \n" F= G=x=y PATH=C:\x"#;
        let expected = [
            ("A", "1"),
            ("B_2", "two words"),
            ("c.d", r#"say "hi" \ $x"#),
            ("E", r#"a "b" \ \n"#),
            ("F", ""),
            ("G", "x=y"),
            ("PATH", r"C:\x"),
        ];
        assert_eq!(pairs(line), expected.map(|(n, v)| (n.to_owned(), v.to_owned())));
        assert_eq!(read("  ").unwrap(), []);
        assert_eq!(names(&read("A=1 B=2").unwrap()), "A, B");
    }

    #[test]
    fn a_bad_pair_is_said_without_its_value() {
        for (line, said) in [
            ("A=1 hunter2", "pair 2 has no “=”"),
            ("=hunter2", "pair 1 has no name"),
            ("1A=hunter2", "“1A” cannot be a name"),
            ("A-B=hunter2", "“A-B” cannot be a name"),
            ("A=1 A=hunter2", "“A” is set twice"),
            (r#"A="hunter2"#, "never closed"),
        ] {
            let failure = read(line).unwrap_err();
            assert_eq!(failure.kind, FailureKind::Invalid, "{line}");
            assert!(failure.said.contains(said), "{line}: {failure}");
            assert!(!failure.to_string().contains("hunter2"), "{line}: {failure}");
        }
    }
}
