//! Docker Hub in the suite of every provider.

use super::fake::Hub;
use super::{TOKEN, USER, signed_in};
use crate::conformance::{self, Holds, repositories};
use crate::support::{basic, connection, open};

async fn filled() -> Hub {
    let hub = Hub::start().await;
    hub.state().organisations.clear();
    for tag in ["1.0", "1", "latest"] {
        hub.add("acme/api", tag, "one");
    }
    hub.add("acme/api", "2.0", "two");
    hub.add("acme/spare", "1", "spare");
    for n in 0..205 {
        hub.add("acme/worker", &format!("nightly-{n:03}"), &format!("nightly {n}"));
    }
    hub
}

#[tokio::test]
async fn it_is_like_every_provider() {
    let hub = filled().await;
    let nightly: Vec<String> = (0..205).map(|n| format!("nightly-{n:03}")).collect();
    let mut held = repositories(&[("acme/api", &["1.0", "1", "latest", "2.0"]), ("acme/spare", &["1"])]);
    held.push(("acme/worker".to_owned(), nightly));
    let holds = Holds {
        account: Some(USER),
        engine: Some(USER),
        host: "docker.io".to_owned(),
        repositories: held,
        siblings: Some(("acme/api", &["1.0", "1", "latest"])),
        spare: Some("acme/spare"),
        ..Holds::default()
    };
    conformance::check(&*signed_in(&hub), &holds).await;
}

#[tokio::test]
async fn its_sign_in_stays_at_home() {
    let hub = filled().await;
    let urls = [hub.api.clone(), hub.registry.clone()];
    conformance::keeps_its_sign_in(&urls, TOKEN, async |urls| {
        open(connection("docker_hub", &urls[1], &[("api", &urls[0])]), basic(USER, TOKEN))
    })
    .await;
}
