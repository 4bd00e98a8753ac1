//! Pulling from the built-in registry over HTTP: what a break, a stop or a damaged answer leaves, and what the next
//! try makes of it. What is fetched is counted by the registry itself.
#![expect(
    clippy::unwrap_used,
    reason = "a test fails by panicking; the lint knows test functions but not what they call"
)]

mod images;

use std::fs;
use std::sync::Arc;

use images::noise;
use tagalong::demo::{Fault, Match, Server, Settings, What, fill};
use tagalong::domain::job::Moved;
use tagalong::domain::{Descriptor, Digest, Failure, FailureKind, Manifest, RawManifest};
use tagalong::http::{self, Http};
use tagalong::registry::{Content as _, Distribution};
use tagalong::transfer::{Layout, Meter, PullJob, pull};
use tempfile::TempDir;
use tokio_util::sync::CancellationToken;

/// 2026-01-01, so that the sample content is the same each time.
const NOW: i64 = 1_767_225_600;
const MIB: usize = 1 << 20;

struct Bench {
    server: Server,
    folder: TempDir,
    cancel: CancellationToken,
}

impl Bench {
    async fn with(settings: Settings) -> Self {
        let server = Server::start(settings).await.unwrap();
        Self { server, folder: TempDir::new().unwrap(), cancel: CancellationToken::new() }
    }

    async fn new() -> Self {
        Self::with(Settings::default()).await
    }

    /// Puts an image with these layers under `app:tag`.
    fn put_image(&self, tag: &str, layers: &[Vec<u8>]) -> Vec<Descriptor> {
        let image = images::put_image(self.server.store(), "app", tag, layers);
        assert_eq!(self.server.store().resolve("app", tag), Some(image.digest));
        image.layers
    }

    fn distribution(&self) -> Distribution {
        Distribution::new(Http::new(http::Settings::new(self.server.url().parse().unwrap())))
    }

    fn job(&self, repository: &str, tags: &[&str]) -> PullJob {
        PullJob {
            content: Arc::new(self.distribution().content(repository)),
            images: tags.iter().map(|tag| ((*tag).to_owned(), format!("{repository}:{tag}"))).collect(),
            layout: self.folder.path().join("store"),
            platform: None,
            host: "the demo".to_owned(),
        }
    }

    async fn pull(&self, repository: &str, tags: &[&str]) -> Result<Moved, Failure> {
        pull(self.job(repository, tags), &Meter::new(), &self.cancel).await
    }

    fn fail_once(&self, blob: &Descriptor, what: What) {
        self.server.inject(Fault::once(Match::path(&blob_path(blob)), what));
    }

    /// The `Range` of each request for the blob.
    fn ranges(&self, blob: &Descriptor) -> Vec<Option<String>> {
        let asked = self.server.requests().into_iter().filter(|r| r.path == blob_path(blob));
        asked.map(|request| request.range).collect()
    }

    fn layout(&self) -> Layout {
        Layout::open(&self.folder.path().join("store")).unwrap()
    }

    fn bytes_of(&self, blob: &Descriptor) -> Vec<u8> {
        fs::read(self.layout().blob_path(&blob.digest)).unwrap()
    }

    fn partial_length(&self, blob: &Descriptor) -> u64 {
        let name = format!("sha256-{}", blob.digest.hex());
        let path = self.folder.path().join("store/.tagalong/partial").join(name);
        fs::metadata(path).map_or(0, |file| file.len())
    }

    /// Waits until the partial file of the blob has so many bytes.
    async fn arrived(&self, blob: &Descriptor, bytes: usize) {
        while self.partial_length(blob) < bytes as u64 {
            tokio::task::yield_now().await;
        }
    }
}

fn blob_path(blob: &Descriptor) -> String {
    format!("/v2/app/blobs/{}", blob.digest)
}

fn from(bytes: usize) -> Option<String> {
    Some(format!("bytes={bytes}-"))
}

#[tokio::test]
async fn a_truncated_body_is_resumed_by_range() {
    let bench = Bench::new().await;
    let layers = bench.put_image("1", &[noise(1, 3 * MIB)]);
    bench.fail_once(&layers[0], What::Truncate(MIB as u64));
    let pulled = bench.pull("app", &["1"]).await.unwrap();
    assert_eq!(bench.ranges(&layers[0]), [None, from(MIB)]);
    assert_eq!(bench.bytes_of(&layers[0]), noise(1, 3 * MIB));
    assert!(pulled.moved < 3 * MIB as u64 + 100, "{pulled:?}");
}

