//! The builds of a registry in the tree, and what is offered on them.

use serde_json::json;
use tagalong::domain::{FailureKind, NodeKind, RunState};

use super::agents::End;
use super::offering::{Watch, asked, run};
use super::*;
use crate::desk::always;

fn tasks(fake: &Fake) -> Locator {
    registry_of(fake).child(NodeKind::Builds, "~tasks")
}

fn run_node(fake: &Fake, id: &str) -> Locator {
    tasks(fake).child(NodeKind::Run, id)
}

/// A registry with two tasks and some runs.
async fn busy() -> Fake {
    let fake = filled().await;
    let mut agents = fake.inner.agents.lock().unwrap();
    agents.tasks = vec![
        json!({ "name": "nightly", "properties": {
            "status": "Enabled", "platform": { "os": "Linux", "architecture": "arm64" }, "timeout": 3600,
            "step": { "type": "Docker", "dockerFilePath": "Dockerfile", "imageNames": ["acme/api:{{.Run.ID}}"],
                "contextPath": "https://git.example/acme/api.git#main", "isPushEnabled": true },
            "trigger": {
                "sourceTriggers": [{ "status": "Enabled", "sourceTriggerEvents": ["commit"],
                    "sourceRepository": { "repositoryUrl": "https://git.example/acme/api", "branch": "main" } }],
                "timerTriggers": [{ "status": "Enabled", "schedule": "0 2 * * *" }, { "status": "Disabled" }],
                "baseImageTrigger": { "status": "Disabled" },
            },
        } }),
        json!({ "name": "spare", "properties": { "status": "Disabled" } }),
        json!({ "name": 7 }),
    ];
    let image = json!([
        { "registry": fake.server(), "repository": "acme/api", "tag": "ca1", "digest": "sha256:aa" },
        { "repository": "acme/more", "tag": "1", "digest": "sha256:bb" },
    ]);
    let commit = json!({ "eventType": "commit", "commitId": "0123456789ab", "branchName": "main" });
    agents.ended("ca1", Some("nightly"), 1, &json!({ "outputImages": image, "sourceTrigger": commit }));
    let broken = json!({ "status": "Failed", "runErrorMessage": "exit status 1", "timerTrigger": {} });
    agents.ended("ca2", Some("nightly"), 2, &broken);
    for (id, minute) in [("ca3", 3), ("ca10", 10), ("ca4", 4)] {
        agents.ended(id, None, minute, &json!({ "runType": "QuickBuild" }));
    }
    drop(agents);
    fake
}

#[tokio::test]
async fn the_node_stands_below_the_repositories_and_costs_nothing_until_it_is_opened() {
    let fake = busy().await;
    let provider = signed_in(&fake);
    let rows = all(&*provider, &registry_of(&fake)).await;
    let builds: Vec<&Entry> = rows.iter().filter(|r| r.kind == NodeKind::Builds).collect();
    assert_eq!((builds.len(), builds[0].label.as_deref()), (1, Some("Tasks")));
    assert!(!fake.asked("/tasks") && !fake.asked("/runs"));
    let one =
        open(connection("azure", &format!("http://{}", fake.server()), &[]), basic("admin", fake::ADMIN));
    assert!(
        all(&*one, &root()).await.iter().all(|r| r.kind == NodeKind::Repository),
        "no resource manager there"
    );
}

#[tokio::test]
async fn tasks_and_runs_are_listed_with_how_they_went() {
    let fake = busy().await;
    let provider = signed_in(&fake);
    let rows = all(&*provider, &tasks(&fake)).await;
    assert_eq!(names(&rows), ["nightly", "spare", "ca10", "ca4", "ca3"], "what cannot be read is left out");
    let note = |row: &Entry| row.facts.as_ref().unwrap().note.clone().unwrap_or_default();
    assert_eq!(note(&rows[0]), "source, timer · linux/arm64");
    assert_eq!((rows[1].kind, note(&rows[1])), (NodeKind::Build, "disabled".to_owned()));
    assert_eq!((rows[2].kind, note(&rows[2])), (NodeKind::Run, "43 s · manual".to_owned()));
    assert_eq!(fake.desk().count("/runs?"), 2, "two pages");
    let runs = all(&*provider, &tasks(&fake).child(NodeKind::Build, "nightly")).await;
    assert_eq!(names(&runs), ["ca2", "ca1"], "newest first");
    assert_eq!(runs[0].facts.as_ref().unwrap().run, Some(RunState::Failed));
    assert_eq!(
        (note(&runs[0]), note(&runs[1])),
        ("43 s · timer".to_owned(), "43 s · commit 0123456 main".to_owned())
    );
    assert!(runs[0].facts.as_ref().unwrap().time > runs[1].facts.as_ref().unwrap().time);
    assert!(all(&*provider, &tasks(&fake).child(NodeKind::Build, "spare")).await.is_empty());
}

