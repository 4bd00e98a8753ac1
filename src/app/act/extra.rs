//! What only one vendor offers: from the entry in a menu over its form or question to the job, and what comes of it.
//!
//! Invariant: nothing here knows a vendor; everything shown is what the provider says of its offer.

use std::borrow::Cow;
use std::collections::BTreeMap;

use crate::app::effect::{FormQuestion, Request};
use crate::app::event::TaskId;
use crate::app::jobs::JobEnd;
use crate::app::modal::{Act, Confirm, Consent, Modal, Offered, Pick, PickItem};
use crate::app::notice::Level;
use crate::app::state::App;
use crate::app::waits::Slot;
use crate::domain::asked::{Asked, Outcome};
use crate::domain::extra::{Begins, Extra, Makes, Touch, Whose};
use crate::domain::text::visible;
use crate::domain::{Failure, FailureKind, Locator, NodeKind};

impl App {
    /// What vendors offer on a node.
    pub(super) fn offered(&self, at: &Locator) -> Vec<Offered> {
        let is_offered = |extra: &Extra, via: &Locator| {
            let is_for = match extra.of {
                Whose::Own => via.connection == at.connection,
                Whose::Every => !self.is_here(at),
            };
            is_for && extra.on.contains(&at.kind()) && self.may(extra)
        };
        self.extras().filter(|o| is_offered(o.extra, &Locator::root(o.via.clone()))).collect()
    }

    /// What every connection's vendor offers.
    fn extras(&self) -> impl Iterator<Item = Offered> {
        let of = |c: &crate::app::state::ConnectionState| {
            let via = c.id().clone();
            c.connected.extras.iter().map(move |extra| Offered { extra, via: via.clone() })
        };
        self.connections.iter().flat_map(of)
    }

    /// Whether this run may do it at all.
    fn may(&self, extra: &Extra) -> bool {
        !(self.read_only && extra.touch == Touch::Writes)
    }

