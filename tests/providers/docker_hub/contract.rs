//! Every request that the description knows, held against it. It knows neither deletes nor the account's namespaces.

use tagalong::domain::{Credential, FailureKind};

use super::{names, namespace, repository, tag};
use crate::prism::{self, Contract};
use crate::support::{basic, connection, open};

const FILE: &str = "docker/hub-v2.json";

fn provider(contract: &Contract, credential: Credential) -> std::sync::Arc<dyn tagalong::registry::Provider> {
    open(connection("docker_hub", "http://127.0.0.1:9", &[("api", &contract.url())]), credential)
}

#[tokio::test]
async fn the_contract_accepts_what_is_asked() {
    let Some(contract) = prism::serve(FILE).await else { return };
    let provider = provider(&contract, basic("myusername", "dckr_pat_x"));
    let repositories = provider.children(&namespace("docker"), None).await.unwrap();
    assert_eq!(repositories.entries[0].name, "docker/highland_builder");
    assert!(repositories.next.is_some(), "the example has a next page, on another host");
    provider.children(&namespace("docker"), repositories.next.as_ref()).await.unwrap();
    let tags = provider.children(&repository("docker/whalesay"), None).await.unwrap();
    assert_eq!(names(&tags), ["string"], "the description has no example, so this one is made up");
    let describe = provider.describe().unwrap();
    let described = describe.describe(&repository("docker/whalesay")).await.unwrap();
    assert!(described.lines.iter().any(|(label, _)| label == "visibility"), "{described:?}");
    describe.describe(&tag("docker/whalesay", "latest")).await.unwrap();
    contract.assert_accepted();
    assert!(contract.asked().iter().any(|a| a.path == "/v2/auth/token"));
}

#[tokio::test]
async fn the_contract_accepts_the_older_login() {
    let Some(contract) = prism::serve(FILE).await else { return };
    contract.prefer("code=401");
    let failure = provider(&contract, basic("myusername", "wrong"))
        .children(&namespace("docker"), None)
        .await
        .unwrap_err();
    assert_eq!(failure.kind, FailureKind::Unauthorized, "{failure}");
    contract.assert_accepted();
    assert!(contract.asked().iter().any(|a| a.path == "/v2/users/login"));
}
