//! The harness itself: requests that are known to be right or wrong are told apart as they have to be.

use std::collections::BTreeMap;

use reqwest::{Client, Method};
use serde::Deserialize;

use super::prism::{self, Contract};

/// One entry of `prism-cases.json`.
#[derive(Deserialize)]
struct Case {
    spec: String,
    kind: Kind,
    method: String,
    path: String,
    headers: BTreeMap<String, String>,
    body: Option<String>,
}

#[derive(Deserialize, PartialEq)]
#[serde(rename_all = "snake_case")]
enum Kind {
    Valid,
    Invalid,
}

async fn send(contract: &Contract, case: &Case) -> u16 {
    let client = Client::builder().no_proxy().tls_certs_only([]).build().unwrap();
    let method = Method::from_bytes(case.method.as_bytes()).unwrap();
    let mut request = client.request(method, format!("{}{}", contract.url(), case.path));
    for (name, value) in &case.headers {
        request = request.header(name, value);
    }
    let body = case.body.clone().unwrap_or_default();
    request.body(body).send().await.unwrap().status().as_u16()
}

/// All cases of one file, each with the opinion that it has to get.
async fn replay(spec: &str) {
    #[derive(Deserialize)]
    struct File {
        cases: Vec<Case>,
    }
    let Some(folder) = prism::folder() else { return };
    let file = std::fs::read(folder.join("prism-cases.json")).unwrap();
    let file: File = serde_json::from_slice(&file).unwrap();
    let contract = prism::serve(spec).await.unwrap();
    let cases: Vec<&Case> = file.cases.iter().filter(|c| c.spec == spec).collect();
    assert!(cases.len() > 5, "the cases of {spec} are missing");
    for case in &cases {
        send(&contract, case).await;
    }
    let asked = contract.asked();
    assert_eq!(asked.len(), cases.len());
    for (case, asked) in cases.iter().zip(&asked) {
        let accepted = asked.refusal().is_none();
        assert_eq!(accepted, case.kind == Kind::Valid, "{spec}: {} {}: {asked:?}", case.method, case.path);
    }
}

#[tokio::test]
async fn a_vendor_that_declares_its_refusals() {
    replay("docker/hub-v2.json").await;
}

#[tokio::test]
async fn a_vendor_that_declares_none() {
    replay("jfrog/artifactory-docker.handwritten.json").await;
}

#[tokio::test]
async fn a_vendor_whose_examples_break_its_schema() {
    replay("azure/acr-data-plane.json").await;
}

fn get(path: &str) -> Case {
    Case {
        spec: String::new(),
        kind: Kind::Valid,
        method: "GET".to_owned(),
        path: path.to_owned(),
        headers: BTreeMap::new(),
        body: None,
    }
}

#[tokio::test]
async fn what_is_preferred_is_answered() {
    let Some(contract) = prism::serve("docker/hub-v2.json").await else { return };
    let path = "/v2/namespaces/docker/repositories";
    assert_eq!(send(&contract, &get(path)).await, 200);
    contract.prefer("code=404");
    assert_eq!(send(&contract, &get(path)).await, 404);
    contract.prefer("");
    assert_eq!(send(&contract, &get(path)).await, 200);
    contract.assert_accepted();
}

#[tokio::test]
async fn a_sign_in_that_is_asked_for_may_follow() {
    let Some(contract) = prism::serve("docker/hub-v2.json").await else { return };
    let mut tags = get("/v2/namespaces/docker/repositories/my-app/tags");
    assert_eq!(send(&contract, &tags).await, 401);
    assert!(contract.verdict().is_err(), "it never came");
    tags.headers.insert("Authorization".to_owned(), "Bearer x".to_owned());
    send(&contract, &tags).await;
    contract.assert_accepted();
}

#[tokio::test]
async fn a_wrong_request_fails_the_test() {
    let Some(contract) = prism::serve("docker/hub-v2.json").await else { return };
    let path = "/v2/namespaces/docker/repositories";
    assert!(contract.verdict().is_err(), "nothing was asked");
    send(&contract, &get(path)).await;
    assert_eq!(contract.verdict(), Ok(()));
    send(&contract, &get(&format!("{path}?page_size=500"))).await;
    send(&contract, &get("/v2/elsewhere")).await;
    let said = contract.verdict().unwrap_err();
    for part in ["refuses 2 of 3", "GET /v2/namespaces/docker/repositories?page_size=500", "must be <= 100"] {
        assert!(said.contains(part), "{part}: {said}");
    }
}
