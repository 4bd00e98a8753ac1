//! Folders on the disk, packed and unpacked again.

use std::collections::BTreeMap;
use std::fs;
use std::io::Read as _;
use std::path::Path;

use proptest::prelude::*;
use tempfile::TempDir;
use tokio_util::sync::CancellationToken;

use crate::domain::{Failure, FailureKind};
use crate::registry::context::{Context, Extent, Packed};

/// A folder with these files; one whose name ends in `/` is a folder.
fn folder(files: &[(&str, &str)]) -> TempDir {
    let folder = TempDir::new().unwrap();
    for (path, content) in files {
        let at = folder.path().join(path);
        if path.ends_with('/') {
            fs::create_dir_all(at).unwrap();
        } else {
            fs::create_dir_all(at.parent().unwrap()).unwrap();
            fs::write(at, content).unwrap();
        }
    }
    folder
}

async fn open(folder: &TempDir, dockerfile: &str) -> Result<Context, Failure> {
    Context::open(folder.path().to_owned(), dockerfile.to_owned()).await
}

async fn pack(context: &Context) -> Result<Packed, Failure> {
    let scratch = TempDir::new().unwrap();
    let packed = context.pack(scratch.path().join("new"), &CancellationToken::new()).await;
    assert_eq!(fs::read_dir(scratch.path().join("new")).unwrap().count(), 0, "the file has no name");
    packed
}

async fn bytes(packed: &Packed) -> Vec<u8> {
    let mut all = Vec::new();
    while (all.len() as u64) < packed.size {
        all.extend(packed.piece(all.len() as u64, 1000).await.unwrap());
    }
    assert_eq!(packed.piece(packed.size, 1000).await.unwrap().len(), 0);
    all
}

/// Names in their order, with content, or the target of a link after `-> `.
fn entries(packed: &[u8]) -> Vec<(String, String)> {
    let mut tar = tar::Archive::new(flate2::read::GzDecoder::new(packed));
    let read = tar.entries().unwrap().map(|entry| {
        let mut entry = entry.unwrap();
        assert_eq!((entry.header().uid().unwrap(), entry.header().gid().unwrap()), (0, 0));
        let name = entry.path().unwrap().to_str().unwrap().to_owned();
        let mut content = String::new();
        match entry.link_name().unwrap() {
            Some(target) => content = format!("-> {}", target.display()),
            None => drop(entry.read_to_string(&mut content).unwrap()),
        }
        (name, content)
    });
    read.collect()
}

async fn packed_names(folder: &TempDir, dockerfile: &str) -> Vec<String> {
    let packed = pack(&open(folder, dockerfile).await.unwrap()).await.unwrap();
    entries(&bytes(&packed).await).into_iter().map(|(name, _)| name).collect()
}

#[tokio::test]
async fn a_folder_is_packed_in_order_with_its_contents_and_the_size_is_told() {
    let folder = folder(&[
        ("b.txt", "bee"),
        ("Dockerfile", "FROM x"),
        ("a/é", "e"),
        ("empty/", ""),
        (".git/HEAD", "x"),
    ]);
    let context = open(&folder, "./Dockerfile").await.unwrap();
    let measured = context.measure(&CancellationToken::new()).await.unwrap();
    let packed = pack(&context).await.unwrap();
    assert_eq!((measured, packed.extent), (Extent { files: 3, bytes: 10, odd: 0 }, measured));
    let all = bytes(&packed).await;
    let text = |list: &[(&str, &str)]| -> Vec<(String, String)> {
        list.iter().map(|(n, c)| ((*n).to_owned(), (*c).to_owned())).collect()
    };
    let expected = [("Dockerfile", "FROM x"), ("a/", ""), ("a/é", "e"), ("b.txt", "bee"), ("empty/", "")];
    assert_eq!(entries(&all), text(&expected));
    assert_eq!(all, bytes(&pack(&context).await.unwrap()).await, "the same folder gives the same bytes");
}

