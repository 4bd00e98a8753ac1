//! What refers to a manifest: the referrers API, the tag that stands in for it, and cosign's tags.
//!
//! Invariant: a server without the API is no failure; what cannot be asked (rights, network) is.

use std::collections::HashSet;

use serde::Deserialize;
use serde_json::json;

use super::manifest::named;
use super::{Distribution, to_read};
use crate::domain::media::{self, MediaType};
use crate::domain::{Descriptor, Digest, Failure, FailureKind, Manifest};
use crate::http::header::{CONTENT_TYPE, LINK};
use crate::http::{Limit, Request, link};

/// More pages than this are a loop.
const MOST_PAGES: usize = 100;

/// cosign's tags beside the referrers, with the artifact type that they stand for.
const COSIGN: [(&str, &str); 3] = [
    ("sig", "application/vnd.dev.cosign.artifact.sig.v1+json"),
    ("att", "application/vnd.dev.cosign.artifact.att.v1+json"),
    ("sbom", "application/vnd.dev.cosign.artifact.sbom.v1+json"),
];

/// The annotation that says by which tag a referrer was found.
const REF_NAME: &str = "org.opencontainers.image.ref.name";

impl Distribution {
    /// Everything that refers to `digest`: signatures, SBOMs, attestations.
    ///
    /// # Errors
    /// `Unauthorized`, `Forbidden`, and what the transport may say; nothing found is an empty list.
    pub async fn referrers(&self, repository: &str, digest: &Digest) -> Result<Vec<Descriptor>, Failure> {
        let asked = async {
            match self.referrers_api(repository, digest).await? {
                Some(found) => Ok(found),
                None => self.referrers_tag(repository, digest).await,
            }
        };
        let [sig, att, sbom] = COSIGN.map(|kind| self.cosign_tag(repository, digest, kind));
        let (found, sig, att, sbom) = tokio::join!(asked, sig, att, sbom);
        let mut found = found?;
        for referrer in &mut found {
            // Anybody can write it there; only a tag that was asked for is one by which a referrer is found.
            referrer.annotations.remove(REF_NAME);
        }
        let mut seen: HashSet<Digest> = found.iter().map(|d| d.digest.clone()).collect();
        let extra = [sig?, att?, sbom?].into_iter().flatten();
        found.extend(extra.filter(|d| seen.insert(d.digest.clone())));
        Ok(found)
    }

    /// Makes `referrers`, which were just written, known as referring to `subject`. Servers with the API know by
    /// themselves; for others the stand-in tag is brought up to date.
    ///
    /// # Errors
    /// What reading or writing the tag says.
    pub async fn note_referrers(
        &self,
        repository: &str,
        subject: &Digest,
        referrers: &[Descriptor],
    ) -> Result<(), Failure> {
        let ours: Vec<&Descriptor> =
            referrers.iter().filter(|d| cosign_tag_of(d, subject).is_none()).collect();
        if ours.is_empty() || self.referrers_api(repository, subject).await?.is_some() {
            return Ok(());
        }
        let mut all = self.referrers_tag(repository, subject).await?;
        for referrer in ours {
            if !all.iter().any(|d| d.digest == referrer.digest) {
                all.push(referrer.clone());
            }
        }
        let index = json!({ "schemaVersion": 2, "mediaType": media::OCI_INDEX, "manifests": all });
        let bytes = index.to_string().into();
        self.put_manifest(repository, &stand_in(subject), media::OCI_INDEX, bytes).await.map(drop)
    }

    /// The answer of the API; nothing when the server has none.
    async fn referrers_api(
        &self,
        repository: &str,
        digest: &Digest,
    ) -> Result<Option<Vec<Descriptor>>, Failure> {
        let doing = format!("looking for referrers of {}", named(repository, &digest.to_string()));
        let mut url = self.repository_url(repository, &["referrers", &digest.to_string()], &doing)?;
        let mut found: Vec<Descriptor> = Vec::new();
        let mut seen = HashSet::new();
        for _ in 0..MOST_PAGES {
            let request = to_read(Request::get(url.clone(), &doing).accept(media::OCI_INDEX), repository);
            let reply = self.http().fetch(&request, Limit::LIST).await?;
            if matches!(reply.status.as_u16(), 400 | 404 | 405 | 406 | 415 | 501) {
                return Ok(None);
            }
            let reply = reply.success(&doing)?;
            let is_index = reply.header(&CONTENT_TYPE).is_some_and(|t| MediaType::of(t) == MediaType::Index);
            let Some(page) = serde_json::from_slice::<Page>(&reply.body).ok().filter(|_| is_index) else {
                return Ok(None);
            };
            let before = found.len();
            found.extend(page.known().filter(|d| seen.insert(d.digest.clone())));
            let lines = reply.headers.get_all(LINK).iter().filter_map(|v| v.to_str().ok());
            let next = link::next(lines)
                .and_then(|target| target.split_once('?'))
                .map(|(_, query)| query.to_owned());
            match next {
                Some(query) if found.len() > before && url.query() != Some(&query) => {
                    url.set_query(Some(&query))
                }
                _ => break,
            }
        }
        Ok(Some(found))
    }

