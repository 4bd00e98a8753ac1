//! Untying, deleting, and the scopes that these need.

use tagalong::domain::FailureKind;

use super::fake::Fake;
use super::{ROBOT, ROBOT_TOKEN, basic, names, repository, signed_in, tag, with_oauth};

#[tokio::test]
async fn tags_are_untied_by_the_api_and_by_the_protocol() {
    let fake = Fake::start().await;
    for tag in ["1", "1.0", "latest"] {
        fake.add("acme/api", tag, "one");
    }
    with_oauth(&fake).untag().unwrap().untag(&tag("acme/api", "latest")).await.unwrap();
    assert_eq!(fake.state().count("DELETE /api/v1/repository/acme/api/tag/latest"), 1);
    let robot = signed_in(&fake, basic(ROBOT, ROBOT_TOKEN));
    robot.untag().unwrap().untag(&tag("acme/api", "1.0")).await.unwrap();
    assert_eq!(names(&robot.children(&repository("acme/api"), None).await.unwrap()), ["1"]);
}

#[tokio::test]
async fn an_image_goes_with_all_its_tags_and_the_scope_delete_is_never_asked() {
    let fake = Fake::start().await;
    let digest = fake.add("acme/api", "1", "one");
    fake.add("acme/api", "latest", "one");
    fake.add("acme/api", "2", "two");
    let provider = with_oauth(&fake);
    provider.delete().unwrap().delete_manifest(&repository("acme/api"), &digest).await.unwrap();
    assert_eq!(names(&provider.children(&repository("acme/api"), None).await.unwrap()), ["2"]);
    let tokens: Vec<String> = fake.state().asked.iter().filter(|a| a.contains("/v2/auth")).cloned().collect();
    assert!(!tokens.is_empty() && tokens.iter().all(|t| !t.contains("delete")), "{tokens:?}");
}

#[tokio::test]
async fn a_token_without_the_scope_is_told_which() {
    let fake = Fake::start().await;
    fake.add("acme/api", "1", "one");
    fake.add("acme/secret", "1", "one");
    fake.state().scopes = vec!["repo:create"];
    let provider = with_oauth(&fake);
    let cases = [
        ("repo:write", provider.untag().unwrap().untag(&tag("acme/api", "1")).await.unwrap_err()),
        (
            "repo:admin",
            provider
                .delete_repository()
                .unwrap()
                .delete_repository(&repository("acme/api"))
                .await
                .unwrap_err(),
        ),
        ("repo:read", provider.children(&repository("acme/secret"), None).await.unwrap_err()),
    ];
    for (scope, failure) in cases {
        assert_eq!(failure.kind, FailureKind::Forbidden, "{failure}");
        assert!(failure.said.ends_with(&format!("the scope {scope}")), "{failure}");
    }
    assert_eq!(fake.state().repositories.len(), 2);
}

#[tokio::test]
async fn a_robot_cannot_delete_a_repository() {
    let fake = Fake::start().await;
    fake.add("acme/api", "1", "one");
    let robot = signed_in(&fake, basic(ROBOT, ROBOT_TOKEN));
    let facet = robot.delete_repository().unwrap();
    let failure = facet.delete_repository(&repository("acme/api")).await.unwrap_err();
    assert_eq!(failure.kind, FailureKind::Forbidden);
    assert!(failure.said.contains("repo:admin"), "{failure}");
    assert_eq!(fake.state().repositories.len(), 1);
}
