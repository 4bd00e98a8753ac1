//! The subcommands, over the same functions that the effects call.
