//! Headers of every kind that archives of images have.

use super::super::samples::{Raw, file, special, tar_of};
use super::*;

const LONG: &str = "layers/0123456789012345678901234567890123456789012345678901234567890123456789012345678901234567890123456789/layer.tar";

fn read(tar: &[u8]) -> Result<Vec<(Entry, Vec<u8>)>, Failure> {
    let mut tape = Tape::new(Flow(tar), "reading x");
    let mut read = Vec::new();
    while let Some(entry) = tape.next_entry()? {
        let bytes = tape.read_small(1 << 20)?;
        read.push((entry, bytes));
    }
    assert!(tape.is_closed());
    Ok(read)
}

fn pax(records: &[(&str, &str)]) -> Raw {
    let mut bytes = Vec::new();
    for (key, value) in records {
        let rest = key.len() + value.len() + 3;
        let length = (rest + 1..).find(|n| *n == rest + n.to_string().len()).unwrap();
        bytes.extend_from_slice(format!("{length} {key}={value}\n").as_bytes());
    }
    Raw { bytes, ..special("pax", EntryType::XHeader, "") }
}

#[test]
fn long_names_come_before_their_entries() {
    let long = Raw { bytes: [LONG.as_bytes(), b"\0"].concat(), ..special("l", EntryType::GNULongName, "") };
    let target = Raw { bytes: b"../other\0".to_vec(), ..special("k", EntryType::GNULongLink, "") };
    let tar = tar_of(&[
        long,
        file("short", "one"),
        pax(&[("SCHILY.xattr.user.x", "a\nb=c"), ("path", LONG), ("mtime", "1.5")]),
        file("short", "two"),
        target,
        special("a/link", EntryType::Symlink, "short"),
        special("ignored", EntryType::XGlobalHeader, ""),
        file("last", "three"),
    ]);
    let read = read(&tar).unwrap();
    let names: Vec<&str> = read.iter().map(|(entry, _)| entry.name.as_str()).collect();
    assert_eq!(names, [LONG, LONG, "a/link", "last"]);
    assert_eq!(read[2].0.what, What::Link("other".to_owned()));
    let bytes: Vec<&[u8]> = read.iter().map(|(_, bytes)| bytes.as_slice()).collect();
    assert_eq!(bytes, [b"one".as_slice(), b"two", b"", b"three"]);
    for (entry, bytes) in &read {
        let at = usize::try_from(entry.offset).unwrap();
        assert_eq!(&tar[at..at + bytes.len()], bytes.as_slice(), "the offset is that of the bytes");
    }
}

/// A file of more than 8 GiB has its size in a pax header, and none that fits in its own.
#[test]
fn the_size_of_a_pax_header_counts() {
    let mut tar = tar_of(&[pax(&[("size", "700")]), file("a", "x"), file("b", "y")]);
    // The entry says 1 byte and has one block; it gets 700 and two.
    let begins = 2 * 512 + 512;
    tar.splice(begins..begins + 512, vec![b'z'; 1024]);
    let read = read(&tar).unwrap();
    assert_eq!((read[0].0.size, read[0].1.as_slice()), (700, [b'z'; 700].as_slice()));
    assert_eq!(read[1].1, b"y");
}

#[test]
fn a_seeking_source_gives_the_same_entries() {
    use std::io::Write as _;
    let tar = tar_of(&[file("a", vec![1; 70_000]), special("d/", EntryType::Directory, ""), file("b", "y")]);
    let mut file = tempfile::tempfile().unwrap();
    file.write_all(&tar).unwrap();
    io::Seek::rewind(&mut file).unwrap();
    let mut tape = Tape::new(Seeking::new(&file).unwrap(), "x");
    let mut entries = Vec::new();
    while let Some(entry) = tape.next_entry().unwrap() {
        entries.push(entry);
    }
    let expected: Vec<Entry> = read(&tar).unwrap().into_iter().map(|(entry, _)| entry).collect();
    assert_eq!(entries, expected);
}

#[test]
fn what_is_read_of_an_entry_is_bounded() {
    let huge = vec![b'a'; (EXTENSION_LIMIT + 1) as usize];
    for kind in [EntryType::GNULongName, EntryType::XHeader] {
        let tar = tar_of(&[Raw { bytes: huge.clone(), ..special("x", kind, "") }, file("a", "")]);
        assert!(read(&tar).unwrap_err().said.contains("more than 1.0 MiB"));
    }
    for damaged in ["x", "5 a=", "999 path=x\n", "-1 path=x\n", "7 path\n", "18446744073709551615 a=b\n"] {
        let header = Raw { bytes: damaged.as_bytes().to_vec(), ..special("p", EntryType::XHeader, "") };
        assert!(read(&tar_of(&[header, file("a", "")])).is_err(), "{damaged}");
    }
    let sparse = tar_of(&[pax(&[("GNU.sparse.major", "1")]), file("a", "x")]);
    assert!(read(&sparse).unwrap_err().said.ends_with("“a” is a sparse file"));
}

#[test]
fn a_header_that_was_changed_is_damaged_at_its_place() {
    let mut tar = tar_of(&[file("a", "x"), file("b", "y")]);
    tar[1024 + 10] ^= 1;
    assert_eq!(read(&tar).unwrap_err().said, "the tar is damaged at byte 1024");
    let mut size = tar_of(&[file("a", "x"), file("b", "y")]);
    // A size near the largest there is, with a right checksum.
    let mut header = Header::new_gnu();
    header.set_size(u64::MAX);
    header.set_cksum();
    size[..512].copy_from_slice(header.as_bytes());
    assert!(read(&size).is_err());
}
