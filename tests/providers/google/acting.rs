//! Untagging and deleting, and what Google refuses.

use tagalong::domain::{FailureKind, NodeKind};

use super::fake::{Fake, Image, manifest};
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

#[tokio::test]
async fn tags_that_nobody_was_shown_stay() {
    let fake = Fake::start().await;
    let google = acme(&fake);
    let shown = ["1".to_owned(), "1.0".to_owned()];
    let facet = google.delete().unwrap();
    let refused = facet.delete_shown(&app(), &fake.digest_of("1.0"), &shown).await.unwrap_err();
    assert_eq!(refused.kind, FailureKind::Conflict);
    assert!(refused.said.contains("not shown before: latest;"), "{refused}");
    assert_eq!(fake.asked("DELETE"), 0);
}

/// The list names a tag at the image that is deleted, while it points at another by now.
#[tokio::test]
async fn a_tag_that_points_elsewhere_by_now_is_neither_removed_nor_taken_back() {
    let fake = Fake::start().await;
    let mut both = [manifest(31, &["moved"]), manifest(32, &["moved"])];
    both.sort_by(|(a, _), (b, _)| a.cmp(b));
    let [(now, _), (before, stays)] = &mut both;
    let (now, before) = (now.clone(), before.clone());
    stays.tags.push("own".to_owned());
    fake.put(US, "acme/images/app", Image::from(both));
    let google = acme(&fake);
    assert_eq!(fake.digest_of("moved").to_string(), now);
    let refused = google.delete().unwrap().delete_manifest(&app(), &before.parse().unwrap()).await;
    assert_eq!(refused.unwrap_err().kind, FailureKind::Conflict, "Google says that it has a tag");
    assert_eq!(fake.asked("manifests/moved"), 1, "it was looked at, and that is all");
    assert_eq!((fake.digest_of("moved").to_string(), fake.digest_of("own").to_string()), (now, before));
}
