//! Jobs: from a request to a line in the panel, and from the answer to its end.

use crate::app::effect::Request;
use crate::app::event::TaskId;
use crate::app::jobs::{Doing, Job, JobEnd};
use crate::app::notice::Level;
use crate::app::state::App;
use crate::app::waits::Slot;
use crate::domain::human::count;
use crate::domain::job::{Copying, Moved, Progress};
use crate::domain::{Failure, FailureKind, Locator, NodeKind};

/// How much of the new sample goes into the smoothed speed.
const NEW_SHARE: f64 = 0.4;

impl App {
    /// Starts a job, unless the same one runs already.
    pub(super) fn begin_job(&mut self, request: Request) {
        let Some((doing, title)) = self.describe_job(&request) else { return };
        if self.jobs.list.iter().any(|j| j.end.is_none() && j.request == request) {
            return self.tell(Level::Note, &format!("{title}: that job runs already."));
        }
        let task = self.start_beside(Slot::Job, request.clone());
        self.tell(Level::Note, &format!("{} {title}. J shows the jobs.", doing.now()));
        self.jobs.list.push(Job::new(task, doing, title, request, self.now));
        self.jobs.cursor = self.jobs.list.len() - 1;
    }

    /// What a job does, and between what: `acme/api:2.4.1 → store`.
    fn describe_job(&self, request: &Request) -> Option<(Doing, String)> {
        match request {
            Request::Pull { what, target, .. } => {
                let is_here = what.iter().all(|at| self.is_here(at));
                let doing = if is_here { Doing::Save } else { Doing::Pull };
                let place = self.name_of_place(&target.place);
                Some((doing, format!("{} → {place}", self.name_all(what, "image", "images"))))
            }
            Request::Copy { what, .. } => {
                let from: Vec<Locator> = what.iter().map(|c| c.from.clone()).collect();
                let doing = if from.iter().all(|at| self.is_here(at)) { Doing::Push } else { Doing::Copy };
                let names = self.name_all(&from, "image", "images");
                Some((doing, format!("{names} → {}", self.name_target(what))))
            }
            Request::RunExtra(asked) => Some((Doing::Extra, self.title_of_extra(asked))),
            _ => None,
        }
    }

    /// Where images go that are pushed or copied: the reference, or the repository of several.
    fn name_target(&self, what: &[Copying]) -> String {
        let Some(first) = what.first() else { return String::new() };
        let node = if what.len() == 1 { Some(first.to.clone()) } else { first.to.repository_node() };
        let reference = node.and_then(|at| at.reference(&self.host_of(&at)));
        reference.map_or_else(|| self.title_of(&first.to), |r| r.to_string())
    }

    pub(in crate::app) fn on_progress(&mut self, id: TaskId, progress: Progress) {
        let now = self.now;
        if let Some(job) = self.jobs.list.iter_mut().find(|j| j.task == id && j.end.is_none()) {
            job.take_sample(progress, now);
        }
    }

    pub(in crate::app) fn on_moved(&mut self, id: TaskId, result: Result<Moved, Failure>) {
        let Some(job) = self.jobs.list.iter_mut().find(|j| j.task == id) else { return };
        let (title, doing, request) = (job.title.clone(), job.doing, job.request.clone());
        job.speed = None;
        match result {
            Ok(moved) => {
                job.end = Some(JobEnd::Done(moved.clone()));
                for note in &moved.notes {
                    self.tell(Level::Warning, &format!("{title}: {note}"));
                }
                let images = count(moved.images.len() as u64, "image", "images");
                let bytes = doing.tally(&moved);
                self.tell(
                    Level::Info,
                    &format!("{} {images} to {} ({bytes}).", doing.done(), moved.location),
                );
                if let Some(at) = &moved.at {
                    self.show_new_image(at);
                }
            }
            Err(failure) => {
                job.end = Some(JobEnd::Failed(failure.clone()));
                if failure.kind == FailureKind::Cancelled {
                    let text = format!("Cancelled {title}.");
                    self.tell_with_hint(Level::Note, &text, failure.hint());
                } else {
                    self.tell_failure(&failure);
                }
                self.show_what_arrived(&request);
            }
        }
    }

    /// Of several copies some may be there although another failed: lists anew where they went to.
    fn show_what_arrived(&mut self, request: &Request) {
        let Request::Copy { what, .. } = request else { return };
        let mut targets: Vec<Locator> = what.iter().filter_map(|one| one.to.repository_node()).collect();
        targets.dedup();
        for repository in targets {
            if self.tree.is_known(&repository) {
                self.refresh(&repository);
            } else if let Some(parent) = repository.parent().filter(|p| self.tree.children_count(p).is_some())
            {
                self.refresh(&parent);
            }
        }
    }

    /// Lists anew what a new image shows up in: its repository; on this machine the whole place, which is small.
    pub(super) fn show_new_image(&mut self, at: &Locator) {
        if self.is_here(at) {
            self.refresh(&Locator::root(at.connection.clone()));
        }
        match at.repository_node() {
            Some(repository) if self.tree.is_known(&repository) => self.refresh(&repository),
            Some(repository) if !self.is_here(at) => {
                if let Some(parent) = repository.parent().filter(|p| self.tree.children_count(p).is_some()) {
                    self.tree.add_child(&parent, NodeKind::Repository, repository.name());
                }
            }
            _ => {}
        }
    }
}

impl Job {
    pub(super) fn new(task: TaskId, doing: Doing, title: String, request: Request, now: i64) -> Self {
        Self {
            task,
            doing,
            title,
            progress: Progress::default(),
            speed: None,
            sampled: (now, 0),
            end: None,
            began: now,
            request,
            stopping: false,
            push: Vec::new(),
        }
    }

    /// The same work under a new task.
    pub(super) fn again(&self, task: TaskId, now: i64) -> Self {
        let fresh = Self::new(task, self.doing, self.title.clone(), self.request.clone(), now);
        Self { push: self.push.clone(), ..fresh }
    }

    /// Takes a sample; once a second the speed is taken anew, while bytes flow at all.
    fn take_sample(&mut self, progress: Progress, now: i64) {
        let (then, before) = self.sampled;
        if !progress.is_flowing() {
            (self.speed, self.sampled) = (None, (now, progress.fetched));
        } else if now > then {
            #[expect(clippy::cast_precision_loss, reason = "a speed is shown with three digits")]
            let fresh = progress.fetched.saturating_sub(before) as f64 / (now - then) as f64;
            // A second without a byte is a standstill, whatever was before.
            let before = self.speed.filter(|_| fresh > 0.0);
            self.speed = Some(before.map_or(fresh, |old| old + NEW_SHARE * (fresh - old)));
            self.sampled = (now, progress.fetched);
        }
        self.progress = progress;
    }
}
