//! Untagging, deleting, and what Harbor says when it does not want to.

use tagalong::domain::{FailureKind, NodeKind};

use super::fake::Fake;
use super::{all, names, project, repository, signed_in};

#[tokio::test]
async fn a_tag_goes_and_its_siblings_stay() {
    let fake = Fake::start().await;
    let harbor = signed_in(&fake, "ann");
    let at = repository("acme/api").child(NodeKind::Tag, "1.0");
    harbor.untag().unwrap().untag(&at).await.unwrap();
    assert_eq!(names(&all(&*harbor, &repository("acme/api")).await), ["2.0", "1", "latest", "untagged"]);
    let again = harbor.untag().unwrap().untag(&at).await.unwrap_err();
    assert_eq!(again.kind, FailureKind::NotFound);
    assert_eq!(fake.asked("DELETE /v2/"), 0, "the protocol's delete by tag is refused there");
}

#[tokio::test]
async fn an_artifact_goes_with_its_tags() {
    let fake = Fake::start().await;
    let harbor = signed_in(&fake, "ann");
    let digest = fake.digest_of("acme/api", "1.0");
    let delete = harbor.delete().unwrap();
    delete.delete_manifest(&repository("acme/api"), &digest).await.unwrap();
    assert_eq!(names(&all(&*harbor, &repository("acme/api")).await), ["2.0", "untagged"]);
    let again = delete.delete_manifest(&repository("acme/api"), &digest).await.unwrap_err();
    assert_eq!(again.kind, FailureKind::NotFound);
}

#[tokio::test]
async fn a_member_of_an_index_is_explained() {
    let fake = Fake::start().await;
    let harbor = signed_in(&fake, "ann");
    let member = fake.edit().repositories["acme/api"][2].digest.clone();
    let failure =
        harbor.delete().unwrap().delete_manifest(&repository("acme/api"), &member).await.unwrap_err();
    assert_eq!(failure.kind, FailureKind::Conflict);
    assert!(failure.said.contains("an index contains it"), "{failure}");
}

#[tokio::test]
async fn a_repository_goes_with_everything() {
    let fake = Fake::start().await;
    let harbor = signed_in(&fake, "ann");
    let delete = harbor.delete_repository().unwrap();
    delete.delete_repository(&repository("acme/team/web")).await.unwrap();
    assert_eq!(names(&all(&*harbor, &project("acme")).await), ["acme/api"]);
    let again = delete.delete_repository(&repository("acme/team/web")).await.unwrap_err();
    assert_eq!(again.kind, FailureKind::NotFound);
}

#[tokio::test]
async fn immutable_tags_and_missing_rights_are_explained() {
    let fake = Fake::start().await;
    fake.edit().repositories.get_mut("acme/api").unwrap()[0].immutable = true;
    let harbor = signed_in(&fake, "ann");
    let tags = all(&*harbor, &repository("acme/api")).await;
    assert_eq!(tags[1].facts.as_ref().unwrap().note.as_deref(), Some("immutable"));
    let at = repository("acme/api").child(NodeKind::Tag, "1.0");
    let failure = harbor.untag().unwrap().untag(&at).await.unwrap_err();
    assert_eq!(failure.kind, FailureKind::Conflict);
    assert!(failure.said.contains("immutable tag rule"), "{failure}");
    let failure =
        harbor.delete_repository().unwrap().delete_repository(&repository("acme/api")).await.unwrap_err();
    assert!(failure.said.contains("immutable tag rule"), "{failure}");
    let guest = signed_in(&fake, "guest");
    let failure = guest.untag().unwrap().untag(&at).await.unwrap_err();
    assert_eq!(failure.kind, FailureKind::Forbidden);
    assert!(failure.said.contains("Maintainer or Project Admin"), "{failure}");
}

#[tokio::test]
async fn a_digest_is_never_untied_as_a_tag() {
    let fake = Fake::start().await;
    let harbor = signed_in(&fake, "ann");
    let digest = fake.digest_of("acme/api", "1.0").to_string();
    let at = repository("acme/api").child(NodeKind::Tag, &digest);
    assert_eq!(harbor.untag().unwrap().untag(&at).await.unwrap_err().kind, FailureKind::Invalid);
    assert_eq!(fake.asked("DELETE"), 0);
}
