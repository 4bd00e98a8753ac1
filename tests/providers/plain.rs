//! Servers that speak the protocol and nothing else.

use std::sync::Arc;

use tagalong::demo::{Auth, Server, Settings, fill};
use tagalong::domain::{Credential, FailureKind};
use tagalong::http::Silent;
use tagalong::registry::{Provider, catalog};

use super::conformance::{self, Holds, repositories};
use super::images::{noise, put_image};
use super::support::{Nothing, basic, connection, open, root};

const NOW: i64 = 1_767_225_600;
const PASSWORD: &str = "a long password";

async fn filled(settings: Settings) -> Server {
    let server = Server::start(settings).await.unwrap();
    fill(server.store(), NOW).unwrap();
    server
}

/// What the sample content holds.
fn holds(server: &Server) -> Holds {
    let names = server.store().repositories().into_iter();
    Holds {
        host: server.address().to_string(),
        repositories: names.map(|name| (name.clone(), server.store().tags(&name))).collect(),
        siblings: Some(("acme/web", &["5.3.0", "5.3", "5", "stable", "latest"])),
        ..Holds::default()
    }
}

fn generic(url: &str, credential: Credential) -> Arc<dyn Provider> {
    open(connection("generic", url, &[]), credential)
}

#[tokio::test]
async fn a_plain_registry_holds_to_the_seam() {
    let server =
        filled(Settings { page_size: 7, auth: Auth::token("ann", PASSWORD), ..Settings::default() }).await;
    let holds = Holds { engine: Some("ann"), ..holds(&server) };
    conformance::check(&*generic(&server.url(), basic("ann", PASSWORD)), &holds).await;
}

#[tokio::test]
async fn a_registry_that_cannot_untie_holds_to_the_seam() {
    let server =
        Server::start(Settings { delete_tags: false, page_size: 2, ..Settings::default() }).await.unwrap();
    let tags = ["1.0", "1", "latest"];
    for tag in tags {
        put_image(server.store(), "acme/api", tag, &[noise(1, 100)]);
    }
    put_image(server.store(), "acme/api", "0.9", &[noise(2, 100)]);
    put_image(server.store(), "acme/worker", "1.0", &[noise(3, 100)]);
    let holds = Holds {
        host: server.address().to_string(),
        repositories: repositories(&[
            ("acme/api", &["1.0", "1", "latest", "0.9"]),
            ("acme/worker", &["1.0"]),
        ]),
        siblings: Some(("acme/api", &["1.0", "1", "latest"])),
        ..Holds::default()
    };
    conformance::check(&*generic(&server.url(), Credential::Anonymous), &holds).await;
}

#[tokio::test]
async fn a_plain_registry_keeps_the_sign_in_at_home() {
    let server =
        filled(Settings { page_size: 7, auth: Auth::basic("ann", PASSWORD), ..Settings::default() }).await;
    let open = async |urls: &[String]| generic(&urls[0], basic("ann", PASSWORD));
    conformance::keeps_its_sign_in(&[server.url()], PASSWORD, open).await;
}

#[tokio::test]
async fn the_built_in_registry_holds_to_the_seam() {
    let twin = filled(Settings::default()).await;
    let asked = connection("demo", "", &[]);
    let (connection, provider) =
        catalog::open_built_in(asked, NOW, Arc::new(Silent), Arc::new(Nothing)).await.unwrap();
    let holds = Holds { host: connection.host().to_owned(), ..holds(&twin) };
    conformance::check(&*provider, &holds).await;
}

#[tokio::test]
async fn a_wrong_password_is_refused() {
    let server = filled(Settings { auth: Auth::basic("ann", PASSWORD), ..Settings::default() }).await;
    let stranger = generic(&server.url(), basic("ann", "wrong"));
    for failure in [stranger.check().await.unwrap_err(), stranger.children(&root(), None).await.unwrap_err()]
    {
        assert_eq!(failure.kind, FailureKind::Unauthorized, "{failure}");
    }
}
