//! Addresses, opened in the browser.

use crate::domain::{Failure, FailureKind};

/// Opens `address`; only web addresses are.
pub(super) fn open(address: &str) -> Result<String, Failure> {
    let doing = format!("opening {address}");
    let is_web = url::Url::parse(address).is_ok_and(|u| matches!(u.scheme(), "http" | "https"));
    if !is_web {
        return Err(Failure::new(FailureKind::Invalid, doing, "it is no web address"));
    }
    open::that_detached(address).map(|()| address.to_owned()).map_err(|e| {
        Failure::new(FailureKind::Unsupported, doing, format!("no browser could be started ({e})"))
    })
}
