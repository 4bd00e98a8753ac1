//! `push`, `copy` and `tag`, read back by skopeo.

use tagalong::demo::{Fault, Match, Server, Settings, What};
use tagalong::domain::Digest;

use super::content::{Image, push_index};
use super::images::{noise, put_image};
use super::is_wanted;
use super::program::Home;
use super::registry::{Registry, Setup};

/// The bytes of a manifest as skopeo gets them.
fn raw(home: &Home, reference: &str) -> Vec<u8> {
    home.skopeo(&["inspect", "--raw", "--tls-verify=false", &format!("docker://{reference}")])
}

#[tokio::test]
async fn an_index_goes_from_server_to_server_through_a_layout_and_within_one() {
    if !is_wanted() {
        return;
    }
    let (one, two) = (Registry::start(Setup::default()), Registry::start(Setup::default()));
    let client = one.client();
    let amd64 = Image::small("team/multi", "amd64").push(&client).await;
    let arm64 = Image { platform: "linux/arm64", ..Image::small("team/multi", "arm64") }.push(&client).await;
    let index = push_index(&client, "team/multi", "1", &[amd64, arm64]).await;
    let home = Home::new();
    let from = one.reference("team/multi:1");

    let across = two.reference("copy:1");
    let told = home.run(&["copy", "--json", &from, &across]).done().json();
    assert_eq!((&told["sent"], &told["mounted"]), (&index.size.into(), &0.into()));
    assert_eq!(raw(&home, &across), index.bytes);

    let within = one.reference("elsewhere/copy:2");
    let told = home.run(&["copy", "--json", &from, &within]).done().json();
    assert_eq!((&told["sent"], &told["mounted"]), (&0.into(), &index.size.into()));
    assert_eq!(raw(&home, &within), index.bytes);

    let layout = format!("oci:{}:x", home.path().join("layout").display());
    home.run(&["copy", &from, &layout]).done();
    let pushed = two.reference("pushed:3");
    home.run(&["push", &layout, &pushed]).done();
    assert_eq!(raw(&home, &pushed), index.bytes);

    home.run(&["tag", &pushed, "stable"]).done();
    assert_eq!(raw(&home, &two.reference("pushed:stable")), index.bytes);
    // Every blob is read and verified on the way.
    let target = format!("dir:{}", home.path().join("dir").display());
    let stable = format!("docker://{}", two.reference("pushed:stable"));
    home.skopeo(&["copy", "--all", "--preserve-digests", "--src-tls-verify=false", &stable, &target]);
}

#[tokio::test]
async fn a_blob_that_breaks_on_its_way_arrives_after_all() {
    if !is_wanted() {
        return;
    }
    let source = Server::start(Settings::default()).await.unwrap();
    let image = put_image(source.store(), "app", "1", &[noise(1, 3 << 20)]);
    let layer = format!("/v2/app/blobs/{}", image.layers[0].digest);
    source.inject(Fault::once(Match::path(&layer), What::Truncate(1 << 20)));
    let target = Registry::start(Setup::default());
    let (from, to) = (format!("{}/app:1", source.address()), target.reference("copy:1"));
    let home = Home::new();
    let ran = tokio::task::spawn_blocking(move || {
        home.run(&["copy", &from, &to]).done();
        raw(&home, &to)
    });
    assert_eq!(Digest::of(&ran.await.unwrap()), image.digest);
}
