//! Amazon ECR and ECR Public: registries by region, their repositories, tags and untagged images.
//!
//! The connection signs in with what the AWS command line knows (a profile, the environment, a role, single sign-on,
//! a credential process), or with keys that were typed. Every call is our own, in JSON 1.1, signed with Signature
//! Version 4; the `docker pull` side is the protocol client of each registry's host, with the 12-hour password that
//! `GetAuthorizationToken` gives. A host that is opened by name alone, without keys, is served by the protocol with what
//! Docker stored for it (`docker-credential-ecr-login`).
//!
//! Sources: the service descriptions `ecr-2015-09-21` and `ecr-public-2020-10-30` of botocore; Amazon ECR user guide,
//! "Private registry authentication" and "Registry endpoints".
//!
//! Errors of AWS's common front are told by their names, whatever the status ("Common Errors" of AWS's API references, and
//! "Troubleshooting Amazon ECR error messages"); `InvalidSignatureException` is on neither list, and is what the JSON
//! protocol answers. Not confirmed: the addresses of the console's pages; the hosts of the partitions `aws-iso*`. The calls that get credentials (STS,
//! single sign-on, instance metadata) are the AWS library's: they go by its own client, so the connection's CA file and
//! proxy do not apply to them, and single sign-on is looked up in the process's own home folder.
//!
//! Invariant: nothing is read from disk or network before the first request, and a region that fails is a row of its own.

mod act;
mod blast;
mod browse;
mod calls;
mod describe;
mod entries;
mod keys;
mod place;
mod profiles;
mod refusal;
mod registries;
mod registry;
mod sign;
mod token;
mod wire;

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, OnceLock};

use futures_util::future::BoxFuture;

use crate::domain::connection::{Field, FieldKind, FoundSignIn, ProviderInfo};
use crate::domain::{Connection, Failure};
use crate::registry::opening::{Opening, Surroundings};
use crate::registry::plain::Plain;
use crate::registry::{Provider, forms};

use keys::Keys;
use place::Place;
use registry::Registry;

/// What the picker and the form show.
pub const INFO: ProviderInfo = ProviderInfo {
    id: "amazon",
    title: "Amazon ECR",
    about: "private registries by region, and ECR Public",
    fields: &[
        PROFILE,
        Field { label: "Access key ID", example: "in place of a profile: AKIA…", ..forms::USERNAME },
        Field {
            label: "Secret access key",
            example: "the secret; of temporary keys the session token too, after a space",
            ..forms::PASSWORD
        },
        REGIONS,
        ACCOUNT,
        forms::NAME,
        ENDPOINT,
        forms::CA_FILE,
        forms::CLIENT_CERTIFICATE,
        forms::PLAIN_HTTP,
        forms::SKIP_VERIFICATION,
        forms::PROXY,
    ],
    hosts: &["*.amazonaws.com", "*.amazonaws.com.cn", "*.on.aws", "*.ecr.aws"],
    url: "https://amazonaws.com",
    ..ProviderInfo::EMPTY
};

const PROFILE: Field = Field {
    id: "profile",
    label: "Profile",
    kind: FieldKind::Text,
    example: "a name from ~/.aws/config; empty: environment, then the default profile",
    optional: true,
    advanced: false,
};

const REGIONS: Field = Field {
    id: "regions",
    label: "Regions",
    kind: FieldKind::Text,
    example: "eu-west-1, us-east-1, public (ECR Public); empty: the profile's",
    optional: true,
    advanced: false,
};

const ACCOUNT: Field = Field {
    id: "account",
    label: "Account",
    kind: FieldKind::Text,
    example: "123456789012; empty: the sign-in's own",
    optional: true,
    advanced: true,
};

const ENDPOINT: Field = Field {
    id: "endpoint",
    label: "API endpoint",
    kind: FieldKind::Text,
    example: "https://vpce-….api.ecr.{region}.vpce.amazonaws.com",
    optional: true,
    advanced: true,
};

/// A connection to the registries of some regions, or to one registry by its host.
struct Amazon {
    opening: Opening,
    keys: Arc<Keys>,
    scope: Scope,
    /// The registry that a repository without one lies in, once it is known: that of the first region.
    first: OnceLock<Place>,
    /// Those that were needed so far.
    registries: Mutex<Vec<Arc<Registry>>>,
}

/// What the connection leads to.
enum Scope {
    /// A registry for each region.
    Regions,
    /// The one at the connection's host.
    One(Place),
}

/// Opens a connection. Does no I/O.
///
/// # Errors
/// `Invalid` when the URL cannot be read.
pub fn open(opening: &Opening) -> Result<Arc<dyn Provider>, Failure> {
    let scope = match Place::of_host(opening.connection.host()) {
        Some(place) if has_keys(opening) => Scope::One(place),
        Some(place) => return by_protocol(opening, &place),
        None if opening.connection.url == INFO.url => Scope::Regions,
        // Somebody's own registry on a machine of Amazon's.
        None => return Ok(Arc::new(Plain::new(opening.distribution()?))),
    };
    Ok(Arc::new(Amazon::new(opening, scope)))
}

/// Whether keys for the API are at hand, as far as can be told without a look at any file.
fn has_keys(opening: &Opening) -> bool {
    let Connection { username, .. } = &opening.connection;
    let variable = |name| opening.surroundings.variable(name).is_some();
    !username.is_empty()
        || opening.setting(PROFILE.id).is_some()
        || ["AWS_ACCESS_KEY_ID", "AWS_PROFILE"].into_iter().any(variable)
}

/// One registry by its host alone: the protocol, with what Docker stored. Without that, a private registry is offered
/// the password that the default profile gets; the public one needs none.
fn by_protocol(opening: &Opening, place: &Place) -> Result<Arc<dyn Provider>, Failure> {
    let amazon = Amazon::new(opening, Scope::One(place.clone()));
    let sign_in: Arc<dyn crate::http::SignIn> = match place {
        Place::Public => Arc::clone(&opening.sign_in),
        Place::Private { .. } => {
            Arc::new(token::StoredElse::new(Arc::clone(&opening.sign_in), amazon.registry(place)?.sign_in()))
        }
    };
    Ok(Arc::new(Plain::new(opening.distribution_at(&opening.connection.url, sign_in)?)))
}

/// The sign-ins that the AWS command line keeps: each profile, and the keys in the environment.
pub fn find(surroundings: &dyn Surroundings) -> BoxFuture<'_, Vec<FoundSignIn>> {
    Box::pin(async move {
        let found = |username: Option<String>, source: &str, settings| FoundSignIn {
            host: INFO.url.trim_start_matches("https://").to_owned(),
            username,
            source: source.to_owned(),
            provider: Some(INFO.id),
            settings,
        };
        let mut all = Vec::new();
        if let Some(key) = surroundings.variable("AWS_ACCESS_KEY_ID") {
            all.push(found(Some(key), "AWS_ACCESS_KEY_ID", BTreeMap::new()));
        }
        // A file that cannot be read is told when it is needed.
        let names = profiles::read(surroundings, None).await.map(|p| profiles::names(&p)).unwrap_or_default();
        all.extend(names.into_iter().map(|name| {
            let settings = BTreeMap::from([(PROFILE.id.to_owned(), name.clone())]);
            found(Some(name), "~/.aws", settings)
        }));
        all
    })
}
