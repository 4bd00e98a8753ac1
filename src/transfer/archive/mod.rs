//! Images in one file: `oci-archive` (an OCI image layout in a tar) and `docker-archive` (what `docker save` writes),
//! read ([`open_oci`], [`open_docker`], [`open_docker_stream`]), written ([`write()`], [`docker_stream`]) and pulled into
//! ([`pull_to_archive`], [`pull_and_stream`]).
//!
//! Invariant: a name from an archive never becomes a path; what is kept of one is named by its digest. A file is
//! replaced only by a complete one.

mod docker_images;
mod names;
mod once;
mod packed;
mod passing;
mod pull;
mod read_docker;
mod read_oci;
#[cfg(test)]
mod samples;
mod selection;
mod staging;
mod tape;
mod tarred;
#[cfg(test)]
mod tests;
mod told;
mod write;
mod write_docker;
mod write_oci;

pub use pull::{Loading, Staged, pull_and_stream, pull_to_archive};
pub use read_docker::{Unpacked, open_docker, open_docker_stream};
pub use read_oci::{OciArchive, open_oci};
pub use selection::Selection;
pub use staging::sweep;
pub use write::{DockerStream, docker_stream, write};

/// The two kinds of archives.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Kind {
    /// An OCI image layout in a tar.
    Oci,
    /// What `docker save` writes.
    Docker,
}

impl Kind {
    /// How the containers tools write it in front of a file: `oci-archive`, `docker-archive`.
    #[must_use]
    pub const fn scheme(self) -> &'static str {
        match self {
            Self::Oci => "oci-archive",
            Self::Docker => "docker-archive",
        }
    }
}

/// Larger `index.json` and `manifest.json` are refused.
const INDEX_LIMIT: u64 = 8 << 20;
/// A larger `oci-layout` is refused.
const MARKER_LIMIT: u64 = 64 << 10;
/// Bytes moved at once.
const PIECE: usize = 256 << 10;
