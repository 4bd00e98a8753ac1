//! The `tagalong` program: reads the command line, then opens the explorer or runs a subcommand.

use std::process::ExitCode;
use std::sync::Arc;

use tagalong::app::state::Start;
use tagalong::cli::{self, Args, Context, Output, Problem, Teller, Verb};
use tagalong::domain::{Failure, Place};
use tagalong::registry::catalog;
use tagalong::runtime::{self, Announcer, Explorer};
use tagalong::store::paths::HOME_VARIABLE;
use tagalong::store::{Env, Paths, Verbosity, config, log};
use tagalong::workspace::{self, Workspace};

fn main() -> ExitCode {
    let args = Args::read_from(std::env::args_os()).unwrap_or_else(|error| error.exit());
    let mut output = Output::of_process(args.json);
    if let Err(report) = runtime::install_panic_hook() {
        output.message(&format!("tagalong: {report}"));
    }
    match start(args) {
        Ok(code) => code,
        Err(problem) => output.fail(&problem),
    }
}

fn start(args: Args) -> Result<ExitCode, Problem> {
    let env = Env::of_process();
    // The demo leaves nothing behind, unless the person says where.
    let passing = is_passing(&args, &env).then(tempfile::tempdir).transpose();
    let passing = passing.map_err(|e| Failure::io("making a folder for the demo", &e))?;
    let folder = passing.as_ref().map(tempfile::TempDir::path).or(args.config.as_deref());
    let paths = Paths::find(folder, &env)?;
    // Without a log the program still does its work.
    let log = log::start(&paths, Verbosity::of_count(args.verbose));
    let no_log = log.as_ref().err().cloned();
    match args.verb.clone() {
        None | Some(Verb::Demo) => {
            let (announcer, observed) = Announcer::new();
            let (workspace, failure) = Workspace::new(paths, env, Arc::new(announcer));
            explore(&args, Arc::new(workspace), observed, failure.or(no_log))
        }
        Some(verb) => {
            let (workspace, failure) = Workspace::new(paths, env, Arc::new(Teller));
            let context =
                Context { workspace: Arc::new(workspace), output: Output::of_process(args.json), args };
            Ok(cli::run(context, &verb, failure))
        }
    }
}

fn is_passing(args: &Args, env: &Env) -> bool {
    matches!(args.verb, Some(Verb::Demo)) && args.config.is_none() && env.path(HOME_VARIABLE).is_none()
}

fn explore(
    args: &Args,
    workspace: Arc<Workspace>,
    observed: tokio::sync::mpsc::UnboundedReceiver<tagalong::app::Event>,
    failure: Option<Failure>,
) -> Result<ExitCode, Problem> {
    let visit = args.reference.as_deref().map(str::parse::<Place>).transpose().map_err(Problem::Usage)?;
    let settings = config::load(workspace.paths()).map(|c| c.settings).unwrap_or_default();
    let is_demo = matches!(args.verb, Some(Verb::Demo));
    let start = Start {
        // The demo stands alone, so that nothing in it touches what the person has connected.
        connections: if is_demo { Vec::new() } else { workspace.connected() },
        images: workspace.images(),
        pull_to: runtime::preferences::read_place(&settings),
        providers: catalog::providers(),
        preferences: runtime::preferences::read(&settings),
        read_only: args.read_only,
        visit: visit.map(|place| Place { plain_http: place.plain_http || args.plain_http, ..place }),
        connect: is_demo.then_some(catalog::BUILT_IN),
        now: workspace::now(),
        failure,
    };
    // The person's own engines are no part of the demo; its store is a passing one.
    let images = if is_demo { workspace.watch_store() } else { workspace.watch_images() };
    runtime::explore(Explorer { workspace, observed, images, start })?;
    Ok(ExitCode::SUCCESS)
}
