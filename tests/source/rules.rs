//! The rules of the architecture, as data.
//!
//! Invariant: an exception names one file and says why.

/// Each layer, and the places that it may import from besides itself.
pub(crate) const LAYERS: &[(&str, &[&str])] = &[
    ("domain", &[]),
    ("http", &["domain"]),
    ("registry", &["domain", "http"]),
    ("transfer", &["domain", "registry"]),
    ("store", &["domain"]),
    ("engine", &["domain"]),
    ("images", &["domain", "registry", "transfer", "engine", "store"]),
    ("demo", &["domain"]),
    ("workspace", &["domain", "http", "registry", "transfer", "engine", "images", "store"]),
    ("cli", &["domain", "workspace", "http::Observer", "transfer::Meter"]),
    ("app", &["domain"]),
    ("ui", &["domain", "app"]),
    ("runtime", &["domain", "app", "ui", "workspace", "store", "http::Observer", "transfer::Meter"]),
];

/// Single modules that may import more than their layer. The built-in registry is a provider like any other, so its
/// provider and the catalogue that starts it know the server.
pub(crate) const EXCEPTIONS: &[(&str, &str)] =
    &[("registry::providers::demo", "demo"), ("registry::catalog", "demo")];

/// Crates and modules that a layer never uses.
pub(crate) const FOREIGN: &[(&str, &[&str])] = &[
    ("domain", &["tokio", "reqwest", "ratatui", "crossterm", "axum"]),
    ("app", &["tokio", "reqwest", "ratatui", "crossterm", "axum", "arboard"]),
    ("ui", &["tokio", "reqwest", "crossterm", "axum", "arboard"]),
    ("store", &["reqwest", "ratatui", "crossterm", "axum"]),
    ("http", &["ratatui", "crossterm", "axum"]),
    ("registry", &["ratatui", "crossterm", "axum", "reqwest"]),
    ("transfer", &["ratatui", "crossterm", "axum", "reqwest"]),
    ("engine", &["ratatui", "crossterm", "axum", "reqwest"]),
    ("images", &["ratatui", "crossterm", "axum", "reqwest", "bollard"]),
    ("workspace", &["ratatui", "crossterm", "axum", "reqwest"]),
    ("cli", &["ratatui", "crossterm", "axum", "reqwest"]),
];

/// Clocks, files and sockets, which a pure layer never reads.
pub(crate) const CLOCK_AND_IO: &[(&str, &[&str])] = &[("domain", PURE), ("app", PURE), ("ui", PURE)];

const PURE: &[&str] = &[
    "Instant",
    "SystemTime",
    "Timestamp::now",
    "Zoned::now",
    "std::fs",
    "std::net",
    "env::var",
    "env::vars",
    "env::var_os",
    "std::process",
    "thread::sleep",
];

/// Words that start a task or a thread.
pub(crate) const SPAWNS: &[&str] = &[
    "tokio::spawn",
    "task::spawn",
    "spawn_blocking",
    "spawn_local",
    "JoinSet",
    "TaskTracker",
    "thread::spawn",
];

/// Who may use which of them, and why.
pub(crate) const ALLOWED_SPAWNS: &[(&str, &str, &str)] = &[
    ("src/runtime/tasks.rs", "JoinSet", "it owns every task of the explorer"),
    ("src/runtime/tasks.rs", "tokio::spawn", "it owns every task of the explorer"),
    ("src/runtime/tasks.rs", "spawn_blocking", "it owns every task of the explorer"),
    ("src/demo/server.rs", "JoinSet", "the built-in registry's accept loop ends with its server"),
    ("src/transfer/mod.rs", "spawn_blocking", "layout files are read and written where blocking is allowed"),
    ("src/transfer/fetch.rs", "spawn_blocking", "a blob is hashed and written beside its download"),
    ("src/registry/context/mod.rs", "spawn_blocking", "a folder is packed where blocking is allowed"),
    ("src/cli/remove.rs", "spawn_blocking", "Ctrl-C is heard while a person thinks about the answer"),
    ("src/store/secrets/file.rs", "spawn_blocking", "the secrets file is read where blocking is allowed"),
];

/// Where a provider's name may stand.
pub(crate) const PROVIDER_NAMES_AT: &[&str] =
    &["src/registry/providers/", "src/registry/catalog.rs", "src/demo/"];
