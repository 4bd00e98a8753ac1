//! The calls against moto, which plays AWS: create, put, list, describe, delete.
//!
//! Runs where `TAGALONG_CONTRACTS` is set, and must not be left out there. What moto does not play (second pages,
//! signatures, the protocol, ECR Public) is in the other tests of this folder.

use std::io::{BufRead, BufReader};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::sync::mpsc;
use std::time::Duration;

use serde_json::json;
use tagalong::domain::media::OCI_MANIFEST;
use tagalong::domain::{Digest, FailureKind, NodeKind};

use super::{KEY, SECRET, basic, connection, open, root};

const PROGRAM: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/target/moto/bin/moto_server");
const PATIENCE: Duration = Duration::from_secs(90);
const HOST: &str = "123456789012.dkr.ecr.eu-west-1.amazonaws.com";

/// A running moto, ended with the test.
struct Moto {
    process: Child,
    url: String,
}

impl Moto {
    fn start() -> Self {
        assert!(
            Path::new(PROGRAM).exists(),
            "moto must be installed (tests/run does it, where TAGALONG_CONTRACTS is set): {PROGRAM}"
        );
        let mut process = Command::new(PROGRAM)
            .args(["-H", "127.0.0.1", "-p", "0"])
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        let lines = BufReader::new(process.stderr.take().unwrap()).lines();
        // From here on a panic ends the process.
        let mut moto = Self { process, url: String::new() };
        let (to, told) = mpsc::channel();
        std::thread::spawn(move || {
            for line in lines.map_while(Result::ok) {
                // Nobody listens once the address is known.
                drop(to.send(line));
            }
        });
        while moto.url.is_empty() {
            let line = told.recv_timeout(PATIENCE).expect("moto says where it listens");
            if let Some((_, url)) = line.split_once("Running on ") {
                moto.url = url.trim().to_owned();
            }
        }
        moto
    }

    /// `PutImage`, which pushes a manifest without the protocol. moto looks at no signature.
    async fn put_image(&self, repository: &str, tag: &str, layer: &str) {
        let layer = json!({ "mediaType": "x", "size": 10, "digest": Digest::of(layer.as_bytes()) });
        let config = json!({ "mediaType": "y", "size": 10, "digest": Digest::of(b"config") });
        let manifest =
            json!({ "schemaVersion": 2, "mediaType": OCI_MANIFEST, "config": config, "layers": [layer] });
        let body =
            json!({ "repositoryName": repository, "imageTag": tag, "imageManifest": manifest.to_string() });
        let client = reqwest::Client::builder().no_proxy().tls_certs_only([]).build().unwrap();
        let request = client
            .post(&self.url)
            .header("x-amz-target", "AmazonEC2ContainerRegistry_V20150921.PutImage")
            .header("content-type", "application/x-amz-json-1.1")
            .header("authorization", "AWS4-HMAC-SHA256 Credential=x/20260101/eu-west-1/ecr/aws4_request")
            .body(body.to_string());
        let answer = request.send().await.unwrap();
        assert!(answer.status().is_success(), "{}", answer.text().await.unwrap());
    }
}

impl Drop for Moto {
    fn drop(&mut self) {
        // It may have ended by itself, which the requests have noticed then.
        drop(self.process.kill());
        drop(self.process.wait());
    }
}

#[tokio::test]
async fn the_calls_are_those_that_moto_knows() {
    if std::env::var_os("TAGALONG_CONTRACTS").is_none() {
        println!("left out: the calls against moto (TAGALONG_CONTRACTS is not set)");
        return;
    }
    let moto = Moto::start();
    let settings = [("endpoint", moto.url.as_str()), ("regions", "eu-west-1")];
    let connection = tagalong::domain::Connection {
        username: KEY.to_owned(),
        ..connection("amazon", super::URL, &settings)
    };
    let provider = open(connection, basic(KEY, SECRET));
    assert_eq!(provider.check().await.unwrap().name.as_deref(), Some("123456789012"));
    let rows = provider.children(&root(), None).await.unwrap().entries;
    assert_eq!(rows[0].name, HOST);
    let registry = root().child(NodeKind::Registry, HOST);
    let made = provider.create_repository().unwrap().create_repository(&registry, "acme/api").await.unwrap();
    let again =
        provider.create_repository().unwrap().create_repository(&registry, "acme/api").await.unwrap_err();
    assert_eq!(again.kind, FailureKind::Conflict, "{again}");
    for (tag, layer) in [("1.0", "one"), ("latest", "one"), ("0.9", "two")] {
        moto.put_image("acme/api", tag, layer).await;
    }
    let tags = async || {
        let page = provider.children(&made, None).await.unwrap();
        let mut names: Vec<String> =
            page.entries.into_iter().filter(|e| e.kind == NodeKind::Tag).map(|e| e.name).collect();
        names.sort();
        names
    };
    assert_eq!(tags().await, ["0.9", "1.0", "latest"]);
    provider.describe().unwrap().describe(&made).await.unwrap();
    let told = provider.describe().unwrap().describe(&made.child(NodeKind::Tag, "1.0")).await.unwrap();
    assert!(told.lines.iter().any(|(label, _)| label == "pushed"), "{told:?}");
    provider.untag().unwrap().untag(&made.child(NodeKind::Tag, "1.0")).await.unwrap();
    assert_eq!(tags().await, ["0.9", "latest"]);
    let page = provider.children(&made, None).await.unwrap();
    let old = page.entries.iter().find(|e| e.name == "0.9").unwrap().facts.clone().unwrap().digest.unwrap();
    provider.delete().unwrap().delete_manifest(&made, &old).await.unwrap();
    let gone = provider.delete().unwrap().delete_manifest(&made, &old).await.unwrap_err();
    assert_eq!(gone.kind, FailureKind::NotFound, "{gone}");
    provider.delete_repository().unwrap().delete_repository(&made).await.unwrap();
    let gone = provider.children(&made, None).await.unwrap_err();
    assert_eq!(gone.kind, FailureKind::NotFound, "{gone}");
}
