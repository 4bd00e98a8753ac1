//! Plans, from manifests written out here.

use serde_json::json;

use super::*;
use crate::domain::media::{OCI_CONFIG, OCI_MANIFEST};

fn descriptor(seed: &str, size: u64) -> Descriptor {
    Descriptor::new("application/octet-stream", Digest::of(seed.as_bytes()), size)
}

fn image(name: &str, blobs: Vec<Descriptor>) -> PlannedImage {
    let root = Descriptor::new(OCI_MANIFEST, Digest::of(name.as_bytes()), 1);
    let (manifests, notes) = (Vec::new(), Vec::new());
    PlannedImage { name: name.to_owned(), root, config: None, manifests, blobs, notes }
}

fn index_of(platforms: &[&str]) -> Manifest {
    let member = |name: &&str| {
        let platform = match *name {
            "-" => serde_json::Value::Null,
            name => json!(name.parse::<Platform>().unwrap()),
        };
        let digest = Digest::of(name.as_bytes());
        json!({"mediaType": OCI_MANIFEST, "digest": digest, "size": 9, "platform": platform})
    };
    let members: Vec<_> = platforms.iter().map(member).collect();
    parse(&json!({"schemaVersion": 2, "manifests": members}))
}

fn parse(body: &serde_json::Value) -> Manifest {
    Manifest::parse(body.to_string().as_bytes(), "").unwrap()
}

fn image_with(config_size: u64, layers: &serde_json::Value) -> Manifest {
    let config = json!({"mediaType": OCI_CONFIG, "digest": Digest::of(b"c"), "size": config_size});
    parse(&json!({"schemaVersion": 2, "config": config, "layers": layers}))
}

#[test]
fn each_blob_is_listed_once_and_the_largest_first() {
    let (small, large, shared) = (descriptor("s", 1), descriptor("l", 30), descriptor("x", 7));
    let images = vec![
        image("a", vec![small.clone(), shared.clone()]),
        image("b", vec![shared.clone(), large.clone()]),
    ];
    let (plan, failures) = Plan::of(images);
    assert_eq!(failures, []);
    assert_eq!(plan.blobs, [large, shared, small]);
}

#[test]
fn images_that_disagree_on_a_size_are_left_out_and_the_others_stay() {
    let (disputed, other, own) = (descriptor("x", 1), descriptor("x", 2), descriptor("own", 3));
    let images = vec![
        image("a", vec![disputed.clone()]),
        image("b", vec![own.clone()]),
        image("c", vec![own.clone(), other.clone()]),
        image("d", vec![descriptor("d", 4)]),
    ];
    let (plan, failures) = Plan::of(images);
    let names: Vec<&str> = plan.images.iter().map(|image| image.name.as_str()).collect();
    assert_eq!(names, ["b", "d"]);
    assert_eq!(plan.blobs, [descriptor("d", 4), own]);
    for (failure, name) in failures.iter().zip(["a", "c"]) {
        assert_eq!(failure.kind, FailureKind::Invalid);
        assert!(failure.said.contains("gives 1 bytes for"), "{failure}");
        assert!(failure.said.ends_with(&format!("and another 2, so {name} is left out")), "{failure}");
    }
    assert_eq!(failures.len(), 2);
    let (plan, failures) = Plan::of(vec![image("both", vec![disputed, other])]);
    assert_eq!((plan, failures.len()), (Plan::default(), 1));
}

#[test]
fn a_platform_chooses_one_member() {
    let table = [
        ("linux/amd64", vec!["linux/arm64", "linux/amd64"], Some("linux/amd64")),
        ("linux/arm64/v8", vec!["linux/amd64", "linux/arm64"], Some("linux/arm64")),
        ("linux/arm/v7", vec!["linux/arm/v6", "linux/arm/v7"], Some("linux/arm/v7")),
        ("linux/arm", vec!["linux/arm/v6", "linux/arm"], Some("linux/arm")),
        ("linux/arm", vec!["linux/arm/v6", "linux/arm/v7"], Some("linux/arm/v6")),
        ("linux/riscv64", vec!["linux/amd64", "linux/arm64"], None),
        ("linux/amd64", vec!["-"], Some("-")),
        ("linux/amd64", vec!["-", "-"], None),
    ];
    for (wanted, offered, expected) in table {
        let step = next_step(&index_of(&offered), Some(&wanted.parse().unwrap()));
        let chosen = match step {
            Ok(Step::Choose(member)) => Some(member.digest),
            Ok(other) => panic!("{other:?}"),
            Err(failure) => {
                assert_eq!(failure.kind, FailureKind::NotFound);
                None
            }
        };
        assert_eq!(chosen, expected.map(|name| Digest::of(name.as_bytes())), "{wanted} of {offered:?}");
    }
}

