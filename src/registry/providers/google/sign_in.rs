//! The ways to sign in: gcloud's own sign-in, a service account's key, an access token, or nothing.
//!
//! Invariant: the API is shown a bearer token, a registry a username and password; a token that was refused is asked for
//! anew, so one that runs out after an hour is renewed without a word.
//! Source of the names `oauth2accesstoken` and `_json_key`: Artifact Registry, "Configure authentication for Docker".

use std::sync::Arc;

use async_trait::async_trait;
use base64::Engine as _;
use tokio::sync::Mutex;

use super::key::Key;
use crate::domain::{Credential, Failure, FailureKind, Secret};
use crate::http::SignIn;
use crate::registry::opening::{Opening, Surroundings};

/// The name that an access token goes with.
pub(super) const TOKEN_USER: &str = "oauth2accesstoken";
/// The names that Google's credential helpers give to an access token.
const HELPERS: [&str; 3] = [TOKEN_USER, "_dcgcloud_token", "_token"];
/// The name that a key goes with, as it is and in base64.
const KEY_USER: &str = "_json_key";
const KEY_USER_BASE64: &str = "_json_key_base64";

/// The choices of the form.
pub(super) const CHOICES: &[&str] = &[GCLOUD, KEY_FILE, TOKEN, NOBODY];
/// What `gcloud auth login` keeps.
pub(super) const GCLOUD: &str = "gcloud";
const KEY_FILE: &str = "key file";
const TOKEN: &str = "access token";
const NOBODY: &str = "none";

/// Where the sign-in comes from.
enum Source {
    Gcloud,
    KeyFile(String),
    /// What was typed, or what Docker and Podman stored.
    Kept,
    Nobody,
}

/// The sign-in of a connection.
pub(super) struct SignIns {
    source: Source,
    surroundings: Arc<dyn Surroundings>,
    /// The token that gcloud printed last.
    recent: Mutex<Option<Secret>>,
}

impl SignIns {
    pub(super) fn of(opening: &Opening) -> Arc<Self> {
        let source = match opening.setting("sign_in") {
            Some(GCLOUD) => Source::Gcloud,
            Some(KEY_FILE) => Source::KeyFile(opening.setting("key_file").unwrap_or_default().to_owned()),
            Some(NOBODY) => Source::Nobody,
            _ => Source::Kept,
        };
        Arc::new(Self { source, surroundings: Arc::clone(&opening.surroundings), recent: Mutex::default() })
    }

    /// What an API is shown; `kept` is what of the typed or stored sign-in may be.
    pub(super) fn for_api(self: &Arc<Self>, kept: Arc<dyn SignIn>) -> Arc<dyn SignIn> {
        Arc::new(ForApi { of: Arc::clone(self), kept, shown: Mutex::default() })
    }

    /// What a registry is shown; `kept` is what of the typed or stored sign-in may be.
    pub(super) fn for_registry(self: &Arc<Self>, kept: Arc<dyn SignIn>) -> Arc<dyn SignIn> {
        Arc::new(ForRegistry { of: Arc::clone(self), kept, shown: Mutex::default() })
    }

    /// The account's name, where the sign-in tells it.
    pub(super) async fn account(&self) -> Option<String> {
        match &self.source {
            Source::Gcloud => self.configured("core/account").await,
            Source::KeyFile(path) => Some(self.key(path).await.ok()?.email()?.to_owned()),
            Source::Kept | Source::Nobody => None,
        }
    }

    /// The project that the sign-in is set to, or belongs to.
    pub(super) async fn project(&self) -> Option<String> {
        match &self.source {
            Source::Gcloud => self.configured("core/project").await,
            Source::KeyFile(path) => Some(self.key(path).await.ok()?.project()?.to_owned()),
            Source::Kept | Source::Nobody => None,
        }
    }

    /// Whether there is none, by choice.
    pub(super) fn is_nobody(&self) -> bool {
        matches!(self.source, Source::Nobody)
    }

