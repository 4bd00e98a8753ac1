//! `acme/…`: services as a team ships them, release by release.
//!
//! Invariant: the newest release has everything: platforms, attestations, a signature, an SBOM.

use serde_json::{Value, json};

use super::artifacts;
use super::image::{Family, Image, Step, put_index};
use super::layer::{BASE_AMD64, BASE_ARM, BASE_ARM64, File, Layer, pack};
use super::{Shelf, seed};
use crate::demo::blob::noise;
use crate::domain::{Failure, Platform};

/// A release: its version, its age in days, and the moving tags that point at it.
pub(super) struct Release {
    pub(super) version: &'static str,
    pub(super) days: i64,
    pub(super) moving: &'static [&'static str],
}

const fn release(version: &'static str, days: i64, moving: &'static [&'static str]) -> Release {
    Release { version, days, moving }
}

const API: &str = "acme/api";
const API_RELEASES: [Release; 22] = [
    release("1.0.0", 912, &[]),
    release("1.0.1", 900, &["1.0"]),
    release("1.1.0", 861, &["1.1"]),
    release("1.2.0", 820, &["1.2"]),
    release("1.8.0", 640, &["1.8"]),
    release("1.9.0", 601, &[]),
    release("1.9.1", 588, &["1.9"]),
    release("1.10.0", 540, &[]),
    release("1.10.1", 533, &["1.10"]),
    release("1.11.0", 470, &["1.11", "1"]),
    release("2.0.0-rc.1", 441, &[]),
    release("2.0.0-rc.2", 430, &[]),
    release("2.0.0", 420, &[]),
    release("2.0.1", 402, &["2.0"]),
    release("2.1.0", 330, &["2.1"]),
    release("2.2.0", 240, &["2.2"]),
    release("2.3.0", 150, &[]),
    release("2.3.1", 121, &["2.3"]),
    release("2.4.0", 37, &[]),
    release("2.4.1", 3, &["2.4", "2", "latest", "stable"]),
    release("3.0.0-beta.1", 11, &[]),
    release("3.0.0-beta.2", 0, &["edge"]),
];

pub(super) fn fill(shelf: &Shelf<'_>) -> Result<(), Failure> {
    api(shelf)
}

/// The multi-platform service, built with BuildKit.
fn api(shelf: &Shelf<'_>) -> Result<(), Failure> {
    let bases = [
        (platform("amd64", None), BASE_AMD64.layer()?),
        (platform("arm64", Some("v8")), BASE_ARM64.layer()?),
        (platform("arm", Some("v7")), BASE_ARM.layer()?),
    ];
    let system = system()?;
    for release in &API_RELEASES {
        let mut members = Vec::new();
        for (platform, base) in &bases {
            let image = api_image(shelf, release, platform, [base.clone(), system.clone()])?;
            members.push(image.put(shelf.store, API));
        }
        let attested: Vec<_> = members
            .iter()
            .map(|member| artifacts::attestation(shelf, API, member, release.version))
            .collect();
        members.extend(attested);
        let annotations = about(shelf, API, release);
        let index = put_index(shelf.store, API, Family::Oci, &members, &annotations);
        shelf.tag(API, &[release.version], &index);
        shelf.tag(API, release.moving, &index);
        if release.moving.contains(&"latest") {
            artifacts::refer(shelf, API, &index, release.version);
        }
    }
    Ok(())
}

fn api_image(
    shelf: &Shelf<'_>,
    release: &Release,
    platform: &Platform,
    [base, system]: [Layer; 2],
) -> Result<Image, Failure> {
    let version = release.version;
    let settings = format!("listen: 0.0.0.0:8080\nmetrics: 0.0.0.0:9090\nversion: {version}\n");
    let program = program(&format!("api {version} {platform}"));
    let app = pack(&[File::program("app/api", &program), File::text("app/config.yaml", &settings)])?;
    Ok(Image {
        family: Family::Oci,
        platform: platform.clone(),
        created: shelf.days_ago(release.days),
        runtime: json!({
            "User": "65532:65532",
            "ExposedPorts": { "8080/tcp": {}, "9090/tcp": {} },
            "Env": [
                "PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin:/app",
                "ACME_LISTEN=0.0.0.0:8080",
                "ACME_LOG=info",
                format!("ACME_VERSION={version}"),
            ],
            "Entrypoint": ["/app/api"],
            "Cmd": ["serve", "--config", "/app/config.yaml"],
            "WorkingDir": "/app",
            "Labels": about(shelf, API, release),
            "StopSignal": "SIGTERM",
        }),
        steps: vec![
            Step::layer("RUN /bin/sh -c debootstrap --variant=minbase stable / # buildkit", base),
            Step::layer("COPY rootfs/ / # buildkit", system),
            Step::setting(format!("ENV ACME_LISTEN=0.0.0.0:8080 ACME_LOG=info ACME_VERSION={version}")),
            Step::setting("WORKDIR /app"),
            Step::layer("COPY --from=build /out/api /src/config.yaml /app/ # buildkit", app),
            Step::setting("EXPOSE map[8080/tcp:{} 9090/tcp:{}]"),
            Step::setting("USER 65532:65532"),
            Step::setting("ENTRYPOINT [\"/app/api\"]"),
            Step::setting("CMD [\"serve\" \"--config\" \"/app/config.yaml\"]"),
        ],
        annotations: about(shelf, API, release),
    })
}

/// The usual annotations of a release (image-spec, "Pre-Defined Annotation Keys").
pub(super) fn about(shelf: &Shelf<'_>, repository: &str, release: &Release) -> Value {
    let name = repository.rsplit('/').next().unwrap_or(repository);
    json!({
        "org.opencontainers.image.title": name,
        "org.opencontainers.image.version": release.version,
        "org.opencontainers.image.created": shelf.days_ago(release.days),
        "org.opencontainers.image.revision": revision(&format!("{repository} {}", release.version)),
        "org.opencontainers.image.source": format!("https://git.acme.example/{repository}"),
        "org.opencontainers.image.licenses": "Apache-2.0",
        "org.opencontainers.image.vendor": "Acme",
    })
}

/// A commit that stands for a text.
pub(super) fn revision(text: &str) -> String {
    format!("{:016x}{:016x}{:08x}", seed(text), seed(&format!("{text}.")), seed(text) >> 32)
}

/// A platform of Linux.
pub(super) fn platform(architecture: &str, variant: Option<&str>) -> Platform {
    Platform {
        os: "linux".to_owned(),
        architecture: architecture.to_owned(),
        variant: variant.map(str::to_owned),
        os_version: None,
    }
}

/// A few files that every system has.
pub(super) fn system() -> Result<Layer, Failure> {
    pack(&[
        File::text("etc/os-release", "PRETTY_NAME=\"Acme Linux 12\"\nID=acme\nVERSION_ID=\"12\"\n"),
        File::text(
            "etc/passwd",
            "root:x:0:0:root:/root:/bin/sh\nnonroot:x:65532:65532::/home/nonroot:/bin/false\n",
        ),
        File::text("etc/group", "root:x:0:\nnonroot:x:65532:\n"),
        File::text("etc/nsswitch.conf", "hosts: files dns\n"),
    ])
}

/// What stands for a compiled program: some kilobytes that depend on `text`.
pub(super) fn program(text: &str) -> Vec<u8> {
    let seed = seed(text);
    noise(seed, 0, 6_000 + seed % 9_000).into()
}
