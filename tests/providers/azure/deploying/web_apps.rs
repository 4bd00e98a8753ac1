//! Web apps of App Service.

use super::*;

/// A setting of the web app.
fn setting(fake: &Fake, name: &str) -> Option<String> {
    let state = fake.state();
    let site = state.apps.find("sites/acme-api").unwrap();
    let all = site["properties"]["siteConfig"]["appSettings"].as_array().unwrap();
    all.iter().find(|pair| pair["name"] == name).map(|pair| pair["value"].as_str().unwrap().to_owned())
}

#[tokio::test]
async fn everything_is_made_that_is_not_there() {
    let fake = with_homes().await;
    let provider = signed_in(&fake);
    let new = [
        ("group", "fresh-group"),
        ("plan", "fresh-plan"),
        ("sku", "S1"),
        ("location", "eastus"),
        ("variables", "MODE=fast PASS='hunter2 and more'"),
    ];
    let form = form(TO_APP_SERVICE, &new);
    assert_eq!(
        summary(&*provider, &form).await.unwrap(),
        [
            "creates the web app acme-api in eastus",
            "runs ghcr.io/acme/api:1.4, which listens on port 8080",
            "with MODE, PASS set, whose values are not shown",
            "fetches it from ghcr.io without a sign-in, which a private image refuses",
            "creates the plan fresh-plan (S1) in eastus",
            "creates the resource group fresh-group in eastus",
            "in the subscription The sub-1",
        ]
    );
    assert_eq!(fake.desk().count("PUT "), 0, "a summary changes nothing");
    let watch = Watch::default();
    let outcome = deploy(&watch, &*provider, &form, Credential::Anonymous).await.unwrap();
    assert_eq!(outcome.address.as_deref(), Some("https://acme-api.azurewebsites.example"));
    assert_eq!(
        outcome.said,
        "the web app acme-api starts ghcr.io/acme/api:1.4; made: the resource group fresh-group, the plan fresh-plan, the web app acme-api"
    );
    let order = ["fresh-group of resourcegroups", "fresh-plan of serverfarms", "acme-api of sites"];
    assert_eq!(puts(&fake), order);
    for stage in ["creating the plan fresh-plan: InProgress", "creating the web app acme-api"] {
        assert!(watch.told().contains(stage), "{}", watch.told());
    }
    assert!(!format!("{}{outcome:?}", watch.told()).contains("hunter2"));
    for (name, value) in [
        ("MODE", "fast"),
        ("PASS", "hunter2 and more"),
        ("WEBSITES_PORT", "8080"),
        ("DOCKER_REGISTRY_SERVER_URL", "https://ghcr.io"),
    ] {
        assert_eq!(setting(&fake, name).as_deref(), Some(value));
    }
    assert_eq!(setting(&fake, "DOCKER_REGISTRY_SERVER_PASSWORD"), None);
    let state = fake.state();
    let (plan, site) =
        (state.apps.find("serverfarms/fresh-plan"), state.apps.find("sites/acme-api").unwrap());
    let plan = plan.unwrap();
    assert_eq!((&plan["sku"]["name"], &plan["properties"]["reserved"]), (&json!("S1"), &json!(true)));
    let config = &site["properties"]["siteConfig"];
    assert_eq!(config["linuxFxVersion"], "DOCKER|ghcr.io/acme/api:1.4");
    assert_eq!((&site["location"], site.get("identity")), (&json!("eastus"), None));
}

#[tokio::test]
async fn a_plan_that_is_there_is_used_as_it_is() {
    let fake = with_homes().await;
    let provider = signed_in(&fake);
    let form = form(TO_APP_SERVICE, &[]);
    let lines = summary(&*provider, &form).await.unwrap();
    assert!(
        lines.contains(&"runs on the plan shared (B1) in westeurope, which is there".to_owned()),
        "{lines:?}"
    );
    deploy(&Watch::default(), &*provider, &form, Credential::Anonymous).await.unwrap();
    assert_eq!(puts(&fake), ["acme-api of sites"]);
    assert_eq!(fake.state().apps.find("sites/acme-api").unwrap()["properties"]["serverFarmId"], plan_id());
}

#[tokio::test]
async fn an_identity_gets_its_right_before_it_fetches() {
    let fake = with_homes().await;
    let provider = signed_in(&fake);
    let form = own_form(&fake, TO_APP_SERVICE, &[("fetch", "identity")]);
    let told = summary(&*provider, &form).await.unwrap().join("\n");
    assert!(told.contains("gives the app an identity, and that the role AcrPull on 127.0.0.1"), "{told}");
    let outcome = deploy(&Watch::default(), &*provider, &form, Credential::Anonymous).await.unwrap();
    assert!(
        outcome.said.contains("the web app acme-api, its right to pull from 127.0.0.1"),
        "{}",
        outcome.said
    );
    let puts = puts(&fake);
    assert_eq!((puts.len(), &*puts[0], &*puts[2]), (3, "acme-api of sites", "acme-api of sites"));
    assert!(puts[1].ends_with(" of roleAssignments"), "{puts:?}");
    let state = fake.state();
    let site = state.apps.find("sites/acme-api").unwrap();
    assert_eq!(site["properties"]["siteConfig"]["acrUseManagedIdentityCreds"], true);
    let principal = site["identity"]["principalId"].as_str().unwrap().to_owned();
    assert!(state.apps.may_pull.contains(&(principal, "acme".to_owned())));
}

#[tokio::test]
async fn an_admin_user_is_handed_on_where_it_is_on() {
    let fake = with_homes().await;
    let provider = signed_in(&fake);
    let form = own_form(&fake, TO_APP_SERVICE, &[("fetch", "admin")]);
    let failure = summary(&*provider, &form).await.unwrap_err();
    assert!(failure.said.contains("the admin user of 127.0.0.1"), "{failure}");
    assert!(failure.said.contains("is off; switch it on under “Access keys”"), "{failure}");
    fake.state().managed.registries.get_mut("acme").unwrap()["properties"]["adminUserEnabled"] = true.into();
    let watch = Watch::default();
    let told = summary(&*provider, &form).await.unwrap().join("\n");
    let outcome = deploy(&watch, &*provider, &form, Credential::Anonymous).await.unwrap();
    assert_eq!(setting(&fake, "DOCKER_REGISTRY_SERVER_USERNAME").as_deref(), Some("acme"));
    assert_eq!(setting(&fake, "DOCKER_REGISTRY_SERVER_PASSWORD").as_deref(), Some(ADMIN));
    assert!(!format!("{told}{}{outcome:?}", watch.told()).contains(ADMIN));
}

#[tokio::test]
async fn a_registrys_credential_is_handed_on() {
    let fake = with_homes().await;
    let provider = signed_in(&fake);
    let form = form(TO_APP_SERVICE, &[("fetch", "credential")]);
    let told = summary(&*provider, &form).await.unwrap().join("\n");
    assert!(told.contains("hands the app this connection's sign-in to ghcr.io, to keep"), "{told}");
    let watch = Watch::default();
    let outcome = deploy(&watch, &*provider, &form, basic("ann", TOKEN)).await.unwrap();
    assert_eq!(setting(&fake, "DOCKER_REGISTRY_SERVER_USERNAME").as_deref(), Some("ann"));
    assert_eq!(setting(&fake, "DOCKER_REGISTRY_SERVER_PASSWORD").as_deref(), Some(TOKEN));
    assert!(!format!("{told}{}{outcome:?}", watch.told()).contains(TOKEN));
}
