//! The form of a connection: its fields, the folded options, the button, and what was wrong.
//!
//! Invariant: a secret is only ever drawn as dots.

use ratatui::buffer::Buffer;
use ratatui::layout::{Position, Rect};
use ratatui::text::{Line, Span};

use super::{Place, body, middle, open};
use crate::app::modal::{Check, Form, FormField, FormFocus, FormPurpose, Listing};
use crate::domain::connection::FieldKind;
use crate::domain::extra::SignInCode;
use crate::domain::text::visible;
use crate::domain::{Failure, FailureKind};
use crate::ui::area::{inside, widest};
use crate::ui::input::{self, Shown};
use crate::ui::paint;
use crate::ui::sheet::Sheet;
use crate::ui::text::{cut, left, width, wrap};
use crate::ui::theme::Theme;

const WIDTH: u16 = 76;

/// A line of the form: text, or something that can have the cursor.
enum Row {
    Text(Line<'static>),
    Entry(FormFocus),
}

/// All lines; a field's error stands below it.
fn rows(form: &Form, cells: u16, theme: &Theme) -> Vec<Row> {
    let mut rows = Vec::new();
    let text = |sheet: Sheet<'_>| sheet.into_lines().into_iter().map(Row::Text).collect::<Vec<_>>();
    let mut about = Sheet::new(theme, cells);
    about.paragraph(&about_of(form), theme.dim, 3);
    about.push(Line::default());
    rows.extend(text(about));
    for focus in form.rows() {
        if focus == FormFocus::Submit {
            rows.extend(text(examples(form, cells, theme)));
            rows.push(Row::Text(Line::default()));
            rows.extend(form.code.iter().flat_map(|code| text(code_lines(code, cells, theme))));
        }
        rows.push(Row::Entry(focus));
        if let FormFocus::Field(n) = focus
            && let Some(error) = form.fields.get(n).and_then(|f| f.error.as_deref())
        {
            let mut sheet = Sheet::new(theme, cells);
            let indent = usize::from(label_cells(form, cells));
            sheet.item(&format!("{}⚠", " ".repeat(indent)), error, theme.bad, 3);
            rows.extend(text(sheet));
        }
    }
    if let Some(failure) = &form.failure {
        let mut sheet = Sheet::new(theme, cells);
        sheet.push(Line::default());
        sheet.failure_with(failure, hint(form, failure));
        rows.extend(text(sheet));
    }
    rows
}

fn about_of(form: &Form) -> String {
    match &form.purpose {
        FormPurpose::Connect { provider, .. } => provider.about.to_owned(),
        FormPurpose::Extra(wanted) => wanted.title.clone(),
    }
}

fn title_of(form: &Form) -> String {
    match &form.purpose {
        FormPurpose::Connect { editing: Some(edited), .. } => {
            format!("Edit connection {}", edited.connection.name)
        }
        FormPurpose::Connect { provider, .. } => format!("Connect Registry: {}", provider.title),
        FormPurpose::Extra(wanted) => wanted.offered.extra.label.trim_end_matches('…').to_owned(),
    }
}

/// The example of the field with the cursor where its line is too short for it, in as many lines as the longest needs.
fn examples<'a>(form: &Form, cells: u16, theme: &'a Theme) -> Sheet<'a> {
    let room = usize::from(cells - label_cells(form, cells).min(cells));
    let wrapped = |field: &FormField| {
        let is_cut = width(field.placeholder) > room;
        if is_cut { wrap(field.placeholder, cells.into(), 3) } else { Vec::new() }
    };
    let shown = form.fields.iter().filter(|f| (form.advanced || !f.field.advanced) && form.is_there(f));
    let height = shown.map(|f| wrapped(f).len()).max().unwrap_or(0);
    let mut sheet = Sheet::new(theme, cells);
    // A failure says what to do next.
    if height == 0 || form.failure.is_some() {
        return sheet;
    }
    let focused = match form.focus {
        FormFocus::Field(n) => form.fields.get(n).map(wrapped).unwrap_or_default(),
        FormFocus::Options | FormFocus::Submit => Vec::new(),
    };
    sheet.push(Line::default());
    for n in 0..height {
        let line = focused.get(n).cloned().unwrap_or_default();
        sheet.push(Line::styled(line, theme.dim));
    }
    sheet
}

/// The next step: what is to be corrected is in front of the person.
fn hint(form: &Form, failure: &Failure) -> &'static str {
    let is_connecting = form.wanted().is_none();
    match failure.kind {
        FailureKind::Unauthorized if is_connecting => "Check the username and the password or token.",
        _ => failure.hint(),
    }
}

