//! The places on this machine that hold images: the local store, and the engines that answer.
//!
//! Invariant: a place that went away keeps its rows and says so; when it comes back they are listed anew.

use crate::app::choice::{Choice, Choices};
use crate::app::effect::Effect;
use crate::app::file_kind::FileKind;
use crate::app::modal::{Modal, Pick, PickItem, Picker, PickerPurpose};
use crate::app::state::{App, ConnectionState, Health};
use crate::domain::connection::Connected;
use crate::domain::local::STORE;
use crate::domain::{Capabilities, ConnectionId, ImagePlace, ImagesChange, Locator};

impl App {
    /// Something about the images on this machine has changed.
    pub(in crate::app) fn on_images(&mut self, change: ImagesChange) {
        match change {
            ImagesChange::Places(places) => self.set_places(places),
            ImagesChange::Content(id) => self.refresh(&Locator::root(id)),
        }
    }

    /// These are the places now. What came back is listed anew.
    fn set_places(&mut self, places: Vec<Connected>) {
        let was_gone = |before: &[ConnectionState], id: &ConnectionId| {
            before.iter().any(|p| p.id() == id && matches!(p.health, Health::Failed(_)))
        };
        let before = std::mem::take(&mut self.places);
        self.places = places.into_iter().map(ConnectionState::of_place).collect();
        // Nothing is away any more that it stood in for.
        if self.pull_meanwhile.as_ref().is_some_and(|id| !self.is_stopgap(id)) {
            self.pull_meanwhile = None;
        }
        self.list_connections();
        if let Some(welcome) = &mut self.welcome {
            welcome.has_images = !self.places.is_empty();
        }
        let back = self.places.iter().filter(|p| p.health == Health::Fine && was_gone(&before, p.id()));
        let back: Vec<Locator> = back.map(|p| Locator::root(p.id().clone())).collect();
        for at in back {
            self.refresh(&at);
        }
        let is_shown = self.details.at.as_ref().is_some_and(|at| self.is_here(at) && at.steps.is_empty());
        if is_shown {
            self.refresh_details();
        }
    }

    /// Whether a node lies on this machine.
    pub(crate) fn is_here(&self, at: &Locator) -> bool {
        self.can(at).contains(Capabilities::LOCAL)
    }

    /// Where a pull goes that says nothing else: where the last one was sent by hand, while that is away what was chosen
    /// instead, else the engine that answers, else the store.
    pub(super) fn usual_place(&self) -> ImagePlace {
        let mut engines = self.places.iter().map(ConnectionState::id).filter(|id| id.0.as_ref() != STORE);
        let chosen = [&self.pull_to, &self.pull_meanwhile].into_iter().flatten();
        let chosen = chosen.chain(engines.by_ref()).find(|id| self.answers(id));
        chosen.map_or(ImagePlace::Store, ImagePlace::of_node)
    }

    fn answers(&self, id: &ConnectionId) -> bool {
        self.places.iter().any(|place| place.id() == id && !matches!(place.health, Health::Failed(_)))
    }

    /// From now on pulls go there, also after the next start. What stands in for a place that is away is the usual one
    /// only until that is back.
    pub(super) fn remember_place(&mut self, place: &ImagePlace) {
        let Some(id) = place.node() else { return };
        if self.is_stopgap(&id) {
            self.pull_meanwhile = Some(id);
            return;
        }
        self.pull_meanwhile = None;
        if self.pull_to.as_ref() != Some(&id) {
            self.pull_to = Some(id.clone());
            self.out.push(Effect::RememberPlace(id));
        }
    }

    /// Whether the usual place is away, so that another one is chosen instead of it.
    fn is_stopgap(&self, id: &ConnectionId) -> bool {
        match &self.pull_to {
            Some(usual) => usual != id && !self.answers(usual),
            None => *id.0 == *STORE && self.places.iter().any(|place| !self.answers(place.id())),
        }
    }

    /// What a place is called.
    pub(super) fn name_of_place(&self, place: &ImagePlace) -> String {
        if let Some(id) = place.node() {
            let known = self.places.iter().find(|p| *p.id() == id);
            return known.map_or_else(|| id.to_string(), |p| p.connected.connection.name.clone());
        }
        match place {
            ImagePlace::Layout(path) | ImagePlace::OciArchive(path) | ImagePlace::DockerArchive(path) => {
                path.display().to_string()
            }
            ImagePlace::Store | ImagePlace::Engine(_) => String::new(),
        }
    }

    /// Pull to…: every place that answers, and files.
    pub(super) fn pick_place(&mut self, what: &[Locator]) {
        let usual = self.usual_place();
        let answering = self.places.iter().filter(|p| !matches!(p.health, Health::Failed(_)));
        let mut choices: Vec<PickItem> = answering
            .map(|p| {
                let place = ImagePlace::of_node(p.id());
                let usual = if place == usual { " · the usual place" } else { "" };
                PickItem {
                    label: p.connected.connection.name.clone(),
                    note: format!("{}{usual}", p.connected.provider_title),
                    pick: Pick::PullTo(what.to_vec(), place),
                }
            })
            .collect();
        choices.extend(files(what));
        let title = format!("Pull {} to", self.name_all(what, "image", "images"));
        self.push_place_picker(&title, what, choices);
    }

    /// Save to file…: the kinds of files.
    pub(super) fn pick_file(&mut self, what: &[Locator]) {
        let title = format!("Save {} to", self.name_all(what, "image", "images"));
        self.push_place_picker(&title, what, files(what).collect());
    }

    fn push_place_picker(&mut self, title: &str, what: &[Locator], choices: Vec<PickItem>) {
        let mut picker = Picker::new(PickerPurpose::Target, title, None, choices);
        picker.beside = Choices::of(vec![self.platforms_of(what)]);
        self.modals.push(Modal::Picker(picker));
    }

    /// The platforms that these images may have.
    pub(super) fn platforms_of(&self, what: &[Locator]) -> Choice {
        let facts = match what {
            [at] => self.tree.facts(at),
            _ => None,
        };
        Choices::platforms(facts)
    }
}

fn files(what: &[Locator]) -> impl Iterator<Item = PickItem> {
    FileKind::ALL.into_iter().map(|kind| PickItem {
        label: kind.label().to_owned(),
        note: kind.note().to_owned(),
        pick: Pick::PullInto(what.to_vec(), kind),
    })
}

impl ConnectionState {
    /// A place on this machine, as it was told to be.
    pub(in crate::app) fn of_place(place: Connected) -> Self {
        let health = place.failure.clone().map_or(Health::Fine, Health::Failed);
        Self { health, ..Self::new(place) }
    }
}
