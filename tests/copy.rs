//! Copying between built-in registries and layouts over HTTP. What moves is counted by the registries themselves.
#![expect(
    clippy::unwrap_used,
    clippy::expect_used,
    reason = "a test fails by panicking; the lint knows test functions but not what they call"
)]

mod images;

use std::process::Stdio;
use std::sync::Arc;
use std::time::Duration;

use images::{noise, put_image};
use serde_json::{Value, json};
use tagalong::demo::{Fault, Match, Server, Settings, What};
use tagalong::domain::job::{Moved, PartState, Seen};
use tagalong::domain::media::OCI_INDEX;
use tagalong::domain::{Descriptor, Digest, Failure, FailureKind, Platform};
use tagalong::domain::{ImagePlace, LocalImage};
use tagalong::http::Silent;
use tagalong::store::{Env, Paths};
use tagalong::transfer::{Layout, Meter};
use tagalong::workspace::{End, Extent, Workspace};
use tempfile::TempDir;
use tokio_util::sync::CancellationToken;

const MIB: usize = 1 << 20;

struct Bench {
    folder: TempDir,
    workspace: Workspace,
    source: Server,
    target: Server,
    stop: CancellationToken,
}

impl Bench {
    async fn new() -> Self {
        let folder = TempDir::new().unwrap();
        let env = Env::new::<&str, &str>(folder.path(), []);
        let paths = Paths::find(Some(&folder.path().join("tagalong")), &env).unwrap();
        let (workspace, failure) = Workspace::new(paths, env, Arc::new(Silent));
        assert_eq!(failure, None);
        let source = Server::start(Settings::default()).await.unwrap();
        let target = Server::start(Settings::default()).await.unwrap();
        Self { folder, workspace, source, target, stop: CancellationToken::new() }
    }

    async fn at(&self, server: &Server, rest: &str) -> End {
        let place = reference(server, rest).parse().unwrap();
        End::Node(self.workspace.visit(&place).await.unwrap().1)
    }

    fn layout(&self, folder: &str, name: Option<&str>) -> End {
        let place = ImagePlace::Layout(self.folder.path().join(folder));
        End::Local(LocalImage { place, name: name.map(str::to_owned) })
    }

    async fn copy(&self, from: &End, to: &End, platform: Option<Platform>) -> Result<Moved, Failure> {
        let extent = Extent { platform, ..Extent::default() };
        self.workspace.copy(from, to, &extent, &Meter::new(), &self.stop).await
    }

    /// Copies between registries.
    async fn push(&self, from: &End, to: &End) -> Result<Moved, Failure> {
        self.copy(from, to, None).await
    }

    /// Copies `app:1` of the source to `copy:1` of the target.
    async fn across(&self) -> Result<Moved, Failure> {
        self.push(&self.at(&self.source, "app:1").await, &self.at(&self.target, "copy:1").await).await
    }

    fn put(&self, layers: &[Vec<u8>]) -> images::Put {
        put_image(self.source.store(), "app", "1", layers)
    }

    /// The target's copy is the source's image, byte for byte.
    fn assert_copied(&self, digest: &Digest, layers: &[Descriptor]) {
        assert_eq!(self.target.store().resolve("copy", "1").as_ref(), Some(digest));
        for layer in layers {
            assert!(self.target.store().blob("copy", &layer.digest).is_some(), "{}", layer.digest);
        }
    }
}

fn reference(server: &Server, rest: &str) -> String {
    format!("{}/{rest}", server.address())
}

/// How many requests of a method had a path, and a query, that hold these words.
fn count(server: &Server, method: &str, path: &str, query: &str) -> usize {
    let is_meant = |r: &&tagalong::demo::Recorded| {
        r.method == method && r.path.contains(path) && r.query.contains(query)
    };
    server.requests().iter().filter(is_meant).count()
}

