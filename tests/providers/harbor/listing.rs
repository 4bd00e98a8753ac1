//! The levels, their pages and what stands beside a row; what is listed where the API is not there.

use tagalong::domain::{FailureKind, NodeKind};

use super::fake::{Api, Fake, image};
use super::{all, names, project, repository, root, signed_in, stranger};

#[tokio::test]
async fn the_levels_are_project_repository_and_tag() {
    let fake = Fake::start().await;
    let harbor = signed_in(&fake, "ann");
    let projects = all(&*harbor, &root()).await;
    assert_eq!(names(&projects), ["library", "acme"]);
    let facts = projects[1].facts.as_ref().unwrap();
    assert_eq!((facts.count, facts.note.as_deref()), (Some(2), None));
    let repositories = all(&*harbor, &project("acme")).await;
    assert_eq!(names(&repositories), ["acme/api", "acme/team/web"]);
    assert_eq!(repositories[1].label.as_deref(), Some("team/web"));
    assert_eq!(
        names(&all(&*harbor, &repository("acme/team/web")).await),
        ["main"],
        "slashes are encoded twice"
    );
}

#[tokio::test]
async fn one_list_brings_what_stands_beside_the_tags() {
    let fake = Fake::start().await;
    let harbor = signed_in(&fake, "ann");
    let tags = all(&*harbor, &repository("acme/api")).await;
    assert_eq!(names(&tags), ["2.0", "1.0", "1", "latest", "untagged"], "the newest first");
    let facts = tags[0].facts.as_ref().unwrap();
    assert_eq!(facts.digest, Some(fake.digest_of("acme/api", "2.0")));
    assert_eq!(facts.platforms.iter().map(ToString::to_string).collect::<Vec<_>>(), ["linux/amd64"]);
    assert_eq!((facts.size, facts.time), (Some(4096), Some(1_767_571_200)));
    assert_eq!(facts.note.as_deref(), Some("signed, 2 critical, blessed"));
    assert_eq!(tags[1].facts.as_ref().unwrap().platforms[0].to_string(), "linux/arm64");
    assert_eq!(
        fake.asked("GET /api/v2.0/projects/acme/repositories/api/artifacts"),
        2,
        "the tags, and a count"
    );
    let group = tags.last().unwrap();
    assert_eq!((group.kind, group.facts.as_ref().unwrap().count), (NodeKind::Untagged, Some(1)));
    let untagged = all(&*harbor, &repository("acme/api").child(NodeKind::Untagged, "untagged")).await;
    assert_eq!(names(&untagged), [fake.edit().repositories["acme/api"][1].digest.to_string()]);
    assert_eq!(untagged[0].kind, NodeKind::Manifest);
}

#[tokio::test]
async fn ten_thousand_repositories_come_page_by_page() {
    let fake = Fake::start().await;
    for n in 0..10_000 {
        fake.edit().repositories.insert(format!("acme/n{n:05}"), vec![image(n, &["1"])]);
    }
    for tells_totals in [true, false] {
        fake.edit().tells_totals = tells_totals;
        let harbor = signed_in(&fake, "ann");
        let first = harbor.children(&project("acme"), None).await.unwrap();
        assert_eq!((first.entries.len(), first.total), (100, tells_totals.then_some(10_002)));
        assert_eq!(all(&*harbor, &project("acme")).await.len(), 10_002, "totals: {tells_totals}");
    }
}

#[tokio::test]
async fn a_list_that_never_ends_is_ended() {
    let fake = Fake::start().await;
    for n in 0..100 {
        fake.edit().repositories.insert(format!("acme/n{n}"), Vec::new());
    }
    (fake.edit().repeats, fake.edit().tells_totals) = (true, false);
    let harbor = signed_in(&fake, "ann");
    assert_eq!(all(&*harbor, &project("acme")).await.len(), 100);
}

#[tokio::test]
async fn strangers_see_what_is_public() {
    let fake = Fake::start().await;
    let harbor = stranger(&fake);
    assert_eq!(harbor.check().await.unwrap().name, None);
    assert_eq!(names(&all(&*harbor, &root()).await), ["library"]);
    assert_eq!(names(&all(&*harbor, &repository("library/hello")).await), ["v1"]);
    let refused = harbor.children(&project("acme"), None).await.unwrap_err();
    assert_eq!(refused.kind, FailureKind::Unauthorized);
}

#[tokio::test]
async fn an_empty_account_and_odd_names_are_no_failure() {
    let fake = Fake::start().await;
    fake.edit().projects.retain(|(name, ..)| name == "acme");
    fake.edit().projects.push(("Acme.Mixed".to_owned(), 9, false));
    assert_eq!(names(&all(&*stranger(&fake), &root()).await), [""; 0]);
    let harbor = signed_in(&fake, "guest");
    assert_eq!(names(&all(&*harbor, &root()).await), ["acme", "Acme.Mixed"]);
    assert_eq!(all(&*harbor, &project("Acme.Mixed")).await.len(), 0);
    let gone = harbor.children(&project("gone"), None).await.unwrap_err();
    assert_eq!(gone.kind, FailureKind::NotFound);
    let nowhere = root().child(NodeKind::Repository, "nowhere");
    let failure = harbor.children(&nowhere, None).await;
    assert!(failure.is_err_and(|f| f.said.contains("names no project")));
}

#[tokio::test]
async fn without_the_api_the_protocol_lists() {
    let fake = Fake::start().await;
    for api in [Api::Moved, Api::WebPage] {
        fake.edit().api = api;
        let harbor = signed_in(&fake, "admin");
        let account = harbor.check().await.unwrap();
        assert!(account.lines.iter().any(|(label, _)| label == "API"), "{account:?}");
        let page = harbor.children(&root(), None).await.unwrap();
        assert_eq!(names(&page.entries), ["acme/api", "acme/team/web", "library/hello"]);
        assert!(page.warnings[0].contains("Harbor's API did not answer"), "{:?}", page.warnings);
        let tags = harbor.children(&repository("acme/api"), None).await.unwrap();
        assert_eq!(names(&tags.entries), ["1.0", "1", "latest", "2.0"]);
    }
    fake.edit().api = Api::WebPage;
    let failure = signed_in(&fake, "ann").children(&root(), None).await.unwrap_err();
    assert!(failure.said.contains("web page"), "the catalogue is for administrators: {failure}");
}

#[tokio::test]
async fn a_wish_for_a_pause_is_kept_to() {
    let fake = Fake::start().await;
    fake.edit().busy = 1;
    assert_eq!(names(&all(&*signed_in(&fake, "ann"), &root()).await), ["library", "acme"]);
    assert_eq!(fake.asked("GET /api/v2.0/projects?"), 2);
    fake.edit().busy = 100;
    let failure = signed_in(&fake, "ann").children(&root(), None).await.unwrap_err();
    assert_eq!(failure.kind, FailureKind::RateLimited);
}
