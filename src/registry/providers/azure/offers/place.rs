//! Where something new is put: the fields for subscription, resource group and location, what they hold, and what was made.
//!
//! Source: "Naming rules and restrictions for Azure resources".
//!
//! Invariant: a resource group that is there is used as it is, never changed.

use crate::domain::asked::Asked;
use crate::domain::extra::{Choice, Choices, ExtraField, When};
use crate::domain::form::{Field, FieldKind};
use crate::domain::text::visible;
use crate::domain::{Failure, FailureKind, Locator, NodeKind};
use crate::registry::Running;
use crate::registry::providers::azure::Azure;
use crate::registry::providers::azure::arm::Subscribed;
use crate::registry::providers::azure::wire::{Group, Location};

const LISTED: ExtraField =
    ExtraField { field: TEXT, choices: Choices::Listed, after: &[], checked: false, when: When::Always };

/// The subscription: that of the node, else one of the account's.
pub(super) const SUBSCRIPTION: ExtraField =
    ExtraField { field: Field { id: "subscription", label: "Subscription", ..TEXT }, ..LISTED };

/// A field of text that has to be filled in.
pub(super) const TEXT: Field =
    Field { id: "", label: "", kind: FieldKind::Text, example: "", optional: false, advanced: false };

/// The resource group: one that is there, or a new one by its name.
pub(super) const GROUP: ExtraField = ExtraField {
    field: Field { id: "group", label: "Resource group", example: "an existing one, or a new name", ..TEXT },
    choices: Choices::ListedOrNew,
    after: &["subscription"],
    checked: true,
    ..LISTED
};

/// The location: that of the resource group stands first.
pub(super) const LOCATION: ExtraField = ExtraField {
    field: Field { id: "location", label: "Location", ..TEXT },
    after: &["subscription", "group"],
    ..LISTED
};

const CHECKING: &str = "checking the form";

/// The choices of the fields above; none for any other.
///
/// # Errors
/// What the resource manager says.
pub(super) async fn choices(azure: &Azure, asked: &Asked, field: &str) -> Result<Vec<Choice>, Failure> {
    match field {
        "subscription" => subscriptions(azure, asked).await,
        "group" => groups(azure, asked).await,
        "location" => locations(azure, asked).await,
        _ => Ok(Vec::new()),
    }
}

/// Whether what was typed into one of the fields above can stay so.
///
/// # Errors
/// `Invalid` for a name that no resource group can have.
pub(super) fn check(asked: &Asked, field: &str) -> Result<(), Failure> {
    if field == "group" { check_group(asked.value("group")) } else { Ok(()) }
}

/// The lists that are others now that a registry has come to `subscription` or gone from it: the connection's tells of
/// each subscription how many it has, and sets those aside that have none.
pub(super) fn lists_above(subscription: &Locator) -> Vec<Locator> {
    vec![Locator::root(subscription.connection.clone()), subscription.clone()]
}

async fn subscriptions(azure: &Azure, asked: &Asked) -> Result<Vec<Choice>, Failure> {
    if let Some(own) = own_subscription(asked) {
        return Ok(vec![choice_of(&azure.arm.subscription(own).await?)]);
    }
    let tenants = azure.arm.tenants().await?;
    let asking: Vec<_> = tenants.iter().map(|tenant| azure.arm.subscriptions(tenant)).collect();
    let (mut found, mut failed) = (Vec::<Subscribed>::new(), None);
    for answer in futures_util::future::join_all(asking).await {
        match answer {
            Ok(more) => found.extend(more),
            Err(failure) => failed = Some(failure),
        }
    }
    found.sort_by_cached_key(|s| (s.name.to_lowercase(), s.id.clone()));
    found.dedup_by(|a, b| a.id == b.id);
    match failed {
        Some(failure) if found.is_empty() => Err(failure),
        None if found.is_empty() => {
            let said = "the account has no subscription; one is made in the portal";
            Err(Failure::new(FailureKind::NotFound, "listing the subscriptions", said))
        }
        _ => Ok(found.iter().map(choice_of).collect()),
    }
}

/// The subscription that the node is or lies in, when it is one of this account.
fn own_subscription(asked: &Asked) -> Option<&str> {
    asked.at.nearest(NodeKind::Namespace).filter(|_| asked.at.connection == asked.via)
}

fn choice_of(of: &Subscribed) -> Choice {
    let state = of.state.as_deref().filter(|s| !s.eq_ignore_ascii_case("enabled"));
    let note = [Some(of.tenant_title.as_str()), state].into_iter().flatten().collect::<Vec<_>>().join(" · ");
    Choice { value: of.id.clone(), label: visible(&of.name).into_owned(), note: visible(&note).into_owned() }
}