/// Puts an index of two platforms under `app:multi`.
fn put_index(server: &Server) -> (Digest, [images::Put; 2]) {
    let store = server.store();
    let members = [1, 2].map(|n| put_image(store, "app", &format!("p{n}"), &[noise(n, 1000 * n)]));
    let entries: Vec<Value> = members
        .iter()
        .zip(["amd64", "arm64"])
        .map(|(member, architecture)| {
            let size = store.manifest("app", &member.digest).unwrap().bytes.len();
            json!({"mediaType": tagalong::domain::media::OCI_MANIFEST, "digest": member.digest, "size": size,
                   "platform": {"os": "linux", "architecture": architecture}})
        })
        .collect();
    // Spaces, so that writing it anew would change the digest.
    let body = serde_json::to_string_pretty(
        &json!({"schemaVersion": 2, "mediaType": OCI_INDEX, "manifests": entries}),
    );
    let digest = store.put_manifest("app", OCI_INDEX, body.unwrap());
    assert!(store.tag("app", "multi", &digest));
    (digest, members)
}

#[tokio::test]
async fn within_a_server_blobs_are_mounted_and_no_byte_of_them_moves() {
    let bench = Bench::new().await;
    let image = bench.put(&[noise(1, MIB), noise(2, 100)]);
    let (from, to) = (bench.at(&bench.source, "app:1").await, bench.at(&bench.source, "team/copy:2").await);
    let meter = Meter::new();
    let pushed = bench.workspace.copy(&from, &to, &Extent::default(), &meter, &bench.stop).await.unwrap();
    assert_eq!(pushed.images, [(reference(&bench.source, "team/copy:2"), image.digest.clone())]);
    assert!(meter.progress().parts.iter().all(|part| part.state == PartState::Mounted));
    assert_eq!((pushed.moved, pushed.reused), (0, 0));
    assert!(pushed.mounted > MIB as u64 + 100, "{pushed:?}");
    assert_eq!(count(&bench.source, "POST", "/v2/team/copy/blobs/uploads/", "from=app"), 3);
    assert_eq!(count(&bench.source, "GET", "/blobs/", ""), 0);
    assert_eq!(count(&bench.source, "PUT", "/blobs/", ""), 0);
    assert_eq!(bench.source.store().resolve("team/copy", "2"), Some(image.digest));
}

#[tokio::test]
async fn a_mount_that_is_refused_becomes_an_upload() {
    let bench = Bench::new().await;
    let image = bench.put(&[noise(1, MIB)]);
    bench.source.inject(Fault {
        on: Match::method("POST", "/v2/copy/blobs/uploads/"),
        times: 1,
        what: What::status(405),
    });
    let (from, to) = (bench.at(&bench.source, "app:1").await, bench.at(&bench.source, "copy:1").await);
    let pushed = bench.push(&from, &to).await.unwrap();
    assert!(pushed.moved > 0 && pushed.mounted > 0, "{pushed:?}");
    assert_eq!(count(&bench.source, "PUT", "/v2/copy/blobs/uploads/", "digest="), 1);
    assert_eq!(bench.source.store().resolve("copy", "1"), Some(image.digest));
}

#[tokio::test]
async fn between_servers_each_blob_is_sent_once_in_one_request() {
    let bench = Bench::new().await;
    let image = bench.put(&[noise(1, MIB), noise(2, 100), Vec::new()]);
    let pushed = bench.across().await.unwrap();
    bench.assert_copied(&image.digest, &image.layers);
    assert!(pushed.moved > MIB as u64 + 100, "{pushed:?}");
    assert_eq!(count(&bench.target, "PUT", "/blobs/uploads/", ""), 4);
    assert_eq!(count(&bench.target, "PATCH", "", ""), 0);

    let again = bench.across().await.unwrap();
    assert_eq!((again.moved, again.mounted, again.reused), (0, 0, pushed.moved));
    assert_eq!(count(&bench.target, "PUT", "/blobs/uploads/", ""), 4);
}

#[tokio::test]
async fn an_index_goes_with_all_platforms_or_one_alone() {
    let bench = Bench::new().await;
    let (index, members) = put_index(&bench.source);
    let from = bench.at(&bench.source, "app:multi").await;
    let all = bench.push(&from, &bench.at(&bench.target, "copy:1").await).await.unwrap();
    assert_eq!(all.images[0].1, index);
    for member in &members {
        bench.assert_copied(&index, &member.layers);
    }
    let manifests = |repository: &str| bench.target.store().manifests(repository).len();
    assert_eq!(manifests("copy"), 3);

    let one = bench.at(&bench.target, "one:1").await;
    bench.copy(&from, &one, Some("linux/arm64".parse().unwrap())).await.unwrap();
    assert_eq!(bench.target.store().resolve("one", "1").as_ref(), Some(&members[1].digest));
    assert_eq!(manifests("one"), 1);
    let missing = bench.copy(&from, &one, Some("linux/s390x".parse().unwrap())).await.unwrap_err();
    assert_eq!(missing.kind, FailureKind::NotFound);
}

