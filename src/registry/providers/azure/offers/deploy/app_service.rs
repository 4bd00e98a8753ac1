//! Deploy Image to Azure App Service…: a web app that runs the image, on a plan that is there or is made for it.
//!
//! Sources: `azure/arm-web-sites.json` and `azure/arm-web-provider.json` of Microsoft's own descriptions; "Environment
//! variables and app settings in Azure App Service"; the order of the calls is that of Microsoft's editor extension.
//!
//! Invariant: the app is told to fetch by its identity only when the identity has the right, so that its first try succeeds.

use async_trait::async_trait;
use serde_json::{Value, json};

use super::fetch::{Fetch, Login};
use super::thing::{self, Thing, WEB};
use super::variables::Variable;
use super::{App, FETCH, PORT, TYPED, VARIABLES};
use super::{image, names, plan, principal, refused, rights};
use crate::domain::asked::{Asked, Outcome};
use crate::domain::extra::{Begins, Choice, Extra, ExtraField, Touch, Whose};
use crate::domain::form::Field;
use crate::domain::text::visible;
use crate::domain::{Failure, FailureKind, NodeKind};
use crate::registry::Running;
use crate::registry::providers::azure::Azure;
use crate::registry::providers::azure::offers::Offer;
use crate::registry::providers::azure::offers::place::{GROUP, Made, Place, SUBSCRIPTION, TEXT};
use crate::registry::providers::azure::offers::taken::Names;

/// The offer.
pub(in super::super) struct DeployToAppService;

const EXTRA: Extra = Extra {
    id: "azure.deploy-app-service",
    label: "Deploy Image to Azure App Service…",
    on: &[NodeKind::Tag, NodeKind::Manifest],
    of: Whose::Every,
    touch: Touch::Writes,
    begins: Begins::WithForm(&[
        SUBSCRIPTION,
        GROUP,
        plan::PLAN,
        plan::SKU,
        plan::AT,
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
        example: "2 to 60 letters, digits and -; part of its address",
        ..TEXT
    },
    after: &["subscription"],
    ..TYPED
};

/// What this form itself sets.
const OWN: [&str; 5] = [
    "WEBSITES_PORT",
    "WEBSITES_ENABLE_APP_SERVICE_STORAGE",
    "DOCKER_REGISTRY_SERVER_URL",
    "DOCKER_REGISTRY_SERVER_USERNAME",
    "DOCKER_REGISTRY_SERVER_PASSWORD",
];

/// Sites share one space of names in all of a cloud.
const NAMES: Names = Names {
    provider: "Microsoft.Web",
    path: "checknameavailability",
    version: WEB,
    kind: "Microsoft.Web/sites",
    doing: "checking the app's name",
};

#[async_trait]
impl Offer for DeployToAppService {
    fn extra(&self) -> &'static Extra {
        &EXTRA
    }

    async fn choices(&self, azure: &Azure, asked: &Asked, field: &str) -> Result<Vec<Choice>, Failure> {
        match field {
            "plan" | "sku" | "location" => plan::choices(azure, asked, field).await,
            field => super::choices(azure, asked, field).await,
        }
    }

    async fn check(&self, azure: &Azure, asked: &Asked, field: &str) -> Result<(), Failure> {
        match field {
            "name" => check_name(azure, asked).await,
            "plan" => plan::check(azure, asked).await,
            "variables" => check_variables(&super::variables::read(asked.value("variables"))?),
            field => super::check(azure, asked, field).await,
        }
    }

    async fn summary(&self, azure: &Azure, asked: &Asked) -> Result<Vec<String>, Failure> {
        let wanted = Wanted::of(azure, asked).await?;
        let Wanted { app, plan, place } = &wanted;
        let first = format!("creates the web app {} in {}", app.name, visible(plan.location(place)));
        Ok([vec![first], app.summary(), vec![plan.summary(place)], place.summary()].concat())
    }

    async fn run(&self, azure: &Azure, asked: &Asked, running: &Running<'_>) -> Result<Outcome, Failure> {
        let wanted = Wanted::of(azure, asked).await?;
        let login = wanted.app.fetch.login(azure, running, wanted.app.image).await?;
        let mut made = Made::default();
        match wanted.make(azure, running, login.as_ref(), &mut made).await {
            Ok(site) => Ok(wanted.app.outcome(thing::SITE.title, host(&site), &made)),
            Err(failure) => Err(made.told(failure)),
        }
    }
}

