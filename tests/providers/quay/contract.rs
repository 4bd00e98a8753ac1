//! Every request, held against quay.io's own description.

use tagalong::domain::FailureKind;

use super::{OAUTH, names, namespace, repository, tag};
use crate::prism;
use crate::support::{basic, connection, open, root};

#[tokio::test]
async fn the_contract_accepts_what_is_asked() {
    let Some(contract) = prism::serve("quay/quay-v1.json").await else { return };
    let connection = connection("quay", "http://127.0.0.1:9", &[("api", &contract.url())]);
    let provider = open(connection, basic("$oauthtoken", OAUTH));
    let namespaces = provider.children(&root(), None).await.unwrap();
    assert_eq!(names(&namespaces), ["user1", "quay", "projectquay", "testorg"]);
    let repositories = provider.children(&namespace("user1"), None).await.unwrap();
    assert_eq!(names(&repositories), ["user1/postgres", "user1/nested/repository"]);
    let tags = provider.children(&repository("user1/postgres"), None).await.unwrap();
    assert_eq!(names(&tags), ["latest", "manifestlist", "securityreportqueued"]);
    let describe = provider.describe().unwrap();
    describe.describe(&tag("user1/postgres", "latest")).await.unwrap();
    let digest = "sha256:aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa";
    let manifest = repository("user1/postgres").child(tagalong::domain::NodeKind::Manifest, digest);
    let told = describe.describe(&manifest).await.unwrap();
    assert_eq!(told.lines[0].1, "3 critical; 3 of 3 can be fixed");
    provider.untag().unwrap().untag(&tag("user1/postgres", "latest")).await.unwrap();
    provider.delete_repository().unwrap().delete_repository(&repository("user1/postgres")).await.unwrap();
    contract.prefer("code=403");
    let refused = provider.children(&repository("user1/postgres"), None).await.unwrap_err();
    assert_eq!(refused.kind, FailureKind::Forbidden);
    contract.assert_accepted();
}
