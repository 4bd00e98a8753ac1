//! A real engine, started for one test: Docker's daemon, or Podman's service.
//!
//! Invariant: it keeps everything in a folder of its own, and is ended when this is dropped. Both have to run as root.

use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::thread;
use std::time::{Duration, Instant};

use rustix::process::{Pid, Signal, kill_process};
use tempfile::TempDir;

const PATIENCE: Duration = Duration::from_secs(60);
const LOOK_AGAIN: Duration = Duration::from_millis(50);

/// Which engine.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Which {
    Docker,
    Podman,
}

/// A running engine.
pub(crate) struct Daemon {
    folder: TempDir,
    which: Which,
    process: Option<Child>,
}

impl Daemon {
    pub(crate) fn start(which: Which) -> Self {
        // A socket's path must be short.
        let folder = tempfile::Builder::new().prefix("e").rand_bytes(4).tempdir_in("/tmp").unwrap();
        let loopback = "[[registry]]\nlocation = \"127.0.0.1\"\ninsecure = true\n";
        std::fs::write(folder.path().join("registries.conf"), loopback).unwrap();
        let mut daemon = Self { folder, which, process: None };
        daemon.start_again();
        daemon
    }

    /// Starts it after [`stop`](Self::stop), with what it has kept.
    pub(crate) fn start_again(&mut self) {
        let log = std::fs::File::create(self.path("log")).unwrap();
        let mut command = match self.which {
            Which::Docker => self.dockerd(),
            Which::Podman => {
                let mut command = self.podman();
                command.args(["system", "service", "--time=0", &self.address()]);
                command
            }
        };
        command.stdin(Stdio::null()).stdout(log.try_clone().unwrap()).stderr(log);
        self.process = Some(command.spawn().expect("the engine must be installed (tests/run installs it)"));
        self.wait_for("an answer", |daemon| std::os::unix::net::UnixStream::connect(daemon.socket()).is_ok());
    }

    /// Ends it, and what it has started.
    pub(crate) fn stop(&mut self) {
        let Some(mut process) = self.process.take() else { return };
        let id = i32::try_from(process.id()).ok().and_then(Pid::from_raw).unwrap();
        // It may have ended by itself.
        kill_process(id, Signal::TERM).ok();
        let begun = Instant::now();
        while begun.elapsed() < PATIENCE {
            if process.try_wait().unwrap().is_some() {
                // Podman leaves its socket behind.
                drop(std::fs::remove_file(self.socket()));
                return;
            }
            thread::sleep(LOOK_AGAIN);
        }
        process.kill().unwrap();
        process.wait().unwrap();
    }

    fn dockerd(&self) -> Command {
        let mut command = Command::new("dockerd");
        command
            .args(["--iptables=false", "--ip6tables=false", "--bridge=none", "--storage-driver=vfs"])
            .args(["-H", &self.address()])
            .arg("--data-root")
            .arg(self.path("data"))
            .arg("--exec-root")
            .arg(self.path("exec"))
            .arg("--pidfile")
            .arg(self.path("pid"));
        command
    }

    fn podman(&self) -> Command {
        let mut command = Command::new("podman");
        command
            .env("CONTAINERS_REGISTRIES_CONF", self.path("registries.conf"))
            .arg("--root")
            .arg(self.path("data"))
            .arg("--runroot")
            .arg(self.path("exec"))
            .args(["--storage-driver", "vfs"]);
        command
    }

    /// Runs the engine's own program.
    pub(crate) fn run(&self, arguments: &[&str]) -> String {
        let mut command = match self.which {
            Which::Docker => {
                let mut command = Command::new("docker");
                command.args(["-H", &self.address()]).env("HOME", self.folder.path());
                command
            }
            Which::Podman => self.podman(),
        };
        let output = command.args(arguments).output().unwrap();
        let said = String::from_utf8_lossy(&output.stderr);
        assert!(output.status.success(), "{arguments:?}: {said}");
        String::from_utf8(output.stdout).unwrap().trim().to_owned()
    }

    fn wait_for(&mut self, what: &str, is_there: impl Fn(&Self) -> bool) {
        let begun = Instant::now();
        while !is_there(self) {
            let ended = self.process.as_mut().and_then(|p| p.try_wait().unwrap());
            if ended.is_some() || begun.elapsed() > PATIENCE {
                let log = std::fs::read_to_string(self.path("log")).unwrap_or_default();
                panic!("{:?} has not brought {what}: {log}", self.which);
            }
            thread::sleep(LOOK_AGAIN);
        }
    }

    fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    pub(crate) fn socket(&self) -> PathBuf {
        self.path("s")
    }

    /// Its address as `DOCKER_HOST` has it.
    pub(crate) fn address(&self) -> String {
        format!("unix://{}", self.socket().display())
    }

    /// A folder that ends with it.
    pub(crate) fn folder(&self) -> &Path {
        self.folder.path()
    }
}

impl Drop for Daemon {
    fn drop(&mut self) {
        self.stop();
    }
}
