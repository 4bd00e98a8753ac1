//! How a platform gets the image: without a sign-in, with a credential that it keeps, or by an identity of its own.
//!
//! Source: "Configure a custom container for Azure App Service"; "Azure Container Apps image pull with managed identity".
//!
//! Invariant: a platform is handed only what lasts and what its registry takes; whether an image is public is not claimed.

use crate::domain::asked::Asked;
use crate::domain::extra::Choice;
use crate::domain::text::visible;
use crate::domain::{Credential, Failure, FailureKind, NodeKind, Reference, Secret};
use crate::http::{Method, is_loopback};
use crate::registry::Running;
use crate::registry::providers::azure::arm::{Found, REGISTRIES, Subscribed, segments};
use crate::registry::providers::azure::claims::Claims;
use crate::registry::providers::azure::operation::Call;
use crate::registry::providers::azure::{Azure, token};

use super::{image, refused};

const SIGNING_IN: &str = "reading the sign-in to hand on";

/// A sign-in with less time left is of no use to an app that fetches its image again whenever it starts.
const TOO_SHORT: i64 = 7 * 24 * 3600;

/// The names that vendors' tokens of a few hours go with: Amazon's, Google's, Azure's own.
const OF_TOKENS: [&str; 4] =
    ["AWS", "oauth2accesstoken", "_dcgcloud_token", "00000000-0000-0000-0000-000000000000"];

/// How the image is fetched.
pub(super) enum Fetch {
    /// Without a sign-in.
    Public,
    /// With what the connection of the image signs in with.
    Credential,
    /// With the admin user of this registry.
    Admin(Found),
    /// By the app's own identity, which gets the right to pull from this registry.
    Identity(Found),
}

/// A username and a password for a platform to keep.
pub(super) struct Login {
    pub(super) username: String,
    pub(super) password: Secret,
}

/// What can be chosen: for a registry of the account all of it.
///
/// # Errors
/// What the resource manager says.
pub(super) async fn choices(azure: &Azure, asked: &Asked) -> Result<Vec<Choice>, Failure> {
    let of_azure = [
        ("identity", "Managed identity", "its own, given AcrPull"),
        ("admin", "Admin user", "of the registry"),
    ];
    let of_all = [
        ("credential", "Registry credential", "of this connection"),
        ("public", "Public", "without a sign-in"),
    ];
    let is_own = managed(azure, asked, image::of(asked)?).await?.is_some();
    let choice = |(value, label, note): (&str, &str, &str)| Choice {
        value: value.to_owned(),
        label: label.to_owned(),
        note: note.to_owned(),
    };
    Ok(of_azure.into_iter().filter(|_| is_own).chain(of_all).map(choice).collect())
}

impl Fetch {
    /// As the form says.
    ///
    /// # Errors
    /// `Invalid` for what this registry does not have, and for an image that no platform can reach; what the resource
    /// manager says.
    pub(super) async fn of(azure: &Azure, asked: &Asked, by: &Subscribed) -> Result<Self, Failure> {
        let image = image::of(asked)?;
        let found = managed(azure, asked, image).await?;
        match (asked.value("fetch"), found) {
            (_, None) if is_loopback(&image.host) => Err(refused(
                FailureKind::Invalid,
                format!(
                    "Azure cannot reach {}, which is this machine; push the image to a registry first",
                    visible(&image.host)
                ),
            )),
            ("public", _) => Ok(Self::Public),
            ("credential", _) => Ok(Self::Credential),
            ("admin" | "identity", None) => Err(refused(
                FailureKind::Invalid,
                format!(
                    "{} is no registry of this account; choose “Registry credential” or “Public”",
                    visible(&image.host)
                ),
            )),
            ("admin", Some(found)) => by_admin(azure, found, image).await,
            ("identity", Some(found)) => by_identity(found, by, image),
            _ => Err(refused(FailureKind::Invalid, "choose how the image is fetched")),
        }
    }

