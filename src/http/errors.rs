//! What a refusal of the server means, as a failure.
//!
//! Invariant: text of the server is shown only after [`tidy`]. Shape of error bodies: distribution-spec 1.1, "Error
//! codes"; read leniently, because codes, messages and details of every kind occur.

use reqwest::StatusCode;
use reqwest::header::{CONTENT_TYPE, HeaderMap, WARNING};
use serde::Deserialize;

use super::pause;
use super::tidy::tidy;
use crate::domain::{Failure, FailureKind};

/// What is said of HTML where JSON should be.
pub const WEB_PAGE: &str = "it answered with a web page, not as a registry";

/// One entry of the server's error list.
#[derive(Debug, Clone, PartialEq, Eq, Default, Deserialize)]
pub(super) struct SaidError {
    #[serde(default, deserialize_with = "text_or_nothing")]
    pub(super) code: String,
    #[serde(default, deserialize_with = "text_or_nothing")]
    pub(super) message: String,
    #[serde(default, deserialize_with = "text_or_nothing")]
    detail: String,
}

/// The server's error list; empty when the body is something else.
pub(super) fn said_errors(body: &[u8]) -> Vec<SaidError> {
    #[derive(Deserialize)]
    struct Body {
        errors: Vec<SaidError>,
    }
    serde_json::from_slice::<Body>(body).map(|b| b.errors).unwrap_or_default()
}

/// A string as it is, a number as text, anything else as nothing.
fn text_or_nothing<'de, D: serde::Deserializer<'de>>(d: D) -> Result<String, D::Error> {
    Ok(match serde_json::Value::deserialize(d)? {
        serde_json::Value::String(text) => text,
        serde_json::Value::Number(number) => number.to_string(),
        _ => String::new(),
    })
}

/// What a refusal consists of.
#[derive(Clone, Copy)]
pub(super) struct Refusal<'a> {
    pub(super) status: StatusCode,
    pub(super) headers: &'a HeaderMap,
    pub(super) body: &'a [u8],
    /// Whether the request carried a sign-in.
    pub(super) signed_in: bool,
}

/// The failure that a refusal is.
pub(super) fn from_refusal(doing: &str, refusal: Refusal<'_>) -> Failure {
    let errors = said_errors(refusal.body);
    let kind = match kind_of(refusal.status, &errors) {
        // GitHub answers 403 when the quota is used up, or asks for a pause with it.
        FailureKind::Forbidden if pause::asked_pause(refusal.headers).is_some() => FailureKind::RateLimited,
        kind => kind,
    };
    let mut said = meaning(refusal, kind, &errors);
    if let Some(text) = server_text(refusal, &errors) {
        said = format!("{said}: {text}");
    }
    let mut failure = Failure::new(kind, doing, said);
    failure.retry_after = pause::asked_pause(refusal.headers);
    failure
}

fn kind_of(status: StatusCode, errors: &[SaidError]) -> FailureKind {
    let has = |code: &str| errors.iter().any(|e| e.code.eq_ignore_ascii_case(code));
    match status.as_u16() {
        401 | 407 => FailureKind::Unauthorized,
        _ if has("TOOMANYREQUESTS") => FailureKind::RateLimited,
        400 | 404 | 405 if has("UNSUPPORTED") => FailureKind::Unsupported,
        403 | 451 => FailureKind::Forbidden,
        404 | 410 => FailureKind::NotFound,
        405 | 501 => FailureKind::Unsupported,
        408 => FailureKind::Timeout,
        409 | 412 | 423 => FailureKind::Conflict,
        429 => FailureKind::RateLimited,
        500.. => FailureKind::Server,
        _ => FailureKind::Invalid,
    }
}

