//! oci-archives.

use std::fs;
use std::sync::Arc;

use futures_util::TryStreamExt as _;
use serde_json::json;
use tempfile::TempDir;
use tokio_util::sync::CancellationToken;

use super::super::samples::*;
use super::super::*;
use crate::domain::media::OCI_INDEX;
use crate::domain::{Digest, FailureKind};
use crate::registry::Content as _;
use crate::transfer::scripted::Scripted;
use crate::transfer::{Layout, Meter, PullJob, pull};

/// An index `1` of two platforms, and an image `2`.
fn content() -> (Arc<Scripted>, [Digest; 2]) {
    let mut content = Scripted::default();
    let amd = runnable(&mut content, "amd", "amd64", &[(layer_tar(1, 3000), Stored::Gzip)]);
    let arm = runnable(&mut content, "arm", "arm64", &[(layer_tar(2, 300_000), Stored::Zstd)]);
    let index = content.index("1", &[(amd, "amd64"), (arm, "arm64")]);
    let image = runnable(&mut content, "2", "amd64", &[(layer_tar(1, 3000), Stored::Gzip)]);
    (Arc::new(content), [index.digest, image.digest])
}

fn selection(layout: &Layout) -> Selection {
    let images = ["1", "2"].map(|tag| (format!("h.example/app:{tag}"), format!("h.example/app:{tag}")));
    Selection { layout: layout.clone(), images: images.into(), platform: None }
}

#[tokio::test]
async fn what_was_written_is_read_again_whole() {
    let (folder, cancel) = (TempDir::new().unwrap(), CancellationToken::new());
    let (content, [index, image]) = content();
    let layout = layout_of(&content, &["1", "2"], &folder).await;
    let file = folder.path().join("images.tar");
    assert_eq!(write(&selection(&layout), Kind::Oci, &file, &cancel).await.unwrap(), [""; 0]);

    let archive = open_oci(&file).await.unwrap();
    let names: Vec<_> = archive.images().iter().map(|image| image.name.as_deref().unwrap()).collect();
    assert_eq!(names, ["h.example/app:1", "h.example/app:2"]);
    assert_eq!(archive.find(Some("h.example/app:1")).unwrap().manifest.digest, index);
    assert_eq!(archive.manifest("h.example/app:2").await.unwrap().digest, image);

    // Every blob is verified by the pull.
    let job =
        PullJob { content: Arc::new(archive), layout: folder.path().join("again"), ..job(&content, &[]) };
    let job =
        PullJob { images: vec![(index.to_string(), "x".into()), (image.to_string(), "y".into())], ..job };
    pull(job, &Meter::new(), &cancel).await.unwrap();
    let again = Layout::open(&folder.path().join("again")).unwrap();
    assert_eq!(again.find(Some("x")).unwrap().manifest.digest, index);
    let left: Vec<_> = fs::read_dir(folder.path()).unwrap().map(|e| e.unwrap().file_name()).collect();
    assert_eq!(left.len(), 3, "layout, archive and copy, and nothing hidden: {left:?}");
}

#[tokio::test]
async fn the_same_images_make_the_same_bytes_in_one_order() {
    let (folder, cancel) = (TempDir::new().unwrap(), CancellationToken::new());
    let (content, _) = content();
    let layout = layout_of(&content, &["1", "2"], &folder).await;
    let (one, two) = (folder.path().join("1.tar"), folder.path().join("2.tar"));
    write(&selection(&layout), Kind::Oci, &one, &cancel).await.unwrap();
    write(&selection(&layout), Kind::Oci, &two, &cancel).await.unwrap();
    let bytes = fs::read(&one).unwrap();
    assert_eq!(bytes, fs::read(&two).unwrap());
    let names: Vec<String> = entries(&bytes).into_iter().map(|(name, _)| name).collect();
    assert_eq!(names[..2], ["oci-layout", "index.json"]);
    assert!(names[2..].is_sorted(), "{names:?}");
    assert_eq!(names.len(), 2 + 4 + 3 + 2, "manifests, configurations, layers, each once: {names:?}");
    let index: serde_json::Value = serde_json::from_slice(&entries(&bytes)[1].1).unwrap();
    assert_eq!(index["mediaType"], OCI_INDEX);
    let annotations = &index["manifests"][0]["annotations"];
    assert_eq!(annotations["io.containerd.image.name"], "h.example/app:1");
    assert_eq!(annotations["org.opencontainers.image.ref.name"], "h.example/app:1");
}

