//! The clouds of Azure: where each has its sign-in, its resource manager, its portal and its registries.
//!
//! Source: `az cloud list`; Microsoft, "Authentication endpoints of national clouds".
//!
//! Invariant: a token of Entra is shown to the registries of its own cloud alone; see [`Cloud::serves`].

use url::Url;

use crate::registry::Opening;

/// The choices of the form.
pub(super) const CHOICES: &[&str] = &["public", "China", "US Government"];

/// What the connection's URL is when it leads to every registry of the account.
pub(super) const EVERYWHERE: &str = "https://azurecr.io";

struct Known {
    name: &'static str,
    authority: &'static str,
    arm: &'static str,
    portal: &'static str,
    /// What the hosts of its registries end with.
    registries: &'static str,
}

const PUBLIC: Known = Known {
    name: "public",
    authority: "https://login.microsoftonline.com",
    arm: "https://management.azure.com",
    portal: "https://portal.azure.com",
    registries: ".azurecr.io",
};

const NATIONAL: [Known; 2] = [
    Known {
        name: "China",
        authority: "https://login.chinacloudapi.cn",
        arm: "https://management.chinacloudapi.cn",
        portal: "https://portal.azure.cn",
        registries: ".azurecr.cn",
    },
    Known {
        name: "US Government",
        authority: "https://login.microsoftonline.us",
        arm: "https://management.usgovcloudapi.net",
        portal: "https://portal.azure.us",
        registries: ".azurecr.us",
    },
];

/// The addresses of one cloud, none with a slash at its end.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Cloud {
    /// Where Entra signs in.
    pub(super) authority: String,
    /// The resource manager. Its address is also whom tokens are asked for.
    pub(super) arm: String,
    /// The pages for people.
    pub(super) portal: String,
    registries: &'static str,
    /// Whether addresses were typed.
    is_custom: bool,
}

impl Cloud {
    /// The cloud of a connection: the chosen one, else that of the authority which the environment names, else that of its
    /// host, with what was typed in place of its addresses.
    pub(super) fn of(opening: &Opening, named: Option<&str>) -> Self {
        let host = opening.connection.host();
        let known = |is: &dyn Fn(&Known) -> bool| NATIONAL.iter().find(|k| is(k));
        let known = match (opening.setting("cloud"), named) {
            (Some(name), _) => known(&|k| k.name == name),
            (None, Some(authority)) => known(&|k| k.authority == authority),
            (None, None) => known(&|k| host.ends_with(k.registries)),
        };
        let known = known.unwrap_or(&PUBLIC);
        let address = |id, usual: &str| opening.setting(id).unwrap_or(usual).trim_end_matches('/').to_owned();
        let is_custom = ["authority", "arm"].into_iter().any(|id| opening.setting(id).is_some());
        Self {
            authority: address("authority", named.unwrap_or(known.authority)),
            arm: address("arm", known.arm),
            portal: address("portal", known.portal),
            registries: known.registries,
            is_custom,
        }
    }

    /// Whether `server`, which a person has typed, may be shown a token of this cloud.
    pub(super) fn serves(&self, server: &str) -> bool {
        let url = Url::parse(&self.registry(server));
        let host = url.as_ref().ok().and_then(Url::host_str);
        self.is_custom || host.is_some_and(|host| host.ends_with(self.registries))
    }

    /// The address of the registry that Azure calls `server`.
    pub(super) fn registry(&self, server: &str) -> String {
        let scheme = Url::parse(&self.arm).map_or("https".to_owned(), |url| url.scheme().to_owned());
        format!("{scheme}://{server}")
    }
}
