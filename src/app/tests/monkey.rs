//! Whatever is pressed and whatever is answered, in any order: nothing breaks, and the rules about tasks hold.

use std::collections::BTreeMap;

use proptest::prelude::*;

use super::*;
use crate::app::effect::FormQuestion;
use crate::app::key::{Gesture, Pane, Target};
use crate::domain::ImagesChange;
use crate::domain::asked::Outcome;
use crate::domain::connection::ConnectFailure;
use crate::domain::impact::Impact;
use crate::domain::job::Undo;
use crate::domain::job::{Moved, Weight};

/// One step of somebody who knows nothing.
#[derive(Debug, Clone)]
enum Step {
    Press(Key),
    Point(Gesture, Target),
    Answer(usize, bool),
    Tick,
    Rest,
    Paste,
    Places(bool),
}

fn keys() -> impl Strategy<Value = Key> {
    let letters =
        prop::sample::select("abcdefghijklmnopqrstuvwxyzCGHJLNPRUY/:?. 1234!".chars().collect::<Vec<_>>());
    prop_oneof![
        6 => letters.prop_map(Key::Char),
        3 => prop::sample::select(vec![Key::Enter, Key::Enter, Key::Esc, Key::Down, Key::Up, Key::Right, Key::Left]),
        1 => prop::sample::select(vec![
            Key::Tab, Key::BackTab, Key::Backspace, Key::Delete, Key::Home, Key::End, Key::PageUp, Key::PageDown,
            Key::Ctrl('c'), Key::Ctrl('s'), Key::Ctrl('u'), Key::Ctrl('z'), Key::Alt('b'),
        ]),
    ]
}

fn steps() -> impl Strategy<Value = Step> {
    let gesture = prop::sample::select(vec![
        Gesture::Click,
        Gesture::DoubleClick,
        Gesture::RightClick,
        Gesture::WheelUp,
        Gesture::WheelDown,
    ]);
    let target = prop_oneof![
        (0..12_usize).prop_map(Target::Row),
        (0..9_usize).prop_map(Target::Entry),
        (0..9_usize).prop_map(Target::Hint),
        Just(Target::Pane(Pane::Details)),
        Just(Target::Pane(Pane::Jobs)),
        Just(Target::Popup),
        Just(Target::Nothing),
    ];
    prop_oneof![
        10 => keys().prop_map(Step::Press),
        2 => (gesture, target).prop_map(|(g, t)| Step::Point(g, t)),
        6 => (any::<usize>(), prop::bool::weighted(0.8)).prop_map(|(n, works)| Step::Answer(n, works)),
        1 => Just(Step::Tick),
        1 => Just(Step::Rest),
        1 => Just(Step::Paste),
        1 => any::<bool>().prop_map(Step::Places),
    ]
}

