//! The log file: what went on, for the person who wants to know or report.
//!
//! Invariant: never a secret. Secrets cannot be formatted by type; other crates, which might show headers, are heard
//! only when they warn.

use std::fs::{self, File};
use std::io::{self, Write};
use std::path::{Path, PathBuf};

use tracing::Subscriber;
use tracing_appender::non_blocking::{NonBlockingBuilder, WorkerGuard};
use tracing_subscriber::EnvFilter;
use tracing_subscriber::fmt::MakeWriter;

use super::files;
use super::paths::Paths;
use crate::domain::{Failure, FailureKind};

/// A log that has grown past this is put aside as `tagalong.log.1`.
const LARGEST: u64 = 4 * 1024 * 1024;
/// Lines on their way to the disk; more are dropped rather than waited for.
const LINES_IN_FLIGHT: usize = 1024;

/// How much is logged.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Default)]
pub enum Verbosity {
    /// Warnings.
    #[default]
    Quiet,
    /// What is done (`-v`).
    Verbose,
    /// How it is done (`-vv`).
    Debug,
    /// Every step (`-vvv`).
    Trace,
}

impl Verbosity {
    /// From the number of `-v` on the command line.
    #[must_use]
    pub fn of_count(count: u8) -> Self {
        match count {
            0 => Self::Quiet,
            1 => Self::Verbose,
            2 => Self::Debug,
            _ => Self::Trace,
        }
    }

    fn filter(self) -> EnvFilter {
        EnvFilter::new(match self {
            Self::Quiet => "warn",
            Self::Verbose => "warn,tagalong=info",
            Self::Debug => "warn,tagalong=debug",
            Self::Trace => "warn,tagalong=trace",
        })
    }
}

/// Keep it until the end: what is still on its way is written when it is dropped.
#[derive(Debug)]
#[must_use = "the last lines are lost unless this lives until the end"]
pub struct LogGuard {
    _worker: WorkerGuard,
}

/// Starts logging to the log file, for the whole process.
///
/// # Errors
/// `Io` when the file cannot be opened; `Bug` when something logs already.
pub fn start(paths: &Paths, verbosity: Verbosity) -> Result<LogGuard, Failure> {
    let doing = || format!("opening the log {}", paths.log_file.display());
    if let Some(folder) = paths.log_file.parent() {
        files::make_private_folder(folder)?;
    }
    let file = RotatingFile::open(&paths.log_file, LARGEST).map_err(|e| Failure::io(doing(), &e))?;
    let (writer, worker) = NonBlockingBuilder::default().buffered_lines_limit(LINES_IN_FLIGHT).finish(file);
    tracing::subscriber::set_global_default(subscriber(writer, verbosity))
        .map_err(|e| Failure::new(FailureKind::Bug, doing(), e.to_string()))?;
    Ok(LogGuard { _worker: worker })
}

fn subscriber<W>(writer: W, verbosity: Verbosity) -> impl Subscriber + Send + Sync
where
    W: for<'w> MakeWriter<'w> + Send + Sync + 'static,
{
    tracing_subscriber::fmt()
        .with_env_filter(verbosity.filter())
        .with_ansi(false)
        .with_writer(writer)
        .finish()
}

/// A file that is put aside when it has grown too large, so that there are at most two.
#[derive(Debug)]
struct RotatingFile {
    path: PathBuf,
    file: File,
    size: u64,
    largest: u64,
}

impl RotatingFile {
    fn open(path: &Path, largest: u64) -> io::Result<Self> {
        let file = open_private(path)?;
        let size = file.metadata()?.len();
        Ok(Self { path: path.to_owned(), file, size, largest })
    }

    fn rotate(&mut self) -> io::Result<()> {
        let mut aside = self.path.clone().into_os_string();
        aside.push(".1");
        fs::rename(&self.path, aside)?;
        self.file = open_private(&self.path)?;
        self.size = 0;
        Ok(())
    }
}

impl Write for RotatingFile {
    fn write(&mut self, line: &[u8]) -> io::Result<usize> {
        if self.size > 0 && self.size + line.len() as u64 > self.largest {
            self.rotate()?;
        }
        // In one piece, so that lines of two running copies do not mix.
        self.file.write_all(line)?;
        self.size += line.len() as u64;
        Ok(line.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        self.file.flush()
    }
}

fn open_private(path: &Path) -> io::Result<File> {
    let mut options = File::options();
    options.create(true).append(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    options.open(path)
}

#[cfg(test)]
mod tests {
    use std::sync::Mutex;

    use super::*;
    use crate::domain::Secret;

    fn logged(path: &Path, verbosity: Verbosity) -> String {
        let file = RotatingFile::open(path, LARGEST).unwrap();
        tracing::subscriber::with_default(subscriber(Mutex::new(file), verbosity), || {
            let secret = Secret::new("hunter2");
            tracing::warn!(?secret, "a warning");
            tracing::info!("an event");
            tracing::debug!("a detail");
            tracing::info!(target: "hyper::proto", "authorization: Basic hunter2");
        });
        fs::read_to_string(path).unwrap()
    }

    #[test]
    fn verbosity_decides_and_secrets_stay_out() {
        let dir = tempfile::tempdir().unwrap();
        let expected = [(0, [true, false, false]), (1, [true, true, false]), (2, [true; 3]), (9, [true; 3])];
        for (count, lines) in expected {
            let log = logged(&dir.path().join(count.to_string()), Verbosity::of_count(count));
            let found = ["a warning", "an event", "a detail"].map(|line| log.contains(line));
            assert_eq!(found, lines, "-v × {count}: {log}");
            assert!(!log.contains("hunter2"), "{log}");
        }
    }

    #[test]
    fn a_large_log_is_put_aside() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("tagalong.log");
        fs::write(&path, "old\n").unwrap();
        let mut file = RotatingFile::open(&path, 10).unwrap();
        for line in ["1234\n", "5678\n", "a line that is longer\n", "end\n"] {
            file.write_all(line.as_bytes()).unwrap();
        }
        assert_eq!(fs::read_to_string(&path).unwrap(), "end\n");
        assert_eq!(fs::read_to_string(dir.path().join("tagalong.log.1")).unwrap(), "a line that is longer\n");
        assert_eq!(fs::read_dir(dir.path()).unwrap().count(), 2);
    }

    #[cfg(unix)]
    #[test]
    fn the_log_is_private() {
        use std::os::unix::fs::PermissionsExt;
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("tagalong.log");
        RotatingFile::open(&path, 10).unwrap();
        assert_eq!(fs::metadata(&path).unwrap().permissions().mode() & 0o777, 0o600);
    }
}
