//! The manifest view.

use super::*;
use crate::app::inspect::{Inspector, Mode, Verified};
use crate::domain::RawManifest;
use crate::domain::detail::Inspection;
use crate::domain::media;

fn viewer(driver: &Driver) -> &Inspector {
    let Modal::Inspect(viewer) = driver.top() else { panic!("no viewer") };
    viewer
}

fn inspection(json: &str, media_type: &str, config: Option<&str>) -> Inspection {
    let digest = Digest::of(json.as_bytes());
    let manifest = RawManifest {
        bytes: json.to_owned().into(),
        media_type: media_type.to_owned(),
        digest: digest.clone(),
        claimed: Some(digest),
    };
    let config = config.map(|c| c.to_owned().into());
    Inspection { manifest, expected: None, config, config_failure: None }
}

fn member() -> Digest {
    Digest::of(b"member")
}

fn index() -> Inspection {
    let digest = member();
    let json = format!(
        r#"{{"schemaVersion":2,"manifests":[{{"mediaType":"{}","digest":"{digest}","size":7,"platform":{{"os":"linux","architecture":"arm64"}}}}]}}"#,
        media::OCI_MANIFEST
    );
    inspection(&json, media::OCI_INDEX, None)
}

fn image() -> Inspection {
    let (config, layer) = (Digest::of(b"config"), Digest::of(b"layer"));
    let json = format!(
        r#"{{"schemaVersion":2,"config":{{"mediaType":"{}","digest":"{config}","size":2}},"layers":[{{"mediaType":"tar","digest":"{layer}","size":2048}}]}}"#,
        media::OCI_CONFIG
    );
    let config = r#"{"os":"linux","architecture":"amd64","config":{"Cmd":["/app/run","two words"],"Env":["A=\u001b[2J"],"ExposedPorts":{"80/tcp":{}}},"history":[{"created_by":"COPY x"}]}"#;
    inspection(&json, media::OCI_MANIFEST, Some(config))
}

/// The viewer on a document that has arrived.
fn reading(inspection: Inspection) -> Driver {
    let mut driver = Driver::on_a_tag();
    driver.type_keys("i");
    let id = driver.task(|r| *r == Request::Inspect { at: tag("app", "1"), digest: None });
    driver.reply(id, Reply::Inspection(Ok(inspection)));
    driver
}

fn text(driver: &Driver) -> String {
    let lines = &viewer(driver).stack.last().expect("a document").lines;
    lines.iter().map(|l| l.text() + "\n").collect()
}

#[test]
fn it_opens_at_once_and_the_document_follows() {
    let mut driver = Driver::on_a_tag();
    driver.type_keys("i");
    assert!(viewer(&driver).stack.is_empty());
    assert_eq!(viewer(&driver).title, "hub.example/app:1");
    let id = driver.task(|r| matches!(r, Request::Inspect { .. }));
    driver.reply(id, Reply::Inspection(Err(failure(FailureKind::NotFound))));
    assert!(viewer(&driver).failure.is_some());
    driver.key(Key::Enter);
    driver.task(|r| matches!(r, Request::Inspect { .. }));
}

#[test]
fn an_image_is_explained_and_its_text_is_safe() {
    let driver = reading(image());
    let text = text(&driver);
    for wanted in
        ["✓", "linux/amd64", "/app/run 'two words'", "80/tcp", "COPY x", "1 layer, 2.0 KiB", "A=␛[2J"]
    {
        assert!(text.contains(wanted), "{wanted} is missing in\n{text}");
    }
}

#[test]
fn a_wrong_digest_is_said() {
    let mut wrong = image();
    wrong.expected = Some(Digest::of(b"something else"));
    let driver = reading(wrong);
    let document = viewer(&driver).stack.last().expect("a document");
    assert_eq!(document.verified, Verified::Differs(Digest::of(b"something else")));
    assert!(text(&driver).contains("✗"));
}

