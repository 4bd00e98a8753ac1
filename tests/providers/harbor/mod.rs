//! Harbor against a fake of it, and against its own API description.

mod acting;
mod contract;
mod listing;
mod telling;

use std::sync::Arc;

use crate::fakes::harbor as fake;
use fake::Fake;
use tagalong::domain::{Credential, Entry, Locator, NodeKind};
use tagalong::registry::Provider;

use super::conformance::{self, Holds, repositories};
use super::support::{basic, connection, open, root};

fn signed_in(fake: &Fake, account: &str) -> Arc<dyn Provider> {
    open(connection("harbor", &fake.url(), &[]), basic(account, "pw"))
}

fn stranger(fake: &Fake) -> Arc<dyn Provider> {
    open(connection("harbor", &fake.url(), &[]), Credential::Anonymous)
}

fn project(name: &str) -> Locator {
    root().child(NodeKind::Namespace, name)
}

fn repository(name: &str) -> Locator {
    let (above, _) = name.split_once('/').unwrap();
    project(above).child(NodeKind::Repository, name)
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
async fn harbor_conforms() {
    let fake = Fake::start().await;
    let mut held = repositories(&[
        ("acme/api", &["1.0", "1", "latest", "2.0"]),
        ("acme/team/web", &["main"]),
        ("library/hello", &["v1"]),
    ]);
    for n in 0..105 {
        let name = format!("library/n{n}");
        fake.edit().repositories.insert(name.clone(), vec![fake::image(100 + n, &["1"])]);
        held.push((name, vec!["1".to_owned()]));
    }
    let holds = Holds {
        account: Some("ann"),
        engine: Some("ann"),
        host: "harbor.example".to_owned(),
        repositories: held,
        siblings: Some(("acme/api", &["1.0", "1", "latest"])),
        spare: Some("acme/team/web"),
        ..Holds::default()
    };
    conformance::check(&*signed_in(&fake, "ann"), &holds).await;
}

#[tokio::test]
async fn harbor_keeps_its_sign_in() {
    let fake = Fake::start().await;
    let secret = "a password of some length";
    fake.edit().accounts.insert("eve".to_owned(), (secret.to_owned(), fake::Role::Maintainer));
    conformance::keeps_its_sign_in(&[fake.url()], secret, async |urls| {
        open(connection("harbor", &urls[0], &[]), basic("eve", secret))
    })
    .await;
}
