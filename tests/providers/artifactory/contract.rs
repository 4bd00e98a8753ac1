//! Requests against the description of the vendor's pages (JFrog publishes none of its own).

use tagalong::domain::{FailureKind, NodeKind};

use super::signed_in;
use crate::prism;
use crate::support::root;

#[tokio::test]
async fn the_pages_know_what_is_asked() {
    let Some(contract) = prism::serve("jfrog/artifactory-docker.handwritten.json").await else { return };
    let provider = signed_in(&contract.url(), &[]);
    provider.check().await.unwrap();
    let keys = provider.children(&root(), None).await.unwrap().entries;
    assert_eq!(keys.len(), 2, "the vendor's example: {keys:?}");
    let images = provider.children(&root().child(NodeKind::Registry, &keys[0].name), None).await.unwrap();
    assert_eq!(images.entries[0].name, "busybox");
    contract.assert_accepted();
    contract.prefer("code=400");
    let refused = provider.children(&root(), None).await.unwrap_err();
    assert_eq!(refused.kind, FailureKind::Invalid, "{refused}");
    let asked = contract.asked();
    assert!(asked.iter().any(|a| (a.method.as_str(), a.status) == ("GET", 200)), "{asked:?}");
    assert!(asked.iter().all(|a| !a.path.contains("//")), "{asked:?}");
}
