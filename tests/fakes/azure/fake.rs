//! Entra and the resource manager in a few lines, with a registry beside them.
//!
//! Invariant: a token that was not given out, has ended, or is of another tenant gets nobody in.

use std::collections::{BTreeMap, HashSet, VecDeque};
use std::sync::{Arc, Mutex, MutexGuard};

use axum::Router;
use axum::body::to_bytes;
use axum::extract::{Request, State as Shared};
use axum::http::header::{AUTHORIZATION, HOST};
use axum::response::{IntoResponse as _, Response};
use base64::Engine as _;
use base64::prelude::BASE64_URL_SAFE_NO_PAD;
use serde_json::{Value, json as value};
use tagalong::demo::Store;
use tagalong::domain::{Failure, FailureKind};

use super::agents::{self, Agents};
use super::application::Registered;
use super::apps::{self, Apps};
use super::content::Content;
use super::operations::{self, Managed};
use super::registry;
use crate::fakes::desk::{Desk, json, path, query};
use crate::forward::listen;

pub(crate) const CLIENT: &str = "11111111-aaaa";
pub(crate) const SECRET: &str = "the principal's long secret";
pub(crate) const ADMIN: &str = "the admin's long password";
pub(crate) const HOME: &str = "tenant-home";
pub(crate) const SUBSCRIPTION: &str = "sub-1";
pub(crate) const EMPTY: &str = "sub-2";

/// What the fake knows.
pub(crate) struct State {
    /// Tenants with their subscriptions.
    pub(crate) tenants: Vec<(&'static str, Vec<&'static str>)>,
    /// Tokens of Entra that are good, each with its tenant.
    pub(crate) live: Vec<(String, String)>,
    /// Refresh tokens of a person that are good.
    pub(crate) refresh: HashSet<String>,
    /// The certificate of the application, where it has one.
    pub(crate) registered: Option<Registered>,
    /// Seconds that a token lives.
    pub(crate) lifetime: i64,
    /// What is answered to those who wait for a code; nothing left: the token.
    pub(crate) waiting: VecDeque<&'static str>,
    /// Seconds that a code lives.
    pub(crate) code_lives: u64,
    /// Tokens of the registry, each with its scopes.
    pub(crate) granted: BTreeMap<String, String>,
    /// Refresh tokens of the registry.
    pub(crate) passwords: HashSet<String>,
    /// Repositories, `repository:tag` and digests that are locked.
    pub(crate) locked: HashSet<String>,
    /// Repositories that were deleted.
    pub(crate) gone: HashSet<String>,
    /// Whether Entra has stopped to take the application's secret.
    pub(crate) is_revoked: bool,
    pub(crate) may_delete: bool,
    pub(crate) may_push: bool,
    /// Whether the account may list the registry's repositories.
    pub(crate) may_list: bool,
    /// Repositories that the account has no right to. Rights are given by repository alone.
    pub(crate) denied: HashSet<&'static str>,
    /// The tenant that the registry trusts.
    pub(crate) trusts: &'static str,
    pub(crate) may_lock: bool,
    pub(crate) made: u64,
    /// What the resource manager manages.
    pub(crate) managed: Managed,
    /// What images are deployed to.
    pub(crate) apps: Apps,
}

pub(crate) struct Inner {
    pub(crate) state: Mutex<State>,
    pub(crate) desk: Desk,
    acme: Content,
    /// Of the registries that were made here, which share one name.
    made: Content,
    pub(crate) agents: Mutex<Agents>,
    address: Mutex<String>,
}

impl Inner {
    /// What is in the registry that is asked: those that were made here go by the name.
    pub(crate) fn content(&self, request: &Request) -> &Content {
        let host = request.headers()[HOST].to_str().unwrap();
        if host.starts_with("localhost") { &self.made } else { &self.acme }
    }
}

/// All of it; it ends with the test's runtime.
#[derive(Clone)]
pub(crate) struct Fake {
    pub(crate) control: String,
    server: String,
    pub(crate) inner: Arc<Inner>,
}