#[tokio::test]
async fn without_ranges_a_truncated_body_is_fetched_from_the_start() {
    let bench = Bench::with(Settings { ranges: false, ..Settings::default() }).await;
    let layers = bench.put_image("1", &[noise(1, 3 * MIB)]);
    bench.fail_once(&layers[0], What::Truncate(MIB as u64));
    let pulled = bench.pull("app", &["1"]).await.unwrap();
    assert_eq!(bench.bytes_of(&layers[0]), noise(1, 3 * MIB));
    assert!(pulled.moved > 4 * MIB as u64, "{pulled:?}");
}

#[tokio::test]
async fn a_cancelled_pull_leaves_what_the_next_one_uses() {
    let bench = Bench::new().await;
    let layers = bench.put_image("1", &[noise(1, 3 * MIB)]);
    bench.fail_once(&layers[0], What::Stall(2 * MIB as u64));
    let meter = Meter::new();
    let stopping = async {
        bench.arrived(&layers[0], 2 * MIB).await;
        bench.cancel.cancel();
    };
    let (outcome, ()) = tokio::join!(pull(bench.job("app", &["1"]), &meter, &bench.cancel), stopping);
    assert_eq!(outcome.unwrap_err().kind, FailureKind::Cancelled);
    assert_eq!(bench.layout().images().unwrap(), []);

    let fresh = CancellationToken::new();
    let pulled = pull(bench.job("app", &["1"]), &Meter::new(), &fresh).await.unwrap();
    assert_eq!(bench.ranges(&layers[0]), [None, from(2 * MIB)]);
    // The configuration may have been on its way as well.
    assert!((MIB as u64..MIB as u64 + 100).contains(&pulled.moved), "{} bytes", pulled.moved);
    assert!(bench.bytes_of(&layers[0]) == noise(1, 3 * MIB));
}

#[tokio::test]
async fn a_pull_that_was_torn_off_is_taken_up_again() {
    let bench = Bench::new().await;
    let layers = bench.put_image("1", &[noise(1, 3 * MIB), noise(2, 100)]);
    bench.fail_once(&layers[0], What::Stall(MIB as u64));
    {
        let meter = Meter::new();
        let pulling = std::pin::pin!(pull(bench.job("app", &["1"]), &meter, &bench.cancel));
        let arrived = std::pin::pin!(async {
            bench.arrived(&layers[0], MIB).await;
            while !fs::exists(bench.layout().blob_path(&layers[1].digest)).unwrap() {
                tokio::task::yield_now().await;
            }
        });
        futures_util::future::select(pulling, arrived).await;
    }
    bench.pull("app", &["1"]).await.unwrap();
    assert_eq!(bench.ranges(&layers[0]), [None, from(MIB)]);
    assert_eq!(bench.ranges(&layers[1]), [None]);
    assert_eq!(bench.bytes_of(&layers[0]), noise(1, 3 * MIB));
}

#[tokio::test]
async fn damaged_bytes_are_refused_by_name_and_the_rest_arrives() {
    let bench = Bench::new().await;
    let layers = bench.put_image("1", &[noise(1, MIB), noise(2, MIB / 2)]);
    bench.fail_once(&layers[0], What::Corrupt);
    let failure = bench.pull("app", &["1"]).await.unwrap_err();
    assert_eq!(failure.kind, FailureKind::Integrity);
    assert!(failure.to_string().contains(&layers[0].digest.to_string()), "{failure}");
    assert!(!bench.layout().has(&layers[0].digest, layers[0].size));
    assert_eq!(bench.partial_length(&layers[0]), 0);
    assert!(bench.layout().has(&layers[1].digest, layers[1].size));
    assert_eq!(bench.layout().images().unwrap(), []);

    bench.pull("app", &["1"]).await.unwrap();
    assert_eq!(bench.ranges(&layers[1]), [None]);
}

#[tokio::test]
async fn images_of_a_repository_share_their_blobs() {
    let bench = Bench::new().await;
    let shared = noise(1, MIB);
    let layers = bench.put_image("1", &[shared.clone(), noise(2, 10)]);
    bench.put_image("2", &[shared.clone(), noise(3, 10)]);
    bench.put_image("3", &[shared]);
    bench.pull("app", &["1", "2", "3"]).await.unwrap();
    assert_eq!(bench.ranges(&layers[0]), [None]);
    assert_eq!(bench.layout().images().unwrap().len(), 3);
}

