//! Rows of one level: prefix sums over its open items.
//!
//! Invariant: only open items are listed, in the order in which they are shown, so that finding a row is a binary
//! search, whatever the number of rows.

/// What a branch, or one of its folders, shows directly below it.
#[derive(Debug, Clone, Default)]
pub(super) struct Level {
    /// Its items, unless they are simply what the branch shows.
    items: Option<Vec<u32>>,
    opened: Vec<Opened>,
    len: usize,
}

/// An open item of a level.
#[derive(Debug, Clone, Copy)]
struct Opened {
    /// Which one it is, an entry or a folder.
    item: u32,
    /// Its position among the items.
    position: usize,
    /// Its own row, counted from the first row of the level.
    row: usize,
    /// How many rows lie below it.
    rows: usize,
}

/// What lies in a row of a level.
pub(super) enum Seek {
    /// The item at this position.
    Item(usize),
    /// This row below an open item.
    Below(u32, usize),
    /// Nothing: the row lies so far behind the last one.
    Behind(usize),
}

impl Level {
    /// A level with items of its own.
    pub(super) fn of(items: Vec<u32>) -> Self {
        Self { items: Some(items), ..Self::default() }
    }

    pub(super) fn items(&self) -> Option<&[u32]> {
        self.items.as_deref()
    }

    /// Says which items are open, by position and item, in the order of the positions.
    pub(super) fn set_opened(&mut self, opened: &[(usize, u32)]) {
        let opened = opened.iter().map(|&(position, item)| Opened { item, position, row: 0, rows: 0 });
        self.opened = opened.collect();
    }

    /// Adds up the rows below the open items. `len` is how many items there are, if it has none of its own.
    pub(super) fn add_up(&mut self, len: usize, rows_below: impl Fn(u32) -> usize) {
        self.len = self.items.as_ref().map_or(len, Vec::len);
        let mut before = 0;
        for open in &mut self.opened {
            open.row = open.position + before;
            open.rows = rows_below(open.item);
            before += open.rows;
        }
    }

    /// How many rows it takes.
    pub(super) fn rows(&self) -> usize {
        self.row_of(self.len)
    }

    /// The row of the item at `position`.
    pub(super) fn row_of(&self, position: usize) -> usize {
        let before = self.opened.partition_point(|o| o.position < position);
        let last = before.checked_sub(1).and_then(|i| self.opened.get(i));
        last.map_or(position, |o| o.row + o.rows + (position - o.position))
    }

    /// What lies in `row`, counted from the first row of the level.
    pub(super) fn seek(&self, row: usize) -> Seek {
        let before = self.opened.partition_point(|o| o.row <= row);
        let last = before.checked_sub(1).and_then(|i| self.opened.get(i));
        let position = match last {
            None => row,
            Some(o) if row == o.row => o.position,
            Some(o) if row <= o.row + o.rows => return Seek::Below(o.item, row - o.row - 1),
            Some(o) => o.position + (row - o.row - o.rows),
        };
        if position < self.len { Seek::Item(position) } else { Seek::Behind(row - self.rows()) }
    }
}
