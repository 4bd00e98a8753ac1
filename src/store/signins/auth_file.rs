//! One auth file: `auths`, `credsStore` and `credHelpers`, as Docker and Podman write them.
//!
//! Invariant: a failure names the file and the place in it, never what stands there.

use std::collections::BTreeMap;

use base64::Engine;
use base64::engine::{DecodePaddingMode, GeneralPurpose, GeneralPurposeConfig};
use serde::Deserialize;

use super::keys;
use super::locations::{Format, Location};
use crate::domain::connection::FoundSignIn;
use crate::domain::text::visible;
use crate::domain::{Credential, Failure, FailureKind, Secret};
use crate::store::Env;
use crate::store::files;

/// With or without padding: both are found in the wild.
const BASE64: GeneralPurpose = GeneralPurpose::new(
    &base64::alphabet::STANDARD,
    GeneralPurposeConfig::new().with_decode_padding_mode(DecodePaddingMode::Indifferent),
);

/// The username that marks a secret as an identity token.
pub(super) const TOKEN_USERNAME: &str = "<token>";

/// An auth file that was understood.
pub(super) struct AuthFile {
    shown: String,
    content: Content,
}

#[derive(Deserialize, Default)]
#[serde(default)]
struct Content {
    auths: Option<BTreeMap<String, Entry>>,
    #[serde(rename = "credsStore")]
    store: Option<String>,
    #[serde(rename = "credHelpers")]
    helpers: Option<BTreeMap<String, String>>,
}

#[derive(Deserialize, Default)]
#[serde(default)]
struct Entry {
    username: Option<String>,
    password: Option<Text>,
    auth: Option<Text>,
    identitytoken: Option<Text>,
    registrytoken: Option<Text>,
}

/// A secret in the file.
struct Text(Secret);

impl<'de> Deserialize<'de> for Text {
    fn deserialize<D: serde::Deserializer<'de>>(d: D) -> Result<Self, D::Error> {
        String::deserialize(d).map(|text| Self(Secret::new(text)))
    }
}

impl AuthFile {
    /// Reads the file; nothing when there is none.
    pub(super) fn read(location: &Location, env: &Env) -> Result<Option<Self>, Failure> {
        let shown = env.shown(&location.path);
        let reading = || format!("reading the sign-ins in {shown}");
        let Some(text) = files::read_text(&location.path).map_err(|f| f.while_doing(reading()))? else {
            return Ok(None);
        };
        let content = match (text.trim(), location.format) {
            ("", _) => Ok(Content::default()),
            (text, Format::Current) => serde_json::from_str(text),
            (text, Format::Legacy) => {
                serde_json::from_str(text).map(|auths| Content { auths: Some(auths), ..Content::default() })
            }
        };
        match content {
            Ok(content) => Ok(Some(Self { shown, content })),
            // The parser's own words could quote a secret.
            Err(e) => {
                let said = format!("line {}, column {} is not what an auth file holds", e.line(), e.column());
                Err(Failure::new(FailureKind::Invalid, reading(), said))
            }
        }
    }

    /// The file's path, for people.
    pub(super) fn shown(&self) -> &str {
        &self.shown
    }

    /// The helper for every host without one of its own.
    pub(super) fn store(&self) -> Option<&str> {
        self.content.store.as_deref().filter(|s| !s.is_empty())
    }

    /// The helper for `wanted` (normalised): its own, else the one for all.
    pub(super) fn helper(&self, wanted: &str) -> Option<&str> {
        self.own_helper(wanted).or_else(|| self.store())
    }

    /// Whether the file says that there is a sign-in for `wanted` with a helper; Docker leaves an empty entry.
    pub(super) fn promises(&self, wanted: &str) -> bool {
        self.own_helper(wanted).is_some() || self.entry(wanted).is_some()
    }

    /// The keys of this file that name `wanted` or a prefix of it, as they are written, the closest first.
    pub(super) fn keys(&self, wanted: &str) -> Vec<String> {
        let all: Vec<&String> = self.helpers().map(|(k, _)| k).chain(self.auths().map(|(k, _)| k)).collect();
        let naming = |prefix: &str| {
            let prefix = prefix.to_owned();
            all.iter().filter(move |k| keys::normalised(k).as_deref() == Some(&prefix)).map(|k| (*k).clone())
        };
        keys::prefixes(wanted).flat_map(naming).collect()
    }

