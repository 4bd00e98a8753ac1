//! docker-archives.

use std::fs;
use std::sync::Arc;

use futures_util::TryStreamExt as _;
use serde_json::{Value, json};
use tempfile::TempDir;
use tokio_util::sync::CancellationToken;

use super::super::samples::*;
use super::super::*;
use crate::domain::{Digest, Failure, FailureKind, Manifest};
use crate::transfer::Layout;
use crate::transfer::scripted::Scripted;

async fn unpacked(entries: &[Raw]) -> (TempDir, Result<Unpacked, Failure>) {
    let folder = TempDir::new().unwrap();
    let file = folder.path().join("docker.tar");
    fs::write(&file, tar_of(entries)).unwrap();
    let opened = open_docker(&file, &folder.path().join("staging"), &CancellationToken::new()).await;
    (folder, opened)
}

fn image_of(layout: &Layout, digest: &Digest) -> crate::domain::manifest::Image {
    let bytes = fs::read(layout.blob_path(digest)).unwrap();
    match Manifest::parse(&bytes, "").unwrap() {
        Manifest::Image(image) => *image,
        other => panic!("{other:?}"),
    }
}

#[tokio::test]
async fn what_docker_save_wrote_becomes_an_image_with_the_same_id() {
    let layers = [layer_tar(1, 5000), layer_tar(2, 70_000), layer_tar(1, 5000)];
    let (_folder, opened) =
        unpacked(&legacy_docker(&layers, &["docker.io/library/app:1", "h.example/app:2"])).await;
    let opened = opened.unwrap();
    let names: Vec<_> = opened.images().iter().map(|image| image.name.as_deref().unwrap()).collect();
    assert_eq!(names, ["app:1", "h.example/app:2"]);
    let found = opened.find(Some("app:1")).unwrap().manifest;
    assert_eq!(opened.layout().find(Some("h.example/app:2")).unwrap().manifest.digest, found.digest);
    assert_eq!(found.platform, Some("linux/arm64".parse().unwrap()));
    let image = image_of(opened.layout(), &found.digest);
    let (config, diff_ids) = config_of(&layers);
    assert_eq!(image.config.digest, Digest::of(config.as_bytes()));
    assert_eq!(opened.layout().read_blob(&image.config, 10_000).unwrap(), config.as_bytes());
    assert_eq!(image.layers[0], image.layers[2]);
    for (layer, diff_id) in image.layers.iter().zip(diff_ids) {
        assert_eq!(layer.media_type, "application/vnd.oci.image.layer.v1.tar+gzip");
        let packed = opened.layout().read_blob(layer, 1 << 20).unwrap();
        let mut tar = Vec::new();
        std::io::Read::read_to_end(&mut flate2::read::GzDecoder::new(packed.as_slice()), &mut tar).unwrap();
        assert_eq!(Digest::of(&tar), diff_id);
    }
}

#[tokio::test]
async fn the_same_archive_makes_the_same_digests_file_or_stream_plain_or_compressed() {
    let layers = [layer_tar(1, 5000), layer_tar(2, 600_000)];
    let entries = legacy_docker(&layers, &["app:1"]);
    let (_folder, opened) = unpacked(&entries).await;
    let expected = opened.unwrap().find(None).unwrap();
    let tar = tar_of(&entries);
    for (bytes, piece) in [(tar.clone(), 1000), (tar.clone(), 1 << 20), (gzipped(&tar), 777)] {
        let folder = TempDir::new().unwrap();
        let stream = arriving(&bytes, piece);
        let opened = open_docker_stream(stream, "an engine", folder.path(), &CancellationToken::new()).await;
        assert_eq!(opened.unwrap().images(), std::slice::from_ref(&expected));
    }
}

