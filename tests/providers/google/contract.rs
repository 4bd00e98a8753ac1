//! Every request that is sent to Artifact Registry's API is one that its own description accepts.

use tagalong::domain::NodeKind;

use super::super::prism;
use super::super::support::{basic, open};
use super::fake::{Fake, TOKEN};
use super::{app, host, images, root, settings};

#[tokio::test]
async fn googles_contract_accepts_what_is_asked() {
    let Some(contract) = prism::serve("google/artifactregistry.v1.openapi.json").await else { return };
    let fake = Fake::start().await;
    let url = contract.url();
    let registry = format!("{}/{{host}}", fake.url());
    let mut connection = settings(&fake.url(), &[("projects", "acme")]);
    connection.settings.extend([("api".to_owned(), url), ("registry".to_owned(), registry)]);
    let google = open(connection, basic("oauth2accesstoken", TOKEN));
    google.check().await.unwrap();
    let project = root().child(NodeKind::Namespace, "acme");
    for at in [project, host(super::US), host("gcr.io"), images()] {
        let page = google.children(&at, None).await.unwrap();
        let Some(next) = page.next else { continue };
        google.children(&at, Some(&next)).await.unwrap();
    }
    let nested = images().child(NodeKind::Repository, "acme/images/team/web");
    for at in [images(), nested.clone(), app().child(NodeKind::Tag, "1"), nested.child(NodeKind::Tag, "main")]
    {
        google.describe().unwrap().describe(&at).await.unwrap();
    }
    let deleted = google.delete_repository().unwrap().delete_repository(&nested).await;
    // The example of an operation has an error in it.
    drop(deleted);
    let asked = contract.asked();
    let has = |what: &str| asked.iter().any(|a| format!("{} {}", a.method, a.path).contains(what));
    for what in
        ["packages?pageSize", "pageToken=", "dockerImages/team%2Fweb@sha256", "DELETE /v1/projects/acme"]
    {
        assert!(has(what), "{what} was not asked: {asked:?}");
    }
    contract.assert_accepted();
}
