//! The command line, as data. Help and completions are made from it.

#![expect(
    rustdoc::broken_intra_doc_links,
    reason = "brackets stand for what may be left out; people read this as help"
)]

use std::ffi::OsString;
use std::path::PathBuf;

use clap::error::ErrorKind;
use clap::{ArgAction, CommandFactory, Parser, Subcommand};
use clap_complete::Shell;

use super::output::Output;
use crate::domain::Platform;

/// A terminal explorer for container registries.
#[derive(Debug, Clone, Parser)]
#[command(name = "tagalong", version, about, subcommand_precedence_over_arg = true)]
#[command(
    after_help = "Exit codes: 0 done, 1 failed, 2 wrong usage, 3 not found, 4 refused (sign-in or rights), \
                        5 rate-limited, 130 interrupted."
)]
pub struct Args {
    /// Go to host[/repository[:tag|@digest]], connecting for this run only
    pub reference: Option<String>,
    /// What to do; without one the explorer opens
    #[command(subcommand)]
    pub verb: Option<Verb>,
    /// Keep configuration, images, cache and log below this folder
    #[arg(long, global = true, value_name = "DIR")]
    pub config: Option<PathBuf>,
    /// Offer nothing that writes to a registry
    #[arg(long, global = true)]
    pub read_only: bool,
    /// Speak plain HTTP to the host named on the command line
    #[arg(long, global = true)]
    pub plain_http: bool,
    /// Print results as JSON
    #[arg(long, global = true)]
    pub json: bool,
    /// Delete, move tags, and replace archives, without asking
    #[arg(long, global = true)]
    pub yes: bool,
    /// Write more to the log (-v, -vv)
    #[arg(short, global = true, action = ArgAction::Count)]
    pub verbose: u8,
}

/// The subcommands.
#[derive(Debug, Clone, Subcommand)]
pub enum Verb {
    /// The explorer on a built-in registry with sample content; nothing to install, nothing saved
    Demo,
    /// List connections, the repositories of a registry, or the tags of a repository, one a line
    Ls {
        /// host, or host/repository
        reference: Option<String>,
    },
    /// Show a manifest and its configuration
    Inspect {
        /// host/repository[:tag|@digest]
        reference: String,
        /// Print the manifest's exact bytes
        #[arg(long, conflicts_with = "json")]
        raw: bool,
    },
    /// Pull an image into the local image store, an OCI layout, an archive, or an engine
    Pull(Pull),
    /// Push an image from the local image store, an OCI layout, an archive, or an engine
    Push(Push),
    /// Copy an image between registries and places on this machine; the bytes of manifests stay as they are
    Copy(Copy),
    /// Give a manifest another tag; no blob moves. A tag that points elsewhere is moved after a question, or with --yes
    Tag {
        /// host/repository[:tag|@digest]
        reference: String,
        /// The other tag
        tag: String,
    },
    /// Remove one tag; the manifest and its other tags stay
    Untag {
        /// host/repository:tag
        reference: String,
    },
    /// Delete a manifest with all of its tags
    Rm {
        /// host/repository[:tag|@digest]
        reference: String,
    },
    /// Print a completion script
    Completions {
        /// The shell
        shell: Shell,
    },
}

/// `tagalong pull`.
#[derive(Debug, Clone, clap::Args)]
pub struct Pull {
    /// host/repository[:tag|@digest]
    pub reference: String,
    /// store:NAME, oci:DIR[:TAG], oci-archive:FILE[:NAME], docker-archive:FILE[:NAME], docker-daemon:NAME, podman:NAME
    pub target: Option<String>,
    /// Only this platform, such as linux/arm64
    #[arg(long, value_parser = parse_platform)]
    pub platform: Option<Platform>,
    /// Every tag of the repository
    #[arg(long)]
    pub all_tags: bool,
}

/// `tagalong push`.
#[derive(Debug, Clone, clap::Args)]
pub struct Push {
    /// store:NAME, oci:DIR[:TAG], oci-archive:FILE[:NAME], docker-archive:FILE[:NAME], docker-daemon:NAME, podman:NAME
    pub source: String,
    /// host/repository[:tag]
    pub reference: String,
    /// Only this platform, such as linux/arm64
    #[arg(long, value_parser = parse_platform)]
    pub platform: Option<Platform>,
}

/// `tagalong copy`.
#[derive(Debug, Clone, clap::Args)]
pub struct Copy {
    /// host/repository[:tag|@digest] (docker:// may stand before it), or a place as for push
    pub source: String,
    /// Where to, written alike
    pub target: String,
    /// Only this platform, such as linux/arm64
    #[arg(long, value_parser = parse_platform)]
    pub platform: Option<Platform>,
    /// What refers to it too: signatures, SBOMs, attestations (between registries)
    #[arg(long)]
    pub referrers: bool,
}

impl Args {
    /// Reads the command line.
    ///
    /// # Errors
    /// What is wrong with it; printing it and leaving with 2 is the caller's.
    pub fn read_from<T: Into<OsString> + Clone>(
        words: impl IntoIterator<Item = T>,
    ) -> Result<Self, clap::Error> {
        let args = Self::try_parse_from(words)?;
        if args.reference.is_some() && args.verb.is_some() {
            let said = "a reference for the explorer cannot stand before a subcommand";
            return Err(Self::command().error(ErrorKind::ArgumentConflict, said));
        }
        Ok(args)
    }
}

fn parse_platform(text: &str) -> Result<Platform, String> {
    text.parse().map_err(|f: crate::domain::Failure| f.said)
}

pub(super) fn completions(shell: Shell, output: &mut Output) {
    let mut script = Vec::new();
    clap_complete::generate(shell, &mut Args::command(), "tagalong", &mut script);
    output.bytes(&script);
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_command_line_is_consistent() {
        Args::command().debug_assert();
    }

    #[test]
    fn a_reference_opens_the_explorer_and_a_verb_does_its_work() {
        let args = Args::parse_from(["tagalong", "localhost:5000/app"]);
        assert_eq!(args.reference.as_deref(), Some("localhost:5000/app"));
        let args = Args::parse_from(["tagalong", "ls", "localhost:5000", "--json"]);
        assert!(args.json && matches!(args.verb, Some(Verb::Ls { .. })));
        assert!(matches!(Args::parse_from(["tagalong", "demo"]).verb, Some(Verb::Demo)));
    }

    #[test]
    fn options_stand_before_and_after_a_verb() {
        for words in
            [["tagalong", "--json", "ls", "localhost:5000"], ["tagalong", "ls", "localhost:5000", "--json"]]
        {
            let args = Args::parse_from(words);
            assert!(args.json && matches!(args.verb, Some(Verb::Ls { reference: Some(_) })), "{words:?}");
        }
        let args = Args::parse_from(["tagalong", "--config", "/tmp/x", "ls"]);
        assert!(matches!(args.verb, Some(Verb::Ls { reference: None })) && args.reference.is_none());
        let args = Args::parse_from(["tagalong", "--read-only", "rm", "--yes", "h.example/r:t"]);
        assert!(args.read_only && args.yes && matches!(args.verb, Some(Verb::Rm { .. })));
        assert!(Args::read_from(["tagalong", "localhost:5000", "ls"]).is_err());
    }
}
