//! GitLab: against a fake of it, and against its own API description.

mod acting;
mod browsing;
mod contract;
mod signing_in;

use std::sync::Arc;

use tagalong::domain::Credential;
use tagalong::registry::Provider;

use crate::fakes::gitlab as fake;
use crate::support::{basic, connection, open};
use fake::{GitLab, TOKEN, USER};

impl GitLab {
    fn open(&self) -> Arc<dyn Provider> {
        self.open_as(basic(USER, TOKEN))
    }

    fn open_as(&self, credential: Credential) -> Arc<dyn Provider> {
        let mut connection = connection("gitlab", &self.registry().url(), &[("api", &self.web)]);
        connection.username = credential.username().unwrap_or_default().to_owned();
        open(connection, credential)
    }
}
