//! Docker Hub: namespaces, repositories with their pulls, the quota.

use super::walk::{Fill, NAME, REPOSITORY_MENU, TAG_MENU, Vendor, Walk, age, typed};
use crate::fakes::docker_hub::{Fault, Hub, Row, TOKEN, USER};
use crate::running::run;
use tagalong::domain::Digest;

fn fill(hub: &Hub) {
    for tag in ["1.0", "1", "latest"] {
        hub.add("acme/api", tag, "one");
    }
    let images = vec![("linux", "arm64", Digest::of(b"arm")), ("linux", "amd64", Digest::of(b"amd"))];
    hub.put("acme/api", Row { name: "2.0".to_owned(), digest: Digest::of(b"index"), images, told: true });
    hub.add("acme/spare", "1", "spare");
}

#[test]
fn docker_hub() {
    let hub = run(Hub::start());
    fill(&hub);
    let vendor = Vendor {
        title: "Docker Hub",
        prompts: vec![typed("Username", USER), ("Password or token", Fill::Secret)],
        options: vec![
            typed("Name", NAME),
            typed("API address", hub.api.as_str()),
            typed("Registry address", hub.registry.as_str()),
        ],
        wrong: "dckr_pat_revoked",
        right: TOKEN,
        refused: &["401", "Incorrect authentication"],
        levels: &["acme", "api"],
        tags: vec![
            ("1", vec![age("2025-01-22T10:30:00Z"), "100 B".to_owned(), "amd64".to_owned()]),
            ("2.0", vec!["amd64 +1".to_owned()]),
        ],
        told: &["ann", "linux/amd64"],
        menu: TAG_MENU,
        repository_menu: REPOSITORY_MENU,
    };
    let mut walk = Walk::connect(&vendor);
    walk.terminal.wait("87");
    walk.browse(&vendor);
    walk.untie("1", &["1.0", "latest", "stay"]);
    walk.delete("2.0", &["2.0"]);
    walk.delete_repository("spare", "acme/spare");

    let headers = vec![("retry-after", "2".to_owned())];
    hub.state().faults.push(Fault { path: "/tags", times: 1, status: 429, headers, body: "" });
    walk.go("api");
    walk.terminal.press("r");
    walk.terminal.wait("waits ");
    walk.terminal.wait_gone("waits ");

    hub.state().expire();
    hub.fault("/v2/", u32::MAX, 401, r#"{"detail":"Incorrect authentication credentials"}"#);
    walk.is_refused(&["Incorrect authentication"]);
    hub.state().faults.clear();
    walk.sign_in_again(&vendor);
    walk.quit();
}
