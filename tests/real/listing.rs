//! `ls` and `inspect`.

use serde_json::json;
use tagalong::domain::Digest;

use super::content::{Image, push_index, tag};
use super::is_wanted;
use super::program::Home;
use super::registry::{Registry, Setup};

#[tokio::test]
async fn repositories_and_tags_are_listed() {
    if !is_wanted() {
        return;
    }
    let registry = Registry::start(Setup::default());
    let client = registry.client();
    let first = Image::small("team/app", "1.0").push(&client).await;
    tag(&client, "team/app", "latest", &first).await;
    Image::small("team/other/deep", "x").push(&client).await;
    let home = Home::new();
    assert_eq!(home.run(&["ls", &registry.host]).done().lines(), ["team/app", "team/other/deep"]);
    // Distribution 2.8 gives tags in the order of its folder.
    let mut tags = home.run(&["ls", &registry.reference("team/app")]).done().lines();
    tags.sort();
    assert_eq!(tags, ["1.0", "latest"]);
    let listed = home.run(&["ls", "--json", &registry.reference("team/app")]).done().json();
    for tag in tags {
        let row = json!({ "tag": tag, "reference": registry.reference(&format!("team/app:{tag}")) });
        assert!(listed.as_array().unwrap().contains(&row), "{row} in {listed}");
    }
    home.run(&["ls", &registry.reference("team/none")]).failed(3, &["team/none"]);
    let failed = home.run(&["ls", "--json", &registry.reference("team/none")]).failed(3, &["not found"]);
    assert!(failed.out.is_empty(), "standard output holds results alone: {}", failed.text());
}

#[tokio::test]
async fn a_host_that_is_not_there_is_told() {
    if !is_wanted() {
        return;
    }
    let registry = Registry::start(Setup::default());
    let host = registry.host.clone();
    drop(registry);
    Home::new().run(&["ls", &host]).failed(1, &[&host, "Check the name, the port and the network"]);
}

#[tokio::test]
async fn pages_of_the_catalogue_are_followed() {
    if !is_wanted() {
        return;
    }
    let registry = Registry::start(Setup::default());
    let client = registry.client();
    // A page holds at most a hundred when a thousand is refused, and Distribution gives fewer where repositories nest.
    let mut expected: Vec<String> = (0..130).map(|n| format!("many/r{n:03}")).collect();
    for name in &expected {
        let config = client.put_blob(name, "{}".into()).await.unwrap();
        let manifest = json!({
            "schemaVersion": 2, "mediaType": tagalong::domain::media::OCI_MANIFEST,
            "config": { "mediaType": tagalong::domain::media::OCI_CONFIG, "digest": config.digest, "size": config.size },
            "layers": [],
        });
        let bytes = manifest.to_string().into();
        client.put_manifest(name, "a", tagalong::domain::media::OCI_MANIFEST, bytes).await.unwrap();
    }
    let mut listed = Home::new().run(&["ls", &registry.host]).done().lines();
    listed.sort();
    expected.sort();
    assert_eq!(listed, expected);
}

#[tokio::test]
async fn a_manifest_is_read_for_people_and_byte_for_byte() {
    if !is_wanted() {
        return;
    }
    let registry = Registry::start(Setup::default());
    let client = registry.client();
    let amd64 = Image::small("team/multi", "amd64").push(&client).await;
    let arm64 = Image { platform: "linux/arm64", ..Image::small("team/multi", "arm64") }.push(&client).await;
    let index = push_index(&client, "team/multi", "1", &[amd64.clone(), arm64]).await;
    let (home, reference) = (Home::new(), registry.reference("team/multi:1"));

    let read = home.run(&["inspect", &reference]).done().text();
    for part in
        [index.digest.to_string(), "linux/arm64".to_owned(), amd64.digest.to_string(), "/app/run".to_owned()]
    {
        assert!(read.contains(&part), "“{part}” in: {read}");
    }
    let raw = home.run(&["inspect", "--raw", &reference]).done().out;
    assert_eq!(Digest::of(&raw), index.digest);
    let docker = format!("docker://{reference}");
    assert_eq!(raw, home.skopeo(&["inspect", "--raw", "--tls-verify=false", &docker]));

    let by_digest = registry.reference(&format!("team/multi@{}", amd64.digest));
    let json = home.run(&["inspect", "--json", &by_digest]).done().json();
    assert_eq!(json["digest"], amd64.digest.to_string());
    assert_eq!(json["verified"], true);
    assert_eq!(json["config"]["config"]["Cmd"], json!(["/app/run"]));
    home.run(&["inspect", &registry.reference("team/multi:none")]).failed(3, &["none"]);
    home.run(&["inspect", "Not A Reference"]).failed(2, &["Not A Reference"]);
    home.run(&["inspect"]).failed(2, &["Usage"]);
}
