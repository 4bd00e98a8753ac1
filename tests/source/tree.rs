//! The sources as a tree of modules, and which module names which.
//!
//! Invariant: a path is absolute and has no `crate`, `super` or `self` in it.

use std::collections::BTreeMap;
use std::fs;
use std::ops::Range;
use std::path::{Path, PathBuf};

use super::lexer::{self, Lexed};

/// A source file.
pub(crate) struct Source {
    /// Below the repository, with `/`.
    pub(crate) path: String,
    /// The module that it is: nothing for `lib.rs` and what is outside `src/`.
    pub(crate) module: Vec<String>,
    /// As it is written.
    pub(crate) text: String,
    /// Without comments and strings.
    pub(crate) code: String,
    /// What stands in strings, with the byte where each begins.
    pub(crate) literals: Vec<(usize, String)>,
    /// Whether all of it is for tests.
    pub(crate) is_test: bool,
    inline: Vec<Inline>,
}

/// A module with its body in the same file.
struct Inline {
    name: String,
    body: Range<usize>,
    is_test: bool,
}

/// One mention of a path.
pub(crate) struct Mention {
    /// What is named.
    pub(crate) path: Vec<String>,
    /// Where, as a byte in the file.
    pub(crate) at: usize,
}

/// Every Rust file below `folder`.
pub(crate) fn read(folder: &str) -> Vec<Source> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let mut files = Vec::new();
    if root.join(folder).is_dir() {
        collect(&root.join(folder), &mut files);
    }
    files.sort();
    let mut sources: Vec<Source> = files.iter().map(|file| Source::read(root, file)).collect();
    let test_modules: Vec<Vec<String>> = sources.iter().flat_map(Source::test_files).collect();
    for source in &mut sources {
        source.is_test |= test_modules.iter().any(|module| source.module.starts_with(module));
    }
    sources
}

fn collect(folder: &Path, files: &mut Vec<PathBuf>) {
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            collect(&path, files);
        } else if path.extension().is_some_and(|e| e == "rs") {
            files.push(path);
        }
    }
}

impl Source {
    fn read(root: &Path, file: &Path) -> Self {
        let path = file.strip_prefix(root).unwrap().to_str().unwrap().replace('\\', "/");
        let text = fs::read_to_string(file).unwrap();
        let Lexed { code, literals } = lexer::lex(&text);
        let is_test = !path.starts_with("src/");
        let module = if is_test { Vec::new() } else { module_of(&path) };
        Self { inline: inline_modules(&code), path, module, text, code, literals, is_test }
    }

    /// `path:line` of a byte.
    pub(crate) fn place(&self, at: usize) -> String {
        format!("{}:{}", self.path, self.text[..at].matches('\n').count() + 1)
    }

    /// Whether the code at a byte is for tests.
    pub(crate) fn is_test_at(&self, at: usize) -> bool {
        self.is_test || self.inline.iter().any(|inline| inline.is_test && inline.body.contains(&at))
    }

    /// The modules in files of their own that are declared for tests only.
    fn test_files(&self) -> Vec<Vec<String>> {
        let mut found = Vec::new();
        for (at, _) in self.code.match_indices("#[cfg(test)]") {
            let mut words = self.code[at..].split_whitespace().skip(1).skip_while(|w| w.starts_with("pub"));
            if let (Some("mod"), Some(name)) = (words.next(), words.next())
                && let Some(name) = name.strip_suffix(';')
            {
                found.push(self.child(name));
            }
        }
        found
    }

    fn child(&self, name: &str) -> Vec<String> {
        let mut path = self.module.clone();
        path.push(name.to_owned());
        path
    }

    /// The module that a byte lies in.
    fn module_at(&self, at: usize) -> Vec<String> {
        let mut module = self.module.clone();
        module.extend(self.inline.iter().filter(|i| i.body.contains(&at)).map(|i| i.name.clone()));
        module
    }

    /// Every path that begins with `crate` or `super`, groups taken apart.
    pub(crate) fn mentions(&self) -> Vec<Mention> {
        let mut found = Vec::new();
        for word in ["crate", "super"] {
            for at in self.words(word) {
                if self.code[..at].ends_with("::") || !self.code[at + word.len()..].starts_with("::") {
                    continue;
                }
                for path in paths(&self.code[at..]) {
                    found.push(Mention { path: self.absolute(at, &path), at });
                }
            }
        }
        found
    }

