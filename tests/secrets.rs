//! Secrets against the real parts: GNOME Keyring as the Secret Service, and Docker's helper for it.
//!
//! Runs when `TAGALONG_REAL=1` (`tests/run` sets it); then a missing part is a failure. Each test starts a session bus
//! of its own and runs its inner half there, in a home folder of its own.
#![cfg(all(target_os = "linux", feature = "keyring"))]
#![expect(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::print_stdout,
    reason = "a test fails by panicking; the lint knows test functions but not what they call"
)]

use std::collections::BTreeMap;
use std::fs;
use std::io::Write;
use std::os::unix::fs::PermissionsExt;
use std::path::Path;
use std::process::{Command, Stdio};

use secret_service::{EncryptionType, SecretService};
use tagalong::domain::connection::{KeepSecret, Options};
use tagalong::domain::{Connection, ConnectionId, Credential, FailureKind, Secret};
use tagalong::store::{Env, Kept, Paths, Secrets, signins};

const INNER: &str = "TAGALONG_INNER";
const UNLOCKED: &str =
    "printf pw | gnome-keyring-daemon --unlock --components=secrets >/dev/null && exec \"$@\"";
const AS_IT_IS: &str = "exec \"$@\"";

/// Runs the test `inner` of this file in a session bus of its own, after `before` has prepared it.
fn run_in_session(before: &str, inner: &str) {
    if std::env::var_os("TAGALONG_REAL").is_none() {
        println!("left out: TAGALONG_REAL is not set, so no real keyring is started");
        return;
    }
    let home = tempfile::tempdir().unwrap();
    let runtime = home.path().join("run");
    fs::create_dir(&runtime).unwrap();
    fs::set_permissions(&runtime, fs::Permissions::from_mode(0o700)).unwrap();
    let output = Command::new("dbus-run-session")
        .args(["--", "sh", "-c", before, "sh"])
        .arg(std::env::current_exe().unwrap())
        .args(["--exact", inner, "--nocapture"])
        .env("HOME", home.path())
        .env("XDG_RUNTIME_DIR", &runtime)
        .env_remove("XDG_DATA_HOME")
        .env(INNER, "1")
        .output()
        .expect("dbus-run-session must be installed");
    let told =
        format!("{}\n{}", String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr));
    assert!(output.status.success() && told.contains("1 passed"), "{told}");
}

fn is_inner() -> bool {
    std::env::var_os(INNER).is_some()
}

fn connection(id: &str) -> Connection {
    Connection {
        id: ConnectionId::new(id),
        name: "Work".to_owned(),
        provider: "generic".to_owned(),
        url: "https://registry.example".to_owned(),
        username: "ada".to_owned(),
        options: Options::default(),
        settings: BTreeMap::new(),
        bookmarks: Vec::new(),
    }
}

fn open(env: &Env) -> Secrets {
    let paths = Paths::find(Some(&env.home().join("tagalong")), env).unwrap();
    Secrets::new(&paths, env.clone())
}

fn is_anything_written(env: &Env) -> bool {
    env.home().join("tagalong").exists()
}

async fn lock_keyring() {
    let service = SecretService::connect(EncryptionType::Plain).await.unwrap();
    service.get_default_collection().await.unwrap().lock().await.unwrap();
}

#[test]
fn an_unlocked_keyring_keeps_secrets() {
    run_in_session(UNLOCKED, "inner_unlocked_keyring");
}

#[tokio::test]
async fn inner_unlocked_keyring() {
    if !is_inner() {
        return;
    }
    let env = Env::of_process();
    let (first, second) = (connection("first"), connection("second"));
    for secret in ["s:e \"c\\ret\n", "a newer one"] {
        let kept = open(&env).put(&first, Secret::new(secret), KeepSecret::Ask).await.unwrap();
        assert_eq!(kept, Kept::Keyring);
        assert_eq!(open(&env).get(&first).await.unwrap(), Some(Secret::new(secret)));
    }
    assert_eq!(open(&env).get(&second).await.unwrap(), None);
    open(&env).put(&second, Secret::new("other"), KeepSecret::Ask).await.unwrap();
    open(&env).remove(&first).await.unwrap();
    assert_eq!(open(&env).get(&first).await.unwrap(), None);
    assert_eq!(open(&env).get(&second).await.unwrap(), Some(Secret::new("other")));

    lock_keyring().await;
    let secrets = open(&env);
    assert_eq!(secrets.get(&second).await.unwrap(), None);
    assert_eq!(secrets.put(&first, Secret::new("x"), KeepSecret::Ask).await.unwrap(), Kept::NeedsChoice);
    assert_eq!(secrets.remove(&second).await.unwrap_err().kind, FailureKind::Conflict);
    assert!(!is_anything_written(&env));
}

