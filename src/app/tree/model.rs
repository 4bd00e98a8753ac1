//! The tree against a naive model: lists of names, flattened from scratch after every step.

use std::collections::{BTreeMap, BTreeSet};

use nucleo_matcher::pattern::{AtomKind, CaseMatching, Normalization, Pattern};
use nucleo_matcher::{Config, Matcher, Utf32Str};
use proptest::prelude::*;

use super::entries::is_hidden_tag;
use super::tests::{connection, drawn, repository};
use super::*;
use crate::app::effect::Sort;
use crate::domain::{ConnectionId, Entry, Facts, Failure, FailureKind, Page};

/// What the model says about a branch. `names` are the loaded ones.
#[derive(Debug, Clone, Default)]
struct Plain {
    names: BTreeSet<String>,
    times: BTreeMap<String, i64>,
    below: BTreeMap<String, Plain>,
    folders: BTreeSet<String>,
    open: bool,
    listed: bool,
    more: bool,
    asked: bool,
    failed: bool,
    first: bool,
}

#[derive(Debug, Clone)]
struct Model {
    hub: Plain,
    preferences: Preferences,
    filter: String,
}

#[derive(Debug, Clone)]
enum Step {
    Open(usize),
    Close(usize),
    Page(usize, Vec<String>, bool),
    Fail(usize),
    Refresh(usize),
    Remove(usize),
    Time(usize, i64),
    Filter(&'static str),
    Show(Preferences),
    Move(usize),
}

fn repositories() -> impl Strategy<Value = Vec<String>> {
    prop::collection::vec("(x|y/|x/)?(a|y/a|b)[1-2]?", 0..6)
}

fn tags() -> impl Strategy<Value = Vec<String>> {
    let hidden = Just(format!("sha256-{}", "0".repeat(64)));
    prop::collection::vec(prop_oneof![8 => "v?[0-2]{1,2}(\\.[0-1])?(-a|b)?", 1 => hidden], 0..8)
}

fn step() -> impl Strategy<Value = Step> {
    let sorts = prop::sample::select(vec![Sort::Name, Sort::Version, Sort::Newest, Sort::Size]);
    let show = (sorts, any::<bool>(), any::<bool>())
        .prop_map(|(sort, folders, hidden_tags)| Step::Show(Preferences { sort, folders, hidden_tags }));
    prop_oneof![
        4 => any::<usize>().prop_map(Step::Open),
        1 => any::<usize>().prop_map(Step::Close),
        6 => (any::<usize>(), tags(), any::<bool>()).prop_map(|(at, names, more)| Step::Page(at, names, more)),
        2 => (repositories(), any::<bool>()).prop_map(|(names, more)| Step::Page(usize::MAX, names, more)),
        1 => any::<usize>().prop_map(Step::Fail),
        1 => any::<usize>().prop_map(Step::Refresh),
        1 => any::<usize>().prop_map(Step::Remove),
        1 => (any::<usize>(), 0i64..3).prop_map(|(row, time)| Step::Time(row, time)),
        1 => prop::sample::select(vec!["", "", "a", "a1", "v", "v1", "1", "v1 0", "z"]).prop_map(Step::Filter),
        1 => show,
        2 => any::<usize>().prop_map(Step::Move),
    ]
}

impl Model {
    fn at(&mut self, at: &Locator) -> Option<&mut Plain> {
        if at.steps.is_empty() {
            return Some(&mut self.hub);
        }
        self.hub.names.contains(at.name()).then(|| self.hub.below.entry(at.name().to_owned()).or_default())
    }

