//! The levels, their pages, and what stands beside a row.

use tagalong::domain::{FailureKind, NodeKind};

use super::fake::{Fake, Image, manifest};
use super::{US, acme, all, app, host, images, names, root, signed_in, stranger};

#[tokio::test]
async fn the_levels_are_project_host_repository_image_and_tag() {
    let fake = Fake::start().await;
    let google = acme(&fake);
    assert_eq!(names(&all(&*google, &root()).await), ["acme"]);
    let hosts = all(&*google, &root().child(NodeKind::Namespace, "acme")).await;
    assert_eq!(names(&hosts), ["europe-west1-docker.pkg.dev", "gcr.io", US]);
    assert_eq!(hosts[0].label.as_deref(), Some("europe-west1"));
    assert_eq!(hosts[2].facts.as_ref().unwrap().count, Some(1), "what keeps no images is not counted");
    let repositories = all(&*google, &host(US)).await;
    assert_eq!(names(&repositories), ["acme/images"], "gcr.io has a host of its own");
    assert_eq!(repositories[0].facts.as_ref().unwrap().size, Some(1 << 30));
    let found = all(&*google, &images()).await;
    assert_eq!(names(&found), ["acme/images/app", "acme/images/team/web"]);
    assert_eq!(found[1].label.as_deref(), Some("team/web"));
    let at = images().child(NodeKind::Repository, "acme/images/team/web").child(NodeKind::Tag, "main");
    assert_eq!(at.reference("x").unwrap().to_string(), "us-docker.pkg.dev/acme/images/team/web:main");
    assert_eq!(names(&all(&*google, &host("gcr.io")).await), ["acme/old"]);
    let mirror = all(&*google, &host("europe-west1-docker.pkg.dev")).await;
    assert_eq!(mirror[0].facts.as_ref().unwrap().note.as_deref(), Some("remote"));
}

#[tokio::test]
async fn projects_that_nobody_named_are_searched_for() {
    let fake = Fake::start().await;
    let url = fake.url();
    let google = signed_in(&fake, &[("projects_api", url.as_str())]);
    let failure = google.children(&root(), None).await.unwrap_err();
    assert!(failure.said.contains("gcloud services enable cloudresourcemanager"), "{failure}");
    assert!(failure.said.ends_with("name one or more with “Edit connection…”"), "{failure}");
    fake.edit().projects = Some(vec![("acme", "Acme"), ("example.com:acme", "Example"), ("bare", "bare")]);
    fake.edit().page_size = 2;
    let found = all(&*google, &root()).await;
    assert_eq!(names(&found), ["acme", "example.com:acme", "bare"]);
    let note = |n: usize| found[n].facts.as_ref().unwrap().note.clone();
    assert_eq!((note(0).as_deref(), note(2)), (Some("Acme"), None));
    assert_eq!(all(&*google, &root().child(NodeKind::Namespace, "acme")).await.len(), 3);
    fake.edit().tokens.clear();
    let failure = google.children(&root(), None).await.unwrap_err();
    assert_eq!(failure.kind, FailureKind::Unauthorized);
    assert!(stranger(&fake).children(&root(), None).await.is_err());
    assert_eq!(fake.asked("projects:search"), 4, "who has no sign-in does not ask");
}

#[tokio::test]
async fn one_request_brings_tags_dates_and_what_has_no_tag() {
    let fake = Fake::start().await;
    let google = acme(&fake);
    let tags = all(&*google, &app()).await;
    assert_eq!(names(&tags), ["2.0", "1.0", "1", "latest", "untagged"], "the newest first");
    assert_eq!(fake.asked("/tags/list"), 1 + 1, "one request, sent again with its token");
    let facts = tags[1].facts.as_ref().unwrap();
    assert_eq!(facts.digest, Some(fake.digest_of("1.0")));
    assert_eq!((facts.size, facts.time), (Some(4096), Some(1_767_312_000)));
    let untagged = all(&*google, &app().child(NodeKind::Untagged, "untagged")).await;
    assert_eq!((untagged.len(), untagged[0].kind), (1, NodeKind::Manifest));
    let old = host("gcr.io").child(NodeKind::Repository, "acme/old");
    let old = all(&*google, &old).await;
    assert_eq!(old[0].facts.as_ref().unwrap().time, Some(1_767_830_400), "times may be texts");
}

#[tokio::test]
async fn named_locations_are_the_only_ones_asked() {
    let fake = Fake::start().await;
    let google = signed_in(&fake, &[("projects", "acme, public"), ("location", "us")]);
    assert_eq!(names(&all(&*google, &root()).await), ["acme", "public"]);
    let hosts = all(&*google, &root().child(NodeKind::Namespace, "acme")).await;
    assert_eq!(names(&hosts), ["gcr.io", US]);
    assert_eq!(fake.asked("/locations/us/"), 1);
    assert_eq!(fake.asked("/locations"), 1);
}

#[tokio::test]
async fn ten_thousand_images_come_page_by_page() {
    let fake = Fake::start().await;
    for n in 0..10_000 {
        fake.put(US, &format!("acme/images/n{n:05}"), Image::from([manifest(1, &["1"])]));
    }
    let google = acme(&fake);
    let first = google.children(&images(), None).await.unwrap();
    assert_eq!(first.entries.len(), 1000);
    assert_eq!(all(&*google, &images()).await.len(), 10_002);
}

#[tokio::test]
async fn a_page_that_comes_again_is_the_end() {
    let fake = Fake::start().await;
    (fake.edit().repeats, fake.edit().page_size) = (true, 1);
    let google = acme(&fake);
    let found = all(&*google, &images()).await;
    assert!(found.len() <= 3, "{:?}", names(&found));
}

#[tokio::test]
async fn empty_accounts_and_projects_with_a_domain() {
    let fake = Fake::start().await;
    let google = signed_in(&fake, &[]);
    let failure = google.children(&root(), None).await.unwrap_err();
    assert_eq!(failure.kind, FailureKind::Unsupported, "bookmarks stand in: {failure}");
    assert!(failure.said.contains("no project is named"), "{failure}");
    fake.edit().images.clear();
    let google = signed_in(&fake, &[("projects", "acme")]);
    assert_eq!(all(&*google, &root().child(NodeKind::Namespace, "acme")).await.len(), 0);
    fake.put(US, "example.com/acme/Images/app", Image::from([manifest(1, &["V1.0-RC"])]));
    let google = signed_in(&fake, &[("projects", "example.com:acme")]);
    let at = root().child(NodeKind::Namespace, "example.com:acme").child(NodeKind::Registry, US);
    assert_eq!(names(&all(&*google, &at).await), ["example.com/acme/Images"]);
    let at = at.child(NodeKind::Namespace, "example.com/acme/Images");
    assert_eq!(names(&all(&*google, &at).await), ["example.com/acme/Images/app"]);
    let at = at.child(NodeKind::Repository, "example.com/acme/Images/app");
    assert_eq!(names(&all(&*google, &at).await), ["V1.0-RC"]);
}

#[tokio::test]
async fn public_images_need_no_sign_in() {
    let fake = Fake::start().await;
    let google = stranger(&fake);
    google.check().await.unwrap();
    let at = root().child(NodeKind::Repository, "public/images/hello");
    assert_eq!(names(&all(&*google, &at).await), ["v1"]);
    let private = root().child(NodeKind::Repository, "acme/images/app");
    assert_eq!(google.children(&private, None).await.unwrap_err().kind, FailureKind::Forbidden);
}
