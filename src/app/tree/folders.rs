//! Folders made of the parts of repository names.
//!
//! Invariant: folders hold no entries of their own, only where the branch's entries are shown; they are made anew
//! whenever the order of the entries changes. Which ones are open is kept by path.

use std::collections::HashMap;

use super::entries::Entries;
use super::level::Level;
use crate::domain::NodeKind;

/// A folder.
#[derive(Debug, Clone, Default)]
pub(super) struct Folder {
    /// Its path below the branch: `team/web`.
    pub(super) path: String,
    /// What it shows.
    pub(super) level: Level,
}

impl Folder {
    /// The last part of its path.
    pub(super) fn name(&self) -> &str {
        self.path.rsplit('/').next().unwrap_or_default()
    }
}

/// The number that stands for a folder among entries.
pub(super) fn folder_item(index: usize) -> u32 {
    FOLDER | u32::try_from(index).unwrap_or(0)
}

/// The folder that an item stands for, unless it is an entry.
pub(super) fn folder_of(item: u32) -> Option<usize> {
    (item & FOLDER != 0).then_some((item & !FOLDER) as usize)
}

const FOLDER: u32 = 1 << 31;

/// The path of the folder that an entry lies in; empty for none.
pub(super) fn folder_path(entries: &Entries, id: u32) -> &str {
    if entries.kind(id) != NodeKind::Repository {
        return "";
    }
    let path = entries.text(id).rsplit_once('/').map_or("", |(path, _)| path);
    if path.bytes().filter(|&b| b == b'/').count() > DEEPEST { "" } else { path }
}

/// Names with more parts are not put into folders.
const DEEPEST: usize = 32;

/// What an entry is called inside its folder.
pub(super) fn name_in_folder(text: &str) -> &str {
    text.rsplit('/').next().filter(|name| !name.is_empty()).unwrap_or(text)
}

/// Puts `ids` into folders: the items of the branch itself, and the folders, each after the one it lies in. Folders
/// come before entries; otherwise the order of the entries decides.
pub(super) fn put_into_folders(entries: &Entries, ids: &[u32]) -> (Vec<u32>, Vec<Folder>) {
    let mut made = Made::default();
    for &id in ids {
        let path = folder_path(entries, id);
        let place = made.folder(path);
        made.put(place, id);
    }
    made.finish()
}

/// Folders in the making. Place 0 is the branch itself, place n the folder n - 1.
#[derive(Default)]
struct Made {
    places: HashMap<String, usize>,
    paths: Vec<String>,
    folders: HashMap<usize, Vec<u32>>,
    ids: HashMap<usize, Vec<u32>>,
}

impl Made {
    fn folder(&mut self, path: &str) -> usize {
        if path.is_empty() {
            return 0;
        }
        if let Some(&place) = self.places.get(path) {
            return place;
        }
        let above = self.folder(path.rsplit_once('/').map_or("", |(above, _)| above));
        self.folders.entry(above).or_default().push(folder_item(self.paths.len()));
        self.paths.push(path.to_owned());
        self.places.insert(path.to_owned(), self.paths.len());
        self.paths.len()
    }

    fn put(&mut self, place: usize, id: u32) {
        self.ids.entry(place).or_default().push(id);
    }

    fn items(&mut self, place: usize) -> Vec<u32> {
        let mut items = self.folders.remove(&place).unwrap_or_default();
        items.extend(self.ids.remove(&place).unwrap_or_default());
        items
    }

    fn finish(mut self) -> (Vec<u32>, Vec<Folder>) {
        let top = self.items(0);
        let paths = std::mem::take(&mut self.paths);
        let folders = paths
            .into_iter()
            .enumerate()
            .map(|(at, path)| Folder { path, level: Level::of(self.items(at + 1)) })
            .collect();
        (top, folders)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn folders_come_first_and_nest() {
        let mut entries = Entries::default();
        for name in ["a", "a/b", "a/c/d", "z/y", "q"] {
            entries.push(NodeKind::Repository, name).unwrap();
        }
        let (top, folders) = put_into_folders(&entries, &[0, 1, 2, 3, 4]);
        assert_eq!(top, [folder_item(0), folder_item(2), 0, 4]);
        let paths: Vec<&str> = folders.iter().map(|f| f.path.as_str()).collect();
        assert_eq!(paths, ["a", "a/c", "z"]);
        assert_eq!(folders[0].level.items(), Some(&[folder_item(1), 1][..]));
        assert_eq!(folders[1].level.items(), Some(&[2][..]));
        assert_eq!((folders[1].name(), name_in_folder("a/c/d")), ("c", "d"));
    }
}
