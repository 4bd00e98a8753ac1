//! Quay in the suite of every provider, signed in with each kind of token.

use super::fake::Fake;
use super::{OAUTH, PERSON, ROBOT, ROBOT_TOKEN, basic, connection, open, signed_in, with_oauth};
use crate::conformance::{self, Holds, repositories};

async fn filled() -> Fake {
    let fake = Fake::start().await;
    for tag in ["1.0", "1", "latest"] {
        fake.add("acme/api", tag, "one");
    }
    fake.add("acme/api", "2.0", "two");
    fake.add("acme/spare", "1", "spare");
    for n in 0..205 {
        fake.add("ann/nested/worker", &format!("nightly-{n:03}"), &format!("nightly {n}"));
    }
    fake
}

fn holds(fake: &Fake, account: &'static str) -> Holds {
    let nightly: Vec<String> = (0..205).map(|n| format!("nightly-{n:03}")).collect();
    let mut held = repositories(&[("acme/api", &["1.0", "1", "latest", "2.0"]), ("acme/spare", &["1"])]);
    held.push(("ann/nested/worker".to_owned(), nightly));
    Holds {
        account: Some(account),
        engine: Some("$oauthtoken"),
        host: fake.url.trim_start_matches("http://").to_owned(),
        repositories: held,
        siblings: Some(("acme/api", &["1.0", "1", "latest"])),
        ..Holds::default()
    }
}

#[tokio::test]
async fn with_an_oauth_token_it_is_like_every_provider() {
    let fake = filled().await;
    let holds = Holds { spare: Some("acme/spare"), ..holds(&fake, PERSON) };
    conformance::check(&*with_oauth(&fake), &holds).await;
}

#[tokio::test]
async fn with_a_robot_it_is_like_every_provider() {
    let fake = filled().await;
    conformance::check(
        &*signed_in(&fake, basic(ROBOT, ROBOT_TOKEN)),
        &Holds { engine: Some(ROBOT), ..holds(&fake, ROBOT) },
    )
    .await;
}

#[tokio::test]
async fn its_sign_in_stays_at_home() {
    let fake = filled().await;
    conformance::keeps_its_sign_in(std::slice::from_ref(&fake.url), OAUTH, async |urls| {
        open(connection("quay", &urls[0], &[]), basic("$oauthtoken", OAUTH))
    })
    .await;
}
