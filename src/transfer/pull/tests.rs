//! Pulling from a scripted repository onto a real disk.

use std::fs;

use tempfile::TempDir;

use super::super::scripted::{Fault, Scripted};
use super::*;
use crate::domain::FailureKind;
use crate::domain::job::PartState;
use crate::transfer::StoredImage;

struct Bench {
    folder: TempDir,
    content: Arc<Scripted>,
    meter: Arc<Meter>,
    cancel: CancellationToken,
}

impl Bench {
    fn new(content: Scripted) -> Self {
        let folder = TempDir::new().unwrap();
        Self { folder, content: Arc::new(content), meter: Meter::new(), cancel: CancellationToken::new() }
    }

    fn job(&self, tags: &[&str]) -> PullJob {
        PullJob {
            content: self.content.clone(),
            images: tags.iter().map(|tag| ((*tag).to_owned(), format!("h/app:{tag}"))).collect(),
            layout: self.folder.path().join("store"),
            platform: None,
            host: "h".to_owned(),
        }
    }

    async fn pull(&mut self, tags: &[&str]) -> Result<Moved, Failure> {
        self.meter = Meter::new();
        pull(self.job(tags), &self.meter, &self.cancel).await
    }

    async fn pull_for(&self, tag: &str, platform: &str) -> Result<Moved, Failure> {
        let job = PullJob { platform: Some(platform.parse().unwrap()), ..self.job(&[tag]) };
        pull(job, &self.meter, &self.cancel).await
    }

    fn layout(&self) -> Layout {
        Layout::open(&self.folder.path().join("store")).unwrap()
    }

    fn has(&self, blob: &Descriptor) -> bool {
        self.layout().has(&blob.digest, blob.size)
    }

    fn bytes_of(&self, blob: &Descriptor) -> Vec<u8> {
        fs::read(self.layout().blob_path(&blob.digest)).unwrap()
    }

    fn partial_length(&self, blob: &Descriptor) -> u64 {
        let name = format!("sha256-{}", blob.digest.hex());
        let path = self.folder.path().join("store/.tagalong/partial").join(name);
        fs::metadata(path).map_or(0, |file| file.len())
    }

    async fn until(&self, is_so: impl Fn(&Self) -> bool) {
        while !is_so(self) {
            tokio::task::yield_now().await;
        }
    }
}

fn noise(seed: u8, length: usize) -> Vec<u8> {
    (0..length).map(|i| seed.wrapping_mul(31).wrapping_add((i % 251) as u8)).collect()
}

fn layer(content: &mut Scripted, seed: u8, length: usize) -> Descriptor {
    content.blob("application/vnd.oci.image.layer.v1.tar+gzip", noise(seed, length))
}

/// One image `1` with one layer.
fn one_layer(length: usize) -> (Bench, Descriptor) {
    let mut content = Scripted::default();
    let layer = layer(&mut content, 1, length);
    content.image("1", "amd64", std::slice::from_ref(&layer));
    (Bench::new(content), layer)
}

fn stored(bench: &Bench) -> Vec<StoredImage> {
    bench.layout().images().unwrap()
}

#[tokio::test]
async fn an_image_arrives_whole_with_its_exact_manifest_and_name() {
    let mut content = Scripted::default();
    let layers = [layer(&mut content, 1, 5000), layer(&mut content, 2, 70_000)];
    let root = content.image("1", "amd64", &layers);
    let mut bench = Bench::new(content);
    let pulled = bench.pull(&["1"]).await.unwrap();
    let manifest = bench.content.manifest("1").await.unwrap();
    assert_eq!(bench.bytes_of(&root), manifest.bytes);
    assert_eq!(bench.bytes_of(&layers[0]), noise(1, 5000));
    assert_eq!(bench.bytes_of(&layers[1]), noise(2, 70_000));
    assert_eq!(pulled.images, [("h/app:1".to_owned(), root.digest.clone())]);
    assert_eq!(pulled.location, format!("oci:{}:h/app:1", bench.folder.path().join("store").display()));
    assert!(pulled.moved > 75_000 && pulled.reused == 0, "{pulled:?}");
    assert_eq!(stored(&bench)[0].name.as_deref(), Some("h/app:1"));
    assert_eq!(stored(&bench)[0].manifest.digest, root.digest);
    let progress = bench.meter.progress();
    assert_eq!(
        (progress.done, progress.images, progress.stage.as_str()),
        (progress.total, (1, 1), "finished")
    );
    assert!(progress.parts.iter().all(|part| part.state == PartState::Done));
}

