//! Waiting: pauses that are seen, shared and given up, and who waits for whom.

use std::sync::{Arc, Mutex};
use std::time::Duration;

use futures_util::FutureExt as _;
use tagalong::domain::Failure;
use tagalong::http::{Http, Observer, Opened, Priority, Request};
use tokio::sync::Notify;

use crate::{get, play, settings};

/// Writes down what it is told.
#[derive(Default)]
struct Diary {
    lines: Mutex<Vec<String>>,
    told: Notify,
}

impl Diary {
    fn write(&self, line: String) {
        self.lines.lock().unwrap().push(line);
        self.told.notify_one();
    }

    fn lines(&self) -> Vec<String> {
        self.lines.lock().unwrap().clone()
    }
}

impl Observer for Diary {
    fn waiting(&self, _: &str, why: &Failure, pause: Duration) {
        self.write(format!("waiting {} s: {}", pause.as_secs(), why.said));
    }
    fn resumed(&self, _: &str) {
        self.write("resumed".to_owned());
    }
    fn warning(&self, _: &str, text: &str) {
        self.write(format!("warning: {text}"));
    }
}

fn watched(base: &str) -> (Http, Arc<Diary>) {
    let diary = Arc::new(Diary::default());
    let mut settings = settings(base);
    settings.observer = diary.clone();
    (Http::new(settings), diary)
}

#[tokio::test]
async fn a_pause_is_seen() {
    let server = play(
        r#"
        [[exchange]]
        request = "GET /"
        status = 503
        body = "busy"

        [[exchange]]
        request = "GET /"
        body = "fine"
        "#,
    )
    .await;
    let (http, diary) = watched(&server.base);
    assert_eq!(get(&http, "/").await.unwrap(), "fine");
    assert_eq!(diary.lines(), ["waiting 0 s: the server failed (503): busy", "resumed"]);
}

#[tokio::test]
async fn a_pause_that_is_given_up_leaves_the_screen() {
    let server = play("request = \"GET /\"\nstatus = 429\nheaders = [\"Retry-After: 100\"]").await;
    let (http, diary) = watched(&server.base);
    tokio::select! {
        _ = get(&http, "/") => panic!("it did not wait"),
        () = diary.told.notified() => {}
    }
    assert_eq!(diary.lines(), ["waiting 100 s: too many requests (429, retry in 100 s)", "resumed"]);
}

#[tokio::test]
async fn a_pause_is_shared_by_all_requests_to_the_host() {
    let server = play("request = \"GET /first\"\nstatus = 429\nheaders = [\"Retry-After: 100\"]").await;
    let (http, diary) = watched(&server.base);
    let first = get(&http, "/first");
    tokio::pin!(first);
    tokio::select! {
        _ = &mut first => panic!("it did not wait"),
        () = diary.told.notified() => {}
    }
    assert!(get(&http, "/second").now_or_never().is_none());
    assert_eq!(server.complaints(), Vec::<String>::new(), "the second was not sent");
}

#[tokio::test]
async fn a_warning_is_told_once() {
    let server = play("request = \"GET /\"\ntimes = 2\nheaders = ['Warning: 299 - \"closing soon\"']").await;
    let (http, diary) = watched(&server.base);
    get(&http, "/").await.unwrap();
    get(&http, "/").await.unwrap();
    assert_eq!(diary.lines(), ["warning: closing soon"]);
}

#[tokio::test]
async fn a_click_does_not_wait_for_blobs() {
    let server = play(
        r#"
        [[exchange]]
        request = "GET /blob"
        times = 6
        body = "0123456789"
        then = "stall"

        [[exchange]]
        request = "GET /last"
        body = "last"

        [[exchange]]
        request = "GET /click"
        body = "fine"
        "#,
    )
    .await;
    let http = Http::new(settings(&server.base));
    let blob = |path: &str| Request::get(http.base().join(path).unwrap(), "testing").at(Priority::Blob);
    let mut open = Vec::new();
    for _ in 0..6 {
        open.push(http.open(&blob("/blob")).await.unwrap());
    }
    let last = blob("/last");
    let mut seventh = Box::pin(http.open(&last));
    assert!(seventh.as_mut().now_or_never().is_none());
    assert_eq!(get(&http, "/click").await.unwrap(), "fine");
    assert!(server.complaints().iter().any(|c| c.contains("/last")), "the seventh blob waits for a place");
    open.pop();
    assert!(matches!(seventh.await.unwrap(), Opened::Success(_)));
}
