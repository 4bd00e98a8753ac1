//! The subcommands against the built-in registry, run as a script runs them: what is printed, with which exit code, and
//! what a signal leaves.
//!
//! Invariant: needs nothing but the built program; the registry is the built-in one, in this process.
#![cfg(unix)]
#![expect(
    clippy::unwrap_used,
    reason = "a test fails by panicking; the lint knows test functions but not what they call"
)]

use std::process::{Output, Stdio};
use std::time::{Duration, Instant};

use rustix::process::{Pid, Signal, kill_process};
use serde_json::{Value, json};
use tagalong::demo::{Fault, Match, Server, Settings, What};
use tagalong::domain::Digest;
use tagalong::domain::media::{OCI_CONFIG, OCI_MANIFEST};
use tempfile::TempDir;
use tokio::process::{Child, Command};

/// How long anything may take.
const PATIENCE: Duration = Duration::from_secs(30);
const LAYER: &str = "application/vnd.oci.image.layer.v1.tar+gzip";

struct Bench {
    server: Server,
    home: TempDir,
}

struct Ran {
    code: i32,
    out: String,
    said: String,
}

impl Bench {
    /// A registry with one image `app:1`, also tagged `one` and `latest`.
    async fn with(settings: Settings) -> Self {
        let bench = Self { server: Server::start(settings).await.unwrap(), home: TempDir::new().unwrap() };
        let digest = bench.put_image("app", "1", &json!({}));
        for tag in ["one", "latest"] {
            assert!(bench.server.store().tag("app", tag, &digest));
        }
        bench
    }

    async fn new() -> Self {
        Self::with(Settings::default()).await
    }

    fn put_image(&self, repository: &str, tag: &str, config: &Value) -> Digest {
        let layer = format!("layer of {repository}:{tag}");
        let size = layer.len();
        self.put_image_over(repository, tag, config, (layer, size))
    }

    /// Puts an image whose manifest gives `size` bytes for its layer.
    fn put_image_over(
        &self,
        repository: &str,
        tag: &str,
        config: &Value,
        (layer, size): (String, usize),
    ) -> Digest {
        let store = self.server.store();
        let config = config.to_string();
        let config_size = config.len();
        let body = json!({
            "schemaVersion": 2,
            "mediaType": OCI_MANIFEST,
            "config": { "mediaType": OCI_CONFIG, "digest": store.put_blob(repository, config), "size": config_size },
            "layers": [{ "mediaType": LAYER, "digest": store.put_blob(repository, layer), "size": size }],
        });
        let digest = store.put_manifest(repository, OCI_MANIFEST, body.to_string());
        assert!(store.tag(repository, tag, &digest));
        digest
    }

    fn named(&self, rest: &str) -> String {
        format!("{}/{rest}", self.server.address())
    }

    fn tags(&self) -> Vec<String> {
        let mut tags = self.server.store().tags("app");
        tags.sort();
        tags
    }

    fn start(&self, args: &[&str]) -> Child {
        let mut command = Command::new(env!("CARGO_BIN_EXE_tagalong"));
        command.env_clear();
        command.envs(std::env::vars_os().filter(|(name, _)| name == "PATH" || name == "LLVM_PROFILE_FILE"));
        command.env("HOME", self.home.path()).env("TAGALONG_HOME", self.home.path().join("tagalong"));
        command.env("XDG_RUNTIME_DIR", self.home.path().join("run"));
        command.args(args).stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped());
        command.kill_on_drop(true).spawn().unwrap()
    }

    async fn run(&self, args: &[&str]) -> Ran {
        finish(self.start(args)).await
    }

    /// Waits until a request with this method and end of the path has come.
    async fn asked(&self, method: &str, end: &str) {
        let until = Instant::now() + PATIENCE;
        while !self.server.requests().iter().any(|r| r.method == method && r.path.ends_with(end)) {
            assert!(Instant::now() < until, "no {method} of …{end}: {:?}", self.server.requests());
            tokio::task::yield_now().await;
        }
    }
}

async fn finish(child: Child) -> Ran {
    let ended = tokio::time::timeout(PATIENCE, child.wait_with_output()).await;
    let Output { status, stdout, stderr } = ended.unwrap().unwrap();
    let text = |bytes: Vec<u8>| String::from_utf8(bytes).unwrap();
    Ran { code: status.code().unwrap_or(-1), out: text(stdout), said: text(stderr) }
}

fn interrupt(child: &Child) {
    let id = child.id().and_then(|id| Pid::from_raw(id.try_into().unwrap())).unwrap();
    kill_process(id, Signal::INT).unwrap();
}

impl Ran {
    #[track_caller]
    fn is(&self, code: i32, word: &str) {
        assert_eq!(self.code, code, "{}{}", self.out, self.said);
        assert!(self.said.contains(word), "“{word}” in: {}", self.said);
    }
}

/// The first delete is put off for a second, so that a signal can come in between.
fn busy_once() -> Fault {
    Fault::once(Match::method("DELETE", "*"), What::rate_limit(Some("1")))
}

