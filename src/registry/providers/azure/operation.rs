//! Changes of what the resource manager manages, and the waiting for those that take long.
//!
//! Sources: "Track asynchronous Azure operations"; the resource manager's own "Asynchronous operations" for its resource
//! providers. `Azure-AsyncOperation` is asked before `Location`, and without either the resource itself.
//!
//! Invariant: an operation is asked about at the resource manager's own origin alone; whatever ends the waiting before the
//! operation has ended says that Azure goes on with it.

mod state;
#[cfg(test)]
mod tests;

use std::time::Duration;

use async_trait::async_trait;
use bytes::Bytes;
use serde_json::Value;
use tokio_util::sync::CancellationToken;
use url::Url;

use super::arm::Arm;
use super::refusal;
use crate::domain::{Failure, FailureKind};
use crate::http::header::HeaderValue;
use crate::http::{Limit, Method, Reply, Request};
use crate::registry::{Api, Running, Stages};

use state::{Operation, Seen};

/// The pause between two questions when the resource manager names none.
const USUAL: Duration = Duration::from_secs(5);
/// No pause is shorter or longer, whatever is named.
const SHORTEST: Duration = Duration::from_millis(100);
const LONGEST: Duration = Duration::from_mins(10);
/// The first pause after a lost connection; each further one is twice as long, up to the longest.
const LOST_FIRST: Duration = Duration::from_secs(1);
const LOST_LONGEST: Duration = Duration::from_mins(1);
/// For how long a lost connection is waited for.
const PATIENCE: Duration = Duration::from_mins(30);

/// What to do after a wait was given up.
const ANEW: &str = "Refresh in a while; begin it again only when it did not come about.";
/// What is added to a failure that leaves an operation behind.
const GOES_ON: &str = "Azure may go on with it: “Refresh” shows what came of it";

/// One call of the resource manager.
pub(super) struct Call<'a> {
    /// The tenant whose token is shown.
    pub(super) tenant: Option<&'a str>,
    pub(super) method: Method,
    /// The parts of the path, as [`segments`](super::arm::segments) takes them from a resource's id.
    pub(super) path: &'a [&'a str],
    /// The `api-version`.
    pub(super) version: &'a str,
    pub(super) body: Option<&'a Value>,
    /// What is being done, as a phrase: "creating the registry acme".
    pub(super) doing: &'a str,
    /// The role that gives the right to it.
    pub(super) role: &'a str,
}

impl Arm {
    /// Asks something that is read by `POST`.
    ///
    /// # Errors
    /// The failure that a refusal is, the role named; what the transport may say.
    pub(super) async fn read(&self, call: &Call<'_>) -> Result<Reply, Failure> {
        let api = self.client(call.tenant)?;
        send(&api, call, request(&api, call).reading()).await
    }

    /// Sends a change and waits for its end, through lost connections. What comes of it: the resource as it is then after
    /// `PUT` and `PATCH`, the result of a `POST`, nothing after `DELETE`. Deleting what is gone is a success.
    ///
    /// # Errors
    /// The failure that a refusal is, the role named; `Cancelled` when the waiting was stopped; the operation's own error,
    /// told whole; what the transport may say for half an hour.
    pub(super) async fn change(&self, call: &Call<'_>, running: &Running<'_>) -> Result<Value, Failure> {
        running.stages.enter(call.doing);
        let api = self.client(call.tenant)?;
        let sent = send(&api, call, request(&api, call));
        let first = match until_stopped(running.stop, call.doing, sent).await {
            Err(failure) if is_gone(call, &failure) => return Ok(Value::Null),
            Err(failure) => return Err(left_open(failure)),
            Ok(first) => first,
        };
        let operation = Operation::begun(call.method.clone(), url(&api, call), &first);
        let asked = Asked { api, doing: call.doing, role: call.role };
        let waiting = Waiting { world: &asked, stages: running.stages, doing: call.doing };
        until_stopped(running.stop, call.doing, waiting.settle(operation, &first)).await
    }
}

fn url(api: &Api, call: &Call<'_>) -> Url {
    api.url(call.path, &[("api-version", call.version)])
}

fn request(api: &Api, call: &Call<'_>) -> Request {
    let request = Request::new(call.method.clone(), url(api, call), call.doing);
    let request = request.accept("application/json").within_host();
    let json = HeaderValue::from_static("application/json");
    match call.body {
        Some(body) => request.body(json, Bytes::from(body.to_string())),
        // The resource manager wants to be told that there is none.
        None if call.method == Method::POST => request.body(json, Bytes::new()),
        None => request,
    }
}

async fn send(api: &Api, call: &Call<'_>, request: Request) -> Result<Reply, Failure> {
    let reply = api.http().fetch(&request, Limit::LIST).await?;
    if reply.status.is_success() { Ok(reply) } else { Err(refusal::of_arm(&reply, call.doing, call.role)) }
}

fn is_gone(call: &Call<'_>, failure: &Failure) -> bool {
    call.method == Method::DELETE && failure.kind == FailureKind::NotFound
}

/// A change that got no clear answer may have begun.
fn left_open(failure: Failure) -> Failure {
    let is_open = matches!(failure.kind, FailureKind::Offline | FailureKind::Timeout | FailureKind::Server);
    if !is_open {
        return failure;
    }
    let said = format!("{}; whether Azure has begun is not known: “Refresh” shows it", failure.said);
    Failure { said, ..failure }
}

