//! `index.json`: which names the layout has, and pointing a name at a manifest.
//!
//! Invariant: it is read, changed and replaced under one lock; entries and fields that are not ours stay as they were,
//! and a file that cannot be understood is never overwritten.

use std::fs::{self, File, OpenOptions};
use std::path::PathBuf;

use serde_json::{Map, Value, json};

use super::find::REF_NAME;
use super::{Layout, StoredImage, sync_folder};
use crate::domain::media::OCI_INDEX;
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
    /// `Invalid` when `index.json` is damaged (it stays as it is); `Io`.
    pub fn tag(&self, names: &[(String, Descriptor)]) -> Result<(), Failure> {
        let _lock = self.lock_index()?;
        let mut index = self.read_index()?;
        let entries = self.entries_of(&mut index)?;
        for (name, manifest) in names {
            point(entries, name, manifest);
        }
        self.write_index(&index)
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

    /// Replaces the index. Under its lock.
    pub(super) fn write_index(&self, index: &Value) -> Result<(), Failure> {
        let bytes = serde_json::to_vec(index).map_err(|e| self.broken_index(&e.to_string()))?;
        self.write_whole(&self.index_path(), &bytes)?;
        sync_folder(&self.root)
    }

    fn index_path(&self) -> PathBuf {
        self.root.join("index.json")
    }

    pub(super) fn read_index(&self) -> Result<Value, Failure> {
        match fs::read(self.index_path()) {
            Ok(bytes) => serde_json::from_slice(&bytes).map_err(|e| self.broken_index(&e.to_string())),
            Err(e) if e.kind() == std::io::ErrorKind::NotFound => {
                Ok(json!({"schemaVersion": 2, "mediaType": OCI_INDEX, "manifests": []}))
            }
            Err(e) => Err(Failure::io(format!("reading {}", super::shown(&self.index_path())), &e)),
        }
    }

    fn broken_index(&self, said: &str) -> Failure {
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
    let is_named = |entry: &Value| name_of(entry) == Some(name);
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

fn name_of(entry: &Value) -> Option<&str> {
    entry.get("annotations")?.get(REF_NAME)?.as_str()
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
