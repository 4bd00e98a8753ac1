//! What is told of an engine's images, and removing them.
#![cfg(all(unix, feature = "engine"))]

use super::*;
use crate::engine::scripted::{Answer, Answers, Scripted};

const AMD: &str = "sha256:2c26b46b68ffc68ff99b453c1d30413413422d706483bfa0f98a5e886266e7ae";
const ARM: &str = "sha256:fcde2b2edba56bf408601fb721fe9b5c338d10ee429ea04fae5511b68fbf8fb9";
/// What the registry calls the index.
const INDEX: &str = "h.example/a@sha256:baa5a0964d3320fbc0c6a922140453c8513ea24ab8fd0577034804a967248096";
const MOVED: &str = "h.example/b@sha256:baa5a0964d3320fbc0c6a922140453c8513ea24ab8fd0577034804a967248096";

/// An image as an engine tells it, in a list and alone.
fn told(id: &str, tags: &[&str], digests: &[&str]) -> String {
    serde_json::json!({"Id": id, "RepoTags": tags, "RepoDigests": digests}).to_string()
}

/// The answers about one name.
fn named(name: &str, image: &str) -> Answers {
    let path = |end: &str| -> &'static str { String::leak(format!("/images/{name}{end}")) };
    vec![
        (path("/json"), Answer::Text(200, String::leak(image.to_owned()))),
        (path("/history"), Answer::Text(200, "[]")),
        (path(""), Answer::Text(200, "[]")),
    ]
}

async fn place(images: &[&str], answers: Vec<Answers>) -> (Scripted, EngineImages) {
    let list = String::leak(format!("[{}]", images.join(",")));
    let mut all =
        vec![("/images/json", Answer::Text(200, list)), ("/containers/json", Answer::Text(200, "[]"))];
    all.extend(answers.into_iter().flatten());
    let scripted = Scripted::usual(all);
    let engine = scripted.connect().await;
    (scripted, EngineImages::new(ConnectionId::new("docker"), engine))
}

fn removed(scripted: &Scripted) -> Vec<String> {
    let asked = scripted.asked().into_iter();
    asked.filter_map(|path| path.strip_prefix("DELETE /v1.47/images/").map(str::to_owned)).collect()
}

#[tokio::test]
async fn of_two_platforms_of_one_index_the_chosen_one_goes() {
    let amd = told(AMD, &["h.example/a:amd"], &[INDEX]);
    let arm = told(ARM, &["h.example/a:arm"], &[INDEX]);
    let answers = vec![named("h.example/a:arm", &arm), named(INDEX, &amd)];
    let (scripted, place) = place(&[&amd, &arm], answers).await;
    let at = Name::read("h.example/a:arm").locate(&ConnectionId::new("docker"));
    let impact = place.impact(&at).await.unwrap();
    assert_eq!(
        (impact.digest.to_string().as_str(), impact.tags.as_slice()),
        (ARM, ["h.example/a:arm".to_owned()].as_slice())
    );
    place.delete_manifest(&at, &impact.digest).await.unwrap();
    assert_eq!(removed(&scripted), ["h.example/a:arm"]);
    let shared = INDEX.split_once('@').unwrap().1.parse().unwrap();
    assert_eq!(place.delete_manifest(&at, &shared).await.unwrap_err().kind, FailureKind::NotFound);
}

#[tokio::test]
async fn an_image_that_two_repositories_know_goes_by_each_digest() {
    let image = told(AMD, &[], &[INDEX, MOVED]);
    let answers = vec![named(INDEX, &image), named(MOVED, &image), named(AMD, &image)];
    let (scripted, place) = place(&[&image], answers).await;
    let at = Name::read(INDEX).locate(&ConnectionId::new("docker"));
    place.delete_manifest(&at, &AMD.parse().unwrap()).await.unwrap();
    assert_eq!(removed(&scripted), [INDEX, MOVED, AMD]);
}

#[tokio::test]
async fn an_image_is_known_by_the_digest_of_its_registry_and_by_its_id() {
    let image = told(AMD, &["h.example/a:1", "h.example/a:2"], &[INDEX, MOVED]);
    let (_scripted, place) = place(&[&image], vec![named("h.example/a:1", &image)]).await;
    let id = ConnectionId::new("docker");
    let details = place.details(&Name::read("h.example/a:1").locate(&id)).await.unwrap();
    assert_eq!(details.digest.to_string(), INDEX.split_once('@').unwrap().1);
    assert_eq!(details.engine_id, Some(AMD.parse().unwrap()));
    assert_eq!(details.media_type, "", "none is told");
    let described = details.described.unwrap().unwrap();
    let labels: Vec<_> =
        described.lines.iter().map(|(label, value)| (label.as_str(), value.as_str())).collect();
    assert_eq!(labels, [("on disk", "0 B"), ("also", "h.example/a:2"), ("known as", MOVED)]);
}

#[tokio::test]
async fn a_place_counts_its_images_as_the_tree_does() {
    let two_names = told(AMD, &["h.example/a:1", "h.example/a:2"], &[INDEX]);
    let (_scripted, place) = place(&[&two_names, &told(ARM, &[], &[])], Vec::new()).await;
    let account = place.check().await.unwrap();
    assert!(account.lines.contains(&("images".to_owned(), "3".to_owned())), "{:?}", account.lines);
    let page = place.children(&Locator::root(ConnectionId::new("docker")), None).await.unwrap();
    let counts = page.entries.iter().filter_map(|entry| entry.facts.as_ref()?.count);
    assert_eq!(counts.sum::<u64>(), 3);
}
