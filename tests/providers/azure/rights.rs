//! Rights by repository: what is refused names the role that is missing, and tokens are kept by what they are for.

use bytes::Bytes;
use tagalong::domain::{FailureKind, NodeKind, media};

use super::*;

fn assert_lacks(failure: &Failure, usual: &str, by_repository: &str) {
    assert_eq!(failure.kind, FailureKind::Forbidden, "{failure}");
    let said = format!("this needs the role {usual} ({by_repository} where");
    assert_eq!(failure.said.matches(&said).count(), 1, "{failure}");
}

#[tokio::test]
async fn one_repository_without_rights_says_so_and_the_others_list() {
    let fake = filled().await;
    fake.state().denied.insert("acme/spare");
    let provider = signed_in(&fake);
    assert_eq!(
        names(&all(&*provider, &registry_of(&fake)).await),
        ["acme/api", "acme/spare", "~tasks", "worker"]
    );
    let failure = provider.children(&repository(&fake, "acme/spare"), None).await.unwrap_err();
    assert_lacks(&failure, "AcrPull", "Container Registry Repository Reader");
    assert!(failure.doing.contains("acme/spare"), "{failure}");
    for (name, tags) in [("acme/api", 5), ("worker", 1)] {
        let rows = all(&*provider, &repository(&fake, name)).await;
        assert_eq!(rows.iter().filter(|r| r.kind == NodeKind::Tag).count(), tags, "{name}");
    }
    let by_wildcard = |line: &&String| line.contains("scope=") && line.contains("repository%3A*");
    assert_eq!(fake.desk().asked().iter().find(by_wildcard), None, "wildcards get nobody anything there");
}

#[tokio::test]
async fn tokens_are_kept_by_what_they_are_for() {
    let fake = filled().await;
    let provider = signed_in(&fake);
    let (worker, spare) = (repository(&fake, "worker"), repository(&fake, "acme/spare"));
    let asked = |what: &str| fake.desk().count(&format!("scope={what}"));
    for _ in 0..2 {
        all(&*provider, &registry_of(&fake)).await;
        all(&*provider, &worker).await;
        all(&*provider, &spare).await;
    }
    for scope in [
        "registry%3Acatalog%3A*",
        "repository%3Aworker%3Ametadata_read",
        "repository%3Aacme%2Fspare%3Ametadata_read",
    ] {
        assert_eq!(asked(scope), 1, "{scope}: {:?}", fake.desk().asked());
    }
    assert_eq!(fake.desk().count("exchange"), 1, "one sign-in is behind all of them");
}

#[tokio::test]
async fn a_push_without_rights_names_the_role() {
    let fake = filled().await;
    fake.state().may_push = false;
    let server = signed_in(&fake).distribution(&repository(&fake, "worker")).unwrap();
    let manifest = server.manifest("worker", "1").await.unwrap();
    let failure =
        server.put_manifest("worker", "2", media::OCI_MANIFEST, manifest.bytes.clone()).await.unwrap_err();
    assert_lacks(&failure, "AcrPush", "Container Registry Repository Writer");
    let failure = server.put_blob("worker", Bytes::from_static(b"new")).await.unwrap_err();
    assert_lacks(&failure, "AcrPush", "Container Registry Repository Writer");
    assert!(fake.store().resolve("worker", "2").is_none());
}

#[tokio::test]
async fn a_pull_without_rights_names_the_role() {
    let fake = filled().await;
    fake.state().denied.insert("worker");
    let server = signed_in(&fake).distribution(&repository(&fake, "worker")).unwrap();
    let failure = server.manifest("worker", "1").await.unwrap_err();
    assert_lacks(&failure, "AcrPull", "Container Registry Repository Reader");
}

#[tokio::test]
async fn a_wrong_password_is_no_missing_right() {
    let fake = filled().await;
    let connection = connection("azure", &format!("http://{}", fake.server()), &[]);
    let failure = open(connection, basic("admin", "another")).check().await.unwrap_err();
    assert_eq!(failure.kind, FailureKind::Unauthorized, "{failure}");
    assert!(!failure.said.contains("role"), "{failure}");
}