    fn score(&self, name: &str) -> Option<u32> {
        let pattern = Pattern::new(&self.filter, CaseMatching::Smart, Normalization::Never, AtomKind::Fuzzy);
        pattern.score(Utf32Str::new(name, &mut Vec::new()), &mut Matcher::new(Config::DEFAULT))
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

    fn draw(&self) -> Vec<String> {
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

    fn take(&mut self, at: &Locator, names: &[String], more: bool) {
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

/// The tree, the model, and the pages that are under way.
struct Both {
    tree: Tree,
    model: Model,
    asked: Vec<Locator>,
}

impl Both {
    fn new() -> Self {
        let mut tree = Tree::new(Preferences::default());
        tree.set_height(4);
        tree.set_connections(&[(ConnectionId::new("hub"), "Hub".to_owned())]);
        let model = Model {
            hub: Plain { first: true, ..Plain::default() },
            preferences: Preferences::default(),
            filter: String::new(),
        };
        Self { tree, model, asked: Vec::new() }
    }

    fn note(&mut self, wants: impl IntoIterator<Item = Want>) {
        for want in wants {
            let plain = self.model.at(&want.at).unwrap();
            assert!(!plain.asked || want.cursor.is_none(), "asked twice: {want:?}");
            (plain.asked, plain.failed) = (true, false);
            self.asked.retain(|at| *at != want.at);
            self.asked.push(want.at);
        }
    }

    fn open(&mut self, row: usize) {
        match self.tree.selection_at(row) {
            Selection::Node(at) if at.kind() != NodeKind::Tag => {
                let is_new = !at.steps.is_empty() && !self.model.hub.below.contains_key(at.name());
                let plain = self.model.at(&at).unwrap();
                plain.first |= is_new;
                plain.open = true;
                plain.failed = false;
            }
            Selection::Folder { path, .. } => drop(self.model.hub.folders.insert(path)),
            _ => {}
        }
        let want = self.tree.open(row);
        self.note(want);
    }

    fn close(&mut self, row: usize) {
        match self.tree.selection_at(row) {
            Selection::Folder { path, .. } => drop(self.model.hub.folders.remove(&path)),
            Selection::Nothing => {}
            Selection::Node(at) if at.kind() == NodeKind::Tag => {}
            Selection::Node(at)
            | Selection::Failed(at)
            | Selection::More(at)
            | Selection::Loading(at)
            | Selection::Empty(at) => {
                if at.steps.is_empty() || self.model.hub.below.contains_key(at.name()) {
                    self.model.at(&at).unwrap().open = false;
                }
            }
        }
        self.tree.close(row);
    }

    fn page(&mut self, which: usize, names: &[String], more: bool) {
        if self.asked.is_empty() {
            return;
        }
        let which = if which == usize::MAX { 0 } else { which % self.asked.len() };
        let is_hub = self.asked[which].steps.is_empty();
        let is_tags = names.iter().all(|n| !n.contains(['x', 'y']));
        if is_hub == is_tags && !names.is_empty() {
            return;
        }
        let at = self.asked.remove(which);
        self.model.take(&at, names, more);
        let kind = if is_hub { NodeKind::Repository } else { NodeKind::Tag };
        let entries = names.iter().map(|n| Entry::named(kind, n.as_str())).collect();
        let next = more.then(|| Cursor("next".into()));
        self.tree.take_page(&at, Page { entries, next, ..Page::default() });
    }

    fn fail(&mut self, which: usize) {
        if self.asked.is_empty() {
            return;
        }
        let at = self.asked.remove(which % self.asked.len());
        if let Some(plain) = self.model.at(&at) {
            (plain.asked, plain.failed) = (false, true);
        }
        self.tree.fail(&at, Failure::new(FailureKind::Server, "listing", "no"));
    }

    fn refresh(&mut self, row: usize) {
        let Selection::Node(at) = self.tree.selection_at(row) else { return };
        let want = self.tree.refresh(&at);
        if want.is_some() {
            let plain = self.model.at(&at).unwrap();
            (plain.first, plain.failed) = (true, false);
            plain.listed = !plain.names.is_empty();
        }
        self.note(want);
    }

    fn remove(&mut self, row: usize) {
        let Selection::Node(at) = self.tree.selection_at(row) else { return };
        if at.steps.is_empty() {
            return;
        }
        let plain = self.model.at(&at.parent().unwrap()).unwrap();
        plain.names.remove(at.name());
        plain.times.remove(at.name());
        plain.below.remove(at.name());
        self.asked.retain(|other| !other.is_within(&at));
        self.tree.remove(&at);
    }

    fn set_time(&mut self, row: usize, time: i64) {
        let Selection::Node(at) = self.tree.selection_at(row) else { return };
        if at.kind() == NodeKind::Tag {
            self.model.at(&at.parent().unwrap()).unwrap().times.insert(at.name().to_owned(), time);
            self.tree.set_facts(&at, Facts { time: Some(time), size: Some(1), ..Facts::default() });
        }
    }

    fn run(&mut self, step: &Step) {
        let rows = self.tree.len().max(1);
        match step {
            Step::Open(row) => self.open(row % rows),
            Step::Close(row) => self.close(row % rows),
            Step::Page(which, names, more) => self.page(*which, names, *more),
            Step::Fail(which) => self.fail(*which),
            Step::Refresh(row) => self.refresh(row % rows),
            Step::Remove(row) => self.remove(row % rows),
            Step::Time(row, time) => self.set_time(row % rows, *time),
            Step::Filter(text) => {
                self.model.filter = (*text).to_owned();
                self.tree.set_filter(text);
            }
            Step::Show(preferences) => {
                self.model.preferences = *preferences;
                self.tree.set_preferences(*preferences);
            }
            Step::Move(row) => self.tree.move_to(row % rows),
        }
        let wants = self.tree.wants();
        self.note(wants);
    }

    fn check(&self) {
        assert_eq!(drawn(&self.tree), self.model.draw());
        let (cursor, top, rows) = (self.tree.cursor(), self.tree.top(), self.tree.len());
        assert!(cursor < rows.max(1) && top <= cursor && cursor < top + 4, "cursor {cursor}, top {top}");
        assert!(top + 4 <= rows.max(4), "{rows} rows, but the window is not full: top {top}");
        for row in 0..rows {
            if let Selection::Node(at) = self.tree.selection_at(row) {
                assert_eq!(self.tree.row_of(&at), Some(row));
            }
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 512, ..ProptestConfig::default() })]

    #[test]
    fn rows_are_what_a_naive_tree_would_show(steps in prop::collection::vec(step(), 1..60)) {
        let mut both = Both::new();
        both.open(0);
        for step in &steps {
            let before = both.tree.selection();
            let mut waits = false;
            both.tree.root.each(&mut |branch| waits |= branch.listing.is_short());
            both.run(step);
            both.check();
            // the cursor stays with its node unless it was moved, waits for another, or the node is not shown any more
            let moves = waits || matches!(step, Step::Move(_) | Step::Filter(_));
            if let (Selection::Node(at), false) = (&before, moves) && both.tree.row_of(at).is_some() {
                prop_assert_eq!(both.tree.selection(), before);
            }
        }
    }
}

#[test]
fn the_model_opens_something() {
    let mut both = Both::new();
    both.open(0);
    both.page(0, &["xa".to_owned()], false);
    both.open(1);
    both.page(0, &["1".to_owned(), "v2".to_owned()], true);
    assert_eq!(drawn(&both.tree), ["-Hub", " -xa", "  1", "  v2", "  !more"]);
    both.check();
    assert_eq!(both.tree.branch(&repository("xa")).map(|b| b.natural.len()), Some(2));
    assert!(both.tree.is_open(&connection("hub")));
}
