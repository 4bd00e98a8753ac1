//! The naive model of a tree: lists of names, sorted, filtered and flattened from scratch whenever it is drawn.

use std::collections::{BTreeMap, BTreeSet};

use nucleo_matcher::pattern::{AtomKind, CaseMatching, Normalization, Pattern};
use nucleo_matcher::{Config, Matcher, Utf32Str};

use super::super::entries::is_hidden_tag;
use super::super::{natural, version};
use crate::app::effect::{Preferences, Sort};
use crate::domain::Locator;

/// What the model says about a branch. `names` are the loaded ones.
#[derive(Debug, Clone, Default)]
pub(super) struct Plain {
    pub(super) names: BTreeSet<String>,
    pub(super) times: BTreeMap<String, i64>,
    pub(super) below: BTreeMap<String, Plain>,
    pub(super) folders: BTreeSet<String>,
    pub(super) open: bool,
    pub(super) listed: bool,
    pub(super) more: bool,
    pub(super) asked: bool,
    pub(super) failed: bool,
    pub(super) first: bool,
}

#[derive(Debug, Clone)]
pub(super) struct Model {
    pub(super) hub: Plain,
    pub(super) preferences: Preferences,
    pub(super) filter: String,
}

impl Model {
    pub(super) fn at(&mut self, at: &Locator) -> Option<&mut Plain> {
        if at.steps.is_empty() {
            return Some(&mut self.hub);
        }
        self.hub.names.contains(at.name()).then(|| self.hub.below.entry(at.name().to_owned()).or_default())
    }

    fn score(&self, name: &str) -> Option<u32> {
        let pattern = Pattern::new(&self.filter, CaseMatching::Smart, Normalization::Never, AtomKind::Fuzzy);
        let score =
            pattern.score(Utf32Str::new(name, &mut Vec::new()), &mut Matcher::new(Config::DEFAULT))?;
        let whole = pattern.atoms.iter().all(|a| name.contains(&a.needle_text().to_string()));
        Some(if whole { score + (1 << 24) } else { score })
    }

    fn ordered(&self, plain: &Plain, of_tags: bool) -> Vec<String> {
        let mut names: Vec<String> = plain.names.iter().cloned().collect();
        names.retain(|n| self.preferences.hidden_tags || !of_tags || !is_hidden_tag(n));
        names.sort_by(|a, b| natural::compare(a, b));
        match self.preferences.sort {
            Sort::Name => {}
            Sort::Version if !of_tags => {}
            Sort::Version => names.sort_by(|a, b| version::compare(a, b)),
            Sort::Newest => names.sort_by_key(|n| plain.times.get(n).map_or(i64::MAX, |t| -t)),
            Sort::Size => names.sort_by_key(|n| !plain.times.contains_key(n)),
        }
        names
    }

    /// Whether the filter hits anything in a branch.
    fn any(&self, plain: &Plain, of_tags: bool) -> bool {
        self.ordered(plain, of_tags).iter().any(|n| self.score(n).is_some() || self.any_below(plain, n))
    }

    fn any_below(&self, plain: &Plain, name: &str) -> bool {
        plain.below.get(name).is_some_and(|b| b.open && self.any(b, true))
    }

    /// The names that a branch shows; `matched` when the branch itself matches.
    fn chosen(&self, plain: &Plain, of_tags: bool, matched: bool) -> Vec<String> {
        let names = self.ordered(plain, of_tags);
        if self.filter.is_empty() || (matched && !self.any(plain, of_tags)) {
            return names;
        }
        let mut hits: Vec<&String> = names.iter().filter(|n| self.score(n).is_some()).collect();
        hits.sort_by_key(|n| std::cmp::Reverse(self.score(n)));
        let above = names.iter().filter(|n| self.score(n).is_none() && self.any_below(plain, n));
        hits.into_iter().chain(above).cloned().collect()
    }