#[tokio::test]
async fn one_platform_can_be_chosen() {
    let (folder, cancel) = (TempDir::new().unwrap(), CancellationToken::new());
    let (content, _) = content();
    let layout = layout_of(&content, &["1", "2"], &folder).await;
    let file = folder.path().join("arm.tar");
    let chosen = Selection { platform: Some("linux/arm64".parse().unwrap()), ..selection(&layout) };
    let notes = write(&chosen, Kind::Oci, &file, &cancel).await.unwrap();
    assert_eq!(notes, ["h.example/app:2 is for linux/amd64, not for linux/arm64"]);
    let archive = open_oci(&file).await.unwrap();
    let manifest = archive.manifest("h.example/app:1").await.unwrap();
    assert_eq!(manifest.digest, content.manifest("arm").await.unwrap().digest);
}

#[tokio::test]
async fn a_blob_is_read_from_any_byte_on() {
    let (folder, cancel) = (TempDir::new().unwrap(), CancellationToken::new());
    let mut content = Scripted::default();
    let tar = layer_tar(1, 700_000);
    runnable(&mut content, "1", "amd64", &[(tar.clone(), Stored::Plain)]);
    let content = Arc::new(content);
    let layout = layout_of(&content, &["1"], &folder).await;
    let file = folder.path().join("x.tar");
    let one = Selection { images: vec![("h.example/app:1".into(), "1".into())], ..selection(&layout) };
    write(&one, Kind::Oci, &file, &cancel).await.unwrap();
    let archive = open_oci(&file).await.unwrap();
    let blob = crate::domain::Descriptor::new("t", Digest::of(&tar), tar.len() as u64);
    for from in [0, 1, 300_000, tar.len() - 1, tar.len()] {
        let answer = archive.blob(&blob, from as u64).await.unwrap();
        assert_eq!((answer.offset, answer.total), (from as u64, Some(tar.len() as u64)));
        let pieces: Vec<_> = answer.bytes.try_collect().await.unwrap();
        assert_eq!(pieces.concat(), tar[from..]);
    }
    let missing = crate::domain::Descriptor::new("t", Digest::of(b"missing"), 7);
    assert_eq!(archive.blob(&missing, 0).await.err().unwrap().kind, FailureKind::NotFound);
}

#[tokio::test]
async fn compressed_archives_are_read_and_leave_nothing_behind() {
    let (folder, cancel) = (TempDir::new().unwrap(), CancellationToken::new());
    let (content, [index, _]) = content();
    let layout = layout_of(&content, &["1", "2"], &folder).await;
    let file = folder.path().join("plain.tar");
    write(&selection(&layout), Kind::Oci, &file, &cancel).await.unwrap();
    let plain = fs::read(&file).unwrap();
    for packed in [gzipped(&plain), zstd::stream::encode_all(plain.as_slice(), 1).unwrap()] {
        let file = folder.path().join("packed");
        fs::write(&file, packed).unwrap();
        let before = fs::read_dir(folder.path()).unwrap().count();
        let archive = open_oci(&file).await.unwrap();
        assert_eq!(archive.manifest(&index.to_string()).await.unwrap().digest, index);
        assert_eq!(fs::read_dir(folder.path()).unwrap().count(), before);
    }
}

#[tokio::test]
async fn names_as_docker_save_writes_them_are_found_and_the_last_entry_counts() {
    let folder = TempDir::new().unwrap();
    let index = |seed: &[u8]| {
        let entry = json!({"mediaType": "m", "digest": Digest::of(seed), "size": 1, "annotations": {
            "io.containerd.image.name": "docker.io/library/ubuntu:24.04", "org.opencontainers.image.ref.name": "24.04"}});
        file("./index.json", json!({"manifests": [entry]}).to_string())
    };
    let path = folder.path().join("x.tar");
    fs::write(
        &path,
        tar_of(&[index(b"old"), special("blobs/", tar::EntryType::Directory, ""), index(b"new")]),
    )
    .unwrap();
    let archive = open_oci(&path).await.unwrap();
    for name in ["ubuntu:24.04", "24.04", "docker.io/library/ubuntu:24.04"] {
        assert_eq!(archive.find(Some(name)).unwrap().manifest.digest, Digest::of(b"new"));
    }
    assert_eq!(archive.images()[0].name.as_deref(), Some("ubuntu:24.04"));
}
