//! The distribution protocol (OCI distribution-spec 1.1, Docker Registry HTTP API V2).

/// A client of one registry. Cheap to clone.
#[derive(Clone)]
pub struct Distribution;
