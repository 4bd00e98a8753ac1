//! Pauses and warnings of the network, on their way to the state machine.

use std::time::Duration;

use tokio::sync::mpsc::{UnboundedReceiver, UnboundedSender, unbounded_channel};

use crate::app::Event;
use crate::domain::Failure;
use crate::domain::extra::SignInCode;
use crate::domain::text::visible;
use crate::http::Observer;

/// Turns what the network layer observes into events.
pub struct Announcer {
    events: UnboundedSender<Event>,
}

impl Announcer {
    /// An announcer, and the end where its events come out.
    #[must_use]
    pub fn new() -> (Self, UnboundedReceiver<Event>) {
        let (events, out) = unbounded_channel();
        (Self { events }, out)
    }

    fn announce(&self, event: Event) {
        // The receiving end is gone only while the program ends.
        drop(self.events.send(event));
    }
}

impl Observer for Announcer {
    fn waiting(&self, host: &str, why: &Failure, pause: Duration) {
        let said = visible(&why.said).into_owned();
        let seconds = pause.as_secs() + u64::from(pause.subsec_nanos() > 0);
        self.announce(Event::Waiting { host: host.to_owned(), said, seconds });
    }

    fn resumed(&self, host: &str) {
        self.announce(Event::Resumed(host.to_owned()));
    }

    fn warning(&self, host: &str, text: &str) {
        self.announce(Event::Warning { host: host.to_owned(), text: visible(text).into_owned() });
    }

    fn sign_in_code(&self, code: Option<&SignInCode>) {
        self.announce(Event::SignInCode(code.cloned()));
    }
}
