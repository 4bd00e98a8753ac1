//! Artifactory and Nexus: repositories by key, images below them.

use super::walk::{Fill, NAME, REPOSITORY_MENU, TAG_MENU, Vendor, Walk, age, typed};
use crate::fakes::keyed::{Fault, Keyed, PASSWORD, USER};
use crate::fakes::{artifactory, nexus};
use crate::images::{noise, put_image};
use crate::running::run;

const KEYS: &[&str] = &["docker-group", "docker-local"];

fn fill(keyed: &Keyed) {
    let local = keyed.store("docker-local");
    for tag in ["1.0", "1", "latest"] {
        put_image(local, "acme/api", tag, &[noise(1, 100)]);
    }
    put_image(local, "acme/api", "0.9", &[noise(2, 100)]);
    put_image(local, "worker", "1", &[noise(3, 100)]);
}

fn vendor(title: &'static str, url: &str, secret: &'static str) -> Vendor {
    Vendor {
        title,
        prompts: vec![typed("URL *", url), typed("Username", USER), (secret, Fill::Secret)],
        options: Vec::new(),
        wrong: "expired",
        right: PASSWORD,
        refused: &["401", "Bad credentials"],
        levels: &["docker-local", "acme/api"],
        tags: vec![("1.0", vec![age("2026-01-01T00:00:00Z")]), ("0.9", vec![])],
        told: &["linux/amd64"],
        menu: TAG_MENU,
        repository_menu: REPOSITORY_MENU,
    }
}

/// Tags go, the sign-in ends and comes back.
fn act(walk: &mut Walk, vendor: &Vendor, keyed: &Keyed) {
    walk.browse(vendor);
    walk.untie("1", &["1.0", "latest", "stay"]);
    walk.delete("0.9", &["0.9"]);
    keyed.break_with(Fault { body: "Bad credentials", ..Fault::status("/", 401) });
    walk.is_refused(&["Bad credentials"]);
    keyed.mend();
    walk.sign_in_again(vendor);
}

#[test]
fn artifactory() {
    let fake = run(artifactory::Fake::start(KEYS));
    fill(&fake.keyed);
    let vendor = Vendor {
        options: vec![("Images are at", Fill::Nothing), typed("Name", NAME)],
        ..vendor("JFrog Artifactory", &fake.url, "Identity token or password")
    };
    let mut walk = Walk::connect(&vendor);
    act(&mut walk, &vendor, &fake.keyed);
    walk.open("docker-local");
    walk.delete_repository("worker", "worker");
    walk.quit();
}

#[test]
fn nexus() {
    let fake = run(nexus::Fake::start(KEYS));
    fill(&fake.keyed);
    let vendor = Vendor {
        options: vec![typed("Name", NAME)],
        repository_menu: &["Pull repository", "Open in browser", "Refresh"],
        ..vendor("Sonatype Nexus", &fake.url, "Password or user token")
    };
    let mut walk = Walk::connect(&vendor);
    act(&mut walk, &vendor, &fake.keyed);
    walk.quit();
}
