//! Engines in a program that was built without the feature `engine`: there is none.

use bytes::Bytes;
use futures_util::stream::{self, BoxStream};
use futures_util::{Stream, StreamExt as _};

use super::address::Address;
use super::candidate::Candidate;
use super::model::{Image, Inspected, PullStep, Version};
use crate::domain::{Credential, Failure, FailureKind, Platform, Reference};

/// An engine. None is ever made.
#[derive(Clone, Debug)]
pub struct Engine {
    version: Version,
    address: Address,
}

fn absent(doing: impl Into<String>) -> Failure {
    Failure::new(FailureKind::Unsupported, doing, "this program was built without engines")
}

impl Engine {
    /// Connects to nothing.
    ///
    /// # Errors
    /// `Unsupported`, always.
    pub async fn connect(candidate: &Candidate) -> Result<Self, Failure> {
        Err(absent(format!("connecting to the engine {}", candidate.address.shown())))
    }

    /// What it is.
    #[must_use]
    pub fn version(&self) -> &Version {
        &self.version
    }

    /// How it is reached.
    #[must_use]
    pub fn address(&self) -> &Address {
        &self.address
    }

    /// Something for each change of its images.
    #[must_use]
    pub fn events(&self) -> BoxStream<'static, Result<(), Failure>> {
        stream::once(async { Err(absent("listening to an engine")) }).boxed()
    }

    /// Its images.
    ///
    /// # Errors
    /// `Unsupported`, always.
    pub async fn images(&self) -> Result<Vec<Image>, Failure> {
        Err(absent("listing images"))
    }

    /// Everything about an image.
    ///
    /// # Errors
    /// `Unsupported`, always.
    pub async fn inspect(&self, _name: &str) -> Result<Inspected, Failure> {
        Err(absent("inspecting an image"))
    }

    /// The images that containers use.
    ///
    /// # Errors
    /// `Unsupported`, always.
    pub async fn in_use(&self) -> Result<Vec<(String, String)>, Failure> {
        Err(absent("listing containers"))
    }

    /// Gives an image one more name.
    ///
    /// # Errors
    /// `Unsupported`, always.
    pub async fn tag(&self, _image: &str, _name: &Reference) -> Result<(), Failure> {
        Err(absent("tagging an image"))
    }

    /// Removes a name or an image.
    ///
    /// # Errors
    /// `Unsupported`, always.
    pub async fn remove(&self, _name: &str) -> Result<(), Failure> {
        Err(absent("removing an image"))
    }

    /// Has the engine pull.
    ///
    /// # Errors
    /// `Unsupported`, always.
    pub async fn pull(
        &self,
        _reference: &Reference,
        _platform: Option<&Platform>,
        _credential: &Credential,
        _step: &mut (dyn FnMut(PullStep) + Send),
    ) -> Result<Inspected, Failure> {
        Err(absent("pulling into an engine"))
    }

    /// Loads the images of a tar.
    ///
    /// # Errors
    /// `Unsupported`, always.
    pub async fn load(
        &self,
        _tar: impl Stream<Item = Result<Bytes, Failure>> + Send + 'static,
    ) -> Result<Vec<String>, Failure> {
        Err(absent("loading into an engine"))
    }

    /// Images in one tar.
    #[must_use]
    pub fn export(&self, _names: &[String]) -> BoxStream<'static, Result<Bytes, Failure>> {
        stream::once(async { Err(absent("exporting from an engine")) }).boxed()
    }
}
