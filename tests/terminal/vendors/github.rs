//! GitHub: owners, packages, versions; single sign-on.

use std::fs;
use std::os::unix::fs::PermissionsExt as _;

use super::walk::{Fill, NAME, REPOSITORY_MENU, TAG_MENU, Vendor, Walk, age, typed};
use crate::fakes::desk::{Laid, always};
use crate::fakes::github::{BEGAN, GitHub, TOKEN, USER};
use crate::home::Home;
use crate::images::{noise, put_image};
use crate::running::run;
use crate::terminal::{Setup, Terminal};

const SSO: &str = "https://github.com/orgs/acme/sso?authorization_request=AB";

fn fill(github: &GitHub) {
    let store = github.store();
    for tag in ["1.0", "1", "latest"] {
        put_image(store, "acme/api", tag, &[noise(1, 100)]);
    }
    put_image(store, "acme/api", "0.9", &[noise(2, 100)]);
    put_image(store, "acme/api", "0.8", &[noise(3, 100)]);
    put_image(store, "acme/spare", "1", &[noise(4, 100)]);
    put_image(store, "ann/site", "main", &[noise(5, 100)]);
}

/// A machine whose browser writes down what it is to open.
fn with_a_browser() -> Walk {
    let home = Home::new();
    let bin = home.path().join("bin");
    fs::create_dir(&bin).unwrap();
    let script = bin.join("xdg-open");
    fs::write(&script, format!("#!/bin/sh\necho \"$1\" >> {}\n", home.path().join("opened").display()))
        .unwrap();
    fs::set_permissions(&script, fs::Permissions::from_mode(0o755)).unwrap();
    let mut command = home.tagalong_command(&[]);
    let path = std::env::var("PATH").unwrap_or_default();
    command.env("PATH", format!("{}:{path}", bin.display()));
    let terminal = Terminal::start(Setup::new(command, 120, 40));
    Walk { home, terminal }
}

#[test]
fn github() {
    let github = run(GitHub::start());
    fill(&github);
    let vendor = Vendor {
        title: "GitHub",
        prompts: vec![
            typed("Username", USER),
            ("Token (classic)", Fill::Secret),
            ("Sign in with", Fill::Nothing),
        ],
        options: vec![
            typed("Name", NAME),
            typed("Registry", github.registry().url()),
            typed("API address", github.api.as_str()),
        ],
        wrong: "ghp_expired",
        right: TOKEN,
        refused: &["Bad credentials", "wrong, expired or revoked", "settings/tokens"],
        levels: &["Acme", "api"],
        tags: vec![
            ("1.0", vec![age(&jiff::Timestamp::from_second(BEGAN).unwrap().to_string())]),
            ("0.9", vec![]),
        ],
        told: &["linux/amd64"],
        menu: TAG_MENU,
        repository_menu: REPOSITORY_MENU,
    };
    let mut walk = with_a_browser().connected(&vendor);
    walk.browse(&vendor);
    walk.untie("1", &["1.0", "latest", "stay"]);
    walk.delete("0.9", &["0.9"]);
    walk.delete_repository("spare", "acme/spare");

    let headers =
        &[("x-github-sso", "required; url=https://github.com/orgs/acme/sso?authorization_request=AB")];
    let body = r#"{"message":"Resource protected by organization SAML enforcement."}"#;
    github.desk().lay(Laid { headers, ..always("/orgs/acme/packages", 403, body) });
    github.registry().inject(tagalong::demo::Fault::always(
        tagalong::demo::Match::path("/v2/_catalog"),
        tagalong::demo::What::status(403),
    ));
    walk.go("Acme");
    walk.terminal.press("r");
    walk.terminal.wait("wants single sign-on");
    walk.terminal.press("o");
    walk.terminal.wait("Opened");
    assert_eq!(fs::read_to_string(walk.home.path().join("opened")).unwrap().trim(), SSO);

    github.desk().clear();
    github.desk().lay(always("/", 401, r#"{"message":"Bad credentials"}"#));
    walk.is_refused(&["Bad credentials"]);
    github.desk().clear();
    walk.sign_in_again(&vendor);
    walk.quit();
}
