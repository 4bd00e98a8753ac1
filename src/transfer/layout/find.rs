//! The images of an index, and finding one by the names that the containers tools give.
//!
//! Invariant: pure. Two images that answer to one name are told, never chosen between.

use serde_json::Value;

use crate::domain::text::visible;
use crate::domain::{Descriptor, Failure, FailureKind, Reference};

/// The annotation that names an image in a layout (image-spec `annotations.md`).
pub(super) const REF_NAME: &str = "org.opencontainers.image.ref.name";
/// The annotation with an image's full name, which `docker save` writes, and `docker load` reads; the one above then
/// has the tag alone.
pub(in crate::transfer) const FULL_NAME: &str = "io.containerd.image.name";

/// An image in a layout.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StoredImage {
    /// Its name; an entry written without one has none.
    pub name: Option<String>,
    /// What the name points at.
    pub manifest: Descriptor,
}

impl StoredImage {
    /// The images of an `index.json`, in its order. Entries that are no descriptors are passed over.
    pub(in crate::transfer) fn all_of(index: &Value) -> Vec<Self> {
        let entries = index.get("manifests").and_then(Value::as_array).map(Vec::as_slice).unwrap_or_default();
        entries.iter().filter_map(Self::of_entry).collect()
    }

    /// The image of an entry; nothing for what is no descriptor.
    pub(super) fn of_entry(entry: &Value) -> Option<Self> {
        let manifest: Descriptor = serde_json::from_value(entry.clone()).ok()?;
        let annotation = |key: &str| manifest.annotations.get(key);
        let full = annotation(FULL_NAME).map(|name| familiar(name));
        Some(Self { name: full.or_else(|| annotation(REF_NAME).cloned()), manifest })
    }

    /// Whether `name` is written in its entry.
    fn is_named(&self, name: &str) -> bool {
        let written = [REF_NAME, FULL_NAME].map(|key| self.manifest.annotations.get(key));
        written.into_iter().flatten().chain(&self.name).any(|written| written == name)
    }

    /// Whether its name stands for the same image: `ubuntu` for `docker.io/library/ubuntu:latest`.
    fn is_called(&self, name: &Reference) -> bool {
        self.name.as_deref().and_then(|own| own.parse::<Reference>().ok()).is_some_and(|own| own == *name)
    }

    /// As a person tells it from others.
    fn shown(&self) -> String {
        visible(self.name.as_deref().unwrap_or(&self.manifest.digest.to_string())).into_owned()
    }
}

/// A full name as short as Docker shows it.
pub(super) fn familiar(name: &str) -> String {
    name.parse::<Reference>().map_or_else(|_| name.to_owned(), |reference| reference.to_string())
}

/// The image called `name`; without a name the only one that there is. `place` is for messages.
///
/// # Errors
/// `NotFound`, and which names there are; `Invalid` when one has to be named, or several have the name.
pub(in crate::transfer) fn find(
    images: &[StoredImage],
    name: Option<&str>,
    place: &str,
) -> Result<StoredImage, Failure> {
    let failed = |kind, said: String| {
        Err(Failure::new(kind, format!("looking into {place}"), said)
            .with_next("Check the name of the image."))
    };
    let all = || images.iter().map(StoredImage::shown).collect::<Vec<_>>().join(", ");
    let Some(name) = name else {
        return match images {
            [only] => Ok(only.clone()),
            [] => failed(FailureKind::NotFound, "there is no image".to_owned()),
            _ => failed(FailureKind::Invalid, format!("name one of its images: {}", all())),
        };
    };
    let mut found: Vec<&StoredImage> = images.iter().filter(|image| image.is_named(name)).collect();
    if found.is_empty()
        && let Ok(reference) = name.parse::<Reference>()
    {
        found = images.iter().filter(|image| image.is_called(&reference)).collect();
    }
    let shown = visible(name);
    match found.as_slice() {
        [] if images.is_empty() => failed(FailureKind::NotFound, "there is no image".to_owned()),
        [] => failed(FailureKind::NotFound, format!("there is no “{shown}”; it has {}", all())),
        [first, others @ ..] if others.iter().all(|o| o.manifest.digest == first.manifest.digest) => {
            Ok((*first).clone())
        }
        several => {
            let several: Vec<String> = several.iter().map(|image| image.shown()).collect();
            failed(FailureKind::Invalid, format!("“{shown}” is the name of {}", several.join(" and of ")))
        }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::domain::Digest;

    fn images(entries: &[(&str, Option<&str>, Option<&str>)]) -> Vec<StoredImage> {
        let entry = |(seed, short, full): &(&str, Option<&str>, Option<&str>)| {
            let mut annotations = serde_json::Map::new();
            annotations.extend(short.map(|name| (REF_NAME.to_owned(), json!(name))));
            annotations.extend(full.map(|name| (FULL_NAME.to_owned(), json!(name))));
            json!({"mediaType": "m", "digest": Digest::of(seed.as_bytes()), "size": 1, "annotations": annotations})
        };
        StoredImage::all_of(&json!({"manifests": entries.iter().map(entry).collect::<Vec<_>>()}))
    }

    fn seed_of(found: Result<StoredImage, Failure>) -> Result<Digest, FailureKind> {
        found.map(|image| image.manifest.digest).map_err(|failure| failure.kind)
    }

    #[test]
    fn images_are_found_by_every_name_that_tools_write() {
        let images = images(&[
            ("a", Some("24.04"), Some("docker.io/library/ubuntu:24.04")),
            ("b", Some("h.example/app:1"), None),
            ("c", Some("latest"), Some("docker.io/library/app:latest")),
        ]);
        assert_eq!(images[0].name.as_deref(), Some("ubuntu:24.04"));
        for (name, seed) in [
            ("24.04", "a"),
            ("ubuntu:24.04", "a"),
            ("docker.io/library/ubuntu:24.04", "a"),
            ("index.docker.io/ubuntu:24.04", "a"),
            ("h.example/app:1", "b"),
            ("app", "c"),
            ("latest", "c"),
        ] {
            assert_eq!(seed_of(find(&images, Some(name), "x")), Ok(Digest::of(seed.as_bytes())), "{name}");
        }
        for missing in ["ubuntu", "1", "h.example/app"] {
            assert_eq!(seed_of(find(&images, Some(missing), "x")), Err(FailureKind::NotFound), "{missing}");
        }
    }

    #[test]
    fn a_name_that_several_images_have_is_not_guessed() {
        let two = images(&[("a", Some("latest"), Some("x:latest")), ("b", Some("latest"), Some("y:latest"))]);
        let failure = find(&two, Some("latest"), "x").unwrap_err();
        assert_eq!(failure.said, "“latest” is the name of x:latest and of y:latest");
        assert!(find(&two, Some("y"), "x").is_ok());
        let same = images(&[("a", Some("latest"), None), ("a", Some("latest"), None)]);
        assert!(find(&same, Some("latest"), "x").is_ok());
    }

    #[test]
    fn without_a_name_the_only_image_is_meant() {
        let two = images(&[("a", Some("x"), None), ("b", None, None)]);
        assert!(find(&two[1..], None, "x").is_ok());
        assert_eq!(seed_of(find(&two, None, "x")), Err(FailureKind::Invalid));
        assert_eq!(seed_of(find(&[], None, "x")), Err(FailureKind::NotFound));
        assert_eq!(seed_of(find(&[], Some("x"), "x")), Err(FailureKind::NotFound));
    }
}
