//! Tasks and runs as the resource manager tells them, read leniently.

use serde::Deserialize;
use serde_json::Value;
use url::Url;

use crate::domain::{RunState, human};

/// A build definition.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(in super::super) struct Task {
    pub(super) name: String,
    pub(super) properties: TaskProperties,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
pub(super) struct TaskProperties {
    pub(super) status: Option<String>,
    pub(super) creation_date: Option<String>,
    pub(super) timeout: Option<u64>,
    pub(super) is_system_task: Option<bool>,
    pub(super) agent_pool_name: Option<String>,
    pub(super) platform: Option<Platform>,
    pub(super) step: Option<Step>,
    pub(super) trigger: Option<Triggers>,
}

/// What a task does: of its kinds, whatever each has.
#[derive(Debug, Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
pub(super) struct Step {
    #[serde(rename = "type")]
    pub(super) kind: Option<String>,
    pub(super) context_path: Option<String>,
    pub(super) docker_file_path: Option<String>,
    pub(super) task_file_path: Option<String>,
    pub(super) target: Option<String>,
    pub(super) image_names: Option<Vec<String>>,
    pub(super) is_push_enabled: Option<bool>,
    pub(super) base_image_dependencies: Option<Vec<Image>>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
pub(super) struct Triggers {
    source_triggers: Option<Vec<Trigger>>,
    timer_triggers: Option<Vec<Trigger>>,
    base_image_trigger: Option<Trigger>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
struct Trigger {
    status: Option<String>,
    schedule: Option<String>,
    base_image_trigger_type: Option<String>,
    source_trigger_events: Option<Vec<String>>,
    source_repository: Option<Source>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
struct Source {
    repository_url: Option<String>,
    branch: Option<String>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct Platform {
    os: Option<String>,
    architecture: Option<String>,
    variant: Option<String>,
}

/// A run of a task, or of none.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(in super::super) struct Run {
    name: String,
    pub(super) properties: RunProperties,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
pub(super) struct RunProperties {
    run_id: Option<String>,
    pub(super) status: Option<String>,
    pub(super) run_type: Option<String>,
    pub(super) task: Option<String>,
    pub(super) create_time: Option<String>,
    pub(super) start_time: Option<String>,
    pub(super) finish_time: Option<String>,
    pub(super) agent_pool_name: Option<String>,
    pub(super) platform: Option<Platform>,
    pub(super) output_images: Option<Vec<Image>>,
    pub(super) run_error_message: Option<String>,
    source_trigger: Option<Commit>,
    image_update_trigger: Option<Value>,
    timer_trigger: Option<Value>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
struct Commit {
    event_type: Option<String>,
    commit_id: Option<String>,
    branch_name: Option<String>,
}

/// An image that a run made, or that a task builds on.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize)]
#[serde(default)]
pub(in super::super) struct Image {
    registry: Option<String>,
    pub(in super::super) repository: Option<String>,
    pub(in super::super) tag: Option<String>,
    pub(in super::super) digest: Option<String>,
}

/// Where the source of a build goes.
#[derive(Debug, Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
pub(super) struct Place {
    pub(super) upload_url: Option<String>,
    pub(super) relative_path: Option<String>,
}

/// Where a log is.
#[derive(Debug, Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
pub(super) struct LogLinks {
    log_link: Option<String>,
    /// In the place of the other, where a task keeps its logs in the registry.
    log_artifact_link: Option<String>,
}

impl LogLinks {
    pub(super) fn link(&self) -> Option<Url> {
        let mut links = [&self.log_artifact_link, &self.log_link].into_iter().flatten();
        links.find_map(|link| Url::parse(link).ok())
    }
}

impl Platform {
    /// `linux/arm64/v8`.
    pub(super) fn text(&self) -> Option<String> {
        let parts = [&self.os, &self.architecture, &self.variant].into_iter().flatten();
        let parts: Vec<String> =
            parts.map(|part| part.to_lowercase()).filter(|part| !part.is_empty()).collect();
        (!parts.is_empty()).then(|| parts.join("/"))
    }
}

impl Image {
    /// `repository:tag`.
    pub(in super::super) fn name(&self) -> String {
        self.text(self.registry.as_deref().unwrap_or_default())
    }

    /// Whether it lies in the registry `home`.
    pub(super) fn is_in(&self, home: &str) -> bool {
        self.registry.as_deref().is_none_or(|registry| registry.is_empty() || registry == home)
    }