#[tokio::test]
async fn what_is_there_is_not_fetched_again() {
    let (mut bench, layer) = one_layer(4000);
    bench.pull(&["1"]).await.unwrap();
    let requests = bench.content.requests();
    let again = bench.pull(&["1"]).await.unwrap();
    assert_eq!(bench.content.requests(), requests);
    assert_eq!(again.moved, 0);
    assert!(again.reused > layer.size);
    assert!(bench.meter.progress().parts.iter().all(|part| part.state == PartState::Present));
}

#[tokio::test]
async fn a_blob_of_the_wrong_size_on_disk_is_replaced() {
    let (mut bench, layer) = one_layer(4000);
    bench.pull(&["1"]).await.unwrap();
    fs::write(bench.layout().blob_path(&layer.digest), "short").unwrap();
    bench.pull(&["1"]).await.unwrap();
    assert_eq!(bench.bytes_of(&layer), noise(1, 4000));
}

#[tokio::test]
async fn a_break_is_resumed_where_it_happened() {
    let (mut bench, layer) = one_layer(50_000);
    bench.content.plan(&layer, [Fault::Break(20_000), Fault::End(7_000)]);
    let pulled = bench.pull(&["1"]).await.unwrap();
    assert_eq!(bench.content.asked(&layer), [0, 20_000, 27_000]);
    assert_eq!(bench.bytes_of(&layer), noise(1, 50_000));
    let config = bench.meter.progress().total - layer.size;
    assert_eq!(pulled.moved, 50_000 + config);
}

#[tokio::test]
async fn a_server_that_ignores_the_range_starts_over() {
    let (mut bench, layer) = one_layer(50_000);
    bench.content.plan(&layer, [Fault::Break(20_000), Fault::IgnoreRange]);
    bench.pull(&["1"]).await.unwrap();
    assert_eq!(bench.content.asked(&layer), [0, 20_000]);
    assert_eq!(bench.bytes_of(&layer), noise(1, 50_000));
}

#[tokio::test]
async fn a_refusal_is_not_repeated() {
    let (mut bench, layer) = one_layer(50_000);
    bench.content.plan(&layer, [Fault::Refuse(FailureKind::Forbidden)]);
    let failure = bench.pull(&["1"]).await.unwrap_err();
    assert_eq!(failure.kind, FailureKind::Forbidden);
    assert_eq!(bench.content.asked(&layer), [0]);
}

#[tokio::test]
async fn wrong_bytes_are_named_and_not_kept() {
    let (mut bench, layer) = one_layer(3000);
    bench.content.plan(&layer, [Fault::Wrong(vec![7; 3000])]);
    let failure = bench.pull(&["1"]).await.unwrap_err();
    assert_eq!(failure.kind, FailureKind::Integrity);
    assert!(failure.doing.contains(&layer.digest.to_string()), "{failure}");
    assert!(!bench.has(&layer));
    assert_eq!(bench.partial_length(&layer), 0);
    assert_eq!(stored(&bench), []);
}

#[tokio::test]
async fn more_bytes_than_promised_are_refused_at_once() {
    let (mut bench, layer) = one_layer(3000);
    bench.content.plan(&layer, [Fault::Wrong(vec![7; 9000])]);
    assert_eq!(bench.pull(&["1"]).await.unwrap_err().kind, FailureKind::Integrity);
    assert_eq!(bench.partial_length(&layer), 0);
}

#[tokio::test]
async fn a_damaged_partial_is_dropped_and_said() {
    let (mut bench, layer) = one_layer(5000);
    let layout = Layout::open_or_create(&bench.folder.path().join("store")).unwrap();
    let name = format!("sha256-{}", layer.digest.hex());
    fs::write(layout.root().join(".tagalong/partial").join(name), [9; 2000]).unwrap();
    let pulled = bench.pull(&["1"]).await.unwrap();
    assert_eq!(bench.content.asked(&layer), [2000, 0]);
    assert_eq!(bench.bytes_of(&layer), noise(1, 5000));
    assert!(pulled.notes[0].contains("was damaged"), "{:?}", pulled.notes);
}

