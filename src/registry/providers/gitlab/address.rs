//! Where a GitLab's API and pages are, and where its registry may be.
//!
//! Invariant: one address is typed, that of the GitLab; the registry's is told by it, or guessed from it.

use url::Url;

use super::INFO;
use super::image::Image;
use crate::http::is_loopback;
use crate::registry::opening::Opening;

const HOME: &str = "https://gitlab.com";
const API: &str = "/api/v4";

/// What a path in the tree is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    Group,
    Project,
}

/// The addresses of one GitLab.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Addresses {
    /// Of the pages, without a slash at the end.
    web: String,
    /// The registry's as the connection has it; nothing when it is that of gitlab.com for want of a better one.
    registry: Option<String>,
    plain_http: bool,
}

impl Addresses {
    pub(super) fn of(opening: &Opening) -> Self {
        let plain_http = opening.connection.options.plain_http;
        let typed = opening.setting("api").unwrap_or(HOME).trim_end_matches('/').trim_end_matches(API);
        let web = with_scheme(typed, plain_http);
        let given = opening.connection.url.trim_end_matches('/').to_owned();
        let is_known = given != INFO.url || web == HOME;
        Self { web, registry: is_known.then_some(given), plain_http }
    }

    /// The pages for people.
    pub(super) fn web(&self) -> &str {
        &self.web
    }

    pub(super) fn api(&self) -> String {
        format!("{}{API}", self.web)
    }

    /// The page where a token is made.
    pub(super) fn tokens(&self) -> String {
        format!("{}/-/user_settings/personal_access_tokens", self.web)
    }

    /// The page with the repositories of a group or project.
    pub(super) fn namespace(&self, path: &str, kind: Option<Kind>) -> String {
        match kind {
            Some(Kind::Group) => format!("{}/groups/{path}/-/container_registries", self.web),
            Some(Kind::Project) => format!("{}/{path}/container_registry", self.web),
            None => format!("{}/{path}", self.web),
        }
    }

    pub(super) fn repository(&self, image: &Image) -> String {
        format!("{}/{}", self.namespace(image.project(), Some(Kind::Project)), image.id)
    }

    /// The registry's address from a `location`, `host[:port]/path`.
    pub(super) fn registry_of(&self, location: &str) -> Option<String> {
        let host = location.split('/').next().filter(|host| !host.is_empty())?;
        let plain = self.plain_http || (self.web.starts_with("http://") && is_loopback(host));
        let url = format!("{}://{host}", if plain { "http" } else { "https" });
        Url::parse(&url).is_ok().then_some(url)
    }

    /// Where the registry may be when GitLab does not tell it.
    pub(super) fn likely_registries(&self) -> Vec<String> {
        if let Some(registry) = &self.registry {
            return vec![registry.clone()];
        }
        let Some(host) = Url::parse(&self.web).ok().and_then(|url| url.host_str().map(str::to_owned)) else {
            return Vec::new();
        };
        let scheme = if self.plain_http { "http" } else { "https" };
        vec![format!("{scheme}://registry.{host}"), format!("{scheme}://{host}:5050")]
    }
}

/// The GitLab that is known to have its registry at `host`.
pub(super) fn home_of(host: &str) -> Option<&'static str> {
    INFO.serves(host).then_some(HOME)
}

fn with_scheme(typed: &str, plain_http: bool) -> String {
    match typed {
        _ if typed.contains("://") => typed.to_owned(),
        _ if plain_http || is_loopback(typed) => format!("http://{typed}"),
        _ => format!("https://{typed}"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_registry_is_told_or_guessed() {
        let of = |web: &str, registry: Option<&str>| Addresses {
            web: web.to_owned(),
            registry: registry.map(str::to_owned),
            plain_http: false,
        };
        let own = of("https://git.example", None);
        assert_eq!(own.likely_registries(), ["https://registry.git.example", "https://git.example:5050"]);
        assert_eq!(own.registry_of("reg.example:5000/a/b").as_deref(), Some("https://reg.example:5000"));
        assert_eq!(own.registry_of(""), None);
        let known = of(HOME, Some(INFO.url));
        assert_eq!(known.likely_registries(), [INFO.url]);
        assert_eq!(known.api(), "https://gitlab.com/api/v4");
    }

    #[test]
    fn a_scheme_is_guessed_where_none_is_typed() {
        assert_eq!(with_scheme("git.example", false), "https://git.example");
        assert_eq!(with_scheme("localhost:8080", false), "http://localhost:8080");
        assert_eq!(with_scheme("git.example/prefix", true), "http://git.example/prefix");
    }
}
