//! Why something did not work: what was being done, what the other side said, and what to do next.
//!
//! Invariant: behaviour looks only at the kind; `doing` and `said` are for people and never hold a secret.

use std::time::Duration;

/// The few ways in which things fail. Behaviour (retry, exit code, hint) depends on these alone.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum FailureKind {
    /// The host could not be found or reached.
    Offline,
    /// Nothing arrived for too long.
    Timeout,
    /// The secure connection could not be made or trusted.
    Tls,
    /// The sign-in is missing or was refused (401).
    Unauthorized,
    /// The sign-in works but lacks the right (403).
    Forbidden,
    /// What was asked for does not exist (404).
    NotFound,
    /// The server cannot do this, or has it switched off (405, `UNSUPPORTED`).
    Unsupported,
    /// Too many requests (429).
    RateLimited,
    /// The other side's state stands in the way (409, 412).
    Conflict,
    /// The input, or the answer, is not what it has to be.
    Invalid,
    /// The bytes do not have the digest or the size that they must have.
    Integrity,
    /// The server failed (5xx).
    Server,
    /// A file or the disk.
    Io,
    /// The person stopped it.
    Cancelled,
    /// A mistake in this program.
    Bug,
}

impl FailureKind {
    /// The usual next step, as a sentence for a person.
    #[must_use]
    pub fn hint(self) -> &'static str {
        match self {
            Self::Offline => "Check the name, the port and the network, then retry.",
            Self::Timeout => "The server is slow or out of reach; retry, or check the proxy.",
            Self::Tls => "Set a CA file for this connection, or use plain HTTP if the server has no TLS.",
            Self::Unauthorized => "Edit the connection and check the username and the password or token.",
            Self::Forbidden => "Ask for the right, or sign in with an account that has it.",
            Self::NotFound => "It may be gone or private; refresh, or check the name and the sign-in.",
            Self::Unsupported => {
                "The server does not offer this; its administrator may be able to enable it."
            }
            Self::RateLimited => "Wait a little; the server asked for a pause.",
            Self::Conflict => "Something else stands in the way; look at its state and retry.",
            Self::Invalid => "Correct what is named here, and try again.",
            Self::Integrity => {
                "Nothing was kept. Retry; if it happens again, the registry's content is damaged."
            }
            Self::Server => "The server has trouble; retry in a moment.",
            Self::Io => "Check the path, its rights and the free space.",
            Self::Cancelled => "Start it again when you like; what was fetched is kept.",
            Self::Bug => "Please report this, with the log file.",
        }
    }

    /// One word for the screen.
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            Self::Offline => "offline",
            Self::Timeout => "timeout",
            Self::Tls => "TLS",
            Self::Unauthorized => "sign-in",
            Self::Forbidden => "no right",
            Self::NotFound => "not found",
            Self::Unsupported => "unsupported",
            Self::RateLimited => "rate limit",
            Self::Conflict => "conflict",
            Self::Invalid => "invalid",
            Self::Integrity => "integrity",
            Self::Server => "server error",
            Self::Io => "file error",
            Self::Cancelled => "cancelled",
            Self::Bug => "bug",
        }
    }

    /// The process exit code of PRODUCT section 6: 1 failed, 2 usage, 3 not found, 4 refused, 5 rate-limited, 130 interrupted.
    #[must_use]
    pub fn exit_code(self) -> u8 {
        match self {
            Self::NotFound => 3,
            Self::Unauthorized | Self::Forbidden => 4,
            Self::RateLimited => 5,
            Self::Cancelled => 130,
            _ => 1,
        }
    }

    /// Whether the same request may succeed if it is simply sent again.
    #[must_use]
    pub fn is_transient(self) -> bool {
        matches!(self, Self::Offline | Self::Timeout | Self::RateLimited | Self::Server)
    }
}

