//! A credential helper for tests: a shell script that keeps one file for each server in a folder of its own.

use std::path::Path;

use crate::store::Env;

/// An environment with the folder of the script on its `PATH`; what it keeps goes below `home`.
pub(in crate::store) fn env(home: &Path, more: &[(&str, &str)]) -> Env {
    let scripts = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/helpers");
    let path = format!("{}:/usr/bin:/bin", scripts.display());
    let kept = home.join("kept-by-helper");
    std::fs::create_dir_all(&kept).unwrap();
    let mut variables = vec![("PATH".to_owned(), path), ("FAKE_KEPT".to_owned(), kept.display().to_string())];
    variables.extend(more.iter().map(|(k, v)| ((*k).to_owned(), (*v).to_owned())));
    Env::new(home, variables)
}

/// Everything the script was called with: its arguments, one call a line.
pub(in crate::store) fn calls(home: &Path) -> Vec<String> {
    let calls = std::fs::read_to_string(home.join("kept-by-helper/calls")).unwrap_or_default();
    calls.lines().map(str::to_owned).collect()
}
