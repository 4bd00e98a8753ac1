//! What stands in the way, and what is left then.

use super::*;
use crate::desk::{Laid, always};

/// Everything new, so that something is made before what fails.
const NEW: [(&str, &str); 4] =
    [("group", "fresh-group"), ("plan", "fresh-plan"), ("sku", "B1"), ("location", "eastus")];
const NEW_ENVIRONMENT: [(&str, &str); 4] = [
    ("group", "fresh-group"),
    ("environment", "fresh-env"),
    ("profile", "Consumption"),
    ("location", "eastus"),
];

async fn fails(fake: &Fake, form: &Asked) -> Failure {
    deploy(&Watch::default(), &*signed_in(fake), form, basic("ann", TOKEN)).await.unwrap_err()
}

#[tokio::test]
async fn a_sign_in_that_ends_soon_is_refused_before_anything_is_made() {
    let fake = with_homes().await;
    let provider = signed_in(&fake);
    for offer in [TO_APP_SERVICE, TO_CONTAINER_APPS] {
        let form = form(offer, &[("fetch", "credential")]);
        for (credential, said) in [
            (basic("AWS", TOKEN), "ghcr.io is signed in to with a token that ends within hours"),
            (basic("oauth2accesstoken", TOKEN), "ends within hours"),
            (basic(NOBODY, TOKEN), "choose the managed identity"),
            (Credential::IdentityToken(Secret::new(TOKEN)), "no app can use"),
            (Credential::Anonymous, "has no sign-in; choose “Public”"),
        ] {
            let failure = deploy(&Watch::default(), &*provider, &form, credential).await.unwrap_err();
            assert_eq!(failure.kind, FailureKind::Unsupported);
            assert!(failure.said.contains(said) && !failure.said.contains(TOKEN), "{failure}");
        }
    }
    assert_eq!(fake.desk().count("PUT "), 0);
}

#[tokio::test]
async fn a_form_that_cannot_be_so_is_refused() {
    let fake = with_homes().await;
    let provider = signed_in(&fake);
    let premium_in_the_west = [("plan", "fresh"), ("sku", "P1v3")];
    for (form, said) in [
        (form(TO_APP_SERVICE, &premium_in_the_west), "P1v3 is not offered in westeurope for Linux"),
        (form(TO_APP_SERVICE, &[("plan", "fresh"), ("sku", "")]), "choose the SKU of the new plan"),
        (form(TO_APP_SERVICE, &[("plan", "/gone")]), "the plan is not there any more"),
        (form(TO_APP_SERVICE, &[("plan", "")]), "the name of a plan is missing"),
        (form(TO_APP_SERVICE, &[("name", "taken")]), "already exists"),
        (form(TO_APP_SERVICE, &[("port", "")]), "a port is a number"),
        (form(TO_APP_SERVICE, &[("fetch", "")]), "choose how the image is fetched"),
        (form(TO_APP_SERVICE, &[("subscription", "")]), "choose a subscription"),
        (form(TO_CONTAINER_APPS, &[("environment", "/gone")]), "the environment is not there any more"),
        (
            form(TO_CONTAINER_APPS, &[("environment", "fresh"), ("profile", "")]),
            "choose the workload profile",
        ),
        (
            Asked { image: Some("127.0.0.1:9/acme/api:1".parse().unwrap()), ..form(TO_CONTAINER_APPS, &[]) },
            "Azure cannot reach 127.0.0.1:9, which is this machine",
        ),
        (Asked { image: None, ..form(TO_CONTAINER_APPS, &[]) }, "it is no image"),
    ] {
        let failure = summary(&*provider, &form).await.unwrap_err();
        assert!(failure.said.contains(said), "{failure}");
        assert!(deploy(&Watch::default(), &*provider, &form, Credential::Anonymous).await.is_err());
    }
    assert_eq!(fake.desk().count("PUT "), 0);
}

#[tokio::test]
async fn an_app_that_is_there_is_not_put_anew() {
    let fake = with_homes().await;
    fake.state().apps.lay("containerApps", "acme-api", json!({ "location": "westeurope" }));
    let failure = fails(&fake, &form(TO_CONTAINER_APPS, &[])).await;
    assert_eq!(failure.kind, FailureKind::Conflict);
    assert!(failure.said.contains("has a container app acme-api already; choose another name"), "{failure}");
    assert_eq!(fake.desk().count("PUT "), 0);
}

