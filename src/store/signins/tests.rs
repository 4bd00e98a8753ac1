//! Sign-ins as Docker and Podman store them.

use std::fs;
use std::path::Path;

use super::*;
use crate::domain::{FailureKind, Secret};
use crate::store::credential_helper::{CredentialHelper, fake};

/// `ada:pass:word`, with what some encoders leave out.
const ADA: &str = "YWRhOnBhc3M6d29yZA";

fn write(home: &Path, path: &str, content: &str) {
    let path = home.join(path);
    fs::create_dir_all(path.parent().unwrap()).unwrap();
    fs::write(path, content).unwrap();
}

fn basic(username: &str, password: &str) -> Credential {
    Credential::Basic { username: username.to_owned(), password: Secret::new(password) }
}

fn hosts(found: &Found) -> Vec<(&str, Option<&str>, &str)> {
    found.sign_ins.iter().map(|s| (s.host.as_str(), s.username.as_deref(), s.source.as_str())).collect()
}

async fn stored(env: &Env, host: &str) -> Option<Credential> {
    credential(env, host).await.unwrap().map(|(credential, _)| credential)
}

#[tokio::test]
async fn every_form_of_entry_is_read() {
    let home = tempfile::tempdir().unwrap();
    let env = fake::env(home.path(), &[]);
    let auths = format!(
        r#"{{"auths": {{
            "https://index.docker.io/v1/": {{"auth": "{ADA}=="}},
            "unpadded.example": {{"auth": "{ADA}"}},
            "identity.example": {{"auth": "{ADA}", "identitytoken": "id"}},
            "bearer.example": {{"registrytoken": "reg"}},
            "plain.example": {{"username": "ada", "password": "open"}},
            "token.example": {{"username": "<token>", "password": "id"}},
            "empty.example": {{}}
        }}, "HttpHeaders": {{"x": 1}}}}"#
    );
    write(home.path(), ".docker/config.json", &auths);
    let expected = [
        ("docker.io", Some(basic("ada", "pass:word"))),
        ("https://registry-1.docker.io", Some(basic("ada", "pass:word"))),
        ("unpadded.example", Some(basic("ada", "pass:word"))),
        ("identity.example", Some(Credential::IdentityToken(Secret::new("id")))),
        ("bearer.example", Some(Credential::Bearer(Secret::new("reg")))),
        ("plain.example", Some(basic("ada", "open"))),
        ("token.example", Some(Credential::IdentityToken(Secret::new("id")))),
        ("empty.example", None),
        ("other.example", None),
    ];
    for (host, credential) in expected {
        assert_eq!(stored(&env, host).await, credential, "{host}");
    }
    let found = find(&env);
    assert_eq!(found.warnings, []);
    assert!(hosts(&found).contains(&("docker.io", Some("ada"), "~/.docker/config.json")), "{found:?}");
    assert!(!found.sign_ins.iter().any(|s| s.host == "empty.example"), "{found:?}");
}

