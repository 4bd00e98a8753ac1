//! The blast radius, untagging and deleting.

use tagalong::demo::{Auth, Fault, Match, Server, Settings, What};
use tagalong::domain::job::{Deletion, RemovalFailure, Undo};
use tagalong::domain::{Digest, FailureKind, Locator, NodeKind};

use crate::support::{Home, connect, filled, repository, tag};

const INDEXED: &str = "acme/api";

fn siblings(server: &Server) -> Vec<String> {
    let digest = server.store().resolve(INDEXED, "latest").unwrap();
    let mut tags = server.store().tags(INDEXED);
    tags.retain(|t| server.store().resolve(INDEXED, t).as_ref() == Some(&digest));
    tags
}

#[tokio::test]
async fn the_blast_radius_names_siblings_children_and_referrers() {
    let (home, server) = (Home::new(), filled(Settings::default()).await);
    let workspace = home.open();
    let connected = connect(&workspace, &server).await;
    let others = server.store().tags(INDEXED);
    let impact = workspace.impact(&tag(&connected, INDEXED, "latest"), &[], &others).await.unwrap();
    assert_eq!(impact.tags, siblings(&server));
    assert!(impact.children.len() >= 2 && !impact.referrers.is_empty(), "{impact:?}");
    assert_eq!(impact.unknown, Vec::<String>::new());
    // A member of the index: the index would be broken.
    let member = impact.children[0].digest.to_string();
    let at = repository(&connected, INDEXED).child(NodeKind::Manifest, &member);
    let impact = workspace.impact(&at, &[], &others).await.unwrap();
    assert_eq!(impact.in_indexes, siblings(&server));
}

#[tokio::test]
async fn what_was_known_of_a_tag_is_asked_again() {
    let (home, server) = (Home::new(), filled(Settings::default()).await);
    let workspace = home.open();
    let connected = connect(&workspace, &server).await;
    let at = tag(&connected, INDEXED, "latest");
    let digest = server.store().resolve(INDEXED, "latest").unwrap();
    server.store().tag(INDEXED, "moved-here", &digest);
    let elsewhere =
        server.store().manifests(INDEXED).into_iter().map(|m| m.digest).find(|d| *d != digest).unwrap();
    server.store().tag(INDEXED, "moved-away", &elsewhere);
    // As they were when the tags were listed.
    let known = [("moved-here".to_owned(), Digest::of(b"before")), ("moved-away".to_owned(), digest)];
    let impact = workspace.impact(&at, &known, &[]).await.unwrap();
    assert_eq!(impact.tags, ["latest", "moved-here"]);
    assert_eq!(impact.looked_at, (2, 2));
}

#[tokio::test]
async fn an_index_that_cannot_be_read_is_told_as_unknown() {
    let (home, server) = (Home::new(), filled(Settings::default()).await);
    let workspace = home.open();
    let connected = connect(&workspace, &server).await;
    let index = server.store().resolve(INDEXED, "latest").unwrap();
    let others = siblings(&server);
    let radius = workspace.impact(&tag(&connected, INDEXED, "latest"), &[], &others).await.unwrap();
    let member = radius.children[0].digest.to_string();
    let at = repository(&connected, INDEXED).child(NodeKind::Manifest, &member);
    let reading = Match::method("GET", &format!("/v2/{INDEXED}/manifests/{index}"));
    server.inject(Fault::always(reading, What::status(403)));
    let radius = workspace.impact(&at, &[], &others).await.unwrap();
    assert_eq!(radius.in_indexes, Vec::<String>::new());
    assert_eq!(radius.unknown, ["1 other manifest could not be read"]);
}

#[tokio::test]
async fn an_untag_leaves_the_siblings_whatever_the_server_can() {
    for delete_tags in [true, false] {
        let (home, server) = (Home::new(), filled(Settings { delete_tags, ..Settings::default() }).await);
        let workspace = home.open();
        let connected = connect(&workspace, &server).await;
        let before = siblings(&server);
        let digest = server.store().resolve(INDEXED, "latest").unwrap();
        let (gone, stays) = before.split_first().unwrap();
        workspace.untag(&tag(&connected, INDEXED, gone)).await.unwrap();
        assert_eq!(server.store().resolve(INDEXED, gone), None, "delete_tags: {delete_tags}");
        for sibling in stays {
            assert_eq!(server.store().resolve(INDEXED, sibling).as_ref(), Some(&digest));
        }
    }
}

#[tokio::test]
async fn where_deletes_are_off_nothing_changes_and_it_is_said() {
    let settings = Settings { delete: false, auth: Auth::None, ..Settings::default() };
    let (home, server) = (Home::new(), filled(settings).await);
    let workspace = home.open();
    let connected = connect(&workspace, &server).await;
    let before = siblings(&server);
    let at = tag(&connected, INDEXED, "latest");
    let digest = server.store().resolve(INDEXED, "latest").unwrap();
    for result in [
        workspace.untag(&at).await.map_err(RemovalFailure::from),
        workspace.delete(&deletion(&at, &digest)).await,
    ] {
        let RemovalFailure { failure, undo } = result.unwrap_err();
        assert_eq!((failure.kind, undo), (FailureKind::Unsupported, Undo::Impossible));
    }
    assert_eq!(siblings(&server), before);
}

