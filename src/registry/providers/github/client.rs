//! GitHub's packages API: who is signed in, what an owner has, the versions of a package.
//!
//! Invariant: an owner is asked for as what it is. Until that is known, it is asked for as an organisation, and as a user
//! when there is no such organisation.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, OnceLock, PoisonError};

use serde::de::DeserializeOwned;
use tokio::sync::OnceCell;
use url::Url;

use super::address::{Addresses, Route};
use super::package::{Account, Package, Version};
use super::refusal::{self, Asker};
use super::scopes;
use super::sign_in;
use crate::domain::text::visible;
use crate::domain::{Credential, Cursor, Digest, Failure, FailureKind};
use crate::http::header::{HeaderName, HeaderValue};
use crate::http::{Limit, Method, Priority, Reply, Request, SignIn};
use crate::registry::api::Api;
use crate::registry::bearer::AsBearer;
use crate::registry::opening::Opening;
use crate::registry::paging::{Turn, Turned};

/// Items asked for at a time; GitHub's most.
const PAGE: usize = 100;
const PAGE_TEXT: &str = "100";
const VERSION_HEADER: HeaderName = HeaderName::from_static("x-github-api-version");
const VERSION: HeaderValue = HeaderValue::from_static("2022-11-28");
/// How many pages of versions are read at most, newest first.
pub(super) const MOST_PAGES: usize = 20;
/// How many version ids are kept; beyond that, versions are looked for.
const MOST_KNOWN: usize = 20_000;

/// The packages API.
pub(super) struct Client {
    api: Api,
    addresses: Addresses,
    sign_in: Arc<dyn SignIn>,
    /// Asked once: keyrings and tools take their time.
    signed_in: OnceCell<bool>,
    by_gh: bool,
    login: OnceLock<String>,
    routes: Mutex<HashMap<String, Route>>,
    /// Where an owner's single sign-on wants to be opened.
    single_sign_on: Mutex<HashMap<String, String>>,
    /// The ids of versions that were listed, by repository and digest.
    known: Mutex<HashMap<(String, Digest), i64>>,
}

/// One request to come: where, for which owner, and the scope that it needs.
struct Call<'a> {
    method: Method,
    url: Url,
    doing: &'a str,
    needs: &'a str,
    owner: Option<&'a str>,
}

impl Client {
    pub(super) fn new(
        opening: &Opening,
        addresses: &Addresses,
        sign_in: Arc<dyn SignIn>,
    ) -> Result<Self, Failure> {
        let api = opening.api(&addresses.api, Arc::new(AsBearer(Arc::clone(&sign_in))))?;
        Ok(Self {
            api,
            addresses: addresses.clone(),
            sign_in,
            signed_in: OnceCell::new(),
            by_gh: opening.setting("sign_in") == Some(sign_in::GH),
            login: OnceLock::new(),
            routes: Mutex::default(),
            single_sign_on: Mutex::default(),
            known: Mutex::default(),
        })
    }

