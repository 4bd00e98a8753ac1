//! A vendor's own lists where its API answers, those of the protocol where it does not.
//!
//! Invariant: a list that was begun one way goes on that way; a refusal of the sign-in or of the pace is told and never
//! worked around. A right that only the API asks for is done without where something is read ([`may_do_without`]);
//! nothing is written around a refusal ([`is_away`]).

use super::Provider as _;
use super::plain::Plain;
use crate::domain::{Cursor, Failure, FailureKind, Locator, Page};

/// Marks the cursors of the protocol's lists.
const BY_PROTOCOL: &str = "v2 ";

/// One page of the children of `at`: what `listed` brings, which is the API's, else what the registry itself says.
///
/// # Errors
/// What the API said, when the registry cannot list here either.
pub async fn children(
    plain: &Plain,
    at: &Locator,
    cursor: Option<&Cursor>,
    listed: impl Future<Output = Result<Page, Failure>>,
) -> Result<Page, Failure> {
    if let Some(rest) = cursor.and_then(|c| c.0.strip_prefix(BY_PROTOCOL)) {
        return plain.children(at, Some(&Cursor(rest.to_owned()))).await.map(marked);
    }
    let failure = match listed.await {
        Err(failure) if cursor.is_none() && is_away(failure.kind) => failure,
        told => return told,
    };
    match plain.children(at, None).await {
        Ok(mut page) => {
            page.warnings.push(format!("{failure}; the registry itself was asked instead"));
            Ok(marked(page))
        }
        Err(_) => Err(failure),
    }
}

fn marked(mut page: Page) -> Page {
    page.next = page.next.map(|next| Cursor(format!("{BY_PROTOCOL}{}", next.0)));
    page
}

/// Whether a failure means that the API is not there, rather than that it refuses.
#[must_use]
pub fn is_away(kind: FailureKind) -> bool {
    matches!(
        kind,
        FailureKind::NotFound
            | FailureKind::Unsupported
            | FailureKind::Invalid
            | FailureKind::Server
            | FailureKind::Offline
            | FailureKind::Timeout
            | FailureKind::Tls
    )
}

/// Whether less may be read from the registry itself: the API is not there, or not for this account.
#[must_use]
pub fn may_do_without(failure: &Failure) -> bool {
    is_away(failure.kind) || failure.kind == FailureKind::Forbidden
}
