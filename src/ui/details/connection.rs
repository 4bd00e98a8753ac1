//! Details of a connection: account, state, server, and what is dangerous about it.

use ratatui::text::Span;

use crate::app::App;
use crate::app::state::{ConnectionState, Health};
use crate::domain::detail::ConnectionDetails;
use crate::domain::{Capabilities, Locator, human};
use crate::ui::sheet::Sheet;

/// The line that names a sign-in.
const SIGNED_IN: &str = "signed in";

/// What stands there before anything is selected.
pub(super) fn nothing(app: &App, sheet: &mut Sheet<'_>) {
    let theme = sheet.theme;
    if app.connections.is_empty() {
        sheet.paragraph("Nothing is connected yet.", theme.dim, 2);
        sheet.gap();
        sheet.push(vec![Span::styled("c", theme.key), Span::raw("  Connect Registry…")]);
    }
}

/// The lines of a connection; `known` is what the server told.
pub(super) fn lines(app: &App, at: &Locator, known: Option<&ConnectionDetails>, sheet: &mut Sheet<'_>) {
    let theme = sheet.theme;
    let Some(state) = app.connection(&at.connection) else {
        return;
    };
    if state.is_place() {
        return place(app, state, known, sheet);
    }
    let connection = &state.connected.connection;
    if let Some(warning) = &state.connected.warning {
        sheet.item("⚠", warning, theme.warn, 4);
        sheet.gap();
    }
    match &state.health {
        Health::Fine => sheet.field("state", "● online", theme.good),
        Health::Unknown => sheet.field("state", "○ not asked yet", theme.dim),
        Health::Failed(failure) => {
            sheet.field("state", &format!("⚠ {}", failure.kind.word()), theme.bad);
        }
    }
    sheet.field("provider", &state.connected.provider_title, theme.text);
    sheet.field_middle("address", &connection.url, theme.text);
    // A stored sign-in of Docker or Podman has no account here; the lines below name it.
    let is_signed_in = known.iter().flat_map(|k| &k.lines).any(|(label, _)| label == SIGNED_IN);
    match app.account_of(connection) {
        Some(account) => sheet.field("account", account, theme.text),
        None if is_signed_in => {}
        None if connection.username.is_empty() => sheet.field("account", "none: anonymous", theme.text),
        None => sheet.field("account", "that of the token", theme.text),
    }
    for (label, value) in known.iter().flat_map(|k| &k.lines) {
        sheet.field_wrapped(label, value, theme.text, 3);
    }
    options(connection, sheet);
    if !connection.bookmarks.is_empty() {
        sheet.field_wrapped("opened", &connection.bookmarks.join(", "), theme.text, 4);
    }
    sheet.field_wrapped(
        "offers",
        &offers(state.connected.capabilities, state.refused, app.read_only),
        theme.dim,
        3,
    );
    if let Health::Failed(failure) = &state.health {
        sheet.gap();
        sheet.failure(failure);
    }
}

/// The lines of a place on this machine.
fn place(app: &App, state: &ConnectionState, known: Option<&ConnectionDetails>, sheet: &mut Sheet<'_>) {
    let theme = sheet.theme;
    match &state.health {
        Health::Failed(_) if state.connected.failure.is_some() => {
            sheet.field("state", "⚠ away; it shows again when it is back", theme.bad);
        }
        Health::Failed(failure) => sheet.field("state", &format!("⚠ {}", failure.kind.word()), theme.bad),
        Health::Fine | Health::Unknown => sheet.field("state", "● ready", theme.good),
    }
    sheet.field("kind", &state.connected.provider_title, theme.text);
    if !state.connected.connection.url.is_empty() {
        sheet.field_middle("address", &state.connected.connection.url, theme.text);
    }
    for (label, value) in known.iter().flat_map(|k| &k.lines) {
        sheet.field_wrapped(label, value, theme.text, 3);
    }
    if known.is_none()
        && let Some((images, _)) = app.tree.images_below(&Locator::root(state.id().clone()))
    {
        sheet.field("images", &human::thousands(images), theme.number);
    }
    if let Health::Failed(failure) = &state.health {
        sheet.gap();
        sheet.failure(failure);
    }
}

/// What stands there while the heading above the places is selected: what there is, and what was looked for.
pub(super) fn places(app: &App, sheet: &mut Sheet<'_>) {
    let theme = sheet.theme;
    sheet.paragraph("The images on this machine.", theme.text, 2);
    sheet.gap();
    for place in &app.places {
        let (sign, style) = match &place.health {
            Health::Failed(_) => ("⚠", theme.bad),
            Health::Fine | Health::Unknown => ("●", theme.good),
        };
        let text = format!("{}  {}", place.connected.connection.name, place.connected.provider_title);
        sheet.item(sign, &text, style, 2);
    }
    if app.places.len() < 2 {
        sheet.item("○", "No container engine answers. That is fine: images go to the store.", theme.dim, 3);
    }
    sheet.heading("Looked for", "");
    for (label, what) in [
        ("Docker", "DOCKER_HOST, the current Docker context, and the usual sockets"),
        ("Podman", "the socket of “podman system service”, of the account and of the system"),
    ] {
        sheet.field_wrapped(label, what, theme.text, 3);
    }
    sheet.paragraph("What starts to answer later shows up by itself.", theme.dim, 2);
}

fn options(connection: &crate::domain::Connection, sheet: &mut Sheet<'_>) {
    let theme = sheet.theme;
    let o = &connection.options;
    let files = [("CA file", &o.ca_file), ("client cert", &o.client_certificate), ("proxy", &o.proxy)];
    for (label, value) in files {
        if let Some(value) = value {
            sheet.field_middle(label, value, theme.text);
        }
    }
    if o.plain_http {
        sheet.field("transport", "plain HTTP", theme.warn);
    }
    if o.skip_verification {
        sheet.field("TLS", "⚠ not verified", theme.warn);
    }
}

/// What can be done there, in words.
fn offers(can: Capabilities, refused: Capabilities, read_only: bool) -> String {
    let mut words = Vec::new();
    for (capability, word) in [
        (Capabilities::LIST, "list"),
        (Capabilities::READ, "pull and inspect"),
        (Capabilities::UNTAG, "untag"),
        (Capabilities::DELETE, "delete"),
        (Capabilities::WEB, "web page"),
    ] {
        if can.without(refused).contains(capability)
            && !(read_only && Capabilities::WRITES.contains(capability))
        {
            words.push(word);
        }
    }
    let mut text = words.join(", ");
    if can.contains(Capabilities::DELETE) && refused.contains(Capabilities::DELETE) {
        text.push_str("; deleting is switched off on the server");
    }
    if read_only {
        text.push_str("; read-only");
    }
    text
}