/// A web app as the form says.
struct Wanted<'a> {
    app: App<'a>,
    plan: plan::Wanted<'a>,
    place: Place,
}

impl<'a> Wanted<'a> {
    async fn of(azure: &Azure, asked: &'a Asked) -> Result<Self, Failure> {
        let place = Place::of(azure, asked).await?;
        let app = App::of(azure, asked, &names::SITE, &place.subscription).await?;
        check_variables(&app.variables)?;
        let plan = plan::Wanted::of(azure, asked, &place).await?;
        NAMES.check(azure, &place.subscription, app.name).await?;
        Ok(Self { app, plan, place })
    }

    async fn make(
        &self,
        azure: &Azure,
        running: &Running<'_>,
        login: Option<&Login>,
        made: &mut Made,
    ) -> Result<Value, Failure> {
        let Self { app, plan, place } = self;
        place.prepare(azure, running, made).await?;
        let plan = plan.prepare(azure, running, place, made).await?;
        let thing = Thing::of(place, &thing::SITE, app.name);
        let body = self.body(&plan, login);
        let site = thing.make(azure, running, made, &body).await?;
        let Fetch::Identity(registry) = &app.fetch else { return Ok(site) };
        let title = thing.title();
        let identity = principal(&site, &format!("creating {title}"))?;
        rights::give_pull(azure, running, registry, identity).await?;
        made.note(format!("its right to pull from {}", visible(&app.image.host)));
        let mut body = body;
        if let Some(value) = body.pointer_mut("/properties/siteConfig/acrUseManagedIdentityCreds") {
            *value = true.into();
        }
        thing.put(azure, running, &format!("having {title} fetch its image"), &body).await
    }

    /// The web app. By its identity it fetches once that has the right.
    fn body(&self, plan: &str, login: Option<&Login>) -> Value {
        let Self { app, plan: on, place } = self;
        let mut body = json!({
            "kind": "app,linux,container",
            "location": on.location(place),
            "properties": {
                "serverFarmId": plan,
                "reserved": true,
                "httpsOnly": true,
                "siteConfig": {
                    "linuxFxVersion": format!("DOCKER|{}", image::whole(app.image)),
                    "acrUseManagedIdentityCreds": false,
                    "appSettings": settings(app, login),
                },
            },
        });
        if let (Fetch::Identity(_), Some(all)) = (&app.fetch, body.as_object_mut()) {
            all.insert("identity".to_owned(), json!({ "type": "SystemAssigned" }));
        }
        body
    }
}

/// What the app is told: where it listens, where its image is, and what was typed.
fn settings(app: &App<'_>, login: Option<&Login>) -> Vec<Value> {
    let [port, storage, url, username, password] = OWN;
    let pair = |name: &str, value: &str| json!({ "name": name, "value": value });
    let mut all = vec![
        pair(port, &app.port.to_string()),
        pair(storage, "false"),
        pair(url, &image::server_url(app.image)),
    ];
    if let Some(login) = login {
        all.extend([pair(username, &login.username), pair(password, login.password.expose())]);
    }
    all.extend(app.variables.iter().map(|v| pair(&v.name, v.value.expose())));
    all
}

/// The host that a site answers at.
fn host(site: &Value) -> Option<&str> {
    let told =
        site.pointer("/properties/defaultHostName").or_else(|| site.pointer("/properties/hostNames/0"));
    told.and_then(Value::as_str).filter(|host| !host.is_empty())
}

fn check_variables(all: &[Variable]) -> Result<(), Failure> {
    match all.iter().find(|v| OWN.contains(&v.name.as_str())) {
        Some(own) => Err(refused(
            FailureKind::Invalid,
            format!("“{}” is set by this form itself; leave it out", own.name),
        )),
        None => Ok(()),
    }
}

async fn check_name(azure: &Azure, asked: &Asked) -> Result<(), Failure> {
    let name = asked.value("name");
    names::SITE.check(name)?;
    match asked.value("subscription") {
        "" => Ok(()),
        id => NAMES.check(azure, &azure.arm.subscription(id).await?, name).await,
    }
}
