//! What the resource manager manages: resource groups, registries, names, and operations that take a while.
//!
//! Invariant: a registry is listed when its operation has succeeded, and not before.

use std::collections::BTreeMap;

use axum::body::{Body, to_bytes};
use axum::extract::Request;
use axum::http::{HeaderName, HeaderValue, Method};
use axum::response::Response;
use serde_json::{Value, json as value};

use super::fake::{SUBSCRIPTION, error};
use crate::fakes::desk::json;

const PROVIDER: &str = "Microsoft.ContainerRegistry";

/// What is managed.
pub(crate) struct Managed {
    /// Resource groups, each with its location.
    pub(crate) groups: Vec<(String, String)>,
    /// Registries by name.
    pub(crate) registries: BTreeMap<String, Value>,
    /// How often an operation says that it is not done.
    pub(crate) steps: usize,
    /// What the operations end with from here on.
    pub(crate) fails: Option<Value>,
    /// Whose address operations are told at; nothing: the resource manager's own.
    pub(crate) elsewhere: Option<String>,
    operations: BTreeMap<String, Operation>,
}

struct Operation {
    left: usize,
    end: End,
}

#[derive(Clone)]
enum End {
    Made(String, Value),
    Deleted(String),
    Failed(Value),
}

impl Default for Managed {
    fn default() -> Self {
        Self {
            groups: vec![("rg".to_owned(), "westeurope".to_owned())],
            registries: BTreeMap::new(),
            steps: 2,
            fails: None,
            elsewhere: None,
            operations: BTreeMap::new(),
        }
    }
}

/// The request with its body taken out.
pub(crate) async fn with_body(request: Request) -> (Request, Value) {
    let (head, body) = request.into_parts();
    let bytes = to_bytes(body, usize::MAX).await.unwrap();
    (Request::from_parts(head, Body::empty()), serde_json::from_slice(&bytes).unwrap_or_default())
}

/// Answers what is about managed things; nothing for the rest.
pub(crate) fn answer(
    managed: &mut Managed,
    parts: &[&str],
    (request, body): (&Request, &Value),
    server: &str,
) -> Option<Response> {
    let ["subscriptions", SUBSCRIPTION, rest @ ..] = parts else { return None };
    let host = request.headers()["host"].to_str().unwrap();
    match (request.method().as_str(), rest) {
        ("GET", ["locations"]) => Some(locations()),
        ("GET", ["resourcegroups"]) => {
            let row = |(name, location): &(String, String)| value!({ "name": name, "location": location });
            Some(listed(&managed.groups.iter().map(row).collect::<Vec<_>>()))
        }
        ("PUT", ["resourcegroups", name]) => {
            let location = body["location"].as_str().unwrap().to_owned();
            managed.groups.push(((*name).to_owned(), location));
            let state = value!({ "provisioningState": "Succeeded" });
            Some(json(201, &value!({ "name": name, "location": body["location"], "properties": state })))
        }
        ("POST", ["providers", PROVIDER, "checkNameAvailability"]) => Some(managed.name_is_free(body)),
        ("GET", ["providers", PROVIDER, "registries"]) => {
            Some(listed(&managed.registries.values().cloned().collect::<Vec<_>>()))
        }
        ("GET", ["providers", PROVIDER, "operationStatuses", id]) => Some(managed.status(id)),
        ("GET", ["providers", PROVIDER, "operationResults", id]) => Some(managed.result(id)),
        (_, ["resourceGroups", group, "providers", PROVIDER, "registries", name]) => {
            let at = Resource { host, server, group, name };
            managed.registry(request.method(), &at, body)
        }
        _ => None,
    }
}

struct Resource<'a> {
    host: &'a str,
    server: &'a str,
    group: &'a str,
    name: &'a str,
}

impl Managed {
    fn registry(&mut self, method: &Method, at: &Resource<'_>, body: &Value) -> Option<Response> {
        if *method == Method::GET {
            return Some(match self.registries.get(at.name) {
                Some(found) => json(200, found),
                None => json(404, &error("ResourceNotFound", "There is no such registry.")),
            });
        }
        if *method == Method::DELETE {
            if !self.registries.contains_key(at.name) {
                return Some(json(204, &Value::Null));
            }
            let id = self.begin(End::Deleted(at.name.to_owned()));
            return Some(self.accepted(202, &Value::Null, ("location", at.host, "operationResults", &id)));
        }
        if !self.groups.iter().any(|(name, _)| name == at.group) {
            return Some(json(404, &error("ResourceGroupNotFound", "There is no such resource group.")));
        }
        let id = self.begin(End::Made(at.name.to_owned(), resource(at, body, "Succeeded")));
        let (creating, header) = (resource(at, body, "Creating"), "azure-asyncoperation");
        Some(self.accepted(201, &creating, (header, at.host, "operationStatuses", &id)))
    }