impl Fake {
    pub(crate) async fn start() -> Self {
        let state = State {
            tenants: vec![(HOME, vec![SUBSCRIPTION, EMPTY])],
            live: Vec::new(),
            refresh: HashSet::new(),
            registered: None,
            lifetime: 3600,
            waiting: VecDeque::new(),
            code_lives: 900,
            granted: BTreeMap::new(),
            passwords: HashSet::new(),
            locked: HashSet::new(),
            gone: HashSet::new(),
            is_revoked: false,
            may_delete: true,
            may_push: true,
            may_list: true,
            denied: HashSet::new(),
            trusts: HOME,
            may_lock: true,
            made: 0,
            managed: Managed::default(),
            apps: Apps::default(),
        };
        let inner = Arc::new(Inner {
            state: Mutex::new(state),
            desk: Desk::default(),
            acme: Content::start().await,
            made: Content::start().await,
            agents: Mutex::default(),
            address: Mutex::default(),
        });
        let registry = Router::new().fallback(registry::answer).with_state(Arc::clone(&inner));
        let server = listen(registry).await.trim_start_matches("http://").to_owned();
        inner.address.lock().unwrap().clone_from(&server);
        inner.state.lock().unwrap().managed.registries.insert("acme".to_owned(), resource(&server));
        let storage = listen(Router::new().fallback(agents::storage).with_state(Arc::clone(&inner))).await;
        inner.agents.lock().unwrap().storage = storage;
        let control = listen(Router::new().fallback(answer).with_state(Arc::clone(&inner))).await;
        Self { control, server, inner }
    }

    pub(crate) fn state(&self) -> MutexGuard<'_, State> {
        self.inner.state.lock().unwrap()
    }

    pub(crate) fn desk(&self) -> &Desk {
        &self.inner.desk
    }

    pub(crate) fn store(&self) -> &Store {
        self.inner.acme.store()
    }

    /// What is in the registries that were made here.
    pub(crate) fn made(&self) -> &Store {
        self.inner.made.store()
    }

    /// The login server.
    pub(crate) fn server(&self) -> &str {
        &self.server
    }

    /// Has the resource manager call the registry so.
    pub(crate) fn call_registry(&self, server: &str) {
        *self.inner.address.lock().unwrap() = server.to_owned();
        self.state().managed.registries.insert("acme".to_owned(), resource(server));
    }

    /// Whether a request had this in its target.
    pub(crate) fn asked(&self, part: &str) -> bool {
        self.desk().count(part) > 0
    }

    /// What `az` prints.
    pub(crate) fn az(&self, arguments: &[&str]) -> Result<String, Failure> {
        if arguments.starts_with(&["account", "show"]) {
            return Ok(value!({ "user": { "name": "ann@acme.example" } }).to_string());
        }
        assert_eq!(
            arguments[..4],
            ["account", "get-access-token", "--resource", &self.control],
            "a token is asked for"
        );
        let at = arguments.iter().position(|a| *a == "--tenant");
        let tenant = at.map_or(HOME, |at| arguments[at + 1]);
        let mut state = self.state();
        if !state.tenants.iter().any(|(id, _)| *id == tenant) {
            let said = "AADSTS50020: the user does not exist in this tenant; run “az login”";
            return Err(Failure::new(FailureKind::Unauthorized, "asking az", said));
        }
        let token = state.token(tenant, "ann@acme.example");
        Ok(value!({ "accessToken": token, "expires_on": now() + state.lifetime, "tenant": tenant })
            .to_string())
    }
}

/// What the other side calls the host that it asks; only this machine is asked without TLS.
pub(crate) fn base(request: &Request) -> String {
    let host = request.headers()[HOST].to_str().unwrap();
    let is_here = host.starts_with("127.0.0.1") || host.starts_with("localhost");
    let scheme = if is_here { "http" } else { "https" };
    format!("{scheme}://{host}")
}

pub(crate) fn now() -> i64 {
    jiff::Timestamp::now().as_second()
}

/// A JWT that nobody signed.
pub(crate) fn jwt(claims: &Value) -> String {
    format!("e30.{}.s", BASE64_URL_SAFE_NO_PAD.encode(claims.to_string()))
}

