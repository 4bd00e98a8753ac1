//! The jobs pane: choosing, cancelling, trying again, clearing.
//!
//! Invariant: a running job leaves the list only by its own reply.

use crate::app::command::Command;
use crate::app::effect::Effect;
use crate::app::jobs::{Job, JobEnd};
use crate::app::key::{Key, Pane};
use crate::app::local::{self, JobsAction};
use crate::app::notice::Level;
use crate::app::state::App;
use crate::app::waits::Slot;
use crate::domain::asked::Outcome;

/// Jobs that a page has: the pane is small.
const PAGE: usize = 5;

impl App {
    /// Goes to the jobs, or back.
    pub(super) fn toggle_jobs(&mut self) {
        if self.pane == Pane::Jobs {
            self.pane = Pane::Tree;
        } else if self.jobs.list.is_empty() {
            self.tell(Level::Note, "There are no jobs; p pulls the selected image.");
        } else {
            self.pane = Pane::Jobs;
        }
    }

    /// Pages and ends; the pane's own keys have the single steps.
    pub(super) fn move_in_jobs(&mut self, motion: Command) {
        let last = self.jobs.list.len().saturating_sub(1);
        let cursor = self.jobs.cursor;
        self.jobs.cursor = match motion {
            Command::First => 0,
            Command::Last => last,
            Command::PageUp => cursor.saturating_sub(PAGE),
            Command::PageDown => (cursor + PAGE).min(last),
            _ => cursor,
        };
    }

    /// A key in the jobs pane; says whether it was one of its own.
    pub(in crate::app) fn key_in_jobs(&mut self, key: Key) -> bool {
        let Some(action) = local::in_jobs(key) else { return false };
        let last = self.jobs.list.len().saturating_sub(1);
        match action {
            JobsAction::Up => self.jobs.cursor = self.jobs.cursor.saturating_sub(1),
            JobsAction::Down => self.jobs.cursor = (self.jobs.cursor + 1).min(last),
            JobsAction::Cancel => self.stop_job(),
            JobsAction::Leave => self.pane = Pane::Tree,
            JobsAction::Retry => self.retry_job(),
            JobsAction::Clear => self.clear_jobs(),
            JobsAction::CopyLocation => self.copy_location(),
            JobsAction::Go => self.go_to_image(),
            JobsAction::Open => self.open_address(),
            JobsAction::Log => self.read_log(),
        }
        true
    }

    fn stop_job(&mut self) {
        match self.jobs.list.get_mut(self.jobs.cursor) {
            Some(job) if job.end.is_none() && !job.stopping => {
                job.stopping = true;
                self.out.push(Effect::Stop(job.task));
            }
            Some(job) if job.end.is_none() => {}
            _ => self.clear_job(),
        }
    }

    /// Takes the chosen job off the list; it has ended.
    fn clear_job(&mut self) {
        if self.jobs.cursor < self.jobs.list.len() {
            self.jobs.list.remove(self.jobs.cursor);
        }
        self.stay_among_jobs();
    }

    fn retry_job(&mut self) {
        let Some(job) = self.jobs.list.get(self.jobs.cursor) else { return };
        if !matches!(job.end, Some(JobEnd::Failed(_))) {
            return self.tell(Level::Note, "Only a job that failed can be tried again.");
        }
        let before = job.clone();
        let task = self.start_beside(Slot::Job, before.request.clone());
        let now = self.now;
        if let Some(job) = self.jobs.list.get_mut(self.jobs.cursor) {
            *job = before.again(task, now);
        }
    }

    fn clear_jobs(&mut self) {
        self.jobs.list.retain(|job: &Job| job.end.is_none());
        self.stay_among_jobs();
    }

    /// Keeps the cursor on a job and the keys in the pane, as long as there are jobs.
    fn stay_among_jobs(&mut self) {
        self.jobs.cursor = self.jobs.cursor.min(self.jobs.list.len().saturating_sub(1));
        if self.jobs.list.is_empty() {
            self.pane = Pane::Tree;
        }
    }

    /// Goes to where the image of the chosen job is now.
    fn go_to_image(&mut self) {
        let end = self.jobs.list.get(self.jobs.cursor).and_then(|j| j.end.as_ref());
        match end {
            Some(JobEnd::Done(moved)) => match moved.at.clone() {
                Some(at) => self.go_to(at),
                None => self.tell(Level::Note, "It is in a file; y copies where."),
            },
            Some(JobEnd::Came(outcome)) => match outcome.at.clone() {
                Some(at) => self.go_to(at),
                None => self.tell(Level::Note, "It is at no place in the tree."),
            },
            Some(JobEnd::Failed(_)) => self.tell(Level::Note, "It failed; r tries again."),
            None => self.tell(Level::Note, "It still runs."),
        }
    }

    fn copy_location(&mut self) {
        let job = self.jobs.list.get(self.jobs.cursor);
        match job.and_then(|j| j.end.as_ref()) {
            Some(JobEnd::Done(pulled)) => {
                let text = pulled.location.clone();
                self.copy("location", text);
            }
            Some(JobEnd::Came(outcome)) => match outcome.address.clone() {
                Some(address) => self.copy("address", address),
                None => self.tell(Level::Note, "There is nothing to copy."),
            },
            _ => self.tell(Level::Note, "The image is nowhere yet."),
        }
    }

    /// Opens the address that came of the chosen job.
    fn open_address(&mut self) {
        let end = self.jobs.list.get(self.jobs.cursor).and_then(|j| j.end.as_ref());
        match end {
            Some(JobEnd::Came(Outcome { address: Some(address), .. })) => {
                let address = address.clone();
                self.on_web_address(Ok(address));
            }
            _ => self.tell(Level::Note, "There is no page to open."),
        }
    }

    /// Shows everything that the chosen job was told on its way.
    fn read_log(&mut self) {
        let Some(job) = self.jobs.list.get(self.jobs.cursor) else { return };
        if job.progress.log.is_empty() {
            return self.tell(Level::Note, "It has no log.");
        }
        let (title, text) = (job.title.clone(), job.progress.log.join("\n"));
        self.show_text(&title, text);
    }
}
