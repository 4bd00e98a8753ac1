//! Docker Hub against a stateful fake of its web API and registry, and against Docker's own API description.

mod browsing;
mod conforming;
mod contract;
mod counting;
mod refusals;
mod removing;
mod signing_in;

use std::sync::Arc;

use tagalong::domain::{Cursor, Entry, Locator, NodeKind, Page};
use tagalong::registry::Provider;

use super::support::{basic, connection, open, root};
use crate::fakes::docker_hub as fake;
use fake::{Hub, TOKEN, USER};

/// The provider, signed in to the fake.
fn signed_in(hub: &Hub) -> Arc<dyn Provider> {
    with_secret(hub, TOKEN)
}

fn with_secret(hub: &Hub, secret: &str) -> Arc<dyn Provider> {
    open(connection("docker_hub", &hub.registry, &[("api", &hub.api)]), basic(USER, secret))
}

/// The provider without an account.
fn anonymous(hub: &Hub) -> Arc<dyn Provider> {
    let connection = connection("docker_hub", &hub.registry, &[("api", &hub.api)]);
    open(connection, tagalong::domain::Credential::Anonymous)
}

fn namespace(name: &str) -> Locator {
    root().child(NodeKind::Namespace, name)
}

fn repository(name: &str) -> Locator {
    let (above, _) = name.split_once('/').unwrap();
    namespace(above).child(NodeKind::Repository, name)
}

fn tag(name: &str, tag: &str) -> Locator {
    repository(name).child(NodeKind::Tag, tag)
}

fn names(page: &Page) -> Vec<&str> {
    page.entries.iter().map(|e| e.name.as_str()).collect()
}

/// Every page below `at`.
async fn all(provider: &Arc<dyn Provider>, at: &Locator) -> Vec<Entry> {
    let mut entries = Vec::new();
    let mut cursor: Option<Cursor> = None;
    loop {
        let page = provider.children(at, cursor.as_ref()).await.unwrap();
        entries.extend(page.entries);
        cursor = page.next;
        if cursor.is_none() {
            return entries;
        }
    }
}
