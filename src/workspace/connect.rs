//! Making, editing and forgetting connections.
//!
//! Invariant: nothing is kept before the server has accepted it.

use super::Workspace;
use super::path::at_home;
use crate::domain::connection::{
    ConnectFailure, Connected, Draft, Field, FieldKind, FoundSignIn, KeepSecret, Options, ProviderInfo,
};
use crate::domain::{Connection, ConnectionId, Failure, FailureKind, Secret, reference, text::visible};
use crate::registry::Account;
use crate::registry::catalog;
use crate::store::{Kept, config, signins};
use std::collections::BTreeMap;
use std::path::Path;
use std::sync::Arc;

impl Workspace {
    /// Checks a filled-in form against the server, then keeps it.
    ///
    /// # Errors
    /// [`ConnectFailure::Refused`] with the field to blame; [`ConnectFailure::NoPlaceForSecret`] when everything works
    /// but it has to be chosen where the password goes.
    pub async fn connect(&self, draft: &Draft) -> Result<Connected, ConnectFailure> {
        if draft.provider == catalog::BUILT_IN.id {
            return self.connect_built_in().await.map_err(refused);
        }
        let (connection, secret) = self.prepare(draft).await?;
        let (connection, brought) =
            self.checked(connection, secret.clone(), Scheme::of(draft.value("url"))).await?;
        // A password that was left as it was stays where it is.
        if brought.is_some() || !draft.value("password").is_empty() {
            self.keep_secret(&connection, brought.or(secret), draft.keep).await?;
        } else if connection.username.is_empty() && draft.editing.is_some() {
            self.forget_secret(&connection).await;
        }
        self.keep(connection).map_err(refused)
    }

    async fn connect_built_in(&self) -> Result<Connected, Failure> {
        let info = catalog::BUILT_IN;
        let connection = blank(ConnectionId::new(info.id), info.id, String::new(), info.id.to_owned());
        let (connection, provider) =
            catalog::open_built_in(connection, super::now(), Arc::clone(&self.observer), self.surroundings())
                .await?;
        Ok(self.admit_opened(connection, provider, false))
    }

    /// Makes a connection of a sign-in that Docker or Podman stored; the secret stays where it is.
    ///
    /// # Errors
    /// As [`Workspace::connect`].
    pub async fn take_over(&self, found: &FoundSignIn) -> Result<Connected, ConnectFailure> {
        let info = found.provider.and_then(catalog::find).unwrap_or_else(|| catalog::of_host(&found.host));
        // What Docker and Podman stored is for that very host; a vendor's tool signs in to all that the vendor has.
        let is_the_vendors = found.provider.is_some() && !info.hosts.is_empty() && !info.url.is_empty();
        let url = if is_the_vendors { info.url } else { &found.host };
        let url = guess_url(url, false).map_err(refused)?;
        let mut connection = blank(fresh_id(&found.host), info.id, url, found.host.clone());
        connection.settings.clone_from(&found.settings);
        let (connection, _) = self.checked(connection, None, Scheme::Guessed).await?;
        self.keep(connection).map_err(refused)
    }

    /// The sign-ins that Docker and Podman stored on this machine, for hosts that no connection serves yet.
    pub async fn find_sign_ins(&self) -> Vec<FoundSignIn> {
        let mut found = signins::find(&self.env);
        found.extend(signins::find_in_helpers(&self.env).await);
        for warning in &found.warnings {
            tracing::warn!(%warning, "looking for stored sign-ins");
        }
        found.sign_ins.extend(catalog::find_sign_ins(self.surroundings().as_ref()).await);
        let connected = self.connected();
        let serves = |c: &Connected, s: &FoundSignIn| {
            c.connection.host() == s.host
                && s.settings.iter().all(|(k, v)| c.connection.settings.get(k) == Some(v))
        };
        found.sign_ins.retain(|s| !connected.iter().any(|c| serves(c, s)));
        found.sign_ins
    }

    /// Forgets a connection and its secret. A secret that cannot be removed, as from a locked keyring, is told as a
    /// warning: the connection is gone all the same.
    ///
    /// # Errors
    /// `Io` when the configuration cannot be written; the connection then stays.
    pub async fn disconnect(&self, id: &ConnectionId) -> Result<(), Failure> {
        let connection = self.connection(id)?;
        let kept = self.connections().get(id).is_some_and(|o| o.kept);
        if kept {
            config::edit(&self.paths, |config| config.connections.retain(|c| c.id != *id))?;
        }
        self.connections().remove(id);
        if kept {
            self.forget_secret(&connection).await;
        }
        Ok(())
    }

