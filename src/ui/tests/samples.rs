//! The world of the tests: two registries with a bit of everything.

use std::collections::BTreeMap;

use bytes::Bytes;

use super::local;
use crate::app::Reply;
use crate::app::effect::Request;
use crate::domain::config::{History, Runtime};
use crate::domain::connection::{
    Connected, Connection, Field, FieldKind, FoundSignIn, Options, ProviderInfo,
};
use crate::domain::detail::{ConnectionDetails, Description, Details, ImageDetails, Inspection, ShownImage};
use crate::domain::impact::Impact;
use crate::domain::job::Weight;
use crate::domain::manifest::Index;
use crate::domain::media::{OCI_INDEX, OCI_MANIFEST};
use crate::domain::page::Entry;
use crate::domain::{
    Capabilities, ConnectionId, Cursor, Descriptor, Digest, Facts, Failure, FailureKind, ImageConfig,
    Locator, NodeKind, Page, Platform, RawManifest,
};

/// 2026-11-22 03:00 UTC.
pub(super) const NOW: i64 = 1_795_316_400;
const DAY: i64 = 86_400;
const MIB: u64 = 1 << 20;

static FIELDS: &[Field] = &[
    field("url", "URL", FieldKind::Text, "registry.example or http://localhost:5000", false, false),
    field("username", "Username", FieldKind::Text, "empty for anonymous", true, false),
    field(
        "password",
        "Password",
        FieldKind::Secret,
        "password or token; with two-factor sign-in a token that may read and, to delete, write",
        true,
        false,
    ),
    field("ca_file", "CA file", FieldKind::File, "/etc/ssl/own-ca.pem", true, true),
    field("plain_http", "Plain HTTP", FieldKind::Flag, "", true, true),
    field("skip_verification", "Skip verification", FieldKind::Flag, "", true, true),
    field("proxy", "Proxy", FieldKind::Text, "http://proxy:3128", true, true),
];

pub(super) static PROVIDERS: &[ProviderInfo] = &[
    ProviderInfo {
        id: "generic",
        title: "Generic",
        about: "Any OCI or Docker V2 registry, by its address.",
        fields: FIELDS,
        ..ProviderInfo::EMPTY
    },
    ProviderInfo {
        id: "demo",
        title: "Demo",
        about: "A built-in registry to look around in.",
        ..ProviderInfo::EMPTY
    },
];

const fn field(
    id: &'static str,
    label: &'static str,
    kind: FieldKind,
    example: &'static str,
    optional: bool,
    advanced: bool,
) -> Field {
    Field { id, label, kind, example, optional, advanced }
}

/// Two connections: one that works, one with verification off that is out of reach.
pub(super) fn connections() -> Vec<Connected> {
    let can = Capabilities::LIST
        | Capabilities::READ
        | Capabilities::UNTAG
        | Capabilities::DELETE
        | Capabilities::WEB
        | Capabilities::OPEN_BY_NAME
        | Capabilities::KEPT
        | Capabilities::TAG
        | Capabilities::PUSH
        | Capabilities::PULL;
    let connected = |id: &str, url: &str, username: &str, warning: Option<&str>| Connected {
        connection: Connection {
            id: ConnectionId::new(id),
            name: id.to_owned(),
            provider: "generic".to_owned(),
            url: url.to_owned(),
            username: username.to_owned(),
            options: Options { skip_verification: warning.is_some(), ..Options::default() },
            settings: BTreeMap::new(),
            bookmarks: Vec::new(),
        },
        provider_title: "Generic".into(),
        capabilities: can,
        extras: &[],
        warning: warning.map(str::to_owned),
        failure: None,
    };
    vec![
        connected("work", "https://registry.work.example", "acme-bot", None),
        connected("local", "http://127.0.0.1:5000", "", None),
        connected(
            "lab",
            "https://lab.example:8443",
            "kim",
            Some("The server's certificate is not verified."),
        ),
    ]
}

/// What a server would answer; nothing for what is still on its way.
pub(super) fn answer(request: &Request) -> Option<Reply> {
    Some(match request {
        Request::FindSignIns => Reply::SignIns(sign_ins()),
        Request::Children { at, cursor } => Reply::Page(children(at, cursor.as_ref())?),
        Request::Facts { at } => Reply::Facts(Ok(facts(at.name()))),
        Request::Details { at } => Reply::Details(Box::new(details(at)?)),
        Request::Impact { at, .. } => Reply::Impact(Ok(impact(at.name()))),
        Request::Inspect { .. } => Reply::Inspection(Ok(inspection())),
        Request::Weigh(_) => {
            Reply::Weighed(Ok(Weight { images: 8, blobs: 31, bytes: 412 * MIB, unknown: 2 }))
        }
        Request::Connect(_) => Reply::Connected(Err(crate::app::event::ConnectFailure::Refused {
            failure: Failure::new(
                FailureKind::Unauthorized,
                "signing in to registry.example",
                "401: incorrect username or password",
            ),
            field: Some("password"),
        })),
        _ => return None,
    })
}

