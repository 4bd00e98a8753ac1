//! What is attached to an image: attestations in its index, and an SBOM and signatures that refer to it.
//!
//! Invariant: each has the media types that its tools use; no signature signs anything.

use serde_json::{Value, json};

use super::Shelf;
use super::image::{put_blob, put_manifest};
use super::release::revision;
use crate::domain::media::{OCI_CONFIG, OCI_EMPTY, OCI_MANIFEST};
use crate::domain::{Descriptor, Platform};

const IN_TOTO: &str = "application/vnd.in-toto+json";
const SPDX: &str = "application/spdx+json";
const SIGNATURE: &str = "application/vnd.dev.sigstore.bundle.v0.3+json";
const SIMPLE_SIGNING: &str = "application/vnd.dev.cosign.simplesigning.v1+json";
/// How many packages the sample SBOM lists.
const PACKAGES: usize = 412;

/// A BuildKit attestation for an image, to be put into the index beside it.
pub(super) fn attestation(
    shelf: &Shelf<'_>,
    repository: &str,
    image: &Descriptor,
    version: &str,
) -> Descriptor {
    let statement = json!({
        "_type": "https://in-toto.io/Statement/v0.1",
        "predicateType": "https://slsa.dev/provenance/v0.2",
        "subject": [{ "name": format!("pkg:docker/{repository}@{version}"), "digest": { "sha256": image.digest.hex() } }],
        "predicate": {
            "builder": { "id": "https://ci.acme.example/builders/7" },
            "buildType": "https://mobyproject.org/buildkit@v1",
            "invocation": { "configSource": { "entryPoint": "Dockerfile" } },
        },
    });
    let mut layer = put_blob(shelf.store, repository, IN_TOTO, statement.to_string());
    layer
        .annotations
        .insert("in-toto.io/predicate-type".to_owned(), "https://slsa.dev/provenance/v0.2".to_owned());
    let config = json!({
        "architecture": "unknown", "os": "unknown", "config": {},
        "rootfs": { "type": "layers", "diff_ids": [layer.digest] },
    });
    let config = put_blob(shelf.store, repository, OCI_CONFIG, config.to_string());
    let manifest = json!({
        "schemaVersion": 2, "mediaType": OCI_MANIFEST, "config": config, "layers": [layer],
    });
    let mut put = put_manifest(shelf.store, repository, OCI_MANIFEST, &manifest);
    put.platform = Some(Platform {
        os: "unknown".to_owned(),
        architecture: "unknown".to_owned(),
        ..Platform::default()
    });
    put.annotations.insert("vnd.docker.reference.digest".to_owned(), image.digest.to_string());
    put.annotations.insert("vnd.docker.reference.type".to_owned(), "attestation-manifest".to_owned());
    put
}

/// An SBOM and a signature that refer to a manifest.
pub(super) fn refer(shelf: &Shelf<'_>, repository: &str, subject: &Descriptor, version: &str) {
    let created = shelf.days_ago(3);
    let sbom = put_blob(shelf.store, repository, SPDX, sbom(repository, version).to_string());
    let annotations = json!({
        "org.opencontainers.image.created": created,
        "org.opencontainers.image.title": "sbom.spdx.json",
        "org.acme.sbom.packages": PACKAGES.to_string(),
    });
    put_referrer(shelf, repository, subject, SPDX, &sbom, &annotations);
    let signature = put_blob(shelf.store, repository, SIGNATURE, signature(subject).to_string());
    let annotations = json!({
        "org.opencontainers.image.created": created,
        "dev.sigstore.bundle.content": "dsse-envelope",
        "dev.sigstore.bundle.predicateType": "https://sigstore.dev/cosign/sign/v1",
    });
    put_referrer(shelf, repository, subject, SIGNATURE, &signature, &annotations);
}

fn put_referrer(
    shelf: &Shelf<'_>,
    repository: &str,
    subject: &Descriptor,
    artifact_type: &str,
    content: &Descriptor,
    annotations: &Value,
) {
    let manifest = json!({
        "schemaVersion": 2,
        "mediaType": OCI_MANIFEST,
        "artifactType": artifact_type,
        "config": put_blob(shelf.store, repository, OCI_EMPTY, "{}"),
        "layers": [content],
        "subject": Descriptor::new(&subject.media_type, subject.digest.clone(), subject.size),
        "annotations": annotations,
    });
    put_manifest(shelf.store, repository, OCI_MANIFEST, &manifest);
}

fn sbom(name: &str, version: &str) -> Value {
    let packages = (1..=PACKAGES).map(|n| {
        json!({
            "SPDXID": format!("SPDXRef-Package-{n}"),
            "name": format!("libacme-{n}"),
            "versionInfo": format!("{}.{}.{}", n % 7, n % 13, n % 29),
            "licenseConcluded": if n % 5 == 0 { "MIT" } else { "Apache-2.0" },
            "downloadLocation": "NOASSERTION",
        })
    });
    json!({
        "spdxVersion": "SPDX-2.3",
        "dataLicense": "CC0-1.0",
        "SPDXID": "SPDXRef-DOCUMENT",
        "name": format!("{name}-{version}"),
        "documentNamespace": format!("https://sbom.acme.example/{}", revision(version)),
        "packages": packages.collect::<Vec<_>>(),
    })
}

/// A signature as cosign stores it where there is no referrers API: under a tag made from the digest.
pub(super) fn sign_by_tag(shelf: &Shelf<'_>, repository: &str, subject: &Descriptor) {
    let payload = json!({
        "critical": {
            "identity": { "docker-reference": repository },
            "image": { "docker-manifest-digest": subject.digest },
            "type": "cosign container image signature",
        },
        "optional": null,
    });
    let mut layer = put_blob(shelf.store, repository, SIMPLE_SIGNING, payload.to_string());
    let signature = revision(subject.digest.hex());
    layer.annotations.insert("dev.cosignproject.cosign/signature".to_owned(), signature);
    let config = json!({
        "architecture": "", "os": "", "config": {},
        "rootfs": { "type": "layers", "diff_ids": [layer.digest] },
    });
    let config = put_blob(shelf.store, repository, OCI_CONFIG, config.to_string());
    let manifest = json!({
        "schemaVersion": 2, "mediaType": OCI_MANIFEST, "config": config, "layers": [layer],
    });
    let put = put_manifest(shelf.store, repository, OCI_MANIFEST, &manifest);
    shelf.tag(repository, &[&format!("sha256-{}.sig", subject.digest.hex())], &put);
}

/// The shape of a signature.
fn signature(subject: &Descriptor) -> Value {
    json!({
        "mediaType": SIGNATURE,
        "verificationMaterial": { "publicKey": { "hint": "acme-release-2026" }, "tlogEntries": [] },
        "dsseEnvelope": {
            "payloadType": IN_TOTO,
            "payload": subject.digest.hex(),
            "signatures": [{ "sig": revision(subject.digest.hex()) }],
        },
    })
}
