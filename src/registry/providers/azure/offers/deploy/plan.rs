//! App Service plans: what web apps run on, and what that costs.
//!
//! Sources: `azure/arm-web-serverfarms.json` and `azure/arm-web-provider.json` of Microsoft's own descriptions.
//!
//! Invariant: only plans of Linux are offered, which alone run these images.

use serde::Deserialize;
use serde_json::{Value, json};

use super::names;
use super::thing::{self, Thing, WEB};
use super::{choice, location_name, refused};
use crate::domain::asked::Asked;
use crate::domain::extra::{Choice, Choices, ExtraField, When};
use crate::domain::form::Field;
use crate::domain::text::visible;
use crate::domain::{Failure, FailureKind};
use crate::registry::Running;
use crate::registry::providers::azure::Azure;
use crate::registry::providers::azure::arm::Subscribed;
use crate::registry::providers::azure::offers::place::{self, LOCATION, Made, Place, TEXT};
use crate::registry::providers::azure::wire::Sku;

pub(super) const PLAN: ExtraField = ExtraField {
    field: Field { id: "plan", label: "Plan", example: "an existing one, or a new name", ..TEXT },
    choices: Choices::ListedOrNew,
    after: &["subscription", "group"],
    checked: true,
    when: When::Always,
};

pub(super) const SKU: ExtraField = ExtraField {
    field: Field { id: "sku", label: "SKU of the plan", ..TEXT },
    choices: Choices::Listed,
    after: &[],
    checked: false,
    when: When::New("plan"),
};

/// Where group, plan and app are put: a plan that is there decides, else its SKU.
pub(super) const AT: ExtraField = ExtraField { after: &["subscription", "group", "plan", "sku"], ..LOCATION };

/// What a plan can cost: its SKU, the tier that regions are asked for, and what that means.
const SKUS: [(&str, &str, &str); 10] = [
    ("F1", "Free", "60 minutes of CPU a day"),
    ("B1", "Basic", "1 core, 1.75 GB"),
    ("B2", "Basic", "2 cores, 3.5 GB"),
    ("B3", "Basic", "4 cores, 7 GB"),
    ("S1", "Standard", "1 core, 1.75 GB, scales by itself"),
    ("S2", "Standard", "2 cores, 3.5 GB, scales by itself"),
    ("S3", "Standard", "4 cores, 7 GB, scales by itself"),
    ("P0v3", "PremiumV3", "1 core, 4 GB"),
    ("P1v3", "PremiumV3", "2 cores, 8 GB"),
    ("P2v3", "PremiumV3", "4 cores, 16 GB"),
];

/// A plan as a resource.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(default)]
struct Plan {
    id: String,
    name: String,
    kind: Option<String>,
    location: String,
    sku: Sku,
    properties: Properties,
}

#[derive(Debug, Clone, Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
struct Properties {
    reserved: Option<bool>,
    resource_group: Option<String>,
}

impl Plan {
    /// Whether web apps of Linux run on it: those for functions alone do not take them.
    fn takes_images(&self) -> bool {
        let is_linux = self.properties.reserved == Some(true)
            || self.kind.as_deref().is_some_and(|kind| kind.contains("linux"));
        let sku = self.sku();
        is_linux && !self.id.is_empty() && !["Y", "FC"].iter().any(|own| sku.starts_with(own))
    }

    fn sku(&self) -> &str {
        self.sku.name.as_deref().unwrap_or_default()
    }

    fn choice(&self) -> Choice {
        let group = self.properties.resource_group.as_deref().unwrap_or_default();
        let note = [self.sku(), &location_name(&self.location), group];
        let note: Vec<&str> = note.into_iter().filter(|part| !part.is_empty()).collect();
        choice(&self.id, &self.name, &note.join(" · "))
    }
}

/// The plans of a subscription that images run on.
async fn plans(azure: &Azure, of: &Subscribed) -> Result<Vec<Plan>, Failure> {
    let doing = format!("listing the plans of {}", visible(&of.name));
    let path = ["subscriptions", &of.id, "providers", "Microsoft.Web", "serverfarms"];
    let mut all: Vec<Plan> = azure.arm.list(of.tenant.as_deref(), &path, WEB, &doing).await?;
    all.retain(Plan::takes_images);
    all.sort_by_cached_key(|plan| plan.name.to_lowercase());
    Ok(all)
}

/// The regions that have a tier for Linux, each with its title.
async fn regions(azure: &Azure, of: &Subscribed, tier: &str) -> Result<Vec<(String, String)>, Failure> {
    #[derive(Deserialize)]
    struct Region {
        name: String,
    }
    let doing = format!("asking where plans of the tier {tier} can be");
    let path = ["subscriptions", &of.id, "providers", "Microsoft.Web", "geoRegions"];
    let query = [("api-version", WEB), ("sku", tier), ("linuxWorkersEnabled", "true")];
    let all: Vec<Region> = azure.arm.list_by(of.tenant.as_deref(), &path, &query, &doing).await?;
    let mut all: Vec<_> = all.into_iter().map(|region| (location_name(&region.name), region.name)).collect();
    all.sort();
    Ok(all)
}

