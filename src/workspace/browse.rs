//! Listings, bookmarks and addresses for people.

use super::Workspace;
use crate::domain::{
    ConnectionId, Cursor, Entry, Failure, FailureKind, Locator, NodeKind, Page, reference, text::visible,
};
use crate::store::config;

impl Workspace {
    /// One page of the children of `at`. Bookmarks come first among the repositories of a connection; they are shown
    /// even where the server keeps its catalogue to itself.
    ///
    /// # Errors
    /// What the provider says.
    pub async fn children(&self, at: &Locator, cursor: Option<&Cursor>) -> Result<Page, Failure> {
        let listed = self.provider(&at.connection)?.children(at, cursor).await;
        if at.kind() != NodeKind::Connection || self.local(&at.connection).is_some() {
            return listed;
        }
        let bookmarks = self.connection(&at.connection)?.bookmarks;
        let mut page = match listed {
            Err(failure) if cursor.is_none() && keeps_its_catalog(failure.kind) => {
                only_bookmarks(&bookmarks, &failure)?
            }
            other => other?,
        };
        page.entries.retain(|e| !bookmarks.contains(&e.name));
        if cursor.is_none() {
            let marked = bookmarks.into_iter().map(|name| Entry::named(NodeKind::Repository, name));
            page.entries.splice(0..0, marked);
        }
        Ok(page)
    }

    /// The page for people that shows `at`.
    ///
    /// # Errors
    /// `Unsupported` when there is none.
    pub fn web_address(&self, at: &Locator) -> Result<String, Failure> {
        self.provider(&at.connection)?.web(at).ok_or_else(|| {
            Failure::new(
                FailureKind::Unsupported,
                format!("opening {}", at.name()),
                "no page is known for it",
            )
        })
    }

    /// Looks whether `repository` exists, and keeps it as a bookmark of the connection.
    ///
    /// # Errors
    /// `Invalid` for a name that is none anywhere; `NotFound` and others as the server says; `Io` when it cannot be kept.
    pub async fn bookmark(&self, id: &ConnectionId, repository: &str) -> Result<Locator, Failure> {
        let doing = format!("opening the repository “{}”", visible(repository));
        let connection = self.connection(id)?;
        let name = repository.trim().trim_matches('/');
        let name = name.strip_prefix(connection.host()).map_or(name, |rest| rest.trim_start_matches('/'));
        if !reference::may_be_repository(name) {
            let said = "a repository has letters (lower-case ones in most registries), digits, and . _ - / between them";
            return Err(Failure::new(FailureKind::Invalid, doing, said));
        }
        let name = self.provider(id)?.repository_named(name);
        let at = Locator::root(id.clone()).child(NodeKind::Repository, &name);
        self.children(&at, None).await.map_err(|f| about_case(f.while_doing(doing), &name))?;
        self.keep_bookmark(id, &name)?;
        Ok(at)
    }

    /// Adds a bookmark to the connection as it is now; one that was disconnected meanwhile stays so.
    fn keep_bookmark(&self, id: &ConnectionId, name: &str) -> Result<(), Failure> {
        let add = |bookmarks: &mut Vec<String>| {
            if !bookmarks.iter().any(|b| b == name) {
                bookmarks.push(name.to_owned());
            }
        };
        let is_kept = self.connections().get(id).is_some_and(|o| o.kept);
        if is_kept {
            config::edit(&self.paths, |config| {
                if let Some(c) = config.connections.iter_mut().find(|c| c.id == *id) {
                    add(&mut c.bookmarks);
                }
            })?;
        }
        if let Some(opened) = self.connections().get_mut(id) {
            add(&mut opened.connection.bookmarks);
        }
        Ok(())
    }
}

/// A refusal of a name with upper case, with what that may come from.
fn about_case(failure: Failure, name: &str) -> Failure {
    if reference::is_repository(name) || !matches!(failure.kind, FailureKind::NotFound | FailureKind::Invalid)
    {
        return failure;
    }
    Failure { said: format!("{}; most registries take lower-case names alone", failure.said), ..failure }
}

/// Refusals that mean "no catalogue here" rather than "something is wrong".
fn keeps_its_catalog(kind: FailureKind) -> bool {
    matches!(
        kind,
        FailureKind::NotFound | FailureKind::Unsupported | FailureKind::Forbidden | FailureKind::Unauthorized
    )
}

fn only_bookmarks(bookmarks: &[String], failure: &Failure) -> Result<Page, Failure> {
    if bookmarks.is_empty() {
        let next = match failure.kind {
            FailureKind::Unauthorized => "sign in, or use “Open repository…” with a name",
            _ => "use “Open repository…” with a name",
        };
        return Err(Failure { said: format!("{}; {next}", failure.said), ..failure.clone() });
    }
    let said = format!("this server does not list its repositories ({})", failure.said);
    Ok(Page { warnings: vec![said], ..Page::default() })
}

/// Every tag of the repository at `at`, page after page.
///
/// # Errors
/// What the provider says.
pub async fn all_tags(workspace: &Workspace, at: &Locator) -> Result<Vec<String>, Failure> {
    let mut tags = Vec::new();
    let mut cursor = None;
    loop {
        let page = workspace.children(at, cursor.as_ref()).await?;
        tags.extend(page.entries.into_iter().filter(|e| e.kind == NodeKind::Tag).map(|e| e.name));
        match page.next {
            Some(next) => cursor = Some(next),
            None => return Ok(tags),
        }
    }
}
