//! Push… and Copy to…: from the images and the registry over the names that they get there to the job.
//!
//! Invariant: a tag that points at something else is replaced only after that was said; what was seen goes along with
//! the request, so that a tag that moves meanwhile is not replaced either.

use super::registries::{check_repository, split_tag};
use crate::app::choice::{Choice, Choices, Offer};
use crate::app::command::Command;
use crate::app::effect::Request;
use crate::app::modal::{Act, Confirm, Consent, Modal, Pick, PickItem, Picker, PickerPurpose};
use crate::app::modal::{Looked, Prompt, Purpose, Sending};
use crate::app::state::App;
use crate::app::waits::Slot;
use crate::domain::human::count;
use crate::domain::job::{Copying, Seen};
use crate::domain::reference::{DOCKER_HUB, is_repository};
use crate::domain::text::visible;
use crate::domain::{Capabilities, Facts, Failure, FailureKind, Locator, NodeKind};

/// How many tags are looked up at a time.
const LOOKUPS_AT_ONCE: usize = 4;
/// How many tags that are replaced are named.
const NAMED: usize = 8;

impl App {
    /// Push…: the host in the image's name decides the registry, else the person does.
    pub(super) fn ask_push(&mut self, what: Vec<Locator>) {
        let named = what.first().and_then(|at| self.registry_named_by(at));
        let is_same = |to: &Locator| what.iter().all(|at| self.registry_named_by(at).as_ref() == Some(to));
        match named.filter(is_same) {
            Some(to) => self.ask_names(what, to),
            None => self.pick_registry(&what),
        }
    }

    /// The registry that the name of a local image begins with.
    fn registry_named_by(&self, at: &Locator) -> Option<Locator> {
        let reference = at.reference(&self.host_of(at))?;
        // Whoever writes no host means none: nobody pushes to the official images.
        if reference.host == DOCKER_HUB && reference.repository.starts_with("library/") {
            return None;
        }
        self.registry_of(&reference, Capabilities::PUSH).map(|(to, _)| to)
    }

    /// Push or Copy to…: every registry that can be pushed to.
    pub(super) fn pick_registry(&mut self, what: &[Locator]) {
        let mut choices: Vec<PickItem> = Vec::new();
        for to in self.registries(Capabilities::PUSH) {
            let host = self.registry_host(&to);
            let label = self.title_of(&to);
            let note = if label == host { String::new() } else { visible(&host).into_owned() };
            choices.push(PickItem { label, note, pick: Pick::SendTo(what.to_vec(), to) });
        }
        choices.extend(self.registry_makers(what));
        choices.push(PickItem {
            label: "Connect Registry…".to_owned(),
            note: "another one, first".to_owned(),
            pick: Pick::Command(Command::Connect),
        });
        let verb = if what.iter().all(|at| self.is_here(at)) { "Push" } else { "Copy" };
        let title = format!("{verb} {} to", self.name_all(what, "image", "images"));
        self.modals.push(Modal::Picker(Picker::new(PickerPurpose::Registry, &title, None, choices)));
    }

    /// Asks under which names the images go to `to`; the likeliest ones are filled in.
    pub(super) fn ask_names(&mut self, from: Vec<Locator>, to: Locator) {
        let is_push = from.iter().all(|at| self.is_here(at));
        let where_to = self.title_of(&to);
        let (title, about) = match from.as_slice() {
            [_] if is_push => {
                ("Tag image as".to_owned(), format!("It is pushed to {where_to} under this name."))
            }
            [at] => (format!("Copy {} as", self.title_of(at)), format!("Its name on {where_to}.")),
            _ => (
                format!("{} to {where_to}, into", count(from.len() as u64, "image", "images")),
                "The repository. Each image keeps its tag.".to_owned(),
            ),
        };
        let text = self.suggest_name(&from, &to);
        let mut beside = vec![self.platforms_of(&from)];
        if !is_push {
            beside.push(Choice { offer: Offer::Referrers, at: 0 });
        }
        let sending = Sending { from, to, looking: Vec::new() };
        self.modals.push(Modal::Prompt(Prompt {
            beside: Choices::of(beside),
            ..Prompt::new(title, about, &text, Purpose::Send(sending))
        }));
    }

