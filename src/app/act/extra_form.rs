//! The form of what only one vendor offers: values are asked for as soon as what they depend on is there.
//!
//! Invariant: a value that depends on another never outlives a change of that one.

use tui_input::Input;

use crate::app::effect::{Effect, FormQuestion, Request};
use crate::app::fuzzy;
use crate::app::modal::{
    Check, Form, FormField, FormFocus, FormPurpose, Listing, Modal, Offered, Pick, PickItem, Picker,
    PickerPurpose, Values, Wanted,
};
use crate::app::notice::Level;
use crate::app::state::App;
use crate::app::waits::Slot;
use crate::domain::asked::Asked;
use crate::domain::extra::{Choice, Choices, ExtraField};
use crate::domain::text::visible;
use crate::domain::{Failure, Locator, Secret};

impl App {
    pub(super) fn open_extra_form(
        &mut self,
        offered: Offered,
        fields: &'static [ExtraField],
        at: &Locator,
        push: Vec<Locator>,
    ) {
        let title = self.title_of(at);
        let wanted = Wanted { offered, at: at.clone(), title, push };
        self.modals.push(Modal::Form(Form::of_extra(wanted, fields)));
    }

    /// What the open form wants of a vendor.
    pub(super) fn wanted(&self) -> Option<&Wanted> {
        self.modals.iter().rev().find_map(|m| if let Modal::Form(form) = m { form.wanted() } else { None })
    }

    fn extra_form(&mut self) -> Option<&mut Form> {
        self.modals.iter_mut().rev().find_map(|m| match m {
            Modal::Form(form) if form.wanted().is_some() => Some(form),
            _ => None,
        })
    }

    /// Asks for the values of every field that has what they depend on.
    pub(in crate::app) fn ask_choices(&mut self) {
        let Some(form) = self.extra_form() else { return };
        let Some(asked) = form.asked() else { return };
        for id in form.take_unasked() {
            let request = Request::AskExtra(asked.clone(), FormQuestion::Choices(id));
            self.start(Slot::Choices(id), request);
        }
    }

    pub(in crate::app) fn on_choices(&mut self, id: &'static str, result: Result<Vec<Choice>, Failure>) {
        let Some(form) = self.extra_form() else { return };
        if form.take_choices(id, result) {
            self.changed(id);
        }
    }

    /// Something was typed or turned in the form: what depends on it is forgotten, and checked after a rest.
    pub(in crate::app) fn after_typing(&mut self) {
        let Some(form) = self.extra_form() else { return };
        let Some(field) = form.focused().filter(|f| f.values.is_some()) else { return };
        let id = field.field.id;
        self.changed(id);
    }

    /// The value of a field is another one.
    fn changed(&mut self, id: &'static str) {
        let Some(form) = self.extra_form() else { return };
        let stale = form.forget_what_depends_on(id);
        let is_checked = form.field(id).and_then(|f| f.values.as_ref()).is_some_and(|v| v.how.checked);
        self.cancel_where(|slot| match slot {
            Slot::Choices(field) => stale.contains(field),
            Slot::Check(field) => *field == id || stale.contains(field),
            _ => false,
        });
        if is_checked {
            self.out.push(Effect::Rest);
        }
    }

    /// After a rest: what was typed into the field with the cursor is checked.
    pub(in crate::app) fn check_typed(&mut self) {
        let Some(form) = self.extra_form() else { return };
        let Some(asked) = form.asked() else { return };
        let Some(id) = form.begin_check() else { return };
        self.start(Slot::Check(id), Request::AskExtra(asked, FormQuestion::Check(id)));
    }

    pub(in crate::app) fn on_checked(&mut self, id: &'static str, result: Result<(), Failure>) {
        let Some(form) = self.extra_form() else { return };
        let Some(field) = form.fields.iter_mut().find(|f| f.field.id == id) else { return };
        let Some(values) = &mut field.values else { return };
        values.check = if result.is_ok() { Check::Fine } else { Check::NotAsked };
        field.error = result.err().map(|failure| visible(&failure.said).into_owned());
    }

    /// Everything is filled in: the provider says what would be done.
    pub(super) fn submit_extra(&mut self) {
        let Some(form) = self.extra_form() else { return };
        if form.values().is_none() {
            return;
        }
        let Some(asked) = form.asked() else { return };
        form.checking = true;
        form.failure = None;
        let request = Request::AskExtra(asked.clone(), FormQuestion::Summary);
        self.start(Slot::Summary(Box::new(asked)), request);
    }

