//! Servers that speak the protocol and nothing else.

use tagalong::demo::{Auth, Server, Settings, fill};
use tagalong::domain::FailureKind;

use super::support::{basic, connection, open, root};

const NOW: i64 = 1_767_225_600;

#[tokio::test]
async fn the_catalogue_opens_a_plain_registry() {
    let server =
        Server::start(Settings { auth: Auth::basic("ann", "pw"), ..Settings::default() }).await.unwrap();
    fill(server.store(), NOW).unwrap();
    let signed_in = open(connection("generic", &server.url(), &[]), basic("ann", "pw"));
    let page = signed_in.children(&root(), None).await.unwrap();
    let names: Vec<String> = page.entries.into_iter().map(|e| e.name).collect();
    assert_eq!(names, server.store().repositories());
    let stranger = open(connection("generic", &server.url(), &[]), basic("ann", "wrong"));
    assert_eq!(stranger.check().await.unwrap_err().kind, FailureKind::Unauthorized);
}
