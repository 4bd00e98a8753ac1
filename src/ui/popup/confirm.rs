//! A question before something that cannot simply be taken back: what goes, what stays, and the keys for yes and no.
//!
//! Invariant: what the registry could not tell is said, never left out.

use ratatui::buffer::Buffer;
use ratatui::layout::{Position, Rect};
use ratatui::text::{Line, Span};

use super::{Place, body, middle, open};
use crate::app::App;
use crate::app::modal::{Act, Confirm, Consent, Weighing};
use crate::domain::extra::{Begins, Extra};
use crate::domain::impact::Impact;
use crate::domain::{Locator, human};
use crate::ui::area::inside;
use crate::ui::input::{self, Shown};
use crate::ui::paint;
use crate::ui::sheet::Sheet;
use crate::ui::text::width;
use crate::ui::theme::Theme;
use crate::ui::words;

const WIDTH: u16 = 72;

/// What there is to know before the answer.
fn lines(app: &App, confirm: &Confirm, cells: u16, theme: &Theme) -> Vec<Line<'static>> {
    let mut sheet = Sheet::new(theme, cells);
    if !confirm.about.is_empty() {
        sheet.paragraph(&confirm.about, theme.text, 6);
    }
    for line in &confirm.summary {
        sheet.item("·", line, theme.text, 4);
    }
    if !confirm.impacts.is_empty() {
        sheet.field_wrapped("on", &registries(app, confirm), theme.strong, 2);
    }
    if let Some(weighing) = &confirm.weight {
        weight(app, weighing, &mut sheet);
    }
    for (at, found) in &confirm.impacts {
        sheet.gap();
        if confirm.impacts.len() > 1 {
            sheet.heading(&app.title_of(at), "");
        }
        match found {
            None => sheet.item(paint::spinner(app.now), "looking up what would go with it…", theme.busy, 1),
            Some(Err(failure)) => sheet.failure(failure),
            Some(Ok(found)) if matches!(confirm.act, Act::Delete(_)) => deleted(found, &mut sheet),
            Some(Ok(_)) if app.is_last_name(at, &confirm.impacts) => gone(app, at, &mut sheet),
            Some(Ok(found)) => untied(app, at, found, &mut sheet),
        }
    }
    if confirm.can_untag {
        sheet.gap();
        sheet.push(vec![
            Span::raw("Only the tag?  "),
            Span::styled("u", theme.key),
            Span::raw(" unties it and keeps the manifest."),
        ]);
    }
    sheet.into_lines()
}

/// What a pull takes.
fn weight(app: &App, weighing: &Weighing, sheet: &mut Sheet<'_>) {
    let theme = sheet.theme;
    sheet.gap();
    match weighing {
        Weighing::Looking => sheet.item(paint::spinner(app.now), "counting images and bytes…", theme.busy, 1),
        Weighing::Failed(failure) => sheet.failure(failure),
        Weighing::Known(weight) => {
            let images = human::count(weight.images, "image", "images");
            let blobs = match weight.blobs {
                0 => String::new(),
                blobs => format!(" in {}", human::count(blobs, "distinct blob", "distinct blobs")),
            };
            sheet.field("images", &images, theme.text);
            let least = if weight.unknown > 0 { "at least " } else { "" };
            sheet.field("size", &format!("{least}{}{blobs}", human::size(weight.bytes)), theme.number);
            if weight.unknown > 0 {
                let text = format!("{} were not looked at", human::count(weight.unknown, "image", "images"));
                sheet.field_wrapped("not known", &text, theme.warn, 2);
            }
        }
    }
}

/// The registries that are touched, each by its host and the name that the person gave it.
fn registries(app: &App, confirm: &Confirm) -> String {
    let mut names: Vec<String> = Vec::new();
    for state in confirm.impacts.iter().filter_map(|(at, _)| app.connection(&at.connection)) {
        let connection = &state.connected.connection;
        let (host, name) = (connection.host(), connection.name.as_str());
        let is_plain = name == host || state.is_place();
        let text = if is_plain { name.to_owned() } else { format!("{host} ({name})") };
        if !names.contains(&text) {
            names.push(text);
        }
    }
    names.join(", ")
}

