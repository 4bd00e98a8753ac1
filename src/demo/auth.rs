//! Who may do what: Basic sign-in, or bearer tokens from the registry's own token endpoint.
//!
//! Sources: Distribution's "Token Authentication" and "OAuth2 Token Authentication".
//!
//! Invariant: a request that lacks a right is answered with the challenge that tells how to get it.

use std::time::Duration;

use axum::body::to_bytes;
use axum::extract::Request;
use axum::http::header::{AUTHORIZATION, WWW_AUTHENTICATE};
use axum::http::{HeaderMap, Method, StatusCode};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde_json::json;

use super::query;
use super::refusal::{Code, refuse, refuse_as};
use super::reply::Reply;
use super::routes::Route;
use super::settings::Auth;
use super::shared::Shared;
use super::tokens::Scope;
use crate::domain::Secret;

const SERVICE: &str = "tagalong-demo";
/// The largest form that the token endpoint reads, in bytes.
const FORM_LIMIT: usize = 64 * 1024;

/// What the sender of a request may do.
pub(super) enum Access {
    /// Everything.
    Full,
    /// What a token says.
    Scopes(Vec<Scope>),
}

impl Access {
    /// Whether all of `wanted` is allowed.
    pub(super) fn allows(&self, wanted: &Scope) -> bool {
        match self {
            Self::Full => true,
            Self::Scopes(scopes) => scopes.iter().any(|have| have.covers(wanted)),
        }
    }
}

/// Lets a request in, or says how to sign in.
pub(super) fn check(shared: &Shared, route: &Route, request: &Request) -> Result<Access, Reply> {
    match &shared.settings.auth {
        Auth::None => Ok(Access::Full),
        Auth::Basic { user, password } => match basic(request.headers()) {
            Some(given) if given == (user.clone(), password.clone()) => Ok(Access::Full),
            _ => Err(challenge_basic()),
        },
        Auth::Token { .. } if *route == Route::Token => Ok(Access::Scopes(Vec::new())),
        Auth::Token { .. } => {
            check_token(shared, needed(route, request.method()).as_ref(), request.headers())
        }
    }
}

fn check_token(shared: &Shared, needed: Option<&Scope>, headers: &HeaderMap) -> Result<Access, Reply> {
    let challenge = |error| challenge_bearer(shared, needed, error);
    let Some(token) = authorization(headers, "bearer") else { return Err(challenge(None)) };
    let scopes = shared.tokens.scopes(token).ok_or_else(|| challenge(Some("invalid_token")))?;
    let access = Access::Scopes(scopes);
    match needed {
        Some(scope) if !access.allows(scope) => Err(challenge(Some("insufficient_scope"))),
        _ => Ok(access),
    }
}

/// The right that a request needs; nothing when any sign-in will do.
fn needed(route: &Route, method: &Method) -> Option<Scope> {
    let reads = *method == Method::GET || *method == Method::HEAD;
    match route {
        Route::Ping | Route::Token => None,
        Route::Catalog => "registry:catalog:*".parse().ok(),
        Route::Tags { repository } | Route::Referrers { repository, .. } => {
            Some(Scope::repository(repository, &["pull"]))
        }
        Route::Uploads { repository } | Route::Upload { repository, .. } => {
            Some(Scope::repository(repository, &["pull", "push"]))
        }
        Route::Manifest { repository, .. } | Route::Blob { repository, .. } => Some(match *method {
            _ if reads => Scope::repository(repository, &["pull"]),
            Method::DELETE => Scope::repository(repository, &["delete"]),
            _ => Scope::repository(repository, &["pull", "push"]),
        }),
    }
}

/// The token endpoint: GET with Basic, or POST with a form.
pub(super) async fn token(shared: &Shared, request: Request) -> Result<Reply, Reply> {
    let Auth::Token { user, password, lifetime, anonymous_pull } = &shared.settings.auth else {
        return Err(refuse(Code::NameUnknown, "there is no token endpoint"));
    };
    let asked = Asked::read(shared, request).await?;
    let scopes = match asked.sign_in {
        SignIn::Password(name, given) if (&name, &given) == (user, password) => asked.scopes,
        SignIn::Refreshed => asked.scopes,
        SignIn::Nobody if *anonymous_pull => asked.scopes.into_iter().filter_map(only_pull).collect(),
        _ => return Err(challenge_basic()),
    };
    let granted = scopes.iter().map(Scope::to_string).collect::<Vec<_>>().join(" ");
    let token = shared.tokens.grant(scopes, *lifetime);
    let refresh = asked.offline.then(|| shared.tokens.grant_refresh());
    Ok(Reply::json(StatusCode::OK, &told(&token, &granted, refresh, *lifetime)))
}

