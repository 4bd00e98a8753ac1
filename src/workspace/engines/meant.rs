//! Which engine is meant, and engines that come by themselves.
#![cfg(all(unix, feature = "engine"))]

use std::fs;
use std::path::PathBuf;

use tempfile::TempDir;

use super::*;
use crate::domain::Digest;
use crate::engine::scripted::{Answer, Scripted};
use crate::http::Silent;
use crate::store::Paths;

#[test]
fn an_empty_variable_is_none() {
    let env = Env::new(PathBuf::from("/home/ada"), [("DOCKER_HOST", ""), ("DOCKER_CONTEXT", "far")]);
    assert_eq!(set(&env, "DOCKER_HOST"), None);
    assert_eq!(set(&env, "DOCKER_CONTEXT").as_deref(), Some("far"));
    assert_eq!(set(&env, "DOCKER_CONFIG"), None);
}

/// Docker as the context `desktop-linux`, and Podman in the folder of this run.
#[tokio::test]
async fn a_kind_of_engine_is_the_first_of_that_kind_whatever_its_name() {
    let home = TempDir::new().unwrap();
    let docker = Scripted::usual(Vec::new());
    let podman = r#"{"Version": "4.3.1", "ApiVersion": "1.41", "MinAPIVersion": "1.24",
        "Components": [{"Name": "Podman Engine", "Version": "4.3.1"}]}"#;
    let podman = Scripted::usual(vec![("/version", Answer::Text(200, podman))]);
    let meta = format!(
        r#"{{"Name":"desktop-linux","Metadata":{{}},"Endpoints":{{"docker":{{"Host":"unix://{}"}}}}}}"#,
        docker.socket().display()
    );
    let folder = home.path().join("docker/contexts/meta").join(Digest::of(b"desktop-linux").hex());
    fs::create_dir_all(&folder).unwrap();
    fs::write(folder.join("meta.json"), meta).unwrap();
    let env = Env::new(
        home.path(),
        [
            ("DOCKER_CONTEXT", "desktop-linux".to_owned()),
            ("DOCKER_CONFIG", home.path().join("docker").display().to_string()),
            ("CONTAINER_HOST", format!("unix://{}", podman.socket().display())),
        ],
    );
    let paths = Paths::find(Some(&home.path().join("tagalong")), &env).unwrap();
    let (workspace, _) = Workspace::new(paths, env, Arc::new(Silent));
    let named = |id| LocalImage::named(ImagePlace::Engine(ConnectionId::new(id)), "app:1");
    for (written, meant) in
        [("docker", "engine-desktop-linux"), ("podman", "podman"), ("engine-other", "engine-other")]
    {
        assert_eq!(workspace.settle(named(written)).await, named(meant));
    }
    let store = LocalImage::in_place(ImagePlace::Store);
    assert_eq!(workspace.settle(store.clone()).await, store);
}

/// Docker is told by the person, and not started yet; the store is not made yet.
#[cfg(target_os = "linux")]
#[tokio::test]
async fn an_engine_shows_up_with_its_socket_and_the_store_with_its_index() {
    let home = TempDir::new().unwrap();
    let (socket, scripted) = (home.path().join("run/docker.sock"), Scripted::usual(Vec::new()));
    let env = Env::new(home.path(), [("DOCKER_HOST", format!("unix://{}", socket.display()))]);
    let paths = Paths::find(Some(&home.path().join("tagalong")), &env).unwrap();
    let (workspace, _) = Workspace::new(paths, env, Arc::new(Silent));
    let workspace = Arc::new(workspace);
    let mut changes = workspace.watch_images();
    let failures = |change: ImagesChange| match change {
        ImagesChange::Places(places) => places.into_iter().map(|p| p.failure.is_some()).collect(),
        ImagesChange::Content(_) => Vec::new(),
    };
    assert_eq!(failures(changes.next().await.unwrap()), [false, true], "the store, and Docker away");
    fs::create_dir(home.path().join("run")).unwrap();
    std::os::unix::fs::symlink(scripted.socket(), &socket).unwrap();
    assert_eq!(failures(changes.next().await.unwrap()), [false, false]);
    fs::create_dir_all(workspace.store_folder()).unwrap();
    fs::write(workspace.store_folder().join("index.json"), "{}").unwrap();
    let store = ImagesChange::Content(ConnectionId::new("store"));
    while changes.next().await != Some(store.clone()) {}
}
