//! Registries: the seam that every kind of registry implements, and the protocol that all of them share.
//!
//! Invariant: a provider never imports another provider, and no provider's name is known outside
//! [`providers`], [`catalog`] and the demo.

pub mod api;
pub mod bearer;
pub mod catalog;
pub mod clients;
pub mod content;
pub mod context;
pub mod distribution;
pub mod fallback;
pub mod findings;
pub mod forms;
pub mod opening;
pub mod paging;
pub mod plain;
pub mod provider;
pub mod providers;
pub mod untag;

pub use api::Api;
pub use clients::Clients;
pub use content::{BlobStream, Content};
pub use distribution::{Begun, Distribution, Upload, Whole, cosign_tag_of};
pub use opening::{Opening, Surroundings};
pub use provider::{
    Account, Blast, CreateRepository, Delete, DeleteRepository, Describe, Extras, Provider, Running, Stages,
    Untag,
};

pub use crate::http::Streamed;
