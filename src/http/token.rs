//! Bearer tokens: fetched once, kept until shortly before they expire.
//!
//! Invariant: one request per token is in flight, however many wait for it. Sources: Distribution's "Token
//! Authentication Specification" and "OAuth2 Token Authentication".

use std::collections::HashMap;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use bytes::Bytes;
use reqwest::header::HeaderValue;
use reqwest::{Method, StatusCode};
use serde::Deserialize;
use tokio::time::Instant;
use url::form_urlencoded::Serializer;

use super::broken::{Again, Broken};
use super::challenge::Bearer;
use super::grant::Grant;
use super::limits::Limit;
use super::reply::Reply;
use super::{Http, Request, locked, realm, retry};
use crate::domain::{Credential, Failure, FailureKind, Secret};

/// How long a token lives whose server does not say it.
const UNSAID: Duration = Duration::from_secs(60);

/// What tells tokens apart: realm, service, user, sorted scopes.
#[derive(Clone, PartialEq, Eq, Hash)]
struct Key(String, Option<String>, Option<String>, Vec<String>);

struct Token {
    secret: Secret,
    renew_at: Instant,
}

type Slot = Arc<tokio::sync::Mutex<Option<Token>>>;

/// The tokens of one connection.
#[derive(Default)]
pub(super) struct Tokens(Mutex<HashMap<Key, Slot>>);

/// From here on, slots that nobody uses are looked through for expired tokens.
const MANY: usize = 256;

impl Tokens {
    fn slot(&self, key: Key) -> Slot {
        let mut slots = locked(&self.0);
        if slots.len() >= MANY {
            let now = Instant::now();
            slots.retain(|_, slot| {
                slot.try_lock().map_or(true, |held| held.as_ref().is_some_and(|t| t.renew_at > now))
            });
        }
        slots.entry(key).or_default().clone()
    }

    /// Forgets everything: the credential changed.
    pub(super) fn clear(&self) {
        locked(&self.0).clear();
    }
}

impl Http {
    /// A token for `scopes`: a kept one that is neither expired nor `refused`, else a new one.
    pub(super) async fn token(
        &self,
        bearer: &Bearer,
        scopes: &[String],
        credential: &Credential,
        refused: Option<&Secret>,
    ) -> Result<Secret, Broken> {
        let mut sorted = scopes.to_vec();
        sorted.sort_unstable();
        let user = credential.username().map(str::to_owned);
        let key = Key(bearer.realm.to_string(), bearer.service.clone(), user, sorted);
        let slot = self.0.auth.tokens.slot(key);
        let mut held = slot.lock().await;
        if let Some(token) = held.as_ref()
            && token.renew_at > Instant::now()
            && refused != Some(&token.secret)
        {
            return Ok(token.secret.clone());
        }
        *held = None;
        let asked = Instant::now();
        let answer = self.fetch_token(bearer, scopes, credential).await?;
        let renew_at = asked + renew_after(answer.lifetime);
        *held = Some(Token { secret: answer.secret.clone(), renew_at });
        Ok(answer.secret)
    }

    async fn fetch_token(
        &self,
        bearer: &Bearer,
        scopes: &[String],
        credential: &Credential,
    ) -> Result<Answered, Broken> {
        let doing = format!("signing in at {}", super::host_and_port(&bearer.realm));
        let settings = &self.0.settings;
        realm::check(&settings.base, &bearer.realm, settings.options.proxy.is_some(), &doing).await?;
        if let Credential::IdentityToken(refresh) = credential {
            let reply = self.ask_realm(&post(bearer, scopes, refresh, &doing), &Grant::None).await?;
            if !matches!(reply.status, StatusCode::NOT_FOUND | StatusCode::METHOD_NOT_ALLOWED) {
                return read(reply, &doing, credential);
            }
        }
        let reply =
            self.ask_realm(&get(bearer, scopes, credential, &doing), &Grant::password(credential)).await?;
        read(reply, &doing, credential)
    }

    async fn ask_realm(&self, request: &Request, grant: &Grant) -> Result<Reply, Broken> {
        let answer = self.follow(request, grant, None).await;
        let reply = match answer {
            Ok(answer) => answer.read(Limit::TOKEN).await,
            Err(broken) => Err(broken),
        };
        // Whatever the request was that needs the token: it has not been sent yet.
        let sure = |mut broken: Broken| {
            if broken.again == Again::IfItOnlyReads {
                broken.again = Again::Always;
            }
            broken
        };
        reply.and_then(|r| retry::pass(r, request)).map_err(sure)
    }
}

fn renew_after(lifetime: Duration) -> Duration {
    lifetime.saturating_sub((lifetime / 10).min(Duration::from_secs(30)))
}

fn get(bearer: &Bearer, scopes: &[String], credential: &Credential, doing: &str) -> Request {
    let mut url = bearer.realm.clone();
    {
        let mut query = url.query_pairs_mut();
        if let Some(service) = &bearer.service {
            query.append_pair("service", service);
        }
        for scope in scopes {
            query.append_pair("scope", scope);
        }
        if let Some(user) = credential.username() {
            query.append_pair("account", user);
        }
    }
    if url.query() == Some("") {
        url.set_query(None);
    }
    Request::get(url, doing).within_host()
}

fn post(bearer: &Bearer, scopes: &[String], refresh: &Secret, doing: &str) -> Request {
    let form = Serializer::new(String::new())
        .append_pair("grant_type", "refresh_token")
        .append_pair("service", bearer.service.as_deref().unwrap_or_default())
        .append_pair("client_id", "tagalong")
        .append_pair("scope", &scopes.join(" "))
        .append_pair("refresh_token", refresh.expose())
        .finish();
    let form_type = HeaderValue::from_static("application/x-www-form-urlencoded");
    let request = Request::new(Method::POST, bearer.realm.clone(), doing).within_host();
    request.body(form_type, Bytes::from(form))
}

struct Answered {
    secret: Secret,
    lifetime: Duration,
}

fn read(reply: Reply, doing: &str, credential: &Credential) -> Result<Answered, Broken> {
    #[derive(Deserialize)]
    struct Body {
        #[serde(default)]
        token: Option<String>,
        #[serde(default)]
        access_token: Option<String>,
        #[serde(default)]
        expires_in: Option<serde_json::Value>,
    }
    let signed_in = *credential != Credential::Anonymous;
    let refused = matches!(reply.status.as_u16(), 400 | 401 | 403) && signed_in;
    let reply = Reply { signed_in, ..reply };
    if refused {
        return Err(reply.failure_of(FailureKind::Unauthorized, doing).into());
    }
    let body: Body = reply.success(doing)?.json(doing)?;
    let secret = body.token.filter(|t| !t.is_empty()).or(body.access_token).filter(|t| !t.is_empty());
    let Some(secret) = secret else {
        return Err(Failure::new(FailureKind::Invalid, doing, "the answer holds no token").into());
    };
    let seconds = body.expires_in.and_then(|v| v.as_f64().or_else(|| v.as_str()?.parse().ok()));
    let lifetime = seconds.and_then(|s| Duration::try_from_secs_f64(s).ok()).filter(|d| !d.is_zero());
    let lifetime = lifetime.unwrap_or(UNSAID).min(Duration::from_secs(24 * 3600));
    Ok(Answered { secret: Secret::new(secret), lifetime })
}
