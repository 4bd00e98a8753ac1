//! Images into files and folders: the path, and the question before a file is replaced.
//!
//! Invariant: an archive is written as a whole, so one that is there is replaced only after that was said.

use std::path::PathBuf;

use crate::app::choice::Choices;
use crate::app::effect::Request;
use crate::app::file_kind::FileKind;
use crate::app::modal::{Act, Confirm, Consent, Modal, Prompt, Purpose};
use crate::app::state::App;
use crate::app::waits::Slot;
use crate::domain::text::visible;
use crate::domain::{Failure, LocalImage, Locator, NodeKind};

impl App {
    /// Asks for the file or folder that images go into.
    pub(super) fn ask_path(&mut self, what: Vec<Locator>, kind: FileKind, choices: &Choices) {
        let title = format!("Put {} into {}", self.name_all(&what, "image", "images"), kind.words());
        let platform = choices.platform();
        let path = self.suggest_path(&what, kind);
        self.prompt(Prompt::new(title, kind.about(), &path, Purpose::Save { what, kind, platform }));
    }

    /// A name in the folder that the program was started in: of the repository, with the tag of a single image.
    fn suggest_path(&self, what: &[Locator], kind: FileKind) -> String {
        let same = |at: &&Locator| at.repository() == what.first().and_then(Locator::repository);
        let repository =
            what.first().and_then(Locator::repository).filter(|_| what.iter().all(|at| same(&at)));
        let base = repository.map_or("images", |name| name.rsplit('/').next().unwrap_or(name));
        let tag = match what {
            [at] if at.kind() == NodeKind::Tag => format!("-{}", at.name()),
            _ => String::new(),
        };
        format!("{base}{tag}{}", kind.ending())
    }

    /// Enter: looks whether a file would be replaced. Into a folder images only come.
    pub(super) fn look_at_file(&mut self) {
        let Some((path, request)) = self.saving() else { return };
        match self.modals.last() {
            Some(Modal::Prompt(Prompt { purpose: Purpose::Save { kind: FileKind::Layout, .. }, .. })) => {
                self.send(request);
            }
            _ => self.send_prompt(Slot::HasFile, Request::HasFile(path)),
        }
    }

    /// It is known whether a file is there: starts the job, after a question where it is.
    pub(in crate::app) fn on_file_looked_for(&mut self, result: Result<bool, Failure>) {
        let is_there = match result {
            Ok(is_there) => is_there,
            Err(failure) => return self.blame_prompt(&failure, |p| matches!(p, Purpose::Save { .. })),
        };
        let Some((path, request)) = self.saving() else { return };
        if !is_there {
            return self.send(request);
        }
        if let Some(Modal::Prompt(prompt)) = self.modals.last_mut() {
            prompt.busy = false;
        }
        let title = format!("Replace {}?", visible(&path.to_string_lossy()));
        let about = "The file is there already. It goes, with everything in it.";
        let mut confirm = Confirm::plain(title, about, Act::Replace(Box::new(request)));
        confirm.consent = Consent::Yes;
        self.modals.push(Modal::Confirm(confirm));
    }

    /// What the open prompt is about: the path that was typed, and the job.
    fn saving(&self) -> Option<(PathBuf, Request)> {
        let Some(Modal::Prompt(prompt)) = self.modals.last() else { return None };
        let Purpose::Save { what, kind, platform } = prompt.purpose.clone() else { return None };
        let path = PathBuf::from(prompt.input.value().trim());
        let target = LocalImage::in_place(kind.at(path.clone()));
        Some((path, Request::Pull { what, target, platform }))
    }
}
