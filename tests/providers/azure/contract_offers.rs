//! Every request of the offers, held against Microsoft's own descriptions.

use tagalong::domain::{Digest, NodeKind};

use super::contract::{ARM, REGISTRY, entra};
use super::offering::{asked, choices, run};
use super::*;
use crate::prism;

#[tokio::test]
async fn the_resource_managers_contract_accepts_registries_that_come_and_go() {
    let Some(contract) = prism::serve(ARM).await else { return };
    let (authority, arm) = (entra().await, contract.url());
    let settings =
        [("sign_in", "service principal"), ("tenant", HOME), ("authority", &authority), ("arm", &arm)];
    let provider = open(connection("azure", EVERYWHERE, &settings), basic(CLIENT, SECRET));
    let subscription = provider.children(&root(), None).await.unwrap().entries[0].name.clone();
    let at = root().child(NodeKind::Namespace, &subscription);
    let form = asked(
        "azure.create-registry",
        &at,
        &[
            ("subscription", &subscription),
            ("name", "fresh1"),
            ("sku", "Standard"),
            ("group", "fresh-group"),
            ("location", "westus"),
        ],
    );
    for field in ["subscription", "group", "location"] {
        assert!(!choices(&*provider, &form, field).await.is_empty(), "{field}");
    }
    let extras = provider.extras().unwrap();
    let _either = extras.check(&form, "name").await;
    let outcome = run(&*provider, &form).await.unwrap();
    assert_eq!(outcome.at.unwrap().kind(), NodeKind::Registry);
    let registry = provider.children(&at, None).await.unwrap().entries[0].name.clone();
    let gone = asked("azure.delete-registry", &at.child(NodeKind::Registry, &registry), &[]);
    run(&*provider, &gone).await.unwrap();
    contract.assert_accepted();
    let sent = contract.asked();
    for what in
        ["/checkNameAvailability?", "/resourcegroups/fresh-group?", "/registries/fresh1?", "/locations?"]
    {
        assert!(sent.iter().any(|a| a.path.contains(what)), "{what}: {sent:?}");
    }
}

#[tokio::test]
async fn a_registrys_contract_accepts_locks() {
    let Some(contract) = prism::serve(REGISTRY).await else { return };
    let provider = open(connection("azure", &contract.url(), &[]), basic("admin", fake::ADMIN));
    let at = root().child(NodeKind::Repository, "acme/api");
    let digest = Digest::of(b"x").to_string();
    for at in [at.clone(), at.child(NodeKind::Tag, "1.0"), at.child(NodeKind::Manifest, &digest)] {
        let form = asked("azure.locks", &at, &[("deleting", "locked"), ("writing", "allowed")]);
        assert_eq!(choices(&*provider, &form, "deleting").await.len(), 2);
        run(&*provider, &form).await.unwrap();
    }
    contract.assert_accepted();
    assert_eq!(contract.asked().iter().filter(|a| a.method == "PATCH").count(), 3);
}
