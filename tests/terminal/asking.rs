//! Subcommands at a terminal: what they ask, and what they show.

use serde_json::json;
use tagalong::demo::{Server, Settings};
use tagalong::domain::media::OCI_MANIFEST;

use super::home::Home;
use super::terminal::{CTRL_C, Setup, Terminal};

/// A registry with an image `app:1`, whose manifest holds what a terminal would obey.
async fn registry() -> Server {
    let server = Server::start(Settings::default()).await.unwrap();
    let store = server.store();
    let config = json!({ "digest": store.put_blob("app", "{}"), "size": 2 });
    let body = json!({ "schemaVersion": 2, "config": config, "layers": [], "note": "red \u{9b}31m" });
    let digest = store.put_manifest("app", OCI_MANIFEST, body.to_string());
    assert!(store.tag("app", "1", &digest));
    server
}

fn at_a_terminal(home: &Home, args: &[&str]) -> Terminal {
    Terminal::start(Setup::new(home.tagalong_command(args), 120, 36))
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn ctrl_c_at_the_question_deletes_nothing() {
    let (server, home) = (registry().await, Home::new());
    let mut terminal = at_a_terminal(&home, &["rm", &format!("{}/app:1", server.address())]);
    terminal.wait("[y/N]");
    terminal.press(CTRL_C);
    assert_eq!(terminal.finish(), 130);
    assert_eq!(server.store().tags("app"), ["1"]);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_yes_deletes_and_anything_else_does_not() {
    let (server, home) = (registry().await, Home::new());
    for (answer, code, left) in [("\r", 130, 1), ("n\r", 130, 1), ("y\r", 0, 0)] {
        let mut terminal = at_a_terminal(&home, &["rm", &format!("{}/app:1", server.address())]);
        terminal.wait("[y/N]");
        terminal.press(answer);
        assert_eq!(terminal.finish(), code, "{answer:?}");
        assert_eq!(server.store().tags("app").len(), left, "{answer:?}");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn raw_is_made_visible_for_a_person() {
    let (server, home) = (registry().await, Home::new());
    let terminal = at_a_terminal(&home, &["inspect", "--raw", &format!("{}/app:1", server.address())]);
    terminal.wait("red <U+009B>31m");
}
