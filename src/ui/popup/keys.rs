//! The keys of the topmost popup for the last line.
//!
//! Invariant: a key is named only while it does something; the last one leads out.

use crate::app::Modal;
use crate::app::choice::Choices;
use crate::app::inspect::Inspector;
use crate::app::modal::{Form, FormField, FormFocus, FormPurpose};

/// Keys and what they do.
type Keys = Vec<(&'static str, &'static str)>;

/// The keys of a popup.
pub(in crate::ui) fn keys(modal: &Modal) -> Keys {
    match modal {
        Modal::Menu(_) => vec![("↑ ↓", "choose"), ("Enter", "do it"), ("/", "narrow"), ("Esc", "close")],
        Modal::Picker(picker) => {
            let mut keys = of_choices(&picker.beside);
            if picker.beside.focus.is_none() {
                keys.extend([("type", "to narrow"), ("↑ ↓", "choose")]);
            }
            keys.extend([("Enter", "take it"), ("Esc", "close")]);
            keys
        }
        Modal::Form(form) => of_form(form),
        Modal::Prompt(prompt) if prompt.busy => vec![("Esc", "cancel")],
        Modal::Prompt(prompt) => {
            let mut keys = vec![("Enter", "go on")];
            keys.extend(of_choices(&prompt.beside));
            keys.push(("Esc", "cancel"));
            keys
        }
        Modal::Confirm(_) => vec![("↑ ↓", "scroll"), ("Esc", "cancel")],
        Modal::Inspect(viewer) => of_viewer(viewer),
        Modal::Text(_) => vec![("↑ ↓", "scroll"), ("y", "copy it"), ("Esc", "close")],
        Modal::Help(_) | Modal::Log(_) => vec![("↑ ↓", "scroll"), ("Esc", "close")],
    }
}

fn of_choices(choices: &Choices) -> Keys {
    match (choices.list.is_empty(), choices.focus) {
        (true, _) => Vec::new(),
        (false, None) => vec![("Tab", "choices")],
        (false, Some(_)) => vec![("← →", "turn"), ("Tab", "next")],
    }
}

fn of_form(form: &Form) -> Keys {
    if form.checking && form.code.is_some() {
        return vec![("y", "copy the code"), ("o", "open the page"), ("Esc", "stop waiting")];
    }
    if form.checking {
        return vec![("Esc", "stop checking")];
    }
    let send = match &form.purpose {
        FormPurpose::Extra(_) => "go on",
        FormPurpose::Connect { editing: Some(_), .. } => "save",
        FormPurpose::Connect { editing: None, .. } => "connect",
    };
    let fold = if form.advanced { "hide options" } else { "show options" };
    let enter = match form.focus {
        FormFocus::Options => fold,
        FormFocus::Field(i) if form.fields.get(i).is_some_and(FormField::is_chosen) => "choose",
        FormFocus::Field(_) if form.next_field().is_some() => "next",
        FormFocus::Field(_) | FormFocus::Submit => send,
    };
    let mut keys = vec![("Enter", enter)];
    if form.fields.iter().any(|f| f.field.advanced) {
        keys.push(("Ctrl-O", fold));
    }
    if enter != send {
        keys.push(("Ctrl-S", send));
    }
    keys.extend([("Tab", "next"), ("Shift-Tab", "before"), ("Esc", "cancel")]);
    keys
}

fn of_viewer(viewer: &Inspector) -> Keys {
    if viewer.search.as_ref().is_some_and(|s| s.typing) {
        return vec![
            ("type", "to search"),
            ("↑ ↓", "match"),
            ("Enter", "keep it"),
            ("Esc", "end the search"),
        ];
    }
    let mut keys = Vec::new();
    if viewer.stack.is_empty() && viewer.failure.is_some() {
        keys.push(("Enter", "try again"));
    }
    if viewer.link().is_some() {
        keys.push(("Enter", "open member"));
    }
    if !viewer.stack.is_empty() {
        keys.extend([("Tab", "next view"), ("/", "search")]);
    }
    if viewer.search.as_ref().is_some_and(|s| !s.hits.is_empty()) {
        keys.push(("n", "next match"));
    }
    if viewer.stack.len() > 1 {
        keys.push(("Backspace", "back"));
    }
    if !viewer.stack.is_empty() {
        keys.push(("Y", "copy digest"));
    }
    keys.push(("Esc", if viewer.search.is_some() { "end the search" } else { "close" }));
    keys
}
