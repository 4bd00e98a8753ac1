//! Whether a request is signed as AWS wants it, worked out from the published steps.
//!
//! Source: AWS General Reference, "Signature Version 4 signing process", tasks 1 to 3.

use std::collections::BTreeMap;
use std::time::{Duration, SystemTime};

use aws_sigv4::sign::v4::{calculate_signature, generate_signing_key};
use axum::http::request::Parts;
use sha2::{Digest as _, Sha256};

/// What a request was signed for.
pub(crate) struct Signed {
    pub(crate) region: String,
    pub(crate) service: String,
}

type Refusal = (&'static str, String);

/// Checks the signature of a request; `keys` are secrets by access key.
pub(crate) fn check(parts: &Parts, body: &[u8], keys: &BTreeMap<String, String>) -> Result<Signed, Refusal> {
    let header = |name: &str| parts.headers.get(name).map(|v| v.to_str().unwrap()).unwrap_or_default();
    let malformed = |why: &str| ("IncompleteSignatureException", why.to_owned());
    let rest = header("authorization")
        .strip_prefix("AWS4-HMAC-SHA256 Credential=")
        .ok_or_else(|| malformed("no signature"))?;
    let (credential, rest) = rest.split_once(", SignedHeaders=").ok_or_else(|| malformed("no headers"))?;
    let (signed, signature) = rest.split_once(", Signature=").ok_or_else(|| malformed("no hash"))?;
    let [key, date, region, service, "aws4_request"] = credential.split('/').collect::<Vec<_>>()[..] else {
        return Err(malformed(credential));
    };
    let time = header("x-amz-date");
    assert!(time.starts_with(date), "{date} is the day of {time}");
    for needed in ["content-type", "host", "x-amz-date", "x-amz-target"] {
        assert!(signed.split(';').any(|name| name == needed), "{needed} is signed: {signed}");
    }
    let secret = keys.get(key).ok_or_else(|| {
        ("UnrecognizedClientException", "The security token included in the request is invalid.".to_owned())
    })?;
    let canonical = canonical(parts, signed, body);
    let scope = format!("{date}/{region}/{service}/aws4_request");
    let to_sign = format!("AWS4-HMAC-SHA256\n{time}\n{scope}\n{}", hash(canonical.as_bytes()));
    let day = SystemTime::UNIX_EPOCH + Duration::from_secs(seconds(time));
    let wanted = calculate_signature(generate_signing_key(secret, day, region, service), to_sign.as_bytes());
    if wanted != signature {
        let why = "The request signature we calculated does not match the signature you provided.";
        return Err(("InvalidSignatureException", why.to_owned()));
    }
    Ok(Signed { region: region.to_owned(), service: service.to_owned() })
}

fn canonical(parts: &Parts, signed: &str, body: &[u8]) -> String {
    let line = |name: &str| format!("{name}:{}\n", parts.headers[name].to_str().unwrap().trim());
    let headers: String = signed.split(';').map(line).collect();
    format!("{}\n{}\n\n{headers}\n{signed}\n{}", parts.method, parts.uri.path(), hash(body))
}

fn hash(bytes: &[u8]) -> String {
    hex::encode(Sha256::digest(bytes))
}

/// `20150830T123600Z` in seconds since 1970; only the day counts.
fn seconds(time: &str) -> u64 {
    let day = format!("{}-{}-{}T00:00:00Z", &time[..4], &time[4..6], &time[6..8]);
    day.parse::<jiff::Timestamp>().unwrap().as_second() as u64
}
