//! Listings, bookmarks and addresses for people.

use super::Workspace;
use crate::domain::{
    ConnectionId, Cursor, Failure, FailureKind, Locator, NodeKind, Page, reference, text::visible,
};
use crate::store::config;

impl Workspace {
    /// One page of the children of `at`.
    ///
    /// # Errors
    /// What the provider says.
    pub async fn children(&self, at: &Locator, cursor: Option<&Cursor>) -> Result<Page, Failure> {
        self.provider(&at.connection)?.children(at, cursor).await
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
    /// `Invalid` for a name that is none; `NotFound` and others as the server says; `Io` when it cannot be kept.
    pub async fn bookmark(&self, id: &ConnectionId, repository: &str) -> Result<Locator, Failure> {
        let doing = format!("opening the repository “{}”", visible(repository));
        let mut connection = self.connection(id)?;
        let name = repository.trim().trim_matches('/');
        let name = name.strip_prefix(connection.host()).map_or(name, |rest| rest.trim_start_matches('/'));
        if !reference::is_repository(name) {
            let said = "a repository has lower-case letters, digits, and . _ - / between them";
            return Err(Failure::new(FailureKind::Invalid, doing, said));
        }
        let at = Locator::root(id.clone()).child(NodeKind::Repository, name);
        self.children(&at, None).await.map_err(|f| f.while_doing(doing))?;
        if !connection.bookmarks.iter().any(|b| b == name) {
            connection.bookmarks.push(name.to_owned());
            self.keep_bookmarks(connection)?;
        }
        Ok(at)
    }

    fn keep_bookmarks(&self, connection: crate::domain::Connection) -> Result<(), Failure> {
        let kept = self.connections().get(&connection.id).is_some_and(|o| o.kept);
        if kept {
            config::edit(&self.paths, |config| {
                if let Some(c) = config.connections.iter_mut().find(|c| c.id == connection.id) {
                    c.bookmarks.clone_from(&connection.bookmarks);
                }
            })?;
        }
        self.admit(connection, kept).map(|_| ())
    }
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
