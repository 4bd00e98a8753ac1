//! Every request that is sent to Harbor's API is one that its own description accepts.

use axum::Router;
use axum::http::header::{AUTHORIZATION, WWW_AUTHENTICATE};
use axum::http::{HeaderMap, StatusCode, Uri};
use axum::response::{IntoResponse as _, Redirect};
use axum::routing::{any, get};
use tagalong::domain::{Digest, FailureKind, Locator, NodeKind};
use tagalong::registry::Provider;

use super::super::prism;
use super::super::support::{basic, connection, open};
use super::{project, repository, root};
use tokio::net::TcpListener;

const DESCRIPTION: &str = "harbor/harbor-v2.0.json";

/// A registry in front of the API, which the description does not speak of. A redirect leaves the sign-in behind, and
/// the description accepts that.
async fn with_a_registry(api: String) -> String {
    let ping = |headers: HeaderMap| async move {
        match headers.contains_key(AUTHORIZATION) {
            true => StatusCode::OK.into_response(),
            false => (StatusCode::UNAUTHORIZED, [(WWW_AUTHENTICATE, "Basic")]).into_response(),
        }
    };
    let pass_on = move |uri: Uri| async move { Redirect::temporary(&format!("{api}{uri}")) };
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    let router = Router::new().route("/v2/", get(ping)).fallback(any(pass_on));
    tokio::spawn(axum::serve(listener, router).into_future());
    url
}

async fn read(harbor: &dyn Provider, tag: &Locator) {
    let nested = repository("library/a/b");
    for at in [root(), project("library"), nested.clone(), nested.child(NodeKind::Untagged, "untagged")] {
        harbor.children(&at, None).await.unwrap();
    }
    for at in [project("library"), nested.clone(), tag.clone()] {
        harbor.describe().unwrap().describe(&at).await.unwrap();
    }
}

#[tokio::test]
async fn harbors_contract_accepts_what_is_read() {
    let Some(contract) = prism::serve(DESCRIPTION).await else { return };
    let harbor = open(connection("harbor", &contract.url(), &[]), basic("ann", "pw"));
    read(&*harbor, &repository("library/a/b").child(NodeKind::Tag, "1.0")).await;
    let whole = open(connection("harbor", &with_a_registry(contract.url()).await, &[]), basic("ann", "pw"));
    whole.check().await.unwrap();
    let asked = contract.asked();
    let has = |what: &str| asked.iter().any(|a| a.path.contains(what));
    for what in
        ["/systeminfo", "/users/current", "/summary", "a%252Fb/artifacts?", "/additions/vulnerabilities"]
    {
        assert!(has(what), "{what} was not asked: {asked:?}");
    }
    // Its examples hold no digest that can be read.
    let tag = repository("library/hello").child(NodeKind::Tag, "1.0");
    assert_eq!(harbor.blast().unwrap().impact(&tag).await.unwrap_err().kind, FailureKind::Invalid);
    contract.assert_accepted();
}

#[tokio::test]
async fn harbors_contract_accepts_what_is_changed() {
    let Some(contract) = prism::serve(DESCRIPTION).await else { return };
    let harbor = open(connection("harbor", &contract.url(), &[]), basic("robot$ci", "pw"));
    let nested = repository("library/a/b");
    harbor.untag().unwrap().untag(&nested.child(NodeKind::Tag, "1.0")).await.unwrap();
    harbor.delete().unwrap().delete_manifest(&nested, &Digest::of(b"x")).await.unwrap();
    harbor.delete_repository().unwrap().delete_repository(&nested).await.unwrap();
    contract.prefer("code=412");
    let failure = harbor.delete_repository().unwrap().delete_repository(&nested).await.unwrap_err();
    assert_eq!(failure.kind, FailureKind::Conflict);
    contract.assert_accepted();
}
