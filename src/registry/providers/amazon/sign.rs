//! AWS Signature Version 4, computed by AWS's own library.
//!
//! Source: AWS General Reference, "Signature Version 4 signing process".
//!
//! Invariant: what proxies may change (all but host, content type and AWS's own headers) is not signed.

use std::sync::Arc;
use std::time::SystemTime;

use async_trait::async_trait;
use aws_credential_types::Credentials;
use aws_sigv4::http_request::{SignableBody, SignableRequest, SigningSettings, sign};
use aws_sigv4::sign::v4;

use super::keys::Keys;
use crate::domain::{Credential, Failure, FailureKind};
use crate::http::header::{CONTENT_TYPE, HeaderMap, HeaderName, HeaderValue};
use crate::http::{SignIn, Signer, Unsigned};

/// What the requests to one API are signed for.
pub(super) struct Signing {
    pub(super) keys: Arc<Keys>,
    pub(super) region: String,
    /// `ecr` or `ecr-public`.
    pub(super) service: &'static str,
}

#[async_trait]
impl SignIn for Signing {
    async fn credential(&self) -> Result<Credential, Failure> {
        Ok(Credential::Anonymous)
    }

    fn signer(&self) -> Option<&dyn Signer> {
        Some(self)
    }
}

#[async_trait]
impl Signer for Signing {
    async fn sign(&self, request: &Unsigned<'_>) -> Result<HeaderMap, Failure> {
        let keys = self.keys.get(&self.region).await?;
        signature(&keys, &self.region, self.service, SystemTime::now(), request)
    }
}

/// The headers that sign `request` at `time`.
fn signature(
    keys: &Credentials,
    region: &str,
    service: &str,
    time: SystemTime,
    request: &Unsigned<'_>,
) -> Result<HeaderMap, Failure> {
    let bug = |said: String| Failure::new(FailureKind::Bug, "signing a request to AWS", said);
    let identity = keys.clone().into();
    let params = v4::SigningParams::builder()
        .identity(&identity)
        .region(region)
        .name(service)
        .time(time)
        .settings(SigningSettings::default())
        .build()
        .map_err(|e| bug(e.to_string()))?
        .into();
    let signed = |name: &HeaderName| *name == CONTENT_TYPE || name.as_str().starts_with("x-amz-");
    let headers = request.headers.iter().filter(|(name, _)| signed(name));
    let headers = headers.filter_map(|(name, value)| Some((name.as_str(), value.to_str().ok()?)));
    let body = SignableBody::Bytes(request.body);
    let signable = SignableRequest::new(request.method.as_str(), request.url.as_str(), headers, body)
        .map_err(|e| bug(e.to_string()))?;
    let (instructions, _) = sign(signable, &params).map_err(|e| bug(e.to_string()))?.into_parts();
    let (added, _) = instructions.into_parts();
    let mut out = HeaderMap::new();
    for header in added {
        let mut value = HeaderValue::from_str(header.value()).map_err(|e| bug(e.to_string()))?;
        value.set_sensitive(true);
        out.insert(HeaderName::from_static(header.name()), value);
    }
    Ok(out)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::http::Method;
    use crate::http::header::AUTHORIZATION;
    use std::time::Duration;

    /// 2015-08-30T12:36:00Z, the time of the published vectors.
    const THEN: Duration = Duration::from_secs(1_440_938_160);
    const SESSION: &str = "AQoDYXdzEPT//////////wEXAMPLEtc764bNrC9SAPBSM22wDOk4x4HIZ8j4FZTwdQWLWsKWHGBuFqwAeMicRXmxfpSPfIeoIYRqTflfKD8YUuwthAx7mSEI/qkPpKPi/kMcGdQrmGdeehM4IC1NtBmUpp2wUE8phUZampKsburEDy0KPkyQDYwT7WZ0wq5VSXDvp75YU9HFvlRd8Tx6q6fE8YQcHNVXAkiY9q6d+xo0rKwT38xVqr7ZD0u0iPPkUL64lIZbqBAz+scqKmlzm8FDrypNC9Yjc8fPOLn9FX9KSYvKTr4rvx3iSIlTJabIQwj2ICCR/oLxBA==";

    fn authorization(session: Option<&str>, headers: &HeaderMap, body: &[u8]) -> String {
        let keys = Credentials::new(
            "AKIDEXAMPLE",
            "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY",
            session.map(str::to_owned),
            None,
            "test",
        );
        let url = "https://example.amazonaws.com/".parse().unwrap();
        let request = Unsigned { method: &Method::POST, url: &url, headers, body };
        let time = SystemTime::UNIX_EPOCH + THEN;
        let signed = signature(&keys, "us-east-1", "service", time, &request).unwrap();
        assert_eq!(signed["x-amz-date"], "20150830T123600Z");
        assert!(signed[AUTHORIZATION].is_sensitive());
        signed[AUTHORIZATION].to_str().unwrap().to_owned()
    }

    /// `post-vanilla` of the AWS Signature Version 4 test suite.
    #[test]
    fn a_published_vector() {
        assert_eq!(
            authorization(None, &HeaderMap::new(), b""),
            "AWS4-HMAC-SHA256 Credential=AKIDEXAMPLE/20150830/us-east-1/service/aws4_request, \
             SignedHeaders=host;x-amz-date, \
             Signature=5da7c1a2acd57cee7505fc6676e4e544621c30862966e37dddb68e92efbe5d6b"
        );
    }

    /// `post-sts-header-before` of the same suite.
    #[test]
    fn a_published_vector_with_a_session() {
        assert!(
            authorization(Some(SESSION), &HeaderMap::new(), b"")
                .ends_with("85d96828115b5dc0cfc3bd16ad9e210dd772bbebba041836c64533a82be05ead")
        );
    }

    /// `post-x-www-form-urlencoded` as AWS first published it, without the header that names the body's hash. A header
    /// that is not AWS's changes nothing.
    #[test]
    fn a_published_vector_with_a_body() {
        let mut headers = HeaderMap::new();
        headers.insert(CONTENT_TYPE, HeaderValue::from_static("application/x-www-form-urlencoded"));
        headers.insert("accept", HeaderValue::from_static("text/plain"));
        assert_eq!(
            authorization(None, &headers, b"Param1=value1"),
            "AWS4-HMAC-SHA256 Credential=AKIDEXAMPLE/20150830/us-east-1/service/aws4_request, \
             SignedHeaders=content-type;host;x-amz-date, \
             Signature=ff11897932ad3f4e8b18135d722051e5ac45fc38421b1da7b9d196a0fe09473a"
        );
    }
}
