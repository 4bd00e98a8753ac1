//! What an image may ask of memory.

use serde_json::json;

use super::super::scripted::Scripted;
use super::*;
use crate::domain::Descriptor;
use crate::domain::media::{OCI_INDEX, OCI_MANIFEST};

async fn read(content: &Scripted, target: &str) -> Result<PlannedImage, Failure> {
    read_image(content, &Room::new(u64::MAX), target, target.to_owned(), None).await
}

#[tokio::test]
async fn an_index_of_very_many_members_is_refused_before_they_are_read() {
    let mut content = Scripted::default();
    let unread = |n: u32| Descriptor::new(OCI_MANIFEST, Digest::of(&n.to_be_bytes()), 9);
    let members: Vec<(Descriptor, &str)> = (0..1001).map(|n| (unread(n), "amd64")).collect();
    content.index("many", &members);
    let failure = read(&content, "many").await.unwrap_err();
    assert_eq!(failure.to_string(), "reading the image many: its indexes name more than 1000 manifests");
    content.index("fewer", &members[..1000]);
    assert_eq!(read(&content, "fewer").await.unwrap_err().kind, FailureKind::NotFound, "these are read");
}

#[tokio::test]
async fn manifests_of_very_many_bytes_are_refused() {
    let mut content = Scripted::default();
    let filling = "x".repeat(7 << 20);
    let mut member = |n: u32| {
        let body = json!({"schemaVersion": 2, "manifests": [], "n": n, "filling": filling});
        (Scripted::manifest(&mut content, &n.to_string(), OCI_INDEX, &body), "amd64")
    };
    let members = [0, 1, 2, 3, 4].map(&mut member);
    content.index("heavy", &members);
    content.index("less", &members[..4]);
    let failure = read(&content, "heavy").await.unwrap_err();
    assert_eq!(failure.to_string(), "reading the image heavy: its manifests have more than 32.0 MiB");
    assert_eq!(failure.kind, FailureKind::Invalid);
    assert_eq!(read(&content, "less").await.unwrap().manifests.len(), 5);
}

#[tokio::test]
async fn a_job_keeps_as_many_manifests_as_there_is_room_for() {
    let mut content = Scripted::default();
    for tag in ["1", "2", "3"] {
        content.image(tag, "amd64", &[]);
    }
    let weight = content.manifest("1").await.unwrap().bytes.len() as u64;
    let room = Room::new(2 * weight + 1);
    for (tag, fits) in [("1", true), ("2", true), ("3", false)] {
        let image = read_image(&content, &room, tag, tag.to_owned(), None).await;
        assert_eq!(image.is_ok(), fits, "{tag}");
    }
}
