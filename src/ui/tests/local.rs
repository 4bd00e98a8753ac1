//! The world of the tests on this machine: a store, an engine with a few images, and one that went away.

use std::collections::BTreeMap;

use crate::domain::connection::{Connected, Connection, Options};
use crate::domain::page::Entry;
use crate::domain::{Capabilities, ConnectionId, Facts, Failure, FailureKind, Locator, NodeKind, Page};

const MIB: u64 = 1 << 20;

/// The local store, an engine that answers, and one that went away.
pub(super) fn places() -> Vec<Connected> {
    let place = |id: &str, title: &'static str| Connected {
        connection: Connection {
            id: ConnectionId::new(id),
            name: id.to_owned(),
            provider: id.to_owned(),
            url: String::new(),
            username: String::new(),
            options: Options::default(),
            settings: BTreeMap::new(),
            bookmarks: Vec::new(),
        },
        provider_title: title.into(),
        capabilities: Capabilities::LOCAL
            | Capabilities::LIST
            | Capabilities::READ
            | Capabilities::PULL
            | Capabilities::TAG
            | Capabilities::UNTAG
            | Capabilities::DELETE,
        warning: None,
        failure: None,
        extras: &[],
    };
    let gone = Failure::new(
        FailureKind::Offline,
        "asking Podman for its images",
        "the socket is not there any more",
    );
    vec![
        place("store", "OCI layout"),
        place("docker", "Docker Engine 27.3"),
        Connected { failure: Some(gone), ..place("podman", "Podman 5.2") },
    ]
}

/// The images of the engine.
pub(super) fn images(at: &Locator) -> Page {
    let counted = |count, size| Some(Box::new(Facts { count: Some(count), size, ..Facts::default() }));
    let entries = match at.name() {
        "" => vec![
            Entry {
                label: Some("nginx".to_owned()),
                facts: counted(2, Some(190 * MIB)),
                ..Entry::named(NodeKind::Repository, "docker.io/library/nginx")
            },
            Entry {
                facts: counted(1, Some(41 * MIB)),
                ..Entry::named(NodeKind::Repository, "registry.work.example/acme/api")
            },
            Entry { facts: counted(3, Some(700 * MIB)), ..Entry::named(NodeKind::Untagged, "untagged") },
        ],
        _ => ["1.27", "latest"].map(|tag| Entry::named(NodeKind::Tag, tag)).into(),
    };
    Page { total: Some(entries.len() as u64), entries, ..Page::default() }
}
