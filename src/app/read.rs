//! A manifest and its configuration, explained for people.
//!
//! Invariant: every text from the registry is made safe to show before it becomes part of a line.

use std::collections::HashSet;

use super::inspect::{Document, Line, Mode, Tone, Verified};
use super::json;
use crate::domain::detail::Inspection;
use crate::domain::human::{count, date, size};
use crate::domain::manifest::{Image, Index};
use crate::domain::text::{command_line, visible, visible_lines};
use crate::domain::{Descriptor, Digest, ImageConfig, Manifest};

impl Document {
    /// A document that was fetched; its lines follow with [`Document::show`].
    pub(super) fn new(inspection: Inspection) -> Self {
        let manifest = &inspection.manifest;
        let wanted = inspection.expected.as_ref().or(manifest.claimed.as_ref());
        let verified = match wanted {
            Some(wanted) if wanted.matches(&manifest.bytes) => Verified::Matches,
            Some(wanted) => Verified::Differs(wanted.clone()),
            None => Verified::Unclaimed,
        };
        Self { inspection, verified, lines: Vec::new(), cursor: 0, top: 0, left: 0 }
    }

    /// Makes the lines of `mode`, and goes to the first.
    pub(super) fn show(&mut self, mode: Mode) {
        let manifest = &self.inspection.manifest;
        self.lines = match mode {
            Mode::Read => read(&self.inspection, &self.verified),
            Mode::Manifest => json::lines(&manifest.bytes, &members(&self.inspection)),
            Mode::Config => self.config_lines(),
            Mode::Raw => raw(&manifest.bytes),
        };
        let last = self.lines.len().saturating_sub(1);
        self.cursor = self.cursor.min(last);
        self.top = self.top.min(self.cursor);
        self.left = 0;
    }

    fn config_lines(&self) -> Vec<Line> {
        match (&self.inspection.config, &self.inspection.config_failure) {
            (Some(bytes), _) => json::lines(bytes, &HashSet::new()),
            (None, Some(failure)) => vec![one(Tone::Bad, &failure.sentence())],
            (None, None) => vec![one(Tone::Dim, "This manifest has no configuration.")],
        }
    }
}

/// The digests of an index's members.
fn members(inspection: &Inspection) -> HashSet<Digest> {
    match inspection.manifest.parse() {
        Ok(Manifest::Index(index)) => index.manifests.into_iter().map(|m| m.digest).collect(),
        _ => HashSet::new(),
    }
}

fn raw(bytes: &[u8]) -> Vec<Line> {
    visible_lines(&String::from_utf8_lossy(bytes)).lines().map(|l| one(Tone::Plain, l)).collect()
}

fn read(inspection: &Inspection, verified: &Verified) -> Vec<Line> {
    let manifest = &inspection.manifest;
    let mut page = Page::default();
    page.heading("Manifest");
    page.spans("digest", vec![(Tone::Digest, manifest.digest.to_string())]);
    let (tone, said) = match verified {
        Verified::Matches => (Tone::Good, "✓ recomputed, it matches".to_owned()),
        Verified::Differs(wanted) => (Tone::Bad, format!("✗ the registry said {wanted}")),
        Verified::Unclaimed => (Tone::Dim, "recomputed; the registry named none to compare with".to_owned()),
    };
    page.spans("check", vec![(tone, said)]);
    page.pair("type", &manifest.media_type);
    page.pair("size", &size(manifest.bytes.len() as u64));
    match manifest.parse() {
        Ok(Manifest::Index(index)) => page.index(&index),
        Ok(Manifest::Image(image)) => page.image(&image, inspection),
        Ok(Manifest::Schema1) => page.note(Tone::Dim, "Docker schema 1: it can be looked at, not pulled."),
        Err(failure) => page.note(Tone::Bad, &failure.sentence()),
    }
    page.lines
}

#[derive(Default)]
struct Page {
    lines: Vec<Line>,
}

impl Page {
    fn heading(&mut self, title: &str) {
        if !self.lines.is_empty() {
            self.lines.push(one(Tone::Plain, ""));
        }
        self.lines.push(one(Tone::Heading, title));
    }

    fn spans(&mut self, key: &str, spans: Vec<(Tone, String)>) {
        let key = (Tone::Key, format!("  {key:<12}"));
        self.lines.push(Line { spans: std::iter::once(key).chain(spans).collect(), link: None });
    }

    fn pair(&mut self, key: &str, value: &str) {
        if !value.is_empty() {
            self.spans(key, vec![(Tone::Plain, visible(value).into_owned())]);
        }
    }

    fn note(&mut self, tone: Tone, text: &str) {
        self.lines.push(one(tone, &format!("  {text}")));
    }

