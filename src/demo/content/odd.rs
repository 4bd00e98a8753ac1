//! What makes a tool stumble: odd tags, text that attacks a terminal, thousands of tags, nothing at all.
//!
//! Invariant: all of it is allowed by the specification.

use serde_json::json;

use super::Shelf;
use super::image::{Family, Step, merge};
use super::release::{Release, image, linux, release};
use crate::domain::Failure;

/// Tags that the grammar allows.
const TAGS: [&str; 14] = [
    "latest",
    "Latest",
    "LATEST",
    "_underscore",
    "__",
    "1",
    "01",
    "1.0.0-alpha.1",
    "1.0.0_build.5",
    "2026-01-01T00.00.00Z",
    "a.b-c_d",
    "feature-JIRA-1234_try.again-",
    "v1.0.0",
    "sha256-0123456789abcdef",
];

/// How many builds the nightly repository has, how many days each one serves, and what it is tagged for.
const BUILDS: i64 = 40;
const DAYS: i64 = 10;
const FLAVOURS: [&str; 10] =
    ["", "-alpine", "-arm64", "-asan", "-debug", "-fips", "-full", "-musl", "-slim", "-tsan"];

pub(super) fn fill(shelf: &Shelf<'_>) -> Result<(), Failure> {
    tags(shelf)?;
    text(shelf)?;
    nightly(shelf)?;
    shelf.store.create("odd/empty");
    Ok(())
}

fn tags(shelf: &Shelf<'_>) -> Result<(), Failure> {
    let repository = "odd/tags";
    let release = release("1.0.0", 45, &[]);
    let image = image(shelf, Family::Oci, repository, &release, &linux("amd64", None))?;
    let manifest = image.put(shelf.store, repository);
    shelf.tag(repository, &TAGS, &manifest);
    shelf.tag(repository, &[&"longest-".repeat(16)], &manifest);
    Ok(())
}

/// Labels, annotations and history with escape sequences, and with scripts that are wide, combine or run backwards.
fn text(shelf: &Shelf<'_>) -> Result<(), Failure> {
    let repository = "odd/text";
    let release = release("1.0.0", 8, &[]);
    let mut image = image(shelf, Family::Oci, repository, &release, &linux("amd64", None))?;
    let hostile = json!({
        "example.clear-screen": "before \u{1b}[2J\u{1b}[H after",
        "example.clipboard": "\u{1b}]52;c;bm90IGZyb20geW91\u{7}",
        "example.title": "\u{1b}]0;this terminal is mine\u{7}",
        "example.c1-controls": "\u{9b}31mred\u{9b}0m",
        "example.backwards": "invoice-\u{202e}gpj.exe",
        "example.zero-width": "pay\u{200b}load and \u{feff}marks",
        "example.lines": "first line\nsecond line\r\n\tthird, with a tab\0",
        "example.wide": "容器镜像仓库 · コンテナ · 컨테이너",
        "example.combining": "Zu\u{308}rich, e\u{301}te\u{301}, Z\u{351}a\u{35b}l\u{354}g\u{322}o\u{321}",
        "example.emoji": "👩\u{200d}🚀 🏳\u{fe0f}\u{200d}🌈 🇨🇭",
        "example.right-to-left": "سجل الحاويات ומאגר",
        "example.long": "a value that goes on and on, ".repeat(80),
        "": "a label without a name",
    });
    merge(&mut image.runtime, json!({ "Labels": hostile }));
    merge(&mut image.annotations, hostile);
    image.steps.push(Step::setting("RUN echo '\u{1b}[31mnot red\u{1b}[0m' \u{202e}# nosrever"));
    let manifest = image.put(shelf.store, repository);
    shelf.tag(repository, &["1.0.0", "latest"], &manifest);
    Ok(())
}

/// Four thousand tags on forty manifests.
fn nightly(shelf: &Shelf<'_>) -> Result<(), Failure> {
    let repository = "ci/nightly";
    for build in 0..BUILDS {
        let release = Release { version: "nightly", days: build * DAYS, moving: &[] };
        let image = image(shelf, Family::Oci, repository, &release, &linux("amd64", None))?;
        let manifest = image.put(shelf.store, repository);
        for day in 0..DAYS {
            let date = shelf.moment(build * DAYS + day).strftime("%Y%m%d").to_string();
            for flavour in FLAVOURS {
                shelf.tag(repository, &[&format!("{date}{flavour}")], &manifest);
            }
        }
        if build == 0 {
            shelf.tag(repository, &["latest"], &manifest);
        }
    }
    Ok(())
}
