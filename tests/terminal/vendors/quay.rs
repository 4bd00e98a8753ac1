//! Quay: namespaces of an OAuth token, tags with their sizes, findings.

use serde_json::json;

use super::walk::{Fill, NAME, REPOSITORY_MENU, TAG_MENU, Vendor, Walk, age, typed};
use crate::fakes::quay::{Fake, OAUTH};
use crate::running::run;

fn fill(quay: &Fake) {
    for tag in ["1.0", "1", "latest"] {
        quay.add("acme/api", tag, "one");
    }
    quay.add("acme/api", "0.9", "two");
    quay.add("acme/spare", "1", "three");
    let found = json!({ "Name": "CVE-2026-1", "Severity": "High", "FixedBy": "1.2" });
    let layer = json!({ "Layer": { "Features": [{ "Name": "musl", "Version": "1.1", "Vulnerabilities": [found] }] } });
    quay.state().security = json!({ "status": "scanned", "data": layer });
}

#[test]
fn quay() {
    let quay = run(Fake::start());
    fill(&quay);
    let vendor = Vendor {
        title: "Quay",
        prompts: vec![
            typed("Host", quay.url.as_str()),
            ("Robot or user", Fill::Nothing),
            ("Token", Fill::Secret),
        ],
        options: vec![typed("Name", NAME)],
        wrong: "expired",
        right: OAUTH,
        refused: &["401"],
        levels: &["acme", "api"],
        tags: vec![("1.0", vec![age("2022-06-02T19:12:32Z"), "4.2 KiB".to_owned()]), ("0.9", vec![])],
        told: &["1 high", "CVE-2026-1"],
        menu: TAG_MENU,
        repository_menu: REPOSITORY_MENU,
    };
    let mut walk = Walk::connect(&vendor);
    walk.browse(&vendor);
    walk.untie("1", &["1.0", "latest", "stay"]);
    walk.delete("0.9", &["0.9"]);
    walk.delete_repository("spare", "acme/spare");
    let scopes = std::mem::take(&mut quay.state().scopes);
    walk.is_refused(&["401"]);
    quay.state().scopes = scopes;
    walk.sign_in_again(&vendor);
    walk.quit();
}
