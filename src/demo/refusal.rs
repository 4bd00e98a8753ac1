//! What the registry says when it refuses: the error codes of the distribution specification ("Error Codes").
//!
//! Invariant: every refusal has the JSON body of the specification.

use axum::http::StatusCode;
use serde_json::json;

use super::reply::Reply;
use super::store::Store;

/// The codes of the specification that this registry uses.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Code {
    BlobUnknown,
    BlobUploadInvalid,
    BlobUploadUnknown,
    DigestInvalid,
    ManifestBlobUnknown,
    ManifestInvalid,
    ManifestUnknown,
    NameInvalid,
    NameUnknown,
    SizeInvalid,
    Unauthorized,
    Unsupported,
}

impl Code {
    fn name(self) -> &'static str {
        match self {
            Self::BlobUnknown => "BLOB_UNKNOWN",
            Self::BlobUploadInvalid => "BLOB_UPLOAD_INVALID",
            Self::BlobUploadUnknown => "BLOB_UPLOAD_UNKNOWN",
            Self::DigestInvalid => "DIGEST_INVALID",
            Self::ManifestBlobUnknown => "MANIFEST_BLOB_UNKNOWN",
            Self::ManifestInvalid => "MANIFEST_INVALID",
            Self::ManifestUnknown => "MANIFEST_UNKNOWN",
            Self::NameInvalid => "NAME_INVALID",
            Self::NameUnknown => "NAME_UNKNOWN",
            Self::SizeInvalid => "SIZE_INVALID",
            Self::Unauthorized => "UNAUTHORIZED",
            Self::Unsupported => "UNSUPPORTED",
        }
    }

    fn status(self) -> StatusCode {
        match self {
            Self::BlobUnknown | Self::BlobUploadUnknown | Self::ManifestUnknown | Self::NameUnknown => {
                StatusCode::NOT_FOUND
            }
            Self::Unauthorized => StatusCode::UNAUTHORIZED,
            Self::Unsupported => StatusCode::METHOD_NOT_ALLOWED,
            _ => StatusCode::BAD_REQUEST,
        }
    }
}

/// Refuses with the usual status of the code.
pub(super) fn refuse(code: Code, message: &str) -> Reply {
    refuse_as(code.status(), code, message)
}

/// Refuses what `code` says is missing; when there is not even the repository, that is said instead.
pub(super) fn missing(store: &Store, repository: &str, code: Code) -> Reply {
    match code {
        _ if !store.has_repository(repository) => refuse(Code::NameUnknown, "there is no such repository"),
        Code::BlobUnknown => refuse(code, "there is no such blob"),
        _ => refuse(code, "there is no such manifest"),
    }
}

/// Refuses with another status than the usual one.
pub(super) fn refuse_as(status: StatusCode, code: Code, message: &str) -> Reply {
    Reply::json(status, &json!({ "errors": [{ "code": code.name(), "message": message }] }))
}
