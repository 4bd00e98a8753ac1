//! Operations from their answers alone: no network, no clock.

use std::collections::VecDeque;
use std::sync::Mutex;

use serde_json::json;

use super::*;
use crate::http::StatusCode;
use crate::http::header::HeaderMap;

const RESOURCE: &str = "https://arm.example/registries/acme?api-version=1";
const STATUS: &str = "https://arm.example/status/1?api-version=1&t=9";
const RESULT: &str = "https://arm.example/results/1?api-version=1";

/// Answers one after another, and a note of what was asked and how long was rested.
#[derive(Default)]
struct Script {
    answers: Mutex<VecDeque<Result<Reply, Failure>>>,
    asked: Mutex<Vec<String>>,
    rested: Mutex<Vec<u128>>,
    told: Mutex<Vec<String>>,
}

#[async_trait]
impl World for Script {
    async fn ask(&self, url: &Url) -> Result<Reply, Failure> {
        self.asked.lock().unwrap().push(url.to_string());
        self.answers.lock().unwrap().pop_front().unwrap_or_else(|| Err(lost()))
    }

    async fn rest(&self, pause: Duration) {
        self.rested.lock().unwrap().push(pause.as_millis());
    }

    fn is_own(&self, url: &Url) -> bool {
        url.host_str() == Some("arm.example")
    }

    fn role(&self) -> &str {
        "Contributor"
    }
}

impl Stages for Script {
    fn enter(&self, stage: &str) {
        self.told.lock().unwrap().push(stage.to_owned());
    }

    fn line(&self, text: &str) {
        self.told.lock().unwrap().push(format!("| {text}"));
    }
}

fn lost() -> Failure {
    Failure::new(FailureKind::Offline, "asking", "the host cannot be reached")
}

fn reply(status: u16, headers: &[(&'static str, &'static str)], body: &Value) -> Reply {
    let mut map = HeaderMap::new();
    for (name, value) in headers {
        map.insert(*name, HeaderValue::from_static(value));
    }
    Reply {
        status: StatusCode::from_u16(status).unwrap(),
        headers: map,
        url: Url::parse(RESOURCE).unwrap(),
        body: Bytes::from(if body.is_null() { String::new() } else { body.to_string() }),
        signed_in: true,
    }
}

fn state(state: &str) -> Value {
    json!({ "name": "acme", "properties": { "provisioningState": state } })
}

struct Run {
    end: Result<Value, Failure>,
    script: Script,
}

impl Run {
    fn asked(&self) -> Vec<String> {
        self.script.asked.lock().unwrap().clone()
    }

    fn rested(&self) -> Vec<u128> {
        self.script.rested.lock().unwrap().clone()
    }

    fn told(&self) -> String {
        self.script.told.lock().unwrap().join("\n")
    }
}

async fn run(method: Method, first: Reply, then: Vec<Result<Reply, Failure>>) -> Run {
    let script = Script { answers: Mutex::new(then.into()), ..Script::default() };
    let operation = Operation::begun(method, Url::parse(RESOURCE).unwrap(), &first);
    let waiting = Waiting { world: &script, stages: &script, doing: "creating it" };
    let end = waiting.settle(operation, &first).await;
    Run { end, script }
}

#[tokio::test]
async fn what_is_done_at_once_is_not_asked_about() {
    for (method, status, body, end) in [
        (Method::PUT, 201, state("Succeeded"), state("Succeeded")),
        (Method::PUT, 200, json!({ "name": "rg" }), json!({ "name": "rg" })),
        (Method::POST, 200, json!({ "id": 1 }), json!({ "id": 1 })),
        (Method::DELETE, 200, json!({ "id": 1 }), Value::Null),
        (Method::DELETE, 204, Value::Null, Value::Null),
    ] {
        let run = run(method.clone(), reply(status, &[], &body), Vec::new()).await;
        assert_eq!(run.end, Ok(end), "{method} {status}");
        assert!(run.asked().is_empty());
    }
}

#[tokio::test]
async fn its_status_is_asked_and_then_the_resource() {
    let headers = [("azure-asyncoperation", STATUS), ("location", RESULT), ("retry-after", "7")];
    let run = run(
        Method::PUT,
        reply(201, &headers, &state("Creating")),
        vec![
            Ok(reply(200, &[], &json!({ "status": "Creating", "percentComplete": 40.0 }))),
            Ok(reply(200, &[("retry-after", "2")], &json!({ "status": "Running" }))),
            Ok(reply(200, &[], &json!({ "status": "succeeded" }))),
            Ok(reply(200, &[], &state("Succeeded"))),
        ],
    )
    .await;
    assert_eq!(run.end, Ok(state("Succeeded")));
    assert_eq!(run.asked(), [STATUS, STATUS, STATUS, RESOURCE], "each as it was given");
    assert_eq!(run.rested(), [7000, 7000, 2000], "the first answer's pause holds until another is named");
    assert!(run.told().contains("creating it: Creating, 40 %"), "{}", run.told());
}

