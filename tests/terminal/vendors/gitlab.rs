//! GitLab: groups with their subgroups, projects, tags whose dates are asked for as they are seen.

use serde_json::json;
use tagalong::domain::media::{OCI_CONFIG, OCI_MANIFEST};

use super::walk::{Fill, NAME, REPOSITORY_MENU, TAG_MENU, Vendor, Walk, age, typed};
use crate::fakes::desk::always;
use crate::fakes::gitlab::{GitLab, TOKEN, USER};
use crate::images::{noise, put_image};
use crate::running::run;

fn fill(gitlab: &GitLab) {
    let store = gitlab.store();
    let config =
        json!({ "os": "linux", "architecture": "amd64", "created": "2026-01-01T00:00:00Z" }).to_string();
    let (size, config) = (config.len(), store.put_blob("acme/web", config));
    let config = json!({ "mediaType": OCI_CONFIG, "digest": config, "size": size });
    let manifest = json!({ "schemaVersion": 2, "mediaType": OCI_MANIFEST, "config": config, "layers": [] });
    let digest = store.put_manifest("acme/web", OCI_MANIFEST, manifest.to_string());
    for tag in ["1.0", "1", "latest"] {
        assert!(store.tag("acme/web", tag, &digest));
    }
    put_image(store, "acme/web", "0.9", &[noise(2, 100)]);
    put_image(store, "acme/tools/lint/a/b", "2", &[noise(3, 100)]);
    put_image(store, "ann/site", "main", &[noise(4, 100)]);
}

#[test]
fn gitlab() {
    let gitlab = run(GitLab::start());
    fill(&gitlab);
    let vendor = Vendor {
        title: "GitLab",
        prompts: vec![typed("URL", gitlab.web.as_str()), ("Token", Fill::Secret), typed("Username", USER)],
        options: vec![typed("Name", NAME)],
        wrong: "glpat-expired",
        right: TOKEN,
        refused: &["wrong, expired or revoked", "personal_access_tokens"],
        levels: &["Acme", "acme/web"],
        tags: vec![
            ("1.0", vec![age("2026-01-01T00:00:00Z")]),
            ("0.9", vec!["100 B".to_owned(), "amd64".to_owned()]),
        ],
        told: &["linux/amd64", "2026-01-10 12:39 UTC"],
        menu: TAG_MENU,
        repository_menu: REPOSITORY_MENU,
    };
    let mut walk = Walk::connect(&vendor);
    walk.browse(&vendor);
    walk.untie("1", &["1.0", "latest", "stay"]);
    walk.delete("0.9", &["0.9"]);
    walk.delete_repository("acme/tools/lint/a/b", "acme/tools/lint/a/b");
    gitlab.desk().lay(always("/api/v4", 401, r#"{"message":"401 Unauthorized"}"#));
    // The registry's own token lives on for minutes: nothing is concluded from that.
    walk.is_refused(&["wrong, expired or revoked"]);
    gitlab.desk().clear();
    walk.sign_in_again(&vendor);
    walk.quit();
}