    /// The index behind the tag `sha256-<hex>`.
    async fn referrers_tag(&self, repository: &str, digest: &Digest) -> Result<Vec<Descriptor>, Failure> {
        let manifest = match self.manifest(repository, &stand_in(digest)).await {
            Ok(manifest) => manifest,
            Err(failure) if is_absent(&failure) => return Ok(Vec::new()),
            Err(failure) => return Err(failure),
        };
        Ok(match manifest.parse() {
            Ok(Manifest::Index(index)) => index.manifests,
            _ => Vec::new(),
        })
    }

    /// One of cosign's tags, if it exists.
    async fn cosign_tag(
        &self,
        repository: &str,
        digest: &Digest,
        (suffix, artifact): (&str, &str),
    ) -> Result<Option<Descriptor>, Failure> {
        let tag = format!("{}.{suffix}", stand_in(digest));
        match self.resolve(repository, &tag).await {
            Ok(found) => {
                let mut descriptor =
                    Descriptor::new(&found.media_type, found.digest, found.size.unwrap_or(0));
                descriptor.artifact_type = Some(artifact.to_owned());
                descriptor.annotations.insert(REF_NAME.to_owned(), tag);
                Ok(Some(descriptor))
            }
            Err(failure) if is_absent(&failure) => Ok(None),
            Err(failure) => Err(failure),
        }
    }
}

/// The tag by which cosign finds `referrer`, when it is one of those that it gives to what refers to `subject`. Any other
/// name in the annotation is of no meaning: it would let a referrer take the place of a tag.
#[must_use]
pub fn cosign_tag_of<'a>(referrer: &'a Descriptor, subject: &Digest) -> Option<&'a str> {
    let tag = referrer.annotations.get(REF_NAME)?;
    let suffix = tag.strip_prefix(&stand_in(subject))?.strip_prefix('.')?;
    COSIGN.iter().any(|(known, _)| *known == suffix).then_some(tag.as_str())
}

/// `sha256-<hex>` (distribution-spec 1.1, "Referrers Tag Schema").
fn stand_in(digest: &Digest) -> String {
    let tag = format!("{}-{}", digest.algorithm().name(), digest.hex());
    tag.chars().take(128).collect()
}

/// Some servers answer 400 to tags that they find too long or odd.
fn is_absent(failure: &Failure) -> bool {
    matches!(failure.kind, FailureKind::NotFound | FailureKind::Invalid | FailureKind::Unsupported)
}

/// A page of referrers; an entry that is no descriptor is passed over.
#[derive(Deserialize)]
struct Page {
    manifests: Option<Vec<serde_json::Value>>,
}

impl Page {
    fn known(self) -> impl Iterator<Item = Descriptor> {
        self.manifests.unwrap_or_default().into_iter().filter_map(|v| serde_json::from_value(v).ok())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_cosigns_own_tags_of_the_subject_name_a_referrer() {
        let (subject, other) = (Digest::of(b"subject"), Digest::of(b"other"));
        let named = |tag: &str| {
            let mut referrer = Descriptor::new(media::OCI_MANIFEST, Digest::of(b"referrer"), 8);
            referrer.annotations.insert(REF_NAME.to_owned(), tag.to_owned());
            cosign_tag_of(&referrer, &subject).map(str::to_owned)
        };
        for suffix in ["sig", "att", "sbom"] {
            let tag = format!("{}.{suffix}", stand_in(&subject));
            assert_eq!(named(&tag), Some(tag));
        }
        let foreign = format!("{}.sig", stand_in(&other));
        let odd = format!("{}.latest", stand_in(&subject));
        for tag in ["latest", "", &foreign, &odd, &stand_in(&subject)] {
            assert_eq!(named(tag), None, "{tag}");
        }
    }
}
