//! What registries do that they should not: one file in `tests/quirks/` each, replayed against a scripted server.
//!
//! A file has a name, the source, the exchanges, the call to make, and the expected result. In `expect`, only what is
//! written is compared, and a text after `~` has to be contained.

#![expect(clippy::unwrap_used, clippy::panic, reason = "a test may fail")]

mod scripted;

use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use futures_util::{StreamExt as _, TryStreamExt as _, stream};
use scripted::{Exchange, Scripted};
use serde::Deserialize;
use serde_json::{Value, json};
use tagalong::domain::{Credential, Cursor, Descriptor, Digest, Failure, Secret};
use tagalong::http::{FixedSignIn, Http, Settings, Timings};
use tagalong::registry::distribution::NamePage;
use tagalong::registry::{Begun, Distribution, Streamed};

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Case {
    #[expect(dead_code, reason = "for people")]
    name: String,
    #[expect(dead_code, reason = "for people")]
    source: String,
    /// A manifest or blob: `{{content}}`, `{{digest}}`, `{{digest_in_query}}`, `{{hex}}` and `{{size}}` in the exchanges
    /// and the call.
    #[serde(default)]
    content: String,
    /// After the scheme and host.
    #[serde(default)]
    prefix: String,
    #[serde(default)]
    sign_in: SignIn,
    #[serde(default = "five_seconds")]
    stall_ms: u64,
    call: Vec<String>,
    expect: Value,
    exchange: Vec<Exchange>,
}

#[derive(Deserialize, Default)]
#[serde(rename_all = "snake_case")]
enum SignIn {
    #[default]
    None,
    Basic(String, String),
    IdentityToken(String),
    Bearer(String),
}

fn five_seconds() -> u64 {
    5000
}

#[tokio::test]
async fn every_quirk_is_met() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/quirks");
    let mut files: Vec<_> = std::fs::read_dir(folder).unwrap().map(|f| f.unwrap().path()).collect();
    files.sort();
    assert!(files.len() > 40, "the files are missing");
    let mut failed = Vec::new();
    for file in files {
        let name = file.file_name().unwrap().to_string_lossy().into_owned();
        let case: Case = toml_edit::de::from_str(&std::fs::read_to_string(&file).unwrap())
            .unwrap_or_else(|e| panic!("{name}: {e}"));
        for complaint in replay(case).await {
            failed.push(format!("{name}: {complaint}"));
        }
    }
    assert!(failed.is_empty(), "\n{}", failed.join("\n"));
}

/// Replays one case and says what was not as expected.
async fn replay(case: Case) -> Vec<String> {
    let digest = Digest::of(case.content.as_bytes());
    let words = [
        ("content", case.content.clone()),
        ("digest", digest.to_string()),
        ("digest_in_query", digest.to_string().replace(':', "%3A")),
        ("hex", digest.hex().to_owned()),
        ("size", case.content.len().to_string()),
    ];
    let server = Scripted::play(case.exchange, &words, None).await;
    let mut settings = Settings::new(format!("{}{}", server.base, case.prefix).parse().unwrap());
    settings.sign_in = Arc::new(FixedSignIn(match case.sign_in {
        SignIn::None => Credential::Anonymous,
        SignIn::Basic(username, password) => Credential::Basic { username, password: Secret::new(password) },
        SignIn::IdentityToken(token) => Credential::IdentityToken(Secret::new(token)),
        SignIn::Bearer(token) => Credential::Bearer(Secret::new(token)),
    }));
    settings.timings = Timings {
        stall: Duration::from_millis(case.stall_ms),
        retry_base: Duration::from_millis(1),
        ..Timings::default()
    };
    let distribution = Distribution::new(Http::new(settings));
    let fill =
        |word: &String| words.iter().fold(word.clone(), |t, (w, v)| t.replace(&format!("{{{{{w}}}}}"), v));
    let call: Vec<String> = case.call.iter().map(fill).collect();
    let call: Vec<&str> = call.iter().map(String::as_str).collect();
    let got = match make(&distribution, &call, &case.content).await {
        Ok(value) => value,
        Err(failure) => {
            json!({ "failure": format!("{:?}", failure.kind), "said": failure.said, "doing": failure.doing })
        }
    };
    let mut complaints = server.complaints();
    let expected: Value = serde_json::from_str(&fill(&case.expect.to_string())).unwrap();
    if !matches(&expected, &got) {
        complaints.push(format!("expected {expected}, got {got}"));
    }
    complaints
}

