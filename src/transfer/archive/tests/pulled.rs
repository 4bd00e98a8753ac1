//! Pulling into archives, and the folder beside them.

use std::fs;
use std::path::Path;
use std::sync::Arc;

use tempfile::TempDir;
use tokio_util::sync::CancellationToken;

use super::super::samples::*;
use super::super::*;
use crate::domain::job::Moved;
use crate::domain::{Descriptor, Failure, FailureKind, Platform};
use crate::transfer::scripted::{Fault, Scripted};
use crate::transfer::{Meter, PullJob};

struct Bench {
    folder: TempDir,
    content: Arc<Scripted>,
    layer: Descriptor,
    meter: Arc<Meter>,
}

impl Bench {
    /// An image `1`, and an index `both` with it and another platform.
    fn new() -> Self {
        let mut content = Scripted::default();
        let tar = layer_tar(1, 60_000);
        let amd = runnable(&mut content, "1", "amd64", &[(tar.clone(), Stored::Plain)]);
        let arm = runnable(&mut content, "arm", "arm64", &[(layer_tar(2, 900), Stored::Gzip)]);
        content.index("both", &[(amd, "amd64"), (arm, "arm64")]);
        let layer = Descriptor::new("t", crate::domain::Digest::of(&tar), tar.len() as u64);
        Self { folder: TempDir::new().unwrap(), content: Arc::new(content), layer, meter: Meter::new() }
    }

    fn file(&self) -> std::path::PathBuf {
        self.folder.path().join("images.tar")
    }

    async fn pull_for(&self, tag: &str, kind: Kind, platform: Option<&str>) -> Result<Moved, Failure> {
        let platform = platform.map(|platform| platform.parse::<Platform>().unwrap());
        let job = PullJob { platform, ..job(&self.content, &[tag]) };
        pull_to_archive(vec![job], kind, &self.file(), &self.meter, &CancellationToken::new()).await
    }

    fn names(&self) -> Vec<String> {
        let names =
            fs::read_dir(self.folder.path()).unwrap().map(|e| e.unwrap().file_name().into_string().unwrap());
        names.collect()
    }
}

#[tokio::test]
async fn an_image_is_pulled_into_either_kind_and_nothing_else_stays() {
    let bench = Bench::new();
    let moved = bench.pull_for("both", Kind::Oci, None).await.unwrap();
    assert_eq!(moved.location, format!("oci-archive:{}", bench.file().display()));
    assert_eq!(bench.names(), ["images.tar"]);
    let archive = open_oci(&bench.file()).await.unwrap();
    assert_eq!(archive.find(Some("h.example/app:both")).unwrap().manifest.digest, moved.images[0].1);
    assert_eq!(bench.meter.progress().stage, "finished");

    let moved = bench.pull_for("both", Kind::Docker, Some("linux/arm64")).await.unwrap();
    assert_eq!(moved.location, format!("docker-archive:{}", bench.file().display()));
    let entries = entries(&fs::read(bench.file()).unwrap());
    assert!(String::from_utf8_lossy(&entries[0].1).contains("h.example/app:both"));
    assert_eq!(bench.names(), ["images.tar"], "the archive before it was replaced");
}

#[tokio::test]
async fn several_repositories_go_into_one_archive() {
    let bench = Bench::new();
    let (one, other) = (job(&bench.content, &["1"]), job(&bench.content, &["arm"]));
    let other = PullJob { images: vec![("arm".into(), "h.example/other:1".into())], ..other };
    let cancel = CancellationToken::new();
    let moved =
        pull_to_archive(vec![one, other], Kind::Docker, &bench.file(), &bench.meter, &cancel).await.unwrap();
    assert_eq!(moved.images.len(), 2);
    let opened = open_docker(&bench.file(), &bench.folder.path().join("s"), &cancel).await.unwrap();
    assert!(opened.find(Some("h.example/app:1")).is_ok() && opened.find(Some("h.example/other:1")).is_ok());
}

