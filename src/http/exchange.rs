//! One try of one request: a place in the schedule, the sign-in, the redirects.
//!
//! Invariant: the sign-in is sent to the registry's own host only, and dropped for good once a redirect leaves it.

use std::time::Duration;

use reqwest::Response;
use reqwest::header::{ACCEPT_ENCODING, CONTENT_LENGTH, HeaderMap, HeaderValue};
use url::Url;

use super::answer::Answer;
use super::auth;
use super::broken::Broken;
use super::errors;
use super::grant::Grant;
use super::request::{Body, Kind, Redirects};
use super::schedule::Place;
use super::sign_in::Unsigned;
use super::streamed::Streamed;
use super::{Http, Request, redirect, transport};
use crate::domain::{Failure, FailureKind};

/// Uploads slower than this count as stalled.
const SLOWEST_UPLOAD: u64 = 16 << 10;
/// A server that takes more time to settle a blob that it has received counts as stalled.
const SLOWEST_SETTLING: u64 = 4 << 20;

impl Http {
    /// Sends the request until the sign-in is settled. An answer that refuses the last one comes back as it is.
    pub(super) async fn attempt(&self, request: &Request) -> Result<Answer, Broken> {
        let mut place = self.0.schedule.enter(request.priority).await;
        if !redirect::keeps_sign_in(self.base(), &request.url) {
            return self.follow(request, &Grant::None, place).await;
        }
        let mut round = self.first_round(request).await?;
        loop {
            let mut answer = self.follow(request, &round.grant, place).await?;
            let at_home = redirect::keeps_sign_in(&request.url, &answer.url);
            answer.signed_in = at_home && round.is_signed_in();
            if !at_home || !auth::is_asked(answer.status(), answer.headers()) {
                self.0.auth.learn(request, &round);
                self.warn_once(&errors::warnings(answer.headers()));
                return Ok(answer);
            }
            match self.next_round(request, &round, answer.headers()).await? {
                Some(next) => round = next,
                None => return Ok(answer),
            }
            place = answer.place;
        }
    }

    /// Sends the request with `grant`, and on to where it is redirected.
    pub(super) async fn follow(
        &self,
        request: &Request,
        grant: &Grant,
        place: Place,
    ) -> Result<Answer, Broken> {
        let mut url = request.url.clone();
        let mut grant = grant;
        for _ in 0..=redirect::MOST {
            let response = self.exchange(request, &url, grant).await?;
            let next =
                redirect::next(&request.method, &url, response.status(), response.headers(), &request.doing)?;
            let Some(next) = next else {
                return Ok(Answer {
                    response,
                    url,
                    doing: request.doing.clone(),
                    stall: self.0.settings.timings.stall,
                    signed_in: false,
                    method: request.method.clone(),
                    explain: self.0.settings.explain,
                    place,
                });
            };
            if !redirect::keeps_sign_in(&url, &next) {
                if request.redirects == Redirects::SameHost {
                    return Err(redirect::leads_elsewhere(&request.doing, &next));
                }
                grant = &Grant::None;
            }
            url = next;
        }
        Err(redirect::too_many(&request.doing))
    }

    async fn exchange(&self, request: &Request, url: &Url, grant: &Grant) -> Result<Response, Broken> {
        let settings = &self.0.settings;
        settings.check_scheme(url, &request.doing)?;
        let client = self.0.clients.get(settings, request.kind(), url).map_err(Broken::never)?;
        let mut builder =
            client.request(request.method.clone(), url.clone()).headers(request.headers.clone());
        if *grant == Grant::Signed {
            builder = builder.headers(self.signature(request, url).await?);
        }
        if request.kind() != Kind::Compressed {
            builder = builder.header(ACCEPT_ENCODING, HeaderValue::from_static("identity"));
        }
        builder = match &request.body {
            // hyper leaves the length out for an empty body, and some servers answer 411 then.
            Some(Body::Whole(bytes)) if bytes.is_empty() => {
                builder.header(CONTENT_LENGTH, HeaderValue::from_static("0")).body(bytes.clone())
            }
            Some(Body::Whole(bytes)) => builder.body(bytes.clone()),
            Some(Body::Streamed(body)) => builder.header(CONTENT_LENGTH, body.length()).body(body.body()),
            None => builder,
        };
        let response = match self.patiently(request, grant.add_to(builder).send()).await? {
            Ok(response) => response,
            Err(error) => {
                let mut broken = transport::no_answer(&request.doing, url, &error);
                if settings.options.proxy.is_some() && broken.failure.kind == FailureKind::Offline {
                    broken.failure.said.push_str(", asked through the proxy of this connection");
                }
                return Err(broken);
            }
        };
        tracing::debug!(method = %request.method, host = url.host_str(), path = url.path(), status = response.status().as_u16());
        Ok(response)
    }

    /// The headers that sign a request on its way to `url`.
    async fn signature(&self, request: &Request, url: &Url) -> Result<HeaderMap, Broken> {
        let bug = |said| Broken::never(Failure::new(FailureKind::Bug, &request.doing, said));
        let signer = self.0.auth.sign_in.signer().ok_or_else(|| bug("nobody is there to sign it"))?;
        let body = match &request.body {
            Some(Body::Whole(bytes)) => bytes.as_ref(),
            Some(Body::Streamed(_)) => return Err(bug("a body that is made on the way cannot be signed")),
            None => &[],
        };
        let unsigned = Unsigned { method: &request.method, url, headers: &request.headers, body };
        Ok(signer.sign(&unsigned).await.map_err(|failure| failure.while_doing(&request.doing))?)
    }

    /// Waits for the headers: for the stall time, and longer while a large body is on its way.
    async fn patiently<T>(&self, request: &Request, sending: impl Future<Output = T>) -> Result<T, Broken> {
        let stall = self.0.settings.timings.stall;
        let size = match &request.body {
            Some(Body::Whole(bytes)) => bytes.len() as u64,
            Some(Body::Streamed(body)) => return moving(body, stall, sending, &request.doing).await,
            None => 0,
        };
        let patience = stall + Duration::from_secs(size / SLOWEST_UPLOAD);
        let sent = tokio::time::timeout(patience, sending).await;
        sent.map_err(|_| transport::stalled(&request.doing, patience))
    }
}

/// Waits for as long as the body moves; when it is out, the server gets time to look at it.
async fn moving<T>(
    body: &Streamed,
    stall: Duration,
    sending: impl Future<Output = T>,
    doing: &str,
) -> Result<T, Broken> {
    let end = body.taken().saturating_add(body.length());
    let mut sending = std::pin::pin!(sending);
    loop {
        let taken = body.taken();
        let settling = Duration::from_secs(body.length() / SLOWEST_SETTLING);
        let patience = if taken < end { stall } else { stall + settling };
        match tokio::time::timeout(patience, &mut sending).await {
            Ok(sent) => return Ok(sent),
            Err(_) if body.taken() > taken => {}
            Err(_) => return Err(transport::stalled(doing, patience)),
        }
    }
}
