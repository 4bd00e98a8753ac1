//! The check of the fake's calls against the service description: that it notices.

use serde_json::Value;

use super::fake::contract::violation;

#[test]
fn a_call_against_the_description_is_noticed() {
    if std::env::var_os("TAGALONG_CONTRACTS").is_none() {
        return;
    }
    let says = |operation: &str, body: Value| violation(false, operation, &body).unwrap_or_default();
    assert_eq!(says("DescribeImages", serde_json::json!({ "repositoryName": "ab" })), "");
    assert!(says("DescribeImages", serde_json::json!({})).contains("repositoryName is missing"));
    assert!(
        says("DescribeImages", serde_json::json!({ "repositoryName": "ab", "x": 1 }))
            .contains("x is not known")
    );
    assert!(
        says("DescribeRepositories", serde_json::json!({ "maxResults": 1001 })).contains("beyond the limits")
    );
    assert!(says("Invented", serde_json::json!({})).contains("no operation"));
    let filter = serde_json::json!({ "repositoryName": "ab", "filter": { "tagStatus": "SOME" } });
    assert!(says("DescribeImages", filter).contains("not one of those"));
}
