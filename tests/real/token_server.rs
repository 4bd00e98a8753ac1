//! A server that gives out bearer tokens as Distribution wants them: JSON Web Tokens, signed with a certified key.
//!
//! Sources: Distribution's "Token Authentication Specification" and "Token Authentication Implementation".

use std::fs;
use std::net::SocketAddr;
use std::path::Path;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{SystemTime, UNIX_EPOCH};

use axum::extract::{RawQuery, State};
use axum::http::{HeaderMap, StatusCode};
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use axum::{Json, Router};
use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
use rcgen::{CertificateParams, KeyPair, SigningKey};
use serde_json::{Value, json};
use tokio::net::TcpListener;

/// A running server. It ends with the test's runtime.
pub(crate) struct TokenServer {
    address: SocketAddr,
    bundle: String,
    issuer: Arc<Issuer>,
}

struct Issuer {
    key: KeyPair,
    certificate: Vec<u8>,
    account: (&'static str, &'static str),
    asked: Mutex<Vec<String>>,
}

impl TokenServer {
    /// Starts one that knows a single account.
    pub(crate) async fn start(folder: &Path, account: (&'static str, &'static str)) -> Self {
        let key = KeyPair::generate().unwrap();
        let certificate =
            CertificateParams::new(vec!["token-server".to_owned()]).unwrap().self_signed(&key).unwrap();
        let bundle = folder.join("token-bundle.pem");
        fs::write(&bundle, certificate.pem()).unwrap();
        let issuer = Arc::new(Issuer {
            key,
            certificate: certificate.der().to_vec(),
            account,
            asked: Mutex::default(),
        });
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let router = Router::new().route("/token", get(give)).with_state(Arc::clone(&issuer));
        tokio::spawn(async move { axum::serve(listener, router).await });
        Self { address, bundle: bundle.to_str().unwrap().to_owned(), issuer }
    }

    /// The `auth.token` section of a registry that trusts it.
    pub(crate) fn section(&self) -> Value {
        json!({
            "realm": format!("http://{}/token", self.address), "service": "the test's registry",
            "issuer": "the test's issuer", "rootcertbundle": self.bundle,
        })
    }

    /// The queries that it was asked, oldest first.
    pub(crate) fn asked(&self) -> Vec<String> {
        self.issuer.asked.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }
}

async fn give(State(issuer): State<Arc<Issuer>>, RawQuery(query): RawQuery, headers: HeaderMap) -> Response {
    let query = query.unwrap_or_default();
    issuer.asked.lock().unwrap_or_else(PoisonError::into_inner).push(query.clone());
    let (user, password) = issuer.account;
    let expected = format!("Basic {}", STANDARD.encode(format!("{user}:{password}")));
    if headers.get("authorization").is_none_or(|given| given != expected.as_str()) {
        return (StatusCode::UNAUTHORIZED, Json(json!({ "details": "incorrect username or password" })))
            .into_response();
    }
    let scopes = url::form_urlencoded::parse(query.as_bytes()).filter(|(name, _)| name == "scope");
    let access: Vec<Value> = scopes.flat_map(|(_, value)| accesses(&value)).collect();
    Json(json!({ "token": issuer.sign(user, &access), "expires_in": 300 })).into_response()
}

/// `repository:team/app:pull,push` as Distribution reads it in a token; several are separated by spaces.
fn accesses(scopes: &str) -> Vec<Value> {
    let one = |scope: &str| {
        let (kind, rest) = scope.split_once(':')?;
        let (name, actions) = rest.rsplit_once(':')?;
        Some(json!({ "type": kind, "name": name, "actions": actions.split(',').collect::<Vec<_>>() }))
    };
    scopes.split(' ').filter_map(one).collect()
}

impl Issuer {
    fn sign(&self, user: &str, access: &[Value]) -> String {
        let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap().as_secs();
        let header = json!({ "typ": "JWT", "alg": "ES256", "x5c": [STANDARD.encode(&self.certificate)] });
        let claims = json!({
            "iss": "the test's issuer", "sub": user, "aud": "the test's registry", "exp": now + 300, "nbf": now - 10,
            "iat": now, "jti": format!("{now}"), "access": access,
        });
        let part = |value: &Value| URL_SAFE_NO_PAD.encode(value.to_string());
        let signed = format!("{}.{}", part(&header), part(&claims));
        let signature = fixed(&self.key.sign(signed.as_bytes()).unwrap());
        format!("{signed}.{}", URL_SAFE_NO_PAD.encode(signature))
    }
}

/// An ECDSA signature in DER (`30 len 02 len r 02 len s`) as JSON Web Signatures want it: r and s, 32 bytes each.
fn fixed(der: &[u8]) -> Vec<u8> {
    let (mut rest, mut out) = (&der[2..], Vec::new());
    for _ in 0..2 {
        let length = usize::from(rest[1]);
        let number = &rest[2..2 + length];
        let digits = &number[length.saturating_sub(32)..];
        out.extend(std::iter::repeat_n(0, 32 - digits.len()));
        out.extend_from_slice(digits);
        rest = &rest[2 + length..];
    }
    out
}
