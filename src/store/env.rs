//! The environment as values: variables, home folder, user.
//!
//! Invariant: read from the process once, by the caller; nothing below looks at the process's own variables.

use std::collections::BTreeMap;
use std::ffi::{OsStr, OsString};
use std::fmt;
use std::path::{Path, PathBuf};
use std::sync::Arc;

/// Variables and home folder. Cheap to clone.
#[derive(Clone)]
pub struct Env {
    variables: Arc<BTreeMap<OsString, OsString>>,
    home: PathBuf,
    user: Option<u32>,
}

impl Env {
    /// The environment of this process.
    #[must_use]
    pub fn of_process() -> Self {
        let home = directories::BaseDirs::new().map_or_else(PathBuf::new, |d| d.home_dir().to_owned());
        Self { variables: Arc::new(std::env::vars_os().collect()), home, user: process_user() }
    }

    /// An environment of these variables alone.
    pub fn new<K: Into<OsString>, V: Into<OsString>>(
        home: impl Into<PathBuf>,
        variables: impl IntoIterator<Item = (K, V)>,
    ) -> Self {
        let variables = variables.into_iter().map(|(k, v)| (k.into(), v.into())).collect();
        Self { variables: Arc::new(variables), home: home.into(), user: None }
    }

    /// A variable; an empty one counts as missing.
    #[must_use]
    pub fn get(&self, name: &str) -> Option<&OsStr> {
        self.variables.get(OsStr::new(name)).map(OsString::as_os_str).filter(|v| !v.is_empty())
    }

    /// A variable that holds a path.
    #[must_use]
    pub fn path(&self, name: &str) -> Option<&Path> {
        self.get(name).map(Path::new)
    }

    /// The person's home folder.
    #[must_use]
    pub fn home(&self) -> &Path {
        &self.home
    }

    /// Where Podman keeps sign-ins until the next start: `$XDG_RUNTIME_DIR/containers`, else `/run/containers/UID`
    /// (containers-auth.json(5)).
    #[must_use]
    pub fn container_runtime(&self) -> Option<PathBuf> {
        match (self.path("XDG_RUNTIME_DIR"), self.user) {
            (Some(dir), _) => Some(dir.join("containers")),
            (None, Some(user)) => Some(PathBuf::from(format!("/run/containers/{user}"))),
            (None, None) => None,
        }
    }

    /// The executable `name` on the `PATH`.
    #[must_use]
    pub fn find_program(&self, name: &str) -> Option<PathBuf> {
        let name = format!("{name}{}", std::env::consts::EXE_SUFFIX);
        std::env::split_paths(self.get("PATH")?)
            .filter(|dir| dir.is_absolute())
            .map(|dir| dir.join(&name))
            .find(|file| is_executable(file))
    }

    /// Every variable, for a program that is started.
    pub(crate) fn variables(&self) -> impl Iterator<Item = (&OsString, &OsString)> {
        self.variables.iter()
    }

    /// `path` for people: `~/…` below the home folder.
    #[must_use]
    pub fn shown(&self, path: &Path) -> String {
        let text = match path.strip_prefix(&self.home) {
            Ok(rest) if !self.home.as_os_str().is_empty() => format!("~/{}", rest.display()),
            _ => path.display().to_string(),
        };
        crate::domain::text::visible(&text).into_owned()
    }
}

/// Variables may hold secrets, so their values are not shown.
impl fmt::Debug for Env {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Env").field("home", &self.home).field("variables", &self.variables.len()).finish()
    }
}

#[cfg(target_os = "linux")]
fn process_user() -> Option<u32> {
    use std::os::unix::fs::MetadataExt;
    std::fs::metadata("/proc/self").ok().map(|m| m.uid())
}

#[cfg(not(target_os = "linux"))]
fn process_user() -> Option<u32> {
    None
}

#[cfg(unix)]
fn is_executable(file: &Path) -> bool {
    use std::os::unix::fs::PermissionsExt;
    std::fs::metadata(file).is_ok_and(|m| m.is_file() && m.permissions().mode() & 0o111 != 0)
}

#[cfg(not(unix))]
fn is_executable(file: &Path) -> bool {
    file.is_file()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_empty_variable_is_missing_and_values_stay_hidden() {
        let env = Env::new("/home/ada", [("EMPTY", ""), ("TOKEN", "hunter2")]);
        assert_eq!(env.get("EMPTY"), None);
        assert_eq!(env.get("TOKEN"), Some(OsStr::new("hunter2")));
        assert!(!format!("{env:?}").contains("hunter2"));
    }

    #[test]
    fn paths_below_home_are_shown_with_a_tilde() {
        let env = Env::new("/home/ada", [("A", "b")]);
        assert_eq!(env.shown(Path::new("/home/ada/.docker/config.json")), "~/.docker/config.json");
        assert_eq!(env.shown(Path::new("/etc/x")), "/etc/x");
    }

    #[test]
    fn only_executables_in_absolute_folders_are_programs() {
        let dir = tempfile::tempdir().unwrap();
        std::fs::write(dir.path().join("plain"), "text").unwrap();
        let env = Env::new("/", [("PATH", format!(".:{}:/bin:/usr/bin", dir.path().display()))]);
        assert_eq!(env.find_program("plain"), None);
        assert!(env.find_program("sh").is_some_and(|p| p.is_absolute()));
    }
}
