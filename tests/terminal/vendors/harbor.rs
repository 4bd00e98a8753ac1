//! Harbor: projects with their quota, artifacts with their scans.

use super::walk::{Fill, NAME, REPOSITORY_MENU, TAG_MENU, Vendor, Walk, age, typed};
use crate::fakes::harbor::{Fake, Role};
use crate::running::run;

#[test]
fn harbor() {
    let fake = run(Fake::start());
    let secret = "the cli secret of eve";
    fake.edit().accounts.insert("eve".to_owned(), (secret.to_owned(), Role::Maintainer));
    let vendor = Vendor {
        title: "Harbor",
        prompts: vec![
            typed("URL *", fake.url()),
            typed("Username", "eve"),
            ("Password or CLI secret", Fill::Secret),
        ],
        options: vec![typed("Name", NAME)],
        wrong: "wrong",
        right: secret,
        refused: &["401", "CLI secret"],
        levels: &["acme", "api"],
        tags: vec![
            ("2.0", vec![age("2026-01-05T00:00:00Z"), "amd64".to_owned()]),
            ("1.0", vec![age("2026-01-02T00:00:00Z"), "B".to_owned()]),
            ("untagged", vec!["1".to_owned()]),
        ],
        told: &["vulnerabilities"],
        menu: TAG_MENU,
        repository_menu: REPOSITORY_MENU,
    };
    let mut walk = Walk::connect(&vendor);
    walk.browse(&vendor);
    walk.go("acme");
    walk.terminal.wait("10.0 GiB");
    walk.untie("1", &["1.0", "latest", "stay"]);
    walk.delete("2.0", &["index", "2.0"]);
    walk.delete_repository("team/web", "acme/team/web");
    fake.edit().accounts.remove("eve");
    walk.is_refused(&["CLI secret"]);
    fake.edit().accounts.insert("eve".to_owned(), (secret.to_owned(), Role::Maintainer));
    walk.sign_in_again(&vendor);
    walk.quit();
}
