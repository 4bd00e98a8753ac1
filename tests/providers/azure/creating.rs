//! Registries are made: the form, the waiting, and everything that can stand in the way.

use serde_json::json;
use tagalong::domain::asked::Asked;
use tagalong::domain::{FailureKind, NodeKind};

use super::fake::EMPTY;
use super::offering::{Watch, asked, choices, run, shown};
use super::*;
use crate::desk::{Laid, always};

const CREATE: &str = "azure.create-registry";
const PUT: &str = "PUT /subscriptions/sub-1/resourceGroups/";
const STATUS: &str = "/operationStatuses/";

fn subscription() -> Locator {
    root().child(NodeKind::Namespace, SUBSCRIPTION)
}

/// The form, filled in, with some values of it changed.
fn form(changed: &[(&str, &str)]) -> Asked {
    let mut values = vec![
        ("subscription", SUBSCRIPTION),
        ("name", "fresh1"),
        ("sku", "Standard"),
        ("group", "rg"),
        ("location", "westeurope"),
    ];
    values.extend_from_slice(changed);
    asked(CREATE, &subscription(), &values)
}

async fn registries(provider: &dyn Provider) -> Vec<String> {
    all(provider, &subscription()).await.into_iter().map(|e| e.name).collect()
}

#[tokio::test]
async fn a_registry_is_made_and_listed() {
    let fake = filled().await;
    let provider = signed_in(&fake);
    let before = registries(&*provider).await;
    let form = form(&[]);
    let summary = provider.extras().unwrap().summary(&form).await.unwrap();
    assert_eq!(
        summary,
        [
            "creates the registry fresh1 (Standard) in westeurope",
            "uses the resource group rg, which is there",
            "in the subscription The sub-1"
        ]
    );
    assert_eq!(fake.desk().count("PUT "), 0, "a summary changes nothing");
    let watch = Watch::default();
    let outcome = watch.run(&*provider, &form).await.unwrap();
    let at = outcome.at.unwrap();
    assert_eq!((at.kind(), at.parent()), (NodeKind::Registry, Some(subscription())));
    assert_eq!(outcome.changed, [root(), subscription()], "the connection's list tells how many there are");
    assert!(watch.told().contains("creating the registry fresh1: Creating"), "{}", watch.told());
    assert_eq!(fake.desk().count(STATUS), 3);
    assert!(fake.asked("/op-0?api-version=kept"), "an address is kept as it was given");
    let after = registries(&*provider).await;
    assert_eq!((before.len(), after.len()), (1, 2));
    assert!(after.contains(&at.name().to_owned()));
    let refused = provider.extras().unwrap().summary(&form).await.unwrap_err();
    assert_eq!(refused.kind, FailureKind::Conflict, "{refused}");
}

#[tokio::test]
async fn a_new_resource_group_is_made_first() {
    let fake = filled().await;
    let provider = signed_in(&fake);
    let form = form(&[("group", "fresh-group"), ("location", "eastus")]);
    let summary = provider.extras().unwrap().summary(&form).await.unwrap();
    assert!(summary.contains(&"creates the resource group fresh-group in eastus".to_owned()), "{summary:?}");
    run(&*provider, &form).await.unwrap();
    assert!(fake.state().managed.groups.contains(&("fresh-group".to_owned(), "eastus".to_owned())));
    let made: Vec<String> = fake.desk().asked().into_iter().filter(|line| line.starts_with("PUT")).collect();
    assert!(
        made[0].contains("/resourcegroups/fresh-group?") && made[1].contains("/registries/fresh1?"),
        "{made:?}"
    );
}

#[tokio::test]
async fn the_form_asks_azure() {
    let fake = filled().await;
    let provider = signed_in(&fake);
    let at = |at: &Locator, values: &[(&str, &str)]| asked(CREATE, at, values);
    let own = choices(&*provider, &at(&subscription(), &[]), "subscription").await;
    assert_eq!(shown(&own), [(SUBSCRIPTION, HOME)]);
    let every = choices(&*provider, &at(&root(), &[]), "subscription").await;
    assert_eq!(shown(&every), [(SUBSCRIPTION, HOME), (EMPTY, HOME)]);
    assert_eq!(every[0].label, "The sub-1");
    let skus = choices(&*provider, &form(&[]), "sku").await;
    assert_eq!(skus.iter().map(|c| c.value.as_str()).collect::<Vec<_>>(), ["Basic", "Standard", "Premium"]);
    assert_eq!(shown(&choices(&*provider, &form(&[]), "group").await), [("rg", "westeurope")]);
    let locations = |group: &'static str| {
        let provider = provider.clone();
        async move {
            let all = choices(&*provider, &form(&[("group", group)]), "location").await;
            all.into_iter().map(|c| c.value).collect::<Vec<_>>()
        }
    };
    assert_eq!(locations("RG").await, ["westeurope", "eastus", "brazilus"], "that of the group is first");
    assert_eq!(locations("new").await, ["eastus", "westeurope", "brazilus"], "those that are recommended");
    assert!(
        choices(&*provider, &at(&root(), &[]), "group").await.is_empty(),
        "no subscription is chosen yet"
    );
}

