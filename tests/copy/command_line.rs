//! The same from the command line.

use std::process::Stdio;

use serde_json::{Value, json};
use tagalong::transfer::Layout;

use super::{Bench, noise, reference};

/// Runs the program: its exit code, and what it printed and said.
async fn run(bench: &Bench, args: &[&str]) -> (i32, String, String) {
    let mut command = tokio::process::Command::new(env!("CARGO_BIN_EXE_tagalong"));
    command.args(args).env("TAGALONG_HOME", bench.folder.path().join("home")).stdin(Stdio::null());
    command.env("HOME", bench.folder.path()).env("DOCKER_CONFIG", bench.folder.path());
    let output = command.output().await.expect("the program is built for this test");
    let text = |bytes: Vec<u8>| String::from_utf8(bytes).unwrap();
    (output.status.code().unwrap_or(-1), text(output.stdout), text(output.stderr))
}

#[tokio::test]
async fn the_command_line_pushes_copies_and_tags() {
    let bench = Bench::new().await;
    let image = bench.put(&[noise(1, 1000)]);
    let (from, to) = (reference(&bench.source, "app:1"), reference(&bench.target, "copy:1"));
    let (code, out, said) = run(&bench, &["copy", "--json", &format!("docker://{from}"), &to]).await;
    assert_eq!(code, 0, "{said}");
    let told: Value = serde_json::from_str(&out).unwrap();
    assert_eq!(told["images"], json!([{ "name": to, "digest": image.digest }]));
    assert!(told["sent"].as_u64() > Some(1000), "{out}");
    bench.assert_copied(&image.digest, &image.layers);

    assert_eq!(run(&bench, &["pull", &to]).await.0, 0);
    let layout = Layout::open(&bench.folder.path().join("home/store"));
    assert!(layout.is_ok(), "{layout:?}");
    let again = reference(&bench.source, "again:2");
    let (code, out, said) = run(&bench, &["push", &format!("store:{to}"), &again]).await;
    assert_eq!((code, out), (0, format!("{again} {}\n", image.digest)), "{said}");

    let (code, out, said) = run(&bench, &["tag", &again, "latest"]).await;
    let latest = reference(&bench.source, "again:latest");
    assert_eq!((code, out), (0, format!("{latest} {}\n", image.digest)), "{said}");
    assert_eq!(run(&bench, &["push", &from, &to]).await.0, 2);
    assert_eq!(run(&bench, &["push", "store:none", &to]).await.0, 3);
}

#[tokio::test]
async fn read_only_refuses_what_writes_to_a_registry_alone() {
    let bench = Bench::new().await;
    bench.put(&[noise(1, 1000)]);
    let (from, to) = (reference(&bench.source, "app:1"), reference(&bench.target, "copy:1"));
    let layout = format!("oci:{}:1", bench.folder.path().join("layout").display());
    assert_eq!(run(&bench, &["copy", "--read-only", &from, &layout]).await.0, 0);
    for args in [["copy", &from, &to], ["push", &layout, &to], ["tag", &from, "2"]] {
        let (code, _, said) = run(&bench, &[args.as_slice(), &["--read-only"]].concat()).await;
        assert_eq!(code, 4, "{said}");
    }
    assert_eq!(bench.target.requests(), []);
}
