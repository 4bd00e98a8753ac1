//! Keys, profiles and passwords: where they come from, when they end, and what is said when there are none.

use std::fs;
use std::path::Path;

use tagalong::domain::{Connection, FailureKind, NodeKind};
use tagalong::registry::catalog;
use tempfile::TempDir;

use super::fake::{Fake, KEY, SECRET};
use super::{
    Around, URL, asking, basic, connection, fill, found_by, open, provider, refused, registry, root,
};

/// A home folder with these files below `.aws`.
fn home(config: &str, credentials: &str) -> TempDir {
    let home = tempfile::tempdir().unwrap();
    fs::create_dir(home.path().join(".aws")).unwrap();
    write(home.path(), "config", config);
    write(home.path(), "credentials", credentials);
    home
}

fn write(home: &Path, name: &str, text: &str) {
    fs::write(home.join(".aws").join(name), text).unwrap();
}

fn keys(profile: &str, key: &str, secret: &str) -> String {
    format!("[{profile}]\naws_access_key_id = {key}\naws_secret_access_key = {secret}\n")
}

/// A connection to the fake that leaves everything else to its surroundings.
fn left_to_them(fake: &Fake, settings: &[(&str, &str)]) -> Connection {
    let mut all = vec![("endpoint", fake.url.as_str())];
    all.extend_from_slice(settings);
    connection("amazon", URL, &all)
}

#[tokio::test]
async fn a_profile_gives_keys_and_region() {
    let fake = Fake::start(1000).await;
    let home = home("[profile work]\nregion = eu-central-1\n", &keys("work", KEY, SECRET));
    let provider = found_by(left_to_them(&fake, &[("profile", "work")]), Around::new(home.path(), &[]));
    let rows = provider.children(&root(), None).await.unwrap().entries;
    assert_eq!(rows[0].label.as_deref(), Some("eu-central-1"));
    let account = provider.check().await.unwrap();
    assert_eq!(account.lines[0], ("profile".to_owned(), "work".to_owned()));
}

#[tokio::test]
async fn the_environment_gives_keys_and_region() {
    let fake = Fake::start(1000).await;
    let variables =
        [("AWS_ACCESS_KEY_ID", KEY), ("AWS_SECRET_ACCESS_KEY", SECRET), ("AWS_DEFAULT_REGION", "ap-south-1")];
    let provider = found_by(left_to_them(&fake, &[]), Around::new("/nonexistent", &variables));
    let rows = provider.children(&root(), None).await.unwrap().entries;
    assert_eq!(rows[0].label.as_deref(), Some("ap-south-1"));
}

