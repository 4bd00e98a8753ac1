//! Deleting manifests and untying tags.
//!
//! Invariant: a delete is never sent twice on its own, and untying never names a digest: that would delete the manifest.

use super::manifest::named;
use super::{Distribution, to_write};
use crate::domain::reference::is_tag;
use crate::domain::{Digest, Failure, FailureKind};
use crate::http::{Limit, Method, Reply, Request};

impl Distribution {
    /// Deletes a manifest, and with it every tag of it.
    ///
    /// # Errors
    /// `Unsupported` when deletes are switched off there, `NotFound` when it is gone already, `Forbidden`.
    pub async fn delete_manifest(&self, repository: &str, digest: &Digest) -> Result<(), Failure> {
        let digest = digest.to_string();
        let doing = format!("deleting {}", named(repository, &digest));
        let reply = self.delete_reply(repository, &digest, &doing).await?;
        let refused = reply.status.as_u16() == 405 || reply.has_code("UNSUPPORTED");
        finish(
            reply,
            &doing,
            refused,
            "deletes are switched off at this registry; its administrator can allow them (Distribution: storage.delete.enabled)",
        )
    }

    /// Unties one tag (OCI 1.1); the manifest and its other tags stay.
    ///
    /// # Errors
    /// `Unsupported` where tags cannot be deleted by name, `NotFound` when it is gone already, `Forbidden`, `Invalid`
    /// when `tag` is none.
    pub async fn delete_tag(&self, repository: &str, tag: &str) -> Result<(), Failure> {
        Self::check_tag(repository, tag)?;
        let doing = format!("untagging {}", named(repository, tag));
        let reply = self.delete_reply(repository, tag, &doing).await?;
        let refused = matches!(reply.status.as_u16(), 400 | 405 | 501)
            || reply.has_code("UNSUPPORTED")
            || reply.has_code("DIGEST_INVALID");
        finish(
            reply,
            &doing,
            refused,
            "this registry deletes manifests by digest only, not one tag of several",
        )
    }

    /// Refuses a name that is no tag: some servers (Artifactory) list digests among the tags.
    ///
    /// # Errors
    /// `Invalid`.
    pub fn check_tag(repository: &str, tag: &str) -> Result<(), Failure> {
        if is_tag(tag) {
            return Ok(());
        }
        let doing = format!("untagging {}", named(repository, tag));
        let said = "this is no tag, and without a tag there is only the whole manifest to delete";
        Err(Failure::new(FailureKind::Invalid, doing, said))
    }

    async fn delete_reply(&self, repository: &str, target: &str, doing: &str) -> Result<Reply, Failure> {
        let url = self.repository_url(repository, &["manifests", target], doing)?;
        let request = to_write(Request::new(Method::DELETE, url, doing), repository);
        self.http().fetch(&request, Limit::ERROR).await
    }
}

fn finish(reply: Reply, doing: &str, refused: bool, why: &str) -> Result<(), Failure> {
    if refused && !reply.status.is_success() {
        let said = format!("{why} ({})", reply.status.as_u16());
        return Err(Failure::new(FailureKind::Unsupported, doing, said));
    }
    reply.success(doing).map(|_| ())
}
