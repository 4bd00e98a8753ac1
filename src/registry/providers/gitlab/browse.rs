//! Listing: groups, the projects that no group holds, repositories, tags.
//!
//! Invariant: every repository is listed below one node: that of its top-level group, else that of its project.

use super::GitLab;
use super::account::is_no_api;
use super::address::Kind;
use super::image::Project;
use crate::domain::{Cursor, Entry, Failure, FailureKind, NodeKind, Page};
use crate::registry::distribution::NamePage;

/// How many pages of projects without a single new one are passed over before the list says that it goes on.
const PAGES_AT_ONCE: usize = 10;

/// Which list a cursor belongs to; the first character of its text.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum List {
    Groups,
    Projects,
    /// Of the API, where there is another.
    Api,
    Protocol,
}

impl List {
    const ALL: [(Self, char); 4] =
        [(Self::Groups, 'g'), (Self::Projects, 'p'), (Self::Api, 'a'), (Self::Protocol, 'v')];

    fn mark(self, cursor: Option<Cursor>) -> Cursor {
        let mark = Self::ALL.iter().find(|(list, _)| *list == self).map_or('g', |(_, mark)| *mark);
        Cursor(format!("{mark}{}", cursor.map_or_else(String::new, |c| c.0)))
    }

    /// The list and the cursor within it; `first` where there is none.
    fn read(cursor: Option<&Cursor>, first: Self) -> (Self, Option<Cursor>) {
        let Some(cursor) = cursor else { return (first, None) };
        let mut rest = cursor.0.chars();
        let mark = rest.next();
        let list = Self::ALL.iter().find(|(_, m)| Some(*m) == mark).map_or(first, |(list, _)| *list);
        let within = Some(rest.as_str()).filter(|rest| !rest.is_empty());
        (list, within.map(|rest| Cursor(rest.to_owned())))
    }
}

impl GitLab {
    /// The groups of the account, then its projects outside of them; the public ones where there is no account.
    pub(super) async fn namespaces(&self, cursor: Option<&Cursor>) -> Result<Page, Failure> {
        let (list, within) = List::read(cursor, List::Groups);
        match list {
            List::Projects => self.projects(within).await,
            List::Protocol => self.catalogue(within.as_ref()).await,
            _ => match self.groups(within.as_ref()).await {
                Err(failure) if cursor.is_none() => self.instead(failure).await,
                other => other,
            },
        }
    }

    async fn groups(&self, cursor: Option<&Cursor>) -> Result<Page, Failure> {
        let turned = self.client.groups(cursor).await?;
        let entries: Vec<Entry> =
            turned.items.iter().map(|g| Entry::named(NodeKind::Namespace, g.full_path.as_str())).collect();
        let warnings = turned.warnings;
        let next = turned.next.map(|c| List::Groups.mark(Some(c)));
        if next.is_none() && entries.is_empty() {
            let mut page = self.projects(None).await?;
            page.warnings.extend(warnings);
            return Ok(page);
        }
        let next = next.unwrap_or_else(|| List::Projects.mark(None));
        Ok(Page { entries, next: Some(next), total: None, warnings })
    }

    async fn projects(&self, mut cursor: Option<Cursor>) -> Result<Page, Failure> {
        let mut page = Page::default();
        for _ in 0..PAGES_AT_ONCE {
            let turned = self.client.projects(cursor.as_ref()).await?;
            let outside = turned.items.iter().filter(|p| {
                let above = p.namespace.as_ref().map_or("", |n| n.full_path.as_str());
                !self.client.is_in_a_group(above)
            });
            page.entries
                .extend(outside.map(|p| Entry::named(NodeKind::Namespace, p.path_with_namespace.as_str())));
            page.warnings.extend(turned.warnings);
            page.next = turned.next.clone().map(|c| List::Projects.mark(Some(c)));
            cursor = turned.next;
            if !page.entries.is_empty() || cursor.is_none() {
                break;
            }
        }
        Ok(page)
    }

    /// What is listed when the API refuses: the registry's catalogue, which is for administrators; nothing for a deploy
    /// token.
    async fn instead(&self, failure: Failure) -> Result<Page, Failure> {
        let is_for_members = matches!(failure.kind, FailureKind::Unauthorized | FailureKind::Forbidden);
        if is_for_members && !self.client.is_signed_in().await? {
            let said = format!("this GitLab lists repositories for a token only ({})", failure.said);
            return Err(Failure { kind: FailureKind::Unauthorized, said, ..failure });
        }
        if failure.kind == FailureKind::Unauthorized && !self.client.was_let_in() {
            let Ok(_) = self.distribution.ping().await else { return Err(failure) };
            let said = "a deploy token lists nothing, because it has no API";
            return Err(Failure { kind: FailureKind::Unsupported, said: said.to_owned(), ..failure });
        }
        if !is_no_api(failure.kind) {
            return Err(failure);
        }
        match self.catalogue(None).await {
            Ok(mut page) => {
                page.warnings.push(failure.to_string());
                Ok(page)
            }
            // Bookmarks are shown for this kind.
            Err(_) => Err(Failure { kind: FailureKind::Unsupported, ..failure }),
        }
    }