#[tokio::test]
async fn a_location_is_asked_until_it_answers() {
    let headers = [("location", RESULT)];
    for (method, last, end, asked) in [
        (Method::DELETE, reply(204, &[], &Value::Null), Value::Null, vec![RESULT, RESULT]),
        (Method::POST, reply(200, &[], &json!({ "run": 1 })), json!({ "run": 1 }), vec![RESULT, RESULT]),
    ] {
        let then = vec![Ok(reply(202, &[("retry-after", "0")], &Value::Null)), Ok(last)];
        let run = run(method, reply(202, &headers, &Value::Null), then).await;
        assert_eq!(run.end, Ok(end));
        assert_eq!(run.asked(), asked);
        assert_eq!(run.rested(), [USUAL.as_millis(), SHORTEST.as_millis()]);
    }
}

#[tokio::test]
async fn the_result_of_a_post_lies_at_its_location() {
    let headers = [("azure-asyncoperation", STATUS), ("location", RESULT)];
    let done = || Ok(reply(200, &[], &json!({ "status": "Succeeded", "properties": { "run": 1 } })));
    let with = run(
        Method::POST,
        reply(202, &headers, &Value::Null),
        vec![done(), Ok(reply(200, &[], &json!({ "run": 2 })))],
    )
    .await;
    assert_eq!(with.end, Ok(json!({ "run": 2 })));
    let without = run(Method::POST, reply(202, &headers[..1], &Value::Null), vec![done()]).await;
    assert_eq!(without.end, Ok(json!({ "run": 1 })));
}

#[tokio::test]
async fn without_an_address_the_resource_tells() {
    let made = run(
        Method::PUT,
        reply(201, &[], &state("Creating")),
        vec![Ok(reply(200, &[], &state("Updating"))), Ok(reply(200, &[], &state("Succeeded")))],
    )
    .await;
    assert_eq!(made.end, Ok(state("Succeeded")));
    let deleted = run(
        Method::DELETE,
        reply(202, &[], &Value::Null),
        vec![Ok(reply(200, &[], &state("Deleting"))), Ok(reply(404, &[], &Value::Null))],
    )
    .await;
    assert_eq!(deleted.end, Ok(Value::Null));
    assert_eq!((made.asked(), deleted.asked()), (vec![RESOURCE.to_owned(); 2], vec![RESOURCE.to_owned(); 2]));
}

#[tokio::test]
async fn a_token_is_not_shown_elsewhere() {
    for elsewhere in ["https://arm.example.evil/1", "http://127.0.0.1:1/status"] {
        for header in ["azure-asyncoperation", "location"] {
            let first = |status| reply(status, &[(header, elsewhere)], &Value::Null);
            let put = run(Method::PUT, first(202), vec![Ok(reply(200, &[], &state("Succeeded")))]).await;
            assert_eq!((put.end.as_ref(), put.asked()), (Ok(&state("Succeeded")), vec![RESOURCE.to_owned()]));
            let post = run(Method::POST, first(202), Vec::new()).await;
            assert_eq!(post.asked(), Vec::<String>::new());
            let failure = post.end.unwrap_err();
            assert!(failure.said.contains("at another host"), "{failure}");
        }
    }
}

#[tokio::test]
async fn an_error_after_the_beginning_is_told_whole() {
    let error = json!({
        "status": "Failed",
        "error": {
            "code": "BadRequest", "message": "It cannot be.",
            "details": [{ "code": "SkuNotAvailable", "message": "No Premium there.", "target": "sku" }],
        },
    });
    let headers = [("azure-asyncoperation", STATUS)];
    let run =
        run(Method::PUT, reply(201, &headers, &state("Creating")), vec![Ok(reply(200, &[], &error))]).await;
    let failure = run.end.as_ref().unwrap_err();
    assert_eq!(failure.kind, FailureKind::Conflict);
    let all = "ended it as Failed: It cannot be (BadRequest); No Premium there (SkuNotAvailable); choose another SKU";
    assert!(failure.said.contains(all), "{failure}");
    assert!(
        run.told().contains("|       \"target\": \"sku\"") || run.told().contains("\"target\": \"sku\""),
        "{}",
        run.told()
    );
}