#[tokio::test]
async fn an_image_goes_through_layouts_and_keeps_its_bytes() {
    let bench = Bench::new().await;
    let (index, members) = put_index(&bench.source);
    let from = bench.at(&bench.source, "app:multi").await;
    bench.copy(&from, &bench.layout("one", Some("a")), None).await.unwrap();
    bench.copy(&bench.layout("one", None), &bench.layout("two", Some("b")), None).await.unwrap();
    let to = bench.at(&bench.target, "copy:1").await;
    let pushed = bench.push(&bench.layout("two", Some("b")), &to).await.unwrap();
    assert_eq!(pushed.images, [(reference(&bench.target, "copy:1"), index.clone())]);
    for member in &members {
        bench.assert_copied(&index, &member.layers);
    }
    let missing = bench.push(&bench.layout("two", Some("c")), &to).await.unwrap_err();
    assert_eq!(missing.kind, FailureKind::NotFound);
    assert!(missing.said.contains("it has b"), "{missing}");
}

#[tokio::test]
async fn a_blob_that_breaks_in_the_middle_goes_on_in_chunks() {
    let bench = Bench::new().await;
    let image = bench.put(&[noise(1, 3 * MIB)]);
    let path = format!("/v2/app/blobs/{}", image.layers[0].digest);
    bench.source.inject(Fault::once(Match::path(&path), What::Truncate(MIB as u64)));
    let pushed = bench.across().await.unwrap();
    bench.assert_copied(&image.digest, &image.layers);
    assert_eq!(count(&bench.target, "PATCH", "/blobs/uploads/", ""), 1);
    let asked: Vec<_> = bench.source.requests().into_iter().filter(|r| r.path == path).collect();
    assert_eq!(asked.len(), 2);
    let from = asked[1].range.as_deref().unwrap().trim_start_matches("bytes=").trim_end_matches('-');
    let from: u64 = from.parse().unwrap();
    assert!((1..=MIB as u64).contains(&from), "{from}");
    assert!(pushed.moved < 4 * MIB as u64 + 100, "{pushed:?}");
}

#[tokio::test]
async fn an_upload_that_the_server_has_forgotten_begins_anew() {
    let bench = Bench::new().await;
    let image = bench.put(&[noise(1, 3 * MIB)]);
    let path = format!("/v2/app/blobs/{}", image.layers[0].digest);
    bench.source.inject(Fault::once(Match::path(&path), What::Truncate(MIB as u64)));
    bench.target.inject(Fault::once(Match::method("GET", "/v2/copy/blobs/uploads/*"), What::status(404)));
    bench.across().await.unwrap();
    bench.assert_copied(&image.digest, &image.layers);
    assert_eq!(count(&bench.target, "PATCH", "", ""), 0);
    assert_eq!(count(&bench.target, "DELETE", "/v2/copy/blobs/uploads/", ""), 1);
}

#[tokio::test]
async fn an_upload_that_is_forgotten_while_it_waits_begins_anew() {
    let bench = Bench::new().await;
    let image = bench.put(&[noise(1, MIB)]);
    bench.target.inject(Fault::once(Match::method("PUT", "/v2/copy/blobs/uploads/*"), What::status(404)));
    bench.across().await.unwrap();
    bench.assert_copied(&image.digest, &image.layers);
    assert_eq!(count(&bench.target, "POST", "/v2/copy/blobs/uploads/", ""), 3);
}