    /// What a person does about a sign-in that is refused.
    pub(super) fn remedy(&self) -> &'static str {
        match self.source {
            Source::Gcloud => "sign in anew with “gcloud auth login”",
            Source::KeyFile(_) => "the key may have been deleted or its account disabled",
            Source::Kept => {
                "an access token lives for an hour; “gcloud auth print-access-token” prints another, and the sign-in “gcloud” renews it by itself"
            }
            Source::Nobody => "choose a sign-in with “Edit connection…”",
        }
    }

    async fn configured(&self, what: &str) -> Option<String> {
        let said = self.surroundings.ask("gcloud", &["config", "get-value", what]).await.ok()??;
        Some(said.expose().to_owned()).filter(|text| text != "(unset)")
    }

    async fn key(&self, path: &str) -> Result<Key, Failure> {
        let doing = format!("reading the key file {path}");
        if path.is_empty() {
            return Err(Failure::new(FailureKind::Invalid, "signing in to Google", "no key file is named"));
        }
        let text = tokio::fs::read_to_string(self.surroundings.path(path))
            .await
            .map_err(|e| Failure::io(&doing, &e))?;
        Key::read(Secret::new(text), &doing)
    }

    /// gcloud's token. One answer serves the API and all registries; who was shown it already and asks again was refused
    /// with it, and gets another.
    async fn token_of_gcloud(&self, shown: &Mutex<Option<Secret>>) -> Result<Secret, Failure> {
        let (mut recent, mut shown) = (self.recent.lock().await, shown.lock().await);
        let token = match recent.as_ref().filter(|token| shown.as_ref() != Some(*token)) {
            Some(token) => token.clone(),
            None => self.ask_gcloud().await?,
        };
        *recent = Some(token.clone());
        *shown = Some(token.clone());
        Ok(token)
    }

    async fn ask_gcloud(&self) -> Result<Secret, Failure> {
        self.surroundings.ask("gcloud", &["auth", "print-access-token"]).await?.ok_or_else(|| {
            let said = "gcloud is not installed, or prints no token; “gcloud auth login” signs in";
            Failure::new(FailureKind::Unauthorized, "asking gcloud for a sign-in", said)
        })
    }
}

/// What one API is shown.
struct ForApi {
    of: Arc<SignIns>,
    kept: Arc<dyn SignIn>,
    /// The last token of gcloud that it was shown.
    shown: Mutex<Option<Secret>>,
}

#[async_trait]
impl SignIn for ForApi {
    async fn credential(&self) -> Result<Credential, Failure> {
        let token = match &self.of.source {
            Source::Gcloud => self.of.token_of_gcloud(&self.shown).await?,
            Source::KeyFile(path) => self.of.key(path).await?.token().await?,
            Source::Kept => return api_credential(self.kept.credential().await?).await,
            Source::Nobody => return Ok(Credential::Anonymous),
        };
        Ok(Credential::Bearer(token))
    }
}

/// What one registry is shown.
struct ForRegistry {
    of: Arc<SignIns>,
    kept: Arc<dyn SignIn>,
    shown: Mutex<Option<Secret>>,
}

#[async_trait]
impl SignIn for ForRegistry {
    async fn credential(&self) -> Result<Credential, Failure> {
        let (username, password) = match &self.of.source {
            Source::Gcloud => (TOKEN_USER, self.of.token_of_gcloud(&self.shown).await?),
            Source::KeyFile(path) => (KEY_USER, self.of.key(path).await?.text().clone()),
            Source::Kept => return self.kept.credential().await,
            Source::Nobody => return Ok(Credential::Anonymous),
        };
        Ok(Credential::Basic { username: username.to_owned(), password })
    }
}

/// What the API is shown of a sign-in that was made for a registry.
async fn api_credential(kept: Credential) -> Result<Credential, Failure> {
    let doing = "reading the service account's key";
    let Credential::Basic { username, password } = kept else { return Ok(kept) };
    let key = match username.as_str() {
        name if HELPERS.contains(&name) => return Ok(Credential::Bearer(password)),
        KEY_USER => password,
        KEY_USER_BASE64 => {
            let bytes = base64::engine::general_purpose::STANDARD.decode(password.expose().trim());
            let text = bytes.ok().and_then(|b| String::from_utf8(b).ok());
            Secret::new(text.ok_or_else(|| Failure::new(FailureKind::Invalid, doing, "it is no base64"))?)
        }
        _ => return Ok(Credential::Anonymous),
    };
    Ok(Credential::Bearer(Key::read(key, doing)?.token().await?))
}
