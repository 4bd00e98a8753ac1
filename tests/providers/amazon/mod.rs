//! Amazon ECR and ECR Public, against a fake of the API in front of the built-in registry.

mod acting;
mod browsing;
mod contract;
mod from_the_form;
mod moto;
mod signing_in;

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::sync::Arc;

use async_trait::async_trait;
use tagalong::domain::{Connection, Failure, Locator, NodeKind, Secret};
use tagalong::http::{FixedSignIn, Silent};
use tagalong::registry::{Opening, Provider, Surroundings, catalog};

use super::conformance::{self, Holds, repositories};
use super::images::{noise, put_image};
use super::support::{basic, connection, open, root};
use crate::fakes::amazon as fake;
use fake::{ACCOUNT, Fake, KEY, SECRET};

const URL: &str = "https://amazonaws.com";

/// A connection that asks the fake, with keys that were typed.
fn asking(fake: &Fake, settings: &[(&str, &str)]) -> Connection {
    let mut all = vec![("endpoint", fake.url.as_str()), ("regions", "eu-west-1")];
    all.retain(|(name, _)| !settings.iter().any(|(other, _)| other == name));
    all.extend_from_slice(settings);
    Connection { username: KEY.to_owned(), ..connection("amazon", URL, &all) }
}

fn provider(fake: &Fake) -> Arc<dyn Provider> {
    open(asking(fake, &[]), basic(KEY, SECRET))
}

/// Surroundings with these variables, and a home folder.
struct Around {
    variables: BTreeMap<&'static str, String>,
    home: PathBuf,
}

impl Around {
    fn new(home: impl Into<PathBuf>, variables: &[(&'static str, &str)]) -> Self {
        // Nobody is asked for the keys of the machine that the test runs on.
        let disabled = [("AWS_EC2_METADATA_DISABLED", "true")];
        let all = variables.iter().chain(&disabled);
        Self { variables: all.map(|(k, v)| (*k, (*v).to_owned())).collect(), home: home.into() }
    }
}

#[async_trait]
impl Surroundings for Around {
    fn variable(&self, name: &str) -> Option<String> {
        self.variables.get(name).cloned()
    }

    fn home(&self) -> PathBuf {
        self.home.clone()
    }

    async fn ask(&self, _: &str, _: &[&str]) -> Result<Option<Secret>, Failure> {
        Ok(None)
    }
}

/// The provider without typed keys, in these surroundings.
fn found_by(connection: Connection, around: Around) -> Arc<dyn Provider> {
    let opening = Opening {
        connection: Connection { username: String::new(), ..connection },
        sign_in: Arc::new(FixedSignIn::default()),
        observer: Arc::new(Silent),
        surroundings: Arc::new(around),
    };
    catalog::open(&opening).unwrap()
}

/// The only registry of the fake.
fn registry(fake: &Fake) -> Locator {
    root().child(NodeKind::Registry, fake.url.trim_start_matches("http://"))
}

async fn refused(provider: &dyn Provider) -> Failure {
    provider.check().await.unwrap_err()
}

async fn fill(fake: &Fake) {
    let store = fake.state.server.store();
    for (tag, seed) in [("1.0", 1), ("1", 1), ("latest", 1), ("0.9", 2), ("0.8", 3)] {
        put_image(store, "acme/api", tag, &[noise(seed, 100)]);
    }
    put_image(store, "acme/spare", "1", &[noise(4, 100)]);
    put_image(store, "worker", "1", &[noise(5, 100)]);
    // Two images without a tag.
    for seed in [6, 7] {
        put_image(store, "worker", "passing", &[noise(seed, 100)]);
    }
    assert!(store.remove_tag("worker", "passing"));
}

fn holds() -> Holds {
    Holds {
        repositories: repositories(&[
            ("acme/api", &["1.0", "1", "latest", "0.9", "0.8"]),
            ("acme/spare", &["1"]),
            ("worker", &["1"]),
        ]),
        siblings: Some(("acme/api", &["1.0", "1", "latest"])),
        spare: Some("acme/spare"),
        makes: Some("acme/new"),
        ..Holds::default()
    }
}

#[tokio::test]
async fn it_holds_to_the_seam() {
    let fake = Fake::start(2).await;
    fill(&fake).await;
    let provider = open(asking(&fake, &[("account", ACCOUNT)]), basic(KEY, SECRET));
    conformance::check(&*provider, &Holds { account: Some(ACCOUNT), engine: Some("AWS"), ..holds() }).await;
}

#[tokio::test]
async fn the_public_registry_holds_to_the_seam() {
    let fake = Fake::start(2).await;
    fill(&fake).await;
    let named = |name: &str| format!("{}/{name}", fake::api::ALIAS);
    let holds = holds();
    let repositories = holds.repositories.iter().map(|(name, tags)| (named(name), tags.clone())).collect();
    let provider = open(asking(&fake, &[("regions", "public")]), basic(KEY, SECRET));
    let public = Holds {
        repositories,
        // Its host is the real one, which no test asks.
        without_protocol: true,
        siblings: Some(("acme-alias/acme/api", &["1.0", "1", "latest"])),
        spare: Some("acme-alias/acme/spare"),
        makes: holds.makes,
        ..Holds::default()
    };
    conformance::check(&*provider, &public).await;
}

#[tokio::test]
async fn the_sign_in_stays_at_home() {
    let fake = Fake::start(2).await;
    fill(&fake).await;
    let password = fake.state.password.lock().unwrap().clone();
    let open = async |urls: &[String]| open(asking(&fake, &[("endpoint", &urls[0])]), basic(KEY, SECRET));
    conformance::keeps_its_sign_in(std::slice::from_ref(&fake.url), &password, open).await;
}
