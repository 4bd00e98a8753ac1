//! Where GitHub's API and its pages are, for github.com, for data residency (ghe.com) and for Enterprise servers.
//!
//! Invariant: an address that was typed wins; what is worked out follows from the registry's host alone.

use url::Url;

use crate::registry::opening::Opening;

const API: &str = "https://api.github.com";
const WEB: &str = "https://github.com";

/// What an owner is to the account that is signed in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Route {
    /// The account itself.
    Own,
    Organisation,
    /// Another user.
    User,
}

/// The addresses that belong to one registry.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Addresses {
    /// Of the API, path prefix included.
    pub(super) api: String,
    /// Of the pages for people, without a slash at the end.
    pub(super) web: String,
    /// The registry's own, where a browser is sent on to the page of a package.
    registry: String,
}

impl Addresses {
    pub(super) fn of(opening: &Opening) -> Self {
        let registry = opening.connection.url.trim_end_matches('/').to_owned();
        let (api, web) = known(opening.connection.host());
        match opening.setting("api") {
            None => Self { api, web, registry },
            Some(typed) => {
                let api = if typed.contains("://") { typed.to_owned() } else { format!("https://{typed}") };
                let web = web_of(&api).unwrap_or(web);
                Self { api, web, registry }
            }
        }
    }

    /// The name of the host that people sign in at, which `gh` keeps its tokens under.
    pub(super) fn host(&self) -> &str {
        self.web.split_once("://").map_or(self.web.as_str(), |(_, host)| host)
    }

    /// The API that GitHub itself has for the registry.
    pub(super) fn home(&self) -> Option<String> {
        home_of(&host_of(&self.registry)?).map(|(api, _)| api)
    }

    /// Whether the registry is that of the GitHub that people sign in at.
    pub(super) fn has_own_registry(&self) -> bool {
        let registry = host_of(&self.registry);
        registry == host_of(&self.web)
            || registry.and_then(|host| home_of(&host)).is_some_and(|(_, web)| web == self.web)
    }

    /// The page where a classic token with these scopes is made.
    pub(super) fn new_token(&self) -> String {
        format!("{}/settings/tokens/new?scopes=write:packages,delete:packages", self.web)
    }

    /// The page with an owner's packages.
    pub(super) fn owner(&self, owner: &str, route: Option<Route>) -> String {
        match route {
            Some(Route::Organisation) => self.page(&["orgs", owner, "packages"]),
            _ => format!("{}?tab=packages", self.page(&[owner])),
        }
    }

    /// The page of a package; the registry leads there where it is not known what its owner is.
    pub(super) fn package(&self, owner: &str, package: &str, route: Option<Route>) -> Option<String> {
        let kind = match route {
            Some(Route::Organisation) => "orgs",
            Some(Route::Own | Route::User) => "users",
            None => return Some(format!("{}/{owner}/{package}", self.registry)),
        };
        Some(self.page(&[kind, owner, "packages", "container", "package", package]))
    }

    fn page(&self, path: &[&str]) -> String {
        let Ok(mut url) = Url::parse(&self.web) else { return self.web.clone() };
        if let Ok(mut segments) = url.path_segments_mut() {
            segments.pop_if_empty().extend(path);
        }
        url.into()
    }
}

/// API and pages of a registry's host.
fn known(host: &str) -> (String, String) {
    let Some(rest) = host.strip_prefix("containers.") else { return (API.to_owned(), WEB.to_owned()) };
    let api = if rest.ends_with(".ghe.com") {
        format!("https://api.{rest}")
    } else {
        format!("https://{rest}/api/v3")
    };
    (api, format!("https://{rest}"))
}

/// API and pages that GitHub itself has for a registry's host.
fn home_of(host: &str) -> Option<(String, String)> {
    (host == "ghcr.io" || host.starts_with("containers.")).then(|| known(host))
}

/// The name of the machine in an address.
fn host_of(url: &str) -> Option<String> {
    Url::parse(url).ok()?.host_str().map(str::to_owned)
}

/// The pages that belong to an API: `api.HOST` and `HOST/api/v3` both belong to `HOST`.
fn web_of(api: &str) -> Option<String> {
    let url = Url::parse(api).ok()?;
    let host = url.host_str()?;
    let host = host.strip_prefix("api.").unwrap_or(host);
    let port = url.port().map_or_else(String::new, |port| format!(":{port}"));
    Some(format!("{}://{host}{port}", url.scheme()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn api_and_pages_follow_from_the_host() {
        for (host, api, web) in [
            ("ghcr.io", "https://api.github.com", "https://github.com"),
            ("containers.octo.ghe.com", "https://api.octo.ghe.com", "https://octo.ghe.com"),
            ("containers.git.example", "https://git.example/api/v3", "https://git.example"),
        ] {
            assert_eq!(known(host), (api.to_owned(), web.to_owned()));
        }
        for (api, web) in [
            ("https://api.github.com", "https://github.com"),
            ("https://git.example:8443/api/v3", "https://git.example:8443"),
        ] {
            assert_eq!(web_of(api).as_deref(), Some(web));
        }
    }

    #[test]
    fn a_package_with_slashes_is_one_part_of_its_page() {
        let registry = "https://ghcr.io".to_owned();
        let addresses = Addresses { api: API.to_owned(), web: WEB.to_owned(), registry };
        assert_eq!(
            addresses.package("acme", "api/base", Some(Route::Organisation)).as_deref(),
            Some("https://github.com/orgs/acme/packages/container/package/api%2Fbase")
        );
        assert_eq!(
            addresses.package("acme", "api/base", None).as_deref(),
            Some("https://ghcr.io/acme/api/base")
        );
    }
}
