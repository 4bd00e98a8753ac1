//! The agents that build for a registry, and the storage that sources and logs go through.
//!
//! Invariant: whoever shows the storage a token of the resource manager fails the test; a run goes one step on each time
//! that it is asked about; a log is complete some time after its run has ended.

use std::collections::{BTreeMap, VecDeque};
use std::sync::Arc;

use axum::body::to_bytes;
use axum::extract::{Request, State as Shared};
use axum::http::header::{AUTHORIZATION, RANGE};
use axum::response::{IntoResponse as _, Response};
use serde_json::{Value, json as value};
use tagalong::demo::Store;

use super::fake::{Inner, SUBSCRIPTION, error};
use crate::fakes::desk::{json, query};
use crate::images::{noise, put_image};

const REGISTRY: &str = "Microsoft.ContainerRegistry";

/// A run.
pub(crate) struct Run {
    pub(crate) id: String,
    pub(crate) properties: Value,
    /// What its log says, step by step; after the last it has ended.
    steps: VecDeque<&'static str>,
    ends: End,
    log: Vec<u8>,
    is_complete: bool,
}

/// How a run ends.
#[derive(Clone, Copy)]
pub(crate) enum End {
    /// With its images, tagged.
    Well,
    /// With this state, and this error where there is one.
    Badly(&'static str, &'static str),
    /// When somebody cancels it.
    Never,
}

/// What they know.
pub(crate) struct Agents {
    pub(crate) storage: String,
    pub(crate) tasks: Vec<Value>,
    pub(crate) runs: Vec<Run>,
    /// What the runs that are asked for do.
    pub(crate) steps: Vec<&'static str>,
    pub(crate) ends: End,
    /// Requests for runs.
    pub(crate) requests: Vec<Value>,
    /// What was uploaded, by its path.
    pub(crate) blobs: BTreeMap<String, Vec<u8>>,
    blocks: BTreeMap<String, Vec<u8>>,
    /// How many runs are on a page.
    pub(crate) page: usize,
}

impl Default for Agents {
    fn default() -> Self {
        Self {
            storage: String::new(),
            tasks: Vec::new(),
            runs: Vec::new(),
            steps: vec!["Downloading source\r\nStep 1/2 : FR", "OM scratch\r\n", "\u{1b}[32mdone\u{1b}[0m"],
            ends: End::Well,
            requests: Vec::new(),
            blobs: BTreeMap::new(),
            blocks: BTreeMap::new(),
            page: 2,
        }
    }
}

impl Agents {
    /// A run that has ended so many minutes after ten.
    pub(crate) fn ended(&mut self, id: &str, task: Option<&str>, minute: u32, more: &Value) {
        let mut properties = value!({
            "runId": id, "task": task, "status": "Succeeded", "runType": "AutoBuild",
            "platform": { "os": "Linux", "architecture": "amd64" },
            "createTime": format!("2025-03-01T10:{minute:02}:00Z"),
            "startTime": format!("2025-03-01T10:{minute:02}:10Z"),
            "finishTime": format!("2025-03-01T10:{minute:02}:53Z"),
        });
        for (key, field) in more.as_object().unwrap() {
            properties[key] = field.clone();
        }
        let log = format!("Run {id}\r\nall of it\r\n").into_bytes();
        let steps = VecDeque::new();
        self.runs.push(Run { id: id.to_owned(), properties, steps, ends: End::Well, log, is_complete: true });
    }

    fn begin(&mut self, request: &Value) -> Value {
        let id = format!("cf{}", self.runs.len() + 1);
        let task = request["taskId"].as_str().map(|id| id.rsplit('/').next().unwrap());
        let properties = value!({
            "runId": id, "task": task, "status": "Queued", "createTime": "2025-03-02T10:00:00Z",
            "runType": if task.is_some() { "AutoBuild" } else { "QuickBuild" },
            "imageNames": request["imageNames"], "provisioningState": "Succeeded",
        });
        let steps = self.steps.iter().copied().collect();
        let run = Run { id, properties, steps, ends: self.ends, log: Vec::new(), is_complete: false };
        let told = run.told();
        self.runs.push(run);
        told
    }
}

