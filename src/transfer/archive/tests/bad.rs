//! Archives that are not what they should be.

use std::fs;
use std::path::Path;
use std::sync::Arc;

use proptest::prelude::*;
use serde_json::json;
use tar::EntryType;
use tempfile::TempDir;
use tokio_util::sync::CancellationToken;

use super::super::samples::*;
use super::super::*;
use crate::domain::{Digest, Failure, FailureKind};
use crate::transfer::scripted::Scripted;
use crate::transfer::{Meter, PullJob, pull};

/// What opening these bytes says, as either kind.
async fn refused(bytes: &[u8]) -> [Failure; 2] {
    let folder = TempDir::new().unwrap();
    let file = folder.path().join("x.tar");
    fs::write(&file, bytes).unwrap();
    let docker = open_docker(&file, &folder.path().join("staging"), &CancellationToken::new()).await;
    [open_oci(&file).await.unwrap_err(), docker.unwrap_err()]
}

fn docker_entries() -> Vec<Raw> {
    legacy_docker(&[layer_tar(1, 3000), layer_tar(2, 900)], &["app:1"])
}

#[tokio::test]
async fn what_is_something_else_is_said_to_be_so() {
    let cases: [(&[u8], &str); 6] = [
        (b"", "it is empty"),
        (b"PK\x03\x04 and more of a zip file", "it is a zip file, not a tar"),
        (b"<html>", "it is not a tar"),
        (&[7; 2000], "it is not a tar"),
        (b"BZh91AY&SY", "it is compressed with bzip2; use gzip or zstd"),
        (&[0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 0, 3, 9], "it is cut short: its compressed bytes end early"),
    ];
    for (bytes, said) in cases {
        for failure in refused(bytes).await {
            assert_eq!((failure.kind, failure.said.as_str()), (FailureKind::Invalid, said));
        }
    }
    let [oci, docker] = refused(&tar_of(&[file("README", "x")])).await;
    assert!(oci.said.contains("no index.json") && docker.said.contains("no manifest.json"), "{oci} {docker}");
}

#[tokio::test]
async fn each_kind_knows_the_other() {
    let folder = TempDir::new().unwrap();
    let path = folder.path().join("x");
    fs::write(&path, tar_of(&docker_entries())).unwrap();
    let oci = open_oci(&path).await.unwrap_err();
    assert!(oci.said.ends_with("it is a docker-archive"), "{oci}");
    let index = json!({"manifests": []}).to_string();
    fs::write(&path, tar_of(&[file("index.json", index)])).unwrap();
    let docker = open_docker(&path, &folder.path().join("s"), &CancellationToken::new()).await.unwrap_err();
    assert!(docker.said.ends_with("it is an oci-archive"), "{docker}");
    let missing = open_oci(&folder.path().join("missing")).await.unwrap_err();
    assert_eq!(missing.kind, FailureKind::NotFound);
    assert!(open_oci(folder.path()).await.unwrap_err().said.contains("it is a folder"));
}

#[tokio::test]
async fn entries_that_lead_out_are_refused_by_name() {
    let bad = [
        (file("../evil", "x"), "“../evil” has a path with “..”"),
        (file("blobs/../../evil", "x"), "“blobs/../../evil” has a path with “..”"),
        (file("/etc/evil", "x"), "“/etc/evil” has an absolute path"),
        (special("a", EntryType::Symlink, "/etc/passwd"), "“a” is a link that leads out"),
        (special("a/b", EntryType::Symlink, "../../x"), "“a/b” is a link that leads out"),
        (special("a", EntryType::Link, "../x"), "“a” is a link that leads out"),
        (special("a", EntryType::Link, "/x"), "“a” is a link that leads out"),
        (special("null", EntryType::Char, ""), "“null” is a device"),
        (special("disk", EntryType::Block, ""), "“disk” is a device"),
        (special("pipe", EntryType::Fifo, ""), "“pipe” is a device"),
        (special("sparse", EntryType::GNUSparse, ""), "“sparse” is of a kind"),
    ];
    for (entry, said) in bad {
        let mut entries = docker_entries();
        entries.push(file("index.json", json!({"manifests": []}).to_string()));
        entries.insert(2, entry);
        for failure in refused(&tar_of(&entries)).await {
            assert_eq!(failure.kind, FailureKind::Invalid);
            assert!(failure.said.contains(said), "{failure}");
        }
    }
}

