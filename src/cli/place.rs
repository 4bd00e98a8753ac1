//! Places on this machine, written as the containers tools write them.
//!
//! Invariant: pure; whether the place exists is found out by who uses it.

use std::path::PathBuf;

use super::Problem;
use crate::domain::{ImagePlace, LocalImage};

/// Whether `text` names a place on this machine rather than a registry.
pub(super) fn is_local(text: &str) -> bool {
    text.starts_with("store:") || text.starts_with("oci:")
}

/// Reads `store:NAME` or `oci:DIR[:TAG]`.
pub(super) fn parse_place(text: &str) -> Result<LocalImage, Problem> {
    let bad = |said: &str| Problem::usage(format!("reading “{text}”"), said);
    if let Some(name) = text.strip_prefix("store:") {
        if name.is_empty() {
            return Err(bad("a name follows “store:”"));
        }
        return Ok(LocalImage::named(ImagePlace::Store, name));
    }
    let Some(rest) = text.strip_prefix("oci:") else {
        return Err(bad("it begins with “oci:” or “store:”"));
    };
    let (folder, tag) = match rest.split_once(':') {
        Some((folder, tag)) => (folder, Some(tag.to_owned())),
        None => (rest, None),
    };
    if folder.is_empty() || tag.as_deref() == Some("") {
        return Err(bad("write it as oci:DIR or oci:DIR:TAG"));
    }
    Ok(LocalImage { place: ImagePlace::Layout(PathBuf::from(folder)), name: tag })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn places_as_the_containers_tools_write_them() {
        assert_eq!(
            parse_place("oci:/tmp/x").unwrap(),
            LocalImage::in_place(ImagePlace::Layout("/tmp/x".into()))
        );
        let tagged = LocalImage::named(ImagePlace::Layout("x".into()), "v1");
        assert_eq!(parse_place("oci:x:v1").unwrap(), tagged);
        assert_eq!(parse_place("store:a/b:c").unwrap(), LocalImage::named(ImagePlace::Store, "a/b:c"));
        for wrong in ["", "oci:", "oci:x:", "store:", "dir:x", "/tmp/x"] {
            assert!(parse_place(wrong).is_err(), "{wrong}");
        }
    }
}
