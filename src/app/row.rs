//! One visible row of the tree, ready to be drawn.

use std::borrow::Cow;

use crate::domain::{Facts, Failure, NodeKind};

/// A row.
#[derive(Debug, Clone, PartialEq)]
pub struct Row<'a> {
    /// Its position in the whole tree.
    pub index: usize,
    /// How deep it is; 0 for connections.
    pub depth: u16,
    /// What it is.
    pub kind: RowKind<'a>,
    /// Its text; passed through `text::visible`.
    pub label: Cow<'a, str>,
    /// Whether it can be opened, and is.
    pub twig: Twig,
    /// What is known beside it.
    pub facts: Option<&'a Facts>,
    /// Whether its children are being listed.
    pub loading: bool,
    /// Whether it is marked.
    pub marked: bool,
    /// Whether what it shows is older than the last refresh that failed or is under way.
    pub stale: bool,
    /// Which characters of the label (by count, not by byte) the filter hit.
    pub hits: Vec<u32>,
    /// Of a branch: how many children are loaded and whether there are more.
    pub children: Option<(u64, bool)>,
}

/// What a row is.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum RowKind<'a> {
    /// The heading above the places on this machine.
    Heading,
    /// A node.
    Node(NodeKind),
    /// A folder made of the parts of repository names.
    Folder,
    /// A listing that failed; Enter retries.
    Failed(&'a Failure),
    /// There are more pages; Enter loads all.
    More,
    /// The first page is on its way.
    Loading,
    /// There is nothing below.
    Empty,
    /// So many are hidden; Enter shows them.
    Aside,
}

/// Whether a row can be opened.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Twig {
    /// It has no children.
    Leaf,
    /// It can be opened.
    Closed,
    /// It is open.
    Open,
}