/// An answer that fits a request.
fn answer(request: &Request, works: bool) -> Reply {
    let bad = || failure(FailureKind::Unsupported);
    let refused = || ConnectFailure::Refused { failure: bad(), field: Some("proxy") };
    let yes = |at: &Locator| (at.clone(), if works { Ok(Undo::Possible) } else { Err(bad().into()) });
    match request {
        Request::FindSignIns => Reply::SignIns(Vec::new()),
        Request::Connect(d) if works && d.keep == Default::default() && d.provider == "asks" => {
            Reply::Connected(Err(ConnectFailure::NoPlaceForSecret))
        }
        Request::Connect(_) | Request::TakeOver(_) | Request::Visit(_) if works => {
            Reply::Connected(Ok((connected("hub"), Some(tag("app", "2")))))
        }
        Request::Connect(_) | Request::TakeOver(_) | Request::Visit(_) => Reply::Connected(Err(refused())),
        Request::Disconnect(id) => Reply::Disconnected(id.clone(), if works { Ok(()) } else { Err(bad()) }),
        Request::Bookmark { .. } => {
            Reply::Bookmarked(if works { Ok(repository("kept")) } else { Err(bad()) })
        }
        Request::Children { at, cursor } if works => {
            let next = cursor.is_none().then(|| Cursor("2".to_owned()));
            let (kind, names): (_, &[&str]) = match (at.kind(), cursor) {
                (NodeKind::Connection, None) => (NodeKind::Repository, &["app", "team/api"]),
                (NodeKind::Connection, Some(_)) => (NodeKind::Repository, &["team/web"]),
                (_, None) => (NodeKind::Tag, &["1", "2"]),
                (_, Some(_)) => (NodeKind::Tag, &["latest", "sha256-x"]),
            };
            Reply::Page(Ok(Page { next, ..page(kind, names) }))
        }
        Request::Children { .. } => Reply::Page(Err(bad())),
        Request::Facts { at } => Reply::Facts(if works { Ok(facts(at.name())) } else { Err(bad()) }),
        Request::Details { .. } => Reply::Details(Box::new(Err(bad()))),
        Request::Inspect { .. } => Reply::Inspection(Err(bad())),
        Request::WebAddress { .. } => {
            Reply::WebAddress(if works { Ok("https://h/".to_owned()) } else { Err(bad()) })
        }
        Request::Impact { at, .. } if works => Reply::Impact(Ok(Impact {
            digest: Digest::of(at.name().as_bytes()),
            tags: vec![at.name().to_owned()],
            in_indexes: Vec::new(),
            children: Vec::new(),
            referrers: Vec::new(),
            looked_at: (1, 1),
            unknown: Vec::new(),
        })),
        Request::Impact { .. } => Reply::Impact(Err(bad())),
        Request::Untag(all) => Reply::Removed(all.iter().map(yes).collect()),
        Request::Delete(all) => Reply::Removed(all.iter().map(|d| yes(&d.at)).collect()),
        Request::Pull { .. } | Request::Copy { .. } if works => {
            Reply::Moved(Ok(Moved { at: Some(tag("team/api", "2")), ..Moved::default() }))
        }
        Request::Pull { .. } | Request::Copy { .. } => Reply::Moved(Err(bad())),
        Request::HasFile(_) => Reply::HasFile(fitting(works, true)),
        Request::AskExtra(_, question) => answer_question(*question, works),
        Request::RunExtra(_) => Reply::ExtraDone(fitting(works, Outcome::default())),
        Request::Weigh(_) => Reply::Weighed(fitting(works, Weight::default())),
        Request::Undo(_)
        | Request::DeleteRepository(_)
        | Request::CreateRepository { .. }
        | Request::Tag { .. } => answer_change(request, works),
    }
}

/// An answer to a form.
fn answer_question(question: FormQuestion, works: bool) -> Reply {
    match question {
        FormQuestion::Choices(_) => Reply::Choices(fitting(works, extra::choices(&["one", "two"]))),
        FormQuestion::Check(_) => Reply::Checked(fitting(works, ())),
        FormQuestion::Summary => Reply::Summary(fitting(works, vec!["makes it".to_owned()])),
    }
}

/// An answer to what changes a registry beside removals.
fn answer_change(request: &Request, works: bool) -> Reply {
    match request {
        Request::Undo(all) => {
            Reply::Restored(all.iter().map(|at| (at.clone(), fitting(works, ()))).collect())
        }
        Request::DeleteRepository(at) => Reply::RepositoryDeleted(at.clone(), fitting(works, ())),
        Request::CreateRepository { parent, .. } => {
            Reply::RepositoryCreated(fitting(works, parent.child(NodeKind::Repository, "made")))
        }
        Request::Tag { at, name, .. } => {
            let repository = at.repository_node().unwrap_or_else(root);
            Reply::Tagged(fitting(works, repository.child(NodeKind::Tag, name)))
        }
        other => panic!("{other:?} is answered elsewhere"),
    }
}

fn fitting<T>(works: bool, value: T) -> Result<T, Failure> {
    if works { Ok(value) } else { Err(failure(FailureKind::Unsupported)) }
}

