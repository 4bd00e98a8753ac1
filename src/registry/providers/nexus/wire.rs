//! What the REST API answers, as far as it is used.
//!
//! Invariant: read leniently: whatever a version leaves out is nothing.

use serde::Deserialize;

use super::address::Connector;
use crate::domain::{Digest, Entry, Facts, NodeKind};
use crate::registry::api::seconds;

/// A repository ("Repositories API").
#[derive(Debug, Deserialize)]
pub(super) struct Repository {
    pub(super) name: String,
    #[serde(default)]
    pub(super) format: String,
    /// `hosted`, `proxy` or `group`.
    #[serde(default, rename = "type")]
    pub(super) kind: Option<String>,
    #[serde(default)]
    docker: Option<Connectors>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
struct Connectors {
    path_enabled: Option<bool>,
    https_port: Option<u16>,
    http_port: Option<u16>,
    subdomain: Option<String>,
}

impl Repository {
    /// How its images are addressed: the path where it is on or nothing else is known.
    pub(super) fn connector(&self) -> Connector {
        match &self.docker {
            Some(Connectors { path_enabled: Some(true), .. }) | None => Connector::Path,
            Some(Connectors { subdomain: Some(name), .. }) => Connector::Subdomain(name.clone()),
            Some(Connectors { https_port: Some(port), .. } | Connectors { http_port: Some(port), .. }) => {
                Connector::Port(*port)
            }
            Some(_) => Connector::Path,
        }
    }
}

/// A page of components ("Search API").
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Components {
    #[serde(default)]
    pub(super) items: Vec<Component>,
    #[serde(default)]
    pub(super) continuation_token: Option<String>,
}

/// A tag.
#[derive(Debug, Deserialize)]
pub(super) struct Component {
    pub(super) id: String,
    #[serde(default)]
    pub(super) name: String,
    #[serde(default)]
    pub(super) version: Option<String>,
    #[serde(default)]
    assets: Vec<Asset>,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
struct Asset {
    #[serde(default)]
    path: String,
    #[serde(default)]
    content_type: Option<String>,
    #[serde(default)]
    last_modified: Option<String>,
    #[serde(default)]
    checksum: Checksum,
}

#[derive(Debug, Default, Deserialize)]
struct Checksum {
    #[serde(default)]
    sha256: Option<String>,
}

impl Component {
    /// The tag as an entry of the tree.
    pub(super) fn entry(self) -> Option<Entry> {
        let tag = self.version.filter(|v| !v.is_empty())?;
        let manifest = self.assets.into_iter().find(|asset| asset.path.contains("/manifests/"));
        let facts = manifest.map(|asset| {
            let hex = asset.checksum.sha256.unwrap_or_default();
            Facts {
                digest: format!("sha256:{hex}").parse::<Digest>().ok(),
                media_type: asset.content_type,
                time: asset.last_modified.as_deref().and_then(seconds),
                ..Facts::default()
            }
        });
        Some(Entry { facts: facts.map(Box::new), ..Entry::named(NodeKind::Tag, tag) })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn connectors_are_told_apart() {
        let connector = |docker: &str| {
            let text = format!(r#"{{"name":"a","format":"docker","docker":{docker}}}"#);
            serde_json::from_str::<Repository>(&text).unwrap().connector()
        };
        assert_eq!(connector("null"), Connector::Path);
        assert_eq!(connector(r#"{"httpPort":null,"httpsPort":null}"#), Connector::Path);
        assert_eq!(connector(r#"{"httpPort":8082}"#), Connector::Port(8082));
        assert_eq!(connector(r#"{"httpPort":8082,"httpsPort":8443}"#), Connector::Port(8443));
        assert_eq!(connector(r#"{"httpPort":8082,"pathEnabled":true}"#), Connector::Path);
        assert_eq!(connector(r#"{"subdomain":"d"}"#), Connector::Subdomain("d".to_owned()));
    }

    #[test]
    fn a_component_is_a_tag() {
        let hex = "a".repeat(64);
        let text = format!(
            r#"{{"id":"x","group":null,"name":"team/app","version":"1.0","assets":[
                {{"path":"v2/-/blobs/sha256:b","checksum":{{"sha256":"b"}}}},
                {{"path":"v2/team/app/manifests/1.0","checksum":{{"sha256":"{hex}"}},
                  "contentType":"application/vnd.oci.image.manifest.v1+json",
                  "lastModified":"2026-01-01T02:00:00.000+02:00"}}]}}"#
        );
        let entry = serde_json::from_str::<Component>(&text).unwrap().entry().unwrap();
        let facts = entry.facts.unwrap();
        assert_eq!(facts.digest.unwrap().hex(), hex);
        assert_eq!((entry.name.as_str(), facts.time), ("1.0", Some(1_767_225_600)));
    }
}
