//! Deploy Image to Azure Container Apps…: a container app that runs the image, in an environment that is there or is made
//! for it.
//!
//! Source: `azure/arm-app-containerapps.json` of Microsoft's own descriptions; the order of the calls for an app that
//! fetches by its identity is that of the Azure CLI: such an app begins with a sample image, because it has to be there
//! before its identity can have rights. Not confirmed by a description: the words by which a right that is not known
//! everywhere yet is told from one that is missing.
//!
//! Invariant: no app that is there is put anew; a password is one of the app's secrets, never a part of its template.

use std::time::Duration;

use async_trait::async_trait;
use serde_json::{Value, json};

use super::environment::{self, Home};
use super::fetch::{Fetch, Login};
use super::thing::{self, Thing};
use super::{App, FETCH, PORT, TYPED, VARIABLES};
use super::{image, names, principal, rights};
use crate::domain::asked::{Asked, Outcome};
use crate::domain::extra::{Begins, Choice, Extra, ExtraField, Touch, Whose};
use crate::domain::form::Field;
use crate::domain::text::visible;
use crate::domain::{Failure, NodeKind};
use crate::registry::Running;
use crate::registry::providers::azure::Azure;
use crate::registry::providers::azure::offers::Offer;
use crate::registry::providers::azure::offers::place::{GROUP, Made, Place, SUBSCRIPTION, TEXT};

/// The offer.
pub(in super::super) struct DeployToContainerApps;

const EXTRA: Extra = Extra {
    id: "azure.deploy-container-apps",
    label: "Deploy Image to Azure Container Apps…",
    on: &[NodeKind::Tag, NodeKind::Manifest],
    of: Whose::Every,
    touch: Touch::Writes,
    begins: Begins::WithForm(&[
        SUBSCRIPTION,
        GROUP,
        environment::ENVIRONMENT,
        environment::PROFILE,
        environment::AT,
        NAME,
        PORT,
        VARIABLES,
        FETCH,
    ]),
    makes: None,
};

const NAME: ExtraField = ExtraField {
    field: Field {
        id: "name",
        label: "Name of the app",
        example: "2 to 32 lower-case letters, digits and -",
        ..TEXT
    },
    after: &["subscription", "group"],
    ..TYPED
};

/// What an app runs until its identity may fetch its own image.
const SAMPLE: &str = "mcr.microsoft.com/k8se/quickstart:latest";

/// The name of the app's secret that is the registry's password.
const PASSWORD: &str = "registry-password";

/// The pauses before an app is told again to fetch by an identity whose right is not known everywhere: some minutes in all.
const PAUSES: [u64; 9] = [1, 5, 15, 30, 60, 60, 90, 120, 120];

#[async_trait]
impl Offer for DeployToContainerApps {
    fn extra(&self) -> &'static Extra {
        &EXTRA
    }

    async fn choices(&self, azure: &Azure, asked: &Asked, field: &str) -> Result<Vec<Choice>, Failure> {
        match field {
            "environment" | "profile" | "location" => environment::choices(azure, asked, field).await,
            field => super::choices(azure, asked, field).await,
        }
    }

    async fn check(&self, azure: &Azure, asked: &Asked, field: &str) -> Result<(), Failure> {
        match field {
            "name" => check_name(azure, asked).await,
            "environment" => environment::check(azure, asked).await,
            field => super::check(azure, asked, field).await,
        }
    }

    async fn summary(&self, azure: &Azure, asked: &Asked) -> Result<Vec<String>, Failure> {
        let Wanted { app, environment, place } = Wanted::of(azure, asked).await?;
        let first =
            format!("creates the container app {} in {}", app.name, visible(environment.location(&place)));
        let sample = matches!(app.fetch, Fetch::Identity(_))
            .then(|| format!("runs {SAMPLE} until its identity has that right"));
        let lines = [vec![first], app.summary(), sample.into_iter().collect()];
        Ok([lines.concat(), environment.summary(&place), place.summary()].concat())
    }

    async fn run(&self, azure: &Azure, asked: &Asked, running: &Running<'_>) -> Result<Outcome, Failure> {
        let wanted = Wanted::of(azure, asked).await?;
        let login = wanted.app.fetch.login(azure, running, wanted.app.image).await?;
        let Wanted { app, environment, place } = wanted;
        let mut made = Made::default();
        let work = async {
            place.prepare(azure, running, &mut made).await?;
            let home = environment.prepare(azure, running, &place, &mut made).await?;
            let thing = Thing::of(&place, &thing::CONTAINER_APP, app.name);
            Making { app: &app, thing, home, login: login.as_ref() }.make(azure, running, &mut made).await
        };
        match work.await {
            Ok(answer) => Ok(app.outcome(thing::CONTAINER_APP.title, host(&answer), &made)),
            Err(failure) => Err(made.told(failure)),
        }
    }
}

/// A container app as the form says.
struct Wanted<'a> {
    app: App<'a>,
    environment: environment::Wanted<'a>,
    place: Place,
}

