//! The profiles of `~/.aws/config` and `~/.aws/credentials`, read by the AWS library.
//!
//! Source: AWS SDKs and Tools Reference Guide, "Shared config and credentials files".
//!
//! Invariant: the files' places come from the surroundings, never from the process's own variables.

use std::error::Error;

use aws_config::profile::ProfileSet;
use aws_runtime::env_config::file::{EnvConfigFileKind, EnvConfigFiles};

use crate::domain::text::visible;
use crate::domain::{Failure, FailureKind};
use crate::registry::Surroundings;

const DOING: &str = "reading the AWS profiles";

/// The two files. One that is missing counts as empty.
///
/// # Errors
/// `Io` for one that is there and cannot be read.
pub(super) async fn files(surroundings: &dyn Surroundings) -> Result<EnvConfigFiles, Failure> {
    let mut files = EnvConfigFiles::builder();
    for (kind, variable, name) in [
        (EnvConfigFileKind::Config, "AWS_CONFIG_FILE", "config"),
        (EnvConfigFileKind::Credentials, "AWS_SHARED_CREDENTIALS_FILE", "credentials"),
    ] {
        let path = match surroundings.variable(variable) {
            Some(path) => surroundings.path(&path),
            None => surroundings.home().join(".aws").join(name),
        };
        match tokio::fs::read_to_string(&path).await {
            Ok(text) => files = files.with_contents(kind, text),
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => {
                files = files.with_contents(kind, "");
            }
            Err(error) => return Err(Failure::io(format!("reading {}", path.display()), &error)),
        }
    }
    Ok(files.build())
}

/// Every profile; `chosen` is the one whose values [`ProfileSet::get`] gives, else `AWS_PROFILE`, else the default.
///
/// # Errors
/// `Io`, and `Invalid` for a file that is not written as AWS wants it.
pub(super) async fn read(
    surroundings: &dyn Surroundings,
    chosen: Option<&str>,
) -> Result<ProfileSet, Failure> {
    let files = files(surroundings).await?;
    let name = name(surroundings, chosen);
    aws_config::profile::load(&Default::default(), &Default::default(), &files, Some(name.into()))
        .await
        .map_err(|error| {
            let said = visible(&causes(&error)).into_owned();
            Failure::new(FailureKind::Invalid, DOING, said)
        })
}

/// The profile in use.
pub(super) fn name(surroundings: &dyn Surroundings, chosen: Option<&str>) -> String {
    let variable = || surroundings.variable("AWS_PROFILE");
    chosen.map(str::to_owned).or_else(variable).unwrap_or_else(|| "default".to_owned())
}

/// The names of the profiles, in alphabetical order.
pub(super) fn names(profiles: &ProfileSet) -> Vec<String> {
    let mut names: Vec<String> = profiles.profiles().map(|n| visible(n).into_owned()).collect();
    names.sort();
    names
}

/// An error with its causes, the outermost first.
pub(super) fn causes(error: &(dyn Error + 'static)) -> String {
    let all = std::iter::successors(Some(error), |&e| e.source());
    let mut texts: Vec<String> = all.map(ToString::to_string).collect();
    texts.dedup();
    texts.join(": ")
}
