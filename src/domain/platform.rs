//! Platforms: operating system, architecture and variant, written `linux/arm64/v8`.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

use super::failure::{Failure, FailureKind};

/// A platform as an index or a configuration names it (image-spec `image-index.md`).
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize, Default)]
pub struct Platform {
    /// `linux`, `windows`, …
    #[serde(default)]
    pub os: String,
    /// `amd64`, `arm64`, …
    #[serde(default)]
    pub architecture: String,
    /// `v7`, `v8`, …
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub variant: Option<String>,
    /// Windows build, where given.
    #[serde(default, rename = "os.version", skip_serializing_if = "Option::is_none")]
    pub os_version: Option<String>,
}

impl Platform {
    /// Whether this is BuildKit's `unknown/unknown`, under which it stores attestations.
    #[must_use]
    pub fn is_unknown(&self) -> bool {
        self.os == "unknown" || (self.os.is_empty() && self.architecture.is_empty())
    }

    /// The platform that this program runs on, with Linux for macOS as containers run there.
    #[must_use]
    pub fn here() -> Self {
        let os = if cfg!(windows) { "windows" } else { "linux" };
        let (architecture, variant) = match std::env::consts::ARCH {
            "x86_64" => ("amd64", None),
            "aarch64" => ("arm64", Some("v8")),
            "arm" => ("arm", Some("v7")),
            "x86" => ("386", None),
            other => (other, None),
        };
        Self {
            os: os.to_owned(),
            architecture: architecture.to_owned(),
            variant: variant.map(str::to_owned),
            os_version: None,
        }
    }

    /// Whether `offered` serves someone who wants `self`: a variant that is not asked for does not matter,
    /// and arm64 without a variant is v8.
    #[must_use]
    pub fn accepts(&self, offered: &Self) -> bool {
        let variant = |p: &Self| match (&p.variant, p.architecture.as_str()) {
            (None, "arm64") => Some("v8".to_owned()),
            (v, _) => v.clone(),
        };
        self.os == offered.os
            && self.architecture == offered.architecture
            && (self.variant.is_none() || variant(self) == variant(offered))
    }
}

impl FromStr for Platform {
    type Err = Failure;

    fn from_str(text: &str) -> Result<Self, Failure> {
        let mut parts = text.split('/');
        let (os, architecture, variant) = (parts.next(), parts.next(), parts.next());
        match (os, architecture, parts.next()) {
            (Some(os), Some(arch), None) if !os.is_empty() && !arch.is_empty() => Ok(Self {
                os: os.to_owned(),
                architecture: arch.to_owned(),
                variant: variant.map(str::to_owned),
                os_version: None,
            }),
            _ => Err(Failure::new(
                FailureKind::Invalid,
                format!("reading the platform “{}”", super::text::visible(text)),
                "write it as os/architecture or os/architecture/variant, such as linux/arm64",
            )),
        }
    }
}

impl fmt::Display for Platform {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}/{}", self.os, self.architecture)?;
        match &self.variant {
            Some(v) => write!(f, "/{v}"),
            None => Ok(()),
        }
    }
}
