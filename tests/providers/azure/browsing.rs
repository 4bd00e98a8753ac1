//! The tree: tenants, subscriptions, registries, tags with what the lists tell, untagged manifests.

use serde_json::json;
use tagalong::domain::{Descriptor, FailureKind, NodeKind, media};

use super::*;
use crate::desk::always;

#[tokio::test]
async fn subscriptions_tell_their_tenant_and_whether_they_are_empty() {
    let fake = filled().await;
    let rows = all(&*signed_in(&fake), &root()).await;
    assert_eq!(names(&rows), [SUBSCRIPTION, fake::EMPTY], "two pages of one");
    let note = |at: usize| rows[at].facts.as_ref().unwrap().note.clone().unwrap();
    assert_eq!(rows[0].label.as_deref(), Some("The sub-1"));
    assert_eq!(note(0), HOME);
    assert_eq!(note(1), format!("{HOME} · no registries"));
    let registries = all(&*signed_in(&fake), &root().child(NodeKind::Namespace, SUBSCRIPTION)).await;
    assert_eq!(names(&registries), [fake.server()]);
    assert_eq!(
        registries[0].facts.as_ref().unwrap().note.as_deref(),
        Some("Standard · westeurope · Succeeded")
    );
}

#[tokio::test]
async fn a_tenant_or_subscription_that_fails_is_a_row() {
    let fake = filled().await;
    fake.state().tenants.push(("tenant-b", vec!["sub-3"]));
    fake.desk().lay(always(
        "sub-3/providers",
        403,
        r#"{"error":{"code":"AuthorizationFailed","message":"No."}}"#,
    ));
    let az = Around { az: Some(fake.clone()), ..Around::default() };
    let provider = around(asking(&fake.control, &[("sign_in", "az")]), az);
    let rows = all(&*provider, &root()).await;
    assert_eq!(names(&rows), [SUBSCRIPTION, fake::EMPTY, "sub-3"]);
    let failure = rows[2].failure.as_ref().unwrap();
    assert_eq!(failure.kind, FailureKind::Forbidden);
    assert!(failure.said.contains("No (AuthorizationFailed); this needs the role Reader"), "{failure}");
    // Lists of tenants name one that lets nobody in.
    fake.desk().lay(always(
        "GET /tenants",
        200,
        r#"{"value":[{"tenantId":"tenant-home"},{"tenantId":"closed","displayName":"Closed"}]}"#,
    ));
    let rows = all(&*provider, &root()).await;
    assert_eq!(names(&rows), [SUBSCRIPTION, fake::EMPTY, "closed"]);
    assert_eq!(rows[2].label.as_deref(), Some("Closed"));
    assert!(rows[2].failure.as_ref().unwrap().said.contains("AADSTS50020"));
}

#[tokio::test]
async fn without_a_subscription_the_next_step_is_said() {
    let fake = Fake::start().await;
    fake.state().tenants = vec![(HOME, Vec::new())];
    let failure = signed_in(&fake).children(&root(), None).await.unwrap_err();
    assert_eq!(failure.kind, FailureKind::NotFound);
    assert!(failure.said.contains("ask for the role Reader"), "{failure}");
    let account = signed_in(&fake).check().await.unwrap();
    assert!(account.lines[0].1.contains("the account has none"), "{account:?}");
}

#[tokio::test]
async fn a_page_of_tags_costs_two_requests() {
    let fake = filled().await;
    let provider = signed_in(&fake);
    let at = repository(&fake, "acme/api");
    let before = (fake.desk().count("_tags"), fake.desk().count("_manifests"));
    let rows = all(&*provider, &at).await;
    let tags: Vec<_> = rows.iter().filter(|r| r.kind == NodeKind::Tag).collect();
    assert_eq!(tags.len(), 5);
    assert!(tags.iter().all(|t| t.facts.as_ref().unwrap().digest.is_some()));
    let facts = tags.iter().find_map(|t| t.facts.as_ref().filter(|f| f.size.is_some())).unwrap();
    assert_eq!((facts.size, facts.time.is_some()), (Some(4096), true));
    assert_eq!(facts.platforms[0].to_string(), "linux/amd64");
    // Three pages of tags, two of manifests; each list is first asked without a token.
    assert!(fake.desk().count("_tags") - before.0 <= 4, "{:?}", fake.desk().asked());
    assert!(fake.desk().count("_manifests") - before.1 <= 3, "{:?}", fake.desk().asked());
    assert!(!fake.asked("/v2/"), "nothing is asked for one tag");
}

