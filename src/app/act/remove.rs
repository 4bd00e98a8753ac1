//! Untag… and Delete image…: what it would touch, and the question. What follows a yes is in `removed`.
//!
//! Invariant: nothing is removed of which the blast radius was not looked up.

use crate::app::effect::Request;
use crate::app::modal::{Act, Confirm, Consent, Modal};
use crate::app::notice::Level;
use crate::app::state::App;
use crate::app::waits::Slot;
use crate::domain::human::count;
use crate::domain::impact::Impact;
use crate::domain::{Capabilities, Digest, Failure, Locator, NodeKind, Reference};

/// How many blast radii are looked up at a time.
const IMPACTS_AT_ONCE: usize = 4;
/// How many tags without a known digest are looked at for each.
const OTHERS: usize = 400;

/// What untying leaves.
const STAYS: &str = "The manifest and its other tags stay.";

pub(crate) type Looked = (Locator, Option<Result<Impact, Failure>>);

impl App {
    pub(super) fn ask_untag(&mut self, tags: Vec<Locator>) {
        let title = format!("Untag {}?", self.name_all(&tags, "tag", "tags"));
        let mut confirm = Confirm::plain(title, STAYS, Act::Untag(tags.clone()));
        confirm.consent = Consent::Yes;
        confirm.impacts = tags.into_iter().map(|at| (at, None)).collect();
        self.modals.push(Modal::Confirm(confirm));
    }

    pub(super) fn ask_delete(&mut self, images: Vec<Locator>) {
        let title = format!("Delete {}?", self.name_all(&images, "image", "images"));
        let can_untag =
            images.iter().all(|at| at.kind() == NodeKind::Tag && self.can(at).contains(Capabilities::UNTAG));
        let mut confirm = Confirm::plain(title, "", Act::Delete(Vec::new()));
        confirm.consent = Consent::Yes;
        confirm.impacts = images.into_iter().map(|at| (at, None)).collect();
        confirm.can_untag = can_untag;
        self.modals.push(Modal::Confirm(confirm));
    }

    pub(super) fn name_all(&self, all: &[Locator], one: &str, many: &str) -> String {
        match all {
            [at] => self.title_of(at),
            _ => count(all.len() as u64, one, many),
        }
    }

    /// Turns the question about deleting into one about untying, with what is known already.
    pub(super) fn untag_instead(&mut self) {
        let Some(Modal::Confirm(confirm)) = self.modals.last() else { return };
        let impacts = confirm.impacts.clone();
        if let Some(at) =
            impacts.iter().map(|(at, _)| at).find(|at| !self.can(at).contains(Capabilities::UNTAG))
        {
            let text = format!("{} cannot be untied.", self.title_of(at));
            return self.tell(Level::Note, &text);
        }
        self.modals.pop();
        self.ask_untag(impacts.iter().map(|(at, _)| at.clone()).collect());
        if let Some(Modal::Confirm(confirm)) = self.modals.last_mut() {
            confirm.impacts = impacts;
        }
        self.weigh();
    }

    /// Looks up the next blast radii of the open question.
    pub(in crate::app) fn ask_impacts(&mut self) {
        let Some(Modal::Confirm(confirm)) = self.modals.last() else { return };
        let running = self.waits.count(|s| matches!(s, Slot::Impact(_)));
        let next: Vec<Locator> = confirm
            .impacts
            .iter()
            .filter(|(at, impact)| impact.is_none() && !self.waits.has(&Slot::Impact(at.clone())))
            .map(|(at, _)| at.clone())
            .take(IMPACTS_AT_ONCE.saturating_sub(running))
            .collect();
        for at in next {
            let repository = at.repository_node().unwrap_or_else(|| at.clone());
            let known = self.tree.known_digests(&repository);
            let others = self.tree.unknown_tags(&repository, OTHERS);
            self.start(Slot::Impact(at.clone()), Request::Impact { at, known, others });
        }
    }

    pub(in crate::app) fn on_impact(&mut self, at: &Locator, mut result: Result<Impact, Failure>) {
        // A place on this machine tells of all its images; a registry may have tags that nobody has listed.
        let repository = at.repository_node().filter(|_| !self.is_here(at));
        if let (Ok(impact), Some(repository)) = (&mut result, repository) {
            let (listed, more) = self.tree.children_count(&repository).unwrap_or((0, true));
            impact.looked_at.1 = impact.looked_at.1.max(listed);
            if more {
                impact.unknown.push("not every tag of the repository is listed yet".to_owned());
            }
        }
        let confirm = self.modals.iter_mut().rev().find_map(|m| match m {
            Modal::Confirm(confirm) => Some(confirm),
            _ => None,
        });
        let Some(confirm) = confirm else { return };
        if let Some((_, impact)) = confirm.impacts.iter_mut().find(|(a, _)| a == at) {
            *impact = Some(result);
        }
        self.weigh();
    }