#[tokio::test]
async fn uploads_are_open_before_their_turn_comes() {
    let bench = Bench::new().await;
    bench.put(&[1, 2, 3, 4, 5, 6].map(|n| noise(n, MIB)));
    bench.source.inject(Fault::always(Match::path("/v2/app/blobs/*"), What::Stall(1000)));
    let stopping = async {
        let (opened, asked) =
            (|| count(&bench.target, "POST", "/v2/copy/", ""), || count(&bench.source, "GET", "/blobs/", ""));
        while opened() < 7 || asked() < 4 {
            tokio::task::yield_now().await;
        }
        bench.stop.cancel();
    };
    let both = async { tokio::join!(bench.across(), stopping).0.unwrap_err() };
    let failure = tokio::time::timeout(Duration::from_secs(30), both).await.expect("every upload is opened");
    assert_eq!(failure.kind, FailureKind::Cancelled);
    assert_eq!(count(&bench.source, "GET", "/v2/app/blobs/", ""), 4);
    assert_eq!(count(&bench.target, "DELETE", "/v2/copy/blobs/uploads/", ""), 7);
}

#[tokio::test]
async fn what_is_too_large_at_once_goes_in_chunks() {
    let bench = Bench::new().await;
    let image = bench.put(&[noise(1, 20 * MIB)]);
    let large = Match::method("PUT", "/v2/copy/blobs/uploads/*");
    bench.target.inject(Fault { on: large, times: 2, what: What::status(413) });
    bench.across().await.unwrap();
    bench.assert_copied(&image.digest, &image.layers);
    // Two for the layer, and one for the configuration.
    assert_eq!(count(&bench.target, "PATCH", "/blobs/uploads/", ""), 3);
}

#[tokio::test]
async fn a_push_without_the_right_is_told_before_any_blob_goes() {
    let bench = Bench::new().await;
    bench.put(&[noise(1, MIB), noise(2, 100)]);
    let denied = What::status(403);
    bench.target.inject(Fault::always(Match::method("POST", "/v2/copy/blobs/uploads/"), denied));
    let failure = bench.across().await.unwrap_err();
    assert_eq!(failure.kind, FailureKind::Forbidden);
    assert_eq!(count(&bench.source, "GET", "/blobs/", ""), 0);
    assert_eq!(count(&bench.target, "PUT", "", ""), 0);
}

#[tokio::test]
async fn wrong_bytes_are_named_and_never_committed() {
    let bench = Bench::new().await;
    let image = bench.put(&[noise(1, MIB), noise(2, 100)]);
    let wrong = &image.layers[0].digest;
    bench.source.inject(Fault::always(Match::path(&format!("/v2/app/blobs/{wrong}")), What::Corrupt));
    let failure = bench.across().await.unwrap_err();
    assert_eq!(failure.kind, FailureKind::Integrity);
    assert!(failure.to_string().contains(&wrong.to_string()), "{failure}");
    assert!(bench.target.store().blob("copy", wrong).is_none());
    assert!(bench.target.store().blob("copy", &image.layers[1].digest).is_some());
    assert_eq!(bench.target.store().resolve("copy", "1"), None);
    assert_eq!(count(&bench.target, "DELETE", "/v2/copy/blobs/uploads/", ""), 1);
}

#[tokio::test]
async fn a_cancelled_copy_cancels_its_upload_and_names_nothing() {
    let bench = Bench::new().await;
    let image = bench.put(&[noise(1, 3 * MIB)]);
    let path = format!("/v2/app/blobs/{}", image.layers[0].digest);
    bench.source.inject(Fault::once(Match::path(&path), What::Stall(MIB as u64)));
    let stopping = async {
        while count(&bench.source, "GET", &path, "") == 0 {
            tokio::task::yield_now().await;
        }
        bench.stop.cancel();
    };
    let (outcome, ()) = tokio::join!(bench.across(), stopping);
    assert_eq!(outcome.unwrap_err().kind, FailureKind::Cancelled);
    assert_eq!(bench.target.store().resolve("copy", "1"), None);
    // The configuration may have been on its way as well.
    assert!(count(&bench.target, "DELETE", "/v2/copy/blobs/uploads/", "") >= 1);
}

#[tokio::test]
async fn a_tag_more_moves_no_blob() {
    let bench = Bench::new().await;
    let (index, _) = put_index(&bench.source);
    let End::Node(at) = bench.at(&bench.source, "app:multi").await else { panic!("no registry") };
    assert_eq!(bench.workspace.tag(&at, "stable", &Seen::NotLooked).await.unwrap(), index);
    assert_eq!(bench.source.store().resolve("app", "stable"), Some(index));
    assert_eq!(count(&bench.source, "GET", "/blobs/", "") + count(&bench.source, "POST", "", ""), 0);
    assert_eq!(
        bench.workspace.tag(&at, "no tag", &Seen::NotLooked).await.unwrap_err().kind,
        FailureKind::Invalid
    );
}

