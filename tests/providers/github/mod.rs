//! GitHub: against a fake of it, and against its own API description.

mod acting;
mod browsing;
mod contract;
mod signing_in;

use std::sync::Arc;

use tagalong::domain::Credential;
use tagalong::registry::Provider;

use crate::fakes::github as fake;
use crate::support::{basic, connection, open};
use fake::{GitHub, TOKEN, USER};

impl GitHub {
    fn open(&self) -> Arc<dyn Provider> {
        self.open_as(basic(USER, TOKEN))
    }

    fn open_as(&self, credential: Credential) -> Arc<dyn Provider> {
        open(connection("github", &self.registry().url(), &[("api", &self.api)]), credential)
    }
}