#[tokio::test]
async fn names_are_checked_as_they_are_typed() {
    let fake = filled().await;
    let provider = signed_in(&fake);
    let extras = provider.extras().unwrap();
    for (field, typed, said) in [
        ("name", "acme", "at least 5"),
        ("name", "acme-1", "letters and digits"),
        ("name", "taken1", "The registry taken1 is already in use"),
        ("group", "", "needs a name"),
        ("group", "a/b", "letters, digits"),
        ("group", "a.", "full stop"),
        (
            "group",
            "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa",
            "at most 90",
        ),
    ] {
        let failure = extras.check(&form(&[(field, typed)]), field).await.unwrap_err();
        assert!(failure.said.contains(said), "{typed}: {failure}");
    }
    assert_eq!(fake.desk().count("checkNameAvailability"), 1, "the rules need no request");
    for (field, typed) in [("name", "fresh1"), ("group", "Grüße_(1).x"), ("location", "")] {
        assert_eq!(extras.check(&form(&[(field, typed)]), field).await, Ok(()), "{typed}");
    }
}

#[tokio::test]
async fn a_form_that_lacks_something_is_refused() {
    let fake = filled().await;
    let provider = signed_in(&fake);
    for (field, said) in [
        ("subscription", "choose a subscription"),
        ("sku", "choose a SKU"),
        ("location", "choose a location"),
    ] {
        let form = form(&[(field, "")]);
        let failure = provider.extras().unwrap().summary(&form).await.unwrap_err();
        assert!(failure.kind == FailureKind::Invalid && failure.said.contains(said), "{failure}");
        assert!(run(&*provider, &form).await.is_err());
    }
    assert_eq!(fake.desk().count("PUT "), 0);
}

const REFUSALS: [(u16, &str, FailureKind, &str); 6] = [
    (
        403,
        r#"{"error":{"code":"AuthorizationFailed","message":"The client does not have authorization."}}"#,
        FailureKind::Forbidden,
        "this needs the role Contributor of the resource group",
    ),
    (
        409,
        r#"{"error":{"code":"QuotaExceeded","message":"Too many registries."}}"#,
        FailureKind::Conflict,
        "Too many registries (QuotaExceeded); ask for a higher limit",
    ),
    (
        400,
        r#"{"error":{"code":"SkuNotSupported","message":"No Standard in westeurope."}}"#,
        FailureKind::Invalid,
        "No Standard in westeurope (SkuNotSupported); choose another SKU or another region",
    ),
    (
        400,
        r#"{"error":{"code":"LocationNotAvailableForResourceType","message":"Not there."}}"#,
        FailureKind::Invalid,
        "choose another region",
    ),
    (
        409,
        r#"{"error":{"code":"MissingSubscriptionRegistration","message":"Not registered."}}"#,
        FailureKind::Conflict,
        "under “Resource providers”",
    ),
    (
        500,
        r#"{"error":{"code":"InternalServerError","message":"Sorry."}}"#,
        FailureKind::Server,
        "is not known",
    ),
];

#[tokio::test]
async fn a_refusal_says_why_and_what_was_made() {
    for (status, body, kind, said) in REFUSALS {
        let fake = filled().await;
        fake.desk().lay(always(PUT, status, body));
        let provider = signed_in(&fake);
        let failure = run(&*provider, &form(&[("group", "fresh-group")])).await.unwrap_err();
        assert_eq!(failure.kind, kind, "{failure}");
        for said in [said, "made until then, and left there: the resource group fresh-group"] {
            assert!(failure.said.contains(said), "{failure}");
        }
        assert_eq!(fake.desk().count(PUT), 1, "a write is not sent twice");
        assert_eq!(registries(&*provider).await.len(), 1);
    }
}

