//! The layout folder on a real disk.

use bytes::Bytes;
use serde_json::json;
use tempfile::TempDir;

use super::*;
use crate::domain::media::{OCI_INDEX, OCI_MANIFEST};
use crate::domain::{Descriptor, Digest, RawManifest};

fn empty() -> (TempDir, Layout) {
    let folder = TempDir::new().unwrap();
    let layout = Layout::open_or_create(&folder.path().join("store")).unwrap();
    (folder, layout)
}

fn manifest(body: &str) -> RawManifest {
    let bytes = Bytes::from(body.to_owned());
    RawManifest { digest: Digest::of(&bytes), media_type: OCI_MANIFEST.to_owned(), bytes, claimed: None }
}

fn index_json(layout: &Layout) -> Value {
    serde_json::from_slice(&fs::read(layout.root().join("index.json")).unwrap()).unwrap()
}

fn names(layout: &Layout) -> Vec<String> {
    layout.images().unwrap().into_iter().filter_map(|image| image.name).collect()
}

fn partial(layout: &Layout, blob: &Descriptor) -> Partial {
    Partial::try_open(layout, blob).unwrap().unwrap()
}

#[test]
fn a_new_layout_has_the_marker_and_opens_again() {
    let (_folder, layout) = empty();
    assert_eq!(fs::read(layout.root().join("oci-layout")).unwrap(), br#"{"imageLayoutVersion":"1.0.0"}"#);
    assert_eq!(Layout::open(layout.root()).unwrap(), layout);
    assert_eq!(layout.images().unwrap(), []);
}

#[test]
fn a_folder_with_other_things_is_left_alone() {
    let folder = TempDir::new().unwrap();
    fs::write(folder.path().join("thesis.tex"), "x").unwrap();
    let failure = Layout::open_or_create(folder.path()).unwrap_err();
    assert_eq!(failure.kind, FailureKind::Invalid);
    assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 1);
    assert_eq!(Layout::open(folder.path()).unwrap_err().kind, FailureKind::NotFound);
}

#[test]
fn a_layout_of_another_version_or_a_damaged_marker_is_refused() {
    for marker in [r#"{"imageLayoutVersion":"2.0.0"}"#, "{}", "nonsense"] {
        let folder = TempDir::new().unwrap();
        fs::write(folder.path().join("oci-layout"), marker).unwrap();
        assert_eq!(Layout::open_or_create(folder.path()).unwrap_err().kind, FailureKind::Invalid, "{marker}");
    }
}

#[test]
fn a_name_is_replaced_and_what_others_wrote_is_kept() {
    let (_folder, layout) = empty();
    let theirs = json!({"schemaVersion": 2, "vendor": {"x": 1}, "manifests": [
        {"mediaType": OCI_MANIFEST, "digest": Digest::of(b"t"), "size": 4, "custom": [1],
         "annotations": {"org.opencontainers.image.ref.name": "theirs", "other": "y"}},
        {"mediaType": OCI_MANIFEST, "digest": Digest::of(b"old"), "size": 4,
         "annotations": {"org.opencontainers.image.ref.name": "h:5000/a:1"}},
        "not a descriptor"]});
    fs::write(layout.root().join("index.json"), theirs.to_string()).unwrap();
    let fresh = manifest("fresh").descriptor();
    layout.tag(&[("h:5000/a:1".to_owned(), fresh.clone()), ("../../b".to_owned(), fresh.clone())]).unwrap();
    let index = index_json(&layout);
    assert_eq!(index["vendor"], theirs["vendor"]);
    assert_eq!(index["manifests"][0], theirs["manifests"][0]);
    assert_eq!(index["manifests"][1]["digest"], fresh.digest.to_string());
    assert_eq!(index["manifests"][2], "not a descriptor");
    assert_eq!(index["manifests"].as_array().unwrap().len(), 4);
    assert_eq!(names(&layout), ["theirs", "h:5000/a:1", "../../b"]);
}

