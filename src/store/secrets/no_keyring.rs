//! Systems whose keyring is not supported, and builds without the feature `keyring`: there is none.
//!
//! Invariant: same functions as `keyring.rs`.

use crate::domain::{Connection, ConnectionId, Failure, Secret};
use crate::store::Env;

/// Nothing is kept here.
pub(super) async fn get(_env: &Env, _id: &ConnectionId) -> Option<Secret> {
    None
}

/// Nothing can be kept here.
pub(super) async fn put(_env: &Env, _connection: &Connection, _secret: &Secret) -> bool {
    false
}

/// Nothing is kept here.
pub(super) async fn remove(_env: &Env, _id: &ConnectionId) -> Result<(), Failure> {
    Ok(())
}
