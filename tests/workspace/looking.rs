//! Listings, facts, details and inspection, with as few requests as can be.

use tagalong::demo::{Server, Settings};
use tagalong::domain::detail::Details;
use tagalong::domain::{FailureKind, Locator};

use crate::support::{Home, connect, filled, repository, tag};

fn counted(server: &Server, method: &str, part: &str) -> usize {
    server.requests().iter().filter(|r| r.method == method && r.path.contains(part)).count()
}

/// A repository of the sample content whose `latest` is an index.
const INDEXED: &str = "acme/api";

#[tokio::test]
async fn the_facts_of_tags_that_share_a_manifest_cost_one_head_each() {
    let (home, server) = (Home::new(), filled(Settings::default()).await);
    let workspace = home.open();
    let connected = connect(&workspace, &server).await;
    let shared = server.store().resolve(INDEXED, "latest").unwrap();
    let tags: Vec<String> = server.store().tags(INDEXED);
    let same: Vec<&String> =
        tags.iter().filter(|t| server.store().resolve(INDEXED, t).as_ref() == Some(&shared)).collect();
    assert!(same.len() >= 2, "the sample content has no moving tags: {tags:?}");
    let first = workspace.facts(&tag(&connected, INDEXED, same[0])).await.unwrap();
    let gets = counted(&server, "GET", INDEXED);
    for other in &same[1..] {
        assert_eq!(workspace.facts(&tag(&connected, INDEXED, other)).await.unwrap(), first);
    }
    assert_eq!(counted(&server, "GET", INDEXED), gets, "a known manifest was fetched again");
    assert_eq!(counted(&server, "HEAD", INDEXED), same.len());
    assert!(first.platforms.len() >= 2 && first.size.is_some() && first.time.is_some(), "{first:?}");
    // The next start knows them too.
    let again = home.open();
    let connected = again.connected().remove(0);
    assert_eq!(again.facts(&tag(&connected, INDEXED, "latest")).await.unwrap(), first);
    assert_eq!(counted(&server, "GET", INDEXED), gets);
}

#[tokio::test]
async fn a_server_without_a_catalogue_takes_repositories_by_name() {
    let (home, server) = (Home::new(), filled(Settings { catalog: false, ..Settings::default() }).await);
    let workspace = home.open();
    let connected = connect(&workspace, &server).await;
    let root = Locator::root(connected.connection.id.clone());
    let failure = workspace.children(&root, None).await.unwrap_err();
    assert!(failure.said.contains("Open repository…"), "{failure}");
    let missing = workspace.bookmark(&root.connection, "no/such").await.unwrap_err();
    assert_eq!(missing.kind, FailureKind::NotFound, "{missing}");
    let wrong = workspace.bookmark(&root.connection, "../etc").await.unwrap_err();
    assert_eq!(wrong.kind, FailureKind::Invalid);
    let mixed = workspace.bookmark(&root.connection, "Acme/Api").await.unwrap_err();
    assert!(mixed.said.contains("lower-case names alone"), "the server was asked: {mixed}");
    let at = workspace.bookmark(&root.connection, INDEXED).await.unwrap();
    assert_eq!(at, repository(&connected, INDEXED));
    let page = home.open().children(&root, None).await.unwrap();
    let names: Vec<&str> = page.entries.iter().map(|e| e.name.as_str()).collect();
    assert_eq!(names, [INDEXED]);
}

#[tokio::test]
async fn details_show_the_image_of_an_index() {
    let (home, server) = (Home::new(), filled(Settings::default()).await);
    let workspace = home.open();
    let connected = connect(&workspace, &server).await;
    let Details::Image(details) = workspace.details(&tag(&connected, INDEXED, "latest")).await.unwrap()
    else {
        panic!("no image")
    };
    let shown = details.shown.unwrap();
    assert!(details.index.is_some() && !shown.layers.is_empty());
    assert!(shown.config.unwrap().created_at().is_some());
    assert!(!details.referrers.unwrap().is_empty(), "the SBOM and the signature are missing");
    let Details::Connection(details) =
        workspace.details(&Locator::root(connected.connection.id)).await.unwrap()
    else {
        panic!("no connection")
    };
    assert!(details.lines.iter().any(|(label, text)| label == "server" && !text.is_empty()), "{details:?}");
}

#[tokio::test]
async fn an_inspection_holds_the_exact_bytes() {
    let (home, server) = (Home::new(), filled(Settings::default()).await);
    let workspace = home.open();
    let connected = connect(&workspace, &server).await;
    let at = tag(&connected, INDEXED, "latest");
    let inspection = workspace.inspect(&at, None).await.unwrap();
    let digest = server.store().resolve(INDEXED, "latest").unwrap();
    assert_eq!(inspection.expected.as_ref(), Some(&digest));
    assert_eq!(inspection.manifest.bytes, server.store().manifest(INDEXED, &digest).unwrap().bytes);
    assert!(inspection.config.is_none());
    let child = inspection.manifest.parse().unwrap().children()[0].digest.clone();
    let member = workspace.inspect(&at, Some(&child)).await.unwrap();
    assert!(member.config.is_some() && member.manifest.digest == child);
    let gone = workspace.inspect(&tag(&connected, INDEXED, "gone"), None).await.unwrap_err();
    assert_eq!(gone.kind, FailureKind::NotFound);
}

#[tokio::test]
async fn the_demo_takes_repositories_by_name_too() {
    let home = Home::new();
    let workspace = home.open();
    let mut form = crate::support::draft(&[]);
    form.provider = "demo".to_owned();
    let connected = workspace.connect(&form).await.unwrap();
    let at = workspace.bookmark(&connected.connection.id, INDEXED).await.unwrap();
    let root = Locator::root(connected.connection.id);
    let page = workspace.children(&root, None).await.unwrap();
    assert_eq!(page.entries.iter().filter(|e| e.name == at.name()).count(), 1);
    assert_eq!(home.config(), "");
}

#[tokio::test]
async fn a_missing_configuration_hides_nothing_else() {
    let (home, server) = (Home::new(), filled(Settings::default()).await);
    let workspace = home.open();
    let connected = connect(&workspace, &server).await;
    let at = tag(&connected, "odd/tags", "latest");
    let tags = server.store().tags("odd/tags");
    let at = if tags.iter().any(|t| t == "latest") { at } else { tag(&connected, "odd/tags", &tags[0]) };
    let digest = server.store().resolve("odd/tags", at.name()).unwrap();
    let manifest = server.store().manifest("odd/tags", &digest).unwrap().parse().unwrap();
    let config = manifest.children()[0].digest.clone();
    server.inject(tagalong::demo::Fault::always(
        tagalong::demo::Match::path(&format!("/v2/odd/tags/blobs/{config}")),
        tagalong::demo::What::status(404),
    ));
    let Details::Image(details) = workspace.details(&at).await.unwrap() else { panic!("no image") };
    assert!(!details.shown.unwrap().layers.is_empty());
    assert_eq!(details.warnings.len(), 1, "{:?}", details.warnings);
    assert_eq!(workspace.facts(&at).await.unwrap().digest, Some(digest));
}