/// What goes with a manifest.
fn deleted(found: &Impact, sheet: &mut Sheet<'_>) {
    let theme = sheet.theme;
    sheet.push(vec![
        Span::raw("The manifest "),
        Span::styled(
            format!("{}:{}…", found.digest.algorithm().name(), found.digest.short(12)),
            theme.digest,
        ),
        Span::raw(" goes, and with it"),
    ]);
    match found.tags.len() {
        0 => sheet.field("tags", "none", theme.dim),
        1 => sheet.field("tags", &found.tags.join(", "), theme.text),
        n => sheet.field_wrapped("tags", &format!("{}  ({n})", found.tags.join(", ")), theme.warn, 5),
    }
    if !found.in_indexes.is_empty() {
        let text = format!("⚠ the indexes of {}", found.in_indexes.join(", "));
        sheet.field_wrapped("breaks", &text, theme.bad, 4);
    }
    let attestations = found.children.iter().filter(|c| c.is_attestation()).count();
    let platforms = found.children.len() - attestations;
    if !found.children.is_empty() {
        let mut text = human::count(platforms as u64, "platform manifest", "platform manifests");
        if attestations > 0 {
            text.push_str(&format!(", {}", human::count(attestations as u64, "attestation", "attestations")));
        }
        text.push_str(if found.children.len() == 1 { " stays, untagged" } else { " stay, untagged" });
        sheet.field_wrapped("children", &text, theme.text, 3);
    }
    if !found.referrers.is_empty() {
        let loses = if found.referrers.len() == 1 { "loses its subject" } else { "lose their subject" };
        let text = format!("{} {loses}", words::tally(found.referrers.iter()));
        sheet.field_wrapped("referrers", &text, theme.warn, 3);
    }
    unknown(found, sheet);
}

/// An image whose last name is taken away.
fn gone(app: &App, at: &Locator, sheet: &mut Sheet<'_>) {
    let theme = sheet.theme;
    sheet.field("tag", &format!("{} goes", app.title_of(at)), theme.text);
    sheet.field_wrapped("image", "goes with it: it has no other name", theme.bad, 2);
}

/// What is left of a tag's manifest.
fn untied(app: &App, at: &Locator, found: &Impact, sheet: &mut Sheet<'_>) {
    let theme = sheet.theme;
    sheet.field("tag", &format!("{} goes", at.name()), theme.text);
    let others: Vec<&str> = found.tags.iter().map(String::as_str).filter(|t| !app.is_called(at, t)).collect();
    let digest = format!("{}:{}…", found.digest.algorithm().name(), found.digest.short(12));
    sheet.labelled("manifest", vec![Span::styled(digest, theme.digest), Span::raw(" stays")]);
    if others.is_empty() {
        sheet.field_wrapped("tags", "no other is known: the manifest stays untagged", theme.warn, 2);
        unknown(found, sheet);
    } else {
        sheet.field_wrapped("tags", &format!("{} stay", others.join(", ")), theme.text, 5);
    }
}

fn unknown(found: &Impact, sheet: &mut Sheet<'_>) {
    let theme = sheet.theme;
    let (seen, all) = found.looked_at;
    if seen < all {
        let text = format!(
            "{} of {} were looked at; others may share the manifest",
            human::thousands(seen),
            human::count(all, "tag", "tags")
        );
        sheet.field_wrapped("not known", &text, theme.warn, 3);
    }
    for sentence in &found.unknown {
        sheet.field_wrapped("not known", sentence, theme.warn, 3);
    }
}

/// The lines below: the keys, or the name that has to be typed.
fn footer(confirm: &Confirm) -> u16 {
    match confirm.consent {
        Consent::Name(_) => 4,
        _ => 2,
    }
}

/// As high as its lines.
pub(super) fn place(app: &App, confirm: &Confirm, area: Rect) -> Place {
    let cells = inside(Rect { width: WIDTH.min(area.width), ..area }).width;
    let lines = lines(app, confirm, cells, &Theme::default()).len();
    let foot = footer(confirm);
    let outer = middle(area, WIDTH, lines + usize::from(foot));
    Place { outer, body: body(outer, 0, foot), lines }
}

