//! The only side effects: the loop, the terminal, tasks, the clipboard.
