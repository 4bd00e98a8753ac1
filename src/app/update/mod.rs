//! The way of an event through the state: one function in, effects out.
//!
//! Invariant: every change of the state happens inside [`App::update`] or [`App::new`], and what they want done leaves
//! as effects, in the order in which it was wanted.

mod details;
mod keys;
mod outside;
mod paste;
mod pointer;
mod reply;
mod settle;
mod tasks;

use std::collections::BTreeSet;

use super::details::DetailsPane;
use super::effect::{Effect, Request};
use super::event::{Event, Viewport};
use super::jobs::Jobs;
use super::key::Pane;
use super::state::{App, ConnectionState, Health, Start};
use super::tree::Tree;
use super::waits::{Slot, Waits};
use crate::domain::Capabilities;
use crate::domain::connection::Connected;

impl App {
    /// The state at the start, and what has to be done first.
    #[must_use]
    pub fn new(start: Start) -> (Self, Vec<Effect>) {
        let mut app = Self {
            tree: Tree::new(start.preferences),
            details: DetailsPane::default(),
            modals: Vec::new(),
            jobs: Jobs::default(),
            notices: Vec::new(),
            notice: None,
            notice_lasts: 0,
            pane: Pane::Tree,
            viewport: Viewport::default(),
            connections: start.connections.into_iter().map(ConnectionState::new).collect(),
            places: start.images.into_iter().map(ConnectionState::of_place).collect(),
            pull_to: start.pull_to,
            pull_meanwhile: None,
            undoable: Vec::new(),
            welcome: None,
            filter: None,
            preferences: start.preferences,
            now: start.now,
            pauses: Vec::new(),
            read_only: start.read_only,
            providers: start.providers,
            waits: Waits::default(),
            out: Vec::new(),
            goal: None,
            last_selected: None,
            warned: BTreeSet::new(),
        };
        app.list_connections();
        if let Some(failure) = start.failure {
            app.tell_failure(&failure);
        }
        if let Some(place) = start.visit {
            app.start(Slot::Visit, Request::Visit(place));
        }
        match start.connect {
            Some(provider) => app.connect_with(provider),
            None => app.welcome_if_alone(),
        }
        app.settle();
        let effects = std::mem::take(&mut app.out);
        (app, effects)
    }

    /// Takes an event in; gives back what is to be done.
    pub fn update(&mut self, event: Event) -> Vec<Effect> {
        match event {
            Event::Key(key) => self.on_key(key),
            Event::Paste(text) => self.on_paste(&text),
            Event::Pointer(gesture, target) => self.on_pointer(gesture, target),
            Event::Viewport(viewport) => self.on_viewport(viewport),
            Event::Tick(now) => self.on_tick(now),
            Event::Rested => {
                self.check_typed();
                self.show_details();
            }
            Event::Reply(id, reply) => self.on_reply(id, *reply),
            Event::Progress(id, progress) => self.on_progress(id, progress),
            Event::Waiting { host, said, seconds } => self.on_waiting(host, &said, seconds),
            Event::Resumed(host) => self.pauses.retain(|(h, _, _)| *h != host),
            Event::SignInCode(code) => self.on_sign_in_code(code),
            Event::Warning { host, text } => self.on_warning(&host, &text),
            Event::Images(change) => self.on_images(change),
            Event::Copied { what, way } => self.on_copied(&what, way),
            Event::Opened(result) => self.on_opened(result),
        }
        self.settle();
        std::mem::take(&mut self.out)
    }

    /// Whether something on the screen changes with time: jobs, listings, pauses. While it does, ticks are wanted.
    #[must_use]
    pub fn is_moving(&self) -> bool {
        self.waits.count(|_| true) > 0 || !self.pauses.is_empty()
    }
}

impl ConnectionState {
    /// A connection of which nothing was asked so far.
    #[must_use]
    pub fn new(connected: Connected) -> Self {
        Self { connected, health: Health::Unknown, refused: Capabilities::NONE, asked_again: false }
    }
}