#[tokio::test]
async fn untagged_manifests_leave_out_what_others_hold() {
    let fake = filled().await;
    let store = fake.store();
    let lone = put_image(store, "worker", "passing", &[noise(6, 100)]).digest;
    let member = put_image(store, "worker", "passing", &[noise(7, 100)]).digest;
    store.remove_tag("worker", "passing");
    let member = Descriptor::new(media::OCI_MANIFEST, member, 100);
    let index = json!({ "schemaVersion": 2, "mediaType": media::OCI_INDEX, "manifests": [member] });
    let index = store.put_manifest("worker", media::OCI_INDEX, index.to_string());
    store.tag("worker", "multi", &index);
    let empty = Descriptor::new(media::OCI_EMPTY, store.put_blob("worker", b"{}".to_vec()), 2);
    let subject = Descriptor::new(media::OCI_MANIFEST, lone.clone(), 100);
    let signature = json!({
        "schemaVersion": 2, "mediaType": media::OCI_MANIFEST, "config": empty, "layers": [], "subject": subject,
    });
    let signature = store.put_manifest("worker", media::OCI_MANIFEST, signature.to_string());
    let provider = signed_in(&fake);
    let at = repository(&fake, "worker");
    let rows = all(&*provider, &at).await;
    assert_eq!(rows.iter().filter(|r| r.kind == NodeKind::Untagged).count(), 1);
    let untagged = all(&*provider, &at.child(NodeKind::Untagged, "untagged")).await;
    assert_eq!(names(&untagged), [lone.to_string()], "neither the member nor the signature {signature}");
    let impact =
        provider.blast().unwrap().impact(&at.child(NodeKind::Manifest, &lone.to_string())).await.unwrap();
    assert_eq!(impact.referrers[0].digest, signature);
    let of_member = at.child(NodeKind::Manifest, &member.digest.to_string());
    assert_eq!(provider.blast().unwrap().impact(&of_member).await.unwrap().in_indexes, ["multi"]);
}

#[tokio::test]
async fn a_branch_is_opened_again_without_the_levels_above() {
    let fake = filled().await;
    let rows = all(&*signed_in(&fake), &repository(&fake, "worker")).await;
    assert_eq!(names(&rows), ["1"], "the registry's tenant is looked up first");
    let other = filled().await;
    let strange = root().child(NodeKind::Namespace, SUBSCRIPTION).child(NodeKind::Registry, other.server());
    let failure = signed_in(&fake).children(&strange, None).await.unwrap_err();
    assert_eq!(failure.kind, FailureKind::NotFound, "a registry of nobody's is shown no token: {failure}");
    assert!(!other.asked("exchange"));
}

#[tokio::test]
async fn a_registry_with_rights_by_repository_opens_them_by_name() {
    let fake = filled().await;
    fake.state().is_abac = true;
    let provider = signed_in(&fake);
    let failure = provider.children(&registry_of(&fake), None).await.unwrap_err();
    assert_eq!(failure.kind, FailureKind::Forbidden);
    assert!(failure.said.contains("Catalog Lister"), "{failure}");
    assert!(failure.said.contains("opened by its name"), "{failure}");
    assert_eq!(names(&all(&*provider, &repository(&fake, "worker")).await), ["1"]);
}

#[tokio::test]
async fn details_come_from_azure() {
    let fake = filled().await;
    fake.state().locked.insert("worker:1".to_owned());
    let provider = signed_in(&fake);
    let describe = provider.describe().unwrap();
    let told = describe.describe(&registry_of(&fake)).await.unwrap();
    let line = |label: &str| told.lines.iter().find(|(l, _)| l == label).unwrap().1.clone();
    assert_eq!(
        (line("SKU"), line("admin user"), line("resource group")),
        ("Standard".into(), "off".into(), "rg".into())
    );
    assert_eq!(told.sections[0].lines, ["retention: disabled, 7 days"]);
    assert_eq!(told.sections[1].lines, ["Size: 1.0 GiB of 10.0 GiB", "Webhooks: 0 of 2"]);
    let at = repository(&fake, "worker");
    assert_eq!(describe.describe(&at).await.unwrap().lines[0], ("tags".to_owned(), "1".to_owned()));
    let tag = describe.describe(&at.child(NodeKind::Tag, "1")).await.unwrap();
    assert!(tag.lines.iter().any(|(l, v)| l == "locked" && v.contains("deleteEnabled is off")), "{tag:?}");
    assert_eq!(all(&*provider, &at).await[0].facts.as_ref().unwrap().note.as_deref(), Some("locked"));
    let page = provider.web(&at).unwrap();
    assert!(page.starts_with("https://portal.example/#@tenant-home/resource/subscriptions/sub-1/"), "{page}");
}