#[test]
fn a_session_whose_keyring_is_not_open_has_none() {
    run_in_session(AS_IT_IS, "inner_no_keyring");
}

#[tokio::test]
async fn inner_no_keyring() {
    if !is_inner() {
        return;
    }
    let env = Env::of_process();
    let secrets = open(&env);
    assert_eq!(secrets.get(&connection("a")).await.unwrap(), None);
    let kept = secrets.put(&connection("a"), Secret::new("x"), KeepSecret::Ask).await.unwrap();
    assert_eq!(kept, Kept::NeedsChoice);
    assert!(!is_anything_written(&env));
    let kept = secrets.put(&connection("a"), Secret::new("x"), KeepSecret::File).await.unwrap();
    assert_eq!(kept, Kept::File);
    assert_eq!(open(&env).get(&connection("a")).await.unwrap(), Some(Secret::new("x")));
}

#[test]
fn dockers_own_helper_keeps_secrets_and_gives_sign_ins() {
    run_in_session(UNLOCKED, "inner_docker_helper");
}

#[tokio::test]
async fn inner_docker_helper() {
    if !is_inner() {
        return;
    }
    let env = without_bus(&Env::of_process());
    let docker = env.home().join(".docker");
    fs::create_dir(&docker).unwrap();
    let config = r#"{"auths": {"https://index.docker.io/v1/": {}}, "credsStore": "bus"}"#;
    fs::write(docker.join("config.json"), config).unwrap();
    store_as_docker_does(
        &env,
        r#"{"ServerURL":"https://index.docker.io/v1/","Username":"grace","Secret":"h:b"}"#,
    );

    let (first, second) = (connection("first"), connection("second"));
    for (connection, secret) in [(&first, "one"), (&second, "two")] {
        let kept = open(&env).put(connection, Secret::new(secret), KeepSecret::Ask).await.unwrap();
        assert_eq!(kept, Kept::Helper("docker-credential-bus".to_owned()));
    }
    assert_eq!(open(&env).get(&first).await.unwrap(), Some(Secret::new("one")));
    assert_eq!(open(&env).get(&second).await.unwrap(), Some(Secret::new("two")));

    let (hub, _) = signins::credential(&env, "docker.io").await.unwrap().unwrap();
    assert_eq!(hub, Credential::Basic { username: "grace".to_owned(), password: Secret::new("h:b") });
    let listed = signins::find_in_helpers(&env).await;
    let hosts: Vec<_> = listed.sign_ins.iter().map(|s| (s.host.as_str(), s.username.as_deref())).collect();
    assert_eq!(hosts, [("docker.io", Some("grace"))], "{listed:?}");

    open(&env).remove(&first).await.unwrap();
    assert_eq!(open(&env).get(&first).await.unwrap(), None);
    assert_eq!(open(&env).get(&second).await.unwrap(), Some(Secret::new("two")));
    assert!(!is_anything_written(&env));
}

/// An environment in which the keyring cannot be reached but through `docker-credential-bus`, which is Docker's helper
/// with the bus given back to it.
fn without_bus(session: &Env) -> Env {
    let bus = session.get("DBUS_SESSION_BUS_ADDRESS").unwrap().to_str().unwrap();
    let programs = session.home().join("bin");
    fs::create_dir(&programs).unwrap();
    let helper = programs.join("docker-credential-bus");
    let real = session.find_program("docker-credential-secretservice");
    let real = real.expect("docker-credential-secretservice must be installed");
    write_script(&helper, &format!("DBUS_SESSION_BUS_ADDRESS='{bus}' exec '{}' \"$@\"", real.display()));
    let path = format!("{}:/usr/bin:/bin", programs.display());
    Env::new(session.home(), [("PATH", path), ("HOME", session.home().display().to_string())])
}

fn write_script(path: &Path, line: &str) {
    fs::write(path, format!("#!/bin/sh\n{line}\n")).unwrap();
    fs::set_permissions(path, fs::Permissions::from_mode(0o700)).unwrap();
}

fn store_as_docker_does(env: &Env, entry: &str) {
    let mut command = Command::new(env.find_program("docker-credential-bus").unwrap());
    let mut helper = command.arg("store").stdin(Stdio::piped()).spawn().unwrap();
    helper.stdin.take().unwrap().write_all(entry.as_bytes()).unwrap();
    assert!(helper.wait().unwrap().success());
}
