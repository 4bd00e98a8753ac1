//! TLS with an authority of one's own.

use std::collections::BTreeMap;
use std::sync::Arc;

use tagalong::domain::Secret;
use tagalong::domain::connection::{Draft, KeepSecret};
use tagalong::http::Silent;
use tagalong::store::{Env, Paths};
use tagalong::workspace::Workspace;

use super::authority::Authority;
use super::content::Image;
use super::is_wanted;
use super::program::Home;
use super::registry::{Registry, Setup};

/// Fills in the form of a connection, as a person does.
async fn connect(home: &Home, values: &[(&str, &str)]) {
    let env = Env::new(home.path(), [("HOME", home.path())]);
    let (workspace, failure) =
        Workspace::new(Paths::find(Some(&home.tagalong()), &env).unwrap(), env, Arc::new(Silent));
    assert_eq!(failure, None);
    let values: BTreeMap<String, Secret> =
        values.iter().map(|(id, value)| ((*id).to_owned(), Secret::new(*value))).collect();
    let provider = tagalong::registry::catalog::BY_NAME.id.to_owned();
    workspace.connect(&Draft { editing: None, provider, values, keep: KeepSecret::File }).await.unwrap();
}

#[tokio::test]
async fn an_unknown_authority_is_refused_until_its_file_is_named() {
    if !is_wanted() {
        return;
    }
    let (home, folder) = (Home::new(), tempfile::tempdir().unwrap());
    let authority = Authority::new(folder.path());
    let ca = authority.file();
    let account = Some(("ada", "lovelace"));
    let registry = Registry::start(Setup { authority: Some(authority), account, ..Setup::default() });
    Image::small("team/app", "1").push(&registry.client()).await;
    let refused = home.run(&["ls", &registry.host]).failed(1, &["certificate", "CA file"]);
    assert!(refused.out.is_empty());

    let url = format!("https://{}", registry.host);
    let values = [("url", url.as_str()), ("ca_file", &ca), ("username", "ada"), ("password", "lovelace")];
    connect(&home, &values).await;
    let config = std::fs::read_to_string(home.tagalong().join("config.toml")).unwrap();
    assert!(config.contains(&ca) && !config.contains("lovelace"), "{config}");
    assert_eq!(home.run(&["ls", &registry.reference("team/app")]).done().lines(), ["1"]);
    home.run(&["pull", &registry.reference("team/app:1")]).done();
    assert_eq!(home.run(&["ls"]).done().text(), format!("{0}\t{0}\tada\n", registry.host));
}

#[tokio::test]
async fn a_client_certificate_is_shown_when_asked_for() {
    if !is_wanted() {
        return;
    }
    let (home, folder) = (Home::new(), tempfile::tempdir().unwrap());
    let authority = Authority::new(folder.path());
    let (ca, client) = (authority.file(), authority.client(folder.path()));
    let setup = Setup { authority: Some(authority), wants_client_certificate: true, ..Setup::default() };
    let registry = Registry::start(setup);
    let url = format!("https://{}", registry.host);
    let values = [("url", url.as_str()), ("ca_file", &ca), ("client_certificate", &client)];
    connect(&home, &values).await;
    assert_eq!(home.run(&["ls", &registry.host]).done().lines(), [""; 0]);

    let other = Home::new();
    let config = std::fs::read_to_string(home.tagalong().join("config.toml")).unwrap();
    let config: Vec<&str> = config.lines().filter(|line| !line.contains("client_certificate")).collect();
    std::fs::create_dir_all(other.tagalong()).unwrap();
    std::fs::write(other.tagalong().join("config.toml"), config.join("\n")).unwrap();
    other.run(&["ls", &registry.host]).failed(1, &[&registry.host]);
}
