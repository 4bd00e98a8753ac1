//! Each cloud's own hosts, and no other: the program goes through a proxy that says it is every one of them.
//!
//! Invariant: nothing leaves this machine; what would is led to the fake, and noted.

use std::collections::BTreeSet;
use std::sync::Mutex;

use rcgen::{BasicConstraints, CertificateParams, CertifiedIssuer, IsCa, KeyPair};
use tagalong::domain::FailureKind;
use tokio::io::{AsyncBufReadExt as _, AsyncWriteExt as _, BufReader};
use tokio::net::{TcpListener, TcpStream};
use tokio_rustls::TlsAcceptor;
use tokio_rustls::rustls::ServerConfig;
use tokio_rustls::rustls::crypto::aws_lc_rs;
use tokio_rustls::rustls::pki_types::PrivateKeyDer;

use super::*;

struct Known {
    name: &'static str,
    authority: &'static str,
    arm: &'static str,
    portal: &'static str,
    registry: &'static str,
}

const CLOUDS: [Known; 3] = [
    Known {
        name: "public",
        authority: "login.microsoftonline.com",
        arm: "management.azure.com",
        portal: "https://portal.azure.com/#@",
        registry: "acme.azurecr.io",
    },
    Known {
        name: "China",
        authority: "login.chinacloudapi.cn",
        arm: "management.chinacloudapi.cn",
        portal: "https://portal.azure.cn/#@",
        registry: "acme.azurecr.cn",
    },
    Known {
        name: "US Government",
        authority: "login.microsoftonline.us",
        arm: "management.usgovcloudapi.net",
        portal: "https://portal.azure.us/#@",
        registry: "acme.azurecr.us",
    },
];
const OWN: Known = Known {
    name: "",
    authority: "login.azs.example",
    arm: "management.azs.example",
    portal: "https://portal.azs.example/#@",
    registry: "acme.registries.azs.example",
};

/// The rest of the world.
struct World {
    proxy: String,
    ca_file: String,
    /// The hosts that were asked for.
    asked: Arc<Mutex<BTreeSet<String>>>,
    _folder: tempfile::TempDir,
}

impl World {
    /// One in which every host is the fake.
    async fn of(fake: &Fake) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let (ca, acceptor) = certificates();
        let ca_file = folder.path().join("ca.pem");
        std::fs::write(&ca_file, ca).unwrap();
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let proxy = format!("http://{}", listener.local_addr().unwrap());
        let asked: Arc<Mutex<BTreeSet<String>>> = Arc::default();
        let control = fake.control.trim_start_matches("http://").to_owned();
        let (noted, server) = (Arc::clone(&asked), fake.server().to_owned());
        tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                let (noted, acceptor) = (Arc::clone(&noted), acceptor.clone());
                let (control, server) = (control.clone(), server.clone());
                // A client that goes away ends its own tunnel alone.
                tokio::spawn(async move { tunnel(stream, &acceptor, &noted, &[control, server]).await.ok() });
            }
        });
        Self { proxy, ca_file: ca_file.to_string_lossy().into_owned(), asked, _folder: folder }
    }

    fn connection(&self, url: &str, settings: &[(&str, &str)]) -> Connection {
        let mut connection = connection("azure", url, settings);
        connection.options.proxy = Some(self.proxy.clone());
        connection.options.ca_file = Some(self.ca_file.clone());
        connection
    }

    fn assert_asked(&self, hosts: &[&str]) {
        let asked = std::mem::take(&mut *self.asked.lock().unwrap());
        assert_eq!(asked, hosts.iter().map(|h| format!("{h}:443")).collect());
    }
}

/// An authority, and what a server needs that says it is every known host.
fn certificates() -> (String, TlsAcceptor) {
    let mut params = CertificateParams::new(Vec::new()).unwrap();
    params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
    let issuer = CertifiedIssuer::self_signed(params, KeyPair::generate().unwrap()).unwrap();
    let all = CLOUDS.iter().chain([&OWN]).flat_map(|k| [k.authority, k.arm, k.registry]);
    let key = KeyPair::generate().unwrap();
    let names: Vec<String> = all.map(str::to_owned).collect();
    let certificate = CertificateParams::new(names).unwrap().signed_by(&key, &issuer).unwrap();
    let key = PrivateKeyDer::try_from(key.serialize_der()).unwrap();
    let config = ServerConfig::builder_with_provider(Arc::new(aws_lc_rs::default_provider()))
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_no_client_auth()
        .with_single_cert(vec![certificate.der().clone()], key)
        .unwrap();
    (issuer.pem(), TlsAcceptor::from(Arc::new(config)))
}

/// Answers `CONNECT host:443` as that host, and leads what is asked there to the fake.
async fn tunnel(
    stream: TcpStream,
    acceptor: &TlsAcceptor,
    noted: &Mutex<BTreeSet<String>>,
    [control, server]: &[String; 2],
) -> std::io::Result<()> {
    let mut stream = BufReader::new(stream);
    let mut first = String::new();
    stream.read_line(&mut first).await?;
    let host = first.split(' ').nth(1).unwrap_or_default().to_owned();
    noted.lock().unwrap().insert(host.clone());
    let mut line = String::from("more");
    while line.trim() != "" {
        line.clear();
        stream.read_line(&mut line).await?;
    }
    stream.write_all(b"HTTP/1.1 200 Connection established\r\n\r\n").await?;
    let mut client = acceptor.accept(stream).await?;
    let there = if host.starts_with("acme.") { server } else { control };
    let mut there = TcpStream::connect(there).await?;
    tokio::io::copy_bidirectional(&mut client, &mut there).await.map(|_| ())
}

