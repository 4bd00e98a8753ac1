//! The operations of the JSON API over the built-in registry's content.
//!
//! Invariant: a name that is not there is an error of AWS's, never an empty answer.

use serde_json::{Value, json};
use tagalong::domain::{Digest, MediaType, RawManifest};

use super::{ACCOUNT, Held};

type Refusal = (&'static str, String);
type Answer = Result<Value, Refusal>;

/// The alias of the public registry's owner.
pub(crate) const ALIAS: &str = "acme-alias";
/// When the first image was pushed.
pub(crate) const PUSHED: i64 = 1_700_000_000;

/// Whether tags of a repository stay: those with this word in their name.
pub(crate) fn is_immutable(repository: &str) -> bool {
    repository.contains("immutable")
}

pub(crate) fn answer(held: &Held, is_public: bool, operation: &str, body: &Value) -> Answer {
    let api = Api { held, is_public };
    match operation {
        "GetAuthorizationToken" => Ok(api.token()),
        "DescribeRepositories" => api.repositories(body),
        "DescribeImages" => api.images(body),
        "BatchDeleteImage" => api.delete(body),
        "CreateRepository" => api.create(body),
        "DeleteRepository" => api.delete_repository(body),
        "DescribeImageScanFindings" if !is_public => api.findings(body),
        other => Err(("UnknownOperationException", other.to_owned())),
    }
}

struct Api<'a> {
    held: &'a Held,
    is_public: bool,
}

