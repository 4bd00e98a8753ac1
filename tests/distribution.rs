//! The protocol client against the built-in registry: everything one would do with a registry, in every way in which
//! it can be set up.

#![expect(clippy::unwrap_used, reason = "a test may fail")]

use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use futures_util::TryStreamExt as _;
use tagalong::demo::{Auth, Server, Settings, fill};
use tagalong::domain::{Credential, Cursor, Digest, Failure, FailureKind, Manifest, Secret, media};
use tagalong::http::{AuthScheme, FixedSignIn, Http, Timings};
use tagalong::registry::distribution::NamePage;
use tagalong::registry::{Begun, Content as _, Distribution};

/// 2026-01-01, so that the sample content is the same each time.
const NOW: i64 = 1_767_225_600;

async fn serve(settings: Settings) -> Server {
    let server = Server::start(settings).await.unwrap();
    fill(server.store(), NOW).unwrap();
    server
}

fn client(server: &Server, credential: Credential) -> Distribution {
    let mut settings = tagalong::http::Settings::new(server.url().parse().unwrap());
    settings.sign_in = Arc::new(FixedSignIn(credential));
    settings.timings = Timings { retry_base: Duration::from_millis(1), ..Timings::default() };
    Distribution::new(Http::new(settings))
}

fn ann(password: &str) -> Credential {
    Credential::Basic { username: "ann".to_owned(), password: Secret::new(password) }
}

async fn all(page: impl AsyncFn(Option<&Cursor>) -> Result<NamePage, Failure>) -> Vec<String> {
    let mut names = Vec::new();
    let mut cursor = None;
    loop {
        let page = page(cursor.as_ref()).await.unwrap();
        names.extend(page.names);
        cursor = page.next;
        if cursor.is_none() {
            return names;
        }
    }
}

/// Lists everything, resolves and reads every tag, and every blob of every image.
async fn read_everything(server: &Server, registry: &Distribution) {
    let repositories = all(async |cursor| registry.catalog(cursor).await).await;
    assert_eq!(repositories, server.store().repositories());
    for repository in &repositories {
        let tags = all(async |cursor| registry.tags(repository, cursor).await).await;
        assert_eq!(tags, server.store().tags(repository), "{repository}");
        for tag in tags.iter().take(5) {
            let resolved = registry.resolve(repository, tag).await.unwrap();
            let manifest = registry.manifest(repository, tag).await.unwrap();
            assert_eq!(Some(&resolved.digest), server.store().resolve(repository, tag).as_ref());
            assert_eq!((&resolved.digest, &resolved.media_type), (&manifest.digest, &manifest.media_type));
            assert_eq!(resolved.size, Some(manifest.bytes.len() as u64));
            let mut referrers = registry.referrers(repository, &manifest.digest).await.unwrap();
            referrers.retain(|r| !r.annotations.contains_key("org.opencontainers.image.ref.name"));
            let known = server.store().referrers(repository, &manifest.digest).len();
            assert_eq!(referrers.len(), known, "besides cosign's tags: {repository}:{tag}");
            if let Manifest::Image(image) = manifest.parse().unwrap() {
                assert!(registry.blob(repository, &image.config, 1 << 20).await.is_ok());
            }
        }
    }
}

#[tokio::test]
async fn everything_is_read() {
    let server = serve(Settings::default()).await;
    let registry = client(&server, Credential::Anonymous);
    assert_eq!(registry.ping().await.unwrap().auth, AuthScheme::None);
    read_everything(&server, &registry).await;
}

#[tokio::test]
async fn everything_is_read_in_small_pages_with_tokens() {
    let auth = Auth::token("ann", "pw");
    let server = serve(Settings { page_size: 2, auth, ..Settings::default() }).await;
    let registry = client(&server, ann("pw"));
    let found = registry.ping().await.unwrap();
    assert_eq!((found.auth, found.signed_in), (AuthScheme::Bearer, true));
    read_everything(&server, &registry).await;
    let tokens = server.requests().iter().filter(|r| r.path.starts_with("/token")).count();
    assert!(tokens <= 2 + server.store().repositories().len(), "{tokens} token requests");
    let refused = client(&server, ann("wrong")).ping().await.unwrap_err();
    assert_eq!(refused.kind, FailureKind::Unauthorized);
}