/// The runtime as a test sees it: which tasks run.
#[derive(Default)]
struct Tasks {
    last: u64,
    running: BTreeMap<TaskId, Request>,
}

impl Tasks {
    fn take(&mut self, effects: &[Effect]) {
        for effect in effects {
            match effect {
                Effect::Run(id, request) => {
                    assert!(id.0 > self.last, "ids only grow");
                    self.last = id.0;
                    self.running.insert(*id, request.clone());
                }
                Effect::Cancel(id) => {
                    let request = self.running.remove(id).expect("only what runs is cancelled");
                    let is_write = matches!(
                        request,
                        Request::Untag(_)
                            | Request::Delete(_)
                            | Request::Undo(_)
                            | Request::Tag { .. }
                            | Request::CreateRepository { .. }
                            | Request::DeleteRepository(_)
                            | Request::Pull { .. }
                            | Request::Copy { .. }
                    );
                    assert!(!is_write, "{request:?} is never cancelled");
                }
                Effect::Stop(id) => {
                    let stopped = self.running.get(id);
                    assert!(matches!(
                        stopped,
                        Some(Request::Pull { .. } | Request::Copy { .. } | Request::RunExtra(_))
                    ));
                }
                _ => {}
            }
        }
        let facts = self.running.values().filter(|r| matches!(r, Request::Facts { .. })).count();
        assert!(
            facts <= 8 + 3 + 4,
            "{facts} requests for facts, a few of them for the clipboard or a prompt"
        );
        for (id, request) in &self.running {
            let twin = self.running.iter().any(|(other, r)| {
                other > id && r == request && matches!(r, Request::Children { .. } | Request::Details { .. })
            });
            assert!(!twin, "{request:?} runs twice");
        }
    }
}

fn play(start: Start, steps: Vec<Step>) {
    let mut driver = Driver::new(start);
    let mut tasks = Tasks::default();
    tasks.take(&driver.effects);
    for step in steps {
        let event = match step {
            Step::Press(key) => Event::Key(key),
            Step::Point(gesture, target) => Event::Pointer(gesture, target),
            Step::Tick => Event::Tick(driver.app.now + 1),
            Step::Rest => Event::Rested,
            Step::Places(are_there) => {
                let engine = Connected {
                    failure: (!are_there).then(|| failure(FailureKind::Offline)),
                    ..place("docker")
                };
                Event::Images(ImagesChange::Places(vec![place("store"), engine]))
            }
            Step::Paste => Event::Paste("hub.example/app:2".to_owned()),
            Step::Answer(n, works) => {
                let chosen = tasks.running.keys().nth(n % tasks.running.len().max(1)).copied();
                let Some((id, request)) = chosen.and_then(|id| tasks.running.remove_entry(&id)) else {
                    continue;
                };
                Event::Reply(id, Box::new(answer(&request, works)))
            }
        };
        let effects = driver.send(event).to_vec();
        tasks.take(&effects);
        let waiting = driver.app.waits.count(|_| true);
        assert_eq!(waiting, tasks.running.len(), "what runs is what is waited for");
        assert!(driver.app.tree.cursor() < driver.app.tree.len().max(1));
        assert!(driver.app.jobs.cursor < driver.app.jobs.list.len().max(1));
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn nothing_breaks_from_the_first_screen(steps in prop::collection::vec(steps(), 1..120)) {
        play(start(Vec::new()), steps);
    }

    #[test]
    fn nothing_breaks_among_connections(steps in prop::collection::vec(steps(), 1..160)) {
        play(start(vec![extra::offering("hub"), connected("two")]), steps);
    }

    #[test]
    fn nothing_breaks_among_the_images_of_this_machine(steps in prop::collection::vec(steps(), 1..160)) {
        play(Start { images: vec![place("store"), place("docker")], ..start(vec![connected("hub")]) }, steps);
    }
}
