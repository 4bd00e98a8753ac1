//! Every way an image can go: between a registry, the store, a layout, both kinds of archives and both engines, each into
//! each, by the command line. What arrives is read by other programs.
//!
//! Invariant: the configuration, by which engines know an image, stays byte for byte on every way; the manifest does
//! between the places that keep manifests.

use std::path::PathBuf;

use serde_json::Value;
use tagalong::domain::{Digest, Manifest};
use tagalong::transfer::Layout;

use super::content::{Image, Pushed};
use super::daemon::{Daemon, Which};
use super::is_wanted;
use super::program::Home;
use super::registry::{Registry, Setup};

const PLACES: [Place; 7] = [
    Place::Registry,
    Place::Store,
    Place::Layout,
    Place::OciArchive,
    Place::DockerArchive,
    Place::Docker,
    Place::Podman,
];

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Place {
    Registry,
    Store,
    Layout,
    OciArchive,
    DockerArchive,
    Docker,
    Podman,
}

impl Place {
    /// Whether it keeps the bytes of manifests.
    fn keeps_manifests(self) -> bool {
        matches!(self, Self::Registry | Self::Store | Self::Layout | Self::OciArchive)
    }
}

struct Bench {
    home: Home,
    registry: Registry,
    docker: Daemon,
    podman: Daemon,
}

/// What lies somewhere: the digest of its configuration, and of its manifest where that is kept.
#[derive(Debug, PartialEq)]
struct Found {
    config: Digest,
    manifest: Option<Digest>,
}

impl Bench {
    fn start() -> Self {
        Self {
            home: Home::new(),
            registry: Registry::start(Setup::default()),
            docker: Daemon::start(Which::Docker),
            podman: Daemon::start(Which::Podman),
        }
    }

    fn file(&self, name: &str) -> PathBuf {
        self.home.path().join(name)
    }

    /// The image called `name` in a place, as the command line has it.
    fn written(&self, place: Place, name: &str) -> String {
        let full = format!("example.test/pairs/{name}:1");
        match place {
            Place::Registry => self.registry.reference(&format!("pairs/{name}:1")),
            Place::Store => format!("store:{full}"),
            Place::Layout => format!("oci:{}:{name}", self.file("layout").display()),
            Place::OciArchive => format!("oci-archive:{}:{name}", self.file(name).display()),
            Place::DockerArchive => format!("docker-archive:{}:{full}", self.file(name).display()),
            Place::Docker => format!("docker-daemon:{full}"),
            Place::Podman => format!("podman:{full}"),
        }
    }

    fn copy(&self, from: &str, to: &str) {
        let mut command = self.home.command(env!("CARGO_BIN_EXE_tagalong"));
        command.env("DOCKER_HOST", self.docker.address()).env("CONTAINER_HOST", self.podman.address());
        let output = command.args(["copy", from, to]).output().unwrap();
        let said = String::from_utf8_lossy(&output.stderr);
        assert!(output.status.success(), "{from} → {to}: {said}");
    }

    /// What is found in a place by its own tools.
    fn found(&self, place: Place, name: &str) -> Found {
        let full = format!("example.test/pairs/{name}:1");
        let id = |text: &str| Found {
            config: format!("sha256:{}", text.trim_start_matches("sha256:")).parse().unwrap(),
            manifest: None,
        };
        let raw = |reference: &str| self.home.skopeo(&["inspect", "--raw", "--tls-verify=false", reference]);
        match place {
            Place::Docker => id(&self.docker.run(&["image", "inspect", "--format", "{{.Id}}", &full])),
            Place::Podman => id(&self.podman.run(&["image", "inspect", "--format", "{{.Id}}", &full])),
            Place::Store => {
                let layout = Layout::open(&self.home.tagalong().join("store")).unwrap();
                let manifest = layout.find(Some(&full)).unwrap().manifest;
                read(&layout.read_blob(&manifest, 1 << 20).unwrap(), true)
            }
            Place::Registry => read(&raw(&format!("docker://{}", self.written(place, name))), true),
            Place::Layout | Place::OciArchive => read(&raw(&self.written(place, name)), true),
            Place::DockerArchive => read(&raw(&self.written(place, name)), false),
        }
    }
}