#[tokio::test]
async fn one_failing_layer_does_not_stop_the_others() {
    let mut content = Scripted::default();
    let (bad, good) = (layer(&mut content, 1, 9000), layer(&mut content, 2, 3000));
    content.image("bad", "amd64", &[bad.clone(), good.clone()]);
    let root = content.image("good", "amd64", std::slice::from_ref(&good));
    content.plan(&bad, [Fault::Refuse(FailureKind::NotFound)]);
    let mut bench = Bench::new(content);
    let failure = bench.pull(&["bad", "missing", "good"]).await.unwrap_err();
    assert_eq!(failure.kind, FailureKind::NotFound);
    assert!(failure.said.ends_with("(and 1 more failed)"), "{failure}");
    assert!(bench.has(&good) && !bench.has(&bad));
    let images = stored(&bench);
    assert_eq!(images.len(), 1);
    assert_eq!(images[0].manifest.digest, root.digest);
}

#[test]
fn a_full_disk_is_told_once_with_what_all_of_the_image_needs() {
    let parts: Vec<Arc<PartMeter>> = [3u64 << 20, 4 << 20, 2 << 20]
        .into_iter()
        .map(|size| Arc::new(PartMeter::new(&Descriptor::new("t", Digest::of(&size.to_le_bytes()), size))))
        .collect();
    parts[0].present();
    parts[1].advance(1 << 20);
    let full = || Failure::io("writing a blob", &std::io::ErrorKind::StorageFull.into());
    let wrong = Failure::new(FailureKind::Integrity, "fetching a blob", "other bytes");
    let told = as_one_need(vec![full(), wrong.clone(), full()], &parts, "h");
    let need = "the disk is full; 5.0 MiB more are needed (what has arrived is kept)";
    assert_eq!(told, [Failure::new(FailureKind::Io, "pulling from h", need), wrong.clone()]);
    assert_eq!(as_one_need(vec![wrong.clone()], &parts, "h"), [wrong]);
}

#[tokio::test]
async fn images_share_their_blobs() {
    let mut content = Scripted::default();
    let shared = layer(&mut content, 1, 9000);
    for tag in ["1", "2", "3"] {
        content.image(tag, "amd64", std::slice::from_ref(&shared));
    }
    let mut bench = Bench::new(content);
    bench.pull(&["1", "2", "3"]).await.unwrap();
    assert_eq!(bench.content.asked(&shared), [0]);
    assert_eq!(stored(&bench).len(), 3);
}

fn two_platforms() -> (Scripted, [Descriptor; 3], [Descriptor; 2]) {
    let mut content = Scripted::default();
    let layers = [layer(&mut content, 1, 3000), layer(&mut content, 2, 4000)];
    let amd = content.image("amd", "amd64", &layers[..1]);
    let arm = content.image("arm", "arm64", &layers[1..]);
    let index = content.index("1", &[(amd.clone(), "amd64"), (arm.clone(), "arm64")]);
    (content, [index, amd, arm], layers)
}

#[tokio::test]
async fn without_a_platform_the_index_comes_with_all_members() {
    let (content, [index, amd, arm], layers) = two_platforms();
    let mut bench = Bench::new(content);
    let pulled = bench.pull(&["1"]).await.unwrap();
    assert_eq!(pulled.images[0].1, index.digest);
    for blob in [index, amd, arm].iter().chain(&layers) {
        assert!(bench.has(blob), "{}", blob.digest);
    }
}

#[tokio::test]
async fn with_a_platform_only_its_member_comes() {
    let (content, [index, amd, arm], layers) = two_platforms();
    let bench = Bench::new(content);
    let pulled = bench.pull_for("1", "linux/arm64").await.unwrap();
    assert_eq!(pulled.images[0].1, arm.digest);
    assert!(bench.has(&arm) && bench.has(&layers[1]));
    assert!(!bench.has(&amd) && !bench.has(&layers[0]) && !bench.has(&index));
    assert_eq!(stored(&bench)[0].manifest.platform, Some("linux/arm64".parse().unwrap()));
    assert_eq!(bench.pull_for("1", "linux/s390x").await.unwrap_err().kind, FailureKind::NotFound);
    let noted = bench.pull_for("amd", "linux/arm64").await.unwrap().notes;
    assert_eq!(noted, ["h/app:amd is for linux/amd64, not for linux/arm64"]);
}

