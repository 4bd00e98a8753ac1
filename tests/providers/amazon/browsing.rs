//! What is listed and told: pages, dates, untagged images, findings, and what goes wrong on the way.

use serde_json::json;
use tagalong::domain::{FailureKind, Locator, NodeKind};

use super::fake::{Fake, KEY, SECRET};
use super::{asking, basic, fill, noise, open, provider, put_image, refused, registry, root};

async fn names(provider: &dyn tagalong::registry::Provider, at: &Locator) -> Vec<String> {
    let (mut all, mut cursor) = (Vec::new(), None);
    loop {
        let page = provider.children(at, cursor.as_ref()).await.unwrap();
        all.extend(page.entries.into_iter().map(|e| e.name));
        cursor = page.next;
        if cursor.is_none() {
            return all;
        }
    }
}

#[tokio::test]
async fn tags_come_with_their_facts_in_one_request() {
    let fake = Fake::start(1000).await;
    fill(&fake).await;
    let repository = registry(&fake).child(NodeKind::Repository, "acme/api");
    let provider = provider(&fake);
    let page = provider.children(&repository, None).await.unwrap();
    let latest = page.entries.iter().find(|e| e.name == "latest").unwrap();
    let facts = latest.facts.as_deref().unwrap();
    let digest = fake.state.server.store().resolve("acme/api", "latest");
    assert_eq!(
        (facts.digest.clone(), facts.time, facts.size),
        (digest, Some(super::fake::api::PUSHED), Some(1234))
    );
    assert_eq!(facts.artifact, None, "an image that runs is no artifact");
    assert_eq!(page.entries.len(), 5, "a row for each tag of an image");
    assert_eq!(fake.count("DescribeImages"), 2, "the tagged images, and whether there are untagged ones");
}

#[tokio::test]
async fn untagged_images_have_a_node_of_their_own() {
    let fake = Fake::start(1000).await;
    fill(&fake).await;
    let provider = provider(&fake);
    let repository = registry(&fake).child(NodeKind::Repository, "worker");
    let page = provider.children(&repository, None).await.unwrap();
    let node = page.entries.iter().find(|e| e.kind == NodeKind::Untagged).unwrap();
    assert_eq!(node.facts.as_ref().unwrap().count, Some(2));
    let untagged = names(&*provider, &repository.child(NodeKind::Untagged, &node.name)).await;
    assert_eq!(untagged.len(), 2);
    assert!(untagged.iter().all(|name| name.starts_with("sha256:")));
}

#[tokio::test]
async fn ten_thousand_repositories_come_page_by_page() {
    let fake = Fake::start(1000).await;
    for n in 0..10_000 {
        fake.state.server.store().create(&format!("many/{n:05}"));
    }
    let provider = provider(&fake);
    let first = provider.children(&registry(&fake), None).await.unwrap();
    assert_eq!((first.entries.len(), fake.count("DescribeRepositories")), (1000, 1), "one page, one request");
    assert_eq!(names(&*provider, &registry(&fake)).await.len(), 10_000);
    assert_eq!(fake.count("DescribeRepositories"), 11);
}

#[tokio::test]
async fn an_empty_registry_and_an_empty_repository_are_empty() {
    let fake = Fake::start(1000).await;
    fake.state.create_repository("empty");
    let provider = provider(&fake);
    assert_eq!(names(&*provider, &registry(&fake)).await, ["empty"]);
    let empty = registry(&fake).child(NodeKind::Repository, "empty");
    assert_eq!(names(&*provider, &empty).await, Vec::<String>::new());
    fake.state.remove_repository("empty");
    assert_eq!(names(&*provider, &registry(&fake)).await, Vec::<String>::new());
}

#[tokio::test]
async fn a_repository_says_how_it_is_set() {
    let fake = Fake::start(1000).await;
    fake.state.create_repository("immutable/api");
    let provider = provider(&fake);
    let listed = provider.children(&registry(&fake), None).await.unwrap();
    let facts = listed.entries[0].facts.as_deref().unwrap();
    assert_eq!(facts.note.as_deref(), Some("immutable, scanned"));
    let at = registry(&fake).child(NodeKind::Repository, "immutable/api");
    let told = provider.describe().unwrap().describe(&at).await.unwrap();
    assert!(told.lines.contains(&("mutability".to_owned(), "tags are immutable".to_owned())), "{told:?}");
    let page = provider.web(&at);
    assert_eq!(page, None, "the account of a registry at another address is not known");
}

