//! A vendor's API description that answers requests and tells which of them it does not accept.
//!
//! ```ignore
//! #[tokio::test]
//! async fn the_contract_accepts_what_is_asked() {
//!     let Some(contract) = prism::serve("docker/hub-v2.json").await else { return };
//!     let provider = open(&contract.url()); // the provider with the vendor's API at this address
//!     provider.children(&namespace, None).await.unwrap();
//!     contract.prefer("code=404"); // what the following requests are to be answered
//!     assert_eq!(provider.children(&namespace, None).await.unwrap_err().kind, FailureKind::NotFound);
//!     contract.assert_accepted();
//! }
//! ```
//!
//! Answers are the vendor's examples, always the same: paging never ends, and its links lead to the vendor's real
//! hosts. State is for fakes of our own.
//!
//! Invariant: one Prism per file and test program; it ends with the last [`Contract`] that uses it.

pub(crate) mod forward;
mod process;
mod recorder;

use std::path::PathBuf;
use std::sync::Arc;

use process::Prism;
use recorder::Recorder;

pub(crate) use recorder::Asked;

/// A served description.
pub(crate) struct Contract {
    recorder: Recorder,
    _prism: Arc<Prism>,
}

/// The folder with the descriptions; nothing when the tests against them are left out, which is said then.
pub(crate) fn folder() -> Option<PathBuf> {
    let folder = std::env::var_os("TAGALONG_CONTRACTS").filter(|f| !f.is_empty());
    if folder.is_none() {
        println!("left out: TAGALONG_CONTRACTS is not set, so no vendor's contract is asked");
    }
    folder.map(PathBuf::from)
}

/// Serves `file`, such as `docker/hub-v2.json`; nothing when the contracts are left out.
pub(crate) async fn serve(file: &str) -> Option<Contract> {
    let prism = process::of(&folder()?.join(file));
    Some(Contract { recorder: Recorder::start(&prism.address).await, _prism: prism })
}

impl Contract {
    /// Where to send requests: `http://127.0.0.1:PORT`.
    pub(crate) fn url(&self) -> String {
        self.recorder.url.clone()
    }

    /// Which answer the following requests get: `code=404`, `example=NAME`, `dynamic=true`; empty for the usual one.
    /// A code that the operation does not declare is a violation.
    pub(crate) fn prefer(&self, what: &str) {
        self.recorder.prefer(what);
    }

    /// What was asked so far.
    pub(crate) fn asked(&self) -> Vec<Asked> {
        self.recorder.asked()
    }

    /// Fails unless something was asked and the contract accepted all of it.
    pub(crate) fn assert_accepted(&self) {
        if let Err(said) = self.verdict() {
            panic!("{said}");
        }
    }

    /// What [`assert_accepted`](Self::assert_accepted) fails with.
    pub(crate) fn verdict(&self) -> Result<(), String> {
        let asked = self.asked();
        let refused = asked.iter().enumerate().filter(|(at, one)| !is_question(one, &asked[at + 1..]));
        let refused: Vec<String> = refused.filter_map(|(_, one)| one.refusal()).collect();
        match (asked.len(), refused.len()) {
            (0, _) => Err("nothing was asked, so nothing is proved".to_owned()),
            (_, 0) => Ok(()),
            (all, some) => {
                Err(format!("the contract refuses {some} of {all} requests:\n{}", refused.join("\n")))
            }
        }
    }
}

/// Whether a request was only asked for its sign-in, as registries begin, and was accepted when it came again.
fn is_question(one: &Asked, later: &[Asked]) -> bool {
    let same = |other: &&Asked| other.method == one.method && other.path == one.path;
    one.status == 401 && later.iter().filter(same).any(|other| other.refusal().is_none())
}