/// The choices of plan, SKU and location.
///
/// # Errors
/// What the resource manager says.
pub(super) async fn choices(azure: &Azure, asked: &Asked, field: &str) -> Result<Vec<Choice>, Failure> {
    if field == "sku" {
        return Ok(SKUS.map(|(sku, tier, note)| choice(sku, sku, &format!("{tier} · {note}"))).to_vec());
    }
    let of = match asked.value("subscription") {
        "" => return Ok(Vec::new()),
        id => azure.arm.subscription(id).await?,
    };
    if field == "plan" {
        return Ok(plans(azure, &of).await?.iter().map(Plan::choice).collect());
    }
    if let Some(plan) = there(azure, &of, asked.value("plan")).await? {
        let name = location_name(&plan.location);
        return Ok(vec![choice(&name, &plan.location, "where the plan is")]);
    }
    let Some((_, tier, _)) = SKUS.iter().find(|(sku, ..)| *sku == asked.value("sku")) else {
        return place::choices(azure, asked, "location").await;
    };
    let (regions, groups) = tokio::join!(regions(azure, &of, tier), azure.arm.groups(&of));
    let own = groups?.into_iter().find(|g| g.name.eq_ignore_ascii_case(asked.value("group")));
    let own = own.map(|group| location_name(&group.location));
    let mut regions = regions?;
    regions.sort_by_key(|(name, _)| own.as_ref() != Some(name));
    Ok(regions.iter().map(|(name, title)| choice(name, title, name)).collect())
}

/// The plan that a value stands for: nothing when it is the name of a new one.
async fn there(azure: &Azure, of: &Subscribed, value: &str) -> Result<Option<Plan>, Failure> {
    if !value.starts_with('/') {
        return Ok(None);
    }
    let found = plans(azure, of).await?.into_iter().find(|plan| plan.id == value);
    found.map(Some).ok_or_else(|| refused(FailureKind::NotFound, "the plan is not there any more"))
}

/// Whether what was typed can be a plan.
///
/// # Errors
/// `Invalid` for a name that no plan can have; `Conflict` for one that is taken.
pub(super) async fn check(azure: &Azure, asked: &Asked) -> Result<(), Failure> {
    let name = asked.value("plan");
    if name.starts_with('/') {
        return Ok(());
    }
    names::PLAN.check(name)?;
    match (asked.value("subscription"), asked.value("group")) {
        ("", _) | (_, "") => Ok(()),
        (id, group) => {
            let of = azure.arm.subscription(id).await?;
            Thing::within(&of, group, &thing::PLAN, name).check_free(azure).await
        }
    }
}

/// The plan that a form asks for.
pub(super) enum Wanted<'a> {
    /// One that is there.
    There { id: String, name: String, location: String, sku: String },
    /// A new one.
    New { name: &'a str, sku: &'static str },
}

impl<'a> Wanted<'a> {
    /// As the form says.
    ///
    /// # Errors
    /// `Invalid` for a field that is empty, cannot be so, or does not go with another; `Conflict` for a name that is taken.
    pub(super) async fn of(azure: &Azure, asked: &'a Asked, place: &Place) -> Result<Self, Failure> {
        let value = asked.value("plan");
        if let Some(plan) = there(azure, &place.subscription, value).await? {
            let sku = plan.sku().to_owned();
            return Ok(Self::There { id: plan.id, name: plan.name, location: plan.location, sku });
        }
        check(azure, asked).await?;
        let chosen = SKUS.iter().find(|(sku, ..)| *sku == asked.value("sku"));
        let missing = || refused(FailureKind::Invalid, "choose the SKU of the new plan");
        let (sku, tier, _) = *chosen.ok_or_else(missing)?;
        let regions = regions(azure, &place.subscription, tier).await?;
        let own = location_name(&place.location);
        if regions.iter().any(|(name, _)| *name == own) {
            return Ok(Self::New { name: value, sku });
        }
        let own = visible(&place.location);
        let said = format!("{sku} is not offered in {own} for Linux; choose another region or SKU");
        Err(refused(FailureKind::Invalid, said))
    }

    /// A line of a summary.
    pub(super) fn summary(&self, place: &Place) -> String {
        match self {
            Self::There { name, sku, location, .. } => format!(
                "runs on the plan {} ({}) in {}, which is there",
                visible(name),
                visible(sku),
                visible(&location_name(location))
            ),
            Self::New { name, sku } => {
                format!("creates the plan {name} ({sku}) in {}", visible(&place.location))
            }
        }
    }

    /// Where its apps are.
    pub(super) fn location<'p>(&'p self, place: &'p Place) -> &'p str {
        match self {
            Self::There { location, .. } => location,
            Self::New { .. } => &place.location,
        }
    }

    /// Makes it if it is new. Its id.
    ///
    /// # Errors
    /// As [`Thing::make`].
    pub(super) async fn prepare(
        &self,
        azure: &Azure,
        running: &Running<'_>,
        place: &Place,
        made: &mut Made,
    ) -> Result<String, Failure> {
        match self {
            Self::There { id, .. } => Ok(id.clone()),
            Self::New { name, sku } => {
                let thing = Thing::of(place, &thing::PLAN, name);
                let body = body(sku, &place.location);
                thing.make(azure, running, made, &body).await?;
                Ok(thing.id())
            }
        }
    }
}

fn body(sku: &str, location: &str) -> Value {
    json!({
        "kind": "linux",
        "location": location,
        "sku": { "name": sku, "capacity": 1 },
        "properties": { "reserved": true },
    })
}
