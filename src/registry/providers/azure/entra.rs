//! Tokens of Microsoft Entra, one for each tenant: fetched once, renewed before they end and after a refusal.
//!
//! Sources: "Microsoft identity platform and the OAuth 2.0 client credentials flow", "… device authorization grant flow";
//! RFC 6749, section 6.
//!
//! Invariant: secrets go to the authority's own host and nowhere else; one request for a tenant's token is in flight.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};

use async_trait::async_trait;
use bytes::Bytes;
use url::Url;
use url::form_urlencoded::Serializer;

use super::claims::Claims;
use super::cloud::Cloud;
use super::principal::{self, Principal};
use super::refusal;
use super::source::{self, Source};
use super::token::{Answer, SIGNING_IN, Token, now, read};
use crate::domain::{Credential, Failure, FailureKind, Secret};
use crate::http::header::HeaderValue;
use crate::http::{FixedSignIn, Limit, Method, Reply, Request, SignIn};
use crate::registry::{Api, Opening};

/// The public client of the Azure command line, which every tenant knows.
const CLIENT: &str = "04b07795-8ddb-461a-bbee-02f9e1bf7b46";
/// The tenant of a person who has not said theirs.
const ANY_TENANT: &str = "organizations";
/// How long before its end a token is renewed, in seconds.
const EARLY: i64 = 300;

type Slot = Arc<tokio::sync::Mutex<Option<Token>>>;

/// The sign-in of a connection.
pub(super) struct Entra {
    pub(super) opening: Opening,
    pub(super) cloud: Cloud,
    source: Source,
    /// The tenant that was typed or that the environment names.
    pub(super) tenant: Option<String>,
    /// The authority, without a sign-in.
    api: Api,
    /// The refresh token that came last.
    refresh: Mutex<Option<Secret>>,
    held: Mutex<HashMap<Option<String>, Slot>>,
}

impl Entra {
    /// Makes it. No I/O.
    ///
    /// # Errors
    /// `Invalid` when the authority's address cannot be read.
    pub(super) fn of(opening: &Opening, source: Source) -> Result<Arc<Self>, Failure> {
        let named =
            Some(source).filter(|s| *s == Source::Principal).and_then(|_| principal::authority(opening));
        let cloud = Cloud::of(opening, named.as_deref());
        let api = opening.api(&cloud.authority, Arc::new(FixedSignIn(Credential::Anonymous)))?;
        let typed = opening.setting("tenant").map(str::to_owned);
        let in_environment = || opening.surroundings.variable("AZURE_TENANT_ID");
        let tenant = typed.or_else(|| in_environment().filter(|_| source == Source::Principal));
        Ok(Arc::new(Self {
            opening: opening.clone(),
            cloud,
            source,
            tenant,
            api,
            refresh: Mutex::default(),
            held: Mutex::default(),
        }))
    }

    /// A token of `tenant` (nothing: the sign-in's own), and another one than `refused`.
    ///
    /// # Errors
    /// `Unauthorized` with what Entra says and what to do about it; what the transport may say.
    pub(super) async fn token(
        &self,
        tenant: Option<&str>,
        refused: Option<&Secret>,
    ) -> Result<Secret, Failure> {
        let tenant = tenant.or(self.tenant.as_deref());
        let slot = self.slot(tenant);
        let mut held = slot.lock().await;
        if let Some(token) = held.as_ref()
            && token.until - EARLY > now()
            && refused != Some(&token.secret)
        {
            return Ok(token.secret.clone());
        }
        *held = None;
        let token = self.fetch(tenant).await?;
        *held = Some(token.clone());
        Ok(token.secret)
    }

    fn slot(&self, tenant: Option<&str>) -> Slot {
        let mut held = self.held.lock().unwrap_or_else(PoisonError::into_inner);
        Arc::clone(held.entry(tenant.map(str::to_owned)).or_default())
    }

    async fn fetch(&self, tenant: Option<&str>) -> Result<Token, Failure> {
        match self.source {
            Source::Az => source::az_token(&*self.opening.surroundings, &self.cloud.arm, tenant).await,
            Source::Principal => self.by_principal(tenant).await,
            Source::Code => self.by_refresh_token(tenant).await,
            Source::Registry => {
                let said = "the registry's own sign-in leads to that registry alone; type its address, or choose “az”";
                Err(Failure::new(FailureKind::Invalid, SIGNING_IN, said))
            }
        }
    }

    /// What Microsoft may be shown of the sign-in: nothing that was stored for a registry.
    fn shown(&self) -> Arc<dyn SignIn> {
        self.opening.sign_in_at(&self.cloud.authority, None)
    }

    async fn by_principal(&self, tenant: Option<&str>) -> Result<Token, Failure> {
        let said = "a service principal needs its tenant; type it, or set AZURE_TENANT_ID";
        let tenant = tenant.ok_or_else(|| Failure::new(FailureKind::Unauthorized, SIGNING_IN, said))?;
        let principal = Principal::of(&self.opening, &*self.shown()).await?;
        let audience = self.address(tenant, "token");
        let proof = principal.fields(&*self.opening.surroundings, audience.as_str()).await?;
        let scope = self.scope();
        let mut form = vec![
            ("grant_type", "client_credentials"),
            ("client_id", principal.client.as_str()),
            ("scope", scope.as_str()),
        ];
        form.extend(proof.iter().map(|(name, value)| (*name, value.expose())));
        self.ask(tenant, &form).await
    }