pub(super) fn sign_ins() -> Vec<FoundSignIn> {
    let found = |host: &str, username: Option<&str>, source: &str| {
        FoundSignIn::stored(host.to_owned(), username.map(str::to_owned), source.to_owned())
    };
    vec![
        found("docker.io", Some("kim"), "~/.docker/config.json"),
        found("ghcr.io", None, "~/.docker/config.json"),
        found("quay.io", Some("kim+robot"), "/run/user/1000/containers/auth.json"),
    ]
}

fn children(at: &Locator, cursor: Option<&Cursor>) -> Option<Result<Page, Failure>> {
    let page = |entries: Vec<Entry>, next: Option<&str>| {
        Ok(Page { entries, next: next.map(|n| Cursor(n.to_owned())), total: None, warnings: Vec::new() })
    };
    Some(match (&*at.connection.0, at.name()) {
        ("docker", _) => Ok(local::images(at)),
        ("store", _) => page(Vec::new(), None),
        ("work", "") => page(
            ["acme/api", "acme/charts/shop", "acme/empty", "acme/slow", "注册表/测试", "tools/scanner"]
                .map(|name| Entry::named(NodeKind::Repository, name))
                .into(),
            None,
        ),
        ("work", "acme/api") => page(
            [
                "2.4.1",
                "2.4.0",
                "2.4",
                "latest",
                "edge",
                "windows",
                "sbom",
                "2.3.0-rc.1-with-a-very-long-suffix",
            ]
            .map(|name| Entry::named(NodeKind::Tag, name))
            .into(),
            None,
        ),
        ("work", "acme/empty") => page(Vec::new(), None),
        ("work", "acme/slow") => return None,
        ("work", _) => page(
            (0..60).map(|n| Entry::named(NodeKind::Tag, format!("v1.{n}"))).collect(),
            cursor.is_none().then_some("more"),
        ),
        ("local", "") => Err(Failure::new(
            FailureKind::Unauthorized,
            "listing repositories of 127.0.0.1:5000",
            "401 Unauthorized: authentication required",
        )),
        _ => Err(Failure::new(
            FailureKind::Offline,
            "listing repositories of lab.example:8443",
            "no route to host",
        )),
    })
}

fn digest(of: &str) -> Digest {
    Digest::of(of.as_bytes())
}

fn platform(text: &str) -> Platform {
    text.parse().unwrap()
}

pub(super) fn facts(tag: &str) -> Facts {
    let all = vec![platform("linux/amd64"), platform("linux/arm64/v8"), platform("linux/arm/v7")];
    let (content, days, size, platforms) = match tag {
        "2.4.1" | "2.4" | "latest" => ("2.4.1", 3, 43_200_000, all),
        "edge" => ("edge", 0, 44_000_000, all[..1].to_vec()),
        "windows" => ("windows", 90, 1_900 * MIB, vec![platform("windows/amd64")]),
        "sbom" => ("sbom", 3, 70_000, Vec::new()),
        other => (other, 40, 41 * MIB, all[..2].to_vec()),
    };
    Facts {
        digest: Some(digest(content)),
        artifact: (tag == "sbom").then(|| "SBOM (SPDX)".to_owned()),
        size: Some(size),
        time: Some(NOW - days * DAY - 300),
        platforms,
        ..Facts::default()
    }
}

fn details(at: &Locator) -> Option<Result<Details, Failure>> {
    let lines = |lines: &[(&str, &str)]| {
        lines.iter().map(|(a, b)| ((*a).to_owned(), (*b).to_owned())).collect::<Vec<_>>()
    };
    Some(match (at.kind(), at.name()) {
        (NodeKind::Connection, _) if &*at.connection.0 == "docker" => {
            Ok(Details::Connection(ConnectionDetails {
                lines: lines(&[("socket", "/var/run/docker.sock"), ("images", "6"), ("size", "931.0 MiB")]),
            }))
        }
        (NodeKind::Connection, _) if &*at.connection.0 != "work" => Err(Failure::new(
            FailureKind::Offline,
            "asking lab.example:8443 for its version",
            "no route to host",
        )),
        (NodeKind::Connection, _) => Ok(Details::Connection(ConnectionDetails {
            lines: lines(&[("server", "Distribution (registry/2.0)"), ("sign-in", "Basic, accepted")]),
        })),
        (NodeKind::Repository, _) => Ok(Details::Repository(Description {
            lines: lines(&[("tags", "8"), ("newest", "edge, 5 m ago")]),
            sections: Vec::new(),
        })),
        (_, "edge") => return None,
        (_, "windows") => Err(Failure::new(
            FailureKind::NotFound,
            "reading the manifest of acme/api:windows",
            "404 MANIFEST_UNKNOWN: manifest unknown",
        )),
        _ => Ok(Details::Image(Box::new(image()))),
    })
}

fn layer(content: &str, size: u64) -> Descriptor {
    Descriptor::new("application/vnd.oci.image.layer.v1.tar+gzip", digest(content), size)
}

