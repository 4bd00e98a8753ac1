//! The tree against the model, under random steps.

use proptest::prelude::*;

use super::model::{Model, Plain};
use super::*;

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
        tree.set_connections(&[(ConnectionId::new("hub"), "Hub".to_owned())], &[]);
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
            Selection::Nothing | Selection::Heading => {}
            Selection::Node(at) if at.kind() == NodeKind::Tag => {}
            Selection::Node(at)
            | Selection::Failed(at)
            | Selection::More(at)
            | Selection::Loading(at)
            | Selection::Empty(at)
            | Selection::Aside(at) => {
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