#[tokio::test]
async fn a_page_on_another_host_is_not_asked_for() {
    let fake = busy().await;
    let away = r#"{"value":[{"name":"ca1","properties":{}}],"nextLink":"http://127.0.0.1:9/runs"}"#;
    fake.desk().lay(always("/runs?", 200, away));
    let provider = signed_in(&fake);
    let page = provider.children(&tasks(&fake), None).await.unwrap();
    assert_eq!(page.entries.len(), 3);
    let failure = provider.children(&tasks(&fake), page.next.as_ref()).await.unwrap_err();
    assert!(failure.said.contains("on another host"), "{failure}");
}

#[tokio::test]
async fn details_tell_what_a_task_does_and_how_a_run_went() {
    let fake = busy().await;
    let provider = signed_in(&fake);
    let describe = provider.describe().unwrap();
    let nightly = tasks(&fake).child(NodeKind::Build, "nightly");
    let told = describe.describe(&nightly).await.unwrap();
    let line = |label: &str| {
        let found = told.lines.iter().find(|(l, _)| l == label);
        found.map(|(_, value)| value.clone()).unwrap_or_default()
    };
    assert_eq!(line("source"), "https://git.example/acme/api.git#main");
    assert_eq!([line("step"), line("file"), line("timeout")], ["Docker", "Dockerfile", "1 h 0 m"]);
    assert_eq!(
        told.sections[0].lines,
        ["source: commit · https://git.example/acme/api · main", "timer: 0 2 * * *"]
    );
    let told = describe.describe(&nightly.child(NodeKind::Run, "ca1")).await.unwrap();
    assert_eq!(told.sections[0].lines, ["acme/api:ca1 sha256:aa", "acme/more:1 sha256:bb"]);
    assert!(told.lines.contains(&("duration".to_owned(), "43 s".to_owned())));
    let told = describe.describe(&nightly.child(NodeKind::Run, "ca2")).await.unwrap();
    assert!(told.lines.contains(&("error".to_owned(), "exit status 1".to_owned())), "{told:?}");
}

#[tokio::test]
async fn who_may_not_look_is_told_the_role() {
    let fake = busy().await;
    let denied = r#"{"error":{"code":"AuthorizationFailed","message":"No."}}"#;
    fake.desk().lay(always("/tasks?", 403, denied));
    let failure = signed_in(&fake).children(&tasks(&fake), None).await.unwrap_err();
    assert_eq!(failure.kind, FailureKind::Forbidden);
    assert!(failure.said.contains("this needs the role Reader"), "{failure}");
    fake.desk().clear();
    fake.desk().lay(always("/runs?", 403, denied));
    let page = signed_in(&fake).children(&tasks(&fake), None).await.unwrap();
    assert_eq!(names(&page.entries), ["nightly", "spare"], "the tasks are there all the same");
    assert!(page.warnings[0].contains("Reader"), "{:?}", page.warnings);
}

#[tokio::test]
async fn a_task_is_run_and_followed() {
    let fake = busy().await;
    let provider = signed_in(&fake);
    let nightly = tasks(&fake).child(NodeKind::Build, "nightly");
    let watch = Watch::default();
    let outcome = watch.run(&*provider, &asked("azure.run-task", &nightly, &[])).await.unwrap();
    let request = fake.inner.agents.lock().unwrap().requests[0].clone();
    assert_eq!(request["type"], "TaskRunRequest");
    assert!(request["taskId"].as_str().unwrap().ends_with("/registries/acme/tasks/nightly"), "{request}");
    assert!(watch.told().contains("Step 1/2 : FROM scratch"), "{}", watch.told());
    assert!(outcome.changed.contains(&nightly), "its runs are others now: {:?}", outcome.changed);
    let told = all(&*provider, &nightly).await;
    assert_eq!((told[0].name.as_str(), told.len()), ("cf6", 3));
}