    /// Its name; with the connection's where several offer it.
    pub(super) fn label_of_extra(&self, offered: &Offered) -> Cow<'static, str> {
        let several = offered.extra.of == Whose::Every
            && self.extras().filter(|other| other.extra.id == offered.extra.id).nth(1).is_some();
        if !several {
            return Cow::Borrowed(offered.extra.label);
        }
        let name = self.title_of(&Locator::root(offered.via.clone()));
        Cow::Owned(format!("{} ({name})", offered.extra.label))
    }

    /// What vendors offer on a node, for the palette.
    pub(super) fn extra_choices(&self, at: &Locator) -> Vec<PickItem> {
        let item = |offered: Offered| PickItem {
            label: self.label_of_extra(&offered).into_owned(),
            note: String::new(),
            pick: Pick::Extra(offered, at.clone()),
        };
        self.offered(at).into_iter().map(item).collect()
    }

    /// The ways to a new registry that images can be pushed to.
    pub(super) fn registry_makers(&self, push: &[Locator]) -> Vec<PickItem> {
        let makes = |o: &Offered| o.extra.makes == Some(Makes::Registry) && self.may(o.extra);
        let item = |offered: Offered| {
            let via = self.title_of(&Locator::root(offered.via.clone()));
            let label = format!("{} ({via})", offered.extra.label);
            let note = "a new one, first".to_owned();
            PickItem { label, note, pick: Pick::MakeRegistry(offered, push.to_vec()) }
        };
        self.extras().filter(makes).map(item).collect()
    }

    pub(super) fn make_registry(&mut self, offered: Offered, push: Vec<Locator>) {
        let at = Locator::root(offered.via.clone());
        self.begin_extra(offered, &at, push);
    }

    /// Begins as the offer says.
    pub(super) fn begin_extra(&mut self, offered: Offered, at: &Locator, push: Vec<Locator>) {
        let asked = Asked {
            extra: offered.extra.id.to_owned(),
            via: offered.via.clone(),
            at: at.clone(),
            image: None,
            values: BTreeMap::new(),
        };
        match offered.extra.begins {
            Begins::WithForm(fields) => self.open_extra_form(offered, fields, at, push),
            Begins::AtOnce | Begins::AsJob => self.run_extra(offered.extra, asked, push),
            Begins::AfterName | Begins::AfterYes => {
                self.tell(Level::Note, "Looking up what that does…");
                let request = Request::AskExtra(asked.clone(), FormQuestion::Summary);
                self.start(Slot::Summary(Box::new(asked)), request);
            }
        }
    }

    /// What would be done is known: the person decides.
    pub(in crate::app) fn on_summary(&mut self, asked: Asked, result: Result<Vec<String>, Failure>) {
        let summary = match (self.end_summing_up(), result) {
            (_, Ok(summary)) => summary,
            (Some(form), Err(failure)) => {
                form.failure = Some(failure);
                return;
            }
            (None, Err(failure)) => return self.tell_failure(&failure),
        };
        let Some(Offered { extra, .. }) = self.extras().find(|o| o.extra.id == asked.extra) else { return };
        let push = self.wanted().map_or_else(Vec::new, |wanted| wanted.push.clone());
        if summary.is_empty() && matches!(extra.begins, Begins::WithForm(_)) {
            return self.run_extra(extra, asked, push);
        }
        let title = format!("{}: {}?", name_of(extra), self.title_of(&asked.at));
        let consent = match extra.begins {
            Begins::AfterName => Consent::Name(visible(asked.at.name()).into_owned()),
            _ => Consent::Yes,
        };
        let act = Act::Extra(extra, Box::new(asked), push);
        let confirm = Confirm { summary, consent, ..Confirm::plain(title, "", act) };
        self.notice = None;
        self.modals.push(Modal::Confirm(confirm));
    }

    /// Does it: as a job, or aside where it only reads. The form that led there is done with.
    pub(super) fn run_extra(&mut self, extra: &'static Extra, asked: Asked, push: Vec<Locator>) {
        self.modals.retain(|m| !matches!(m, Modal::Form(form) if form.wanted().is_some()));
        if extra.touch == Touch::Reads && extra.begins == Begins::AtOnce {
            self.tell(Level::Note, &format!("{}…", name_of(extra)));
            self.start(Slot::Reading, Request::RunExtra(asked));
            return;
        }
        self.begin_job(Request::RunExtra(asked));
        if let Some(job) = self.jobs.list.last_mut().filter(|job| job.end.is_none()) {
            job.push = push;
        }
    }

    /// What the job of an extra is called: by the name that was typed, else by its node.
    pub(super) fn title_of_extra(&self, asked: &Asked) -> String {
        let extra = self.extras().find(|o| o.extra.id == asked.extra).map(|o| o.extra);
        let what = match asked.value("name") {
            "" => self.title_of(&asked.at),
            name => visible(name).into_owned(),
        };
        format!("{}: {what}", extra.map_or("", name_of))
    }

    pub(in crate::app) fn on_extra_read(&mut self, result: Result<Outcome, Failure>) {
        match result {
            Ok(outcome) => {
                self.notice = None;
                self.take_outcome(outcome, Vec::new());
            }
            Err(failure) => self.tell_failure(&failure),
        }
    }

    pub(in crate::app) fn on_extra_done(&mut self, id: TaskId, result: Result<Outcome, Failure>) {
        let Some(job) = self.jobs.list.iter_mut().find(|j| j.task == id) else { return };
        let (title, push) = (job.title.clone(), job.push.clone());
        let parent = match &job.request {
            Request::RunExtra(asked) => asked.at.parent().unwrap_or_else(|| asked.at.clone()),
            _ => return,
        };
        match result {
            Ok(outcome) => {
                job.end = Some(JobEnd::Came(outcome.clone()));
                self.take_outcome(outcome, push);
            }
            Err(failure) => {
                job.end = Some(JobEnd::Failed(failure.clone()));
                if failure.kind == FailureKind::Cancelled {
                    self.tell_with_hint(Level::Warning, &format!("{title}: {}", failure.said), "");
                } else {
                    self.tell_failure(&failure);
                }
                // A part of it may be done.
                self.refresh_known(&parent);
            }
        }
    }

    /// Shows what came of an extra, and goes on with what was waiting for it.
    fn take_outcome(&mut self, outcome: Outcome, push: Vec<Locator>) {
        if !outcome.said.is_empty() {
            let address = outcome.address.as_ref().map_or_else(String::new, |a| format!(" {a}"));
            self.tell(Level::Info, &format!("{}{address}", sentence(&outcome.said)));
        }
        if let Some(text) = outcome.copy {
            self.copy("digest", text);
        }
        for at in &outcome.changed {
            self.refresh_known(at);
        }
        if let Some((title, text)) = outcome.text {
            self.show_text(&title, text);
        }
        let Some(at) = outcome.at else { return };
        let is_free = self.modals.is_empty();
        match (push.is_empty(), is_free) {
            (false, true) if at.kind() == NodeKind::Registry => self.ask_names(push, at),
            (false, _) => {
                self.tell(Level::Info, &format!("{} P pushes to it now.", sentence(&outcome.said)));
            }
            (true, true) => self.go_to(at),
            (true, false) => {}
        }
    }

    /// Lists a branch anew if it was listed before.
    fn refresh_known(&mut self, at: &Locator) {
        if self.tree.children_count(at).is_some() {
            self.refresh(at);
        }
        if self.details.at.as_ref().is_some_and(|shown| shown == at) {
            self.refresh_details();
        }
    }
}

/// The offer's name without the dots that say that it asks.
fn name_of(extra: &Extra) -> &'static str {
    extra.label.trim_end_matches('…')
}

/// What a provider said, as a sentence that stands alone.
fn sentence(said: &str) -> String {
    let mut letters = said.chars();
    let first = letters.next().map(|c| c.to_uppercase().to_string()).unwrap_or_default();
    let end = if said.ends_with(['.', '!', '?']) { "" } else { "." };
    format!("{first}{}{end}", letters.as_str())
}
