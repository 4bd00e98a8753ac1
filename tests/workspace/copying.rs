//! Copies between registries as the explorer asks for them: several at once, with what refers to them, and not over a
//! tag that somebody has moved.

use std::sync::Arc;

use serde_json::json;
use tagalong::demo::{Fault, Match, Server, Settings, What};
use tagalong::domain::job::{Along, Copying, Moved, Seen};
use tagalong::domain::{Digest, Failure, FailureKind, Locator, NodeKind, Platform, media};
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
        self.copy_part(what, Extent { platform: None, along }, meter, stop).await
    }

    async fn copy_part(
        &self,
        what: &[Copying],
        extent: Extent,
        meter: Arc<Meter>,
        stop: CancellationToken,
    ) -> Result<Moved, Failure> {
        self.workspace.copy_all(what, &extent, &meter, &stop).await
    }

    fn one(&self, seen: Seen) -> Copying {
        Copying { from: self.from.clone(), to: self.to.clone(), seen }
    }

    /// Points the tag at the target to an image that is not the one to be copied.
    fn tag_another(&self, server: &Server) -> Digest {
        let body = r#"{"schemaVersion":2,"manifests":[]}"#;
        let other = server.store().put_manifest("mirror/api", media::OCI_INDEX, body);
        assert!(server.store().tag("mirror/api", "latest", &other));
        other
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
    let there = bench.tag_another(&bench.target);
    let other = Digest::of(b"another manifest");
    for seen in [Seen::Nothing, Seen::Digest(other)] {
        let failure = bench.copy(&[bench.one(seen)], Along::Nothing).await.unwrap_err();
        assert_eq!(failure.kind, FailureKind::Conflict);
        assert!(failure.said.contains("meanwhile") && failure.said.contains(&there.to_string()), "{failure}");
    }
    let writes = |server: &Server| server.requests().iter().filter(|r| r.method == "PUT").count();
    let before = writes(&bench.target);
    bench.copy(&[bench.one(Seen::Digest(there.clone()))], Along::Nothing).await.unwrap();
    assert!(writes(&bench.target) > before);
    for seen in [Seen::Nothing, Seen::Digest(there)] {
        let again = bench.copy(&[bench.one(seen)], Along::Nothing).await;
        assert_eq!(again.unwrap().images[0].1, bench.digest(), "an earlier try has brought it");
    }
}

#[tokio::test]
async fn a_tag_that_is_moved_during_the_copy_is_left_alone() {
    let bench = bench(Settings::default()).await;
    let is_upload = "/v2/mirror/api/blobs/uploads/";
    bench.target.inject(Fault::once(Match::method("POST", is_upload), What::rate_limit(Some("1"))));
    let what = [bench.one(Seen::Nothing)];
    let copying = bench.copy(&what, Along::Nothing);
    let moving = async {
        while !bench.target.requests().iter().any(|r| r.path.starts_with(is_upload)) {
            tokio::task::yield_now().await;
        }
        bench.tag_another(&bench.target)
    };
    let (copied, there) = tokio::join!(copying, moving);
    assert_eq!(copied.unwrap_err().kind, FailureKind::Conflict);
    assert_eq!(bench.target.store().resolve("mirror/api", "latest"), Some(there));
}

#[tokio::test]
async fn a_referrer_cannot_take_the_place_of_a_tag() {
    let bench = bench(Settings::default()).await;
    let subject = bench.source.store().manifest(SIGNED, &bench.digest()).unwrap();
    let config = bench.source.store().put_blob(SIGNED, "{}");
    let config = json!({ "mediaType": "application/vnd.oci.empty.v1+json", "digest": config, "size": 2 });
    let referrer = json!({
        "schemaVersion": 2, "mediaType": media::OCI_MANIFEST, "artifactType": "application/x-any", "layers": [],
        "config": config,
        "subject": { "mediaType": subject.media_type, "digest": subject.digest, "size": subject.bytes.len() },
        "annotations": { "org.opencontainers.image.ref.name": "latest" },
    });
    let referrer = bench.source.store().put_manifest(SIGNED, media::OCI_MANIFEST, referrer.to_string());
    bench.copy(&[bench.one(Seen::NotLooked)], Along::Referrers).await.unwrap();
    let target = bench.target.store();
    assert_eq!(target.resolve("mirror/api", "latest"), Some(bench.digest()));
    assert!(target.manifest("mirror/api", &referrer).is_some(), "it comes along, under its digest");
}

#[tokio::test]
async fn with_one_platform_only_what_refers_to_it_comes_along() {
    let bench = bench(Settings::default()).await;
    let index = bench.source.store().manifest(SIGNED, &bench.digest()).unwrap();
    let tagalong::domain::Manifest::Index(index) = index.parse().unwrap() else { panic!("no index") };
    let member = index.manifests.iter().find_map(|m| m.platform.clone()).unwrap();
    let platform: Platform = member.to_string().parse().unwrap();
    let extent = Extent { platform: Some(platform), along: Along::Referrers };
    let what = [bench.one(Seen::NotLooked)];
    bench.copy_part(&what, extent, Meter::new(), CancellationToken::new()).await.unwrap();
    let target = bench.target.store();
    assert_ne!(target.resolve("mirror/api", "latest"), Some(bench.digest()));
    assert!(!bench.source.store().referrers(SIGNED, &bench.digest()).is_empty());
    assert!(target.referrers("mirror/api", &bench.digest()).is_empty(), "the index itself was not copied");
}

#[tokio::test]
async fn one_that_fails_stops_none_of_the_others() {
    let bench = bench(Settings::default()).await;
    let sibling = |at: &Locator, name: &str| at.parent().unwrap().child(NodeKind::Tag, name);
    let gone = Copying { from: sibling(&bench.from, "gone"), ..bench.one(Seen::NotLooked) };
    let failure = bench.copy(&[gone, bench.one(Seen::NotLooked)], Along::Nothing).await.unwrap_err();
    assert_eq!(failure.kind, FailureKind::NotFound);
    assert!(failure.said.ends_with("1 of 2 images went through"), "{failure}");
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

#[tokio::test]
async fn what_is_read_to_weigh_is_limited_for_all_nodes_together() {
    let home = Home::new();
    let server = filled(Settings::default()).await;
    let workspace = home.open();
    let connected = connect(&workspace, &server).await;
    let what: Vec<Locator> = vec![tag(&connected, SIGNED, "latest"); 210];
    let weight = workspace.weigh(&what).await.unwrap();
    assert_eq!((weight.images, weight.unknown), (210, 10));
}