/// What a person has to do at a vendor's page.
fn code_lines<'a>(code: &SignInCode, cells: u16, theme: &'a Theme) -> Sheet<'a> {
    let mut sheet = Sheet::new(theme, cells);
    sheet.paragraph("Open this page and type the code there:", theme.text, 2);
    sheet.field("page", &visible(&code.page), theme.key);
    sheet.field("code", &visible(&code.code), theme.strong);
    if !code.said.is_empty() {
        sheet.paragraph(&visible(&code.said), theme.dim, 3);
    }
    sheet.push(Line::default());
    sheet
}

/// High enough for all lines, where the screen is.
pub(super) fn place(form: &Form, area: Rect) -> Place {
    let cells = inside(Rect { width: WIDTH.min(area.width), ..area }).width;
    let outer = middle(area, WIDTH, rows(form, cells, &Theme::default()).len());
    Place { outer, body: body(outer, 0, 0), lines: 0 }
}

/// The first visible line: the one with the cursor is in sight, and what follows it; all of it after a failure.
fn top(form: &Form, rows: &[Row], height: u16) -> usize {
    let at = rows.iter().position(|row| matches!(row, Row::Entry(f) if *f == form.focus)).unwrap_or(0);
    if form.failure.is_some() {
        return paint::clamp(at, rows.len(), height);
    }
    paint::follow((at + 2).min(rows.len().saturating_sub(1)), rows.len(), height)
}

/// What can have the cursor in a row of the body, as its position in `Form::rows`.
pub(super) fn entry(form: &Form, place: Place, row: usize) -> Option<usize> {
    let rows = rows(form, place.body.width, &Theme::default());
    match rows.get(top(form, &rows, place.body.height) + row)? {
        Row::Entry(focus) => form.rows().iter().position(|f| f == focus),
        Row::Text(_) => None,
    }
}

/// The cells for labels: as many as the visible fields need.
fn label_cells(form: &Form, cells: u16) -> u16 {
    let visible = form.fields.iter().filter(|f| (form.advanced || !f.field.advanced) && form.is_there(f));
    widest(visible.map(|f| f.field.label)).clamp(8, cells / 3) + 4
}

/// Draws the form.
pub(super) fn draw(form: &Form, now: i64, place: Place, theme: &Theme, buf: &mut Buffer) -> Option<Position> {
    open(buf, place.outer, &title_of(form), theme);
    let rows = rows(form, place.body.width, theme);
    let labels = label_cells(form, place.body.width);
    let top = top(form, &rows, place.body.height);
    let mut cursor = None;
    for (n, row) in rows.iter().skip(top).take(place.body.height.into()).enumerate() {
        let y = place.body.y + u16::try_from(n).unwrap_or(u16::MAX);
        let area = Rect { y, height: 1, ..place.body };
        match row {
            Row::Text(line) => paint::line(buf, area, 0, line),
            Row::Entry(FormFocus::Options) => options(form, area, theme, buf),
            Row::Entry(FormFocus::Submit) => button(form, now, area, theme, buf),
            Row::Entry(FormFocus::Field(i)) => {
                let Some(field) = form.fields.get(*i) else { continue };
                let has_cursor = form.focus == FormFocus::Field(*i) && !form.checking;
                let at = draw_field(field, has_cursor, labels, area, theme, buf);
                cursor = cursor.or(at.filter(|_| has_cursor));
            }
        }
    }
    let bar = Rect { x: place.outer.right().saturating_sub(1), width: 1, ..place.body };
    let part = paint::Scrolled { top, visible: place.body.height.into(), of: rows.len() };
    paint::scroll_bar(buf, bar, part, theme);
    cursor
}

/// A label and an input; returns where the input's cursor would be.
fn draw_field(
    field: &FormField,
    has_cursor: bool,
    labels: u16,
    area: Rect,
    theme: &Theme,
    buf: &mut Buffer,
) -> Option<Position> {
    let label_style = if has_cursor { theme.key } else { theme.dim };
    let label =
        if field.field.optional { field.field.label.to_owned() } else { format!("{} *", field.field.label) };
    paint::text(buf, area, (0, 0), labels, &label, label_style);
    let labels = labels.min(area.width);
    let value = Rect { x: area.x + labels, width: area.width - labels, ..area };
    if field.is_chosen() {
        paint::line(buf, value, 0, &chosen(field, has_cursor, theme));
        return None;
    }
    let typed = field.input.value();
    let shown = match field.field.kind {
        FieldKind::Secret => Shown::Masked,
        FieldKind::Text | FieldKind::File => Shown::Plain,
        FieldKind::Flag => {
            let sign = if typed == "true" { "[x]" } else { "[ ]" };
            let about = if has_cursor { "  Space switches" } else { "" };
            let style = if has_cursor { theme.strong } else { theme.text };
            paint::line(
                buf,
                value,
                0,
                &Line::from(vec![Span::styled(sign, style), Span::styled(about, theme.dim)]),
            );
            return None;
        }
        FieldKind::Choice(_) => {
            let style = if has_cursor { theme.strong } else { theme.text };
            paint::line(buf, value, 0, &Line::styled(format!("‹ {typed} ›"), style));
            return None;
        }
    };
    buf.set_style(value, if has_cursor { theme.field_focus } else { theme.field });
    if typed.is_empty() {
        paint::text(buf, value, (0, 0), value.width, field.placeholder, theme.dim);
        return Some(Position { x: value.x, y: value.y });
    }
    if has_cursor {
        let cursor = input::draw(buf, value, &field.input, shown, theme.text);
        mark_check(field, value, theme, buf);
        return Some(cursor);
    }
    paint::text(buf, value, (0, 0), value.width, &input::as_shown(typed, shown), theme.text);
    mark_check(field, value, theme, buf);
    None
}