#[tokio::test]
async fn a_tag_that_moves_after_it_was_seen_is_not_taken() {
    let bench = Bench::new().await;
    let (index, _) = put_index(&bench.source);
    let End::Node(at) = bench.at(&bench.source, "app:multi").await else { panic!("no registry") };
    bench.workspace.add_name(&at, "stable", &Seen::Nothing).await.unwrap();
    for seen in [Seen::Nothing, Seen::Digest(Digest::of(b"another"))] {
        let refused = bench.workspace.add_name(&at, "stable", &seen).await.unwrap_err();
        assert_eq!(refused.kind, FailureKind::Conflict, "{refused}");
    }
    bench.workspace.add_name(&at, "stable", &Seen::Digest(index.clone())).await.unwrap();
    assert_eq!(bench.source.store().resolve("app", "stable"), Some(index));
}

/// Runs the program: its exit code, and what it printed and said.
async fn run(bench: &Bench, args: &[&str]) -> (i32, String, String) {
    let mut command = tokio::process::Command::new(env!("CARGO_BIN_EXE_tagalong"));
    command.args(args).env("TAGALONG_HOME", bench.folder.path().join("home")).stdin(Stdio::null());
    command.env("HOME", bench.folder.path()).env("DOCKER_CONFIG", bench.folder.path());
    let output = command.output().await.expect("the program is built for this test");
    let text = |bytes: Vec<u8>| String::from_utf8(bytes).unwrap();
    (output.status.code().unwrap_or(-1), text(output.stdout), text(output.stderr))
}

#[tokio::test]
async fn the_command_line_pushes_copies_and_tags() {
    let bench = Bench::new().await;
    let image = bench.put(&[noise(1, 1000)]);
    let (from, to) = (reference(&bench.source, "app:1"), reference(&bench.target, "copy:1"));
    let (code, out, said) = run(&bench, &["copy", "--json", &format!("docker://{from}"), &to]).await;
    assert_eq!(code, 0, "{said}");
    let told: Value = serde_json::from_str(&out).unwrap();
    assert_eq!(told["images"], json!([{ "name": to, "digest": image.digest }]));
    assert!(told["sent"].as_u64() > Some(1000), "{out}");
    bench.assert_copied(&image.digest, &image.layers);

    assert_eq!(run(&bench, &["pull", &to]).await.0, 0);
    let layout = Layout::open(&bench.folder.path().join("home/store"));
    assert!(layout.is_ok(), "{layout:?}");
    let again = reference(&bench.source, "again:2");
    let (code, out, said) = run(&bench, &["push", &format!("store:{to}"), &again]).await;
    assert_eq!((code, out), (0, format!("{again} {}\n", image.digest)), "{said}");

    let (code, out, said) = run(&bench, &["tag", &again, "latest"]).await;
    let latest = reference(&bench.source, "again:latest");
    assert_eq!((code, out), (0, format!("{latest} {}\n", image.digest)), "{said}");
    assert_eq!(run(&bench, &["push", &from, &to]).await.0, 2);
    assert_eq!(run(&bench, &["push", "store:none", &to]).await.0, 3);
}

#[tokio::test]
async fn read_only_refuses_what_writes_to_a_registry_alone() {
    let bench = Bench::new().await;
    bench.put(&[noise(1, 1000)]);
    let (from, to) = (reference(&bench.source, "app:1"), reference(&bench.target, "copy:1"));
    let layout = format!("oci:{}:1", bench.folder.path().join("layout").display());
    assert_eq!(run(&bench, &["copy", "--read-only", &from, &layout]).await.0, 0);
    for args in [["copy", &from, &to], ["push", &layout, &to], ["tag", &from, "2"]] {
        let (code, _, said) = run(&bench, &[args.as_slice(), &["--read-only"]].concat()).await;
        assert_eq!(code, 4, "{said}");
    }
    assert_eq!(bench.target.requests(), []);
}