    /// What the file itself holds for `wanted`.
    pub(super) fn credential(&self, wanted: &str) -> Result<Option<Credential>, Failure> {
        let Some(entry) = self.entry(wanted) else { return Ok(None) };
        entry.credential().map_err(|said| {
            let doing = format!("reading the sign-in of {} in {}", visible(wanted), self.shown);
            Failure::new(FailureKind::Invalid, doing, said)
        })
    }

    /// The hosts that this file names, with what it knows about them.
    pub(super) fn sign_ins(&self) -> Vec<FoundSignIn> {
        let with_helper = self.helpers().filter_map(|(key, name)| {
            let host = keys::normalised(key)?;
            Some(FoundSignIn::stored(host, None, self.helper_source(name)))
        });
        let in_file = self.auths().filter_map(|(key, entry)| {
            let host = keys::normalised(key)?;
            let (username, source) = match (entry.credential(), self.store()) {
                (Ok(Some(credential)), _) => (credential.username().map(str::to_owned), self.shown.clone()),
                (Ok(None), Some(store)) => (None, self.helper_source(store)),
                _ => return None,
            };
            Some(FoundSignIn::stored(host, username, source))
        });
        with_helper.chain(in_file).collect()
    }

    /// Where a helper's sign-in comes from, for people.
    pub(super) fn helper_source(&self, name: &str) -> String {
        visible(&format!("docker-credential-{name} ({})", self.shown)).into_owned()
    }

    fn own_helper(&self, wanted: &str) -> Option<&str> {
        closest(self.helpers(), wanted).map(String::as_str).filter(|s| !s.is_empty())
    }

    fn entry(&self, wanted: &str) -> Option<&Entry> {
        closest(self.auths(), wanted)
    }

    fn auths(&self) -> impl Iterator<Item = (&String, &Entry)> {
        self.content.auths.iter().flatten()
    }

    fn helpers(&self) -> impl Iterator<Item = (&String, &String)> {
        self.content.helpers.iter().flatten()
    }
}

fn closest<'a, T>(entries: impl Iterator<Item = (&'a String, &'a T)>, wanted: &str) -> Option<&'a T> {
    let entries: Vec<_> = entries.filter_map(|(k, v)| Some((keys::normalised(k)?, v))).collect();
    keys::prefixes(wanted).find_map(|prefix| entries.iter().find(|(k, _)| k == prefix).map(|(_, v)| *v))
}

impl Entry {
    /// What the entry holds; nothing for the empty one that Docker leaves when a helper has the secret.
    fn credential(&self) -> Result<Option<Credential>, &'static str> {
        let filled = |text: &Option<Text>| text.as_ref().map(|t| t.0.clone()).filter(|s| !s.is_empty());
        if let Some(token) = filled(&self.identitytoken) {
            return Ok(Some(Credential::IdentityToken(token)));
        }
        if let Some(token) = filled(&self.registrytoken) {
            return Ok(Some(Credential::Bearer(token)));
        }
        match (filled(&self.auth), &self.username, filled(&self.password)) {
            (Some(auth), _, _) => decoded(&auth).map(Some),
            (None, Some(username), Some(password)) => Ok(Some(signed_in(username.clone(), password))),
            _ => Ok(None),
        }
    }
}

/// A username and secret; one username says that the secret is an identity token.
pub(super) fn signed_in(username: String, secret: Secret) -> Credential {
    if username == TOKEN_USERNAME {
        return Credential::IdentityToken(secret);
    }
    Credential::Basic { username, password: secret }
}

/// `base64(username:password)`; everything behind the first colon is the password.
fn decoded(auth: &Secret) -> Result<Credential, &'static str> {
    let bytes = BASE64.decode(auth.expose().trim()).map_err(|_| "its “auth” is not base64")?;
    let text = String::from_utf8(bytes).map_err(|_| "its “auth” is not text")?;
    let (username, password) = text.split_once(':').ok_or("its “auth” has no colon")?;
    // Docker trims these too: old versions padded with them.
    Ok(signed_in(username.to_owned(), Secret::new(password.trim_end_matches('\0'))))
}
