//! The README's table of keys is the program's own: `TAGALONG_README=update cargo test --test source` writes it anew.

use std::fmt::Write as _;
use std::{env, fs};

use tagalong::app::command::{Group, ITEMS};

const BEGIN: &str = "<!-- keys -->\n";
const END: &str = "<!-- /keys -->";

fn table() -> String {
    let mut out = "| key | does |\n|---|---|\n".to_owned();
    for group in [Group::Node, Group::View, Group::Move] {
        for item in ITEMS.iter().filter(|i| i.group == group && !i.keys.is_empty()) {
            let keys: Vec<String> = item.keys.iter().map(|k| format!("`{k}`")).collect();
            writeln!(out, "| {} | {} |", keys.join(" "), item.label).unwrap();
        }
    }
    out
}

#[test]
fn the_readme_names_the_keys_that_work() {
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/README.md");
    let readme = fs::read_to_string(path).unwrap();
    let (before, rest) = readme.split_once(BEGIN).expect("the README has a table of keys");
    let (written, after) = rest.split_once(END).unwrap();
    if env::var_os("TAGALONG_README").is_some() {
        fs::write(path, format!("{before}{BEGIN}{}{END}{after}", table())).unwrap();
        return;
    }
    assert!(written == table(), "run: TAGALONG_README=update cargo test --test source");
}
