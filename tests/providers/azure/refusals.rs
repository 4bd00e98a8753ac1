//! Firewalls, limits, proxies, and registries that refuse an account.

use tagalong::domain::FailureKind;

use super::*;
use crate::desk::{Laid, always};

const PRIVATE: &str = r#"{"errors":[{"code":"DENIED","message":"Public network access is disabled on this registry; its private endpoint has to be used."}]}"#;
const FIREWALL: &str = r#"{"errors":[{"code":"DENIED","message":"client with IP '203.0.113.7' is not allowed access. Refer https://aka.ms/acr/firewall to grant access."}]}"#;

#[tokio::test]
async fn a_registry_behind_a_firewall_says_so() {
    for on in ["/oauth2/exchange", "/oauth2/token?", "/acr/v1/"] {
        let fake = filled().await;
        fake.desk().lay(always(on, 403, FIREWALL));
        let failure = signed_in(&fake).children(&registry_of(&fake), None).await.unwrap_err();
        assert_eq!(failure.kind, FailureKind::Forbidden, "{on}: {failure}");
        assert!(
            failure.said.contains("203.0.113.7") && failure.said.contains("Networking"),
            "{on}: {failure}"
        );
        assert!(!failure.said.contains("needs the role"), "{on}: {failure}");
    }
}

#[tokio::test]
async fn a_registry_with_a_private_endpoint_alone_says_so_once() {
    let fake = filled().await;
    for on in ["/oauth2/exchange", "/oauth2/token?", "/acr/v1/", "/v2/"] {
        fake.desk().clear();
        fake.desk().lay(always(on, 403, PRIVATE));
        let provider = signed_in(&fake);
        let server = provider.distribution(&registry_of(&fake));
        let failure = match provider.children(&registry_of(&fake), None).await {
            Err(failure) => failure,
            Ok(_) => server.unwrap().manifest("worker", "1").await.unwrap_err(),
        };
        assert_eq!(failure.kind, FailureKind::Forbidden, "{on}: {failure}");
        assert!(failure.said.contains("Public network access is disabled"), "{on}: {failure}");
        assert_eq!(failure.said.matches("go by its private endpoint").count(), 1, "{on}: {failure}");
        assert!(!failure.said.contains("needs the role"), "{on}: {failure}");
    }
}

#[tokio::test]
async fn a_registry_of_another_tenant_says_so_and_opens_with_its_own() {
    let fake = filled().await;
    fake.state().tenants.push(("tenant-b", Vec::new()));
    fake.state().trusts = "tenant-b";
    let of = |tenant| {
        let settings = [("sign_in", "service principal"), ("tenant", tenant)];
        let mut connection = asking(&fake.control, &settings);
        connection.url = format!("http://{}", fake.server());
        open(connection, basic(CLIENT, SECRET))
    };
    let failure = of(HOME).check().await.unwrap_err();
    assert_eq!(failure.kind, FailureKind::Unauthorized, "{failure}");
    assert!(failure.said.contains("the registry's own tenant"), "{failure}");
    of("tenant-b").check().await.unwrap();
    assert_eq!(names(&all(&*of("tenant-b"), &root()).await).len(), 3);
}

#[tokio::test]
async fn a_registry_that_refuses_the_account_says_what_it_needs() {
    let fake = filled().await;
    let body = r#"{"errors":[{"code":"UNAUTHORIZED","message":"authentication required"}]}"#;
    fake.desk().lay(always("/oauth2/exchange", 401, body));
    let failure = signed_in(&fake).children(&registry_of(&fake), None).await.unwrap_err();
    assert_eq!(failure.kind, FailureKind::Unauthorized);
    assert!(failure.said.contains("it needs the role AcrPull there"), "{failure}");
}

#[tokio::test]
async fn a_pause_is_kept_to() {
    let fake = filled().await;
    let busy = |on| Laid { headers: &[("retry-after", "0")], times: 1, ..always(on, 429, "{}") };
    fake.desk().lay(busy("/subscriptions?"));
    fake.desk().lay(busy("/acr/v1/_catalog"));
    let provider = signed_in(&fake);
    assert_eq!(all(&*provider, &root()).await.len(), 2);
    assert_eq!(all(&*provider, &registry_of(&fake)).await.len(), 4);
    let headers = &[("retry-after", "3600")];
    fake.desk().lay(Laid { headers, ..always("/acr/v1/worker/_tags", 429, "{}") });
    let failure = provider.children(&repository(&fake, "worker"), None).await.unwrap_err();
    assert_eq!(failure.kind, FailureKind::RateLimited);
    assert!(!fake.asked("/v2/worker"), "a limit is not worked around");
}

#[tokio::test]
async fn a_page_of_a_proxy_is_no_answer() {
    let page = "<!doctype html><title>Sign in</title>";
    for on in ["/oauth2/v2.0/token", "/oauth2/exchange"] {
        let fake = filled().await;
        fake.desk().lay(always(on, 200, page));
        let failure = signed_in(&fake).children(&registry_of(&fake), None).await.unwrap_err();
        assert_eq!(failure.kind, FailureKind::Invalid, "{on}: {failure}");
        assert!(failure.said.contains("web page"), "{on}: {failure}");
    }
    let fake = filled().await;
    fake.desk().lay(always("/providers/", 200, page));
    let rows = all(&*signed_in(&fake), &root()).await;
    assert!(rows[0].failure.as_ref().unwrap().said.contains("web page"));
}

#[tokio::test]
async fn an_api_that_is_away_leaves_the_protocol() {
    let fake = filled().await;
    fake.desk().lay(always("/acr/v1/", 404, ""));
    let provider = signed_in(&fake);
    assert_eq!(
        names(&all(&*provider, &registry_of(&fake)).await),
        ["acme/api", "acme/spare", "worker", "~tasks"]
    );
    let page = provider.children(&repository(&fake, "worker"), None).await.unwrap();
    assert_eq!(names(&page.entries), ["1"]);
    assert!(page.warnings[0].contains("the registry itself was asked instead"), "{:?}", page.warnings);
}
