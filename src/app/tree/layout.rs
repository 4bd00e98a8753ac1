//! How the rows of a branch are laid out: what its listing has to say, folders, and which items are open.
//!
//! Invariant: positions of open items are found again only after items have come, gone or moved; their rows are added
//! up after every change.

use super::branch::Branch;
use super::folders::{folder_of, put_into_folders};
use super::level::Level;
use super::shown::{How, Status};

impl Branch {
    /// How many rows it takes below its own.
    pub(super) fn rows(&self) -> usize {
        let statuses = usize::from(self.shown.head.is_some()) + usize::from(self.shown.tail.is_some());
        self.shown.level.rows() + statuses
    }

    /// Lays its rows out. The branches below it are laid out already.
    pub(super) fn lay_out(&mut self, how: &How) {
        self.set_statuses(how);
        if std::mem::take(&mut self.shown.relevel) {
            self.set_levels(how);
        }
        self.add_up();
    }

    fn set_statuses(&mut self, how: &How) {
        let sets_aside = !how.preferences.hidden_tags && how.filter.is_none();
        let listing = &self.listing;
        let (is_first, has_failed) = (listing.is_at_first(), listing.failure().is_some());
        // a refresh that failed says so where it is seen, above the rows that it did not replace
        self.shown.head = (has_failed && is_first).then_some(Status::Failed);
        self.shown.tail = match self.at {
            None => None,
            _ if has_failed && is_first => None,
            _ if has_failed => Some(Status::Failed),
            _ if is_first && listing.is_stale() => None,
            _ if is_first && listing.is_under_way() => Some(Status::Loading),
            _ if listing.has_more() => Some(Status::More),
            _ if sets_aside && self.entries.asides().is_some() => Some(Status::Aside),
            _ if self.base().is_empty() => Some(Status::Empty),
            _ => None,
        };
    }

    /// Makes the folders and finds the open items.
    fn set_levels(&mut self, how: &How) {
        let in_folders = how.preferences.folders && how.filter.is_none() && self.at.is_some();
        (self.shown.level, self.shown.folders) = (Level::default(), Vec::new());
        if in_folders {
            let (items, folders) = put_into_folders(&self.entries, self.base());
            if !folders.is_empty() {
                (self.shown.level, self.shown.folders) = (Level::of(items), folders);
            }
        }
        if !self.children.values().any(|child| child.open) && self.shown.open_folders.is_empty() {
            return;
        }
        let open: Vec<(usize, u32)> = match self.shown.level.items() {
            Some(items) => self.open_among(items.iter().copied()),
            None => self.open_among(self.shown_ids()),
        };
        let inside = self
            .shown
            .folders
            .iter()
            .map(|f| self.open_among(f.level.items().into_iter().flatten().copied()));
        let inside: Vec<_> = inside.collect();
        self.shown.level.set_opened(&open);
        for (folder, open) in self.shown.folders.iter_mut().zip(inside) {
            folder.level.set_opened(&open);
        }
    }

    fn open_among(&self, items: impl Iterator<Item = u32>) -> Vec<(usize, u32)> {
        let is_open = |item| match folder_of(item) {
            None => self.children.get(&item).is_some_and(|child| child.open),
            Some(index) => self.is_folder_open(index),
        };
        items.enumerate().filter(|&(_, item)| is_open(item)).collect()
    }

    /// Whether a folder is open.
    pub(super) fn is_folder_open(&self, index: usize) -> bool {
        self.shown.folders.get(index).is_some_and(|f| self.shown.open_folders.contains(&f.path))
    }

    fn add_up(&mut self) {
        let len = self.shown_len();
        let (children, shown) = (&self.children, &mut self.shown);
        let mut sums = vec![0; shown.folders.len()];
        let below = |sums: &[usize], item: u32| match folder_of(item) {
            None => children.get(&item).map_or(0, Self::rows),
            Some(index) => sums.get(index).copied().unwrap_or(0),
        };
        // a folder comes after the one it lies in: going backwards, every sum is there when it is needed
        for (index, folder) in shown.folders.iter_mut().enumerate().rev() {
            folder.level.add_up(0, |item| below(&sums, item));
            if let Some(sum) = sums.get_mut(index) {
                *sum = folder.level.rows();
            }
        }
        shown.level.add_up(len, |item| below(&sums, item));
    }
}
