//! Which colours the terminal can show, and whether it is light or dark.

use std::time::Duration;

use supports_color::Stream;
use terminal_colorsaurus::{QueryOptions, ThemeMode, theme_mode};

use crate::ui::{ColorDepth, Palette, Theme};

/// How long the terminal may take to tell its background.
const PATIENCE: Duration = Duration::from_millis(150);

/// The theme of the first frame: a guess from the environment alone.
pub(super) fn first() -> Theme {
    let light = std::env::var("COLORFGBG").is_ok_and(|v| matches!(v.rsplit(';').next(), Some("7" | "15")));
    Theme::new(if light { Palette::Light } else { Palette::Dark }, depth())
}

/// The theme after asking the terminal; nothing when it does not answer, or dark was right.
pub(super) fn asked() -> Option<Theme> {
    if depth() == ColorDepth::None {
        return None;
    }
    let mut options = QueryOptions::default();
    options.timeout = PATIENCE;
    match theme_mode(options) {
        Ok(ThemeMode::Light) => Some(Theme::new(Palette::Light, depth())),
        Ok(ThemeMode::Dark) => Some(Theme::new(Palette::Dark, depth())),
        Err(_) => None,
    }
}

/// `NO_COLOR` (no-color.org) wins over everything else.
fn depth() -> ColorDepth {
    if std::env::var_os("NO_COLOR").is_some_and(|v| !v.is_empty()) {
        return ColorDepth::None;
    }
    match supports_color::on(Stream::Stdout) {
        None => ColorDepth::None,
        Some(level) if level.has_16m => ColorDepth::TrueColor,
        Some(level) if level.has_256 => ColorDepth::Indexed256,
        Some(_) => ColorDepth::Ansi16,
    }
}
