//! Listing: the seam's suite, owners, names in mixed case, many pages, the registry's own lists where the API refuses.

use tagalong::demo::Auth;
use tagalong::domain::{Credential, FailureKind, Locator, NodeKind, Page};
use tagalong::registry::Provider;

use super::fake::{BEGAN, GitHub, TOKEN, USER};
use crate::conformance::{self, Holds, repositories};
use crate::desk::{Laid, always};
use crate::images::{noise, put_image};
use crate::support::{basic, connection, open, root};

/// Three owners: the user, an organisation, and another user.
fn fill(github: &GitHub) {
    let store = github.store();
    for tag in ["1.0", "1", "latest"] {
        put_image(store, "acme/api", tag, &[noise(1, 100)]);
    }
    put_image(store, "acme/api", "0.9", &[noise(2, 100)]);
    put_image(store, "acme/tools/lint", "2", &[noise(3, 100)]);
    put_image(store, "ann/site", "main", &[noise(4, 100)]);
    put_image(store, "acme/spare", "1", &[noise(5, 100)]);
    put_image(store, "bob/open", "1", &[noise(6, 100)]);
}

fn namespace(owner: &str) -> Locator {
    root().child(NodeKind::Namespace, owner)
}

async fn all(provider: &dyn Provider, at: &Locator) -> Vec<String> {
    let (mut names, mut cursor) = (Vec::new(), None);
    loop {
        let page = provider.children(at, cursor.as_ref()).await.unwrap();
        names.extend(page.entries.into_iter().map(|e| e.name));
        match page.next {
            Some(next) => cursor = Some(next),
            None => return names,
        }
    }
}

fn names(page: &Page) -> Vec<&str> {
    page.entries.iter().map(|e| e.name.as_str()).collect()
}

#[tokio::test]
async fn it_holds_to_the_seam() {
    let github = GitHub::start().await;
    fill(&github);
    // More than a page of versions.
    for n in 0..150 {
        put_image(github.store(), "acme/api", &format!("nightly-{n}"), &[noise(100 + n, 50)]);
    }
    let nightly: Vec<String> = (0..150).map(|n| format!("nightly-{n}")).collect();
    let mut tags = vec!["1.0", "1", "latest", "0.9"];
    tags.extend(nightly.iter().map(String::as_str));
    let holds = Holds {
        account: Some(USER),
        engine: Some(USER),
        host: github.registry().address().to_string(),
        repositories: repositories(&[
            ("acme/api", &tags),
            ("acme/spare", &["1"]),
            ("acme/tools/lint", &["2"]),
            ("ann/site", &["main"]),
        ]),
        siblings: Some(("acme/api", &["1.0", "1", "latest"])),
        spare: Some("acme/spare"),
        ..Holds::default()
    };
    conformance::check(&*github.open(), &holds).await;
}

#[tokio::test]
async fn the_sign_in_stays_at_home() {
    let github = GitHub::start().await;
    fill(&github);
    let api = github.api.strip_suffix("/api/v3").unwrap().to_owned();
    let open = async |urls: &[String]| {
        let settings = [("api", &*format!("{}/api/v3", urls[1]))];
        open(connection("github", &urls[0], &settings), basic(USER, TOKEN))
    };
    conformance::keeps_its_sign_in(&[github.registry().url(), api], TOKEN, open).await;
}

#[tokio::test]
async fn owners_are_shown_as_written_and_compared_in_lower_case() {
    let github = GitHub::start().await;
    fill(&github);
    let provider = github.open();
    let owners = provider.children(&root(), None).await.unwrap();
    let shown: Vec<_> = owners.entries.iter().map(|e| (e.name.as_str(), e.label.as_deref())).collect();
    assert_eq!(shown, [("ann", Some("Ann")), ("acme", Some("Acme"))]);
    assert_eq!(
        all(&*provider, &namespace("ACME")).await,
        ["ACME/api", "ACME/spare", "ACME/tools/lint"].map(str::to_lowercase)
    );
    let mixed = root().child(NodeKind::Repository, "Acme/API");
    assert!(all(&*provider, &mixed).await.contains(&"latest".to_owned()));
    assert_eq!(provider.repository_named("Acme/API"), "acme/api");
    // Somebody else's is found as a user's, after there was no such organisation.
    let theirs = root().child(NodeKind::Repository, "bob/open");
    assert_eq!(all(&*provider, &theirs).await, ["1"]);
    assert_eq!((github.desk().count("/orgs/bob/"), github.desk().count("/users/bob/")), (1, 1));
}

