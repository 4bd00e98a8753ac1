//! Every request of a deployment, held against Microsoft's own descriptions while the fake answers it.
//!
//! Left out: the giving of roles, which is not described; the addresses of operations, which are the answer's own.

use axum::Router;
use axum::body::{Body, to_bytes};
use axum::extract::{Request, State};
use axum::http::header::{AUTHORIZATION, CONTENT_TYPE};
use axum::response::{IntoResponse as _, Response};
use tokio::net::TcpListener;

use super::*;
use crate::azure::fake::EMPTY;
use crate::prism::forward::Target;
use crate::prism::{self, Contract};

const ARM: &str = "azure/arm-all.json";

struct Mirror {
    fake: Target,
    contract: Target,
    /// The fake's address, and the one that stands in its place.
    own: (String, String),
}

/// An address where the fake answers and the contract looks on.
async fn mirrored(fake: &Fake, contract: &Contract) -> String {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    let own = (fake.control.clone(), url.clone());
    let mirror = Mirror { fake: Target::new(&fake.control), contract: Target::new(&contract.url()), own };
    let router = Router::new().fallback(both).with_state(Arc::new(mirror));
    tokio::spawn(axum::serve(listener, router).into_future());
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
        let mut copy = Request::builder().method(&head.method).uri(in_full(&head.uri.to_string()));
        for name in [AUTHORIZATION, CONTENT_TYPE] {
            copy = head.headers.get(&name).into_iter().fold(copy, |copy, value| copy.header(&name, value));
        }
        mirror
            .contract
            .pass_on(copy.body(Body::from(in_full(str::from_utf8(&body).unwrap()))).unwrap())
            .await
            .unwrap();
    }
    let answer = mirror.fake.pass_on(Request::from_parts(head, Body::from(body))).await.unwrap();
    // Its next pages are at the mirror too.
    let told = String::from_utf8(answer.body.to_vec()).unwrap().replace(&mirror.own.0, &mirror.own.1);
    (answer.status, answer.headers, told).into_response()
}

/// With names as long as real ones, in the place of the fake's.
fn in_full(text: &str) -> String {
    let number = |last: u32| format!("00000000-0000-0000-0000-00000000000{last}");
    text.replace(SUBSCRIPTION, &number(1))
        .replace(EMPTY, &number(2))
        .replace("/registries/acme", "/registries/acme1")
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
