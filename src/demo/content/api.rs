//! `acme/api`: a service for three platforms, built with BuildKit, release by release.
//!
//! Invariant: the newest release has everything: platforms, attestations, a signature, an SBOM.

use serde_json::json;

use super::image::{Family, Image, Step, put_index};
use super::layer::{BASE_AMD64, BASE_ARM, BASE_ARM64, File, Layer, pack};
use super::release::{Release, about, linux, program, release, system};
use super::{Shelf, attached};
use crate::domain::{Failure, Platform};

const REPOSITORY: &str = "acme/api";
const RELEASES: [Release; 22] = [
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
    let bases = [
        (linux("amd64", None), BASE_AMD64.layer()?),
        (linux("arm64", Some("v8")), BASE_ARM64.layer()?),
        (linux("arm", Some("v7")), BASE_ARM.layer()?),
    ];
    let system = system()?;
    for release in &RELEASES {
        let mut members = Vec::new();
        for (platform, base) in &bases {
            let image = image(shelf, release, platform, [base.clone(), system.clone()])?;
            members.push(image.put(shelf.store, REPOSITORY));
        }
        let attested: Vec<_> = members
            .iter()
            .map(|member| attached::attestation(shelf, REPOSITORY, member, release.version))
            .collect();
        members.extend(attested);
        let annotations = about(shelf, REPOSITORY, release);
        let index = put_index(shelf.store, REPOSITORY, Family::Oci, &members, &annotations);
        shelf.tag_release(REPOSITORY, release, &index);
        if release.moving.contains(&"latest") {
            attached::refer(shelf, REPOSITORY, &index, release.version);
        }
    }
    Ok(())
}

fn image(
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
            "Labels": about(shelf, REPOSITORY, release),
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
        annotations: about(shelf, REPOSITORY, release),
    })
}
