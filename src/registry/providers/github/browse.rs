//! Listing: owners, their repositories, tags, untagged manifests.
//!
//! Invariant: where the packages API refuses an owner or a repository, the registry's own lists are tried, and the
//! refusal is told; when those fail too, the API's refusal is the failure, because it says more.

use super::GitHub;
use super::account::is_no_api;
use crate::domain::text::visible;
use crate::domain::{Cursor, Entry, Failure, FailureKind, NodeKind, Page};
use crate::registry::distribution::NamePage;
use crate::registry::distribution::cursor::Position;

/// The name of the node with the untagged manifests.
const UNTAGGED: &str = "untagged";
/// How many pages without a single untagged version are passed over before the list says that it goes on.
const PAGES_AT_ONCE: usize = 10;

/// Which list a cursor belongs to; the first character of its text.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum List {
    /// The packages API.
    Api,
    /// The same, after the node of the untagged manifests was listed.
    ApiWithUntagged,
    /// The registry's own.
    Protocol,
}

impl List {
    const ALL: [(Self, char); 3] = [(Self::Api, 'a'), (Self::ApiWithUntagged, 'u'), (Self::Protocol, 'p')];

    fn mark(self, cursor: &Cursor) -> Cursor {
        let mark = Self::ALL.iter().find(|(list, _)| *list == self).map_or('a', |(_, mark)| *mark);
        Cursor(format!("{mark}{}", cursor.0))
    }

    /// The list and the cursor within it.
    fn read(cursor: Option<&Cursor>) -> (Self, Option<Cursor>) {
        let Some(cursor) = cursor else { return (Self::Api, None) };
        let mut rest = cursor.0.chars();
        let mark = rest.next();
        let list = Self::ALL.iter().find(|(_, m)| Some(*m) == mark).map_or(Self::Api, |(list, _)| *list);
        (list, Some(Cursor(rest.as_str().to_owned())))
    }
}

/// Owner and package of a repository, in lower case.
pub(super) fn split(repository: &str) -> Option<(String, String)> {
    let (owner, package) = repository.split_once('/')?;
    Some((owner.to_lowercase(), package.to_lowercase()))
}

/// Whether the registry's own lists may tell what the API did not.
fn may_be_listed(kind: FailureKind) -> bool {
    is_no_api(kind) || kind == FailureKind::Forbidden
}

impl GitHub {
    /// The account and its organisations.
    pub(super) async fn owners(&self, cursor: Option<&Cursor>) -> Result<Page, Failure> {
        if !self.client.is_signed_in().await? {
            let said = "GitHub lists packages for a token only";
            return Err(Failure::new(FailureKind::Unauthorized, "listing the owners", said));
        }
        let mut page = Page::default();
        if cursor.is_none() {
            match self.client.user().await {
                Ok((user, _)) => page.entries.push(owner(&user.login)),
                Err(failure) if is_no_api(failure.kind) && !self.username.is_empty() => {
                    page.entries.push(owner(&self.username));
                    page.warnings.push(failure.to_string());
                    return Ok(page);
                }
                Err(failure) => return Err(failure),
            }
        }
        match self.client.organisations(cursor).await {
            Ok((turned, reply)) => {
                page.entries.extend(turned.items.iter().map(|o| owner(&o.login)));
                page.next = turned.next;
                page.warnings.extend(turned.warnings);
                if reply.named("x-github-sso").is_some_and(|v| v.trim_start().starts_with("partial-results"))
                {
                    let hidden =
                        "organisations behind single sign-on are left out; authorise the token for them";
                    page.warnings.push(hidden.to_owned());
                }
            }
            // A token may see packages and no organisations.
            Err(failure) if cursor.is_none() && failure.kind == FailureKind::Forbidden => {
                page.warnings.push(failure.to_string());
            }
            Err(failure) => return Err(failure),
        }
        Ok(page)
    }

    /// The packages of an owner.
    pub(super) async fn repositories(&self, owner: &str, cursor: Option<&Cursor>) -> Result<Page, Failure> {
        let (list, within) = List::read(cursor);
        if list == List::Protocol || !self.client.is_signed_in().await? {
            return self.catalogue(owner, within.as_ref()).await;
        }
        match self.client.packages(owner, within.as_ref()).await {
            Ok(turned) => Ok(Page {
                entries: turned.items.iter().map(|p| p.entry(owner)).collect(),
                next: turned.next.map(|c| List::Api.mark(&c)),
                total: None,
                warnings: turned.warnings,
            }),
            Err(failure) if cursor.is_none() && may_be_listed(failure.kind) => {
                or_tell(failure, self.catalogue(owner, None).await)
            }
            Err(failure) => Err(failure),
        }
    }