fn read(manifest: &[u8], is_kept: bool) -> Found {
    let value: Value = serde_json::from_slice(manifest).unwrap();
    let config = value["config"]["digest"].as_str().unwrap().parse().unwrap();
    Found { config, manifest: is_kept.then(|| Digest::of(manifest)) }
}

#[tokio::test]
async fn an_image_goes_from_every_place_to_every_other() {
    if !is_wanted() {
        return;
    }
    let bench = Bench::start();
    let Pushed { digest, bytes, .. } = Image::small("pairs/first", "1").push(&bench.registry.client()).await;
    let first = read(&bytes, true);
    assert_eq!(first.manifest.as_ref(), Some(&digest));
    let begin = bench.registry.reference("pairs/first:1");
    for from in PLACES {
        let source = format!("from-{from:?}").to_lowercase();
        bench.copy(&begin, &bench.written(from, &source));
        for to in PLACES.into_iter().filter(|to| *to != from) {
            let target = format!("{from:?}-{to:?}").to_lowercase();
            bench.copy(&bench.written(from, &source), &bench.written(to, &target));
            let found = bench.found(to, &target);
            assert_eq!(found.config, first.config, "{from:?} → {to:?}");
            if from.keeps_manifests() && to.keeps_manifests() {
                assert_eq!(found.manifest, first.manifest, "{from:?} → {to:?}");
            }
        }
    }
    let unpacked = bench.home.tagalong().join("cache/unpacked");
    let folders =
        std::fs::read_dir(unpacked).unwrap().filter(|entry| entry.as_ref().unwrap().path().is_dir());
    assert_eq!(folders.count(), 0, "what was unpacked on the way is gone");
}

#[tokio::test]
async fn layers_that_come_out_of_an_engine_are_those_that_went_in() {
    if !is_wanted() {
        return;
    }
    let bench = Bench::start();
    let pushed = Image::small("pairs/first", "1").push(&bench.registry.client()).await;
    bench.copy(&bench.registry.reference("pairs/first:1"), &bench.written(Place::Docker, "in"));
    bench.copy(&bench.written(Place::Docker, "in"), &bench.written(Place::Registry, "out"));
    let client = bench.registry.client();
    let raw = client.manifest("pairs/out", "1").await.unwrap();
    let Manifest::Image(image) = raw.parse().unwrap() else { panic!("an index") };
    let config: Value = {
        let bytes = client.blob("pairs/out", &image.config, 1 << 20).await.unwrap();
        serde_json::from_slice(&bytes).unwrap()
    };
    let Manifest::Image(before) = tagalong::domain::RawManifest {
        bytes: pushed.bytes,
        media_type: pushed.media_type.to_owned(),
        digest: pushed.digest,
        claimed: None,
    }
    .parse()
    .unwrap() else {
        panic!("an index")
    };
    let diff_ids: Vec<&str> =
        config["rootfs"]["diff_ids"].as_array().unwrap().iter().filter_map(Value::as_str).collect();
    let layers: Vec<String> = before.layers.iter().map(|l| l.digest.to_string()).collect();
    assert_eq!(diff_ids, layers, "the sample's layers are not compressed");
    for (layer, raw) in image.layers.iter().zip(&before.layers) {
        let bytes = client.blob("pairs/out", layer, 1 << 20).await.unwrap();
        let mut tar = Vec::new();
        std::io::Read::read_to_end(&mut flate2::read::GzDecoder::new(&bytes[..]), &mut tar).unwrap();
        assert!(raw.digest.matches(&tar), "compressed on its way, and the same inside");
    }
}