#[test]
fn naming_the_same_image_again_keeps_what_others_added_to_its_entry() {
    let (_folder, layout) = empty();
    let image = manifest("m").descriptor();
    layout.tag(&[("a".to_owned(), image.clone())]).unwrap();
    let mut index = index_json(&layout);
    index["manifests"][0]["annotations"]["added"] = json!("z");
    fs::write(layout.root().join("index.json"), index.to_string()).unwrap();
    layout.tag(&[("a".to_owned(), image)]).unwrap();
    assert_eq!(index_json(&layout), index);
}

#[test]
fn an_image_with_another_full_name_keeps_its_entry() {
    let (_folder, layout) = empty();
    let theirs = |name: &str, body: &str| {
        let annotations =
            json!({ find::REF_NAME: "latest", FULL_NAME: format!("docker.io/library/{name}:latest") });
        let manifest = manifest(body).descriptor();
        json!({ "mediaType": OCI_MANIFEST, "digest": manifest.digest, "size": 1, "annotations": annotations })
    };
    let index = json!({ "schemaVersion": 2, "manifests": [theirs("a", "m"), theirs("b", "n")] });
    fs::write(layout.root().join("index.json"), index.to_string()).unwrap();
    layout.tag(&[("latest".to_owned(), manifest("m").descriptor())]).unwrap();
    assert_eq!(names(&layout), ["a:latest", "b:latest", "latest"]);
    layout.tag(&[("b:latest".to_owned(), manifest("new").descriptor())]).unwrap();
    assert_eq!(names(&layout), ["a:latest", "b:latest", "latest"]);
}

#[test]
fn a_damaged_index_is_told_and_never_overwritten() {
    let (_folder, layout) = empty();
    for damaged in ["{\"manifests\": [", "[]", r#"{"manifests": 7}"#] {
        fs::write(layout.root().join("index.json"), damaged).unwrap();
        let failure = layout.tag(&[("a".to_owned(), manifest("m").descriptor())]).unwrap_err();
        assert_eq!(failure.kind, FailureKind::Invalid, "{damaged}");
        assert_eq!(fs::read_to_string(layout.root().join("index.json")).unwrap(), damaged);
    }
}

#[test]
fn many_writers_lose_no_name() {
    let (_folder, layout) = empty();
    std::thread::scope(|scope| {
        for writer in 0..4 {
            let layout = &layout;
            scope.spawn(move || {
                for n in 0..10 {
                    layout.tag(&[(format!("{writer}-{n}"), manifest("m").descriptor())]).unwrap();
                }
            });
        }
    });
    assert_eq!(names(&layout).len(), 40);
}

#[test]
fn a_new_index_says_what_it_is() {
    let (_folder, layout) = empty();
    layout.tag(&[("a".to_owned(), manifest("m").descriptor())]).unwrap();
    assert_eq!(index_json(&layout)["mediaType"], OCI_INDEX);
    let leftovers = fs::read_dir(layout.private()).unwrap().map(|e| e.unwrap().file_name());
    let mut leftovers: Vec<_> = leftovers.collect();
    leftovers.sort();
    assert_eq!(leftovers, ["index.lock", "partial"]);
}

#[test]
fn manifests_are_kept_byte_for_byte_and_wrong_ones_refused() {
    let (_folder, layout) = empty();
    let mut raw = manifest("{ \"a\" :1}");
    layout.put_manifest(&raw).unwrap();
    assert_eq!(fs::read(layout.blob_path(&raw.digest)).unwrap(), raw.bytes);
    assert_eq!(layout.read_blob(&raw.descriptor(), 100).unwrap(), raw.bytes);
    assert_eq!(layout.read_blob(&raw.descriptor(), 5).unwrap_err().kind, FailureKind::Invalid);
    raw.digest = Digest::of(b"other");
    assert_eq!(layout.put_manifest(&raw).unwrap_err().kind, FailureKind::Integrity);
    assert!(!layout.has(&raw.digest, raw.bytes.len() as u64));
    assert_eq!(layout.read_blob(&raw.descriptor(), 100).unwrap_err().kind, FailureKind::NotFound);
}

