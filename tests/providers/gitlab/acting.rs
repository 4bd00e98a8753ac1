//! Untying and deleting: by the API, and what is said of what is protected.

use tagalong::domain::{FailureKind, Locator, NodeKind};

use super::fake::GitLab;
use crate::desk::always;
use crate::images::{noise, put_image};
use crate::support::root;

fn repository(name: &str) -> Locator {
    root().child(NodeKind::Repository, name)
}

#[tokio::test]
async fn a_tag_is_untied_by_the_api() {
    let gitlab = GitLab::start().await;
    for tag in ["1.0", "1"] {
        put_image(gitlab.store(), "acme/tools/lint/a", tag, &[noise(1, 100)]);
    }
    let at = repository("acme/tools/lint/a").child(NodeKind::Tag, "1");
    gitlab.open().untag().unwrap().untag(&at).await.unwrap();
    assert_eq!(gitlab.store().tags("acme/tools/lint/a"), ["1.0"]);
    assert_eq!(gitlab.desk().count("DELETE /api/v4/projects/2/registry/repositories/1/tags/1"), 1);
    assert!(gitlab.registry().requests().iter().all(|r| r.method != "DELETE"));
}

#[tokio::test]
async fn a_protected_tag_is_explained() {
    let gitlab = GitLab::start().await;
    put_image(gitlab.store(), "acme/web", "1", &[noise(1, 100)]);
    gitlab.desk().lay(always("DELETE", 403, r#"{"message":"403 Forbidden"}"#));
    let at = repository("acme/web").child(NodeKind::Tag, "1");
    let failure = gitlab.open().untag().unwrap().untag(&at).await.unwrap_err();
    assert_eq!(failure.kind, FailureKind::Forbidden);
    assert!(failure.said.contains("protected tag, the project's settings say who"), "{failure}");
    assert_eq!(gitlab.store().tags("acme/web"), ["1"], "the protocol was not tried instead");
}

#[tokio::test]
async fn a_protected_repository_names_its_rule() {
    let gitlab = GitLab::start().await;
    for name in ["acme/web/production", "acme/web/test"] {
        put_image(gitlab.store(), name, "1", &[noise(1, 100)]);
    }
    gitlab.desk().lay(always("DELETE", 403, r#"{"message":"403 Forbidden"}"#));
    let provider = gitlab.open();
    let delete = provider.delete_repository().unwrap();
    let failure = delete.delete_repository(&repository("acme/web/production")).await.unwrap_err();
    assert!(failure.said.contains("rule “acme/web/prod*” of the project lets owner delete it"), "{failure}");
    let failure = delete.delete_repository(&repository("acme/web/test")).await.unwrap_err();
    assert!(!failure.said.contains("rule"), "{failure}");
}

#[tokio::test]
async fn a_token_that_may_only_read_says_which_scope_it_lacks() {
    let gitlab = GitLab::start().await;
    put_image(gitlab.store(), "acme/web", "1", &[noise(1, 100)]);
    *gitlab.state.scopes.lock().unwrap() = vec!["read_api"];
    let provider = gitlab.open();
    let failure = provider.delete_repository().unwrap().delete_repository(&repository("acme/web")).await;
    let failure = failure.unwrap_err();
    assert_eq!(failure.kind, FailureKind::Forbidden);
    assert!(failure.said.contains("lacks the scope api"), "{failure}");
}

#[tokio::test]
async fn any_success_is_taken() {
    let gitlab = GitLab::start().await;
    for status in [200, 202, 204] {
        put_image(gitlab.store(), "acme/web", "1", &[noise(1, 100)]);
        gitlab.desk().clear();
        gitlab.desk().lay(always("DELETE", status, ""));
        let provider = gitlab.open();
        provider.untag().unwrap().untag(&repository("acme/web").child(NodeKind::Tag, "1")).await.unwrap();
        provider.delete_repository().unwrap().delete_repository(&repository("acme/web")).await.unwrap();
    }
}

#[tokio::test]
async fn what_the_api_refuses_is_not_done_by_the_protocol() {
    let gitlab = GitLab::start().await;
    put_image(gitlab.store(), "acme/web", "1", &[noise(1, 100)]);
    let at = repository("acme/web").child(NodeKind::Tag, "1");
    gitlab.desk().lay(always("GET /api/v4", 403, r#"{"message":"no"}"#));
    let failure = gitlab.open().untag().unwrap().untag(&at).await.unwrap_err();
    assert_eq!(failure.kind, FailureKind::Forbidden, "{failure}");
    assert_eq!(gitlab.store().tags("acme/web"), ["1"]);
    gitlab.desk().clear();
    gitlab.desk().lay(always("/api/v4", 404, "gone"));
    gitlab.open().untag().unwrap().untag(&at).await.unwrap();
    assert!(gitlab.store().tags("acme/web").is_empty(), "where there is no API, the protocol unties");
}
