//! The subcommands, over the same functions that the explorer's effects call.
//!
//! Invariant: standard output holds results alone; progress and messages go to standard error. Exit codes are those of
//! [`Problem::exit_code`].

mod args;
mod copy;
mod inspect;
mod interrupt;
mod ls;
mod output;
mod place;
mod problem;
mod progress;
mod pull;
mod question;
mod remove;
mod tag;
mod teller;

use std::process::ExitCode;
use std::sync::Arc;

pub use args::{Args, Verb};
pub use output::Output;
pub use problem::Problem;
pub use teller::Teller;

use crate::domain::connection::ConnectFailure;
use crate::domain::{Failure, FailureKind, Locator, Place, Reference};
use crate::workspace::Workspace;

/// What every subcommand works with.
pub struct Context {
    /// Connections and files.
    pub workspace: Arc<Workspace>,
    /// Where results go.
    pub output: Output,
    /// What was written on the command line.
    pub args: Args,
}

/// Runs a subcommand; Ctrl-C ends it with 130. `trouble` is what was wrong with the configuration: it is told, and
/// ends those that are about the configuration.
pub fn run(mut context: Context, verb: &Verb, trouble: Option<Failure>) -> ExitCode {
    if let Some(failure) = trouble {
        if matches!(verb, Verb::Ls { reference: None }) {
            return context.output.fail(&failure.into());
        }
        context.output.message(&format!("tagalong: {}", failure.sentence()));
    }
    let runtime = match tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build() {
        Ok(runtime) => runtime,
        Err(error) => return context.output.fail(&Failure::io("starting", &error).into()),
    };
    let result = runtime.block_on(dispatch(&mut context, verb));
    runtime.shutdown_background();
    match result.and_then(|()| context.output.flush().map_err(Problem::Failed)) {
        Ok(()) => ExitCode::SUCCESS,
        Err(problem) => context.output.fail(&problem),
    }
}

async fn dispatch(context: &mut Context, verb: &Verb) -> Result<(), Problem> {
    match verb {
        // A transfer stops at a safe point, and a write runs to its end: these listen to Ctrl-C themselves.
        Verb::Pull(pull) => pull::pull(context, pull).await,
        Verb::Push(push) => copy::push(context, push).await,
        Verb::Copy(copy) => copy::copy(context, copy).await,
        Verb::Tag { reference, tag } => tag::tag(context, reference, tag).await,
        Verb::Untag { reference } => remove::untag(context, reference).await,
        Verb::Rm { reference } => remove::rm(context, reference).await,
        other => interrupt::until_interrupted("working", read(context, other)).await,
    }
}

async fn read(context: &mut Context, verb: &Verb) -> Result<(), Problem> {
    match verb {
        Verb::Ls { reference } => ls::ls(context, reference.as_deref()).await,
        Verb::Inspect { reference, raw } => inspect::inspect(context, reference, *raw).await,
        Verb::Completions { shell } => {
            args::completions(*shell, &mut context.output);
            Ok(())
        }
        Verb::Pull(_) | Verb::Push(_) | Verb::Copy(_) | Verb::Demo => Ok(()),
        Verb::Tag { .. } | Verb::Untag { .. } | Verb::Rm { .. } => Ok(()),
    }
}

impl Context {
    /// The node that a reference names, over a known connection or one for this run.
    async fn find(&self, reference: &Reference) -> Result<Locator, Failure> {
        let place = Place {
            host: reference.host.clone(),
            plain_http: self.args.plain_http,
            repository: Some(reference.repository.clone()),
            tag: reference.tag.clone(),
            digest: reference.digest.clone(),
        };
        self.visit(&place).await
    }

    async fn visit(&self, place: &Place) -> Result<Locator, Failure> {
        let mut place = place.clone();
        place.plain_http |= self.args.plain_http;
        self.workspace.visit(&place).await.map(|(_, at)| at).map_err(|failure| match failure {
            ConnectFailure::Refused { failure, .. } => failure,
            ConnectFailure::NoPlaceForSecret => Failure::new(
                FailureKind::Invalid,
                format!("connecting to {}", place.host),
                "there is no place for the password",
            ),
        })
    }

    /// Refuses what would write to a registry under `--read-only`.
    fn may_write(&self, doing: &str) -> Result<(), Failure> {
        if self.args.read_only {
            let refused = Failure::new(FailureKind::Forbidden, doing, "--read-only is set");
            return Err(refused.with_next("Leave --read-only out to write."));
        }
        Ok(())
    }
}