impl Run {
    fn told(&self) -> Value {
        value!({ "name": self.id, "properties": self.properties })
    }

    fn is_over(&self) -> bool {
        self.properties.get("finishTime").is_some()
    }

    /// One step further.
    fn advance(&mut self, store: &Store) {
        if self.is_over() {
            return;
        }
        if self.properties["status"] == "Queued" {
            self.properties["status"] = value!("Running");
            self.properties["startTime"] = value!("2025-03-02T10:00:05Z");
        } else if let Some(step) = self.steps.pop_front() {
            self.log.extend_from_slice(step.as_bytes());
        } else {
            match self.ends {
                End::Well => self.succeed(store),
                End::Badly(state, said) => self.end(state, said),
                End::Never => {}
            }
        }
    }

    fn succeed(&mut self, store: &Store) {
        let names = self.properties["imageNames"].as_array().cloned().unwrap_or_default();
        let made = names.iter().map(|name| {
            let name = name.as_str().unwrap().replace("{{.Run.ID}}", &self.id);
            let (repository, tag) = name.split_once(':').unwrap();
            let digest = put_image(store, repository, tag, &[noise(77, 100)]).digest.to_string();
            value!({ "repository": repository, "tag": tag, "digest": digest })
        });
        self.properties["outputImages"] = made.collect();
        self.end("Succeeded", "");
    }

    fn end(&mut self, state: &str, said: &str) {
        self.properties["status"] = value!(state);
        self.properties["finishTime"] = value!("2025-03-02T10:01:08Z");
        if !said.is_empty() {
            self.properties["runErrorMessage"] = value!(said);
        }
    }
}

/// Answers what is about builds; nothing for the rest.
pub(crate) fn answer(
    agents: &mut Agents,
    store: &Store,
    parts: &[&str],
    (request, body): (&Request, &Value),
) -> Option<Response> {
    let [
        "subscriptions",
        SUBSCRIPTION,
        "resourceGroups",
        "rg",
        "providers",
        REGISTRY,
        "registries",
        "acme",
        rest @ ..,
    ] = parts
    else {
        return None;
    };
    let method = request.method().as_str();
    let told = match (method, rest) {
        ("GET", ["tasks"]) => json(200, &value!({ "value": agents.tasks })),
        ("GET", ["tasks", name]) => found(agents.tasks.iter().find(|task| task["name"] == *name).cloned()),
        ("GET", ["runs"]) => runs(agents, request),
        ("GET", ["runs", id]) => {
            let run = agents.runs.iter_mut().find(|run| run.id == *id);
            found(run.map(|run| {
                run.advance(store);
                run.told()
            }))
        }
        ("POST", ["runs", id, "cancel"]) => {
            agents.runs.iter_mut().find(|run| run.id == *id).unwrap().end("Canceled", "");
            json(200, &Value::Null)
        }
        ("POST", ["runs", id, "listLogSasUrl"]) => {
            json(200, &value!({ "logLink": format!("{}/logs/{id}?sig=the%2Fsecret", agents.storage) }))
        }
        ("POST", ["listBuildSourceUploadUrl"]) => {
            let source = format!("source/{}.tar.gz", agents.blobs.len());
            let upload = format!("{}/{source}?sv=2024-11-04&sig=the%2Fsecret", agents.storage);
            json(200, &value!({ "uploadUrl": upload, "relativePath": source }))
        }
        ("POST", ["scheduleRun"]) => schedule(agents, body),
        _ => return None,
    };
    assert_eq!(query(request, "api-version").as_deref(), Some("2019-06-01-preview"));
    Some(told)
}

fn found(what: Option<Value>) -> Response {
    what.map_or_else(|| json(404, &error("ResourceNotFound", "There is none.")), |told| json(200, &told))
}

fn schedule(agents: &mut Agents, body: &Value) -> Response {
    agents.requests.push(body.clone());
    let source = body["sourceLocation"].as_str();
    if source.is_some_and(|source| !agents.blobs.contains_key(&format!("/{source}"))) {
        return json(400, &error("SourceNotFound", "There is no such source."));
    }
    json(200, &agents.begin(body))
}

