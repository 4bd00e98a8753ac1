//! Google against a fake of it, and its API against the vendor's own description.

mod acting;
mod away;
mod contract;
mod listing;
mod signing_in;
mod telling;

use std::sync::Arc;

use crate::fakes::google as fake;
use fake::{Fake, Image, TOKEN, manifest};
use tagalong::domain::{Connection, Credential, Entry, Locator, NodeKind};
use tagalong::registry::Provider;

use super::conformance::{self, Holds, repositories};
use super::support::{basic, connection, open, root};

const US: &str = "us-docker.pkg.dev";

/// A connection to the fake with these values of the form besides.
fn settings(url: &str, further: &[(&str, &str)]) -> Connection {
    let registry = format!("{url}/{{host}}");
    let mut all = vec![("api", url), ("registry", registry.as_str())];
    all.extend(further);
    connection("google", &format!("{url}/{US}"), &all)
}

/// Signed in with the access token that is good.
fn signed_in(fake: &Fake, further: &[(&str, &str)]) -> Arc<dyn Provider> {
    open(settings(&fake.url(), further), basic("oauth2accesstoken", TOKEN))
}

/// Signed in, with the project `acme`.
fn acme(fake: &Fake) -> Arc<dyn Provider> {
    signed_in(fake, &[("projects", "acme")])
}

fn stranger(fake: &Fake) -> Arc<dyn Provider> {
    open(settings(&fake.url(), &[("sign_in", "none")]), Credential::Anonymous)
}

fn host(name: &str) -> Locator {
    root().child(NodeKind::Namespace, "acme").child(NodeKind::Registry, name)
}

fn images() -> Locator {
    host(US).child(NodeKind::Namespace, "acme/images")
}

fn app() -> Locator {
    images().child(NodeKind::Repository, "acme/images/app")
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

#[tokio::test]
async fn google_conforms() {
    let fake = Fake::start().await;
    fake.edit().page_size = 2;
    for n in 0..5 {
        fake.put(US, &format!("acme/images/n{n}"), Image::from([manifest(20 + n, &["1"])]));
    }
    let mut held = repositories(&[
        ("acme/images/app", &["1.0", "1", "latest", "2.0"]),
        ("acme/images/team/web", &["main"]),
        ("acme/mirror/nginx", &["1.27"]),
        ("acme/old", &["v1"]),
    ]);
    held.extend((0..5).map(|n| (format!("acme/images/n{n}"), vec!["1".to_owned()])));
    let holds = Holds {
        engine: Some("oauth2accesstoken"),
        host: US.to_owned(),
        repositories: held,
        siblings: Some(("acme/images/app", &["1.0", "1", "latest"])),
        spare: Some("acme/images/team/web"),
        ..Holds::default()
    };
    conformance::check(&*acme(&fake), &holds).await;
}

#[tokio::test]
async fn google_keeps_its_sign_in() {
    let fake = Fake::start().await;
    fake.edit().page_size = 2;
    conformance::keeps_its_sign_in(&[fake.url()], TOKEN, async |urls| {
        open(settings(&urls[0], &[("projects", "acme")]), basic("oauth2accesstoken", TOKEN))
    })
    .await;
}
