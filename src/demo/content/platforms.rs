//! Many platforms in one index, Windows among them, and images as old as Docker's first formats.
//!
//! Invariant: what an index says of a member's platform is what the member's configuration says.

use serde_json::json;

use super::Shelf;
use super::image::{Family, Image, Step, put_index, put_manifest};
use super::layer::{File, pack};
use super::release::{Release, about, image, linux, program, release, revision};
use crate::domain::media::DOCKER_SCHEMA1_SIGNED;
use crate::domain::{Failure, Platform};

const LINUX: [Release; 4] = [
    release("12.5", 290, &["bookworm-20250318"]),
    release("12.6", 200, &["bookworm-20250616"]),
    release("12.7", 110, &["bookworm-20250914"]),
    release("12.8", 20, &["bookworm-20251213", "bookworm", "12", "latest"]),
];

const AGENT: [Release; 2] = [release("3.1.0", 84, &[]), release("3.2.0", 16, &["3", "latest"])];

/// The two Windows releases that are still served: their tag suffix and their build.
const WINDOWS: [(&str, &str); 2] = [("ltsc2019", "10.0.17763.6532"), ("ltsc2022", "10.0.20348.2849")];

pub(super) fn fill(shelf: &Shelf<'_>) -> Result<(), Failure> {
    linux_base(shelf)?;
    agent(shelf)?;
    legacy(shelf)
}

/// Seven platforms.
fn linux_base(shelf: &Shelf<'_>) -> Result<(), Failure> {
    let repository = "base/linux";
    let platforms = [
        linux("amd64", None),
        linux("arm64", Some("v8")),
        linux("arm", Some("v7")),
        linux("386", None),
        linux("ppc64le", None),
        linux("riscv64", None),
        linux("s390x", None),
    ];
    for release in &LINUX {
        let mut members = Vec::new();
        for platform in &platforms {
            let mut image = image(shelf, Family::Oci, repository, release, platform)?;
            image.runtime =
                json!({ "Cmd": ["/bin/sh"], "Env": ["PATH=/usr/sbin:/usr/bin:/sbin:/bin", "LANG=C.UTF-8"] });
            members.push(image.put(shelf.store, repository));
        }
        let index =
            put_index(shelf.store, repository, Family::Oci, &members, &about(shelf, repository, release));
        shelf.tag_release(repository, release, &index);
    }
    Ok(())
}

/// Windows in two builds, and Linux.
fn agent(shelf: &Shelf<'_>) -> Result<(), Failure> {
    let repository = "desktop/agent";
    for release in &AGENT {
        let linux = image(shelf, Family::Docker, repository, release, &linux("amd64", None))?;
        let mut members = vec![linux.put(shelf.store, repository)];
        for (suffix, build) in WINDOWS {
            let windows = windows_agent(shelf, repository, release, build)?.put(shelf.store, repository);
            shelf.tag(repository, &[&format!("{}-{suffix}", release.version)], &windows);
            members.push(windows);
        }
        let list = put_index(shelf.store, repository, Family::Docker, &members, &json!({}));
        shelf.tag_release(repository, release, &list);
    }
    Ok(())
}

fn windows_agent(
    shelf: &Shelf<'_>,
    repository: &str,
    release: &Release,
    build: &str,
) -> Result<Image, Failure> {
    let content = program(&format!("agent {} {build}", release.version));
    let base = pack(&[File::text("Files/License.txt", "The files of the system would be here.\r\n")])?;
    let app = pack(&[File::program("Files/Program Files/Acme/agent.exe", &content)])?;
    Ok(Image {
        family: Family::Docker,
        platform: Platform {
            os: "windows".to_owned(),
            architecture: "amd64".to_owned(),
            variant: None,
            os_version: Some(build.to_owned()),
        },
        created: shelf.days_ago(release.days),
        runtime: json!({
            "User": "ContainerUser",
            "Entrypoint": ["C:\\Program Files\\Acme\\agent.exe"],
            "Cmd": ["/service"],
            "WorkingDir": "C:\\Program Files\\Acme",
            "Labels": about(shelf, repository, release),
        }),
        steps: vec![
            Step::layer(format!("Apply image {build}"), base),
            Step::layer("cmd /S /C #(nop) COPY agent.exe 'C:\\Program Files\\Acme\\'", app),
            Step::setting("cmd /S /C #(nop)  USER ContainerUser"),
        ],
        annotations: json!({}),
    })
}

/// An image of years ago, and one in Docker's schema 1, which can only be looked at.
fn legacy(shelf: &Shelf<'_>) -> Result<(), Failure> {
    let repository = "legacy/billing";
    let release = release("1.0", 2_640, &["latest"]);
    let mut image = image(shelf, Family::Docker, repository, &release, &linux("amd64", None))?;
    image.steps.push(Step::setting("/bin/sh -c #(nop)  MAINTAINER billing@acme.example"));
    let manifest = image.put(shelf.store, repository);
    shelf.tag(repository, &["1.0", "latest"], &manifest);
    let compatibility = json!({
        "id": revision("billing 0.9"),
        "created": shelf.days_ago(3_100),
        "architecture": "amd64",
        "os": "linux",
        "config": { "Cmd": ["/app/billing"] },
    });
    let schema1 = json!({
        "schemaVersion": 1,
        "name": repository,
        "tag": "0.9",
        "architecture": "amd64",
        "fsLayers": [{ "blobSum": manifest.digest }],
        "history": [{ "v1Compatibility": compatibility.to_string() }],
        "signatures": [],
    });
    let put = put_manifest(shelf.store, repository, DOCKER_SCHEMA1_SIGNED, &schema1);
    shelf.tag(repository, &["0.9"], &put);
    Ok(())
}