#[tokio::test]
async fn an_operation_that_fails_after_it_was_taken_tells_its_error_whole() {
    let fake = filled().await;
    fake.state().managed.fails = Some(json!({
        "code": "RegistryFailed", "message": "It could not be made.",
        "details": [{ "code": "QuotaExceeded", "message": "No addresses are left.", "target": "eastus" }],
    }));
    let provider = signed_in(&fake);
    let watch = Watch::default();
    let failure = watch.run(&*provider, &form(&[("group", "fresh-group")])).await.unwrap_err();
    for said in [
        "ended it as Failed: It could not be made (RegistryFailed); No addresses are left (QuotaExceeded)",
        "higher limit",
        "left there: the resource group fresh-group",
    ] {
        assert!(failure.said.contains(said), "{failure}");
    }
    assert!(watch.told().contains(r#""target": "eastus""#), "{}", watch.told());
}

#[tokio::test]
async fn a_pause_is_kept_to_and_a_lost_connection_is_waited_for() {
    let fake = filled().await;
    let busy = Laid { headers: &[("retry-after", "0")], times: 1, ..always(PUT, 429, "{}") };
    fake.desk().lay(busy.clone());
    fake.desk().lay(Laid { on: STATUS, ..busy });
    fake.desk().lay(Laid { headers: &[("retry-after", "0")], times: 5, ..always(STATUS, 503, "") });
    let watch = Watch::default();
    let provider = signed_in(&fake);
    watch.run(&*provider, &form(&[])).await.unwrap();
    assert!(watch.told().contains("no answer (server error), asked again"), "{}", watch.told());
    assert_eq!(registries(&*provider).await.len(), 2);
}

#[tokio::test]
async fn a_token_that_ends_on_the_way_is_renewed() {
    let fake = filled().await;
    let provider = signed_in(&fake);
    fake.state().managed.steps = 4;
    let running = tokio::spawn({
        let provider = provider.clone();
        async move { run(&*provider, &form(&[])).await }
    });
    while !fake.asked(STATUS) {
        tokio::task::yield_now().await;
    }
    fake.state().live.clear();
    running.await.unwrap().unwrap();
    assert!(!fake.state().live.is_empty());
}

#[tokio::test]
async fn a_token_that_is_revoked_on_the_way_says_what_goes_on() {
    let fake = filled().await;
    let provider = signed_in(&fake);
    fake.state().managed.steps = 1000;
    let running = tokio::spawn({
        let provider = provider.clone();
        async move { run(&*provider, &form(&[("group", "fresh-group")])).await }
    });
    while !fake.asked(STATUS) {
        tokio::task::yield_now().await;
    }
    let revoked = r#"{"error":"invalid_grant","error_description":"AADSTS50173: The grant was revoked."}"#;
    fake.desk().lay(always("/oauth2/v2.0/token", 400, revoked));
    fake.state().live.clear();
    let failure = running.await.unwrap().unwrap_err();
    assert_eq!(failure.kind, FailureKind::Unauthorized, "{failure}");
    for said in ["The grant was revoked", "Azure may go on with it", "the resource group fresh-group"] {
        assert!(failure.said.contains(said), "{failure}");
    }
}

#[tokio::test]
async fn the_waiting_can_be_left() {
    let fake = filled().await;
    fake.state().managed.steps = 1000;
    let watch = Watch::stopping_at("Creating");
    let failure = watch.run(&*signed_in(&fake), &form(&[])).await.unwrap_err();
    assert_eq!(failure.kind, FailureKind::Cancelled);
    assert!(failure.said.contains("Azure may go on with it"), "{failure}");
    let watch = Watch::default();
    watch.stop.cancel();
    let asked = fake.desk().count(PUT);
    watch.run(&*signed_in(&fake), &form(&[("name", "fresh2")])).await.unwrap_err();
    assert_eq!(fake.desk().count(PUT), asked, "nothing was begun");
}

#[tokio::test]
async fn an_operation_told_elsewhere_is_read_from_the_registry() {
    let fake = filled().await;
    let provider = signed_in(&fake);
    let trap = Fake::start().await;
    fake.state().managed.elsewhere = Some(trap.control.clone());
    let made = json!({ "name": "fresh1", "properties": { "loginServer": "fresh1.azurecr.io", "provisioningState": "Succeeded" } });
    fake.state().managed.registries.insert("fresh1".to_owned(), made);
    run(&*provider, &form(&[])).await.unwrap();
    assert!(trap.desk().asked().is_empty(), "a token is for the resource manager alone");
}
