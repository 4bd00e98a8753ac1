//! Pauses and warnings of the network, told on standard error.

use std::io::{self, Write};
use std::time::Duration;

use crate::domain::Failure;
use crate::domain::text::visible;
use crate::http::Observer;

/// Tells a person who waits for a subcommand why.
pub struct Teller;

impl Observer for Teller {
    fn waiting(&self, host: &str, why: &Failure, pause: Duration) {
        // A short pause is over before it is read.
        if pause >= Duration::from_secs(2) {
            tell(&format!("{host}: {}; trying again in {} s", why.said, pause.as_secs()));
        }
    }

    fn resumed(&self, _host: &str) {}

    fn warning(&self, host: &str, text: &str) {
        tell(&format!("{host}: {text}"));
    }
}

fn tell(text: &str) {
    drop(writeln!(io::stderr(), "tagalong: {}", visible(text)));
}