    /// `repository:tag`, with the registry where it is another than `home`.
    pub(super) fn text(&self, home: &str) -> String {
        let of = |part: &Option<String>| part.clone().filter(|p| !p.is_empty());
        let registry = of(&self.registry).filter(|r| r != home).map_or(String::new(), |r| format!("{r}/"));
        let tag = of(&self.tag).map_or(String::new(), |tag| format!(":{tag}"));
        format!("{registry}{}{tag}", self.repository.as_deref().unwrap_or_default())
    }
}

impl Triggers {
    /// Those that are on, each with what it waits for.
    pub(super) fn on(&self) -> Vec<(&'static str, String)> {
        let of = |list: &Option<Vec<Trigger>>, word: &'static str| -> Vec<(&'static str, String)> {
            list.iter().flatten().filter(|t| t.is_on()).map(|t| (word, t.text())).collect()
        };
        let mut all = of(&self.source_triggers, "source");
        all.extend(of(&self.timer_triggers, "timer"));
        all.extend(self.base_image_trigger.iter().filter(|t| t.is_on()).map(|t| ("base image", t.text())));
        all
    }
}

impl Trigger {
    fn is_on(&self) -> bool {
        self.status.as_deref().is_none_or(|status| status.eq_ignore_ascii_case("enabled"))
    }

    fn text(&self) -> String {
        let source = self.source_repository.as_ref();
        let events = self.source_trigger_events.as_ref().map(|events| events.join(", "));
        let told = [
            events,
            self.schedule.clone(),
            self.base_image_trigger_type.clone(),
            source.and_then(|s| s.repository_url.clone()),
            source.and_then(|s| s.branch.clone()),
        ];
        told.into_iter().flatten().filter(|t| !t.is_empty()).collect::<Vec<_>>().join(" · ")
    }
}

impl Run {
    /// Its id in the registry.
    pub(in super::super) fn id(&self) -> &str {
        self.properties.run_id.as_deref().filter(|id| !id.is_empty()).unwrap_or(&self.name)
    }

    /// How it is; nothing for a word that is not known.
    pub(in super::super) fn state(&self) -> Option<RunState> {
        Some(match self.properties.status.as_deref()? {
            "Queued" => RunState::Waiting,
            "Started" | "Running" => RunState::Running,
            "Succeeded" => RunState::Succeeded,
            "Failed" | "Error" | "Timeout" => RunState::Failed,
            "Canceled" => RunState::Cancelled,
            _ => return None,
        })
    }

    /// Whether nothing more comes of it.
    pub(in super::super) fn is_over(&self) -> bool {
        self.state().map_or(self.properties.finish_time.is_some(), RunState::is_over)
    }

    /// Whether it took longer than it may.
    pub(super) fn is_timed_out(&self) -> bool {
        self.properties.status.as_deref() == Some("Timeout")
    }

    /// Seconds since 1970 when it was asked for.
    pub(super) fn created(&self) -> Option<i64> {
        let times = [&self.properties.create_time, &self.properties.start_time].into_iter().flatten();
        times.filter_map(|time| human::timestamp(time)).next()
    }

    /// Seconds from its start to its end.
    pub(super) fn lasted(&self) -> Option<u64> {
        let at = |time: &Option<String>| time.as_deref().and_then(human::timestamp);
        let (start, end) = (at(&self.properties.start_time)?, at(&self.properties.finish_time)?);
        u64::try_from(end - start).ok()
    }

    /// What made it run.
    pub(super) fn trigger(&self) -> String {
        let is_there = |value: &Option<Value>| value.as_ref().is_some_and(|v| !v.is_null());
        match &self.properties.source_trigger {
            Some(commit) => {
                let short = commit.commit_id.as_deref().map(|id| id.chars().take(7).collect::<String>());
                let told = [commit.event_type.clone(), short, commit.branch_name.clone()];
                let told: Vec<String> = told.into_iter().flatten().filter(|t| !t.is_empty()).collect();
                if told.is_empty() { "source".to_owned() } else { told.join(" ") }
            }
            None if is_there(&self.properties.timer_trigger) => "timer".to_owned(),
            None if is_there(&self.properties.image_update_trigger) => "base image".to_owned(),
            None => "manual".to_owned(),
        }
    }

    /// What it made.
    pub(in super::super) fn images(&self) -> &[Image] {
        self.properties.output_images.as_deref().unwrap_or_default()
    }
}
