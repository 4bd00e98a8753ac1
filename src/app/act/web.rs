//! Open in browser: the provider tells the address, the system opens it.

use crate::app::effect::{Effect, Request};
use crate::app::state::App;
use crate::app::waits::Slot;
use crate::domain::{Failure, FailureKind, Locator};

impl App {
    pub(super) fn ask_web_address(&mut self, at: &Locator) {
        self.start(Slot::WebAddress, Request::WebAddress { at: at.clone() });
    }

    pub(in crate::app) fn on_web_address(&mut self, result: Result<String, Failure>) {
        match result {
            Ok(address) if address.starts_with("https://") || address.starts_with("http://") => {
                self.out.push(Effect::Open(address));
            }
            Ok(address) => self.tell_failure(&Failure::new(
                FailureKind::Invalid,
                "opening the browser",
                format!("“{address}” is not the address of a page"),
            )),
            Err(failure) => self.tell_failure(&failure),
        }
    }
}