#[tokio::test]
async fn a_delete_takes_every_tag_of_the_manifest() {
    let (home, server) = (Home::new(), filled(Settings::default()).await);
    let workspace = home.open();
    let connected = connect(&workspace, &server).await;
    let before = siblings(&server);
    let digest = server.store().resolve(INDEXED, "latest").unwrap();
    let at = tag(&connected, INDEXED, "latest");
    workspace.delete(&deletion(&at, &digest)).await.unwrap();
    assert!(before.iter().all(|t| server.store().resolve(INDEXED, t).is_none()));
    let again = workspace.delete(&deletion(&at, &digest)).await.unwrap_err();
    assert_eq!((again.failure.kind, again.undo), (FailureKind::NotFound, Undo::Impossible));
}

fn deletion(at: &Locator, digest: &Digest) -> Deletion {
    Deletion { at: at.clone(), digest: digest.clone(), tags: Vec::new() }
}

#[tokio::test]
async fn what_was_removed_is_put_back_byte_for_byte() {
    let (home, server) = (Home::new(), filled(Settings::default()).await);
    let workspace = home.open();
    let at = tag(&connect(&workspace, &server).await, INDEXED, "latest");
    let before = workspace.inspect(&at, None).await.unwrap().manifest;
    assert_eq!(workspace.untag(&at).await.unwrap(), Undo::Possible);
    assert_eq!(workspace.inspect(&at, None).await.unwrap_err().kind, FailureKind::NotFound);
    workspace.undo(&at).await.unwrap();
    assert_eq!(workspace.inspect(&at, None).await.unwrap().manifest.digest, before.digest);

    let tags = siblings(&server);
    assert!(tags.len() > 1, "{tags:?}");
    let both = Deletion { at: at.clone(), digest: before.digest.clone(), tags };
    assert_eq!(workspace.delete(&both).await.unwrap(), Undo::Possible);
    workspace.undo(&at).await.unwrap();
    assert_eq!(siblings(&server), both.tags);
    assert_eq!(workspace.inspect(&at, None).await.unwrap().manifest.bytes, before.bytes);
    assert_eq!(workspace.undo(&at).await.unwrap_err().kind, FailureKind::NotFound, "only once");
}

#[tokio::test]
async fn a_tag_that_has_a_new_owner_is_not_taken_back() {
    let (home, server) = (Home::new(), filled(Settings::default()).await);
    let workspace = home.open();
    let at = tag(&connect(&workspace, &server).await, INDEXED, "latest");
    workspace.untag(&at).await.unwrap();
    let newer = server.store().put_manifest(INDEXED, "application/vnd.oci.image.manifest.v1+json", "{}");
    assert!(server.store().tag(INDEXED, "latest", &newer));
    let failure = workspace.undo(&at).await.unwrap_err();
    assert_eq!(failure.kind, FailureKind::Conflict, "{failure}");
    assert_eq!(server.store().resolve(INDEXED, "latest"), Some(newer));
}

#[tokio::test]
async fn the_tags_that_are_free_come_back_beside_one_that_has_a_new_owner() {
    let (home, server) = (Home::new(), filled(Settings::default()).await);
    let workspace = home.open();
    let at = tag(&connect(&workspace, &server).await, INDEXED, "latest");
    let digest = server.store().resolve(INDEXED, "latest").unwrap();
    let all = Deletion { at: at.clone(), digest: digest.clone(), tags: siblings(&server) };
    workspace.delete(&all).await.unwrap();
    let newer = server.store().put_manifest(INDEXED, "application/vnd.oci.image.manifest.v1+json", "{}");
    assert!(server.store().tag(INDEXED, "latest", &newer));
    let failure = workspace.undo(&at).await.unwrap_err();
    assert!(failure.said.contains("latest points at"), "{failure}");
    assert_eq!(failure.hint(), "Its other tags are back.");
    for name in all.tags.iter().filter(|name| *name != "latest") {
        assert_eq!(server.store().resolve(INDEXED, name), Some(digest.clone()), "{name}");
    }
    assert_eq!(server.store().resolve(INDEXED, "latest"), Some(newer));
    assert_eq!(workspace.undo(&at).await.unwrap_err().kind, FailureKind::NotFound, "only once");
}

#[tokio::test]
async fn what_went_before_a_delete_failed_can_be_put_back() {
    let (home, server) = (Home::new(), filled(Settings::default()).await);
    let workspace = home.open();
    let at = tag(&connect(&workspace, &server).await, INDEXED, "latest");
    assert!(workspace.needs_tags_for_impact(&at).unwrap());
    let digest = server.store().resolve(INDEXED, "latest").unwrap();
    let deleting = Match::method("DELETE", &format!("/v2/{INDEXED}/manifests/{digest}"));
    server.inject(Fault::once(deleting, What::Afterwards(500)));
    let all = Deletion { at: at.clone(), digest: digest.clone(), tags: siblings(&server) };
    let failed = workspace.delete(&all).await.unwrap_err();
    assert_eq!((failed.failure.kind, failed.undo), (FailureKind::Server, Undo::Possible));
    assert_eq!(server.store().resolve(INDEXED, "latest"), None);
    workspace.undo(&at).await.unwrap();
    assert_eq!(siblings(&server), all.tags);
}
