//! What goes with an image, and what stays.

use bytes::Bytes;
use serde_json::{Value, json};
use tempfile::TempDir;

use super::*;
use crate::domain::RawManifest;
use crate::domain::media::{OCI_CONFIG, OCI_INDEX, OCI_MANIFEST};

struct Store {
    _folder: TempDir,
    layout: Layout,
}

fn empty() -> Store {
    let folder = TempDir::new().unwrap();
    let layout = Layout::open_or_create(&folder.path().join("store")).unwrap();
    Store { _folder: folder, layout }
}

impl Store {
    fn blob(&self, content: &str) -> Descriptor {
        let raw = raw(content.to_owned(), "application/octet-stream");
        self.layout.put_manifest(&raw).unwrap();
        raw.descriptor()
    }

    /// An image of these layers; its configuration is its own.
    fn image(&self, config: &str, layers: &[&str]) -> Descriptor {
        let mut config = self.blob(config);
        OCI_CONFIG.clone_into(&mut config.media_type);
        let layers: Vec<_> = layers.iter().map(|layer| self.blob(layer)).collect();
        let body = json!({"schemaVersion": 2, "mediaType": OCI_MANIFEST, "config": config, "layers": layers});
        self.manifest(&body, OCI_MANIFEST)
    }

    fn manifest(&self, body: &Value, media_type: &str) -> Descriptor {
        let raw = raw(body.to_string(), media_type);
        self.layout.put_manifest(&raw).unwrap();
        raw.descriptor()
    }

    fn name(&self, name: &str, image: &Descriptor) {
        self.layout.tag(&[(name.to_owned(), image.clone())]).unwrap();
    }

    fn remove(&self, name: &str) -> u64 {
        let mut found = self.layout.images().unwrap();
        found.retain(|image| image.name.as_deref() == Some(name));
        self.layout.remove(&found).unwrap()
    }

    fn has(&self, content: &str) -> bool {
        self.layout.has(&Digest::of(content.as_bytes()), content.len() as u64)
    }

    fn append_entry(&self, entry: Value) {
        let path = self.layout.root().join("index.json");
        let mut index: Value = serde_json::from_slice(&fs::read(&path).unwrap()).unwrap();
        index["manifests"].as_array_mut().unwrap().push(entry);
        fs::write(path, index.to_string()).unwrap();
    }
}

fn raw(body: String, media_type: &str) -> RawManifest {
    let bytes = Bytes::from(body);
    RawManifest { digest: Digest::of(&bytes), media_type: media_type.to_owned(), bytes, claimed: None }
}

#[test]
fn the_last_name_takes_everything_with_it() {
    let store = empty();
    let image = store.image("config", &["base", "top"]);
    store.name("a:1", &image);
    let size = store.layout.size().unwrap();
    assert_eq!(store.remove("a:1"), size);
    assert_eq!(store.layout.images().unwrap(), []);
    assert_eq!(store.layout.size().unwrap(), 0);
}

#[test]
fn blobs_that_another_image_or_name_needs_stay() {
    let store = empty();
    let one = store.image("config 1", &["base", "top 1"]);
    let two = store.image("config 2", &["base", "top 2"]);
    for (name, image) in [("a:1", &one), ("a:same", &one), ("b:2", &two)] {
        store.name(name, image);
    }
    assert_eq!(store.remove("a:1"), 0);
    assert!(store.has("top 1"), "it has another name");
    store.remove("a:same");
    assert!(store.has("base") && store.has("top 2") && store.has("config 2"));
    assert!(!store.has("top 1") && !store.has("config 1"));
    assert!(!store.layout.has(&one.digest, one.size));
}

#[test]
fn members_and_the_subjects_of_artifacts_stay() {
    let store = empty();
    let member = store.image("config", &["layer"]);
    let index = json!({"schemaVersion": 2, "mediaType": OCI_INDEX, "manifests": [member]});
    let index = store.manifest(&index, OCI_INDEX);
    let signed = store.image("config of signed", &["layer of signed"]);
    let signature = json!({"schemaVersion": 2, "mediaType": OCI_MANIFEST, "subject": signed,
        "config": store.blob("{}"), "layers": []});
    let signature = store.manifest(&signature, OCI_MANIFEST);
    for (name, image) in [("index", &index), ("member", &member), ("signed", &signed), ("sig", &signature)] {
        store.name(name, image);
    }
    assert_eq!(store.remove("member"), 0);
    assert_eq!(store.remove("signed"), 0);
    assert!(store.has("layer") && store.has("layer of signed"));
    store.remove("sig");
    assert!(!store.has("layer of signed"), "its subject goes with the last that needs it");
    store.remove("index");
    assert_eq!(store.layout.size().unwrap(), 0);
}

