//! What only one vendor offers: its form, its summary, its job, a text.

use insta::assert_snapshot;

use super::samples;
use super::story::Story;
use crate::app::effect::FormQuestion;
use crate::app::{Event, Reply, Request};
use crate::domain::NodeKind;
use crate::domain::asked::Outcome;
use crate::domain::connection::{Connected, Field, FieldKind};
use crate::domain::extra::{Begins, Choice, Choices, Extra, ExtraField, Touch, When, Whose};
use crate::domain::job::Progress;

const fn field(id: &'static str, label: &'static str, example: &'static str) -> ExtraField {
    let kind = FieldKind::Text;
    ExtraField {
        field: Field { id, label, kind, example, optional: false, advanced: false },
        choices: Choices::Typed,
        after: &[],
        checked: false,
        when: When::Always,
    }
}

static EXTRAS: &[Extra] = &[
    Extra {
        id: "make",
        label: "Deploy Image…",
        on: &[NodeKind::Repository],
        of: Whose::Own,
        touch: Touch::Writes,
        begins: Begins::WithForm(&[
            ExtraField { choices: Choices::Listed, ..field("account", "Account", "") },
            ExtraField { choices: Choices::ListedOrNew, ..field("group", "Group", "") },
            ExtraField { when: When::New("group"), ..field("place", "Place", "of the new group") },
            ExtraField { checked: true, ..field("name", "Name", "letters and digits") },
            ExtraField { choices: Choices::Listed, after: &["place"], ..field("size", "Size", "") },
        ]),
        makes: None,
    },
    Extra {
        id: "drop",
        label: "Delete Registry…",
        on: &[NodeKind::Repository],
        of: Whose::Own,
        touch: Touch::Writes,
        begins: Begins::AfterName,
        makes: None,
    },
    Extra {
        id: "read",
        label: "View Properties",
        on: &[NodeKind::Repository],
        of: Whose::Own,
        touch: Touch::Reads,
        begins: Begins::AtOnce,
        makes: None,
    },
];

/// On a repository whose vendor offers all of these.
fn story(width: u16, height: u16) -> Story {
    let all = samples::connections().into_iter().map(|c| Connected { extras: EXTRAS, ..c });
    Story::new(all.collect(), width, height).keys("lj")
}

/// Answers what was last asked that way.
fn answer(story: &mut Story, wanted: impl Fn(&Request) -> bool, reply: Reply) {
    let at = story.open.iter().rposition(|(_, request)| wanted(request)).expect("it is asked");
    let (id, _) = story.open.remove(at);
    story.send(Event::Reply(id, Box::new(reply)));
}

fn choices(of: &[(&str, &str)]) -> Reply {
    let choice = |(label, note): &(&str, &str)| Choice {
        value: format!("/{label}"),
        label: (*label).to_owned(),
        note: (*note).to_owned(),
    };
    Reply::Choices(Ok(of.iter().map(choice).collect()))
}

fn asks(field: &'static str) -> impl Fn(&Request) -> bool {
    move |request| matches!(request, Request::AskExtra(_, FormQuestion::Choices(f)) if *f == field)
}

/// The form with a new group and a name that is taken.
fn filled(width: u16, height: u16) -> Story {
    let mut story = story(width, height).keys("m/Deploy⏎");
    answer(&mut story, asks("account"), choices(&[("Production", "contoso"), ("Test", "contoso")]));
    answer(&mut story, asks("group"), choices(&[("web", "westeurope"), ("shop", "eastus")]));
    let mut story = story.keys("⇥⏎fresh⏎⇥mine");
    let taken = crate::domain::Failure::new(
        crate::domain::FailureKind::Conflict,
        "checking the name",
        "“mine” is taken by somebody else; choose another",
    );
    answer(
        &mut story,
        |r| matches!(r, Request::AskExtra(_, FormQuestion::Check("name"))),
        Reply::Checked(Err(taken)),
    );
    story
}

#[test]
fn form() {
    assert_snapshot!(filled(80, 24).picture());
}

#[test]
fn form_small() {
    assert_snapshot!(filled(60, 15).picture());
}

#[test]
fn values_of_a_field() {
    let mut story = story(80, 24).keys("m/Deploy⏎");
    answer(&mut story, asks("account"), choices(&[("Production", "contoso"), ("Test", "contoso")]));
    answer(&mut story, asks("group"), choices(&[("web", "westeurope"), ("shop", "eastus")]));
    assert_snapshot!(story.keys("⇥⏎w").picture());
}

#[test]
fn summary_with_the_name_to_type() {
    let mut story = story(80, 24).keys("m/Delete Reg⏎");
    let lines = ["3 repositories go with it", "nothing brings it back"].map(str::to_owned).into();
    answer(
        &mut story,
        |r| matches!(r, Request::AskExtra(_, FormQuestion::Summary)),
        Reply::Summary(Ok(lines)),
    );
    assert_snapshot!(story.picture());
}

#[test]
fn job_with_a_log() {
    let mut story = story(80, 24).keys("m/Delete Reg⏎");
    let is_summary = |r: &Request| matches!(r, Request::AskExtra(_, FormQuestion::Summary));
    answer(&mut story, is_summary, Reply::Summary(Ok(Vec::new())));
    let mut story = story.keys("acme/api⏎");
    let run = story.open.iter().find(|(_, r)| matches!(r, Request::RunExtra(_))).expect("a job").0;
    let log = (1..=9).map(|n| format!("Step {n}/9 : RUN something")).collect();
    let progress = Progress { stage: "waiting for the operation".to_owned(), log, ..Progress::default() };
    story.send(Event::Progress(run, progress));
    assert_snapshot!(story.picture());
}

#[test]
fn properties() {
    let mut story = story(80, 24).keys("m/Properties⏎");
    let json = serde_json::json!({ "name": "acme", "sku": { "name": "Basic" }, "zones": [1, 2] });
    let text = Some(("acme".to_owned(), format!("{json:#}")));
    let outcome = Outcome { text, ..Outcome::default() };
    answer(&mut story, |r| matches!(r, Request::RunExtra(_)), Reply::ExtraDone(Ok(outcome)));
    assert_snapshot!(story.picture());
}
