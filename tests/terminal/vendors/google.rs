//! Google: projects, locations, repositories and images, each a level of its own.

use super::walk::{Fill, NAME, REPOSITORY_MENU, TAG_MENU, Vendor, Walk, age, typed};
use crate::fakes::google::{Fake, TOKEN};
use crate::running::run;

#[test]
fn google() {
    let google = run(Fake::start());
    google.edit().projects = Some(vec![("acme", "Our images")]);
    let url = google.url();
    let vendor = Vendor {
        title: "Google Artifact Registry",
        prompts: vec![
            ("Sign-in", Fill::Turn(2)),
            ("Key file", Fill::Nothing),
            ("Access token", Fill::Secret),
            ("Projects", Fill::Nothing),
            ("Location", Fill::Nothing),
        ],
        options: vec![
            typed("Name", NAME),
            typed("Registry", format!("{url}/us-docker.pkg.dev")),
            typed("API address", url.as_str()),
            typed("Projects' API", url.as_str()),
            typed("Registry addresses", format!("{url}/{{host}}")),
        ],
        wrong: "stale",
        right: TOKEN,
        refused: &["401", "auth print-access-token"],
        levels: &["acme", "us", "images", "app"],
        tags: vec![
            ("2.0", vec![age("2026-01-05T00:00:00Z")]),
            ("1.0", vec![age("2026-01-02T00:00:00Z")]),
            ("untagged", vec!["1".to_owned()]),
        ],
        told: &["linux/amd64"],
        menu: TAG_MENU,
        repository_menu: REPOSITORY_MENU,
    };
    let mut walk = Walk::connect(&vendor);
    walk.browse(&vendor);
    walk.untie("1", &["1.0", "latest", "stay"]);
    walk.delete("1.0", &["1.0", "latest"]);
    walk.delete_repository("team/web", "acme/images/team/web");
    let tokens = std::mem::take(&mut google.edit().tokens);
    walk.is_refused(&["auth print-access-token"]);
    google.edit().tokens = tokens;
    walk.sign_in_again(&vendor);
    walk.quit();
}
