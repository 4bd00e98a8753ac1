//! Certificates: an own authority, wrong ones, clients', and no verification.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use rcgen::{BasicConstraints, CertificateParams, CertifiedIssuer, IsCa, KeyPair, date_time_ymd};
use tagalong::domain::{Failure, FailureKind};
use tagalong::http::Http;
use tokio_rustls::TlsAcceptor;
use tokio_rustls::rustls::crypto::aws_lc_rs;
use tokio_rustls::rustls::pki_types::PrivateKeyDer;
use tokio_rustls::rustls::server::WebPkiClientVerifier;
use tokio_rustls::rustls::{RootCertStore, ServerConfig};

use crate::scripted::Scripted;
use crate::{get, script, settings};

/// An authority and the folder with its files.
struct Authority {
    issuer: CertifiedIssuer<'static, KeyPair>,
    folder: tempfile::TempDir,
}

impl Authority {
    fn new() -> Self {
        let mut params = CertificateParams::new(Vec::new()).unwrap();
        params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        params.distinguished_name.push(rcgen::DnType::CommonName, "Tests");
        let issuer = CertifiedIssuer::self_signed(params, KeyPair::generate().unwrap()).unwrap();
        Self { issuer, folder: tempfile::tempdir().unwrap() }
    }

    /// A certificate for these names, and its key.
    fn sign(
        &self,
        names: &[&str],
        change: impl FnOnce(&mut CertificateParams),
    ) -> (rcgen::Certificate, KeyPair) {
        let mut params =
            CertificateParams::new(names.iter().map(|n| (*n).to_owned()).collect::<Vec<_>>()).unwrap();
        change(&mut params);
        let key = KeyPair::generate().unwrap();
        (params.signed_by(&key, &self.issuer).unwrap(), key)
    }

    fn file(&self, name: &str, text: &str) -> String {
        let path: PathBuf = self.folder.path().join(name);
        std::fs::write(&path, text).unwrap();
        path.to_string_lossy().into_owned()
    }

    fn ca_file(&self) -> String {
        self.file("ca.pem", &self.issuer.pem())
    }

    /// A server with such a certificate; `clients` is the authority that its clients must have one of.
    fn acceptor(
        &self,
        names: &[&str],
        clients: Option<&Self>,
        change: impl FnOnce(&mut CertificateParams),
    ) -> TlsAcceptor {
        let (certificate, key) = self.sign(names, change);
        let provider = Arc::new(aws_lc_rs::default_provider());
        let builder = ServerConfig::builder_with_provider(provider.clone())
            .with_safe_default_protocol_versions()
            .unwrap();
        let builder = match clients {
            None => builder.with_no_client_auth(),
            Some(authority) => {
                let mut roots = RootCertStore::empty();
                roots.add(authority.issuer.der().clone()).unwrap();
                let verifier =
                    WebPkiClientVerifier::builder_with_provider(Arc::new(roots), provider).build().unwrap();
                builder.with_client_cert_verifier(verifier)
            }
        };
        let key = PrivateKeyDer::try_from(key.serialize_der()).unwrap();
        TlsAcceptor::from(Arc::new(builder.with_single_cert(vec![certificate.der().clone()], key).unwrap()))
    }
}

async fn serve(acceptor: TlsAcceptor, times: usize) -> Scripted {
    let exchanges = script(&format!("request = \"GET /\"\nbody = \"fine\"\ntimes = {times}"));
    Scripted::play(exchanges, &[], Some(acceptor)).await
}

/// What a server with this acceptor says to a connection with this CA file.
async fn ask(acceptor: TlsAcceptor, ca_file: Option<String>) -> Result<String, Failure> {
    let server = serve(acceptor, 1).await;
    let mut settings = settings(&server.base);
    settings.options.ca_file = ca_file;
    get(&Http::new(settings), "/").await
}

fn assert_tls(got: Result<String, Failure>, said: &str) {
    let failure = got.unwrap_err();
    assert_eq!(failure.kind, FailureKind::Tls, "{failure}");
    assert!(failure.said.contains(said), "{failure}");
}