#[tokio::test]
async fn a_refusal_says_what_was_made_until_then() {
    let quota = r#"{"Code":"Unauthorized","Message":"Current Limit (Total Regional VMs): 0. Amount required: 1.","Details":[{"Code":"QuotaExceeded"}]}"#;
    let right = r#"{"error":{"code":"AuthorizationFailed","message":"The client may not do that."}}"#;
    for (on, status, body, offer, said) in [
        ("/serverfarms/fresh-plan", 401, quota, TO_APP_SERVICE, "ask for a higher limit"),
        ("/serverfarms/fresh-plan", 403, right, TO_APP_SERVICE, "the role Contributor of the resource group"),
        (
            "/managedEnvironments/fresh-env",
            403,
            right,
            TO_CONTAINER_APPS,
            "the role Contributor of the resource",
        ),
    ] {
        let fake = with_homes().await;
        let changed = if offer == TO_APP_SERVICE { NEW } else { NEW_ENVIRONMENT };
        let form = form(offer, &changed);
        let not_found = r#"{"error":{"code":"ResourceNotFound","message":"None."}}"#;
        fake.desk().lay(Laid { times: 1, ..always(on, 404, not_found) });
        fake.desk().lay(always(on, status, body));
        let failure = fails(&fake, &form).await;
        assert!(failure.said.contains(said), "{failure}");
        let left = "; made until then, and left there: the resource group fresh-group";
        assert!(failure.said.ends_with(left), "{failure}");
    }
}

#[tokio::test]
async fn what_was_begun_and_failed_is_told_whole() {
    let told = json!({
        "code": "Conflict", "message": "The environment could not be made.",
        "details": [{ "code": "ManagedEnvironmentCapacityHeavyUsageError", "message": "Out of capacity in eastus." }],
    });
    let fake = with_homes().await;
    fake.state().apps.fails = Some(("managedEnvironments", told.clone()));
    let failure = fails(&fake, &form(TO_CONTAINER_APPS, &NEW_ENVIRONMENT)).await;
    for part in [
        "The environment could not be made (Conflict)",
        "Out of capacity in eastus (ManagedEnvironmentCapacityHeavyUsageError)",
        "left there: the resource group fresh-group, the environment fresh-env (not finished)",
    ] {
        assert!(failure.said.contains(part), "{part}: {failure}");
    }
    let fake = with_homes().await;
    fake.state().apps.fails = Some(("serverfarms", told));
    let failure = fails(&fake, &form(TO_APP_SERVICE, &NEW)).await;
    assert!(failure.said.contains("the plan fresh-plan (not finished)"), "{failure}");
}

#[tokio::test]
async fn a_right_that_cannot_be_given_leaves_the_app() {
    let body = r#"{"error":{"code":"AuthorizationFailed","message":"The client may not give roles."}}"#;
    for (offer, app) in
        [(TO_APP_SERVICE, "the web app acme-api"), (TO_CONTAINER_APPS, "the container app acme-api")]
    {
        let fake = with_homes().await;
        fake.desk().lay(always("/roleAssignments/", 403, body));
        let failure = fails(&fake, &own_form(&fake, offer, &[("fetch", "identity")])).await;
        assert_eq!(failure.kind, FailureKind::Forbidden);
        assert!(
            failure.said.contains("the role Owner or User Access Administrator of the registry"),
            "{failure}"
        );
        assert!(failure.said.ends_with(&format!("left there: {app}")), "{failure}");
    }
}

#[tokio::test]
async fn what_is_no_longer_waited_for_is_told() {
    let fake = with_homes().await;
    let watch = Watch::stopping_at("creating the environment fresh-env: ");
    let form = form(TO_CONTAINER_APPS, &NEW_ENVIRONMENT);
    let failure = deploy(&watch, &*signed_in(&fake), &form, Credential::Anonymous).await.unwrap_err();
    assert_eq!(failure.kind, FailureKind::Cancelled);
    for part in ["Azure may go on with it", "the environment fresh-env (not finished)"] {
        assert!(failure.said.contains(part), "{failure}");
    }
    assert_eq!(puts(&fake).len(), 2, "no app is begun");
}

#[tokio::test]
async fn a_registry_of_another_tenant_takes_no_identity() {
    let fake = with_homes().await;
    fake.state().tenants = vec![(HOME, vec![SUBSCRIPTION]), ("tenant-two", vec!["sub-3"])];
    let az = Around { az: Some(fake.clone()), ..Around::default() };
    let provider = around(asking(&fake.control, &[("sign_in", "az")]), az);
    let form = own_form(&fake, TO_APP_SERVICE, &[("subscription", "sub-3"), ("fetch", "identity")]);
    let failure = provider.extras().unwrap().check(&form, "fetch").await.unwrap_err();
    assert!(failure.said.contains("is in another tenant than the subscription The sub-3"), "{failure}");
}
