//! Basic sign-in, with what Docker and Podman stored.

use std::fs;

use serde_json::json;

use super::content::Image;
use super::is_wanted;
use super::program::Home;
use super::registry::{Registry, Setup};

const ACCOUNT: (&str, &str) = ("ada", "lovelace:& ü");

async fn guarded() -> Registry {
    let registry = Registry::start(Setup { account: Some(ACCOUNT), ..Setup::default() });
    Image::small("team/app", "1").push(&registry.client()).await;
    registry
}

#[tokio::test]
async fn dockers_sign_in_is_used_for_its_host() {
    if !is_wanted() {
        return;
    }
    let (registry, home) = (guarded().await, Home::new());
    home.docker_login(&registry.host, ACCOUNT.0, ACCOUNT.1);
    assert_eq!(home.run(&["ls", &registry.host]).done().lines(), ["team/app"]);
    home.run(&["pull", &registry.reference("team/app:1")]).done();
    home.run(&["untag", &registry.reference("team/app:1")]).done();
}

#[tokio::test]
async fn podmans_sign_in_is_used_for_its_host() {
    if !is_wanted() {
        return;
    }
    let (registry, home) = (guarded().await, Home::new());
    let file = home.path().join("auth.json");
    let auth = base64::Engine::encode(
        &base64::engine::general_purpose::STANDARD,
        format!("{}:{}", ACCOUNT.0, ACCOUNT.1),
    );
    fs::write(&file, json!({ "auths": { &registry.host: { "auth": auth } } }).to_string()).unwrap();
    let mut command = home.command(env!("CARGO_BIN_EXE_tagalong"));
    let output = command.env("REGISTRY_AUTH_FILE", file).args(["ls", &registry.host]).output().unwrap();
    assert_eq!(String::from_utf8_lossy(&output.stdout), "team/app\n");
}

#[tokio::test]
async fn a_wrong_or_missing_password_is_refused_and_never_shown() {
    if !is_wanted() {
        return;
    }
    let (registry, home) = (guarded().await, Home::new());
    home.run(&["ls", &registry.host]).failed(4, &["401"]);
    home.docker_login(&registry.host, ACCOUNT.0, "hunter2");
    for verb in [["ls", "-vv"], ["inspect", "-vv"], ["pull", "-vv"]] {
        let refused =
            home.run(&[&verb[..], &[&registry.reference("team/app:1")]].concat()).failed(4, &["401"]);
        assert!(!refused.said.contains("hunter2"), "{}", refused.said);
    }
    let log = fs::read_to_string(home.tagalong().join("tagalong.log")).unwrap();
    assert!(!log.contains("hunter2"), "{log}");
}
