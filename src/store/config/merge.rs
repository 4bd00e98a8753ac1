//! Carrying the difference between two configurations over into a document that people edit too.
//!
//! Invariant: what is the same before and after is not touched, nor is what neither of the two knows.

use toml_edit::{ArrayOfTables, DocumentMut, Item, Table, TableLike};

/// The array of tables whose members are known by their `id`.
const CONNECTION: &str = "connection";

/// Changes `document` by what differs from `old` to `new`.
pub(super) fn apply(document: &mut DocumentMut, old: &Table, new: &Table) {
    let (mut old, mut new) = (old.clone(), new.clone());
    let (old_connections, new_connections) = (take_connections(&mut old), take_connections(&mut new));
    merge_table(document.as_table_mut(), &old, &new);
    let mut connections = take_connections(document.as_table_mut());
    merge_connections(&mut connections, &old_connections, &new_connections);
    if !connections.is_empty() {
        document.insert(CONNECTION, Item::ArrayOfTables(connections));
    }
}

fn take_connections(table: &mut Table) -> ArrayOfTables {
    let item = table.remove(CONNECTION).unwrap_or_default();
    item.into_array_of_tables().unwrap_or_default()
}

fn id(table: &Table) -> Option<&str> {
    table.get("id")?.as_str()
}

fn find<'a>(tables: &'a ArrayOfTables, wanted: &Table) -> Option<&'a Table> {
    tables.iter().find(|t| id(t) == id(wanted))
}

fn merge_connections(document: &mut ArrayOfTables, old: &ArrayOfTables, new: &ArrayOfTables) {
    document.retain(|t| find(new, t).is_some());
    for wanted in new {
        let known = document.iter_mut().find(|t| id(t) == id(wanted));
        match (known, find(old, wanted)) {
            (Some(table), Some(before)) => merge_table(table, before, wanted),
            _ => document.push(as_sections(wanted)),
        }
    }
}

/// What people like to read: a table below its own heading, placed where it is put.
fn as_sections(table: &Table) -> Table {
    let mut table = table.clone();
    table.set_position(None);
    for (_, item) in table.iter_mut() {
        if item.is_table_like() {
            *item = as_section(item);
        }
    }
    table
}

fn as_section(item: &Item) -> Item {
    match item.clone().into_table() {
        Ok(table) => Item::Table(as_sections(&table)),
        Err(item) => item,
    }
}

fn merge_table(document: &mut dyn TableLike, old: &dyn TableLike, new: &dyn TableLike) {
    for (key, before) in old.iter() {
        if !new.contains_key(key) {
            unset(document, key, before);
        }
    }
    for (key, wanted) in new.iter() {
        if !old.get(key).is_some_and(|before| is_same(before, wanted)) {
            set(document, key, old.get(key), wanted);
        }
    }
}

/// Removes what `old` knows below `key`; a table that still holds something else stays.
fn unset(document: &mut dyn TableLike, key: &str, old: &Item) {
    let present = document.get_mut(key).and_then(Item::as_table_like_mut);
    if let (Some(present), Some(before)) = (present, old.as_table_like()) {
        merge_table(present, before, &Table::new());
        if !present.is_empty() {
            return;
        }
    }
    document.remove(key);
}

fn set(document: &mut dyn TableLike, key: &str, old: Option<&Item>, wanted: &Item) {
    let empty = Table::new();
    match (document.get_mut(key), wanted) {
        (Some(present), wanted) if present.is_table_like() && wanted.is_table_like() => {
            let before = old.and_then(Item::as_table_like).unwrap_or(&empty);
            if let (Some(present), Some(wanted)) = (present.as_table_like_mut(), wanted.as_table_like()) {
                merge_table(present, before, wanted);
            }
        }
        // The comment behind a value belongs to the line, not to the value.
        (Some(Item::Value(present)), Item::Value(wanted)) => {
            let decor = present.decor().clone();
            *present = wanted.clone();
            *present.decor_mut() = decor;
        }
        (_, wanted) => {
            document.insert(key, as_section(wanted));
        }
    }
}

fn is_same(a: &Item, b: &Item) -> bool {
    match (a.as_table_like(), b.as_table_like()) {
        (Some(a), Some(b)) => {
            a.len() == b.len()
                && a.iter().all(|(key, item)| b.get(key).is_some_and(|other| is_same(item, other)))
        }
        _ => a.to_string() == b.to_string(),
    }
}
