//! Prism itself: started once for a file, shared by the tests that run at the same time.
//!
//! Invariant: it listens on 127.0.0.1, on a port that the system chose, and is ended when the last user lets go of it.

use std::collections::HashMap;
use std::io::{BufRead, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::mpsc::{self, Receiver};
use std::sync::{Arc, LazyLock, Mutex, PoisonError, Weak};
use std::thread;
use std::time::Duration;

/// It takes two seconds to start; on a busy computer many more.
const PATIENCE: Duration = Duration::from_secs(90);
const PROGRAM: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/target/prism/node_modules/.bin/prism");
const READY: &str = "Prism is listening on ";

static RUNNING: LazyLock<Mutex<HashMap<PathBuf, Weak<Prism>>>> = LazyLock::new(Mutex::default);

/// A running Prism.
pub(super) struct Prism {
    process: Child,
    /// `http://127.0.0.1:PORT`.
    pub(super) address: String,
}

/// The Prism that serves `file`, started if none does.
pub(super) fn of(file: &Path) -> Arc<Prism> {
    // One that failed to start has left the map as it was.
    let mut running = RUNNING.lock().unwrap_or_else(PoisonError::into_inner);
    if let Some(prism) = running.get(file).and_then(Weak::upgrade) {
        return prism;
    }
    let prism = Arc::new(Prism::start(file));
    running.insert(file.to_owned(), Arc::downgrade(&prism));
    prism
}

impl Prism {
    fn start(file: &Path) -> Self {
        assert!(file.is_file(), "there is no contract {}", file.display());
        assert!(
            Path::new(PROGRAM).exists(),
            "Prism must be installed (tests/run does it, where TAGALONG_CONTRACTS is set): {PROGRAM}"
        );
        let mut process = Command::new("node")
            .arg(PROGRAM)
            .arg("mock")
            .arg(file)
            .args(["-h", "127.0.0.1", "-p", "0"])
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::inherit())
            .spawn()
            .expect("node must be installed (tests/run does it)");
        let told = listen(BufReader::new(process.stdout.take().unwrap()));
        // From here on a panic ends the process.
        let mut prism = Self { process, address: String::new() };
        let mut before = Vec::new();
        while prism.address.is_empty() {
            match told.recv_timeout(PATIENCE) {
                Ok(line) => match line.split_once(READY) {
                    Some((_, address)) => prism.address = address.trim().to_owned(),
                    None => before.push(line),
                },
                Err(error) => {
                    panic!("Prism does not serve {} ({error}):\n{}", file.display(), before.join("\n"))
                }
            }
        }
        prism
    }
}

impl Drop for Prism {
    fn drop(&mut self) {
        // It may have ended by itself, which the requests have noticed then.
        drop(self.process.kill());
        drop(self.process.wait());
    }
}

/// What it writes, line by line, read to the end so that it never waits for a reader.
fn listen(lines: impl BufRead + Send + 'static) -> Receiver<String> {
    let (to, told) = mpsc::channel();
    thread::spawn(move || {
        for line in lines.lines().map_while(Result::ok) {
            // Nobody listens once the address is known.
            drop(to.send(line));
        }
    });
    told
}
