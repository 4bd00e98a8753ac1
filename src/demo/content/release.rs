//! What the samples have in common: releases, their annotations, and files that stand for a system and a program.
//!
//! Invariant: everything here depends on its arguments alone.

use serde_json::{Value, json};

use super::Shelf;
use super::image::{Family, Image, Step};
use super::layer::{File, Layer, pack};
use crate::demo::blob::noise;
use crate::domain::{Failure, Platform};

/// A release: its version, its age in days, and the moving tags that point at it.
pub(super) struct Release {
    /// The version, which is its tag.
    pub(super) version: &'static str,
    /// How many days ago it was made.
    pub(super) days: i64,
    /// Further tags of it.
    pub(super) moving: &'static [&'static str],
}

/// Writes a release down in a table.
pub(super) const fn release(version: &'static str, days: i64, moving: &'static [&'static str]) -> Release {
    Release { version, days, moving }
}

/// An image with a system, a program and its settings: what most samples need.
pub(super) fn image(
    shelf: &Shelf<'_>,
    family: Family,
    repository: &str,
    release: &Release,
    platform: &Platform,
) -> Result<Image, Failure> {
    let name = base_name(repository);
    let path = format!("app/{name}");
    let content = program(&format!("{repository} {} {platform}", release.version));
    let app = pack(&[File::program(&path, &content)])?;
    let runtime = json!({
        "Env": ["PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin:/app"],
        "Entrypoint": [format!("/{path}")],
        "WorkingDir": "/app",
        "Labels": about(shelf, repository, release),
    });
    Ok(Image {
        family,
        platform: platform.clone(),
        created: shelf.days_ago(release.days),
        runtime,
        steps: vec![
            Step::layer("COPY rootfs/ / # buildkit", system()?),
            Step::setting("WORKDIR /app"),
            Step::layer(format!("COPY --from=build /out/{name} /app/ # buildkit"), app),
            Step::setting(format!("ENTRYPOINT [\"/{path}\"]")),
        ],
        annotations: match family {
            Family::Oci => about(shelf, repository, release),
            Family::Docker => Value::Null,
        },
    })
}

/// The usual annotations of a release (image-spec, "Pre-Defined Annotation Keys").
pub(super) fn about(shelf: &Shelf<'_>, repository: &str, release: &Release) -> Value {
    json!({
        "org.opencontainers.image.title": base_name(repository),
        "org.opencontainers.image.version": release.version,
        "org.opencontainers.image.created": shelf.days_ago(release.days),
        "org.opencontainers.image.revision": revision(&format!("{repository} {}", release.version)),
        "org.opencontainers.image.source": format!("https://git.acme.example/{repository}"),
        "org.opencontainers.image.licenses": "Apache-2.0",
        "org.opencontainers.image.vendor": "Acme",
    })
}

fn base_name(repository: &str) -> &str {
    repository.rsplit('/').next().unwrap_or(repository)
}

/// A commit that stands for a text.
pub(super) fn revision(text: &str) -> String {
    format!("{:016x}{:016x}{:08x}", seed(text), seed(&format!("{text}.")), seed(text) >> 32)
}

/// A platform of Linux.
pub(super) fn linux(architecture: &str, variant: Option<&str>) -> Platform {
    Platform {
        os: "linux".to_owned(),
        architecture: architecture.to_owned(),
        variant: variant.map(str::to_owned),
        os_version: None,
    }
}

/// A few files that every system has.
pub(super) fn system() -> Result<Layer, Failure> {
    pack(&[
        File::text("etc/os-release", "PRETTY_NAME=\"Acme Linux 12\"\nID=acme\nVERSION_ID=\"12\"\n"),
        File::text(
            "etc/passwd",
            "root:x:0:0:root:/root:/bin/sh\nnonroot:x:65532:65532::/home/nonroot:/bin/false\n",
        ),
        File::text("etc/group", "root:x:0:\nnonroot:x:65532:\n"),
        File::text("etc/nsswitch.conf", "hosts: files dns\n"),
    ])
}

/// What stands for a compiled program: some kilobytes that depend on `text`.
pub(super) fn program(text: &str) -> Vec<u8> {
    let seed = seed(text);
    noise(seed, 0, 6_000 + seed % 9_000).into()
}

/// A number that stands for a text: FNV-1a.
fn seed(text: &str) -> u64 {
    text.bytes()
        .fold(0xcbf2_9ce4_8422_2325, |hash, byte| (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3))
}
