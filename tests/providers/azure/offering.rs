//! Offers as the explorer drives them: choices, checks, a summary, a run that can be watched and left.

use std::collections::BTreeMap;
use std::sync::Mutex;

use tagalong::domain::asked::{Asked, Outcome};
use tagalong::domain::extra::Choice;
use tagalong::domain::{ConnectionId, Failure, Locator, Secret};
use tagalong::registry::{Provider, Running, Stages};
use tokio_util::sync::CancellationToken;

/// An offer on a node of the connection, filled in.
pub(crate) fn asked(extra: &str, at: &Locator, values: &[(&str, &str)]) -> Asked {
    let values = values.iter().map(|(id, text)| ((*id).to_owned(), Secret::new(*text)));
    Asked {
        extra: extra.to_owned(),
        via: ConnectionId::new("test"),
        at: at.clone(),
        image: None,
        values: values.collect::<BTreeMap<_, _>>(),
    }
}

/// Everything that was told of a run, and the way to stop it.
#[derive(Default)]
pub(crate) struct Watch {
    told: Mutex<Vec<String>>,
    pub(crate) stop: CancellationToken,
    stop_at: Option<&'static str>,
}

impl Stages for Watch {
    fn enter(&self, stage: &str) {
        self.line(stage);
        if self.stop_at.is_some_and(|at| stage.contains(at)) {
            self.stop.cancel();
        }
    }

    fn line(&self, text: &str) {
        self.told.lock().unwrap().push(text.to_owned());
    }
}

impl Watch {
    /// One that stops it at the first stage that has this in it.
    pub(crate) fn stopping_at(stage: &'static str) -> Self {
        Self { stop_at: Some(stage), ..Self::default() }
    }

    pub(crate) fn told(&self) -> String {
        self.told.lock().unwrap().join("\n")
    }

    pub(crate) async fn run(&self, provider: &dyn Provider, asked: &Asked) -> Result<Outcome, Failure> {
        let running = Running { stages: self, stop: &self.stop, sign_in: None };
        provider.extras().unwrap().run(asked, &running).await
    }
}

/// Runs it with nobody watching.
pub(crate) async fn run(provider: &dyn Provider, asked: &Asked) -> Result<Outcome, Failure> {
    Watch::default().run(provider, asked).await
}

pub(crate) async fn choices(provider: &dyn Provider, asked: &Asked, field: &str) -> Vec<Choice> {
    provider.extras().unwrap().choices(asked, field).await.unwrap()
}

/// Value and note of each choice.
pub(crate) fn shown(choices: &[Choice]) -> Vec<(&str, &str)> {
    choices.iter().map(|c| (c.value.as_str(), c.note.as_str())).collect()
}
