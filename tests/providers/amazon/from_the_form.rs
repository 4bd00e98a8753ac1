//! The provider as a person meets it: the form, the tree, a push to a repository that has to be made first.

use std::collections::BTreeMap;
use std::sync::Arc;

use tagalong::domain::connection::{ConnectFailure, Draft, KeepSecret};
use tagalong::domain::job::{Along, Copying, Seen};
use tagalong::domain::{FailureKind, Locator, NodeKind, Secret};
use tagalong::http::Silent;
use tagalong::store::{Env, Paths};
use tagalong::transfer::Meter;
use tagalong::workspace::{Extent, Workspace};
use tempfile::TempDir;
use tokio_util::sync::CancellationToken;

use super::fake::{Fake, KEY, SECRET};
use super::{fill, registry};

fn workspace() -> (TempDir, Workspace) {
    let home = tempfile::tempdir().unwrap();
    let env = Env::new(home.path(), [] as [(&str, &str); 0]);
    let paths = Paths::find(Some(&home.path().join("tagalong")), &env).unwrap();
    let (workspace, failure) = Workspace::new(paths, env, Arc::new(Silent));
    assert_eq!(failure, None);
    (home, workspace)
}

fn draft(fake: &Fake, secret: &str) -> Draft {
    let typed = [("username", KEY), ("password", secret), ("regions", "eu-west-1"), ("endpoint", &fake.url)];
    let values: BTreeMap<String, Secret> =
        typed.into_iter().map(|(id, text)| (id.to_owned(), Secret::new(text))).collect();
    Draft { editing: None, provider: "amazon".to_owned(), values, keep: KeepSecret::Memory }
}

#[tokio::test]
async fn the_form_is_checked_before_it_is_kept() {
    let fake = Fake::start(1000).await;
    fill(&fake).await;
    let (_home, workspace) = workspace();
    let Err(ConnectFailure::Refused { failure, field }) = workspace.connect(&draft(&fake, "wrong")).await
    else {
        panic!("a wrong secret is refused");
    };
    assert_eq!((failure.kind, field), (FailureKind::Unauthorized, Some("password")));
    assert!(workspace.connected().is_empty());
    let connected = workspace.connect(&draft(&fake, SECRET)).await.unwrap();
    assert_eq!(connected.connection.settings["regions"], "eu-west-1");
    assert_eq!(connected.connection.name, "Amazon ECR", "no host was typed to call it after");
    let rows = workspace.children(&Locator::root(connected.connection.id), None).await.unwrap().entries;
    assert_eq!(rows[0].name, registry(&fake).name());
}

#[tokio::test]
async fn a_copy_to_a_repository_that_is_not_there_says_how_it_is_made() {
    let fake = Fake::start(1000).await;
    fill(&fake).await;
    let (_home, workspace) = workspace();
    let connected = workspace.connect(&draft(&fake, SECRET)).await.unwrap();
    let root = Locator::root(connected.connection.id);
    let listed = workspace.children(&root, None).await.unwrap().entries;
    let above = root.child(NodeKind::Registry, &listed[0].name);
    let to = above.child(NodeKind::Repository, "mirror/api").child(NodeKind::Tag, "1.0");
    let from = above.child(NodeKind::Repository, "acme/api").child(NodeKind::Tag, "1.0");
    let copy = async || {
        let what = [Copying { from: from.clone(), to: to.clone(), seen: Seen::NotLooked }];
        let extent = Extent { platform: None, along: Along::Nothing };
        workspace.copy_all(&what, &extent, &Meter::new(), &CancellationToken::new()).await
    };
    let failure = copy().await.unwrap_err();
    assert_eq!(failure.kind, FailureKind::NotFound);
    assert!(failure.said.ends_with("“Create repository…” makes it"), "{failure}");
    workspace.create_repository(&above, "mirror/api").await.unwrap();
    copy().await.unwrap();
    let store = fake.state.server.store();
    assert_eq!(store.resolve("mirror/api", "1.0"), store.resolve("acme/api", "1.0"));
}
