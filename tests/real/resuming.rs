//! A pull that is killed in the middle.

use std::process::Stdio;

use super::content::Image;
use super::is_wanted;
use super::program::Home;
use super::proxy::Proxy;
use super::registry::{Registry, Setup};

const MIB: usize = 1 << 20;

#[tokio::test(flavor = "multi_thread")]
async fn what_had_arrived_before_a_kill_is_not_fetched_twice() {
    if !is_wanted() {
        return;
    }
    let (registry, home) = (Registry::start(Setup::default()), Home::new());
    let layers = [12 * MIB, 10 * MIB, 6 * MIB, 4 * MIB];
    let image = Image { layers: &layers, ..Image::small("team/big", "1") }.push(&registry.client()).await;
    let proxy = Proxy::start(&registry.host);
    proxy.narrow(4 * MIB as u64);
    let layout = registry.folder().join("layout");
    let target = format!("oci:{}:1", layout.display());
    let reference = format!("{}/team/big:1", proxy.host);

    let mut command = home.command(env!("CARGO_BIN_EXE_tagalong"));
    let mut killed = command
        .args(["pull", &reference, &target])
        .stderr(Stdio::null())
        .stdout(Stdio::null())
        .spawn()
        .unwrap();
    proxy.wait_for(image.size / 2);
    killed.kill().unwrap();
    killed.wait().unwrap();
    assert!(proxy.came_back() < image.size * 9 / 10, "it was killed in the middle");

    proxy.narrow(0);
    let pulled = home.run(&["pull", "--json", &reference, &target]).done().json();
    let total = proxy.came_back();
    assert!(total <= image.size * 105 / 100, "{total} bytes came for an image of {}", image.size);
    let (fetched, reused) = (pulled["fetched"].as_u64().unwrap(), pulled["reused"].as_u64().unwrap());
    assert_eq!(fetched + reused, image.size);
    assert!(reused >= image.size * 4 / 10, "{reused} of {} were reused", image.size);
    assert_eq!(home.skopeo(&["inspect", "--raw", &target]), image.bytes);
    home.skopeo(&["copy", &target, &format!("dir:{}", registry.folder().join("copy").display())]);
}

#[tokio::test(flavor = "multi_thread")]
async fn an_interrupted_pull_says_so_and_leaves_no_image() {
    if !is_wanted() {
        return;
    }
    let (registry, home) = (Registry::start(Setup::default()), Home::new());
    let image = Image { layers: &[16 * MIB], ..Image::small("team/big", "1") }.push(&registry.client()).await;
    let proxy = Proxy::start(&registry.host);
    proxy.narrow(4 * MIB as u64);
    let mut command = home.command(env!("CARGO_BIN_EXE_tagalong"));
    command.args(["pull", &format!("{}/team/big:1", proxy.host)]);
    let stopped = command.stderr(Stdio::piped()).stdout(Stdio::null()).spawn().unwrap();
    proxy.wait_for(image.size / 4);
    let id = rustix::process::Pid::from_child(&stopped);
    rustix::process::kill_process(id, rustix::process::Signal::INT).unwrap();
    let output = stopped.wait_with_output().unwrap();
    assert_eq!(output.status.code(), Some(130), "{}", String::from_utf8_lossy(&output.stderr));
    assert!(proxy.came_back() < image.size, "it was stopped before its end");
    let index = std::fs::read_to_string(home.tagalong().join("store/index.json")).unwrap_or_default();
    assert!(!index.contains("team/big"), "{index}");
}
