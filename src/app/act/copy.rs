//! Copying references, digests and pull commands.
//!
//! Invariant: what goes to the clipboard is one harmless line for each node, whatever a registry calls its tags.

use crate::app::effect::{Effect, Request};
use crate::app::notice::Level;
use crate::app::state::App;
use crate::app::waits::Slot;
use crate::domain::{Digest, Facts, Failure, Locator, NodeKind, Reference};

impl App {
    /// Copies the references of these nodes, one a line.
    pub(super) fn copy_references(&mut self, all: &[Locator]) {
        let lines: Vec<String> = all.iter().filter_map(|at| self.reference_of(at)).collect();
        if lines.len() < all.len() {
            self.tell(Level::Error, "The name is no valid reference; it is not copied.");
            return;
        }
        let what = if lines.len() == 1 { "reference" } else { "references" };
        self.copy(what, lines.join("\n"));
    }

    pub(super) fn copy_pull_command(&mut self, at: &Locator) {
        match self.reference_of(at) {
            Some(reference) => self.copy("pull command", format!("docker pull {reference}")),
            None => {
                self.tell(Level::Error, "The name is no valid reference; a command made of it is not copied.")
            }
        }
    }

    /// Copies the digest; one that is not known is asked for first.
    pub(super) fn copy_digest(&mut self, at: &Locator) {
        if let Some(digest) = self.known_digest(at) {
            self.copy("digest", digest.to_string());
            return;
        }
        self.tell(Level::Note, "Asking for the digest…");
        self.start(Slot::CopyDigest(at.clone()), Request::Facts { at: at.clone() });
    }

    pub(in crate::app) fn on_digest_to_copy(&mut self, at: &Locator, result: Result<Facts, Failure>) {
        match result {
            Ok(facts) => {
                match &facts.digest {
                    Some(digest) => self.copy("digest", digest.to_string()),
                    None => self.tell(Level::Error, "The registry does not tell the digest."),
                }
                self.tree.set_facts(at, facts);
            }
            Err(failure) => self.tell_failure(&failure),
        }
    }

    /// Puts a text on the clipboard.
    pub(super) fn copy(&mut self, what: &'static str, text: String) {
        self.out.push(Effect::Copy { what, text });
    }

    /// The reference of a node as a person pastes it, when it is safe to paste behind a command: a name that breaks
    /// the grammar of references may be anything.
    fn reference_of(&self, at: &Locator) -> Option<String> {
        let text = at.reference(&self.host_of(at))?.to_string();
        let is_valid = !text.contains(char::is_whitespace) && text.parse::<Reference>().is_ok();
        is_valid.then_some(text)
    }

    /// The digest of a node, when it is known without asking.
    pub(super) fn known_digest(&self, at: &Locator) -> Option<Digest> {
        if at.kind() == NodeKind::Manifest {
            return at.name().parse().ok();
        }
        self.tree.facts(at).and_then(|facts| facts.digest.clone())
    }
}