    /// A line of a summary.
    pub(super) fn summary(&self, image: &Reference) -> String {
        let host = visible(&image.host);
        match self {
            Self::Public => {
                format!("fetches it from {host} without a sign-in, which a private image refuses")
            }
            Self::Credential => format!("hands the app this connection's sign-in to {host}, to keep"),
            Self::Admin(_) => format!("hands the app the admin user and password of {host}, to keep"),
            Self::Identity(_) => format!("gives the app an identity, and that the role AcrPull on {host}"),
        }
    }

    /// What the platform is to keep; nothing where it needs nothing.
    ///
    /// # Errors
    /// `Unsupported` for a sign-in that ends soon or is no password; what the registry or the resource manager says.
    pub(super) async fn login(
        &self,
        azure: &Azure,
        running: &Running<'_>,
        image: &Reference,
    ) -> Result<Option<Login>, Failure> {
        match self {
            Self::Public | Self::Identity(_) => Ok(None),
            Self::Credential => {
                running.stages.enter(SIGNING_IN);
                let credential = match running.sign_in.as_ref() {
                    Some(sign_in) => sign_in.credential().await?,
                    None => Credential::Anonymous,
                };
                lasting(credential, &image.host, token::now()).map(Some)
            }
            Self::Admin(found) => admin_login(azure, found).await.map(Some),
        }
    }
}

/// Where the registry of an image is managed, when it is one of this account.
async fn managed(azure: &Azure, asked: &Asked, image: &Reference) -> Result<Option<Found>, Failure> {
    let arm = &azure.arm;
    let subscription = asked.at.nearest(NodeKind::Namespace).filter(|_| asked.at.connection == asked.via);
    if let Some(subscription) = subscription {
        return arm.registry(subscription, &image.host).await.map(Some);
    }
    let known = arm.known_registry(&image.host);
    if known.is_some() || !arm.entra.cloud.serves(&image.host) {
        return Ok(known);
    }
    let mut failed = None;
    for tenant in arm.tenants().await? {
        for of in arm.subscriptions(&tenant).await.unwrap_or_else(|failure| {
            failed = Some(failure);
            Vec::new()
        }) {
            failed = arm.registries(&of).await.err().or(failed);
        }
    }
    match (arm.known_registry(&image.host), failed) {
        (None, Some(failure)) => Err(failure),
        (found, _) => Ok(found),
    }
}

async fn by_admin(azure: &Azure, found: Found, image: &Reference) -> Result<Fetch, Failure> {
    if azure.arm.properties(&found).await?.properties.admin_user_enabled == Some(true) {
        return Ok(Fetch::Admin(found));
    }
    Err(refused(
        FailureKind::Invalid,
        format!(
            "the admin user of {} is off; switch it on under “Access keys” in the portal, or choose the managed identity",
            visible(&image.host)
        ),
    ))
}

fn by_identity(found: Found, by: &Subscribed, image: &Reference) -> Result<Fetch, Failure> {
    let is_elsewhere = found.tenant.as_ref().zip(by.tenant.as_ref()).is_some_and(|(a, b)| a != b);
    if !is_elsewhere {
        return Ok(Fetch::Identity(found));
    }
    Err(refused(
        FailureKind::Invalid,
        format!(
            "{} is in another tenant than the subscription {}, and an identity has rights in its own alone; choose another way",
            visible(&image.host),
            visible(&by.name)
        ),
    ))
}

