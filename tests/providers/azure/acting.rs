//! Untagging and deleting, locks, and rights that are missing.

use tagalong::domain::{FailureKind, NodeKind};

use super::*;

#[tokio::test]
async fn an_image_goes_with_its_tags() {
    let fake = filled().await;
    let provider = signed_in(&fake);
    let at = repository(&fake, "acme/api");
    let tag = at.child(NodeKind::Tag, "1.0");
    let impact = provider.blast().unwrap().impact(&tag).await.unwrap();
    assert_eq!(impact.tags.len(), 3, "{impact:?}");
    assert_eq!((impact.looked_at, impact.unknown.as_slice()), ((5, 5), [].as_slice()));
    provider.untag().unwrap().untag(&tag).await.unwrap();
    assert!(fake.store().resolve("acme/api", "1").is_some(), "its siblings stay");
    provider.delete().unwrap().delete_manifest(&at, &impact.digest).await.unwrap();
    assert_eq!(fake.store().tags("acme/api").len(), 2);
}

#[tokio::test]
async fn a_lock_is_explained() {
    let fake = filled().await;
    let provider = signed_in(&fake);
    let at = repository(&fake, "worker");
    let digest = fake.store().resolve("worker", "1").unwrap();
    fake.state().locked.extend(["worker:1".to_owned(), digest.to_string()]);
    let untag = provider.untag().unwrap().untag(&at.child(NodeKind::Tag, "1")).await.unwrap_err();
    let delete = provider.delete().unwrap().delete_manifest(&at, &digest).await.unwrap_err();
    let whole = provider.delete_repository().unwrap().delete_repository(&at).await.unwrap_err();
    for (failure, said) in [
        (untag, "locked: the tag 1 (deleteEnabled is off)"),
        (delete, "locked: the manifest (deleteEnabled is off), the tag 1 (deleteEnabled is off)"),
        (whole, "something in it may be locked"),
    ] {
        assert_eq!(failure.kind, FailureKind::Conflict, "{failure}");
        assert!(failure.said.contains(said), "{failure}");
    }
    assert!(fake.store().resolve("worker", "1").is_some());
}

#[tokio::test]
async fn a_missing_right_is_named_by_its_role() {
    let fake = filled().await;
    fake.state().may_delete = false;
    let provider = signed_in(&fake);
    let at = repository(&fake, "worker");
    let failure = provider.untag().unwrap().untag(&at.child(NodeKind::Tag, "1")).await.unwrap_err();
    assert_eq!(failure.kind, FailureKind::Forbidden);
    assert!(failure.said.contains("this needs the role AcrDelete"), "{failure}");
    assert!(fake.store().resolve("worker", "1").is_some());
}
