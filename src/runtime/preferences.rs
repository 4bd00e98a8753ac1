//! The way things are shown, kept in the configuration between starts.

use crate::app::effect::{Preferences, Sort};
use crate::domain::{ConnectionId, Failure};
use crate::store::{Paths, Ui, config};

const SORTS: [(&str, Sort); 4] =
    [("name", Sort::Name), ("version", Sort::Version), ("newest", Sort::Newest), ("size", Sort::Size)];

/// Reads them from a configuration; what is not known is as on a first start.
#[must_use]
pub fn read(settings: &Ui) -> Preferences {
    let sort = SORTS.iter().find(|(name, _)| settings.sort == *name);
    Preferences {
        sort: sort.map_or_else(Sort::default, |(_, sort)| *sort),
        folders: settings.folders,
        hidden_tags: settings.hidden_tags,
    }
}

/// Where the last pull was sent by hand.
#[must_use]
pub fn read_place(settings: &Ui) -> Option<ConnectionId> {
    (!settings.pull_to.is_empty()).then(|| ConnectionId::new(&settings.pull_to))
}

/// Keeps where pulls go.
pub(super) fn remember_place(paths: &Paths, place: &ConnectionId) -> Result<(), Failure> {
    config::edit(paths, |config| config.settings.pull_to = place.to_string()).map(|_| ())
}

/// Keeps them.
pub(super) fn save(paths: &Paths, preferences: Preferences) -> Result<(), Failure> {
    let name = SORTS.iter().find(|(_, sort)| *sort == preferences.sort).map_or("", |(name, _)| *name);
    config::edit(paths, |config| {
        config.settings.sort = name.to_owned();
        config.settings.folders = preferences.folders;
        config.settings.hidden_tags = preferences.hidden_tags;
    })
    .map(|_| ())
}