    /// Works out from what is known what a yes does, and how sure one has to be.
    fn weigh(&mut self) {
        let Some(Modal::Confirm(confirm)) = self.modals.last() else { return };
        let mut manifests: Vec<(Locator, Digest)> = Vec::new();
        let mut unknown = 0;
        for (at, impact) in &confirm.impacts {
            let digest = match impact {
                Some(Ok(impact)) => impact.digest.clone(),
                // Whatever digest is known from before: nobody can tell what would go with it.
                Some(Err(_)) => {
                    unknown += 1;
                    continue;
                }
                None => continue,
            };
            let home = self.home_of(at);
            let same = |(a, d): &(Locator, Digest)| *d == digest && self.home_of(a) == home;
            if !manifests.iter().any(same) {
                manifests.push((at.clone(), digest));
            }
        }
        let touches_others = self.touches_others(&confirm.impacts);
        let last = confirm.impacts.iter().filter(|(at, _)| self.is_last_name(at, &confirm.impacts)).count();
        let title = match &confirm.act {
            Act::Untag(tags) if last > 0 && last == tags.len() => {
                Some(format!("Delete {}?", self.name_all(tags, "image", "images")))
            }
            _ => None,
        };
        let Some(Modal::Confirm(confirm)) = self.modals.last_mut() else { return };
        confirm.can_untag &= last == 0;
        if let Some(title) = title {
            (confirm.title, confirm.takes_images) = (title, true);
        }
        match &mut confirm.act {
            Act::Delete(targets) => {
                confirm.about = tell_what_stays(unknown);
                *targets = manifests;
                confirm.consent = if touches_others { Consent::Yes } else { Consent::Enter };
            }
            Act::Untag(_) => {
                let unsure = confirm.impacts.iter().any(|(_, i)| !matches!(i, Some(Ok(_))));
                confirm.consent = if unsure || last > 0 { Consent::Yes } else { Consent::Enter };
                tell_what_goes(last).clone_into(&mut confirm.about);
            }
            Act::Disconnect(_)
            | Act::PullRepository(_)
            | Act::DeleteRepository(_)
            | Act::Replace(_)
            | Act::Extra(..)
            | Act::Quit => {}
        }
    }

    /// The node within which one digest is one image: its repository, or the whole place on this machine.
    pub(super) fn home_of(&self, at: &Locator) -> Locator {
        let repository = at.repository_node().filter(|_| !self.is_here(at));
        repository.unwrap_or_else(|| Locator::root(at.connection.clone()))
    }

    /// Whether deleting touches more than was chosen, or nobody can tell.
    fn touches_others(&self, impacts: &[Looked]) -> bool {
        let is_chosen = |at: &Locator, tag: &str| {
            let home = self.home_of(at);
            impacts.iter().any(|(a, _)| self.home_of(a) == home && self.is_called(a, tag))
        };
        impacts.iter().any(|(at, impact)| match impact {
            Some(Ok(impact)) => {
                impact.tags.iter().any(|tag| !is_chosen(at, tag))
                    || !impact.in_indexes.is_empty()
                    || !impact.children.is_empty()
                    || !impact.referrers.is_empty()
                    || !impact.unknown.is_empty()
                    || impact.looked_at.0 < impact.looked_at.1
            }
            Some(Err(_)) | None => true,
        })
    }

    /// Whether `tag` in a blast radius is the tag at `at`: it is the tag alone in a registry, and the whole reference on
    /// this machine, in either spelling.
    pub(crate) fn is_called(&self, at: &Locator, tag: &str) -> bool {
        match at.reference("").filter(|_| self.is_here(at)) {
            Some(own) => tag.parse::<Reference>().is_ok_and(|reference| reference == own),
            None => at.name() == tag,
        }
    }

    /// Whether the image at `at` goes when the chosen names do: on this machine nothing is kept without a name.
    pub(crate) fn is_last_name(&self, at: &Locator, impacts: &[Looked]) -> bool {
        let Some((_, Some(Ok(impact)))) = impacts.iter().find(|(a, _)| a == at) else { return false };
        let is_chosen = |tag: &String| {
            impacts.iter().any(|(a, _)| a.connection == at.connection && self.is_called(a, tag))
        };
        self.is_here(at) && impact.tags.iter().all(is_chosen)
    }
}

/// What goes although only names are taken away: so many images on this machine.
fn tell_what_goes(images: usize) -> &'static str {
    match images {
        0 => STAYS,
        1 => "The image goes with its last name and cannot be put back.",
        _ => "Images go with their last names and cannot be put back.",
    }
}

/// What could not be looked up is not deleted.
fn tell_what_stays(unknown: u64) -> String {
    match unknown {
        0 => String::new(),
        1 => "1 image stays: what goes with it could not be looked up.".to_owned(),
        _ => format!("{unknown} images stay: what goes with them could not be looked up."),
    }
}