#[tokio::test]
async fn a_write_runs_to_its_end_after_ctrl_c() {
    let bench = Bench::new().await;
    bench.server.inject(busy_once());
    let untag = bench.start(&["untag", &bench.named("app:one")]);
    bench.asked("DELETE", "manifests/one").await;
    interrupt(&untag);
    let ran = finish(untag).await;
    ran.is(0, "to its end");
    assert_eq!(ran.out, format!("untagged {}\n", bench.named("app:one")));
    assert_eq!(bench.tags(), ["1", "latest"]);

    bench.server.inject(busy_once());
    let rm = bench.start(&["rm", "--yes", &bench.named("app:1")]);
    let digest = bench.server.store().resolve("app", "1").unwrap();
    bench.asked("DELETE", &format!("manifests/{digest}")).await;
    interrupt(&rm);
    finish(rm).await.is(0, "to its end");
    assert_eq!(bench.tags(), [""; 0]);
}

#[tokio::test]
async fn what_only_reads_ends_with_ctrl_c() {
    for args in [&["ls"][..], &["rm", "--yes"], &["untag"], &["pull"], &["pull", "--all-tags"]] {
        let bench = Bench::new().await;
        bench.server.inject(Fault::always(Match::method("GET", "*"), What::Stall(0)));
        bench.server.inject(Fault::always(Match::method("HEAD", "*"), What::Stall(0)));
        let child = bench.start(&[args, &[&bench.named("app:1")]].concat());
        bench.asked("GET", "/v2/").await;
        interrupt(&child);
        let ran = finish(child).await;
        assert_eq!(ran.code, 130, "{args:?}: {}", ran.said);
        assert_eq!(bench.tags().len(), 3);
    }
}

#[tokio::test]
async fn a_pull_stops_while_it_lists_tags() {
    let bench = Bench::new().await;
    bench.server.inject(Fault::always(Match::method("GET", "*/tags/list"), What::Stall(0)));
    let child = bench.start(&["pull", "--all-tags", &bench.named("app")]);
    bench.asked("GET", "/tags/list").await;
    interrupt(&child);
    assert_eq!(finish(child).await.code, 130);
}

#[tokio::test]
async fn a_tag_that_points_elsewhere_is_moved_only_with_yes() {
    let bench = Bench::new().await;
    let other = bench.put_image("app", "2", &json!({ "os": "linux", "architecture": "arm64" }));
    let first = bench.server.store().resolve("app", "1").unwrap();
    let ran = bench.run(&["tag", &bench.named("app:2"), "latest"]).await;
    ran.is(2, &format!("points at {first}. Add --yes to move it."));
    assert_eq!(bench.server.store().resolve("app", "latest"), Some(first));
    bench.run(&["tag", "--yes", &bench.named("app:2"), "latest"]).await.is(0, "");
    assert_eq!(bench.server.store().resolve("app", "latest"), Some(other.clone()));
    let same = bench.run(&["tag", &bench.named("app:2"), "latest"]).await;
    same.is(0, "");
    assert_eq!(same.out, format!("{} {other}\n", bench.named("app:latest")));
    bench.run(&["tag", &bench.named("app:2"), "new"]).await.is(0, "");
    bench.run(&["tag", &bench.named("app:gone"), "new2"]).await.is(3, "");
    bench.run(&["tag", "--read-only", &bench.named("app:2"), "1"]).await.is(4, "Leave --read-only out");
}

#[tokio::test]
async fn what_is_missing_on_this_machine_has_a_next_step_that_helps() {
    let bench = Bench::new().await;
    let to = bench.named("x:1");
    for (from, said) in [
        ("oci-archive:none.tar", "there is no such file. Check the path."),
        ("docker-archive:none.tar", "there is no such file. Check the path."),
        ("oci:none", "there is no OCI image layout. Check the path."),
        ("store:app:1", "the store is empty. Pull an image first"),
    ] {
        bench.run(&["push", from, &to]).await.is(3, said);
    }
    for verb in ["untag", "rm", "inspect", "pull"] {
        bench.run(&[verb, "store:app:1"]).await.is(2, "a place on this machine");
    }
    bench.run(&["tag", "store:app:1", "2"]).await.is(2, "a place on this machine");
}

#[tokio::test]
async fn a_removal_needs_a_tag_or_a_digest() {
    let bench = Bench::new().await;
    bench.run(&["untag", &bench.named("app")]).await.is(2, "no tag");
    bench.run(&["rm", "--yes", &bench.named("app")]).await.is(2, "neither a tag nor a digest");
    assert_eq!(bench.tags(), ["1", "latest", "one"]);
    assert_eq!(bench.server.requests(), [], "nothing was asked");
    let digest = bench.server.store().resolve("app", "1").unwrap();
    bench.run(&["untag", &bench.named(&format!("app@{digest}"))]).await.is(2, "no tag");
    bench.run(&["rm", "--yes", &bench.named(&format!("app@{digest}"))]).await.is(0, "");
    assert_eq!(bench.tags(), [""; 0]);
}

