//! oci-archives and docker-archives, to and from skopeo.

use std::fs;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use serde_json::Value;
use tagalong::domain::{Digest, Manifest};
use tagalong::registry::Content as _;
use tagalong::transfer::archive::{Kind, open_docker, open_oci, pull_to_archive};
use tagalong::transfer::{Layout, Meter, PullJob};
use tokio_util::sync::CancellationToken;

use super::content::{Flavour, Image, Pushed, push_index};
use super::is_wanted;
use super::program::Home;
use super::registry::{Registry, Setup};

/// A registry with an index `team/multi:1` of two platforms, and an image of Docker's types `team/docker:1`.
struct Bench {
    registry: Registry,
    home: Home,
    index: Pushed,
    members: [Pushed; 2],
    docker: Pushed,
}

impl Bench {
    async fn new() -> Self {
        let registry = Registry::start(Setup::default());
        let client = registry.client();
        let amd64 = Image::small("team/multi", "amd64").push(&client).await;
        let arm64 =
            Image { platform: "linux/arm64", ..Image::small("team/multi", "arm64") }.push(&client).await;
        let members = [amd64, arm64];
        let index = push_index(&client, "team/multi", "1", &members).await;
        let docker = Image { flavour: Flavour::Docker, ..Image::small("team/docker", "1") };
        let docker = docker.push(&client).await;
        Self { home: Home::new(), index, members, docker, registry }
    }

    fn path(&self, name: &str) -> PathBuf {
        self.home.path().join(name)
    }

    fn job(&self, repository: &str, platform: Option<&str>) -> PullJob {
        PullJob {
            content: Arc::new(self.registry.client().content(repository)),
            images: vec![("1".to_owned(), self.registry.reference(&format!("{repository}:1")))],
            layout: PathBuf::new(),
            platform: platform.map(|platform| platform.parse().unwrap()),
            host: self.registry.host.clone(),
        }
    }

    async fn pull(&self, repository: &str, platform: Option<&str>, kind: Kind, file: &Path) {
        let (jobs, meter) = (vec![self.job(repository, platform)], Meter::new());
        pull_to_archive(jobs, kind, file, &meter, &CancellationToken::new()).await.unwrap();
    }

    /// skopeo copies an image of the registry into an archive.
    fn skopeo_copies(&self, repository: &str, more: &[&str], to: &str) {
        let from = format!("docker://{}", self.registry.reference(&format!("{repository}:1")));
        let args = [&["copy", "--src-tls-verify=false"], more, &[&from, to]].concat();
        self.home.skopeo(&args);
    }
}

fn config_of(manifest: &[u8]) -> Digest {
    match Manifest::parse(manifest, "").unwrap() {
        Manifest::Image(image) => image.config.digest,
        other => panic!("{other:?}"),
    }
}

fn stored_config(layout: &Layout, digest: &Digest) -> Digest {
    config_of(&fs::read(layout.blob_path(digest)).unwrap())
}

#[tokio::test]
async fn skopeo_reads_our_oci_archive_with_every_digest() {
    if !is_wanted() {
        return;
    }
    let bench = Bench::new().await;
    let file = bench.path("ours.tar");
    bench.pull("team/multi", None, Kind::Oci, &file).await;
    let named = format!("oci-archive:{}:{}", file.display(), bench.registry.reference("team/multi:1"));
    assert_eq!(bench.home.skopeo(&["inspect", "--raw", &named]), bench.index.bytes);
    let copy = bench.path("copy");
    let to = format!("dir:{}", copy.display());
    bench.home.skopeo(&["copy", "--all", "--preserve-digests", &named, &to]);
    for member in &bench.members {
        let file = copy.join(format!("{}.manifest.json", member.digest.hex()));
        assert_eq!(fs::read(file).unwrap(), member.bytes);
    }

    let one = bench.path("one.tar");
    bench.pull("team/multi", Some("linux/arm64"), Kind::Oci, &one).await;
    let only = format!("oci-archive:{}", one.display());
    assert_eq!(bench.home.skopeo(&["inspect", "--raw", &only]), bench.members[1].bytes);
}

