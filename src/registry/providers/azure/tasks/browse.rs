//! The rows below a registry's builds: the tasks, each with its runs, and the runs without a task.
//!
//! Invariant: one page costs one request, the first of the group two side by side.

use super::{Azure, Run, Task, Tasks};
use crate::domain::text::visible;
use crate::domain::{Cursor, Entry, Facts, Failure, Locator, NodeKind, Page, human};

/// The name of the node above a registry's builds: it stands behind every repository, in the order of names too.
pub(in super::super) const NAME: &str = "~tasks";

impl Azure {
    /// The row of a registry's builds. Making it asks nobody.
    pub(in super::super) fn builds_row() -> Entry {
        Entry { label: Some("Tasks".to_owned()), ..Entry::named(NodeKind::Builds, NAME) }
    }

    /// The tasks of a registry, and the runs that belong to none.
    pub(in super::super) async fn builds(
        &self,
        at: &Locator,
        cursor: Option<&Cursor>,
    ) -> Result<Page, Failure> {
        let tasks = Tasks::of(self, at).await?;
        let runs = tasks.runs(None, cursor);
        if cursor.is_some() {
            return runs.await.map(page);
        }
        let (list, runs) = tokio::join!(tasks.list(), runs);
        let list = list?;
        let (mut below, mut warnings) = (Page::default(), Vec::new());
        match runs {
            Ok(runs) => below = page(runs),
            // The tasks are worth showing without them.
            Err(failure) if !list.is_empty() => warnings.push(failure.to_string()),
            Err(failure) => return Err(failure),
        }
        let mut entries: Vec<Entry> = list.iter().filter(|t| !t.name.is_empty()).map(task_row).collect();
        entries.extend(below.entries);
        Ok(Page { entries, warnings, ..below })
    }

    /// The runs of a task.
    pub(in super::super) async fn build_runs(
        &self,
        at: &Locator,
        cursor: Option<&Cursor>,
    ) -> Result<Page, Failure> {
        Tasks::of(self, at).await?.runs(Some(at.name()), cursor).await.map(page)
    }
}

fn page((runs, next): (Vec<Run>, Option<Cursor>)) -> Page {
    let entries = runs.iter().filter(|run| !run.id().is_empty()).map(run_row).collect();
    Page { entries, next, ..Page::default() }
}

fn task_row(task: &Task) -> Entry {
    let properties = &task.properties;
    let is_off = properties.status.as_deref().is_some_and(|s| s.eq_ignore_ascii_case("disabled"));
    let mut triggers: Vec<&str> =
        properties.trigger.iter().flat_map(|t| t.on()).map(|(word, _)| word).collect();
    triggers.dedup();
    let told = [
        is_off.then(|| "disabled".to_owned()),
        Some(triggers.join(", ")),
        properties.platform.as_ref().and_then(super::wire::Platform::text),
    ];
    row(Entry::named(NodeKind::Build, &task.name), told, Facts::default())
}

fn run_row(run: &Run) -> Entry {
    let unknown = || run.properties.status.clone();
    let told = [
        run.state().is_none().then(unknown).flatten(),
        run.lasted().map(human::duration),
        Some(run.trigger()),
    ];
    let facts = Facts { time: run.created(), run: run.state(), ..Facts::default() };
    row(Entry::named(NodeKind::Run, run.id()), told, facts)
}

fn row(entry: Entry, told: [Option<String>; 3], facts: Facts) -> Entry {
    let told: Vec<String> = told.into_iter().flatten().filter(|t| !t.is_empty()).collect();
    let note = told.iter().map(|t| visible(t)).collect::<Vec<_>>().join(" · ");
    let note = Some(note).filter(|n| !n.is_empty());
    Entry { facts: Some(Box::new(Facts { note, ..facts })), ..entry }
}
