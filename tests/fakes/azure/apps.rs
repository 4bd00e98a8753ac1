//! What images are deployed to: plans and web apps, environments and container apps, identities and their roles.
//!
//! Invariant: an app is made only in what is there, and an identity fetches only from a registry that it has a role on.

use std::collections::{BTreeMap, BTreeSet};

use axum::extract::Request;
use axum::http::{HeaderName, HeaderValue};
use axum::response::Response;
use serde_json::{Value, json as value};

use super::fake::{SUBSCRIPTION, State, error};
use crate::fakes::desk::{json, query};

const WEB: &str = "Microsoft.Web";
const APP: &str = "Microsoft.App";
const ACR_PULL: &str = "7f951dda-4ed3-4680-a7ca-43fe172d538d";

/// What is there.
#[derive(Default)]
pub(crate) struct Apps {
    /// By kind and name: `sites/acme`.
    things: BTreeMap<String, Value>,
    /// The identities that have AcrPull, each with the registry.
    pub(crate) may_pull: BTreeSet<(String, String)>,
    /// What operations on this kind end with from here on.
    pub(crate) fails: Option<(&'static str, Value)>,
    /// How often a right that was given is not known yet.
    pub(crate) too_early: usize,
    /// Identities that were given out.
    identities: BTreeMap<String, String>,
    operations: Vec<Operation>,
}

struct Operation {
    left: usize,
    thing: String,
    body: Value,
    fails: Option<Value>,
}

impl Apps {
    /// A thing by kind and name.
    pub(crate) fn find(&self, thing: &str) -> Option<&Value> {
        self.things.get(thing)
    }

    /// Puts a thing there that somebody has made.
    pub(crate) fn lay(&mut self, kind: &str, name: &str, mut body: Value) {
        let provider = if kind == "serverfarms" || kind == "sites" { WEB } else { APP };
        body["name"] = name.into();
        body["id"] =
            format!("/subscriptions/{SUBSCRIPTION}/resourceGroups/rg/providers/{provider}/{kind}/{name}")
                .into();
        self.things.insert(format!("{kind}/{name}"), body);
    }

    fn all(&self, kind: &str) -> Vec<&Value> {
        self.things.iter().filter(|(key, _)| key.starts_with(&format!("{kind}/"))).map(|(_, v)| v).collect()
    }

