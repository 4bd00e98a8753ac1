//! What is told of a task and of a run.

use super::wire::{Image, Platform};
use super::{Azure, Run, Task, Tasks};
use crate::domain::detail::{Description, Section};
use crate::domain::{Failure, Locator, NodeKind, human};

impl Azure {
    /// What is told of a build definition.
    pub(in super::super) async fn describe_build(&self, at: &Locator) -> Result<Description, Failure> {
        let home = at.nearest(NodeKind::Registry).unwrap_or_default();
        Ok(of_task(&Tasks::of(self, at).await?.task(at.name()).await?, home))
    }

    /// What is told of a run.
    pub(in super::super) async fn describe_run(&self, at: &Locator) -> Result<Description, Failure> {
        let home = at.nearest(NodeKind::Registry).unwrap_or_default();
        Ok(of_run(&Tasks::of(self, at).await?.run(at.name()).await?, home))
    }
}

fn of_task(task: &Task, home: &str) -> Description {
    let properties = &task.properties;
    let step = properties.step.as_ref();
    let list = |names: Option<&Vec<String>>| names.map(|n| n.join(", "));
    let base = |images: &Vec<Image>| images.iter().map(|i| i.text(home)).collect::<Vec<_>>().join(", ");
    let lines = told([
        ("status", properties.status.clone()),
        ("platform", properties.platform.as_ref().and_then(Platform::text)),
        ("step", step.and_then(|s| s.kind.clone())),
        ("source", step.and_then(|s| s.context_path.clone())),
        ("file", step.and_then(|s| s.docker_file_path.clone().or_else(|| s.task_file_path.clone()))),
        ("target", step.and_then(|s| s.target.clone())),
        ("images", step.and_then(|s| list(s.image_names.as_ref()))),
        ("push", step.and_then(|s| s.is_push_enabled).map(|on| if on { "yes" } else { "no" }.to_owned())),
        ("builds on", step.and_then(|s| s.base_image_dependencies.as_ref()).map(base)),
        ("timeout", properties.timeout.map(human::duration)),
        ("agent pool", properties.agent_pool_name.clone()),
        (
            "kind",
            properties.is_system_task.filter(|is| *is).map(|_| "made by Azure for quick runs".to_owned()),
        ),
        ("created", date(properties.creation_date.as_deref())),
    ]);
    let triggers: Vec<String> = properties
        .trigger
        .iter()
        .flat_map(|t| t.on())
        .map(|(word, text)| if text.is_empty() { word.to_owned() } else { format!("{word}: {text}") })
        .collect();
    Description { lines, sections: sections([("Triggers", triggers)]) }
}

fn of_run(run: &Run, home: &str) -> Description {
    let properties = &run.properties;
    let lines = told([
        ("status", properties.status.clone()),
        ("error", properties.run_error_message.clone()),
        ("duration", run.lasted().map(human::duration)),
        ("trigger", Some(run.trigger())),
        ("task", properties.task.clone()),
        ("kind", properties.run_type.clone()),
        ("platform", properties.platform.as_ref().and_then(Platform::text)),
        ("agent pool", properties.agent_pool_name.clone()),
        ("asked for", date(properties.create_time.as_deref())),
        ("started", date(properties.start_time.as_deref())),
        ("ended", date(properties.finish_time.as_deref())),
    ]);
    let image = |image: &Image| {
        let digest = image.digest.as_deref().unwrap_or_default();
        format!("{} {digest}", image.text(home)).trim_end().to_owned()
    };
    Description { lines, sections: sections([("Images", run.images().iter().map(image).collect())]) }
}

fn told<const N: usize>(lines: [(&str, Option<String>); N]) -> Vec<(String, String)> {
    let known = lines.into_iter().filter_map(|(label, value)| Some((label.to_owned(), value?)));
    known.filter(|(_, value)| !value.is_empty()).collect()
}

fn sections<const N: usize>(all: [(&str, Vec<String>); N]) -> Vec<Section> {
    let known = all.into_iter().filter(|(_, lines)| !lines.is_empty());
    known.map(|(title, lines)| Section { title: title.to_owned(), lines }).collect()
}

fn date(rfc3339: Option<&str>) -> Option<String> {
    rfc3339.and_then(human::timestamp).map(human::date)
}
