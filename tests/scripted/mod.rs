//! A server that plays a script: which request it expects, and byte for byte what it answers.
//!
//! Invariant: a request that the script does not know is answered 599 and reported, as is one that never came.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex};

use serde::Deserialize;
use tokio::io::{AsyncRead, AsyncReadExt as _, AsyncWrite, AsyncWriteExt as _};
use tokio::net::TcpListener;
use tokio_rustls::TlsAcceptor;

/// One request and its answer.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Exchange {
    /// Method and target: `GET /v2/a/tags/list?n=1000`.
    pub(crate) request: String,
    /// The listener: `registry`, or `other`, which stands for another host.
    #[serde(default = "registry")]
    pub(crate) at: String,
    /// Headers that the request must have; a value after `~` must be contained.
    #[serde(default)]
    pub(crate) with: BTreeMap<String, String>,
    /// Headers that the request must not have.
    #[serde(default)]
    pub(crate) without: Vec<String>,
    /// Text that the body of the request must contain.
    #[serde(default)]
    pub(crate) sends: String,
    /// How often this exchange may be used; it must be used that often.
    #[serde(default = "once")]
    pub(crate) times: usize,
    /// Status of the answer.
    #[serde(default = "ok")]
    pub(crate) status: u16,
    /// Headers of the answer, a line each: `Name: value`.
    #[serde(default)]
    pub(crate) headers: Vec<String>,
    /// Body of the answer.
    #[serde(default)]
    pub(crate) body: String,
    /// Body of the answer in hex, where it is not text.
    #[serde(default)]
    pub(crate) body_hex: String,
    /// How often the body is repeated.
    #[serde(default = "once")]
    pub(crate) repeat: usize,
    /// What happens in the end.
    #[serde(default)]
    pub(crate) then: Then,
}

/// What happens after the answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Then {
    /// The connection is kept.
    #[default]
    Keep,
    /// Only the first half of the body is sent, then the connection is closed.
    Cut,
    /// Only the first half of the body is sent, and then nothing more.
    Stall,
    /// Nothing is sent, and the connection is closed.
    Close,
    /// Nothing is ever sent.
    Hang,
    /// The body is sent as it is, in place of a whole answer.
    Raw,
}

fn registry() -> String {
    "registry".to_owned()
}
fn once() -> usize {
    1
}
fn ok() -> u16 {
    200
}

#[derive(Default)]
struct State {
    exchanges: Vec<Exchange>,
    unexpected: Vec<String>,
    words: Vec<(String, String)>,
}

/// A running script. Its listeners end with the test's runtime.
pub(crate) struct Scripted {
    state: Arc<Mutex<State>>,
    /// Base URL of the registry.
    pub(crate) base: String,
}

impl Scripted {
    /// Plays `exchanges` on two ports of this machine. `words` replace `{{word}}` in everything that is compared and
    /// sent; `base`, `host` and `other` are added.
    pub(crate) async fn play(
        exchanges: Vec<Exchange>,
        words: &[(&str, String)],
        tls: Option<TlsAcceptor>,
    ) -> Self {
        let state = Arc::new(Mutex::new(State { exchanges, ..State::default() }));
        let scheme = if tls.is_some() { "https" } else { "http" };
        let host = listen("registry", tls.clone(), state.clone()).await;
        let other = listen("other", tls, state.clone()).await;
        let base = format!("{scheme}://{host}");
        let mut all: Vec<(String, String)> =
            words.iter().map(|(w, v)| ((*w).to_owned(), v.clone())).collect();
        all.push(("base".to_owned(), base.clone()));
        all.push(("host".to_owned(), host));
        all.push(("other".to_owned(), format!("{scheme}://{other}")));
        state.lock().unwrap().words = all;
        Self { state, base }
    }

    /// What did not go by the script: unknown requests, and exchanges that were not used.
    pub(crate) fn complaints(&self) -> Vec<String> {
        let state = self.state.lock().unwrap();
        let unused = state.exchanges.iter().filter(|e| e.times > 0);
        let unused = unused.map(|e| format!("never asked ({} left): {}", e.times, e.request));
        state.unexpected.iter().cloned().chain(unused).collect()
    }
}

async fn listen(name: &'static str, tls: Option<TlsAcceptor>, state: Arc<Mutex<State>>) -> String {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap().to_string();
    tokio::spawn(async move {
        while let Ok((stream, _)) = listener.accept().await {
            let (tls, state) = (tls.clone(), state.clone());
            tokio::spawn(async move {
                match tls {
                    None => answer_all(stream, name, &state).await,
                    Some(tls) => match tls.accept(stream).await {
                        Ok(stream) => answer_all(stream, name, &state).await,
                        Err(_) => None,
                    },
                }
            });
        }
    });
    address
}

struct Asked {
    line: String,
    headers: Vec<(String, String)>,
    body: Vec<u8>,
}