    fn is_there(&self, kind: &str, id: &Value) -> bool {
        self.all(kind).iter().any(|thing| thing["id"] == *id)
    }
}

/// Answers what is about apps; nothing for the rest.
pub(crate) fn answer(
    state: &mut State,
    parts: &[&str],
    (request, body): (&Request, &Value),
) -> Option<Response> {
    let ["subscriptions", SUBSCRIPTION, rest @ ..] = parts else { return None };
    let host = request.headers()["host"].to_str().unwrap();
    let base = state.managed.elsewhere.clone().unwrap_or_else(|| format!("http://{host}"));
    match (request.method().as_str(), rest) {
        ("GET", ["providers", WEB, "geoRegions"]) => Some(regions(request)),
        ("POST", ["providers", WEB, "checknameavailability"]) => Some(name_is_free(&state.apps, body)),
        ("GET", ["providers", WEB | APP, "operations", id]) => Some(status(&mut state.apps, id)),
        ("GET", ["providers", WEB | APP, kind]) => {
            Some(json(200, &value!({ "value": state.apps.all(kind) })))
        }
        ("POST", [.., "registries", name, "listCredentials"]) => Some(credentials(state, name)),
        ("PUT", [.., "registries", name, "providers", "Microsoft.Authorization", "roleAssignments", id]) => {
            Some(assign(state, name, id, body))
        }
        ("GET", ["resourceGroups", _, "providers", WEB | APP, kind, name]) => {
            let id = format!("/{}", parts.join("/"));
            Some(match state.apps.find(&format!("{kind}/{name}")).filter(|found| found["id"] == id) {
                Some(found) => json(200, found),
                None => json(404, &error("ResourceNotFound", "There is no such resource.")),
            })
        }
        ("PUT", ["resourceGroups", group, "providers", provider @ (WEB | APP), kind, name]) => {
            if !state.managed.groups.iter().any(|(known, _)| known == group) {
                return Some(json(404, &error("ResourceGroupNotFound", "There is no such resource group.")));
            }
            let id = format!("/{}", parts.join("/"));
            Some(state.apps.put(&base, provider, (kind, name, &id), body))
        }
        _ => None,
    }
}

fn regions(request: &Request) -> Response {
    assert_eq!(query(request, "linuxWorkersEnabled").as_deref(), Some("true"));
    let region = |name: &str| value!({ "name": name, "properties": { "displayName": name } });
    let all = match query(request, "sku").unwrap().as_str() {
        "PremiumV3" => vec![region("East US")],
        _ => vec![region("East US"), region("West Europe")],
    };
    json(200, &value!({ "value": all }))
}

fn name_is_free(apps: &Apps, body: &Value) -> Response {
    assert_eq!(body["type"], "Microsoft.Web/sites");
    let name = body["name"].as_str().unwrap();
    if name != "taken" && apps.find(&format!("sites/{name}")).is_none() {
        return json(200, &value!({ "nameAvailable": true }));
    }
    let message = format!("Hostname '{name}' already exists. Please select a different name.");
    json(200, &value!({ "nameAvailable": false, "reason": "AlreadyExists", "message": message }))
}

fn credentials(state: &State, name: &str) -> Response {
    let registry = &state.managed.registries[name];
    if registry["properties"]["adminUserEnabled"] != true {
        return json(400, &error("UnAuthorizedForCredentialOperations", "The admin user is disabled."));
    }
    let passwords = value!([{ "name": "password", "value": super::fake::ADMIN }]);
    json(200, &value!({ "username": name, "passwords": passwords }))
}

fn assign(state: &mut State, registry: &str, id: &str, body: &Value) -> Response {
    let given = &body["properties"];
    assert!(given["roleDefinitionId"].as_str().unwrap().ends_with(ACR_PULL));
    assert_eq!(given["principalType"], "ServicePrincipal");
    assert_eq!(id.len(), 36);
    let principal = given["principalId"].as_str().unwrap();
    assert!(state.apps.identities.values().any(|known| known == principal), "an identity of an app");
    state.apps.may_pull.insert((principal.to_owned(), registry.to_owned()));
    json(201, &value!({ "id": id, "properties": given }))
}

impl Apps {
    fn put(
        &mut self,
        base: &str,
        provider: &str,
        (kind, name, id): (&str, &str, &str),
        body: &Value,
    ) -> Response {
        let thing = format!("{kind}/{name}");
        let mut made = body.clone();
        made["name"] = name.into();
        made["id"] = id.into();
        if body["identity"]["type"] == "SystemAssigned" {
            let count = self.identities.len();
            let principal = self.identities.entry(thing.clone()).or_insert(format!("principal-{count}"));
            made["identity"]["principalId"] = principal.as_str().into();
        }
        if let Some(refused) = self.refuses(kind, &made) {
            return json(400, &refused);
        }
        if kind == "sites" {
            made["properties"]["defaultHostName"] = format!("{name}.azurewebsites.example").into();
        }
        if kind == "containerApps" && made.pointer("/properties/configuration/ingress").is_some() {
            made["properties"]["configuration"]["ingress"]["fqdn"] = format!("{name}.green.example").into();
        }
        let fails = self.fails.as_ref().filter(|(on, _)| *on == kind).map(|(_, error)| error.clone());
        if kind == "sites" && fails.is_none() {
            self.things.insert(thing, made.clone());
            return json(200, &made);
        }
        // What was begun is there, however it ends.
        let mut begun = made.clone();
        begun["properties"]["provisioningState"] = "InProgress".into();
        self.things.insert(thing.clone(), begun.clone());
        self.operations.push(Operation { left: 1, thing, body: made, fails });
        let address = format!(
            "{base}/subscriptions/{SUBSCRIPTION}/providers/{provider}/operations/{}?api-version=kept",
            self.operations.len() - 1
        );
        let mut response = json(201, &begun);
        for (name, text) in [("azure-asyncoperation", address.as_str()), ("retry-after", "0")] {
            let headers = response.headers_mut();
            headers.insert(HeaderName::from_static(name), HeaderValue::from_str(text).unwrap());
        }
        response
    }

    /// What stands in the way of a thing.
    fn refuses(&mut self, kind: &str, made: &Value) -> Option<Value> {
        let properties = &made["properties"];
        let (needs, of) = match kind {
            "sites" => ("serverfarms", &properties["serverFarmId"]),
            "containerApps" => ("managedEnvironments", &properties["environmentId"]),
            _ => return None,
        };
        if !self.is_there(needs, of) {
            return Some(error("BadRequest", &format!("There is no {of} among the {needs}.")));
        }
        let by_identity = properties.pointer("/configuration/registries/0/identity").is_some()
            || properties["siteConfig"]["acrUseManagedIdentityCreds"] == true;
        let principal = made["identity"]["principalId"].as_str().unwrap_or_default();
        let is_known = self.may_pull.iter().any(|(known, _)| known == principal);
        if by_identity && is_known && self.too_early > 0 {
            self.too_early -= 1;
        } else if !by_identity || is_known {
            return None;
        }
        let said = "The following field(s) are either invalid or missing: unable to pull image using Managed identity system for registry acme.";
        Some(error("InvalidParameterValueInContainerTemplate", said))
    }
}

fn status(apps: &mut Apps, id: &str) -> Response {
    let operation = &mut apps.operations[id.parse::<usize>().unwrap()];
    let body = if operation.left > 0 {
        operation.left -= 1;
        value!({ "status": "InProgress" })
    } else if let Some(error) = &operation.fails {
        apps.things.get_mut(&operation.thing).unwrap()["properties"]["provisioningState"] = "Failed".into();
        value!({ "status": "Failed", "error": error })
    } else {
        let mut made = operation.body.clone();
        made["properties"]["provisioningState"] = "Succeeded".into();
        apps.things.insert(operation.thing.clone(), made);
        value!({ "status": "Succeeded" })
    };
    let mut response = json(200, &body);
    response.headers_mut().insert("retry-after", HeaderValue::from_static("0"));
    response
}