/// Runs of a task, or of none; a page with a whole link to the next.
fn runs(agents: &Agents, request: &Request) -> Response {
    let filter = query(request, "$filter").unwrap();
    let of = filter.strip_prefix("TaskName eq ").unwrap();
    let of = (of != "null").then(|| of.trim_matches('\''));
    let own: Vec<Value> =
        agents.runs.iter().rev().filter(|r| r.properties["task"].as_str() == of).map(Run::told).collect();
    let at = query(request, "$skiptoken").map_or(0, |n| n.parse::<usize>().unwrap());
    let host = request.headers()["host"].to_str().unwrap();
    let next = (at + agents.page < own.len()).then(|| {
        let filter: String = url::form_urlencoded::byte_serialize(filter.as_bytes()).collect();
        let path = request.uri().path();
        let at = at + agents.page;
        format!("http://{host}{path}?api-version=2019-06-01-preview&$filter={filter}&$skiptoken={at}")
    });
    let page: Vec<Value> = own.into_iter().skip(at).take(agents.page).collect();
    json(200, &value!({ "value": page, "nextLink": next }))
}

/// The storage, on a host of its own.
pub(crate) async fn storage(Shared(fake): Shared<Arc<Inner>>, request: Request) -> Response {
    assert!(!request.headers().contains_key(AUTHORIZATION), "the storage is shown no token");
    if let Some(laid) = fake.desk.receive(&request) {
        return laid;
    }
    if query(&request, "sig").as_deref() != Some("the/secret") {
        return (403, [("x-ms-error-code", "AuthenticationFailed")]).refused();
    }
    let (head, body) = request.into_parts();
    let body = to_bytes(body, usize::MAX).await.unwrap().to_vec();
    let request = Request::from_parts(head, axum::body::Body::empty());
    let path = request.uri().path().to_owned();
    let mut agents = fake.agents.lock().unwrap();
    if request.method() != "PUT" {
        return log(&mut agents, &request);
    }
    match query(&request, "comp").as_deref() {
        Some("block") => drop(agents.blocks.insert(query(&request, "blockid").unwrap(), body)),
        Some("blocklist") => {
            let list = String::from_utf8(body).unwrap();
            let ids = list.split("<Latest>").skip(1).map(|rest| rest.split('<').next().unwrap());
            let whole = ids.flat_map(|id| agents.blocks[id].clone()).collect();
            agents.blobs.insert(path, whole);
        }
        _ => {
            assert_eq!(request.headers()["x-ms-blob-type"], "BlockBlob");
            agents.blobs.insert(path, body);
        }
    }
    (axum::http::StatusCode::CREATED, "").into_response()
}

trait Refused {
    fn refused(self) -> Response;
}

impl<const N: usize> Refused for (u16, [(&'static str, &'static str); N]) {
    fn refused(self) -> Response {
        let status = axum::http::StatusCode::from_u16(self.0).unwrap();
        (status, self.1, "<?xml version=\"1.0\"?><Error><Code>x</Code></Error>").into_response()
    }
}

/// A log, or a part of it. One that has been looked at after its run has ended is complete.
fn log(agents: &mut Agents, request: &Request) -> Response {
    let id = request.uri().path().trim_start_matches("/logs/");
    let Some(run) = agents.runs.iter_mut().find(|run| run.id == id && !run.log.is_empty()) else {
        return (404, [("x-ms-error-code", "BlobNotFound")]).refused();
    };
    let is_complete = run.is_complete;
    if request.method() == "HEAD" {
        run.is_complete = run.is_over();
        let mut answer = ([("content-length", run.log.len().to_string())], "").into_response();
        if is_complete {
            answer.headers_mut().insert("x-ms-meta-complete", "successful".parse().unwrap());
        }
        return answer;
    }
    let range = request.headers()[RANGE].to_str().unwrap().strip_prefix("bytes=").unwrap().to_owned();
    let (start, end) = range.split_once('-').unwrap();
    let (start, end): (usize, usize) = (start.parse().unwrap(), end.parse().unwrap());
    (axum::http::StatusCode::PARTIAL_CONTENT, run.log[start..=end].to_vec()).into_response()
}
