//! Images of any registry are deployed to Azure: the two forms, what they make, and everything that can stand in the way.

mod container_apps;
mod contract;
mod forms;
mod refusals;
mod web_apps;

use serde_json::json;
use tagalong::domain::asked::{Asked, Outcome};
use tagalong::domain::{ConnectionId, FailureKind, Reference};
use tagalong::http::{FixedSignIn, SignIn};
use tagalong::registry::Running;

use super::fake::ADMIN;
use super::offering::{Watch, asked, choices, shown};
use super::*;

const TO_APP_SERVICE: &str = "azure.deploy-app-service";
const TO_CONTAINER_APPS: &str = "azure.deploy-container-apps";
const TOKEN: &str = "a personal access token";

/// A plan and an environment that somebody has made.
async fn with_homes() -> Fake {
    let fake = filled().await;
    let plan = |kind: &str, sku: &str, reserved: bool| {
        json!({
            "kind": kind, "location": "West Europe", "sku": { "name": sku },
            "properties": { "reserved": reserved, "resourceGroup": "rg" },
        })
    };
    let profiles = json!([
        { "name": "big", "workloadProfileType": "D4" },
        { "name": "by-use", "workloadProfileType": "Consumption" },
    ]);
    let properties = json!({ "provisioningState": "Succeeded", "workloadProfiles": profiles });
    let environment = json!({ "location": "West Europe", "properties": properties });
    for (kind, name, body) in [
        ("serverfarms", "shared", plan("linux", "B1", true)),
        ("serverfarms", "of-windows", plan("app", "B1", false)),
        ("serverfarms", "of-functions", plan("functionapp,linux", "Y1", true)),
        ("managedEnvironments", "green", environment),
    ] {
        fake.state().apps.lay(kind, name, body);
    }
    fake
}

fn plan_id() -> String {
    format!("/subscriptions/{SUBSCRIPTION}/resourceGroups/rg/providers/Microsoft.Web/serverfarms/shared")
}

fn environment_id() -> String {
    format!(
        "/subscriptions/{SUBSCRIPTION}/resourceGroups/rg/providers/Microsoft.App/managedEnvironments/green"
    )
}

/// The form of `offer` on an image of another connection, filled in with what is there, with some values of it changed.
fn form(offer: &str, changed: &[(&str, &str)]) -> Asked {
    let (plan, environment) = (plan_id(), environment_id());
    let home = if offer == TO_APP_SERVICE { ("plan", &*plan) } else { ("environment", &*environment) };
    let mut values = vec![
        ("subscription", SUBSCRIPTION),
        ("group", "rg"),
        ("location", "westeurope"),
        ("name", "acme-api"),
        ("port", "8080"),
        ("variables", ""),
        ("fetch", "public"),
        home,
    ];
    values.extend_from_slice(changed);
    let other = Locator::root(ConnectionId::new("other"));
    let at = other.child(NodeKind::Repository, "acme/api").child(NodeKind::Tag, "1.4");
    let image = Some("ghcr.io/acme/api:1.4".parse::<Reference>().unwrap());
    Asked { image, ..asked(offer, &at, &values) }
}

/// The same on an image of the fake's own registry.
fn own_form(fake: &Fake, offer: &str, changed: &[(&str, &str)]) -> Asked {
    let at = repository(fake, "acme/api").child(NodeKind::Tag, "1.0");
    let image = at.reference("");
    Asked { at, image, ..form(offer, changed) }
}

/// Runs it as somebody who signs in to the image's registry with `credential`.
async fn deploy(
    watch: &Watch,
    provider: &dyn Provider,
    asked: &Asked,
    credential: Credential,
) -> Result<Outcome, Failure> {
    let sign_in: Arc<dyn SignIn> = Arc::new(FixedSignIn(credential));
    let running = Running { stages: watch, stop: &watch.stop, sign_in: Some(sign_in) };
    provider.extras().unwrap().run(asked, &running).await
}

async fn summary(provider: &dyn Provider, asked: &Asked) -> Result<Vec<String>, Failure> {
    provider.extras().unwrap().summary(asked).await
}

/// The changes that were asked for, by what they were about.
fn puts(fake: &Fake) -> Vec<String> {
    let asked = fake.desk().asked();
    let targets = asked.iter().filter_map(|line| line.strip_prefix("PUT ")?.split_once('?'));
    targets.map(|(path, _)| path.rsplitn(3, '/').take(2).collect::<Vec<_>>().join(" of ")).collect()
}
