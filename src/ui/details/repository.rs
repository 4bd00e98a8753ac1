//! Details of a repository or namespace, or of an image that is not read: what the server told, and what the tree has
//! seen so far.

use crate::app::App;
use crate::domain::detail::Description;
use crate::domain::text::visible;
use crate::domain::{Locator, NodeKind, human};
use crate::ui::sheet::Sheet;

/// Lines of a section that are shown before "and more".
const LONGEST: usize = 200;

/// What a person can paste into another tool.
pub(super) fn reference(app: &App, at: &Locator, sheet: &mut Sheet<'_>) {
    let theme = sheet.theme;
    if let Some(reference) = at.reference(&app.host_of(at)) {
        sheet.field_middle("reference", &reference.to_string(), theme.text);
    }
}

/// What the children of a node are called.
fn children(kind: NodeKind) -> &'static str {
    match kind {
        NodeKind::Repository => "tags",
        NodeKind::Untagged => "manifests",
        NodeKind::Builds => "builds",
        NodeKind::Build => "runs",
        _ => "entries",
    }
}

/// The lines of a repository or namespace.
pub(super) fn lines(app: &App, at: &Locator, known: &Description, sheet: &mut Sheet<'_>) {
    let theme = sheet.theme;
    let label = match at.kind() {
        NodeKind::Repository => "repository",
        NodeKind::Registry => "registry",
        NodeKind::Untagged | NodeKind::Builds => "group",
        NodeKind::Build => "build",
        NodeKind::Run => "run",
        NodeKind::Tag => "tag",
        NodeKind::Manifest => "image",
        _ => "namespace",
    };
    sheet.field_middle(label, &app.title_of(at), theme.strong);
    reference(app, at, sheet);
    let is_told = |word: &str| known.lines.iter().any(|(label, _)| label == word);
    if let Some((count, more)) = app.tree.children_count(at).filter(|_| !is_told(children(at.kind()))) {
        let more = if more { " so far" } else { "" };
        sheet.field(children(at.kind()), &format!("{}{more}", human::thousands(count)), theme.number);
    }
    description(known, sheet);
}

/// What a vendor tells of a node.
pub(super) fn description(known: &Description, sheet: &mut Sheet<'_>) {
    let theme = sheet.theme;
    for (label, value) in &known.lines {
        sheet.field_wrapped(&visible(label), &visible(value), theme.text, 3);
    }
    for section in &known.sections {
        sheet.heading(&visible(&section.title), "");
        for line in section.lines.iter().take(LONGEST) {
            sheet.item(" ", &visible(line), theme.text, 3);
        }
        if let Some(left @ 1..) = section.lines.len().checked_sub(LONGEST) {
            sheet.item(" ", &format!("and {} more", human::thousands(left as u64)), theme.dim, 1);
        }
    }
}
