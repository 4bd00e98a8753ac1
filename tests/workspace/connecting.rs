//! Connecting: what is typed is checked against the server before it is kept.

use tagalong::demo::{Auth, Fault, Match, Settings, What};
use tagalong::domain::connection::{ConnectFailure, Draft, Field, FoundSignIn, KeepSecret};
use tagalong::domain::{Capabilities, FailureKind, Locator, NodeKind, Place};
use tagalong::registry::catalog;

use crate::support::{Home, connect, draft, filled, refusal, typed};

#[tokio::test]
async fn a_host_without_a_scheme_is_found_to_speak_plain_http() {
    let (home, server) = (Home::new(), filled(Settings::default()).await);
    let connected = connect(&home.open(), &server).await;
    assert_eq!(connected.connection.url, server.url().trim_end_matches('/'));
    assert!(connected.capabilities.contains(Capabilities::KEPT | Capabilities::DELETE | Capabilities::UNTAG));
    assert!(home.config().contains(&typed(&server)), "{}", home.config());
}

#[tokio::test]
async fn https_that_was_typed_is_not_given_up() {
    let (home, server) = (Home::new(), filled(Settings::default()).await);
    let url = format!("https://{}", typed(&server));
    let (kind, field, _) = refusal(home.open().connect(&draft(&[("url", &url)])).await);
    assert_eq!((kind, field), (FailureKind::Tls, Some("ca_file")));
}

#[tokio::test]
async fn a_wrong_password_is_refused_and_nothing_is_kept() {
    let (home, server) =
        (Home::new(), filled(Settings { auth: Auth::basic("ada", "right"), ..Settings::default() }).await);
    let workspace = home.open();
    let url = typed(&server);
    let wrong = draft(&[("url", &url), ("username", "ada"), ("password", "wrong-password")]);
    let (kind, field, said) = refusal(workspace.connect(&wrong).await);
    assert_eq!((kind, field), (FailureKind::Unauthorized, Some("password")));
    assert!(!said.contains("wrong-password"), "{said}");
    assert_eq!(home.config(), "");
    let right = draft(&[("url", &url), ("username", "ada"), ("password", "right")]);
    let connected = workspace.connect(&right).await.unwrap();
    assert!(!home.config().contains("right"), "a secret in the configuration: {}", home.config());
    let page = workspace.children(&Locator::root(connected.connection.id), None).await.unwrap();
    assert!(!page.entries.is_empty());
}

#[tokio::test]
async fn bearer_tokens_are_fetched_for_what_is_asked() {
    let (home, server) =
        (Home::new(), filled(Settings { auth: Auth::token("ada", "right"), ..Settings::default() }).await);
    let workspace = home.open();
    let form = draft(&[("url", &typed(&server)), ("username", "ada"), ("password", "right")]);
    let connected = workspace.connect(&form).await.unwrap();
    let root = Locator::root(connected.connection.id);
    let page = workspace.children(&root, None).await.unwrap();
    let first = root.child(NodeKind::Repository, &page.entries[0].name);
    workspace.children(&first, None).await.unwrap();
}

#[tokio::test]
async fn without_keyring_and_helper_the_person_is_asked() {
    let (home, server) =
        (Home::new(), filled(Settings { auth: Auth::basic("ada", "right"), ..Settings::default() }).await);
    let workspace = home.open();
    let mut form = draft(&[("url", &typed(&server)), ("username", "ada"), ("password", "right")]);
    form.keep = KeepSecret::Ask;
    assert_eq!(workspace.connect(&form).await.unwrap_err(), ConnectFailure::NoPlaceForSecret);
    assert_eq!(home.config(), "");
    form.keep = KeepSecret::File;
    workspace.connect(&form).await.unwrap();
    // The next start finds both.
    let again = home.open();
    let connected = again.connected();
    let root = Locator::root(connected[0].connection.id.clone());
    again.children(&root, None).await.unwrap();
}

#[tokio::test]
async fn an_edit_keeps_the_password_that_was_left_empty() {
    let (home, server) =
        (Home::new(), filled(Settings { auth: Auth::basic("ada", "right"), ..Settings::default() }).await);
    let workspace = home.open();
    let mut form = draft(&[("url", &typed(&server)), ("username", "ada"), ("password", "right")]);
    form.keep = KeepSecret::File;
    let before = workspace.connect(&form).await.unwrap();
    let mut edit =
        draft(&[("url", &typed(&server)), ("username", "ada"), ("password", ""), ("name", "work")]);
    edit.editing = Some(before.connection.id.clone());
    edit.keep = KeepSecret::Ask;
    let after = workspace.connect(&edit).await.unwrap();
    assert_eq!(after.connection.id, before.connection.id);
    assert_eq!(after.connection.name, "work");
    assert_eq!(home.open().connected().len(), 1);
}

