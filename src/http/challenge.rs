//! What a 401 asks for (`WWW-Authenticate`, RFC 9110 section 11; "Token Authentication" of Distribution).
//!
//! Invariant: a bearer challenge has a realm that is an absolute URL; one without counts as absent.

use http_auth::{ChallengeParser, ChallengeRef};
use reqwest::header::{HeaderMap, WWW_AUTHENTICATE};
use url::Url;

/// One way to sign in that the server offers.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Challenge {
    /// Username and password with every request.
    Basic,
    /// A token from the realm.
    Bearer(Bearer),
}

/// Where tokens come from, and which one is missing.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Bearer {
    /// The token server.
    pub realm: Url,
    /// What the token server calls this registry; Google leaves it out.
    pub service: Option<String>,
    /// The scopes that the refused request needs; Harbor's `/v2/` names none.
    pub scopes: Vec<String>,
    /// `insufficient_scope`, `invalid_token`.
    pub error: Option<String>,
}

/// The best of the challenges in these headers: a token before a password.
#[must_use]
pub fn best(headers: &HeaderMap) -> Option<Challenge> {
    let lines = headers.get_all(WWW_AUTHENTICATE).iter().filter_map(|v| v.to_str().ok());
    let mut found = None;
    for challenge in lines.flat_map(|line| ChallengeParser::new(line).map_while(Result::ok)) {
        match read(&challenge) {
            Some(bearer @ Challenge::Bearer(_)) => return Some(bearer),
            Some(Challenge::Basic) => found = Some(Challenge::Basic),
            None => {}
        }
    }
    found
}

fn read(challenge: &ChallengeRef<'_>) -> Option<Challenge> {
    if challenge.scheme.eq_ignore_ascii_case("basic") {
        return Some(Challenge::Basic);
    }
    if !challenge.scheme.eq_ignore_ascii_case("bearer") {
        return None;
    }
    let value = |name: &str| {
        let found = challenge.params.iter().find(|(key, _)| key.eq_ignore_ascii_case(name));
        found.map(|(_, value)| value.to_unescaped()).filter(|v| !v.is_empty())
    };
    let realm = Url::parse(&value("realm")?).ok().filter(Url::has_host)?;
    let scopes =
        value("scope").map(|s| s.split_whitespace().map(str::to_owned).collect()).unwrap_or_default();
    Some(Challenge::Bearer(Bearer { realm, service: value("service"), scopes, error: value("error") }))
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn of(lines: &[&str]) -> Option<Challenge> {
        best(&lines.iter().map(|l| (WWW_AUTHENTICATE, l.parse().unwrap())).collect())
    }

    fn bearer(service: Option<&str>, scopes: &[&str]) -> Option<Challenge> {
        Some(Challenge::Bearer(Bearer {
            realm: "https://auth.example/token".parse().unwrap(),
            service: service.map(str::to_owned),
            scopes: scopes.iter().map(|&s| s.to_owned()).collect(),
            error: None,
        }))
    }

    #[test]
    fn any_case_any_order_any_number() {
        let full =
            r#"Bearer realm="https://auth.example/token",service="reg",scope="repository:a/b:pull,push""#;
        assert_eq!(of(&[full]), bearer(Some("reg"), &["repository:a/b:pull,push"]));
        let gitea = r#"Bearer realm="https://auth.example/token",service="reg",scope="*", Basic realm="x""#;
        assert_eq!(of(&[gitea]), bearer(Some("reg"), &["*"]));
        let turned = r#"BASIC realm="x", BEARER Realm="https://auth.example/token""#;
        assert_eq!(of(&[turned]), bearer(None, &[]));
        assert_eq!(of(&["Basic realm=x", r#"bearer realm="https://auth.example/token""#]), bearer(None, &[]));
        assert_eq!(of(&[r#"BASIC realm="registry""#]), Some(Challenge::Basic));
    }

    #[test]
    fn nonsense_is_no_challenge() {
        assert_eq!(of(&[]), None);
        assert_eq!(of(&["Negotiate"]), None);
        assert_eq!(of(&[r#"Bearer realm="/token""#]), None);
        assert_eq!(of(&[r#"Bearer realm="/token", Basic realm="x""#]), Some(Challenge::Basic));
        assert_eq!(of(&["\"\"\"="]), None);
    }

    proptest! {
        #[test]
        fn any_header_is_survived(line in "[ -~]{0,200}", mangled in r#"(Bearer|Basic|,|;|=|"|\\| |realm|https://a){0,20}"#) {
            for text in [line, mangled] {
                if let Some(Challenge::Bearer(bearer)) = of(&[&text]) {
                    prop_assert!(bearer.realm.has_host());
                }
            }
        }
    }
}