fn member(os: &str) -> Descriptor {
    let mut member = Descriptor::new(OCI_MANIFEST, digest(os), 1200);
    member.platform = Some(platform(os));
    member
}

fn referrer(kind: &str) -> Descriptor {
    let mut referrer = Descriptor::new(OCI_MANIFEST, digest(kind), 840);
    referrer.artifact_type = Some(kind.to_owned());
    referrer
}

fn step(made: &str, empty: bool) -> History {
    History { created_by: made.to_owned(), empty_layer: empty, ..History::default() }
}

pub(super) fn image() -> ImageDetails {
    let mut attestation = member("unknown/unknown");
    attestation.annotations.insert("vnd.docker.reference.type".into(), "attestation-manifest".into());
    ImageDetails {
        digest: digest("2.4.1"),
        engine_id: None,
        media_type: OCI_INDEX.to_owned(),
        manifest_size: 1609,
        artifact: None,
        index: Some(Index {
            manifests: vec![
                member("linux/amd64"),
                member("linux/arm64/v8"),
                member("linux/arm/v7"),
                attestation,
            ],
            artifact_type: None,
            subject: None,
            annotations: BTreeMap::new(),
        }),
        shown: Some(ShownImage {
            digest: digest("linux/amd64"),
            platform: Some(platform("linux/amd64")),
            config: Some(config()),
            layers: vec![layer("base", 31 * MIB), layer("deps", 2_200_000), layer("app", 8_500_000)],
        }),
        annotations: vec![(
            "org.opencontainers.image.source".to_owned(),
            "https://git.work.example/acme/api".to_owned(),
        )],
        referrers: Ok(vec![
            referrer("application/vnd.dev.cosign.artifact.sig.v1+json"),
            referrer("application/spdx+json"),
        ]),
        described: None,
        pushed: Some(NOW - 3 * DAY),
        warnings: Vec::new(),
    }
}

fn config() -> ImageConfig {
    let words = |words: &[&str]| words.iter().map(|w| (*w).to_owned()).collect::<Vec<_>>();
    ImageConfig {
        created: Some("2026-11-19T01:12:00Z".to_owned()),
        author: Some("Acme <build@acme.example>".to_owned()),
        platform: platform("linux/amd64"),
        config: Runtime {
            user: "10001:10001".to_owned(),
            exposed_ports: [("8080/tcp".to_owned(), serde_json::Value::Null)].into(),
            env: words(&[
                "PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin",
                "ACME_ENV=production",
            ]),
            entrypoint: words(&["/app/run"]),
            cmd: words(&["--serve", "--greeting", "hello world"]),
            volumes: BTreeMap::new(),
            working_dir: "/srv".to_owned(),
            labels: [("org.opencontainers.image.version".to_owned(), "2.4.1".to_owned())].into(),
        },
        history: vec![
            step("/bin/sh -c #(nop) ADD file:31bc2f40a4 in / ", false),
            step("/bin/sh -c #(nop)  ENV ACME_ENV=production", true),
            step(
                "RUN /bin/sh -c apt-get update && apt-get install -y --no-install-recommends ca-certificates curl && rm -rf /var/lib/apt/lists/* # buildkit",
                false,
            ),
            step("COPY /src/app /app # buildkit", false),
            step("CMD [\"--serve\" \"\u{1b}[31mred\"]", true),
        ],
    }
}

pub(super) fn impact(tag: &str) -> Impact {
    let shared = matches!(tag, "2.4.1" | "2.4" | "latest");
    Impact {
        digest: facts(tag).digest.unwrap(),
        tags: if shared {
            ["2.4.1", "2.4", "latest"].map(str::to_owned).into()
        } else {
            vec![tag.to_owned()]
        },
        in_indexes: Vec::new(),
        children: if shared { vec![member("linux/amd64"), member("linux/arm64/v8")] } else { Vec::new() },
        referrers: if shared {
            vec![
                referrer("application/vnd.dev.cosign.artifact.sig.v1+json"),
                referrer("application/spdx+json"),
            ]
        } else {
            Vec::new()
        },
        looked_at: (8, if shared { 128 } else { 8 }),
        unknown: Vec::new(),
    }
}

fn inspection() -> Inspection {
    let members: Vec<String> = [member("linux/amd64"), member("linux/arm64/v8")]
        .iter()
        .map(|m| serde_json::to_string(m).unwrap())
        .collect();
    let body = format!(
        r#"{{"schemaVersion":2,"mediaType":"{OCI_INDEX}","manifests":[{}],"annotations":{{"note":"made by hand"}}}}"#,
        members.join(",")
    );
    let bytes = Bytes::from(body);
    let digest = Digest::of(&bytes);
    Inspection {
        manifest: RawManifest {
            bytes,
            media_type: OCI_INDEX.to_owned(),
            digest: digest.clone(),
            claimed: None,
        },
        expected: Some(digest),
        config: None,
        config_failure: None,
    }
}
