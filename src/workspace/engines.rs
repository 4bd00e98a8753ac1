//! Container engines: found at every place where one may be, shown once each, kept in view when they go away.
//!
//! Invariant: an engine that several addresses lead to is shown under the first of them that answers. What the tree
//! shows is worked out anew from the state of every candidate, so nothing has to be undone.

use std::sync::Arc;
use std::time::Duration;

use futures_util::StreamExt as _;
use futures_util::future::join_all;
use futures_util::stream::{self, BoxStream, SelectAll};

use super::Workspace;
use super::connect::blank;
use super::open::{Local, Opened};
use crate::domain::connection::Connected;
use crate::domain::{ConnectionId, Failure, FailureKind, ImagePlace, ImagesChange, LocalImage};
use crate::engine::{self, Address, Candidate, Chosen, Engine, Kind, Sign};
use crate::images::EngineImages;
use crate::store::{Env, appearances};
use crate::transfer::on_disk;

/// How long a subcommand waits for engines to answer.
const PATIENCE: Duration = Duration::from_secs(5);

/// What is known of one candidate.
#[derive(Clone)]
enum State {
    /// Nothing has answered there.
    Silent,
    /// An engine answers.
    Up(Engine),
    /// None answers, and the person is told so.
    Gone(Option<Engine>, Failure),
}

/// A candidate with what is known of it.
struct Known {
    candidate: Candidate,
    state: State,
}

impl Known {
    fn standing(&self) -> Standing<'_> {
        match &self.state {
            State::Silent => Standing::Silent,
            State::Up(engine) => Standing::Up(&engine.version().identity),
            State::Gone(last, _) => Standing::Gone(last.as_ref().map(|e| e.version().identity.as_str())),
        }
    }
}

/// What decides whether a candidate is shown.
#[derive(Debug, Clone, Copy)]
enum Standing<'a> {
    /// Nothing has answered there.
    Silent,
    /// The engine of this identity answers.
    Up(&'a str),
    /// None answers, where this one did, if any.
    Gone(Option<&'a str>),
}

/// What a watcher goes on with.
struct Watcher {
    workspace: Arc<Workspace>,
    all: Vec<Known>,
    signs: SelectAll<BoxStream<'static, (usize, Sign)>>,
}

/// Looks for engines and follows them while the stream is read.
pub(super) fn watch(workspace: Arc<Workspace>) -> BoxStream<'static, ImagesChange> {
    let begin = async move {
        let all = workspace.candidates().await;
        let signs = all.iter().enumerate().map(|(number, candidate)| {
            let again = workspace.reasons_to_look(candidate);
            engine::watch(candidate.clone(), again).map(move |sign| (number, sign)).boxed()
        });
        let signs = signs.collect::<Vec<_>>().into_iter().collect();
        let all = all.into_iter().map(|candidate| Known { candidate, state: State::Silent }).collect();
        stream::unfold(Watcher { workspace, all, signs }, |mut watcher| async move {
            let change = watcher.next().await?;
            Some((change, watcher))
        })
    };
    stream::once(begin).flatten().boxed()
}

impl Watcher {
    /// The next change that the tree shows; nothing when there is nowhere to look.
    async fn next(&mut self) -> Option<ImagesChange> {
        loop {
            let (number, sign) = self.signs.next().await?;
            let is_shown = shown(&standings(&self.all)).contains(&number);
            let Some(known) = self.all.get_mut(number) else { continue };
            known.state = match (sign, &known.state) {
                (Sign::Changed, _) if is_shown => {
                    return Some(ImagesChange::Content(identity(&known.candidate)));
                }
                (Sign::Changed, _) => continue,
                (Sign::Up(engine), _) => State::Up(engine),
                (Sign::Gone(failure), State::Up(last) | State::Gone(Some(last), _)) => {
                    State::Gone(Some(last.clone()), failure)
                }
                (Sign::Gone(failure), State::Silent | State::Gone(None, _)) => State::Gone(None, failure),
            };
            self.workspace.show_engines(&self.all);
            return Some(ImagesChange::Places(self.workspace.images()));
        }
    }
}

impl Workspace {
    /// Looks for engines once, and opens those that answer soon; returns the places that hold images.
    pub async fn find_engines(&self) -> Vec<Connected> {
        let looks = self.candidates().await.into_iter().map(|candidate| async move {
            let late = |_| Err(slow(&candidate));
            let engine = tokio::time::timeout(PATIENCE, Engine::connect(&candidate)).await;
            let state = match engine.unwrap_or_else(late) {
                Ok(engine) => State::Up(engine),
                Err(failure) if candidate.chosen == Chosen::ByPerson => State::Gone(None, failure),
                Err(failure) => {
                    tracing::debug!(%failure, "looking for engines");
                    State::Silent
                }
            };
            Known { candidate, state }
        });
        let all = join_all(looks).await;
        self.show_engines(&all);
        self.images()
    }

    /// The engine that is the place `id`.
    ///
    /// # Errors
    /// `NotFound` when it is none; else why it does not answer.
    pub fn engine(&self, id: &ConnectionId) -> Result<Engine, Failure> {
        match self.local(id) {
            Some(Local::Engine(images)) => images.engine().cloned(),
            _ => {
                let doing = format!("using the engine {id}");
                Err(Failure::new(FailureKind::NotFound, doing, "there is no such engine"))
            }
        }
    }

