//! Which facts are wanted, and what becomes of those that listings and answers tell.

use super::*;

#[test]
fn facts_are_wanted_for_visible_tags_near_the_cursor() {
    let mut tree = api(&["1", "2", "3", "4"]);
    assert!(tree.reveal(&tag("3")));
    assert_eq!(tree.facts_wanted(2), [tag("3"), tag("2")]);
    tree.facts_asked(&tag("3"));
    tree.facts_failed(&tag("2"), &Failure::new(FailureKind::Server, "reading", "500"));
    assert_eq!(tree.facts_wanted(9), [tag("4"), tag("1")]);
    tree.facts_failed(&tag("3"), &Failure::new(FailureKind::Cancelled, "reading", "stopped"));
    assert_eq!(tree.facts_wanted(1), [tag("3")]);
    tree.forget_facts(&repository("api"));
    assert_eq!(tree.facts_wanted(9).len(), 4);
}

/// A page of one tag, `1`, with what a vendor's list tells of it.
fn told(facts: &Facts) -> Page {
    let entry = Entry { facts: Some(Box::new(facts.clone())), ..Entry::named(NodeKind::Tag, "1") };
    Page { entries: vec![entry], ..Page::default() }
}

#[test]
fn what_a_listing_leaves_out_is_asked_for_and_what_it_told_stays() {
    let (one, two) = (Digest::of(b"one"), Digest::of(b"two"));
    let listed = |digest: &Digest| Facts {
        digest: Some(digest.clone()),
        time: Some(7),
        note: Some("locked".to_owned()),
        ..Facts::default()
    };
    let read = |digest: &Digest| Facts {
        digest: Some(digest.clone()),
        time: Some(1),
        size: Some(42),
        ..Facts::default()
    };
    let mut tree = api::<&str>(&[]);
    let again = |tree: &mut Tree, facts: &Facts| {
        tree.refresh(&repository("api")).unwrap();
        tree.take_page(&repository("api"), told(facts));
    };
    again(&mut tree, &listed(&one));
    assert_eq!(tree.facts_wanted(9), [tag("1")]);
    for _ in 0..2 {
        tree.facts_asked(&tag("1"));
        tree.set_facts(&tag("1"), read(&one));
        let both = Facts { size: Some(42), ..listed(&one) };
        assert_eq!((tree.facts(&tag("1")), tree.facts_wanted(9)), (Some(&both), vec![]));
        again(&mut tree, &listed(&one));
        assert_eq!((tree.facts(&tag("1")), tree.facts_wanted(9)), (Some(&both), vec![]), "the same manifest");
    }
    again(&mut tree, &listed(&two));
    assert_eq!((tree.facts(&tag("1")), tree.facts_wanted(9)), (Some(&listed(&two)), vec![tag("1")]));
    tree.set_facts(&tag("1"), read(&one));
    assert_eq!(tree.facts(&tag("1")), Some(&read(&one)), "the tag was moved after it was listed");
}

#[test]
fn a_listing_that_told_all_or_cannot_be_completed_is_not_asked_about() {
    let digest = Some(Digest::of(b"one"));
    let whole = Facts { digest: digest.clone(), size: Some(1), ..Facts::default() };
    let chart = Facts { digest: digest.clone(), artifact: Some("a chart".to_owned()), ..Facts::default() };
    for facts in [whole, chart] {
        let mut tree = api::<&str>(&[]);
        tree.refresh(&repository("api")).unwrap();
        tree.take_page(&repository("api"), told(&facts));
        assert_eq!((tree.facts(&tag("1")), tree.facts_wanted(9)), (Some(&facts), vec![]));
    }
    // Where reading counts, the answer is the digest alone.
    let mut tree = api::<&str>(&[]);
    tree.refresh(&repository("api")).unwrap();
    let listed = Facts { digest: digest.clone(), time: Some(7), ..Facts::default() };
    tree.take_page(&repository("api"), told(&listed));
    tree.facts_asked(&tag("1"));
    tree.set_facts(&tag("1"), Facts { digest, ..Facts::default() });
    assert_eq!((tree.facts(&tag("1")), tree.facts_wanted(9)), (Some(&listed), vec![]));
}