const PRINCIPAL: [(&str, &str); 2] = [("sign_in", "service principal"), ("tenant", HOME)];

/// Goes from the subscriptions down to the tags.
async fn go_through(fake: &Fake, provider: &dyn Provider, known: &Known) {
    fake.call_registry(known.registry);
    provider.check().await.unwrap();
    let at = root().child(NodeKind::Namespace, SUBSCRIPTION);
    assert_eq!(names(&all(provider, &at).await), [known.registry]);
    let at = at.child(NodeKind::Registry, known.registry);
    assert_eq!(names(&all(provider, &at).await).len(), 4, "three repositories, and the tasks");
    let at = at.child(NodeKind::Repository, "worker");
    assert_eq!(names(&all(provider, &at).await), ["1"]);
    provider.describe().unwrap().describe(&at.parent().unwrap()).await.unwrap();
    let page = provider.web(&at).unwrap();
    assert!(page.starts_with(known.portal), "{page}");
}

#[tokio::test]
async fn each_cloud_has_its_own_hosts_and_no_other() {
    let fake = filled().await;
    let world = World::of(&fake).await;
    for known in &CLOUDS {
        let settings = [PRINCIPAL[0], PRINCIPAL[1], ("cloud", known.name)];
        let provider = open(world.connection(EVERYWHERE, &settings), basic(CLIENT, SECRET));
        go_through(&fake, &*provider, known).await;
        world.assert_asked(&[known.authority, known.arm, known.registry]);
    }
}

#[tokio::test]
async fn a_cloud_of_its_own_has_the_hosts_that_were_typed() {
    let fake = filled().await;
    let world = World::of(&fake).await;
    let settings = [
        PRINCIPAL[0],
        PRINCIPAL[1],
        ("authority", "https://login.azs.example/"),
        ("arm", "https://management.azs.example"),
        ("portal", "https://portal.azs.example"),
    ];
    let provider = open(world.connection(EVERYWHERE, &settings), basic(CLIENT, SECRET));
    go_through(&fake, &*provider, &OWN).await;
    world.assert_asked(&[OWN.authority, OWN.arm, OWN.registry]);
    let one = open(world.connection(&format!("https://{}", OWN.registry), &settings), basic(CLIENT, SECRET));
    assert_eq!(all(&*one, &root()).await.len(), 3);
    world.assert_asked(&[OWN.authority, OWN.registry]);
}

#[tokio::test]
async fn a_registrys_host_tells_its_cloud() {
    let fake = filled().await;
    let world = World::of(&fake).await;
    for known in &CLOUDS {
        let url = format!("https://{}", known.registry);
        let provider = open(world.connection(&url, &PRINCIPAL), basic(CLIENT, SECRET));
        assert_eq!(all(&*provider, &root()).await.len(), 3);
        world.assert_asked(&[known.authority, known.registry]);
    }
}

#[tokio::test]
async fn a_registry_of_another_cloud_is_shown_no_token() {
    let fake = filled().await;
    let world = World::of(&fake).await;
    let settings = [PRINCIPAL[0], PRINCIPAL[1], ("cloud", "public")];
    let provider = open(world.connection("https://acme.azurecr.cn", &settings), basic(CLIENT, SECRET));
    let failure = provider.children(&root(), None).await.unwrap_err();
    assert_eq!(failure.kind, FailureKind::Invalid, "{failure}");
    assert!(failure.said.contains("none of this cloud's registries"), "{failure}");
    assert!(!fake.asked("exchange") && !fake.asked("/oauth2/v2.0/"));
}

#[tokio::test]
async fn the_environments_authority_tells_the_cloud() {
    let fake = filled().await;
    let world = World::of(&fake).await;
    let here = |authority: &str| Around {
        variables: [
            ("AZURE_TENANT_ID", HOME),
            ("AZURE_CLIENT_ID", CLIENT),
            ("AZURE_CLIENT_SECRET", SECRET),
            ("AZURE_AUTHORITY_HOST", authority),
        ]
        .map(|(name, value)| (name, value.to_owned()))
        .into(),
        az: None,
    };
    for (authority, known) in [
        ("https://login.microsoftonline.us/", &CLOUDS[2]),
        ("login.chinacloudapi.cn", &CLOUDS[1]),
        ("https://login.microsoftonline.com", &CLOUDS[0]),
    ] {
        go_through(&fake, &*around(world.connection(EVERYWHERE, &[]), here(authority)), known).await;
        world.assert_asked(&[known.authority, known.arm, known.registry]);
    }
    let settings = [("cloud", "China")];
    let chosen = around(world.connection(EVERYWHERE, &settings), here("https://login.microsoftonline.us"));
    go_through(&fake, &*chosen, &CLOUDS[1]).await;
    world.assert_asked(&[CLOUDS[1].authority, CLOUDS[1].arm, CLOUDS[1].registry]);
}
