//! The tree as it stands on the screen.
//!
//! Invariant: only what a person can see is read.

/// What the row with the cursor begins with.
const CURSOR: char = '▌';
/// Guides and signs before a row's name.
const SIGNS: [char; 8] = ['│', '▌', ' ', '▸', '▾', '⚠', '⋯', '●'];

/// The rows of the tree, without guides and signs.
pub(super) fn rows(screen: &str) -> Vec<&str> {
    pane(screen).map(|line| line.trim_matches(SIGNS)).collect()
}

/// Where the cursor is among them.
pub(super) fn cursor(screen: &str) -> Option<usize> {
    pane(screen).position(|line| line.contains(CURSOR))
}

/// Where the row is that begins with the whole word `name`.
pub(super) fn find(screen: &str, name: &str) -> Option<usize> {
    rows(screen)
        .iter()
        .position(|row| row.strip_prefix(name).is_some_and(|rest| rest.is_empty() || rest.starts_with("  ")))
}

/// The lines of the tree's pane.
fn pane(screen: &str) -> impl Iterator<Item = &str> {
    let below_title = screen.lines().skip_while(|line| !line.contains("Registries ─")).skip(1);
    below_title
        .take_while(|line| !line.starts_with('╰'))
        .map(|line| line.split("││").next().unwrap_or_default())
}
