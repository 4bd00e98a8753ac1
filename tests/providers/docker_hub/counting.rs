//! What the explorer asks for while a person looks around costs no pull; what a person asks for costs one.

use std::collections::BTreeMap;
use std::sync::Arc;

use tagalong::domain::connection::{Draft, KeepSecret};
use tagalong::domain::detail::Details;
use tagalong::domain::{Digest, Locator, NodeKind, Secret};
use tagalong::http::Silent;
use tagalong::store::{Env, Paths};
use tagalong::workspace::Workspace;

use super::fake::{Hub, Row};

#[tokio::test]
async fn looking_around_takes_nothing_from_the_quota() {
    let hub = Hub::start().await;
    let digest = Digest::of(b"untold");
    let images = vec![("linux", "amd64", digest.clone())];
    hub.put("library/nginx", Row { name: "1".to_owned(), digest: digest.clone(), images, told: false });
    let home = tempfile::tempdir().unwrap();
    let env = Env::new(home.path(), [] as [(&str, &str); 0]);
    let paths = Paths::find(Some(&home.path().join("tagalong")), &env).unwrap();
    let (workspace, _) = Workspace::new(paths, env, Arc::new(Silent));
    let typed = [("url", hub.registry.as_str()), ("api", hub.api.as_str())];
    let values: BTreeMap<String, Secret> =
        typed.iter().map(|(id, text)| ((*id).to_owned(), Secret::new(*text))).collect();
    let draft = Draft { editing: None, provider: "docker_hub".to_owned(), values, keep: KeepSecret::Memory };
    let connected = workspace.connect(&draft).await.unwrap();

    let id = &connected.connection.id;
    assert_eq!(workspace.bookmark(id, "nginx").await.unwrap().name(), "library/nginx");
    let tag =
        Locator::root(id.clone()).child(NodeKind::Repository, "library/nginx").child(NodeKind::Tag, "1");
    assert!(!workspace.needs_tags_for_impact(&tag).unwrap(), "Docker Hub's own list tells them");
    assert_eq!(workspace.facts(&tag).await.unwrap().digest, Some(digest.clone()));
    let Details::Repository(told) = workspace.glance(&tag).await.unwrap() else { panic!("it was read") };
    assert_eq!(told.sections[0].lines, [format!("linux/amd64  100 B  {digest}")]);
    assert_eq!(told.lines.last().unwrap().0, "manifest");
    let pulls = || hub.state().count("registry GET /v2/library/nginx/manifests/");
    assert_eq!(pulls(), 0);
    workspace.inspect(&tag, None).await.unwrap();
    assert_eq!(pulls(), 1);
}
