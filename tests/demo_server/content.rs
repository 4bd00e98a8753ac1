//! The sample content, seen through the protocol.

use std::time::{Duration, Instant};

use reqwest::Method;
use tagalong::demo::{Settings, fill};
use tagalong::domain::{Manifest, media};

use crate::talk::{NOW, Talk, header};

#[tokio::test]
async fn everything_in_it_can_be_pulled() {
    let talk = Talk::filled().await;
    for repository in talk.server.store().repositories() {
        for raw in talk.server.store().manifests(&repository) {
            let pulled = talk.manifest(&repository, &raw.digest.to_string()).await;
            assert_eq!((&pulled.bytes, &pulled.media_type), (&raw.bytes, &raw.media_type));
            let Ok(Manifest::Image(image)) = pulled.parse() else { continue };
            for blob in std::iter::once(&image.config).chain(&image.layers) {
                let head = talk.head(&format!("/v2/{repository}/blobs/{}", blob.digest)).await;
                assert_eq!(header(&head, "content-length"), Some(blob.size.to_string().as_str()));
            }
        }
    }
}

/// The validation of a push finds nothing wrong with any of it, except that schema 1 is only to look at.
#[tokio::test]
async fn everything_in_it_could_have_been_pushed() {
    let talk = Talk::filled().await;
    for repository in talk.server.store().repositories() {
        for raw in talk.server.store().manifests(&repository) {
            let path = format!("/v2/{repository}/manifests/{}", raw.digest);
            let request =
                talk.ask(Method::PUT, &path).header("content-type", &raw.media_type).body(raw.bytes);
            let expected = if raw.media_type == media::DOCKER_SCHEMA1_SIGNED { 400 } else { 201 };
            assert_eq!(request.send().await.unwrap().status(), expected, "{repository} {}", raw.digest);
        }
    }
}

#[tokio::test]
async fn the_large_image_takes_long_enough_to_be_watched() {
    let talk = Talk::with(Settings::to_look_at()).await;
    fill(talk.server.store(), NOW).unwrap();
    let large = talk.manifest("media/transcoder", "latest").await.parse().unwrap();
    let layers = large.children().into_iter().filter(|child| child.size > 1_000_000);
    let smallest = layers.min_by_key(|layer| layer.size).unwrap();
    let started = Instant::now();
    let bytes = talk.get(&format!("/v2/media/transcoder/blobs/{}", smallest.digest)).await.bytes().await;
    assert_eq!(bytes.unwrap().len() as u64, smallest.size);
    assert!(started.elapsed() > Duration::from_millis(300));
}
