//! Listing: the seam's suite, groups and projects, slashes and mixed case, many pages, what is left without the API.

use tagalong::demo::{Auth, Fault, Match, What};
use tagalong::domain::{Credential, FailureKind, Locator, NodeKind};
use tagalong::registry::Provider;

use super::fake::{GitLab, TOKEN, USER};
use crate::conformance::{self, Holds, repositories};
use crate::desk::always;
use crate::images::{noise, put_image};
use crate::support::{basic, connection, open, root};

fn fill(gitlab: &GitLab) {
    let store = gitlab.store();
    for tag in ["1.0", "1", "latest"] {
        put_image(store, "acme/web", tag, &[noise(1, 100)]);
    }
    put_image(store, "acme/web", "0.9", &[noise(2, 100)]);
    put_image(store, "acme/web/worker", "1", &[noise(3, 100)]);
    put_image(store, "acme/tools/lint/a/b", "2", &[noise(4, 100)]);
    put_image(store, "ann/site", "main", &[noise(5, 100)]);
    put_image(store, "other/shared", "1", &[noise(6, 100)]);
}

fn namespace(path: &str) -> Locator {
    root().child(NodeKind::Namespace, path)
}

fn repository(name: &str) -> Locator {
    root().child(NodeKind::Repository, name)
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

#[tokio::test]
async fn it_holds_to_the_seam() {
    let gitlab = GitLab::start().await;
    fill(&gitlab);
    // More than a page of repositories in the group, and of projects outside of groups.
    let extra: Vec<String> = (0..120).map(|n| format!("acme/web/extra-{n:03}")).collect();
    for name in &extra {
        put_image(gitlab.store(), name, "1", &[noise(7, 10)]);
    }
    gitlab.state.projects.lock().unwrap().extend((0..120).map(|n| format!("ann/project-{n}")));
    let mut held = repositories(&[
        ("acme/web", &["1.0", "1", "latest", "0.9"]),
        ("acme/web/worker", &["1"]),
        ("acme/tools/lint/a/b", &["2"]),
        ("ann/site", &["main"]),
        ("other/shared", &["1"]),
    ]);
    held.extend(extra.iter().map(|name| (name.clone(), vec!["1".to_owned()])));
    let holds = Holds {
        account: Some(USER),
        engine: Some(USER),
        host: gitlab.registry().address().to_string(),
        repositories: held,
        siblings: Some(("acme/web", &["1.0", "1", "latest"])),
        spare: Some("acme/web/worker"),
        ..Holds::default()
    };
    conformance::check(&*gitlab.open(), &holds).await;
}

#[tokio::test]
async fn the_sign_in_stays_at_home() {
    let gitlab = GitLab::start().await;
    fill(&gitlab);
    let open = async |urls: &[String]| {
        open(connection("gitlab", &urls[0], &[("api", &urls[1])]), basic(USER, TOKEN))
    };
    conformance::keeps_its_sign_in(&[gitlab.registry().url(), gitlab.web.clone()], TOKEN, open).await;
}

#[tokio::test]
async fn groups_come_first_and_then_the_projects_that_none_of_them_holds() {
    let gitlab = GitLab::start().await;
    fill(&gitlab);
    let provider = gitlab.open();
    assert_eq!(all(&*provider, &root()).await, ["Acme", "ann/site", "other/shared"]);
    let images = ["acme/tools/lint/a/b", "acme/web", "acme/web/worker"];
    assert_eq!(all(&*provider, &namespace("Acme")).await, images, "subgroups are looked into, once");
    assert_eq!(all(&*provider, &namespace("ann/site")).await, ["ann/site"]);
    assert_eq!(gitlab.desk().count("/projects/ann%2Fsite/registry/repositories?tags_count=true"), 1);
    let page = provider.children(&namespace("ann/site"), None).await.unwrap();
    assert_eq!(page.entries[0].facts.as_deref().and_then(|f| f.count), Some(1));
}

#[tokio::test]
async fn a_repository_opened_by_name_is_in_lower_case() {
    let gitlab = GitLab::start().await;
    fill(&gitlab);
    let provider = gitlab.open();
    let name = provider.repository_named("Acme/Web");
    let mut tags = all(&*provider, &repository(&name)).await;
    tags.sort();
    assert_eq!(tags, ["0.9", "1", "1.0", "latest"]);
}

#[tokio::test]
async fn a_path_is_one_part_of_an_address_whatever_it_is() {
    let gitlab = GitLab::start().await;
    fill(&gitlab);
    let provider = gitlab.open();
    // Opened by name, as a bookmark is: neither kind is known yet.
    assert_eq!(all(&*provider, &namespace("other/shared")).await, ["other/shared"]);
    assert_eq!(all(&*provider, &namespace("acme/TOOLS")).await, ["acme/tools/lint/a/b"]);
    assert_eq!(gitlab.desk().count("GET /api/v4/groups/acme%2FTOOLS/registry"), 1);
    // A project's path is found in the name of a repository.
    let described = provider.describe().unwrap().describe(&repository("Acme/Tools/lint/a/b")).await.unwrap();
    assert!(described.lines.contains(&("project".to_owned(), "acme/tools/lint".to_owned())), "{described:?}");
    let web = provider.web(&repository("acme/tools/lint/a/b")).unwrap();
    assert!(web.starts_with(&format!("{}/acme/tools/lint/container_registry/", gitlab.web)), "{web}");
}

#[tokio::test]
async fn a_tag_is_described_with_its_date_and_size() {
    let gitlab = GitLab::start().await;
    fill(&gitlab);
    let at = repository("acme/web").child(NodeKind::Tag, "1.0");
    let described = gitlab.open().describe().unwrap().describe(&at).await.unwrap();
    let line = |label: &str, value: &str| (label.to_owned(), value.to_owned());
    assert_eq!(described.lines, [line("created", "2026-01-10 12:39 UTC"), line("size", "2.0 KiB")]);
}

#[tokio::test]
async fn ten_thousand_repositories_come_page_by_page() {
    let gitlab = GitLab::start().await;
    for n in 0..10_000 {
        gitlab.store().create(&format!("acme/web/r{n:05}"));
    }
    let provider = gitlab.open();
    assert_eq!(all(&*provider, &namespace("Acme")).await.len(), 10_000);
    assert_eq!(gitlab.desk().count("/groups/Acme/registry/repositories"), 100);
}

#[tokio::test]
async fn an_account_without_groups_and_projects_is_empty() {
    let gitlab = GitLab::start().await;
    gitlab.state.groups.lock().unwrap().clear();
    gitlab.state.projects.lock().unwrap().clear();
    assert!(all(&*gitlab.open(), &root()).await.is_empty());
}

#[tokio::test]
async fn tags_come_from_the_api_where_the_registry_refuses() {
    let gitlab = GitLab::start().await;
    fill(&gitlab);
    gitlab.registry().inject(Fault::always(Match::path("/v2/acme/web/tags/list"), What::status(403)));
    let provider = gitlab.open();
    assert_eq!(all(&*provider, &repository("acme/web")).await, ["0.9", "1", "1.0", "latest"]);
    assert_eq!(gitlab.desk().count("/tags?per_page=100"), 1);
}

#[tokio::test]
async fn the_catalogue_is_listed_where_the_api_moved() {
    let gitlab = GitLab::start().await;
    fill(&gitlab);
    for (status, body) in [(404, "gone"), (200, "<!doctype html><title>Sign in</title>")] {
        gitlab.desk().clear();
        gitlab.desk().lay(always("/api/v4", status, body));
        let provider = gitlab.open();
        let account = provider.check().await.unwrap();
        assert!(account.lines[0].1.contains("does not answer"), "{account:?}");
        assert_eq!(all(&*provider, &root()).await.len(), 5, "{status}");
        gitlab.registry().inject(Fault::once(Match::path("/v2/_catalog"), What::status(403)));
        let failure = provider.children(&root(), None).await.unwrap_err();
        assert_eq!(failure.kind, FailureKind::Unsupported, "bookmarks are shown: {failure}");
    }
}

#[tokio::test]
async fn public_images_are_open_without_a_token() {
    let gitlab = GitLab::start_with(Auth::None).await;
    fill(&gitlab);
    let provider = gitlab.open_as(Credential::Anonymous);
    provider.check().await.unwrap();
    assert_eq!(all(&*provider, &repository("ann/site")).await, ["main"]);
    assert!(gitlab.desk().asked().is_empty());
}

#[tokio::test]
async fn public_groups_and_projects_are_listed_without_a_token() {
    let gitlab = GitLab::start_with(Auth::None).await;
    fill(&gitlab);
    *gitlab.state.public.lock().unwrap() = vec!["Acme/tools/lint", "ann/site"];
    let provider = gitlab.open_as(Credential::Anonymous);
    assert_eq!(all(&*provider, &root()).await, ["Acme", "ann/site"]);
    assert_eq!(
        all(&*provider, &namespace("Acme")).await,
        ["Acme/tools/lint"],
        "its repositories are its members'"
    );
    assert_eq!(all(&*provider, &namespace("Acme/tools/lint")).await, ["acme/tools/lint/a/b"]);
    assert_eq!(all(&*provider, &namespace("ann/site")).await, ["ann/site"]);
    let private = provider.children(&namespace("Acme/Web"), None).await.unwrap_err();
    assert_eq!(private.kind, FailureKind::NotFound);
}

#[tokio::test]
async fn a_gitlab_that_shows_strangers_nothing_asks_for_a_token() {
    let gitlab = GitLab::start().await;
    gitlab.desk().lay(always("/groups", 401, r#"{"message":"401 Unauthorized"}"#));
    let failure = gitlab.open_as(Credential::Anonymous).children(&root(), None).await.unwrap_err();
    assert_eq!(failure.kind, FailureKind::Unauthorized);
    assert!(failure.said.starts_with("this GitLab lists repositories for a token only"), "{failure}");
}

#[tokio::test]
async fn a_group_that_a_token_may_not_list_shows_its_projects() {
    let gitlab = GitLab::start().await;
    fill(&gitlab);
    let body = r#"{"message":"403 Forbidden"}"#;
    gitlab.desk().lay(always("/groups/Acme/registry/repositories", 403, body));
    let provider = gitlab.open();
    all(&*provider, &root()).await;
    assert_eq!(all(&*provider, &namespace("Acme")).await, ["Acme/Web", "Acme/tools/lint"]);
}
