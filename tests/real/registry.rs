//! Debian's `docker-registry`, started for one test.
//!
//! Invariant: it serves a folder of its own, and is ended when this is dropped.

use std::fs;
use std::io::{BufRead, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::Arc;
use std::sync::mpsc::{self, Receiver};
use std::thread;
use std::time::Duration;

use serde_json::{Value, json};
use tagalong::domain::connection::Options;
use tagalong::domain::{Credential, Secret};
use tagalong::http::{FixedSignIn, Http, Settings};
use tagalong::registry::Distribution;
use tempfile::TempDir;
use url::Url;

use super::authority::Authority;

const PATIENCE: Duration = Duration::from_secs(20);

/// How it is set up. The default lets everybody do everything over plain HTTP.
#[derive(Default)]
pub(crate) struct Setup {
    /// Deletes are refused.
    pub(crate) no_deletes: bool,
    /// The account of Basic sign-in.
    pub(crate) account: Option<(&'static str, &'static str)>,
    /// The `auth.token` section.
    pub(crate) token: Option<Value>,
    /// The authority that its certificate is from.
    pub(crate) authority: Option<Authority>,
    /// Whether clients need a certificate of the same authority.
    pub(crate) wants_client_certificate: bool,
    /// Content that is there already.
    pub(crate) storage: Option<PathBuf>,
}

/// A running registry.
pub(crate) struct Registry {
    folder: TempDir,
    process: Child,
    setup: Setup,
    /// `127.0.0.1:PORT`.
    pub(crate) host: String,
}

impl Registry {
    pub(crate) fn start(setup: Setup) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let config = folder.path().join("config.yml");
        // JSON is YAML.
        fs::write(&config, configuration(&setup, folder.path()).to_string()).unwrap();
        let mut process = Command::new("docker-registry")
            .arg("serve")
            .arg(&config)
            .env("OTEL_TRACES_EXPORTER", "none")
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(Stdio::piped())
            .spawn()
            .expect("docker-registry must be installed (tests/run installs it)");
        let told = listen(BufReader::new(process.stderr.take().unwrap()));
        let mut before = Vec::new();
        let host = loop {
            match told.recv_timeout(PATIENCE) {
                Ok(line) => match address(&line) {
                    Some(host) => break host,
                    None => before.push(line),
                },
                Err(error) => panic!("docker-registry does not listen ({error}):\n{}", before.join("\n")),
            }
        };
        Self { folder, process, setup, host }
    }

    /// A client of our own, signed in with the account of the setup.
    pub(crate) fn client(&self) -> Distribution {
        self.sign_in(self.setup.account)
    }

    /// A client of our own, signed in with an account that another server knows.
    pub(crate) fn client_of(&self, account: (&str, &str)) -> Distribution {
        self.sign_in(Some(account))
    }

    fn sign_in(&self, account: Option<(&str, &str)>) -> Distribution {
        let scheme = if self.setup.authority.is_some() { "https" } else { "http" };
        let mut settings = Settings::new(Url::parse(&format!("{scheme}://{}", self.host)).unwrap());
        settings.options =
            Options { ca_file: self.setup.authority.as_ref().map(Authority::file), ..Options::default() };
        if let Some((user, password)) = account {
            let credential = Credential::Basic { username: user.to_owned(), password: Secret::new(password) };
            settings.sign_in = Arc::new(FixedSignIn(credential));
        }
        Distribution::new(Http::new(settings))
    }

    /// A reference to something in it.
    pub(crate) fn reference(&self, rest: &str) -> String {
        format!("{}/{rest}", self.host)
    }

    /// A folder that ends with it.
    pub(crate) fn folder(&self) -> &Path {
        self.folder.path()
    }
}

impl Drop for Registry {
    fn drop(&mut self) {
        // It may have ended by itself, which the test has noticed then.
        drop(self.process.kill());
        drop(self.process.wait());
    }
}

fn configuration(setup: &Setup, folder: &Path) -> Value {
    let storage = setup.storage.clone().unwrap_or_else(|| folder.join("storage"));
    let mut config = json!({
        "version": 0.1,
        "log": { "level": "info", "accesslog": { "disabled": true } },
        "storage": {
            "filesystem": { "rootdirectory": storage },
            "delete": { "enabled": !setup.no_deletes },
        },
        "http": { "addr": "127.0.0.1:0", "secret": "of this test" },
    });
    if let Some((user, password)) = setup.account {
        let file = folder.join("htpasswd");
        let made = Command::new("htpasswd").args(["-Bbn", user, password]).output();
        fs::write(&file, made.expect("htpasswd must be installed (tests/run installs it)").stdout).unwrap();
        config["auth"] = json!({ "htpasswd": { "realm": "the test's registry", "path": file } });
    }
    if let Some(token) = &setup.token {
        config["auth"] = json!({ "token": token });
    }
    if let Some(authority) = &setup.authority {
        let (certificate, key) = authority.server(folder);
        config["http"]["tls"] = json!({ "certificate": certificate, "key": key });
        if setup.wants_client_certificate {
            config["http"]["tls"]["clientcas"] = json!([authority.file()]);
        }
    }
    config
}

/// What it writes, line by line, read to the end so that it never waits for a reader.
fn listen(lines: impl BufRead + Send + 'static) -> Receiver<String> {
    let (to, told) = mpsc::channel();
    thread::spawn(move || {
        for line in lines.lines().map_while(Result::ok) {
            // Nobody listens once the address is known.
            drop(to.send(line));
        }
    });
    told
}

/// `127.0.0.1:PORT` of the line `… msg="listening on 127.0.0.1:PORT…"`.
fn address(line: &str) -> Option<String> {
    let (_, after) = line.split_once("listening on ")?;
    let end = after.find(|c: char| !c.is_ascii_digit() && c != '.' && c != ':').unwrap_or(after.len());
    after.get(..end).map(str::to_owned)
}