/// As Docker from version 25 on writes it, with an OCI layout beside.
#[tokio::test]
async fn layers_that_are_compressed_already_stay_as_they_are() {
    let layers = [layer_tar(1, 5000), layer_tar(2, 70_000), layer_tar(3, 10)];
    let packed =
        [gzipped(&layers[0]), zstd::stream::encode_all(layers[1].as_slice(), 3).unwrap(), layers[2].clone()];
    let (config, _) = config_of(&layers);
    let blob = |bytes: &[u8]| file(&format!("blobs/sha256/{}", Digest::of(bytes).hex()), bytes);
    let named: Vec<String> = packed.iter().map(|bytes| blob(bytes).name).collect();
    let manifest = json!([{"Config": blob(config.as_bytes()).name, "RepoTags": null, "Layers": named}]);
    let mut entries: Vec<Raw> = packed.iter().map(|bytes| blob(bytes)).collect();
    entries.extend([
        blob(config.as_bytes()),
        file("index.json", "{}"),
        file("manifest.json", manifest.to_string()),
    ]);
    let (_folder, opened) = unpacked(&entries).await;
    let opened = opened.unwrap();
    let found = opened.find(None).unwrap();
    assert_eq!(found.name, None);
    assert_eq!(opened.layout().images().unwrap(), [], "the index names what has a name");
    let image = image_of(opened.layout(), &found.manifest.digest);
    let digests: Vec<&Digest> = image.layers.iter().map(|layer| &layer.digest).collect();
    assert_eq!(digests[..2], [&Digest::of(&packed[0]), &Digest::of(&packed[1])]);
    assert!(image.layers[1].media_type.ends_with("+zstd") && image.layers[2].media_type.ends_with("+gzip"));
}

/// Images with gzip, zstd and plain layers in a layout.
async fn stored(folder: &TempDir) -> (Layout, [Vec<u8>; 3]) {
    let tars = [layer_tar(1, 3000), layer_tar(2, 600_000), layer_tar(3, 100)];
    let mut content = Scripted::default();
    let stored = [Stored::Gzip, Stored::Zstd, Stored::Plain];
    let layers: Vec<_> = tars.iter().cloned().zip(stored).collect();
    let amd = runnable(&mut content, "amd", "amd64", &layers);
    let arm = runnable(&mut content, "arm", "arm64", &layers[..1]);
    content.index("both", &[(amd.clone(), "amd64"), (arm, "arm64")]);
    content.index("single", &[(amd, "amd64")]);
    (layout_of(&Arc::new(content), &["amd", "both", "single"], folder).await, tars)
}

fn selection(layout: &Layout, images: &[(&str, &str)]) -> Selection {
    let images =
        images.iter().map(|(tag, name)| (format!("h.example/app:{tag}"), (*name).to_owned())).collect();
    Selection { layout: layout.clone(), images, platform: None }
}

#[tokio::test]
async fn a_docker_archive_has_tars_by_diff_id_and_the_exact_configuration() {
    let (folder, cancel) = (TempDir::new().unwrap(), CancellationToken::new());
    let (layout, tars) = stored(&folder).await;
    let file = folder.path().join("d.tar");
    let images = [("amd", "ubuntu:24.04"), ("single", "h.example/app:2"), ("amd", "2")];
    let notes = write(&selection(&layout, &images), Kind::Docker, &file, &cancel).await.unwrap();
    assert_eq!(notes, ["“2” is no host/repository:tag, so the image has no name in the archive"]);
    let bytes = fs::read(&file).unwrap();
    let written = entries(&bytes);
    let names: Vec<&str> = written.iter().map(|(name, _)| name.as_str()).collect();
    assert_eq!(
        (names[0], names.len()),
        ("manifest.json", 1 + 1 + 3),
        "the same image stands there once: {names:?}"
    );
    let manifest: Value = serde_json::from_slice(&written[0].1).unwrap();
    let config = layout.find(Some("h.example/app:amd")).unwrap().manifest.digest;
    let config = image_of(&layout, &config).config;
    let layers: Vec<String> = tars.iter().map(|tar| format!("{}.tar", Digest::of(tar).hex())).collect();
    let tags = ["docker.io/library/ubuntu:24.04", "h.example/app:2"];
    let config_name = format!("{}.json", config.digest.hex());
    assert_eq!(manifest, json!([{"Config": config_name, "RepoTags": tags, "Layers": layers}]));
    let content =
        |name: &str| written.iter().find(|(n, _)| n == name).map(|(_, bytes)| bytes.clone()).unwrap();
    assert!(config.digest.matches(&content(&config_name)));
    for (name, tar) in layers.iter().zip(&tars) {
        assert_eq!(&content(name), tar);
    }

    let streamed = docker_stream(&selection(&layout, &images), &cancel).await.unwrap();
    assert_eq!((streamed.size, streamed.notes), (bytes.len() as u64, notes));
    let pieces: Vec<_> = streamed.bytes.try_collect().await.unwrap();
    assert!(pieces.concat() == bytes);
    // And back: the id of the image is as it was.
    let opened = open_docker(&file, &folder.path().join("staging"), &cancel).await.unwrap();
    let back = opened.find(Some("ubuntu:24.04")).unwrap().manifest.digest;
    assert_eq!(image_of(opened.layout(), &back).config.digest, config.digest);
}

