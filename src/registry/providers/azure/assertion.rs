//! An application's certificate, and what is signed with its key instead of showing a secret.
//!
//! Source: "Microsoft identity platform application authentication certificate credentials": a JWT signed by PS256 that
//! names the certificate by its SHA-256 thumbprint (`x5t#S256`).
//!
//! Invariant: the key leaves nothing but signatures, each for one address and good for ten minutes.

use std::sync::Arc;

use base64::Engine as _;
use base64::prelude::BASE64_URL_SAFE_NO_PAD as BASE64_URL;
use rustls::SignatureScheme;
use rustls::crypto::aws_lc_rs;
use rustls::pki_types::pem::PemObject as _;
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use rustls::sign::{CertifiedKey, SigningKey};
use serde_json::{Value, json};
use sha2::{Digest as _, Sha256};

use crate::domain::Secret;

/// How long an assertion is good, in seconds.
const LIFETIME: i64 = 600;

const NO_PEM: &str = "this is no PEM file; of a PFX (.pfx, .p12) one is made with “openssl pkcs12 -in FILE -nodes -out NEW.pem”";
const ENCRYPTED: &str = "its key is encrypted, and no password can be asked for each time a token is renewed; “openssl pkey -in FILE -out KEY.pem” writes the key without one";
const NO_KEY: &str = "it holds no private key; the certificate and its key belong into one file";
const NO_CERTIFICATE: &str = "it holds no certificate; the certificate and its key belong into one file";
const NO_PAIR: &str = "none of the certificates in it belongs to its key";
const NO_RSA: &str = "its key is no RSA key, and Entra takes no other of an application";
const NOT_SIGNED: &str = "its key cannot sign";

/// A certificate with its key.
pub(super) struct Certificate {
    /// SHA-256 of the certificate, in base64 for addresses.
    thumbprint: String,
    key: Arc<dyn SigningKey>,
}

impl Certificate {
    /// Reads a PEM file with a key and the certificate that belongs to it, in any order and with others beside it.
    ///
    /// # Errors
    /// What is wrong with the file, and what to do about it.
    pub(super) fn read(pem: &[u8]) -> Result<Self, &'static str> {
        let text = String::from_utf8_lossy(pem);
        if !text.contains("-----BEGIN ") {
            return Err(NO_PEM);
        }
        if text.contains("ENCRYPTED") {
            return Err(ENCRYPTED);
        }
        let key = PrivateKeyDer::from_pem_slice(pem).map_err(|_| NO_KEY)?;
        let key = aws_lc_rs::sign::any_supported_type(&key).map_err(|_| NO_RSA)?;
        let all: Vec<_> = CertificateDer::pem_slice_iter(pem).filter_map(Result::ok).collect();
        if all.is_empty() {
            return Err(NO_CERTIFICATE);
        }
        let belongs = |der: &&CertificateDer<'static>| {
            CertifiedKey::new(vec![(*der).clone()], Arc::clone(&key)).keys_match().is_ok()
        };
        let own = all.iter().find(belongs).ok_or(NO_PAIR)?;
        Ok(Self { thumbprint: BASE64_URL.encode(Sha256::digest(own)), key })
    }

    /// What proves to `audience` that `client` has the key, from `now` on (seconds since 1970).
    ///
    /// # Errors
    /// When the key is of a kind that Entra does not take.
    pub(super) fn assertion(&self, client: &str, audience: &str, now: i64) -> Result<Secret, &'static str> {
        let signer = self.key.choose_scheme(&[SignatureScheme::RSA_PSS_SHA256]).ok_or(NO_RSA)?;
        let header = json!({ "alg": "PS256", "typ": "JWT", "x5t#S256": self.thumbprint });
        let claims = json!({
            "aud": audience, "iss": client, "sub": client, "jti": fresh_id()?,
            "nbf": now, "exp": now.saturating_add(LIFETIME),
        });
        let part = |value: &Value| BASE64_URL.encode(value.to_string());
        let signed = format!("{}.{}", part(&header), part(&claims));
        let signature = signer.sign(signed.as_bytes()).map_err(|_| NOT_SIGNED)?;
        Ok(Secret::new(format!("{signed}.{}", BASE64_URL.encode(signature))))
    }
}

/// A name that no other assertion has.
fn fresh_id() -> Result<String, &'static str> {
    let mut bytes = [0; 16];
    aws_lc_rs::default_provider().secure_random.fill(&mut bytes).map_err(|_| NOT_SIGNED)?;
    Ok(hex::encode(bytes))
}

#[cfg(test)]
mod tests {
    use super::*;

    const KEY: &str = include_str!("../../../../tests/providers/google/key.pem");

    fn refused(pem: &str) -> &'static str {
        Certificate::read(pem.as_bytes()).err().unwrap_or("it was read")
    }

    fn certificate_of(key: &rcgen::KeyPair) -> String {
        rcgen::CertificateParams::new(Vec::new()).unwrap().self_signed(key).unwrap().pem()
    }

    #[test]
    fn what_is_wrong_with_a_file_is_said() {
        let rsa = rcgen::KeyPair::from_pem(KEY).unwrap();
        let other = rcgen::KeyPair::generate().unwrap();
        let curve = format!("{}{}", other.serialize_pem(), certificate_of(&other));
        assert_eq!(refused("\u{30}\u{82}a PFX"), NO_PEM);
        assert_eq!(
            refused("-----BEGIN ENCRYPTED PRIVATE KEY-----\nAAAA\n-----END ENCRYPTED PRIVATE KEY-----"),
            ENCRYPTED
        );
        assert_eq!(
            refused(
                "-----BEGIN RSA PRIVATE KEY-----\nProc-Type: 4,ENCRYPTED\n\nAAAA\n-----END RSA PRIVATE KEY-----"
            ),
            ENCRYPTED
        );
        assert_eq!(refused(&certificate_of(&rsa)), NO_KEY);
        assert_eq!(refused(KEY), NO_CERTIFICATE);
        assert_eq!(refused(&format!("{KEY}{}", certificate_of(&other))), NO_PAIR);
        let of_a_curve = Certificate::read(curve.as_bytes()).map_err(str::to_owned).unwrap();
        assert_eq!(of_a_curve.assertion("app", "there", 1).unwrap_err(), NO_RSA);
    }

    #[test]
    fn the_certificate_that_belongs_to_the_key_is_named() {
        let rsa = rcgen::KeyPair::from_pem(KEY).unwrap();
        let (own, other) = (certificate_of(&rsa), certificate_of(&rcgen::KeyPair::generate().unwrap()));
        let thumbprint =
            |pem: String| Certificate::read(pem.as_bytes()).map_err(str::to_owned).unwrap().thumbprint;
        let expected =
            BASE64_URL.encode(Sha256::digest(CertificateDer::from_pem_slice(own.as_bytes()).unwrap()));
        assert_eq!(thumbprint(format!("{other}{own}{KEY}")), expected);
        assert_eq!(thumbprint(format!("{KEY}{own}{other}")), expected);
    }
}
