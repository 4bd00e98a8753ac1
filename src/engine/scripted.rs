//! An engine on a socket of its own that answers as it is told, for tests.
//!
//! Invariant: every request is recorded; what no answer fits is not there.
#![cfg(all(unix, feature = "engine"))]

use std::path::PathBuf;
use std::sync::{Arc, Mutex};

use axum::Router;
use axum::body::Body;
use axum::extract::{Request, State};
use axum::response::{IntoResponse as _, Response};
use bytes::Bytes;
use futures_util::StreamExt as _;
use tempfile::TempDir;
use tokio::net::UnixListener;

use super::address::Address;
use super::candidate::{Candidate, Chosen};
use super::client::Engine;
use crate::domain::Failure;

const VERSION: &str = r#"{"Version": "27.3.1+dfsg", "ApiVersion": "1.53", "MinAPIVersion": "1.24"}"#;
const INFO: &str = r#"{"ID": "one", "Name": "h", "DockerRootDir": "/d"}"#;

/// Answers by a part of the path; the first that fits is given.
pub(crate) type Answers = Vec<(&'static str, Answer)>;
/// Each request, with the credential that came along.
pub(crate) type Asked = Vec<(String, Option<String>)>;

/// What is answered.
#[derive(Clone)]
pub(crate) enum Answer {
    Text(u16, &'static str),
    /// These bytes, then a broken connection.
    BrokenOff(&'static str),
}

#[derive(Clone, Default)]
pub(crate) struct Script {
    answers: Arc<Mutex<Answers>>,
    pub(crate) asked: Arc<Mutex<Asked>>,
}

pub(crate) struct Scripted {
    folder: TempDir,
    pub(crate) script: Script,
    server: tokio::task::JoinHandle<()>,
}

impl Drop for Scripted {
    fn drop(&mut self) {
        self.server.abort();
    }
}

async fn answer(State(script): State<Script>, request: Request) -> Response {
    let path = request.uri().to_string();
    let header = request.headers().get("x-registry-auth").map(|v| v.to_str().unwrap().to_owned());
    script.asked.lock().unwrap().push((format!("{} {path}", request.method()), header));
    // A load is answered when it has been read.
    drop(axum::body::to_bytes(request.into_body(), 1 << 20).await);
    let answers = script.answers.lock().unwrap();
    let found = answers.iter().find(|(start, _)| path.contains(start)).map(|(_, answer)| answer.clone());
    match found {
        Some(Answer::Text(status, text)) => {
            (axum::http::StatusCode::from_u16(status).unwrap(), text).into_response()
        }
        Some(Answer::BrokenOff(text)) => {
            let first = futures_util::stream::iter([Ok(Bytes::from(text))]);
            let end = futures_util::stream::once(async {
                // While it waits, the server sends what it has.
                tokio::task::yield_now().await;
                Err(std::io::Error::other("gone"))
            });
            Body::from_stream(first.chain(end)).into_response()
        }
        None => (axum::http::StatusCode::NOT_FOUND, r#"{"message": "no such thing"}"#).into_response(),
    }
}

impl Scripted {
    pub(crate) fn start(answers: Answers) -> Self {
        let folder = TempDir::new().unwrap();
        let listener = UnixListener::bind(folder.path().join("s")).unwrap();
        let script = Script { answers: Arc::new(Mutex::new(answers)), ..Script::default() };
        let app = Router::new().fallback(answer).with_state(script.clone());
        let server = tokio::spawn(async move { axum::serve(listener, app).await.unwrap() });
        Self { folder, script, server }
    }

    pub(crate) fn usual(mut answers: Answers) -> Self {
        answers.push(("/version", Answer::Text(200, VERSION)));
        answers.push(("/info", Answer::Text(200, INFO)));
        Self::start(answers)
    }

    pub(crate) fn candidate(&self) -> Candidate {
        let address = Address::Unix(self.socket());
        Candidate { name: "docker".to_owned(), address, chosen: Chosen::Usual }
    }

    pub(crate) fn socket(&self) -> PathBuf {
        self.folder.path().join("s")
    }

    pub(crate) async fn connect(&self) -> Engine {
        Engine::connect(&self.candidate()).await.unwrap()
    }

    pub(crate) async fn refusal(&self) -> Failure {
        Engine::connect(&self.candidate()).await.unwrap_err()
    }

    pub(crate) fn asked(&self) -> Vec<String> {
        self.script.asked.lock().unwrap().iter().map(|(path, _)| path.clone()).collect()
    }
}
