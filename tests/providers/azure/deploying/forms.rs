//! The forms: what they offer to choose, and what they say while they are filled in.

use tagalong::domain::extra::Whose;

use super::*;
use crate::azure::fake::EMPTY;

#[tokio::test]
async fn every_registrys_images_can_be_deployed() {
    let fake = with_homes().await;
    let provider = signed_in(&fake);
    for id in [TO_APP_SERVICE, TO_CONTAINER_APPS] {
        let extra = provider.extras().unwrap().list().iter().find(|e| e.id == id).unwrap();
        assert_eq!((extra.of, extra.on), (Whose::Every, [NodeKind::Tag, NodeKind::Manifest].as_slice()));
    }
}

fn values(choices: &[tagalong::domain::extra::Choice]) -> Vec<&str> {
    choices.iter().map(|c| c.value.as_str()).collect()
}

#[tokio::test]
async fn places_are_those_of_the_account() {
    let fake = with_homes().await;
    let provider = signed_in(&fake);
    let all = choices(&*provider, &form(TO_APP_SERVICE, &[]), "subscription").await;
    assert_eq!(values(&all), [SUBSCRIPTION, EMPTY]);
    let own = choices(&*provider, &own_form(&fake, TO_APP_SERVICE, &[]), "subscription").await;
    assert_eq!(values(&own), [SUBSCRIPTION, EMPTY], "an app need not be where its registry is");
    let groups = choices(&*provider, &form(TO_CONTAINER_APPS, &[]), "group").await;
    assert_eq!(shown(&groups), [("rg", "westeurope")]);
}

#[tokio::test]
async fn plans_are_those_that_run_images() {
    let fake = with_homes().await;
    let provider = signed_in(&fake);
    let form = |changed: &[(&str, &str)]| form(TO_APP_SERVICE, changed);
    let plans = choices(&*provider, &form(&[]), "plan").await;
    assert_eq!(shown(&plans), [(plan_id().as_str(), "B1 · westeurope · rg")]);
    let skus = choices(&*provider, &form(&[]), "sku").await;
    assert_eq!(&values(&skus)[..3], ["F1", "B1", "B2"]);
    let locations = async |changed: &[(&str, &str)]| {
        let all = choices(&*provider, &form(changed), "location").await;
        all.into_iter().map(|c| c.value).collect::<Vec<_>>()
    };
    assert_eq!(locations(&[]).await, ["westeurope"], "a plan that is there decides");
    let new = |sku| [("plan", "fresh"), ("sku", sku)];
    assert_eq!(locations(&new("B1")).await, ["westeurope", "eastus"], "that of the group is first");
    assert_eq!(locations(&new("P1v3")).await, ["eastus"], "where the SKU is");
}

#[tokio::test]
async fn environments_decide_about_the_location() {
    let fake = with_homes().await;
    let provider = signed_in(&fake);
    let form = |changed: &[(&str, &str)]| form(TO_CONTAINER_APPS, changed);
    let found = choices(&*provider, &form(&[]), "environment").await;
    assert_eq!(shown(&found), [(environment_id().as_str(), "westeurope")]);
    let profiles = choices(&*provider, &form(&[]), "profile").await;
    assert_eq!(&values(&profiles)[..2], ["Consumption", "D4"]);
    assert_eq!(values(&choices(&*provider, &form(&[]), "location").await), ["westeurope"]);
    let new = choices(&*provider, &form(&[("environment", "fresh")]), "location").await;
    assert_eq!(values(&new), ["westeurope", "eastus", "brazilus"]);
}

#[tokio::test]
async fn an_image_is_fetched_in_the_ways_that_its_registry_has() {
    let fake = with_homes().await;
    let provider = signed_in(&fake);
    let elsewhere = choices(&*provider, &form(TO_CONTAINER_APPS, &[]), "fetch").await;
    assert_eq!(values(&elsewhere), ["credential", "public"]);
    let own = choices(&*provider, &own_form(&fake, TO_CONTAINER_APPS, &[]), "fetch").await;
    assert_eq!(values(&own), ["identity", "admin", "credential", "public"]);
    // The same registry by another connection is still one of the account.
    let image = own_form(&fake, TO_CONTAINER_APPS, &[]).image;
    let by_other = Asked { image, ..form(TO_CONTAINER_APPS, &[]) };
    assert_eq!(choices(&*provider, &by_other, "fetch").await.len(), 4);
    let ports = choices(&*provider, &form(TO_APP_SERVICE, &[]), "port").await;
    assert_eq!(values(&ports)[0], "80");
}

#[tokio::test]
async fn what_is_typed_is_checked() {
    let fake = with_homes().await;
    fake.state().apps.lay("containerApps", "there", json!({ "location": "westeurope" }));
    let provider = signed_in(&fake);
    let extras = provider.extras().unwrap();
    for (offer, field, typed, said) in [
        (TO_APP_SERVICE, "name", "a", "at least 2"),
        (TO_APP_SERVICE, "name", "acme.api", "letters, digits and -"),
        (TO_APP_SERVICE, "name", "taken", "Hostname 'taken' already exists"),
        (TO_APP_SERVICE, "plan", "a b", "the name of a plan has letters"),
        (TO_APP_SERVICE, "plan", "shared", "has a plan shared already"),
        (TO_APP_SERVICE, "port", "http", "a number from 1 to 65535"),
        (TO_APP_SERVICE, "variables", "A=1 B", "pair 2 has no “=”"),
        (TO_APP_SERVICE, "variables", "WEBSITES_PORT=1", "is set by this form itself"),
        (TO_APP_SERVICE, "fetch", "identity", "ghcr.io is no registry of this account"),
        (TO_APP_SERVICE, "group", "a.", "full stop"),
        (TO_CONTAINER_APPS, "name", "Acme", "lower-case letters"),
        (TO_CONTAINER_APPS, "name", "there", "has a container app there already"),
        (TO_CONTAINER_APPS, "environment", "green", "has a environment green already"),
        (TO_CONTAINER_APPS, "environment", "-", "at least 2"),
    ] {
        let failure = extras.check(&form(offer, &[(field, typed)]), field).await.unwrap_err();
        assert!(failure.said.contains(said), "{typed}: {failure}");
    }
    let new = &[("group", "new"), ("name", "there"), ("environment", "green")];
    for (offer, changed, field) in [
        (TO_APP_SERVICE, &[("name", "fresh")] as &[_], "name"),
        (TO_APP_SERVICE, &[("plan", "fresh")], "plan"),
        (TO_APP_SERVICE, &[], "plan"),
        (TO_CONTAINER_APPS, new, "name"),
        (TO_CONTAINER_APPS, new, "environment"),
        (TO_CONTAINER_APPS, &[("variables", "A=1 B='x y'")], "variables"),
        (TO_CONTAINER_APPS, &[], "fetch"),
    ] {
        assert_eq!(extras.check(&form(offer, changed), field).await, Ok(()), "{changed:?}");
    }
    assert_eq!(fake.desk().count("PUT "), 0);
}
