//! Where results go: standard output for results, standard error for messages.
//!
//! Invariant: a reader that goes away (`| head`) ends the program quietly; nothing that a terminal would obey reaches one.

use std::io::{self, BufWriter, IsTerminal, Write};
use std::process::ExitCode;

use serde_json::{Value, json};

use super::Problem;
use crate::domain::Failure;
use crate::domain::text::{is_plain, visible, visible_lines};

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
        self.bytes(plain_json(&format!("{value:#}\n")).as_bytes());
    }

    /// Content as the registry has it: its exact bytes, but made visible on a terminal.
    pub fn content(&mut self, bytes: &[u8]) {
        if self.to_terminal {
            self.bytes(visible_lines(&String::from_utf8_lossy(bytes)).as_bytes());
        } else {
            self.bytes(bytes);
        }
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

    /// Tells a problem, and which exit code it has.
    pub fn fail(&mut self, problem: &Problem) -> ExitCode {
        let failure = problem.failure();
        // What was written before the failure is still worth having; a second failure adds nothing.
        drop(self.flush());
        if self.json {
            let error = json!({ "error": {
                "kind": problem.word(), "doing": failure.doing, "said": failure.said, "hint": failure.hint(),
                "retry_after": failure.retry_after.map(|d| d.as_secs()),
            }});
            drop(writeln!(io::stderr(), "{}", plain_json(&error.to_string())));
        } else {
            self.message(&format!("tagalong: {}", failure.sentence()));
        }
        ExitCode::from(problem.exit_code())
    }
}

/// The same JSON with everything that is not plain written as `\uXXXX`; outside of strings there is nothing of the kind.
fn plain_json(json: &str) -> String {
    let mut out = String::with_capacity(json.len());
    for c in json.chars() {
        if is_plain(c) || c == '\n' {
            out.push(c);
        } else {
            out.extend(c.encode_utf16(&mut [0; 2]).iter().map(|unit| format!("\\u{unit:04x}")));
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use std::sync::{Arc, Mutex};

    use super::*;

    #[derive(Clone, Default)]
    struct Written(Arc<Mutex<Vec<u8>>>);

    impl Write for Written {
        fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
            self.0.lock().unwrap().extend_from_slice(bytes);
            Ok(bytes.len())
        }

        fn flush(&mut self) -> io::Result<()> {
            Ok(())
        }
    }

    fn shown(to_terminal: bool, bytes: &[u8]) -> Vec<u8> {
        let written = Written::default();
        let out: BufWriter<Box<dyn Write + Send>> = BufWriter::new(Box::new(written.clone()));
        let mut output = Output { out, broken: None, json: false, to_terminal };
        output.content(bytes);
        output.flush().unwrap();
        written.0.lock().unwrap().clone()
    }

    #[test]
    fn content_is_exact_in_a_pipe_and_visible_on_a_terminal() {
        let bytes = b"{\r\n\t\"x\": \"\x1b[2J\xff\"}";
        assert_eq!(shown(false, bytes), bytes);
        assert_eq!(shown(true, bytes), "{\n    \"x\": \"␛[2J\u{fffd}\"}".as_bytes());
    }

    #[test]
    fn json_stays_the_same_and_becomes_plain() {
        let value = json!({ "k\u{9b}": ["é", "\u{202e}\u{e0001}\u{7f}\u{1b}\n", "\\u"] });
        let text = plain_json(&format!("{value:#}"));
        assert!(text.chars().all(|c| c == '\n' || is_plain(c)), "{text}");
        assert!(text.contains("é") && text.contains("\\u202e\\udb40\\udc01\\u007f"), "{text}");
        assert_eq!(serde_json::from_str::<Value>(&text).unwrap(), value);
    }
}
