//! Inspect manifest: the viewer opens at once, its documents arrive one after the other.

use crate::app::effect::Request;
use crate::app::inspect::{Document, Inspector, Mode};
use crate::app::key::Key;
use crate::app::local::{self, ViewerAction};
use crate::app::modal::Modal;
use crate::app::state::App;
use crate::app::waits::Slot;
use crate::domain::detail::Inspection;
use crate::domain::text::visible;
use crate::domain::{Digest, Failure, Locator};

/// Columns a sideways step scrolls.
const SIDEWAYS: usize = 8;

impl App {
    pub(super) fn inspect(&mut self, at: &Locator) {
        let reference = at.reference(&self.host_of(at));
        let title = reference.map_or_else(|| self.title_of(at), |r| visible(&r.to_string()).into_owned());
        self.modals.push(Modal::Inspect(Box::new(Inspector {
            at: at.clone(),
            title,
            stack: Vec::new(),
            fetching: None,
            failure: None,
            mode: Mode::Read,
            search: None,
        })));
        self.start(Slot::Inspect, Request::Inspect { at: at.clone(), digest: None });
    }

    pub(in crate::app) fn on_inspection(&mut self, result: Result<Inspection, Failure>) {
        let viewer = self.modals.iter_mut().rev().find_map(|m| match m {
            Modal::Inspect(viewer) => Some(viewer),
            _ => None,
        });
        let Some(viewer) = viewer else { return };
        viewer.fetching = None;
        match result {
            Ok(inspection) => viewer.push(Document::new(inspection)),
            Err(failure) => viewer.failure = Some(failure),
        }
    }

    pub(in crate::app) fn key_in_viewer(&mut self, key: Key) {
        let Some(Modal::Inspect(viewer)) = self.modals.last_mut() else { return };
        if viewer.search.as_ref().is_some_and(|s| s.typing) {
            let height = usize::from(self.viewport.popup);
            viewer.type_search(key, height);
        } else if let Some(action) = local::in_viewer(key) {
            self.act_in_viewer(action);
        }
    }

    fn act_in_viewer(&mut self, action: ViewerAction) {
        let height = usize::from(self.viewport.popup);
        let page = isize::try_from(height.max(2) - 1).unwrap_or(1);
        let Some(Modal::Inspect(viewer)) = self.modals.last_mut() else { return };
        match action {
            ViewerAction::Up => viewer.move_by(-1, height),
            ViewerAction::Down => viewer.move_by(1, height),
            ViewerAction::PageUp => viewer.move_by(-page, height),
            ViewerAction::PageDown => viewer.move_by(page, height),
            ViewerAction::First => viewer.move_to(0, height),
            ViewerAction::Last => viewer.move_to(usize::MAX, height),
            ViewerAction::Left => self.scroll_left(),
            ViewerAction::Right => viewer.scroll_right(SIDEWAYS),
            ViewerAction::Follow => self.follow_member(),
            ViewerAction::Back => self.back_in_viewer(),
            ViewerAction::Show(mode) => viewer.show(mode),
            ViewerAction::NextMode => viewer.show(viewer.mode.next()),
            ViewerAction::Search => viewer.open_search(),
            ViewerAction::NextMatch => viewer.next_match(1, height),
            ViewerAction::PreviousMatch => viewer.next_match(-1, height),
            ViewerAction::CopyDigest => self.copy_document_digest(),
            ViewerAction::Close if viewer.search.is_some() => viewer.search = None,
            ViewerAction::Close => self.close_top(),
        }
    }

    fn scroll_left(&mut self) {
        let Some(Modal::Inspect(viewer)) = self.modals.last_mut() else { return };
        if !viewer.scroll_left(SIDEWAYS) {
            self.back_in_viewer();
        }
    }

    /// Back to the document before, and to no other while one is fetched.
    fn back_in_viewer(&mut self) {
        let Some(Modal::Inspect(viewer)) = self.modals.last_mut() else { return };
        let was_fetching = viewer.fetching.take().is_some();
        if !was_fetching {
            viewer.back();
        } else {
            self.cancel_where(|s| *s == Slot::Inspect);
        }
    }

    /// Opens the member of the index on the chosen line; after a failed fetch, tries that again.
    fn follow_member(&mut self) {
        let Some(Modal::Inspect(viewer)) = self.modals.last_mut() else { return };
        let at = viewer.at.clone();
        let digest: Option<Digest> = viewer.link();
        let first_again = viewer.stack.is_empty() && viewer.failure.is_some();
        if digest.is_none() && !first_again {
            return;
        }
        viewer.failure = None;
        viewer.fetching = digest.clone();
        self.start(Slot::Inspect, Request::Inspect { at, digest });
    }

    fn copy_document_digest(&mut self) {
        let Some(Modal::Inspect(viewer)) = self.modals.last() else { return };
        let digest = viewer.stack.last().map(|d| d.inspection.manifest.digest.to_string());
        if let Some(digest) = digest {
            self.copy("digest", digest);
        }
    }
}
