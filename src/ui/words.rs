//! The field's words for media types, artifacts and platforms.
//!
//! Invariant: what is not known is shown as it is, never guessed.

use std::borrow::Cow;

use crate::domain::text::visible;
use crate::domain::{Descriptor, Facts, MediaType, Platform, RunState, human, media};

/// How a run is: a sign and a word of one length for all, so that what follows stands in a column.
pub(super) fn run(state: RunState) -> String {
    let sign = match state {
        RunState::Waiting => '◷',
        RunState::Running => '▶',
        RunState::Succeeded => '✓',
        RunState::Failed => '✗',
        RunState::Cancelled => '■',
    };
    format!("{sign} {:<9}", state.word())
}

/// What a manifest's media type is called.
pub(super) fn manifest(media_type: &str) -> &str {
    match media_type {
        media::OCI_MANIFEST => "OCI image manifest",
        media::OCI_INDEX => "OCI image index",
        media::DOCKER_MANIFEST => "Docker image manifest v2",
        media::DOCKER_LIST => "Docker manifest list",
        other => match MediaType::of(other) {
            MediaType::Schema1 => "Docker image manifest v1 (view only)",
            _ => other,
        },
    }
}

/// How a layer is packed: `gzip`, `zstd`, `tar`, or the end of its type.
pub(super) fn layer(media_type: &str) -> &str {
    match media_type.rsplit_once(['+', '.']) {
        Some((_, "gzip" | "gz")) => "gzip",
        Some((_, "zstd")) => "zstd",
        Some((_, "tar")) => "tar",
        _ => media_type.rsplit('/').next().unwrap_or(media_type),
    }
}

/// What a referrer or an artifact is.
pub(super) fn artifact(descriptor: &Descriptor) -> Cow<'_, str> {
    if descriptor.is_attestation() {
        return "attestation (BuildKit)".into();
    }
    let predicate = descriptor
        .annotations
        .get("in-toto.io/predicate-type")
        .or_else(|| descriptor.annotations.get("dev.sigstore.bundle.predicateType"));
    if let Some(predicate) = predicate {
        return predicate_type(predicate);
    }
    artifact_type(descriptor.artifact_type.as_deref().unwrap_or(&descriptor.media_type))
}

fn predicate_type(predicate: &str) -> Cow<'_, str> {
    match predicate {
        p if p.contains("spdx") => "SBOM (SPDX)".into(),
        p if p.contains("cyclonedx") => "SBOM (CycloneDX)".into(),
        p if p.contains("slsa.dev/provenance") => "provenance (SLSA)".into(),
        p if p.contains("cosign/sign") => "signature (cosign)".into(),
        p => format!("attestation ({p})").into(),
    }
}

/// What an artifact type is called.
pub(super) fn artifact_type(kind: &str) -> Cow<'_, str> {
    match kind {
        k if k.contains("cosign") && k.contains("sbom") => "SBOM (cosign)".into(),
        k if k.contains("cosign") => "signature (cosign)".into(),
        k if k.contains("notary") => "signature (Notation)".into(),
        k if k.contains("sigstore.bundle") => "signature (Sigstore bundle)".into(),
        k if k.contains("spdx") => "SBOM (SPDX)".into(),
        k if k.contains("cyclonedx") => "SBOM (CycloneDX)".into(),
        k if k.contains("in-toto") || k.contains("dsse") => "attestation (in-toto)".into(),
        k if k.contains("helm") => "Helm chart".into(),
        k if k.contains("wasm") => "WebAssembly module".into(),
        k if k.contains("sarif") => "scan result (SARIF)".into(),
        media::OCI_CONFIG | media::DOCKER_CONFIG => "image".into(),
        k => k.into(),
    }
}

