//! An API that is switched off, has moved, or hides behind a proxy, while the registry answers; and one that refuses.

use tagalong::domain::{FailureKind, NodeKind};

use super::super::support::{basic, connection, open};
use super::fake::{Api, Fake, TOKEN};
use super::{US, acme, all, app, host, images, names, root};

#[tokio::test]
async fn the_protocol_stands_in_for_the_api() {
    let fake = Fake::start().await;
    for api in [Api::SwitchedOff, Api::Moved, Api::WebPage] {
        fake.edit().api = api;
        let google = acme(&fake);
        let account = google.check().await.unwrap();
        assert_eq!(account.lines[0].0, "API", "{api:?}");
        let page = google.children(&root().child(NodeKind::Namespace, "acme"), None).await.unwrap();
        assert_eq!(names(&page.entries), [US], "{api:?}");
        assert!(page.warnings[0].contains("is not to be had"), "{:?}", page.warnings);
        assert_eq!(names(&all(&*google, &host(US)).await), ["acme/images"]);
        assert_eq!(names(&all(&*google, &images()).await), ["acme/images/app", "acme/images/team"]);
        assert_eq!(all(&*google, &app()).await.len(), 5);
        let told = google.describe().unwrap().describe(&app()).await.unwrap();
        assert_eq!(told.lines[0].0, "API");
    }
}

#[tokio::test]
async fn an_api_that_is_switched_off_says_how_to_switch_it_on() {
    let fake = Fake::start().await;
    fake.edit().api = Api::SwitchedOff;
    let account = acme(&fake).check().await.unwrap();
    assert!(account.lines[0].1.contains("gcloud services enable"), "{account:?}");
}

#[tokio::test]
async fn the_scope_and_the_role_that_are_missing_are_named() {
    let fake = Fake::start().await;
    fake.edit().api = Api::NoScope;
    let failure = acme(&fake).check().await.unwrap_err();
    assert_eq!(failure.kind, FailureKind::Forbidden);
    assert!(
        failure.said.contains("lacks the scope https://www.googleapis.com/auth/cloud-platform"),
        "{failure}"
    );
    fake.edit().api = Api::NoRole;
    let failure = acme(&fake).children(&images(), None).await.unwrap_err();
    assert_eq!(failure.kind, FailureKind::Forbidden);
    assert!(failure.said.contains("artifactregistry.packages.list"), "{failure}");
    assert!(failure.said.contains("roles/artifactregistry.reader"), "{failure}");
}

#[tokio::test]
async fn at_gcr_io_the_catalogue_lists_every_project() {
    let fake = Fake::start().await;
    let url = fake.url();
    let registry = format!("{url}/{{host}}");
    let by_name = connection("google", &format!("{url}/gcr.io"), &[("api", &url), ("registry", &registry)]);
    let google = open(by_name, basic("oauth2accesstoken", TOKEN));
    assert_eq!(names(&all(&*google, &root()).await), ["acme/old"]);
}

#[tokio::test]
async fn a_wish_for_a_pause_is_kept_to() {
    let fake = Fake::start().await;
    fake.edit().busy = 1;
    assert_eq!(all(&*acme(&fake), &images()).await.len(), 2);
    fake.edit().busy = 100;
    let failure = acme(&fake).children(&images(), None).await.unwrap_err();
    assert_eq!(failure.kind, FailureKind::RateLimited);
}
