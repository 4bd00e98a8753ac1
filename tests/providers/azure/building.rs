//! Images are built from a folder: what is sent, what is asked for, what is told, and everything that goes wrong.

use std::fs;
use std::io::Read as _;

use serde_json::json;
use tagalong::domain::asked::Asked;
use tagalong::domain::{FailureKind, NodeKind};
use tempfile::TempDir;

use super::agents::End;
use super::offering::{Watch, asked, choices, run, shown};
use super::*;
use crate::desk::{Laid, always};

const BUILD: &str = "azure.build";

fn folder() -> TempDir {
    let folder = TempDir::new().unwrap();
    for (name, content) in [
        ("Dockerfile", "FROM scratch"),
        (".dockerignore", "secret"),
        ("secret", "the secret"),
        ("main.rs", "fn main() {}"),
    ] {
        fs::write(folder.path().join(name), content).unwrap();
    }
    folder
}

/// Bytes that cannot be compressed.
fn random(length: usize) -> Vec<u8> {
    let next = |state: &u64| {
        Some(state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407))
    };
    let states = std::iter::successors(Some(7), next);
    states.map(|state: u64| (state >> 56) as u8).take(length).collect()
}

/// The form, filled in, with some values of it changed.
fn form(fake: &Fake, folder: &TempDir, changed: &[(&str, &str)]) -> Asked {
    let folder = folder.path().to_str().unwrap();
    let mut values = vec![
        ("folder", folder),
        ("dockerfile", "Dockerfile"),
        ("name", "acme/built:1.0"),
        ("platform", "linux/arm/v7"),
        ("timeout", ""),
    ];
    values.extend_from_slice(changed);
    asked(BUILD, &registry_of(fake), &values)
}

/// The files that were sent.
fn sent(fake: &Fake) -> Vec<String> {
    let agents = fake.inner.agents.lock().unwrap();
    let blob = agents.blobs.values().next().unwrap();
    let mut tar = tar::Archive::new(flate2::read::GzDecoder::new(blob.as_slice()));
    let names = tar.entries().unwrap().map(|e| e.unwrap().path().unwrap().to_str().unwrap().to_owned());
    names.collect()
}

#[tokio::test]
async fn a_folder_is_sent_built_and_pushed_while_its_log_is_told() {
    let (fake, folder) = (filled().await, folder());
    let provider = signed_in(&fake);
    let form = form(&fake, &folder, &[]);
    let summary = provider.extras().unwrap().summary(&form).await.unwrap();
    let at = folder.path().display();
    assert_eq!(
        summary,
        [
            format!("send {at} to Azure: 3 files, 30 B, as .dockerignore says"),
            "build Dockerfile there for linux/arm/v7".to_owned(),
            format!("push it as {}/acme/built:1.0", fake.server()),
        ]
    );
    assert!(!fake.asked("listBuildSourceUploadUrl"), "a summary changes nothing");
    let watch = Watch::default();
    let outcome = watch.run(&*provider, &form).await.unwrap();
    assert_eq!(sent(&fake), [".dockerignore", "Dockerfile", "main.rs"]);
    assert_eq!(
        fake.inner.agents.lock().unwrap().requests,
        [json!({
            "type": "DockerBuildRequest", "imageNames": ["acme/built:1.0"], "isPushEnabled": true,
            "noCache": false, "timeout": 3600, "arguments": [], "dockerFilePath": "Dockerfile",
            "platform": { "os": "Linux", "architecture": "arm", "variant": "v7" },
            "sourceLocation": "source/0.tar.gz",
        })]
    );
    let told = watch.told();
    let place = |what: &str| told.find(what).unwrap_or_else(|| panic!("“{what}” is told: {told}"));
    let order = ["packing the folder", "sending ", "run cf1: running", "Step 1/2 : FROM scratch", "\ndone"];
    assert!(order.map(place).is_sorted(), "{told}");
    assert!(told.contains("(3 files, 30 B)"), "the size is told before it is sent: {told}");
    assert_eq!(told.matches("Downloading source").count(), 1, "each line once: {told}");
    let tags = all(&*provider, &repository(&fake, "acme/built")).await;
    let digest = tags[0].facts.as_ref().unwrap().digest.clone().unwrap();
    assert_eq!(outcome.said, format!("Run cf1 succeeded in 1 m 3 s: acme/built:1.0 ({digest})"));
    assert_eq!(outcome.at.unwrap(), repository(&fake, "acme/built").child(NodeKind::Tag, "1.0"));
    assert!(outcome.changed.contains(&registry_of(&fake)));
}