    async fn by_refresh_token(&self, tenant: Option<&str>) -> Result<Token, Failure> {
        let kept = self.refresh().clone();
        let kept = match kept {
            Some(kept) => Some(kept),
            None => match self.shown().credential().await? {
                Credential::Basic { password, .. } => Some(password),
                _ => None,
            },
        };
        let refresh = kept.ok_or_else(|| {
            let said = "no sign-in is kept; “Edit connection…” asks for a code anew";
            Failure::new(FailureKind::Unauthorized, SIGNING_IN, said)
        })?;
        let scope = self.code_scope();
        let form = [
            ("grant_type", "refresh_token"),
            ("client_id", self.client()),
            ("refresh_token", refresh.expose()),
            ("scope", &scope),
        ];
        self.ask(tenant.unwrap_or(ANY_TENANT), &form).await
    }

    /// Whether a person signs in by a code.
    pub(super) fn is_by_code(&self) -> bool {
        self.source == Source::Code
    }

    /// Takes over a token that a person has signed in for.
    pub(super) async fn keep(&self, token: Token) {
        *self.slot(self.tenant.as_deref()).lock().await = Some(token);
    }

    /// The refresh token that the sign-in has brought, to be kept in the place of what was typed.
    pub(super) fn brought(&self) -> Option<Secret> {
        self.refresh().clone()
    }

    pub(super) fn client(&self) -> &str {
        self.opening.setting("client").unwrap_or(CLIENT)
    }

    fn scope(&self) -> String {
        format!("{}/.default", self.cloud.arm)
    }

    /// The scope of a person's sign-in: with a refresh token, and the name of the account.
    pub(super) fn code_scope(&self) -> String {
        format!("{} offline_access openid profile", self.scope())
    }

    async fn ask(&self, tenant: &str, form: &[(&str, &str)]) -> Result<Token, Failure> {
        let reply = self.post(tenant, "token", form).await?;
        let answer = read(&reply)?;
        self.take(answer).await
    }

    /// Sends a form to `<authority>/<tenant>/oauth2/v2.0/<what>`.
    pub(super) async fn post(
        &self,
        tenant: &str,
        what: &str,
        form: &[(&str, &str)],
    ) -> Result<Reply, Failure> {
        self.api.http().fetch(&form_request(self.address(tenant, what), SIGNING_IN, form), Limit::TOKEN).await
    }

    fn address(&self, tenant: &str, what: &str) -> Url {
        self.api.url(&[tenant, "oauth2", "v2.0", what], &[])
    }

    pub(super) async fn post_for_code(&self, what: &str, form: &[(&str, &str)]) -> Result<Reply, Failure> {
        self.post(self.tenant.as_deref().unwrap_or(ANY_TENANT), what, form).await
    }

    /// The token of an answer; the refresh token beside it is kept.
    pub(super) async fn take(&self, answer: Answer) -> Result<Token, Failure> {
        if answer.error.is_some() {
            return Err(refusal::of_entra(&answer));
        }
        let token = answer
            .access_token
            .filter(|t| !t.is_empty())
            .ok_or_else(|| Failure::new(FailureKind::Invalid, SIGNING_IN, "the answer holds no token"))?;
        if let Some(fresh) = answer.refresh_token.filter(|t| !t.is_empty()).map(Secret::new)
            && self.source == Source::Code
        {
            let is_new = self.refresh().replace(fresh.clone()).as_ref() != Some(&fresh);
            if is_new {
                self.opening.sign_in.replace(fresh).await;
            }
        }
        let seconds = answer.expires_in.and_then(|v| v.as_i64().or_else(|| v.as_str()?.parse().ok()));
        let until = seconds.map(|s| now().saturating_add(s)).or_else(|| Claims::of(&token).exp);
        Ok(Token { secret: Secret::new(token), until: until.unwrap_or_else(|| now() + 3600) })
    }

    fn refresh(&self) -> std::sync::MutexGuard<'_, Option<Secret>> {
        self.refresh.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// A form that is sent to one host alone.
pub(super) fn form_request(url: Url, doing: &str, form: &[(&str, &str)]) -> Request {
    let body = Serializer::new(String::new()).extend_pairs(form).finish();
    let form_type = HeaderValue::from_static("application/x-www-form-urlencoded");
    Request::new(Method::POST, url, doing)
        .accept("application/json")
        .body(form_type, Bytes::from(body))
        .within_host()
}

/// What the resource manager is shown: a tenant's token, and another one after a refusal.
pub(super) struct ForTenant {
    entra: Arc<Entra>,
    tenant: Option<String>,
    shown: Mutex<Option<Secret>>,
}

impl ForTenant {
    pub(super) fn new(entra: Arc<Entra>, tenant: Option<&str>) -> Self {
        Self { entra, tenant: tenant.map(str::to_owned), shown: Mutex::default() }
    }
}

#[async_trait]
impl SignIn for ForTenant {
    async fn credential(&self) -> Result<Credential, Failure> {
        let refused = self.shown.lock().unwrap_or_else(PoisonError::into_inner).clone();
        let token = self.entra.token(self.tenant.as_deref(), refused.as_ref()).await?;
        *self.shown.lock().unwrap_or_else(PoisonError::into_inner) = Some(token.clone());
        Ok(Credential::Bearer(token))
    }

    fn is_stale(&self) -> bool {
        let slot = self.entra.slot(self.tenant.as_deref().or(self.entra.tenant.as_deref()));
        // Whoever holds it is about to renew it.
        slot.try_lock().is_ok_and(|held| held.as_ref().is_some_and(|t| t.until - EARLY <= now()))
    }
}