#[tokio::test]
async fn logs_are_shown_whole_and_running_ones_say_so() {
    let fake = busy().await;
    let provider = signed_in(&fake);
    let log = asked("azure.run-log", &run_node(&fake, "ca1"), &[]);
    let outcome = run(&*provider, &log).await.unwrap();
    assert_eq!(outcome.text.unwrap(), ("run ca1".to_owned(), "Run ca1\nall of it".to_owned()));
    fake.inner.agents.lock().unwrap().ends = End::Never;
    let nightly = tasks(&fake).child(NodeKind::Build, "nightly");
    let leaving = Watch::stopping_at("run cf6: running");
    leaving.run(&*provider, &asked("azure.run-task", &nightly, &[])).await.unwrap_err();
    let log = asked("azure.run-log", &nightly.child(NodeKind::Run, "cf6"), &[]);
    run(&*provider, &log).await.unwrap();
    let (_, text) = run(&*provider, &log).await.unwrap().text.unwrap();
    assert!(text.starts_with("Downloading source\nStep 1/2 : FR"), "{text}");
    assert!(text.ends_with("(running: “Follow run” shows what comes)"), "{text}");
    let none = asked("azure.run-log", &run_node(&fake, "gone"), &[]);
    assert_eq!(run(&*provider, &none).await.unwrap_err().kind, FailureKind::NotFound);
}

#[tokio::test]
async fn a_long_log_is_shown_from_where_it_fits() {
    let fake = busy().await;
    let long = "0123456789abcde\n".repeat(400_000);
    fake.inner.agents.lock().unwrap().steps = vec![long.leak()];
    let provider = signed_in(&fake);
    let watch = Watch::default();
    let nightly = tasks(&fake).child(NodeKind::Build, "nightly");
    watch.run(&*provider, &asked("azure.run-task", &nightly, &[])).await.unwrap();
    assert_eq!(watch.told().matches("0123456789abcde\n").count(), 400_000, "followed, nothing is left out");
    let log = asked("azure.run-log", &nightly.child(NodeKind::Run, "cf6"), &[]);
    let (_, text) = run(&*provider, &log).await.unwrap().text.unwrap();
    assert!(text.starts_with("(the first 2.1 MiB are left out)\n0123456789abcde\n"), "{}", &text[..60]);
    assert!(text.ends_with("0123456789abcde"));
}

#[tokio::test]
async fn the_digest_of_what_was_made_is_copied() {
    let fake = busy().await;
    let provider = signed_in(&fake);
    let outcome = run(&*provider, &asked("azure.run-digest", &run_node(&fake, "ca1"), &[])).await.unwrap();
    assert_eq!(outcome.copy.as_deref(), Some("sha256:aa"));
    assert_eq!(outcome.said, "Digest of acme/api:ca1: sha256:aa; it made 1 more");
    let failure =
        run(&*provider, &asked("azure.run-digest", &run_node(&fake, "ca2"), &[])).await.unwrap_err();
    assert_eq!(failure.kind, FailureKind::NotFound);
    assert!(failure.said.contains("it has made no image; it is failed"), "{failure}");
}

#[tokio::test]
async fn a_run_is_followed_again_and_cancelled() {
    let fake = busy().await;
    fake.inner.agents.lock().unwrap().ends = End::Never;
    let provider = signed_in(&fake);
    let nightly = tasks(&fake).child(NodeKind::Build, "nightly");
    let leaving = Watch::stopping_at("run cf6: running");
    leaving.run(&*provider, &asked("azure.run-task", &nightly, &[])).await.unwrap_err();
    let at = nightly.child(NodeKind::Run, "cf6");
    let watch = Watch::default();
    let follow = asked("azure.run-follow", &at, &[]);
    let cancel = asked("azure.run-cancel", &at, &[]);
    let cancelling = async {
        while !watch.told().contains("Step 1/2") {
            tokio::task::yield_now().await;
        }
        let summary = provider.extras().unwrap().summary(&cancel).await.unwrap();
        assert_eq!(summary, ["run cf6 ends where it is; what it has pushed stays"]);
        run(&*provider, &cancel).await.unwrap()
    };
    let (followed, outcome) = tokio::join!(watch.run(&*provider, &follow), cancelling);
    assert_eq!(followed.unwrap_err().kind, FailureKind::Cancelled);
    assert_eq!((outcome.said.as_str(), outcome.changed), ("Run cf6 is cancelled", vec![nightly]));
    let failure = provider.extras().unwrap().summary(&cancel).await.unwrap_err();
    assert_eq!(failure.kind, FailureKind::Conflict);
    assert!(failure.said.contains("it has ended already: it is cancelled"), "{failure}");
    let done = Watch::default();
    let again = done.run(&*provider, &asked("azure.run-follow", &run_node(&fake, "ca4"), &[])).await.unwrap();
    assert_eq!(again.said, "Run ca4 succeeded in 43 s");
    assert!(done.told().contains("all of it"), "{}", done.told());
}
