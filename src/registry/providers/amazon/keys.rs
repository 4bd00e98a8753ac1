//! The keys that requests are signed with: typed ones, or those that the AWS library finds as the AWS command line does.
//!
//! The order is that of the AWS SDKs: keys that were typed, else the profile that was chosen, else the environment, the
//! default profile (static keys, a role, single sign-on, a credential process), a web identity, the container, and the
//! machine's own role.
//!
//! Invariant: keys are held until five minutes before their end, and read again when AWS says that they are over.

use std::error::Error as _;
use std::sync::Arc;
use std::time::{Duration, SystemTime};

use aws_config::Region;
use aws_config::ecs::EcsCredentialsProvider;
use aws_config::imds::credentials::ImdsCredentialsProvider;
use aws_config::profile::ProfileFileCredentialsProvider;
use aws_config::provider_config::ProviderConfig;
use aws_config::web_identity_token::WebIdentityTokenCredentialsProvider;
use aws_credential_types::Credentials;
use aws_credential_types::provider::ProvideCredentials;
use aws_credential_types::provider::error::CredentialsError;
use tokio::sync::Mutex;

use super::profiles;
use crate::domain::text::visible;
use crate::domain::{Credential, Failure, FailureKind};
use crate::http::SignIn;
use crate::registry::{Opening, Surroundings};

const DOING: &str = "signing in to AWS";

/// How long before their end keys are renewed.
const MARGIN: Duration = Duration::from_secs(300);

/// Where the keys of one connection come from, and those that are held.
pub(super) struct Keys {
    source: Source,
    surroundings: Arc<dyn Surroundings>,
    held: Mutex<Option<Credentials>>,
}

enum Source {
    Typed(Arc<dyn SignIn>),
    Profile(String),
    Surroundings,
}

impl Keys {
    /// As the connection says. No I/O.
    pub(super) fn of(opening: &Opening) -> Self {
        let source = match opening.setting(super::PROFILE.id) {
            _ if !opening.connection.username.is_empty() => {
                Source::Typed(opening.sign_in.typed().unwrap_or_else(|| Arc::clone(&opening.sign_in)))
            }
            Some(profile) => Source::Profile(profile.to_owned()),
            None => Source::Surroundings,
        };
        Self { source, surroundings: Arc::clone(&opening.surroundings), held: Mutex::default() }
    }

    /// The profile that was chosen; nothing where it is left to the environment.
    pub(super) fn profile(&self) -> Option<&str> {
        match &self.source {
            Source::Profile(name) => Some(name),
            _ => None,
        }
    }

    /// The surroundings that the keys are found in.
    pub(super) fn surroundings(&self) -> &dyn Surroundings {
        self.surroundings.as_ref()
    }

    /// The keys, for requests to `region`.
    ///
    /// # Errors
    /// `Unauthorized` when there are none, with what to do.
    pub(super) async fn get(&self, region: &str) -> Result<Credentials, Failure> {
        let mut held = self.held.lock().await;
        if let Some(keys) = held.as_ref().filter(|k| is_good(k, SystemTime::now())) {
            return Ok(keys.clone());
        }
        let keys = self.load(region).await?;
        *held = Some(keys.clone());
        Ok(keys)
    }

    /// Reads the keys again, because AWS refused them; says whether they are others now.
    ///
    /// # Errors
    /// As [`get`](Self::get).
    pub(super) async fn renew(&self, region: &str) -> Result<bool, Failure> {
        let mut held = self.held.lock().await;
        let before = held.take();
        let now = self.load(region).await?;
        let is_other = before.is_none_or(|b| {
            (b.access_key_id(), b.session_token()) != (now.access_key_id(), now.session_token())
        });
        *held = Some(now);
        Ok(is_other)
    }

    async fn load(&self, region: &str) -> Result<Credentials, Failure> {
        match &self.source {
            Source::Typed(sign_in) => typed(sign_in.credential().await?),
            Source::Profile(name) => self.by_profile(name, region).await,
            Source::Surroundings => self.by_surroundings(region).await,
        }
    }

    async fn by_profile(&self, name: &str, region: &str) -> Result<Credentials, Failure> {
        let surroundings = self.surroundings.as_ref();
        let known = profiles::read(surroundings, Some(name)).await?;
        if known.get_profile(name).is_none() {
            return Err(unknown_profile(name, &profiles::names(&known)));
        }
        let provider = ProfileFileCredentialsProvider::builder()
            .configure(&config(region))
            .profile_files(profiles::files(surroundings).await?)
            .profile_name(name)
            .build();
        provider.provide_credentials().await.map_err(|error| explain(&error, Some(name)))
    }

