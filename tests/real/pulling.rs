//! `pull`, confirmed by skopeo.

use std::fs;
use std::path::Path;

use tagalong::domain::Digest;

use super::content::{Flavour, Image, Pushed, push_index};
use super::is_wanted;
use super::program::Home;
use super::registry::{Registry, Setup};

/// An index of two platforms at `team/multi:1`, and its members.
async fn multi(registry: &Registry) -> (Pushed, [Pushed; 2]) {
    let client = registry.client();
    let amd64 = Image::small("team/multi", "amd64").push(&client).await;
    let arm64 = Image { platform: "linux/arm64", ..Image::small("team/multi", "arm64") }.push(&client).await;
    let members = [amd64, arm64];
    (push_index(&client, "team/multi", "1", &members).await, members)
}

/// Every blob file has the digest that its name says.
fn assert_blobs_are_whole(layout: &Path) -> usize {
    let folder = layout.join("blobs/sha256");
    let files: Vec<_> = fs::read_dir(folder).unwrap().map(|entry| entry.unwrap()).collect();
    for file in &files {
        let digest = Digest::of(&fs::read(file.path()).unwrap());
        assert_eq!(digest.hex(), file.file_name().to_str().unwrap());
    }
    files.len()
}

#[tokio::test]
async fn an_index_is_pulled_whole_and_skopeo_reads_it_back() {
    if !is_wanted() {
        return;
    }
    let registry = Registry::start(Setup::default());
    let (index, members) = multi(&registry).await;
    let home = Home::new();
    let layout = registry.folder().join("layout");
    let target = format!("oci:{}:one", layout.display());
    let pulled = home.run(&["pull", "--json", &registry.reference("team/multi:1"), &target]).done().json();
    assert_eq!(pulled["images"][0]["digest"], index.digest.to_string());
    assert_eq!(pulled["fetched"], index.size);
    // Two manifests and the index; a configuration and two layers each.
    assert_eq!(assert_blobs_are_whole(&layout), 3 + 6);

    assert_eq!(home.skopeo(&["inspect", "--raw", &target]), index.bytes);
    let copy = registry.folder().join("copy");
    let to = format!("dir:{}", copy.display());
    home.skopeo(&["copy", "--all", "--preserve-digests", &target, &to]);
    assert_eq!(Digest::of(&fs::read(copy.join("manifest.json")).unwrap()), index.digest);
    for member in &members {
        let file = copy.join(format!("{}.manifest.json", member.digest.hex()));
        assert_eq!(fs::read(file).unwrap(), member.bytes);
    }

    let again = home.run(&["pull", "--json", &registry.reference("team/multi:1"), &target]).done().json();
    assert_eq!((&again["fetched"], &again["reused"]), (&0.into(), &index.size.into()));
}

#[tokio::test]
async fn the_local_store_keeps_images_by_their_reference() {
    if !is_wanted() {
        return;
    }
    let registry = Registry::start(Setup::default());
    let (_, [amd64, arm64]) = multi(&registry).await;
    let client = registry.client();
    let app = Image::small("team/app", "v1").push(&client).await;
    let docker = Image { flavour: Flavour::Docker, ..Image::small("team/docker", "v1") }.push(&client).await;
    let home = Home::new();
    let store = home.tagalong().join("store");
    let reference = registry.reference("team/app:v1");
    let pulled = home.run(&["pull", &reference]).done();
    assert_eq!(pulled.text(), format!("{reference} {}\n", app.digest));
    assert!(pulled.said.contains("already there"), "{}", pulled.said);
    let read = home.skopeo(&["inspect", "--raw", &format!("oci:{}:{reference}", store.display())]);
    assert_eq!(read, app.bytes);
    // skopeo passes over Docker's types in a layout, so the file itself is looked at.
    home.run(&["pull", &registry.reference("team/docker:v1")]).done();
    assert_eq!(fs::read(store.join("blobs/sha256").join(docker.digest.hex())).unwrap(), docker.bytes);

    home.run(&["pull", &registry.reference("team/multi:1"), "store:mine", "--platform", "linux/arm64"])
        .done();
    let mine = format!("oci:{}:mine", store.display());
    assert_eq!(home.skopeo(&["inspect", "--raw", &mine]), arm64.bytes);
    assert!(!store.join("blobs/sha256").join(amd64.digest.hex()).exists(), "the other platform stayed there");
    let none = ["pull", &registry.reference("team/multi:1"), "--platform", "linux/s390x"];
    home.run(&none).failed(3, &["linux/s390x"]);
}

#[tokio::test]
async fn every_tag_of_a_repository_is_pulled() {
    if !is_wanted() {
        return;
    }
    let registry = Registry::start(Setup::default());
    let (client, home) = (registry.client(), Home::new());
    for tag in ["1", "2", "3"] {
        Image::small("team/app", tag).push(&client).await;
    }
    let layout = registry.folder().join("all");
    let target = format!("oci:{}", layout.display());
    let pulled = home.run(&["pull", "--all-tags", &registry.reference("team/app"), &target]).done();
    assert_eq!(pulled.lines().len(), 3);
    for tag in ["1", "2", "3"] {
        home.skopeo(&["inspect", &format!("{target}:{tag}")]);
    }
    assert_blobs_are_whole(&layout);
}

#[tokio::test]
async fn a_blob_that_was_damaged_at_the_registry_is_not_kept() {
    if !is_wanted() {
        return;
    }
    let registry = Registry::start(Setup::default());
    let pushed = Image::small("team/app", "1").push(&registry.client()).await;
    let manifest: serde_json::Value = serde_json::from_slice(&pushed.bytes).unwrap();
    let digest: Digest = manifest["layers"][0]["digest"].as_str().unwrap().parse().unwrap();
    let hex = digest.hex();
    let file = format!("storage/docker/registry/v2/blobs/sha256/{}/{hex}/data", hex.get(..2).unwrap());
    let file = registry.folder().join(file);
    let mut bytes = fs::read(&file).unwrap();
    bytes[100] = !bytes[100];
    fs::write(&file, bytes).unwrap();
    let home = Home::new();
    home.run(&["pull", &registry.reference("team/app:1")]).failed(1, &[hex, "Nothing was kept"]);
    let store = home.tagalong().join("store");
    assert!(!store.join("blobs/sha256").join(hex).exists());
    let index = fs::read_to_string(store.join("index.json")).unwrap_or_default();
    assert!(!index.contains("team/app"), "{index}");
}