    pub(super) fn draw(&self) -> Vec<String> {
        let matched = self.score("Hub").is_some();
        let is_shown = self.filter.is_empty() || matched || (self.hub.open && self.any(&self.hub, false));
        if !is_shown {
            return Vec::new();
        }
        let mut rows = vec![format!("{}Hub", if self.hub.open { "-" } else { "+" })];
        if self.hub.open {
            let names = self.chosen(&self.hub, false, matched);
            let folded = self.preferences.folders && self.filter.is_empty();
            self.draw_branch(&self.hub, false, &mut rows, |rows| {
                if folded {
                    self.draw_folder("", &names, 1, rows);
                } else {
                    names.iter().for_each(|n| self.draw_repository(n, n, 1, rows));
                }
            });
        }
        rows
    }

    fn draw_branch(
        &self,
        plain: &Plain,
        tags: bool,
        rows: &mut Vec<String>,
        draw: impl Fn(&mut Vec<String>),
    ) {
        let indent = if tags { "" } else { " " };
        if plain.failed && plain.first {
            rows.push(format!("{indent}!listing: no"));
        }
        draw(rows);
        let status = match () {
            () if plain.failed && plain.first => None,
            () if plain.failed => Some("listing: no"),
            () if plain.first && plain.listed => None,
            () if plain.first && plain.asked => Some("loading"),
            () if plain.more || plain.first => Some("more"),
            () if self.ordered(plain, tags).is_empty() => Some("empty"),
            () => None,
        };
        rows.extend(status.map(|s| format!("{indent}!{s}")));
    }

    fn draw_repository(&self, name: &str, label: &str, depth: usize, rows: &mut Vec<String>) {
        let below = self.hub.below.get(name).filter(|b| b.open);
        rows.push(format!("{}{}{label}", " ".repeat(depth), if below.is_some() { "-" } else { "+" }));
        let Some(plain) = below else { return };
        let shown = self.chosen(plain, true, !self.filter.is_empty() && self.score(name).is_some());
        let mut own = Vec::new();
        self.draw_branch(plain, true, &mut own, |rows| rows.extend(shown.iter().cloned()));
        rows.extend(own.into_iter().map(|row| " ".repeat(depth + 1) + &row));
    }

    fn draw_folder(&self, path: &str, names: &[String], depth: usize, rows: &mut Vec<String>) {
        let rest = |n: &str| n.strip_prefix(path).unwrap().trim_start_matches('/').to_owned();
        let mut seen = Vec::new();
        for name in names {
            if let Some((folder, _)) = rest(name).split_once('/')
                && !seen.contains(&folder.to_owned())
            {
                seen.push(folder.to_owned());
                let inner = if path.is_empty() { folder.to_owned() } else { format!("{path}/{folder}") };
                let open = self.hub.folders.contains(&inner);
                rows.push(format!("{}{}{folder}", " ".repeat(depth), if open { "-" } else { "+" }));
                if open {
                    let within: Vec<String> =
                        names.iter().filter(|n| n.starts_with(&format!("{inner}/"))).cloned().collect();
                    self.draw_folder(&inner, &within, depth + 1, rows);
                }
            }
        }
        for name in names.iter().filter(|n| !rest(n).contains('/')) {
            self.draw_repository(name, &rest(name), depth, rows);
        }
    }

    pub(super) fn take(&mut self, at: &Locator, names: &[String], more: bool) {
        let Some(plain) = self.at(at) else { return };
        if plain.first && plain.listed {
            let old = std::mem::take(&mut plain.names);
            plain.times.retain(|n, _| old.contains(n));
        }
        plain.names.extend(names.iter().cloned());
        (plain.listed, plain.more, plain.asked, plain.failed, plain.first) =
            (true, more, false, false, false);
        if !more {
            let names = plain.names.clone();
            plain.below.retain(|n, _| names.contains(n));
            plain.times.retain(|n, _| names.contains(n));
        }
    }
}
