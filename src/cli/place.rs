//! Places on this machine, written as the containers tools write them.
//!
//! Invariant: pure; whether the place exists is found out by who uses it.

use std::path::PathBuf;

use super::Problem;
use crate::domain::{ConnectionId, Failure, FailureKind, ImagePlace, LocalImage};

/// What places on this machine begin with, and how each is written.
const FORMS: [(&str, &str); 6] = [
    ("store:", "store:NAME"),
    ("oci:", "oci:DIR[:TAG]"),
    ("oci-archive:", "oci-archive:FILE[:NAME]"),
    ("docker-archive:", "docker-archive:FILE[:NAME]"),
    ("docker-daemon:", "docker-daemon:[NAME]"),
    ("podman:", "podman:[NAME]"),
];

/// Whether `text` names a place on this machine rather than a registry.
pub(super) fn is_local(text: &str) -> bool {
    FORMS.iter().any(|(prefix, _)| text.starts_with(prefix))
}

/// Refuses a place on this machine where a registry is wanted. Without this, `store:x` would be an image of Docker Hub.
pub(super) fn refuse_place(text: &str, doing: &str) -> Result<(), Problem> {
    if !is_local(text) {
        return Ok(());
    }
    let said = "it is a place on this machine, and this is for registries";
    let refused = Failure::new(FailureKind::Invalid, format!("{doing} {text}"), said);
    Err(Problem::Usage(refused.with_next("“tagalong” shows it under Images; push and copy take it.")))
}

/// Reads a place in one of its forms.
pub(super) fn parse_place(text: &str) -> Result<LocalImage, Problem> {
    let doing = || format!("reading “{text}”");
    let Some((prefix, form)) = FORMS.iter().find(|(prefix, _)| text.starts_with(prefix)) else {
        let forms = FORMS.map(|(_, form)| form).join(", ");
        return Err(Problem::usage(doing(), format!("write it as one of {forms}")));
    };
    let rest = text.strip_prefix(prefix).unwrap_or_default();
    let bad = || Problem::usage(doing(), format!("write it as {form}"));
    let engine = |id| {
        let place = ImagePlace::Engine(ConnectionId::new(id));
        Ok(if rest.is_empty() { LocalImage::in_place(place) } else { LocalImage::named(place, rest) })
    };
    match *prefix {
        "oci:" | "oci-archive:" | "docker-archive:" | "store:" if rest.is_empty() => Err(bad()),
        "store:" => Ok(LocalImage::named(ImagePlace::Store, rest)),
        "docker-daemon:" => engine("docker"),
        "podman:" => engine("podman"),
        prefix => {
            let (path, name) = in_file(rest).ok_or_else(bad)?;
            let place = match prefix {
                "oci:" => ImagePlace::Layout(path),
                "oci-archive:" => ImagePlace::OciArchive(path),
                _ => ImagePlace::DockerArchive(path),
            };
            Ok(LocalImage { place, name })
        }
    }
}

/// A path, and the name behind its first colon.
fn in_file(text: &str) -> Option<(PathBuf, Option<String>)> {
    let (path, name) = text.split_once(':').map_or((text, None), |(path, name)| (path, Some(name)));
    let is_whole = !path.is_empty() && name != Some("");
    is_whole.then(|| (PathBuf::from(path), name.map(str::to_owned)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_place_is_no_image_of_docker_hub() {
        let refused = refuse_place("store:nginx", "tagging").unwrap_err();
        assert_eq!(refused.exit_code(), 2);
        assert!(refused.failure().hint().contains("Images"));
        assert!(refuse_place("nginx:1.27", "tagging").is_ok());
    }

    #[test]
    fn places_as_the_containers_tools_write_them() {
        let file = |place: fn(PathBuf) -> ImagePlace, path: &str| place(PathBuf::from(path));
        let engine = |id| ImagePlace::Engine(ConnectionId::new(id));
        for (text, place, name) in [
            ("oci:/tmp/x", file(ImagePlace::Layout, "/tmp/x"), None),
            ("oci:x:v1", file(ImagePlace::Layout, "x"), Some("v1")),
            ("store:a/b:c", ImagePlace::Store, Some("a/b:c")),
            ("oci-archive:a.tar", file(ImagePlace::OciArchive, "a.tar"), None),
            ("oci-archive:a.tar:v1", file(ImagePlace::OciArchive, "a.tar"), Some("v1")),
            ("docker-archive:a.tar:h:5000/x:1", file(ImagePlace::DockerArchive, "a.tar"), Some("h:5000/x:1")),
            ("docker-daemon:x:1", engine("docker"), Some("x:1")),
            ("podman:localhost/x:1", engine("podman"), Some("localhost/x:1")),
        ] {
            assert!(is_local(text), "{text}");
            assert_eq!(parse_place(text).unwrap(), LocalImage { place, name: name.map(str::to_owned) });
        }
        assert_eq!(parse_place("podman:").unwrap(), LocalImage::in_place(engine("podman")));
        for wrong in ["", "oci:", "oci:x:", "oci::x", "store:", "dir:x", "/tmp/x"] {
            assert!(parse_place(wrong).is_err(), "{wrong}");
        }
    }
}