#[tokio::test]
async fn the_first_file_wins() {
    let home = tempfile::tempdir().unwrap();
    let runtime = home.path().join("run");
    let explicit = home.path().join("explicit.json");
    let docker = home.path().join("docker");
    let env = fake::env(
        home.path(),
        &[
            ("XDG_RUNTIME_DIR", runtime.to_str().unwrap()),
            ("REGISTRY_AUTH_FILE", explicit.to_str().unwrap()),
            ("DOCKER_CONFIG", docker.to_str().unwrap()),
        ],
    );
    let places = [
        ".dockercfg",
        "docker/config.json",
        ".config/containers/auth.json",
        "run/containers/auth.json",
        "explicit.json",
    ];
    for (n, place) in places.into_iter().enumerate() {
        let auths = format!(r#"{{"host": {{"username": "ada", "password": "{n}"}}}}"#);
        let is_legacy = place == ".dockercfg";
        write(home.path(), place, &if is_legacy { auths } else { format!(r#"{{"auths": {auths}}}"#) });
        assert_eq!(stored(&env, "host").await, Some(basic("ada", &n.to_string())), "{place}");
        assert_eq!(hosts(&find(&env)), [("host", Some("ada"), format!("~/{place}").as_str())]);
    }
}

#[tokio::test]
async fn the_longest_prefix_wins() {
    let home = tempfile::tempdir().unwrap();
    let env = fake::env(home.path(), &[]);
    let entry = |n: u32| format!(r#"{{"username": "u", "password": "{n}"}}"#);
    let auths = format!(
        r#"{{"auths": {{"quay.io": {}, "quay.io/team": {}, "quay.io/team/app": {}, "only.io/team": {}}}}}"#,
        entry(1),
        entry(2),
        entry(3),
        entry(4)
    );
    write(home.path(), ".config/containers/auth.json", &auths);
    for (host, password) in
        [("quay.io", "1"), ("quay.io/x", "1"), ("quay.io/team", "2"), ("quay.io/team/app/deep", "3")]
    {
        assert_eq!(stored(&env, host).await, Some(basic("u", password)), "{host}");
    }
    assert_eq!(stored(&env, "only.io").await, None);
}

#[tokio::test]
async fn helpers_win_and_are_asked_by_the_key_that_docker_used() {
    let home = tempfile::tempdir().unwrap();
    let env = fake::env(home.path(), &[]);
    let config = format!(
        r#"{{"auths": {{"https://index.docker.io/v1/": {{}}, "kept.example": {{"auth": "{ADA}"}}}},
            "credsStore": "fake", "credHelpers": {{"gone.example": "absent"}}}}"#
    );
    write(home.path(), ".docker/config.json", &config);
    let helper = CredentialHelper::find(&env, "fake").unwrap();
    helper.store("https://index.docker.io/v1/", "grace", &Secret::new("hub")).await.unwrap();
    helper.store("https://other.example", "<token>", &Secret::new("id")).await.unwrap();
    helper.store("https://mine.tagalong.invalid", "ada", &Secret::new("ours")).await.unwrap();

    let (hub, source) = credential(&env, "docker.io").await.unwrap().unwrap();
    assert_eq!(hub, basic("grace", "hub"));
    assert_eq!(source, "docker-credential-fake (~/.docker/config.json)");
    assert_eq!(stored(&env, "other.example").await, Some(Credential::IdentityToken(Secret::new("id"))));
    assert_eq!(stored(&env, "kept.example").await, Some(basic("ada", "pass:word")));
    assert_eq!(stored(&env, "nobody.example").await, None);
    assert!(fake::calls(home.path()).iter().all(|c| c == "store" || c == "get"));

    let listed = find_in_helpers(&env).await;
    assert_eq!(
        hosts(&listed),
        [("docker.io", Some("grace"), source.as_str()), ("other.example", None, source.as_str())]
    );
    let mut all = find(&env);
    all.extend(listed);
    let mut names: Vec<_> = all.sign_ins.iter().map(|s| s.host.as_str()).collect();
    names.sort_unstable();
    assert_eq!(names, ["docker.io", "gone.example", "kept.example", "other.example"]);
}

#[tokio::test]
async fn a_missing_helper_is_named_where_it_matters() {
    let home = tempfile::tempdir().unwrap();
    let env = fake::env(home.path(), &[]);
    let config = r#"{"auths": {"left.example": {}}, "credsStore": "absent"}"#;
    write(home.path(), ".docker/config.json", config);
    let failure = credential(&env, "left.example").await.unwrap_err();
    assert!(failure.said.contains("docker-credential-absent"), "{failure}");
    assert_eq!(stored(&env, "anonymous.example").await, None);
    let found = find_in_helpers(&env).await;
    assert!(found.warnings[0].said.contains("docker-credential-absent"), "{found:?}");
}

#[tokio::test]
async fn a_failing_helper_does_not_hide_another_file() {
    let home = tempfile::tempdir().unwrap();
    let env = fake::env(home.path(), &[("FAKE_MODE", "locked")]);
    write(home.path(), ".config/containers/auth.json", r#"{"credHelpers": {"host": "fake"}}"#);
    let failure = credential(&env, "host").await.unwrap_err();
    assert!(failure.said.contains("the store is locked"), "{failure}");
    write(home.path(), ".docker/config.json", &format!(r#"{{"auths": {{"host": {{"auth": "{ADA}"}}}}}}"#));
    assert_eq!(stored(&env, "host").await, Some(basic("ada", "pass:word")));
}

#[tokio::test]
async fn broken_files_are_told_without_their_content_and_the_others_used() {
    let home = tempfile::tempdir().unwrap();
    let env = fake::env(home.path(), &[]);
    write(home.path(), ".dockercfg", &format!(r#"{{"host": {{"auth": "{ADA}"}}}}"#));
    for broken in ["{", r#"{"auths": "hunter2"}"#, r#"{"auths": {"x": {"auth": {"hunter2": 1}}}}"#, "1"] {
        write(home.path(), ".docker/config.json", broken);
        let found = find(&env);
        assert_eq!(found.sign_ins.len(), 1, "{broken}");
        let [warning] = found.warnings.as_slice() else { panic!("{found:?}") };
        assert_eq!(warning.kind, FailureKind::Invalid);
        assert!(
            warning.doing.contains("~/.docker/config.json") && warning.said.contains("line 1"),
            "{warning}"
        );
        assert!(!warning.to_string().contains("hunter2"), "{warning}");
        assert_eq!(stored(&env, "host").await, Some(basic("ada", "pass:word")));
        assert!(credential(&env, "elsewhere").await.is_err());
    }
}

#[tokio::test]
async fn an_entry_that_is_no_sign_in_is_told() {
    let home = tempfile::tempdir().unwrap();
    let env = fake::env(home.path(), &[]);
    for (auth, said) in [("!", "base64"), ("YWRh", "colon"), ("/zo=", "text")] {
        write(
            home.path(),
            ".docker/config.json",
            &format!(r#"{{"auths": {{"host": {{"auth": "{auth}"}}}}}}"#),
        );
        let failure = credential(&env, "host").await.unwrap_err();
        assert!(failure.said.contains(said) && failure.doing.contains("host"), "{failure}");
    }
}
