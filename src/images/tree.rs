//! Images as nodes: repositories by their full names, tags below them, and what has no name below a group.
//!
//! Invariant: an image is shown once for each of its names; one without a name once, by its digest.

use std::collections::BTreeMap;

use crate::domain::{ConnectionId, Digest, Entry, Facts, Locator, NodeKind, Page, Reference};

/// What an image is called in its place.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Name {
    /// A reference with a tag or a digest.
    Reference(Reference),
    /// A name that is no reference, as another program wrote it.
    Other(String),
    /// It has none.
    None(Digest),
}

/// An image under one of its names.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Named {
    pub(super) name: Name,
    /// What is known without asking further.
    pub(super) facts: Option<Box<Facts>>,
}

impl Name {
    /// What `text` names: a reference where it is written in full, so that `latest` alone stays a word.
    pub(super) fn read(text: &str) -> Self {
        let is_written_in_full = |r: &Reference| {
            r.tag.is_some() != r.digest.is_some() && (r.to_string() == text || full(r) == text)
        };
        match text.parse::<Reference>().ok().filter(is_written_in_full) {
            Some(reference) => Self::Reference(reference),
            None => Self::Other(text.to_owned()),
        }
    }

    /// Its node in the place called `id`.
    pub(super) fn locate(&self, id: &ConnectionId) -> Locator {
        let root = Locator::root(id.clone());
        match self {
            Self::Reference(reference) => {
                let (kind, name) = leaf(reference);
                root.child(NodeKind::Repository, &repository(reference)).child(kind, &name)
            }
            Self::Other(name) => root.child(NodeKind::Tag, name),
            Self::None(digest) => {
                root.child(NodeKind::Untagged, UNTAGGED).child(NodeKind::Manifest, &digest.to_string())
            }
        }
    }
}

/// The name of the group of images without a name.
const UNTAGGED: &str = "untagged";

/// The children of `at`, all on one page.
pub(super) fn children(at: &Locator, images: Vec<Named>) -> Page {
    let entries = match at.kind() {
        NodeKind::Connection => top(images),
        _ => below(at, images),
    };
    Page { total: Some(entries.len() as u64), entries, ..Page::default() }
}

/// Repositories by what is shown of them, then names that are no references, then the group of those without a name.
fn top(images: Vec<Named>) -> Vec<Entry> {
    let mut repositories: BTreeMap<String, (String, u64)> = BTreeMap::new();
    let (mut others, mut nameless) = (Vec::new(), 0);
    for image in images {
        match image.name {
            Name::Reference(reference) => {
                let shown = Reference { tag: None, digest: None, ..reference.clone() }.to_string();
                repositories.entry(shown).or_insert((repository(&reference), 0)).1 += 1;
            }
            Name::Other(name) => {
                others.push(Entry { facts: image.facts, ..Entry::named(NodeKind::Tag, name) });
            }
            Name::None(_) => nameless += 1,
        }
    }
    let counted = |count| Some(Box::new(Facts { count: Some(count), ..Facts::default() }));
    let mut entries: Vec<Entry> = repositories
        .into_iter()
        .map(|(shown, (name, count))| Entry {
            label: Some(shown),
            facts: counted(count),
            ..Entry::named(NodeKind::Repository, name)
        })
        .collect();
    entries.append(&mut others);
    if nameless > 0 {
        entries.push(Entry { facts: counted(nameless), ..Entry::named(NodeKind::Untagged, UNTAGGED) });
    }
    entries
}

fn below(at: &Locator, images: Vec<Named>) -> Vec<Entry> {
    let entry = |image: Named| {
        let node = image.name.locate(&at.connection);
        let is_here = node.parent().as_ref() == Some(at);
        is_here.then(|| Entry { facts: image.facts, ..Entry::named(node.kind(), node.name()) })
    };
    images.into_iter().filter_map(entry).collect()
}

/// The repository with its host, in full.
fn repository(reference: &Reference) -> String {
    format!("{}/{}", reference.host, reference.repository)
}

fn leaf(reference: &Reference) -> (NodeKind, String) {
    match (&reference.tag, &reference.digest) {
        (Some(tag), _) => (NodeKind::Tag, tag.clone()),
        (None, Some(digest)) => (NodeKind::Manifest, digest.to_string()),
        (None, None) => (NodeKind::Tag, "latest".to_owned()),
    }
}

/// The reference without any abbreviation.
fn full(reference: &Reference) -> String {
    let (kind, name) = leaf(reference);
    let separator = if kind == NodeKind::Tag { ':' } else { '@' };
    format!("{}{separator}{name}", repository(reference))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn id() -> ConnectionId {
        ConnectionId::new("store")
    }

    fn named(names: &[&str]) -> Vec<Named> {
        names.iter().map(|n| Named { name: Name::read(n), facts: None }).collect()
    }

    fn shown(page: &Page) -> Vec<(NodeKind, &str, Option<&str>)> {
        page.entries.iter().map(|e| (e.kind, e.name.as_str(), e.label.as_deref())).collect()
    }

    #[test]
    fn names_are_grouped_by_repository_and_words_stand_alone() {
        let digest = Digest::of(b"x");
        let mut images = named(&["nginx:1.27", "127.0.0.1:5000/acme/api:2", "latest", "nginx:1.26", "1.2"]);
        images.push(Named { name: Name::None(digest.clone()), facts: None });
        let root = Locator::root(id());
        let page = children(&root, images.clone());
        assert_eq!(
            shown(&page),
            [
                (NodeKind::Repository, "127.0.0.1:5000/acme/api", Some("127.0.0.1:5000/acme/api")),
                (NodeKind::Repository, "docker.io/library/nginx", Some("nginx")),
                (NodeKind::Tag, "latest", None),
                (NodeKind::Tag, "1.2", None),
                (NodeKind::Untagged, "untagged", None),
            ]
        );
        let nginx = root.child(NodeKind::Repository, "docker.io/library/nginx");
        let page = children(&nginx, images.clone());
        assert_eq!(shown(&page), [(NodeKind::Tag, "1.27", None), (NodeKind::Tag, "1.26", None)]);
        let page = children(&root.child(NodeKind::Untagged, "untagged"), images);
        assert_eq!(shown(&page), [(NodeKind::Manifest, digest.to_string().as_str(), None)]);
    }

    #[test]
    fn a_node_leads_back_to_the_name() {
        let digest = Digest::of(b"x");
        for (text, pasted) in [
            ("nginx:1.27", "nginx:1.27"),
            ("docker.io/library/nginx:1.27", "nginx:1.27"),
            ("localhost/app:dev", "localhost/app:dev"),
            (&format!("h:5000/a@{digest}"), &format!("h:5000/a@{digest}")),
        ] {
            let at = Name::read(text).locate(&id());
            assert_eq!(at.reference("").unwrap().to_string(), pasted, "{text}");
        }
        for word in ["latest", "1.2", "acme/api", "", "A B", &format!("a:t@{digest}")] {
            assert_eq!(Name::read(word), Name::Other(word.to_owned()), "{word}");
            assert_eq!(Name::read(word).locate(&id()).reference(""), None);
        }
    }
}