    /// The name that an image most likely gets: its own, on the other host, in the account's namespace where it has none.
    fn suggest_name(&self, from: &[Locator], to: &Locator) -> String {
        let host = self.registry_host(to);
        let Some(first) = from.first() else { return host };
        let own = first.reference(&self.host_of(first));
        let from_hub = own.as_ref().is_some_and(|reference| reference.host == DOCKER_HUB);
        let repository = match own {
            Some(reference) => reference.repository,
            None if is_repository(first.name()) => first.name().to_owned(),
            None => String::new(),
        };
        let account = self.connection(&to.connection).map_or("", |c| &c.connected.connection.username);
        // Only Docker Hub leaves it out of the names that people write.
        let short = repository.strip_prefix("library/").filter(|_| from_hub);
        let repository = match short {
            Some(name) if host == DOCKER_HUB && !account.is_empty() => format!("{account}/{name}"),
            Some(name) => name.to_owned(),
            None => repository,
        };
        match first.kind() {
            _ if from.len() > 1 => format!("{host}/{repository}"),
            NodeKind::Tag if first.repository().is_some() => format!("{host}/{repository}:{}", first.name()),
            _ => format!("{host}/{repository}:"),
        }
    }

    /// What is wrong with a name as it is typed.
    pub(super) fn find_name_error(&self, sending: &Sending, typed: &str) -> Option<String> {
        let (_, rest) = match self.read_host(&sending.to, typed.trim()) {
            Ok(read) => read,
            Err(error) => return Some(error),
        };
        match sending.from.len() {
            1 => split_tag(&rest).err(),
            _ => check_repository(&rest).err(),
        }
    }

    /// Each image with the tag that it gets.
    fn name_copies(&self, sending: &Sending, typed: &str) -> Result<Vec<Copying>, String> {
        let (to, rest) = self.read_host(&sending.to, typed.trim())?;
        let name = |from: &Locator, repository: &Locator, tag: &str| Copying {
            from: from.clone(),
            to: repository.child(NodeKind::Tag, tag),
            seen: Seen::NotLooked,
        };
        let copies: Vec<Copying> = if let [from] = sending.from.as_slice() {
            let (repository, tag) = split_tag(&rest)?;
            vec![name(from, &self.repository_below(&to, repository), tag)]
        } else {
            check_repository(&rest)?;
            let repository = self.repository_below(&to, &rest);
            sending.from.iter().map(|from| name(from, &repository, from.name())).collect()
        };
        check_copies(&copies)?;
        Ok(copies)
    }

    /// The registry that typed text names, and what it names there. Without a host it is the one that was chosen.
    fn read_host(&self, chosen: &Locator, typed: &str) -> Result<(Locator, String), String> {
        let host = self.registry_host(chosen);
        if let Some(rest) = typed.strip_prefix(&host).and_then(|rest| rest.strip_prefix('/')) {
            return Ok((chosen.clone(), rest.to_owned()));
        }
        let first = typed.split_once('/').map(|(first, _)| first);
        match first.filter(|first| *first == "localhost" || first.contains(['.', ':'])) {
            None => Ok((chosen.clone(), typed.to_owned())),
            Some(first) => self
                .registry_with_prefix(typed, Capabilities::PUSH)
                .ok_or_else(|| format!("Nothing is connected to {}; connect it first.", visible(first))),
        }
    }

    /// Enter: looks up what the tags point at now, then goes on.
    pub(super) fn send_names(&mut self) {
        let Some(Modal::Prompt(prompt)) = self.modals.last() else { return };
        let Purpose::Send(sending) = &prompt.purpose else { return };
        let named = self.name_copies(sending, prompt.input.value());
        let Some(Modal::Prompt(prompt)) = self.modals.last_mut() else { return };
        let Purpose::Send(sending) = &mut prompt.purpose else { return };
        match named {
            Ok(copies) => {
                sending.looking = copies.into_iter().map(|copy| Looked { copy, is_known: false }).collect();
                prompt.error = None;
                prompt.busy = true;
            }
            Err(error) => prompt.error = Some(error),
        }
    }

    /// Looks up the next tags that the open prompt would write.
    pub(in crate::app) fn look_at_tags(&mut self) {
        let Some(Modal::Prompt(Prompt { busy: true, purpose: Purpose::Send(sending), .. })) =
            self.modals.last()
        else {
            return;
        };
        let running = self.waits.count(|s| matches!(s, Slot::Seen(_)));
        let unasked = sending.looking.iter().filter(|l| !l.is_known).map(|l| &l.copy.to);
        let next: Vec<Locator> = unasked
            .filter(|to| !self.waits.has(&Slot::Seen((*to).clone())))
            .take(LOOKUPS_AT_ONCE.saturating_sub(running))
            .cloned()
            .collect();
        for at in next {
            self.start(Slot::Seen(at.clone()), Request::Facts { at });
        }
    }

    /// A tag was looked up: it points there, or is free.
    pub(in crate::app) fn on_seen(&mut self, at: &Locator, result: Result<Facts, Failure>) {
        let Some(Modal::Prompt(prompt)) = self.modals.last_mut() else { return };
        let seen = match seen(result) {
            Ok(seen) => seen,
            Err(failure) => {
                prompt.busy = false;
                prompt.error = Some(visible(&failure.sentence()).into_owned());
                self.cancel_where(|s| matches!(s, Slot::Seen(_)));
                return;
            }
        };
        let Purpose::Send(sending) = &mut prompt.purpose else { return self.tag_or_ask(at, seen) };
        let Some(looked) = sending.looking.iter_mut().find(|l| l.copy.to == *at) else { return };
        looked.copy.seen = seen;
        looked.is_known = true;
        if sending.looking.iter().all(|l| l.is_known) {
            self.send_or_ask();
        }
    }