#[test]
fn members_are_followed_and_left_again() {
    let mut driver = reading(index());
    assert!(text(&driver).contains("linux/arm64"));
    let line = viewer(&driver).stack[0].lines.iter().position(|l| l.link.is_some()).expect("a member");
    for _ in 0..line {
        driver.key(Key::Down);
    }
    driver.key(Key::Enter);
    let id = driver.task(|r| matches!(r, Request::Inspect { digest: Some(d), .. } if *d == member()));
    assert_eq!(viewer(&driver).fetching, Some(member()));
    driver.reply(id, Reply::Inspection(Ok(image())));
    assert_eq!(viewer(&driver).stack.len(), 2);
    driver.key(Key::Backspace);
    assert_eq!(viewer(&driver).stack.len(), 1);
    assert_eq!(viewer(&driver).stack[0].cursor, line, "back where one was");
}

#[test]
fn going_back_while_fetching_gives_the_fetch_up() {
    let mut driver = reading(index());
    driver.type_keys("/arm64");
    driver.key(Key::Enter);
    driver.key(Key::Enter);
    let id = driver.task(|r| matches!(r, Request::Inspect { .. }));
    assert!(driver.type_keys("h").contains(&Effect::Cancel(id)));
    assert_eq!((viewer(&driver).stack.len(), &viewer(&driver).fetching), (1, &None));
}

#[test]
fn the_ways_to_show_it() {
    let mut driver = reading(image());
    driver.type_keys("2");
    assert!(text(&driver).starts_with("{\n  \"schemaVersion\": 2,"));
    driver.type_keys("3");
    assert!(text(&driver).contains("\"Cmd\": ["));
    driver.type_keys("4");
    assert_eq!(text(&driver).lines().count(), 1);
    driver.key(Key::Tab);
    assert_eq!(viewer(&driver).mode, Mode::Read);
}

#[test]
fn a_search_goes_round_and_escape_ends_it_before_the_view() {
    let mut driver = reading(image());
    driver.type_keys("2/MEDIAtype");
    driver.key(Key::Enter);
    let hits = viewer(&driver).search.as_ref().expect("a search").hits.clone();
    assert_eq!(hits.len(), 2);
    let at = |d: &Driver| viewer(d).stack[0].cursor;
    assert_eq!(at(&driver), hits[0]);
    driver.type_keys("n");
    assert_eq!(at(&driver), hits[1]);
    driver.type_keys("n");
    assert_eq!(at(&driver), hits[0]);
    driver.type_keys("N");
    assert_eq!(at(&driver), hits[1]);
    driver.key(Key::Esc);
    assert!(viewer(&driver).search.is_none());
    driver.key(Key::Esc);
    assert!(driver.app.modals.is_empty());
}

#[test]
fn long_lines_scroll_sideways_and_the_window_follows_the_line() {
    let mut driver = reading(image());
    driver.type_keys("4ll");
    assert_eq!(viewer(&driver).stack[0].left, 16);
    driver.type_keys("hh");
    assert_eq!(viewer(&driver).stack[0].left, 0);
    driver.type_keys("2G");
    let document = &viewer(&driver).stack[0];
    assert_eq!(document.cursor, document.lines.len() - 1);
    assert_eq!(document.top, document.lines.len() - 10, "10 lines are visible");
}

#[test]
fn y_copies_the_digest_of_the_document() {
    let mut driver = reading(image());
    driver.type_keys("y");
    let wanted = image().manifest.digest.to_string();
    assert!(driver.effects.contains(&Effect::Copy { what: "digest", text: wanted }));
}

#[test]
fn closing_gives_the_fetch_up() {
    let mut driver = Driver::on_a_tag();
    driver.type_keys("i");
    let id = driver.task(|r| matches!(r, Request::Inspect { .. }));
    assert!(driver.key(Key::Esc).contains(&Effect::Cancel(id)));
}