#[tokio::test]
async fn an_archive_that_is_cut_short_says_where() {
    let whole = tar_of(&docker_entries());
    for at in [600, 2_100, whole.len() / 2] {
        for failure in refused(&whole[..at]).await {
            assert!(failure.said.contains(&format!("it ends at byte {at}")), "{at}: {failure}");
        }
    }
    // Between two entries nothing shows but what is missing.
    let [_, failure] = refused(&whole[..2560]).await;
    assert!(failure.said.contains("no manifest.json") && failure.said.contains("byte 2560"), "{failure}");
    let packed = gzipped(&whole);
    for failure in refused(&packed[..packed.len() / 2]).await {
        assert!(failure.said.contains("cut short"), "{failure}");
    }
}

#[tokio::test]
async fn a_layer_with_other_bytes_is_refused() {
    let mut entries = docker_entries();
    let layer = entries.iter_mut().find(|entry| entry.name.ends_with("layer.tar")).unwrap();
    *layer.bytes.get_mut(1000).unwrap() ^= 1;
    let [_, failure] = refused(&tar_of(&entries)).await;
    assert_eq!(failure.kind, FailureKind::Integrity);
    assert!(failure.said.contains("layer.tar has the digest sha256:"), "{failure}");
    let mut entries = docker_entries();
    let config =
        entries.iter_mut().find(|entry| entry.name.len() == 69 && !entry.name.contains('/')).unwrap();
    config.bytes.push(b' ');
    assert_eq!(refused(&tar_of(&entries)).await[1].kind, FailureKind::Integrity);
}