#[test]
fn a_blob_that_changed_on_disk_is_not_read_as_the_old_one() {
    let (_folder, layout) = empty();
    let raw = manifest("content");
    layout.put_manifest(&raw).unwrap();
    fs::write(layout.blob_path(&raw.digest), "CONTENT").unwrap();
    assert_eq!(layout.read_blob(&raw.descriptor(), 100).unwrap_err().kind, FailureKind::Integrity);
}

#[test]
fn a_partial_is_continued_where_it_ended() {
    let (_folder, layout) = empty();
    let blob = manifest("hello world").descriptor();
    partial(&layout, &blob).append(b"hello ").unwrap();
    let mut again = partial(&layout, &blob);
    again.take_over().unwrap();
    assert_eq!((again.written(), again.missing()), (6, 5));
    again.append(b"world").unwrap();
    again.settle().unwrap();
    assert!(layout.has(&blob.digest, 11));
    assert_eq!(fs::read_dir(layout.private().join("partial")).unwrap().count(), 0);
}

#[test]
fn a_partial_has_one_holder() {
    let (_folder, layout) = empty();
    let blob = manifest("x").descriptor();
    let held = partial(&layout, &blob);
    assert!(Partial::try_open(&layout, &blob).unwrap().is_none());
    drop(held);
    assert!(Partial::try_open(&layout, &blob).unwrap().is_some());
}

#[test]
fn wrong_bytes_get_no_name_and_leave_nothing() {
    let (_folder, layout) = empty();
    let blob = manifest("right").descriptor();
    let mut wrong = partial(&layout, &blob);
    wrong.append(b"wrong").unwrap();
    assert!(!wrong.is_right());
    let failure = wrong.settle().unwrap_err();
    assert_eq!(failure.kind, FailureKind::Integrity);
    assert!(failure.doing.contains(&blob.digest.to_string()));
    let mut emptied = partial(&layout, &blob);
    emptied.take_over().unwrap();
    assert_eq!(emptied.written(), 0);
    assert!(!layout.has(&blob.digest, 5));
}

#[test]
fn a_blob_never_grows_over_its_size() {
    let (_folder, layout) = empty();
    let blob = manifest("four").descriptor();
    let mut long = partial(&layout, &blob);
    assert_eq!(long.append(b"fourteen").unwrap_err().kind, FailureKind::Integrity);
    drop(long);
    fs::write(layout.private().join("partial").join(format!("sha256-{}", blob.digest.hex())), "fourteen")
        .unwrap();
    let mut again = partial(&layout, &blob);
    again.take_over().unwrap();
    assert_eq!(again.written(), 0);
}

#[test]
fn sha512_blobs_have_their_own_folder() {
    let (_folder, layout) = empty();
    let mut hasher = crate::domain::digest::Hasher::new(crate::domain::digest::Algorithm::Sha512);
    hasher.update(b"x");
    let blob = Descriptor::new("t", hasher.finish(), 1);
    let mut file = partial(&layout, &blob);
    file.append(b"x").unwrap();
    file.settle().unwrap();
    assert!(layout.root().join("blobs/sha512").join(blob.digest.hex()).is_file());
}

/// `/dev/full` behaves as a file on a full disk does.
#[cfg(target_os = "linux")]
#[test]
fn a_full_disk_is_said_with_what_is_missing() {
    let (_folder, layout) = empty();
    let blob = Descriptor::new("t", Digest::of(b"large"), 3 << 20);
    let name = format!("sha256-{}", blob.digest.hex());
    std::os::unix::fs::symlink("/dev/full", layout.private().join("partial").join(name)).unwrap();
    let mut file = partial(&layout, &blob);
    let failure = file.append(&vec![0; 1 << 20]).unwrap_err();
    assert_eq!(failure.kind, FailureKind::Io);
    assert_eq!(failure.said, "the disk is full; this blob needs 3.0 MiB more (what has arrived is kept)");
}
