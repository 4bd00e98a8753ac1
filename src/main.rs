//! The `tagalong` program: reads the command line, then opens the explorer or runs a subcommand.

use std::process::ExitCode;
use std::sync::Arc;

use clap::Parser;
use tagalong::app::state::Start;
use tagalong::cli::{self, Args, Context, Output, Verb};
use tagalong::domain::{Failure, Place};
use tagalong::registry::catalog;
use tagalong::runtime::{self, Announcer, Explorer};
use tagalong::store::{Env, Paths, Verbosity, config, log};
use tagalong::workspace::{self, Workspace};

fn main() -> ExitCode {
    let args = Args::parse();
    let mut output = Output::of_process(args.json);
    if let Err(report) = runtime::install_panic_hook() {
        output.message(&format!("tagalong: {report}"));
    }
    match start(args) {
        Ok(code) => code,
        Err(failure) => output.fail(&failure),
    }
}

fn start(args: Args) -> Result<ExitCode, Failure> {
    let env = Env::of_process();
    let paths = Paths::find(args.config.as_deref(), &env)?;
    // Without a log the program still does its work.
    let log = log::start(&paths, Verbosity::of_count(args.verbose));
    let (announcer, observed) = Announcer::new();
    let (workspace, failure) = Workspace::new(paths, env, Arc::new(announcer));
    let failure = failure.or_else(|| log.as_ref().err().cloned());
    let workspace = Arc::new(workspace);
    match args.verb.clone() {
        None => explore(&args, workspace, observed, failure),
        Some(Verb::Demo) => explore(&args, workspace, observed, failure),
        Some(verb) => {
            let output = Output::of_process(args.json);
            if let Some(failure) = failure {
                output.message(&format!("tagalong: {}", failure.sentence()));
            }
            Ok(cli::run(Context { workspace, output, args }, &verb))
        }
    }
}

fn explore(
    args: &Args,
    workspace: Arc<Workspace>,
    observed: tokio::sync::mpsc::UnboundedReceiver<tagalong::app::Event>,
    failure: Option<Failure>,
) -> Result<ExitCode, Failure> {
    let visit = args.reference.as_deref().map(str::parse::<Place>).transpose()?;
    let settings = config::load(workspace.paths()).map(|c| c.settings).unwrap_or_default();
    let is_demo = matches!(args.verb, Some(Verb::Demo));
    let start = Start {
        // The demo stands alone, so that nothing in it touches what the person has connected.
        connections: if is_demo { Vec::new() } else { workspace.connected() },
        providers: catalog::PROVIDERS,
        preferences: runtime::preferences::read(&settings),
        read_only: args.read_only,
        visit: visit.map(|place| Place { plain_http: place.plain_http || args.plain_http, ..place }),
        connect: is_demo.then_some(catalog::BUILT_IN),
        now: workspace::now(),
        failure,
    };
    runtime::explore(Explorer { workspace, observed, start })?;
    Ok(ExitCode::SUCCESS)
}
