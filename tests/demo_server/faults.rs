//! Faults on purpose do what they say, as often as they say.

use futures_util::StreamExt;
use reqwest::Method;
use tagalong::demo::{Fault, Match, Server, Settings, What};
use tagalong::domain::Digest;

use crate::talk::{Talk, header};

const BLOBS: &str = "/v2/*/blobs/*";

/// A registry in which `what` happens to every blob, with the path of one.
async fn with_blob(what: What) -> (Talk, String, Digest) {
    let talk = Talk::spoiled(Fault::always(Match::path(BLOBS), what)).await;
    let digest = talk.server.store().put_blob("a", "0123456789");
    let path = format!("/v2/a/blobs/{digest}");
    (talk, path, digest)
}

#[tokio::test]
async fn a_burst_ends_and_requests_are_counted() {
    let ping = || Match::method("GET", "/v2/");
    let talk = Talk::spoiled(Fault { on: ping(), times: 2, what: What::status(503) }).await;
    talk.server.inject(Fault::once(ping(), What::rate_limit(Some("7"))));
    talk.server.inject(Fault::once(ping(), What::rate_limit(None)));
    let mut seen = Vec::new();
    for _ in 0..5 {
        let response = talk.get("/v2/").await;
        seen.push((response.status().as_u16(), header(&response, "retry-after").map(str::to_owned)));
    }
    let expected = [(503, None), (503, None), (429, Some("7".to_owned())), (429, None), (200, None)];
    assert_eq!(seen, expected);
    assert_eq!(talk.server.requests().len(), 5);
}

#[tokio::test]
async fn requests_are_recorded() {
    let talk = Talk::new().await;
    talk.ask(Method::GET, "/v2/a/tags/list?n=3").header("range", "bytes=1-").send().await.unwrap();
    let [recorded] = talk.server.requests().try_into().unwrap();
    assert_eq!((recorded.method.as_str(), recorded.path.as_str()), ("GET", "/v2/a/tags/list"));
    assert_eq!((recorded.query.as_str(), recorded.range.as_deref()), ("n=3", Some("bytes=1-")));
}

#[tokio::test]
async fn a_body_is_cut_off() {
    let (talk, path, _) = with_blob(What::Truncate(4)).await;
    let response = talk.get(&path).await;
    assert_eq!(header(&response, "content-length"), Some("10"));
    let mut got = Vec::new();
    let mut body = response.bytes_stream();
    let mut broke = false;
    while let Some(piece) = body.next().await {
        match piece {
            Ok(bytes) => got.extend_from_slice(&bytes),
            Err(_) => broke = true,
        }
    }
    assert_eq!((got.as_slice(), broke), (&b"0123"[..], true));
}

#[tokio::test]
async fn a_body_stalls_until_the_registry_ends() {
    let (talk, path, _) = with_blob(What::Stall(4)).await;
    let mut body = talk.get(&path).await.bytes_stream();
    assert_eq!(body.next().await.unwrap().unwrap(), "0123");
    let (rest, ()) = tokio::join!(body.next(), talk.server.stop());
    assert!(rest.unwrap().is_err());
}

#[tokio::test]
async fn a_byte_is_wrong() {
    let (talk, path, digest) = with_blob(What::Corrupt).await;
    let bytes = talk.get(&path).await.bytes().await.unwrap();
    assert_eq!(&bytes[1..], b"123456789");
    assert!(!digest.matches(&bytes));
}

#[tokio::test]
async fn a_slow_body_comes_in_pieces_and_whole() {
    let (talk, path, _) = with_blob(What::Slow(100)).await;
    let mut body = talk.get(&path).await.bytes_stream();
    let first = body.next().await.unwrap().unwrap();
    assert!(first.len() < 10);
    let mut got = first.to_vec();
    while let Some(piece) = body.next().await {
        got.extend_from_slice(&piece.unwrap());
    }
    assert_eq!(got, b"0123456789");
}

#[tokio::test]
async fn another_answer_is_given_instead() {
    let on = || Match::path("/v2/a/manifests/*");
    let talk = Talk::spoiled(Fault::once(on(), What::html())).await;
    talk.server.inject(Fault::once(on(), What::Oversize(9_000_000)));
    let page = talk.get("/v2/a/manifests/x").await;
    assert_eq!((page.status().as_u16(), header(&page, "content-type")), (200, Some("text/html")));
    assert!(page.text().await.unwrap().starts_with("<!doctype html>"));
    let large = talk.get("/v2/a/manifests/x").await;
    assert_eq!(header(&large, "content-length"), Some("9000000"));
    assert_eq!(large.bytes().await.unwrap().len(), 9_000_000);
}

#[tokio::test]
async fn a_list_never_ends() {
    let talk = Talk::spoiled(Fault::always(Match::path("*/tags/list"), What::EndlessLink)).await;
    talk.server.store().create("a");
    let response = talk.get("/v2/a/tags/list?n=5").await;
    assert_eq!(header(&response, "link"), Some("</v2/a/tags/list?n=5>; rel=\"next\""));
}

#[tokio::test]
async fn a_header_is_changed_or_lacking() {
    let digest = "docker-content-digest";
    let (talk, path, _) = with_blob(What::Header(digest.to_owned(), None)).await;
    assert_eq!(header(&talk.get(&path).await, digest), None);
    let (talk, path, _) = with_blob(What::Header(digest.to_owned(), Some("sha256:0".to_owned()))).await;
    assert_eq!(header(&talk.head(&path).await, digest), Some("sha256:0"));
}

#[tokio::test]
async fn a_request_can_be_let_through_first() {
    let talk = Talk::spoiled(Fault::once(Match::path("*"), What::Pass)).await;
    talk.server.inject(Fault::once(Match::path("*"), What::status(500)));
    assert_eq!(talk.get("/v2/").await.status(), 200);
    assert_eq!(talk.get("/v2/").await.status(), 500);
}

#[tokio::test]
async fn nobody_answers_when_it_has_ended() {
    let server = Server::start(Settings::default()).await.unwrap();
    let talk = Talk::new().await;
    let url = format!("{}/v2/", server.url());
    assert_eq!(talk.client.get(&url).send().await.unwrap().status(), 200);
    server.stop().await;
    assert!(talk.client.get(&url).send().await.unwrap_err().is_connect());
}
