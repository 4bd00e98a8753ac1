//! A certificate authority of the tests' own.

use std::fs;
use std::path::{Path, PathBuf};

use rcgen::{BasicConstraints, CertificateParams, CertifiedIssuer, DnType, IsCa, KeyPair};

/// An authority, its certificate in a file.
pub(crate) struct Authority {
    issuer: CertifiedIssuer<'static, KeyPair>,
    file: PathBuf,
}

impl Authority {
    /// A new one; `ca.pem` goes into `folder`.
    pub(crate) fn new(folder: &Path) -> Self {
        let mut params = CertificateParams::default();
        params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        params.distinguished_name.push(DnType::CommonName, "the test's authority");
        let issuer = CertifiedIssuer::self_signed(params, KeyPair::generate().unwrap()).unwrap();
        let file = folder.join("ca.pem");
        fs::write(&file, issuer.pem()).unwrap();
        Self { issuer, file }
    }

    /// Where its certificate is.
    pub(crate) fn file(&self) -> String {
        self.file.to_str().unwrap().to_owned()
    }

    /// The files of a certificate for this machine, and of its key.
    pub(crate) fn server(&self, folder: &Path) -> (PathBuf, PathBuf) {
        let (certificate, key) = self.issue(&["localhost", "127.0.0.1"]);
        let files = (folder.join("server.pem"), folder.join("server-key.pem"));
        fs::write(&files.0, certificate).unwrap();
        fs::write(&files.1, key.serialize_pem()).unwrap();
        files
    }

    /// A file with the certificate of a client and its key.
    pub(crate) fn client(&self, folder: &Path) -> String {
        let (certificate, key) = self.issue(&["a-client"]);
        let file = folder.join("client.pem");
        fs::write(&file, certificate + &key.serialize_pem()).unwrap();
        file.to_str().unwrap().to_owned()
    }

    fn issue(&self, names: &[&str]) -> (String, KeyPair) {
        let key = KeyPair::generate().unwrap();
        let names: Vec<String> = names.iter().map(|&name| name.to_owned()).collect();
        let certificate = CertificateParams::new(names).unwrap().signed_by(&key, &self.issuer).unwrap();
        (certificate.pem(), key)
    }
}
