//! The way to the network, against scripted servers on this machine: certificates, connections, sign-in, waiting.

#![expect(clippy::unwrap_used, reason = "a test may fail")]

#[path = "../scripted/mod.rs"]
mod scripted;

mod certificates;
mod connections;
mod sign_in;
mod signed;
mod waiting;

use std::time::Duration;

use scripted::{Exchange, Scripted};
use tagalong::domain::Failure;
use tagalong::http::{Http, Limit, Request, Settings, Timings};

/// Exchanges as TOML tables, without their `[[exchange]]` lines where there is one alone.
fn script(toml: &str) -> Vec<Exchange> {
    #[derive(serde::Deserialize)]
    struct Script {
        exchange: Vec<Exchange>,
    }
    let whole = if toml.contains("[[exchange]]") { toml.to_owned() } else { format!("[[exchange]]\n{toml}") };
    toml_edit::de::from_str::<Script>(&whole).unwrap().exchange
}

async fn play(toml: &str) -> Scripted {
    Scripted::play(script(toml), &[], None).await
}

/// Settings with pauses that a test can wait for.
fn settings(base: &str) -> Settings {
    let mut settings = Settings::new(base.parse().unwrap());
    settings.timings = Timings {
        retry_base: Duration::from_millis(1),
        stall: Duration::from_secs(10),
        ..Timings::default()
    };
    settings
}

/// `GET path`, its body as text.
async fn get(http: &Http, path: &str) -> Result<String, Failure> {
    let url = http.base().join(path).unwrap();
    let reply = http.fetch(&Request::get(url, "testing"), Limit::MANIFEST).await?.success("testing")?;
    Ok(String::from_utf8_lossy(&reply.body).into_owned())
}
