//! An index that programs without our lock write too.

use std::collections::BTreeSet;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Barrier, Mutex, PoisonError};

use tempfile::TempDir;

use super::*;
use crate::domain::{Descriptor, Digest};

fn empty() -> (TempDir, Layout) {
    let folder = TempDir::new().unwrap();
    let layout = Layout::open_or_create(&folder.path().join("store")).unwrap();
    (folder, layout)
}

fn image(name: &str) -> (String, Descriptor) {
    (name.to_owned(), Descriptor::new("m", Digest::of(name.as_bytes()), 1))
}

fn names(layout: &Layout) -> BTreeSet<String> {
    layout.images().unwrap().into_iter().filter_map(|image| image.name).collect()
}

/// How other programs replace the index.
#[derive(Clone, Copy)]
enum How {
    Rename,
    InPlace,
}

/// The index as another program reads it, with one name more.
fn read_and_add(layout: &Layout, name: &str) -> Vec<u8> {
    let mut index = match fs::read(layout.index_path()) {
        Ok(bytes) => serde_json::from_slice(&bytes).unwrap(),
        Err(_) => json!({"schemaVersion": 2, "manifests": []}),
    };
    let (name, manifest) = image(name);
    index["manifests"].as_array_mut().unwrap().push(super::super::index::entry(&name, &manifest));
    serde_json::to_vec(&index).unwrap()
}

fn write(layout: &Layout, bytes: &[u8], how: How) {
    match how {
        How::InPlace => fs::write(layout.index_path(), bytes).unwrap(),
        How::Rename => {
            let temporary = layout.root().join("index.json.theirs");
            fs::write(&temporary, bytes).unwrap();
            fs::rename(temporary, layout.index_path()).unwrap();
        }
    }
}

#[test]
fn what_is_written_between_reading_and_writing_is_kept() {
    for how in [How::Rename, How::InPlace] {
        let (_folder, layout) = empty();
        layout.tag(&[image("first")]).unwrap();
        let mut calls = 0;
        layout
            .change_index(|entries| {
                calls += 1;
                if calls == 1 {
                    let theirs = read_and_add(&layout, "theirs");
                    write(&layout, &theirs, how);
                }
                let (name, manifest) = image("ours");
                let is_new =
                    entries.iter().all(|entry| super::super::index::name_of(entry).as_ref() != Some(&name));
                if is_new {
                    entries.push(super::super::index::entry(&name, &manifest));
                }
                is_new
            })
            .unwrap();
        assert_eq!(names(&layout), ["first", "ours", "theirs"].map(str::to_owned).into());
        assert!(calls >= 3, "once outrun, once written, once looked at: {calls}");
    }
}

/// The instant between the last look and the exchange.
#[cfg(target_os = "linux")]
#[test]
fn an_index_that_is_not_the_expected_one_is_put_back() {
    let (_folder, layout) = empty();
    layout.tag(&[image("first")]).unwrap();
    let old = fs::read(layout.index_path()).unwrap();
    let theirs = read_and_add(&layout, "theirs");
    write(&layout, &theirs, How::Rename);
    let file = super::super::public_file(&layout.private()).unwrap();
    fs::write(file.path(), &old).unwrap();
    let swapped = replace(file, &layout.index_path(), &old, &old).unwrap();
    assert!(matches!(swapped, Swapped::Outrun));
    assert_eq!(fs::read(layout.index_path()).unwrap(), theirs);
}

#[test]
fn entries_of_both_sides_are_joined_and_a_name_stands_once() {
    let entry = |name: &str, seed: &[u8]| {
        super::super::index::entry(name, &Descriptor::new("m", Digest::of(seed), 1))
    };
    let ours = json!({"manifests": [entry("a", b"new"), entry("b", b"b")]});
    let theirs = json!({"manifests": [entry("a", b"old"), entry("c", b"c"), entry("b", b"b"), "odd"]});
    let joined = joined(ours, &theirs);
    assert_eq!(joined["manifests"], json!([entry("a", b"new"), entry("b", b"b"), entry("c", b"c"), "odd"]));
}

#[test]
fn a_half_written_index_is_waited_for() {
    let (_folder, layout) = empty();
    layout.tag(&[image("first")]).unwrap();
    let whole = read_and_add(&layout, "theirs");
    fs::write(layout.index_path(), &whole[..whole.len() / 2]).unwrap();
    std::thread::scope(|scope| {
        let tagging = scope.spawn(|| layout.tag(&[image("ours")]));
        fs::write(layout.index_path(), &whole).unwrap();
        tagging.join().unwrap().unwrap();
    });
    assert_eq!(names(&layout), ["first", "ours", "theirs"].map(str::to_owned).into());
}

/// One name of ours: when it was begun and done.
struct Tagged {
    name: String,
    begun: usize,
    done: usize,
}

/// One write of theirs: when the index was read, when it was written, and what was in it.
struct Written {
    read: usize,
    done: usize,
    bytes: Vec<u8>,
}

/// Two of ours write beside a program that never looks at a lock. Whatever it writes stays. What it drops of ours is
/// only what it could not know, because it had read the index before.
fn hammer(how: How) {
    let (_folder, layout) = empty();
    layout.tag(&[image("first")]).unwrap();
    let clock = AtomicUsize::new(0);
    let now = || clock.fetch_add(1, Ordering::SeqCst);
    let (ours, begin) = (Mutex::new(Vec::new()), Barrier::new(3));
    let (theirs, written): (Vec<String>, Vec<Written>) = std::thread::scope(|scope| {
        let foreign = scope.spawn(|| {
            begin.wait();
            let add = |n| {
                let name = format!("theirs-{n}");
                let read = now();
                let bytes = read_and_add(&layout, &name);
                write(&layout, &bytes, how);
                // Others get their turn, as between two copies of a real program.
                std::thread::yield_now();
                (name, Written { read, done: now(), bytes })
            };
            (0..300).map(add).unzip()
        });
        for tagger in 0..2 {
            let (layout, ours, now, begin) = (&layout, &ours, &now, &begin);
            scope.spawn(move || {
                begin.wait();
                for n in 0..20 {
                    let (name, begun) = (format!("ours-{tagger}-{n}"), now());
                    layout.tag(&[image(&name)]).unwrap();
                    let tagged = Tagged { name, begun, done: now() };
                    ours.lock().unwrap_or_else(PoisonError::into_inner).push(tagged);
                }
            });
        }
        foreign.join().unwrap()
    });
    let kept = names(&layout);
    for name in theirs.iter().filter(|name| !kept.contains(*name)) {
        // It has dropped its own name: it read the index in the instant before an exchange was taken back.
        let quoted = format!("\"{name}\"");
        let last = written
            .iter()
            .rev()
            .find(|write| memchr::memmem::find(&write.bytes, quoted.as_bytes()).is_some());
        let next = written.iter().find(|write| last.is_some_and(|last| write.read > last.done));
        assert!(next.is_some(), "{name} is lost, and it was in the last write");
    }
    for tagged in ours.into_inner().unwrap_or_else(PoisonError::into_inner) {
        let could_not_know = |write: &Written| write.read < tagged.done && write.done > tagged.begun;
        assert!(kept.contains(&tagged.name) || written.iter().any(could_not_know), "{} is lost", tagged.name);
    }
}

#[cfg(target_os = "linux")]
#[test]
fn a_foreign_writer_loses_nothing_that_it_did_not_drop_itself() {
    hammer(How::Rename);
}

#[cfg(target_os = "linux")]
#[test]
fn nor_does_one_that_writes_into_the_file_itself() {
    hammer(How::InPlace);
}