#[tokio::test]
async fn findings_are_told_by_severity() {
    let fake = Fake::start(1000).await;
    fill(&fake).await;
    let provider = provider(&fake);
    let at = registry(&fake).child(NodeKind::Repository, "acme/api").child(NodeKind::Tag, "1.0");
    let told = provider.describe().unwrap().describe(&at).await.unwrap();
    assert!(told.lines.contains(&("scan".to_owned(), "this image was never scanned".to_owned())), "{told:?}");
    assert!(told.lines.contains(&("tags".to_owned(), "1, 1.0, latest".to_owned())), "{told:?}");
    *fake.state.findings.lock().unwrap() = Some(json!({
        "imageScanStatus": { "status": "COMPLETE", "description": "The scan was completed successfully." },
        "imageScanFindings": {
            "imageScanCompletedAt": 1_700_000_000.5,
            "findingSeverityCounts": { "HIGH": 1, "CRITICAL": 1 },
            "findings": [
                { "name": "CVE-2024-2", "severity": "HIGH", "attributes": [{ "key": "package_name", "value": "zlib" }] },
                { "name": "CVE-2024-1", "severity": "CRITICAL" },
            ],
        },
    }));
    let told = provider.describe().unwrap().describe(&at).await.unwrap();
    let titles: Vec<&str> = told.sections.iter().map(|s| s.title.as_str()).collect();
    assert_eq!(titles, ["Critical (1)", "High (1)"]);
    assert_eq!(told.sections[1].lines, ["CVE-2024-2 zlib"]);
    fake.refuse("DescribeImageScanFindings", 1, "AccessDeniedException", "no");
    let told = provider.describe().unwrap().describe(&at).await.unwrap();
    assert!(told.lines.iter().any(|(label, _)| label == "pushed"), "the rest is told all the same: {told:?}");
}

#[tokio::test]
async fn a_region_that_fails_is_a_row() {
    let fake = Fake::start(1000).await;
    let denied = "User: arn:aws:iam::123456789012:user/ada is not authorized to perform: \
                  ecr:GetAuthorizationToken on resource: *";
    fake.refuse_in(Some("us-east-1"), "GetAuthorizationToken", usize::MAX, "AccessDeniedException", denied);
    let provider = open(asking(&fake, &[("regions", "eu-west-1, us-east-1")]), basic(KEY, SECRET));
    let rows = provider.children(&root(), None).await.unwrap().entries;
    assert_eq!(rows[0].label.as_deref(), Some("eu-west-1"));
    assert_eq!(rows[0].failure, None);
    let failure = rows[1].failure.as_deref().unwrap();
    assert_eq!((rows[1].name.as_str(), failure.kind), ("us-east-1", FailureKind::Forbidden));
    assert!(failure.said.contains("the permission ecr:GetAuthorizationToken is missing"), "{failure}");
    let account = provider.check().await.unwrap();
    assert_eq!(account.lines.len(), 2, "each region has its line: {account:?}");
}

#[tokio::test]
async fn a_page_of_a_proxy_is_told_as_such() {
    let fake = Fake::start(1000).await;
    fake.stand_behind_a_proxy();
    let failure = refused(&*provider(&fake)).await;
    assert_eq!(failure.kind, FailureKind::Invalid);
    assert!(failure.said.contains("web page"), "{failure}");
}

#[tokio::test]
async fn an_address_without_the_api_is_told_with_where_it_is_set() {
    let fake = Fake::start(1000).await;
    fake.answer_instead(404, "404 page not found");
    let failure = refused(&*provider(&fake)).await;
    assert_eq!(failure.kind, FailureKind::Unsupported);
    assert!(failure.said.contains("no API of Amazon ECR at this address"), "{failure}");
    assert!(failure.said.contains("“API endpoint”"), "{failure}");
}

#[tokio::test]
async fn too_many_requests_are_waited_out() {
    let fake = Fake::start(1000).await;
    fake.state.create_repository("api");
    fake.refuse("DescribeRepositories", 1, "ThrottlingException", "Rate exceeded");
    let provider = provider(&fake);
    assert_eq!(names(&*provider, &registry(&fake)).await, ["api"]);
    assert_eq!(fake.count("DescribeRepositories"), 2);
}

#[tokio::test]
async fn what_hangs_on_an_image_is_told_from_one_listing() {
    let fake = Fake::start(2).await;
    fill(&fake).await;
    let store = fake.state.server.store();
    let member = put_image(store, "acme/api", "amd64", &[noise(9, 100)]);
    let kind = tagalong::domain::media::OCI_INDEX;
    let held = store.manifest("acme/api", &member.digest).unwrap();
    let index = json!({ "schemaVersion": 2, "mediaType": kind, "manifests": [
        { "mediaType": held.media_type, "digest": member.digest, "size": held.bytes.len() },
    ]});
    let index = store.put_manifest("acme/api", kind, index.to_string());
    store.tag("acme/api", "multi", &index);
    let provider = provider(&fake);
    let repository = registry(&fake).child(NodeKind::Repository, "acme/api");
    // The protocol's address is learned from the API, when it is not known yet.
    let impact = provider.blast().unwrap().impact(&repository.child(NodeKind::Tag, "amd64")).await.unwrap();
    assert_eq!(
        (impact.tags.as_slice(), impact.in_indexes.as_slice()),
        (&["amd64".to_owned()][..], &["multi".to_owned()][..])
    );
    assert_eq!(impact.unknown, Vec::<String>::new());
    let impact = provider.blast().unwrap().impact(&repository.child(NodeKind::Tag, "multi")).await.unwrap();
    assert_eq!(impact.children.len(), 1);
    assert_eq!(impact.children[0].digest, member.digest);
    let failure = provider.delete().unwrap().delete_manifest(&repository, &member.digest).await.unwrap_err();
    assert_eq!(failure.kind, FailureKind::Conflict);
    assert!(failure.said.contains("delete the index first"), "{failure}");
}