async fn groups(azure: &Azure, asked: &Asked) -> Result<Vec<Choice>, Failure> {
    let Some(of) = chosen_subscription(azure, asked).await? else { return Ok(Vec::new()) };
    let choice = |group: &Group| Choice {
        value: group.name.clone(),
        label: visible(&group.name).into_owned(),
        note: visible(&group.location).into_owned(),
    };
    Ok(azure.arm.groups(&of).await?.iter().map(choice).collect())
}

async fn locations(azure: &Azure, asked: &Asked) -> Result<Vec<Choice>, Failure> {
    let Some(of) = chosen_subscription(azure, asked).await? else { return Ok(Vec::new()) };
    let (groups, all) = tokio::join!(azure.arm.groups(&of), azure.arm.locations(&of));
    let own = groups?.into_iter().find(|g| g.name.eq_ignore_ascii_case(asked.value("group")));
    let mut all = all?;
    if let Some(own) = own {
        all.sort_by_key(|location| location.name != own.location);
    }
    let choice = |location: &Location| Choice {
        value: location.name.clone(),
        label: visible(location.title()).into_owned(),
        note: visible(&location.name).into_owned(),
    };
    Ok(all.iter().map(choice).collect())
}

async fn chosen_subscription(azure: &Azure, asked: &Asked) -> Result<Option<Subscribed>, Failure> {
    match asked.value("subscription") {
        "" => Ok(None),
        id => azure.arm.subscription(id).await.map(Some),
    }
}

/// What a resource group may be called.
fn check_group(name: &str) -> Result<(), Failure> {
    let refused = |said: &str| Err(Failure::new(FailureKind::Invalid, CHECKING, said));
    match name {
        "" => refused("a resource group needs a name"),
        name if name.chars().count() > 90 => refused("a resource group's name has at most 90 characters"),
        name if !name.chars().all(|c| c.is_alphanumeric() || "_-.()".contains(c)) => {
            refused("a resource group's name has letters, digits, and _ - . ( ) alone")
        }
        name if name.ends_with('.') => refused("a resource group's name does not end with a full stop"),
        _ => Ok(()),
    }
}

/// Where something new is put, as it was filled in.
pub(super) struct Place {
    pub(super) subscription: Subscribed,
    pub(super) group: String,
    is_new_group: bool,
    pub(super) location: String,
}

impl Place {
    /// As the form says.
    ///
    /// # Errors
    /// `Invalid` for a field that is empty or cannot be so; what the resource manager says.
    pub(super) async fn of(azure: &Azure, asked: &Asked) -> Result<Self, Failure> {
        let subscription = chosen_subscription(azure, asked).await?.ok_or_else(|| missing("subscription"))?;
        let (group, location) = (asked.value("group"), asked.value("location"));
        check_group(group)?;
        if location.is_empty() {
            return Err(missing("location"));
        }
        let there = azure.arm.groups(&subscription).await?;
        let there = there.into_iter().find(|g| g.name.eq_ignore_ascii_case(group));
        Ok(Self {
            subscription,
            is_new_group: there.is_none(),
            group: there.map_or_else(|| group.to_owned(), |g| g.name),
            location: location.to_owned(),
        })
    }

    /// The lines of a summary: the resource group, new or there, and the subscription that pays.
    pub(super) fn summary(&self) -> Vec<String> {
        let group = visible(&self.group);
        let group = match self.is_new_group {
            true => format!("creates the resource group {group} in {}", visible(&self.location)),
            false => format!("uses the resource group {group}, which is there"),
        };
        vec![group, format!("in the subscription {}", visible(&self.subscription.name))]
    }

    /// Makes the resource group if it is new, and notes it.
    ///
    /// # Errors
    /// What the resource manager says.
    pub(super) async fn prepare(
        &self,
        azure: &Azure,
        running: &Running<'_>,
        made: &mut Made,
    ) -> Result<(), Failure> {
        if self.is_new_group {
            azure.arm.make_group(&self.subscription, &self.group, &self.location, running).await?;
            made.note(format!("the resource group {}", visible(&self.group)));
        }
        Ok(())
    }
}

fn missing(what: &str) -> Failure {
    Failure::new(FailureKind::Invalid, CHECKING, format!("choose a {what}"))
}

/// What was made so far, so that nothing is left half-made without being told.
#[derive(Debug, Default)]
pub(super) struct Made(Vec<String>);

impl Made {
    /// Something is there now.
    pub(super) fn note(&mut self, what: String) {
        self.0.push(what);
    }

    /// All of it, in the order in which it was made.
    pub(super) fn list(&self) -> String {
        self.0.join(", ")
    }

    /// A failure that says what was made until then.
    pub(super) fn told(&self, failure: Failure) -> Failure {
        if self.0.is_empty() {
            return failure;
        }
        let said = format!("{}; made until then, and left there: {}", failure.said, self.list());
        Failure { said, ..failure }
    }
}
