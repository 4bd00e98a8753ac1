//! Rows ready to be drawn, for the visible window alone.
//!
//! Invariant: labels have passed `text::visible`; what the filter hit is counted in them.

use std::borrow::Cow;

use super::Tree;
use super::branch::{Branch, has_children};
use super::folders::name_in_folder;
use super::rows::{Spot, What};
use super::shown::Status;
use crate::app::row::{Row, RowKind, Twig};
use crate::domain::human::thousands;
use crate::domain::text::visible;

impl Tree {
    /// The visible rows.
    #[must_use]
    pub fn window(&self) -> Vec<Row<'_>> {
        self.visible_rows().filter_map(|index| self.row(index)).collect()
    }

    /// One row.
    #[must_use]
    pub fn row(&self, index: usize) -> Option<Row<'_>> {
        let spot = self.locate(index)?;
        let blank = Row {
            index,
            depth: spot.depth,
            kind: RowKind::Empty,
            label: Cow::Borrowed(""),
            twig: Twig::Leaf,
            facts: None,
            loading: false,
            marked: false,
            stale: spot.branch.listing.is_stale(),
            hits: Vec::new(),
            children: None,
        };
        match spot.what {
            What::Entry(id) => Some(self.entry_row(spot, id, blank)),
            What::Folder(index) => folder_row(spot.branch, index, blank),
            What::Status(status) => status_row(spot.branch, status, blank),
        }
    }

    fn entry_row<'a>(&'a self, spot: Spot<'a>, id: u32, blank: Row<'a>) -> Row<'a> {
        let branch = spot.branch;
        if branch.is_heading(id) {
            return Row { kind: RowKind::Heading, ..blank };
        }
        let text = branch.entries.text(id);
        if let Some(failure) = branch.entries.failure(id) {
            let label = Cow::Owned(visible(&format!("{text}: {failure}")).into_owned());
            return Row { kind: RowKind::Failed(failure), label, ..blank };
        }
        let label = visible(if spot.folder.is_some() { name_in_folder(text) } else { text });
        let child = branch.children.get(&id);
        let hits = self.how.filter.as_ref().map(|filter| filter.positions(&label));
        let twig = match child {
            _ if !has_children(branch.entries.kind(id)) => Twig::Leaf,
            Some(child) if child.open => Twig::Open,
            _ => Twig::Closed,
        };
        Row {
            kind: RowKind::Node(branch.entries.kind(id)),
            label,
            twig,
            facts: branch.facts.get(id),
            loading: child.is_some_and(|c| c.listing.is_under_way()),
            marked: !self.marks.is_empty() && self.marks.contains(&branch.locator_of(id)),
            hits: hits.unwrap_or_default(),
            children: child.and_then(Branch::count),
            ..blank
        }
    }
}

fn folder_row<'a>(branch: &'a Branch, index: usize, blank: Row<'a>) -> Option<Row<'a>> {
    let folder = branch.shown.folders.get(index)?;
    let twig = if branch.is_folder_open(index) { Twig::Open } else { Twig::Closed };
    let count = u64::try_from(folder.level.items().map_or(0, <[u32]>::len)).unwrap_or(u64::MAX);
    Some(Row {
        kind: RowKind::Folder,
        label: visible(folder.name()),
        twig,
        children: Some((count, branch.listing.has_more())),
        ..blank
    })
}

fn status_row<'a>(branch: &'a Branch, status: Status, blank: Row<'a>) -> Option<Row<'a>> {
    let (kind, label) = match status {
        Status::Failed => {
            let failure = branch.listing.failure()?;
            (RowKind::Failed(failure), Cow::Owned(visible(&failure.to_string()).into_owned()))
        }
        Status::More => (RowKind::More, Cow::Borrowed("more")),
        Status::Loading => (RowKind::Loading, Cow::Borrowed("loading")),
        Status::Empty => (RowKind::Empty, Cow::Borrowed("empty")),
        Status::Aside => {
            let (many, why) = branch.entries.asides()?;
            (RowKind::Aside, Cow::Owned(format!("{} {why} hidden", thousands(many as u64))))
        }
    };
    Some(Row { kind, label, loading: branch.listing.is_under_way(), ..blank })
}