    /// The first value beside the key, the others below it.
    fn list<'a>(&mut self, key: &str, values: impl IntoIterator<Item = &'a str>) {
        for (i, value) in values.into_iter().enumerate() {
            let key = if i == 0 { key } else { "" };
            self.spans(key, vec![(Tone::Plain, visible(value).into_owned())]);
        }
    }

    fn annotations(&mut self, annotations: &std::collections::BTreeMap<String, String>) {
        if annotations.is_empty() {
            return;
        }
        self.heading("Annotations");
        for (key, value) in annotations {
            let key = (Tone::Key, format!("  {}", visible(key)));
            let value = (Tone::Text, format!("  {}", visible(value)));
            self.lines.push(Line { spans: vec![key, value], link: None });
        }
    }

    fn subject(&mut self, subject: Option<&Descriptor>) {
        if let Some(subject) = subject {
            self.spans("refers to", vec![(Tone::Digest, subject.digest.to_string())]);
        }
    }

    fn index(&mut self, index: &Index) {
        self.pair("artifact", index.artifact_type.as_deref().unwrap_or_default());
        self.subject(index.subject.as_ref());
        self.heading(&format!("{} (Enter opens)", count(index.manifests.len() as u64, "member", "members")));
        for member in &index.manifests {
            let what = match (&member.platform, member.is_attestation()) {
                (_, true) => "attestation".to_owned(),
                (Some(platform), false) => visible(&platform.to_string()).into_owned(),
                (None, false) => visible(&member.media_type).into_owned(),
            };
            let spans = vec![
                (Tone::Plain, format!("  {what:<20}")),
                (Tone::Number, format!("{:>12}  ", size(member.size))),
                (Tone::Digest, member.digest.to_string()),
            ];
            self.lines.push(Line { spans, link: Some(member.digest.clone()) });
        }
        self.annotations(&index.annotations);
    }

    fn image(&mut self, image: &Image, inspection: &Inspection) {
        if !image.is_runnable() {
            self.pair("artifact", image.kind());
        }
        self.subject(image.subject.as_ref());
        match (&inspection.config, &inspection.config_failure) {
            (Some(bytes), _) if image.is_runnable() => match ImageConfig::parse(bytes) {
                Ok(config) => self.config(&config),
                Err(failure) => self.note(Tone::Bad, &visible(&failure.sentence())),
            },
            (None, Some(failure)) => self.note(Tone::Bad, &visible(&failure.sentence())),
            _ => {}
        }
        self.layers(&image.layers, image.layers_size());
        self.annotations(&image.annotations);
    }

    fn config(&mut self, config: &ImageConfig) {
        let runtime = &config.config;
        self.heading("Configuration");
        self.pair("platform", &config.platform.to_string());
        self.pair("created", &config.created_at().map(date).unwrap_or_default());
        self.pair("author", config.author.as_deref().unwrap_or_default());
        self.pair("entrypoint", &command_line(&runtime.entrypoint));
        self.pair("cmd", &command_line(&runtime.cmd));
        self.pair("workdir", &runtime.working_dir);
        self.pair("user", &runtime.user);
        self.list("ports", runtime.exposed_ports.keys().map(String::as_str));
        self.list("volumes", runtime.volumes.keys().map(String::as_str));
        self.list("env", runtime.env.iter().map(String::as_str));
        let labels: Vec<String> = runtime.labels.iter().map(|(k, v)| format!("{k}={v}")).collect();
        self.list("labels", labels.iter().map(String::as_str));
        if !config.history.is_empty() {
            self.heading(&format!(
                "History, {} (base first)",
                count(config.history.len() as u64, "step", "steps")
            ));
        }
        for step in &config.history {
            let tone = if step.empty_layer { Tone::Dim } else { Tone::Plain };
            let text = if step.created_by.is_empty() { &step.comment } else { &step.created_by };
            self.note(tone, &visible(text.trim()));
        }
    }

    fn layers(&mut self, layers: &[Descriptor], total: u64) {
        if layers.is_empty() {
            return;
        }
        let many = count(layers.len() as u64, "layer", "layers");
        self.heading(&format!("{many}, {} as stored", size(total)));
        for layer in layers {
            let spans = vec![
                (Tone::Number, format!("  {:>12}  ", size(layer.size))),
                (Tone::Digest, layer.digest.to_string()),
                (Tone::Dim, format!("  {}", visible(&layer.media_type))),
            ];
            self.lines.push(Line { spans, link: None });
        }
    }
}

fn one(tone: Tone, text: &str) -> Line {
    Line { spans: vec![(tone, visible(text).into_owned())], link: None }
}
