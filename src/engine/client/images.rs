//! The images of an engine: listed, looked at, named, removed.

use bollard::query_parameters::{RemoveImageOptions, TagImageOptionsBuilder};

use super::Engine;
use super::answer::{self, Container, Inspect, Line, Summary};
use super::failure::failed;
use crate::domain::text::visible;
use crate::domain::{Failure, FailureKind, Reference};
use crate::engine::model::{Image, Inspected};

impl Engine {
    /// All images with a name, and those without that nothing is built on.
    ///
    /// # Errors
    /// `Offline`, `Timeout`, `Invalid` for an answer that cannot be read.
    pub async fn images(&self) -> Result<Vec<Image>, Failure> {
        let doing = format!("listing the images of {}", self.version().title());
        let bytes = self.ask("/images/json", &doing).await?;
        let summaries: Vec<Summary> = answer::read(&bytes, &doing)?;
        Ok(summaries.into_iter().map(Image::from).collect())
    }

    /// Everything about the image of this name or id.
    ///
    /// # Errors
    /// `NotFound`; and as [`images`](Self::images).
    pub async fn inspect(&self, name: &str) -> Result<Inspected, Failure> {
        let doing = format!("inspecting {}", visible(name));
        let raw = self.ask(&format!("/images/{name}/json"), &doing).await?;
        let told: Inspect = answer::read(&raw, &doing)?;
        let history = self.ask(&format!("/images/{name}/history"), &doing).await?;
        let lines: Vec<Line> = answer::read(&history, &doing)?;
        let (image, config, layers) = told.take_apart(lines);
        Ok(Inspected { image, config, layers, raw })
    }

    /// The containers, running or not, each with the id of the image that it uses: (image, container).
    ///
    /// # Errors
    /// As [`images`](Self::images).
    pub async fn in_use(&self) -> Result<Vec<(String, String)>, Failure> {
        let doing = format!("listing the containers of {}", self.version().title());
        let bytes = self.ask("/containers/json?all=true", &doing).await?;
        let containers: Vec<Container> = answer::read(&bytes, &doing)?;
        Ok(containers.iter().filter_map(|c| Some((c.image()?, c.shown()))).collect())
    }

    /// Gives the image of this name or id one more name.
    ///
    /// # Errors
    /// `NotFound`; `Invalid` for a name with a digest.
    pub async fn tag(&self, image: &str, name: &Reference) -> Result<(), Failure> {
        let doing = format!("tagging {} as {name}", visible(image));
        let (None, Some(tag)) = (&name.digest, &name.tag) else {
            let said = "an engine gives names with a tag, without a digest";
            return Err(Failure::new(FailureKind::Invalid, doing, said));
        };
        let repository = format!("{}/{}", name.host, name.repository);
        let options = TagImageOptionsBuilder::new().repo(&repository).tag(tag).build();
        self.docker.tag_image(image, Some(options)).await.map_err(|e| failed(&doing, &e))
    }

    /// Removes one name, or an image by its id. With its last name an image goes.
    ///
    /// # Errors
    /// `NotFound`; `Conflict` when a container uses it, or an id has several names.
    pub async fn remove(&self, name: &str) -> Result<(), Failure> {
        let doing = format!("removing {}", visible(name));
        let removed = self.docker.remove_image(name, None::<RemoveImageOptions>, None).await;
        removed.map(|_| ()).map_err(|e| failed(&doing, &e))
    }
}