#[tokio::test]
async fn disconnecting_forgets_the_connection_and_its_secret() {
    let (home, server) =
        (Home::new(), filled(Settings { auth: Auth::basic("ada", "right"), ..Settings::default() }).await);
    let workspace = home.open();
    let mut form = draft(&[("url", &typed(&server)), ("username", "ada"), ("password", "right")]);
    form.keep = KeepSecret::File;
    let connected = workspace.connect(&form).await.unwrap();
    workspace.disconnect(&connected.connection.id).await.unwrap();
    assert!(workspace.connected().is_empty() && home.open().connected().is_empty());
    let secrets =
        std::fs::read_to_string(home.folder.path().join("tagalong/secrets.toml")).unwrap_or_default();
    assert!(!secrets.contains("right"), "{secrets}");
}

#[tokio::test]
async fn a_token_that_goes_with_a_fixed_name_survives_an_edit() {
    let auth = Auth::basic("oauth2accesstoken", "ya29.token");
    let (home, server) = (Home::new(), filled(Settings { auth, ..Settings::default() }).await);
    let workspace = home.open();
    let typed = typed(&server);
    let mut form = draft(&[("url", &typed), ("sign_in", "access token"), ("password", "ya29.token")]);
    form.provider = "google".to_owned();
    let before = workspace.connect(&form).await.unwrap();
    let mut edit = draft(&[("url", &typed), ("sign_in", "access token"), ("name", "cloud")]);
    (edit.provider, edit.editing) = ("google".to_owned(), Some(before.connection.id.clone()));
    let after = workspace.connect(&edit).await.unwrap();
    assert_eq!((after.connection.name.as_str(), after.connection.id), ("cloud", before.connection.id));
    assert_eq!(after.connection.username, "oauth2accesstoken", "the kept token is used");
}

#[tokio::test]
async fn what_docker_stored_is_used_and_can_be_taken_over() {
    let (home, server) =
        (Home::new(), filled(Settings { auth: Auth::basic("ada", "right"), ..Settings::default() }).await);
    let host = typed(&server);
    let auth = serde_json::json!({ "auths": { &host: { "auth": "YWRhOnJpZ2h0" } } });
    let file = home.folder.path().join("auth.json");
    std::fs::write(&file, auth.to_string()).unwrap();
    let workspace = home.open_with([("REGISTRY_AUTH_FILE", file.display().to_string())]);
    let found = workspace.find_sign_ins().await;
    let [FoundSignIn { host: found_host, username, .. }] = found.as_slice() else { panic!("{found:?}") };
    assert_eq!((found_host.as_str(), username.as_deref()), (host.as_str(), Some("ada")));
    let connected = workspace.take_over(&found[0]).await.unwrap();
    workspace.children(&Locator::root(connected.connection.id), None).await.unwrap();
    assert!(workspace.find_sign_ins().await.is_empty(), "it is offered although it is connected");
    assert!(!home.config().contains("right"));
}

#[tokio::test]
async fn a_reference_connects_for_this_run_only() {
    let (home, server) = (Home::new(), filled(Settings::default()).await);
    let workspace = home.open();
    let place: Place = format!("{}/charts/web:1", typed(&server)).parse().unwrap();
    let (connected, at) = workspace.visit(&place).await.unwrap();
    assert_eq!((at.kind(), at.repository(), at.name()), (NodeKind::Tag, Some("charts/web"), "1"));
    assert!(!connected.capabilities.contains(Capabilities::KEPT));
    assert_eq!(home.config(), "");
    // A second visit uses the same connection.
    workspace.visit(&place).await.unwrap();
    assert_eq!(workspace.connected().len(), 1);
}

#[tokio::test]
async fn servers_that_are_no_registry_are_told_apart() {
    let home = Home::new();
    let workspace = home.open();
    let (kind, field, said) = refusal(workspace.connect(&draft(&[("url", "127.0.0.1:1")])).await);
    assert_eq!((kind, field), (FailureKind::Offline, Some("url")), "{said}");
    let (kind, _, said) = refusal(workspace.connect(&draft(&[("url", "no-such-host.invalid")])).await);
    assert_eq!(kind, FailureKind::Offline, "{said}");
    let html = Fault {
        on: Match { method: None, path: "*".to_owned() },
        times: usize::MAX,
        what: What::Answer {
            status: 200,
            headers: vec![("content-type".to_owned(), "text/html".to_owned())],
            body: "<html>welcome</html>".into(),
        },
    };
    let server = filled(Settings { faults: vec![html], ..Settings::default() }).await;
    let url = format!("http://{}", typed(&server));
    let (kind, field, said) = refusal(workspace.connect(&draft(&[("url", &url)])).await);
    assert_eq!((kind, field), (FailureKind::Invalid, Some("url")));
    assert!(said.contains("web page"), "{said}");
    let (kind, field, _) = refusal(workspace.connect(&draft(&[("url", "")])).await);
    assert_eq!((kind, field), (FailureKind::Invalid, Some("url")));
    assert_eq!(home.config(), "");
}