impl State {
    /// Gives a token of `tenant` to `who`.
    fn token(&mut self, tenant: &str, who: &str) -> String {
        self.made += 1;
        let token = jwt(&value!({ "tid": tenant, "upn": who, "exp": now() + self.lifetime, "n": self.made }));
        self.live.push((token.clone(), tenant.to_owned()));
        token
    }

    /// Takes every token and password back, and the application's secret with them.
    pub(crate) fn revoke(&mut self) {
        self.is_revoked = true;
        self.live.clear();
        self.passwords.clear();
        self.granted.clear();
    }

    fn fresh_refresh_token(&mut self) -> String {
        self.made += 1;
        let token = format!("refresh token {}", self.made);
        self.refresh.insert(token.clone());
        token
    }
}

async fn answer(Shared(fake): Shared<Arc<Inner>>, request: Request) -> Response {
    if let Some(laid) = fake.desk.receive(&request) {
        return laid;
    }
    let parts = path(&request);
    let parts: Vec<&str> = parts.iter().map(String::as_str).collect();
    if let [tenant, "oauth2", "v2.0", what] = parts.as_slice() {
        let (tenant, what) = ((*tenant).to_owned(), (*what).to_owned());
        let address = format!("{}{}", base(&request), request.uri().path());
        let form = form(request).await;
        let mut state = fake.state.lock().unwrap();
        return match (what.as_str(), form.get("client_assertion")) {
            ("token", Some(assertion)) => by_certificate(&mut state, &tenant, &address, assertion, &form),
            _ => entra(&mut state, &tenant, &what, &form),
        };
    }
    let (request, body) = operations::with_body(request).await;
    let mut state = fake.state.lock().unwrap();
    let shown = request.headers().get(AUTHORIZATION).and_then(|v| v.to_str().ok()?.strip_prefix("Bearer "));
    let Some((_, tenant)) = state.live.iter().find(|(token, _)| shown == Some(token)) else {
        return json(401, &error("InvalidAuthenticationToken", "The access token is invalid."));
    };
    assert!(query(&request, "api-version").is_some(), "{}", request.uri());
    let (address, tenant) = (fake.address.lock().unwrap().clone(), tenant.clone());
    let managed = operations::answer(&mut state.managed, &parts, (&request, &body), &address);
    let managed = managed.or_else(|| apps::answer(&mut state, &parts, (&request, &body)));
    let mut agents = fake.agents.lock().unwrap();
    let built = || agents::answer(&mut agents, fake.acme.store(), &parts, (&request, &body));
    managed.or_else(built).unwrap_or_else(|| arm(&state, &tenant, &parts, &request))
}

pub(crate) async fn form(request: Request) -> BTreeMap<String, String> {
    let body = to_bytes(request.into_body(), usize::MAX).await.unwrap();
    url::form_urlencoded::parse(&body).into_owned().collect()
}

pub(crate) fn error(code: &str, message: &str) -> Value {
    value!({ "error": { "code": code, "message": message } })
}

fn refuse(error: &str, description: &str) -> Response {
    let said = format!("{description}\r\nTrace ID: 1");
    json(400, &value!({ "error": error, "error_description": said }))
}

fn entra(state: &mut State, tenant: &str, what: &str, form: &BTreeMap<String, String>) -> Response {
    let field = |name: &str| form.get(name).map(String::as_str).unwrap_or_default();
    if what == "devicecode" {
        assert!(field("scope").contains("offline_access"));
        return json(
            200,
            &value!({
                "device_code": "device", "user_code": "ABCD-1234", "interval": 0, "message": "Type it there",
                "verification_uri": "https://login.example/device", "expires_in": state.code_lives,
            }),
        );
    }
    if tenant != "organizations" && !state.tenants.iter().any(|(id, _)| *id == tenant) {
        return refuse("invalid_request", "AADSTS90002: Tenant not found.");
    }
    let home = if tenant == "organizations" { HOME } else { tenant };
    match field("grant_type") {
        "client_credentials" if field("client_secret") == SECRET && !state.is_revoked => {
            let token = state.token(home, field("client_id"));
            json(200, &value!({ "access_token": token, "expires_in": state.lifetime }))
        }
        "client_credentials" => refuse("invalid_client", "AADSTS7000215: Invalid client secret provided."),
        "refresh_token" if state.refresh.remove(field("refresh_token")) => with_refresh_token(state, home),
        "refresh_token" => refuse("invalid_grant", "AADSTS700082: The refresh token has expired."),
        _ => match state.waiting.pop_front() {
            Some(word) => refuse(word, "AADSTS70016: pending"),
            None => with_refresh_token(state, home),
        },
    }
}