#[tokio::test]
async fn a_large_folder_goes_in_pieces_that_are_sent_again_alone() {
    let (fake, folder) = (filled().await, folder());
    fs::write(folder.path().join("large"), random(17 << 20)).unwrap();
    let busy = [("retry-after", "0"), ("x-ms-error-code", "ServerBusy")];
    let times = Laid { on: "comp=block&", times: 1, status: 503, headers: &[], body: "" };
    fake.desk().lay(Laid { headers: Box::leak(Box::new(busy)), ..times });
    let watch = Watch::default();
    watch.run(&*signed_in(&fake), &form(&fake, &folder, &[])).await.unwrap();
    assert!(watch.told().contains("8.0 MiB sent"), "{}", watch.told());
    assert_eq!(fake.desk().count("comp=block&"), 4, "three pieces, one of them twice");
    assert!(sent(&fake).contains(&"large".to_owned()));
    let agents = fake.inner.agents.lock().unwrap();
    let blob = agents.blobs.values().next().unwrap();
    let mut tar = tar::Archive::new(flate2::read::GzDecoder::new(blob.as_slice()));
    let large = tar.entries().unwrap().map(Result::unwrap).find(|e| e.path().unwrap().ends_with("large"));
    let mut content = Vec::new();
    large.unwrap().read_to_end(&mut content).unwrap();
    assert_eq!(content, random(17 << 20));
}

#[tokio::test]
async fn the_form_offers_what_there_is_and_refuses_what_cannot_be() {
    let (fake, folder) = (filled().await, folder());
    let provider = signed_in(&fake);
    let empty = form(&fake, &folder, &[]);
    assert_eq!(shown(&choices(&*provider, &empty, "folder").await), [(".", "")]);
    assert_eq!(shown(&choices(&*provider, &empty, "dockerfile").await), [("Dockerfile", "")]);
    let platforms = choices(&*provider, &empty, "platform").await;
    assert!(shown(&platforms).contains(&("windows/amd64", "")) && platforms[0].value == "linux/amd64");
    let before = fake.desk().asked().len();
    let extras = provider.extras().unwrap();
    for (field, typed, said) in [
        ("folder", "/nonexistent", "there is no such folder"),
        ("folder", "", "name the folder"),
        ("dockerfile", "Containerfile", "there is no Dockerfile “Containerfile”"),
        ("dockerfile", "../Dockerfile", "has to lie in the folder"),
        ("name", "", "name the image"),
        ("name", "Acme/App:1", "lower-case letters"),
        ("name", "a/b:", "a tag has letters"),
        ("name", "a/b:{{.Run.Date}}", "{{.Run.ID}} is the id of the run"),
        ("timeout", "4", "5 to 480 minutes"),
        ("timeout", "an hour", "5 to 480 minutes"),
    ] {
        let typed = form(&fake, &folder, &[(field, typed)]);
        let failure = extras.check(&typed, field).await.unwrap_err();
        assert_eq!(failure.kind, FailureKind::Invalid);
        assert!(failure.said.contains(said), "{field}: {failure}");
        assert_eq!(extras.summary(&typed).await.unwrap_err().said, failure.said);
        assert_eq!(run(&*provider, &typed).await.unwrap_err().said, failure.said);
    }
    for (field, typed) in
        [("name", "app"), ("name", "a/b:{{.Run.ID}}"), ("timeout", "5"), ("dockerfile", "./Dockerfile")]
    {
        extras.check(&form(&fake, &folder, &[(field, typed)]), field).await.unwrap();
    }
    assert_eq!(fake.desk().asked().len(), before, "Azure is not asked about any of it");
}

#[tokio::test]
async fn an_upload_that_is_refused_starts_no_build() {
    let (fake, folder) = (filled().await, folder());
    fake.desk().lay(Laid {
        on: "PUT /source/",
        times: 9,
        status: 403,
        headers: &[("x-ms-error-code", "AuthenticationFailed")],
        body: "<?xml version=\"1.0\"?><Error/>",
    });
    let failure = run(&*signed_in(&fake), &form(&fake, &folder, &[])).await.unwrap_err();
    assert_eq!((failure.kind, failure.doing.as_str()), (FailureKind::Forbidden, "sending the folder"));
    assert!(failure.said.contains("AuthenticationFailed") && !failure.said.contains("secret"), "{failure}");
    assert!(!fake.asked("scheduleRun"));
}

