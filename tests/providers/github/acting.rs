//! Deleting and untying: exactly what was meant, told beforehand, undone when it cannot be finished.

use serde_json::json;
use tagalong::demo::Store;
use tagalong::domain::media::{OCI_INDEX, OCI_MANIFEST};
use tagalong::domain::{Digest, FailureKind, Locator, NodeKind};

use super::fake::GitHub;
use crate::desk::always;
use crate::images::{noise, put_image};
use crate::support::root;

fn repository() -> Locator {
    root().child(NodeKind::Repository, "acme/api")
}

fn tag(name: &str) -> Locator {
    repository().child(NodeKind::Tag, name)
}

/// An index of two untagged members under two tags, and a plain image beside it.
fn put_index(store: &Store) -> (Digest, Vec<Digest>) {
    let mut members = Vec::new();
    for n in 1..=2 {
        let put = put_image(store, "acme/api", "member", &[noise(n, 100)]);
        members.push(put.digest);
    }
    store.remove_tag("acme/api", "member");
    let described: Vec<_> = members
        .iter()
        .map(|digest| json!({"mediaType": OCI_MANIFEST, "digest": digest, "size": 1}))
        .collect();
    let body = json!({"schemaVersion": 2, "mediaType": OCI_INDEX, "manifests": described});
    let index = store.put_manifest("acme/api", OCI_INDEX, body.to_string());
    for tag in ["2.0", "2"] {
        store.tag("acme/api", tag, &index);
    }
    put_image(store, "acme/api", "1.0", &[noise(3, 100)]);
    (index, members)
}

#[tokio::test]
async fn the_blast_radius_of_an_index_names_its_tags_and_its_members() {
    let github = GitHub::start().await;
    let (index, members) = put_index(github.store());
    let impact = github.open().blast().unwrap().impact(&tag("2")).await.unwrap();
    assert_eq!(impact.digest, index);
    assert_eq!(impact.tags, ["2", "2.0"]);
    assert_eq!(impact.children.iter().map(|c| c.digest.clone()).collect::<Vec<_>>(), members);
    assert_eq!((impact.looked_at, impact.unknown), ((3, 3), Vec::new()));
}

#[tokio::test]
async fn an_untagged_version_that_an_index_needs_says_so() {
    let github = GitHub::start().await;
    let (index, members) = put_index(github.store());
    let provider = github.open();
    let untagged = repository().child(NodeKind::Untagged, "untagged");
    let listed = provider.children(&untagged, None).await.unwrap();
    assert_eq!(listed.entries.len(), 2);
    let at = untagged.child(NodeKind::Manifest, &members[0].to_string());
    let impact = provider.blast().unwrap().impact(&at).await.unwrap();
    assert_eq!(impact.in_indexes, ["2", "2.0"], "both tags of the index would break");
    assert!(impact.tags.is_empty());
    // An index that lost its tags still needs it.
    for tag in ["2", "2.0"] {
        github.store().remove_tag("acme/api", tag);
    }
    let impact = provider.blast().unwrap().impact(&at).await.unwrap();
    assert_eq!(impact.in_indexes, [format!("untagged {}", index.short(12))]);
}

#[tokio::test]
async fn a_delete_is_the_delete_of_a_version() {
    let github = GitHub::start().await;
    let (index, members) = put_index(github.store());
    let provider = github.open();
    provider.delete().unwrap().delete_manifest(&repository(), &index).await.unwrap();
    assert_eq!(github.store().tags("acme/api"), ["1.0"]);
    assert!(members.iter().all(|m| github.store().manifest("acme/api", m).is_some()), "members stay");
    let again = provider.delete().unwrap().delete_manifest(&repository(), &index).await.unwrap_err();
    assert_eq!(again.kind, FailureKind::NotFound);
}

#[tokio::test]
async fn the_last_tagged_version_is_kept_and_that_is_explained() {
    let github = GitHub::start().await;
    let put = put_image(github.store(), "acme/api", "only", &[noise(1, 100)]);
    let provider = github.open();
    let failure = provider.delete().unwrap().delete_manifest(&repository(), &put.digest).await.unwrap_err();
    assert_eq!(failure.kind, FailureKind::Conflict);
    assert!(failure.said.contains("delete the repository instead"), "{failure}");
    let failure = provider.untag().unwrap().untag(&tag("only")).await.unwrap_err();
    assert_eq!(failure.kind, FailureKind::Conflict);
    assert!(failure.said.contains("the only tag of the package"), "{failure}");
    assert_eq!(github.store().resolve("acme/api", "only"), Some(put.digest), "nothing was moved");
    assert_eq!(github.store().manifests("acme/api").len(), 1, "nothing was pushed");
}

