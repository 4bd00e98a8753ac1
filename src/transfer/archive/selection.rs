//! Which images of a layout an archive is to have, and the one manifest that stands for an image where only one can.
//!
//! Invariant: only manifests are read here.

use crate::domain::manifest::Image;
use crate::domain::text::visible;
use crate::domain::{Descriptor, Digest, Failure, FailureKind, Manifest, Platform, Reference};
use crate::registry::Content;
use crate::transfer::Layout;
use crate::transfer::plan::{Step, next_step};

/// What to do with what no engine runs.
const PULL_ELSEWHERE: &str = "Pull it to the store or an OCI layout, which take anything.";
/// What to do with several platforms.
const CHOOSE_PLATFORM: &str =
    "Choose one: --platform on the command line, the question's platforms in the explorer.";

/// An index may hold indexes, so deep and no deeper.
const DEPTH_LIMIT: usize = 4;

/// Images of a layout that are to be one file.
#[derive(Debug, Clone)]
pub struct Selection {
    /// Where they are.
    pub layout: Layout,
    /// Name or digest in the layout, and the name in the archive, for each image. A docker-archive takes full names
    /// with a tag (`host/repository:tag`); an image with another name gets none there, and a note says so.
    pub images: Vec<(String, String)>,
    /// The member of an index to take. Without one an oci-archive gets the index with all members, and a docker-archive,
    /// which has no indexes, gets the only member or nothing.
    pub platform: Option<Platform>,
}

/// The image behind `target`: the member for the platform, or the only one.
///
/// # Errors
/// `Invalid` for an index of several platforms, and which they are, and for what no engine can run; `NotFound` without
/// the platform; what the content says.
pub(super) async fn one_platform(
    content: &dyn Content,
    target: &str,
    platform: Option<&Platform>,
) -> Result<(Digest, Image), Failure> {
    let doing = || format!("putting {} into a docker-archive", visible(target));
    let refused = |said: String| Failure::new(FailureKind::Invalid, doing(), said);
    let mut at = target.to_owned();
    for _ in 0..DEPTH_LIMIT {
        let raw = content.manifest(&at).await?;
        let manifest = raw.parse()?;
        at = match next_step(&manifest, platform)? {
            Step::Choose(member) => member.digest.to_string(),
            Step::Members(members) => {
                let only = only_member(&members).map_err(|said| refused(said).with_next(CHOOSE_PLATFORM))?;
                only.digest.to_string()
            }
            Step::Blobs { .. } => {
                return match manifest {
                    Manifest::Image(image) if image.is_runnable() => Ok((raw.digest, *image)),
                    Manifest::Image(image) => {
                        let said = format!("it is no image that can run, but {}", visible(image.kind()));
                        Err(refused(said).with_next(PULL_ELSEWHERE))
                    }
                    Manifest::Index(_) | Manifest::Schema1 => Err(refused("it is no image".to_owned())),
                };
            }
        };
    }
    Err(refused(format!("its indexes are nested more than {DEPTH_LIMIT} deep")))
}

fn only_member(members: &[Descriptor]) -> Result<&Descriptor, String> {
    let images: Vec<&Descriptor> = members.iter().filter(|member| !member.is_attestation()).collect();
    match images.as_slice() {
        [only] => Ok(only),
        [] => Err("its index has no image".to_owned()),
        several => {
            let platform = |member: &&Descriptor| match &member.platform {
                Some(platform) => visible(&platform.to_string()).into_owned(),
                None => member.digest.to_string(),
            };
            let platforms: Vec<String> = several.iter().map(platform).collect();
            Err(format!("it is for {}, and a docker-archive takes one of them", platforms.join(", ")))
        }
    }
}

/// `name` in full, as tools compare it: `docker.io/library/ubuntu:24.04`. Nothing when it is no reference with a tag:
/// what a layout calls `1.2` is the name of no image elsewhere.
pub(super) fn full_name(name: &str) -> Option<String> {
    let (repository, tag) = name.rsplit_once(':')?;
    let reference: Reference = name.parse().ok()?;
    let is_plain =
        reference.digest.is_none() && reference.tag.as_deref() == Some(tag) && !repository.is_empty();
    is_plain.then(|| format!("{}/{}:{tag}", reference.host, reference.repository))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_a_repository_with_a_tag_is_a_full_name() {
        for (name, full) in [
            ("ubuntu:24.04", Some("docker.io/library/ubuntu:24.04")),
            ("127.0.0.1:5000/app/api:1.2", Some("127.0.0.1:5000/app/api:1.2")),
            ("h.example/app:1", Some("h.example/app:1")),
            ("1.2", None),
            ("latest", None),
            ("h.example/app", None),
            ("127.0.0.1:5000/app", None),
            ("h.example/App:1", None),
            (&format!("h.example/app@{}", Digest::of(b"x")), None),
            (&format!("h.example/app:1@{}", Digest::of(b"x")), None),
        ] {
            assert_eq!(full_name(name).as_deref(), full, "{name}");
        }
    }
}