fn meaning(refusal: Refusal<'_>, kind: FailureKind, errors: &[SaidError]) -> String {
    let status = refusal.status.as_u16();
    let has = |code: &str| errors.iter().any(|e| e.code.eq_ignore_ascii_case(code));
    match kind {
        FailureKind::Unauthorized if status == 407 => "the proxy asks for a sign-in (407)".to_owned(),
        FailureKind::Unauthorized if refusal.signed_in => "the server refused the sign-in (401)".to_owned(),
        FailureKind::Unauthorized => "the server asks for a sign-in (401)".to_owned(),
        FailureKind::Forbidden => format!("the account has no right to this ({status})"),
        FailureKind::NotFound if has("NAME_UNKNOWN") => format!("there is no such repository ({status})"),
        FailureKind::NotFound if has("MANIFEST_UNKNOWN") => {
            format!("there is no such tag or manifest ({status})")
        }
        FailureKind::NotFound if has("BLOB_UNKNOWN") => format!("there is no such blob ({status})"),
        FailureKind::NotFound => format!("not found ({status})"),
        FailureKind::Unsupported => format!("the server does not do this ({status})"),
        FailureKind::Timeout => format!("the server gave up waiting ({status})"),
        FailureKind::Conflict => format!("the server's state does not allow it ({status})"),
        FailureKind::RateLimited => format!("too many requests ({status}{})", pause_in_words(refusal)),
        FailureKind::Server => format!("the server failed ({status}{})", pause_in_words(refusal)),
        _ if refusal.status.is_redirection() => format!("it redirects without saying where ({status})"),
        _ => format!("the server refused the request ({status})"),
    }
}

fn pause_in_words(refusal: Refusal<'_>) -> String {
    pause::asked_pause(refusal.headers)
        .map_or_else(String::new, |p| format!(", retry in {}", pause::in_words(p)))
}

/// What the server said in its own words: the first error, else a short plain text.
fn server_text(refusal: Refusal<'_>, errors: &[SaidError]) -> Option<String> {
    if let Some(error) = errors.first() {
        let mut text = if error.message.is_empty() { error.code.clone() } else { error.message.clone() };
        if !error.detail.is_empty() && error.detail != text {
            text = format!("{text} ({})", error.detail);
        }
        return (!text.is_empty()).then(|| tidy(&text));
    }
    if is_web_page(content_type(refusal.headers), refusal.body) {
        return Some(WEB_PAGE.to_owned());
    }
    let body = String::from_utf8_lossy(refusal.body);
    let text = lone_message(&body).unwrap_or_else(|| body.trim().to_owned());
    let worth_showing = !text.is_empty() && !text.starts_with(['<', '{', '[']);
    worth_showing.then(|| tidy(&text))
}

/// `{"message": …}`, `{"error": …}` and `{"detail": …}`, as vendors outside the specification write them.
fn lone_message(body: &str) -> Option<String> {
    let object: serde_json::Map<String, serde_json::Value> = serde_json::from_str(body).ok()?;
    ["message", "error_description", "error", "details", "detail", "title"]
        .iter()
        .find_map(|key| object.get(*key)?.as_str().map(str::to_owned))
}

fn content_type(headers: &HeaderMap) -> Option<&str> {
    headers.get(CONTENT_TYPE)?.to_str().ok()
}

/// Whether a body is a page for people.
pub(super) fn is_web_page(content_type: Option<&str>, body: &[u8]) -> bool {
    let declared = content_type.is_some_and(|t| t.trim_start().to_ascii_lowercase().starts_with("text/html"));
    let start = body.trim_ascii_start();
    let start = start.get(..start.len().min(14)).unwrap_or_default().to_ascii_lowercase();
    declared && start.starts_with(b"<") || start.starts_with(b"<!doctype html") || start.starts_with(b"<html")
}

/// The texts of `Warning: 299 - "text"` headers (RFC 7234, section 5.5).
pub(super) fn warnings(headers: &HeaderMap) -> Vec<String> {
    headers
        .get_all(WARNING)
        .iter()
        .filter_map(|value| {
            let rest = value.to_str().ok()?.trim().strip_prefix("299")?;
            let text =
                rest.split_once('"').map_or(rest, |(_, quoted)| quoted.trim_end().trim_end_matches('"'));
            Some(tidy(&text.replace("\\\"", "\"")))
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pages_for_people_are_told_from_json() {
        assert!(is_web_page(Some("text/html"), b"\n<div>"));
        assert!(is_web_page(None, b"<!DOCTYPE html>"));
        assert!(is_web_page(Some("application/json"), b"  <HTML lang=en>"));
        assert!(!is_web_page(Some("text/html"), b"{}"));
        assert!(!is_web_page(Some("application/xml"), b"<?xml version=\"1.0\"?><Error/>"));
        assert!(!is_web_page(None, b""));
    }

    #[test]
    fn error_lists_are_read_leniently() {
        let read = |body: &str| said_errors(body.as_bytes()).len();
        assert_eq!(read(r#"{"errors":[{"code":"X","message":"m","detail":{"a":1}},{}]}"#), 2);
        assert_eq!(read(r#"{"errors":null}"#), 0);
        assert_eq!(read(r#"{"errors":["text"]}"#), 0);
        assert_eq!(read("<html>"), 0);
    }
}
