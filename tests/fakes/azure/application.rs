//! An application's certificate as Entra knows it, and what Entra looks at in an assertion.
//!
//! Source: "Microsoft identity platform application authentication certificate credentials".
//!
//! Invariant: an assertion is good once, at the address that it is for, signed with the key of the certificate it names.

use std::collections::HashSet;

use base64::Engine as _;
use base64::prelude::BASE64_URL_SAFE_NO_PAD;
use rcgen::{CertificateParams, KeyPair, PublicKeyData as _};
use rustls::SignatureScheme;
use rustls::crypto::aws_lc_rs;
use serde_json::Value;
use sha2::{Digest as _, Sha256};

/// Made for tests; it opens nothing.
const KEY: &str = include_str!("../../providers/google/key.pem");

/// What Entra has of an application.
pub(crate) struct Registered {
    thumbprint: String,
    public_key: Vec<u8>,
    /// The assertions that were shown.
    shown: HashSet<String>,
}

/// A certificate for this name with its key, in one PEM file, and what Entra has of it.
pub(crate) fn register(name: &str) -> (String, Registered) {
    let key = KeyPair::from_pem(KEY).unwrap();
    let certificate = CertificateParams::new(vec![name.to_owned()]).unwrap().self_signed(&key).unwrap();
    let thumbprint = BASE64_URL_SAFE_NO_PAD.encode(Sha256::digest(certificate.der()));
    let public_key = key.der_bytes().to_vec();
    (format!("{KEY}{}", certificate.pem()), Registered { thumbprint, public_key, shown: HashSet::new() })
}

impl Registered {
    /// Why an assertion for `client` at `audience` is not taken at `now`.
    pub(crate) fn refuse(
        &mut self,
        assertion: &str,
        client: &str,
        audience: &str,
        now: i64,
    ) -> Option<String> {
        let bytes = |part: &str| BASE64_URL_SAFE_NO_PAD.decode(part).unwrap();
        let read = |part: &str| serde_json::from_slice::<Value>(&bytes(part)).unwrap();
        let (signed, signature) = assertion.rsplit_once('.').unwrap();
        let (header, claims) = signed.split_once('.').unwrap();
        let (header, claims) = (read(header), read(claims));
        assert_eq!((&header["alg"], &header["typ"]), (&"PS256".into(), &"JWT".into()));
        if header["x5t#S256"] != self.thumbprint.as_str() {
            return Some(
                "AADSTS700027: The certificate used to sign the client assertion is not registered.".into(),
            );
        }
        assert_eq!(claims["aud"], audience, "an assertion is for one address");
        assert_eq!((&claims["iss"], &claims["sub"]), (&client.into(), &client.into()));
        let (from, until) = (claims["nbf"].as_i64().unwrap(), claims["exp"].as_i64().unwrap());
        assert!(from <= now && now < until && until - from <= 600, "{claims}");
        assert!(self.shown.insert(claims["jti"].as_str().unwrap().to_owned()), "shown twice: {claims}");
        let known = aws_lc_rs::default_provider().signature_verification_algorithms.mapping;
        let (_, verifiers) =
            known.iter().find(|(scheme, _)| *scheme == SignatureScheme::RSA_PSS_SHA256).unwrap();
        let is_good = verifiers
            .iter()
            .any(|v| v.verify_signature(&self.public_key, signed.as_bytes(), &bytes(signature)).is_ok());
        assert!(is_good, "the signature is not that of the certificate's key");
        None
    }
}