#[tokio::test]
async fn a_kept_password_goes_nowhere_else() {
    let settings = || Settings { auth: Auth::basic("ada", "right"), ..Settings::default() };
    let (home, server, other) = (Home::new(), filled(settings()).await, filled(settings()).await);
    let workspace = home.open();
    let mut form = draft(&[("url", &typed(&server)), ("username", "ada"), ("password", "right")]);
    form.keep = KeepSecret::File;
    let connected = workspace.connect(&form).await.unwrap();
    for (url, username) in [(typed(&other), "ada"), (typed(&server), "grace")] {
        let mut edit = draft(&[("url", &url), ("username", username), ("password", "")]);
        edit.editing = Some(connected.connection.id.clone());
        let (kind, field, said) = refusal(workspace.connect(&edit).await);
        assert_eq!((kind, field), (FailureKind::Invalid, Some("password")), "{said}");
    }
    assert!(other.requests().is_empty(), "the other host was asked: {:?}", other.requests());
}

#[tokio::test]
async fn a_proxy_with_an_account_is_not_kept() {
    let (home, server) = (Home::new(), filled(Settings::default()).await);
    for proxy in
        ["user:secret@proxy.example:3128", "http://user:secret@proxy.example", "http://user@proxy.example"]
    {
        let form = draft(&[("url", &typed(&server)), ("proxy", proxy)]);
        let (kind, field, _) = refusal(home.open().connect(&form).await);
        assert_eq!((kind, field), (FailureKind::Invalid, Some("proxy")), "{proxy}");
    }
    assert_eq!(home.config(), "");
}

#[tokio::test]
async fn a_digest_says_more_than_the_tag_beside_it() {
    let (home, server) = (Home::new(), filled(Settings::default()).await);
    let workspace = home.open();
    let pinned = server.store().resolve("acme/api", "1.0.0").unwrap();
    let place: Place = format!("{}/acme/api:latest@{pinned}", typed(&server)).parse().unwrap();
    let (_, at) = workspace.visit(&place).await.unwrap();
    assert_eq!((at.kind(), at.name()), (NodeKind::Manifest, pinned.to_string().as_str()));
}

#[tokio::test]
async fn one_connection_that_cannot_be_opened_hides_no_other() {
    let (home, server) = (Home::new(), filled(Settings::default()).await);
    connect(&home.open(), &server).await;
    let known = home.config();
    let strange = "[[connection]]\nid = \"x\"\nname = \"x\"\nprovider = \"of-next-year\"\nurl = \"https://x.example\"\n\n";
    std::fs::write(home.folder.path().join("tagalong/config.toml"), format!("{strange}{known}")).unwrap();
    let (workspace, failure) = home.open_anyway();
    assert_eq!(workspace.connected().len(), 1);
    assert!(failure.unwrap().said.contains("of-next-year"));
}

#[tokio::test]
async fn a_kept_token_goes_to_no_other_address_of_the_vendor() {
    let auth = || Auth::basic("oauth2accesstoken", "ya29.token");
    let (home, server) = (Home::new(), filled(Settings { auth: auth(), ..Settings::default() }).await);
    let other = filled(Settings { auth: auth(), ..Settings::default() }).await;
    let workspace = home.open();
    let (typed, elsewhere) = (typed(&server), other.url());
    let google = |values: &[(&str, &str)]| {
        let all = [&[("url", typed.as_str()), ("sign_in", "access token")], values].concat();
        Draft { provider: "google".to_owned(), ..draft(&all) }
    };
    let before = workspace.connect(&google(&[("password", "ya29.token")])).await.unwrap();
    for field in ["api", "registry"] {
        let edit = google(&[(field, &elsewhere)]);
        let edit = Draft { editing: Some(before.connection.id.clone()), ..edit };
        let (kind, blamed, said) = refusal(workspace.connect(&edit).await);
        assert_eq!((kind, blamed), (FailureKind::Invalid, Some("password")), "{field}: {said}");
    }
    assert!(other.requests().is_empty(), "the other host was asked: {:?}", other.requests());
}

#[test]
fn every_field_for_an_address_is_known_as_one() {
    let fields = catalog::providers().iter().flat_map(|provider| provider.fields);
    let own = fields.filter(|field| !["url", "proxy"].contains(&field.id));
    let addresses: Vec<&str> = own.filter(|f| f.example.starts_with("https://")).map(|f| f.id).collect();
    assert!(addresses.contains(&"endpoint"), "{addresses:?}");
    assert!(addresses.iter().all(|id| Field::ADDRESSES.contains(id)), "{addresses:?}");
}