#[tokio::test]
async fn a_program_that_gives_keys_is_asked() {
    let fake = Fake::start(1000).await;
    let answer = format!(r#"{{\"Version\":1,\"AccessKeyId\":\"{KEY}\",\"SecretAccessKey\":\"{SECRET}\"}}"#);
    let config = format!("[default]\nregion = eu-west-1\ncredential_process = printf \"%s\" \"{answer}\"\n");
    let home = home(&config, "");
    let provider = found_by(left_to_them(&fake, &[]), Around::new(home.path(), &[]));
    provider.check().await.unwrap();
}

#[tokio::test]
async fn what_is_missing_is_said() {
    let fake = Fake::start(1000).await;
    let home = home("[profile work]\nregion = eu-west-1\n[profile other]\n", &keys("other", KEY, SECRET));
    let regions = ("regions", "eu-west-1");
    for (settings, kind, said) in [
        (vec![("profile", "wrok"), regions], FailureKind::Invalid, "there is no profile “wrok”"),
        (vec![("profile", "wrok"), regions], FailureKind::Invalid, "there are other, work"),
        (vec![("profile", "other")], FailureKind::Invalid, "no region is set"),
        (vec![regions], FailureKind::Unauthorized, "no AWS keys were found"),
        (vec![("profile", "work")], FailureKind::Unauthorized, "the profile “work” has no keys"),
        (vec![("regions", "europe")], FailureKind::Invalid, "a region is written like eu-west-1"),
    ] {
        let around = Around::new(home.path(), &[]);
        let failure = refused(&*found_by(left_to_them(&fake, &settings), around)).await;
        assert_eq!(failure.kind, kind, "{failure}");
        assert!(failure.said.contains(said), "{said}: {failure}");
    }
    assert_eq!(fake.asked(), Vec::<String>::new());
}

#[tokio::test]
async fn keys_that_were_renewed_meanwhile_are_read_again() {
    let fake = Fake::start(1000).await;
    let old = "AKIAOLDOLDOLDEXAMPLE";
    fake.state.keys.lock().unwrap().insert(old.to_owned(), "an old secret".to_owned());
    let home = home("[default]\nregion = eu-west-1\n", &keys("default", old, "an old secret"));
    let provider = found_by(left_to_them(&fake, &[]), Around::new(home.path(), &[]));
    provider.check().await.unwrap();
    fake.state.keys.lock().unwrap().remove(old);
    write(home.path(), "credentials", &keys("default", KEY, SECRET));
    provider.check().await.unwrap();
}

#[tokio::test]
async fn a_session_that_is_over_names_the_command() {
    let fake = Fake::start(1000).await;
    let over = "The security token included in the request is expired";
    fake.refuse("GetAuthorizationToken", usize::MAX, "ExpiredTokenException", over);
    let home = home("[profile work]\nregion = eu-west-1\n", &keys("work", KEY, SECRET));
    let provider = found_by(left_to_them(&fake, &[("profile", "work")]), Around::new(home.path(), &[]));
    let failure = refused(&*provider).await;
    assert_eq!(failure.kind, FailureKind::Unauthorized);
    assert!(failure.said.contains("aws sso login --profile work"), "{failure}");
}

#[tokio::test]
async fn single_sign_on_that_was_never_begun_names_the_command() {
    let fake = Fake::start(1000).await;
    let config = "[profile sso]\nregion = eu-west-1\nsso_session = never-begun-in-a-test\nsso_account_id = 123456789012\n\
                  sso_role_name = Reader\n[sso-session never-begun-in-a-test]\nsso_region = eu-west-1\n\
                  sso_start_url = https://never-begun.awsapps.com/start\n";
    let home = home(config, "");
    let provider = found_by(left_to_them(&fake, &[("profile", "sso")]), Around::new(home.path(), &[]));
    let failure = refused(&*provider).await;
    assert_eq!(failure.kind, FailureKind::Unauthorized);
    assert!(failure.said.contains("aws sso login --profile sso"), "{failure}");
}

#[tokio::test]
async fn a_wrong_secret_is_told_apart_from_a_wrong_key() {
    let fake = Fake::start(1000).await;
    let wrong_secret = refused(&*open(asking(&fake, &[]), basic(KEY, "wrong"))).await;
    assert!(wrong_secret.said.contains("not the one of this access key"), "{wrong_secret}");
    fake.refuse(
        "GetAuthorizationToken",
        1,
        "InvalidSignatureException",
        "Signature expired: 1 is now earlier",
    );
    let clock = refused(&*provider(&fake)).await;
    assert!(clock.said.contains("clock of this machine"), "{clock}");
}

#[tokio::test]
async fn the_password_is_kept_renewed_at_its_end_and_after_a_refusal() {
    let fake = Fake::start(1000).await;
    fill(&fake).await;
    let provider = provider(&fake);
    provider.children(&root(), None).await.unwrap();
    let passwords = || fake.count("GetAuthorizationToken") - 1;
    let read = async || {
        let server = provider.distribution(&registry(&fake)).unwrap();
        server.resolve("acme/api", "latest").await.unwrap()
    };
    read().await;
    read().await;
    assert_eq!(passwords(), 1, "it is kept");
    *fake.state.password.lock().unwrap() = "another password".to_owned();
    // From here on every password ends at once.
    *fake.state.lifetime.lock().unwrap() = 200;
    read().await;
    assert_eq!(passwords(), 2, "it is renewed after a 401");
    read().await;
    assert_eq!(passwords(), 3, "it is renewed before its end");
}

#[tokio::test]
async fn sign_ins_of_the_command_line_are_found() {
    let home = home("[default]\n[profile work]\nregion = eu-west-1\n", &keys("home", KEY, SECRET));
    let around = Around::new(home.path(), &[("AWS_ACCESS_KEY_ID", KEY)]);
    let found = catalog::find_sign_ins(&around).await;
    let found: Vec<_> = found.iter().filter(|f| f.provider == Some("amazon")).collect();
    let names: Vec<&str> = found.iter().filter_map(|f| f.username.as_deref()).collect();
    assert_eq!(names, [KEY, "default", "home", "work"]);
    assert!(found[0].settings.is_empty());
    assert_eq!(found[3].settings["profile"], "work");
    let nothing = catalog::find_sign_ins(&Around::new("/nonexistent", &[])).await;
    assert!(nothing.iter().all(|f| f.provider != Some("amazon")));
}

#[tokio::test]
async fn a_host_that_is_opened_by_name_is_its_own_registry() {
    let host = "123456789012.dkr.ecr.us-west-2.amazonaws.com";
    for name in [host, "public.ecr.aws", "123456789012.dkr.ecr.cn-north-1.amazonaws.com.cn"] {
        assert_eq!(catalog::of_host(name).id, "amazon", "{name}");
        let by_name = connection("amazon", &format!("https://{name}"), &[]);
        let provider = found_by(by_name, Around::new("/nonexistent", &[]));
        assert_eq!(provider.distribution(&root()).unwrap().http().host(), name);
    }
    let with_keys = connection("amazon", &format!("https://{host}"), &[("profile", "work")]);
    let provider = found_by(with_keys, Around::new("/nonexistent", &[]));
    assert_eq!(provider.distribution(&root()).unwrap().http().host(), host);
    let at = root().child(NodeKind::Repository, "acme/api");
    let page = "https://us-west-2.console.aws.amazon.com/ecr/repositories/private/123456789012/acme/api?region=us-west-2";
    assert_eq!(provider.web(&at).as_deref(), Some(page));
    let elsewhere = connection("amazon", "https://ec2-203-0-113-1.compute.amazonaws.com", &[]);
    let plain = found_by(elsewhere, Around::new("/nonexistent", &[]));
    assert!(!plain.has_web(), "somebody's own registry is served by the protocol");
}
