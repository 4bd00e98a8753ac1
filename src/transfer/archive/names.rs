//! Names of entries in an archive, and what a link points at: checked, and in one spelling.
//!
//! Invariant: pure. A name that comes out leads from the archive's root downwards. It is compared with other names and
//! never becomes a path on the disk.

use std::collections::HashMap;

/// Links that point at links, one after another.
const LINKS_FOLLOWED: usize = 8;

/// The name of an entry without `.` parts and slashes at its end; the archive's root is empty.
///
/// # Errors
/// Why it is refused, as words that follow the name.
pub(super) fn inside(name: &str) -> Result<String, &'static str> {
    if name.starts_with('/') {
        return Err("has an absolute path");
    }
    if name.split('/').any(|part| part == "..") {
        return Err("has a path with “..”");
    }
    Ok(parts(name).collect::<Vec<_>>().join("/"))
}

/// What the symbolic link at `entry` points at, relative to its folder.
///
/// # Errors
/// As [`inside`].
pub(super) fn symbolic_target(entry: &str, target: &str) -> Result<String, &'static str> {
    const OUT: &str = "is a link that leads out of the archive";
    if target.starts_with('/') {
        return Err(OUT);
    }
    let folder = entry.rsplit_once('/').map_or("", |(folder, _)| folder);
    let mut at: Vec<&str> = parts(folder).collect();
    for part in parts(target) {
        if part != ".." {
            at.push(part);
        } else if at.pop().is_none() {
            return Err(OUT);
        }
    }
    Ok(at.join("/"))
}

fn parts(name: &str) -> impl Iterator<Item = &str> {
    name.split('/').filter(|part| !part.is_empty() && *part != ".")
}

/// The files of an archive by name, whatever is known of each, and its links.
#[derive(Debug)]
pub(super) struct Catalogue<T> {
    files: HashMap<String, T>,
    links: HashMap<String, String>,
}

impl<T> Default for Catalogue<T> {
    fn default() -> Self {
        Self { files: HashMap::new(), links: HashMap::new() }
    }
}

impl<T> Catalogue<T> {
    /// Adds a file; what had the name before comes back.
    pub(super) fn add_file(&mut self, name: String, file: T) -> Option<T> {
        self.links.remove(&name);
        self.files.insert(name, file)
    }

    /// Adds a link to another name; a file that had the name before comes back.
    pub(super) fn add_link(&mut self, name: String, target: String) -> Option<T> {
        let before = self.files.remove(&name);
        self.links.insert(name, target);
        before
    }

    /// Where the link of this name points.
    pub(super) fn link(&self, name: &str) -> Option<&str> {
        self.links.get(name).map(String::as_str)
    }

    /// The file of this name, links followed.
    pub(super) fn find(&self, name: &str) -> Option<&T> {
        let mut at = name;
        for _ in 0..LINKS_FOLLOWED {
            if let Some(file) = self.files.get(at) {
                return Some(file);
            }
            at = self.links.get(at)?;
        }
        None
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn names_have_one_spelling() {
        for (name, clean) in
            [("a/b", "a/b"), ("./a//b/", "a/b"), (".", ""), ("", ""), ("a/./b", "a/b"), ("...", "...")]
        {
            assert_eq!(inside(name).as_deref(), Ok(clean));
        }
    }

    #[test]
    fn names_that_lead_out_are_refused() {
        for name in ["/etc/passwd", "..", "../x", "a/../../x", "a/..", "./../x", "//x"] {
            assert!(inside(name).is_err(), "{name}");
        }
    }

    #[test]
    fn links_are_followed_inside_and_never_out() {
        assert_eq!(symbolic_target("a/layer.tar", "../b/layer.tar").as_deref(), Ok("b/layer.tar"));
        assert_eq!(symbolic_target("a", "./b").as_deref(), Ok("b"));
        for (entry, target) in
            [("a", "/etc/passwd"), ("a", "../x"), ("a/b", "../../x"), ("a/b", "c/../../../x")]
        {
            assert!(symbolic_target(entry, target).is_err(), "{entry} → {target}");
        }
    }

    #[test]
    fn links_end_somewhere() {
        let mut catalogue = Catalogue::default();
        catalogue.add_file("file".to_owned(), 1);
        catalogue.add_link("b".to_owned(), "file".to_owned());
        catalogue.add_link("a".to_owned(), "b".to_owned());
        catalogue.add_link("loop".to_owned(), "loop".to_owned());
        assert_eq!(catalogue.find("a"), Some(&1));
        assert_eq!(catalogue.find("loop"), None);
        assert_eq!(catalogue.add_link("file".to_owned(), "a".to_owned()), Some(1));
        assert_eq!(catalogue.find("a"), None);
    }

    proptest! {
        #[test]
        fn nothing_that_comes_out_leads_out(name in "[./ab\\\\]{0,12}", target in "[./ab]{0,12}") {
            let stays = |path: &str| !path.starts_with('/') && path.split('/').all(|part| part != "..");
            if let Ok(clean) = inside(&name) {
                prop_assert!(stays(&clean));
                if let Ok(link) = symbolic_target(&clean, &target) {
                    prop_assert!(stays(&link));
                }
            }
        }
    }
}
