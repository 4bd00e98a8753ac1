//! One call of the API of one registry: signed JSON 1.1, with keys that are renewed when they are over.
//!
//! Invariant: what changes something is sent again only when AWS has surely not done it.

use std::sync::Arc;

use bytes::Bytes;
use serde::de::DeserializeOwned;
use serde_json::Value;

use super::keys::Keys;
use super::place::Place;
use super::refusal::{self, Refused};
use super::sign::Signing;
use crate::domain::{Failure, FailureKind};
use crate::http::header::{HeaderName, HeaderValue};
use crate::http::{Limit, Method, Priority, Reply, Request};
use crate::registry::{Api, Opening};

const JSON: HeaderValue = HeaderValue::from_static("application/x-amz-json-1.1");
const TARGET: HeaderName = HeaderName::from_static("x-amz-target");

/// A client of one API.
pub(super) struct Calls {
    api: Api,
    keys: Arc<Keys>,
    region: String,
    /// What stands before the operation's name: the service's name on the wire.
    service: &'static str,
}

impl Calls {
    /// For the API of the registry at `place`. No I/O.
    ///
    /// # Errors
    /// `Invalid` when the address that was set for the API cannot be read.
    pub(super) fn of(opening: &Opening, keys: Arc<Keys>, place: &Place) -> Result<Self, Failure> {
        let (service, signed_for) = match place {
            Place::Private { .. } => ("AmazonEC2ContainerRegistry_V20150921", "ecr"),
            Place::Public => ("SpencerFrontendService", "ecr-public"),
        };
        let region = place.region().to_owned();
        let base = match opening.setting(super::ENDPOINT.id) {
            Some(address) => address.replace("{region}", &region),
            None => place.api(),
        };
        let signing = Signing { keys: Arc::clone(&keys), region: region.clone(), service: signed_for };
        Ok(Self { api: opening.api(&base, Arc::new(signing))?, keys, region, service })
    }

    /// A call that changes nothing.
    ///
    /// # Errors
    /// What AWS says, with the name of its error.
    pub(super) async fn read<T: DeserializeOwned>(
        &self,
        operation: &str,
        body: &Value,
        doing: &str,
    ) -> Result<T, Refused> {
        let request = self.request(operation, body, doing)?.reading().at(Priority::Listing).compressed();
        Ok(self.send(&request).await?.json(doing)?)
    }

    /// A call that changes something.
    ///
    /// # Errors
    /// What AWS says, with the name of its error.
    pub(super) async fn write<T: DeserializeOwned>(
        &self,
        operation: &str,
        body: &Value,
        doing: &str,
    ) -> Result<T, Refused> {
        let request = self.request(operation, body, doing)?;
        Ok(self.send(&request).await?.json(doing)?)
    }

    fn request(&self, operation: &str, body: &Value, doing: &str) -> Result<Request, Failure> {
        let target = HeaderValue::from_str(&format!("{}.{operation}", self.service))
            .map_err(|e| Failure::new(FailureKind::Bug, doing, e.to_string()))?;
        let mut url = self.api.url(&[], &[]);
        if url.path().is_empty() {
            url.set_path("/");
        }
        let request = Request::new(Method::POST, url, doing)
            .header(TARGET, target)
            .body(JSON, Bytes::from(body.to_string()))
            .throttled_by(refusal::is_throttled);
        Ok(request)
    }

    async fn send(&self, request: &Request) -> Result<Reply, Refused> {
        let refused = match self.send_once(request).await {
            Err(refused) if refusal::may_be_renewed(&refused.code) => refused,
            done => return done,
        };
        if self.keys.renew(&self.region).await.map_err(|f| f.while_doing(request.doing()))? {
            return self.send_once(request).await;
        }
        Err(refused)
    }

    async fn send_once(&self, request: &Request) -> Result<Reply, Refused> {
        let reply = self.api.http().fetch(request, Limit::LIST).await?;
        if reply.status.is_success() {
            return Ok(reply);
        }
        Err(refusal::of(&reply, request.doing(), self.keys.profile()))
    }
}
