//! Container apps.

use super::*;

#[tokio::test]
async fn everything_is_made_that_is_not_there() {
    let fake = with_homes().await;
    let provider = signed_in(&fake);
    let new = [
        ("group", "fresh-group"),
        ("environment", "fresh-env"),
        ("profile", "D4"),
        ("location", "eastus"),
        ("variables", "PASS=hunter2"),
        ("fetch", "credential"),
    ];
    let form = form(TO_CONTAINER_APPS, &new);
    assert_eq!(
        summary(&*provider, &form).await.unwrap(),
        [
            "creates the container app acme-api in eastus",
            "runs ghcr.io/acme/api:1.4, which listens on port 8080",
            "with PASS set, whose values are not shown",
            "hands the app this connection's sign-in to ghcr.io, to keep",
            "creates the environment fresh-env (D4) in eastus, which keeps no logs",
            "creates the resource group fresh-group in eastus",
            "in the subscription The sub-1",
        ]
    );
    let watch = Watch::default();
    let outcome = deploy(&watch, &*provider, &form, basic("ann", TOKEN)).await.unwrap();
    assert_eq!(outcome.address.as_deref(), Some("https://acme-api.green.example"));
    assert_eq!(
        outcome.said,
        "the container app acme-api starts ghcr.io/acme/api:1.4; made: the resource group fresh-group, the environment fresh-env, the container app acme-api"
    );
    let told = format!("{}{outcome:?}", watch.told());
    assert!(!told.contains("hunter2") && !told.contains(TOKEN), "{told}");
    assert!(told.contains("creating the environment fresh-env: InProgress"), "{told}");
    let state = fake.state();
    let app = state.apps.find("containerApps/acme-api").unwrap();
    let properties = &app["properties"];
    assert_eq!(properties["workloadProfileName"], "D4");
    assert_eq!(properties["configuration"]["ingress"]["targetPort"], 8080);
    let container = &properties["template"]["containers"][0];
    assert_eq!(container["image"], "ghcr.io/acme/api:1.4");
    assert_eq!(container["env"], json!([{ "name": "PASS", "value": "hunter2" }]));
    let configuration = &properties["configuration"];
    let registry =
        json!({ "server": "ghcr.io", "username": "ann", "passwordSecretRef": "registry-password" });
    assert_eq!(configuration["registries"], json!([registry]));
    assert_eq!(configuration["secrets"], json!([{ "name": "registry-password", "value": TOKEN }]));
    let profiles =
        &state.apps.find("managedEnvironments/fresh-env").unwrap()["properties"]["workloadProfiles"];
    assert_eq!(profiles.as_array().unwrap().len(), 2);
}

#[tokio::test]
async fn an_environment_that_is_there_is_used_as_it_is() {
    let fake = with_homes().await;
    let provider = signed_in(&fake);
    let form = form(TO_CONTAINER_APPS, &[]);
    let lines = summary(&*provider, &form).await.unwrap();
    assert!(
        lines.contains(&"runs in the environment green in westeurope, which is there".to_owned()),
        "{lines:?}"
    );
    deploy(&Watch::default(), &*provider, &form, Credential::Anonymous).await.unwrap();
    assert_eq!(puts(&fake), ["acme-api of containerApps"]);
    let state = fake.state();
    let app = &state.apps.find("containerApps/acme-api").unwrap();
    assert_eq!(app["properties"]["workloadProfileName"], "by-use", "billed by use, where there is a choice");
    assert_eq!(app["properties"]["configuration"]["registries"], json!([]));
}

#[tokio::test]
async fn an_app_is_there_before_its_identity_fetches() {
    let fake = with_homes().await;
    fake.state().apps.too_early = 1;
    let provider = signed_in(&fake);
    let form = own_form(&fake, TO_CONTAINER_APPS, &[("fetch", "identity")]);
    let told = summary(&*provider, &form).await.unwrap().join("\n");
    assert!(told.contains("runs mcr.microsoft.com/k8se/quickstart:latest until its identity has that right"));
    let watch = Watch::default();
    let outcome = deploy(&watch, &*provider, &form, Credential::Anonymous).await.unwrap();
    assert!(outcome.address.is_some(), "{outcome:?}");
    assert!(watch.told().contains("waiting until the app's right is known everywhere"), "{}", watch.told());
    let puts = puts(&fake);
    let app = "acme-api of containerApps";
    assert_eq!((puts.len(), &*puts[0], &*puts[2], &*puts[3]), (4, app, app, app), "{puts:?}");
    let state = fake.state();
    let made = &state.apps.find("containerApps/acme-api").unwrap()["properties"];
    let registry = json!({ "server": form.image.as_ref().unwrap().host, "identity": "system" });
    assert_eq!(made["configuration"]["registries"], json!([registry]));
    assert!(made["template"]["containers"][0]["image"].as_str().unwrap().ends_with("/acme/api:1.0"));
}

#[tokio::test]
async fn docker_hubs_images_are_named_with_their_host() {
    let fake = with_homes().await;
    let provider = signed_in(&fake);
    let image = Some("nginx:1.27".parse().unwrap());
    let form = Asked { image, ..form(TO_CONTAINER_APPS, &[("fetch", "credential")]) };
    let told = summary(&*provider, &form).await.unwrap().join("\n");
    assert!(told.contains("runs nginx:1.27, which"), "{told}");
    deploy(&Watch::default(), &*provider, &form, basic("ann", TOKEN)).await.unwrap();
    let state = fake.state();
    let made = &state.apps.find("containerApps/acme-api").unwrap()["properties"];
    assert_eq!(made["template"]["containers"][0]["image"], "docker.io/library/nginx:1.27");
    assert_eq!(made["configuration"]["registries"][0]["server"], "docker.io");
}
