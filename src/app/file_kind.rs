//! The kinds of files and folders that images can be put into.

use std::path::PathBuf;

use crate::domain::ImagePlace;

/// A kind of file or folder.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum FileKind {
    /// A folder: an OCI image layout.
    Layout,
    /// A file: an OCI image layout in a tar.
    OciArchive,
    /// A file as `docker save` writes it.
    DockerArchive,
}

impl FileKind {
    /// All of them, in the order of pickers.
    pub const ALL: [Self; 3] = [Self::Layout, Self::OciArchive, Self::DockerArchive];

    /// What it is called in a picker.
    #[must_use]
    pub fn label(self) -> &'static str {
        match self {
            Self::Layout => "OCI layout folder…",
            Self::OciArchive => "OCI archive file…",
            Self::DockerArchive => "Docker archive file…",
        }
    }

    /// Who reads it.
    #[must_use]
    pub fn note(self) -> &'static str {
        match self {
            Self::Layout => "skopeo, crane, regctl, buildah",
            Self::OciArchive => "skopeo, podman load",
            Self::DockerArchive => "docker load, podman load",
        }
    }

    /// What it is called in a sentence.
    #[must_use]
    pub fn words(self) -> &'static str {
        match self {
            Self::Layout => "an OCI layout folder",
            Self::OciArchive => "an OCI archive file",
            Self::DockerArchive => "a Docker archive file",
        }
    }

    /// What to know before its path is typed.
    #[must_use]
    pub fn about(self) -> &'static str {
        match self {
            Self::Layout => "Its path, from the current folder. The images that are in it already stay.",
            Self::OciArchive | Self::DockerArchive => {
                "Its path, from the current folder. A file that is there is replaced as a whole, after a question."
            }
        }
    }

    /// What the name of such a file ends in; nothing for a folder.
    #[must_use]
    pub fn ending(self) -> &'static str {
        match self {
            Self::Layout => "",
            Self::OciArchive => ".oci.tar",
            Self::DockerArchive => ".tar",
        }
    }

    /// The place at `path`.
    #[must_use]
    pub fn at(self, path: PathBuf) -> ImagePlace {
        match self {
            Self::Layout => ImagePlace::Layout(path),
            Self::OciArchive => ImagePlace::OciArchive(path),
            Self::DockerArchive => ImagePlace::DockerArchive(path),
        }
    }
}