#[tokio::test]
async fn we_read_the_oci_archive_of_skopeo_with_every_digest() {
    if !is_wanted() {
        return;
    }
    let bench = Bench::new().await;
    let file = bench.path("theirs.tar");
    bench.skopeo_copies(
        "team/multi",
        &["--all", "--preserve-digests"],
        &format!("oci-archive:{}:v1", file.display()),
    );
    let archive = open_oci(&file).await.unwrap();
    let found = archive.find(Some("v1")).unwrap();
    assert_eq!(found.manifest.digest, bench.index.digest);
    assert_eq!(archive.manifest("v1").await.unwrap().bytes, bench.index.bytes);

    let job = PullJob {
        content: Arc::new(archive),
        images: vec![("v1".to_owned(), "x".to_owned())],
        layout: bench.path("layout"),
        platform: None,
        host: "theirs".to_owned(),
    };
    let moved = tagalong::transfer::pull(job, &Meter::new(), &CancellationToken::new()).await.unwrap();
    assert_eq!(moved.moved, bench.index.size, "every blob came, and was verified");
    let read = bench.home.skopeo(&["inspect", "--raw", &format!("oci:{}:x", bench.path("layout").display())]);
    assert_eq!(read, bench.index.bytes);
}

#[tokio::test]
async fn skopeo_reads_our_docker_archive_with_the_same_configuration() {
    if !is_wanted() {
        return;
    }
    let bench = Bench::new().await;
    for (repository, platform, pushed) in
        [("team/multi", Some("linux/arm64"), &bench.members[1]), ("team/docker", None, &bench.docker)]
    {
        let file = bench.path("ours.tar");
        bench.pull(repository, platform, Kind::Docker, &file).await;
        let name = bench.registry.reference(&format!("{repository}:1"));
        let named = format!("docker-archive:{}:{name}", file.display());
        let manifest = bench.home.skopeo(&["inspect", "--raw", &named]);
        assert_eq!(config_of(&manifest), config_of(&pushed.bytes));
        let config = bench.home.skopeo(&["inspect", "--config", "--raw", &named]);
        assert_eq!(Digest::of(&config), config_of(&pushed.bytes));
        // Every layer is read and verified on the way.
        let to = bench.path("copy");
        bench.home.skopeo(&["copy", &named, &format!("dir:{}", to.display())]);
        let copied: Value = serde_json::from_slice(&fs::read(to.join("manifest.json")).unwrap()).unwrap();
        assert_eq!(copied["layers"].as_array().unwrap().len(), 2);
    }
}

#[tokio::test]
async fn we_read_the_docker_archive_of_skopeo_with_the_same_configuration() {
    if !is_wanted() {
        return;
    }
    let bench = Bench::new().await;
    let (file, staging) = (bench.path("theirs.tar"), bench.path("staging"));
    let named = format!("docker-archive:{}:h.example/app:2", file.display());
    bench.skopeo_copies("team/docker", &[], &named);
    let opened = open_docker(&file, &staging, &CancellationToken::new()).await.unwrap();
    let found = opened.find(Some("h.example/app:2")).unwrap().manifest;
    assert_eq!(stored_config(opened.layout(), &found.digest), config_of(&bench.docker.bytes));
    // What it has become is an image for skopeo too, layers verified.
    let from = format!("oci:{}:h.example/app:2", staging.display());
    let to = format!("docker-archive:{}:h.example/app:3", bench.path("back.tar").display());
    bench.home.skopeo(&["copy", &from, &to]);
    let back = format!("docker-archive:{}:h.example/app:3", bench.path("back.tar").display());
    let manifest = bench.home.skopeo(&["inspect", "--raw", &back]);
    assert_eq!(config_of(&manifest), config_of(&bench.docker.bytes));
}
