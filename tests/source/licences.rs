//! What the program is built from: licences, crates that are not wanted, and where they come from, after `.deny.toml`.
//!
//! Invariant: looks only at what is on this machine, for the platform that it is built on.

use std::fs;
use std::path::Path;
use std::process::Command;

use toml_edit::{DocumentMut, Item};

/// A crate of the dependency tree.
struct Crate {
    name: String,
    licence: String,
}

fn tree() -> Vec<Crate> {
    let output = Command::new(env!("CARGO"))
        .args(["tree", "--locked", "--offline", "--all-features", "--edges", "normal,build,dev"])
        .args(["--prefix", "none", "--no-dedupe", "--format", "{p}|{l}"])
        .current_dir(env!("CARGO_MANIFEST_DIR"))
        .output()
        .unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let text = String::from_utf8(output.stdout).unwrap();
    let mut lines: Vec<&str> = text.lines().collect();
    lines.sort_unstable();
    lines.dedup();
    let parts = lines.iter().filter_map(|line| line.split_once('|'));
    parts.map(|(package, licence)| Crate { name: package.to_owned(), licence: licence.to_owned() }).collect()
}

fn rules() -> DocumentMut {
    let file = Path::new(env!("CARGO_MANIFEST_DIR")).join(".deny.toml");
    fs::read_to_string(file).unwrap().parse().unwrap()
}

fn texts(item: &Item) -> Vec<&str> {
    item.as_array().unwrap().iter().filter_map(|value| value.as_str()).collect()
}

/// Whether an SPDX expression is satisfied by what is allowed. `/` is the old way to write `OR`.
fn is_allowed(expression: &str, allowed: &[&str]) -> bool {
    let expression = expression.trim();
    if let Some(ways) = split(expression, &[" OR ", "/"]) {
        return ways.iter().any(|way| is_allowed(way, allowed));
    }
    if let Some(parts) = split(expression, &[" AND "]) {
        return parts.iter().all(|part| is_allowed(part, allowed));
    }
    match expression.strip_prefix('(').and_then(|inside| inside.strip_suffix(')')) {
        Some(inside) => is_allowed(inside, allowed),
        None => allowed.contains(&expression),
    }
}

/// The parts between separators that stand in no brackets; nothing when there are none.
fn split<'a>(expression: &'a str, separators: &[&str]) -> Option<Vec<&'a str>> {
    let (mut depth, mut begin, mut at, mut parts) = (0_i32, 0, 0, Vec::new());
    while let Some(c) = expression[at..].chars().next() {
        depth += i32::from(c == '(') - i32::from(c == ')');
        let separator = separators.iter().find(|s| depth == 0 && expression[at..].starts_with(**s));
        if let Some(separator) = separator {
            parts.push(&expression[begin..at]);
            begin = at + separator.len();
        }
        at += separator.map_or(c.len_utf8(), |s| s.len());
    }
    parts.push(&expression[begin..]);
    (parts.len() > 1).then_some(parts)
}

#[test]
fn every_dependency_has_a_licence_that_allows_its_use() {
    let rules = rules();
    let allowed = texts(&rules["licenses"]["allow"]);
    let exceptions = rules["licenses"]["exceptions"].as_array().unwrap();
    let is_exception = |found: &Crate| {
        exceptions.iter().filter_map(|value| value.as_inline_table()).any(|exception| {
            let name = exception["crate"].as_str().unwrap();
            let more: Vec<&str> =
                exception["allow"].as_array().unwrap().iter().filter_map(|v| v.as_str()).collect();
            found.name.starts_with(&format!("{name} ")) && is_allowed(&found.licence, &more)
        })
    };
    let tree = tree();
    assert!(tree.len() > 100, "the tree was read: {}", tree.len());
    let refused = tree.iter().filter(|c| !is_allowed(&c.licence, &allowed) && !is_exception(c));
    let refused: Vec<String> = refused.map(|c| format!("{}: “{}”", c.name, c.licence)).collect();
    super::report(&refused);
}

#[test]
fn no_dependency_is_one_that_is_not_wanted_or_comes_from_elsewhere() {
    let rules = rules();
    let unwanted =
        rules["bans"]["deny"].as_array().unwrap().iter().filter_map(|value| value.as_inline_table());
    let unwanted: Vec<String> = unwanted.map(|ban| format!("{} ", ban["crate"].as_str().unwrap())).collect();
    let own = concat!("tagalong v", env!("CARGO_PKG_VERSION"));
    // A crate from the registry is told as “name version”; one from git or a folder has its source behind it.
    let is_foreign =
        |c: &&Crate| c.name.replace(" (proc-macro)", "").contains('(') && !c.name.starts_with(own);
    let is_unwanted = |c: &&Crate| unwanted.iter().any(|name| c.name.starts_with(name));
    let refused: Vec<String> =
        tree().iter().filter(|c| is_foreign(c) || is_unwanted(c)).map(|c| c.name.clone()).collect();
    super::report(&refused);
}

#[test]
fn licence_expressions_are_read() {
    let allowed = ["MIT", "ISC", "Apache-2.0 WITH LLVM-exception"];
    for (expression, expected) in [
        ("MIT", true),
        ("MIT/Apache-2.0", true),
        ("GPL-3.0 OR MIT", true),
        ("GPL-3.0 AND MIT", false),
        ("ISC AND (GPL-3.0 OR MIT)", true),
        ("(MIT OR GPL-3.0) AND GPL-3.0", false),
        ("Apache-2.0 WITH LLVM-exception OR X", true),
        ("", false),
    ] {
        assert_eq!(is_allowed(expression, &allowed), expected, "{expression}");
    }
}