    /// The form that waited for the summary, if one did.
    pub(super) fn end_summing_up(&mut self) -> Option<&mut Form> {
        let form = self.extra_form().filter(|form| form.checking)?;
        form.checking = false;
        Some(form)
    }

    /// A list of the values of the field with the cursor; a letter narrows it.
    pub(super) fn pick_value(&mut self, letter: Option<char>) {
        let Some(form) = self.extra_form() else { return };
        let Some(field) = form.focused() else { return };
        let Some(values) = &mut field.values else { return };
        let choices = match &values.listing {
            Listing::Known(choices) => choices.clone(),
            Listing::Failed(_) => {
                values.listing = Listing::NotAsked;
                return;
            }
            Listing::NotAsked => return self.tell(Level::Note, "Fill in the fields above first."),
            Listing::Asking => return self.tell(Level::Note, "Its values are still being listed."),
        };
        let (title, current) = (field.field.label, field.input.value().to_owned());
        let purpose = match values.how.choices {
            Choices::ListedOrNew => PickerPurpose::NewValue(field.field.id),
            _ => PickerPurpose::Value(field.field.id),
        };
        let about = matches!(purpose, PickerPurpose::NewValue(_))
            .then(|| "One of these; or type the name of a new one.".to_owned());
        let at = choices.iter().position(|choice| choice.value == current).unwrap_or(0);
        let mut picker = Picker::new(purpose, title, about, choices.into_iter().map(item).collect());
        picker.cursor = at;
        self.modals.push(Modal::Picker(picker));
        if let (Some(letter), Some(Modal::Picker(picker))) = (letter, self.modals.last_mut()) {
            picker.input = Input::from(letter.to_string());
            self.narrow_picker();
        }
    }

    /// A value was chosen; the cursor goes on.
    pub(super) fn set_value(&mut self, purpose: PickerPurpose, value: &str) {
        let (PickerPurpose::Value(id) | PickerPurpose::NewValue(id)) = purpose else { return };
        let Some(form) = self.extra_form() else { return };
        let Some(field) = form.fields.iter_mut().find(|f| f.field.id == id) else { return };
        field.input = Input::from(value);
        field.error = None;
        field.touch();
        form.focus = form.next_field().unwrap_or(FormFocus::Submit);
        self.changed(id);
    }
}

impl Form {
    fn of_extra(wanted: Wanted, fields: &'static [ExtraField]) -> Self {
        let mut form = Self {
            purpose: FormPurpose::Extra(Box::new(wanted)),
            fields: fields.iter().map(FormField::of_extra).collect(),
            focus: FormFocus::Submit,
            advanced: false,
            checking: false,
            code: None,
            failure: None,
        };
        form.step(1);
        form
    }

    /// What is asked of the vendor with what is filled in now.
    fn asked(&self) -> Option<Asked> {
        let wanted = self.wanted()?;
        let there = self.fields.iter().filter(|f| self.is_there(f));
        Some(Asked {
            extra: wanted.offered.extra.id.to_owned(),
            via: wanted.offered.via.clone(),
            at: wanted.at.clone(),
            image: None,
            values: there.map(|f| (f.field.id.to_owned(), Secret::new(f.input.value()))).collect(),
        })
    }

