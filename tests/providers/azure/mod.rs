//! Azure against a stateful fake of Entra, the resource manager and a registry, and against Microsoft's own descriptions.

mod acting;
mod applying;
mod browsing;
mod building;
mod clouds;
mod contract;
mod contract_offers;
mod creating;
mod deleting;
mod deploying;
mod locks;
mod offering;
mod refusals;
mod rights;
mod signing_in;
mod tasks;

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::sync::Arc;

use async_trait::async_trait;
use tagalong::domain::{Connection, Credential, Entry, Failure, Locator, NodeKind, Secret};
use tagalong::registry::{Opening, Provider, Surroundings, catalog};

use super::conformance::{self, Holds, repositories};
use super::fakes::azure::{agents, application, fake};
use super::images::{noise, put_image};
use super::support::{basic, connection, open, opening, root};
use fake::{CLIENT, Fake, HOME, SECRET, SUBSCRIPTION};

/// The account that a registry's refresh token goes with.
const NOBODY: &str = "00000000-0000-0000-0000-000000000000";
const EVERYWHERE: &str = "https://azurecr.io";

/// A connection to everything that the fake has.
fn asking(control: &str, more: &[(&str, &str)]) -> Connection {
    let mut settings = vec![("authority", control), ("arm", control), ("portal", "https://portal.example")];
    settings.extend_from_slice(more);
    connection("azure", EVERYWHERE, &settings)
}

/// The provider, signed in as a service principal.
fn signed_in(fake: &Fake) -> Arc<dyn Provider> {
    with_secret(fake, SECRET)
}

fn with_secret(fake: &Fake, secret: &str) -> Arc<dyn Provider> {
    let settings = [("sign_in", "service principal"), ("tenant", HOME)];
    open(asking(&fake.control, &settings), basic(CLIENT, secret))
}

/// A machine with these variables, and with an `az` that prints what the fake takes.
#[derive(Default)]
struct Around {
    variables: BTreeMap<&'static str, String>,
    az: Option<Fake>,
}

#[async_trait]
impl Surroundings for Around {
    fn variable(&self, name: &str) -> Option<String> {
        self.variables.get(name).cloned()
    }

    fn home(&self) -> PathBuf {
        PathBuf::from("/nonexistent")
    }

    async fn ask(&self, program: &str, arguments: &[&str]) -> Result<Option<Secret>, Failure> {
        let Some(fake) = self.az.as_ref().filter(|_| program == "az") else { return Ok(None) };
        fake.az(arguments).map(|printed| Some(Secret::new(printed)))
    }
}

fn around(connection: Connection, around: Around) -> Arc<dyn Provider> {
    let plain = opening(connection, Credential::Anonymous);
    catalog::open(&Opening { surroundings: Arc::new(around), ..plain }).unwrap()
}

fn registry_of(fake: &Fake) -> Locator {
    root().child(NodeKind::Namespace, SUBSCRIPTION).child(NodeKind::Registry, fake.server())
}

fn repository(fake: &Fake, name: &str) -> Locator {
    registry_of(fake).child(NodeKind::Repository, name)
}

/// All children of a node, page after page.
async fn all(provider: &dyn Provider, at: &Locator) -> Vec<Entry> {
    let (mut entries, mut cursor) = (Vec::new(), None);
    for _ in 0..200 {
        let page = provider.children(at, cursor.as_ref()).await.unwrap();
        entries.extend(page.entries);
        match page.next {
            Some(next) => cursor = Some(next),
            None => return entries,
        }
    }
    panic!("{at:?} has no end");
}

fn names(entries: &[Entry]) -> Vec<&str> {
    entries.iter().map(|e| e.name.as_str()).collect()
}

/// A registry with repositories, tags and manifests without one.
async fn filled() -> Fake {
    let fake = Fake::start().await;
    for (tag, seed) in [("1.0", 1), ("1", 1), ("latest", 1), ("0.9", 2), ("0.8", 3)] {
        put_image(fake.store(), "acme/api", tag, &[noise(seed, 100)]);
    }
    put_image(fake.store(), "acme/spare", "1", &[noise(4, 100)]);
    put_image(fake.store(), "worker", "1", &[noise(5, 100)]);
    fake
}

/// The same, with a manifest without a tag.
async fn to_conform() -> Fake {
    let fake = filled().await;
    put_image(fake.store(), "acme/api", "passing", &[noise(8, 100)]);
    assert!(fake.store().remove_tag("acme/api", "passing"));
    fake
}

fn holds(account: &'static str, engine: &'static str, host: &str) -> Holds {
    Holds {
        account: Some(account),
        engine: Some(engine),
        host: host.to_owned(),
        repositories: repositories(&[
            ("acme/api", &["1.0", "1", "latest", "0.9", "0.8"]),
            ("acme/spare", &["1"]),
            ("worker", &["1"]),
        ]),
        siblings: Some(("acme/api", &["1.0", "1", "latest"])),
        spare: Some("acme/spare"),
        ..Holds::default()
    }
}

#[tokio::test]
async fn azure_conforms() {
    let fake = to_conform().await;
    conformance::check(&*signed_in(&fake), &holds(CLIENT, NOBODY, "azurecr.io")).await;
}

#[tokio::test]
async fn one_registry_conforms() {
    let fake = to_conform().await;
    let connection = connection("azure", &format!("http://{}", fake.server()), &[]);
    let provider = open(connection, basic("admin", fake::ADMIN));
    conformance::check(&*provider, &holds("admin", "admin", fake.server())).await;
    assert!(!fake.asked("exchange"), "the registry's own sign-in needs no other");
}

#[tokio::test]
async fn azure_keeps_its_sign_in() {
    let fake = filled().await;
    conformance::keeps_its_sign_in(std::slice::from_ref(&fake.control), SECRET, async |urls| {
        let settings = [("sign_in", "service principal"), ("tenant", HOME)];
        open(asking(&urls[0], &settings), basic(CLIENT, SECRET))
    })
    .await;
    let one = [format!("http://{}", fake.server())];
    conformance::keeps_its_sign_in(&one, fake::ADMIN, async |urls| {
        open(connection("azure", &urls[0], &[]), basic("admin", fake::ADMIN))
    })
    .await;
}
