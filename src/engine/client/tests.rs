//! Engines that answer in odd ways.
#![cfg(unix)]

use futures_util::stream::{self, BoxStream};
use futures_util::{FutureExt as _, StreamExt as _};
use tempfile::TempDir;
use tokio::net::UnixListener;
use tokio::sync::mpsc;

use super::*;
use crate::domain::{Credential, Reference, Secret};
use crate::engine::candidate::Chosen;
use crate::engine::model::{Kind, PullStep};
use crate::engine::scripted::{Answer, Scripted};
use crate::engine::watch::{Sign, watch_at};

const ID: &str = "sha256:2c26b46b68ffc68ff99b453c1d30413413422d706483bfa0f98a5e886266e7ae";

fn reference() -> Reference {
    "127.0.0.1:5000/acme/api:2".parse().unwrap()
}

async fn pull(engine: &Engine, credential: &Credential) -> (Result<(), Failure>, Vec<PullStep>) {
    let mut steps = Vec::new();
    let pulled = engine.pull(&reference(), None, credential, &mut |step| steps.push(step)).await;
    (pulled.map(|_| ()), steps)
}

#[tokio::test]
async fn a_version_is_agreed_on_and_named_in_every_request() {
    let scripted =
        Scripted::usual(vec![("/images/json", Answer::Text(200, "[]")), ("/tag", Answer::Text(201, ""))]);
    let engine = scripted.connect().await;
    assert_eq!(engine.version().title(), "Docker Engine 27.3.1");
    assert_eq!((engine.version().kind, engine.version().api.as_str()), (Kind::Docker, "1.47"));
    assert_eq!(engine.images().await.unwrap(), []);
    engine.tag(ID, &reference()).await.unwrap();
    let asked = scripted.asked();
    assert_eq!(
        asked,
        [
            "GET /version".to_owned(),
            "GET /v1.47/info".to_owned(),
            "GET /v1.47/images/json".to_owned(),
            format!("POST /v1.47/images/{ID}/tag?repo=127.0.0.1%3A5000%2Facme%2Fapi&tag=2"),
        ]
    );
}

