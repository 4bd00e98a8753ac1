//! The ways to sign in, and how each of them fails.

use std::collections::VecDeque;
use std::path::PathBuf;
use std::sync::{Arc, Mutex};

use async_trait::async_trait;
use tagalong::domain::{Failure, FailureKind, Secret};
use tagalong::registry::{Provider, Surroundings, catalog};

use super::super::support::{basic, open, opening};
use super::fake::{Fake, TOKEN};
use super::{acme, all, app, images, names, root, settings};
use tagalong::domain::Credential;

/// A gcloud that prints one token after another, and a home folder.
#[derive(Default)]
struct Around {
    tokens: Mutex<VecDeque<String>>,
    home: PathBuf,
    asked: Mutex<Vec<String>>,
}

#[async_trait]
impl Surroundings for Around {
    fn variable(&self, _: &str) -> Option<String> {
        None
    }

    fn home(&self) -> PathBuf {
        self.home.clone()
    }

    async fn ask(&self, program: &str, arguments: &[&str]) -> Result<Option<Secret>, Failure> {
        if program != "gcloud" {
            return Ok(None);
        }
        let line = arguments.join(" ");
        self.asked.lock().unwrap().push(line.clone());
        Ok(match line.as_str() {
            "auth print-access-token" => self.tokens.lock().unwrap().pop_front().map(Secret::new),
            "config get-value core/account" => Some(Secret::new("ann@example.com")),
            "config get-value core/project" => Some(Secret::new("acme")),
            other => panic!("gcloud {other}"),
        })
    }
}

fn with(fake: &Fake, around: &Arc<Around>, further: &[(&str, &str)]) -> Arc<dyn Provider> {
    let mut opening = opening(settings(&fake.url(), further), Credential::Anonymous);
    opening.surroundings = Arc::clone(around) as Arc<dyn Surroundings>;
    catalog::open(&opening).unwrap()
}

#[tokio::test]
async fn the_sign_in_of_gcloud_is_found_and_used() {
    let home = tempfile::tempdir().unwrap();
    let tokens = Mutex::new([TOKEN.to_owned()].into());
    let around = Arc::new(Around { tokens, home: home.path().to_owned(), ..Around::default() });
    assert_eq!(catalog::find_sign_ins(around.as_ref()).await.len(), 0);
    assert!(around.asked.lock().unwrap().is_empty(), "gcloud would begin a configuration of its own");
    std::fs::create_dir_all(home.path().join(".config/gcloud")).unwrap();
    let found = catalog::find_sign_ins(around.as_ref()).await;
    let found = found.iter().find(|f| f.source == "gcloud").unwrap();
    assert_eq!(found.username.as_deref(), Some("ann@example.com"));
    let further: Vec<(&str, &str)> = found.settings.iter().map(|(k, v)| (k.as_str(), v.as_str())).collect();
    let fake = Fake::start().await;
    let google = with(&fake, &around, &further);
    assert_eq!(names(&all(&*google, &root()).await), ["acme"], "gcloud's own project");
    assert_eq!(all(&*google, &images()).await.len(), 2);
    assert_eq!(all(&*google, &app()).await.len(), 5, "API and registry share one answer of gcloud");
    assert_eq!(google.check().await.unwrap().name.as_deref(), Some("ann@example.com"));
}

#[tokio::test]
async fn a_sign_in_of_gcloud_that_is_gone_is_told() {
    let fake = Fake::start().await;
    let around = Arc::new(Around::default());
    let google = with(&fake, &around, &[("sign_in", "gcloud"), ("projects", "acme")]);
    let failure = google.check().await.unwrap_err();
    assert_eq!(failure.kind, FailureKind::Unauthorized);
    assert!(failure.said.contains("gcloud auth login"), "{failure}");
}

