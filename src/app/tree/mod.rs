//! The tree of a million rows: branches, their names in arenas, the visible window.

/// The tree.
#[derive(Debug, Default)]
pub struct Tree {}