#[tokio::test]
async fn an_index_of_several_platforms_is_refused_until_one_is_chosen() {
    let (folder, cancel) = (TempDir::new().unwrap(), CancellationToken::new());
    let (layout, _) = stored(&folder).await;
    let file = folder.path().join("d.tar");
    let both = selection(&layout, &[("both", "app:1")]);
    let failure = write(&both, Kind::Docker, &file, &cancel).await.unwrap_err();
    assert_eq!(failure.kind, FailureKind::Invalid);
    assert_eq!(failure.said, "it is for linux/amd64, linux/arm64, and a docker-archive takes one of them");
    assert!(failure.hint().contains("--platform"), "{}", failure.hint());
    assert!(!file.exists());
    let arm = Selection { platform: Some("linux/arm64".parse().unwrap()), ..both };
    write(&arm, Kind::Docker, &file, &cancel).await.unwrap();
    let manifest: Value = serde_json::from_slice(&entries(&fs::read(&file).unwrap())[0].1).unwrap();
    assert_eq!(manifest[0]["Layers"].as_array().unwrap().len(), 1);
}

#[tokio::test]
async fn a_stream_whose_layer_breaks_ends_with_the_failure() {
    let (folder, cancel) = (TempDir::new().unwrap(), CancellationToken::new());
    let (layout, _) = stored(&folder).await;
    let streamed = docker_stream(&selection(&layout, &[("amd", "app:1")]), &cancel).await.unwrap();
    let digest = layout.find(Some("h.example/app:amd")).unwrap().manifest.digest;
    let layer = &image_of(&layout, &digest).layers[2];
    fs::write(layout.blob_path(&layer.digest), vec![7; layer.size as usize]).unwrap();
    let failure = streamed.bytes.try_collect::<Vec<_>>().await.unwrap_err();
    assert_eq!(failure.kind, FailureKind::Integrity);
    let again = docker_stream(&selection(&layout, &[("amd", "app:1")]), &cancel).await.err().unwrap();
    assert_eq!(again.kind, FailureKind::Integrity, "known before the first byte");
    assert!(again.doing.contains(&layer.digest.to_string()), "{again}");
}

#[tokio::test]
async fn an_artifact_is_no_image_to_load() {
    let (folder, cancel) = (TempDir::new().unwrap(), CancellationToken::new());
    let mut content = Scripted::default();
    let chart = content.blob("application/vnd.cncf.helm.config.v1+json", "{}");
    content.manifest(
        "1",
        crate::domain::media::OCI_MANIFEST,
        &json!({"schemaVersion": 2, "config": chart, "layers": []}),
    );
    let layout = layout_of(&Arc::new(content), &["1"], &folder).await;
    let chart = selection(&layout, &[("1", "app:1")]);
    let failure = write(&chart, Kind::Docker, &folder.path().join("d"), &cancel).await.unwrap_err();
    assert!(failure.said.contains("helm"), "{failure}");
    write(&chart, Kind::Oci, &folder.path().join("o"), &cancel).await.unwrap();
    assert!(open_oci(&folder.path().join("o")).await.unwrap().find(Some("app:1")).is_ok());
}

#[tokio::test]
async fn an_engine_that_stops_in_the_middle_is_told_with_its_own_failure() {
    use futures_util::{StreamExt as _, stream};
    let tar = tar_of(&legacy_docker(&[layer_tar(1, 5000)], &["app:1"]));
    let lost = Failure::new(FailureKind::Offline, "exporting from docker", "the connection was closed");
    let packed = gzipped(&tar);
    for bytes in [&tar[..3000], &packed[..400]] {
        let folder = TempDir::new().unwrap();
        let stream = arriving(bytes, 100).chain(stream::iter([Err(lost.clone())])).boxed();
        let failure =
            open_docker_stream(stream, "docker", folder.path(), &CancellationToken::new()).await.unwrap_err();
        assert_eq!((failure.kind, &failure.said), (FailureKind::Offline, &lost.said));
    }
    let (folder, cancel) = (TempDir::new().unwrap(), CancellationToken::new());
    let hanging = arriving(&tar[..3000], 100).chain(stream::pending()).boxed();
    let unpacking = open_docker_stream(hanging, "docker", folder.path(), &cancel);
    let stopping = async {
        while !folder.path().join("oci-layout").exists() {
            tokio::task::yield_now().await;
        }
        cancel.cancel();
    };
    let (outcome, ()) = tokio::join!(unpacking, stopping);
    assert_eq!(outcome.unwrap_err().kind, FailureKind::Cancelled);
}
