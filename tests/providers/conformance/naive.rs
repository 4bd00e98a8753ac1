//! A provider that follows every link with its sign-in, to show that the suite notices.

use std::sync::Arc;

use async_trait::async_trait;
use tagalong::demo::{Auth, Server, Settings};
use tagalong::domain::{Cursor, Entry, Failure, FailureKind, Locator, NodeKind, Page};
use tagalong::registry::{Account, Distribution, Provider};

use super::keeps_its_sign_in;

const PASSWORD: &str = "a long password";

struct Naive {
    url: String,
}

#[async_trait]
impl Provider for Naive {
    async fn check(&self) -> Result<Account, Failure> {
        Ok(Account::default())
    }

    async fn children(&self, _: &Locator, cursor: Option<&Cursor>) -> Result<Page, Failure> {
        let client = reqwest::Client::builder().no_proxy().tls_certs_only([]).build().unwrap();
        let first = format!("{}/v2/_catalog?n=1", self.url);
        let url = cursor.map_or(first, |c| c.0.clone());
        let answer = client.get(url).basic_auth("ann", Some(PASSWORD)).send().await.unwrap();
        if !answer.status().is_success() {
            return Err(Failure::new(FailureKind::Server, "listing", answer.status().to_string()));
        }
        let link = answer.headers()["link"].to_str().unwrap().to_owned();
        let next = link.trim_start_matches('<').split('>').next().unwrap().to_owned();
        let entries = vec![Entry::named(NodeKind::Tag, "x")];
        Ok(Page { entries, next: Some(Cursor(next)), ..Page::default() })
    }

    fn distribution(&self, _: &Locator) -> Option<Distribution> {
        None
    }
}

#[tokio::test]
#[should_panic(expected = "another host was shown the sign-in")]
async fn a_provider_that_follows_every_link_is_caught() {
    let settings = Settings { auth: Auth::basic("ann", PASSWORD), ..Settings::default() };
    let server = Server::start(settings).await.unwrap();
    let open = async |urls: &[String]| Arc::new(Naive { url: urls[0].clone() }) as Arc<dyn Provider>;
    keeps_its_sign_in(&[server.url()], PASSWORD, open).await;
}
