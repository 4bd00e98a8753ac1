//! Pulling: images, whole repositories after a question, and what is on this machine once more.

use super::menu::is_from_a_registry;
use crate::app::effect::Request;
use crate::app::event::ConnectFailure;
use crate::app::modal::{Act, Confirm, Modal, Weighing};
use crate::app::notice::Level;
use crate::app::state::App;
use crate::app::waits::Slot;
use crate::domain::connection::Connected;
use crate::domain::human::count;
use crate::domain::job::Weight;
use crate::domain::{Capabilities, Failure, ImagePlace, LocalImage, Locator, NodeKind, Place, Platform};

impl App {
    /// Pulls to the usual place.
    pub(super) fn pull_images(&mut self, what: Vec<Locator>) {
        let place = self.usual_place();
        self.pull_to(what, place, None);
    }

    /// Pulls to a place that was chosen. It is the usual one from now on, unless it only stands in for one that is away.
    pub(super) fn pull_to_chosen(
        &mut self,
        what: Vec<Locator>,
        place: ImagePlace,
        platform: Option<Platform>,
    ) {
        self.remember_place(&place);
        self.pull_to(what, place, platform);
    }

    fn pull_to(&mut self, what: Vec<Locator>, place: ImagePlace, platform: Option<Platform>) {
        self.tree.clear_marks();
        self.begin_job(Request::Pull { what, target: LocalImage::in_place(place), platform });
    }

    /// Asks first, with the number of tags as far as it is known, and what they weigh as soon as that is.
    pub(super) fn ask_pull_repository(&mut self, at: &Locator) {
        let listed = self.tree.children_count(at).map(|(n, more)| {
            let tags = count(n, "tag", "tags");
            if more { format!("{tags} or more") } else { tags }
        });
        let told = self.tree.facts(at).and_then(|f| f.count).map(|n| count(n, "tag", "tags"));
        let tags = told.or(listed).unwrap_or_else(|| "all its tags".to_owned());
        let title = format!("Pull {}, {tags}?", self.title_of(at));
        let place = self.name_of_place(&self.usual_place());
        let about = format!("Every tag goes to {place}; what is there already is not fetched again.");
        let mut confirm = Confirm::plain(title, &about, Act::PullRepository(vec![at.clone()]));
        confirm.weight = Some(Weighing::Looking);
        self.modals.push(Modal::Confirm(confirm));
        self.start(Slot::Weight, Request::Weigh(vec![at.clone()]));
    }

    pub(in crate::app) fn on_weighed(&mut self, result: Result<Weight, Failure>) {
        let asked = self.modals.iter_mut().rev().find_map(|m| match m {
            Modal::Confirm(Confirm { weight: Some(weight), .. }) => Some(weight),
            _ => None,
        });
        if let Some(weight) = asked {
            *weight = result.map_or_else(Weighing::Failed, Weighing::Known);
        }
    }

    /// Fetches images on this machine again from the registries that their names say, into the same place.
    pub(super) fn pull_again(&mut self, at: &Locator) {
        let place = ImagePlace::of_node(&at.connection);
        let from = at.reference("").filter(|_| is_from_a_registry(at));
        let Some(reference) = from else {
            return self.tell(Level::Error, "Its name does not say which registry it is from.");
        };
        if let Some((registry, name)) = self.registry_of(&reference, Capabilities::PULL) {
            let from = self.repository_below(&registry, &name).child(NodeKind::Tag, at.name());
            return self.pull_to(vec![from], place, None);
        }
        match reference.to_string().parse::<Place>() {
            Ok(from) => {
                self.tell(Level::Note, &format!("Connecting to {}…", from.host));
                self.start_beside(Slot::Origin(place), Request::Visit(from));
            }
            Err(failure) => self.tell_failure(&failure),
        }
    }

    /// The registry that a local image is from was connected to for this run.
    pub(in crate::app) fn on_origin(
        &mut self,
        place: ImagePlace,
        result: Result<(Connected, Option<Locator>), ConnectFailure>,
    ) {
        match result {
            Ok((connected, at)) => {
                self.admit(connected);
                if let Some(at) = at {
                    self.pull_to(vec![at], place, None);
                }
            }
            Err(failure) => self.tell_refusal(failure, "connecting to where the image is from"),
        }
    }
}
