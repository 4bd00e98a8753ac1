//! The distribution protocol (OCI distribution-spec 1.1, Docker Registry HTTP API V2), as robust clients speak it.
//!
//! One file per call: `ping`, `list`, `manifest`, `blob`, `referrers`, `delete`, `push`, `upload`; `content` reads one
//! repository for a transfer. Nothing here knows a vendor by name in code; what servers do wrong is tolerated for all.
//!
//! Invariant: bytes asked for by digest are handed on only when they have that digest (streams: their keeper checks).

mod blob;
mod content;
pub(super) mod cursor;
mod delete;
mod list;
mod manifest;
mod names;
mod ping;
mod push;
mod referrers;
mod upload;

use std::sync::Arc;
use std::sync::atomic::AtomicUsize;

use url::Url;

use crate::domain::text::visible;
use crate::domain::{Failure, FailureKind};
use crate::http::{Http, Request};

pub use content::RepositoryContent;
pub use list::NamePage;
pub use manifest::Resolved;
pub use ping::Server;
pub use referrers::cosign_tag_of;
pub use upload::{Begun, Upload, Whole};

/// A client of one registry. Cheap to clone.
#[derive(Clone)]
pub struct Distribution(Arc<Inner>);

struct Inner {
    http: Http,
    /// Index into [`list::PAGE_SIZES`] of the largest that this server took; past the end when it took none.
    page_size: AtomicUsize,
}

impl Distribution {
    /// A client over `http`, whose base URL names the registry. No I/O.
    #[must_use]
    pub fn new(http: Http) -> Self {
        Self(Arc::new(Inner { http, page_size: AtomicUsize::new(0) }))
    }

    /// The HTTP client underneath.
    #[must_use]
    pub fn http(&self) -> &Http {
        &self.0.http
    }

    /// One repository as something to read from.
    #[must_use]
    pub fn content(&self, repository: &str) -> RepositoryContent {
        RepositoryContent::new(self.clone(), repository)
    }

    /// `BASE/v2/PARTS…`, each part one segment.
    fn url<'a>(&self, parts: impl IntoIterator<Item = &'a str>) -> Url {
        let mut url = self.0.http.base().clone();
        url.set_query(None);
        if let Ok(mut segments) = url.path_segments_mut() {
            segments.pop_if_empty().push("v2").extend(parts);
        }
        url
    }

    /// `BASE/v2/REPOSITORY/PARTS…`. A name that would lead elsewhere is refused here.
    fn repository_url(&self, repository: &str, parts: &[&str], doing: &str) -> Result<Url, Failure> {
        let all = repository.split('/').chain(parts.iter().copied());
        if all.clone().any(|part| matches!(part, "" | "." | "..")) {
            let said = format!("“{}” cannot be part of a repository's address", visible(repository));
            return Err(Failure::new(FailureKind::Invalid, doing, said));
        }
        Ok(self.url(all))
    }
}

/// Adds the scope for reading a repository.
fn to_read(request: Request, repository: &str) -> Request {
    request.scope(format!("repository:{repository}:pull"))
}

/// Adds the scope for writing to a repository. Deleting is asked for like this too: where a server wants more it
/// names it, and some (Quay) refuse the scope `delete` itself.
fn to_write(request: Request, repository: &str) -> Request {
    request.scope(write_scope(repository))
}

fn write_scope(repository: &str) -> String {
    format!("repository:{repository}:pull,push")
}