#[tokio::test]
async fn what_a_docker_archive_cannot_hold_is_refused_before_anything_is_fetched() {
    let bench = Bench::new();
    let failure = bench.pull_for("both", Kind::Docker, None).await.unwrap_err();
    assert!(failure.said.contains("linux/amd64, linux/arm64"), "{failure}");
    assert_eq!(bench.content.requests(), 0);
    assert!(!bench.file().exists());
}

#[tokio::test]
async fn what_had_arrived_is_not_fetched_twice() {
    let bench = Bench::new();
    bench.content.plan(&bench.layer, [Fault::Break(20_000), Fault::Refuse(FailureKind::Forbidden)]);
    assert_eq!(bench.pull_for("1", Kind::Oci, None).await.unwrap_err().kind, FailureKind::Forbidden);
    assert_eq!(bench.names(), [".images.tar.tagalong"]);
    bench.pull_for("1", Kind::Oci, None).await.unwrap();
    assert_eq!(bench.content.asked(&bench.layer), [0, 20_000, 20_000]);
    assert_eq!(bench.names(), ["images.tar"]);
}

#[tokio::test]
async fn a_target_that_cannot_be_one_is_said_before_anything_is_fetched() {
    let bench = Bench::new();
    fs::create_dir(bench.folder.path().join("folder")).unwrap();
    for (target, said) in [
        ("folder", "it is a folder; name a file"),
        ("new/", "it is a folder; name a file"),
        ("missing/x.tar", "there is no folder"),
    ] {
        let target = bench.folder.path().join(target);
        let jobs = vec![job(&bench.content, &["1"])];
        let failure =
            pull_to_archive(jobs, Kind::Oci, &target, &bench.meter, &CancellationToken::new()).await;
        let failure = failure.unwrap_err();
        assert!(failure.kind == FailureKind::Invalid && failure.said.contains(said), "{failure}");
    }
    assert_eq!(bench.content.requests(), 0);
}

#[cfg(unix)]
#[tokio::test]
async fn a_device_is_never_replaced() {
    let bench = Bench::new();
    let jobs = vec![job(&bench.content, &["1"])];
    let null = Path::new("/dev/null");
    let failure =
        pull_to_archive(jobs, Kind::Oci, null, &bench.meter, &CancellationToken::new()).await.unwrap_err();
    assert_eq!(failure.said, "it is no regular file");
}

#[tokio::test]
async fn an_archive_has_one_writer() {
    let bench = Bench::new();
    let held = super::super::staging::Staging::beside(&bench.file()).unwrap();
    let failure = bench.pull_for("1", Kind::Oci, None).await.unwrap_err();
    assert_eq!(
        (failure.kind, failure.said.as_str()),
        (FailureKind::Conflict, "another program is writing it")
    );
    held.remove().unwrap();
    bench.pull_for("1", Kind::Oci, None).await.unwrap();
}

/// `/dev/full` behaves as a file on a full disk does.
#[cfg(target_os = "linux")]
#[tokio::test]
async fn a_full_disk_is_said_with_what_is_needed_and_the_old_archive_stays() {
    let bench = Bench::new();
    fs::write(bench.file(), "the old one").unwrap();
    let staging = bench.folder.path().join(".images.tar.tagalong");
    fs::create_dir(&staging).unwrap();
    std::os::unix::fs::symlink("/dev/full", staging.join("part")).unwrap();
    let failure = bench.pull_for("1", Kind::Docker, None).await.unwrap_err();
    assert_eq!(
        (failure.kind, failure.said.as_str()),
        (FailureKind::Io, "the disk is full; the archive needs 64.0 KiB")
    );
    assert_eq!(fs::read_to_string(bench.file()).unwrap(), "the old one");
    assert!(!staging.join("part").exists());
    bench.pull_for("1", Kind::Docker, None).await.unwrap();
    assert_eq!(bench.content.asked(&bench.layer), [0], "what had arrived was kept");
}

