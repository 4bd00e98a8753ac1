//! Every request of the provider is one that GitHub's own description of its API accepts.

use tagalong::domain::{Digest, FailureKind, NodeKind};

use super::fake::{TOKEN, USER};
use crate::prism;
use crate::support::{basic, connection, open, root};

#[tokio::test]
async fn the_contract_accepts_what_is_asked() {
    let Some(contract) = prism::serve("github/packages.json").await else { return };
    // No registry: only the API is asked here.
    let settings = [("api", &*contract.url())];
    let provider = open(connection("github", "http://127.0.0.1:9", &settings), basic(USER, TOKEN));
    let owners = provider.children(&root(), None).await.unwrap();
    assert!(owners.entries.len() > 1, "the account and an organisation: {owners:?}");
    for owner in owners.entries.iter().map(|e| e.name.as_str()).chain(["somebody"]) {
        let at = root().child(NodeKind::Namespace, owner);
        let packages = provider.children(&at, None).await.unwrap();
        assert!(!packages.entries.is_empty(), "the packages of {owner}");
        let repository = at.child(NodeKind::Repository, &format!("{owner}/tools/lint"));
        provider.children(&repository, None).await.unwrap();
        provider.children(&repository.child(NodeKind::Untagged, "untagged"), None).await.unwrap();
        provider.describe().unwrap().describe(&repository).await.unwrap();
        provider.delete_repository().unwrap().delete_repository(&repository).await.unwrap();
        // The examples are of another kind of package, and hold no digest.
        let absent = Digest::of(b"absent");
        provider.delete().unwrap().delete_manifest(&repository, &absent).await.unwrap_err();
    }
    contract.prefer("code=403");
    let organisation = root().child(NodeKind::Namespace, &owners.entries[1].name);
    let failure = provider.children(&organisation, None).await.unwrap_err();
    assert_eq!(failure.kind, FailureKind::Forbidden, "{failure}");
    contract.assert_accepted();
    let asked = contract.asked();
    for route in ["/user/packages/", "/orgs/", "/user/orgs"] {
        assert!(asked.iter().any(|a| a.path.contains(route)), "{route}: {asked:?}");
    }
}
