//! Build image in Azure: a folder is sent to Azure, built there and pushed to the registry, its log followed.
//!
//! Sources: the Azure CLI's `acr build` and the "Build Image in Azure" of the Azure extensions of editors, whose steps these
//! are; "DockerBuildRequest" for what can be asked.
//!
//! Invariant: nothing is asked of Azure before the folder and its Dockerfile were looked at.

use async_trait::async_trait;
use serde_json::{Value, json};

use super::Offer;
use crate::domain::asked::{Asked, Outcome};
use crate::domain::extra::{Begins, Choice, Choices, Extra, ExtraField, Touch, When, Whose};
use crate::domain::form::{Field, FieldKind};
use crate::domain::reference::{is_repository, is_tag};
use crate::domain::text::visible;
use crate::domain::{Failure, FailureKind, NodeKind, human};
use crate::registry::Running;
use crate::registry::context::{Context, Extent, Packed};
use crate::registry::providers::azure::Azure;
use crate::registry::providers::azure::storage::Storage;
use crate::registry::providers::azure::tasks::{Tasks, ended};

pub(super) struct Build;

const EXTRA: Extra = Extra {
    id: "azure.build",
    label: "Build image in Azure…",
    on: &[NodeKind::Registry],
    of: Whose::Own,
    touch: Touch::Writes,
    begins: Begins::WithForm(FIELDS),
    makes: None,
};

const TEXT: ExtraField = ExtraField {
    field: Field { id: "", label: "", kind: FieldKind::Text, example: "", optional: false, advanced: false },
    choices: Choices::Typed,
    after: &[],
    checked: true,
    when: When::Always,
};

const FIELDS: &[ExtraField] = &[
    ExtraField {
        field: Field { id: "folder", label: "Folder", kind: FieldKind::File, ..TEXT.field },
        choices: Choices::Suggested,
        ..TEXT
    },
    ExtraField {
        field: Field {
            id: "dockerfile",
            label: "Dockerfile",
            example: "its path in the folder",
            ..TEXT.field
        },
        choices: Choices::Suggested,
        after: &["folder"],
        ..TEXT
    },
    ExtraField {
        field: Field { id: "name", label: "Image", example: "repository:tag", ..TEXT.field },
        ..TEXT
    },
    ExtraField {
        field: Field { id: "platform", label: "Platform", ..TEXT.field },
        choices: Choices::Listed,
        checked: false,
        ..TEXT
    },
    ExtraField {
        field: Field {
            id: "timeout",
            label: "Timeout",
            example: "minutes; empty: 60",
            optional: true,
            ..TEXT.field
        },
        ..TEXT
    },
];

/// What Azure builds for.
const PLATFORMS: [&str; 6] =
    ["linux/amd64", "linux/arm64", "linux/arm/v7", "linux/arm/v6", "linux/386", "windows/amd64"];
/// What stands for the id of the run in the name of an image.
const RUN_ID: &str = "{{.Run.ID}}";
/// Minutes that a build may take.
const TIMEOUTS: std::ops::RangeInclusive<u64> = 5..=480;
const CHECKING: &str = "checking the form";

#[async_trait]
impl Offer for Build {
    fn extra(&self) -> &'static Extra {
        &EXTRA
    }

    async fn choices(&self, _azure: &Azure, _asked: &Asked, field: &str) -> Result<Vec<Choice>, Failure> {
        let values: &[&str] = match field {
            "folder" => &["."],
            "dockerfile" => &["Dockerfile"],
            "platform" => &PLATFORMS,
            _ => &[],
        };
        let choice = |value: &&str| Choice {
            value: (*value).to_owned(),
            label: (*value).to_owned(),
            note: String::new(),
        };
        Ok(values.iter().map(choice).collect())
    }

    async fn check(&self, azure: &Azure, asked: &Asked, field: &str) -> Result<(), Failure> {
        match field {
            "folder" | "dockerfile" => context(azure, asked).await.map(drop),
            "name" => image(asked).map(drop),
            "timeout" => timeout(asked).map(drop),
            _ => Ok(()),
        }
    }

    async fn summary(&self, azure: &Azure, asked: &Asked) -> Result<Vec<String>, Failure> {
        let (image, _) = (image(asked)?, timeout(asked)?);
        let context = context(azure, asked).await?;
        let extent = context.measure(&tokio_util::sync::CancellationToken::new()).await?;
        let ignore =
            context.ignore_file().map_or(String::new(), |file| format!(", as {} says", visible(file)));
        let folder = visible(asked.value("folder")).into_owned();
        Ok(vec![
            format!("send {folder} to Azure: {}{ignore}", told(extent)),
            format!("build {} there for {}", visible(context.dockerfile()), platform(asked)?),
            format!("push it as {}/{}", visible(asked.at.name()), visible(&image)),
        ])
    }

    async fn run(&self, azure: &Azure, asked: &Asked, running: &Running<'_>) -> Result<Outcome, Failure> {
        let build = request(asked)?;
        let context = context(azure, asked).await?;
        running.stages.enter("packing the folder");
        let packed = context.pack(azure.opening.surroundings.scratch(), running.stop).await?;
        let doing = format!("building {}", visible(asked.value("name")));
        let tasks = Tasks::of(azure, &asked.at).await?;
        let sending = send(azure, &tasks, &packed, running);
        let left = || Err(Failure::cancelled(doing.clone()));
        let source = running.stop.run_until_cancelled(sending).await.unwrap_or_else(left)?;
        let build = with(build, &source, context.dockerfile());
        let run = tasks.schedule(&build, &doing, running).await?;
        let (run, tail) = tasks.follow(run.id(), running).await?;
        ended(&run, &tail, &asked.at)
    }
}

