//! Every request that is made, held against Microsoft's own descriptions.

use axum::Router;
use axum::response::IntoResponse as _;
use axum::routing::post;
use serde_json::json;
use tagalong::domain::{Digest, NodeKind};

use super::*;
use crate::prism::{self, forward::listen};

pub(super) const ARM: &str = "azure/arm-all.json";
pub(super) const REGISTRY: &str = "azure/acr-data-plane.json";

/// Entra in front of the resource manager, which the description does not speak of.
pub(super) async fn entra() -> String {
    let token =
        || async { axum::Json(json!({ "access_token": "token", "expires_in": 3600 })).into_response() };
    listen(Router::new().route("/{tenant}/oauth2/v2.0/token", post(token))).await
}

#[tokio::test]
async fn the_resource_managers_contract_accepts_what_is_asked() {
    let Some(contract) = prism::serve(ARM).await else { return };
    let (authority, arm) = (entra().await, contract.url());
    let settings =
        [("sign_in", "service principal"), ("tenant", HOME), ("authority", &authority), ("arm", &arm)];
    let provider = open(connection("azure", EVERYWHERE, &settings), basic(CLIENT, SECRET));
    let rows = provider.children(&root(), None).await.unwrap().entries;
    assert_eq!(rows.len(), 2, "the examples");
    let at = root().child(NodeKind::Namespace, &rows[0].name);
    let registries = provider.children(&at, None).await.unwrap().entries;
    assert_eq!(names(&registries), ["myRegistry.azurecr-test.io"]);
    let told =
        provider.describe().unwrap().describe(&at.child(NodeKind::Registry, &registries[0].name)).await;
    assert!(told.unwrap().sections.iter().any(|s| s.title == "Usage" && !s.lines.is_empty()));
    contract.assert_accepted();
    assert!(contract.asked().iter().any(|a| a.path.contains("/listUsages")));
}

#[tokio::test]
async fn the_resource_managers_contract_accepts_tenants() {
    let Some(contract) = prism::serve(ARM).await else { return };
    let (authority, arm) = (entra().await, contract.url());
    let settings = [("sign_in", "device code"), ("authority", &*authority), ("arm", &*arm)];
    let provider = open(connection("azure", EVERYWHERE, &settings), basic("ann", "a refresh token"));
    provider.children(&root(), None).await.unwrap();
    contract.assert_accepted();
    assert!(contract.asked().iter().any(|a| a.path.starts_with("/tenants?")));
}

async fn use_all(provider: &dyn Provider) {
    let at = root().child(NodeKind::Repository, "acme/api");
    let (tag, digest) = (at.child(NodeKind::Tag, "1.0"), Digest::of(b"x"));
    for at in [&root(), &at] {
        provider.children(at, None).await.unwrap();
    }
    let manifest = at.child(NodeKind::Manifest, &digest.to_string());
    for at in [&at, &tag, &manifest] {
        provider.describe().unwrap().describe(at).await.unwrap();
    }
    provider.untag().unwrap().untag(&tag).await.unwrap();
    provider.delete().unwrap().delete_manifest(&at, &digest).await.unwrap();
    provider.delete_repository().unwrap().delete_repository(&at).await.unwrap();
}

#[tokio::test]
async fn a_registrys_contract_accepts_what_is_asked() {
    let Some(contract) = prism::serve(REGISTRY).await else { return };
    let provider = open(connection("azure", &contract.url(), &[]), basic("admin", fake::ADMIN));
    use_all(&*provider).await;
    contract.assert_accepted();
    let asked = contract.asked();
    for what in
        ["/_tags?n=100&orderby=timedesc", "/_manifests?n=100", "/_tags/1.0", "/v2/acme/api/manifests/"]
    {
        assert!(asked.iter().any(|a| a.path.contains(what)), "{what}: {asked:?}");
    }
}
