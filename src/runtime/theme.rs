//! Which colours the terminal can show, and whether it is light or dark.

use std::time::Duration;

use supports_color::Stream;
use terminal_colorsaurus::{QueryOptions, ThemeMode, theme_mode};

use crate::ui::{ColorDepth, Palette, Theme};

/// How long the terminal may take to tell its background. Almost every terminal answers at once, and an answer that
/// came after this would be taken for keys; over a slow line that is worse than to wait.
const PATIENCE: Duration = Duration::from_secs(1);

/// The theme of the first frame: what the person has set, else a guess from the environment.
pub(super) fn first() -> Theme {
    let guess = || std::env::var("COLORFGBG").is_ok_and(|v| matches!(v.rsplit(';').next(), Some("7" | "15")));
    let palette = set().unwrap_or_else(|| if guess() { Palette::Light } else { Palette::Dark });
    Theme::new(palette, depth())
}

/// `TAGALONG_THEME`, where it is `dark` or `light`.
fn set() -> Option<Palette> {
    match std::env::var("TAGALONG_THEME").ok()?.as_str() {
        "dark" => Some(Palette::Dark),
        "light" => Some(Palette::Light),
        _ => None,
    }
}

/// The theme after asking the terminal; nothing when there is no need to, or no answer.
pub(super) fn asked() -> Option<Theme> {
    if depth() == ColorDepth::None || set().is_some() {
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
