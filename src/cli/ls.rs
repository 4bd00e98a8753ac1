//! `tagalong ls`: connections, repositories or tags, one a line, as the pages arrive.

use serde_json::{Value, json};

use super::{Context, Problem};
use crate::domain::{Cursor, Entry, Locator, NodeKind, Place};

pub(super) async fn ls(context: &mut Context, reference: Option<&str>) -> Result<(), Problem> {
    let Some(reference) = reference else {
        connections(context);
        return Ok(());
    };
    let mut place: Place = reference.parse().map_err(Problem::Usage)?;
    (place.tag, place.digest) = (None, None);
    let at = context.visit(&place).await?;
    let mut rows = Vec::new();
    let mut cursor: Option<Cursor> = None;
    loop {
        let page = context.workspace.children(&at, cursor.as_ref()).await?;
        for warning in &page.warnings {
            tracing::warn!(%warning, "listing");
        }
        for entry in &page.entries {
            match context.output.is_json() {
                true => rows.push(row(&at, entry, &place.host)),
                false => context.output.line(&entry.name),
            }
        }
        match page.next {
            Some(next) => cursor = Some(next),
            None => break,
        }
    }
    if context.output.is_json() {
        context.output.value(&Value::Array(rows));
    }
    Ok(())
}

fn row(at: &Locator, entry: &Entry, host: &str) -> Value {
    let key = match entry.kind {
        NodeKind::Tag => "tag",
        NodeKind::Repository => "repository",
        _ => "name",
    };
    let reference = at.child(entry.kind, &entry.name).reference(host).map(|r| r.to_string());
    json!({ key: entry.name, "reference": reference })
}

fn connections(context: &mut Context) {
    let all = context.workspace.connected();
    if context.output.is_json() {
        let rows = all.iter().map(|c| {
            let c = &c.connection;
            json!({ "name": c.name, "host": c.host(), "url": c.url, "provider": c.provider, "username": c.username })
        });
        context.output.value(&Value::Array(rows.collect()));
        return;
    }
    for connected in &all {
        let c = &connected.connection;
        context.output.line(&format!("{}\t{}\t{}", c.name, c.host(), c.username));
    }
    if all.is_empty() && context.output.is_seen() {
        context.output.message(
            "Nothing is connected. Run “tagalong” and press c, or name a registry: tagalong ls HOST",
        );
    }
}