#[tokio::test]
async fn a_blob_that_is_gone_is_said_and_nothing_named() {
    let bench = Bench::new().await;
    let layers = bench.put_image("1", &[noise(1, MIB)]);
    assert!(bench.server.store().remove_blob("app", &layers[0].digest));
    let failure = bench.pull("app", &["1"]).await.unwrap_err();
    assert_eq!(failure.kind, FailureKind::NotFound);
    assert_eq!(bench.layout().images().unwrap(), []);
}

fn is_movable(bench: &Bench, repository: &str, tag: &str) -> bool {
    let digest = bench.server.store().resolve(repository, tag).unwrap();
    let raw = bench.server.store().manifest(repository, &digest).unwrap();
    !matches!(raw.parse(), Ok(Manifest::Schema1))
}

/// Every manifest and blob below `digest`, read from the layout and verified.
fn check_whole(layout: &Layout, image: &Descriptor) {
    let bytes = layout.read_blob(image, 64 << 20).unwrap();
    let raw = RawManifest {
        digest: Digest::of(&bytes),
        bytes: bytes.into(),
        media_type: image.media_type.clone(),
        claimed: None,
    };
    match raw.parse().unwrap() {
        Manifest::Index(index) => index.manifests.iter().for_each(|member| check_whole(layout, member)),
        Manifest::Image(image) => {
            for blob in image.layers.iter().filter(|layer| layer.urls.is_empty()).chain([&image.config]) {
                assert_eq!(fs::metadata(layout.blob_path(&blob.digest)).unwrap().len(), blob.size);
            }
        }
        Manifest::Schema1 => {}
    }
}

#[tokio::test]
async fn every_image_of_the_sample_content_arrives_whole() {
    let bench = Bench::new().await;
    fill(bench.server.store(), NOW).unwrap();
    let store = bench.server.store();
    let mut expected = 0;
    // The one large image would only take time.
    for repository in store.repositories().into_iter().filter(|name| name != "media/transcoder") {
        let tags = store.tags(&repository);
        let movable = tags.iter().filter(|tag| is_movable(&bench, &repository, tag)).count();
        let names: Vec<&str> = tags.iter().map(String::as_str).collect();
        match bench.pull(&repository, &names).await {
            Ok(pulled) => assert_eq!(pulled.images.len(), movable),
            Err(failure) => assert!(failure.said.contains("schema 1") && movable < tags.len(), "{failure}"),
        }
        expected += movable;
    }
    let images = bench.layout().images().unwrap();
    assert_eq!(images.len(), expected);
    for image in images {
        check_whole(&bench.layout(), &image.manifest);
    }
}

#[tokio::test]
async fn one_platform_of_an_index_comes_alone() {
    let bench = Bench::new().await;
    fill(bench.server.store(), NOW).unwrap();
    let (repository, tag, index) = an_index(&bench).await.unwrap();
    let member =
        index.iter().find(|m| m.platform.as_ref().is_some_and(|p| p.architecture == "arm64")).unwrap();
    let job = PullJob { platform: member.platform.clone(), ..bench.job(&repository, &[&tag]) };
    let pulled = pull(job, &Meter::new(), &bench.cancel).await.unwrap();
    assert_eq!(pulled.images[0].1, member.digest);
    check_whole(&bench.layout(), &bench.layout().images().unwrap()[0].manifest);
    let others = index.iter().filter(|other| other.digest != member.digest);
    for other in others {
        assert!(!bench.layout().has(&other.digest, other.size), "{}", other.digest);
    }
}

/// The first index of the sample content that has a member for arm64.
async fn an_index(bench: &Bench) -> Option<(String, String, Vec<Descriptor>)> {
    for repository in bench.server.store().repositories() {
        for tag in bench.server.store().tags(&repository) {
            let raw = bench.distribution().content(&repository).manifest(&tag).await.unwrap();
            let Ok(Manifest::Index(index)) = raw.parse() else { continue };
            if index.manifests.iter().any(|m| m.platform.as_ref().is_some_and(|p| p.architecture == "arm64"))
            {
                return Some((repository, tag, index.manifests));
            }
        }
    }
    None
}
