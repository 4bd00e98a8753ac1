//! A home folder of its own for each test, and the program started in it.

use std::path::{Path, PathBuf};

use portable_pty::CommandBuilder;
use tempfile::TempDir;

use super::terminal::{Setup, Terminal};

pub(crate) struct Home(TempDir);

impl Home {
    pub(crate) fn new() -> Self {
        Self(tempfile::tempdir().unwrap())
    }

    /// Where the program keeps its things.
    pub(crate) fn tagalong(&self) -> PathBuf {
        self.0.path().join("tagalong")
    }

    pub(crate) fn path(&self) -> &Path {
        self.0.path()
    }

    pub(crate) fn config(&self) -> String {
        std::fs::read_to_string(self.tagalong().join("config.toml")).unwrap_or_default()
    }

    pub(crate) fn write_config(&self, text: &str) {
        std::fs::create_dir_all(self.tagalong()).unwrap();
        std::fs::write(self.tagalong().join("config.toml"), text).unwrap();
    }

    /// A command that sees nothing of the real home, in a dark terminal of many colours.
    pub(crate) fn command(&self, program: &str, args: &[&str]) -> CommandBuilder {
        let mut command = CommandBuilder::new(program);
        command.env_clear();
        for name in ["PATH", "LLVM_PROFILE_FILE"] {
            if let Some(value) = std::env::var_os(name) {
                command.env(name, value);
            }
        }
        command.args(args);
        command.cwd(self.path());
        command.env("HOME", self.path());
        command.env("XDG_RUNTIME_DIR", self.path().join("run"));
        command.env("TAGALONG_HOME", self.tagalong());
        command.env("TAGALONG_THEME", "dark");
        command.env("TERM", "xterm-256color");
        command.env("COLORTERM", "truecolor");
        command.env("LANG", "C.UTF-8");
        command.env("SHELL", "/bin/sh");
        command
    }

    /// The program's command.
    pub(crate) fn tagalong_command(&self, args: &[&str]) -> CommandBuilder {
        self.command(env!("CARGO_BIN_EXE_tagalong"), args)
    }

    /// Starts the explorer at 120×36.
    pub(crate) fn start(&self, args: &[&str]) -> Terminal {
        Terminal::start(Setup::new(self.tagalong_command(args), 120, 36))
    }
}
