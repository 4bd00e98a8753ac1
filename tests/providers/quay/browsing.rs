//! Namespaces, repositories and tags by the API, or by the protocol where the sign-in is the registry's alone.

use serde_json::json;
use tagalong::domain::{Credential, NodeKind};

use super::fake::Fake;
use super::{
    OAUTH, PASSWORD, PERSON, ROBOT, ROBOT_TOKEN, all, basic, connection, names, namespace, open, repository,
    root, signed_in, tag, with_oauth,
};

#[tokio::test]
async fn an_oauth_token_shows_namespaces_repositories_and_tags() {
    let fake = Fake::start().await;
    let digest = fake.add("acme/api", "1.0", "one");
    fake.add("acme/api", "multi", "many");
    fake.add("acme/api", "brief", "short");
    fake.add("acme/nested/secret", "1", "nested");
    fake.add("acme/frozen", "1", "frozen");
    let provider = with_oauth(&fake);
    assert_eq!(names(&provider.children(&root(), None).await.unwrap()), ["ann", "acme"]);
    let repositories = provider.children(&namespace("acme"), None).await.unwrap();
    assert_eq!(names(&repositories), ["acme/api", "acme/frozen", "acme/nested/secret"]);
    let notes: Vec<_> =
        repositories.entries.iter().map(|e| e.facts.as_ref().unwrap().note.as_deref()).collect();
    assert_eq!(notes, [Some("Our service"), Some("read only · Our service"), Some("Our service")]);
    assert_eq!(repositories.entries[2].label.as_deref(), Some("nested/secret"));
    assert_eq!(repositories.entries[0].facts.as_ref().unwrap().time, Some(1_656_432_090));

    let tags = provider.children(&repository("acme/api"), None).await.unwrap();
    let facts: Vec<_> = tags.entries.iter().map(|e| e.facts.as_deref().unwrap()).collect();
    assert_eq!((facts[0].digest.clone(), facts[0].size), (Some(digest), Some(4321)));
    assert_eq!(facts[0].time, Some(1_654_197_152));
    assert_eq!((facts[1].platforms.len(), facts[1].size), (2, None));
    assert_eq!(facts[2].note.as_deref(), Some("expires 2023-11-14 22:13 UTC"));
    assert_eq!(names(&provider.children(&repository("acme/nested/secret"), None).await.unwrap()), ["1"]);
    assert_eq!(fake.state().count("GET /v2/"), 0, "{:?}", fake.state().asked);
}

#[tokio::test]
async fn ten_thousand_repositories_come_page_by_page() {
    let fake = Fake::start().await;
    for n in 0..10_000 {
        fake.state().repositories.insert(format!("acme/r{n:05}"), Vec::new());
    }
    let provider = with_oauth(&fake);
    let first = provider.children(&namespace("acme"), None).await.unwrap();
    assert_eq!((first.entries.len(), fake.state().count("GET /api/v1/repository?")), (100, 1));
    assert_eq!(all(&provider, &namespace("acme")).await.len(), 10_000);
}

#[tokio::test]
async fn names_in_mixed_case_are_asked_for_as_they_are() {
    let fake = Fake::start().await;
    fake.add("Acme/Mixed.Case", "V1", "one");
    let provider = with_oauth(&fake);
    assert_eq!(names(&provider.children(&namespace("Acme"), None).await.unwrap()), ["Acme/Mixed.Case"]);
    assert_eq!(names(&provider.children(&repository("Acme/Mixed.Case"), None).await.unwrap()), ["V1"]);
    assert_eq!(fake.state().count("GET /api/v1/repository/Acme/Mixed.Case/tag/"), 1);
}

#[tokio::test]
async fn a_page_that_comes_again_ends_the_list() {
    let fake = Fake::start().await;
    for n in 0..150 {
        fake.add("acme/api", &format!("t{n}"), "one");
        fake.state().repositories.insert(format!("acme/r{n}"), Vec::new());
    }
    fake.state().repeats = true;
    let provider = with_oauth(&fake);
    for at in [namespace("acme"), repository("acme/api")] {
        assert_eq!(all(&provider, &at).await.len(), 100, "{at:?}");
    }
}

#[tokio::test]
async fn a_persons_name_goes_with_an_oauth_token_or_a_password() {
    let fake = Fake::start().await;
    fake.add("acme/api", "1", "one");
    let by_token = signed_in(&fake, basic(PERSON, OAUTH));
    assert_eq!(names(&by_token.children(&root(), None).await.unwrap()), ["ann", "acme"]);
    let registry = by_token.distribution(&root()).unwrap();
    registry.resolve("acme/api", "1").await.unwrap();
    let by_password = signed_in(&fake, basic(PERSON, PASSWORD));
    let page = by_password.children(&root(), None).await.unwrap();
    assert_eq!(names(&page), ["acme/api"]);
    assert_eq!(page.entries[0].kind, NodeKind::Repository);
}

