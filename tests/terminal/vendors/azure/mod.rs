//! Azure: subscriptions that hide when they have no registries, what a registry tells, rights by repository, untagged
//! manifests deleted together, and the sign-in by a code; the whole way from the sign-in to the deleted registry.

mod whole_way;

use serde_json::json;
use tagalong::domain::{Descriptor, Digest, media};

use super::tree;
use super::walk::{Fill, NAME, Prompt, REPOSITORY_MENU, TAG_MENU, Vendor, Walk, age, typed};
use crate::fakes::azure::application;
use crate::fakes::azure::fake::{CLIENT, Fake, HOME, SECRET};
use crate::form;
use crate::home::Home;
use crate::images::{noise, put_image};
use crate::running::{Running, run};
use crate::terminal::{DOWN, ESC, Setup, Terminal};

const SUBMIT: &str = "\x13";

fn filled() -> Running<Fake> {
    let fake = run(Fake::start());
    for (tag, seed) in [("1.0", 1), ("1", 1), ("latest", 1), ("0.9", 2)] {
        put_image(fake.store(), "acme/api", tag, &[noise(seed, 100)]);
    }
    for repository in ["acme/closed", "acme/spare"] {
        put_image(fake.store(), repository, "1", &[noise(4, 100)]);
    }
    fake
}

/// Manifests of a repository that have no tag: two that nothing holds, the member of an index, and a signature.
struct Untagged {
    loose: [Digest; 2],
    held: [Digest; 2],
}

fn leave_untagged(fake: &Fake) -> Untagged {
    let (store, name) = (fake.store(), "acme/api");
    let image = |seed| {
        let digest = put_image(store, name, "passing", &[noise(seed, 100)]).digest;
        store.remove_tag(name, "passing");
        digest
    };
    let loose = [image(5), image(6)];
    let member = image(7);
    let members = [Descriptor::new(media::OCI_MANIFEST, member.clone(), 100)];
    let index = json!({ "schemaVersion": 2, "mediaType": media::OCI_INDEX, "manifests": members });
    let index = store.put_manifest(name, media::OCI_INDEX, index.to_string());
    store.tag(name, "multi", &index);
    let empty = Descriptor::new(media::OCI_EMPTY, store.put_blob(name, b"{}".to_vec()), 2);
    let subject = Descriptor::new(media::OCI_MANIFEST, store.resolve(name, "1.0").unwrap(), 100);
    let signature = json!({
        "schemaVersion": 2, "mediaType": media::OCI_MANIFEST, "config": empty, "layers": [], "subject": subject,
    });
    let signature = store.put_manifest(name, media::OCI_MANIFEST, signature.to_string());
    Untagged { loose, held: [member, signature] }
}

fn prompts(sign_in: usize, tenant: Fill, client: Fill, secret: Fill) -> Vec<Prompt> {
    vec![
        ("Sign in with", Fill::Turn(sign_in)),
        ("Tenant", tenant),
        ("Client ID or user", client),
        ("Secret", secret),
        ("Certificate", Fill::Nothing),
        ("One registry", Fill::Nothing),
    ]
}

fn vendor(fake: &Fake, prompts: Vec<Prompt>) -> Vendor {
    let options = vec![
        typed("Name", NAME),
        ("Cloud", Fill::Nothing),
        ("App of the code", Fill::Nothing),
        typed("Authority", fake.control.as_str()),
        typed("Resource manager", fake.control.as_str()),
    ];
    let server: &'static str = fake.server().to_owned().leak();
    Vendor {
        title: "Azure",
        prompts,
        options,
        wrong: "wrong",
        right: SECRET,
        refused: &["AADSTS7000215"],
        levels: vec!["The sub-1", server, "acme/api"].leak(),
        tags: vec![
            ("0.9", vec![age("2025-01-22T10:30:00Z"), "100 B".to_owned(), "amd64".to_owned()]),
            ("1.0", vec![age("2025-01-22T10:30:00Z"), "100 B".to_owned(), "= 1".to_owned()]),
            ("untagged", vec![]),
        ],
        told: &["linux/amd64"],
        menu: TAG_MENU,
        repository_menu: REPOSITORY_MENU,
    }
}

fn as_principal(fake: &Fake) -> Vendor {
    let (tenant, client) = (Fill::Type(HOME.to_owned()), Fill::Type(CLIENT.to_owned()));
    vendor(fake, prompts(2, tenant, client, Fill::Secret))
}

