//! From row to node and back, level by level.
//!
//! Invariant: finding a row is a search per level, whatever the number of rows, and makes none.

use super::branch::Branch;
use super::folders::{folder_of, folder_path};
use super::level::{Level, Seek};
use super::shown::Status;

/// What lies in a row of the tree.
#[derive(Debug, Clone, Copy)]
pub(super) struct Spot<'a> {
    /// The branch it belongs to.
    pub(super) branch: &'a Branch,
    /// The folder of that branch it lies in.
    pub(super) folder: Option<usize>,
    /// How deep it is.
    pub(super) depth: u16,
    /// What it is.
    pub(super) what: What,
}

/// What a row is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum What {
    /// An entry of the branch.
    Entry(u32),
    /// A folder of the branch.
    Folder(usize),
    /// How the branch's listing is.
    Status(Status),
}

/// Where something is shown.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Reached {
    /// In this row.
    Row(usize),
    /// Nowhere, because what is in this row is closed.
    Closed(usize),
    /// Nowhere: it is not known, or left out.
    Nowhere,
}

/// Finds what lies in `row`, counted from the first row below `root`.
pub(super) fn locate(root: &Branch, row: usize) -> Option<Spot<'_>> {
    let (mut branch, mut row, mut depth) = (root, row, 0);
    loop {
        match branch.seek(row, depth)? {
            Found::Here(spot) => return Some(spot),
            Found::Below { id, row: below, depth: deeper } => {
                branch = branch.children.get(&id)?;
                (row, depth) = (below, deeper);
            }
        }
    }
}

enum Found<'a> {
    Here(Spot<'a>),
    Below { id: u32, row: usize, depth: u16 },
}

impl Branch {
    /// What lies in `row`, counted from this branch's first row below it.
    fn seek(&self, row: usize, depth: u16) -> Option<Found<'_>> {
        let here = |folder, depth, what| Some(Found::Here(Spot { branch: self, folder, depth, what }));
        let (mut row, mut depth, mut folder, mut level) = (row, depth, None, &self.shown.level);
        if let Some(status) = self.shown.head {
            match row.checked_sub(1) {
                None => return here(None, depth, What::Status(status)),
                Some(rest) => row = rest,
            }
        }
        loop {
            match level.seek(row) {
                Seek::Item(position) => {
                    let item = self.item(level, position)?;
                    return here(folder, depth, folder_of(item).map_or(What::Entry(item), What::Folder));
                }
                Seek::Behind(0) => return here(None, depth, What::Status(self.shown.tail?)),
                Seek::Behind(_) => return None,
                Seek::Below(item, below) => {
                    (row, depth) = (below, depth + 1);
                    match folder_of(item) {
                        None => return Some(Found::Below { id: item, row, depth }),
                        Some(index) => {
                            folder = Some(index);
                            level = &self.shown.folders.get(index)?.level;
                        }
                    }
                }
            }
        }
    }

    /// The row of an entry, counted from this branch's first row below it.
    pub(super) fn row_of(&self, id: u32) -> Reached {
        self.row_of_item(folder_path(&self.entries, id), |item| item == id)
    }

    /// The row of the folder with this path.
    pub(super) fn row_of_folder(&self, path: &str) -> Reached {
        let is_it = |item| self.folder_path_of(item) == Some(path);
        self.row_of_item(path, is_it)
    }

    /// The row of an item, found by going down the folders of `path`.
    fn row_of_item(&self, path: &str, is_it: impl Fn(u32) -> bool) -> Reached {
        let mut before = usize::from(self.shown.head.is_some());
        let mut level = &self.shown.level;
        loop {
            if let Some(position) = self.position(level, &is_it) {
                return Reached::Row(before + level.row_of(position));
            }
            let leads_there = |item| {
                self.folder_path_of(item)
                    .and_then(|folder| path.strip_prefix(folder))
                    .is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
            };
            let Some(position) = level.items().and_then(|_| self.position(level, leads_there)) else {
                return Reached::Nowhere;
            };
            let row = before + level.row_of(position);
            let folder =
                self.item(level, position).and_then(folder_of).and_then(|i| self.shown.folders.get(i));
            match folder.filter(|f| self.shown.open_folders.contains(&f.path)) {
                None => return Reached::Closed(row),
                Some(open) => (before, level) = (row + 1, &open.level),
            }
        }
    }

    fn position(&self, level: &Level, is_it: impl Fn(u32) -> bool) -> Option<usize> {
        match level.items() {
            Some(items) => items.iter().position(|&item| is_it(item)),
            None => self.shown_position(is_it),
        }
    }

    fn item(&self, level: &Level, position: usize) -> Option<u32> {
        match level.items() {
            Some(items) => items.get(position).copied(),
            None => self.shown_id(position),
        }
    }

    fn folder_path_of(&self, item: u32) -> Option<&str> {
        folder_of(item).and_then(|index| self.shown.folders.get(index)).map(|f| f.path.as_str())
    }
}