#[tokio::test]
async fn every_way_can_end_badly() {
    let error = json!({ "error": { "code": "Conflict", "message": "Busy." } });
    let canceled = json!({ "status": "Canceled" });
    for (method, header, address, last, said) in [
        (
            Method::PUT,
            "azure-asyncoperation",
            STATUS,
            reply(200, &[], &canceled),
            "ended it as Canceled: it says no more",
        ),
        (Method::DELETE, "location", RESULT, reply(409, &[], &error), "ended it as Failed: Busy (Conflict)"),
        (Method::POST, "location", RESULT, reply(200, &[], &canceled), "ended it as Canceled"),
        (Method::PATCH, "x-none", "", reply(200, &[], &state("Failed")), "ended it as Failed"),
    ] {
        let first = reply(202, &[(header, address)], &Value::Null);
        let run = run(method, first, vec![Ok(last)]).await;
        let failure = run.end.unwrap_err();
        assert!(failure.said.contains(said), "{failure}");
    }
}

#[tokio::test]
async fn a_lost_connection_is_waited_for() {
    let headers = [("azure-asyncoperation", STATUS), ("retry-after", "3")];
    let busy = || reply(503, &[("retry-after", "20")], &Value::Null);
    let run = run(
        Method::PUT,
        reply(201, &headers, &state("Creating")),
        vec![
            Err(lost()),
            Err(lost()),
            Err(lost()),
            Ok(busy()),
            Ok(reply(200, &[], &json!({ "status": "Running" }))),
            Err(lost()),
            Ok(reply(200, &[], &json!({ "status": "Succeeded" }))),
            Err(lost()),
            Ok(reply(200, &[], &state("Succeeded"))),
        ],
    )
    .await;
    assert_eq!(run.end, Ok(state("Succeeded")));
    assert_eq!(run.rested(), [3000, 1000, 2000, 4000, 20_000, 3000, 1000, 1000]);
    assert!(run.told().contains("no answer (offline), asked again in 2 s"), "{}", run.told());
}

#[tokio::test]
async fn a_connection_that_stays_lost_ends_the_waiting() {
    let headers = [("azure-asyncoperation", STATUS)];
    let run = run(Method::PUT, reply(201, &headers, &state("Creating")), Vec::new()).await;
    let failure = run.end.as_ref().unwrap_err();
    assert_eq!(failure.kind, FailureKind::Offline);
    assert!(failure.said.contains("Azure may go on with it"), "{failure}");
    let pauses = run.rested();
    let (first, rest) = pauses.split_first().unwrap();
    assert_eq!(*first, USUAL.as_millis());
    assert!(rest.iter().all(|p| *p <= LOST_LONGEST.as_millis()), "{rest:?}");
    let all = rest.iter().sum::<u128>();
    assert!(all > PATIENCE.as_millis() - 2 * LOST_LONGEST.as_millis(), "{all}");
}

#[tokio::test]
async fn a_right_that_is_taken_away_ends_the_waiting() {
    let headers = [("azure-asyncoperation", STATUS)];
    let error = json!({ "error": { "code": "AuthorizationFailed", "message": "No." } });
    for (status, kind, said) in [
        (401, FailureKind::Unauthorized, "No (AuthorizationFailed)"),
        (403, FailureKind::Forbidden, "this needs the role Contributor"),
    ] {
        let first = reply(201, &headers, &state("Creating"));
        let run = run(Method::PUT, first, vec![Ok(reply(status, &[], &error))]).await;
        let failure = run.end.unwrap_err();
        assert_eq!(failure.kind, kind);
        assert!(failure.said.contains(said) && failure.said.contains("Azure may go on with it"), "{failure}");
    }
}

#[tokio::test]
async fn an_operation_that_was_forgotten_is_read_from_its_resource() {
    let headers = [("azure-asyncoperation", STATUS)];
    let gone = || Ok(reply(404, &[], &Value::Null));
    let made = run(
        Method::PUT,
        reply(201, &headers, &state("Creating")),
        vec![gone(), Ok(reply(200, &[], &state("Succeeded")))],
    )
    .await;
    assert_eq!(made.end, Ok(state("Succeeded")));
    let deleted = run(Method::DELETE, reply(202, &headers, &Value::Null), vec![gone(), gone()]).await;
    assert_eq!(deleted.end, Ok(Value::Null));
}