/// The chosen value of a field whose values the vendor lists, or how far the listing is.
fn chosen(field: &FormField, has_cursor: bool, theme: &Theme) -> Line<'static> {
    let style = if has_cursor { theme.strong } else { theme.text };
    let value = field.input.value();
    let known = field.listed().iter().find(|choice| choice.value == value);
    let hint = if has_cursor { "  Enter chooses" } else { "" };
    let text = match (field.values.as_ref().map(|values| &values.listing), known) {
        (_, Some(choice)) => {
            let note =
                if choice.note.is_empty() { String::new() } else { format!("  {}", visible(&choice.note)) };
            return Line::from(vec![
                Span::styled(format!("‹ {} ›", visible(&choice.label)), style),
                Span::styled(note, theme.dim),
            ]);
        }
        (Some(Listing::Asking), None) => return Line::styled("listing…", theme.busy),
        (Some(Listing::Failed(_)), None) => return Line::styled("⚠ Enter lists again", theme.warn),
        (Some(Listing::Known(_)), None) if !value.is_empty() => {
            return Line::from(vec![
                Span::styled(format!("‹ {} ›", visible(value)), style),
                Span::styled("  new", theme.good),
            ]);
        }
        (Some(Listing::NotAsked), None) => "depends on the fields above",
        _ => field.placeholder,
    };
    Line::from(vec![
        Span::styled("‹ ", style),
        Span::styled(text.to_owned(), theme.dim),
        Span::styled(" ›", style),
        Span::styled(hint, theme.dim),
    ])
}

/// Beside what is typed: whether it is being checked, or was found to be fine.
fn mark_check(field: &FormField, value: Rect, theme: &Theme, buf: &mut Buffer) {
    let line = match field.values.as_ref().map(|values| values.check) {
        Some(Check::Asking) => Line::styled("checking…", theme.busy),
        Some(Check::Fine) => Line::styled("✓", theme.good),
        _ => return,
    };
    paint::line_right(buf, value, 0, &line);
}

/// The line that folds and unfolds the options.
fn options(form: &Form, area: Rect, theme: &Theme, buf: &mut Buffer) {
    let sign = if form.advanced { "▾ Options" } else { "▸ Options" };
    let names: Vec<&str> = form.fields.iter().filter(|f| f.field.advanced).map(|f| f.field.label).collect();
    let about = if form.advanced { String::new() } else { names.join(", ") };
    let has_cursor = form.focus == FormFocus::Options;
    let style = if has_cursor { theme.key } else { theme.text };
    let room = usize::from(area.width).saturating_sub(13);
    let line = Line::from(vec![
        Span::styled(left(sign, 12), style),
        Span::styled(cut(&about, room).into_owned(), theme.dim),
    ]);
    paint::line(buf, area, 0, &line);
    if has_cursor {
        buf.set_style(area, theme.selected);
    }
}

fn button(form: &Form, now: i64, area: Rect, theme: &Theme, buf: &mut Buffer) {
    if form.checking {
        let what =
            if form.wanted().is_some() { "looking up what that does" } else { "checking with the server" };
        let text = format!("{} {what}…  Esc stops", paint::spinner(now));
        paint::line(buf, area, 0, &Line::styled(text, theme.busy));
        return;
    }
    let word = match &form.purpose {
        FormPurpose::Connect { editing: Some(_), .. } => " Save ",
        FormPurpose::Connect { editing: None, .. } => " Connect ",
        FormPurpose::Extra(_) => " Go on ",
    };
    let style = if form.focus == FormFocus::Submit { theme.selected.patch(theme.key) } else { theme.field };
    let line = Line::from(vec![
        Span::styled("[", theme.dim),
        Span::styled(word, style),
        Span::styled("]", theme.dim),
    ]);
    paint::line(buf, area, 0, &line);
}