    async fn forget_secret(&self, connection: &Connection) {
        if let Err(failure) = self.secrets.remove(connection).await {
            let text = format!("its password could not be removed: {}", failure.said);
            self.observer.warning(connection.host(), &text);
        }
    }

    /// The connection that a form describes, and the secret to sign in with (the kept one when an edit left it empty).
    async fn prepare(&self, draft: &Draft) -> Result<(Connection, Option<Secret>), ConnectFailure> {
        let before = draft.editing.as_ref().and_then(|id| self.connection(id).ok());
        let options = options(draft, self.env.home()).map_err(|f| blame(f, "proxy"))?;
        let info = catalog::find(&draft.provider).unwrap_or(catalog::BY_NAME);
        let asks = info.fields.iter().any(|field| field.id == "url");
        // An address that the form does not ask for stays.
        let kept = before.as_ref().filter(|_| !asks).map_or(info.url, |b| b.url.as_str());
        let typed = Some(draft.value("url")).filter(|u| !u.is_empty()).unwrap_or(kept);
        let url = guess_url(typed, options.plain_http).map_err(|f| blame(f, "url"))?;
        let host = url.split_once("://").map_or(url.as_str(), |(_, rest)| rest).to_owned();
        let id = before.as_ref().map_or_else(|| fresh_id(&host), |b| b.id.clone());
        let mut connection = blank(id, &draft.provider, url, String::new());
        connection.name = match draft.value("name") {
            "" if draft.value("url").is_empty() && connection.url == info.url => info.title.to_owned(),
            "" => connection.host().to_owned(),
            typed => visible(typed).into_owned(),
        };
        connection.username = draft.value("username").to_owned();
        let was_fixed = before.as_ref().is_some_and(|b| b.username == info.username);
        if connection.username.is_empty() && (was_fixed || !draft.value("password").is_empty()) {
            info.username.clone_into(&mut connection.username);
        }
        connection.settings = own_values(info, draft);
        connection.options = options;
        if let Some(before) = &before {
            connection.bookmarks.clone_from(&before.bookmarks);
        }
        let typed = Some(draft.value("password")).filter(|p| !p.is_empty()).map(Secret::new);
        let secret = match (typed, before) {
            (Some(typed), _) => Some(typed),
            (None, Some(before)) if !connection.username.is_empty() => {
                let kept = self.secrets.get(&before).await.map_err(|f| blame(f, "password"))?;
                if kept.is_some() && !is_for_the_same(&before, &connection) {
                    return Err(blame(type_it_again(), "password"));
                }
                kept
            }
            _ => None,
        };
        if secret.is_some() && connection.username.is_empty() {
            let failure = Failure::new(FailureKind::Invalid, "signing in", "a password needs a username");
            return Err(blame(failure, "username"));
        }
        Ok((connection, secret))
    }

    /// Asks the server; a loopback host that was typed without a scheme may turn out to speak plain HTTP.
    async fn checked(
        &self,
        connection: Connection,
        secret: Option<Secret>,
        scheme: Scheme,
    ) -> Result<(Connection, Option<Secret>), ConnectFailure> {
        let first = match self.check(&connection, secret.clone()).await {
            Ok(account) => return Ok(found_at(connection, account)),
            Err(failure) => failure,
        };
        if let Some(plain) = over_plain_http(&connection, &first).filter(|_| scheme == Scheme::Guessed) {
            match self.check(&plain, secret).await {
                Ok(account) => return Ok(found_at(plain, account)),
                Err(failure) if failure.kind == FailureKind::Unauthorized => return Err(blame_kind(failure)),
                Err(_) => {}
            }
        }
        Err(blame_kind(first))
    }

    async fn check(&self, connection: &Connection, secret: Option<Secret>) -> Result<Account, Failure> {
        let Some(password) = secret else { return self.open(connection)?.check().await };
        // It is not kept yet.
        let username = connection.username.clone();
        let sign_in = crate::http::FixedSignIn(crate::domain::Credential::Basic { username, password });
        self.open_with(connection, Arc::new(sign_in))?.check().await
    }