#[test]
fn a_missing_platform_is_answered_with_those_there_are() {
    let wanted = "linux/riscv64".parse().unwrap();
    let failure = next_step(&index_of(&["linux/amd64", "linux/arm/v7"]), Some(&wanted)).unwrap_err();
    assert_eq!(failure.said, "it has linux/amd64, linux/arm/v7");
}

#[test]
fn without_a_platform_every_member_belongs_to_it_attestations_too() {
    let Step::Members(members) = next_step(&index_of(&["linux/amd64", "unknown/unknown"]), None).unwrap()
    else {
        panic!("members expected");
    };
    assert_eq!(members.len(), 2);
}

#[test]
fn an_attestation_is_never_chosen() {
    let body = json!({"schemaVersion": 2, "manifests": [{
        "digest": Digest::of(b"a"), "size": 2, "platform": {"os": "linux", "architecture": "amd64"},
        "annotations": {"vnd.docker.reference.type": "attestation-manifest"}}]});
    assert!(next_step(&parse(&body), Some(&"linux/amd64".parse().unwrap())).is_err());
}

#[test]
fn foreign_layers_are_left_out_with_a_note() {
    let layers = json!([
        {"mediaType": "l", "digest": Digest::of(b"own"), "size": 5},
        {"mediaType": "f", "digest": Digest::of(b"foreign"), "size": 5, "urls": ["https://elsewhere.example/\u{1b}x"]}]);
    let Step::Blobs { blobs, notes } = next_step(&image_with(3, &layers), None).unwrap() else {
        panic!("blobs expected");
    };
    assert_eq!(
        blobs.iter().map(|b| b.digest.clone()).collect::<Vec<_>>(),
        [Digest::of(b"c"), Digest::of(b"own")]
    );
    assert_eq!(notes.len(), 1);
    assert!(notes[0].ends_with("https://elsewhere.example/␛x"), "{}", notes[0]);
}

#[test]
fn sizes_over_the_limit_are_refused_with_the_number() {
    let failure = next_step(&image_with(9 << 20, &json!([])), None).unwrap_err();
    assert_eq!(
        (failure.kind, failure.said.as_str()),
        (FailureKind::Invalid, "it is said to have 9.0 MiB; a configuration may have 8.0 MiB")
    );
    let body = json!({"schemaVersion": 2, "manifests": [{"digest": Digest::of(b"a"), "size": 1_u64 << 40}]});
    assert!(next_step(&parse(&body), None).is_err());
}

#[test]
fn schema_1_is_not_moved() {
    assert_eq!(next_step(&Manifest::Schema1, None).unwrap_err().kind, FailureKind::Unsupported);
}

#[test]
fn the_media_type_comes_from_the_body_when_the_header_says_nothing() {
    let typed = |header: &str, body: &str| {
        let raw = RawManifest {
            bytes: body.to_owned().into(),
            media_type: header.to_owned(),
            digest: Digest::of(body.as_bytes()),
            claimed: None,
        };
        media_type(&raw, &raw.parse().unwrap())
    };
    assert_eq!(
        typed(
            &format!("{OCI_MANIFEST}; charset=utf-8"),
            r#"{"config":{"digest":"sha256:e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"}}"#
        ),
        OCI_MANIFEST
    );
    assert_eq!(typed("text/plain", r#"{"manifests":[]}"#), media::OCI_INDEX);
    assert_eq!(typed("text/plain", r#"{"mediaType":"","manifests":[]}"#), media::OCI_INDEX);
    let list = format!(r#"{{"mediaType":"{}","manifests":[]}}"#, media::DOCKER_LIST);
    assert_eq!(typed("application/json", &list), media::DOCKER_LIST);
}
