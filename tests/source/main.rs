//! The sources themselves: arrows between layers, circles, sizes, names in the wrong place, and who may start a task.
//!
//! Invariant: every rule is data in `rules.rs`; a violation is told as `file:line` with the rule that it breaks.
#![expect(
    clippy::unwrap_used,
    clippy::string_slice,
    clippy::indexing_slicing,
    reason = "a test fails by panicking; the lint knows test functions but not what they call"
)]

mod circles;
mod lexer;
mod licences;
mod readme;
mod rules;
mod tree;

use rules::{ALLOWED_SPAWNS, CLOCK_AND_IO, FOREIGN, LAYERS, PROVIDER_NAMES_AT, SPAWNS};
use tree::Source;

const LONGEST_FILE: usize = 400;
const LONGEST_FUNCTION: usize = 60;

fn report(violations: &[String]) {
    assert!(violations.is_empty(), "\n{}\n", violations.join("\n"));
}

fn everything() -> Vec<Source> {
    let mut all = tree::read("src");
    all.extend(tree::read("tests"));
    all.extend(tree::read("benches"));
    all
}

/// The sources that are in the program: what is for tests alone is left out byte by byte by the callers.
fn program() -> Vec<Source> {
    tree::read("src").into_iter().filter(|s| s.path != "src/main.rs" && s.path != "src/lib.rs").collect()
}

#[test]
fn layers_import_only_what_lies_below_them() {
    let mut violations = Vec::new();
    for source in &program() {
        let from = source.module.join("::");
        let top = source.module[0].as_str();
        let Some((_, allowed)) = LAYERS.iter().find(|(layer, _)| *layer == top) else {
            violations.push(format!("{}: the layer “{top}” is in no rule", source.path));
            continue;
        };
        for mention in source.mentions() {
            let to = mention.path.join("::");
            let is_in = |place: &str| to == place || to.starts_with(&format!("{place}::"));
            let test_may = source.is_test_at(mention.at) && is_in("demo");
            let narrow = rules::EXCEPTIONS.iter().any(|(who, what)| *who == from && is_in(what));
            if !is_in(top) && !allowed.iter().any(|place| is_in(place)) && !test_may && !narrow {
                violations.push(format!("{}: {top} may not import {to}", source.place(mention.at)));
            }
        }
    }
    report(&violations);
}

#[test]
fn pure_layers_know_no_terminal_network_runtime_or_clock() {
    let mut violations = Vec::new();
    for source in &program() {
        for (layer, words) in FOREIGN.iter().chain(CLOCK_AND_IO) {
            if *layer != source.module[0] {
                continue;
            }
            for (word, at) in
                words.iter().flat_map(|word| source.words(word).into_iter().map(move |at| (word, at)))
            {
                if !source.is_test_at(at) {
                    violations.push(format!("{}: {layer} may not use {word}", source.place(at)));
                }
            }
        }
    }
    report(&violations);
}

#[test]
fn modules_do_not_import_in_circles() {
    report(&circles::find(&tree::read("src")));
}

#[test]
fn a_provider_knows_no_other() {
    let mut violations = Vec::new();
    for source in &program() {
        let [a, b, own, ..] = source.module.as_slice() else { continue };
        if (a.as_str(), b.as_str()) != ("registry", "providers") {
            continue;
        }
        for mention in source.mentions() {
            if mention.path.starts_with(&source.module[..2])
                && mention.path.get(2).is_some_and(|other| other != own)
            {
                violations.push(format!(
                    "{}: {own} names {}",
                    source.place(mention.at),
                    mention.path.join("::")
                ));
            }
        }
    }
    report(&violations);
}

#[test]
fn a_providers_name_stands_in_its_own_file_and_the_catalogue_alone() {
    let sources = program();
    let names: Vec<&str> = sources
        .iter()
        .filter(|s| s.path.starts_with("src/registry/providers/"))
        .flat_map(provider_names)
        .collect();
    assert!(names.contains(&"generic"), "the names were found: {names:?}");
    let mut violations = Vec::new();
    for source in sources.iter().filter(|s| !PROVIDER_NAMES_AT.iter().any(|place| s.path.starts_with(place)))
    {
        for (at, literal) in &source.literals {
            if names.contains(&literal.as_str()) && !source.is_test_at(*at) {
                violations.push(format!("{}: “{literal}” is a provider's name", source.place(*at)));
            }
        }
    }
    report(&violations);
}

/// The identity and the title that a provider's file gives to it: the first of each, before its fields.
fn provider_names(source: &Source) -> Vec<&str> {
    let first = |field: &str| source.literals.iter().find(|(at, _)| source.code[..*at].ends_with(field));
    [" id: ", " title: "].into_iter().filter_map(first).map(|(_, literal)| literal.as_str()).collect()
}

#[test]
fn tasks_are_started_where_they_are_owned() {
    let mut violations = Vec::new();
    for source in &program() {
        for (word, at) in
            SPAWNS.iter().flat_map(|word| source.words(word).into_iter().map(move |at| (*word, at)))
        {
            let is_allowed =
                ALLOWED_SPAWNS.iter().any(|(file, allowed, _)| *file == source.path && *allowed == word);
            if !is_allowed && !source.is_test_at(at) {
                violations.push(format!("{}: {word} outside the files that own tasks", source.place(at)));
            }
        }
    }
    report(&violations);
}

#[test]
fn every_file_says_what_it_is_and_fits_on_a_few_screens() {
    let mut violations = Vec::new();
    for source in &everything() {
        let lines = source.text.lines().count();
        if lines > LONGEST_FILE {
            violations.push(format!("{}: {lines} lines, {LONGEST_FILE} are allowed", source.path));
        }
        if !source.text.starts_with("//! ") {
            violations.push(format!("{}:1: it does not open with “//!”", source.path));
        }
    }
    report(&violations);
}

#[test]
fn every_function_fits_on_a_screen() {
    let mut violations = Vec::new();
    for source in &everything() {
        for at in source.words("fn") {
            let signature = &source.code[at..];
            let (Some(open), end) = (signature.find('{'), signature.find(';')) else { continue };
            if end.is_some_and(|end| end < open) {
                continue;
            }
            let body = tree::block_end(&source.code, at + open);
            let lines = source.text[at..body].lines().count();
            if lines > LONGEST_FUNCTION {
                violations.push(format!("{}: a function of {lines} lines", source.place(at)));
            }
        }
    }
    report(&violations);
}