    async fn keep_secret(
        &self,
        connection: &Connection,
        secret: Option<Secret>,
        keep: KeepSecret,
    ) -> Result<(), ConnectFailure> {
        let Some(secret) = secret else { return Ok(()) };
        match self.secrets.put(connection, secret, keep).await {
            Ok(Kept::NeedsChoice) => Err(ConnectFailure::NoPlaceForSecret),
            Ok(_) => Ok(()),
            Err(failure) => Err(refused(failure)),
        }
    }

    fn keep(&self, connection: Connection) -> Result<Connected, Failure> {
        config::edit(&self.paths, |config| {
            match config.connections.iter_mut().find(|c| c.id == connection.id) {
                Some(known) => known.clone_from(&connection),
                None => config.connections.push(connection.clone()),
            }
        })?;
        self.admit(connection, true)
    }
}

/// Where the scheme of an address comes from.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Scheme {
    /// The person has typed it, and gets it.
    Typed,
    /// It was left out.
    Guessed,
}

impl Scheme {
    fn of(typed: &str) -> Self {
        if typed.contains("://") { Self::Typed } else { Self::Guessed }
    }
}

/// The connection as the check found it, and the secret to keep for it: a sign-in may bring both an address and a token,
/// and the account that the token is for.
fn found_at(connection: Connection, account: Account) -> (Connection, Option<Secret>) {
    let url = account.url.unwrap_or(connection.url);
    let username = match (&account.secret, &account.name) {
        (Some(_), Some(name)) if connection.username.is_empty() => name.clone(),
        _ => connection.username,
    };
    (Connection { url, username, ..connection }, account.secret)
}

/// What was typed into the fields that only this provider has.
fn own_values(info: &ProviderInfo, draft: &Draft) -> BTreeMap<String, String> {
    let shared = ["url", "username", "password", "name", "ca_file", "client_certificate", "proxy"];
    let flags = ["plain_http", "skip_verification"];
    let is_own = |field: &&Field| {
        field.kind != FieldKind::Secret && !shared.contains(&field.id) && !flags.contains(&field.id)
    };
    let own = info.fields.iter().filter(is_own);
    own.map(|f| (f.id.to_owned(), draft.value(f.id).to_owned())).filter(|(_, v)| !v.is_empty()).collect()
}

/// An identity that no connection has or had.
pub(super) fn fresh_id(host: &str) -> ConnectionId {
    config::Config::default().fresh_id(host)
}

/// The same connection over plain HTTP, when `failure` may mean that a host on this machine speaks no TLS.
pub(super) fn over_plain_http(connection: &Connection, failure: &Failure) -> Option<Connection> {
    let rest = connection.url.strip_prefix("https://")?;
    let may_be_plain = failure.kind == FailureKind::Tls && crate::http::is_loopback(connection.host());
    may_be_plain.then(|| Connection { url: format!("http://{rest}"), ..connection.clone() })
}

pub(super) fn blank(id: ConnectionId, provider: &str, url: String, name: String) -> Connection {
    Connection {
        id,
        name,
        provider: provider.to_owned(),
        url,
        username: String::new(),
        options: Options::default(),
        settings: BTreeMap::new(),
        bookmarks: Vec::new(),
    }
}

fn options(draft: &Draft, home: &Path) -> Result<Options, Failure> {
    let text = |id| Some(draft.value(id).to_owned()).filter(|v: &String| !v.is_empty());
    let file = |id| text(id).map(|typed| at_home(Path::new(&typed), home).display().to_string());
    if has_account(draft.value("proxy")) {
        let said = "it holds an account, which is not kept in the configuration; set HTTPS_PROXY instead";
        return Err(Failure::new(FailureKind::Invalid, "reading the proxy's address", said));
    }
    Ok(Options {
        ca_file: file("ca_file"),
        client_certificate: file("client_certificate"),
        plain_http: draft.value("plain_http") == "true",
        skip_verification: draft.value("skip_verification") == "true",
        proxy: text("proxy"),
    })
}