#[tokio::test]
async fn wrong_usage_has_an_exit_code_of_its_own() {
    let bench = Bench::new().await;
    let (app, layout) = (bench.named("app:1"), bench.home.path().join("layout"));
    let named = format!("oci:{}:all", layout.display());
    for args in [
        &["ls", "not a host/x"][..],
        &["inspect", "a//b"],
        &["pull", "a//b"],
        &["pull", &app, "dir:x"],
        &["pull", "--all-tags", &app, &named],
        &["pull", "--all-tags", &app, "store:all"],
        &["untag", "a//b"],
        &["rm", "a//b"],
        &["rm", &app],
        &["not a host/x"],
        &["no-such-verb", "x"],
    ] {
        let ran = bench.run(args).await;
        assert_eq!(ran.code, 2, "{args:?}: {}", ran.said);
    }
    assert!(!layout.exists());
    assert_eq!(bench.tags().len(), 3);
    let told: Value = serde_json::from_str(&bench.run(&["rm", "--json", &app]).await.said).unwrap();
    assert_eq!(told["error"]["kind"], "usage");
    let gone = bench.run(&["inspect", "--json", &bench.named("app:gone")]).await;
    gone.is(3, "not found");
}

#[tokio::test]
async fn json_holds_nothing_that_a_terminal_obeys() {
    let bench = Bench::new().await;
    let author = "a\u{9b}31m\u{202e}b\u{7f}\u{1b}[2J\u{e0001}é";
    bench.put_image("odd", "1", &json!({ "os": "linux", "architecture": "amd64", "author": author }));
    let ran = bench.run(&["inspect", "--json", &bench.named("odd:1")]).await;
    ran.is(0, "");
    let told: Value = serde_json::from_str(&ran.out).unwrap();
    assert_eq!(told["config"]["author"], author);
    assert!(!ran.out.contains(['\u{9b}', '\u{202e}', '\u{7f}', '\u{1b}', '\u{e0001}']), "{:?}", ran.out);
    assert!(ran.out.contains('é'), "what is plain stays as it is: {}", ran.out);

    let body = r#"{"errors":[{"code":"DENIED","message":"no \u009b31m\u202eway"}]}"#;
    let answer = What::Answer { status: 403, headers: Vec::new(), body: body.into() };
    bench.server.inject(Fault::always(Match::path("*/manifests/*"), answer));
    let ran = bench.run(&["inspect", "--json", &bench.named("odd:1")]).await;
    assert!(serde_json::from_str::<Value>(&ran.said).is_ok(), "{}", ran.said);
    assert!(!ran.said.contains(['\u{9b}', '\u{202e}']), "{:?}", ran.said);
    assert_eq!(ran.code, 4);
}

#[tokio::test]
async fn raw_gives_a_pipe_the_exact_bytes() {
    let bench = Bench::new().await;
    let store = bench.server.store();
    let config = bench.server.store().put_blob("odd", "{}");
    let body = format!(
        "{{\"schemaVersion\": 2, \"config\": {{\"digest\": \"{config}\", \"size\": 2}}, \"layers\": [],\r\n\t\"x\": \"\u{9b}\"}}"
    );
    let digest = store.put_manifest("odd", OCI_MANIFEST, body.clone());
    assert!(store.tag("odd", "1", &digest));
    let ran = bench.run(&["inspect", "--raw", &bench.named("odd:1")]).await;
    assert_eq!(ran.out, body);
}

#[tokio::test]
async fn images_that_disagree_on_a_size_do_not_stop_the_others() {
    let bench = Bench::new().await;
    for (tag, size) in [("x", 9), ("y", 10)] {
        let config = json!({ "tag": tag });
        bench.put_image_over("app", tag, &config, ("disputed!".to_owned(), size));
    }
    let ran = bench.run(&["pull", "--all-tags", &bench.named("app")]).await;
    ran.is(1, "(and 1 more failed)");
    let index = bench.home.path().join("tagalong/store/index.json");
    let index = std::fs::read_to_string(index).unwrap();
    for tag in ["1", "one", "latest"] {
        assert!(index.contains(&format!("app:{tag}\"")), "{index}");
    }
    assert!(!index.contains("app:x") && !index.contains("app:y"), "{index}");
}

#[tokio::test]
async fn an_archive_that_is_there_is_replaced_only_with_yes() {
    let bench = Bench::new().await;
    let file = bench.home.path().join("app.tar");
    std::fs::write(&file, "mine").unwrap();
    let (from, to) = (bench.named("app:1"), format!("oci-archive:{}", file.display()));
    for verb in ["pull", "copy"] {
        let ran = bench.run(&[verb, &from, &to]).await;
        assert_eq!(ran.code, 2, "{}", ran.said);
        assert!(ran.said.contains("there is a file already"), "{}", ran.said);
        assert_eq!(std::fs::read(&file).unwrap(), b"mine");
    }
    let ran = bench.run(&["pull", "--yes", &from, &to]).await;
    assert_eq!(ran.code, 0, "{}", ran.said);
    assert_ne!(std::fs::read(&file).unwrap(), b"mine");
    let home = bench.run(&["pull", &from, "oci-archive:~/second.tar"]).await;
    assert_eq!(home.code, 0, "{}", home.said);
    assert!(bench.home.path().join("second.tar").is_file(), "{}", home.said);
}
