//! The README's table of providers is what they say of themselves: `TAGALONG_README=update cargo test --test providers
//! readme` writes it anew.

use std::fmt::Write as _;
use std::sync::Arc;
use std::{env, fs};

use tagalong::domain::connection::ProviderInfo;
use tagalong::domain::{Capabilities, Credential};
use tagalong::http::Silent;
use tagalong::registry::{Provider, catalog};

use super::support::{Nothing, connection, open};

const BEGIN: &str = "<!-- providers -->\n";
const END: &str = "<!-- /providers -->";

/// What a provider may be able to do, with the columns' titles.
const COLUMNS: [(&str, Capabilities); 5] = [
    ("untag", Capabilities::UNTAG),
    ("delete image", Capabilities::DELETE),
    ("delete repository", Capabilities::DELETE_REPOSITORY),
    ("create repository", Capabilities::CREATE_REPOSITORY),
    ("open in browser", Capabilities::WEB),
];

async fn table() -> String {
    let titles: Vec<&str> = COLUMNS.iter().map(|(title, _)| *title).collect();
    let mut out = format!("| provider | asks for | {} | details of its own |\n", titles.join(" | "));
    writeln!(out, "|---|---|{}---|", "---|".repeat(COLUMNS.len())).unwrap();
    for info in catalog::providers() {
        let provider = opened(info).await;
        let capabilities = provider.capabilities();
        let can: Vec<&str> = COLUMNS.iter().map(|(_, c)| mark(capabilities.contains(*c))).collect();
        let (asks, details) = (asks_for(info), mark(provider.describe().is_some()));
        writeln!(out, "| {} | {asks} | {} | {details} |", info.title, can.join(" | ")).unwrap();
    }
    out
}

async fn opened(info: &ProviderInfo) -> Arc<dyn Provider> {
    if info.id == catalog::BUILT_IN.id {
        let opening =
            catalog::open_built_in(connection(info.id, "", &[]), 0, Arc::new(Silent), Arc::new(Nothing));
        return opening.await.unwrap().1;
    }
    let url = if info.url.is_empty() { "https://registry.example" } else { info.url };
    open(connection(info.id, url, &[]), Credential::Anonymous)
}

fn mark(has: bool) -> &'static str {
    if has { "✔" } else { "–" }
}

/// The prompts of its form.
fn asks_for(info: &ProviderInfo) -> String {
    let prompts: Vec<&str> = info.fields.iter().filter(|f| !f.advanced).map(|f| f.label).collect();
    if prompts.is_empty() { "nothing".to_owned() } else { prompts.join(", ") }
}

#[tokio::test]
async fn it_names_the_providers_and_what_works_with_them() {
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/README.md");
    let readme = fs::read_to_string(path).unwrap();
    let (before, rest) = readme.split_once(BEGIN).expect("the README has a table of providers");
    let (written, after) = rest.split_once(END).unwrap();
    let table = table().await;
    if env::var_os("TAGALONG_README").is_some() {
        fs::write(path, format!("{before}{BEGIN}{table}{END}{after}")).unwrap();
        return;
    }
    assert!(written == table, "run: TAGALONG_README=update cargo test --test providers readme");
}
