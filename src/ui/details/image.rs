//! Details of a tag or manifest: identity, platforms, how it runs, its layers, history and referrers.

use ratatui::text::{Line, Span};

use crate::domain::config::{History, Runtime};
use crate::domain::detail::{ImageDetails, ShownImage};
use crate::domain::manifest::Index;
use crate::domain::text::{command_line, visible};
use crate::domain::{Descriptor, ImageConfig, human};
use crate::ui::paint;
use crate::ui::sheet::Sheet;
use crate::ui::text::{cut, left, right, short_size, width};
use crate::ui::words;

/// Steps of the history and lines of lists that are shown before "and more".
const MANY: usize = 40;

/// The lines of an image.
pub(super) fn lines(image: &ImageDetails, siblings: &[String], now: i64, sheet: &mut Sheet<'_>) {
    identity(image, siblings, now, sheet);
    if let Some(index) = &image.index {
        platforms(index, image.shown.as_ref(), sheet);
    }
    if let Some(shown) = &image.shown {
        if let Some(config) = &shown.config {
            runtime(config, sheet);
        }
        layers(&shown.layers, sheet);
        if let Some(config) = &shown.config {
            history(&config.history, sheet);
        }
    }
    referrers(image, sheet);
    let annotations = image.annotations.iter().map(|(k, v)| (k.as_str(), v.as_str()));
    pairs("Annotations", annotations, sheet);
}

fn identity(image: &ImageDetails, siblings: &[String], now: i64, sheet: &mut Sheet<'_>) {
    let theme = sheet.theme;
    if image.engine_id.as_ref() != Some(&image.digest) {
        sheet.field_middle("digest", &image.digest.to_string(), theme.digest);
    }
    if let Some(id) = &image.engine_id {
        sheet.field_middle("image id", &id.to_string(), theme.digest);
    }
    for warning in &image.warnings {
        sheet.item("⚠", warning, theme.bad, 4);
    }
    if !siblings.is_empty() {
        sheet.field_wrapped("also", &siblings.join(", "), theme.text, 3);
    }
    if !image.media_type.is_empty() {
        media_type(&image.media_type, sheet);
    }
    if let Some(artifact) = &image.artifact {
        sheet.field("artifact", &words::artifact_type(artifact), theme.text);
    }
    let at = |t: i64| format!("{}  {}", words::ago(t, now), human::date(t));
    if let Some(time) = image.pushed {
        sheet.field("pushed", &at(time), theme.text);
    }
    let config = image.shown.as_ref().and_then(|s| s.config.as_ref());
    if let Some(time) = config.and_then(ImageConfig::created_at) {
        sheet.field("created", &at(time), theme.text);
    }
    if let (None, Some(shown)) = (&image.index, &image.shown)
        && let Some(platform) = &shown.platform
    {
        sheet.field("platform", &platform.to_string(), theme.text);
    }
    if let Some(shown) = &image.shown {
        let count = human::count(shown.layers.len() as u64, "layer", "layers");
        sheet.field("size", &format!("{} in {count}", human::size(total(&shown.layers))), theme.number);
    }
    match &image.referrers {
        Ok(_) if image.engine_id.is_some() => {}
        Ok(list) if list.is_empty() => sheet.field("referrers", "none", theme.dim),
        Ok(list) => sheet.field_wrapped("referrers", &words::tally(list.iter()), theme.text, 3),
        Err(failure) => {
            let text = format!("⚠ not known: {}", failure.said);
            sheet.field_wrapped("referrers", &text, theme.warn, 3);
        }
    }
}

/// The type in words, and as it is: beside it or below.
fn media_type(media_type: &str, sheet: &mut Sheet<'_>) {
    let theme = sheet.theme;
    let word = words::manifest(media_type);
    let exact = visible(media_type).into_owned();
    if word == media_type {
        sheet.field_middle("type", word, theme.text);
    } else if width(word) + 2 + width(&exact) <= sheet.room() {
        let spans = vec![Span::raw(word.to_owned()), Span::styled(format!("  {exact}"), theme.dim)];
        sheet.labelled("type", spans);
    } else {
        sheet.field("type", word, theme.text);
        sheet.field_middle("", &exact, theme.dim);
    }
}

