//! What is not an image: a chart, files, a module, a model.
//!
//! Invariant: each has the media types that its tools use, and its layers hold real content.

use serde_json::{Value, json};

use super::Shelf;
use super::image::{merge, put_blob, put_manifest};
use super::layer::{File, pack};
use super::release::program;
use crate::domain::media::{OCI_EMPTY, OCI_MANIFEST};
use crate::domain::{Descriptor, Failure};

const TITLE: &str = "org.opencontainers.image.title";

/// Version and age in days of each chart. A `+` in a version is a `_` in its tag.
const CHARTS: [(&str, i64); 5] =
    [("0.9.0", 400), ("1.0.0", 290), ("1.1.0", 170), ("1.2.0", 41), ("1.3.0+build.7", 2)];

pub(super) fn fill(shelf: &Shelf<'_>) -> Result<(), Failure> {
    for (version, days) in CHARTS {
        chart(shelf, version, days)?;
    }
    notes(shelf);
    module(shelf);
    model(shelf);
    Ok(())
}

/// A Helm chart.
fn chart(shelf: &Shelf<'_>, version: &str, days: i64) -> Result<(), Failure> {
    let repository = "charts/acme-api";
    let about = json!({
        "apiVersion": "v2",
        "name": "acme-api",
        "version": version,
        "appVersion": "2.4.1",
        "description": "The Acme API on Kubernetes",
        "type": "application",
        "maintainers": [{ "name": "The Acme platform team", "email": "platform@acme.example" }],
    });
    let content = pack(&[
        File::text("acme-api/Chart.yaml", &format!("apiVersion: v2\nname: acme-api\nversion: {version}\n")),
        File::text("acme-api/values.yaml", "replicas: 3\nimage:\n  repository: acme/api\n  tag: \"2.4.1\"\n"),
        File::text("acme-api/templates/deployment.yaml", DEPLOYMENT),
    ])?;
    shelf.store.put_blob_as(repository, &content.digest, content.blob.clone());
    let media_type = "application/vnd.cncf.helm.chart.content.v1.tar+gzip";
    let layer = Descriptor::new(media_type, content.digest, content.blob.len());
    let config =
        put_blob(shelf.store, repository, "application/vnd.cncf.helm.config.v1+json", about.to_string());
    let annotations = json!({
        TITLE: "acme-api",
        "org.opencontainers.image.version": version,
        "org.opencontainers.image.description": "The Acme API on Kubernetes",
        "org.opencontainers.image.created": shelf.days_ago(days),
    });
    let put = put_artifact(shelf, repository, None, &config, &[layer], &annotations);
    shelf.tag(repository, &[&version.replace('+', "_")], &put);
    Ok(())
}

const DEPLOYMENT: &str = "apiVersion: apps/v1
kind: Deployment
metadata:
  name: {{ .Release.Name }}
spec:
  replicas: {{ .Values.replicas }}
  template:
    spec:
      containers:
        - name: api
          image: \"{{ .Values.image.repository }}:{{ .Values.image.tag }}\"
          ports: [{ containerPort: 8080 }]
";

/// Plain files, as ORAS puts them.
fn notes(shelf: &Shelf<'_>) {
    let repository = "files/release-notes";
    for (version, days, text) in [
        ("2.4.0", 37, "# 2.4.0\n\n- Pages of a thousand.\n"),
        ("2.4.1", 3, "# 2.4.1\n\n- A token is renewed before it ends.\n- Fewer queries for a list.\n"),
    ] {
        let config = put_blob(shelf.store, repository, OCI_EMPTY, "{}");
        let mut notes = put_blob(shelf.store, repository, "text/markdown", text);
        notes.annotations.insert(TITLE.to_owned(), format!("release-notes-{version}.md"));
        let sums = format!("{}  release-notes-{version}.md\n", notes.digest.hex());
        let mut sums = put_blob(shelf.store, repository, "text/plain", sums);
        sums.annotations.insert(TITLE.to_owned(), "SHA256SUMS".to_owned());
        let annotations = json!({ "org.opencontainers.image.created": shelf.days_ago(days) });
        let kind = Some("application/vnd.acme.release-notes.v1");
        let put = put_artifact(shelf, repository, kind, &config, &[notes, sums], &annotations);
        shelf.tag(repository, &[version], &put);
    }
}

/// A WebAssembly module: the smallest that is valid.
fn module(shelf: &Shelf<'_>) {
    let repository = "edge/filters/rate-limit";
    let config = json!({
        "created": shelf.days_ago(33), "architecture": "wasm", "os": "wasip1", "layerDigests": [],
    });
    let kind = "application/vnd.wasm.config.v0+json";
    let config = put_blob(shelf.store, repository, kind, config.to_string());
    let layer = put_blob(shelf.store, repository, "application/wasm", b"\0asm\x01\0\0\0");
    let put = put_artifact(shelf, repository, None, &config, &[layer], &json!({}));
    shelf.tag(repository, &["0.3.0", "latest"], &put);
}

/// A model (CNCF ModelPack).
fn model(shelf: &Shelf<'_>) {
    let repository = "models/ticket-router";
    let about = json!({
        "descriptor": { "name": "ticket-router", "family": "bert", "version": "4", "createdAt": shelf.days_ago(52) },
        "config": { "paramSize": "4m", "precision": "int8", "format": "onnx" },
        "modelfs": { "type": "layers", "diffIds": [] },
    });
    let kind = "application/vnd.cncf.model.config.v1+json";
    let config = put_blob(shelf.store, repository, kind, about.to_string());
    let kind = "application/vnd.cncf.model.weight.v1.raw";
    let mut weights = put_blob(shelf.store, repository, kind, program("weights"));
    weights.annotations.insert(TITLE.to_owned(), "model.onnx".to_owned());
    let kind = Some("application/vnd.cncf.model.manifest.v1+json");
    let put = put_artifact(shelf, repository, kind, &config, &[weights], &json!({}));
    shelf.tag(repository, &["4", "prod"], &put);
}

fn put_artifact(
    shelf: &Shelf<'_>,
    repository: &str,
    artifact_type: Option<&str>,
    config: &Descriptor,
    layers: &[Descriptor],
    annotations: &Value,
) -> Descriptor {
    let mut manifest = json!({ "schemaVersion": 2, "mediaType": OCI_MANIFEST });
    if let Some(artifact_type) = artifact_type {
        merge(&mut manifest, json!({ "artifactType": artifact_type }));
    }
    merge(&mut manifest, json!({ "config": config, "layers": layers, "annotations": annotations }));
    put_manifest(shelf.store, repository, OCI_MANIFEST, &manifest)
}
