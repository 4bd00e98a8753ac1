//! Where secrets go, and where they are found again.

use std::fs;
use std::path::Path;

use super::*;
use crate::domain::connection::Options;
use crate::domain::{ConnectionId, FailureKind};
use crate::store::credential_helper::fake;

fn connection(id: &str) -> Connection {
    Connection {
        id: ConnectionId::new(id),
        name: "Work".to_owned(),
        provider: "generic".to_owned(),
        url: "https://registry.example".to_owned(),
        username: String::new(),
        options: Options::default(),
        settings: Default::default(),
        bookmarks: Vec::new(),
    }
}

fn paths(home: &Path, env: &Env) -> Paths {
    Paths::find(Some(&home.join("tagalong")), env).unwrap()
}

/// No session bus, so no keyring; and no helper unless Docker's configuration names one.
fn secrets(home: &Path, helper: Option<&str>) -> Secrets {
    let env = fake::env(home, &[]);
    if let Some(name) = helper {
        fs::create_dir_all(home.join(".docker")).unwrap();
        fs::write(home.join(".docker/config.json"), format!(r#"{{"credsStore": "{name}"}}"#)).unwrap();
    }
    Secrets::new(&paths(home, &env), env)
}

async fn stored(secrets: &Secrets, id: &str) -> Option<Secret> {
    secrets.get(&connection(id)).await.unwrap()
}

#[tokio::test]
async fn without_keyring_and_helper_the_person_is_asked() {
    let home = tempfile::tempdir().unwrap();
    let secrets = secrets(home.path(), None);
    let kept = secrets.put(&connection("a"), Secret::new("s"), KeepSecret::Ask).await.unwrap();
    assert_eq!(kept, Kept::NeedsChoice);
    assert_eq!(stored(&secrets, "a").await, None);
    assert!(!secrets.file.exists());
}

#[tokio::test]
async fn memory_lasts_for_this_run() {
    let home = tempfile::tempdir().unwrap();
    let first = secrets(home.path(), None);
    let kept = first.put(&connection("a"), Secret::new("s"), KeepSecret::Memory).await.unwrap();
    assert_eq!(kept, Kept::Memory);
    assert_eq!(stored(&first, "a").await, Some(Secret::new("s")));
    assert_eq!(stored(&first, "b").await, None);
    assert_eq!(stored(&secrets(home.path(), None), "a").await, None);
    assert!(!first.file.exists());
}

#[tokio::test]
async fn the_file_outlives_the_run_and_is_private() {
    let home = tempfile::tempdir().unwrap();
    let first = secrets(home.path(), None);
    for (id, secret) in [("a", "s\"e'c\n"), ("b.c", "other"), ("a", "newer")] {
        let kept = first.put(&connection(id), Secret::new(secret), KeepSecret::File).await.unwrap();
        assert_eq!(kept, Kept::File);
    }
    let second = secrets(home.path(), None);
    assert_eq!(stored(&second, "a").await, Some(Secret::new("newer")));
    assert_eq!(stored(&second, "b.c").await, Some(Secret::new("other")));
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt;
        let mode = || fs::metadata(&second.file).unwrap().permissions().mode() & 0o777;
        assert_eq!(mode(), 0o600);
        fs::set_permissions(&second.file, fs::Permissions::from_mode(0o644)).unwrap();
        assert_eq!(stored(&second, "a").await, Some(Secret::new("newer")));
        assert_eq!(mode(), 0o600);
    }
    second.remove(&connection("a")).await.unwrap();
    assert_eq!(stored(&first, "a").await, None);
    assert_eq!(stored(&first, "b.c").await, Some(Secret::new("other")));
}

#[tokio::test]
async fn the_helper_comes_before_the_choice() {
    let home = tempfile::tempdir().unwrap();
    let first = secrets(home.path(), Some("fake"));
    let kept = first.put(&connection("a"), Secret::new("s"), KeepSecret::Ask).await.unwrap();
    assert_eq!(kept, Kept::Helper("docker-credential-fake".to_owned()));
    let second = secrets(home.path(), Some("fake"));
    assert_eq!(stored(&second, "a").await, Some(Secret::new("s")));
    second.remove(&connection("a")).await.unwrap();
    second.remove(&connection("a")).await.unwrap();
    assert_eq!(stored(&first, "a").await, None);
    let calls = fake::calls(home.path());
    assert!(calls.iter().all(|c| ["store", "get", "erase"].contains(&c.as_str())), "{calls:?}");
}

#[tokio::test]
async fn a_better_place_takes_the_secret_over() {
    let home = tempfile::tempdir().unwrap();
    let before = secrets(home.path(), None);
    before.put(&connection("a"), Secret::new("old"), KeepSecret::File).await.unwrap();
    let after = secrets(home.path(), Some("fake"));
    assert_eq!(stored(&after, "a").await, Some(Secret::new("old")));
    after.put(&connection("a"), Secret::new("new"), KeepSecret::File).await.unwrap();
    assert_eq!(stored(&after, "a").await, Some(Secret::new("new")));
    assert!(!fs::read_to_string(&after.file).unwrap().contains("old"));
}

#[tokio::test]
async fn a_helper_that_is_gone_or_fails_is_no_helper() {
    for helper in ["absent", "fake"] {
        let home = tempfile::tempdir().unwrap();
        secrets(home.path(), Some(helper));
        let env = fake::env(home.path(), &[("FAKE_MODE", "locked")]);
        let secrets = Secrets::new(&paths(home.path(), &env), env);
        let kept = secrets.put(&connection("a"), Secret::new("s"), KeepSecret::File).await.unwrap();
        assert_eq!(kept, Kept::File, "{helper}");
        assert_eq!(stored(&secrets, "a").await, Some(Secret::new("s")));
        secrets.remove(&connection("a")).await.unwrap();
    }
}

#[tokio::test]
async fn a_broken_file_is_told_without_its_content_and_kept() {
    let home = tempfile::tempdir().unwrap();
    let secrets = secrets(home.path(), None);
    fs::create_dir_all(secrets.file.parent().unwrap()).unwrap();
    for text in ["[secrets]\na = hunter2\n", "secrets = \"hunter2\"\n"] {
        fs::write(&secrets.file, text).unwrap();
        let failure = secrets.put(&connection("a"), Secret::new("s"), KeepSecret::File).await.unwrap_err();
        assert_eq!(failure.kind, FailureKind::Invalid);
        assert!(!failure.to_string().contains("hunter2"), "{failure}");
        assert_eq!(fs::read_to_string(&secrets.file).unwrap(), text);
    }
    fs::write(&secrets.file, "[secrets]\na = hunter2\n").unwrap();
    let failure = secrets.get(&connection("a")).await.unwrap_err();
    assert!(failure.said.contains("line 2"), "{failure}");
}
