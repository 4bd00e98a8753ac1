//! Deploying an image: what App Service and Container Apps share of form, summary and result.
//!
//! [`app_service`] and [`container_apps`] are the two offers, [`plan`] and [`environment`] what their apps run in; `image` is
//! what is run, `fetch` how the platform gets it, `rights` what an identity needs for that; `names` and `variables` read
//! what was typed, `thing` makes a resource.
//!
//! Not confirmed by a description: that App Service takes an image by its digest; that a registry whose rights are given by
//! repository refuses an identity that has AcrPull alone.
//!
//! Invariant: nothing that is there is changed; a failure names what was made until then; no secret is part of a summary,
//! a result or a failure.

pub(super) mod app_service;
pub(super) mod container_apps;
mod environment;
mod fetch;
mod image;
mod names;
mod plan;
mod rights;
mod thing;
mod variables;

use serde_json::Value;

use super::place::{self, Made, TEXT};
use crate::domain::asked::{Asked, Outcome};
use crate::domain::extra::{Choice, Choices, ExtraField, When};
use crate::domain::form::Field;
use crate::domain::text::visible;
use crate::domain::{Failure, FailureKind, Locator, Reference};
use crate::registry::providers::azure::Azure;
use crate::registry::providers::azure::arm::Subscribed;

use fetch::Fetch;
use names::Rule;
use variables::Variable;

const TYPED: ExtraField =
    ExtraField { field: TEXT, choices: Choices::Typed, after: &[], checked: true, when: When::Always };

const PORT: ExtraField = ExtraField {
    field: Field { id: "port", label: "Port", example: "that the image listens on", ..TEXT },
    choices: Choices::Suggested,
    ..TYPED
};

const VARIABLES: ExtraField = ExtraField {
    field: Field { id: "variables", label: "Variables", example: variables::EXAMPLE, optional: true, ..TEXT },
    ..TYPED
};

const FETCH: ExtraField = ExtraField {
    field: Field { id: "fetch", label: "Image fetched by", ..TEXT },
    choices: Choices::Listed,
    after: &["subscription"],
    ..TYPED
};

/// What images listen on most often.
const PORTS: [&str; 4] = ["80", "8080", "3000", "5000"];

/// The choices of the fields that both forms have.
async fn choices(azure: &Azure, asked: &Asked, field: &str) -> Result<Vec<Choice>, Failure> {
    match field {
        "port" => Ok(PORTS.map(|port| choice(port, port, "")).to_vec()),
        "fetch" => fetch::choices(azure, asked).await,
        "subscription" => subscriptions(azure, asked).await,
        field => place::choices(azure, asked, field).await,
    }
}

/// Every subscription of the account: an app may run in another than that of its registry, which stands first.
async fn subscriptions(azure: &Azure, asked: &Asked) -> Result<Vec<Choice>, Failure> {
    let anywhere = Asked { at: Locator::root(asked.via.clone()), ..asked.clone() };
    let mut all = place::choices(azure, &anywhere, "subscription").await?;
    let is_own =
        |c: &Choice| asked.at.connection == asked.via && asked.at.steps.iter().any(|s| *s.name == *c.value);
    all.sort_by_key(|c| !is_own(c));
    Ok(all)
}

fn choice(value: &str, label: &str, note: &str) -> Choice {
    Choice { value: value.to_owned(), label: visible(label).into_owned(), note: visible(note).into_owned() }
}

/// Checks one of the fields that both forms have.
async fn check(azure: &Azure, asked: &Asked, field: &str) -> Result<(), Failure> {
    match field {
        "port" => names::port(asked.value("port")).map(|_| ()),
        "variables" => variables::read(asked.value("variables")).map(|_| ()),
        "fetch" => match asked.value("subscription") {
            "" => Ok(()),
            id => Fetch::of(azure, asked, &azure.arm.subscription(id).await?).await.map(|_| ()),
        },
        field => place::check(asked, field),
    }
}

/// What a form says of the app itself.
struct App<'a> {
    image: &'a Reference,
    name: &'a str,
    port: u16,
    variables: Vec<Variable>,
    fetch: Fetch,
}

impl<'a> App<'a> {
    async fn of(azure: &Azure, asked: &'a Asked, rule: &Rule, by: &Subscribed) -> Result<Self, Failure> {
        let name = asked.value("name");
        rule.check(name)?;
        Ok(Self {
            image: image::of(asked)?,
            name,
            port: names::port(asked.value("port"))?,
            variables: variables::read(asked.value("variables"))?,
            fetch: Fetch::of(azure, asked, by).await?,
        })
    }

    /// What is run, and how it is fetched.
    fn summary(&self) -> Vec<String> {
        let runs = format!("runs {}, which listens on port {}", visible(&self.image.to_string()), self.port);
        let given = match self.variables.as_slice() {
            [] => None,
            some => Some(format!("with {} set, whose values are not shown", variables::names(some))),
        };
        let fetched = self.fetch.summary(self.image);
        [Some(runs), given, Some(fetched)].into_iter().flatten().collect()
    }

    /// What came of it.
    fn outcome(&self, kind: &str, host: Option<&str>, made: &Made) -> Outcome {
        let said = format!("the {kind} {} starts {}; made: {}", self.name, self.image, made.list());
        Outcome { said, address: host.map(|host| format!("https://{}", visible(host))), ..Outcome::default() }
    }
}

/// The identity that a resource got.
fn principal<'a>(of: &'a Value, doing: &str) -> Result<&'a str, Failure> {
    let id = of.pointer("/identity/principalId").and_then(Value::as_str).filter(|id| !id.is_empty());
    id.ok_or_else(|| Failure::new(FailureKind::Invalid, doing, "Azure has given it no identity"))
}

/// A form that cannot be carried out.
fn refused(kind: FailureKind, said: impl Into<String>) -> Failure {
    Failure::new(kind, "checking the form", said)
}

/// A location's name, of the name that people call it by: `West Europe` is `westeurope`.
fn location_name(text: &str) -> String {
    text.chars().filter(|c| !c.is_whitespace()).flat_map(char::to_lowercase).collect()
}
