//! Create Registry…: a registry in a subscription, with its resource group where that is new.
//!
//! Source: `azure/arm-containerregistry.json` of Microsoft's own descriptions.

use async_trait::async_trait;
use serde_json::json;

use super::Offer;
use super::place::{self, GROUP, LOCATION, Made, Place, SUBSCRIPTION, TEXT};
use super::taken::Names;
use crate::domain::asked::{Asked, Outcome};
use crate::domain::extra::{Begins, Choice, Choices, Extra, ExtraField, Makes, Touch, When, Whose};
use crate::domain::form::Field;
use crate::domain::text::visible;
use crate::domain::{Failure, FailureKind, Locator, NodeKind};
use crate::http::Method;
use crate::registry::Running;
use crate::registry::providers::azure::Azure;
use crate::registry::providers::azure::arm::REGISTRIES;
use crate::registry::providers::azure::operation::Call;
use crate::registry::providers::azure::wire::Registry;

pub(super) struct CreateRegistry;

const EXTRA: Extra = Extra {
    id: "azure.create-registry",
    label: "Create Registry…",
    on: &[NodeKind::Namespace],
    of: Whose::Own,
    touch: Touch::Writes,
    begins: Begins::WithForm(&[SUBSCRIPTION, NAME, SKU, GROUP, LOCATION]),
    makes: Some(Makes::Registry),
};

const NAME: ExtraField = ExtraField {
    field: Field { id: "name", label: "Registry name", example: "5 to 50 letters and digits", ..TEXT },
    choices: Choices::Typed,
    after: &[],
    checked: true,
    when: When::Always,
};

const SKU: ExtraField = ExtraField {
    field: Field { id: "sku", label: "SKU", ..TEXT },
    choices: Choices::Listed,
    after: &[],
    checked: false,
    when: When::Always,
};

/// The SKUs, and what each includes.
const SKUS: [(&str, &str); 3] = [
    ("Basic", "10 GiB included"),
    ("Standard", "100 GiB included"),
    ("Premium", "500 GiB included, private endpoints, replicas"),
];

const CHECKING: &str = "checking the registry's name";

/// Registries share one space of names in all of a cloud.
const NAMES: Names = Names {
    provider: "Microsoft.ContainerRegistry",
    path: "checkNameAvailability",
    version: REGISTRIES,
    kind: "Microsoft.ContainerRegistry/registries",
    doing: CHECKING,
};

#[async_trait]
impl Offer for CreateRegistry {
    fn extra(&self) -> &'static Extra {
        &EXTRA
    }

    async fn choices(&self, azure: &Azure, asked: &Asked, field: &str) -> Result<Vec<Choice>, Failure> {
        if field != SKU.field.id {
            return place::choices(azure, asked, field).await;
        }
        let choice = |(name, note): (&str, &str)| Choice {
            value: name.to_owned(),
            label: name.to_owned(),
            note: note.to_owned(),
        };
        Ok(SKUS.map(choice).to_vec())
    }

    async fn check(&self, azure: &Azure, asked: &Asked, field: &str) -> Result<(), Failure> {
        if field != NAME.field.id {
            return place::check(asked, field);
        }
        let name = asked.value("name");
        check_rules(name)?;
        match asked.value("subscription") {
            "" => Ok(()),
            id => NAMES.check(azure, &azure.arm.subscription(id).await?, name).await,
        }
    }

    async fn summary(&self, azure: &Azure, asked: &Asked) -> Result<Vec<String>, Failure> {
        let wanted = Wanted::of(azure, asked).await?;
        NAMES.check(azure, &wanted.place.subscription, wanted.name).await?;
        let location = visible(&wanted.place.location);
        let first = format!("creates the registry {} ({}) in {location}", wanted.name, wanted.sku);
        Ok([vec![first], wanted.place.summary()].concat())
    }

    async fn run(&self, azure: &Azure, asked: &Asked, running: &Running<'_>) -> Result<Outcome, Failure> {
        let wanted = Wanted::of(azure, asked).await?;
        let mut made = Made::default();
        let registry = match wanted.make(azure, running, &mut made).await {
            Ok(registry) => registry,
            Err(failure) => return Err(made.told(failure)),
        };
        let server = registry.properties.login_server;
        let subscription =
            Locator::root(asked.via.clone()).child(NodeKind::Namespace, &wanted.place.subscription.id);
        let at = (!server.is_empty()).then(|| subscription.child(NodeKind::Registry, &server));
        Ok(Outcome {
            said: format!("the registry {} is there: {}", wanted.name, visible(&server)),
            changed: place::lists_above(&subscription),
            at,
            ..Outcome::default()
        })
    }
}

/// The registry as the form says.
struct Wanted<'a> {
    name: &'a str,
    sku: &'static str,
    place: Place,
}

impl<'a> Wanted<'a> {
    async fn of(azure: &Azure, asked: &'a Asked) -> Result<Self, Failure> {
        let name = asked.value("name");
        check_rules(name)?;
        let chosen = SKUS.iter().find(|(sku, _)| *sku == asked.value("sku"));
        let (sku, _) = chosen.ok_or_else(|| refused(FailureKind::Invalid, "choose a SKU"))?;
        Ok(Self { name, sku, place: Place::of(azure, asked).await? })
    }

    async fn make(&self, azure: &Azure, running: &Running<'_>, made: &mut Made) -> Result<Registry, Failure> {
        self.place.prepare(azure, running, made).await?;
        let Place { subscription, group, location, .. } = &self.place;
        let doing = format!("creating the registry {}", self.name);
        let call = Call {
            tenant: subscription.tenant.as_deref(),
            method: Method::PUT,
            path: &[
                "subscriptions",
                &subscription.id,
                "resourceGroups",
                group,
                "providers",
                "Microsoft.ContainerRegistry",
                "registries",
                self.name,
            ],
            version: REGISTRIES,
            body: Some(&json!({ "location": location, "sku": { "name": self.sku } })),
            doing: &doing,
            role: "Contributor of the resource group",
        };
        let answer = azure.arm.change(&call, running).await?;
        let odd = |e: serde_json::Error| {
            let said = format!("it is there, and what Azure says of it cannot be read: {e}");
            Failure::new(FailureKind::Invalid, &*doing, said)
        };
        serde_json::from_value(answer).map_err(odd)
    }
}

fn check_rules(name: &str) -> Result<(), Failure> {
    let said = match name.chars().count() {
        _ if !name.chars().all(|c| c.is_ascii_alphanumeric()) => {
            "a registry's name has letters and digits alone"
        }
        0..5 => "a registry's name has at least 5 characters",
        51.. => "a registry's name has at most 50 characters",
        _ => return Ok(()),
    };
    Err(refused(FailureKind::Invalid, said))
}

fn refused(kind: FailureKind, said: &str) -> Failure {
    Failure::new(kind, CHECKING, said)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_keep_to_the_rules() {
        for good in ["acme1", "AcmeRegistry", &"a".repeat(50)] {
            assert_eq!(check_rules(good), Ok(()), "{good}");
        }
        for (bad, said) in [
            ("", "at least 5"),
            ("acme", "at least 5"),
            ("acme-registry", "letters and digits"),
            ("acmé1", "letters and digits"),
            (&"a".repeat(51), "at most 50"),
        ] {
            let failure = check_rules(bad).unwrap_err();
            assert!(failure.said.contains(said), "{bad}: {failure}");
        }
    }
}