#[tokio::test]
async fn everything_is_read_without_the_referrers_api_and_with_basic() {
    let server =
        serve(Settings { referrers: false, auth: Auth::basic("ann", "pw"), ..Settings::default() }).await;
    let registry = client(&server, ann("pw"));
    assert_eq!(registry.ping().await.unwrap().auth, AuthScheme::Basic);
    let names = all(async |cursor| registry.catalog(cursor).await).await;
    assert_eq!(names, server.store().repositories());
    let refused = client(&server, ann("wrong")).ping().await.unwrap_err();
    assert_eq!(refused.kind, FailureKind::Unauthorized);
    let absent = client(&server, Credential::Anonymous).catalog(None).await.unwrap_err();
    assert_eq!(absent.kind, FailureKind::Unauthorized);
}

#[tokio::test]
async fn a_blob_is_read_from_anywhere() {
    for ranges in [true, false] {
        let server = serve(Settings { ranges, ..Settings::default() }).await;
        let registry = client(&server, Credential::Anonymous);
        let blob = registry.put_blob("test/blob", Bytes::from_static(b"0123456789")).await.unwrap();
        let content = registry.content("test/blob");
        for offset in [0, 1, 9, 10, 11] {
            let stream = content.blob(&blob, offset).await.unwrap();
            let start = usize::try_from(stream.offset).unwrap();
            let pieces: Vec<Bytes> = stream.bytes.try_collect().await.unwrap();
            assert_eq!(pieces.concat(), &b"0123456789"[start..], "from {offset}, ranges {ranges}");
            assert!(start == 0 || start as u64 == offset);
        }
    }
}

#[tokio::test]
async fn what_is_written_is_there_until_it_is_deleted() {
    let server = serve(Settings { auth: Auth::token("ann", "pw"), ..Settings::default() }).await;
    let registry = client(&server, ann("pw"));
    let config = registry.put_blob("test/new", Bytes::from_static(b"{}")).await.unwrap();
    let manifest = format!(
        r#"{{"schemaVersion":2,"config":{{"mediaType":"{}","digest":"{}","size":2}},"layers":[]}}"#,
        media::OCI_EMPTY,
        config.digest
    );
    for tag in ["one", "two"] {
        let bytes = Bytes::from(manifest.clone());
        let digest = registry.put_manifest("test/new", tag, media::OCI_MANIFEST, bytes).await.unwrap();
        assert_eq!(registry.resolve("test/new", tag).await.unwrap().digest, digest);
    }
    registry.delete_tag("test/new", "one").await.unwrap();
    assert_eq!(server.store().tags("test/new"), ["two"]);
    registry.delete_manifest("test/new", &Digest::of(manifest.as_bytes())).await.unwrap();
    assert!(server.store().tags("test/new").is_empty());
    let gone = registry.delete_manifest("test/new", &Digest::of(manifest.as_bytes())).await.unwrap_err();
    assert_eq!(gone.kind, FailureKind::NotFound);
    assert_eq!(registry.delete_tag("test/new", "one").await.unwrap_err().kind, FailureKind::NotFound);
}

#[tokio::test]
async fn a_blob_is_mounted_with_a_token_for_both_repositories() {
    let server = serve(Settings { auth: Auth::token("ann", "pw"), ..Settings::default() }).await;
    let registry = client(&server, ann("pw"));
    let blob = registry.put_blob("test/from", Bytes::from_static(b"{}")).await.unwrap();
    let begun = registry.begin_upload("test/to", &blob.digest, Some("test/from")).await.unwrap();
    assert!(matches!(begun, Begun::Mounted));
    assert!(server.store().blob("test/to", &blob.digest).is_some());
    let absent = Digest::of(b"absent");
    match registry.begin_upload("test/to", &absent, Some("test/from")).await.unwrap() {
        Begun::Open(upload) => upload.cancel().await,
        Begun::Mounted => panic!("there was nothing to mount"),
    }
}

#[tokio::test]
async fn what_is_switched_off_is_unsupported() {
    let server = serve(Settings { delete: false, catalog: false, ..Settings::default() }).await;
    let registry = client(&server, Credential::Anonymous);
    let repository = server.store().repositories().remove(0);
    let tag = server.store().tags(&repository).remove(0);
    let digest = server.store().resolve(&repository, &tag).unwrap();
    for refused in [
        registry.delete_tag(&repository, &tag).await.unwrap_err(),
        registry.delete_manifest(&repository, &digest).await.unwrap_err(),
        registry.catalog(None).await.unwrap_err(),
    ] {
        assert_eq!(refused.kind, FailureKind::Unsupported, "{refused}");
    }
    assert_eq!(registry.tags("test/none", None).await.unwrap_err().kind, FailureKind::NotFound);
}
