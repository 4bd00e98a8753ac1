//! The screen without popups, in every layout and palette.

use insta::assert_snapshot;

use super::samples::{self, NOW};
use super::story::Story;
use crate::app::details::DetailsState;
use crate::app::event::Reply;
use crate::app::modal::FormFocus;
use crate::app::{Event, Key, Modal};
use crate::domain::detail::{ConnectionDetails, Details};
use crate::domain::job::{Moved, Part, PartState, Progress};
use crate::domain::{Digest, Failure, FailureKind};
use crate::ui::{ColorDepth, Palette};

#[test]
fn welcome_wide() {
    assert_snapshot!(Story::new(Vec::new(), 120, 40).keys("j").picture());
}

#[test]
fn welcome_narrow() {
    assert_snapshot!(Story::new(Vec::new(), 80, 24).picture());
}

#[test]
fn welcome_small() {
    assert_snapshot!(Story::new(Vec::new(), 60, 15).picture());
}

#[test]
fn welcome_while_connecting() {
    assert_snapshot!(Story::new(Vec::new(), 60, 15).keys("j⏎").picture());
}

#[test]
fn wide() {
    assert_snapshot!(Story::browsing(120, 40).picture());
}

#[test]
fn narrow() {
    assert_snapshot!(Story::browsing(80, 24).picture());
}

#[test]
fn column() {
    assert_snapshot!(Story::browsing(60, 15).picture());
}

#[test]
fn column_with_details() {
    assert_snapshot!(Story::browsing(60, 15).keys("jjj⇥").picture());
}

#[test]
fn light() {
    let story = Story::browsing(120, 40).keys(" jj");
    assert_snapshot!(story.picture_in(Palette::Light, ColorDepth::TrueColor));
}

#[test]
fn without_colour() {
    let story = Story::browsing(80, 24).keys(" jj");
    assert_snapshot!(story.picture_in(Palette::Dark, ColorDepth::None));
}

#[test]
fn sixteen_colours() {
    let story = Story::browsing(80, 24).keys(" jj");
    assert_snapshot!(story.picture_in(Palette::Dark, ColorDepth::Ansi16));
}

#[test]
fn many_colours() {
    let story = Story::browsing(80, 24).keys(" jj");
    assert_snapshot!(story.picture_in(Palette::Light, ColorDepth::Indexed256));
}

#[test]
fn rows_of_every_kind() {
    // Opens from the bottom upwards: out of reach, refused, many tags, endless, empty.
    let story = Story::new(samples::connections(), 120, 40).keys("ljjjjjjjjlkkkklkklkl");
    assert_snapshot!(story.keys("Glklkk").picture());
}

#[test]
fn old_rows_while_they_are_refreshed() {
    let mut story = Story::browsing(80, 24);
    story.is_silent = true;
    assert_snapshot!(story.keys("kr").picture());
}

#[test]
fn a_failed_row_and_its_next_step() {
    assert_snapshot!(Story::new(samples::connections(), 120, 40).keys("jlj").picture());
}

#[test]
fn details_of_a_connection() {
    assert_snapshot!(Story::new(samples::connections(), 120, 40).keys("l").picture());
}

#[test]
fn details_of_a_connection_that_fails() {
    assert_snapshot!(Story::new(samples::connections(), 80, 24).keys("jjl").picture());
}

#[test]
fn details_of_a_repository() {
    assert_snapshot!(Story::new(samples::connections(), 80, 24).keys("lj").picture());
}

#[test]
fn details_on_their_way() {
    assert_snapshot!(Story::browsing(80, 24).keys("jjjj").picture());
}

#[test]
fn details_that_failed() {
    assert_snapshot!(Story::browsing(80, 24).keys("G").keys("kkkkkkkk").picture());
}

#[test]
fn details_scrolled_to_the_end() {
    assert_snapshot!(Story::browsing(80, 24).keys("jjj⇥G").picture());
}

#[test]
fn filter_while_typing() {
    assert_snapshot!(Story::browsing(80, 24).keys("/24").picture());
}

#[test]
fn filter_kept() {
    assert_snapshot!(Story::browsing(80, 24).keys("/24⏎").picture());
}

#[test]
fn order_and_folders() {
    assert_snapshot!(Story::browsing(80, 24).keys("sf").picture());
}

