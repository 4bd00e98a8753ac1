//! Lists that end well, oddly, or never.

use bytes::Bytes;

use super::*;
use crate::domain::{Entry, NodeKind};
use crate::http::header::{HeaderMap, HeaderName, HeaderValue};
use crate::http::{Method, StatusCode, as_it_is};

fn page(name: &str) -> Page {
    Page { entries: vec![Entry::named(NodeKind::Tag, name)], ..Page::default() }
}

#[test]
fn pages_follow_each_other_until_one_comes_again() {
    let start = Paging::at(None).unwrap();
    assert_eq!((start.asked(), start.number()), (None, 1));
    let first = start.finish(page("a"), Some("2".to_owned()));
    let second = Paging::at(first.next.as_ref()).unwrap();
    assert_eq!((second.asked(), second.number()), (Some("2"), 2));
    let again = second.finish(page("a"), Some("3".to_owned()));
    assert_eq!((again.entries.len(), again.next, again.warnings.len()), (0, None, 1));
    assert_eq!(second.finish(page("b"), None).next, None);
    assert_eq!(second.finish(Page::default(), Some("3".to_owned())).next, None);
}

fn turn(cursor: Option<&Cursor>) -> Turn {
    Turn::at(Url::parse("https://api.example/list?per_page=2").unwrap(), cursor).unwrap()
}

/// The page at `cursor`, answered with one header and these items, of which two were asked for.
fn turned(cursor: Option<&Cursor>, header: Option<(&'static str, &str)>, items: &[&str]) -> Turned<String> {
    let mut headers = HeaderMap::new();
    if let Some((name, value)) = header {
        headers.insert(HeaderName::from_static(name), HeaderValue::from_str(value).unwrap());
    }
    let reply = Reply {
        status: StatusCode::OK,
        headers,
        body: Bytes::new(),
        url: turn(cursor).url().clone(),
        signed_in: false,
        method: Method::GET,
        explain: as_it_is,
    };
    let items = items.iter().map(|&i| i.to_owned()).collect();
    turn(cursor).read(&reply, items, 2, Clone::clone)
}

fn asked(turned: &Turned<String>) -> Option<String> {
    turned.next.as_ref().map(|next| turn(Some(next)).url().to_string())
}

#[test]
fn a_link_is_followed_on_the_lists_own_path_alone() {
    let link = r#"<https://elsewhere.example/other?page=7&x=1#f>; rel="next""#;
    let first = turned(None, Some(("link", link)), &["a", "b"]);
    assert_eq!(asked(&first).as_deref(), Some("https://api.example/list?page=7&x=1"));
    let last = turned(first.next.as_ref(), None, &["c", "d"]);
    assert_eq!(
        (last.items.len(), last.next),
        (2, None),
        "a server that links leaves it out at the end alone"
    );
    let again = turned(first.next.as_ref(), Some(("link", link)), &["a", "b"]);
    assert_eq!((again.items.len(), again.next, again.warnings.len()), (0, None, 1));
}

#[test]
fn pages_are_counted_where_the_server_counts_or_says_nothing() {
    let told = turned(None, Some(("x-next-page", "2")), &["a"]);
    assert_eq!(asked(&told).as_deref(), Some("https://api.example/list?per_page=2&page=2"));
    assert_eq!(turned(told.next.as_ref(), Some(("x-next-page", "")), &["b", "c"]).next, None);
    let guessed = turned(None, None, &["a", "b"]);
    assert_eq!(asked(&guessed).as_deref(), Some("https://api.example/list?per_page=2&page=2"));
    let further = turned(guessed.next.as_ref(), None, &["c", "d"]);
    assert_eq!(asked(&further).as_deref(), Some("https://api.example/list?per_page=2&page=3"));
    assert_eq!(turned(further.next.as_ref(), None, &["e"]).next, None, "a page that is not full is the last");
    assert_eq!(turned(further.next.as_ref(), None, &[]).next, None);
}
