//! Registries are deleted, and what can stand in the way.

use serde_json::json;
use tagalong::domain::{FailureKind, NodeKind};

use super::offering::{Watch, asked, run};
use super::*;
use crate::desk::always;

const DELETE: &str = "azure.delete-registry";
const ACME: &str = "/registries/acme?";

fn subscription() -> Locator {
    root().child(NodeKind::Namespace, SUBSCRIPTION)
}

#[tokio::test]
async fn a_registry_is_gone_when_its_operation_has_ended() {
    let fake = filled().await;
    let provider = signed_in(&fake);
    assert_eq!(all(&*provider, &subscription()).await.len(), 1);
    let summary = provider.extras().unwrap().summary(&asked(DELETE, &registry_of(&fake), &[])).await.unwrap();
    assert_eq!(
        summary,
        [
            "deletes the registry acme (Standard, westeurope)",
            "with every repository, tag and manifest in it: 1.0 GiB",
            "nothing brings it back",
        ]
    );
    let watch = Watch::default();
    let outcome = watch.run(&*provider, &asked(DELETE, &registry_of(&fake), &[])).await.unwrap();
    assert_eq!((outcome.at, outcome.changed), (Some(subscription()), vec![root(), subscription()]));
    assert!(outcome.said.contains("is gone"), "{}", outcome.said);
    assert_eq!(fake.desk().count("/operationResults/"), 3);
    assert_eq!(all(&*provider, &subscription()).await.len(), 0);
    let again = run(&*provider, &asked(DELETE, &registry_of(&fake), &[])).await.unwrap_err();
    assert_eq!(again.kind, FailureKind::NotFound, "nothing of it is remembered: {again}");
}

#[tokio::test]
async fn one_that_is_gone_already_is_gone() {
    for (status, body) in [(404, r#"{"error":{"code":"ResourceNotFound","message":"None."}}"#), (204, "")] {
        let fake = filled().await;
        fake.desk().lay(always("DELETE /subscriptions", status, body));
        let outcome = run(&*signed_in(&fake), &asked(DELETE, &registry_of(&fake), &[])).await.unwrap();
        assert_eq!(outcome.at, Some(subscription()), "{status}");
    }
}

#[tokio::test]
async fn what_stands_in_the_way_is_said() {
    for (status, body, kind, said) in [
        (
            403,
            r#"{"error":{"code":"AuthorizationFailed","message":"No."}}"#,
            FailureKind::Forbidden,
            "this needs the role Contributor of the resource group",
        ),
        (
            409,
            r#"{"error":{"code":"ScopeLocked","message":"The scope is locked."}}"#,
            FailureKind::Conflict,
            "an owner can lift it under “Locks” in the portal",
        ),
    ] {
        let fake = filled().await;
        fake.desk().lay(always("DELETE /subscriptions", status, body));
        let provider = signed_in(&fake);
        let failure = run(&*provider, &asked(DELETE, &registry_of(&fake), &[])).await.unwrap_err();
        assert_eq!(failure.kind, kind);
        assert!(failure.said.contains(said), "{failure}");
        assert_eq!(all(&*provider, &subscription()).await.len(), 1);
    }
}

#[tokio::test]
async fn a_deletion_that_fails_after_it_was_taken_leaves_the_registry() {
    let fake = filled().await;
    fake.state().managed.fails = Some(json!({ "code": "Busy", "message": "A replica is in use." }));
    let provider = signed_in(&fake);
    let failure = run(&*provider, &asked(DELETE, &registry_of(&fake), &[])).await.unwrap_err();
    assert!(failure.said.contains("ended it as Failed: A replica is in use (Busy)"), "{failure}");
    assert_eq!(all(&*provider, &subscription()).await.len(), 1);
    assert!(fake.asked(ACME));
}
