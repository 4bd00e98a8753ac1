//! Untagging and deleting, and what Google refuses.

use tagalong::domain::{FailureKind, NodeKind};

use super::fake::Fake;
use super::{US, acme, all, app, images, names};

#[tokio::test]
async fn a_tag_goes_and_its_siblings_stay() {
    let fake = Fake::start().await;
    let google = acme(&fake);
    let at = app().child(NodeKind::Tag, "1.0");
    google.untag().unwrap().untag(&at).await.unwrap();
    assert_eq!(names(&all(&*google, &app()).await), ["2.0", "1", "latest", "untagged"]);
    assert_eq!(google.untag().unwrap().untag(&at).await.unwrap_err().kind, FailureKind::NotFound);
}

#[tokio::test]
async fn the_tags_go_before_their_manifest() {
    let fake = Fake::start().await;
    let google = acme(&fake);
    let digest = fake.digest_of("1.0");
    google.delete().unwrap().delete_manifest(&app(), &digest).await.unwrap();
    assert_eq!(names(&all(&*google, &app()).await), ["2.0", "untagged"]);
    assert_eq!(fake.asked("DELETE"), 4, "three tags and the digest");
    let again = google.delete().unwrap().delete_manifest(&app(), &digest).await.unwrap_err();
    assert_eq!(again.kind, FailureKind::NotFound);
}

#[tokio::test]
async fn a_member_of_an_index_is_refused_and_keeps_its_tags() {
    let fake = Fake::start().await;
    let google = acme(&fake);
    let untagged = all(&*google, &app().child(NodeKind::Untagged, "untagged")).await;
    let member = untagged[0].name.clone();
    {
        let mut shared = fake.edit();
        let image = shared.images.get_mut(&(US.to_owned(), "acme/images/app".to_owned())).unwrap();
        image.get_mut(&member).unwrap().tags.push("amd64".to_owned());
    }
    let failure =
        google.delete().unwrap().delete_manifest(&app(), &member.parse().unwrap()).await.unwrap_err();
    assert_eq!(failure.kind, FailureKind::Conflict);
    assert!(failure.said.contains("delete that index first"), "{failure}");
    assert_eq!(fake.digest_of("amd64").to_string(), member, "the tag was put back");
}

#[tokio::test]
async fn immutable_tags_are_explained() {
    let fake = Fake::start().await;
    fake.edit().immutable = true;
    let google = acme(&fake);
    let failure = google.untag().unwrap().untag(&app().child(NodeKind::Tag, "1.0")).await.unwrap_err();
    assert_eq!(failure.kind, FailureKind::Conflict);
    assert!(failure.said.contains("immutable tags"), "{failure}");
    let digest = fake.digest_of("1.0");
    google.delete().unwrap().delete_manifest(&app(), &digest).await.unwrap_err();
    assert_eq!(all(&*google, &app()).await.len(), 5, "nothing is half done");
}

#[tokio::test]
async fn an_image_is_deleted_by_the_api_which_is_waited_for() {
    let fake = Fake::start().await;
    fake.edit().slow = 2;
    let google = acme(&fake);
    let at = images().child(NodeKind::Repository, "acme/images/team/web");
    google.delete_repository().unwrap().delete_repository(&at).await.unwrap();
    assert_eq!(fake.asked("/operations/o1"), 2);
    assert_eq!(names(&all(&*google, &images()).await), ["acme/images/app"]);
    let again = google.delete_repository().unwrap().delete_repository(&at).await.unwrap_err();
    assert_eq!(again.kind, FailureKind::NotFound);
}
