//! What a provider can do beyond listing: each facet, once.
//!
//! Invariant: nothing is changed but what [`Holds`] offers for it.

use tagalong::domain::{Capabilities, Digest, FailureKind, Locator, NodeKind};
use tagalong::registry::{CreateRepository, Delete, DeleteRepository, Provider, Untag};

use super::Holds;
use super::walk::{Node, list};

/// A capability is there exactly when its facet is.
pub(super) fn are_what_the_capabilities_say(provider: &dyn Provider) {
    let capabilities = provider.capabilities();
    for (capability, facet) in [
        (Capabilities::UNTAG, provider.untag().is_some()),
        (Capabilities::DELETE, provider.delete().is_some()),
        (Capabilities::DELETE_REPOSITORY, provider.delete_repository().is_some()),
        (Capabilities::CREATE_REPOSITORY, provider.create_repository().is_some()),
        (Capabilities::WEB, provider.has_web()),
    ] {
        assert_eq!(capabilities.contains(capability), facet, "{capability:?}");
    }
}

/// Uses every facet once.
pub(super) async fn work(provider: &dyn Provider, nodes: &[Node], holds: &Holds) {
    if let Some((name, tags)) = holds.siblings {
        let repository = repository(nodes, name);
        describe_and_blast(provider, &repository, tags).await;
        if let Some(facet) = provider.untag() {
            untie(provider, facet, &repository, tags).await;
        }
        if let Some(facet) = provider.delete() {
            delete(provider, facet, &repository, tags).await;
        }
    }
    if let (Some(facet), Some(name)) = (provider.create_repository(), holds.makes) {
        let parent =
            repository(nodes, holds.spare.expect("a repository beside the new one")).parent().unwrap();
        make(provider, facet, &parent, name).await;
    }
    if let (Some(facet), Some(name)) = (provider.delete_repository(), holds.spare) {
        remove(provider, facet, &repository(nodes, name)).await;
    }
}

fn repository(nodes: &[Node], name: &str) -> Locator {
    let found = nodes.iter().find(|n| n.at.kind() == NodeKind::Repository && n.at.name() == name);
    found.unwrap_or_else(|| panic!("no repository {name}")).at.clone()
}

async fn names(provider: &dyn Provider, at: &Locator) -> Vec<String> {
    list(provider, at).await.into_iter().map(|e| e.name).collect()
}

async fn describe_and_blast(provider: &dyn Provider, repository: &Locator, tags: &[&str]) {
    let tag = repository.child(NodeKind::Tag, tags[0]);
    if let Some(facet) = provider.describe() {
        for at in [repository, &tag] {
            facet.describe(at).await.unwrap_or_else(|f| panic!("what is told of {at:?}: {}", f.sentence()));
        }
    }
    if let Some(facet) = provider.blast() {
        let impact = facet.impact(&tag).await.unwrap();
        for &sibling in tags {
            assert!(impact.tags.iter().any(|t| t == sibling), "{sibling} is in the blast radius: {impact:?}");
        }
    }
}

/// One tag goes and its siblings stay.
async fn untie(provider: &dyn Provider, facet: &dyn Untag, repository: &Locator, tags: &[&str]) {
    let [one, siblings @ ..] = tags else { panic!("no tags to untie") };
    assert!(siblings.len() > 1, "two siblings at least, one of which is left for the delete");
    let at = repository.child(NodeKind::Tag, one);
    facet.untag(&at).await.unwrap();
    let left = names(provider, repository).await;
    assert!(!left.iter().any(|t| t == one), "{one} is untied: {left:?}");
    for sibling in siblings {
        assert!(left.iter().any(|t| t == sibling), "{sibling} stays: {left:?}");
    }
    assert_eq!(facet.untag(&at).await.unwrap_err().kind, FailureKind::NotFound, "{one} is untied twice");
}

/// A manifest goes with all of its tags, and with nothing else.
async fn delete(provider: &dyn Provider, facet: &dyn Delete, repository: &Locator, tags: &[&str]) {
    let before = names(provider, repository).await;
    let digest = digest_of(provider, repository, tags[tags.len() - 1]).await;
    facet.delete_manifest(repository, &digest).await.unwrap();
    let left = match provider.children(repository, None).await {
        Err(failure) if failure.kind == FailureKind::NotFound => Vec::new(),
        _ => names(provider, repository).await,
    };
    let others = before.iter().filter(|t| !tags.contains(&t.as_str()) && t.parse::<Digest>().is_err());
    let others: Vec<&String> = others.collect();
    for &tag in tags {
        assert!(!left.iter().any(|t| t == tag), "{tag} goes with its manifest: {left:?}");
    }
    assert!(others.iter().all(|t| left.contains(t)), "the others stay: {others:?}, {left:?}");
    let again = facet.delete_manifest(repository, &digest).await.unwrap_err();
    assert_eq!(again.kind, FailureKind::NotFound, "a manifest is deleted twice");
}

async fn digest_of(provider: &dyn Provider, repository: &Locator, tag: &str) -> Digest {
    let entries = list(provider, repository).await;
    let listed = entries.into_iter().find(|e| e.name == tag).and_then(|e| e.facts?.digest);
    match listed {
        Some(digest) => digest,
        None => {
            let registry = provider.distribution(repository).unwrap();
            registry.resolve(repository.name(), tag).await.unwrap().digest
        }
    }
}

/// A repository is made once.
async fn make(provider: &dyn Provider, facet: &dyn CreateRepository, parent: &Locator, name: &str) {
    let made = facet.create_repository(parent, name).await.unwrap();
    assert!(names(provider, parent).await.iter().any(|n| n == made.name()), "{name} is listed");
    let again = facet.create_repository(parent, name).await.unwrap_err();
    assert_eq!(again.kind, FailureKind::Conflict, "{name} is made twice");
}

/// A repository goes with everything in it, once.
async fn remove(provider: &dyn Provider, facet: &dyn DeleteRepository, at: &Locator) {
    facet.delete_repository(at).await.unwrap();
    let left = names(provider, &at.parent().unwrap()).await;
    assert!(!left.iter().any(|n| n == at.name()), "{} is gone: {left:?}", at.name());
    let again = facet.delete_repository(at).await.unwrap_err();
    assert_eq!(again.kind, FailureKind::NotFound, "a repository is deleted twice");
}
