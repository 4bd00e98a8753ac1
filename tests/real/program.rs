//! The program and skopeo, run as a person runs them, in a home folder of their own.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde_json::{Value, json};
use tempfile::TempDir;

/// A home folder without sign-ins.
pub(crate) struct Home(TempDir);

/// What a run has left.
pub(crate) struct Ran {
    pub(crate) code: i32,
    pub(crate) out: Vec<u8>,
    pub(crate) said: String,
}

impl Home {
    pub(crate) fn new() -> Self {
        Self(tempfile::tempdir().unwrap())
    }

    pub(crate) fn path(&self) -> &Path {
        self.0.path()
    }

    /// Where the program keeps its things.
    pub(crate) fn tagalong(&self) -> PathBuf {
        self.path().join("tagalong")
    }

    /// Writes what `docker login` would have written.
    pub(crate) fn docker_login(&self, host: &str, user: &str, password: &str) {
        let auth = STANDARD.encode(format!("{user}:{password}"));
        let config = json!({ "auths": { host: { "auth": auth } } });
        fs::create_dir_all(self.docker()).unwrap();
        fs::write(self.docker().join("config.json"), config.to_string()).unwrap();
    }

    fn docker(&self) -> PathBuf {
        self.path().join("docker")
    }

    /// A command that sees nothing of the real home.
    pub(crate) fn command(&self, program: &str) -> Command {
        let mut command = Command::new(program);
        command.env_clear().stdin(Stdio::null());
        command.envs(std::env::vars_os().filter(|(name, _)| name == "PATH" || name == "LLVM_PROFILE_FILE"));
        command.env("HOME", self.path()).env("TAGALONG_HOME", self.tagalong());
        command.env("DOCKER_CONFIG", self.docker()).env("XDG_RUNTIME_DIR", self.path().join("run"));
        command
    }

    /// Runs the program.
    pub(crate) fn run(&self, args: &[&str]) -> Ran {
        Ran::of(self.command(env!("CARGO_BIN_EXE_tagalong")).args(args).output().unwrap())
    }

    /// Runs skopeo, which has to work.
    pub(crate) fn skopeo(&self, args: &[&str]) -> Vec<u8> {
        let output = self.command("skopeo").args(["--insecure-policy"]).args(args).output();
        Ran::of(output.expect("skopeo must be installed (tests/run installs it)")).done().out
    }
}

impl Ran {
    fn of(output: Output) -> Self {
        let said = String::from_utf8_lossy(&output.stderr).into_owned();
        Self { code: output.status.code().unwrap_or(-1), out: output.stdout, said }
    }

    /// Checks that it worked.
    pub(crate) fn done(self) -> Self {
        assert_eq!(self.code, 0, "{}", self.said);
        self
    }

    /// Checks that it failed with a code, and that it said each of `words`.
    pub(crate) fn failed(self, code: i32, words: &[&str]) -> Self {
        assert_eq!(self.code, code, "{}{}", String::from_utf8_lossy(&self.out), self.said);
        for word in words {
            assert!(self.said.contains(word), "“{word}” in: {}", self.said);
        }
        self
    }

    pub(crate) fn text(&self) -> String {
        String::from_utf8(self.out.clone()).unwrap()
    }

    pub(crate) fn lines(&self) -> Vec<String> {
        self.text().lines().map(str::to_owned).collect()
    }

    pub(crate) fn json(&self) -> Value {
        serde_json::from_slice(&self.out).unwrap_or_else(|e| panic!("{e}: {}", self.text()))
    }
}
