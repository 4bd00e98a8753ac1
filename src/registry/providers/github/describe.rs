//! What GitHub tells of a repository beyond the protocol.
//!
//! Invariant: nothing is asked for where the packages API answers nobody.

use async_trait::async_trait;

use super::GitHub;
use super::browse::split;
use super::package::{Package, Source};
use crate::domain::detail::Description;
use crate::domain::human;
use crate::domain::{Failure, Locator, NodeKind};
use crate::registry::provider::Describe;

#[async_trait]
impl Describe for GitHub {
    async fn describe(&self, at: &Locator) -> Result<Description, Failure> {
        let named = at.repository().and_then(split).filter(|_| at.kind() == NodeKind::Repository);
        let Some((owner, package)) = named else { return Ok(Description::default()) };
        if !self.client.is_signed_in().await? {
            return Ok(Description::default());
        }
        Ok(told(self.client.package(&owner, &package).await?))
    }
}

fn told(package: Package) -> Description {
    let date = |text: Option<String>| text.as_deref().and_then(human::timestamp).map(human::date);
    let count = package.version_count.and_then(|n| u64::try_from(n).ok());
    let lines = [
        ("visibility", package.visibility),
        ("versions", count.map(|n| format!("{}, tagged and untagged", human::thousands(n)))),
        ("source", package.repository.and_then(|Source { full_name }| full_name)),
        ("created", date(package.created_at)),
        ("updated", date(package.updated_at)),
        ("deleted versions", Some("can be restored on GitHub's pages for 30 days".to_owned())),
    ];
    let lines = lines.into_iter().filter_map(|(label, value)| Some((label.to_owned(), value?))).collect();
    Description { lines, sections: Vec::new() }
}