/// `1 signature (cosign), 2 SBOM (SPDX)`: how many of each, in the order of their first appearance.
pub(super) fn tally<'a>(descriptors: impl Iterator<Item = &'a Descriptor>) -> String {
    let mut kinds: Vec<(Cow<'a, str>, u64)> = Vec::new();
    for word in descriptors.map(artifact) {
        match kinds.iter_mut().find(|(known, _)| *known == word) {
            Some((_, n)) => *n += 1,
            None => kinds.push((word, 1)),
        }
    }
    let told: Vec<String> =
        kinds.iter().map(|(word, n)| format!("{} {word}", human::thousands(*n))).collect();
    told.join(", ")
}

/// Platforms in a few cells: the architecture that most people look for, and how many others.
pub(super) fn platforms(list: &[Platform]) -> String {
    let amd64 = list.iter().find(|p| p.os == "linux" && p.architecture == "amd64");
    let Some(first) = amd64.or_else(|| list.first()) else {
        return String::new();
    };
    let name = if first.os == "linux" || first.os.is_empty() { &first.architecture } else { &first.os };
    match list.len() - 1 {
        0 => name.clone(),
        more => format!("{name} +{more}"),
    }
}

/// The platforms of an image, or in a word what else it is.
pub(super) fn platforms_or_artifact(facts: &Facts) -> String {
    let text = match &facts.artifact {
        _ if !facts.platforms.is_empty() => platforms(&facts.platforms),
        Some(kind) => in_a_word(&artifact_type(kind)),
        None => facts.note.clone().unwrap_or_default(),
    };
    visible(&text).into_owned()
}

/// `SBOM (SPDX)` as `SBOM`; `application/vnd.acme.release-notes.v1+json` as `release-notes`.
fn in_a_word(kind: &str) -> String {
    if !kind.contains('/') {
        return kind.split(" (").next().unwrap_or(kind).to_owned();
    }
    let is_version =
        |part: &str| part.strip_prefix('v').is_some_and(|v| v.starts_with(|c: char| c.is_ascii_digit()));
    let bare = kind.split(['+', ';']).next().unwrap_or(kind);
    let word = bare.rsplit(['.', '/']).find(|part| !part.is_empty() && !is_version(part));
    word.unwrap_or(kind).to_owned()
}

/// An age as it is read in a sentence: `3 d ago`, `now`.
pub(super) fn ago(then: i64, now: i64) -> String {
    match human::age(then, now) {
        age if age == "now" => age,
        age => format!("{age} ago"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn types_have_words() {
        assert_eq!(layer("application/vnd.oci.image.layer.v1.tar+zstd"), "zstd");
        assert_eq!(layer("application/vnd.docker.image.rootfs.diff.tar.gzip"), "gzip");
        assert_eq!(layer("text/markdown"), "markdown");
        assert_eq!(manifest("application/vnd.oci.image.index.v1+json"), "OCI image index");
        assert_eq!(manifest("text/html"), "text/html");
        assert_eq!(artifact_type("application/vnd.cncf.helm.config.v1+json"), "Helm chart");
        assert_eq!(artifact_type("application/x"), "application/x");
    }

    #[test]
    fn a_word_for_a_column() {
        assert_eq!(in_a_word("SBOM (SPDX)"), "SBOM");
        assert_eq!(in_a_word("application/vnd.acme.release-notes.v1+json"), "release-notes");
        assert_eq!(in_a_word("text/plain"), "plain");
    }

    #[test]
    fn platforms_in_a_few_cells() {
        let list = |texts: &[&str]| texts.iter().map(|t| t.parse().unwrap()).collect::<Vec<Platform>>();
        assert_eq!(platforms(&[]), "");
        assert_eq!(platforms(&list(&["linux/arm64", "linux/amd64", "linux/arm/v7"])), "amd64 +2");
        assert_eq!(platforms(&list(&["windows/amd64"])), "windows");
        assert_eq!(platforms(&list(&["linux/riscv64", "linux/s390x"])), "riscv64 +1");
    }

    #[test]
    fn referrers_are_counted_by_kind() {
        let of = |kind: &str| {
            let mut descriptor = Descriptor::new(media::OCI_MANIFEST, crate::domain::Digest::of(b""), 2);
            descriptor.artifact_type = Some(kind.to_owned());
            descriptor
        };
        let list =
            [of("application/spdx+json"), of("application/vnd.dev.cosign.x"), of("application/spdx+json")];
        assert_eq!(tally(list.iter()), "2 SBOM (SPDX), 1 signature (cosign)");
    }
}
