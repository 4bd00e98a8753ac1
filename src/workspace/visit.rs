//! Going to what was named on the command line: an existing connection of that host, else one for this run only.

use super::Workspace;
use super::connect::{blank, fresh_id, guess_url, over_plain_http};
use crate::domain::connection::{ConnectFailure, Connected};
use crate::domain::{Connection, Failure, FailureKind, Locator, NodeKind, Place};
use crate::registry::catalog;

impl Workspace {
    /// Connects to the host of `place`, and returns the node that it names.
    ///
    /// # Errors
    /// As [`Workspace::connect`].
    pub async fn visit(&self, place: &Place) -> Result<(Connected, Locator), ConnectFailure> {
        let refused = |failure| ConnectFailure::Refused { failure, field: None };
        let (connected, repository) = match self.known(place) {
            Some(known) => known,
            None => (self.visit_host(place).await.map_err(refused)?, place.repository.clone()),
        };
        let at = locate(Locator::root(connected.connection.id.clone()), repository.as_deref(), place);
        Ok((connected, at))
    }

    /// The connection that serves `place`, and what is left of the repository's name below it: a connection may have
    /// a path prefix, and the longest one counts.
    fn known(&self, place: &Place) -> Option<(Connected, Option<String>)> {
        let named = match &place.repository {
            Some(repository) => format!("{}/{repository}", place.host),
            None => place.host.clone(),
        };
        let below = |host: &str| match named.strip_prefix(host)? {
            "" => Some(None),
            rest => rest.strip_prefix('/').map(|r| Some(r.to_owned())),
        };
        self.connected()
            .into_iter()
            .filter_map(|c| below(c.connection.host()).map(|rest| (c, rest)))
            .max_by_key(|(c, _)| c.connection.host().len())
    }

    async fn visit_host(&self, place: &Place) -> Result<Connected, Failure> {
        let connection = self.reachable(place).await?;
        self.admit(connection, false)
    }

    /// A connection for this run; a loopback host may speak plain HTTP.
    async fn reachable(&self, place: &Place) -> Result<Connection, Failure> {
        let info = catalog::of_host(&place.host);
        let url = guess_url(&place.host, place.plain_http)?;
        let id = fresh_id(&place.host);
        let mut connection = blank(id, info.id, url, place.host.clone());
        connection.options.plain_http = place.plain_http;
        let first = match self.open(&connection)?.check().await {
            // A server that answers, even with a refusal, is there; what was named may still be public.
            Ok(_) => return Ok(connection),
            Err(f) if matches!(f.kind, FailureKind::Unauthorized | FailureKind::Forbidden) => {
                return Ok(connection);
            }
            Err(failure) => failure,
        };
        if let Some(plain) = over_plain_http(&connection, &first) {
            match self.open(&plain)?.check().await {
                Ok(_) => return Ok(plain),
                Err(f) if f.kind == FailureKind::Unauthorized => return Ok(plain),
                Err(_) => {}
            }
        }
        Err(first)
    }
}

/// The node that is named. A digest says more than a tag, which may have moved since.
fn locate(root: Locator, repository: Option<&str>, place: &Place) -> Locator {
    let Some(repository) = repository else { return root };
    let at = root.child(NodeKind::Repository, repository);
    match (&place.tag, &place.digest) {
        (_, Some(digest)) => at.child(NodeKind::Manifest, &digest.to_string()),
        (Some(tag), None) => at.child(NodeKind::Tag, tag),
        (None, None) => at,
    }
}