    async fn catalogue(&self, cursor: Option<&Cursor>) -> Result<Page, Failure> {
        Ok(named(self.distribution.catalog(cursor).await?, NodeKind::Repository))
    }

    /// The repositories of a group, its subgroups' too, or of a project. Of a group that shows them to its members
    /// alone, the projects.
    pub(super) async fn repositories(&self, path: &str, cursor: Option<&Cursor>) -> Result<Page, Failure> {
        let (list, within) = List::read(cursor, List::Api);
        if list == List::Projects {
            return self.projects_of(path, within.as_ref()).await;
        }
        match self.client.images(path, within.as_ref()).await {
            Ok(turned) => Ok(Page {
                entries: turned.items.iter().map(super::image::Image::entry).collect(),
                next: turned.next.map(|c| List::Api.mark(Some(c))),
                total: None,
                warnings: turned.warnings,
            }),
            Err(failure) if cursor.is_none() && self.may_have_open_projects(path, failure.kind).await? => {
                self.projects_of(path, None).await.map_err(|_| failure)
            }
            Err(failure) => Err(failure),
        }
    }

    /// Whether a group that refuses its repositories may have projects that show theirs to everybody.
    async fn may_have_open_projects(&self, path: &str, refused: FailureKind) -> Result<bool, Failure> {
        let is_group = self.client.kind(path) == Some(Kind::Group);
        let is_open_to_others = refused != FailureKind::Unauthorized || !self.client.is_signed_in().await?;
        Ok(is_group && is_refused(refused) && is_open_to_others)
    }

    async fn projects_of(&self, group: &str, cursor: Option<&Cursor>) -> Result<Page, Failure> {
        let turned = self.client.projects_of(group, cursor).await?;
        let entry = |p: &Project| Entry::named(NodeKind::Namespace, p.path_with_namespace.as_str());
        Ok(Page {
            entries: turned.items.iter().map(entry).collect(),
            next: turned.next.map(|c| List::Projects.mark(Some(c))),
            total: None,
            warnings: turned.warnings,
        })
    }

    /// The tags, as the registry tells them; where it refuses, as the API does.
    pub(super) async fn tags(&self, repository: &str, cursor: Option<&Cursor>) -> Result<Page, Failure> {
        let (list, within) = List::read(cursor, List::Protocol);
        if list == List::Api {
            return self.tags_by_api(repository, within.as_ref()).await;
        }
        let failure = match self.distribution.tags(&repository.to_lowercase(), within.as_ref()).await {
            Ok(listed) => return Ok(named(listed, NodeKind::Tag)),
            Err(failure) => failure,
        };
        if cursor.is_some() || !may_be_listed(failure.kind) || !self.client.is_signed_in().await? {
            return Err(failure);
        }
        // A repository without tags is not found by the protocol.
        match self.tags_by_api(repository, None).await {
            Ok(page) => Ok(page),
            Err(_) => Err(failure),
        }
    }

    async fn tags_by_api(&self, repository: &str, cursor: Option<&Cursor>) -> Result<Page, Failure> {
        let image = self.client.image(repository).await?;
        let turned = self.client.tags(&image, cursor).await?;
        Ok(Page {
            entries: turned.items.into_iter().map(|t| Entry::named(NodeKind::Tag, t.name)).collect(),
            next: turned.next.map(|c| List::Api.mark(Some(c))),
            total: None,
            warnings: turned.warnings,
        })
    }
}

/// Refusals of the registry after which the API may tell more.
fn may_be_listed(kind: FailureKind) -> bool {
    is_no_api(kind) || is_refused(kind)
}

/// Whether something is not for this account, or not for a stranger; GitLab says of some that they are not there.
fn is_refused(kind: FailureKind) -> bool {
    matches!(kind, FailureKind::Forbidden | FailureKind::Unauthorized | FailureKind::NotFound)
}

fn named(listed: NamePage, kind: NodeKind) -> Page {
    Page {
        entries: listed.names.into_iter().map(|name| Entry::named(kind, name)).collect(),
        next: listed.next.map(|c| List::Protocol.mark(Some(c))),
        total: None,
        warnings: listed.warnings,
    }
}
