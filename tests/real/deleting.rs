//! `untag` and `rm`, with deletes on and off.

use super::content::{Image, tag};
use super::is_wanted;
use super::program::Home;
use super::registry::{Registry, Setup};

#[tokio::test]
async fn one_tag_goes_and_its_siblings_stay() {
    if !is_wanted() {
        return;
    }
    let (registry, home) = (Registry::start(Setup::default()), Home::new());
    let client = registry.client();
    let image = Image::small("team/app", "2.4.1").push(&client).await;
    tag(&client, "team/app", "2.4", &image).await;
    tag(&client, "team/app", "latest", &image).await;
    let told = home.run(&["untag", &registry.reference("team/app:latest")]).done().text();
    assert_eq!(told, format!("untagged {}\n", registry.reference("team/app:latest")));
    let mut left = home.run(&["ls", &registry.reference("team/app")]).done().lines();
    left.sort();
    assert_eq!(left, ["2.4", "2.4.1"]);
    for tag in ["2.4", "2.4.1"] {
        let raw = home.run(&["inspect", "--raw", &registry.reference(&format!("team/app:{tag}"))]).done().out;
        assert_eq!(raw, image.bytes);
    }
    home.run(&["untag", &registry.reference("team/app:latest")]).failed(3, &["team/app:latest"]);
    home.run(&["untag", &registry.reference(&format!("team/app@{}", image.digest))]).failed(2, &["no tag"]);
    home.run(&["untag", &registry.reference("team/app")]).failed(2, &["no tag"]);
}

#[tokio::test]
async fn a_manifest_goes_with_all_of_its_tags() {
    if !is_wanted() {
        return;
    }
    let (registry, home) = (Registry::start(Setup::default()), Home::new());
    let client = registry.client();
    let gone = Image::small("team/app", "1").push(&client).await;
    tag(&client, "team/app", "one", &gone).await;
    Image::small("team/app", "2").push(&client).await;
    let reference = registry.reference("team/app:1");
    home.run(&["rm", &reference]).failed(2, &["--yes"]);
    home.run(&["rm", "--yes", "--read-only", &reference]).failed(4, &["--read-only"]);
    home.run(&["untag", "--read-only", &reference]).failed(4, &["--read-only"]);
    home.run(&["inspect", &reference]).done();

    let told = home.run(&["rm", "--yes", "--json", &reference]).done().json();
    assert_eq!(told["deleted"], gone.digest.to_string());
    let mut tags: Vec<&str> = told["tags"].as_array().unwrap().iter().filter_map(|t| t.as_str()).collect();
    tags.sort_unstable();
    assert_eq!(tags, ["1", "one"]);
    home.run(&["inspect", &reference]).failed(3, &[]);
    home.run(&["rm", "--yes", &reference]).failed(3, &[]);
    assert_eq!(home.run(&["ls", &registry.reference("team/app")]).done().lines(), ["2"]);
}

#[tokio::test]
async fn a_registry_that_deletes_nothing_is_explained() {
    if !is_wanted() {
        return;
    }
    let registry = Registry::start(Setup { no_deletes: true, ..Setup::default() });
    let (client, home) = (registry.client(), Home::new());
    let image = Image::small("team/app", "1").push(&client).await;
    tag(&client, "team/app", "latest", &image).await;
    for verb in [["rm", "--yes"], ["untag", "--yes"]] {
        let reference = registry.reference("team/app:latest");
        home.run(&[&verb[..], &[&reference]].concat()).failed(1, &["storage.delete.enabled"]);
    }
    for tag in ["1", "latest"] {
        let raw = home.run(&["inspect", "--raw", &registry.reference(&format!("team/app:{tag}"))]).done().out;
        assert_eq!(raw, image.bytes, "nothing was pushed over {tag}");
    }
}
