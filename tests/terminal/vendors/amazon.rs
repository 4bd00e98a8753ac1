//! Amazon: registries by region with their own hosts, and the public registry; repositories are made before a push.

use serde_json::json;

use super::walk::{Fill, NAME, Prompt, REPOSITORY_MENU, TAG_MENU, Vendor, Walk, age, typed};
use crate::fakes::amazon::{Fake, KEY, SECRET};
use crate::images::{noise, put_image};
use crate::running::{Running, run};
use crate::terminal::ENTER;

fn filled() -> Running<Fake> {
    let fake = run(Fake::start(1000));
    let store = fake.state.server.store();
    for (tag, seed) in [("1.0", 1), ("1", 1), ("latest", 1), ("0.9", 2)] {
        put_image(store, "acme/api", tag, &[noise(seed, 100)]);
    }
    put_image(store, "acme/spare", "1", &[noise(3, 100)]);
    put_image(store, "acme/api", "passing", &[noise(4, 100)]);
    assert!(store.remove_tag("acme/api", "passing"));
    *fake.state.findings.lock().unwrap() = Some(json!({
        "imageScanStatus": { "status": "COMPLETE" },
        "imageScanFindings": { "findings": [], "findingSeverityCounts": { "HIGH": 2 } },
    }));
    fake
}

fn prompts(regions: &str) -> Vec<Prompt> {
    vec![
        ("Profile", Fill::Nothing),
        typed("Access key ID", KEY),
        ("Secret access key", Fill::Secret),
        typed("Regions", regions),
    ]
}

fn options(fake: &Fake) -> Vec<Prompt> {
    vec![("Account", Fill::Nothing), typed("Name", NAME), typed("API endpoint", fake.url.as_str())]
}

/// “Create repository…” of the node with the cursor.
fn create(walk: &mut Walk, name: &str) {
    walk.terminal.press("m");
    walk.terminal.wait("Create repository…");
    walk.terminal.press("create");
    walk.terminal.press(ENTER);
    walk.terminal.wait("Create a repository in");
    walk.terminal.press(name);
    walk.terminal.wait(name);
    walk.terminal.press(ENTER);
}

#[test]
fn amazon_ecr() {
    let fake = filled();
    let vendor = Vendor {
        title: "Amazon ECR",
        prompts: prompts("eu-west-1"),
        options: options(&fake),
        wrong: "wrong",
        right: SECRET,
        refused: &["not the one of this access key"],
        levels: &["eu-west-1", "acme/api"],
        tags: vec![
            ("1.0", vec![age("2023-11-14T22:13:20Z"), "1.2 KiB".to_owned()]),
            ("untagged images", vec!["1".to_owned()]),
        ],
        told: &["2 high", "linux/amd64"],
        menu: TAG_MENU,
        repository_menu: REPOSITORY_MENU,
    };
    let mut walk = Walk::connect(&vendor);
    walk.browse(&vendor);
    walk.untie("1", &["1.0", "latest", "stay"]);
    walk.delete("0.9", &["0.9"]);
    walk.delete_repository("acme/spare", "acme/spare");
    walk.go("eu-west-1");
    create(&mut walk, "acme/new");
    walk.go("acme/new");
    assert!(fake.state.has_repository("acme/new"));
    fake.state.keys.lock().unwrap().clear();
    walk.is_refused(&["does not know this access key"]);
    fake.state.keys.lock().unwrap().insert(KEY.to_owned(), SECRET.to_owned());
    walk.sign_in_again(&vendor);
    walk.quit();
}

#[test]
fn amazon_ecr_public() {
    let fake = filled();
    let vendor = Vendor {
        title: "Amazon ECR",
        prompts: prompts("public"),
        options: options(&fake),
        wrong: "wrong",
        right: SECRET,
        refused: &["not the one of this access key"],
        levels: &["ECR Public", "acme-alias/acme/api"],
        tags: vec![("1.0", vec![age("2023-11-14T22:13:20Z"), "1.2 KiB".to_owned()])],
        told: &[],
        menu: TAG_MENU,
        repository_menu: REPOSITORY_MENU,
    };
    let mut walk = Walk::connect(&vendor);
    walk.browse(&vendor);
    walk.delete_repository("acme-alias/acme/spare", "acme-alias/acme/spare");
    walk.go("ECR Public");
    create(&mut walk, "acme/new");
    walk.go("acme-alias/acme/new");
    walk.quit();
}
