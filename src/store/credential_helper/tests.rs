//! Credential helpers, played by a script that speaks their protocol.

use super::fake;
use super::*;

#[tokio::test]
async fn keeps_gives_lists_and_forgets() {
    let home = tempfile::tempdir().unwrap();
    let helper = CredentialHelper::find(&fake::env(home.path(), &[]), "fake").unwrap();
    let (server, secret) = ("https://registry.example", Secret::new("s:e \"c\\ret\n"));
    assert_eq!(helper.get(server).await.unwrap(), None);
    helper.store(server, "ada", &secret).await.unwrap();
    assert_eq!(helper.get(server).await.unwrap(), Some(("ada".to_owned(), secret)));
    assert_eq!(helper.list().await.unwrap(), [(server.to_owned(), "ada".to_owned())].into());
    helper.erase(server).await.unwrap();
    helper.erase(server).await.unwrap();
    assert_eq!(helper.get(server).await.unwrap(), None);
    assert_eq!(fake::calls(home.path()), ["get", "store", "get", "list", "erase", "erase", "get"]);
}

#[tokio::test]
async fn what_goes_wrong_is_told_by_name() {
    let home = tempfile::tempdir().unwrap();
    let env = fake::env(home.path(), &[("FAKE_MODE", "locked")]);
    let failure = CredentialHelper::find(&env, "fake").unwrap().get("https://x").await.unwrap_err();
    assert_eq!(failure.said, "the store is locked␛[2J");
    assert!(failure.doing.contains("docker-credential-fake"), "{failure}");
    let env = fake::env(home.path(), &[("FAKE_MODE", "babble")]);
    let failure = CredentialHelper::find(&env, "fake").unwrap().get("https://x").await.unwrap_err();
    assert_eq!(failure.kind, FailureKind::Invalid);
    assert!(!failure.to_string().contains("hunter2"), "{failure}");
}

#[tokio::test]
async fn a_helper_that_hangs_is_given_up() {
    let home = tempfile::tempdir().unwrap();
    let env = fake::env(home.path(), &[("FAKE_MODE", "hang")]);
    let mut helper = CredentialHelper::find(&env, "fake").unwrap();
    helper.patience = Duration::from_millis(50);
    let failure = helper.list().await.unwrap_err();
    assert_eq!((failure.kind, failure.said.as_str()), (FailureKind::Timeout, "no answer within 50ms"));
}

#[test]
fn a_name_cannot_leave_the_path() {
    let home = tempfile::tempdir().unwrap();
    let env = fake::env(home.path(), &[]);
    for name in ["", "../fake", "/bin/sh", "x/../fake", "absent"] {
        assert!(CredentialHelper::find(&env, name).is_none(), "{name}");
    }
    let failure = CredentialHelper::missing("absent", "~/.docker/config.json");
    assert!(failure.said.contains("docker-credential-absent"), "{failure}");
}
