//! The sample content holds together: what a manifest names is there, and engines could load it.

use std::collections::BTreeSet;
use std::io::Read;

use super::*;
use crate::demo::Blob;
use crate::domain::{Digest, ImageConfig, Manifest, MediaType};

const NOW: i64 = 1_767_225_600;

fn filled() -> Store {
    let store = Store::default();
    fill(&store, NOW).unwrap();
    store
}

fn bytes(blob: &Blob) -> Vec<u8> {
    let mut out = Vec::new();
    while (out.len() as u64) < blob.len() {
        out.extend_from_slice(&blob.read(out.len() as u64, u64::MAX));
    }
    out
}

#[test]
fn the_same_moment_makes_the_same_content() {
    let everything = |store: &Store| {
        let all = store.repositories().into_iter();
        all.map(|name| {
            let tags: Vec<_> = store.tags(&name).iter().map(|tag| store.resolve(&name, tag)).collect();
            (store.tags(&name), tags, store.manifests(&name), name)
        })
        .collect::<Vec<_>>()
    };
    assert_eq!(everything(&filled()), everything(&filled()));
}

#[test]
fn whatever_a_manifest_names_is_in_its_repository() {
    let store = filled();
    for repository in store.repositories() {
        for raw in store.manifests(&repository) {
            let manifest = raw.parse().unwrap();
            for child in manifest.children() {
                let size = match manifest {
                    Manifest::Index(_) => {
                        store.manifest(&repository, &child.digest).map(|raw| raw.bytes.len() as u64)
                    }
                    _ => store.blob(&repository, &child.digest).map(|blob| blob.len()),
                };
                assert_eq!(size, Some(child.size), "{repository} {}", child.digest);
            }
            if let Some(subject) = manifest.subject() {
                assert!(store.manifest(&repository, &subject.digest).is_some());
            }
        }
    }
}

/// Packed layers only: the digests of the large ones are checked where they are written down.
#[test]
fn the_diff_ids_of_images_are_those_of_their_layers() {
    let store = filled();
    let mut seen = 0;
    for repository in store.repositories() {
        for raw in store.manifests(&repository) {
            let Ok(Manifest::Image(image)) = raw.parse() else { continue };
            let config = bytes(&store.blob(&repository, &image.config.digest).unwrap());
            let config: serde_json::Value = serde_json::from_slice(&config).unwrap();
            let diff_ids = config["rootfs"]["diff_ids"].as_array().cloned().unwrap_or_default();
            for (layer, diff_id) in image.layers.iter().zip(diff_ids) {
                let blob = store.blob(&repository, &layer.digest).unwrap();
                let diff_id: Digest = diff_id.as_str().unwrap().parse().unwrap();
                if layer.media_type.ends_with("gzip") {
                    let mut tar = Vec::new();
                    flate2::read::GzDecoder::new(bytes(&blob).as_slice()).read_to_end(&mut tar).unwrap();
                    assert!(diff_id.matches(&tar));
                    seen += 1;
                } else {
                    assert_eq!(diff_id, layer.digest);
                }
            }
        }
    }
    assert!(seen > 200);
}

#[test]
fn there_is_some_of_everything() {
    let store = filled();
    let tags = |name: &str| store.tags(name);
    assert!(store.repositories().len() >= 16);
    assert!(tags("odd/empty").is_empty());
    assert_eq!(tags("ci/nightly").len(), 4001);
    assert_eq!(store.manifests("ci/nightly").len(), 40);
    assert!(tags("odd/tags").iter().any(|tag| tag.len() == 128));
    let tagged: BTreeSet<_> = tags("acme/worker").iter().map(|t| store.resolve("acme/worker", t)).collect();
    assert!(tagged.len() < store.manifests("acme/worker").len(), "some are untagged");
    let latest = store.resolve("acme/api", "latest").unwrap();
    for tag in ["2", "2.4", "2.4.1", "stable"] {
        assert_eq!(store.resolve("acme/api", tag).as_ref(), Some(&latest));
    }
    assert_eq!(store.referrers("acme/api", &latest).len(), 2);
    let kinds: BTreeSet<_> = store
        .repositories()
        .iter()
        .flat_map(|name| store.manifests(name))
        .map(|raw| (raw.media_type.contains("docker"), format!("{:?}", MediaType::of(&raw.media_type))))
        .collect();
    assert_eq!(kinds.len(), 5, "{kinds:?}");
}

#[test]
fn a_configuration_reads_like_that_of_real_software() {
    let store = filled();
    let index = store.resolve("acme/api", "latest").and_then(|d| store.manifest("acme/api", &d)).unwrap();
    let Manifest::Index(index) = index.parse().unwrap() else { panic!("an index") };
    assert_eq!(index.manifests.iter().filter(|m| m.is_attestation()).count(), 3);
    let image = store.manifest("acme/api", &index.manifests[1].digest).unwrap();
    let Manifest::Image(image) = image.parse().unwrap() else { panic!("an image") };
    let config = ImageConfig::parse(&bytes(&store.blob("acme/api", &image.config.digest).unwrap())).unwrap();
    assert_eq!(config.platform.to_string(), "linux/arm64/v8");
    assert_eq!(Some(&config.platform), index.manifests[1].platform.as_ref());
    assert_eq!(config.config.entrypoint, ["/app/api"]);
    assert_eq!(config.history.iter().filter(|step| !step.empty_layer).count(), image.layers.len());
    assert!(config.created_at().is_some_and(|at| at < NOW - 3 * 86_400 && at > NOW - 4 * 86_400));
}