#[test]
fn a_notice_and_a_pause() {
    let mut story = Story::browsing(80, 24);
    let said = "429 Too Many Requests".to_owned();
    story.send(Event::Waiting { host: "registry.work.example".to_owned(), said, seconds: 40 });
    story.send(Event::Tick(NOW + 12));
    story.send(Event::Opened(Err(Failure::new(
        FailureKind::Io,
        "opening the browser",
        "xdg-open is not there",
    ))));
    assert_snapshot!(story.picture());
}

#[test]
fn a_long_failure_is_read_to_its_end() {
    let mut story = Story::browsing(80, 24);
    let said = "deletes are switched off by the administrator: set REGISTRY_STORAGE_DELETE_ENABLED=true";
    let doing = format!("deleting acme/api@{}", Digest::of(b"2.4.1"));
    story.send(Event::Opened(Err(Failure::new(FailureKind::Unsupported, doing, said))));
    assert_snapshot!(story.picture());
}

#[test]
fn a_stored_sign_in_is_not_called_anonymous() {
    let mut connections = samples::connections();
    connections[0].connection.username = String::new();
    let mut story = Story::new(connections, 120, 40);
    let task = story.app.details.at.clone().unwrap();
    let lines = vec![("signed in".to_owned(), "kim, from ~/.docker/config.json".to_owned())];
    assert!(task.steps.is_empty() && story.picture().contains("none: anonymous"));
    let details = Details::Connection(ConnectionDetails { lines });
    story.app.details.state = DetailsState::Ready(Box::new(details));
    let picture = story.picture();
    assert!(picture.contains("kim, from") && !picture.contains("anonymous"), "{picture}");
}

#[test]
fn a_branch_that_cannot_be_listed_tells_why_before_its_row_is_reached() {
    let mut story = Story::new(samples::connections(), 120, 40).keys("lj");
    let at = story.app.selected().unwrap();
    story.app.tree.open_at(&at);
    story.app.tree.fail(&at, Failure::new(FailureKind::Forbidden, "listing the tags", "a page leads on"));
    let picture = story.picture();
    assert!(picture.contains("a page leads on") && picture.contains("r refreshes"), "{picture}");
}

#[test]
fn labels_of_a_vendor_are_whole() {
    let mut story = Story::new(samples::connections(), 120, 40);
    let lines = vec![("vulnerabilities".to_owned(), "none found".to_owned())];
    story.app.details.state = DetailsState::Ready(Box::new(Details::Connection(ConnectionDetails { lines })));
    assert!(story.picture().contains("vulnerabilities none found"), "{}", story.picture());
}

#[test]
fn the_provider_is_not_named_beside_a_connection_that_is_called_so() {
    let mut connections = samples::connections();
    connections[0].connection.name = "Generic".to_owned();
    let story = Story::new(connections, 120, 40);
    let row = story.picture().lines().find(|l| l.contains("▌")).unwrap_or_default().to_owned();
    let tree = row.split("││").next().unwrap_or_default();
    assert_eq!(tree.matches("Generic").count(), 1, "{row}");
    assert!(!tree.contains('·'), "{row}");
}

#[test]
fn the_provider_stays_where_the_account_has_no_room() {
    let mut connections = samples::connections();
    connections[0].connection.username = "a-name-that-is-far-too-long-for-the-row-of-a-tree".to_owned();
    let story = Story::new(connections, 120, 40);
    let row = story.picture().lines().find(|l| l.contains("▌")).unwrap_or_default().to_owned();
    assert!(row.contains("Generic") && !row.contains("a-name-that"), "{row}");
}

/// A pull that is half there.
fn progress() -> Progress {
    let part = |content: &str, total: u64, done: u64, state: PartState| Part {
        name: Digest::of(content.as_bytes()).short(12).to_owned(),
        total,
        done,
        state,
    };
    Progress {
        stage: "fetching".to_owned(),
        log: Vec::new(),
        parts: vec![
            part("base", 32_505_856, 32_505_856, PartState::Done),
            part("deps", 2_200_000, 2_200_000, PartState::Present),
            part("shared", 1_000_000, 1_000_000, PartState::Mounted),
            part("app", 8_500_000, 3_000_000, PartState::Running),
            part("config", 9_000, 0, PartState::Retrying("connection reset".to_owned())),
        ],
        blobs: (2, 4),
        done: 37_705_856,
        total: 43_214_856,
        fetched: 35_505_856,
        images: (0, 1),
    }
}

