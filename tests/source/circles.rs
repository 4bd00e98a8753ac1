//! Circles: modules of one folder that import each other, directly or on a way round.
//!
//! Invariant: a parent and its children may name each other; brothers may only point one way. What is for tests alone
//! does not count.

use std::collections::{BTreeMap, BTreeSet};

use super::tree::Source;

type Path = Vec<String>;
type Arrows = BTreeMap<String, BTreeMap<String, String>>;

/// A line for each circle, with an import of each of its arrows.
pub(crate) fn find(sources: &[Source]) -> Vec<String> {
    let modules: BTreeSet<Path> = sources.iter().map(|s| s.module.clone()).collect();
    let imports: BTreeMap<Path, _> = sources.iter().map(|s| (s.module.clone(), s.imports())).collect();
    let mut folders: BTreeMap<Path, Arrows> = BTreeMap::new();
    for source in sources.iter().filter(|s| !s.module.is_empty()) {
        for mention in source.mentions().into_iter().filter(|m| !source.is_test_at(m.at)) {
            let to = resolve(&mention.path, &modules, &imports);
            let shared = source.module.iter().zip(&to).take_while(|(a, b)| a == b).count();
            if let (Some(own), Some(other)) = (source.module.get(shared), to.get(shared)) {
                let arrows = folders.entry(to[..shared].to_vec()).or_default();
                arrows.entry(own.clone()).or_default().insert(other.clone(), source.place(mention.at));
            }
        }
    }
    folders.iter().flat_map(|(folder, arrows)| circles_of(folder, arrows)).collect()
}

/// The module in which what `path` names really stands: re-exports are followed.
fn resolve(
    path: &[String],
    modules: &BTreeSet<Path>,
    imports: &BTreeMap<Path, BTreeMap<String, Path>>,
) -> Path {
    let mut path = path.to_vec();
    for _ in 0..4 {
        let known = (0..=path.len()).rev().find(|&n| modules.contains(&path[..n])).unwrap_or_default();
        let module = path[..known].to_vec();
        let next = path.get(known).and_then(|name| imports.get(&module)?.get(name));
        match next {
            Some(next) if *next != path => path = next.clone(),
            _ => return module,
        }
    }
    path
}

fn circles_of(folder: &[String], arrows: &Arrows) -> Vec<String> {
    let is_in_circle = |from: &String, to: &String| reaches(arrows, to).contains(from.as_str());
    let all = arrows.iter().flat_map(|(from, to)| to.iter().map(move |(to, place)| (from, to, place)));
    all.filter(|(from, to, _)| is_in_circle(from, to))
        .map(|(from, to, place)| format!("{place}: {from} → {to} closes a circle in {}/", folder.join("/")))
        .collect()
}

/// Everything that `from` imports, directly or on a way round.
fn reaches<'a>(arrows: &'a Arrows, from: &'a str) -> BTreeSet<&'a str> {
    let (mut seen, mut open) = (BTreeSet::new(), vec![from]);
    while let Some(at) = open.pop() {
        let next = arrows.get(at).into_iter().flat_map(BTreeMap::keys).map(String::as_str);
        open.extend(next.filter(|n| seen.insert(*n)));
    }
    seen
}