/// Ends with `work`, or when the person stops it.
async fn until_stopped<T>(
    stop: &CancellationToken,
    doing: &str,
    work: impl Future<Output = Result<T, Failure>>,
) -> Result<T, Failure> {
    let left = || {
        let said = format!("no longer waited for; {GOES_ON}");
        Failure::new(FailureKind::Cancelled, doing, said).with_next(ANEW)
    };
    stop.run_until_cancelled(work).await.unwrap_or_else(|| Err(left()))
}

/// What the waiting needs: questions, and time that passes.
#[async_trait]
trait World: Send + Sync {
    /// The answer at an address, whatever its status.
    async fn ask(&self, url: &Url) -> Result<Reply, Failure>;

    /// Time that passes.
    async fn rest(&self, pause: Duration);

    /// Whether the token may be shown at an address.
    fn is_own(&self, url: &Url) -> bool;

    /// The role without which there is no answer.
    fn role(&self) -> &str;
}

/// The resource manager itself.
struct Asked<'a> {
    api: Api,
    doing: &'a str,
    role: &'a str,
}

#[async_trait]
impl World for Asked<'_> {
    async fn ask(&self, url: &Url) -> Result<Reply, Failure> {
        let request = Request::get(url.clone(), self.doing).accept("application/json").within_host();
        self.api.http().fetch(&request, Limit::LIST).await
    }

    async fn rest(&self, pause: Duration) {
        tokio::time::sleep(pause).await;
    }

    fn is_own(&self, url: &Url) -> bool {
        url.origin() == self.api.http().base().origin()
    }

    fn role(&self) -> &str {
        self.role
    }
}

/// The waiting for one operation.
struct Waiting<'a> {
    world: &'a dyn World,
    stages: &'a dyn Stages,
    doing: &'a str,
}

impl Waiting<'_> {
    /// Asks until the operation has ended.
    async fn settle(&self, mut operation: Operation, first: &Reply) -> Result<Value, Failure> {
        let mut pause = named_pause(first).unwrap_or(USUAL);
        let mut lost = Lost::default();
        let mut seen = operation.read_first(first);
        loop {
            match seen {
                Seen::Done(result) => return Ok(result),
                Seen::Failed { state, body } => return Err(self.failed(&state, &body)),
                Seen::Next => {}
                Seen::Going(words) => {
                    self.stages.enter(&format!("{}: {words}", self.doing));
                    self.world.rest(pause).await;
                }
            }
            seen = match self.ask(&mut operation).await {
                Ok((seen, named)) => {
                    lost = Lost::default();
                    pause = named.unwrap_or(pause);
                    seen
                }
                Err(failure) => {
                    self.sit_out(&mut lost, failure).await?;
                    Seen::Next
                }
            };
        }
    }

    /// What the operation tells now, and the pause that it names.
    async fn ask(&self, operation: &mut Operation) -> Result<(Seen, Option<Duration>), Failure> {
        let url = operation
            .address(|url| self.world.is_own(url))
            .map_err(|said| Failure::new(FailureKind::Invalid, self.doing, said))?;
        let reply = self.world.ask(&url).await?;
        let named = named_pause(&reply);
        match operation.read(&reply) {
            Some(seen) => Ok((seen, named)),
            None => Err(refusal::of_arm(&reply, self.doing, self.world.role())),
        }
    }

    /// Rests after a question without an answer, longer each time.
    ///
    /// # Errors
    /// What does not pass by waiting, and a connection that stays lost.
    async fn sit_out(&self, lost: &mut Lost, failure: Failure) -> Result<(), Failure> {
        let pause = failure.retry_after.map_or(lost.next(), |asked| asked.clamp(SHORTEST, LONGEST));
        lost.rested += pause;
        if !failure.kind.is_transient() || lost.rested > PATIENCE {
            let said = format!("{}; {GOES_ON}", failure.said);
            return Err(Failure { said, ..failure });
        }
        self.stages.line(&failure.to_string());
        let word = failure.kind.word();
        self.stages.enter(&format!(
            "{}: no answer ({word}), asked again in {} s",
            self.doing,
            pause.as_secs().max(1)
        ));
        self.world.rest(pause).await;
        Ok(())
    }

    /// An operation that was taken and failed: its error is told whole, and as it came in the log.
    fn failed(&self, state: &str, body: &Value) -> Failure {
        for line in format!("{body:#}").lines() {
            self.stages.line(line);
        }
        let told = refusal::Told::of(body);
        let words = told.as_ref().map_or_else(|| "it says no more".to_owned(), refusal::Told::sentence);
        let next =
            told.and_then(|told| told.next_step()).map_or_else(String::new, |next| format!("; {next}"));
        let said = format!("Azure had begun, and ended it as {state}: {words}{next}");
        Failure::new(FailureKind::Conflict, self.doing, said)
    }
}

/// How long a connection has been lost.
#[derive(Default)]
struct Lost {
    times: u32,
    rested: Duration,
}

impl Lost {
    fn next(&mut self) -> Duration {
        let pause = LOST_FIRST.saturating_mul(2_u32.saturating_pow(self.times)).min(LOST_LONGEST);
        self.times += 1;
        pause
    }
}

fn named_pause(reply: &Reply) -> Option<Duration> {
    reply.asked_pause().map(|pause| pause.clamp(SHORTEST, LONGEST))
}
