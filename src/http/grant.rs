//! What a request is signed with.
//!
//! Invariant: it is written into a request and nowhere else.

use reqwest::RequestBuilder;

use crate::domain::{Credential, Secret};

/// What goes along with one request.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Grant {
    None,
    Basic {
        username: String,
        password: Secret,
    },
    Bearer(Secret),
    /// Each request is signed as a whole when it is sent.
    Signed,
}

impl Grant {
    /// A credential as username and password; an identity token goes as Docker sends it, under the name `<token>`.
    pub(super) fn password(credential: &Credential) -> Self {
        match credential {
            Credential::Anonymous => Self::None,
            Credential::Basic { username, password } => {
                Self::Basic { username: username.clone(), password: password.clone() }
            }
            Credential::IdentityToken(token) => {
                Self::Basic { username: "<token>".to_owned(), password: token.clone() }
            }
            Credential::Bearer(token) => Self::Bearer(token.clone()),
        }
    }

    /// Adds it to a request; reqwest marks the header as sensitive.
    pub(super) fn add_to(&self, request: RequestBuilder) -> RequestBuilder {
        match self {
            Self::None | Self::Signed => request,
            Self::Basic { username, password } => request.basic_auth(username, Some(password.expose())),
            Self::Bearer(token) => request.bearer_auth(token.expose()),
        }
    }
}
