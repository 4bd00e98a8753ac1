//! Environments of container apps: where they run, and what that costs.
//!
//! Source: `azure/arm-app-managedenvironments.json` of Microsoft's own descriptions; "Workload profiles in Azure Container
//! Apps".
//!
//! Invariant: a new environment has the profile that is billed by use, and at most one more.

use serde::Deserialize;
use serde_json::{Value, json};

use super::thing::{self, Thing};
use super::{choice, location_name, names, refused};
use crate::domain::asked::Asked;
use crate::domain::extra::{Choice, Choices, ExtraField, When};
use crate::domain::form::Field;
use crate::domain::text::visible;
use crate::domain::{Failure, FailureKind};
use crate::registry::Running;
use crate::registry::providers::azure::Azure;
use crate::registry::providers::azure::arm::Subscribed;
use crate::registry::providers::azure::offers::place::{self, LOCATION, Made, Place, TEXT};

pub(super) const ENVIRONMENT: ExtraField = ExtraField {
    field: Field {
        id: "environment",
        label: "Environment",
        example: "an existing one, or a new name",
        ..TEXT
    },
    choices: Choices::ListedOrNew,
    after: &["subscription", "group"],
    checked: true,
    when: When::Always,
};

pub(super) const PROFILE: ExtraField = ExtraField {
    field: Field { id: "profile", label: "Workload profile", ..TEXT },
    choices: Choices::Listed,
    after: &[],
    checked: false,
    when: When::New("environment"),
};

/// Where group, environment and app are put: an environment that is there decides.
pub(super) const AT: ExtraField = ExtraField { after: &["subscription", "group", "environment"], ..LOCATION };

const BY_USE: &str = "Consumption";

/// The profiles, and what they mean.
const PROFILES: [(&str, &str); 7] = [
    (BY_USE, "billed by use, nothing while idle"),
    ("D4", "4 cores, 16 GiB, one node always billed"),
    ("D8", "8 cores, 32 GiB, one node always billed"),
    ("D16", "16 cores, 64 GiB, one node always billed"),
    ("E4", "4 cores, 32 GiB, one node always billed"),
    ("E8", "8 cores, 64 GiB, one node always billed"),
    ("E16", "16 cores, 128 GiB, one node always billed"),
];

/// An environment as a resource.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(default)]
struct Environment {
    id: String,
    name: String,
    location: String,
    properties: Properties,
}

#[derive(Debug, Clone, Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
struct Properties {
    provisioning_state: Option<String>,
    workload_profiles: Option<Vec<Profile>>,
    vnet_configuration: Option<Network>,
}

#[derive(Debug, Clone, Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
struct Profile {
    name: String,
    workload_profile_type: String,
}

#[derive(Debug, Clone, Default, Deserialize)]
#[serde(default)]
struct Network {
    internal: Option<bool>,
}

impl Environment {
    fn is_internal(&self) -> bool {
        self.properties.vnet_configuration.as_ref().is_some_and(|net| net.internal == Some(true))
    }

    /// The profile that an app runs on: that which is billed by use, else the first; nothing where there are none.
    fn profile(&self) -> Option<&str> {
        let all = self.properties.workload_profiles.as_deref().unwrap_or_default();
        let by_use = all.iter().find(|p| p.workload_profile_type.eq_ignore_ascii_case(BY_USE));
        by_use.or_else(|| all.first()).map(|p| p.name.as_str()).filter(|name| !name.is_empty())
    }

    fn choice(&self) -> Choice {
        let state = self.properties.provisioning_state.as_deref().filter(|s| *s != "Succeeded");
        let location = location_name(&self.location);
        let reach = self.is_internal().then_some("reached from its network alone");
        let note: Vec<&str> = [Some(location.as_str()), reach, state].into_iter().flatten().collect();
        choice(&self.id, &self.name, &note.join(" · "))
    }
}

/// The environments of a subscription.
async fn environments(azure: &Azure, of: &Subscribed) -> Result<Vec<Environment>, Failure> {
    let doing = format!("listing the environments of {}", visible(&of.name));
    let path = ["subscriptions", &of.id, "providers", "Microsoft.App", "managedEnvironments"];
    let version = thing::ENVIRONMENT.version;
    let mut all: Vec<Environment> = azure.arm.list(of.tenant.as_deref(), &path, version, &doing).await?;
    all.retain(|environment| !environment.id.is_empty());
    all.sort_by_cached_key(|environment| environment.name.to_lowercase());
    Ok(all)
}

/// The choices of environment, profile and location.
///
/// # Errors
/// What the resource manager says.
pub(super) async fn choices(azure: &Azure, asked: &Asked, field: &str) -> Result<Vec<Choice>, Failure> {
    if field == "profile" {
        return Ok(PROFILES.map(|(name, note)| choice(name, name, note)).to_vec());
    }
    let of = match asked.value("subscription") {
        "" => return Ok(Vec::new()),
        id => azure.arm.subscription(id).await?,
    };
    if field == "environment" {
        return Ok(environments(azure, &of).await?.iter().map(Environment::choice).collect());
    }
    match there(azure, &of, asked.value("environment")).await? {
        Some(found) => {
            let name = location_name(&found.location);
            Ok(vec![choice(&name, &found.location, "where the environment is")])
        }
        None => place::choices(azure, asked, "location").await,
    }
}