    /// The bytes where `word` stands as a whole word in the code.
    pub(crate) fn words(&self, word: &str) -> Vec<usize> {
        let is_part = |c: char| c.is_alphanumeric() || c == '_';
        let ends = |at: usize| !self.code[..at].chars().next_back().is_some_and(is_part);
        let whole = |at: usize| ends(at) && !self.code[at + word.len()..].chars().next().is_some_and(is_part);
        self.code.match_indices(word).map(|(at, _)| at).filter(|&at| whole(at)).collect()
    }

    /// What this module's `use` declarations call by which name.
    pub(crate) fn imports(&self) -> BTreeMap<String, Vec<String>> {
        let mut found = BTreeMap::new();
        for at in self.words("use") {
            for path in paths(self.code[at + 3..].trim_start()) {
                if let Some(name) = path.last().cloned() {
                    found.insert(name, self.absolute(at, &path));
                }
            }
        }
        found
    }

    fn absolute(&self, at: usize, path: &[String]) -> Vec<String> {
        let mut module = self.module_at(at);
        let mut rest = path;
        while let Some((first, after)) = rest.split_first() {
            match first.as_str() {
                "crate" => module.clear(),
                "super" => drop(module.pop()),
                "self" => {}
                _ => break,
            }
            rest = after;
        }
        module.extend(rest.iter().cloned());
        module
    }
}

fn module_of(path: &str) -> Vec<String> {
    let inside = path.trim_start_matches("src/").trim_end_matches(".rs");
    let inside = inside.strip_suffix("/mod").unwrap_or(inside);
    if inside == "lib" { Vec::new() } else { inside.split('/').map(str::to_owned).collect() }
}

fn inline_modules(code: &str) -> Vec<Inline> {
    let mut found = Vec::new();
    for (at, _) in code.match_indices("mod ") {
        let Some((name, _)) = code[at + 4..].split_once([' ', ';']) else { continue };
        let open = at + 4 + name.len() + 1;
        if code[open..].starts_with('{') && code[..at].ends_with(['\n', ' ']) {
            let is_test = code[..at].trim_end().ends_with("#[cfg(test)]");
            found.push(Inline { name: name.to_owned(), body: open..block_end(code, open), is_test });
        }
    }
    found
}

/// Where the block that opens at `open` ends.
pub(crate) fn block_end(code: &str, open: usize) -> usize {
    let mut depth = 0_usize;
    for (at, c) in code[open..].char_indices() {
        match c {
            '{' => depth += 1,
            '}' if depth == 1 => return open + at + 1,
            '}' => depth -= 1,
            _ => {}
        }
    }
    code.len()
}

/// The paths that a path with groups stands for: `a::{b, c::d}` is `a::b` and `a::c::d`.
pub(crate) fn paths(code: &str) -> Vec<Vec<String>> {
    let mut prefix = Vec::new();
    let mut rest = code;
    loop {
        let length = rest.find(|c: char| !c.is_alphanumeric() && c != '_').unwrap_or(rest.len());
        if length > 0 {
            prefix.push(rest[..length].to_owned());
        }
        let Some(after) = rest[length..].strip_prefix("::") else { return vec![prefix] };
        if after.starts_with('{') {
            let group = &after[1..block_end(after, 0).max(2) - 1];
            let members = split_group(group).into_iter().flat_map(|member| paths(member.trim()));
            return members.map(|member| [prefix.clone(), member].concat()).collect();
        }
        rest = after;
    }
}

fn split_group(group: &str) -> Vec<&str> {
    let (mut depth, mut begin, mut parts) = (0_usize, 0, Vec::new());
    for (at, c) in group.char_indices() {
        match c {
            '{' => depth += 1,
            '}' => depth -= 1,
            ',' if depth == 0 => {
                parts.push(&group[begin..at]);
                begin = at + 1;
            }
            _ => {}
        }
    }
    parts.push(&group[begin..]);
    parts.retain(|part| !part.trim().is_empty());
    parts
}

#[test]
fn groups_are_taken_apart() {
    let found: Vec<_> =
        paths("crate::a::{self, b, c::{D, e::F}, G as H}; x").iter().map(|p| p.join("::")).collect();
    assert_eq!(
        found,
        ["crate::a::self", "crate::a::b", "crate::a::c::D", "crate::a::c::e::F", "crate::a::G"]
    );
}
