//! Namespaces, repositories and tags: all pages, what rows show, and that none of it costs a pull.

use tagalong::domain::{Digest, NodeKind, Platform};

use super::fake::{Hub, Row};
use super::{all, anonymous, names, namespace, repository, root, signed_in, tag};

#[tokio::test]
async fn an_account_has_its_own_namespace_and_its_organisations() {
    let hub = Hub::start().await;
    hub.state().organisations = (0..130).map(|n| format!("org-{n}")).collect();
    let found = signed_in(&hub).children(&root(), None).await.unwrap();
    assert_eq!(
        found.entries.len(),
        131,
        "the own one, in lower case and once, and two pages of organisations"
    );
    assert_eq!(found.entries[0].name, "acme");
    assert_eq!(found.entries[0].kind, NodeKind::Namespace);
}

#[tokio::test]
async fn ten_thousand_repositories_come_page_by_page_on_our_own_address() {
    let hub = Hub::start().await;
    for n in 0..10_000 {
        hub.state().repositories.insert(format!("acme/r{n:05}"), Vec::new());
    }
    let provider = signed_in(&hub);
    let first = provider.children(&namespace("acme"), None).await.unwrap();
    assert_eq!((first.entries.len(), first.total), (100, Some(10_000)));
    assert_eq!(hub.state().count("GET /v2/namespaces/"), 1, "no page is asked for before it is wanted");
    let found = all(&provider, &namespace("acme")).await;
    assert_eq!(found.len(), 10_000);
    assert_eq!(found[9_999].name, "acme/r09999");
    assert_eq!(hub.state().logins, 1);
}

#[tokio::test]
async fn a_page_that_comes_again_ends_the_list() {
    let hub = Hub::start().await;
    for n in 0..150 {
        hub.add("acme/api", &format!("t{n}"), "one");
        hub.state().repositories.insert(format!("acme/r{n}"), Vec::new());
    }
    hub.state().repeats = true;
    hub.state().organisations = (0..100).map(|n| format!("org-{n}")).collect();
    let provider = signed_in(&hub);
    for at in [namespace("acme"), repository("acme/api")] {
        assert_eq!(all(&provider, &at).await.len(), 100, "{at:?}");
    }
    assert_eq!(provider.children(&root(), None).await.unwrap().entries.len(), 101);
}

#[tokio::test]
async fn rows_show_what_the_list_told_and_cost_no_pull() {
    let hub = Hub::start().await;
    hub.state().repositories.insert("acme/secret".to_owned(), Vec::new());
    let index = Digest::of(b"index");
    let images = vec![
        ("windows", "amd64", Digest::of(b"windows")),
        ("linux", "arm64", Digest::of(b"arm64")),
        ("linux", "amd64", Digest::of(b"amd64")),
        ("unknown", "unknown", Digest::of(b"attestation")),
    ];
    let row = Row { name: "2.4.1".to_owned(), digest: index.clone(), images, told: true };
    hub.put("acme/api", row.clone());
    hub.put("acme/api", Row { name: "old".to_owned(), told: false, ..row });
    let provider = signed_in(&hub);

    let repositories = provider.children(&namespace("acme"), None).await.unwrap();
    assert_eq!(names(&repositories), ["acme/api", "acme/secret"]);
    assert_eq!(repositories.entries[0].label.as_deref(), Some("api"));
    let facts = repositories.entries[1].facts.as_ref().unwrap();
    assert_eq!(facts.note.as_deref(), Some("private · 1,234 pulls · Our service"));
    assert_eq!(facts.time, Some(1_737_369_000));

    let tags = provider.children(&repository("acme/api"), None).await.unwrap();
    let facts = tags.entries[0].facts.as_ref().unwrap();
    assert_eq!(facts.digest, Some(index));
    assert_eq!(facts.size, Some(100));
    assert_eq!(facts.time, Some(1_737_541_800));
    assert_eq!(facts.platforms.len(), 3, "the attestation is left out");
    assert!(facts.platforms.iter().any(|p| Platform::here().accepts(p)));
    assert_eq!(tags.entries[1].facts, None, "a tag without a digest is looked up later, by HEAD");
    let described = provider.describe().unwrap().describe(&tag("acme/api", "2.4.1")).await.unwrap();
    assert!(described.lines.contains(&("pushed by".to_owned(), "ann".to_owned())), "{described:?}");
    assert_eq!(hub.state().count("registry GET"), 0, "{:?}", hub.state().asked);
    assert_eq!(hub.state().count("GET /v2/namespaces/acme/repositories/api/tags?ordering=last_updated"), 1);
}

#[tokio::test]
async fn public_images_need_no_account() {
    let hub = Hub::start().await;
    let digest = hub.add("library/nginx", "latest", "nginx");
    let provider = anonymous(&hub);
    assert_eq!(names(&provider.children(&root(), None).await.unwrap()), ["library"]);
    assert_eq!(provider.repository_named("nginx"), "library/nginx");
    assert_eq!(provider.repository_named("acme/api"), "acme/api");
    let at = repository("library/nginx");
    let tags = provider.children(&at, None).await.unwrap();
    assert_eq!(tags.entries[0].facts.as_ref().unwrap().digest, Some(digest.clone()));
    let registry = provider.distribution(&at).unwrap();
    assert_eq!(registry.resolve("library/nginx", "latest").await.unwrap().digest, digest);
    assert_eq!(hub.state().logins, 0);
}

#[tokio::test]
async fn pages_for_people_are_known() {
    let hub = Hub::start().await;
    let provider = anonymous(&hub);
    for (at, page) in [
        (root(), "https://hub.docker.com"),
        (namespace("acme"), "https://hub.docker.com/u/acme"),
        (repository("acme/api"), "https://hub.docker.com/r/acme/api"),
        (repository("library/nginx"), "https://hub.docker.com/_/nginx"),
        (tag("acme/api", "2.4.1"), "https://hub.docker.com/r/acme/api/tags?name=2.4.1"),
        (tag("library/nginx", "1"), "https://hub.docker.com/_/nginx/tags?name=1"),
    ] {
        assert_eq!(provider.web(&at).as_deref(), Some(page));
    }
}

#[tokio::test]
async fn a_check_tells_namespaces_and_pulls_left() {
    let hub = Hub::start().await;
    let account = signed_in(&hub).check().await.unwrap();
    assert_eq!(account.name.as_deref(), Some("Acme"));
    let line = |label: &str| account.lines.iter().find(|(l, _)| l == label).map(|(_, v)| v.as_str());
    assert_eq!(line("namespaces"), Some("acme, acme-labs"));
    assert_eq!(line("pulls left"), Some("87 of 100 in 6 h, counted for 203.0.113.7"));
    assert_eq!(hub.state().count("registry GET /v2/ratelimitpreview"), 0);
    let stranger = anonymous(&hub).check().await.unwrap();
    assert_eq!((stranger.name, stranger.lines.len()), (None, 1));
}
