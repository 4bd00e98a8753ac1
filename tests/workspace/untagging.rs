//! Untagging where the server deletes by digest alone, and something goes wrong on the way.

use tagalong::demo::{Fault, Match, Server, Settings, What};
use tagalong::domain::{Digest, Failure, FailureKind};

use crate::support::{Home, connect, filled, tag};

const REPOSITORY: &str = "acme/api";
const TAG: &str = "latest";

/// Untags on a server with these faults: what came of it, and what the tag pointed at before and after.
async fn untag(faults: Vec<Fault>) -> (Result<(), Failure>, Digest, Option<Digest>) {
    let (home, server) = (Home::new(), filled(Settings { delete_tags: false, ..Settings::default() }).await);
    let workspace = home.open();
    let connected = connect(&workspace, &server).await;
    let before = now(&server).unwrap();
    for fault in faults {
        server.inject(fault);
    }
    let result = workspace.untag(&tag(&connected, REPOSITORY, TAG)).await;
    (result.map(drop), before, now(&server))
}

fn now(server: &Server) -> Option<Digest> {
    server.store().resolve(REPOSITORY, TAG)
}

fn puts() -> Match {
    Match::method("PUT", &format!("/v2/{REPOSITORY}/manifests/{TAG}"))
}

fn deletes() -> Match {
    Match::method("DELETE", &format!("/v2/{REPOSITORY}/manifests/sha256:*"))
}

/// A proxy may answer 404 to every delete.
#[tokio::test]
async fn a_tag_is_put_back_where_404_deletes_nothing() {
    let (result, before, after) = untag(vec![Fault::always(deletes(), What::status(404))]).await;
    assert_eq!(after, Some(before));
    assert_eq!(result.unwrap_err().kind, FailureKind::Unsupported);
}

#[tokio::test]
async fn a_tag_that_is_gone_all_the_same_is_a_success() {
    let first = Fault::once(deletes(), What::Pass);
    let (result, _, after) = untag(vec![first, Fault::once(deletes(), What::Afterwards(404))]).await;
    assert_eq!((result, after), (Ok(()), None));
}

#[tokio::test]
async fn a_tag_is_put_back_when_its_delete_fails() {
    let first = Fault::once(deletes(), What::Pass);
    let (result, before, after) = untag(vec![first, Fault::once(deletes(), What::status(500))]).await;
    assert_eq!(after, Some(before));
    assert_eq!(result.unwrap_err().kind, FailureKind::Server);
}

#[tokio::test]
async fn a_tag_is_put_back_when_the_answer_to_the_stand_in_was_lost() {
    let (result, before, after) = untag(vec![Fault::once(puts(), What::Afterwards(502))]).await;
    assert_eq!(after, Some(before));
    assert_eq!(result.unwrap_err().kind, FailureKind::Server);
}

#[tokio::test]
async fn a_tag_is_put_back_when_the_server_keeps_something_else() {
    let other = Digest::of(b"something else").to_string();
    let claim = What::Header("docker-content-digest".to_owned(), Some(other));
    let (result, before, after) = untag(vec![Fault::once(puts(), claim)]).await;
    assert_eq!(after, Some(before));
    assert_eq!(result.unwrap_err().kind, FailureKind::Integrity);
}

#[tokio::test]
async fn a_stand_in_that_was_refused_changes_nothing() {
    let (result, before, after) = untag(vec![Fault::once(puts(), What::status(403))]).await;
    assert_eq!(after, Some(before));
    assert_eq!(result.unwrap_err().kind, FailureKind::Forbidden);
}

#[tokio::test]
async fn a_tag_that_cannot_be_put_back_is_named_with_what_it_was() {
    let faults = vec![Fault::once(puts(), What::Afterwards(502)), Fault::once(puts(), What::status(403))];
    let (result, before, _) = untag(faults).await;
    let said = result.unwrap_err().to_string();
    assert!(said.contains(&before.to_string()) && said.contains(&format!("{REPOSITORY}:{TAG}")), "{said}");
    assert!(said.contains("may point at an empty image now"), "{said}");
}

/// Artifactory lists digests among the tags; deleting one of those would take the manifest and all its tags.
#[tokio::test]
async fn a_digest_is_not_untagged() {
    let (home, server) = (Home::new(), filled(Settings::default()).await);
    let workspace = home.open();
    let connected = connect(&workspace, &server).await;
    let before = now(&server).unwrap();
    let result = workspace.untag(&tag(&connected, REPOSITORY, &before.to_string())).await;
    assert_eq!(now(&server), Some(before));
    assert_eq!(result.unwrap_err().kind, FailureKind::Invalid);
}
