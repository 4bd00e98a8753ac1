//! Places on this machine that images can be put into and taken from.

use std::path::PathBuf;

use super::connection::{Connected, ConnectionId};

/// A place on this machine.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub enum ImagePlace {
    /// The local image store: an OCI image layout of the program's own.
    Store,
    /// A container engine, by the identity of its node.
    Engine(ConnectionId),
    /// Another OCI image layout, by its folder.
    Layout(PathBuf),
    /// A file: an OCI image layout in a tar (`oci-archive:`).
    OciArchive(PathBuf),
    /// A file as `docker save` writes it (`docker-archive:`).
    DockerArchive(PathBuf),
}

/// The identity of the local store's node; no connection has it, because theirs end in digits of chance.
pub const STORE: &str = "store";

impl ImagePlace {
    /// The place whose node has this identity.
    #[must_use]
    pub fn of_node(id: &ConnectionId) -> Self {
        if *id.0 == *STORE { Self::Store } else { Self::Engine(id.clone()) }
    }

    /// The identity of its node; nothing for files and folders, which have none.
    #[must_use]
    pub fn node(&self) -> Option<ConnectionId> {
        match self {
            Self::Store => Some(ConnectionId::new(STORE)),
            Self::Engine(id) => Some(id.clone()),
            Self::Layout(_) | Self::OciArchive(_) | Self::DockerArchive(_) => None,
        }
    }
}

/// An image in such a place, or the name that one gets there.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct LocalImage {
    /// The place.
    pub place: ImagePlace,
    /// The name; without one, what the place gives by itself: the full reference in the store and in engines, the tag
    /// alone elsewhere, and the only image there where one is taken out.
    pub name: Option<String>,
}

impl LocalImage {
    /// Whatever the place gives by itself.
    #[must_use]
    pub fn in_place(place: ImagePlace) -> Self {
        Self { place, name: None }
    }

    /// One of this name.
    #[must_use]
    pub fn named(place: ImagePlace, name: impl Into<String>) -> Self {
        Self { place, name: Some(name.into()) }
    }
}

/// Something about the images on this machine is different from before. Told without being asked.
#[derive(Debug, Clone, PartialEq)]
pub enum ImagesChange {
    /// One of the places came, went, or is in another state: these are all of them now, in the order of the tree, so
    /// that whoever missed a change is right again.
    Places(Vec<Connected>),
    /// The images in one place: what is shown of it is to be listed anew.
    Content(ConnectionId),
}
