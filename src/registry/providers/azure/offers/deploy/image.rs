//! The image to run, as platforms are told of it.
//!
//! Invariant: an image is named with its host, Docker Hub's with a host that platforms know.

use crate::domain::asked::Asked;
use crate::domain::reference::DOCKER_HUB;
use crate::domain::text::visible;
use crate::domain::{Failure, FailureKind, Reference};

/// What the form was opened on.
///
/// # Errors
/// `Invalid` when it is no image.
pub(super) fn of(asked: &Asked) -> Result<&Reference, Failure> {
    asked.image.as_ref().ok_or_else(|| {
        let doing = format!("deploying {}", visible(asked.at.name()));
        Failure::new(FailureKind::Invalid, doing, "it is no image; choose a tag or a manifest")
    })
}

/// `host/repository:tag`, or with a digest; Docker Hub's too.
pub(super) fn whole(image: &Reference) -> String {
    let tag = image.tag.as_ref().map_or_else(String::new, |tag| format!(":{tag}"));
    let digest = image.digest.as_ref().map_or_else(String::new, |digest| format!("@{digest}"));
    format!("{}/{}{tag}{digest}", image.host, image.repository)
}

/// The address that App Service signs in at.
pub(super) fn server_url(image: &Reference) -> String {
    match image.host.as_str() {
        DOCKER_HUB => "https://index.docker.io/v1".to_owned(),
        host => format!("https://{host}"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_image_is_named_with_its_host() {
        let told = |text: &str| {
            let image: Reference = text.parse().unwrap();
            (whole(&image), server_url(&image))
        };
        let own = |a: &str, b: &str| (a.to_owned(), b.to_owned());
        assert_eq!(told("nginx:1.27"), own("docker.io/library/nginx:1.27", "https://index.docker.io/v1"));
        assert_eq!(told("ghcr.io/acme/api:1"), own("ghcr.io/acme/api:1", "https://ghcr.io"));
        let digest = crate::domain::Digest::of(b"x");
        let named = format!("acme.azurecr.io/api@{digest}");
        assert_eq!(told(&named), (named.clone(), "https://acme.azurecr.io".to_owned()));
    }
}
