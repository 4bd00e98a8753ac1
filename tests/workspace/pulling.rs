//! Pulling several things at once.

use std::path::Path;

use tagalong::demo::{Fault, Match, Settings, What};
use tagalong::domain::{ConnectionId, FailureKind, ImagePlace, LocalImage, Locator, NodeKind};
use tagalong::transfer::{Layout, Meter};
use tokio_util::sync::CancellationToken;

use crate::support::{Home, connect, filled, repository, tag};

fn names(layout: &Path) -> Vec<String> {
    let images = Layout::open(layout).unwrap().images().unwrap();
    let mut names: Vec<String> = images.into_iter().filter_map(|image| image.name).collect();
    names.sort();
    names
}

#[tokio::test]
async fn one_failing_repository_does_not_stop_the_others() {
    let (home, server) = (Home::new(), filled(Settings::default()).await);
    let workspace = home.open();
    let connected = connect(&workspace, &server).await;
    server.inject(Fault::always(Match::path("/v2/acme/api/tags/list"), What::status(403)));
    server.inject(Fault::always(Match::path("/v2/acme/web/manifests/latest"), What::status(403)));
    let what = [
        repository(&connected, "acme/api"),
        tag(&connected, "acme/web", "latest"),
        tag(&connected, "acme/gateway", "latest"),
    ];
    assert!(server.store().resolve("acme/gateway", "latest").is_some());
    let place = LocalImage::in_place(ImagePlace::Layout(home.folder.path().join("out")));
    let pulled = workspace.pull(&what, &place, None, &Meter::new(), &CancellationToken::new()).await;
    let failure = pulled.unwrap_err();
    assert_eq!(failure.kind, FailureKind::Forbidden);
    assert!(failure.said.ends_with("(and 1 more failed)"), "{failure}");
    let full = format!("{}/acme/gateway:latest", server.address());
    assert_eq!(names(&home.folder.path().join("out")), [full], "two of one tag were asked for");
}

#[tokio::test]
async fn several_images_do_not_share_one_name() {
    let (home, server) = (Home::new(), filled(Settings::default()).await);
    let workspace = home.open();
    let connected = connect(&workspace, &server).await;
    let (meter, stop) = (Meter::new(), CancellationToken::new());
    let folder = home.folder.path().join("out");
    for place in
        [ImagePlace::Layout(folder.clone()), ImagePlace::Store].map(|place| LocalImage::named(place, "one"))
    {
        let what = [repository(&connected, "acme/web")];
        let failure = workspace.pull(&what, &place, None, &meter, &stop).await.unwrap_err();
        assert_eq!(failure.kind, FailureKind::Invalid);
        assert!(failure.said.contains("“one”"), "{failure}");
    }
    assert!(!folder.exists() && !workspace.store_folder().exists());
    let place = LocalImage::named(ImagePlace::Layout(folder.clone()), "one");
    let what = [tag(&connected, "acme/web", "latest")];
    workspace.pull(&what, &place, None, &meter, &stop).await.unwrap();
    assert_eq!(names(&folder), ["one"]);
}

#[tokio::test]
async fn a_stop_is_heard_while_tags_are_listed() {
    let (home, server) = (Home::new(), filled(Settings::default()).await);
    let workspace = home.open();
    let connected = connect(&workspace, &server).await;
    server.inject(Fault::always(Match::path("/v2/acme/web/tags/list"), What::Stall(0)));
    let (meter, stop) = (Meter::new(), CancellationToken::new());
    let what = [repository(&connected, "acme/web")];
    let store = LocalImage::in_place(ImagePlace::Store);
    let pulling = workspace.pull(&what, &store, None, &meter, &stop);
    let stopping = async {
        while !server.requests().iter().any(|r| r.path.ends_with("/tags/list")) {
            tokio::task::yield_now().await;
        }
        stop.cancel();
    };
    let (pulled, ()) = tokio::join!(pulling, stopping);
    assert_eq!(pulled.unwrap_err().kind, FailureKind::Cancelled);
}

#[tokio::test]
async fn images_of_one_tag_get_their_full_names_in_a_layout() {
    let (home, server) = (Home::new(), filled(Settings::default()).await);
    let workspace = home.open();
    let connected = connect(&workspace, &server).await;
    let what = [tag(&connected, "acme/web", "latest"), tag(&connected, "acme/gateway", "latest")];
    let folder = home.folder.path().join("out");
    let place = LocalImage::in_place(ImagePlace::Layout(folder.clone()));
    workspace.pull(&what, &place, None, &Meter::new(), &CancellationToken::new()).await.unwrap();
    let full = ["acme/gateway", "acme/web"].map(|name| format!("{}/{name}:latest", server.address()));
    assert_eq!(names(&folder), full);
}

#[tokio::test]
async fn an_image_without_a_name_is_saved_under_its_digest() {
    let (home, server) = (Home::new(), filled(Settings::default()).await);
    let workspace = home.open();
    let connected = connect(&workspace, &server).await;
    let (meter, stop) = (Meter::new(), CancellationToken::new());
    let store = LocalImage::in_place(ImagePlace::Store);
    let what = [tag(&connected, "acme/web", "latest")];
    let pulled = workspace.pull(&what, &store, None, &meter, &stop).await.unwrap();
    let at = pulled.at.expect("its node in the store");
    assert!(workspace.facts(&at).await.is_ok(), "{at:?}");
    let path = workspace.store_folder().join("index.json");
    let mut index: serde_json::Value = serde_json::from_slice(&std::fs::read(&path).unwrap()).unwrap();
    index["manifests"][0].as_object_mut().unwrap().remove("annotations");
    std::fs::write(&path, index.to_string()).unwrap();
    let digest = index["manifests"][0]["digest"].as_str().unwrap().to_owned();
    let untagged = Locator::root(ConnectionId::new("store")).child(NodeKind::Untagged, "untagged");
    let folder = home.folder.path().join("out");
    let place = LocalImage::in_place(ImagePlace::Layout(folder.clone()));
    let what = [untagged.child(NodeKind::Manifest, &digest)];
    workspace.pull(&what, &place, None, &meter, &stop).await.unwrap();
    assert_eq!(names(&folder), [digest]);
}

#[tokio::test]
async fn an_image_of_the_store_goes_when_its_tag_is_pulled_anew() {
    let (home, server) = (Home::new(), filled(Settings::default()).await);
    let workspace = home.open();
    let connected = connect(&workspace, &server).await;
    let (meter, stop) = (Meter::new(), CancellationToken::new());
    let store = LocalImage::in_place(ImagePlace::Store);
    let what = [tag(&connected, "acme/web", "latest")];
    let blob = |digest: &tagalong::domain::Digest| {
        workspace.store_folder().join("blobs").join("sha256").join(digest.hex()).exists()
    };
    workspace.pull(&what, &store, None, &meter, &stop).await.unwrap();
    let old = server.store().resolve("acme/web", "latest").unwrap();
    assert!(blob(&old));
    let other = server.store().tags("acme/web").into_iter();
    let new = other.filter_map(|name| server.store().resolve("acme/web", &name)).find(|d| *d != old).unwrap();
    assert!(server.store().tag("acme/web", "latest", &new));
    workspace.pull(&what, &store, None, &meter, &stop).await.unwrap();
    assert!(blob(&new) && !blob(&old));
}