/// Makes the call and puts its result into words.
async fn make(registry: &Distribution, call: &[&str], content: &str) -> Result<Value, Failure> {
    let blob = Descriptor::new("", Digest::of(content.as_bytes()), content.len() as u64);
    let bytes = Bytes::copy_from_slice(content.as_bytes());
    Ok(match *call {
        ["ping"] => {
            let server = registry.ping().await?;
            json!({ "version": server.version, "software": server.software, "signed_in": server.signed_in,
                    "auth": format!("{:?}", server.auth) })
        }
        ["catalog"] => pages(async |cursor| registry.catalog(cursor).await).await?,
        ["tags", repository] => pages(async |cursor| registry.tags(repository, cursor).await).await?,
        ["resolve", repository, target] => {
            let found = registry.resolve(repository, target).await?;
            json!({ "digest": found.digest, "media_type": found.media_type, "size": found.size })
        }
        ["manifest", repository, target] => {
            let manifest = registry.manifest(repository, target).await?;
            json!({ "digest": manifest.digest, "media_type": manifest.media_type, "claimed": manifest.claimed,
                    "text": String::from_utf8_lossy(&manifest.bytes) })
        }
        ["blob", repository, limit] => {
            let bytes = registry.blob(repository, &blob, limit.parse().unwrap()).await?;
            json!({ "text": String::from_utf8_lossy(&bytes) })
        }
        ["blob_from", repository, offset] => {
            let stream = registry.blob_from(repository, &blob, offset.parse().unwrap()).await?;
            let (offset, total) = (stream.offset, stream.total);
            let bytes: Vec<Bytes> = stream.bytes.try_collect().await?;
            json!({ "offset": offset, "total": total, "text": String::from_utf8_lossy(&bytes.concat()) })
        }
        ["referrers", repository] => {
            let found = registry.referrers(repository, &blob.digest).await?;
            json!({ "types": found.iter().map(|d| d.artifact_type.clone().unwrap_or_default()).collect::<Vec<_>>() })
        }
        _ => return change(registry, call, &blob, bytes).await,
    })
}

/// Makes a call that changes something.
async fn change(
    registry: &Distribution,
    call: &[&str],
    blob: &Descriptor,
    bytes: Bytes,
) -> Result<Value, Failure> {
    Ok(match *call {
        ["delete_manifest", repository] => {
            registry.delete_manifest(repository, &blob.digest).await?;
            json!("done")
        }
        ["delete_tag", repository, tag] => {
            registry.delete_tag(repository, tag).await?;
            json!("done")
        }
        ["put_manifest", repository, target, media_type] => {
            json!({ "digest": registry.put_manifest(repository, target, media_type, bytes).await? })
        }
        ["patch_blob", repository] => {
            let Begun::Open(mut upload) = registry.begin_upload(repository, &blob.digest, None).await? else {
                panic!("nothing was to be mounted");
            };
            let body = move || stream::iter([Ok(bytes.clone())]).boxed();
            upload.patch(Streamed::new(blob.size, body)).await?;
            upload.finish().await?;
            json!({ "position": upload.position() })
        }
        ["mount", repository, from] => {
            match registry.begin_upload(repository, &blob.digest, Some(from)).await? {
                Begun::Mounted => json!("mounted"),
                Begun::Open(_) => json!("open"),
            }
        }
        ["put_blob", repository] => json!({ "size": registry.put_blob(repository, bytes).await?.size }),
        _ => panic!("no such call: {call:?}"),
    })
}

/// All pages, as a person who scrolls to the end gets them.
async fn pages(page: impl AsyncFn(Option<&Cursor>) -> Result<NamePage, Failure>) -> Result<Value, Failure> {
    let (mut names, mut warnings, mut count) = (Vec::new(), Vec::new(), 0);
    let mut cursor: Option<Cursor> = None;
    loop {
        let page = page(cursor.as_ref()).await?;
        count += 1;
        names.extend(page.names);
        warnings.extend(page.warnings);
        cursor = page.next;
        if cursor.is_none() || count == 20 {
            return Ok(json!({ "names": names, "warnings": warnings, "pages": count }));
        }
    }
}

/// Whether everything that is expected is there.
fn matches(expected: &Value, got: &Value) -> bool {
    match (expected, got) {
        (Value::Object(expected), Value::Object(got)) => {
            expected.iter().all(|(key, value)| got.get(key).is_some_and(|g| matches(value, g)))
        }
        (Value::Array(expected), Value::Array(got)) => {
            expected.len() == got.len() && expected.iter().zip(got).all(|(e, g)| matches(e, g))
        }
        (Value::String(expected), Value::String(got)) => match expected.strip_prefix('~') {
            Some(part) => got.contains(part),
            None => expected == got,
        },
        (expected, got) => expected == got,
    }
}