#[tokio::test]
async fn tags_bring_digest_and_date_and_the_untagged_have_a_node() {
    let github = GitHub::start().await;
    fill(&github);
    let put = put_image(github.store(), "acme/api", "gone", &[noise(9, 10)]);
    github.store().remove_tag("acme/api", "gone");
    let provider = github.open();
    let at = root().child(NodeKind::Repository, "acme/api");
    let page = provider.children(&at, None).await.unwrap();
    let tag = page.entries.iter().find(|e| e.name == "1.0").unwrap();
    let facts = tag.facts.as_deref().unwrap();
    assert_eq!(facts.digest, github.store().resolve("acme/api", "1.0"));
    assert!(facts.time.is_some_and(|t| t > BEGAN));
    let node = page.entries.iter().find(|e| e.kind == NodeKind::Untagged).unwrap();
    let below = provider.children(&at.child(NodeKind::Untagged, &node.name), None).await.unwrap();
    assert_eq!(names(&below), [put.digest.to_string()]);
    assert_eq!(below.entries[0].kind, NodeKind::Manifest);
    let described = provider.describe().unwrap().describe(&at).await.unwrap();
    assert!(described.lines.contains(&("visibility".to_owned(), "private".to_owned())), "{described:?}");
}

#[tokio::test]
async fn ten_thousand_repositories_come_page_by_page() {
    let github = GitHub::start().await;
    for n in 0..10_000 {
        github.store().create(&format!("acme/r{n:05}"));
    }
    let provider = github.open();
    let first = provider.children(&namespace("acme"), None).await.unwrap();
    assert_eq!(first.entries.len(), 100);
    let before = github.desk().count("GET");
    assert_eq!(all(&*provider, &namespace("acme")).await.len(), 10_000);
    assert_eq!(github.desk().count("GET") - before, 100);
}

#[tokio::test]
async fn a_list_that_repeats_itself_ends() {
    let github = GitHub::start().await;
    let body = r#"[{"login":"acme"},{"login":"other"}]"#;
    let headers = &[("link", r#"<https://api.github.com/user/orgs?page=2>; rel="next""#)];
    github.desk().lay(Laid { headers, ..always("/user/orgs", 200, body) });
    assert_eq!(all(&*github.open(), &root()).await, ["ann", "acme", "other"]);
}

#[tokio::test]
async fn an_account_without_packages_is_empty() {
    let github = GitHub::start().await;
    github.state.organisations.lock().unwrap().clear();
    let provider = github.open();
    assert_eq!(all(&*provider, &root()).await, ["ann"]);
    assert!(all(&*provider, &namespace("ann")).await.is_empty());
}

#[tokio::test]
async fn the_registry_lists_what_the_api_does_not() {
    let github = GitHub::start().await;
    fill(&github);
    put_image(github.store(), "acme-more/x", "1", &[noise(7, 10)]);
    for (status, body) in [(404, r#"{"message":"Not Found"}"#), (200, "<!doctype html><title>Proxy</title>")]
    {
        github.desk().clear();
        github.desk().lay(always("/packages", status, body));
        let provider = github.open();
        let page = provider.children(&namespace("acme"), None).await.unwrap();
        assert_eq!(names(&page), ["acme/api", "acme/spare", "acme/tools/lint"], "{status}");
        assert!(page.next.is_none());
        assert!(page.warnings[0].contains("listing the packages of acme"), "{:?}", page.warnings);
        let at = root().child(NodeKind::Repository, "acme/api");
        let tags = provider.children(&at, None).await.unwrap();
        assert_eq!(names(&tags), ["0.9", "1", "1.0", "latest"]);
    }
}

#[tokio::test]
async fn an_api_that_moved_leaves_the_registry() {
    let github = GitHub::start().await;
    fill(&github);
    github.desk().lay(always("/", 404, "<html>nothing here</html>"));
    let mut connection = connection("github", &github.registry().url(), &[("api", &github.api)]);
    connection.username = "acme".to_owned();
    let provider = open(connection, basic(USER, TOKEN));
    let account = provider.check().await.unwrap();
    assert_eq!(account.name.as_deref(), Some("acme"));
    assert!(account.lines[0].1.contains("does not answer"), "{account:?}");
    assert_eq!(all(&*provider, &root()).await, ["acme"]);
    assert_eq!(all(&*provider, &namespace("acme")).await.len(), 3);
}

#[tokio::test]
async fn public_images_are_open_without_a_token() {
    let github = GitHub::start_with(Auth::None).await;
    fill(&github);
    let provider = github.open_as(Credential::Anonymous);
    provider.check().await.unwrap();
    let failure = provider.children(&root(), None).await.unwrap_err();
    assert_eq!(failure.kind, FailureKind::Unauthorized);
    let at = root().child(NodeKind::Repository, "acme/api");
    assert_eq!(all(&*provider, &at).await, ["0.9", "1", "1.0", "latest"]);
    assert!(github.desk().asked().is_empty(), "the API answers nobody without a token");
}