    /// Everything is looked up: starts the job, after a question where tags are replaced.
    fn send_or_ask(&mut self) {
        let Some(Modal::Prompt(prompt)) = self.modals.last_mut() else { return };
        prompt.busy = false;
        let (platform, along) = (prompt.beside.platform(), prompt.beside.along());
        let Purpose::Send(sending) = &prompt.purpose else { return };
        let what: Vec<Copying> = sending.looking.iter().map(|l| l.copy.clone()).collect();
        let is_whole = platform.is_none();
        let replaced: Vec<&Copying> = what.iter().filter(|c| self.replaces_another(c, is_whole)).collect();
        let question = self.question_of_replacing(&replaced);
        let request = Request::Copy { what, platform, along };
        match question {
            None => self.send(request),
            Some((title, about)) => {
                let mut confirm = Confirm::plain(title, &about, Act::Replace(Box::new(request)));
                confirm.consent = Consent::Yes;
                self.modals.push(Modal::Confirm(confirm));
            }
        }
    }

    /// Starts the job; the prompt that led there is done with.
    pub(super) fn send(&mut self, request: Request) {
        let led_there = |purpose: &Purpose| matches!(purpose, Purpose::Send(_) | Purpose::Save { .. });
        self.modals.retain(|m| !matches!(m, Modal::Prompt(prompt) if led_there(&prompt.purpose)));
        self.tree.clear_marks();
        self.begin_job(request);
    }

    /// Whether a tag points at another manifest than the one that comes.
    pub(super) fn replaces_another(&self, copy: &Copying, is_whole: bool) -> bool {
        match &copy.seen {
            Seen::NotLooked | Seen::Nothing => false,
            Seen::Digest(there) => !is_whole || self.known_digest(&copy.from).as_ref() != Some(there),
        }
    }

    pub(super) fn question_of_replacing(&self, replaced: &[&Copying]) -> Option<(String, String)> {
        let first = replaced.first()?;
        let where_to = self.title_of(&Locator::root(first.to.connection.clone()));
        let Seen::Digest(there) = &first.seen else { return None };
        let digest = format!("{}:{}…", there.algorithm().name(), there.short(12));
        Some(match replaced {
            [one] => (
                format!("Replace {} on {where_to}?", self.title_of(&one.to)),
                format!(
                    "The tag is there already and points at {digest}. That manifest stays, without this tag."
                ),
            ),
            _ => {
                let named: Vec<String> =
                    replaced.iter().take(NAMED).map(|c| visible(c.to.name()).into_owned()).collect();
                let more = replaced.len().saturating_sub(NAMED);
                let more = if more > 0 { format!(" and {more} more") } else { String::new() };
                (
                    format!("Replace {} on {where_to}?", count(replaced.len() as u64, "tag", "tags")),
                    format!(
                        "They are there already and point at other manifests: {}{more}. Those manifests stay, without these tags.",
                        named.join(", ")
                    ),
                )
            }
        })
    }
}

/// What a look at a tag has shown.
fn seen(result: Result<Facts, Failure>) -> Result<Seen, Failure> {
    match result {
        Ok(facts) => Ok(facts.digest.map_or(Seen::NotLooked, Seen::Digest)),
        Err(failure) => match failure.kind {
            FailureKind::NotFound => Ok(Seen::Nothing),
            // Who may not look may still be allowed to push: the push will tell.
            FailureKind::Unauthorized | FailureKind::Forbidden | FailureKind::Unsupported => {
                Ok(Seen::NotLooked)
            }
            _ => Err(failure),
        },
    }
}

/// No image is copied onto itself, and no two onto one another.
fn check_copies(copies: &[Copying]) -> Result<(), String> {
    if copies.iter().any(|copy| copy.from == copy.to) {
        return Err("That is the image itself; give it another name.".to_owned());
    }
    if copies.len() > 1 && copies.iter().any(|copy| copy.from.kind() != NodeKind::Tag) {
        return Err("Among them is an image without a tag; it needs a name of its own.".to_owned());
    }
    let mut names: Vec<&str> = copies.iter().map(|copy| copy.to.name()).collect();
    names.sort_unstable();
    match names.windows(2).find(|pair| pair.first() == pair.last()).and_then(|pair| pair.first()) {
        Some(twice) => Err(format!("Two of them would be called {}.", visible(twice))),
        None => Ok(()),
    }
}