#[tokio::test]
async fn cancelling_leaves_a_partial_that_the_next_try_uses() {
    let (mut bench, layer) = one_layer(50_000);
    bench.content.plan(&layer, [Fault::Hang(30_000)]);
    let (meter, cancel) = (Meter::new(), CancellationToken::new());
    let pulling = pull(bench.job(&["1"]), &meter, &cancel);
    let stopping = async {
        bench.until(|bench| bench.partial_length(&layer) == 30_000).await;
        cancel.cancel();
    };
    let (outcome, ()) = tokio::join!(pulling, stopping);
    assert_eq!(outcome.unwrap_err().kind, FailureKind::Cancelled);
    assert_eq!(stored(&bench), []);
    let pulled = bench.pull(&["1"]).await.unwrap();
    assert_eq!(bench.content.asked(&layer), [0, 30_000]);
    assert!(pulled.reused >= 30_000);
    assert_eq!(bench.bytes_of(&layer), noise(1, 50_000));
}

#[tokio::test]
async fn a_pull_that_is_simply_dropped_can_be_taken_up_again() {
    let (mut bench, layer) = one_layer(50_000);
    bench.content.plan(&layer, [Fault::Hang(30_000)]);
    let (meter, cancel) = (Meter::new(), CancellationToken::new());
    {
        let pulling = std::pin::pin!(pull(bench.job(&["1"]), &meter, &cancel));
        let arrived = std::pin::pin!(bench.until(|bench| bench.partial_length(&layer) == 30_000));
        futures_util::future::select(pulling, arrived).await;
    }
    bench.pull(&["1"]).await.unwrap();
    assert_eq!(bench.content.asked(&layer), [0, 30_000]);
    assert_eq!(bench.bytes_of(&layer), noise(1, 50_000));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn two_pulls_at_once_fetch_each_blob_once() {
    let (bench, layer) = one_layer(400_000);
    let (one, two) = (Meter::new(), Meter::new());
    let (first, second) = tokio::join!(
        pull(bench.job(&["1"]), &one, &bench.cancel),
        pull(
            PullJob { images: vec![("1".to_owned(), "other".to_owned())], ..bench.job(&[]) },
            &two,
            &bench.cancel
        ),
    );
    let (first, second) = (first.unwrap(), second.unwrap());
    assert_eq!(bench.content.asked(&layer), [0]);
    assert_eq!(first.moved + second.moved, one.progress().total);
    assert_eq!(bench.bytes_of(&layer), noise(1, 400_000));
    assert_eq!(stored(&bench).len(), 2);
    assert_eq!(fs::read_dir(bench.folder.path().join("store/.tagalong/partial")).unwrap().count(), 0);
}

#[tokio::test]
async fn one_meter_counts_several_pulls() {
    let (bench, layer) = one_layer(4000);
    let mut other = Scripted::default();
    let others = [self::layer(&mut other, 2, 5000), self::layer(&mut other, 3, 6000)];
    other.image("1", "amd64", &others);
    pull(bench.job(&["1"]), &bench.meter, &bench.cancel).await.unwrap();
    let second =
        PullJob { content: Arc::new(other), images: vec![("1".into(), "b".into())], ..bench.job(&[]) };
    let pulled = pull(second, &bench.meter, &bench.cancel).await.unwrap();
    assert!(bench.has(&layer) && bench.has(&others[0]) && bench.has(&others[1]));
    let progress = bench.meter.progress();
    assert_eq!((progress.done, progress.parts.len(), progress.images), (progress.total, 5, (2, 2)));
    assert_eq!(pulled.moved, 11_000, "the configuration was there");
}

#[tokio::test]
async fn an_empty_blob_needs_no_request() {
    let (mut bench, layer) = one_layer(0);
    bench.pull(&["1"]).await.unwrap();
    assert!(bench.has(&layer));
    assert!(bench.content.asked(&layer).is_empty());
}

#[tokio::test]
async fn a_repository_without_images_is_pulled_at_once() {
    let mut bench = Bench::new(Scripted::default());
    assert_eq!(bench.pull(&[]).await.unwrap().images, []);
}

#[test]
fn a_pull_can_be_given_to_any_thread() {
    fn check<T: Send>(_: &T) {}
    let bench = Bench::new(Scripted::default());
    check(&pull(bench.job(&[]), &bench.meter, &bench.cancel));
}

#[tokio::test]
async fn every_blob_is_counted_however_many_there_are() {
    let mut content = Scripted::default();
    let layers: Vec<Descriptor> = (0..70).map(|n| layer(&mut content, n, 100 + usize::from(n))).collect();
    content.image("1", "amd64", &layers);
    let mut bench = Bench::new(content);
    bench.pull(&["1"]).await.unwrap();
    let progress = bench.meter.progress();
    assert_eq!((progress.blobs, progress.parts.len()), ((71, 71), 0), "settled ones are counted, not told");
}