#[test]
fn what_a_listing_told_in_full_is_asked_of_nobody_else_when_it_is_refreshed() {
    let digest = Some(Digest::of(b"one"));
    let full = Facts { digest: digest.clone(), size: Some(42), time: Some(7), ..Facts::default() };
    let mut tree = api::<&str>(&[]);
    tree.refresh(&repository("api")).unwrap();
    tree.take_page(&repository("api"), told(&full));
    tree.forget_facts(&repository("api"));
    tree.refresh(&repository("api")).unwrap();
    assert_eq!(tree.facts_wanted(9), [], "the listing is on its way");
    tree.forget_facts(&tag("1"));
    assert_eq!(tree.facts_wanted(9), [tag("1")], "it was asked for by itself");
    tree.set_facts(&tag("1"), Facts { digest, ..Facts::default() });
    assert_eq!(tree.facts(&tag("1")), Some(&full), "less is known of the same manifest");
}

#[test]
fn an_order_by_time_asks_nothing_of_a_listing_that_told_the_times() {
    let mut tree = api::<&str>(&[]);
    tree.refresh(&repository("api")).unwrap();
    let entry = |n: i64| {
        let facts = Facts { digest: Some(Digest::of(&n.to_be_bytes())), time: Some(n), ..Facts::default() };
        Entry { facts: Some(Box::new(facts)), ..Entry::named(NodeKind::Tag, n.to_string()) }
    };
    let entries = (0..300).map(entry).collect();
    tree.take_page(&repository("api"), Page { entries, ..Page::default() });
    tree.set_sort(Sort::Newest);
    let visible = tree.facts_wanted(1000).len();
    assert!((1..=10).contains(&visible), "{visible}");
    tree.set_sort(Sort::Size);
    assert_eq!(tree.facts_wanted(1000).len(), 300);
}

#[test]
fn runs_stand_newest_first_behind_the_definitions_whatever_the_order_of_tags() {
    let mut tree = hub(&[]);
    let builds = Entry::named(NodeKind::Builds, "~tasks");
    tree.take_page(&connection("hub"), Page { entries: vec![builds], ..Page::default() });
    let at = connection("hub").child(NodeKind::Builds, "~tasks");
    tree.open_at(&at).unwrap();
    let run = |name: &str, time| {
        let facts = Facts { time: Some(time), ..Facts::default() };
        Entry { facts: Some(Box::new(facts)), ..Entry::named(NodeKind::Run, name) }
    };
    let entries = vec![run("a", 1), Entry::named(NodeKind::Build, "z"), run("b", 3)];
    let next = Some(Cursor("2".to_owned()));
    tree.take_page(&at, Page { entries, next, ..Page::default() });
    assert_eq!(drawn(&tree), ["-Hub", " -~tasks", "  +z", "  b", "  a", "  !more"]);
    tree.wants();
    let entries = vec![run("c", 2), Entry::named(NodeKind::Build, "y")];
    tree.take_page(&at, Page { entries, ..Page::default() });
    assert_eq!(drawn(&tree)[2..], ["  +y", "  +z", "  b", "  c", "  a"]);
}

#[test]
fn tags_that_share_a_digest_are_siblings() {
    let mut tree = api(&["2.4", "latest", "10", "2.4.1"]);
    let facts = |digest: &Digest| Facts { digest: Some(digest.clone()), ..Facts::default() };
    let (one, two) = (Digest::of(b"one"), Digest::of(b"two"));
    for name in ["latest", "10", "2.4"] {
        tree.set_facts(&tag(name), facts(&one));
    }
    assert_eq!(tree.siblings(&tag("2.4")), ["10", "latest"]);
    tree.set_facts(&tag("10"), facts(&two));
    assert_eq!(tree.siblings(&tag("2.4")), ["latest"]);
    assert_eq!(tree.unknown_tags(&repository("api"), 5), ["2.4.1"]);
    assert_eq!(tree.known_digests(&repository("api")).len(), 3);
    tree.refresh(&repository("api")).unwrap();
    tree.take_page(&repository("api"), tags(&["2.4", "latest"], None));
    assert_eq!(tree.facts(&tag("2.4")), Some(&facts(&one)), "what is known stays until it is asked again");
    assert_eq!(tree.facts_wanted(9).len(), 2);
}