fn pulling(width: u16, height: u16) -> Story {
    let mut story = Story::browsing(width, height).keys("jjjp");
    let (task, _) = story.open.pop().unwrap();
    story.send(Event::Progress(task, Progress { done: 1, fetched: 1, ..progress() }));
    story.send(Event::Tick(NOW + 2));
    story.send(Event::Progress(task, progress()));
    story.open.push((task, crate::app::Request::FindSignIns));
    story
}

#[test]
fn job_running() {
    assert_snapshot!(pulling(120, 40).picture());
}

#[test]
fn job_running_narrow() {
    assert_snapshot!(pulling(80, 24).picture());
}

#[test]
fn jobs_with_the_keys() {
    let mut story = pulling(120, 40);
    let (task, _) = story.open.pop().unwrap();
    let pulled = Moved {
        location: "oci:/data/store:acme/api:2.4.1".to_owned(),
        images: vec![("acme/api:2.4.1".to_owned(), Digest::of(b"2.4.1"))],
        moved: 35_505_856,
        reused: 2_200_000,
        ..Moved::default()
    };
    story.send(Event::Reply(task, Box::new(Reply::Moved(Ok(pulled)))));
    let mut story = story.keys("jjp");
    let (task, _) = story.open.pop().unwrap();
    let failure = Failure::new(FailureKind::Integrity, "fetching a layer", "the bytes have another digest");
    story.send(Event::Reply(task, Box::new(Reply::Moved(Err(failure)))));
    let mut story = story.keys("kp");
    let (task, _) = story.open.pop().unwrap();
    story.send(Event::Progress(task, progress()));
    assert_snapshot!(story.keys("J").picture());
}

#[test]
fn jobs_small() {
    assert_snapshot!(pulling(60, 15).keys("J").picture());
}

#[test]
fn too_small() {
    assert_snapshot!(Story::browsing(39, 8).picture());
}

#[test]
fn a_filter_that_finds_nothing_says_so() {
    let mut story = Story::browsing(80, 24).keys("/qqq");
    assert!(story.picture().contains("Nothing matches; Esc clears the filter."), "{}", story.picture());
    story = Story::browsing(80, 24);
    story.is_silent = true;
    let story = story.keys("kr/qqq");
    assert!(story.picture().contains("No match yet, still loading…"), "{}", story.picture());
}

/// The last line of the screen.
fn bottom(story: &Story) -> String {
    let picture = story.picture();
    picture.lines().nth(usize::from(story.area.height) - 1).unwrap().to_owned()
}

#[test]
fn the_bottom_line_names_only_what_works() {
    let story = Story::browsing(80, 24).keys("  ");
    assert!(bottom(&story).starts_with(" ● 2 marked  Esc unmark"), "{}", bottom(&story));
    let details = bottom(&Story::browsing(80, 24).keys("⇥"));
    assert!(
        details.contains("scroll") && details.contains("i inspect") && !details.contains("pull"),
        "{details}"
    );
    let running = bottom(&pulling(80, 24).keys("J"));
    assert!(running.contains("d cancel the job") && !running.contains("clear"), "{running}");
    let viewer = Story::browsing(80, 24).keys("jjji");
    assert!(!bottom(&viewer).contains("open member") && !bottom(&viewer).contains("next match"));
    let viewer = viewer.keys("/arm64⏎");
    assert!(bottom(&viewer).contains("open member") && bottom(&viewer).contains("next match"));
}

#[test]
fn the_form_says_how_it_goes_on_on_every_screen() {
    let form = Story::browsing(60, 15).keys("cgeneric⏎");
    let hints = bottom(&form);
    assert!(hints.contains("Enter next") && hints.contains("Ctrl-O show options"), "{hints}");
    let mut form = form.keys("registry.example⇥kim⇥secret");
    assert!(bottom(&form).contains("Enter connect"));
    form.send(Event::Key(Key::Ctrl('o')));
    assert!(bottom(&form).contains("hide options") && form.picture().contains("▾ Options"));
    form.send(Event::Key(Key::Ctrl('s')));
    let Some(Modal::Form(refused)) = form.app.modals.last() else { panic!("no form") };
    assert_eq!(refused.focus, FormFocus::Field(2), "a wrong password is typed again");
}
