//! Whom a secure connection trusts, and who it says it is.
//!
//! Certificates are checked by the system's store and the connection's CA file together. One rule is added: a server
//! certificate that stands in the CA file itself is trusted for the names it holds, even when it calls itself an
//! authority. Docker's own instructions make such certificates ("self-signed, then copied to ca.crt"), every other
//! client takes them, and webpki alone does not.
//!
//! Invariant: without `skip_verification`, no certificate passes that neither an authority nor the CA file vouches
//! for, and none for another name.

use std::sync::Arc;

use rustls::client::danger::{HandshakeSignatureValid, ServerCertVerified, ServerCertVerifier};
use rustls::client::{WebPkiServerVerifier, verify_server_name};
use rustls::crypto::{CryptoProvider, aws_lc_rs, verify_tls12_signature, verify_tls13_signature};
use rustls::pki_types::pem::PemObject as _;
use rustls::pki_types::{CertificateDer, PrivateKeyDer, ServerName, UnixTime};
use rustls::server::ParsedCertificate;
use rustls::{CertificateError, ClientConfig, DigitallySignedStruct, Error, RootCertStore, SignatureScheme};
use rustls_platform_verifier::Verifier;

use super::tidy::tidy;
use crate::domain::connection::Options;
use crate::domain::text::visible;
use crate::domain::{Failure, FailureKind};

/// The TLS side of a client: what it trusts, its own certificate, HTTP/2 where offered.
pub(super) fn tls_config(options: &Options) -> Result<ClientConfig, Failure> {
    let failed = |error: Error| {
        Failure::new(FailureKind::Tls, "preparing the secure connection", tidy(&error.to_string()))
    };
    let provider = Arc::new(aws_lc_rs::default_provider());
    let builder = ClientConfig::builder_with_provider(provider.clone())
        .with_safe_default_protocol_versions()
        .map_err(failed)?;
    let verifier: Arc<dyn ServerCertVerifier> = if options.skip_verification {
        Arc::new(Anyone(provider))
    } else {
        Arc::new(verifier(authorities(options)?, provider).map_err(failed)?)
    };
    let builder = builder.dangerous().with_custom_certificate_verifier(verifier);
    let mut config = match &options.client_certificate {
        None => builder.with_no_client_auth(),
        Some(path) => {
            let (chain, key) = own_certificate(path)?;
            builder.with_client_auth_cert(chain, key).map_err(failed)?
        }
    };
    config.alpn_protocols = vec![b"h2".to_vec(), b"http/1.1".to_vec()];
    Ok(config)
}

/// The system's store and `known`; on a machine without a store, `known` alone.
fn verifier(known: Vec<CertificateDer<'static>>, provider: Arc<CryptoProvider>) -> Result<Vouched, Error> {
    let by_authority: Option<Arc<dyn ServerCertVerifier>> =
        match Verifier::new_with_extra_roots(known.iter().cloned(), provider.clone()) {
            Ok(system) => Some(Arc::new(system)),
            Err(error) if !known.is_empty() => {
                let mut roots = RootCertStore::empty();
                for certificate in &known {
                    roots.add(certificate.clone()).map_err(|_| error.clone())?;
                }
                let built =
                    WebPkiServerVerifier::builder_with_provider(Arc::new(roots), provider.clone()).build();
                Some(built.map_err(|_| error)?)
            }
            Err(_) => None,
        };
    Ok(Vouched { by_authority, known, schemes: provider })
}

fn authorities(options: &Options) -> Result<Vec<CertificateDer<'static>>, Failure> {
    let Some(path) = &options.ca_file else { return Ok(Vec::new()) };
    let doing = format!("reading the CA file {}", visible(path));
    let pem = std::fs::read(path).map_err(|e| Failure::io(&doing, &e))?;
    match CertificateDer::pem_slice_iter(&pem).collect::<Result<Vec<_>, _>>() {
        Ok(found) if !found.is_empty() => Ok(found),
        _ => Err(Failure::new(FailureKind::Tls, doing, "it holds no certificate in PEM form")),
    }
}

fn own_certificate(path: &str) -> Result<(Vec<CertificateDer<'static>>, PrivateKeyDer<'static>), Failure> {
    let doing = format!("reading the client certificate {}", visible(path));
    let pem = std::fs::read(path).map_err(|e| Failure::io(&doing, &e))?;
    let chain: Vec<_> = CertificateDer::pem_slice_iter(&pem).filter_map(Result::ok).collect();
    match PrivateKeyDer::from_pem_slice(&pem) {
        Ok(key) if !chain.is_empty() => Ok((chain, key)),
        _ => {
            let said = "it needs a certificate and its private key, both in PEM form";
            Err(Failure::new(FailureKind::Tls, doing, said))
        }
    }
}

/// Trusts what an authority vouches for, and the certificates of the CA file themselves.
#[derive(Debug)]
struct Vouched {
    /// Nothing on a machine without authorities.
    by_authority: Option<Arc<dyn ServerCertVerifier>>,
    known: Vec<CertificateDer<'static>>,
    schemes: Arc<CryptoProvider>,
}

impl ServerCertVerifier for Vouched {
    fn verify_server_cert(
        &self,
        end_entity: &CertificateDer<'_>,
        intermediates: &[CertificateDer<'_>],
        server_name: &ServerName<'_>,
        ocsp_response: &[u8],
        now: UnixTime,
    ) -> Result<ServerCertVerified, Error> {
        let Some(by_authority) = &self.by_authority else {
            return Err(Error::InvalidCertificate(CertificateError::UnknownIssuer));
        };
        match by_authority.verify_server_cert(end_entity, intermediates, server_name, ocsp_response, now) {
            // webpki looks at this after the dates, and before the names.
            Err(error) if is_an_authority_itself(&error) && self.known.iter().any(|k| k == end_entity) => {
                verify_server_name(&ParsedCertificate::try_from(end_entity)?, server_name)?;
                Ok(ServerCertVerified::assertion())
            }
            verdict => verdict,
        }
    }

    fn verify_tls12_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signed: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        verify_tls12_signature(message, certificate, signed, &self.schemes.signature_verification_algorithms)
    }

    fn verify_tls13_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signed: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        verify_tls13_signature(message, certificate, signed, &self.schemes.signature_verification_algorithms)
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        self.schemes.signature_verification_algorithms.supported_schemes()
    }
}

/// webpki's `CaUsedAsEndEntity`, which rustls hands on without a variant of its own.
fn is_an_authority_itself(error: &Error) -> bool {
    matches!(error, Error::InvalidCertificate(CertificateError::Other(other)) if other.to_string() == "CaUsedAsEndEntity")
}

/// Trusts anyone who has the key to the certificate that was shown.
#[derive(Debug)]
struct Anyone(Arc<CryptoProvider>);

impl ServerCertVerifier for Anyone {
    fn verify_server_cert(
        &self,
        _: &CertificateDer<'_>,
        _: &[CertificateDer<'_>],
        _: &ServerName<'_>,
        _: &[u8],
        _: UnixTime,
    ) -> Result<ServerCertVerified, Error> {
        Ok(ServerCertVerified::assertion())
    }

    fn verify_tls12_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signed: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        verify_tls12_signature(message, certificate, signed, &self.0.signature_verification_algorithms)
    }

    fn verify_tls13_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signed: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        verify_tls13_signature(message, certificate, signed, &self.0.signature_verification_algorithms)
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        self.0.signature_verification_algorithms.supported_schemes()
    }
}