fn told(token: &str, scope: &str, refresh: Option<String>, lifetime: Duration) -> serde_json::Value {
    let mut told = json!({
        "token": token,
        "access_token": token,
        "scope": scope,
        "expires_in": lifetime.as_secs(),
        "issued_at": jiff::Timestamp::now().to_string(),
    });
    if let (Some(refresh), Some(fields)) = (refresh, told.as_object_mut()) {
        fields.insert("refresh_token".to_owned(), refresh.into());
    }
    told
}

/// What somebody asks the token endpoint for.
struct Asked {
    sign_in: SignIn,
    scopes: Vec<Scope>,
    offline: bool,
}

enum SignIn {
    Password(String, Secret),
    Refreshed,
    Nobody,
}

impl Asked {
    async fn read(shared: &Shared, request: Request) -> Result<Self, Reply> {
        match *request.method() {
            Method::GET => Ok(Self::from_query(&request)),
            Method::POST => {
                let invalid = |_| refuse_as(StatusCode::BAD_REQUEST, Code::Unsupported, "this is not a form");
                let form = to_bytes(request.into_body(), FORM_LIMIT).await.map_err(invalid)?;
                Ok(Self::from_form(shared, &String::from_utf8_lossy(&form)))
            }
            _ => Err(refuse(Code::Unsupported, "tokens are had by GET or POST")),
        }
    }

    fn from_query(request: &Request) -> Self {
        let query = request.uri().query().unwrap_or_default();
        let sign_in = match basic(request.headers()) {
            Some((user, password)) => SignIn::Password(user, password),
            None => SignIn::Nobody,
        };
        let offline = query::value(query, "offline_token").is_some_and(|v| v == "true");
        Self { sign_in, scopes: scopes(query), offline }
    }

    fn from_form(shared: &Shared, form: &str) -> Self {
        let field = |name| query::value(form, name).unwrap_or_default();
        let sign_in = match field("grant_type").as_str() {
            "password" => SignIn::Password(field("username"), Secret::new(field("password"))),
            "refresh_token" if shared.tokens.knows_refresh(&field("refresh_token")) => SignIn::Refreshed,
            // A refresh token that is not known must not pass as "nobody", who may get a token too.
            _ => SignIn::Password(String::new(), Secret::default()),
        };
        Self { sign_in, scopes: scopes(form), offline: field("access_type") == "offline" }
    }
}

/// The rights that are asked for: several parameters, or several in one.
fn scopes(query: &str) -> Vec<Scope> {
    let all: Vec<String> = query::values(query, "scope").collect();
    all.iter().flat_map(|v| v.split(' ')).filter_map(|scope| scope.parse().ok()).collect()
}

fn only_pull(mut scope: Scope) -> Option<Scope> {
    scope.actions.retain(|action| action == "pull");
    (scope.kind == "repository" && !scope.actions.is_empty()).then_some(scope)
}

/// What stands behind a scheme in `Authorization`.
fn authorization<'a>(headers: &'a HeaderMap, scheme: &str) -> Option<&'a str> {
    let (given, rest) = headers.get(AUTHORIZATION)?.to_str().ok()?.split_once(' ')?;
    given.eq_ignore_ascii_case(scheme).then_some(rest.trim())
}

fn basic(headers: &HeaderMap) -> Option<(String, Secret)> {
    let decoded = STANDARD.decode(authorization(headers, "basic")?).ok()?;
    let text = String::from_utf8(decoded).ok()?;
    let (user, password) = text.split_once(':')?;
    Some((user.to_owned(), Secret::new(password)))
}

fn challenge_basic() -> Reply {
    let challenge = format!("Basic realm=\"{SERVICE}\"");
    refuse(Code::Unauthorized, "sign in with a user name and a password").with(WWW_AUTHENTICATE, &challenge)
}

fn challenge_bearer(shared: &Shared, needed: Option<&Scope>, error: Option<&str>) -> Reply {
    let mut challenge = format!("Bearer realm=\"{}/token\",service=\"{SERVICE}\"", shared.url());
    if let Some(scope) = needed {
        challenge.push_str(&format!(",scope=\"{scope}\""));
    }
    if let Some(error) = error {
        challenge.push_str(&format!(",error=\"{error}\""));
    }
    refuse(Code::Unauthorized, "a token with the right to do this is needed")
        .with(WWW_AUTHENTICATE, &challenge)
}
