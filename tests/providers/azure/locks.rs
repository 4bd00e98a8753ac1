//! Locks are shown, explained, set and lifted.

use tagalong::domain::{FailureKind, NodeKind};

use super::offering::{asked, choices, run, shown};
use super::*;

const LOCKS: &str = "azure.locks";

/// The nodes of a repository with one image: itself, its tag, its manifest.
fn nodes(fake: &Fake) -> [Locator; 3] {
    let at = repository(fake, "worker");
    let digest = fake.store().resolve("worker", "1").unwrap();
    [at.clone(), at.child(NodeKind::Tag, "1"), at.child(NodeKind::Manifest, &digest.to_string())]
}

async fn described(provider: &dyn Provider, at: &Locator) -> Option<String> {
    let told = provider.describe().unwrap().describe(at).await.unwrap();
    told.lines.into_iter().find(|(label, _)| label == "locked").map(|(_, value)| value)
}

#[tokio::test]
async fn locks_are_set_and_lifted() {
    let fake = filled().await;
    let provider = signed_in(&fake);
    for at in nodes(&fake) {
        let plain = asked(LOCKS, &at, &[]);
        let field = |field: &'static str| choices(&*provider, &plain, field);
        let now = [("allowed", "as it is now"), ("locked", "")];
        assert_eq!(
            (shown(&field("deleting").await), shown(&field("writing").await)),
            (now.to_vec(), now.to_vec())
        );
        let lock = asked(LOCKS, &at, &[("deleting", "locked"), ("writing", "allowed")]);
        let summary = provider.extras().unwrap().summary(&lock).await.unwrap();
        assert!(summary.len() == 1 && summary[0].starts_with("deleting worker"), "{summary:?}");
        let outcome = run(&*provider, &lock).await.unwrap();
        assert!(outcome.said.ends_with("is locked") && outcome.changed.contains(&at), "{outcome:?}");
        assert!(described(&*provider, &at).await.unwrap().contains("deleteEnabled is off"));
        assert_eq!(shown(&field("deleting").await)[0], ("locked", "as it is now"));
        let both = asked(LOCKS, &at, &[("deleting", "allowed"), ("writing", "locked")]);
        assert_eq!(provider.extras().unwrap().summary(&both).await.unwrap().len(), 2);
        run(&*provider, &both).await.unwrap();
        assert!(described(&*provider, &at).await.unwrap().contains("writeEnabled is off"));
        run(&*provider, &asked(LOCKS, &at, &[("writing", "allowed")])).await.unwrap();
        assert_eq!(described(&*provider, &at).await, None);
        assert!(fake.state().locked.is_empty(), "{at:?}");
    }
}

#[tokio::test]
async fn a_row_shows_its_lock_and_what_is_locked_can_be_freed() {
    let fake = filled().await;
    let provider = signed_in(&fake);
    let [at, tag, _] = nodes(&fake);
    let outcome = run(&*provider, &asked(LOCKS, &tag, &[("deleting", "locked")])).await.unwrap();
    assert!(outcome.changed.contains(&at), "its list is read again");
    let row = all(&*provider, &at).await.remove(0);
    assert_eq!(row.facts.unwrap().note.as_deref(), Some("locked"));
    let failure = provider.untag().unwrap().untag(&tag).await.unwrap_err();
    assert!(failure.said.contains("the tag 1 (deleteEnabled is off); “Locks…” there lifts it"), "{failure}");
    run(&*provider, &asked(LOCKS, &tag, &[("deleting", "allowed")])).await.unwrap();
    provider.untag().unwrap().untag(&tag).await.unwrap();
}

#[tokio::test]
async fn one_registry_has_locks_alone() {
    let fake = filled().await;
    let connection = connection("azure", &format!("http://{}", fake.server()), &[]);
    let provider = open(connection, basic("admin", fake::ADMIN));
    let offers: Vec<&str> = provider.extras().unwrap().list().iter().map(|e| e.id).collect();
    assert_eq!(offers, [LOCKS]);
    let at = root().child(NodeKind::Repository, "worker");
    run(&*provider, &asked(LOCKS, &at, &[("deleting", "locked")])).await.unwrap();
    assert!(fake.state().locked.contains("worker"));
}

#[tokio::test]
async fn who_may_not_lock_is_told_the_role() {
    let fake = filled().await;
    fake.state().may_delete = false;
    fake.state().may_lock = false;
    let at = repository(&fake, "worker");
    let failure = run(&*signed_in(&fake), &asked(LOCKS, &at, &[("deleting", "locked")])).await.unwrap_err();
    assert_eq!(failure.kind, FailureKind::Forbidden);
    assert!(failure.said.contains("this needs the role AcrPush"), "{failure}");
    assert!(fake.state().locked.is_empty());
}

#[tokio::test]
async fn a_choice_that_there_is_not_is_refused() {
    let fake = filled().await;
    let at = repository(&fake, "worker");
    let failure = run(&*signed_in(&fake), &asked(LOCKS, &at, &[("deleting", "maybe")])).await.unwrap_err();
    assert_eq!(failure.kind, FailureKind::Invalid);
    assert!(!fake.asked("PATCH"));
}
