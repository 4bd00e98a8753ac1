//! The projects of a connection: those of the form, else those that the sign-in sees, else its own.
//!
//! Invariant: who has no sign-in asks for none; a refusal to tell is a warning where there is a project of one's own.

use super::Google;
use super::list::{page, with};
use super::places::is_container_registry;
use super::wire::{Project, Projects};
use crate::domain::{Cursor, Entry, Facts, Failure, FailureKind, NodeKind, Page};

impl Google {
    /// The projects that were named, else those that the sign-in sees, its own first; without any, what the protocol
    /// lists.
    pub(super) async fn projects(&self, cursor: Option<&Cursor>) -> Result<Page, Failure> {
        let mut named: Vec<Entry> =
            self.projects.iter().map(|p| Entry::named(NodeKind::Namespace, p.as_str())).collect();
        let mut unseen = None;
        if named.is_empty() {
            named.extend(self.sign_ins.project().await.map(|p| Entry::named(NodeKind::Namespace, p)));
            match self.seen_projects(&named, cursor).await {
                Ok(Some(page)) => return Ok(page),
                Ok(None) => {}
                Err(failure) if failure.kind == FailureKind::Unauthorized || cursor.is_some() => {
                    return Err(failure);
                }
                Err(failure) => unseen = Some(failure),
            }
        }
        if !named.is_empty() {
            let warnings = unseen.iter().map(Failure::to_string).collect();
            return Ok(Page { entries: named, warnings, ..Page::default() });
        }
        if !is_container_registry(&self.host) {
            let why = unseen.map_or_else(|| "no project is named".to_owned(), |failure| failure.said);
            let said = format!("{why}; name one or more with “Edit connection…”");
            return Err(Failure::new(FailureKind::Unsupported, "listing the projects", said));
        }
        let listed = self.registry.catalog(cursor).await?;
        let entries = listed.names.into_iter().map(|n| Entry::named(NodeKind::Repository, n)).collect();
        Ok(Page { entries, next: listed.next, total: None, warnings: listed.warnings })
    }

    /// A page of the projects that the sign-in sees, `own` first; nothing where none is seen.
    async fn seen_projects(&self, own: &[Entry], cursor: Option<&Cursor>) -> Result<Option<Page>, Failure> {
        let Some(client) = self.of_projects.as_ref().filter(|_| !self.sign_ins.is_nobody()) else {
            return Ok(None);
        };
        let listed = client.projects(cursor, "listing the projects").await?;
        if listed.items.projects.is_empty() && cursor.is_none() {
            return Ok(None);
        }
        let mut page =
            page(listed, |items: Projects| items.projects.iter().filter_map(project_entry).collect());
        page.entries.retain(|entry| !own.iter().any(|o| o.name == entry.name));
        if cursor.is_none() {
            page.entries.splice(0..0, own.iter().cloned());
        }
        Ok(Some(page))
    }
}

fn project_entry(project: &Project) -> Option<Entry> {
    let id = Some(project.project_id.as_str()).filter(|id| !id.is_empty())?;
    let note = project.display_name.clone().filter(|name| name != id && !name.is_empty());
    Some(with(Entry::named(NodeKind::Namespace, id), Facts { note, ..Facts::default() }))
}