impl<'a> Wanted<'a> {
    async fn of(azure: &Azure, asked: &'a Asked) -> Result<Self, Failure> {
        let place = Place::of(azure, asked).await?;
        let app = App::of(azure, asked, &names::APP, &place.subscription).await?;
        let environment = environment::Wanted::of(azure, asked, &place).await?;
        Thing::of(&place, &thing::CONTAINER_APP, app.name).check_free(azure).await?;
        Ok(Self { app, environment, place })
    }
}

/// A container app that is being made.
struct Making<'a> {
    app: &'a App<'a>,
    thing: Thing<'a>,
    home: Home,
    login: Option<&'a Login>,
}

impl Making<'_> {
    async fn make(&self, azure: &Azure, running: &Running<'_>, made: &mut Made) -> Result<Value, Failure> {
        let Fetch::Identity(registry) = &self.app.fetch else {
            return self.thing.make(azure, running, made, &self.body()).await;
        };
        let title = self.thing.title();
        let begun = self.thing.make(azure, running, made, &self.sample()).await?;
        let identity = principal(&begun, &format!("creating {title}"))?;
        rights::give_pull(azure, running, registry, identity).await?;
        made.note(format!("its right to pull from {}", visible(&self.app.image.host)));
        self.fetch_own(azure, running).await
    }

    /// Has the app fetch its own image, again while the right is not known everywhere.
    async fn fetch_own(&self, azure: &Azure, running: &Running<'_>) -> Result<Value, Failure> {
        let doing = format!("having {} fetch its image", self.thing.title());
        let body = self.body();
        let mut pauses = PAUSES.into_iter().map(Duration::from_secs);
        loop {
            let failure = match self.thing.put(azure, running, &doing, &body).await {
                Err(failure) if is_too_early(&failure) => failure,
                answer => return answer,
            };
            let Some(pause) = pauses.next() else { return Err(failure) };
            running.stages.line(&failure.to_string());
            running.stages.enter("waiting until the app's right is known everywhere");
            if running.stop.run_until_cancelled(tokio::time::sleep(pause)).await.is_none() {
                return Err(Failure::cancelled(doing));
            }
        }
    }

    /// The app with its own image.
    fn body(&self) -> Value {
        let Self { app, login, .. } = self;
        let server = &app.image.host;
        let (registries, secrets) = match (&app.fetch, login) {
            (Fetch::Identity(_), _) => (vec![json!({ "server": server, "identity": "system" })], vec![]),
            (_, Some(Login { username, password })) => (
                vec![json!({ "server": server, "username": username, "passwordSecretRef": PASSWORD })],
                vec![json!({ "name": PASSWORD, "value": password.expose() })],
            ),
            (_, None) => (vec![], vec![]),
        };
        let variables = app.variables.iter().map(|v| json!({ "name": v.name, "value": v.value.expose() }));
        let variables: Vec<Value> = variables.collect();
        let configuration = json!({
            "activeRevisionsMode": "Single",
            "ingress": { "external": true, "targetPort": app.port, "transport": "auto" },
            "registries": registries,
            "secrets": secrets,
        });
        let container = json!({ "name": app.name, "image": image::whole(app.image), "env": variables });
        self.whole(&configuration, &container)
    }

    /// The app as it begins when it has to be there before it can fetch its image.
    fn sample(&self) -> Value {
        let configuration = json!({ "activeRevisionsMode": "Single" });
        self.whole(&configuration, &json!({ "name": self.app.name, "image": SAMPLE }))
    }

    fn whole(&self, configuration: &Value, container: &Value) -> Value {
        let Self { app, home, .. } = self;
        let identity = if matches!(app.fetch, Fetch::Identity(_)) { "SystemAssigned" } else { "None" };
        let mut properties = json!({
            "environmentId": home.id,
            "configuration": configuration,
            "template": {
                "containers": [container],
                "scale": { "minReplicas": 0, "maxReplicas": 10 },
            },
        });
        if let (Some(profile), Some(all)) = (&home.profile, properties.as_object_mut()) {
            all.insert("workloadProfileName".to_owned(), json!(profile));
        }
        json!({ "location": home.location, "identity": { "type": identity }, "properties": properties })
    }
}

/// Whether an image could not be fetched by an identity.
fn is_too_early(failure: &Failure) -> bool {
    failure.said.to_ascii_lowercase().contains("unable to pull image using managed identity")
}

/// The host that an app answers at.
fn host(app: &Value) -> Option<&str> {
    let told = app.pointer("/properties/configuration/ingress/fqdn");
    told.and_then(Value::as_str).filter(|host| !host.is_empty())
}

async fn check_name(azure: &Azure, asked: &Asked) -> Result<(), Failure> {
    let name = asked.value("name");
    names::APP.check(name)?;
    match (asked.value("subscription"), asked.value("group")) {
        ("", _) | (_, "") => Ok(()),
        (id, group) => {
            let of = azure.arm.subscription(id).await?;
            Thing::within(&of, group, &thing::CONTAINER_APP, name).check_free(azure).await
        }
    }
}
