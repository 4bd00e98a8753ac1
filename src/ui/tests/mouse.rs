//! What the mouse hits is what was drawn.

use ratatui::layout::Rect;

use super::story::Story;
use crate::app::key::{Pane, Target};
use crate::ui::{hit, viewport};

/// The first spot of the screen that shows `text`.
fn find(story: &Story, text: &str) -> (u16, u16) {
    let picture = story.picture();
    let (row, line) = picture.lines().enumerate().find(|(_, l)| l.contains(text)).unwrap();
    let column = line.split(text).next().unwrap().chars().count();
    (u16::try_from(column).unwrap(), u16::try_from(row).unwrap())
}

fn target(story: &Story, text: &str) -> Target {
    let (column, row) = find(story, text);
    hit(&story.app, story.area, column, row)
}

#[test]
fn rows_of_the_tree() {
    for (width, height) in [(120, 40), (80, 24), (60, 15)] {
        let story = Story::browsing(width, height);
        assert_eq!(target(&story, "▾ work"), Target::Row(0));
        assert_eq!(target(&story, "edge "), Target::Row(6));
    }
    let long = Story::browsing(60, 15).keys("G");
    let last = long.app.tree.len() - 1;
    assert_eq!(target(&long, "▸ lab"), Target::Row(last));
}

#[test]
fn panes_and_nothing() {
    let story = Story::browsing(120, 40);
    assert_eq!(target(&story, "pushed"), Target::Pane(Pane::Details));
    assert_eq!(hit(&story.app, story.area, 5, 36), Target::Pane(Pane::Tree));
    assert_eq!(hit(&story.app, story.area, 5, 0), Target::Nothing);
    assert_eq!(hit(&story.app, story.area, 500, 500), Target::Nothing);
}

#[test]
fn hints_are_counted_as_the_table_has_them() {
    for width in [120, 80, 60] {
        let story = Story::browsing(width, 24);
        let hints = story.app.hints();
        let at = |hint: &str| hints.iter().position(|i| i.hint == hint).map(Target::Hint);
        assert_eq!(Some(target(&story, "p pull")), at("pull"));
        assert_eq!(Some(target(&story, "? help")), at("help"));
    }
}

#[test]
fn entries_of_popups() {
    let menu = Story::browsing(80, 24).keys("m");
    assert_eq!(target(&menu, "Copy full tag"), Target::Entry(2));
    assert_eq!(hit(&menu.app, menu.area, 0, 0), Target::Nothing);
    let form = Story::browsing(80, 24).keys("cgeneric⏎");
    assert_eq!(target(&form, "Password"), Target::Entry(2));
    assert_eq!(target(&form, "▸ Options"), Target::Entry(3));
    assert_eq!(target(&form, "[ Connect ]"), Target::Entry(4));
    assert_eq!(target(&form, "by its address"), Target::Popup);
}

#[test]
fn lines_of_the_first_screen() {
    let story = Story::new(Vec::new(), 80, 24);
    assert_eq!(target(&story, "Connect Registry"), Target::Entry(0));
    assert_eq!(target(&story, "ghcr.io"), Target::Entry(2));
}

#[test]
fn no_size_breaks_anything() {
    for keys in ["", "m", "c", ":", "cgeneric⏎", "d", "u", "i", "?", "!", "J", "⇥", "/x"] {
        let mut story = Story::browsing(120, 40).keys("jjj").keys(keys);
        for width in (0..130).step_by(13) {
            for height in (0..42).step_by(3) {
                story.area = Rect::new(0, 0, width, height);
                let room = viewport(&story.app, story.area);
                assert!(room.tree <= height && room.details <= height && room.popup <= height);
                let below = hit(&story.app, story.area, width / 2, height / 2);
                assert!(
                    width >= 40 && height >= 8 || matches!(below, Target::Nothing | Target::Popup),
                    "{below:?}"
                );
                if width > 0 && height > 0 {
                    story.picture();
                }
            }
        }
    }
}
