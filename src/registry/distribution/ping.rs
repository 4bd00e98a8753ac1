//! `GET /v2/`: is this a registry, and does the sign-in work?
//!
//! Invariant: a page for people is never taken for a registry.

use super::Distribution;
use crate::domain::text::visible;
use crate::domain::{Failure, FailureKind};
use crate::http::header::SERVER;
use crate::http::{AuthScheme, Limit, Reply, Request, WEB_PAGE};

/// What a registry says about itself.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Server {
    /// The protocol's version header, `registry/2.0`.
    pub version: Option<String>,
    /// The software, as far as its headers tell.
    pub software: Option<String>,
    /// Whether the sign-in was asked for and taken.
    pub signed_in: bool,
    /// How it wants to be signed in to.
    pub auth: AuthScheme,
}

impl Distribution {
    /// Asks whether this is a registry that takes the sign-in.
    ///
    /// # Errors
    /// `Unauthorized`, `Tls`, `Offline`, `Invalid` (not a registry) and what the transport may say.
    pub async fn ping(&self) -> Result<Server, Failure> {
        let host = self.http().host();
        let doing = format!("asking {} whether it is a registry", visible(&host));
        let mut url = self.url([]);
        let path = format!("{}/", url.path());
        url.set_path(&path);
        let reply = self.http().fetch(&Request::get(url, &doing), Limit::ERROR).await?;
        if reply.is_web_page() || reply.status.as_u16() == 404 {
            return Err(Failure::new(FailureKind::Invalid, doing, not_a_registry(&reply)));
        }
        let reply = reply.success(&doing)?;
        Ok(Server {
            version: reply.named("docker-distribution-api-version").map(|v| visible(v).into_owned()),
            software: software(&reply),
            signed_in: reply.signed_in,
            auth: self.http().scheme(),
        })
    }
}

fn not_a_registry(reply: &Reply) -> String {
    if reply.is_web_page() {
        return format!("{WEB_PAGE}; check the host, the port and the path");
    }
    "there is no registry at this address (404 for /v2/); check the host, the port and the path".to_owned()
}

/// What the `Server` header says.
fn software(reply: &Reply) -> Option<String> {
    let found = reply.header(&SERVER)?;
    Some(visible(&found.chars().take(80).collect::<String>()).into_owned())
}