/// A failure with its story. `Display` gives "doing: said".
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{doing}: {said}")]
pub struct Failure {
    /// What kind of failure it is.
    pub kind: FailureKind,
    /// What was being done, as a phrase without a full stop: "listing tags of acme/api".
    pub doing: String,
    /// What the other side (server, system) said, as a phrase.
    pub said: String,
    /// How long the server asked to wait.
    pub retry_after: Option<Duration>,
    /// The next step, as a sentence, where it is another one than that of the kind.
    pub next: Option<&'static str>,
}

/// What a full disk is called.
const DISK_IS_FULL: &str = "the disk is full";

impl Failure {
    /// A failure without a requested pause.
    pub fn new(kind: FailureKind, doing: impl Into<String>, said: impl Into<String>) -> Self {
        Self { kind, doing: doing.into(), said: said.into(), retry_after: None, next: None }
    }

    /// The same failure, told from the point of view of a larger step.
    #[must_use]
    pub fn while_doing(mut self, doing: impl Into<String>) -> Self {
        self.doing = doing.into();
        self
    }

    /// The same failure with a next step of its own, a sentence.
    #[must_use]
    pub fn with_next(self, step: &'static str) -> Self {
        Self { next: Some(step), ..self }
    }

    /// The next step, as a sentence for a person.
    #[must_use]
    pub fn hint(&self) -> &'static str {
        self.next.unwrap_or_else(|| self.kind.hint())
    }

    /// Whether a full disk is what stopped it.
    #[must_use]
    pub fn is_full_disk(&self) -> bool {
        self.kind == FailureKind::Io && self.said.starts_with(DISK_IS_FULL)
    }

    /// A failure of the file system; a full disk is said in words.
    pub fn io(doing: impl Into<String>, error: &std::io::Error) -> Self {
        let said = match error.kind() {
            std::io::ErrorKind::StorageFull | std::io::ErrorKind::QuotaExceeded => DISK_IS_FULL.to_owned(),
            std::io::ErrorKind::PermissionDenied => "permission denied".to_owned(),
            _ => error.to_string(),
        };
        Self::new(FailureKind::Io, doing, said)
    }

    /// One failure that stands for all of `failures`, and says how many more there are.
    #[must_use]
    pub fn first_of(failures: Vec<Self>) -> Option<Self> {
        let more = failures.len().saturating_sub(1);
        let mut first = failures.into_iter().next()?;
        if more > 0 {
            first.said = format!("{} (and {more} more failed)", first.said);
        }
        Some(first)
    }

    /// The person stopped it.
    pub fn cancelled(doing: impl Into<String>) -> Self {
        Self::new(FailureKind::Cancelled, doing, "cancelled")
    }

    /// The whole story in one line: doing, said, hint.
    #[must_use]
    pub fn sentence(&self) -> String {
        format!("{}: {}. {}", self.doing, self.said.trim_end_matches('.'), self.hint())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_failure_may_know_a_better_next_step_than_its_kind() {
        let plain = Failure::new(FailureKind::Forbidden, "tagging app", "it is not allowed");
        assert_eq!(plain.hint(), FailureKind::Forbidden.hint());
        let told = plain.with_next("Ask Ada.").while_doing("tagging app:1");
        assert_eq!(told.sentence(), "tagging app:1: it is not allowed. Ask Ada.");
    }

    #[test]
    fn a_full_disk_is_known_by_what_is_said() {
        let full = Failure::io("writing", &std::io::ErrorKind::StorageFull.into());
        assert!(full.is_full_disk());
        assert!(!Failure::io("writing", &std::io::ErrorKind::PermissionDenied.into()).is_full_disk());
    }

    #[test]
    fn words_are_short_and_hints_are_sentences() {
        use FailureKind as K;
        let all = [
            K::Offline,
            K::Timeout,
            K::Tls,
            K::Unauthorized,
            K::Forbidden,
            K::NotFound,
            K::Unsupported,
            K::RateLimited,
            K::Conflict,
            K::Invalid,
            K::Integrity,
            K::Server,
            K::Io,
            K::Cancelled,
            K::Bug,
        ];
        for kind in all {
            assert!(kind.word().len() <= 12, "{kind:?}: {}", kind.word());
            assert!(kind.hint().ends_with('.'), "{kind:?}: {}", kind.hint());
        }
    }
}
