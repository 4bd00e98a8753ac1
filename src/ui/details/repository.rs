//! Details of a repository or namespace: what the server told, and what the tree has seen so far.

use crate::app::App;
use crate::domain::detail::RepositoryDetails;
use crate::domain::{Locator, NodeKind};
use crate::ui::sheet::Sheet;

/// The lines of a repository or namespace.
pub(super) fn lines(app: &App, at: &Locator, known: &RepositoryDetails, sheet: &mut Sheet<'_>) {
    let theme = sheet.theme;
    let label = match at.kind() {
        NodeKind::Repository => "repository",
        NodeKind::Registry => "registry",
        NodeKind::Untagged => "untagged",
        _ => "namespace",
    };
    sheet.field_middle(label, at.name(), theme.strong);
    if let Some(state) = app.connections.iter().find(|c| *c.id() == at.connection) {
        let connection = &state.connected.connection;
        sheet.field_middle(
            "registry",
            at.nearest(NodeKind::Registry).unwrap_or(connection.host()),
            theme.text,
        );
    }
    for (label, value) in &known.lines {
        sheet.field_wrapped(label, value, theme.text, 3);
    }
}
