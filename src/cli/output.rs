//! Where results go: standard output for results, standard error for messages.
//!
//! Invariant: a reader that goes away (`| head`) ends the program quietly.

use std::io::{self, BufWriter, IsTerminal, Write};
use std::process::ExitCode;

use serde_json::{Value, json};

use crate::domain::Failure;
use crate::domain::text::visible;

/// The two streams of a subcommand.
pub struct Output {
    out: BufWriter<Box<dyn Write + Send>>,
    broken: Option<io::Error>,
    json: bool,
    to_terminal: bool,
}

impl Output {
    /// Over the process's own streams.
    #[must_use]
    pub fn of_process(json: bool) -> Self {
        let to_terminal = io::stdout().is_terminal();
        Self { out: BufWriter::new(Box::new(io::stdout())), broken: None, json, to_terminal }
    }

    /// Whether results are JSON.
    #[must_use]
    pub fn is_json(&self) -> bool {
        self.json
    }

    /// Whether somebody looks at the results.
    #[must_use]
    pub fn is_seen(&self) -> bool {
        self.to_terminal
    }

    /// A line of a result. On a terminal, what could move the cursor is made visible.
    pub fn line(&mut self, text: &str) {
        if self.to_terminal {
            self.bytes(visible(text).as_bytes());
        } else {
            self.bytes(text.as_bytes());
        }
        self.bytes(b"\n");
    }

    /// A JSON result, indented.
    pub fn value(&mut self, value: &Value) {
        self.bytes(format!("{value:#}\n").as_bytes());
    }

    /// Exact bytes.
    pub fn bytes(&mut self, bytes: &[u8]) {
        if self.broken.is_none() {
            self.broken = self.out.write_all(bytes).err();
        }
    }

    /// A message for a person, on standard error.
    pub fn message(&self, text: &str) {
        drop(writeln!(io::stderr(), "{}", visible(text)));
    }

    /// Writes out what is buffered.
    ///
    /// # Errors
    /// `Io`, unless the reader simply went away.
    pub fn flush(&mut self) -> Result<(), Failure> {
        let result = match self.broken.take() {
            Some(error) => Err(error),
            None => self.out.flush(),
        };
        match result {
            Err(error) if error.kind() != io::ErrorKind::BrokenPipe => {
                Err(Failure::io("writing the result", &error))
            }
            _ => Ok(()),
        }
    }

    /// Tells a failure, and which exit code it has.
    pub fn fail(&mut self, failure: &Failure) -> ExitCode {
        // What was written before the failure is still worth having; a second failure adds nothing.
        drop(self.flush());
        if self.json {
            let error = json!({ "error": {
                "kind": failure.kind.word(), "doing": failure.doing, "said": failure.said, "hint": failure.kind.hint(),
                "retry_after": failure.retry_after.map(|d| d.as_secs()),
            }});
            drop(writeln!(io::stderr(), "{error}"));
        } else {
            self.message(&format!("tagalong: {}", failure.sentence()));
        }
        ExitCode::from(failure.kind.exit_code())
    }
}
