//! Pulling: from a wish to a job, and from a job's answer to its end.

use crate::app::effect::Request;
use crate::app::event::TaskId;
use crate::app::jobs::{Job, JobEnd};
use crate::app::modal::{Act, Confirm, Modal};
use crate::app::notice::Level;
use crate::app::state::App;
use crate::app::waits::Slot;
use crate::domain::human::{count, size};
use crate::domain::job::{Moved, Progress};
use crate::domain::{Failure, FailureKind, ImagePlace, LocalImage, Locator};

/// How much of the new sample goes into the smoothed speed.
const NEW_SHARE: f64 = 0.4;

impl App {
    pub(super) fn pull_images(&mut self, what: Vec<Locator>) {
        self.pull(what);
        self.tree.clear_marks();
    }

    /// Asks first, with the number of tags as far as it is known.
    pub(super) fn ask_pull_repository(&mut self, at: &Locator) {
        let listed = self.tree.children_count(at).map(|(n, more)| {
            let tags = count(n, "tag", "tags");
            if more { format!("{tags} or more") } else { tags }
        });
        let told = self.tree.facts(at).and_then(|f| f.count).map(|n| count(n, "tag", "tags"));
        let tags = told.or(listed).unwrap_or_else(|| "all its tags".to_owned());
        let title = format!("Pull {}, {tags}?", self.title_of(at));
        let about = "Every tag goes to the local image store; what is there already is not fetched again.";
        let act = Act::PullRepository(vec![at.clone()]);
        self.modals.push(Modal::Confirm(Confirm::plain(title, about, act)));
    }

    /// Starts a job, unless the same one runs already.
    pub(super) fn pull(&mut self, what: Vec<Locator>) {
        let name = match what.as_slice() {
            [at] => self.title_of(at),
            _ => count(what.len() as u64, "image", "images"),
        };
        let request = Request::Pull { what, target: LocalImage::in_place(ImagePlace::Store), platform: None };
        if self.jobs.list.iter().any(|j| j.end.is_none() && j.request == request) {
            return self.tell(Level::Note, &format!("{name} is being pulled already."));
        }
        let task = self.start_beside(Slot::Job, request.clone());
        self.jobs.list.push(Job::new(task, format!("{name} → store"), request, self.now));
        self.jobs.cursor = self.jobs.list.len() - 1;
        self.tell(Level::Note, &format!("Pulling {name}."));
    }

    pub(in crate::app) fn on_progress(&mut self, id: TaskId, progress: Progress) {
        let now = self.now;
        if let Some(job) = self.jobs.list.iter_mut().find(|j| j.task == id && j.end.is_none()) {
            job.take_sample(progress, now);
        }
    }

    pub(in crate::app) fn on_pulled(&mut self, id: TaskId, result: Result<Moved, Failure>) {
        let Some(job) = self.jobs.list.iter_mut().find(|j| j.task == id) else { return };
        let title = job.title.clone();
        job.speed = None;
        match result {
            Ok(pulled) => {
                let images = count(pulled.images.len() as u64, "image", "images");
                let fetched = size(pulled.moved);
                let text = format!("Pulled {images} to {} ({fetched} fetched).", pulled.location);
                let notes = pulled.notes.clone();
                job.end = Some(JobEnd::Done(pulled));
                for note in notes {
                    self.tell(Level::Warning, &format!("{title}: {note}"));
                }
                self.tell(Level::Info, &text);
            }
            Err(failure) => {
                job.end = Some(JobEnd::Failed(failure.clone()));
                if failure.kind == FailureKind::Cancelled {
                    let text = format!("Cancelled {title}.");
                    self.tell_with_hint(Level::Note, &text, failure.kind.hint());
                } else {
                    self.tell_failure(&failure);
                }
            }
        }
    }
}

impl Job {
    fn new(task: TaskId, title: String, request: Request, now: i64) -> Self {
        Self {
            task,
            title,
            progress: Progress::default(),
            speed: None,
            sampled: (now, 0),
            end: None,
            began: now,
            request,
            stopping: false,
        }
    }

    /// The same work under a new task.
    pub(super) fn again(&self, task: TaskId, now: i64) -> Self {
        Self::new(task, self.title.clone(), self.request.clone(), now)
    }

    /// Takes a sample; once a second the speed is taken anew.
    fn take_sample(&mut self, progress: Progress, now: i64) {
        let (then, before) = self.sampled;
        if now > then {
            #[expect(clippy::cast_precision_loss, reason = "a speed is shown with three digits")]
            let fresh = progress.fetched.saturating_sub(before) as f64 / (now - then) as f64;
            self.speed = Some(self.speed.map_or(fresh, |old| old + NEW_SHARE * (fresh - old)));
            self.sampled = (now, progress.fetched);
        }
        self.progress = progress;
    }
}
