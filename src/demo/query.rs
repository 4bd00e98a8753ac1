//! The query of a URL.

use url::form_urlencoded::parse;

/// The first value of a parameter.
pub(super) fn value(query: &str, name: &str) -> Option<String> {
    values(query, name).next()
}

/// Every value of a parameter, in order.
pub(super) fn values(query: &str, name: &str) -> impl Iterator<Item = String> {
    parse(query.as_bytes()).filter(move |(key, _)| key == name).map(|(_, value)| value.into_owned())
}