#[tokio::test]
async fn what_the_file_of_patterns_says_stays_here_but_never_the_dockerfile() {
    let rules = "*\n!src\nsrc/secret\n!.git\n";
    let files = [
        ("docker/Dockerfile", ""),
        (".dockerignore", rules),
        ("src/a.rs", ""),
        ("src/secret/key", ""),
        ("target/debug/x", ""),
        (".git/HEAD", ""),
    ];
    let names = packed_names(&folder(&files), "docker/Dockerfile").await;
    assert_eq!(names, [".dockerignore", ".git/", ".git/HEAD", "docker/Dockerfile", "src/", "src/a.rs"]);
}

#[tokio::test]
async fn a_dockerfile_may_have_patterns_of_its_own() {
    let files = [
        ("web.Dockerfile", ""),
        ("web.Dockerfile.dockerignore", "a"),
        (".dockerignore", "b"),
        ("a", ""),
        ("b", ""),
    ];
    let folder = folder(&files);
    assert_eq!(
        open(&folder, "web.Dockerfile").await.unwrap().ignore_file(),
        Some("web.Dockerfile.dockerignore")
    );
    let names = packed_names(&folder, "web.Dockerfile").await;
    assert_eq!(
        names,
        ["b", "web.Dockerfile", "web.Dockerfile.dockerignore"],
        "the other one would be read there"
    );
}

#[cfg(unix)]
#[tokio::test]
async fn links_are_sent_as_links_and_lead_nowhere_here() {
    let outside = folder(&[("secret", "the secret")]);
    let folder = folder(&[("real/Dockerfile.prod", "FROM y"), (".dockerignore", "real"), ("run.sh", "#!")]);
    let at = |name: &str| folder.path().join(name);
    std::os::unix::fs::symlink(outside.path().join("secret"), at("file")).unwrap();
    std::os::unix::fs::symlink(outside.path(), at("folder")).unwrap();
    std::os::unix::fs::symlink(".", at("loop")).unwrap();
    std::os::unix::fs::symlink("real/Dockerfile.prod", at("Dockerfile")).unwrap();
    fs::set_permissions(at("run.sh"), std::os::unix::fs::PermissionsExt::from_mode(0o755)).unwrap();
    let packed = pack(&open(&folder, "Dockerfile").await.unwrap()).await.unwrap();
    let all = bytes(&packed).await;
    let found: BTreeMap<String, String> = entries(&all).into_iter().collect();
    assert!(!format!("{found:?}").contains("the secret"));
    assert_eq!(found["file"], format!("-> {}", outside.path().join("secret").display()));
    assert_eq!((found["loop"].as_str(), found["Dockerfile"].as_str()), ("-> .", "-> real/Dockerfile.prod"));
    assert_eq!(found["real/Dockerfile.prod"], "FROM y", "what the Dockerfile is a link to is sent too");
    let mut tar = tar::Archive::new(flate2::read::GzDecoder::new(all.as_slice()));
    let run = tar.entries().unwrap().map(Result::unwrap).find(|e| e.path().unwrap() == Path::new("run.sh"));
    assert_eq!(run.unwrap().header().mode().unwrap(), 0o755);
    std::os::unix::fs::symlink(outside.path().join("secret"), at("Away")).unwrap();
    let failure = open(&folder, "Away").await.unwrap_err();
    assert!(failure.said.contains("leads out"), "{failure}");
}

#[cfg(unix)]
#[tokio::test]
async fn what_has_no_content_is_counted_and_left_out() {
    let folder = folder(&[("Dockerfile", "")]);
    let _socket = std::os::unix::net::UnixListener::bind(folder.path().join("socket")).unwrap();
    let packed = pack(&open(&folder, "Dockerfile").await.unwrap()).await.unwrap();
    assert_eq!((packed.extent.odd, packed.extent.files), (1, 1));
}

