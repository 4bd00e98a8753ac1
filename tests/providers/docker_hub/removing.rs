//! Untying, deleting, and what goes along.

use serde_json::json;
use tagalong::domain::{Digest, FailureKind, NodeKind};

use super::fake::{Hub, Row};
use super::{all, names, namespace, repository, signed_in, tag};

fn tags_of(hub: &Hub, repository: &str) -> Vec<String> {
    hub.state().repositories.get(repository).unwrap().iter().map(|row| row.name.clone()).collect()
}

#[tokio::test]
async fn untying_leaves_the_other_tags_of_the_image() {
    let hub = Hub::start().await;
    hub.add("acme/api", "1", "one");
    hub.add("acme/api", "latest", "one");
    let provider = signed_in(&hub);
    provider.untag().unwrap().untag(&tag("acme/api", "latest")).await.unwrap();
    assert_eq!(names(&provider.children(&repository("acme/api"), None).await.unwrap()), ["1"]);
    let again = provider.untag().unwrap().untag(&tag("acme/api", "latest")).await.unwrap_err();
    assert_eq!(again.kind, FailureKind::NotFound);
}

#[tokio::test]
async fn an_image_goes_with_every_tag_that_was_shown_before() {
    let hub = Hub::start().await;
    for n in 0..120 {
        hub.add("acme/api", &format!("nightly-{n}"), &format!("nightly {n}"));
    }
    let digest = hub.add("acme/api", "1", "one");
    hub.add("acme/api", "latest", "one");
    // A tag whose digest the list does not tell is looked up.
    let images = Vec::new();
    hub.put("acme/api", Row { name: "old".to_owned(), digest: digest.clone(), images, told: false });
    let provider = signed_in(&hub);
    let impact = provider.blast().unwrap().impact(&tag("acme/api", "1")).await.unwrap();
    assert_eq!(impact.digest, digest);
    assert_eq!(impact.tags, ["1", "latest", "old"]);
    assert_eq!((impact.looked_at, impact.unknown.len()), ((123, 123), 0));
    provider.delete().unwrap().delete_manifest(&repository("acme/api"), &digest).await.unwrap();
    let left = tags_of(&hub, "acme/api");
    assert_eq!(left.len(), 120);
    assert!(left.iter().all(|tag| tag.starts_with("nightly-")));
    assert_eq!(hub.state().count("registry GET /v2/acme/api/manifests"), 0, "no pull was spent");
}

#[tokio::test]
async fn a_part_of_an_index_is_named_with_the_tags_that_hold_it() {
    let hub = Hub::start().await;
    let (index, arm) = (Digest::of(b"index"), Digest::of(b"arm"));
    let images = vec![("linux", "arm64", arm.clone()), ("linux", "amd64", Digest::of(b"amd"))];
    hub.put("acme/api", Row { name: "2".to_owned(), digest: index, images, told: true });
    let provider = signed_in(&hub);
    let blast = provider.blast().unwrap();
    let whole = blast.impact(&tag("acme/api", "2")).await.unwrap();
    assert_eq!(whole.children.len(), 2);
    let part = repository("acme/api").child(NodeKind::Manifest, &arm.to_string());
    let impact = blast.impact(&part).await.unwrap();
    assert_eq!((impact.tags.len(), impact.in_indexes), (0, vec!["2".to_owned()]));
    let refused =
        provider.delete().unwrap().delete_manifest(&repository("acme/api"), &arm).await.unwrap_err();
    assert_eq!(refused.kind, FailureKind::Unsupported);
    assert!(refused.said.ends_with("a part of 2"), "{refused}");
    let unknown = Digest::of(b"never");
    let gone =
        provider.delete().unwrap().delete_manifest(&repository("acme/api"), &unknown).await.unwrap_err();
    assert_eq!(gone.kind, FailureKind::NotFound);
}

