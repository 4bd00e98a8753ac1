//! Styles, named by what they mean.
//!
//! Invariant: the terminal's own background and text colour stay; without colours (`NO_COLOR`) only bold, dim, reverse
//! and underline are left, and everything can still be told apart.

use ratatui::style::{Color, Modifier, Style};

use crate::domain::RunState;

/// The background that the colours have to be read on.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Palette {
    /// Light text on a dark background.
    #[default]
    Dark,
    /// Dark text on a light background.
    Light,
}

/// How many colours the terminal has.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum ColorDepth {
    /// None, or none are wanted (`NO_COLOR`).
    None,
    /// The sixteen of ANSI, as the person has set them.
    #[default]
    Ansi16,
    /// The 256 of xterm.
    Indexed256,
    /// 24 bits.
    TrueColor,
}

/// The styles of one terminal.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Theme {
    pub(super) has_colour: bool,
    /// The name of the program.
    pub(super) brand: Style,
    /// Plain text.
    pub(super) text: Style,
    /// Text that steps back.
    pub(super) dim: Style,
    /// Lines that only guide the eye.
    pub(super) faint: Style,
    /// What stands out because it is the subject.
    pub(super) strong: Style,
    /// A heading inside a pane.
    pub(super) heading: Style,
    /// The frame of a pane.
    pub(super) border: Style,
    /// The frame of the pane that has the keys, and of popups.
    pub(super) border_focus: Style,
    /// The title of a pane.
    pub(super) title: Style,
    /// The title of the pane that has the keys.
    pub(super) title_focus: Style,
    /// The chosen row of the pane that has the keys.
    pub(super) selected: Style,
    /// The chosen row of another pane.
    pub(super) selected_idle: Style,
    /// Characters that a filter or a search hit.
    pub(super) hit: Style,
    /// A marked row.
    pub(super) mark: Style,
    /// A connection's name.
    pub(super) connection: Style,
    /// A folder or namespace.
    pub(super) folder: Style,
    /// A digest.
    pub(super) digest: Style,
    /// A number with a unit.
    pub(super) number: Style,
    /// A key to press.
    pub(super) key: Style,
    /// Something went well.
    pub(super) good: Style,
    /// Something to know.
    pub(super) warn: Style,
    /// Something failed.
    pub(super) bad: Style,
    /// Something moves.
    pub(super) busy: Style,
    /// The filled part of a bar.
    pub(super) bar: Style,
    /// Where something can be typed.
    pub(super) field: Style,
    /// Where something is typed right now.
    pub(super) field_focus: Style,
    /// A string in a document.
    pub(super) string: Style,
    /// What lies behind a popup.
    pub(super) backdrop: Style,
}

/// The few colours behind the styles.
struct Colours {
    accent: Color,
    dim: Color,
    faint: Color,
    good: Color,
    warn: Color,
    bad: Color,
    violet: Color,
    teal: Color,
    chosen: Option<Color>,
    chosen_idle: Option<Color>,
}

impl Default for Theme {
    fn default() -> Self {
        Self::new(Palette::default(), ColorDepth::default())
    }
}

impl Theme {
    /// The styles for a background and a number of colours.
    #[must_use]
    pub fn new(palette: Palette, depth: ColorDepth) -> Self {
        match depth {
            ColorDepth::None => Self::without_colour(),
            ColorDepth::Ansi16 => Self::of(&ansi(palette)),
            ColorDepth::Indexed256 => Self::of(&indexed(palette)),
            ColorDepth::TrueColor => Self::of(&rgb(palette)),
        }
    }

    /// The style of a run's state.
    pub(super) fn of_run(&self, state: RunState) -> Style {
        match state {
            RunState::Waiting | RunState::Cancelled => self.warn,
            RunState::Running => self.busy,
            RunState::Succeeded => self.good,
            RunState::Failed => self.bad,
        }
    }

    fn of(c: &Colours) -> Self {
        let fg = |colour| Style::new().fg(colour);
        let bold = |colour| fg(colour).add_modifier(Modifier::BOLD);
        Self {
            has_colour: true,
            brand: bold(c.accent),
            text: Style::new(),
            dim: fg(c.dim),
            faint: fg(c.faint),
            strong: Style::new().add_modifier(Modifier::BOLD),
            heading: bold(c.accent),
            border: fg(c.faint),
            border_focus: fg(c.accent),
            title: fg(c.dim),
            title_focus: bold(c.accent),
            selected: chosen(c.chosen).add_modifier(Modifier::BOLD),
            selected_idle: chosen_idle(c.chosen_idle),
            hit: bold(c.warn).add_modifier(Modifier::UNDERLINED),
            mark: bold(c.warn),
            connection: bold(c.accent),
            folder: fg(c.accent),
            digest: fg(c.violet),
            number: fg(c.teal),
            key: bold(c.accent),
            good: fg(c.good),
            warn: fg(c.warn),
            bad: fg(c.bad),
            busy: fg(c.accent),
            bar: fg(c.teal),
            field: c
                .chosen_idle
                .map_or(Style::new().add_modifier(Modifier::UNDERLINED), |bg| Style::new().bg(bg)),
            field_focus: c
                .chosen
                .map_or(Style::new().add_modifier(Modifier::UNDERLINED), |bg| Style::new().bg(bg)),
            string: fg(c.good),
            backdrop: fg(c.faint).remove_modifier(Modifier::all()),
        }
    }