#[tokio::test]
async fn an_own_authority_is_trusted_when_named() {
    let authority = Authority::new();
    let acceptor = authority.acceptor(&["127.0.0.1"], None, |_| ());
    assert_eq!(ask(acceptor.clone(), Some(authority.ca_file())).await.unwrap(), "fine");
    assert_tls(ask(acceptor.clone(), None).await, "is signed by an unknown authority");
    let namesake = Authority::new();
    assert_tls(ask(acceptor, Some(namesake.ca_file())).await, "is not signed by the authority that it names");
}

#[tokio::test]
async fn what_is_wrong_with_a_certificate_is_said() {
    let authority = Authority::new();
    let ca_file = || Some(authority.ca_file());
    let other_name = authority.acceptor(&["registry.example"], None, |_| ());
    assert_tls(ask(other_name, ca_file()).await, "is for another host name");
    let expired = authority.acceptor(&["127.0.0.1"], None, |params| {
        params.not_before = date_time_ymd(2019, 1, 1);
        params.not_after = date_time_ymd(2020, 1, 1);
    });
    assert_tls(ask(expired, ca_file()).await, "has expired");
    let not_yet =
        authority.acceptor(&["127.0.0.1"], None, |params| params.not_before = date_time_ymd(4000, 1, 1));
    assert_tls(ask(not_yet, ca_file()).await, "is not valid yet");
}

/// As Docker's instructions make them: `openssl req -x509`, then copied to `ca.crt`.
#[tokio::test]
async fn a_self_signed_certificate_in_the_ca_file_is_trusted_for_its_names() {
    let authority = Authority::new();
    let own = |names: &[&str], change: fn(&mut CertificateParams)| {
        let mut params =
            CertificateParams::new(names.iter().map(|n| (*n).to_owned()).collect::<Vec<_>>()).unwrap();
        params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        change(&mut params);
        let key = KeyPair::generate().unwrap();
        let certificate = params.self_signed(&key).unwrap();
        (authority.file("self.pem", &certificate.pem()), acceptor_of(&certificate, &key))
    };
    let (file, acceptor) = own(&["127.0.0.1"], |_| ());
    assert_eq!(ask(acceptor.clone(), Some(file)).await.unwrap(), "fine");
    assert!(ask(acceptor, Some(authority.ca_file())).await.is_err());
    let (file, acceptor) = own(&["registry.example"], |_| ());
    assert_tls(ask(acceptor, Some(file)).await, "is for another host name");
    let (file, acceptor) = own(&["127.0.0.1"], |params| {
        params.not_before = date_time_ymd(2019, 1, 1);
        params.not_after = date_time_ymd(2020, 1, 1);
    });
    assert_tls(ask(acceptor, Some(file)).await, "has expired");
}

fn acceptor_of(certificate: &rcgen::Certificate, key: &KeyPair) -> TlsAcceptor {
    let key = PrivateKeyDer::try_from(key.serialize_der()).unwrap();
    let config = ServerConfig::builder_with_provider(Arc::new(aws_lc_rs::default_provider()))
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_no_client_auth()
        .with_single_cert(vec![certificate.der().clone()], key)
        .unwrap();
    TlsAcceptor::from(Arc::new(config))
}

#[tokio::test]
async fn verification_can_be_switched_off() {
    let authority = Authority::new();
    let server = serve(authority.acceptor(&["registry.example"], None, |_| ()), 1).await;
    let mut settings = settings(&server.base);
    settings.options.skip_verification = true;
    assert_eq!(get(&Http::new(settings), "/").await.unwrap(), "fine");
}

#[tokio::test]
async fn a_client_certificate_is_shown() {
    let authority = Authority::new();
    let strangers = Authority::new();
    let acceptor = authority.acceptor(&["127.0.0.1"], Some(&authority), |_| ());
    let client = |by: &Authority| {
        let (certificate, key) = by.sign(&["ann"], |_| ());
        by.file("client.pem", &format!("{}{}", certificate.pem(), key.serialize_pem()))
    };
    let ask_with = async |file: Option<String>| {
        let server = serve(acceptor.clone(), 1).await;
        let mut settings = settings(&server.base);
        settings.options.ca_file = Some(authority.ca_file());
        settings.options.client_certificate = file;
        get(&Http::new(settings), "/").await
    };
    assert_eq!(ask_with(Some(client(&authority))).await.unwrap(), "fine");
    assert_tls(ask_with(None).await, "asks for a client certificate");
    assert_tls(ask_with(Some(client(&strangers))).await, "refused the client certificate");
}