    pub(super) fn asker(&self) -> Asker<'_> {
        Asker { addresses: &self.addresses, by_gh: self.by_gh }
    }

    /// Whether there is a token: without one, the packages API answers nobody.
    pub(super) async fn is_signed_in(&self) -> Result<bool, Failure> {
        let ask = async || Ok(self.sign_in.credential().await? != Credential::Anonymous);
        self.signed_in.get_or_try_init(ask).await.copied()
    }

    /// The account, and the answer that told it.
    pub(super) async fn user(&self) -> Result<(Account, Reply), Failure> {
        let doing = "asking GitHub for the account";
        let reply = self.send(&self.read(self.api.url(&["user"], &[]), doing, None)).await?;
        let account: Account = reply.json(doing)?;
        // Somebody else's first answer is as good.
        let _same = self.login.set(account.login.to_lowercase());
        Ok((account, reply))
    }

    async fn login(&self) -> Result<String, Failure> {
        match self.login.get() {
            Some(login) => Ok(login.clone()),
            None => Ok(self.user().await?.0.login.to_lowercase()),
        }
    }

    /// A page of the account's organisations, with the answer's headers.
    pub(super) async fn organisations(
        &self,
        cursor: Option<&Cursor>,
    ) -> Result<(Turned<Account>, Reply), Failure> {
        let doing = "listing the organisations";
        let turn = Turn::at(self.api.url(&["user", "orgs"], &[("per_page", PAGE_TEXT)]), cursor)?;
        let reply = self.send(&self.read(turn.url().clone(), doing, None)).await?;
        let turned = turn.read(&reply, reply.json(doing)?, PAGE, |o: &Account| o.login.clone());
        for organisation in &turned.items {
            self.learn(&organisation.login, Route::Organisation);
        }
        Ok((turned, reply))
    }

    /// A page of the container packages of `owner`.
    pub(super) async fn packages(
        &self,
        owner: &str,
        cursor: Option<&Cursor>,
    ) -> Result<Turned<Package>, Failure> {
        let doing = format!("listing the packages of {}", visible(owner));
        let query = [("package_type", "container"), ("per_page", PAGE_TEXT)];
        self.page(owner, &[], &query, cursor, &doing, |p: &Package| p.name.clone()).await
    }

    /// A package.
    pub(super) async fn package(&self, owner: &str, package: &str) -> Result<Package, Failure> {
        let doing = format!("asking GitHub for {}/{}", visible(owner), visible(package));
        let (reply, _) = self.get(owner, &["container", package], &[], None, &doing).await?;
        reply.json(&doing)
    }

    /// A page of the versions of a package, whose ids are remembered.
    pub(super) async fn versions(
        &self,
        owner: &str,
        package: &str,
        cursor: Option<&Cursor>,
    ) -> Result<Turned<Version>, Failure> {
        let doing = format!("listing the versions of {}/{}", visible(owner), visible(package));
        let query = [("per_page", PAGE_TEXT), ("state", "active")];
        let path = ["container", package, "versions"];
        let turned = self.page(owner, &path, &query, cursor, &doing, |v: &Version| v.name.clone()).await?;
        let mut known = locked(&self.known);
        if known.len() > MOST_KNOWN {
            known.clear();
        }
        let repository = format!("{owner}/{package}");
        known.extend(turned.items.iter().filter_map(|v| Some(((repository.clone(), v.digest()?), v.id))));
        Ok(turned)
    }

    /// The version that has `digest`: the one that was listed before, as it is now, else the one that is found.
    pub(super) async fn version(
        &self,
        owner: &str,
        package: &str,
        digest: &Digest,
    ) -> Result<Version, Failure> {
        let known = locked(&self.known).get(&(format!("{owner}/{package}"), digest.clone())).copied();
        if let Some(id) = known
            && let Ok(version) = self.version_by_id(owner, package, id).await
            && version.digest().as_ref() == Some(digest)
        {
            return Ok(version);
        }
        let mut cursor = None;
        for _ in 0..MOST_PAGES {
            let page = self.versions(owner, package, cursor.as_ref()).await?;
            if let Some(found) = page.items.into_iter().find(|v| v.digest().as_ref() == Some(digest)) {
                return Ok(found);
            }
            cursor = page.next;
            if cursor.is_none() {
                return Err(no_version(owner, package, digest));
            }
        }
        let doing = format!("looking for the version of {}/{}", visible(owner), visible(package));
        let said =
            format!("{digest} is not among the first {} versions, and no more are read", MOST_PAGES * PAGE);
        Err(Failure::new(FailureKind::Conflict, doing, said))
    }

    /// The version that has `digest`, where that was pushed just now: the newest come first.
    pub(super) async fn newest_version(
        &self,
        owner: &str,
        package: &str,
        digest: &Digest,
    ) -> Result<Version, Failure> {
        let page = self.versions(owner, package, None).await?;
        let found = page.items.into_iter().find(|v| v.digest().as_ref() == Some(digest));
        found.ok_or_else(|| no_version(owner, package, digest))
    }

    async fn version_by_id(&self, owner: &str, package: &str, id: i64) -> Result<Version, Failure> {
        let doing = format!("asking GitHub for a version of {}/{}", visible(owner), visible(package));
        let path = ["container", package, "versions", &id.to_string()];
        let (reply, _) = self.get(owner, &path, &[], None, &doing).await?;
        reply.json(&doing)
    }

    /// Deletes what is at `path` below an owner's packages. The owner was asked for something before, so that it is
    /// known what it is.
    pub(super) async fn delete(&self, owner: &str, path: &[&str], doing: &str) -> Result<(), Failure> {
        let route = self.routes(owner).await?.first().copied().unwrap_or(Route::User);
        let url = self.packages_url(route, owner, path, &[]);
        let needs = scopes::DELETE;
        self.send(&Call { method: Method::DELETE, url, doing, needs, owner: Some(owner) }).await.map(|_| ())
    }

    /// What an owner is, as far as it is known.
    pub(super) fn route(&self, owner: &str) -> Option<Route> {
        let owner = owner.to_lowercase();
        if self.login.get() == Some(&owner) {
            return Some(Route::Own);
        }
        locked(&self.routes).get(&owner).copied()
    }

    /// Where an owner's single sign-on wants to be opened, if it refused the last request.
    pub(super) fn single_sign_on(&self, owner: &str) -> Option<String> {
        locked(&self.single_sign_on).get(&owner.to_lowercase()).cloned()
    }

    fn learn(&self, owner: &str, route: Route) {
        locked(&self.routes).insert(owner.to_lowercase(), route);
    }

    /// What an owner may be, the likeliest first.
    async fn routes(&self, owner: &str) -> Result<Vec<Route>, Failure> {
        if let Some(route) = self.route(owner) {
            return Ok(vec![route]);
        }
        if self.login().await? == owner.to_lowercase() {
            return Ok(vec![Route::Own]);
        }
        Ok(vec![Route::Organisation, Route::User])
    }

    async fn page<T: DeserializeOwned>(
        &self,
        owner: &str,
        path: &[&str],
        query: &[(&str, &str)],
        cursor: Option<&Cursor>,
        doing: &str,
        name: impl Fn(&T) -> String,
    ) -> Result<Turned<T>, Failure> {
        let (reply, turn) = self.get(owner, path, query, cursor, doing).await?;
        Ok(turn.read(&reply, reply.json(doing)?, PAGE, name))
    }

    /// Asks for something below an owner's packages, as each thing that the owner may be.
    async fn get(
        &self,
        owner: &str,
        path: &[&str],
        query: &[(&str, &str)],
        cursor: Option<&Cursor>,
        doing: &str,
    ) -> Result<(Reply, Turn), Failure> {
        let mut refused = None;
        for route in self.routes(owner).await? {
            let turn = Turn::at(self.packages_url(route, owner, path, query), cursor)?;
            match self.send(&self.read(turn.url().clone(), doing, Some(owner))).await {
                Ok(reply) => {
                    self.learn(owner, route);
                    return Ok((reply, turn));
                }
                Err(failure) if failure.kind == FailureKind::NotFound => {
                    refused.get_or_insert(failure);
                }
                Err(failure) => return Err(failure),
            }
        }
        Err(refused.unwrap_or_else(|| Failure::new(FailureKind::NotFound, doing, "there is no such owner")))
    }

    fn packages_url(&self, route: Route, owner: &str, path: &[&str], query: &[(&str, &str)]) -> Url {
        let mut whole = match route {
            Route::Own => vec!["user"],
            Route::Organisation => vec!["orgs", owner],
            Route::User => vec!["users", owner],
        };
        whole.push("packages");
        whole.extend(path);
        self.api.url(&whole, query)
    }

    fn read<'a>(&self, url: Url, doing: &'a str, owner: Option<&'a str>) -> Call<'a> {
        Call { method: Method::GET, url, doing, needs: scopes::READ, owner }
    }

    async fn send(&self, call: &Call<'_>) -> Result<Reply, Failure> {
        let mut request = Request::new(call.method.clone(), call.url.clone(), call.doing)
            .accept("application/json")
            .header(VERSION_HEADER, VERSION);
        if call.method == Method::GET {
            request = request.at(Priority::Listing).compressed();
        }
        let reply = self.api.http().fetch(&request, Limit::LIST).await?;
        if let Some(owner) = call.owner {
            self.note_single_sign_on(owner, &reply);
        }
        if reply.status.is_success() {
            return Ok(reply);
        }
        Err(self.asker().explain(&reply, call.doing, call.needs))
    }

    fn note_single_sign_on(&self, owner: &str, reply: &Reply) {
        let mut wanted = locked(&self.single_sign_on);
        match refusal::single_sign_on(reply) {
            Some(url) => wanted.insert(owner.to_lowercase(), url),
            None => wanted.remove(&owner.to_lowercase()),
        };
    }
}

fn no_version(owner: &str, package: &str, digest: &Digest) -> Failure {
    let doing = format!("looking for the version of {}/{}", visible(owner), visible(package));
    let said = format!("there is no version with the digest {digest} (any more)");
    Failure::new(FailureKind::NotFound, doing, said)
}

/// A poisoned lock still holds usable values: every one is replaced whole.
fn locked<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
