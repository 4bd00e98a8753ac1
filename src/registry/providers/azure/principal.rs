//! An application that signs in for itself: its client ID, and the secret or certificate that proves it.
//!
//! Source: "EnvironmentCredential" of the Azure SDKs, for the names of the variables and which of them comes first.
//!
//! Invariant: what was typed comes before what the environment names, and the environment's secret goes with the
//! environment's client ID alone.

use super::assertion::Certificate;
use super::token::{SIGNING_IN, now};
use crate::domain::text::visible;
use crate::domain::{Credential, Failure, FailureKind, Secret};
use crate::http::SignIn;
use crate::registry::{Opening, Surroundings};

/// The field with the certificate's path.
pub(super) const CERTIFICATE: &str = "certificate";

const CLIENT_ID: &str = "AZURE_CLIENT_ID";
const JWT: &str = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer";
const LACKS: &str = "a service principal needs its client ID, and its secret or certificate; type them, or set AZURE_CLIENT_ID and AZURE_CLIENT_SECRET or AZURE_CLIENT_CERTIFICATE_PATH";

/// An application.
pub(super) struct Principal {
    pub(super) client: String,
    proof: Proof,
}

/// What proves who it is.
enum Proof {
    Secret(Secret),
    /// The path of a PEM file.
    Certificate(String),
}

impl Principal {
    /// The one that was typed, else that of the environment. `shown` is what Microsoft may be shown of what was typed.
    ///
    /// # Errors
    /// `Unauthorized` when something of it is missing; what the store of secrets may say.
    pub(super) async fn of(opening: &Opening, shown: &dyn SignIn) -> Result<Self, Failure> {
        let lacks = || Failure::new(FailureKind::Unauthorized, SIGNING_IN, LACKS);
        let (typed, named) = (shown.credential().await?, opening.surroundings.variable(CLIENT_ID));
        let known = || Some(opening.connection.username.clone()).filter(|client| !client.is_empty());
        let client = typed.username().map(str::to_owned).or_else(known).or_else(|| named.clone());
        let client = client.ok_or_else(lacks)?;
        let proof = match (opening.setting(CERTIFICATE), typed) {
            (Some(path), _) => Some(Proof::Certificate(path.to_owned())),
            (None, Credential::Basic { password, .. }) => Some(Proof::Secret(password)),
            (None, _) if named.as_ref() == Some(&client) => Proof::of_environment(&*opening.surroundings),
            (None, _) => None,
        };
        Ok(Self { client, proof: proof.ok_or_else(lacks)? })
    }

    /// The one that the environment names, where it names all of it.
    pub(super) fn of_environment(surroundings: &dyn Surroundings) -> Option<Self> {
        let client = surroundings.variable(CLIENT_ID)?;
        Some(Self { client, proof: Proof::of_environment(surroundings)? })
    }

    /// The fields by which the token endpoint at `audience` knows it.
    ///
    /// # Errors
    /// `Io` when the certificate cannot be read; `Invalid` when it cannot be used, with what to do.
    pub(super) async fn fields(
        &self,
        surroundings: &dyn Surroundings,
        audience: &str,
    ) -> Result<Vec<(&'static str, Secret)>, Failure> {
        let path = match &self.proof {
            Proof::Secret(secret) => return Ok(vec![("client_secret", secret.clone())]),
            Proof::Certificate(path) => path,
        };
        let doing = format!("reading the certificate {}", visible(path));
        let pem = tokio::fs::read(surroundings.path(path)).await.map_err(|e| Failure::io(&doing, &e))?;
        let signed = Certificate::read(&pem).and_then(|own| own.assertion(&self.client, audience, now()));
        let assertion = signed.map_err(|said| Failure::new(FailureKind::Invalid, &doing, said))?;
        Ok(vec![("client_assertion_type", Secret::new(JWT)), ("client_assertion", assertion)])
    }
}

impl Proof {
    fn of_environment(surroundings: &dyn Surroundings) -> Option<Self> {
        let secret = surroundings.variable("AZURE_CLIENT_SECRET").map(|s| Self::Secret(Secret::new(s)));
        secret.or_else(|| surroundings.variable("AZURE_CLIENT_CERTIFICATE_PATH").map(Self::Certificate))
    }
}

/// The authority that the environment names for its own service principal; what the connection says comes before it. It
/// may lack the scheme, as in the Azure SDK for Python.
pub(super) fn authority(opening: &Opening) -> Option<String> {
    let is_said = opening.setting("cloud").or(opening.setting("authority")).is_some();
    if is_said || !opening.connection.username.is_empty() {
        return None;
    }
    let named = opening.surroundings.variable("AZURE_AUTHORITY_HOST")?;
    let whole = if named.contains("://") { named } else { format!("https://{named}") };
    Some(whole.trim_end_matches('/').to_owned())
}
