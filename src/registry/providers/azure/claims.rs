//! What a token says about itself: whose it is, of which tenant, and when it ends.
//!
//! Invariant: nothing is decided by it but when to renew; the server is who checks it.

use base64::Engine as _;
use base64::prelude::BASE64_URL_SAFE_NO_PAD;
use serde::Deserialize;

use crate::domain::text::visible;

/// The claims of a token that is a JWT; all empty of one that is none.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct Claims {
    /// Seconds since 1970.
    pub(super) exp: Option<i64>,
    /// The tenant.
    pub(super) tid: Option<String>,
    preferred_username: Option<String>,
    upn: Option<String>,
    unique_name: Option<String>,
    appid: Option<String>,
    azp: Option<String>,
}

impl Claims {
    /// Reads a token.
    pub(super) fn of(token: &str) -> Self {
        let read = || {
            let payload = token.split('.').nth(1)?;
            let bytes = BASE64_URL_SAFE_NO_PAD.decode(payload.trim_end_matches('=')).ok()?;
            serde_json::from_slice(&bytes).ok()
        };
        read().unwrap_or_default()
    }

    /// Who signs in: a person's name, else an application's number.
    pub(super) fn name(&self) -> Option<String> {
        let all = [&self.preferred_username, &self.upn, &self.unique_name, &self.appid, &self.azp];
        all.into_iter().flatten().find(|name| !name.is_empty()).map(|name| visible(name).into_owned())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn whatever_a_token_is_it_can_be_read() {
        let jwt = |claims: &str| format!("e30.{}.s", BASE64_URL_SAFE_NO_PAD.encode(claims));
        let claims = Claims::of(&jwt(r#"{"exp":5,"tid":"t","upn":"ann@acme.example","appid":"1"}"#));
        assert_eq!((claims.exp, claims.tid.as_deref()), (Some(5), Some("t")));
        assert_eq!(claims.name().as_deref(), Some("ann@acme.example"));
        assert_eq!(Claims::of(&jwt(r#"{"appid":"1"}"#)).name().as_deref(), Some("1"));
        for odd in ["", "opaque", "a.b.c", "a.!.c"] {
            assert_eq!(Claims::of(odd).name(), None, "{odd}");
        }
    }
}