#[test]
fn azure() {
    let fake = filled();
    let untagged = leave_untagged(&fake);
    let vendor = as_principal(&fake);
    let mut walk = Walk::connect(&vendor);
    walk.terminal.wait("1 without registries hidden");
    walk.terminal.press(".");
    walk.terminal.wait("The sub-2");
    walk.terminal.press(".");
    walk.is_gone("The sub-2");
    walk.browse(&vendor);
    walk.go(vendor.levels[1]);
    walk.terminal.wait_line(&[vendor.levels[1], "Standard · westeurope"]);
    for told in ["login server", "created", "admin user", "public access", "retention", "1.0 GiB of 10.0 GiB"]
    {
        walk.terminal.wait(told);
    }
    delete_untagged(&mut walk, &fake, &untagged);
    walk.untie("1", &["1.0", "latest", "stay"]);
    walk.delete("0.9", &["0.9"]);
    walk.delete_repository("acme/spare", "acme/spare");
    fake.state().revoke();
    walk.is_refused(&["AADSTS7000215"]);
    fake.state().is_revoked = false;
    walk.sign_in_again(&vendor);
    walk.quit();
}

/// The group has what nothing holds, each with its size and date, and goes with what is marked.
fn delete_untagged(walk: &mut Walk, fake: &Fake, untagged: &Untagged) {
    // Only the ends of a digest have room.
    let end = |digest: &Digest| digest.to_string()[68..].to_owned();
    let offered = |screen: &str| tree::rows(screen).iter().filter(|row| row.starts_with("sh")).count();
    walk.open("untagged");
    for digest in &untagged.loose {
        walk.terminal.wait_line(&[&end(digest), "4.0 KiB", &age("2025-01-21T10:30:00Z")]);
    }
    assert_eq!(offered(&walk.terminal.contents()), 2, "what is held is never offered");
    walk.terminal.press("a");
    walk.terminal.wait("2 images are marked.");
    walk.terminal.press(DOWN);
    walk.terminal.press("d");
    walk.terminal.wait("Delete 2 images?");
    walk.terminal.wait_gone("looking up");
    walk.terminal.press("y");
    walk.terminal.wait("Deleted 2 images.");
    walk.terminal.wait_until("manifests are left", |screen| offered(screen) == 0);
    for digest in &untagged.loose {
        assert!(fake.store().manifest("acme/api", digest).is_none());
    }
    for digest in &untagged.held {
        assert!(fake.store().manifest("acme/api", digest).is_some());
    }
}

#[test]
fn azure_with_rights_by_repository() {
    let fake = filled();
    fake.state().denied.insert("acme/closed");
    let vendor = as_principal(&fake);
    let mut walk = Walk::connect(&vendor);
    walk.open(vendor.levels[0]);
    walk.open(vendor.levels[1]);
    walk.open("acme/closed");
    walk.terminal.wait_line(&["⚠", "listing the tags of acme/closed"]);
    walk.terminal.press(DOWN);
    walk.terminal.wait("needs the role AcrPull");
    walk.terminal.wait("Ask for the right");
    walk.open("acme/api");
    walk.go("latest");
    walk.quit();
}

#[test]
fn azure_by_a_code() {
    let fake = filled();
    fake.state().waiting = std::iter::repeat_n("authorization_pending", 1000).collect();
    let vendor = vendor(&fake, prompts(1, Fill::Nothing, Fill::Nothing, Fill::Nothing));
    let mut walk = Walk::new();
    walk.fill_in(&vendor);
    walk.terminal.press(SUBMIT);
    walk.terminal.wait("ABCD-1234");
    walk.terminal.wait("https://login.example/device");
    walk.terminal.press(ESC);
    walk.terminal.wait_gone("ABCD-1234");
    walk.terminal.wait("[ Connect ]");
    fake.state().waiting = ["authorization_declined"].into();
    walk.terminal.press(SUBMIT);
    walk.terminal.wait("the sign-in was declined at Microsoft's page");
    fake.state().waiting.clear();
    walk.terminal.press(SUBMIT);
    form::keep_in_file(&mut walk.terminal);
    walk.terminal.wait("Connected to work.");
    walk.terminal.wait_line(&[NAME, "ann@acme.example", "● online"]);
    walk.quit();
}

#[test]
fn azure_by_the_environments_certificate() {
    let fake = filled();
    let (pem, registered) = application::register("tagalong");
    fake.state().registered = Some(registered);
    let home = Home::new();
    let path = home.path().join("certificate.pem");
    std::fs::write(&path, pem).unwrap();
    let mut command = home.tagalong_command(&[]);
    command.env("AZURE_TENANT_ID", HOME);
    command.env("AZURE_CLIENT_ID", CLIENT);
    command.env("AZURE_CLIENT_CERTIFICATE_PATH", &path);
    let mut walk = Walk { terminal: Terminal::start(Setup::new(command, 120, 40)), home };
    walk.terminal.wait_line(&["azurecr.io", CLIENT, "AZURE_CLIENT_ID"]);
    walk.fill_in(&vendor(&fake, prompts(2, Fill::Nothing, Fill::Nothing, Fill::Nothing)));
    walk.terminal.press(SUBMIT);
    walk.terminal.wait("Connected to work.");
    walk.open("The sub-1");
    walk.go(fake.server());
    walk.quit();
}