    async fn by_surroundings(&self, region: &str) -> Result<Credentials, Failure> {
        let variable = |name| self.surroundings.variable(name);
        if let (Some(id), Some(secret)) = (variable("AWS_ACCESS_KEY_ID"), variable("AWS_SECRET_ACCESS_KEY")) {
            return Ok(Credentials::new(id, secret, variable("AWS_SESSION_TOKEN"), None, "environment"));
        }
        let known = profiles::read(self.surroundings.as_ref(), None).await?;
        let name = profiles::name(self.surroundings.as_ref(), None);
        if variable("AWS_PROFILE").is_some() || known.get_profile(&name).is_some() {
            return self.by_profile(&name, region).await;
        }
        let config = config(region);
        if variable("AWS_WEB_IDENTITY_TOKEN_FILE").is_some() {
            let provider = WebIdentityTokenCredentialsProvider::builder().configure(&config).build();
            return provider.provide_credentials().await.map_err(|error| explain(&error, None));
        }
        let in_container = ["AWS_CONTAINER_CREDENTIALS_RELATIVE_URI", "AWS_CONTAINER_CREDENTIALS_FULL_URI"];
        if in_container.into_iter().any(|name| variable(name).is_some()) {
            let provider = EcsCredentialsProvider::builder().configure(&config).build();
            return provider.provide_credentials().await.map_err(|error| explain(&error, None));
        }
        if variable("AWS_EC2_METADATA_DISABLED").is_some_and(|v| v.eq_ignore_ascii_case("true")) {
            return Err(none_found());
        }
        let provider = ImdsCredentialsProvider::builder().configure(&config).build();
        provider.provide_credentials().await.map_err(|_| none_found())
    }
}

fn config(region: &str) -> ProviderConfig {
    ProviderConfig::without_region().with_region(Some(Region::new(region.to_owned())))
}

fn is_good(keys: &Credentials, now: SystemTime) -> bool {
    keys.expiry().is_none_or(|end| now + MARGIN < end)
}

/// Keys as they are typed: the secret, and after a space the session token of temporary ones.
fn typed(credential: Credential) -> Result<Credentials, Failure> {
    let refused = |said: &str| Err(Failure::new(FailureKind::Unauthorized, DOING, said));
    let Credential::Basic { username, password } = credential else {
        return refused("the secret access key is not known any more; type it again");
    };
    let mut parts = password.expose().split_whitespace();
    match (parts.next(), parts.next(), parts.next()) {
        (Some(secret), session, None) => {
            let session = session.map(str::to_owned);
            Ok(Credentials::new(username, secret, session, None, "connection"))
        }
        (None, ..) => refused("the secret access key is empty"),
        _ => refused("a secret access key and a session token have one space between them and none inside"),
    }
}

fn unknown_profile(name: &str, known: &[String]) -> Failure {
    let there = match known {
        [] => "no profile is set up on this machine; “aws configure” makes one".to_owned(),
        known => format!("there are {}", known.join(", ")),
    };
    let said = format!("there is no profile “{}” in ~/.aws/config; {there}", visible(name));
    Failure::new(FailureKind::Invalid, DOING, said)
}

fn none_found() -> Failure {
    let said =
        "no AWS keys were found: name a profile or type keys, or set AWS_PROFILE, or run “aws configure”";
    Failure::new(FailureKind::Unauthorized, DOING, said)
}

/// What the AWS library could not do, with the next step.
fn explain(error: &CredentialsError, profile: Option<&str>) -> Failure {
    let text = visible(&profiles::causes(error)).into_owned();
    let lower = text.to_lowercase();
    let (kind, said) = match error {
        CredentialsError::ProviderTimedOut(_) => (FailureKind::Timeout, text),
        CredentialsError::InvalidConfiguration(_) => (FailureKind::Invalid, text),
        CredentialsError::CredentialsNotLoaded(_) if error.source().is_none() => {
            (FailureKind::Unauthorized, no_keys(profile))
        }
        _ if lower.contains("sso") || lower.contains("token") => {
            let login = login(profile);
            (
                FailureKind::Unauthorized,
                format!("the session is over or was never begun; sign in again: {login} ({text})"),
            )
        }
        _ => (FailureKind::Unauthorized, text),
    };
    Failure::new(kind, DOING, said)
}

fn no_keys(profile: Option<&str>) -> String {
    match profile.map(visible) {
        Some(name) => format!("the profile “{name}” has no keys; “aws configure --profile {name}” adds them"),
        None => "there are no keys".to_owned(),
    }
}

/// The command that begins a session anew.
pub(super) fn login(profile: Option<&str>) -> String {
    match profile {
        Some(name) => format!("aws sso login --profile {}", visible(name)),
        None => "aws sso login".to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::Secret;

    fn of(password: &str) -> Result<Credentials, Failure> {
        typed(Credential::Basic { username: "AKIAEXAMPLE".to_owned(), password: Secret::new(password) })
    }

    #[test]
    fn a_session_token_follows_the_secret() {
        let keys = of("secret").unwrap();
        assert_eq!((keys.secret_access_key(), keys.session_token()), ("secret", None));
        let keys = of(" secret  session \n").unwrap();
        assert_eq!((keys.secret_access_key(), keys.session_token()), ("secret", Some("session")));
        assert!(of("a b c").unwrap_err().said.contains("one space"));
        assert!(of("").unwrap_err().said.contains("empty"));
        assert!(typed(Credential::Anonymous).unwrap_err().said.contains("type it again"));
    }

    #[test]
    fn keys_are_renewed_before_their_end() {
        let now = SystemTime::UNIX_EPOCH + Duration::from_secs(1_000_000);
        let ending = |after| Credentials::new("a", "b", None, Some(now + Duration::from_secs(after)), "test");
        assert!(is_good(&ending(301), now));
        assert!(!is_good(&ending(300), now));
        assert!(is_good(&Credentials::new("a", "b", None, None, "test"), now));
    }

    #[test]
    fn a_session_that_is_over_names_the_command() {
        let failure = explain(&CredentialsError::provider_error("the SSO token has expired"), Some("work"));
        assert_eq!(failure.kind, FailureKind::Unauthorized);
        assert!(failure.said.contains("aws sso login --profile work"), "{failure}");
    }
}