    /// The part of the registry's catalogue that begins with the owner's name.
    async fn catalogue(&self, owner: &str, cursor: Option<&Cursor>) -> Result<Page, Failure> {
        let prefix = format!("{}/", owner.to_lowercase());
        let first = || {
            let mut query = url::form_urlencoded::Serializer::new(String::new());
            query.append_pair("n", "100").append_pair("last", &prefix);
            Position::starting(query.finish()).to_cursor()
        };
        let listed = self.distribution.catalog(Some(&cursor.cloned().unwrap_or_else(first))).await?;
        let within: Vec<Entry> = listed
            .names
            .iter()
            .filter(|name| name.starts_with(&prefix))
            .map(|name| Entry::named(NodeKind::Repository, name.as_str()))
            .collect();
        let goes_on = within.len() == listed.names.len();
        let next = listed.next.filter(|_| goes_on).map(|c| List::Protocol.mark(&c));
        Ok(Page { entries: within, next, total: None, warnings: listed.warnings })
    }

    /// The tags of a repository, newest versions first; the node of the untagged ones comes with the first of them.
    pub(super) async fn tags(&self, repository: &str, cursor: Option<&Cursor>) -> Result<Page, Failure> {
        let (list, within) = List::read(cursor);
        let named = split(repository);
        let Some((owner, package)) = named.filter(|_| list != List::Protocol) else {
            return self.protocol_tags(repository, within.as_ref()).await;
        };
        if !self.client.is_signed_in().await? {
            return self.protocol_tags(repository, None).await;
        }
        let turned = match self.client.versions(&owner, &package, within.as_ref()).await {
            Ok(turned) => turned,
            Err(failure) if cursor.is_none() && may_be_listed(failure.kind) => {
                return or_tell(failure, self.protocol_tags(repository, None).await);
            }
            Err(failure) => return Err(failure),
        };
        let has_untagged = turned.items.iter().any(|v| v.untagged_entry().is_some());
        let mut entries = Vec::new();
        if has_untagged && list == List::Api {
            entries.push(Entry::named(NodeKind::Untagged, UNTAGGED));
        }
        entries.extend(turned.items.iter().flat_map(super::package::Version::tag_entries));
        let list = if has_untagged { List::ApiWithUntagged } else { list };
        let next = turned.next.map(|c| list.mark(&c));
        Ok(Page { entries, next, total: None, warnings: turned.warnings })
    }

    /// The versions of a repository that no tag points at.
    pub(super) async fn untagged(&self, repository: &str, cursor: Option<&Cursor>) -> Result<Page, Failure> {
        let Some((owner, package)) = split(repository) else { return Ok(Page::default()) };
        let mut page = Page::default();
        let mut cursor = cursor.cloned();
        for _ in 0..PAGES_AT_ONCE {
            let turned = self.client.versions(&owner, &package, cursor.as_ref()).await?;
            page.entries.extend(turned.items.iter().filter_map(super::package::Version::untagged_entry));
            page.warnings.extend(turned.warnings);
            page.next.clone_from(&turned.next);
            cursor = turned.next;
            if !page.entries.is_empty() || cursor.is_none() {
                break;
            }
        }
        Ok(page)
    }

    async fn protocol_tags(&self, repository: &str, cursor: Option<&Cursor>) -> Result<Page, Failure> {
        let NamePage { names, next, warnings } =
            self.distribution.tags(&repository.to_lowercase(), cursor).await?;
        Ok(Page {
            entries: names.into_iter().map(|n| Entry::named(NodeKind::Tag, n)).collect(),
            next: next.map(|c| List::Protocol.mark(&c)),
            total: None,
            warnings,
        })
    }
}

/// A row for an owner, shown as GitHub writes it.
fn owner(login: &str) -> Entry {
    let name = login.to_lowercase();
    let label = (name != login).then(|| visible(login).into_owned());
    Entry { label, ..Entry::named(NodeKind::Namespace, name) }
}

/// The registry's own list with what the API said, or that alone.
fn or_tell(failure: Failure, listed: Result<Page, Failure>) -> Result<Page, Failure> {
    let Ok(mut page) = listed else { return Err(failure) };
    page.warnings.push(failure.to_string());
    Ok(page)
}
