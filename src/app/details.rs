//! The details pane: what it shows and how far it is scrolled.

use crate::domain::detail::Details;
use crate::domain::{Failure, Locator};

/// The pane beside the tree.
#[derive(Debug, Clone, Default)]
pub struct DetailsPane {
    /// The node it shows; follows the cursor after a short rest.
    pub at: Option<Locator>,
    /// What is known of it.
    pub state: DetailsState,
    /// The first visible line.
    pub top: usize,
    /// Of a tag: the other tags known to share its digest, natural order.
    pub siblings: Vec<String>,
}

/// How far the details are.
#[derive(Debug, Clone, Default)]
pub enum DetailsState {
    /// Nothing is selected that has details.
    #[default]
    Nothing,
    /// On their way. Details of the same node shown before stay until then.
    Loading(Option<Box<Details>>),
    /// Here.
    Ready(Box<Details>),
    /// They could not be fetched.
    Failed(Failure),
}