    /// The fields whose values can be asked for now; they count as asked for from here on.
    fn take_unasked(&mut self) -> Vec<&'static str> {
        let is_filled = |id: &&str| {
            self.field(id).is_none_or(|f| !self.is_there(f) || !f.input.value().trim().is_empty())
        };
        let is_ready = |f: &&FormField| {
            let Some(values) = &f.values else { return false };
            values.how.choices != Choices::Typed
                && values.listing == Listing::NotAsked
                && self.is_there(f)
                && values.how.after.iter().all(is_filled)
        };
        let ready: Vec<&'static str> = self.fields.iter().filter(is_ready).map(|f| f.field.id).collect();
        for field in self.fields.iter_mut().filter(|f| ready.contains(&f.field.id)) {
            if let Some(values) = &mut field.values {
                values.listing = Listing::Asking;
            }
        }
        ready
    }

    /// Takes the values of a field in; says whether the field's own value changed by that.
    fn take_choices(&mut self, id: &str, result: Result<Vec<Choice>, Failure>) -> bool {
        let Some(field) = self.fields.iter_mut().find(|f| f.field.id == id) else { return false };
        let Some(values) = &mut field.values else { return false };
        let before = field.input.value().to_owned();
        match result {
            Ok(choices) => {
                let first = choices.first().map(|choice| choice.value.clone()).unwrap_or_default();
                let is_offered = choices.iter().any(|choice| choice.value == before);
                let stays = match values.how.choices {
                    Choices::Listed => is_offered,
                    Choices::Suggested => values.touched,
                    Choices::ListedOrNew | Choices::Typed => true,
                };
                if !stays {
                    field.input = Input::from(first);
                }
                values.listing = Listing::Known(choices);
            }
            Err(failure) => {
                field.error = Some(visible(&failure.sentence()).into_owned());
                values.listing = Listing::Failed(failure);
            }
        }
        field.input.value() != before
    }

    /// Forgets the values of every field that depends on `id`, and of those that depend on these.
    fn forget_what_depends_on(&mut self, id: &'static str) -> Vec<&'static str> {
        let mut stale = vec![id];
        let mut at = 0;
        while let Some(changed) = stale.get(at).copied() {
            at += 1;
            let depends = |f: &&FormField| f.values.as_ref().is_some_and(|v| v.how.depends_on(changed));
            let more: Vec<_> = self.fields.iter().filter(depends).map(|f| f.field.id).collect();
            stale.extend(more.into_iter().filter(|id| !stale.contains(id)).collect::<Vec<_>>());
        }
        stale.remove(0);
        for field in self.fields.iter_mut().filter(|f| stale.contains(&f.field.id)) {
            field.forget();
        }
        stale
    }

    /// The field with the cursor, when what was typed into it has to be checked; it counts as under way from here on.
    fn begin_check(&mut self) -> Option<&'static str> {
        let field = self.focused()?;
        let is_empty = field.input.value().trim().is_empty();
        let values = field.values.as_mut()?;
        if !values.how.checked || is_empty || values.check != Check::NotAsked || field.error.is_some() {
            return None;
        }
        values.check = Check::Asking;
        Some(field.field.id)
    }
}

impl FormField {
    fn of_extra(how: &'static ExtraField) -> Self {
        let values = Values { how, listing: Listing::NotAsked, touched: false, check: Check::NotAsked };
        Self { values: Some(values), ..Self::new(&how.field, None) }
    }

    /// A person has changed it.
    pub(super) fn touch(&mut self) {
        if let Some(values) = &mut self.values {
            values.touched = true;
            values.check = Check::NotAsked;
        }
    }

    /// What it depends on is another: what was listed for it, and chosen from that, goes; what was typed stays.
    fn forget(&mut self) {
        let was_listed = self.is_chosen() && !self.is_new();
        let Some(values) = &mut self.values else { return };
        values.listing = Listing::NotAsked;
        values.check = Check::NotAsked;
        let is_suggestion = values.how.choices == Choices::Suggested && !values.touched;
        if was_listed || is_suggestion {
            self.input = Input::default();
        }
        self.error = None;
    }

    /// The next or previous of the listed values.
    pub(super) fn turn_value(&mut self, by: isize) {
        let all = self.listed();
        let current = all.iter().position(|choice| choice.value == self.input.value());
        let next = match current {
            Some(at) => at.saturating_add(all.len()).saturating_add_signed(by) % all.len().max(1),
            None => 0,
        };
        let Some(value) = all.get(next).map(|choice| choice.value.clone()) else { return };
        self.input = Input::from(value);
        self.error = None;
        self.touch();
    }
}

impl Picker {
    /// Narrows, and puts what was typed last as a new name, unless it is that of a value.
    pub(super) fn offer_new_value(&mut self) {
        self.choices.retain(|choice| !matches!(choice.pick, Pick::NewValue(_)));
        let labels: Vec<&str> = self.choices.iter().map(|c| c.label.as_str()).collect();
        self.hits = fuzzy::narrow(self.input.value(), &labels);
        let typed = self.input.value().trim().to_owned();
        if typed.is_empty() || self.choices.iter().any(|choice| choice.label == typed) {
            return;
        }
        self.hits.push((self.choices.len(), Vec::new()));
        let label = format!("New: {}", visible(&typed));
        self.choices.push(PickItem { label, note: "is made".to_owned(), pick: Pick::NewValue(typed) });
    }
}

fn item(choice: Choice) -> PickItem {
    PickItem { label: choice.label, note: choice.note, pick: Pick::Value(choice.value) }
}
