//! Connections opened: what the explorer and the subcommands do to registries and files.
