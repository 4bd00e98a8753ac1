//! How many pulls are left, as the registry's headers tell it: <https://docs.docker.com/docker-hub/usage/pulls/>.
//!
//! Invariant: it is asked by HEAD, which costs no pull.

use crate::domain::text::visible;
use crate::domain::{Failure, media};
use crate::http::{Limit, Method, Reply, Request};
use crate::registry::Distribution;

/// The repository that Docker keeps for this question.
const PREVIEW: &str = "ratelimitpreview/test";

/// What is left of the pulls.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Quota {
    limit: u64,
    remaining: u64,
    /// Seconds.
    window: Option<u64>,
    /// Whom they are counted for: an address, or the account's number.
    source: Option<String>,
}

/// Asks the registry. Label and value, for the details.
///
/// # Errors
/// What the transport and the token server may say.
pub(super) async fn line(registry: &Distribution) -> Result<(String, String), Failure> {
    let mut url = registry.http().base().clone();
    if let Ok(mut segments) = url.path_segments_mut() {
        segments.pop_if_empty().push("v2").extend(PREVIEW.split('/')).extend(["manifests", "latest"]);
    }
    let doing = "asking how many pulls are left";
    let request = Request::new(Method::HEAD, url, doing)
        .accept(media::ACCEPT_MANIFEST)
        .scope(format!("repository:{PREVIEW}:pull"));
    let reply = registry.http().fetch(&request, Limit::ERROR).await?.success(doing)?;
    let said = read(&reply).map_or_else(|| "no limit is told".to_owned(), |quota| quota.in_words());
    Ok(("pulls left".to_owned(), said))
}

fn read(reply: &Reply) -> Option<Quota> {
    let (limit, window) = counted(reply.named("ratelimit-limit")?)?;
    let (remaining, _) = counted(reply.named("ratelimit-remaining")?)?;
    let source = reply.named("docker-ratelimit-source").map(|s| visible(s).into_owned());
    Some(Quota { limit, remaining, window, source })
}

/// `100;w=21600`.
fn counted(header: &str) -> Option<(u64, Option<u64>)> {
    let mut parts = header.split(';').map(str::trim);
    let count = parts.next()?.parse().ok()?;
    let window = parts.find_map(|p| p.strip_prefix("w=")).and_then(|w| w.parse().ok());
    Some((count, window))
}

impl Quota {
    fn in_words(&self) -> String {
        let mut words = format!("{} of {}", self.remaining, self.limit);
        match self.window {
            Some(seconds @ 3600..) => words.push_str(&format!(" in {} h", seconds / 3600)),
            Some(seconds) => words.push_str(&format!(" in {} min", seconds / 60)),
            None => {}
        }
        // An account's number tells nobody anything.
        match self.source.as_deref().filter(|s| s.contains(['.', ':'])) {
            Some(address) => words.push_str(&format!(", counted for {address}")),
            None if self.source.is_some() => words.push_str(", counted for the account"),
            None => {}
        }
        words
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn headers_become_words() {
        assert_eq!(counted("100;w=21600"), Some((100, Some(21600))));
        assert_eq!(counted("100"), Some((100, None)));
        assert_eq!(counted("many"), None);
        let quota = |window, source: Option<&str>| {
            Quota { limit: 100, remaining: 87, window, source: source.map(str::to_owned) }.in_words()
        };
        assert_eq!(quota(Some(21600), Some("203.0.113.7")), "87 of 100 in 6 h, counted for 203.0.113.7");
        assert_eq!(quota(Some(600), Some("0ab70deb")), "87 of 100 in 10 min, counted for the account");
        assert_eq!(quota(None, None), "87 of 100");
    }
}
