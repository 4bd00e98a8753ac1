//! Where everything is kept.
//!
//! Invariant: finding the paths touches no file.

use std::path::{Path, PathBuf};

use super::env::Env;
use super::files;
use crate::domain::{Failure, FailureKind};

/// The variable that moves everything into one folder.
pub const HOME_VARIABLE: &str = "TAGALONG_HOME";

/// The files and folders of this program.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Paths {
    /// `config.toml`.
    pub config_file: PathBuf,
    /// What is kept for good.
    pub data: PathBuf,
    /// What can be fetched again.
    pub cache: PathBuf,
    /// The log.
    pub log_file: PathBuf,
    /// Secrets, where the person chose a file for them.
    pub secrets_file: PathBuf,
}

impl Paths {
    /// All of them below `explicit` (`--config DIR`), else below `$TAGALONG_HOME`, else where this system keeps such
    /// things.
    ///
    /// # Errors
    /// `Invalid` when the system names no home folder.
    pub fn find(explicit: Option<&Path>, env: &Env) -> Result<Self, Failure> {
        if let Some(folder) = explicit.or_else(|| env.path(HOME_VARIABLE)) {
            return Self::below(folder);
        }
        let system = directories::ProjectDirs::from("", "", "tagalong").ok_or_else(|| {
            let said = format!("the system names no home folder; set {HOME_VARIABLE} or --config");
            Failure::new(FailureKind::Invalid, "finding the configuration folder", said)
        })?;
        let data = system.data_local_dir();
        Ok(Self {
            config_file: system.config_dir().join("config.toml"),
            data: data.to_owned(),
            cache: system.cache_dir().to_owned(),
            log_file: system.state_dir().unwrap_or(data).join("tagalong.log"),
            secrets_file: data.join("secrets.toml"),
        })
    }

    fn below(folder: &Path) -> Result<Self, Failure> {
        let folder = std::path::absolute(folder)
            .map_err(|e| Failure::io(format!("finding the folder {}", folder.display()), &e))?;
        Ok(Self {
            config_file: folder.join("config.toml"),
            data: folder.clone(),
            cache: folder.join("cache"),
            log_file: folder.join("tagalong.log"),
            secrets_file: folder.join("secrets.toml"),
        })
    }

    /// The local image store, an OCI image layout.
    #[must_use]
    pub fn image_store(&self) -> PathBuf {
        self.data.join("store")
    }

    /// Makes the folders that are missing, readable by their owner alone.
    ///
    /// # Errors
    /// `Io`.
    pub fn prepare(&self) -> Result<(), Failure> {
        let parents = [self.config_file.parent(), self.log_file.parent(), self.secrets_file.parent()];
        let folders = parents.into_iter().flatten().chain([self.data.as_path(), self.cache.as_path()]);
        folders.into_iter().try_for_each(files::make_private_folder)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_folder_moves_everything() {
        let env = Env::new("/home/ada", [(HOME_VARIABLE, "/elsewhere")]);
        let moved = Paths::find(None, &env).unwrap();
        assert_eq!(moved.config_file, Path::new("/elsewhere/config.toml"));
        assert_eq!(moved.image_store(), Path::new("/elsewhere/store"));
        let explicit = Paths::find(Some(Path::new("/here")), &env).unwrap();
        for path in [&explicit.cache, &explicit.log_file, &explicit.secrets_file] {
            assert!(path.starts_with("/here"), "{path:?}");
        }
    }

    #[cfg(unix)]
    #[test]
    fn prepared_folders_are_private() {
        use std::os::unix::fs::PermissionsExt;
        let dir = tempfile::tempdir().unwrap();
        let env = Env::new(dir.path(), [("A", "b")]);
        let paths = Paths::find(Some(&dir.path().join("new/deep")), &env).unwrap();
        paths.prepare().unwrap();
        paths.prepare().unwrap();
        for folder in [&paths.data, &paths.cache] {
            assert_eq!(std::fs::metadata(folder).unwrap().permissions().mode() & 0o777, 0o700);
        }
    }
}
