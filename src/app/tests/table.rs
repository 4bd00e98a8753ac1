//! Every line of the table is dispatched, and what menus offer does something.

use super::*;
use crate::app::command::{Command, Group, ITEMS, menu};
use crate::app::help::{HelpLine, lines};

#[test]
fn every_key_of_the_table_does_something_where_it_applies() {
    for item in ITEMS {
        for key in item.keys {
            let is_local = !item.needs.met_by(ALL);
            let mut driver = if is_local { Driver::on_a_local_image() } else { Driver::on_a_tag() };
            if is_local {
                assert!(item.needs.met_by(LOCAL), "{:?} is possible nowhere", item.command);
            } else if item.on.has(Some(NodeKind::Tag)) && item.command != Command::Expand {
                driver.go(&tag("app", "2"));
            } else if item.on.has(Some(NodeKind::Repository)) {
                driver.go(&repository("app"));
            } else {
                driver.go(&root());
            }
            let before = format!("{:?}", driver.app);
            let effects = driver.key(*key).to_vec();
            let after = format!("{:?}", driver.app);
            let is_idle = effects.is_empty() && before == after;
            // Nothing is open that Esc could close.
            assert!(!is_idle || item.command == Command::Close, "{key} for {:?} does nothing", item.command);
        }
    }
}

#[test]
fn every_entry_of_every_menu_does_something() {
    for at in [root(), repository("app"), tag("app", "1")] {
        let mut driver = Driver::on_a_tag();
        driver.go(&at);
        driver.type_keys("m");
        let Modal::Menu(menu) = driver.top() else { panic!("no menu") };
        let entries = menu.entries.clone();
        assert!(entries.len() >= 4, "{at:?}");
        for (position, entry) in entries.into_iter().enumerate() {
            let item = entry.item().expect("a line of the table");
            let mut driver = Driver::on_a_tag();
            driver.go(&at);
            driver.type_keys("m");
            for _ in 0..position {
                driver.key(Key::Down);
            }
            assert!(matches!(driver.top(), Modal::Menu(m) if m.cursor == position));
            let effects = driver.key(Key::Enter).to_vec();
            let opened = !driver.app.modals.is_empty();
            assert!(opened || !effects.is_empty() || driver.app.notice.is_some(), "{:?}", item.command);
            assert_ne!(driver.notice(), format!("“{}” is not possible here.", item.label));
        }
    }
}

#[test]
fn no_two_entries_of_a_node_share_a_key() {
    for kind in [NodeKind::Connection, NodeKind::Repository, NodeKind::Tag, NodeKind::Manifest] {
        let mut seen = std::collections::HashSet::new();
        for item in ITEMS.iter().filter(|i| i.applies(Some(kind), ALL)) {
            for key in item.keys {
                assert!(seen.insert(*key), "{key} of {:?} is taken on {kind:?}", item.command);
            }
        }
    }
}

#[test]
fn what_the_server_cannot_do_is_not_offered() {
    let without = |c| menu(NodeKind::Tag, ALL.without(c)).map(|i| i.command).collect::<Vec<_>>();
    assert!(!without(Capabilities::DELETE).contains(&Command::Delete));
    assert!(!without(Capabilities::UNTAG).contains(&Command::Untag));
    assert!(!without(Capabilities::WEB).contains(&Command::OpenInBrowser));
}

#[test]
fn read_only_offers_nothing_that_writes() {
    let mut driver = Driver::on_a_tag();
    driver.app.read_only = true;
    for keys in ["d", "u"] {
        driver.type_keys(keys);
        assert!(driver.app.modals.is_empty());
    }
    driver.type_keys("m");
    let Modal::Menu(menu) = driver.top() else { panic!("no menu") };
    let reads = ALL.without(Capabilities::WRITES);
    assert!(
        menu.entries.iter().filter_map(|e| e.item()).all(|i| i.needs.met_by(reads)),
        "{:?}",
        menu.entries
    );
}

#[test]
fn help_names_every_key_of_the_table() {
    let help = lines();
    for item in ITEMS.iter().filter(|i| !i.keys.is_empty()) {
        let found = help.iter().any(|l| matches!(l, HelpLine::Keys { label, .. } if *label == item.label));
        assert!(found, "{:?}", item.command);
    }
    let mut driver = Driver::on_a_tag();
    driver.type_keys("?");
    assert!(matches!(driver.top(), Modal::Help(_)));
    driver.key(Key::Esc);
    assert!(driver.app.modals.is_empty());
}

#[test]
fn entries_without_a_key_are_in_menus() {
    for item in ITEMS.iter().filter(|i| i.keys.is_empty()) {
        assert_eq!(item.group, Group::Node, "{:?} could not be reached", item.command);
    }
}