/// The environment that a value stands for: nothing when it is the name of a new one.
async fn there(azure: &Azure, of: &Subscribed, value: &str) -> Result<Option<Environment>, Failure> {
    if !value.starts_with('/') {
        return Ok(None);
    }
    let found = environments(azure, of).await?.into_iter().find(|environment| environment.id == value);
    let gone = || refused(FailureKind::NotFound, "the environment is not there any more");
    found.map(Some).ok_or_else(gone)
}

/// Whether what was typed can be an environment.
///
/// # Errors
/// `Invalid` for a name that no environment can have; `Conflict` for one that is taken.
pub(super) async fn check(azure: &Azure, asked: &Asked) -> Result<(), Failure> {
    let name = asked.value("environment");
    if name.starts_with('/') {
        return Ok(());
    }
    names::ENVIRONMENT.check(name)?;
    match (asked.value("subscription"), asked.value("group")) {
        ("", _) | (_, "") => Ok(()),
        (id, group) => {
            let of = azure.arm.subscription(id).await?;
            Thing::within(&of, group, &thing::ENVIRONMENT, name).check_free(azure).await
        }
    }
}

/// Where an app runs: the environment's id, its location, and a profile of it.
pub(super) struct Home {
    pub(super) id: String,
    pub(super) location: String,
    pub(super) profile: Option<String>,
}

/// The environment that a form asks for.
pub(super) enum Wanted<'a> {
    /// One that is there.
    There { home: Home, name: String, is_internal: bool },
    /// A new one.
    New { name: &'a str, profile: &'static str },
}

impl<'a> Wanted<'a> {
    /// As the form says.
    ///
    /// # Errors
    /// `Invalid` for a field that is empty or cannot be so; `Conflict` for a name that is taken.
    pub(super) async fn of(azure: &Azure, asked: &'a Asked, place: &Place) -> Result<Self, Failure> {
        let value = asked.value("environment");
        if let Some(found) = there(azure, &place.subscription, value).await? {
            let (is_internal, profile) = (found.is_internal(), found.profile().map(str::to_owned));
            let home = Home { id: found.id, location: found.location, profile };
            return Ok(Self::There { home, name: found.name, is_internal });
        }
        check(azure, asked).await?;
        let chosen = PROFILES.iter().find(|(name, _)| *name == asked.value("profile"));
        let missing = || refused(FailureKind::Invalid, "choose the workload profile of the new environment");
        let (profile, _) = *chosen.ok_or_else(missing)?;
        Ok(Self::New { name: value, profile })
    }

    /// Lines of a summary.
    pub(super) fn summary(&self, place: &Place) -> Vec<String> {
        match self {
            Self::There { name, home, is_internal } => {
                let location = location_name(&home.location);
                let there = format!(
                    "runs in the environment {} in {}, which is there",
                    visible(name),
                    visible(&location)
                );
                let reach =
                    is_internal.then(|| "is reached from the environment's own network alone".to_owned());
                [Some(there), reach].into_iter().flatten().collect()
            }
            Self::New { name, profile } => {
                let location = visible(&place.location);
                vec![format!("creates the environment {name} ({profile}) in {location}, which keeps no logs")]
            }
        }
    }

    /// Where its apps are.
    pub(super) fn location<'p>(&'p self, place: &'p Place) -> &'p str {
        match self {
            Self::There { home, .. } => &home.location,
            Self::New { .. } => &place.location,
        }
    }

    /// Makes it if it is new.
    ///
    /// # Errors
    /// As [`Thing::make`].
    pub(super) async fn prepare(
        self,
        azure: &Azure,
        running: &Running<'_>,
        place: &Place,
        made: &mut Made,
    ) -> Result<Home, Failure> {
        match self {
            Self::There { home, .. } => Ok(home),
            Self::New { name, profile } => {
                let thing = Thing::of(place, &thing::ENVIRONMENT, name);
                let body = body(profile, &place.location);
                thing.make(azure, running, made, &body).await?;
                let profile = Some(profile.to_owned());
                Ok(Home { id: thing.id(), location: place.location.clone(), profile })
            }
        }
    }
}

fn body(profile: &str, location: &str) -> Value {
    let by_use = json!({ "name": BY_USE, "workloadProfileType": BY_USE });
    let profiles = match profile {
        BY_USE => vec![by_use],
        own => {
            let own =
                json!({ "name": own, "workloadProfileType": own, "minimumCount": 1, "maximumCount": 1 });
            vec![by_use, own]
        }
    };
    json!({ "location": location, "properties": { "workloadProfiles": profiles } })
}
