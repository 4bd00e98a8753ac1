//! The one way to the network: sign-in, tokens, retry, redirects, paging links, limits.
//!
//! One [`Http`] belongs to one connection: its certificate authorities, its proxy, its sign-in, its pauses. It knows
//! HTTP and the registry's way to sign in, but no registry call; those are in [`crate::registry`].
//!
//! Invariant: making an [`Http`] does no I/O; no request leaves before one is sent, and no secret leaves for another
//! host than its own.

mod answer;
mod auth;
mod broken;
pub mod challenge;
mod client;
mod errors;
mod exchange;
mod grant;
mod limits;
pub mod link;
mod observe;
mod options;
mod pause;
mod realm;
mod redirect;
mod reply;
mod request;
mod retry;
mod schedule;
mod sign_in;
mod streamed;
mod tidy;
mod token;
mod transport;
mod trust;

use std::collections::HashSet;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use url::Url;

use crate::domain::{Credential, Failure};

pub use answer::Answer;
pub use auth::AuthScheme;
pub use errors::WEB_PAGE;
pub use limits::Limit;
pub use observe::{Observer, Silent};
pub use options::{Settings, Shown, Timings, is_loopback};
pub use reply::{Explain, Reply, as_it_is};
pub use request::Request;
pub use reqwest::{Method, StatusCode, header};
pub use schedule::Priority;
pub use sign_in::{FixedSignIn, SignIn, Signer, Unsigned};
pub use streamed::Streamed;

/// The HTTP client of one connection. Cheap to clone.
#[derive(Clone)]
pub struct Http(Arc<Inner>);

struct Inner {
    settings: Settings,
    clients: client::Clients,
    auth: auth::Auth,
    schedule: schedule::Schedule,
    pauses: retry::Pauses,
    warned: Mutex<HashSet<String>>,
}

/// What [`Http::open`] got: a success whose body is still to come, or a refusal that was read.
pub enum Opened {
    /// 2xx.
    Success(Answer),
    /// Any other status, with the (cut) body.
    Refused(Reply),
}

impl Http {
    /// A client for one connection. No I/O happens before the first request.
    #[must_use]
    pub fn new(mut settings: Settings) -> Self {
        options::drop_sign_in(&mut settings.base);
        Self(Arc::new(Inner {
            auth: auth::Auth::new(settings.sign_in.clone()),
            clients: client::Clients::default(),
            schedule: schedule::Schedule::default(),
            pauses: retry::Pauses::default(),
            warned: Mutex::default(),
            settings,
        }))
    }

    /// The base URL of the connection, path prefix included.
    #[must_use]
    pub fn base(&self) -> &Url {
        &self.0.settings.base
    }

    /// Host and port, as a person would write them.
    #[must_use]
    pub fn host(&self) -> String {
        host_and_port(self.base())
    }

    /// What the server has asked for so far, and whether a sign-in was used.
    #[must_use]
    pub fn scheme(&self) -> AuthScheme {
        self.0.auth.scheme()
    }

    /// What the connection signs in with, for whoever has to sign in there in its place, such as a container engine. Asked
    /// for anew, because who gets it cannot renew it.
    ///
    /// # Errors
    /// What the keyring, the helper or the vendor says.
    pub async fn credential(&self) -> Result<Credential, Failure> {
        self.0.auth.fresh_credential().await
    }

    /// Sends `request` and reads the whole answer, up to `limit` for a success and 64 KiB otherwise. Failures that
    /// may pass are retried; every other status comes back as a reply.
    ///
    /// # Errors
    /// What the network, the sign-in and the limits say.
    pub async fn fetch(&self, request: &Request, limit: Limit) -> Result<Reply, Failure> {
        self.retrying(request, || async move {
            let reply = self.attempt(request).await?.read(limit).await?;
            retry::pass(reply, request)
        })
        .await
    }

    /// Sends `request` and returns a success as soon as its headers are here. Only the way there is retried.
    ///
    /// # Errors
    /// What the network and the sign-in say.
    pub async fn open(&self, request: &Request) -> Result<Opened, Failure> {
        self.retrying(request, || async move {
            let answer = self.attempt(request).await?;
            if answer.status().is_success() {
                return Ok(Opened::Success(answer));
            }
            retry::pass(answer.read(Limit::ERROR).await?, request).map(Opened::Refused)
        })
        .await
    }

    /// Tells the observer about a `Warning: 299`, each text once.
    fn warn_once(&self, texts: &[String]) {
        for text in texts {
            if locked(&self.0.warned).insert(text.clone()) {
                self.0.settings.observer.warning(&self.host(), text);
            }
        }
    }
}

/// A poisoned lock still holds usable values here: every one is replaced whole.
fn locked<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Host with the port where one is written.
fn host_and_port(url: &Url) -> String {
    let host = url.host_str().unwrap_or_default();
    url.port().map_or_else(|| host.to_owned(), |port| format!("{host}:{port}"))
}
