//! Every request of the provider is one that GitLab's own description of its API accepts.

use tagalong::demo::{Server, Settings};
use tagalong::domain::{FailureKind, NodeKind};

use super::fake::{TOKEN, USER};
use crate::prism;
use crate::support::{basic, connection, open, root};

#[tokio::test]
async fn the_contract_accepts_what_is_asked() {
    let Some(contract) = prism::serve("gitlab/registry.json").await else { return };
    let registry = Server::start(Settings::default()).await.unwrap();
    let provider =
        open(connection("gitlab", &registry.url(), &[("api", &contract.url())]), basic(USER, TOKEN));
    // The examples lead to a registry that does not exist.
    provider.check().await.unwrap_err();
    let groups = provider.children(&root(), None).await.unwrap();
    let projects = provider.children(&root(), groups.next.as_ref()).await.unwrap();
    let paths = groups.entries.iter().chain(&projects.entries).map(|e| e.name.as_str());
    for path in paths.chain(["some/project"]) {
        let at = root().child(NodeKind::Namespace, path);
        let listed = provider.children(&at, None).await.unwrap();
        assert_eq!(listed.entries[0].name, "group/project/releases");
    }
    // A repository of the examples, which the registry does not know.
    let repository = root().child(NodeKind::Repository, "group/project/releases");
    let tag = repository.child(NodeKind::Tag, "latest");
    assert_eq!(provider.children(&repository, None).await.unwrap().entries[0].name, "latest");
    for at in [&repository, &tag] {
        let described = provider.describe().unwrap().describe(at).await.unwrap();
        assert!(!described.lines.is_empty(), "{at:?}");
    }
    provider.untag().unwrap().untag(&tag).await.unwrap();
    provider.delete_repository().unwrap().delete_repository(&repository).await.unwrap();
    contract.prefer("code=401");
    let namespace = root().child(NodeKind::Namespace, "group");
    assert_eq!(provider.children(&namespace, None).await.unwrap_err().kind, FailureKind::Unauthorized);
    let failure = provider.children(&repository, None).await.unwrap_err();
    assert_eq!(failure.kind, FailureKind::NotFound, "what the registry said: {failure}");
    contract.prefer("");
    contract.assert_accepted();
}
