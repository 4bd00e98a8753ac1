//! Copies between registries as the explorer asks for them: several at once, with what refers to them, and not over a
//! tag that somebody has moved.

use std::sync::Arc;

use tagalong::demo::{Server, Settings};
use tagalong::domain::job::{Along, Copying, Moved, Seen};
use tagalong::domain::{Digest, Failure, FailureKind, Locator, NodeKind};
use tagalong::transfer::Meter;
use tagalong::workspace::{Extent, Workspace};
use tokio_util::sync::CancellationToken;

use crate::support::{Home, connect, filled, repository, tag};

/// An image with a signature and an SBOM.
const SIGNED: &str = "acme/api";

struct Bench {
    _home: Home,
    workspace: Workspace,
    source: Server,
    target: Server,
    from: Locator,
    to: Locator,
}

async fn bench(target: Settings) -> Bench {
    let (home, source) = (Home::new(), filled(Settings::default()).await);
    let target = Server::start(target).await.unwrap();
    let workspace = home.open();
    let from = tag(&connect(&workspace, &source).await, SIGNED, "latest");
    let to = tag(&connect(&workspace, &target).await, "mirror/api", "latest");
    Bench { _home: home, workspace, source, target, from, to }
}

impl Bench {
    async fn copy(&self, what: &[Copying], along: Along) -> Result<Moved, Failure> {
        let (meter, stop) = (Meter::new(), CancellationToken::new());
        let extent = Extent { platform: None, along };
        self.workspace.copy_all(what, &extent, &meter, &stop).await
    }

    fn one(&self, seen: Seen) -> Copying {
        Copying { from: self.from.clone(), to: self.to.clone(), seen }
    }

    fn digest(&self) -> Digest {
        self.source.store().resolve(SIGNED, "latest").unwrap()
    }
}

#[tokio::test]
async fn referrers_come_along_when_they_are_asked_for() {
    let bench = bench(Settings::default()).await;
    bench.copy(&[bench.one(Seen::NotLooked)], Along::Nothing).await.unwrap();
    assert!(bench.target.store().referrers("mirror/api", &bench.digest()).is_empty());
    let moved = bench.copy(&[bench.one(Seen::NotLooked)], Along::Referrers).await.unwrap();
    let digests = |server: &Server, repository: &str| {
        let mut all: Vec<_> =
            server.store().referrers(repository, &bench.digest()).into_iter().map(|r| r.digest).collect();
        all.sort();
        all
    };
    let expected = digests(&bench.source, SIGNED);
    assert!(expected.len() >= 2, "the sample has a signature and an SBOM");
    assert_eq!(digests(&bench.target, "mirror/api"), expected);
    assert!(moved.notes.iter().any(|n| n.contains("copied along")), "{moved:?}");
    assert_eq!(moved.at, Some(bench.to.clone()));
}

#[tokio::test]
async fn a_registry_without_the_api_gets_the_tag_that_stands_in_for_it() {
    let bench = bench(Settings { referrers: false, ..Settings::default() }).await;
    bench.copy(&[bench.one(Seen::NotLooked)], Along::Referrers).await.unwrap();
    let stand_in = format!("sha256-{}", bench.digest().hex());
    assert!(bench.target.store().resolve("mirror/api", &stand_in).is_some());
    let details = bench.workspace.details(&bench.to).await.unwrap();
    let tagalong::domain::detail::Details::Image(image) = details else { panic!("{details:?}") };
    let known = image.referrers.unwrap().len();
    // Once more changes nothing.
    bench.copy(&[bench.one(Seen::NotLooked)], Along::Referrers).await.unwrap();
    let index = bench.target.store().resolve("mirror/api", &stand_in).unwrap();
    let raw = bench.target.store().manifest("mirror/api", &index).unwrap();
    let tagalong::domain::Manifest::Index(index) = raw.parse().unwrap() else { panic!("no index") };
    assert!(known >= 2 && index.manifests.len() <= known, "{index:?}");
}

#[tokio::test]
async fn a_tag_that_was_moved_since_it_was_seen_is_left_alone() {
    let bench = bench(Settings::default()).await;
    bench.copy(&[bench.one(Seen::Nothing)], Along::Nothing).await.unwrap();
    let there = bench.digest();
    let other = Digest::of(b"another manifest");
    for seen in [Seen::Nothing, Seen::Digest(other)] {
        let failure = bench.copy(&[bench.one(seen)], Along::Nothing).await.unwrap_err();
        assert_eq!(failure.kind, FailureKind::Conflict);
        assert!(failure.said.contains("meanwhile") && failure.said.contains(&there.to_string()), "{failure}");
    }
    let writes = |server: &Server| server.requests().iter().filter(|r| r.method == "PUT").count();
    let before = writes(&bench.target);
    bench.copy(&[bench.one(Seen::Digest(there))], Along::Nothing).await.unwrap();
    assert!(writes(&bench.target) > before);
}

#[tokio::test]
async fn one_that_fails_stops_none_of_the_others() {
    let bench = bench(Settings::default()).await;
    let sibling = |at: &Locator, name: &str| at.parent().unwrap().child(NodeKind::Tag, name);
    let gone = Copying { from: sibling(&bench.from, "gone"), ..bench.one(Seen::NotLooked) };
    let failure = bench.copy(&[gone, bench.one(Seen::NotLooked)], Along::Nothing).await.unwrap_err();
    assert_eq!(failure.kind, FailureKind::NotFound);
    assert_eq!(bench.target.store().resolve("mirror/api", "latest"), Some(bench.digest()));
}

#[tokio::test]
async fn what_a_pull_would_take_counts_shared_blobs_once() {
    let home = Home::new();
    let server = filled(Settings::default()).await;
    let workspace = Arc::new(home.open());
    let connected = connect(&workspace, &server).await;
    let at = repository(&connected, SIGNED);
    let tags: Vec<_> = server.store().tags(SIGNED);
    let weight = workspace.weigh(std::slice::from_ref(&at)).await.unwrap();
    assert_eq!((weight.images, weight.unknown), (tags.len() as u64, 0));
    let one = workspace.weigh(&[at.child(NodeKind::Tag, "latest")]).await.unwrap();
    assert!(one.images == 1 && one.bytes > 0 && weight.bytes >= one.bytes, "{one:?} {weight:?}");
    let sum: u64 = {
        let mut sum = 0;
        for tag in &tags {
            sum += workspace.weigh(&[at.child(NodeKind::Tag, tag)]).await.unwrap().bytes;
        }
        sum
    };
    assert!(weight.bytes < sum, "tags of one manifest share everything");
}
