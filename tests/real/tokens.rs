//! Bearer tokens from a server beside the registry.

use super::content::Image;
use super::is_wanted;
use super::program::Home;
use super::registry::{Registry, Setup};
use super::token_server::TokenServer;

const ACCOUNT: (&str, &str) = ("grace", "hopper");

#[tokio::test(flavor = "multi_thread")]
async fn tokens_are_fetched_for_what_is_needed() {
    if !is_wanted() {
        return;
    }
    let (home, folder) = (Home::new(), tempfile::tempdir().unwrap());
    let tokens = TokenServer::start(folder.path(), ACCOUNT).await;
    let setup = Setup { token: Some(tokens.section()), account: None, ..Setup::default() };
    let registry = Registry::start(setup);
    home.run(&["ls", &registry.host]).failed(4, &["401"]);
    home.docker_login(&registry.host, ACCOUNT.0, "wrong");
    home.run(&["ls", &registry.host]).failed(4, &["401"]);

    home.docker_login(&registry.host, ACCOUNT.0, ACCOUNT.1);
    assert_eq!(home.run(&["ls", &registry.host]).done().lines(), [""; 0]);
    Image::small("team/app", "1").push(&registry.client_of(ACCOUNT)).await;
    assert_eq!(home.run(&["ls", &registry.host]).done().lines(), ["team/app"]);
    let before = tokens.asked().len();
    home.run(&["pull", &registry.reference("team/app:1")]).done();
    let asked = tokens.asked().split_off(before);
    assert!(asked.iter().any(|query| query.contains("team%2Fapp%3Apull")), "{asked:?}");
    assert!(asked.len() <= 2, "a token is used again for every blob: {asked:?}");
    home.run(&["untag", &registry.reference("team/app:1")]).done();
    assert_eq!(home.run(&["ls", &registry.reference("team/app")]).done().lines(), [""; 0]);
}