    fn without_colour() -> Self {
        let plain = Style::new();
        let bold = plain.add_modifier(Modifier::BOLD);
        let dim = plain.add_modifier(Modifier::DIM);
        Self {
            has_colour: false,
            brand: bold,
            text: plain,
            dim,
            faint: dim,
            strong: bold,
            heading: bold,
            border: dim,
            border_focus: plain,
            title: dim,
            title_focus: bold,
            selected: chosen(None),
            selected_idle: bold.add_modifier(Modifier::UNDERLINED),
            hit: bold.add_modifier(Modifier::UNDERLINED),
            mark: bold,
            connection: bold,
            folder: plain,
            digest: plain,
            number: plain,
            key: bold,
            good: plain,
            warn: bold,
            bad: bold.add_modifier(Modifier::UNDERLINED),
            busy: plain,
            bar: plain,
            field: plain.add_modifier(Modifier::UNDERLINED),
            field_focus: plain.add_modifier(Modifier::UNDERLINED),
            string: plain,
            backdrop: dim.remove_modifier(Modifier::BOLD | Modifier::REVERSED | Modifier::UNDERLINED),
        }
    }
}

/// A chosen row has a background of its own where there are enough colours, else it is reversed.
fn chosen(background: Option<Color>) -> Style {
    match background {
        Some(colour) => Style::new().bg(colour),
        None => Style::new().fg(Color::Reset).remove_modifier(Modifier::DIM).add_modifier(Modifier::REVERSED),
    }
}

fn chosen_idle(background: Option<Color>) -> Style {
    match background {
        Some(colour) => Style::new().bg(colour),
        None => Style::new().add_modifier(Modifier::BOLD | Modifier::UNDERLINED),
    }
}

fn ansi(palette: Palette) -> Colours {
    let (accent, teal, violet) = match palette {
        Palette::Dark => (Color::LightBlue, Color::Cyan, Color::Magenta),
        Palette::Light => (Color::Blue, Color::Cyan, Color::Magenta),
    };
    Colours {
        accent,
        dim: Color::DarkGray,
        faint: Color::DarkGray,
        good: Color::Green,
        warn: Color::Yellow,
        bad: Color::Red,
        violet,
        teal,
        chosen: None,
        chosen_idle: None,
    }
}

fn indexed(palette: Palette) -> Colours {
    let [accent, dim, faint, good, warn, bad, violet, teal, chosen, chosen_idle] = match palette {
        Palette::Dark => [111, 246, 240, 150, 179, 210, 141, 116, 238, 236],
        Palette::Light => [25, 242, 248, 28, 130, 160, 91, 30, 153, 254],
    }
    .map(Color::Indexed);
    Colours {
        accent,
        dim,
        faint,
        good,
        warn,
        bad,
        violet,
        teal,
        chosen: Some(chosen),
        chosen_idle: Some(chosen_idle),
    }
}

fn rgb(palette: Palette) -> Colours {
    let [accent, dim, faint, good, warn, bad, violet, teal, chosen, chosen_idle] = match palette {
        Palette::Dark => [
            0x7a_a2f7, 0x8b_91a8, 0x52_5872, 0x9e_ce6a, 0xe0_af68, 0xf7_768e, 0xbb_9af7, 0x7d_cfc9,
            0x33_3d5c, 0x28_2d3f,
        ],
        Palette::Light => [
            0x24_54c4, 0x64_6a7c, 0xa9_afbf, 0x2c_7a34, 0x93_5b00, 0xbe_2a3e, 0x76_3fbb, 0x0b_7078,
            0xcf_dcf7, 0xe6_e9f0,
        ],
    }
    .map(Color::from_u32);
    Colours {
        accent,
        dim,
        faint,
        good,
        warn,
        bad,
        violet,
        teal,
        chosen: Some(chosen),
        chosen_idle: Some(chosen_idle),
    }
}