#[tokio::test]
async fn engines_too_old_too_new_or_none_at_all_are_refused() {
    for (version, kind, said) in [
        (r#"{"ApiVersion": "1.18"}"#, FailureKind::Unsupported, "API 1.18; 1.25"),
        (r#"{"ApiVersion": "2.3", "MinAPIVersion": "2.0"}"#, FailureKind::Unsupported, "2.0 or newer"),
        (r#"{"hello": "world"}"#, FailureKind::Unsupported, "no engine"),
        ("<html>", FailureKind::Invalid, "not that of an engine"),
    ] {
        let failure = Scripted::start(vec![("/version", Answer::Text(200, version))]).refusal().await;
        assert_eq!(failure.kind, kind, "{failure}");
        assert!(failure.said.contains(said), "{failure}");
    }
    let old = Scripted::start(vec![
        ("/version", Answer::Text(200, r#"{"Version": "17.03", "ApiVersion": "1.27"}"#)),
        ("/info", Answer::Text(200, "{}")),
    ]);
    assert_eq!(old.connect().await.version().api, "1.27");
}

#[tokio::test]
async fn a_list_with_nothing_but_ids_is_a_list() {
    let list = r#"[{"Id": "2c26b46b68ffc68ff99b453c1d30413413422d706483bfa0f98a5e886266e7ae"},
        {"Id": "sha256:x", "RepoTags": ["<none>:<none>"], "RepoDigests": ["<none>@<none>"], "Size": -1, "Created": 0,
         "Later": {}}, {"Id": "sha256:y", "RepoTags": ["nginx:1"], "RepoDigests": null, "Size": 7,
         "Created": 1700000000, "Descriptor": {"mediaType": "m", "platform": {"os": "linux", "architecture": "arm64"}}}]"#;
    let engine = Scripted::usual(vec![("/images/json", Answer::Text(200, list))]);
    let images = engine.connect().await.images().await.unwrap();
    let [bare, dangling, named] = images.as_slice() else { panic!("{images:?}") };
    assert_eq!((bare.id.as_str(), bare.size), (ID, 0));
    assert!(bare.is_dangling() && dangling.is_dangling());
    assert_eq!(
        (named.tags.as_slice(), named.size, named.created),
        (["nginx:1".to_owned()].as_slice(), 7, Some(1_700_000_000))
    );
    assert_eq!(named.platform.as_ref().unwrap().to_string(), "linux/arm64");
}

#[tokio::test]
async fn a_question_answered_halfway_or_with_nonsense_is_a_failure() {
    for (answer, kind) in [
        (Answer::BrokenOff(r#"[{"Id": "#), FailureKind::Offline),
        (Answer::Text(200, r#"[{"Id": 7}]"#), FailureKind::Invalid),
        (Answer::Text(500, r#"{"message": "disk on fire"}"#), FailureKind::Server),
        (Answer::Text(503, "not JSON"), FailureKind::Server),
    ] {
        let scripted = Scripted::usual(vec![("/images/json", answer)]);
        assert_eq!(scripted.connect().await.images().await.unwrap_err().kind, kind);
    }
}

#[tokio::test]
async fn a_credential_travels_in_the_one_request_in_the_alphabet_of_urls() {
    let scripted = Scripted::usual(vec![
        ("/images/create", Answer::Text(200, r#"{"status": "Pulling", "id": "a1"}"#)),
        ("/history", Answer::Text(200, "null")),
    ]);
    let engine = scripted.connect().await;
    let password = "???>>>~~~";
    let credential = Credential::Basic { username: "ada".to_owned(), password: Secret::new(password) };
    let (pulled, steps) = pull(&engine, &credential).await;
    assert_eq!(
        steps,
        [PullStep { layer: Some("a1".to_owned()), stage: "Pulling".to_owned(), ..PullStep::default() }]
    );
    assert_eq!(pulled.unwrap_err().said, "it has ended without the image");
    let asked = scripted.script.asked.lock().unwrap().clone();
    let with_header: Vec<_> = asked.iter().filter(|(_, header)| header.is_some()).collect();
    let [(path, Some(header))] = with_header.as_slice() else { panic!("{asked:?}") };
    assert!(path.starts_with("POST /v1.47/images/create?"), "{path}");
    assert!(path.contains("fromImage=127.0.0.1%3A5000%2Facme%2Fapi") && path.contains("tag=2"), "{path}");
    use base64::Engine as _;
    let read = base64::engine::general_purpose::URL_SAFE.decode(header).unwrap();
    let read: serde_json::Value = serde_json::from_slice(&read).unwrap();
    assert_eq!((read["username"].as_str(), read["password"].as_str()), (Some("ada"), Some(password)));
    assert_eq!(read["serveraddress"], "127.0.0.1:5000");
    assert!(header.contains(['-', '_']), "the password was chosen so that the alphabets differ: {header}");
}

#[tokio::test]
async fn a_pull_fails_with_what_the_registry_told_the_engine() {
    for (said, kind) in [
        ("Get https://h/v2/: x509: certificate signed by unknown authority", FailureKind::Tls),
        ("http: server gave HTTP response to HTTPS client", FailureKind::Tls),
        ("unauthorized: authentication required", FailureKind::Unauthorized),
        ("manifest for h/a:2 not found: manifest unknown", FailureKind::NotFound),
        ("toomanyrequests: You have reached your pull rate limit", FailureKind::RateLimited),
        ("dial tcp 127.0.0.1:1: connect: connection refused", FailureKind::Offline),
        ("write /var/lib: no space left on device", FailureKind::Io),
        ("something else", FailureKind::Server),
    ] {
        let line = format!(r#"{{"errorDetail": {{"message": "{said}"}}, "error": "{said}"}}"#);
        let in_the_middle = Scripted::usual(vec![("/images/create", Answer::Text(200, String::leak(line)))]);
        let body = format!(r#"{{"message": "{said}"}}"#);
        let at_once = Scripted::usual(vec![("/images/create", Answer::Text(500, String::leak(body)))]);
        for scripted in [in_the_middle, at_once] {
            let failure = pull(&scripted.connect().await, &Credential::Anonymous).await.0.unwrap_err();
            assert_eq!((failure.kind, failure.said.as_str()), (kind, said));
        }
    }
}

#[tokio::test]
async fn an_engine_that_stops_in_the_middle_is_told() {
    let half = r#"{"status":"Downloading","id":"a1","progressDetail":{"current":5,"total":10}}"#;
    let scripted = Scripted::usual(vec![
        ("/images/create", Answer::BrokenOff(half)),
        ("/images/load", Answer::BrokenOff(r#"{"stream":"Loaded"#)),
        ("/images/get", Answer::BrokenOff("half a tar")),
    ]);
    let engine = scripted.connect().await;
    let (pulled, steps) = pull(&engine, &Credential::Anonymous).await;
    assert_eq!(pulled.unwrap_err().kind, FailureKind::Offline);
    assert_eq!((steps[0].current, steps[0].total), (Some(5), Some(10)));
    let tar = || futures_util::stream::iter([Ok(Bytes::from_static(b"tar"))]);
    assert_eq!(engine.load(tar()).await.unwrap_err().kind, FailureKind::Offline);
    let pieces: Vec<_> = engine.export(&["a:1".to_owned()]).collect().await;
    let [Ok(first), Err(failure)] = pieces.as_slice() else { panic!("{pieces:?}") };
    assert_eq!((first.as_ref(), failure.kind), (b"half a tar".as_slice(), FailureKind::Offline));
}

#[tokio::test]
async fn a_load_says_what_it_loaded_and_the_archives_own_failure_comes_first() {
    let told = concat!(
        r#"{"stream":"Loaded image: a:1\n"}"#,
        "\n",
        r#"{"stream":"Loaded image ID: sha256:ab\n"}"#,
        "\n",
        r#"{"stream":"Loaded image: c:1,d:2"}"#
    );
    let scripted = Scripted::usual(vec![("/images/load", Answer::Text(200, told))]);
    let engine = scripted.connect().await;
    let whole = futures_util::stream::iter([Ok(Bytes::from_static(b"tar"))]);
    assert_eq!(engine.load(whole).await.unwrap(), ["a:1", "sha256:ab", "c:1", "d:2"]);
    let broken = Failure::new(FailureKind::Integrity, "reading the image", "a layer is wrong");
    let half = futures_util::stream::iter([Ok(Bytes::from_static(b"tar")), Err(broken.clone())]);
    assert_eq!(engine.load(half).await.unwrap_err(), broken);
    let nothing = Scripted::usual(vec![("/images/load", Answer::Text(200, "{}"))]);
    let none = futures_util::stream::iter([Ok(Bytes::new())]);
    assert_eq!(nothing.connect().await.load(none).await.unwrap_err().kind, FailureKind::Invalid);
}

#[tokio::test]
async fn nothing_there_is_offline() {
    let folder = TempDir::new().unwrap();
    let path = folder.path().join("s");
    let candidate =
        Candidate { name: "docker".to_owned(), address: Address::Unix(path.clone()), chosen: Chosen::Usual };
    assert_eq!(Engine::connect(&candidate).await.unwrap_err().kind, FailureKind::Offline);
    drop(UnixListener::bind(&path).unwrap());
    let failure = Engine::connect(&candidate).await.unwrap_err();
    assert_eq!((failure.kind, failure.said.as_str()), (FailureKind::Offline, "nothing listens there"));
}

#[test]
fn a_socket_without_the_right_to_it_says_what_to_do() {
    let denied = std::io::Error::from(std::io::ErrorKind::PermissionDenied);
    let failure = failed("connecting", &bollard::errors::Error::IOError { err: denied });
    assert_eq!(failure.kind, FailureKind::Forbidden);
    assert!(failure.hint().contains("group “docker”") && failure.hint().contains("rootless"));
}

#[test]
fn what_an_engine_refuses_has_a_next_step_of_its_own() {
    let refused = |status_code, message: &str| {
        let message = message.to_owned();
        failed("loading", &bollard::errors::Error::DockerResponseServerError { status_code, message })
    };
    let broken = refused(500, "payload does not match any of the supported image formats");
    assert_eq!(broken.hint(), "The engine could not do it; its log may say more.");
    let in_the_clear = refused(400, "Client sent an HTTP request to an HTTPS server.");
    assert_eq!(in_the_clear.kind, FailureKind::Tls);
    assert!(in_the_clear.hint().contains("DOCKER_CERT_PATH"), "{}", in_the_clear.hint());
    let unknown = refused(500, "docker.io/library/nope:1: image not known");
    assert_eq!(unknown.kind, FailureKind::NotFound);
}

/// As a proxy before the socket does it.
#[tokio::test]
async fn an_engine_that_refuses_events_stays() {
    let refused = Answer::Text(403, r#"{"message": "events are not for you"}"#);
    let scripted = Scripted::usual(vec![("/events", refused)]);
    let (ask, again) = reasons();
    let mut signs = watch_at(scripted.candidate(), again, Duration::from_millis(1), 3);
    assert!(matches!(signs.next().await, Some(Sign::Up(_))));
    ask.send(()).unwrap();
    assert!(matches!(signs.next().await, Some(Sign::Changed)), "its images may have changed meanwhile");
    let asked = scripted.asked();
    assert_eq!(asked.iter().filter(|path| path.contains("/events")).count(), 1, "{asked:?}");
    ask.send(()).unwrap();
    assert!(matches!(signs.next().await, Some(Sign::Changed)));
    let asked = scripted.asked();
    assert_eq!(asked.iter().filter(|path| path.contains("/events")).count(), 2, "{asked:?}");
}

/// Reasons to look again, one for each that is sent.
fn reasons() -> (mpsc::UnboundedSender<()>, BoxStream<'static, ()>) {
    let (ask, asked) = mpsc::unbounded_channel();
    let again = stream::unfold(asked, |mut asked| async move { Some((asked.recv().await?, asked)) });
    (ask, again.boxed())
}

#[tokio::test]
async fn an_engine_that_ends_its_events_again_and_again_is_left_alone_until_there_is_a_reason() {
    let scripted = Scripted::usual(vec![("/events", Answer::Text(200, ""))]);
    let (ask, again) = reasons();
    let begin = tokio::time::Instant::now();
    let mut watched = watch_at(scripted.candidate(), again, Duration::from_millis(1), 5);
    let signs: Vec<Sign> = watched.by_ref().take(12).collect().await;
    let gone = signs.iter().filter(|sign| matches!(sign, Sign::Gone(_))).count();
    assert_eq!(gone, 6, "{signs:?}");
    assert!(begin.elapsed() >= Duration::from_millis(1 + 2 + 4 + 8 + 16), "{:?}", begin.elapsed());
    let asked = scripted.asked().len();
    assert!(watched.next().now_or_never().is_none(), "nobody tries any more");
    assert_eq!(scripted.asked().len(), asked);
    ask.send(()).unwrap();
    assert!(matches!(watched.next().await, Some(Sign::Up(_))));
}

#[tokio::test]
async fn an_engine_that_is_not_there_is_tried_once_and_then_when_there_is_a_reason() {
    let scripted = Scripted::usual(Vec::new());
    let folder = TempDir::new().unwrap();
    let socket = folder.path().join("s");
    let address = Address::Unix(socket.clone());
    let candidate = Candidate { address, chosen: Chosen::ByPerson, ..scripted.candidate() };
    let (ask, again) = reasons();
    let mut signs = watch_at(candidate, again, Duration::from_millis(1), 3);
    assert!(matches!(signs.next().await, Some(Sign::Gone(_))));
    std::os::unix::fs::symlink(scripted.socket(), &socket).unwrap();
    assert!(signs.next().now_or_never().is_none(), "nobody looks by himself");
    ask.send(()).unwrap();
    assert!(matches!(signs.next().await, Some(Sign::Up(_))));
}
