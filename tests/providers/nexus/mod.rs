//! Sonatype Nexus Repository 3.

mod odd;

use std::sync::Arc;

use crate::fakes::nexus as fake;
use fake::Fake;
use tagalong::domain::{FailureKind, Locator, NodeKind};
use tagalong::registry::Provider;

use crate::conformance::{self, Holds, repositories};
use crate::images::{noise, put_image};
use crate::keyed::{Fault, PASSWORD, USER};
use crate::support::{basic, connection, open, root};

fn signed_in(url: &str) -> Arc<dyn Provider> {
    let mut connection = connection("nexus", url, &[]);
    connection.username = USER.to_owned();
    open(connection, basic(USER, PASSWORD))
}

async fn filled() -> Fake {
    let fake = Fake::start(&["docker-group", "docker-hosted"]).await;
    let hosted = fake.keyed.store("docker-hosted");
    for tag in ["1.0", "1", "latest"] {
        put_image(hosted, "acme/api", tag, &[noise(1, 100)]);
    }
    put_image(hosted, "acme/api", "0.9", &[noise(2, 100)]);
    put_image(hosted, "acme/worker", "1", &[noise(3, 100)]);
    put_image(hosted, "web", "1", &[noise(4, 100)]);
    for tag in ["a", "b", "c"] {
        put_image(fake.keyed.store("docker-group"), "of-a-member", tag, &[noise(5, 100)]);
    }
    fake
}

fn holds(fake: &Fake) -> Holds {
    Holds {
        account: Some(USER),
        engine: Some(USER),
        host: fake.host().to_owned(),
        repositories: repositories(&[
            ("acme/api", &["1.0", "1", "latest", "0.9"]),
            ("acme/worker", &["1"]),
            ("web", &["1"]),
            ("of-a-member", &["a", "b", "c"]),
        ]),
        siblings: Some(("acme/api", &["1.0", "1", "latest"])),
        ..Holds::default()
    }
}

fn registry(fake: &Fake, key: &str) -> Locator {
    root().child(NodeKind::Registry, &format!("{}/{key}", fake.host()))
}

async fn names(provider: &dyn Provider, at: &Locator) -> Vec<String> {
    let page = provider.children(at, None).await.unwrap();
    page.entries.into_iter().map(|e| e.name).collect()
}

#[tokio::test]
async fn it_holds_to_the_seam() {
    let fake = filled().await;
    conformance::check(&*signed_in(&fake.url), &holds(&fake)).await;
    let asked = fake.keyed.asked();
    assert!(asked.iter().any(|a| a.starts_with("DELETE /service/rest/v1/components/")), "{asked:?}");
    assert!(asked.iter().any(|a| a.contains("continuationToken=3")), "{asked:?}");
}

#[tokio::test]
async fn it_holds_to_the_seam_without_rights_to_search() {
    let fake = filled().await;
    fake.keyed.break_with(Fault::status("/service/rest/v1/search", 403));
    // Untying needs the search: what it refuses is not done by the protocol.
    conformance::check(&*signed_in(&fake.url), &Holds { siblings: None, ..holds(&fake) }).await;
}

#[tokio::test]
async fn it_keeps_the_sign_in_at_home() {
    let fake = filled().await;
    let open = async |urls: &[String]| signed_in(&urls[0]);
    conformance::keeps_its_sign_in(std::slice::from_ref(&fake.url), PASSWORD, open).await;
}

#[tokio::test]
async fn tags_come_with_dates_and_digests() {
    let fake = filled().await;
    let at = registry(&fake, "docker-hosted").child(NodeKind::Repository, "acme/api");
    let page = signed_in(&fake.url).children(&at, None).await.unwrap();
    let digest = fake.keyed.store("docker-hosted").resolve("acme/api", &page.entries[0].name).unwrap();
    let facts = page.entries[0].facts.as_deref().unwrap();
    assert_eq!((facts.digest.as_ref(), facts.time), (Some(&digest), Some(1_767_225_600)));
}

#[tokio::test]
async fn a_group_whose_components_are_its_members_lists_by_the_protocol() {
    let fake = filled().await;
    let at = registry(&fake, "docker-group").child(NodeKind::Repository, "of-a-member");
    assert_eq!(names(&*signed_in(&fake.url), &at).await, ["a", "b"], "the first page");
}

#[tokio::test]
async fn one_repository_in_the_address_is_one_registry() {
    let fake = filled().await;
    let provider = signed_in(&format!("{}/repository/docker-hosted", fake.url));
    assert_eq!(provider.check().await.unwrap().name.as_deref(), Some(USER));
    assert_eq!(names(&*provider, &root()).await, [format!("{}/docker-hosted", fake.host())]);
    let bookmark = root().child(NodeKind::Repository, "web");
    assert_eq!(names(&*provider, &bookmark).await, ["1"]);
    assert_eq!(provider.web(&bookmark), Some(format!("{}/#browse/browse:docker-hosted", fake.url)));
}

#[tokio::test]
async fn ports_and_subdomains_are_what_references_begin_with() {
    let fake = filled().await;
    let settings = r#"[
        {"name":"docker-hosted","format":"docker","type":"hosted","docker":{"httpPort":8082,"httpsPort":8443}},
        {"name":"docker-group","format":"docker","type":"group","docker":{"subdomain":"pull"}},
        {"name":"maven-central","format":"maven2","type":"proxy"}]"#;
    let path = "/service/rest/v1/repositorySettings";
    fake.keyed.break_with(Fault { body: settings, ..Fault::status(path, 200) });
    let provider = signed_in(&fake.url);
    let page = provider.children(&root(), None).await.unwrap();
    let found: Vec<(&str, Option<&str>)> =
        page.entries.iter().map(|e| (e.name.as_str(), e.label.as_deref())).collect();
    let (pull, port) = (format!("pull.{}", fake.host()), "127.0.0.1:8443");
    assert_eq!(found, [(pull.as_str(), Some("docker-group")), (port, Some("docker-hosted"))]);
    let at = root().child(NodeKind::Registry, port).child(NodeKind::Repository, "web");
    assert_eq!(names(&*provider, &at).await, ["1"], "asked at the server's own address");
    let tag = at.child(NodeKind::Tag, "1");
    assert_eq!(tag.reference("x").unwrap().to_string(), "127.0.0.1:8443/web:1");
    assert!(provider.distribution(&tag).unwrap().manifest("web", "1").await.is_ok());
}

#[tokio::test]
async fn the_only_tag_of_an_image_is_not_untied() {
    let fake = filled().await;
    let at =
        registry(&fake, "docker-hosted").child(NodeKind::Repository, "acme/api").child(NodeKind::Tag, "0.9");
    let refused = signed_in(&fake.url).untag().unwrap().untag(&at).await.unwrap_err();
    assert_eq!(refused.kind, FailureKind::Conflict);
    assert!(refused.said.ends_with("delete the image instead"), "{refused}");
    assert!(!fake.keyed.asked().iter().any(|asked| asked.starts_with("DELETE")), "nothing was deleted");
}

#[tokio::test]
async fn what_the_search_refuses_is_not_deleted_by_the_protocol() {
    let fake = filled().await;
    fake.keyed.break_with(Fault::status("/service/rest/v1/search", 403));
    let at =
        registry(&fake, "docker-hosted").child(NodeKind::Repository, "acme/api").child(NodeKind::Tag, "1");
    let refused = signed_in(&fake.url).untag().unwrap().untag(&at).await.unwrap_err();
    assert_eq!(refused.kind, FailureKind::Forbidden);
    assert!(fake.keyed.store("docker-hosted").resolve("acme/api", "1").is_some());
}