    /// The engine that `place` means where it was written as a kind of engine (`docker`, `podman`): the first of that
    /// kind that answers, whatever it is called. Another place, and a kind that nobody is of, stay as they are.
    pub async fn settle(&self, place: LocalImage) -> LocalImage {
        let ImagePlace::Engine(written) = &place.place else { return place };
        let kind = match &*written.0 {
            "docker" => Kind::Docker,
            "podman" => Kind::Podman,
            _ => return place,
        };
        let mut found = self.find_engines().await.into_iter().map(|shown| shown.connection.id);
        let is_one = |id: &ConnectionId| self.engine(id).is_ok_and(|engine| engine.version().kind == kind);
        match found.find(is_one) {
            Some(id) => LocalImage { place: ImagePlace::Engine(id), ..place },
            None => place,
        }
    }

    /// Something for each reason to look at a candidate again: its socket has come, or the person asks.
    fn reasons_to_look(&self, candidate: &Candidate) -> BoxStream<'static, ()> {
        match &candidate.address {
            Address::Unix(socket) => stream::select(self.looks.asked(), appearances(socket.clone())).boxed(),
            Address::Tcp(..) | Address::Ssh(_) | Address::Pipe(_) => self.looks.asked(),
        }
    }

    async fn candidates(&self) -> Vec<Candidate> {
        let env = self.env.clone();
        let find = move || {
            let variable = |name: &str| set(&env, name);
            Ok(engine::candidates(&variable, env.home()))
        };
        on_disk(find).await.unwrap_or_default()
    }

    /// Makes the places of engines those that are to be shown now.
    fn show_engines(&self, all: &[Known]) {
        let shown = shown(&standings(all));
        for (number, known) in all.iter().enumerate() {
            let id = identity(&known.candidate);
            let images = match &known.state {
                State::Up(engine) => EngineImages::new(id.clone(), engine.clone()),
                State::Gone(last, failure) => EngineImages::gone(id.clone(), last.clone(), failure.clone()),
                State::Silent => continue,
            };
            if shown.contains(&number) {
                let connection = blank(id, "engine", String::new(), known.candidate.name.clone());
                // The store comes first.
                self.admit_local(connection, Local::Engine(Arc::new(images)), number + 1);
            } else if self.connections().get(&id).is_some_and(Opened::is_local) {
                self.connections().remove(&id);
            }
        }
    }
}

/// The failure of a candidate that takes too long.
fn slow(candidate: &Candidate) -> Failure {
    let doing = format!("connecting to the engine {}", candidate.address.shown());
    Failure::new(FailureKind::Timeout, doing, "it does not answer")
}

/// A variable that says something: an empty one is as good as none.
fn set(env: &Env, name: &str) -> Option<String> {
    let value = env.get(name)?.to_string_lossy().into_owned();
    (!value.is_empty()).then_some(value)
}

fn standings(all: &[Known]) -> Vec<Standing<'_>> {
    all.iter().map(Known::standing).collect()
}

/// Which candidates the tree shows: each engine once, and those that do not answer unless their engine does elsewhere.
fn shown(all: &[Standing<'_>]) -> Vec<usize> {
    let mut seen: Vec<&str> = Vec::new();
    let mut numbers = Vec::new();
    for (number, standing) in all.iter().enumerate() {
        if let Standing::Up(identity) = standing
            && !seen.contains(identity)
        {
            seen.push(identity);
            numbers.push(number);
        }
    }
    for (number, standing) in all.iter().enumerate() {
        if let Standing::Gone(last) = standing
            && last.is_none_or(|identity| !seen.contains(&identity))
        {
            seen.extend(last);
            numbers.push(number);
        }
    }
    numbers
}

/// The identity of an engine's place.
fn identity(candidate: &Candidate) -> ConnectionId {
    match candidate.name.as_str() {
        plain @ ("docker" | "podman") => ConnectionId::new(plain),
        other => ConnectionId::new(&format!("engine-{other}")),
    }
}

#[cfg(test)]
mod meant;

#[cfg(test)]
mod tests {
    use super::Standing::{Gone, Silent, Up};
    use super::*;

    #[test]
    fn an_engine_behind_several_addresses_is_shown_under_the_first_that_answers() {
        assert_eq!(shown(&[Silent, Up("a"), Up("a"), Up("b")]), [1, 3]);
        assert_eq!(shown(&[Gone(Some("a")), Up("a"), Gone(Some("a"))]), [1]);
    }

    #[test]
    fn an_engine_that_comes_back_under_another_address_moves_there() {
        let steps: [([Standing<'_>; 2], &[usize]); 4] = [
            ([Up("a"), Silent], &[0]),
            ([Gone(Some("a")), Silent], &[0]),
            ([Gone(Some("a")), Up("a")], &[1]),
            ([Up("a"), Up("a")], &[0]),
        ];
        for (standings, expected) in steps {
            assert_eq!(shown(&standings), expected, "{standings:?}");
        }
    }

    #[test]
    fn what_does_not_answer_is_kept_in_view_once_each() {
        assert_eq!(shown(&[Gone(None), Gone(None), Silent]), [0, 1], "each was named by the person");
        assert_eq!(shown(&[Gone(Some("a")), Gone(Some("a")), Up("b")]), [2, 0]);
    }
}
