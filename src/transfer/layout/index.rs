//! `index.json`: which names the layout has, and pointing a name at a manifest.
//!
//! Invariant: entries and fields that are not ours stay as they were, and a file that cannot be understood is never
//! overwritten. How it is changed while others write it too: `merge`.

use std::fs::{self, File, OpenOptions};
use std::path::PathBuf;

use serde_json::{Map, Value, json};

use super::find::{FULL_NAME, REF_NAME, familiar};
use super::{Layout, StoredImage};
use crate::domain::{Descriptor, Failure, FailureKind};

impl Layout {
    /// The images, in the order of the index. Entries that are no descriptors are passed over.
    ///
    /// # Errors
    /// `Invalid` when `index.json` is damaged; `Io`.
    pub fn images(&self) -> Result<Vec<StoredImage>, Failure> {
        Ok(StoredImage::all_of(&self.read_index()?))
    }

    /// Points each name at its manifest, in one step; an entry with the same name is replaced.
    ///
    /// # Errors
    /// `Invalid` when `index.json` is damaged (it stays as it is); `Conflict` when another program writes it all the
    /// time; `Io`.
    pub fn tag(&self, names: &[(String, Descriptor)]) -> Result<(), Failure> {
        self.change_index(|entries| {
            let before = entries.clone();
            for (name, manifest) in names {
                point(entries, name, manifest);
            }
            *entries != before
        })?;
        Ok(())
    }

    /// The list of manifests; a missing one or `null` is made.
    pub(super) fn entries_of<'a>(&self, index: &'a mut Value) -> Result<&'a mut Vec<Value>, Failure> {
        let list = index.as_object_mut().map(|o| o.entry("manifests").or_insert(Value::Null));
        if let Some(list) = list {
            if list.is_null() {
                *list = json!([]);
            }
            if let Some(entries) = list.as_array_mut() {
                return Ok(entries);
            }
        }
        Err(self.broken_index("it has no list of manifests"))
    }

    pub(super) fn index_path(&self) -> PathBuf {
        self.root.join("index.json")
    }

    pub(super) fn broken_index(&self, said: &str) -> Failure {
        let doing = format!("reading {}", super::shown(&self.index_path()));
        Failure::new(FailureKind::Invalid, doing, format!("the file is damaged and was left alone: {said}"))
    }

    /// Waits for its turn: holders only rewrite one small file. The lock ends with the file.
    pub(super) fn lock_index(&self) -> Result<File, Failure> {
        let path = self.private().join("index.lock");
        let lock = || -> std::io::Result<File> {
            fs::create_dir_all(self.private())?;
            let file = OpenOptions::new().create(true).truncate(false).write(true).open(&path)?;
            file.lock()?;
            Ok(file)
        };
        lock().map_err(|e| Failure::io(format!("locking {}", super::shown(&path)), &e))
    }
}

fn point(entries: &mut Vec<Value>, name: &str, manifest: &Descriptor) {
    let is_named = |entry: &Value| name_of(entry).as_deref() == Some(name);
    let digest = manifest.digest.to_string();
    let place = entries.iter().position(is_named);
    let fresh = match place.and_then(|at| entries.get(at)) {
        // What others have added to this entry is still true.
        Some(same) if same.get("digest").and_then(Value::as_str) == Some(&digest) => same.clone(),
        _ => entry(name, manifest),
    };
    entries.retain(|entry| !is_named(entry));
    entries.insert(place.unwrap_or(entries.len()), fresh);
}

/// The name of an entry, the full one where it has one: of several images that `docker save` wrote, each may have
/// `latest` as its short one.
pub(super) fn name_of(entry: &Value) -> Option<String> {
    let annotations = entry.get("annotations")?;
    let annotation = |key: &str| annotations.get(key).and_then(Value::as_str);
    annotation(FULL_NAME).map(familiar).or_else(|| annotation(REF_NAME).map(str::to_owned))
}

/// The entry of an index that calls `manifest` `name`.
pub(in crate::transfer) fn entry(name: &str, manifest: &Descriptor) -> Value {
    let mut entry = Map::new();
    entry.insert("mediaType".to_owned(), json!(manifest.media_type));
    entry.insert("digest".to_owned(), json!(manifest.digest));
    entry.insert("size".to_owned(), json!(manifest.size));
    entry.insert("annotations".to_owned(), json!({ REF_NAME: name }));
    if let Some(platform) = &manifest.platform {
        entry.insert("platform".to_owned(), json!(platform));
    }
    Value::Object(entry)
}
