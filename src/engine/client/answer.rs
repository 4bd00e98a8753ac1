//! The answers of an engine as it writes them.
//!
//! Invariant: a field that is missing, null, or of no use never hides the others.

use serde::Deserialize;

use super::{NEWEST, OLDEST};
use crate::domain::config::{History, Runtime};
use crate::domain::text::visible;
use crate::domain::{Failure, FailureKind, ImageConfig, Platform, human};
use crate::engine::address::Address;
use crate::engine::model::{Image, Kind};

/// Reads an answer.
pub(super) fn read<'a, T: Deserialize<'a>>(bytes: &'a [u8], doing: &str) -> Result<T, Failure> {
    serde_json::from_slice(bytes).map_err(|e| {
        Failure::new(FailureKind::Invalid, doing, format!("the answer is not that of an engine: {e}"))
    })
}

/// `GET /version`.
#[derive(Deserialize)]
pub(super) struct Version {
    #[serde(rename = "Version")]
    pub(super) number: Option<String>,
    #[serde(rename = "ApiVersion")]
    api: Option<String>,
    #[serde(rename = "MinAPIVersion")]
    oldest: Option<String>,
    #[serde(rename = "Components")]
    components: Option<Vec<Component>>,
}

#[derive(Deserialize)]
struct Component {
    #[serde(rename = "Name")]
    name: Option<String>,
}

impl Version {
    pub(super) fn kind(&self) -> Kind {
        let mut names = self.components.iter().flatten().filter_map(|c| c.name.as_deref());
        if names.any(|name| name.contains("Podman")) { Kind::Podman } else { Kind::Docker }
    }

    /// The newest version of the API that both sides speak, else why there is none.
    pub(super) fn agree(&self) -> Result<String, String> {
        let theirs = self.api.as_deref().and_then(numbers);
        let theirs = theirs.ok_or("it does not say which API it speaks, so it is no engine")?;
        let shown = |(major, minor): (u32, u32)| format!("{major}.{minor}");
        let agreed = theirs.min(NEWEST);
        if agreed < OLDEST {
            return Err(format!(
                "it speaks API {}; {} (Docker 1.13) or newer is needed",
                shown(theirs),
                shown(OLDEST)
            ));
        }
        match self.oldest.as_deref().and_then(numbers) {
            Some(oldest) if agreed < oldest => {
                Err(format!("it speaks API {} or newer, and this program {}", shown(oldest), shown(NEWEST)))
            }
            _ => Ok(shown(agreed)),
        }
    }
}

fn numbers(version: &str) -> Option<(u32, u32)> {
    let (major, minor) = version.split_once('.')?;
    Some((major.parse().ok()?, minor.parse().ok()?))
}

/// `GET /info`, as far as it tells one engine from another.
#[derive(Deserialize)]
pub(super) struct About {
    #[serde(rename = "ID")]
    id: Option<String>,
    #[serde(rename = "Name")]
    name: Option<String>,
    #[serde(rename = "DockerRootDir")]
    root: Option<String>,
}

impl About {
    /// Podman makes up a new id for each answer; it is told by its machine and its folder.
    pub(super) fn identity(self, kind: Kind, address: &Address) -> String {
        let filled = |text: Option<String>| text.filter(|t| !t.is_empty());
        let by_folder = filled(self.name).zip(filled(self.root)).map(|(name, root)| format!("{name}:{root}"));
        let told = match kind {
            Kind::Docker => filled(self.id).or(by_folder),
            Kind::Podman => by_folder,
        };
        format!("{kind:?} {}", told.unwrap_or_else(|| address.shown()))
    }
}

/// An image of `GET /images/json`.
#[derive(Deserialize)]
pub(super) struct Summary {
    #[serde(rename = "Id")]
    id: String,
    #[serde(rename = "RepoTags")]
    tags: Option<Vec<String>>,
    #[serde(rename = "RepoDigests")]
    digests: Option<Vec<String>>,
    #[serde(rename = "Created")]
    created: Option<i64>,
    #[serde(rename = "Size")]
    size: Option<i64>,
    #[serde(rename = "Descriptor")]
    descriptor: Option<Descriptor>,
}

#[derive(Deserialize)]
struct Descriptor {
    #[serde(rename = "mediaType")]
    media_type: Option<String>,
    platform: Option<Platform>,
}

impl From<Summary> for Image {
    fn from(summary: Summary) -> Self {
        let (media_type, platform) =
            summary.descriptor.map(|d| (d.media_type, d.platform)).unwrap_or_default();
        Self {
            id: with_algorithm(summary.id),
            tags: names(summary.tags),
            digests: names(summary.digests),
            size: size(summary.size),
            // As in `human::timestamp`: reproducible builds are dated 1970.
            created: summary.created.filter(|seconds| *seconds > 365 * 24 * 3600),
            platform: platform.filter(|p| !p.is_unknown()),
            media_type,
        }
    }
}