#[tokio::test]
async fn a_token_that_runs_out_is_renewed_without_a_word() {
    let fake = Fake::start().await;
    let tokens = ["first-token", "second-token"].map(str::to_owned);
    fake.edit().tokens = vec!["first-token".to_owned()];
    let around = Arc::new(Around { tokens: Mutex::new(tokens.into()), ..Around::default() });
    let google = with(&fake, &around, &[("sign_in", "gcloud"), ("projects", "acme")]);
    assert_eq!(all(&*google, &images()).await.len(), 2);
    fake.edit().tokens = vec!["second-token".to_owned()];
    assert_eq!(all(&*google, &images()).await.len(), 2);
    assert_eq!(all(&*google, &app()).await.len(), 5);
    let printed = around.asked.lock().unwrap().iter().filter(|a| *a == "auth print-access-token").count();
    assert_eq!(printed, 2);
}

#[tokio::test]
async fn a_wrong_token_is_told_with_where_to_get_another() {
    let fake = Fake::start().await;
    let google = open(settings(&fake.url(), &[("projects", "acme")]), basic("oauth2accesstoken", "stale"));
    let nameless = open(settings(&fake.url(), &[]), basic("oauth2accesstoken", "stale"));
    for failure in [google.check().await.unwrap_err(), nameless.check().await.unwrap_err()] {
        assert_eq!(failure.kind, FailureKind::Unauthorized);
        assert!(failure.said.contains("gcloud auth print-access-token"), "{failure}");
    }
    let failure = google.children(&app(), None).await.unwrap_err();
    assert_eq!(failure.kind, FailureKind::Unauthorized);
    // The same as a credential helper names it.
    let helped = open(settings(&fake.url(), &[("projects", "acme")]), basic("_dcgcloud_token", TOKEN));
    helped.check().await.unwrap();
    drop(acme(&fake).check().await.unwrap());
}

#[tokio::test]
async fn a_key_that_is_none_is_told() {
    let fake = Fake::start().await;
    let home = tempfile::tempdir().unwrap();
    let around = Arc::new(Around { home: home.path().to_owned(), ..Around::default() });
    for (content, said) in [("{}", "no client_email"), ("PEM", "no JSON")] {
        std::fs::write(home.path().join("key.json"), content).unwrap();
        let further = [("sign_in", "key file"), ("key_file", "~/key.json"), ("projects", "acme")];
        let failure = with(&fake, &around, &further).check().await.unwrap_err();
        assert!(failure.said.contains(said), "{failure}");
    }
    let further = [("sign_in", "key file"), ("key_file", "~/absent.json"), ("projects", "acme")];
    assert_eq!(with(&fake, &around, &further).check().await.unwrap_err().kind, FailureKind::Io);
    let further = [("sign_in", "key file"), ("projects", "acme")];
    assert_eq!(with(&fake, &around, &further).check().await.unwrap_err().kind, FailureKind::Invalid);
}

/// A key of a service account that does not exist.
#[cfg(feature = "gcp")]
fn key() -> String {
    serde_json::json!({ "type": "service_account", "project_id": "acme", "private_key_id": "k1",
        "private_key": include_str!("key.pem"), "client_email": "ci@acme.iam.gserviceaccount.com" })
    .to_string()
}

#[cfg(feature = "gcp")]
#[tokio::test]
async fn a_key_signs_for_the_api_and_is_the_registrys_password() {
    let fake = Fake::start().await;
    fake.edit().tokens.clear();
    let home = tempfile::tempdir().unwrap();
    let key = key();
    std::fs::write(home.path().join("key.json"), &key).unwrap();
    let around = Arc::new(Around { home: home.path().to_owned(), ..Around::default() });
    let google = with(&fake, &around, &[("sign_in", "key file"), ("key_file", "~/key.json")]);
    assert_eq!(google.check().await.unwrap().name.as_deref(), Some("ci@acme.iam.gserviceaccount.com"));
    assert_eq!(names(&all(&*google, &root()).await), ["acme"], "the project of the account");
    assert_eq!(all(&*google, &images()).await.len(), 2);
    assert_eq!(all(&*google, &app()).await.len(), 5);
    // The same key as Docker stores it.
    let stored = open(settings(&fake.url(), &[("projects", "acme")]), basic("_json_key", &key));
    assert_eq!(all(&*stored, &images()).await.len(), 2);
    assert_eq!(all(&*stored, &app()).await.len(), 5);
}
