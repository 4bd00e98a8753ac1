//! The `tagalong` program: reads the command line, then opens the explorer or runs a subcommand.

use std::process::ExitCode;
use std::sync::Arc;

use clap::Parser;
use tagalong::cli::{self, Args, Context, Output, Verb};
use tagalong::domain::Failure;
use tagalong::http::Silent;
use tagalong::store::{Env, Paths, Verbosity, log};
use tagalong::workspace::Workspace;

fn main() -> ExitCode {
    let args = Args::parse();
    let mut output = Output::of_process(args.json);
    match start(args) {
        Ok(code) => code,
        Err(failure) => output.fail(&failure),
    }
}

fn start(args: Args) -> Result<ExitCode, Failure> {
    let env = Env::of_process();
    let paths = Paths::find(args.config.as_deref(), &env)?;
    let _log = log::start(&paths, Verbosity::of_count(args.verbose))?;
    let (workspace, failure) = Workspace::new(paths, env, Arc::new(Silent));
    let workspace = Arc::new(workspace);
    match args.verb.clone() {
        None | Some(Verb::Demo) => Ok(ExitCode::SUCCESS),
        Some(verb) => {
            let output = Output::of_process(args.json);
            if let Some(failure) = failure {
                output.message(&format!("tagalong: {}", failure.sentence()));
            }
            Ok(cli::run(Context { workspace, output, args }, &verb))
        }
    }
}