#[test]
fn what_another_program_brought_stays() {
    let store = empty();
    let image = store.image("config", &["shared"]);
    let theirs = store.image("their config", &["shared", "their layer"]);
    store.name("ours", &image);
    // No name, and a field that is not known here.
    store.append_entry(
        json!({"mediaType": OCI_MANIFEST, "digest": theirs.digest, "size": theirs.size, "x": 1}),
    );
    store.blob("on its way");
    store.remove("ours");
    assert!(store.has("shared") && store.has("their layer") && !store.has("config"));
    assert!(store.has("on its way"), "the index does not name it yet");
}

#[test]
fn nothing_is_removed_while_an_entry_cannot_be_read() {
    for entry in [
        json!("no descriptor"),
        json!({"mediaType": OCI_MANIFEST, "digest": Digest::of(b"not a manifest"), "size": 14}),
    ] {
        let store = empty();
        let image = store.image("config", &["layer"]);
        store.name("ours", &image);
        store.blob("not a manifest");
        store.append_entry(entry);
        assert_eq!(store.remove("ours"), 0);
        assert!(store.has("layer"));
        assert_eq!(store.layout.images().unwrap().iter().filter(|i| i.name.is_some()).count(), 0);
    }
}

#[test]
fn nothing_is_removed_while_something_is_pulled() {
    let store = empty();
    let image = store.image("config", &["layer"]);
    store.name("a", &image);
    let held = store.layout.hold_blobs().unwrap();
    let also = store.layout.hold_blobs().unwrap();
    assert_eq!(store.remove("a"), 0);
    assert!(store.has("layer"), "the pull may count on it");
    drop((held, also));
    assert!(store.layout.remove_replaced(&[]).unwrap() > 0, "it was noted");
    assert!(!store.has("layer"));
    assert!(store.layout.owed().unwrap().roots.is_empty(), "once");
}

#[test]
fn what_was_named_again_before_it_was_swept_stays() {
    let store = empty();
    let image = store.image("config", &["layer"]);
    store.name("a", &image);
    let held = store.layout.hold_blobs().unwrap();
    assert_eq!(store.remove("a"), 0);
    store.name("b", &image);
    drop(held);
    assert_eq!(store.layout.remove_replaced(&[]).unwrap(), 0);
    assert!(store.has("layer") && store.layout.has(&image.digest, image.size));
}

#[test]
fn an_image_that_another_has_taken_the_name_of_goes() {
    let store = empty();
    store.name("a", &store.image("old", &["base", "old layer"]));
    let before = store.layout.images().unwrap();
    store.name("a", &store.image("new", &["base", "new layer"]));
    assert!(store.layout.remove_replaced(&before).unwrap() > 0);
    assert!(store.has("base") && store.has("new layer") && !store.has("old layer") && !store.has("old"));
}

#[test]
fn one_more_name_is_for_an_image_that_is_there() {
    let store = empty();
    let (image, other) = (store.image("config", &["layer"]), store.image("other", &[]));
    store.name("a", &image);
    store.name("b", &other);
    store.layout.tag_again("b", &image).unwrap();
    assert!(!store.has("other"), "it has lost its only name");
    store.remove("a");
    store.remove("b");
    assert_eq!(store.layout.tag_again("c", &image).unwrap_err().kind, FailureKind::NotFound);
    assert_eq!(store.layout.images().unwrap(), []);
}

#[test]
fn an_entry_that_moved_meanwhile_stays() {
    let store = empty();
    store.name("a", &store.image("old", &[]));
    let before = store.layout.images().unwrap();
    store.name("a", &store.image("new", &[]));
    assert_eq!(store.layout.remove(&before).unwrap_err().kind, FailureKind::NotFound);
    assert_eq!(store.layout.images().unwrap().len(), 1);
}