fn total(layers: &[Descriptor]) -> u64 {
    layers.iter().fold(0, |sum, l| sum.saturating_add(l.size))
}

/// The members of an index; the one whose image is shown below has a sign.
fn platforms(index: &Index, shown: Option<&ShownImage>, sheet: &mut Sheet<'_>) {
    let theme = sheet.theme;
    let real: Vec<_> = index.manifests.iter().filter(|m| !m.is_attestation()).collect();
    let attestations = index.manifests.len() - real.len();
    let mut about = human::count(real.len() as u64, "manifest", "manifests");
    if attestations > 0 {
        about.push_str(&format!(", {}", human::count(attestations as u64, "attestation", "attestations")));
    }
    sheet.heading("Platforms", &about);
    for member in real.iter().take(MANY) {
        let is_shown = shown.is_some_and(|s| s.digest == member.digest);
        let name = match &member.platform {
            Some(p) if !p.is_unknown() => p.to_string(),
            _ => words::artifact(member).into_owned(),
        };
        let sign = if is_shown { "▸ " } else { "  " };
        let size = shown.filter(|_| is_shown).map_or_else(String::new, |s| short_size(total(&s.layers)));
        let name = cut(&visible(&name), sheet.width().saturating_sub(25)).into_owned();
        sheet.push(vec![
            Span::styled(sign, theme.key),
            Span::styled(left(&name, 18), if is_shown { theme.strong } else { theme.text }),
            Span::raw(" "),
            Span::styled(member.digest.short(12).to_owned(), theme.digest),
            Span::styled(right(&size, 10), theme.number),
        ]);
    }
    more(real.len(), sheet);
}

fn more(count: usize, sheet: &mut Sheet<'_>) {
    if count > MANY {
        let text = format!("  and {} more: i inspects all of it", human::thousands((count - MANY) as u64));
        sheet.push(Line::styled(text, sheet.theme.dim));
    }
}

/// What a container of it would do.
fn runtime(config: &ImageConfig, sheet: &mut Sheet<'_>) {
    let theme = sheet.theme;
    let run = &config.config;
    if *run == Runtime::default() && config.author.is_none() {
        return;
    }
    sheet.heading("Config", "");
    let keys = |map: &std::collections::BTreeMap<String, serde_json::Value>| {
        map.keys().map(String::as_str).collect::<Vec<_>>().join("  ")
    };
    for (label, value) in [
        ("entrypoint", command_line(&run.entrypoint)),
        ("cmd", command_line(&run.cmd)),
        ("user", run.user.clone()),
        ("workdir", run.working_dir.clone()),
        ("ports", keys(&run.exposed_ports)),
        ("volumes", keys(&run.volumes)),
        ("author", config.author.clone().unwrap_or_default()),
    ] {
        if !value.is_empty() {
            sheet.field_wrapped(label, &value, theme.text, 4);
        }
    }
    for (n, variable) in run.env.iter().take(MANY).enumerate() {
        sheet.field_wrapped(if n == 0 { "env" } else { "" }, variable, theme.text, 3);
    }
    more(run.env.len(), sheet);
    pairs("Labels", run.labels.iter().map(|(k, v)| (k.as_str(), v.as_str())), sheet);
}

/// Names and values, a name on its own line where both do not fit on one.
fn pairs<'a>(title: &str, pairs: impl Iterator<Item = (&'a str, &'a str)>, sheet: &mut Sheet<'_>) {
    let theme = sheet.theme;
    for (n, (name, value)) in pairs.take(MANY).enumerate() {
        if n == 0 {
            sheet.heading(title, "");
        }
        let (name, value) = (visible(name), visible(value));
        if width(&name) + width(&value) + 2 <= sheet.width() {
            sheet.push(vec![
                Span::styled(format!("{name}  "), theme.dim),
                Span::styled(value.into_owned(), theme.text),
            ]);
        } else {
            sheet.paragraph(&name, theme.dim, 2);
            sheet.item(" ", &value, theme.text, 3);
        }
    }
}

