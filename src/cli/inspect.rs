//! `tagalong inspect`: a manifest and its configuration, read for people, as JSON, or byte for byte.

use serde_json::{Value, json};

use super::place::refuse_place;
use super::{Context, Problem};
use crate::domain::detail::{Details, ImageDetails, ShownImage};
use crate::domain::{Failure, FailureKind, ImageConfig, Locator, Reference, human};

pub(super) async fn inspect(context: &mut Context, reference: &str, raw: bool) -> Result<(), Problem> {
    refuse_place(reference, "inspecting")?;
    let reference: Reference = reference.parse().map_err(Problem::Usage)?;
    let at = context.find(&reference).await?;
    if raw {
        let inspection = context.workspace.inspect(&at, None).await?;
        context.output.content(&inspection.manifest.bytes);
        return Ok(());
    }
    if context.output.is_json() {
        return Ok(as_json(context, &reference, &at).await?);
    }
    match context.workspace.details(&at).await? {
        Details::Image(details) => {
            for line in lines(&reference, &details) {
                context.output.line(&line);
            }
            Ok(())
        }
        _ => {
            Err(Failure::new(FailureKind::Invalid, format!("inspecting {reference}"), "it is no manifest")
                .into())
        }
    }
}

async fn as_json(context: &mut Context, reference: &Reference, at: &Locator) -> Result<(), Failure> {
    let inspection = context.workspace.inspect(at, None).await?;
    let read = |bytes: &[u8]| serde_json::from_slice::<Value>(bytes).ok();
    let verified = inspection.expected.as_ref().is_none_or(|d| *d == inspection.manifest.digest);
    let value = json!({
        "reference": reference.to_string(),
        "digest": inspection.manifest.digest,
        "mediaType": inspection.manifest.media_type,
        "size": inspection.manifest.bytes.len(),
        "verified": verified,
        "manifest": read(&inspection.manifest.bytes),
        "config": inspection.config.as_deref().and_then(read),
    });
    context.output.value(&value);
    Ok(())
}

fn lines(reference: &Reference, details: &ImageDetails) -> Vec<String> {
    let mut out = vec![
        row("reference", &reference.to_string()),
        row("digest", &details.digest.to_string()),
        row("type", &details.media_type),
    ];
    out.extend(details.warnings.iter().map(|w| row("warning", w)));
    out.extend(details.artifact.as_ref().map(|a| row("artifact", a)));
    for member in details.index.iter().flat_map(|i| &i.manifests) {
        let platform = member.platform.as_ref().map(ToString::to_string).unwrap_or_default();
        let kind = if member.is_attestation() { "attestation" } else { platform.as_str() };
        out.push(row("member", &format!("{kind}  {}", member.digest)));
    }
    if let Some(shown) = &details.shown {
        out.extend(image_lines(shown));
    }
    match &details.referrers {
        Ok(list) => out.extend(list.iter().map(|r| {
            row("referrer", &format!("{}  {}", r.artifact_type.as_deref().unwrap_or(&r.media_type), r.digest))
        })),
        Err(failure) => out.push(row("referrers", &failure.said)),
    }
    out
}

fn image_lines(shown: &ShownImage) -> Vec<String> {
    let mut out = Vec::new();
    out.extend(shown.platform.as_ref().map(|p| row("platform", &p.to_string())));
    out.extend(shown.config.iter().flat_map(config_lines));
    let total = shown.layers.iter().fold(0u64, |sum, l| sum.saturating_add(l.size));
    out.push(row("layers", &format!("{} in {}", human::size(total), shown.layers.len())));
    out.extend(shown.layers.iter().map(|l| row("", &format!("{}  {}", l.digest, human::size(l.size)))));
    out
}

fn config_lines(config: &ImageConfig) -> Vec<String> {
    let runtime = &config.config;
    let mut out = Vec::new();
    out.extend(config.created_at().map(|t| row("created", &human::date(t))));
    out.extend(config.author.as_ref().map(|a| row("author", a)));
    let words = |list: &[String]| list.join(" ");
    let ports: Vec<String> = runtime.exposed_ports.keys().cloned().collect();
    for (label, text) in [
        ("user", runtime.user.clone()),
        ("workdir", runtime.working_dir.clone()),
        ("entrypoint", words(&runtime.entrypoint)),
        ("cmd", words(&runtime.cmd)),
        ("ports", words(&ports)),
    ] {
        if !text.is_empty() {
            out.push(row(label, &text));
        }
    }
    out.extend(runtime.env.iter().map(|e| row("env", e)));
    out.extend(runtime.labels.iter().map(|(k, v)| row("label", &format!("{k}={v}"))));
    out
}

fn row(label: &str, text: &str) -> String {
    format!("{label:<11} {text}")
}
