//! What has to hold for every provider, whatever its vendor.
//!
//! ```ignore
//! let vendor = Fake::start().await; // with at least one list of several pages
//! let holds = Holds {
//!     account: Some("ann"),
//!     host: "vendor.example".to_owned(),
//!     repositories: repositories(&[("acme/api", &["1.0", "1", "latest", "2.0"]), ("acme/spare", &["1"])]),
//!     siblings: Some(("acme/api", &["1.0", "1", "latest"])),
//!     spare: Some("acme/spare"),
//!     ..Holds::default()
//! };
//! conformance::check(&open(&vendor.url()), &holds).await;
//! conformance::keeps_its_sign_in(&[vendor.url()], "the password", |urls| open(&urls[0])).await;
//! ```
//!
//! Invariant: it knows the seam alone, and what a fake holds only from [`Holds`].

mod facets;
mod naive;
mod trap;
mod walk;

use std::collections::HashSet;
use std::sync::Arc;

use tagalong::domain::{Digest, FailureKind, Locator, NodeKind};
use tagalong::http::{FixedSignIn, Http, Settings};
use tagalong::registry::{Distribution, Provider};

use super::support::root;
use walk::{Node, list, walk};

pub(crate) use trap::keeps_its_sign_in;

/// What a fake holds, and which parts of it the suite may change.
#[derive(Default)]
pub(crate) struct Holds {
    /// The account that a check of the connection tells.
    pub(crate) account: Option<&'static str>,
    /// The name with which whoever signs in to the registry in the connection's place does so, such as an engine.
    pub(crate) engine: Option<&'static str>,
    /// What references start with, where no registry's step says it.
    pub(crate) host: String,
    /// Every repository by its name in the protocol, with its tags.
    pub(crate) repositories: Vec<(String, Vec<String>)>,
    /// Whether the protocol is not served beside the vendor's API, so that nothing can be compared with it.
    pub(crate) without_protocol: bool,
    /// A repository, and all the tags (three or more) of one manifest in it, to be untied and deleted.
    pub(crate) siblings: Option<(&'static str, &'static [&'static str])>,
    /// A repository that may be deleted.
    pub(crate) spare: Option<&'static str>,
    /// A repository that may be made, beside the spare one.
    pub(crate) makes: Option<&'static str>,
}

/// The repositories of [`Holds`].
pub(crate) fn repositories(held: &[(&str, &[&str])]) -> Vec<(String, Vec<String>)> {
    let owned = |tags: &[&str]| tags.iter().map(|&t| t.to_owned()).collect();
    held.iter().map(|(name, tags)| ((*name).to_owned(), owned(tags))).collect()
}

/// Checks everything, and last what changes the content.
pub(crate) async fn check(provider: &dyn Provider, holds: &Holds) {
    let account = provider.check().await.unwrap();
    assert_eq!(account.name.as_deref(), holds.account, "the account that a check tells");
    let nodes = walk(provider, &root()).await;
    everything_is_found(&nodes, holds);
    references_are_read_back(&nodes, &holds.host);
    pages_of_people(provider, &nodes);
    if !holds.without_protocol {
        facts_agree_with_the_protocol(provider, &nodes).await;
        an_engine_gets_in(provider, &nodes, holds.engine).await;
    }
    the_unknown_is_not_found(provider, &nodes, holds).await;
    given_up_requests_leave_nothing(provider).await;
    facets::are_what_the_capabilities_say(provider);
    facets::work(provider, &nodes, holds).await;
}

/// Every repository under its protocol name, with its tags, and nothing else.
fn everything_is_found(nodes: &[Node], holds: &Holds) {
    let mut found: Vec<(String, Vec<String>)> = Vec::new();
    for repository in nodes.iter().filter(|n| n.at.kind() == NodeKind::Repository) {
        let tags = nodes.iter().filter(|n| n.at.kind() == NodeKind::Tag && n.at.is_within(&repository.at));
        let mut tags: Vec<String> = tags.map(|t| t.at.name().to_owned()).collect();
        tags.sort();
        found.push((repository.at.name().to_owned(), tags));
    }
    found.sort();
    let mut expected = holds.repositories.clone();
    expected.iter_mut().for_each(|(_, tags)| tags.sort());
    expected.sort();
    assert_eq!(found, expected, "repositories by their names in the protocol, with their tags");
}

/// What a person copies can be pasted.
fn references_are_read_back(nodes: &[Node], host: &str) {
    for node in nodes {
        let names_content =
            matches!(node.at.kind(), NodeKind::Repository | NodeKind::Tag | NodeKind::Manifest);
        let Some(reference) = node.at.reference(host) else {
            assert!(!names_content, "no reference for {:?}", node.at);
            continue;
        };
        let mut text = reference.to_string();
        if reference.tag.is_none() && reference.digest.is_none() {
            text.push_str(":latest");
        }
        let read: tagalong::domain::Reference = text.parse().unwrap_or_else(|e| panic!("{text}: {e}"));
        assert_eq!(read.to_string(), text);
    }
}

/// Pages for people exist where the provider says so, and are https or the fake's own address.
fn pages_of_people(provider: &dyn Provider, nodes: &[Node]) {
    let pages: Vec<String> = nodes.iter().filter_map(|n| provider.web(&n.at)).collect();
    assert_eq!(provider.has_web(), !pages.is_empty(), "pages for people: {pages:?}");
    for page in pages {
        assert!(page.starts_with("https://") || page.starts_with("http://127.0.0.1"), "{page}");
    }
}

/// The digest and type that a listing told are those that the protocol tells.
async fn facts_agree_with_the_protocol(provider: &dyn Provider, nodes: &[Node]) {
    for repository in nodes.iter().filter(|n| n.at.kind() == NodeKind::Repository) {
        let inside = |n: &&Node| n.at.is_within(&repository.at);
        let known =
            nodes.iter().filter(inside).filter(|n| n.facts.as_ref().is_some_and(|f| f.digest.is_some()));
        for node in known.take(5) {
            let facts = node.facts.as_deref().unwrap();
            let registry = protocol(provider, &node.at);
            let told = registry.resolve(repository.at.name(), node.at.name()).await.unwrap();
            assert_eq!(facts.digest.as_ref(), Some(&told.digest), "the digest of {:?}", node.at);
            if let Some(media_type) = &facts.media_type {
                assert_eq!(*media_type, told.media_type, "the type of {:?}", node.at);
            }
        }
    }
}

/// With what a client gives away of its sign-in, somebody who knows nothing else gets to every registry's content.
async fn an_engine_gets_in(provider: &dyn Provider, nodes: &[Node], name: Option<&str>) {
    let mut hosts = HashSet::new();
    for tag in nodes.iter().filter(|n| n.at.kind() == NodeKind::Tag) {
        let own = protocol(provider, &tag.at);
        if !hosts.insert(own.http().base().clone()) {
            continue;
        }
        let credential = own.http().credential().await.unwrap();
        assert_eq!(credential.username(), name, "the name for {}", own.http().base());
        let sign_in = Arc::new(FixedSignIn(credential));
        let engine = Http::new(Settings { sign_in, ..Settings::new(own.http().base().clone()) });
        let (repository, name) = (tag.at.repository().unwrap(), tag.at.name());
        let got = Distribution::new(engine).resolve(repository, name).await;
        let got = got.unwrap_or_else(|e| panic!("{:?}: {}", tag.at, e.sentence()));
        assert_eq!(got.digest, own.resolve(repository, name).await.unwrap().digest);
    }
    assert!(!hosts.is_empty());
}

fn protocol(provider: &dyn Provider, at: &Locator) -> Distribution {
    provider.distribution(at).unwrap_or_else(|| panic!("no protocol client for {at:?}"))
}

/// A repository, tag and manifest that nobody has.
async fn the_unknown_is_not_found(provider: &dyn Provider, nodes: &[Node], holds: &Holds) {
    let known = nodes.iter().find(|n| n.at.kind() == NodeKind::Repository).expect("a repository");
    let absent = format!("{}-absent", known.at.name());
    let nowhere = known.at.parent().unwrap().child(NodeKind::Repository, &absent);
    let kind = provider.children(&nowhere, None).await.unwrap_err().kind;
    assert_eq!(kind, FailureKind::NotFound, "the tags of {absent}");
    if holds.without_protocol {
        return;
    }
    let registry = protocol(provider, &known.at);
    let digest = Digest::of(b"absent").to_string();
    for target in ["absent", digest.as_str()] {
        let kind = registry.manifest(known.at.name(), target).await.unwrap_err().kind;
        assert_eq!(kind, FailureKind::NotFound, "{target} of {}", known.at.name());
    }
}

/// Requests that are begun and dropped hold up no others.
async fn given_up_requests_leave_nothing(provider: &dyn Provider) {
    use futures_util::FutureExt as _;
    for _ in 0..50 {
        let ready = provider.children(&root(), None).now_or_never();
        assert!(ready.is_none_or(|r| r.is_ok()));
    }
    let again = tokio::time::timeout(walk::PATIENCE, list(provider, &root())).await;
    assert!(!again.expect("a list after those that were given up").is_empty());
}
