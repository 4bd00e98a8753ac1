//! The details, the pages for people, the blast radius.

use tagalong::domain::NodeKind;

use super::fake::Fake;
use super::{acme, all, app, host, images, root};

#[tokio::test]
async fn repositories_images_and_manifests_are_described() {
    let fake = Fake::start().await;
    let google = acme(&fake);
    let describe = google.describe().unwrap();
    let told = describe.describe(&images()).await.unwrap();
    assert!(told.lines.contains(&("size".to_owned(), "1.0 GiB".to_owned())), "{told:?}");
    let nested = images().child(NodeKind::Repository, "acme/images/team/web");
    let told = describe.describe(&nested).await.unwrap();
    assert!(told.lines.contains(&("changed".to_owned(), "2026-01-05 00:00 UTC".to_owned())), "{told:?}");
    for at in
        [app().child(NodeKind::Tag, "1"), app().child(NodeKind::Manifest, &fake.digest_of("1").to_string())]
    {
        let told = describe.describe(&at).await.unwrap();
        assert!(told.lines.contains(&("tags".to_owned(), "1.0, 1, latest".to_owned())), "{told:?}");
    }
}

#[tokio::test]
async fn the_blast_radius_names_siblings_members_and_indexes() {
    let fake = Fake::start().await;
    let google = acme(&fake);
    let blast = google.blast().unwrap();
    let shared = blast.impact(&app().child(NodeKind::Tag, "1")).await.unwrap();
    assert_eq!(shared.tags, ["1.0", "1", "latest"]);
    assert!(shared.in_indexes.is_empty() && shared.unknown.is_empty(), "{shared:?}");
    let index = blast.impact(&app().child(NodeKind::Tag, "2.0")).await.unwrap();
    assert_eq!(index.children.len(), 1);
    let member = all(&*google, &app().child(NodeKind::Untagged, "untagged")).await;
    let member = blast.impact(&app().child(NodeKind::Manifest, &member[0].name)).await.unwrap();
    assert_eq!(member.in_indexes, ["2.0"]);
}

#[tokio::test]
async fn pages_for_people_are_those_of_the_console() {
    let fake = Fake::start().await;
    let google = acme(&fake);
    let page = |at| google.web(&at).unwrap().replace("https://console.cloud.google.com/artifacts", "");
    assert_eq!(google.web(&root()), None);
    assert_eq!(page(root().child(NodeKind::Namespace, "acme")), "?project=acme");
    assert_eq!(page(images()), "/docker/acme/us/images?project=acme");
    let nested = images().child(NodeKind::Repository, "acme/images/team/web");
    assert_eq!(page(nested), "/docker/acme/us/images/team%2Fweb?project=acme");
    let old = host("gcr.io").child(NodeKind::Repository, "acme/old");
    assert_eq!(page(old.child(NodeKind::Tag, "v1")), "/docker/acme/us/gcr.io/old?project=acme");
}
