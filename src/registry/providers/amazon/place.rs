//! Where a registry is: the hosts that Amazon gives to registries and to their API.
//!
//! Source: AWS General Reference, "Amazon ECR endpoints and quotas"; Amazon ECR user guide, "Registry endpoints".
//!
//! Invariant: a region that exists as a value is made of letters, digits and dashes, so it is safe in a host.

use std::fmt;

use crate::domain::text::visible;
use crate::domain::{Failure, FailureKind};

/// The registry of public images, one for the world.
pub(super) const PUBLIC_HOST: &str = "public.ecr.aws";

/// What the form's list of regions calls it.
const PUBLIC_WORD: &str = "public";

/// The only region that answers for the public registry.
const PUBLIC_REGION: &str = "us-east-1";

/// A region's code, such as `eu-west-1`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Region(String);

impl Region {
    /// Reads a code.
    pub(super) fn read(text: &str) -> Option<Self> {
        let is_code = text.len() > 4
            && text.contains('-')
            && text.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-');
        is_code.then(|| Self(text.to_owned()))
    }

    pub(super) fn as_str(&self) -> &str {
        &self.0
    }

    /// The domain of the partition that the region lies in.
    fn domain(&self) -> &'static str {
        match self.0.split('-').next() {
            Some("cn") => "amazonaws.com.cn",
            _ if self.0.starts_with("us-isob-") => "sc2s.sgov.gov",
            _ if self.0.starts_with("us-iso-") => "c2s.ic.gov",
            _ => "amazonaws.com",
        }
    }

    /// The address of an account's registry there.
    pub(super) fn registry(&self, account: &str) -> String {
        format!("https://{account}.dkr.ecr.{}.{}", self.0, self.domain())
    }

    /// The domain of the web console.
    pub(super) fn console(&self) -> &'static str {
        match self.0.split('-').next() {
            Some("cn") => "console.amazonaws.cn",
            _ if self.0.starts_with("us-gov-") => "console.amazonaws-us-gov.com",
            _ => "console.aws.amazon.com",
        }
    }
}

/// One registry.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Place {
    /// An account's private registry in one region.
    Private {
        /// The region.
        region: Region,
        /// The account, where it is not the sign-in's own or not known yet.
        account: Option<String>,
        /// By which of its endpoints it is asked.
        endpoint: Endpoint,
    },
    /// The public registry.
    Public,
}

/// The endpoints that one region has.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(super) enum Endpoint {
    /// The usual one.
    #[default]
    Usual,
    /// With validated cryptography (FIPS 140).
    Fips,
    /// Over IPv6 too.
    DualStack,
}

impl Place {
    /// The registry at a host that Amazon gives to registries; nothing for any other host.
    pub(super) fn of_host(host: &str) -> Option<Self> {
        if host == PUBLIC_HOST {
            return Some(Self::Public);
        }
        let (account, rest) = host.split_once('.')?;
        if account.len() != 12 || !account.bytes().all(|b| b.is_ascii_digit()) {
            return None;
        }
        let (endpoint, rest) = [
            ("dkr.ecr.", Endpoint::Usual),
            ("dkr.ecr-fips.", Endpoint::Fips),
            ("dkr-ecr.", Endpoint::DualStack),
        ]
        .into_iter()
        .find_map(|(prefix, endpoint)| Some((endpoint, rest.strip_prefix(prefix)?)))?;
        let (region, domain) = rest.split_once('.')?;
        let region = Region::read(region)?;
        let is_known = match endpoint {
            Endpoint::DualStack => domain == "on.aws",
            Endpoint::Usual | Endpoint::Fips => domain == region.domain(),
        };
        is_known.then(|| Self::Private { region, account: Some(account.to_owned()), endpoint })
    }

