//! Answers of the web API as rows of the tree.
//!
//! Invariant: everything that a row shows comes from the list; no request is made for one row.

use super::web_api::Rows;
use super::wire::{Image, Repository, Tag, positive};
use crate::domain::text::visible;
use crate::domain::{Entry, Facts, NodeKind, Page, Platform, human};
use crate::registry::paging::Paging;

/// Longest description beside a repository, in characters.
const SHOWN: usize = 60;

/// A page of the tree from a page of the API.
pub(super) fn page<T>(paging: &Paging, rows: Rows<T>, entry: impl Fn(&T) -> Entry) -> Page {
    let Rows { rows, next, total, warnings } = rows;
    let entries = rows.iter().map(entry).filter(|e| !e.name.is_empty()).collect();
    paging.finish(Page { entries, next: None, total, warnings }, next.map(|n| n.to_string()))
}

/// The row of a namespace.
pub(super) fn namespace(name: String, note: Option<&str>) -> Entry {
    let facts = note.map(|note| Box::new(Facts { note: Some(note.to_owned()), ..Facts::default() }));
    Entry { facts, ..Entry::named(NodeKind::Namespace, name) }
}

/// The row of a repository below its namespace.
pub(super) fn repository(namespace: &str, repository: &Repository) -> Entry {
    if repository.name.is_empty() {
        return Entry::named(NodeKind::Repository, "");
    }
    let pulls = positive(repository.pull_count).map(|n| human::count(n, "pull", "pulls"));
    let inactive = repository.status_description.as_deref().filter(|s| s.eq_ignore_ascii_case("inactive"));
    let notes: Vec<String> = [
        repository.is_private.unwrap_or_default().then(|| "private".to_owned()),
        inactive.map(|_| "inactive".to_owned()),
        pulls,
        repository.description.as_deref().and_then(shortened),
    ]
    .into_iter()
    .flatten()
    .collect();
    let facts = Facts {
        time: repository.last_updated.as_deref().and_then(human::timestamp),
        note: Some(notes.join(" · ")).filter(|n| !n.is_empty()),
        ..Facts::default()
    };
    Entry {
        facts: Some(Box::new(facts)),
        label: Some(visible(&repository.name).into_owned()),
        ..Entry::named(NodeKind::Repository, format!("{namespace}/{}", repository.name))
    }
}

fn shortened(description: &str) -> Option<String> {
    let line = description.split_whitespace().collect::<Vec<_>>().join(" ");
    let mut shown: String = line.chars().take(SHOWN).collect();
    if shown.len() < line.len() {
        shown.push('…');
    }
    (!shown.is_empty()).then(|| visible(&shown).into_owned())
}

/// The row of a tag. One of which the list told no digest is looked up like a tag of any registry.
pub(super) fn tag(tag: &Tag) -> Entry {
    let facts = tag.digest().map(|_| Box::new(facts(tag)));
    Entry { facts, ..Entry::named(NodeKind::Tag, &*tag.name) }
}

/// What a tag's row shows.
fn facts(tag: &Tag) -> Facts {
    let images: Vec<Image> = tag.images().into_iter().filter(|i| !i.platform().is_unknown()).collect();
    let here = Platform::here();
    let shown = images.iter().find(|i| here.accepts(&i.platform())).or_else(|| images.first());
    Facts {
        digest: tag.digest(),
        media_type: tag.media_type.clone().filter(|t| !t.is_empty()),
        size: shown.and_then(Image::size).or_else(|| positive(tag.full_size)),
        time: tag.time(),
        platforms: images.iter().map(Image::platform).collect(),
        ..Facts::default()
    }
}