/// Each layer with its share of the whole.
fn layers(layers: &[Descriptor], sheet: &mut Sheet<'_>) {
    let theme = sheet.theme;
    if layers.is_empty() {
        return;
    }
    let all = total(layers);
    sheet.heading("Layers", &format!("{} · {}", layers.len(), human::size(all)));
    let cells = u16::try_from(sheet.width().saturating_sub(38)).unwrap_or(0).clamp(4, 24);
    for (n, layer) in layers.iter().take(MANY).enumerate() {
        let (filled, rest) = paint::bar(layer.size, all, cells);
        sheet.push(vec![
            Span::styled(format!("{:>3}  ", n + 1), theme.dim),
            Span::styled(filled, theme.bar),
            Span::styled(rest, theme.faint),
            Span::styled(right(&short_size(layer.size), 9), theme.number),
            Span::raw("  "),
            Span::styled(layer.digest.short(12).to_owned(), theme.digest),
            Span::styled(format!("  {}", layer_name(layer)), theme.dim),
        ]);
    }
    more(layers.len(), sheet);
}

/// The name of a file that is kept as a layer, else how the layer is packed.
fn layer_name(layer: &Descriptor) -> String {
    let title = layer.annotations.get("org.opencontainers.image.title");
    visible(title.map_or_else(|| words::layer(&layer.media_type), String::as_str)).into_owned()
}

/// How it was made, base first; a step with a layer has the layer's number.
fn history(steps: &[History], sheet: &mut Sheet<'_>) {
    let theme = sheet.theme;
    if steps.is_empty() {
        return;
    }
    sheet.heading("History", &human::count(steps.len() as u64, "step", "steps"));
    let mut layer = 0;
    for step in steps.iter().take(MANY) {
        let number = if step.empty_layer {
            "  ·".to_owned()
        } else {
            layer += 1;
            format!("{layer:>3}")
        };
        let text = instruction(step);
        let style = if step.empty_layer { theme.dim } else { theme.text };
        sheet.item(&format!("{number} "), &text, style, 3);
    }
    more(steps.len(), sheet);
}

/// The line of the Containerfile behind a step, as far as it can be told.
fn instruction(step: &History) -> String {
    let made = step.created_by.trim();
    let text = match made.strip_prefix("/bin/sh -c #(nop)") {
        Some(rest) => rest.trim().to_owned(),
        None => match made.strip_prefix("/bin/sh -c ") {
            Some(rest) => format!("RUN {}", rest.trim()),
            None => made.replace("RUN /bin/sh -c ", "RUN "),
        },
    };
    let text = text.trim_end_matches(" # buildkit");
    let words: Vec<&str> = text.split_whitespace().collect();
    if words.is_empty() { step.comment.clone() } else { words.join(" ") }
}

fn referrers(image: &ImageDetails, sheet: &mut Sheet<'_>) {
    let theme = sheet.theme;
    let Ok(list) = &image.referrers else {
        return;
    };
    if list.is_empty() {
        return;
    }
    sheet.heading("Referrers", &list.len().to_string());
    for referrer in list.iter().take(MANY) {
        let kind = cut(&visible(&words::artifact(referrer)), sheet.width().saturating_sub(26)).into_owned();
        sheet.push(vec![
            Span::styled("◆ ", theme.dim),
            Span::raw(left(&kind, 24)),
            Span::styled(referrer.digest.short(12).to_owned(), theme.digest),
            Span::styled(right(&short_size(referrer.size), 9), theme.number),
        ]);
    }
    more(list.len(), sheet);
}