#[tokio::test]
async fn a_build_that_fails_says_why_and_its_log_was_told() {
    for (end, kind, how) in [
        (End::Badly("Failed", "failed during run, err: exit status 1"), FailureKind::Invalid, "it failed"),
        (End::Badly("Error", ""), FailureKind::Invalid, "it failed"),
        (End::Badly("Timeout", ""), FailureKind::Timeout, "it took longer than it may"),
        (End::Badly("Canceled", ""), FailureKind::Cancelled, "it was cancelled in Azure"),
    ] {
        let (fake, folder) = (filled().await, folder());
        fake.inner.agents.lock().unwrap().ends = end;
        let watch = Watch::default();
        let failure = watch.run(&*signed_in(&fake), &form(&fake, &folder, &[])).await.unwrap_err();
        assert_eq!((failure.kind, failure.doing.as_str()), (kind, "building in Azure, run cf1"));
        assert!(failure.said.starts_with(how) && failure.said.ends_with("FROM scratch | done"), "{failure}");
        assert_eq!(failure.said.contains("exit status 1"), matches!(end, End::Badly("Failed", _)));
        assert!(watch.told().contains("Step 1/2 : FROM scratch"));
    }
}

#[tokio::test]
async fn who_leaves_ends_the_following_and_not_the_build() {
    let (fake, folder) = (filled().await, folder());
    fake.inner.agents.lock().unwrap().ends = End::Never;
    let watch = Watch::stopping_at("run cf1: running");
    let failure = watch.run(&*signed_in(&fake), &form(&fake, &folder, &[])).await.unwrap_err();
    assert_eq!(failure.kind, FailureKind::Cancelled);
    assert!(failure.said.contains("it goes on in Azure"), "{failure}");
    assert!(!fake.asked("/cancel"));
    let before = Watch::stopping_at("packing");
    let failure = before.run(&*signed_in(&fake), &form(&fake, &folder, &[])).await.unwrap_err();
    assert_eq!(failure.kind, FailureKind::Cancelled);
    assert_eq!(fake.inner.agents.lock().unwrap().blobs.len(), 1, "nothing more was sent");
}

#[tokio::test]
async fn the_missing_role_and_the_missing_service_are_said() {
    let (fake, folder) = (filled().await, folder());
    let denied = r#"{"error":{"code":"AuthorizationFailed","message":"No."}}"#;
    fake.desk().lay(always("listBuildSourceUploadUrl", 403, denied));
    let failure = run(&*signed_in(&fake), &form(&fake, &folder, &[])).await.unwrap_err();
    assert_eq!(failure.kind, FailureKind::Forbidden);
    let role = "this needs the role Contributor, or Container Registry Tasks Contributor";
    assert!(failure.said.contains("No (AuthorizationFailed)") && failure.said.contains(role), "{failure}");
    fake.desk().clear();
    let closed =
        r#"{"error":{"code":"TasksOperationsNotAllowed","message":"ACR Tasks requests are not permitted."}}"#;
    fake.desk().lay(always("scheduleRun", 400, closed));
    let failure = run(&*signed_in(&fake), &form(&fake, &folder, &[])).await.unwrap_err();
    assert_eq!(failure.kind, FailureKind::Unsupported);
    assert!(
        failure.said.contains("are not permitted") && failure.said.contains("build here and push"),
        "{failure}"
    );
}

#[tokio::test]
async fn a_log_whose_address_has_ended_is_read_on_at_another() {
    let (fake, folder) = (filled().await, folder());
    fake.desk().lay(Laid { on: "HEAD /logs/", times: 1, status: 403, headers: &[], body: "" });
    let watch = Watch::default();
    watch.run(&*signed_in(&fake), &form(&fake, &folder, &[])).await.unwrap();
    assert_eq!(fake.desk().count("listLogSasUrl"), 2);
    assert!(watch.told().contains("Step 1/2 : FROM scratch"));
}