/// Draws the question.
pub(super) fn draw(
    app: &App,
    confirm: &Confirm,
    place: Place,
    theme: &Theme,
    buf: &mut Buffer,
) -> Option<Position> {
    let inner = open(buf, place.outer, &confirm.title, theme);
    let lines = lines(app, confirm, inner.width, theme);
    let top = paint::clamp(confirm.top, lines.len(), place.body.height);
    paint::window(buf, place.body, &lines, top, theme);
    let foot = footer(confirm);
    let mut cursor = None;
    if let Consent::Name(name) = &confirm.consent {
        let row = inner.height.saturating_sub(foot - 1);
        let text = format!("Type {name} to go on:");
        paint::text(buf, inner, (0, row), inner.width, &text, theme.text);
        let field = Rect { y: inner.y + row + 1, height: 1, ..inner }.intersection(inner);
        buf.set_style(field, theme.field_focus);
        cursor = Some(input::draw(buf, field, &confirm.input, Shown::Plain, theme.text));
    }
    paint::line_right(buf, inner, inner.height.saturating_sub(1), &answers(confirm, theme));
    cursor
}

/// The answer at a spot: 0 is yes, 1 is no.
pub(super) fn answer(confirm: &Confirm, place: Place, at: Position) -> Option<usize> {
    let inner = inside(place.outer);
    let line = answers(confirm, &Theme::default());
    if at.y + 1 != inner.bottom() || inner.height == 0 {
        return None;
    }
    let cells = |spans: &[Span<'_>]| spans.iter().map(|s| width(&s.content)).sum::<usize>();
    let (yes, no) = line.spans.split_at_checked(2)?;
    let start = usize::from(inner.right()).saturating_sub(cells(&line.spans));
    let column = usize::from(at.x).checked_sub(start)?;
    let gap = no.first().map_or(0, |gap| width(&gap.content));
    match column.checked_sub(cells(yes)) {
        None => Some(0),
        Some(after) if after >= gap && after < cells(no) => Some(1),
        Some(_) => None,
    }
}

/// Whether what a vendor offers takes a whole node away.
fn is_deletion(extra: &Extra) -> bool {
    extra.begins == Begins::AfterName
}

/// The keys for yes and no, each with what it does.
fn answers(confirm: &Confirm, theme: &Theme) -> Line<'static> {
    let yes = match &confirm.act {
        Act::Untag(_) if confirm.takes_images => "delete",
        Act::Untag(_) => "untag",
        Act::Delete(_) if confirm.consent == Consent::Enter => "delete",
        Act::Delete(_) => "delete all of it",
        Act::Disconnect(_) => "disconnect",
        Act::DeleteRepository(_) => "delete the repository",
        Act::PullRepository(_) => "pull all of it",
        Act::Replace(_) => "replace",
        Act::Extra(extra, ..) if is_deletion(extra) => "delete it",
        Act::Extra(..) => "do it",
        Act::Quit => "quit",
    };
    let no = match &confirm.act {
        Act::Untag(_) | Act::Delete(_) | Act::DeleteRepository(_) | Act::Disconnect(_) => "keep",
        Act::Extra(extra, ..) if is_deletion(extra) => "keep",
        Act::Extra(..) => "back",
        Act::PullRepository(_) | Act::Replace(_) => "cancel",
        Act::Quit => "stay",
    };
    let key = match confirm.consent {
        Consent::Enter | Consent::Name(_) => "Enter",
        Consent::Yes => "y",
    };
    let is_harmful = match &confirm.act {
        Act::PullRepository(_) | Act::Quit => false,
        Act::Extra(extra, ..) => is_deletion(extra),
        _ => true,
    };
    Line::from(vec![
        Span::styled(key, theme.key),
        Span::styled(format!("  {yes}"), if is_harmful { theme.bad } else { theme.text }),
        Span::raw("        "),
        Span::styled("Esc", theme.key),
        Span::raw(format!("  {no}")),
    ])
}