/// Sends the folder; what Azure calls it then.
async fn send(
    azure: &Azure,
    tasks: &Tasks<'_>,
    packed: &Packed,
    running: &Running<'_>,
) -> Result<String, Failure> {
    running.stages.enter(&format!("sending {} ({})", human::size(packed.size), told(packed.extent)));
    let place = tasks.place().await?;
    let storage = Storage::new(&azure.opening, &azure.arm.entra.cloud.arm)?;
    storage.send(&place.upload, packed, running.stages).await?;
    Ok(place.source)
}

/// The request for the build, but for what is known when the folder was sent.
fn request(asked: &Asked) -> Result<Value, Failure> {
    let minutes = timeout(asked)?;
    let mut parts = platform(asked)?.split('/');
    let os = if parts.next() == Some("windows") { "Windows" } else { "Linux" };
    let mut platform = json!({ "os": os, "architecture": parts.next() });
    if let (Some(variant), Some(platform)) = (parts.next(), platform.as_object_mut()) {
        platform.insert("variant".to_owned(), json!(variant));
    }
    Ok(json!({
        "type": "DockerBuildRequest",
        "imageNames": [image(asked)?],
        "isPushEnabled": true,
        "noCache": false,
        "platform": platform,
        "timeout": minutes * 60,
        "arguments": [],
    }))
}

fn with(mut build: Value, source: &str, dockerfile: &str) -> Value {
    if let Some(build) = build.as_object_mut() {
        build.insert("sourceLocation".to_owned(), json!(source));
        build.insert("dockerFilePath".to_owned(), json!(dockerfile));
    }
    build
}

/// The folder that was named, as a shell would read it.
async fn context(azure: &Azure, asked: &Asked) -> Result<Context, Failure> {
    let folder = match asked.value("folder") {
        "" => {
            return Err(bad(
                "name the folder to build from; “.” is the one that this program was started in",
            ));
        }
        folder => azure.opening.surroundings.path(folder),
    };
    let dockerfile = match asked.value("dockerfile") {
        "" => "Dockerfile",
        dockerfile => dockerfile,
    };
    Context::open(folder, dockerfile.to_owned()).await
}

/// `repository:tag` as it was typed; without a tag it is `latest`.
fn image(asked: &Asked) -> Result<String, Failure> {
    let typed = asked.value("name");
    let own = format!("{}/", asked.at.name());
    let name = typed.strip_prefix(&own).unwrap_or(typed);
    let (repository, tag) = name.split_once(':').unwrap_or((name, "latest"));
    if name.is_empty() {
        return Err(bad("name the image, as repository:tag"));
    }
    if !is_repository(repository) {
        let said = "a repository has lower-case letters, digits, and . _ - / between them; the registry's name is not part of it";
        return Err(bad(&format!("“{}”: {said}", visible(repository))));
    }
    if !is_tag(&tag.replace(RUN_ID, "id")) {
        let said =
            format!("a tag has letters, digits, and . _ - after the first; {RUN_ID} is the id of the run");
        return Err(bad(&format!("“{}”: {said}", visible(tag))));
    }
    Ok(format!("{repository}:{tag}"))
}

fn platform(asked: &Asked) -> Result<&'static str, Failure> {
    let typed = match asked.value("platform") {
        "" => "linux/amd64",
        typed => typed,
    };
    let known = PLATFORMS.into_iter().find(|known| *known == typed);
    known.ok_or_else(|| bad(&format!("Azure builds for {}", PLATFORMS.join(", "))))
}

/// Minutes.
fn timeout(asked: &Asked) -> Result<u64, Failure> {
    match asked.value("timeout") {
        "" => Ok(60),
        typed => {
            typed.parse().ok().filter(|minutes| TIMEOUTS.contains(minutes)).ok_or_else(|| {
                bad(&format!("a timeout is {} to {} minutes", TIMEOUTS.start(), TIMEOUTS.end()))
            })
        }
    }
}

fn bad(said: &str) -> Failure {
    Failure::new(FailureKind::Invalid, CHECKING, said)
}

/// `12 files, 3.4 MiB`.
fn told(extent: Extent) -> String {
    let odd = match extent.odd {
        0 => String::new(),
        odd => format!("; {} left out that are no files", human::thousands(odd)),
    };
    format!("{}, {}{odd}", human::count(extent.files, "file", "files"), human::size(extent.bytes))
}