#[tokio::test]
async fn what_the_manifest_of_docker_names_has_to_be_there() {
    let (config, _) = config_of(&[layer_tar(1, 10)]);
    let with = |manifest: &str| {
        tar_of(&[
            file("c.json", &config),
            file("layer.tar", layer_tar(1, 10)),
            file("other.tar", layer_tar(2, 10)),
            file("manifest.json", manifest),
        ])
    };
    for (manifest, said) in [
        (r#"[{"Config":"x.json","Layers":["layer.tar"]}]"#, "names “x.json”, which is not in the archive"),
        (r#"[{"Config":"c.json","Layers":["x.tar"]}]"#, "names “x.tar”, which is not in the archive"),
        (r#"[{"Config":"../c.json","Layers":[]}]"#, "“../c.json”, which has a path with “..”"),
        (r#"[{"Config":"c.json","Layers":[]}]"#, "names 1 layers, and manifest.json has 0"),
        (r#"[{"Config":"layer.tar","Layers":[]}]"#, "layer.tar is too large, or no JSON"),
        (r#"[{"Config":"c.json","Layers":["other.tar"]}]"#, "other.tar has the digest"),
        (r#"{"Config":1}"#, "its manifest.json is damaged"),
        (r#"[{"Config":"manifest.json","Layers":[]}]"#, "the configuration names no layers"),
    ] {
        let [_, failure] = refused(&with(manifest)).await;
        assert!(failure.said.contains(said), "{failure}");
    }
}

#[tokio::test]
async fn one_name_for_two_contents_is_refused_where_tools_disagree() {
    let mut entries = docker_entries();
    entries.push(file("manifest.json", "[]"));
    let [_, failure] = refused(&tar_of(&entries)).await;
    assert!(failure.said.contains("“manifest.json” is there twice"), "{failure}");
    let mut same = docker_entries();
    same.extend(docker_entries());
    let folder = TempDir::new().unwrap();
    fs::write(folder.path().join("x"), tar_of(&same)).unwrap();
    let opened =
        open_docker(&folder.path().join("x"), &folder.path().join("s"), &CancellationToken::new()).await;
    assert_eq!(opened.unwrap().images().len(), 1);
}

#[tokio::test]
async fn a_manifest_that_is_too_large_is_not_read() {
    let large = vec![b' '; 9 << 20];
    for name in ["index.json", "manifest.json"] {
        let failures = refused(&tar_of(&[file(name, &large)])).await;
        assert!(
            failures.iter().any(|f| f.said.contains("more than 8.0 MiB") || f.said.contains("too large")),
            "{failures:?}"
        );
    }
}

#[tokio::test]
async fn a_blob_with_other_bytes_is_not_pulled_from_an_archive() {
    let (folder, cancel) = (TempDir::new().unwrap(), CancellationToken::new());
    let mut content = Scripted::default();
    let tar = layer_tar(1, 3000);
    runnable(&mut content, "1", "amd64", &[(tar.clone(), Stored::Plain)]);
    let content = Arc::new(content);
    let layout = layout_of(&content, &["1"], &folder).await;
    let images = vec![("h.example/app:1".to_owned(), "1".to_owned())];
    let selection = Selection { layout: layout.clone(), images, platform: None };
    let file = folder.path().join("x.tar");
    write(&selection, Kind::Oci, &file, &cancel).await.unwrap();

    let mut bytes = fs::read(&file).unwrap();
    let at = memchr::memmem::find(&bytes, &tar).unwrap();
    bytes[at + 700] ^= 1;
    fs::write(&file, bytes).unwrap();
    let archive = Arc::new(open_oci(&file).await.unwrap());
    let target = folder.path().join("again");
    let job = PullJob {
        content: archive,
        layout: target,
        images: vec![("1".into(), "1".into())],
        ..job(&content, &[])
    };
    let failure = pull(job, &Meter::new(), &cancel).await.unwrap_err();
    assert_eq!(failure.kind, FailureKind::Integrity);
    assert!(failure.doing.contains(&Digest::of(&tar).to_string()), "{failure}");

    // A damaged layout makes no archive, and an older one stays.
    fs::write(layout.blob_path(&Digest::of(&tar)), vec![7; tar.len()]).unwrap();
    for kind in [Kind::Oci, Kind::Docker] {
        fs::write(&file, "the old one").unwrap();
        assert_eq!(write(&selection, kind, &file, &cancel).await.unwrap_err().kind, FailureKind::Integrity);
        assert_eq!(fs::read_to_string(&file).unwrap(), "the old one");
    }
    assert_eq!(hidden(folder.path()), [""; 0]);
}

/// The hidden files of a folder.
fn hidden(folder: &Path) -> Vec<String> {
    let names = fs::read_dir(folder).unwrap().map(|e| e.unwrap().file_name().into_string().unwrap());
    names.filter(|name| name.starts_with('.')).collect()
}

/// Everything below `folder`, except what is below its folder `except`.
fn everything(folder: &Path, except: &Path) -> Vec<String> {
    let mut found = Vec::new();
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path == except {
            continue;
        }
        found.push(path.display().to_string());
        if path.is_dir() {
            found.extend(everything(&path, except));
        }
    }
    found
}

/// Both readers on bytes that may be anything: they end, and write nowhere but into the staging layout.
fn read_both(bytes: &[u8]) {
    let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
    let folder = TempDir::new().unwrap();
    let (file, staging) = (folder.path().join("x.tar"), folder.path().join("a/staging"));
    fs::create_dir(folder.path().join("a")).unwrap();
    fs::write(&file, bytes).unwrap();
    let before = everything(folder.path(), &staging);
    runtime.block_on(async {
        if let Ok(archive) = open_oci(&file).await {
            archive.find(None).ok();
        }
        if let Ok(opened) = open_docker(&file, &staging, &CancellationToken::new()).await {
            opened.find(None).ok();
        }
    });
    assert_eq!(everything(folder.path(), &staging), before);
    if staging.exists() {
        for blob in fs::read_dir(staging.join("blobs/sha256")).unwrap() {
            let path = blob.unwrap().path();
            assert_eq!(
                Digest::of(&fs::read(&path).unwrap()).hex(),
                path.file_name().unwrap().to_str().unwrap()
            );
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(60))]

    #[test]
    fn no_damaged_archive_panics_or_writes_elsewhere(
        changes in prop::collection::vec((any::<prop::sample::Index>(), any::<u8>()), 0..8),
        end in any::<prop::sample::Index>(),
        is_packed in any::<bool>(),
    ) {
        let mut entries = docker_entries();
        entries.push(file("index.json", json!({"manifests": []}).to_string()));
        let mut bytes = tar_of(&entries);
        for (at, to) in &changes {
            let at = at.index(bytes.len());
            bytes[at] = *to;
        }
        if is_packed {
            bytes = gzipped(&bytes);
        }
        bytes.truncate(end.index(bytes.len() * 2));
        read_both(&bytes);
    }

    #[test]
    fn no_name_in_an_archive_leads_anywhere(names in prop::collection::vec("[./a]{1,9}", 1..6), kind in 0..4usize) {
        let kinds = [EntryType::Regular, EntryType::Symlink, EntryType::Link, EntryType::Directory];
        let mut entries: Vec<Raw> = Vec::new();
        for name in &names {
            entries.push(Raw { bytes: vec![], ..special(name, kinds[kind], names.last().unwrap()) });
            entries.push(file(name, "evil"));
        }
        entries.extend(docker_entries());
        read_both(&tar_of(&entries));
    }
}