    fn begin(&mut self, end: End) -> String {
        let id = format!("op-{}", self.operations.len());
        let end = self.fails.clone().map_or(end, End::Failed);
        self.operations.insert(id.clone(), Operation { left: self.steps, end });
        id
    }

    fn accepted(
        &self,
        status: u16,
        body: &Value,
        (header, host, kind, id): (&'static str, &str, &str, &str),
    ) -> Response {
        let mut response = json(status, body);
        let base = self.elsewhere.clone().unwrap_or_else(|| format!("http://{host}"));
        let address =
            format!("{base}/subscriptions/{SUBSCRIPTION}/providers/{PROVIDER}/{kind}/{id}?api-version=kept");
        for (name, text) in [(header, address.as_str()), ("retry-after", "0")] {
            response
                .headers_mut()
                .insert(HeaderName::from_static(name), HeaderValue::from_str(text).unwrap());
        }
        response
    }

    /// The end of an operation; nothing while it runs.
    fn end_of(&mut self, id: &str) -> Option<End> {
        let operation = self.operations.get_mut(id).unwrap();
        if operation.left > 0 {
            operation.left -= 1;
            return None;
        }
        let end = operation.end.clone();
        match &end {
            End::Made(name, registry) => {
                self.registries.insert(name.clone(), registry.clone());
            }
            End::Deleted(name) => {
                self.registries.remove(name);
            }
            End::Failed(_) => {}
        }
        Some(end)
    }

    fn status(&mut self, id: &str) -> Response {
        let body = match self.end_of(id) {
            None => value!({ "status": "Creating" }),
            Some(End::Failed(error)) => value!({ "status": "Failed", "error": error }),
            Some(_) => value!({ "status": "Succeeded" }),
        };
        let mut response = json(200, &body);
        response.headers_mut().insert("retry-after", HeaderValue::from_static("0"));
        response
    }

    fn result(&mut self, id: &str) -> Response {
        match self.end_of(id) {
            None => json(202, &Value::Null),
            Some(End::Failed(told)) => json(409, &value!({ "error": told })),
            Some(_) => json(200, &Value::Null),
        }
    }

    fn name_is_free(&self, body: &Value) -> Response {
        assert_eq!(body["type"], "Microsoft.ContainerRegistry/registries");
        let name = body["name"].as_str().unwrap();
        if name != "taken1" && !self.registries.contains_key(name) {
            return json(200, &value!({ "nameAvailable": true }));
        }
        let message = format!("The registry {name} is already in use.");
        json(200, &value!({ "nameAvailable": false, "reason": "AlreadyExists", "message": message }))
    }
}

/// A registry as a resource.
fn resource(at: &Resource<'_>, body: &Value, state: &str) -> Value {
    let Resource { server, group, name, .. } = at;
    value!({
        "id": format!("/subscriptions/{SUBSCRIPTION}/resourceGroups/{group}/providers/{PROVIDER}/registries/{name}"),
        "name": name, "location": body["location"], "sku": body["sku"],
        "properties": {
            "loginServer": server.replace("127.0.0.1", "localhost"), "provisioningState": state,
            "creationDate": "2026-01-20T10:30:00Z", "adminUserEnabled": false,
        },
    })
}

fn listed(rows: &[Value]) -> Response {
    json(200, &value!({ "value": rows }))
}

fn locations() -> Response {
    let row = |name: &str, title: &str, kind: &str, category: &str| value!({ "name": name, "displayName": title, "metadata": { "regionType": kind, "regionCategory": category } });
    listed(&[
        row("westeurope", "West Europe", "Physical", "Recommended"),
        row("brazilus", "Brazil US", "Physical", "Other"),
        row("eastus", "East US", "Physical", "Recommended"),
        row("europe", "Europe", "Logical", "Other"),
    ])
}