/// Answers requests until one side closes.
async fn answer_all<S: AsyncRead + AsyncWrite + Unpin>(
    mut stream: S,
    at: &str,
    state: &Mutex<State>,
) -> Option<()> {
    loop {
        let asked = read_request(&mut stream).await?;
        let exchange = find(state, at, &asked);
        let body = body_of(&exchange, state);
        match exchange.then {
            Then::Close => return None,
            Then::Hang => std::future::pending::<()>().await,
            Then::Raw => {
                stream.write_all(&body).await.ok()?;
                return stream.shutdown().await.ok();
            }
            Then::Keep | Then::Cut | Then::Stall => {}
        }
        stream.write_all(head_of(&exchange, state, body.len()).as_bytes()).await.ok()?;
        let sent = match exchange.then {
            _ if asked.line.starts_with("HEAD ") => &[],
            Then::Keep => body.as_slice(),
            _ => body.get(..body.len() / 2).unwrap_or_default(),
        };
        stream.write_all(sent).await.ok()?;
        stream.flush().await.ok()?;
        match exchange.then {
            Then::Cut => return stream.shutdown().await.ok(),
            Then::Stall => std::future::pending::<()>().await,
            _ => {}
        }
    }
}

async fn read_request<S: AsyncRead + Unpin>(stream: &mut S) -> Option<Asked> {
    let mut head = Vec::new();
    while !head.ends_with(b"\r\n\r\n") {
        head.push(stream.read_u8().await.ok()?);
    }
    let head = String::from_utf8(head).ok()?;
    let mut lines = head.lines();
    let line = lines.next()?.strip_suffix(" HTTP/1.1")?.to_owned();
    let headers: Vec<(String, String)> = lines
        .filter_map(|l| l.split_once(": "))
        .map(|(name, value)| (name.to_ascii_lowercase(), value.to_owned()))
        .collect();
    let length = headers.iter().find(|(name, _)| name == "content-length");
    let length = length.and_then(|(_, value)| value.parse().ok()).unwrap_or(0);
    let mut body = vec![0; length];
    stream.read_exact(&mut body).await.ok()?;
    Some(Asked { line, headers, body })
}

/// The first exchange that fits and is not used up.
fn find(state: &Mutex<State>, at: &str, asked: &Asked) -> Exchange {
    let mut state = state.lock().unwrap();
    let words = state.words.clone();
    let fitting = state.exchanges.iter_mut().find(|e| e.times > 0 && e.at == at && fits(e, asked, &words));
    if let Some(exchange) = fitting {
        exchange.times -= 1;
        return exchange.clone();
    }
    let headers: Vec<String> = asked.headers.iter().map(|(n, v)| format!("{n}: {v}")).collect();
    state.unexpected.push(format!("not in the script: {} at {at} with {}", asked.line, headers.join("; ")));
    toml_edit::de::from_str("request = \"\"\nstatus = 599").unwrap()
}

fn fits(exchange: &Exchange, asked: &Asked, words: &[(String, String)]) -> bool {
    let header = |name: &str| asked.headers.iter().find(|(n, _)| n == name).map(|(_, v)| v.as_str());
    let has = |(name, wanted): (&String, &String)| {
        let wanted = fill(wanted, words);
        header(name).is_some_and(|value| match wanted.strip_prefix('~') {
            Some(part) => value.contains(part),
            None => value == wanted,
        })
    };
    fill(&exchange.request, words) == asked.line
        && exchange.with.iter().all(has)
        && exchange.without.iter().all(|name| header(name).is_none())
        && String::from_utf8_lossy(&asked.body).contains(&fill(&exchange.sends, words))
}

fn body_of(exchange: &Exchange, state: &Mutex<State>) -> Vec<u8> {
    if !exchange.body_hex.is_empty() {
        return hex::decode(&exchange.body_hex).unwrap();
    }
    fill(&exchange.body, &state.lock().unwrap().words).into_bytes().repeat(exchange.repeat)
}

fn head_of(exchange: &Exchange, state: &Mutex<State>, length: usize) -> String {
    let words = &state.lock().unwrap().words;
    let mut head = format!("HTTP/1.1 {} Scripted\r\n", exchange.status);
    for line in &exchange.headers {
        head.push_str(&format!("{}\r\n", fill(line, words)));
    }
    let said = |name: &str| exchange.headers.iter().any(|l| l.to_ascii_lowercase().starts_with(name));
    if !said("content-length") && !said("transfer-encoding") {
        head.push_str(&format!("Content-Length: {length}\r\n"));
    }
    head + "\r\n"
}

/// Replaces `{{word}}`.
fn fill(text: &str, words: &[(String, String)]) -> String {
    words.iter().fold(text.to_owned(), |text, (word, value)| text.replace(&format!("{{{{{word}}}}}"), value))
}
