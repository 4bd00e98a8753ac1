//! Connections that cannot be made, and the ways around: names, ports, schemes, proxies.

use tagalong::domain::{Failure, FailureKind};
use tagalong::http::{Http, Limit, Request, Settings};
use tokio::net::TcpListener;

use crate::{get, play, settings};

async fn fail(settings: Settings) -> Failure {
    get(&Http::new(settings), "/v2/").await.unwrap_err()
}

#[tokio::test]
async fn an_unknown_host_is_named() {
    let failure = fail(settings("https://registry.invalid:5000")).await;
    assert_eq!(failure.kind, FailureKind::Offline);
    assert_eq!(failure.said, "no host named registry.invalid was found");
    assert_eq!(failure.doing, "testing");
}

#[tokio::test]
async fn a_refused_connection_is_said_at_once() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    drop(listener);
    let failure = fail(settings(&format!("http://{address}"))).await;
    assert_eq!(failure.kind, FailureKind::Offline);
    assert_eq!(failure.said, format!("{address} refused the connection: nothing listens there"));
}

#[tokio::test]
async fn a_plain_server_behind_https_is_recognised() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let plain = listener.local_addr().unwrap();
    tokio::spawn(async move {
        let (mut stream, _) = listener.accept().await.unwrap();
        tokio::io::AsyncWriteExt::write_all(&mut stream, b"HTTP/1.1 400 Bad Request\r\n\r\n").await.unwrap();
        // Held until the other side has read it.
        tokio::io::AsyncReadExt::read_to_end(&mut stream, &mut Vec::new()).await.unwrap_or(0);
    });
    let failure = fail(settings(&format!("https://{plain}"))).await;
    assert_eq!(failure.kind, FailureKind::Tls);
    assert_eq!(failure.said, format!("{plain} speaks plain HTTP, not TLS"));
}

#[tokio::test]
async fn a_connection_closed_in_the_handshake_is_said() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    tokio::spawn(async move {
        while let Ok((stream, _)) = listener.accept().await {
            drop(stream);
        }
    });
    let failure = fail(settings(&format!("https://{address}"))).await;
    assert_eq!(failure.kind, FailureKind::Tls);
    assert!(failure.said.contains("broke off the TLS handshake; it may speak plain HTTP"), "{failure}");
}

#[tokio::test]
async fn plain_http_to_another_machine_needs_to_be_allowed() {
    let failure = fail(settings("http://registry.invalid:5000")).await;
    assert_eq!(failure.kind, FailureKind::Tls);
    assert_eq!(
        failure.said,
        "registry.invalid:5000 would be asked over plain HTTP, which this connection does not allow"
    );
    let mut allowed = settings("http://registry.invalid:5000");
    allowed.options.plain_http = true;
    assert_eq!(fail(allowed).await.said, "no host named registry.invalid was found");
}

#[tokio::test]
async fn other_schemes_are_refused() {
    let failure = fail(settings("ftp://127.0.0.1/")).await;
    assert_eq!(failure.said, "“ftp” is no scheme for a registry");
}

#[tokio::test]
async fn a_proxy_is_asked_in_place_of_the_host() {
    let proxy = play("request = \"GET http://registry.invalid/v2/\"\nbody = \"by proxy\"").await;
    let mut settings = settings("http://registry.invalid/");
    settings.options.plain_http = true;
    settings.options.proxy = Some(proxy.base.clone());
    assert_eq!(get(&Http::new(settings), "/v2/").await.unwrap(), "by proxy");
    assert_eq!(proxy.complaints(), Vec::<String>::new());
}

#[tokio::test]
async fn a_proxy_that_is_no_url_is_not_repeated() {
    let mut settings = settings("https://registry.invalid/");
    settings.options.proxy = Some("ht tp://ann:secret@proxy".to_owned());
    let failure = fail(settings).await;
    assert_eq!(failure.doing, "setting the proxy");
    assert!(!failure.to_string().contains("secret"));
}

#[tokio::test]
async fn lists_may_come_compressed_and_manifests_may_not() {
    let server = play(
        r#"
        [[exchange]]
        request = "GET /list"
        with = { accept-encoding = "~gzip" }
        headers = ["Content-Encoding: gzip"]
        body_hex = "1f8b08000000000002034bcbcc4b05009254a9be04000000"

        [[exchange]]
        request = "GET /manifest"
        with = { accept-encoding = "identity" }
        body = "exact"
        "#,
    )
    .await;
    let http = Http::new(settings(&server.base));
    let list = Request::get(http.base().join("/list").unwrap(), "testing").compressed();
    assert_eq!(http.fetch(&list, Limit::LIST).await.unwrap().body.as_ref(), b"fine");
    assert_eq!(get(&http, "/manifest").await.unwrap(), "exact");
    assert_eq!(server.complaints(), Vec::<String>::new());
}

#[tokio::test]
async fn a_compressed_page_is_limited_by_what_it_unpacks_to() {
    let server = play(
        r#"
        request = "GET /list"
        headers = ["Content-Encoding: gzip"]
        body_hex = "1f8b08000000000002034bcbcc4b05009254a9be04000000"
        "#,
    )
    .await;
    let http = Http::new(settings(&server.base));
    let list = Request::get(http.base().join("/list").unwrap(), "testing").compressed();
    let failure = http.fetch(&list, Limit::of(3, "a test")).await.unwrap_err();
    assert_eq!(failure.said, "the answer is larger than the 3 B that a test may have");
}

#[tokio::test]
async fn a_proxy_that_is_away_is_said_to_be_one() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    drop(listener);
    let mut settings = settings("https://registry.invalid/");
    settings.options.proxy = Some(format!("http://{address}"));
    let failure = fail(settings).await;
    assert_eq!(failure.kind, FailureKind::Offline);
    assert!(failure.said.ends_with("asked through the proxy of this connection"), "{failure}");
}

#[tokio::test]
async fn a_password_in_the_url_is_neither_sent_nor_shown() {
    let server = play("request = \"GET /\"\nwithout = [\"authorization\"]\nbody = \"fine\"").await;
    let http = Http::new(settings(&server.base.replace("://", "://ann:secret@")));
    assert_eq!(get(&http, "/").await.unwrap(), "fine");
    assert!(!http.base().as_str().contains("secret"));
}