#[tokio::test]
async fn whoever_pulls_in_place_of_the_connection_gets_the_name_for_oauth_tokens() {
    let fake = Fake::start().await;
    for (typed, name) in [
        (basic(PERSON, OAUTH), Some("$oauthtoken")),
        (basic(PERSON, PASSWORD), Some(PERSON)),
        (basic(ROBOT, ROBOT_TOKEN), Some(ROBOT)),
        (Credential::Anonymous, None),
    ] {
        let provider = signed_in(&fake, typed);
        let given = provider.distribution(&root()).unwrap().http().credential().await.unwrap();
        assert_eq!(given.username(), name);
    }
}

#[tokio::test]
async fn a_robot_speaks_the_protocol_alone() {
    let fake = Fake::start().await;
    fake.add("acme/api", "1", "one");
    let provider = signed_in(&fake, basic(ROBOT, ROBOT_TOKEN));
    let account = provider.check().await.unwrap();
    assert_eq!(account.name.as_deref(), Some(ROBOT));
    assert!(account.lines[0].1.contains("OAuth token"), "{account:?}");
    assert_eq!(names(&provider.children(&root(), None).await.unwrap()), ["acme/api"]);
    assert_eq!(names(&provider.children(&repository("acme/api"), None).await.unwrap()), ["1"]);
    let told = provider.describe().unwrap().describe(&tag("acme/api", "1")).await.unwrap();
    assert!(told.lines.is_empty());
    assert_eq!(fake.state().count("GET /api/"), 0, "{:?}", fake.state().asked);
}

#[tokio::test]
async fn public_repositories_need_no_account() {
    let fake = Fake::start().await;
    fake.add("Acme/API", "1", "one");
    let stranger = signed_in(&fake, Credential::Anonymous);
    assert_eq!(names(&stranger.children(&repository("Acme/API"), None).await.unwrap()), ["1"]);
    let refused = stranger.children(&root(), None).await.unwrap_err();
    assert!(refused.said.contains("name some in the connection's settings"), "{refused}");
    let connection = connection("quay", &fake.url, &[("namespaces", "Acme, coreos")]);
    let told = open(connection, Credential::Anonymous);
    assert_eq!(names(&told.children(&root(), None).await.unwrap()), ["Acme", "coreos"]);
    assert_eq!(names(&told.children(&namespace("Acme"), None).await.unwrap()), ["Acme/API"]);
}

#[tokio::test]
async fn findings_are_counted_and_listed_by_severity() {
    let fake = Fake::start().await;
    let digest = fake.add("acme/api", "1", "one");
    let vulnerability =
        |name: &str, severity: &str, fix: &str| json!({ "Name": name, "Severity": severity, "FixedBy": fix });
    let features = json!([
        { "Name": "musl", "Version": "1.1", "Vulnerabilities": [vulnerability("CVE-2", "High", "1.2"), vulnerability("CVE-1", "Critical", "")] },
        { "Name": "musl", "Version": "1.1", "Vulnerabilities": [vulnerability("CVE-2", "High", "1.2")] },
        { "Name": "zlib", "Version": "3", "Vulnerabilities": null },
    ]);
    let provider = with_oauth(&fake);
    let describe = provider.describe().unwrap();
    let line = |told: &tagalong::domain::detail::Description| {
        told.lines.iter().find(|(label, _)| label == "vulnerabilities").unwrap().1.clone()
    };
    let queued = describe.describe(&tag("acme/api", "1")).await.unwrap();
    assert_eq!(line(&queued), "not scanned (queued)");
    fake.state().security = json!({ "status": "scanned", "data": { "Layer": { "Features": features } } });
    let by_digest = repository("acme/api").child(NodeKind::Manifest, &digest.to_string());
    for at in [tag("acme/api", "1"), by_digest] {
        let told = describe.describe(&at).await.unwrap();
        assert_eq!(line(&told), "1 critical, 1 high; 1 of 2 can be fixed");
        assert_eq!(told.sections[0].title, "Critical (1)");
        assert_eq!(told.sections[1].lines, ["CVE-2  musl 1.1, fixed in 1.2"]);
    }
    let about = describe.describe(&repository("acme/api")).await.unwrap();
    assert!(about.lines.contains(&("deleted tags stay".to_owned(), "14 days".to_owned())), "{about:?}");
}

#[tokio::test]
async fn pages_for_people_are_known() {
    let provider = open(connection("quay", "https://quay.io", &[]), Credential::Anonymous);
    for (at, page) in [
        (root(), Some("https://quay.io")),
        (namespace("acme"), None),
        (repository("acme/api"), Some("https://quay.io/repository/acme/api")),
        (tag("acme/api", "1.0"), Some("https://quay.io/repository/acme/api?tab=tags&tag=1.0")),
    ] {
        assert_eq!(provider.web(&at).as_deref(), page);
    }
}