#[tokio::test]
async fn a_token_that_may_not_delete_says_which_scope_it_lacks() {
    let github = GitHub::start().await;
    let (index, _) = put_index(github.store());
    *github.state.scopes.lock().unwrap() = Some("write:packages");
    let provider = github.open();
    let delete = provider.delete().unwrap().delete_manifest(&repository(), &index).await.unwrap_err();
    let untag = provider.untag().unwrap().untag(&tag("2")).await.unwrap_err();
    let whole = provider.delete_repository().unwrap().delete_repository(&repository()).await.unwrap_err();
    for failure in [delete, untag, whole] {
        assert_eq!(failure.kind, FailureKind::Forbidden);
        assert!(failure.said.contains("lacks the scope delete:packages"), "{failure}");
    }
    assert_eq!(github.store().resolve("acme/api", "2"), Some(index), "nothing was moved");
}

#[tokio::test]
async fn untying_waits_for_the_api_to_see_the_stand_in() {
    let github = GitHub::start().await;
    let (index, _) = put_index(github.store());
    let provider = github.open();
    provider.children(&repository(), None).await.unwrap();
    *github.state.lag.lock().unwrap() = 2;
    provider.untag().unwrap().untag(&tag("2")).await.unwrap();
    assert_eq!(github.store().tags("acme/api"), ["1.0", "2.0"]);
    assert_eq!(github.store().resolve("acme/api", "2.0"), Some(index));
    assert_eq!(github.store().manifests("acme/api").len(), 4, "the stand-in is gone");
}

#[tokio::test]
async fn untying_that_cannot_be_finished_is_undone() {
    let github = GitHub::start().await;
    let (index, _) = put_index(github.store());
    github.desk().lay(always("DELETE", 403, r#"{"message":"Must have admin rights to Package."}"#));
    let failure = github.open().untag().unwrap().untag(&tag("2")).await.unwrap_err();
    assert_eq!(failure.kind, FailureKind::Forbidden);
    assert_eq!(github.store().resolve("acme/api", "2"), Some(index), "the tag is back");
}

#[tokio::test]
async fn a_package_that_github_keeps_says_why() {
    let github = GitHub::start().await;
    put_index(github.store());
    let said = r#"{"message":"Publicly visible package versions with more than 5000 downloads cannot be deleted. Contact GitHub support for further assistance."}"#;
    github.desk().lay(always("DELETE", 400, said));
    let failure =
        github.open().delete_repository().unwrap().delete_repository(&repository()).await.unwrap_err();
    assert!(failure.said.contains("more than 5000 downloads"), "{failure}");
}

#[tokio::test]
async fn pages_for_people_follow_what_an_owner_is() {
    let github = GitHub::start().await;
    put_index(github.store());
    let provider = github.open();
    let unknown = provider.web(&repository()).unwrap();
    assert_eq!(unknown, format!("{}/acme/api", github.registry().url()), "the registry leads on");
    provider.children(&root(), None).await.unwrap();
    let known = provider.web(&tag("2")).unwrap();
    assert!(known.ends_with("/orgs/acme/packages/container/package/api"), "{known}");
}

#[tokio::test]
async fn of_many_versions_the_newest_are_looked_at_and_the_rest_is_told() {
    let github = GitHub::start().await;
    for n in 0..2_050 {
        let body = json!({"schemaVersion": 2, "mediaType": OCI_MANIFEST, "n": n});
        github.store().put_manifest("acme/api", OCI_MANIFEST, body.to_string());
    }
    put_image(github.store(), "acme/api", "1.0", &[noise(1, 100)]);
    let impact = github.open().blast().unwrap().impact(&tag("1.0")).await.unwrap();
    assert_eq!(impact.tags, ["1.0"]);
    assert!(
        impact.unknown.contains(&"only the first 2,000 versions were looked at".to_owned()),
        "{impact:?}"
    );
    assert_eq!(github.desk().count("/versions?"), 20);
}