#[tokio::test]
async fn a_repository_goes_with_everything_in_it() {
    let hub = Hub::start().await;
    hub.add("acme/api", "1", "one");
    hub.add("acme/worker", "1", "one");
    let provider = signed_in(&hub);
    let facet = provider.delete_repository().unwrap();
    facet.delete_repository(&repository("acme/api")).await.unwrap();
    let left: Vec<String> = all(&provider, &namespace("acme")).await.into_iter().map(|e| e.name).collect();
    assert_eq!(left, ["acme/worker"]);
    let again = facet.delete_repository(&repository("acme/api")).await.unwrap_err();
    assert_eq!(again.kind, FailureKind::NotFound);
}

#[tokio::test]
async fn a_token_that_may_not_delete_is_told_which_access_it_lacks() {
    let hub = Hub::start().await;
    let digest = hub.add("acme/api", "1", "one");
    hub.state().may_delete = false;
    let provider = signed_in(&hub);
    let failures = [
        provider.untag().unwrap().untag(&tag("acme/api", "1")).await.unwrap_err(),
        provider.delete().unwrap().delete_manifest(&repository("acme/api"), &digest).await.unwrap_err(),
        provider.delete_repository().unwrap().delete_repository(&repository("acme/api")).await.unwrap_err(),
    ];
    for failure in failures {
        assert_eq!(failure.kind, FailureKind::Forbidden);
        assert!(failure.said.contains("“Read, Write, Delete” (repo:admin)"), "{failure}");
    }
    assert_eq!(tags_of(&hub, "acme/api"), ["1"]);
}

/// The list of tags as it was a moment ago: `1` and `latest` at `digest`, of `count`.
fn lay_list(hub: &Hub, digest: &Digest, count: u64) {
    let row = |name: &str| json!({ "name": name, "digest": digest });
    let list = json!({ "count": count, "next": null, "results": [row("1"), row("latest")] });
    hub.fault("/repositories/api/tags?", 1, 200, list.to_string().leak());
}

#[tokio::test]
async fn only_tags_that_still_point_at_the_image_are_removed() {
    let hub = Hub::start().await;
    let digest = hub.add("acme/api", "1", "one");
    hub.add("acme/api", "latest", "pushed meanwhile");
    lay_list(&hub, &digest, 2);
    let (at, shown) = (repository("acme/api"), ["1".to_owned(), "latest".to_owned()]);
    signed_in(&hub).delete().unwrap().delete_shown(&at, &digest, &shown).await.unwrap();
    assert_eq!(tags_of(&hub, "acme/api"), ["latest"]);
}

#[tokio::test]
async fn tags_that_nobody_was_shown_stay() {
    let hub = Hub::start().await;
    let digest = hub.add("acme/api", "1", "one");
    hub.add("acme/api", "latest", "one");
    let (at, shown) = (repository("acme/api"), ["1".to_owned()]);
    let provider = signed_in(&hub);
    let refused = provider.delete().unwrap().delete_shown(&at, &digest, &shown).await.unwrap_err();
    assert_eq!(refused.kind, FailureKind::Conflict);
    assert!(refused.said.contains("not shown before: latest;"), "{refused}");
    assert_eq!(tags_of(&hub, "acme/api"), ["1", "latest"]);
}

#[tokio::test]
async fn nothing_is_removed_while_a_tag_is_unknown() {
    let hub = Hub::start().await;
    let digest = hub.add("acme/api", "1", "one");
    hub.add("acme/api", "latest", "one");
    lay_list(&hub, &digest, 5);
    let at = repository("acme/api");
    let refused = signed_in(&hub).delete().unwrap().delete_manifest(&at, &digest).await.unwrap_err();
    assert_eq!(refused.kind, FailureKind::Conflict);
    assert!(refused.said.contains("3 further tags were not looked at"), "{refused}");
    assert_eq!(tags_of(&hub, "acme/api"), ["1", "latest"]);
}