async fn admin_login(azure: &Azure, found: &Found) -> Result<Login, Failure> {
    #[derive(serde::Deserialize)]
    struct Answer {
        username: String,
        passwords: Vec<Password>,
    }
    #[derive(serde::Deserialize)]
    struct Password {
        value: String,
    }
    let doing = "asking for the admin user's password";
    let path: Vec<&str> = segments(&found.id).into_iter().chain(["listCredentials"]).collect();
    let call = Call {
        tenant: found.tenant.as_deref(),
        method: Method::POST,
        path: &path,
        version: REGISTRIES,
        body: None,
        doing,
        role: "Contributor of the registry",
    };
    let Answer { username, passwords } = azure.arm.read(&call).await?.json(doing)?;
    let none = || Failure::new(FailureKind::Invalid, doing, "the registry has none");
    let password = passwords.into_iter().find(|p| !p.value.is_empty()).ok_or_else(none)?;
    Ok(Login { username, password: Secret::new(password.value) })
}

/// A credential as something that an app can keep.
fn lasting(credential: Credential, host: &str, now: i64) -> Result<Login, Failure> {
    let host = visible(host);
    let useless = |said: String| Err(Failure::new(FailureKind::Unsupported, SIGNING_IN, said));
    let (username, password) = match credential {
        Credential::Basic { username, password } => (username, password),
        Credential::Anonymous => {
            return useless(format!(
                "the connection to {host} has no sign-in; choose “Public”, or edit the connection"
            ));
        }
        Credential::IdentityToken(_) | Credential::Bearer(_) => {
            return useless(format!(
                "{host} is signed in to with a token that no app can use; connect with a username and a password or an access token"
            ));
        }
    };
    let ends = Claims::of(password.expose()).exp.is_some_and(|exp| exp < now + TOO_SHORT);
    if ends || OF_TOKENS.contains(&username.as_str()) {
        return useless(format!(
            "{host} is signed in to with a token that ends within hours or days, and an app fetches its image again whenever it starts; connect with a credential that lasts, or copy the image to an Azure registry and choose the managed identity"
        ));
    }
    Ok(Login { username, password })
}

#[cfg(test)]
mod tests {
    use base64::Engine as _;
    use base64::prelude::BASE64_URL_SAFE_NO_PAD;

    use super::*;

    const NOW: i64 = 1_000_000;

    fn basic(username: &str, password: &str) -> Credential {
        Credential::Basic { username: username.to_owned(), password: Secret::new(password) }
    }

    fn jwt(exp: i64) -> String {
        format!("e30.{}.s", BASE64_URL_SAFE_NO_PAD.encode(format!(r#"{{"exp":{exp}}}"#)))
    }

    #[test]
    fn what_lasts_is_handed_on() {
        let year = jwt(NOW + 365 * 24 * 3600);
        for (username, password) in
            [("ann", "dckr_pat_1"), ("_json_key", "{}"), ("robot$ci", "s"), ("ann", &year)]
        {
            let login = lasting(basic(username, password), "ghcr.io", NOW).unwrap();
            assert_eq!((login.username.as_str(), login.password.expose()), (username, password));
        }
    }

    #[test]
    fn what_ends_soon_is_refused_and_never_told() {
        let hours = jwt(NOW + 3 * 3600);
        let tokens =
            [("AWS", "hunter2"), ("oauth2accesstoken", "hunter2"), (OF_TOKENS[3], &hours), ("a", &hours)];
        for (username, password) in tokens {
            let failure = lasting(basic(username, password), "1.dkr.ecr.example", NOW).err().unwrap();
            assert_eq!(failure.kind, FailureKind::Unsupported);
            assert!(failure.said.contains("1.dkr.ecr.example") && failure.said.contains("ends within hours"));
            assert!(!failure.to_string().contains(password), "{failure}");
        }
    }

    #[test]
    fn what_is_no_password_is_refused() {
        for (credential, said) in [
            (Credential::Anonymous, "has no sign-in"),
            (Credential::IdentityToken(Secret::new("hunter2")), "no app can use"),
            (Credential::Bearer(Secret::new("hunter2")), "no app can use"),
        ] {
            let failure = lasting(credential, "ghcr.io", NOW).err().unwrap();
            assert!(failure.said.contains(said) && !failure.said.contains("hunter2"), "{failure}");
        }
    }
}
