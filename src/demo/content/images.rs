//! Images of one or two platforms: a site, a worker, a gateway, a tool, a transcoder.
//!
//! Invariant: each shows something that the others do not.

use serde_json::json;

use super::image::{Family, Step, merge, put_index};
use super::layer::{BASE_AMD64, CODECS, FONTS, PRESETS};
use super::release::{Release, image, linux, release, revision};
use super::{Shelf, attached};
use crate::domain::Failure;

const WEB: [Release; 9] = [
    release("4.9.0", 410, &["4"]),
    release("5.0.0", 301, &[]),
    release("5.0.1", 295, &["5.0"]),
    release("5.1.0", 214, &["5.1"]),
    release("5.2.0", 96, &[]),
    release("5.2.1", 71, &[]),
    release("5.2.2", 40, &["5.2"]),
    release("5.3.0", 6, &["5.3", "5", "stable", "latest"]),
    release("5.4.0-rc.1", 1, &["next"]),
];

const TOOL: [Release; 8] = [
    release("v1.0.0", 700, &[]),
    release("v1.2.0", 520, &[]),
    release("v1.9.0", 310, &[]),
    release("v1.9.4", 260, &["v1.9"]),
    release("v1.10.0", 180, &["v1.10"]),
    release("v1.11.0", 88, &["v1.11"]),
    release("v1.12.0", 30, &[]),
    release("v1.12.3", 12, &["v1.12", "v1", "latest"]),
];

const TRANSCODER: [Release; 2] =
    [release("7.0.2", 64, &["7.0"]), release("7.1.0", 9, &["7.1", "7", "latest"])];

const GATEWAY: [Release; 3] =
    [release("0.8.0", 77, &[]), release("0.9.0", 25, &[]), release("0.9.1", 5, &["latest"])];

/// How many builds of the worker there are; only the newest have tags.
const BUILDS: i64 = 9;

pub(super) fn fill(shelf: &Shelf<'_>) -> Result<(), Failure> {
    web(shelf)?;
    worker(shelf)?;
    gateway(shelf)?;
    tool(shelf)?;
    transcoder(shelf)?;
    nested(shelf)
}

/// Docker's media types, two platforms.
fn web(shelf: &Shelf<'_>) -> Result<(), Failure> {
    let repository = "acme/web";
    for release in &WEB {
        let mut members = Vec::new();
        for platform in [linux("amd64", None), linux("arm64", Some("v8"))] {
            let mut image = image(shelf, Family::Docker, repository, release, &platform)?;
            let site = json!({
                "ExposedPorts": { "80/tcp": {}, "443/tcp": {} },
                "Volumes": { "/var/cache/web": {} },
                "Cmd": ["--workers", "auto", "--root", "/srv/www"],
                "Healthcheck": { "Test": ["CMD", "/app/web", "--check"], "Interval": 30_000_000_000_i64 },
            });
            merge(&mut image.runtime, site);
            members.push(image.put(shelf.store, repository));
        }
        let list = put_index(shelf.store, repository, Family::Docker, &members, &json!({}));
        shelf.tag_release(repository, release, &list);
    }
    Ok(())
}

/// One platform, a tag for each commit, and older builds that `main` has left behind without a tag.
fn worker(shelf: &Shelf<'_>) -> Result<(), Failure> {
    let repository = "acme/worker";
    for build in (0..BUILDS).rev() {
        let commit: String = revision(&format!("worker {build}")).chars().take(7).collect();
        let release = Release { version: "main", days: build * 2, moving: &[] };
        let mut image = image(shelf, Family::Docker, repository, &release, &linux("amd64", None))?;
        let queue = json!({
            "User": "worker",
            "Env": ["QUEUE_URL=amqp://queue.acme.example:5672", "CONCURRENCY=16", format!("GIT_COMMIT={commit}")],
            "Cmd": ["--queue", "default,mail"],
        });
        merge(&mut image.runtime, queue);
        let manifest = image.put(shelf.store, repository);
        shelf.tag(repository, &["main"], &manifest);
        if build < 5 {
            shelf.tag(repository, &[&format!("sha-{commit}")], &manifest);
        }
    }
    Ok(())
}

/// Signed by tag, as cosign does without a referrers API.
fn gateway(shelf: &Shelf<'_>) -> Result<(), Failure> {
    let repository = "acme/gateway";
    for release in &GATEWAY {
        let mut image = image(shelf, Family::Oci, repository, release, &linux("amd64", None))?;
        merge(
            &mut image.runtime,
            json!({ "ExposedPorts": { "8443/tcp": {} }, "Cmd": ["--routes", "/etc/gateway"] }),
        );
        let manifest = image.put(shelf.store, repository);
        shelf.tag_release(repository, release, &manifest);
        attached::sign_by_tag(shelf, repository, &manifest);
    }
    Ok(())
}

/// Versions with a `v`.
fn tool(shelf: &Shelf<'_>) -> Result<(), Failure> {
    let repository = "tools/acmectl";
    for release in &TOOL {
        let image = image(shelf, Family::Oci, repository, release, &linux("amd64", None))?;
        let manifest = image.put(shelf.store, repository);
        shelf.tag_release(repository, release, &manifest);
    }
    Ok(())
}

/// 24 MiB in several layers: a pull has something to show.
fn transcoder(shelf: &Shelf<'_>) -> Result<(), Failure> {
    let repository = "media/transcoder";
    for release in &TRANSCODER {
        let mut image = image(shelf, Family::Oci, repository, release, &linux("amd64", None))?;
        let large = [
            ("RUN /bin/sh -c debootstrap --variant=minbase stable /", &BASE_AMD64),
            ("COPY --from=codecs /out/lib/ /opt/transcoder/lib/", &CODECS),
            ("RUN /bin/sh -c apt-get install -y fonts-subtitles", &FONTS),
            ("COPY presets.bin /opt/transcoder/share/", &PRESETS),
        ];
        for (at, (command, layer)) in large.into_iter().enumerate() {
            image.steps.insert(at, Step::layer(format!("{command} # buildkit"), layer.layer()?));
        }
        merge(&mut image.runtime, json!({ "Cmd": ["--preset", "h264-1080p"], "Volumes": { "/media": {} } }));
        let manifest = image.put(shelf.store, repository);
        shelf.tag_release(repository, release, &manifest);
    }
    Ok(())
}

/// A name with many parts.
fn nested(shelf: &Shelf<'_>) -> Result<(), Failure> {
    let repository = "platform/observability/collectors/metrics/scraper";
    let release = release("0.4.2", 18, &["latest"]);
    let image = image(shelf, Family::Oci, repository, &release, &linux("amd64", None))?;
    let manifest = image.put(shelf.store, repository);
    shelf.tag_release(repository, &release, &manifest);
    Ok(())
}