impl Api<'_> {
    fn token(&self) -> Value {
        use base64::Engine as _;
        let written = format!("AWS:{}", self.held.password.lock().unwrap());
        let token = base64::engine::general_purpose::STANDARD.encode(written);
        let end = jiff::Timestamp::now().as_second() + *self.held.lifetime.lock().unwrap();
        if self.is_public {
            return json!({ "authorizationData": { "authorizationToken": token, "expiresAt": end } });
        }
        let home = self.held.url.lock().unwrap().clone();
        let data =
            json!({ "authorizationToken": token, "expiresAt": end as f64 + 0.5, "proxyEndpoint": home });
        json!({ "authorizationData": [data] })
    }

    fn named(&self, body: &Value) -> Result<String, Refusal> {
        let name = body["repositoryName"].as_str().unwrap().to_owned();
        if self.held.has_repository(&name) {
            return Ok(name);
        }
        let why =
            format!("The repository with name '{name}' does not exist in the registry with id '{ACCOUNT}'");
        Err(("RepositoryNotFoundException", why))
    }

    fn repository(&self, name: &str) -> Value {
        if self.is_public {
            return json!({
                "repositoryName": name,
                "repositoryUri": format!("public.ecr.aws/{ALIAS}/{name}"),
                "registryId": ACCOUNT,
                "createdAt": PUSHED,
            });
        }
        let mutability = if is_immutable(name) { "IMMUTABLE" } else { "MUTABLE" };
        json!({
            "repositoryName": name,
            "repositoryUri": format!("{ACCOUNT}.dkr.ecr.eu-west-1.amazonaws.com/{name}"),
            "repositoryArn": format!("arn:aws:ecr:eu-west-1:{ACCOUNT}:repository/{name}"),
            "registryId": ACCOUNT,
            "createdAt": PUSHED as f64 + 0.25,
            "imageTagMutability": mutability,
            "imageScanningConfiguration": { "scanOnPush": true },
            "encryptionConfiguration": { "encryptionType": "AES256" },
        })
    }

    fn repositories(&self, body: &Value) -> Answer {
        let all = match body["repositoryNames"].as_array() {
            Some(names) => {
                let one = |name: &Value| self.named(&json!({ "repositoryName": name }));
                names.iter().map(one).collect::<Result<Vec<_>, _>>()?
            }
            None => self.held.repositories(),
        };
        let (page, next) = self.page(&all, body)?;
        let list: Vec<Value> = page.iter().map(|name| self.repository(name)).collect();
        Ok(with_next(json!({ "repositories": list }), next))
    }

    fn images(&self, body: &Value) -> Answer {
        let name = self.named(body)?;
        let mut all: Vec<Value> =
            self.held.server.store().manifests(&name).iter().map(|m| self.image(&name, m)).collect();
        if let Some(ids) = body["imageIds"].as_array() {
            all.retain(|image| ids.iter().any(|id| is_meant(image, id)));
            if all.is_empty() {
                return Err((
                    "ImageNotFoundException",
                    format!("The image with imageId {ids:?} does not exist"),
                ));
            }
        }
        let is_tagged = |image: &Value| image["imageTags"].is_array();
        match body["filter"]["tagStatus"].as_str() {
            Some("TAGGED") => all.retain(is_tagged),
            Some("UNTAGGED") => all.retain(|image| !is_tagged(image)),
            _ => {}
        }
        let (page, next) = self.page(&all, body)?;
        Ok(with_next(json!({ "imageDetails": page }), next))
    }

    fn image(&self, name: &str, manifest: &RawManifest) -> Value {
        let store = self.held.server.store();
        let parsed: Value = serde_json::from_slice(&manifest.bytes).unwrap();
        let tags: Vec<String> = store.tags(name);
        let tags: Vec<String> = tags
            .into_iter()
            .filter(|tag| store.resolve(name, tag).as_ref() == Some(&manifest.digest))
            .collect();
        let mut image = json!({
            "registryId": ACCOUNT,
            "repositoryName": name,
            "imageDigest": manifest.digest,
            "imageSizeInBytes": 1234,
            "imagePushedAt": PUSHED as f64 + 0.75,
            "imageManifestMediaType": manifest.media_type,
            "artifactMediaType": parsed["config"]["mediaType"],
        });
        if !tags.is_empty() {
            image["imageTags"] = json!(tags);
        }
        if let Some(subject) = parsed["subject"]["digest"].as_str() {
            image["subjectManifestDigest"] = json!(subject);
        }
        image
    }

    fn delete(&self, body: &Value) -> Answer {
        let name = self.named(body)?;
        let store = self.held.server.store();
        let mut failures = Vec::new();
        for id in body["imageIds"].as_array().unwrap() {
            let failed =
                |code: &str, why: &str| json!({ "imageId": id, "failureCode": code, "failureReason": why });
            let found = store.manifests(&name).into_iter().find(|m| is_meant(&self.image(&name, m), id));
            match (found, id["imageTag"].as_str()) {
                (None, _) => failures.push(failed("ImageNotFound", "Requested image not found")),
                (Some(image), None) if self.is_in_an_index(&name, &image.digest) => {
                    let why = "Requested image referenced by manifest list";
                    failures.push(failed("ImageReferencedByManifestList", why));
                }
                (Some(image), None) => assert!(store.remove_manifest(&name, &image.digest)),
                (Some(image), Some(tag)) => {
                    assert!(store.remove_tag(&name, tag));
                    // With its last tag an image goes.
                    if self.image(&name, &image)["imageTags"].is_null() {
                        store.remove_manifest(&name, &image.digest);
                    }
                }
            }
        }
        Ok(json!({ "imageIds": [], "failures": failures }))
    }

    fn is_in_an_index(&self, name: &str, digest: &Digest) -> bool {
        let all = self.held.server.store().manifests(name);
        let mut indexes = all.iter().filter(|m| MediaType::of(&m.media_type) == MediaType::Index);
        indexes.any(|index| String::from_utf8_lossy(&index.bytes).contains(&digest.to_string()))
    }

    fn create(&self, body: &Value) -> Answer {
        let name = body["repositoryName"].as_str().unwrap();
        if self.named(body).is_ok() {
            let why = format!(
                "The repository with name '{name}' already exists in the registry with id '{ACCOUNT}'"
            );
            return Err(("RepositoryAlreadyExistsException", why));
        }
        self.held.create_repository(name);
        Ok(json!({ "repository": self.repository(name) }))
    }

    fn delete_repository(&self, body: &Value) -> Answer {
        let name = self.named(body)?;
        if body["force"] != true {
            return Err(("RepositoryNotEmptyException", "it has images".to_owned()));
        }
        self.held.remove_repository(&name);
        Ok(json!({ "repository": { "repositoryName": name } }))
    }

    fn findings(&self, body: &Value) -> Answer {
        self.named(body)?;
        let findings = self.held.findings.lock().unwrap().clone();
        findings
            .ok_or_else(|| ("ScanNotFoundException", "Image scan does not exist for the image".to_owned()))
    }

    /// The entries of the page that the body asks for, and the token of the next.
    fn page<T: Clone>(&self, all: &[T], body: &Value) -> Result<(Vec<T>, Option<String>), Refusal> {
        let start = match body["nextToken"].as_str() {
            None => 0,
            Some(token) => {
                let read = token.strip_prefix("page-").and_then(|t| t.parse().ok());
                read.ok_or_else(|| ("InvalidParameterException", format!("Invalid token {token}")))?
            }
        };
        let asked = body["maxResults"].as_u64().map_or(100, |n| n as usize);
        let page: Vec<T> = all.iter().skip(start).take(asked.min(self.held.page)).cloned().collect();
        let end = start + page.len();
        Ok((page, (end < all.len()).then(|| format!("page-{end}"))))
    }
}

fn with_next(mut answer: Value, next: Option<String>) -> Value {
    if let Some(next) = next {
        answer["nextToken"] = json!(next);
    }
    answer
}

/// Whether an image is the one that an `ImageIdentifier` names.
fn is_meant(image: &Value, id: &Value) -> bool {
    let has_tag = |tag: &str| image["imageTags"].as_array().is_some_and(|all| all.iter().any(|t| t == tag));
    match (id["imageTag"].as_str(), id["imageDigest"].as_str()) {
        (Some(tag), _) => has_tag(tag),
        (None, digest) => image["imageDigest"].as_str() == digest,
    }
}
