//! Where engines are looked for.

use std::fs;

use tempfile::TempDir;

use super::*;
use crate::domain::Digest;

struct Home {
    folder: TempDir,
    variables: Vec<(&'static str, String)>,
}

impl Home {
    fn new(variables: &[(&'static str, &str)]) -> Self {
        let variables = variables.iter().map(|(name, value)| (*name, (*value).to_owned())).collect();
        Self { folder: TempDir::new().unwrap(), variables }
    }

    fn write(&self, path: &str, text: &str) {
        let path = self.folder.path().join(path);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, text).unwrap();
    }

    fn context(&self, name: &str, host: &str) {
        let id = Digest::of(name.as_bytes());
        let meta =
            format!(r#"{{"Name":"{name}","Metadata":{{}},"Endpoints":{{"docker":{{"Host":"{host}"}}}}}}"#);
        self.write(&format!(".docker/contexts/meta/{}/meta.json", id.hex()), &meta);
    }

    fn find(&self) -> Vec<Candidate> {
        let variable = |name: &str| {
            let found = self.variables.iter().find(|(known, _)| *known == name)?;
            Some(found.1.clone())
        };
        candidates(&variable, self.folder.path())
    }

    fn chosen(&self) -> Vec<(String, Address)> {
        let chosen = self.find().into_iter().filter(|c| c.chosen == Chosen::ByPerson);
        chosen.map(|c| (c.name, c.address)).collect()
    }
}

#[test]
fn the_variable_comes_before_the_context() {
    let home = Home::new(&[("DOCKER_HOST", "tcp://engine.example:2375"), ("DOCKER_CONTEXT", "far")]);
    home.context("far", "ssh://ada@far.example");
    let tcp = Address::Tcp("engine.example:2375".to_owned(), None);
    assert_eq!(home.chosen(), [("docker".to_owned(), tcp)]);
}

#[test]
fn the_current_context_is_followed_with_its_certificates() {
    let home = Home::new(&[]);
    home.write(".docker/config.json", r#"{"auths": {}, "currentContext": "far"}"#);
    home.context("far", "tcp://far.example:2376");
    let id = Digest::of(b"far");
    home.write(&format!(".docker/contexts/tls/{}/docker/ca.pem", id.hex()), "");
    let chosen = home.chosen();
    let [(name, Address::Tcp(host, Some(tls)))] = chosen.as_slice() else { panic!("{chosen:?}") };
    assert_eq!((name.as_str(), host.as_str()), ("far", "far.example:2376"));
    assert!(tls.key.ends_with(format!("{}/docker/key.pem", id.hex())));
    let by_variable = Home::new(&[("DOCKER_CONTEXT", "near")]);
    by_variable.context("near", "ssh://ada@near.example:22");
    let ssh = Address::Ssh("ada@near.example:22".to_owned());
    assert_eq!(by_variable.chosen(), [("near".to_owned(), ssh)]);
}

#[test]
fn damaged_and_default_contexts_are_passed_over() {
    for config in ["{", r#"{"currentContext": "default"}"#, r#"{"currentContext": "gone"}"#, "{}", "[]"] {
        let home = Home::new(&[]);
        home.write(".docker/config.json", config);
        assert_eq!(home.chosen(), [], "{config}");
    }
}

#[test]
fn certificates_are_where_the_variable_says() {
    let with = |variables: &[(&'static str, &str)]| match home_of(variables).as_slice() {
        [(_, Address::Tcp(_, tls))] => tls.clone(),
        other => panic!("{other:?}"),
    };
    fn home_of(variables: &[(&'static str, &str)]) -> Vec<(String, Address)> {
        Home::new(variables).chosen()
    }
    let host = ("DOCKER_HOST", "tcp://h:2376");
    assert_eq!(with(&[host]), None);
    let tls = with(&[host, ("DOCKER_CERT_PATH", "/certs")]).unwrap();
    assert_eq!(tls.ca, Path::new("/certs/ca.pem"));
    let tls = with(&[host, ("DOCKER_TLS_VERIFY", "1")]).unwrap();
    assert!(tls.certificate.ends_with(".docker/cert.pem"));
}

#[cfg(unix)]
#[test]
fn usual_sockets_are_looked_at_once_each_under_a_name_of_its_own() {
    let runtime = TempDir::new().unwrap();
    let home = Home::new(&[("XDG_RUNTIME_DIR", runtime.path().to_str().unwrap())]);
    fs::create_dir_all(home.folder.path().join(".docker/run")).unwrap();
    fs::write(runtime.path().join("docker.sock"), "").unwrap();
    let link = home.folder.path().join(".docker/run/docker.sock");
    std::os::unix::fs::symlink(runtime.path().join("docker.sock"), &link).unwrap();
    let found = home.find();
    assert!(
        !found.iter().any(|c| c.address == Address::Unix(link.clone())),
        "it is another path to a socket"
    );
    let mut names: Vec<&str> = found.iter().map(|c| c.name.as_str()).collect();
    assert!(names.contains(&"docker") && names.contains(&"docker-2") && names.contains(&"podman"));
    names.sort_unstable();
    let all = names.len();
    names.dedup();
    assert_eq!(names.len(), all);
}

#[test]
fn addresses_as_the_docker_cli_takes_them() {
    let tcp = |host: &str| Some(Address::Tcp(host.to_owned(), None));
    for (text, address) in [
        ("unix:///run/x.sock", Some(Address::Unix("/run/x.sock".into()))),
        ("tcp://h:1/", tcp("h:1")),
        ("http://h:1", tcp("h:1")),
        ("ssh://u@h", Some(Address::Ssh("u@h".to_owned()))),
        ("npipe:////./pipe/docker_engine", Some(Address::Pipe("//./pipe/docker_engine".to_owned()))),
        ("https://h:1", None),
        ("unix://", None),
        ("fd://", None),
        ("/run/x.sock", None),
    ] {
        assert_eq!(Address::parse(text, None), address, "{text}");
    }
}