/// Podman leaves the algorithm out of ids.
pub(super) fn with_algorithm(id: String) -> String {
    if id.contains(':') { id } else { format!("sha256:{id}") }
}

/// The names of an image; engines write `<none>:<none>` and `<none>@<none>` for none.
fn names(names: Option<Vec<String>>) -> Vec<String> {
    names.unwrap_or_default().into_iter().filter(|name| !name.contains("<none>")).collect()
}

fn size(bytes: Option<i64>) -> u64 {
    bytes.and_then(|n| u64::try_from(n).ok()).unwrap_or_default()
}

/// `GET /images/NAME/json`.
#[derive(Deserialize)]
pub(super) struct Inspect {
    #[serde(rename = "Id")]
    id: String,
    #[serde(rename = "RepoTags")]
    tags: Option<Vec<String>>,
    #[serde(rename = "RepoDigests")]
    digests: Option<Vec<String>>,
    #[serde(rename = "Created")]
    created: Option<String>,
    #[serde(rename = "Author")]
    author: Option<String>,
    #[serde(rename = "Os")]
    os: Option<String>,
    #[serde(rename = "Architecture")]
    architecture: Option<String>,
    #[serde(rename = "Variant")]
    variant: Option<String>,
    #[serde(rename = "OsVersion")]
    os_version: Option<String>,
    #[serde(rename = "Size")]
    size: Option<i64>,
    #[serde(rename = "Config")]
    config: Option<Runtime>,
    #[serde(rename = "RootFS")]
    root: Option<Root>,
    #[serde(rename = "Descriptor")]
    descriptor: Option<Descriptor>,
}

#[derive(Deserialize)]
struct Root {
    #[serde(rename = "Layers")]
    layers: Option<Vec<String>>,
}

/// A line of `GET /images/NAME/history`, the newest first.
#[derive(Deserialize)]
pub(super) struct Line {
    #[serde(rename = "Created")]
    created: Option<i64>,
    #[serde(rename = "CreatedBy")]
    created_by: Option<String>,
    #[serde(rename = "Size")]
    size: Option<i64>,
    #[serde(rename = "Comment")]
    comment: Option<String>,
}

impl Inspect {
    /// The image, its configuration, and its layers with their sizes where the history tells them.
    pub(super) fn take_apart(self, mut lines: Vec<Line>) -> (Image, ImageConfig, Vec<(String, u64)>) {
        lines.reverse();
        let layers = self.root.and_then(|r| r.layers).unwrap_or_default();
        let sizes: Vec<u64> = lines.iter().map(|line| size(line.size)).filter(|size| *size > 0).collect();
        let is_told = sizes.len() == layers.len();
        let sizes = sizes.into_iter().map(|s| if is_told { s } else { 0 }).chain(std::iter::repeat(0));
        let layers: Vec<(String, u64)> = layers.into_iter().zip(sizes).collect();
        let filled = |text: Option<String>| text.filter(|t| !t.is_empty());
        let platform = Platform {
            os: self.os.unwrap_or_default(),
            architecture: self.architecture.unwrap_or_default(),
            variant: filled(self.variant),
            os_version: filled(self.os_version),
        };
        let image = Image {
            id: with_algorithm(self.id),
            tags: names(self.tags),
            digests: names(self.digests),
            size: size(self.size),
            created: self.created.as_deref().and_then(human::timestamp),
            platform: Some(platform.clone()).filter(|p| !p.is_unknown()),
            media_type: self.descriptor.and_then(|d| d.media_type),
        };
        let config = ImageConfig {
            created: self.created,
            author: filled(self.author),
            platform,
            config: self.config.unwrap_or_default(),
            history: lines.into_iter().map(Line::step).collect(),
        };
        (image, config, layers)
    }
}

impl Line {
    fn step(self) -> History {
        let created = self.created.and_then(|s| jiff::Timestamp::from_second(s).ok());
        History {
            created: created.map(|t| t.to_string()),
            created_by: self.created_by.unwrap_or_default(),
            empty_layer: self.size.is_none_or(|size| size == 0),
            comment: self.comment.unwrap_or_default(),
        }
    }
}

/// A container of `GET /containers/json`.
#[derive(Deserialize)]
pub(super) struct Container {
    #[serde(rename = "Id")]
    id: Option<String>,
    #[serde(rename = "Names")]
    names: Option<Vec<String>>,
    #[serde(rename = "ImageID")]
    image: Option<String>,
}

impl Container {
    /// The id of its image.
    pub(super) fn image(&self) -> Option<String> {
        self.image.clone().map(with_algorithm)
    }

    /// Its name, else its id.
    pub(super) fn shown(&self) -> String {
        let name = self.names.iter().flatten().next().map(|name| name.trim_start_matches('/'));
        visible(name.or(self.id.as_deref()).unwrap_or("?")).into_owned()
    }
}