/// A server of this machine's address that redirects to the same machine by its name: to another host.
async fn redirecting(home: TlsAcceptor, elsewhere: &Scripted) -> Scripted {
    let to = elsewhere.base.replace("127.0.0.1", "localhost");
    let exchanges = script(&format!("request = \"GET /\"\nstatus = 307\nheaders = [\"Location: {to}/\"]"));
    Scripted::play(exchanges, &[], Some(home)).await
}

#[tokio::test]
async fn verification_is_switched_off_for_the_registry_alone() {
    let authority = Authority::new();
    let elsewhere = serve(authority.acceptor(&["localhost"], None, |_| ()), 1).await;
    let server = redirecting(authority.acceptor(&["127.0.0.1"], None, |_| ()), &elsewhere).await;
    let mut settings = settings(&server.base);
    settings.options.skip_verification = true;
    assert_tls(get(&Http::new(settings.clone()), "/").await, "is signed by an unknown authority");
    settings.base = elsewhere.base.parse().unwrap();
    assert_eq!(get(&Http::new(settings), "/").await.unwrap(), "fine");
}

#[tokio::test]
async fn a_client_certificate_is_shown_to_the_registry_alone() {
    let authority = Authority::new();
    let demanding = |name| authority.acceptor(&[name], Some(&authority), |_| ());
    let elsewhere = serve(demanding("localhost"), 1).await;
    let server = redirecting(demanding("127.0.0.1"), &elsewhere).await;
    let (certificate, key) = authority.sign(&["ann"], |_| ());
    let file = authority.file("client.pem", &format!("{}{}", certificate.pem(), key.serialize_pem()));
    let mut settings = settings(&server.base);
    settings.options.ca_file = Some(authority.ca_file());
    settings.options.client_certificate = Some(file);
    assert_tls(get(&Http::new(settings), "/").await, "asks for a client certificate");
}

#[tokio::test]
async fn unusable_files_are_named() {
    let authority = Authority::new();
    let acceptor = authority.acceptor(&["127.0.0.1"], None, |_| ());
    let missing = authority.folder.path().join("none.pem").to_string_lossy().into_owned();
    let failure = ask(acceptor.clone(), Some(missing.clone())).await.unwrap_err();
    assert_eq!((failure.kind, failure.doing), (FailureKind::Io, format!("reading the CA file {missing}")));
    let empty = authority.file("empty.pem", "nothing");
    assert_tls(ask(acceptor.clone(), Some(empty.clone())).await, "it holds no certificate in PEM form");
    let mut settings = settings("https://127.0.0.1:1");
    settings.options.client_certificate = Some(authority.ca_file());
    assert_tls(get(&Http::new(settings), "/").await, "needs a certificate and its private key");
    assert!(Path::new(&empty).exists());
}

#[tokio::test]
async fn https_never_goes_on_to_http() {
    let authority = Authority::new();
    let exchanges =
        script("request = \"GET /\"\nstatus = 302\nheaders = [\"Location: http://127.0.0.1:1/\"]");
    let server = Scripted::play(exchanges, &[], Some(authority.acceptor(&["127.0.0.1"], None, |_| ()))).await;
    let mut settings = settings(&server.base);
    settings.options.ca_file = Some(authority.ca_file());
    let failure = get(&Http::new(settings), "/").await.unwrap_err();
    assert!(failure.said.contains("redirects from https to http"), "{failure}");
}

#[tokio::test]
async fn a_token_server_must_speak_https_when_the_registry_does() {
    let authority = Authority::new();
    let exchanges = script(
        "request = \"GET /\"\nstatus = 401\nheaders = ['WWW-Authenticate: Bearer realm=\"http://127.0.0.1:1/token\"']",
    );
    let server = Scripted::play(exchanges, &[], Some(authority.acceptor(&["127.0.0.1"], None, |_| ()))).await;
    let mut settings = settings(&server.base);
    settings.options.ca_file = Some(authority.ca_file());
    let failure = get(&Http::new(settings), "/").await.unwrap_err();
    assert_eq!(failure.said, "it sends the sign-in to 127.0.0.1:1, which speaks plain HTTP");
}