/// A token for an application that shows a certificate.
fn by_certificate(
    state: &mut State,
    tenant: &str,
    address: &str,
    assertion: &str,
    form: &BTreeMap<String, String>,
) -> Response {
    assert_eq!(form["client_assertion_type"], "urn:ietf:params:oauth:client-assertion-type:jwt-bearer");
    assert!(!form.contains_key("client_secret"));
    let known = state.registered.as_mut().unwrap();
    match known.refuse(assertion, &form["client_id"], address, now()) {
        Some(description) => refuse("invalid_client", &description),
        None => {
            let token = state.token(tenant, &form["client_id"]);
            json(200, &value!({ "access_token": token, "expires_in": state.lifetime }))
        }
    }
}

fn with_refresh_token(state: &mut State, tenant: &str) -> Response {
    let token = state.token(tenant, "ann@acme.example");
    let refresh = state.fresh_refresh_token();
    json(200, &value!({ "access_token": token, "expires_in": state.lifetime, "refresh_token": refresh }))
}

fn arm(state: &State, tenant: &str, parts: &[&str], request: &Request) -> Response {
    match parts {
        ["tenants"] => {
            let all = state.tenants.iter();
            let rows = all.map(|(id, _)| value!({ "tenantId": id, "displayName": format!("{id} Inc") }));
            json(200, &value!({ "value": rows.collect::<Vec<_>>() }))
        }
        ["subscriptions"] => {
            let own = state.tenants.iter().find(|(id, _)| *id == tenant).map(|(_, subs)| subs);
            let rows: Vec<Value> = own.into_iter().flatten().map(|id| {
                value!({ "subscriptionId": id, "displayName": format!("The {id}"), "tenantId": tenant, "state": "Enabled" })
            }).collect();
            one_by_one(request, &rows)
        }
        ["subscriptions", id, "providers", "Microsoft.ContainerRegistry", "registries"] => {
            assert_ne!(*id, SUBSCRIPTION, "its registries are managed");
            json(200, &value!({ "value": [] }))
        }
        [.., "registries", "acme", "listUsages"] => json(
            200,
            &value!({ "value": [
                { "name": "Size", "limit": 10_737_418_240_i64, "currentValue": 1_073_741_824, "unit": "Bytes" },
                { "name": "Webhooks", "limit": 2, "currentValue": 0, "unit": "Count" },
            ] }),
        ),
        _ => json(404, &error("ResourceNotFound", "There is no such resource.")),
    }
}

fn resource(server: &str) -> Value {
    value!({
        "id": format!("/subscriptions/{SUBSCRIPTION}/resourceGroups/rg/providers/Microsoft.ContainerRegistry/registries/acme"),
        "name": "acme", "location": "westeurope", "sku": { "name": "Standard" },
        "properties": {
            "loginServer": server, "creationDate": "2025-01-20T10:30:00Z", "provisioningState": "Succeeded",
            "adminUserEnabled": false, "publicNetworkAccess": "Enabled",
            "policies": { "retentionPolicy": { "days": 7, "status": "disabled" } },
        },
    })
}

/// One row on a page, with a whole link to the next.
fn one_by_one(request: &Request, rows: &[Value]) -> Response {
    let at = query(request, "$skiptoken").and_then(|n| n.parse::<usize>().ok()).unwrap_or(0);
    let version = query(request, "api-version").unwrap();
    let next = (at + 1 < rows.len()).then(|| {
        let (base, path) = (base(request), request.uri().path());
        format!("{base}{path}?api-version={version}&$skiptoken={}", at + 1)
    });
    let page: Vec<&Value> = rows.iter().skip(at).take(1).collect();
    json(200, &value!({ "value": page, "nextLink": next })).into_response()
}
