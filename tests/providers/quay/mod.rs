//! Quay against a stateful fake of its API and registry, and against quay.io's own API description.

mod browsing;
mod conforming;
mod contract;
mod refusals;
mod removing;

use std::sync::Arc;

use tagalong::domain::{Credential, Cursor, Entry, Locator, NodeKind, Page};
use tagalong::registry::Provider;

use super::support::{basic, connection, open, root};
use crate::fakes::quay as fake;
use fake::{Fake, OAUTH, PASSWORD, PERSON, ROBOT, ROBOT_TOKEN};

/// The provider as the form opens it when no user is typed beside an OAuth token.
fn with_oauth(fake: &Fake) -> Arc<dyn Provider> {
    signed_in(fake, basic("$oauthtoken", OAUTH))
}

fn signed_in(fake: &Fake, credential: Credential) -> Arc<dyn Provider> {
    open(connection("quay", &fake.url, &[]), credential)
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