#[tokio::test]
async fn a_pull_that_is_stopped_leaves_the_old_archive() {
    let bench = Bench::new();
    fs::write(bench.file(), "the old one").unwrap();
    bench.content.plan(&bench.layer, [Fault::Hang(1000)]);
    let cancel = CancellationToken::new();
    let jobs = vec![job(&bench.content, &["1"])];
    let target = bench.file();
    let pulling = pull_to_archive(jobs, Kind::Docker, &target, &bench.meter, &cancel);
    let stopping = async {
        while bench.content.asked(&bench.layer).is_empty() {
            tokio::task::yield_now().await;
        }
        cancel.cancel();
    };
    let (outcome, ()) = tokio::join!(pulling, stopping);
    assert_eq!(outcome.unwrap_err().kind, FailureKind::Cancelled);
    assert_eq!(fs::read_to_string(bench.file()).unwrap(), "the old one");
}

/// `1` can run, `sign` is a signature, `arm` has another platform only, and `gone` is not there.
async fn stream_for_engine(tags: &[&str]) -> (Result<Moved, Failure>, Vec<String>) {
    let mut content = Scripted::default();
    let amd = runnable(&mut content, "amd", "amd64", &[(layer_tar(1, 900), Stored::Plain)]);
    let arm = runnable(&mut content, "arm64", "arm64", &[(layer_tar(2, 900), Stored::Plain)]);
    content.index("1", &[(amd, "amd64")]);
    content.index("arm", &[(arm, "arm64")]);
    let body = serde_json::json!({"schemaVersion": 2, "mediaType": crate::domain::media::OCI_MANIFEST,
        "config": content.blob("application/vnd.dev.cosign.artifact.sig.v1+json", "{}"), "layers": []});
    content.manifest("sign", crate::domain::media::OCI_MANIFEST, &body);
    let content = Arc::new(content);
    let folder = TempDir::new().unwrap();
    let job = PullJob { platform: Some("linux/amd64".parse().unwrap()), ..job(&content, tags) };
    let beside = folder.path().join("loading/x");
    let (meter, stop) = (Meter::new(), CancellationToken::new());
    let loading = pull_and_stream(vec![job], &beside, &meter, &stop).await;
    (loading.map(|loading| loading.moved), content.read())
}

#[tokio::test]
async fn of_a_repository_an_engine_gets_what_it_can_run_and_each_manifest_is_read_once() {
    let (moved, read) = stream_for_engine(&["sign", "1", "arm", "gone"]).await;
    let moved = moved.unwrap();
    let names: Vec<&str> = moved.images.iter().map(|(name, _)| name.as_str()).collect();
    assert_eq!(names, ["h.example/app:1"]);
    for (note, name) in moved.notes.iter().zip(["sign", "arm", "gone"]) {
        assert!(note.starts_with(&format!("h.example/app:{name} is left out: ")), "{note}");
    }
    assert_eq!(moved.notes.len(), 3);
    let distinct: std::collections::BTreeSet<&String> = read.iter().collect();
    assert_eq!(distinct.len(), read.len(), "{read:?}");
}

#[tokio::test]
async fn what_an_engine_cannot_run_at_all_is_a_failure() {
    let failure = stream_for_engine(&["sign"]).await.0.unwrap_err();
    assert_eq!(failure.kind, FailureKind::Invalid);
    assert_eq!(failure.doing, "loading h.example/app:sign");
    assert!(failure.hint().starts_with("Pull it to the store"), "{}", failure.hint());
    assert_eq!(stream_for_engine(&["arm"]).await.0.unwrap_err().kind, FailureKind::NotFound);
}

#[test]
fn folders_that_nobody_has_held_for_long_go() {
    let parent = TempDir::new().unwrap();
    let names = ["old", "held", "new"];
    let staged = names.map(|name| super::super::staging::Staging::beside(&parent.path().join(name)).unwrap());
    let folder = |name: &str| parent.path().join(format!(".{name}.tagalong"));
    let [old, held, new] = staged;
    let week = std::time::Duration::from_hours(7 * 24);
    for name in ["old", "held"] {
        let lock = fs::File::options().write(true).open(folder(name).join("lock")).unwrap();
        lock.set_modified(std::time::SystemTime::now() - 2 * week).unwrap();
    }
    drop((old, new));
    sweep(parent.path(), week).unwrap();
    assert_eq!(names.map(|name| folder(name).exists()), [false, true, true]);
    drop(held);
    sweep(&parent.path().join("not there"), week).unwrap();
}
