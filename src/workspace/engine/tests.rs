//! What an engine is asked, and what it tells.

use std::path::PathBuf;

use super::*;
use crate::domain::Secret;
use crate::domain::{Descriptor, RawManifest};
use crate::registry::{BlobStream, Content};

#[test]
fn a_password_never_goes_to_another_machine_in_the_clear() {
    let password = Credential::Basic { username: "ada".to_owned(), password: Secret::new("p") };
    let tls = crate::engine::TlsFiles { ca: "ca".into(), certificate: "cert".into(), key: "key".into() };
    let tcp = |host: &str| Address::Tcp(host.to_owned(), None);
    let ssh = || Address::Ssh("ada@far.example:22".to_owned());
    let (far, near) = ("r.example", "127.0.0.1:5000");
    for (address, registry, credential, may) in [
        (Address::Unix("/run/docker.sock".into()), far, &password, true),
        (Address::Unix("/run/docker.sock".into()), near, &password, true),
        (Address::Pipe("//./pipe/docker_engine".into()), near, &password, true),
        (tcp("localhost:2375"), far, &password, true),
        (tcp("far.example:2375"), far, &password, false),
        (tcp("far.example:2375"), far, &Credential::Bearer(Secret::new("t")), false),
        (tcp("far.example:2375"), far, &Credential::Anonymous, true),
        (tcp("far.example:2375"), near, &Credential::Anonymous, false),
        (Address::Tcp("far.example:2376".to_owned(), Some(tls)), far, &password, true),
        (ssh(), far, &password, true),
        (ssh(), "localhost:5000", &password, false),
    ] {
        assert_eq!(why_not_asked(&address, registry, credential).is_none(), may, "{address:?} {registry}");
    }
}

#[test]
fn a_step_without_a_total_keeps_what_was_counted() {
    let meter = Meter::new();
    let step = |stage: &str, count: Option<(u64, u64)>| PullStep {
        layer: Some("a1".to_owned()),
        stage: stage.to_owned(),
        current: count.map(|(current, _)| current),
        total: count.map(|(_, total)| total),
    };
    let counted = || (meter.progress().done, meter.progress().total);
    for (stage, count, shown) in [
        ("Pulling fs layer", None, (0, 0)),
        ("Downloading", Some((40, 100)), (40, 100)),
        ("Verifying Checksum", None, (40, 100)),
        ("Download complete", None, (100, 100)),
        ("Pull complete", None, (100, 100)),
    ] {
        show(&meter, step(stage, count));
        assert_eq!(counted(), shown, "{stage}");
    }
    meter.forget_parts();
    assert_eq!((counted(), meter.progress().parts.len()), ((0, 0), 0));
}

struct Nothing;

#[async_trait::async_trait]
impl Content for Nothing {
    async fn manifest(&self, target: &str) -> Result<RawManifest, Failure> {
        Err(Failure::new(FailureKind::NotFound, target, "there is nothing"))
    }

    async fn blob(&self, blob: &Descriptor, _offset: u64) -> Result<BlobStream, Failure> {
        Err(Failure::new(FailureKind::NotFound, blob.digest.to_string(), "there is nothing"))
    }
}

#[test]
fn what_waits_for_one_engine_and_platform_waits_for_no_other() {
    let job = |platform: &str| PullJob {
        content: Arc::new(Nothing),
        images: vec![("1".to_owned(), "h.example/a:1".to_owned())],
        layout: PathBuf::new(),
        platform: Some(platform.parse().unwrap()),
        host: String::new(),
    };
    let place = |id, platform| waiting_place(Path::new("/c"), &ConnectionId::new(id), &[job(platform)]);
    let first = place("docker", "linux/amd64");
    assert_eq!(first, place("docker", "linux/amd64"));
    assert_ne!(first, place("podman", "linux/amd64"));
    assert_ne!(first, place("docker", "linux/arm64"));
}