/// Whether an address, with or without a scheme, names an account before its host.
fn has_account(address: &str) -> bool {
    let rest = address.split_once("://").map_or(address, |(_, rest)| rest);
    rest.split('/').next().is_some_and(|authority| authority.contains('@'))
}

/// Whether a password that was kept for `before` may be sent for `after`.
fn is_for_the_same(before: &Connection, after: &Connection) -> bool {
    let leads_alike = |id: &&str| before.settings.get(*id) == after.settings.get(*id);
    before.provider == after.provider
        && before.username == after.username
        && before.host() == after.host()
        && Field::ADDRESSES.iter().all(leads_alike)
}

fn type_it_again() -> Failure {
    let said = "the address or the username has changed, so the password has to be typed again";
    Failure::new(FailureKind::Invalid, "editing the connection", said)
}

/// The base URL of what was typed: a missing scheme is https, or http where plain HTTP was asked for.
pub(super) fn guess_url(typed: &str, plain_http: bool) -> Result<String, Failure> {
    let doing = format!("reading the URL “{}”", visible(typed));
    let bad = |said: String| Failure::new(FailureKind::Invalid, doing.clone(), said);
    if typed.is_empty() {
        return Err(bad("a host is needed, such as localhost:5000".to_owned()));
    }
    let full = match typed.split_once("://") {
        Some(_) => typed.to_owned(),
        None if plain_http => format!("http://{typed}"),
        None => format!("https://{typed}"),
    };
    let url = url::Url::parse(&full).map_err(|e| bad(e.to_string()))?;
    if !matches!(url.scheme(), "http" | "https") {
        return Err(bad(format!("“{}” is not http or https", visible(url.scheme()))));
    }
    if !url.username().is_empty() || url.password().is_some() {
        return Err(bad(
            "leave the username and password out of the URL; they have their own fields".to_owned()
        ));
    }
    let host = url.host_str().ok_or_else(|| bad("it has no host".to_owned()))?;
    let port = url.port().map(|p| format!(":{p}")).unwrap_or_default();
    let path = url.path().trim_end_matches('/');
    let path = path.strip_suffix("/v2").unwrap_or(path);
    let host = if host == reference::DOCKER_HUB { "registry-1.docker.io" } else { host };
    Ok(format!("{}://{host}{port}{path}", url.scheme()))
}

fn refused(failure: Failure) -> ConnectFailure {
    ConnectFailure::Refused { failure, field: None }
}

fn blame(failure: Failure, field: &'static str) -> ConnectFailure {
    ConnectFailure::Refused { failure, field: Some(field) }
}

/// Blames the field that a failure speaks of; none for a server that is busy or broken, whatever was typed.
fn blame_kind(failure: Failure) -> ConnectFailure {
    match failure.kind {
        FailureKind::Unauthorized | FailureKind::Forbidden => blame(failure, "password"),
        FailureKind::Tls => blame(failure, "ca_file"),
        FailureKind::RateLimited | FailureKind::Server | FailureKind::Cancelled | FailureKind::Bug => {
            refused(failure)
        }
        _ => blame(failure, "url"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_server_that_counts_wrong_passwords_does_not_blame_the_url() {
        let field = |kind| match blame_kind(Failure::new(kind, "signing in", "no")) {
            ConnectFailure::Refused { field, .. } => field,
            ConnectFailure::NoPlaceForSecret => None,
        };
        assert_eq!(field(FailureKind::RateLimited), None);
        assert_eq!(field(FailureKind::Unauthorized), Some("password"));
        assert_eq!(field(FailureKind::Offline), Some("url"));
    }

    #[test]
    fn urls_as_people_type_them() {
        for (typed, plain, url) in [
            ("localhost:5000", false, "https://localhost:5000"),
            ("registry.example", false, "https://registry.example"),
            ("registry.example", true, "http://registry.example"),
            ("https://host.example/prefix/", false, "https://host.example/prefix"),
            ("http://host.example/v2/", false, "http://host.example"),
            ("[::1]:5000", false, "https://[::1]:5000"),
            ("docker.io", false, "https://registry-1.docker.io"),
        ] {
            assert_eq!(guess_url(typed, plain).unwrap(), url, "{typed}");
        }
        for typed in ["", "ftp://x", "http://u:p@host", "https://", "a b"] {
            assert!(guess_url(typed, false).is_err(), "{typed}");
        }
    }
}
