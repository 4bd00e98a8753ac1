//! Paths as a person types them.
//!
//! Invariant: a path is read as a shell would read it, wherever one can be typed.

use std::io::ErrorKind;
use std::path::{Path, PathBuf};

use super::Workspace;
use crate::domain::{Failure, FailureKind, ImagePlace, text::visible};

impl Workspace {
    /// Whether a file lies at `path`, which a person has typed.
    ///
    /// # Errors
    /// `Invalid` when it is a folder; `Io` when nobody can tell.
    pub async fn has_file(&self, path: &Path) -> Result<bool, Failure> {
        let path = at_home(path, self.env.home());
        let doing = || format!("looking at {}", visible(&path.to_string_lossy()));
        match tokio::fs::metadata(&path).await {
            Ok(found) if found.is_dir() => {
                Err(Failure::new(FailureKind::Invalid, doing(), "it is a folder; name a file in it"))
            }
            Ok(_) => Ok(true),
            Err(error) if error.kind() == ErrorKind::NotFound => Ok(false),
            Err(error) => Err(Failure::io(doing(), &error)),
        }
    }

    /// The place where a person means it to be.
    pub(super) fn place_at_home(&self, place: &ImagePlace) -> ImagePlace {
        let at_home = |path: &Path| at_home(path, self.env.home());
        match place {
            ImagePlace::Layout(path) => ImagePlace::Layout(at_home(path)),
            ImagePlace::OciArchive(path) => ImagePlace::OciArchive(at_home(path)),
            ImagePlace::DockerArchive(path) => ImagePlace::DockerArchive(at_home(path)),
            ImagePlace::Store | ImagePlace::Engine(_) => place.clone(),
        }
    }
}

/// `path` with a leading `~` read as the home folder.
pub(super) fn at_home(path: &Path, home: &Path) -> PathBuf {
    path.strip_prefix("~").map_or_else(|_| path.to_owned(), |rest| home.join(rest))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_a_tilde_of_its_own_is_the_home_folder() {
        for (typed, meant) in [
            ("~/x/app.tar", "/home/kim/x/app.tar"),
            ("/tmp/~/x", "/tmp/~/x"),
            ("~lee/x", "~lee/x"),
            ("x/~", "x/~"),
        ] {
            assert_eq!(at_home(Path::new(typed), Path::new("/home/kim")), Path::new(meant), "{typed}");
        }
    }
}
