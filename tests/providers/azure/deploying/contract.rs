//! Every request of a deployment, held against Microsoft's own descriptions while the fake answers it.
//!
//! Left out: the giving of roles, which is not described; the addresses of operations, which are the answer's own.

use axum::Router;
use axum::body::{Body, to_bytes};
use axum::extract::{Request, State};
use axum::http::header::{AUTHORIZATION, CONTENT_TYPE};
use axum::response::{IntoResponse as _, Response};

use super::*;
use crate::prism::forward::{Target, listen};
use crate::prism::{self, Contract};

const ARM: &str = "azure/arm-all.json";

struct Mirror {
    fake: Target,
    contract: Target,
}

/// An address where the fake answers and the contract looks on.
async fn mirrored(fake: &Fake, contract: &Contract) -> String {
    let mirror = Mirror { fake: Target::new(&fake.control), contract: Target::new(&contract.url()) };
    let url = listen(Router::new().fallback(both).with_state(Arc::new(mirror))).await;
    fake.state().managed.elsewhere = Some(url.clone());
    url
}

async fn both(State(mirror): State<Arc<Mirror>>, request: Request) -> Response {
    let path = request.uri().path();
    let is_described =
        !["/oauth2/", "/roleAssignments/", "/operations/"].iter().any(|part| path.contains(part));
    let (head, body) = request.into_parts();
    let body = to_bytes(body, usize::MAX).await.unwrap();
    if is_described {
        let mut copy = Request::builder().method(&head.method).uri(&head.uri);
        for name in [AUTHORIZATION, CONTENT_TYPE] {
            copy = head.headers.get(&name).into_iter().fold(copy, |copy, value| copy.header(&name, value));
        }
        mirror.contract.pass_on(copy.body(Body::from(body.clone())).unwrap()).await.unwrap();
    }
    let answer = mirror.fake.pass_on(Request::from_parts(head, Body::from(body))).await.unwrap();
    (answer.status, answer.headers, Body::from(answer.body)).into_response()
}

#[tokio::test]
async fn the_contract_accepts_a_deployment() {
    let Some(contract) = prism::serve(ARM).await else { return };
    let fake = with_homes().await;
    fake.state().managed.registries.get_mut("acme").unwrap()["properties"]["adminUserEnabled"] = true.into();
    let url = mirrored(&fake, &contract).await;
    let settings = [("sign_in", "service principal"), ("tenant", HOME)];
    let provider = open(asking(&url, &settings), basic(CLIENT, SECRET));
    let extras = provider.extras().unwrap();
    let new = [
        ("group", "fresh-group"),
        ("plan", "fresh-plan"),
        ("sku", "B1"),
        ("environment", "fresh-env"),
        ("profile", "E4"),
        ("location", "eastus"),
        ("variables", "A=1"),
    ];
    for offer in [TO_APP_SERVICE, TO_CONTAINER_APPS] {
        let fields = ["subscription", "group", "plan", "environment", "location", "name", "fetch"];
        let forms = [
            form(offer, &[("name", "public")]),
            own_form(&fake, offer, &[("name", "by-admin"), ("fetch", "admin")]),
            own_form(&fake, offer, &[("name", "by-identity"), ("fetch", "identity")]),
            form(offer, &[&new[..], &[("name", "by-credential"), ("fetch", "credential")]].concat()),
        ];
        for form in forms {
            for field in fields {
                extras.choices(&form, field).await.unwrap();
                extras.check(&form, field).await.unwrap();
            }
            extras.summary(&form).await.unwrap();
            deploy(&Watch::default(), &*provider, &form, basic("ann", TOKEN)).await.unwrap();
        }
        // The second offer makes its group anew.
        fake.state().managed.groups.retain(|(name, _)| name == "rg");
    }
    contract.assert_accepted();
    let asked = contract.asked();
    for (method, what) in [
        ("PUT", "/Microsoft.Web/serverfarms/fresh-plan?"),
        ("PUT", "/Microsoft.Web/sites/by-identity?"),
        ("PUT", "/Microsoft.App/managedEnvironments/fresh-env?"),
        ("PUT", "/Microsoft.App/containerApps/by-credential?"),
        ("POST", "/Microsoft.Web/checknameavailability?"),
        ("POST", "/listCredentials?"),
        ("GET", "/Microsoft.Web/geoRegions?"),
        ("GET", "/Microsoft.App/managedEnvironments?"),
    ] {
        assert!(asked.iter().any(|a| a.method == method && a.path.contains(what)), "{method} {what}");
    }
}