#[tokio::test]
async fn what_cannot_be_packed_is_said() {
    let folder = folder(&[("Dockerfile", ""), ("sub/x", "")]);
    let said = async |context: Result<Context, Failure>| {
        let failure = context.unwrap_err();
        assert_eq!(failure.kind, FailureKind::Invalid);
        failure.to_string()
    };
    let gone = Context::open(folder.path().join("gone"), "Dockerfile".to_owned()).await;
    assert!(said(gone).await.contains("there is no such folder"));
    let file = Context::open(folder.path().join("Dockerfile"), "Dockerfile".to_owned()).await;
    assert!(said(file).await.contains("it is no folder"));
    assert!(said(open(&folder, "Containerfile").await).await.contains("no Dockerfile “Containerfile”"));
    assert!(said(open(&folder, "sub").await).await.contains("“sub” is no file"));
    for outside in ["../Dockerfile", "/etc/hostname", "", "."] {
        assert!(said(open(&folder, outside).await).await.contains("has to lie in the folder"), "{outside}");
    }
    fs::write(folder.path().join(".dockerignore"), "a\n[b").unwrap();
    assert!(said(open(&folder, "Dockerfile").await).await.contains("line 2 is no pattern: “[b”"));
    fs::write(folder.path().join(".dockerignore"), [0xff, 0xfe]).unwrap();
    assert!(said(open(&folder, "Dockerfile").await).await.contains("it is no text"));
}

#[tokio::test]
async fn packing_that_is_stopped_ends() {
    let folder = folder(&[("Dockerfile", "FROM x")]);
    let context = open(&folder, "Dockerfile").await.unwrap();
    let stop = CancellationToken::new();
    stop.cancel();
    let failure = context.pack(folder.path().to_owned(), &stop).await.unwrap_err();
    assert_eq!(failure.kind, FailureKind::Cancelled);
}

#[tokio::test]
async fn a_long_name_and_a_large_file_stay_whole() {
    let (deep, large) = (format!("{}/x", "long-name/".repeat(30)), "0123456789".repeat(100_000));
    let folder = folder(&[("Dockerfile", ""), (deep.as_str(), "deep"), ("large", large.as_str())]);
    let packed = pack(&open(&folder, "Dockerfile").await.unwrap()).await.unwrap();
    let found: BTreeMap<String, String> = entries(&bytes(&packed).await).into_iter().collect();
    assert!(packed.size < 100_000, "it is compressed");
    assert_eq!((found[&deep.replace("//", "/")].as_str(), found["large"].len()), ("deep", large.len()));
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(24))]
    #[test]
    fn exactly_what_the_patterns_let_through_is_sent(
        files in prop::collection::btree_set("[ab]{1,2}(/[ab]{1,2}){0,3}", 1..12),
        lines in prop::collection::vec("!?[ab*?]{1,2}(/[ab*]{1,2}){0,2}", 0..5),
    ) {
        let is_folder = |path: &str| files.iter().any(|f| f.starts_with(&format!("{path}/")));
        let files: Vec<&str> = files.iter().map(String::as_str).filter(|f| !is_folder(f)).collect();
        let rules = lines.join("\n");
        let mut all: Vec<(&str, &str)> = files.iter().map(|f| (*f, *f)).collect();
        all.extend([("Dockerfile", ""), (".dockerignore", rules.as_str())]);
        let folder = folder(&all);
        let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
        let found = runtime.block_on(async {
            entries(&bytes(&pack(&open(&folder, "Dockerfile").await.unwrap()).await.unwrap()).await)
        });
        let lines: Vec<&str> = lines.iter().map(String::as_str).collect();
        for file in files {
            let is_sent = found.iter().any(|(name, content)| name == file && content == file);
            prop_assert_eq!(is_sent, !super::patterns::is_left_out(&lines, file), "{}", file);
        }
        let mut sorted: Vec<&(String, String)> = found.iter().collect();
        sorted.dedup_by(|a, b| a.0 == b.0);
        prop_assert_eq!(sorted.len(), found.len(), "nothing is sent twice");
    }
}