    /// The registry that a word of the form's list of regions means.
    ///
    /// # Errors
    /// `Invalid` for what is no region.
    pub(super) fn of_word(word: &str, account: Option<&str>) -> Result<Self, Failure> {
        if word == PUBLIC_WORD {
            return Ok(Self::Public);
        }
        let Some(region) = Region::read(word) else {
            let doing = format!("reading the region “{}”", visible(word));
            let said = "a region is written like eu-west-1; “public” stands for ECR Public";
            return Err(Failure::new(FailureKind::Invalid, doing, said));
        };
        Ok(Self::Private { region, account: account.map(str::to_owned), endpoint: Endpoint::Usual })
    }

    /// The address of its API.
    pub(super) fn api(&self) -> String {
        match self {
            Self::Public => format!("https://api.ecr-public.{PUBLIC_REGION}.amazonaws.com"),
            Self::Private { region, endpoint, .. } => match endpoint {
                Endpoint::Usual => format!("https://api.ecr.{}.{}", region.0, region.domain()),
                Endpoint::Fips => format!("https://ecr-fips.{}.{}", region.0, region.domain()),
                Endpoint::DualStack => format!("https://ecr.{}.api.aws", region.0),
            },
        }
    }

    /// The region that its API is asked in, and signed for.
    pub(super) fn region(&self) -> &str {
        match self {
            Self::Private { region, .. } => region.as_str(),
            Self::Public => PUBLIC_REGION,
        }
    }

    /// The account, where it is known.
    pub(super) fn account(&self) -> Option<&str> {
        match self {
            Self::Private { account, .. } => account.as_deref(),
            Self::Public => None,
        }
    }
}

/// As the tree calls it.
impl fmt::Display for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Private { region, .. } => f.write_str(region.as_str()),
            Self::Public => f.write_str("ECR Public"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hosts_of_every_partition_lead_to_their_api() {
        for (host, region, account, api) in [
            (
                "123456789012.dkr.ecr.eu-west-1.amazonaws.com",
                "eu-west-1",
                Some("123456789012"),
                "https://api.ecr.eu-west-1.amazonaws.com",
            ),
            (
                "123456789012.dkr.ecr.cn-north-1.amazonaws.com.cn",
                "cn-north-1",
                Some("123456789012"),
                "https://api.ecr.cn-north-1.amazonaws.com.cn",
            ),
            (
                "123456789012.dkr.ecr-fips.us-gov-west-1.amazonaws.com",
                "us-gov-west-1",
                Some("123456789012"),
                "https://ecr-fips.us-gov-west-1.amazonaws.com",
            ),
            (
                "123456789012.dkr-ecr.us-west-2.on.aws",
                "us-west-2",
                Some("123456789012"),
                "https://ecr.us-west-2.api.aws",
            ),
            ("public.ecr.aws", "us-east-1", None, "https://api.ecr-public.us-east-1.amazonaws.com"),
        ] {
            let place = Place::of_host(host).unwrap();
            assert_eq!(
                (place.region(), place.account(), place.api().as_str()),
                (region, account, api),
                "{host}"
            );
        }
    }

    #[test]
    fn other_hosts_are_no_registries() {
        for host in [
            "amazonaws.com",
            "ec2-1-2-3-4.compute.amazonaws.com",
            "12345.dkr.ecr.eu-west-1.amazonaws.com",
            "123456789012.dkr.ecr.eu-west-1.amazonaws.com.cn",
            "123456789012.dkr.ecr.eu-west-1.evil.example",
            "123456789012.dkr.ecr.EU/.amazonaws.com",
            "x.public.ecr.aws",
        ] {
            assert_eq!(Place::of_host(host), None, "{host}");
        }
    }

    #[test]
    fn a_region_that_is_none_is_refused() {
        assert_eq!(Place::of_word("public", None).unwrap(), Place::Public);
        assert_eq!(Place::of_word("eu-west-1", None).unwrap().to_string(), "eu-west-1");
        for word in ["europe", "eu-west-1.evil.example/", "EU-WEST-1", "a-b"] {
            let failure = Place::of_word(word, None).unwrap_err();
            assert!(failure.said.contains("eu-west-1"), "{failure}");
        }
    }
}
