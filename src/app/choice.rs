//! Small choices beside what a picker or a prompt asks for: which platforms, and whether referrers go along.
//!
//! Invariant: there is always one value chosen; the first is what happens when nobody looks.

use super::key::Key;
use crate::domain::job::Along;
use crate::domain::{Facts, Platform};

/// One choice: a few values, one of them chosen.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Choice {
    /// What can be chosen.
    pub offer: Offer,
    /// Which of them is, from 0.
    pub at: usize,
}

/// What can be chosen.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Offer {
    /// All platforms, or one of these.
    Platforms(Vec<Platform>),
    /// The image alone, or with what refers to it.
    Referrers,
}

/// The choices of a popup.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Choices {
    /// Them, in the order of the screen.
    pub list: Vec<Choice>,
    /// Which one has the keys; nothing while what is typed has them.
    pub focus: Option<usize>,
}

impl Choice {
    /// Its name.
    #[must_use]
    pub fn label(&self) -> &'static str {
        match self.offer {
            Offer::Platforms(_) => "platforms",
            Offer::Referrers => "referrers",
        }
    }

    /// What is chosen, in words.
    #[must_use]
    pub fn value(&self) -> String {
        match &self.offer {
            Offer::Platforms(all) => match self.platform(all) {
                Some(platform) => platform.to_string(),
                None => "all".to_owned(),
            },
            Offer::Referrers if self.at == 0 => "are left behind".to_owned(),
            Offer::Referrers => "go along: signatures, SBOMs, attestations".to_owned(),
        }
    }

    fn platform<'a>(&self, all: &'a [Platform]) -> Option<&'a Platform> {
        self.at.checked_sub(1).and_then(|i| all.get(i))
    }

    fn turn(&mut self, by: isize) {
        let len = match &self.offer {
            Offer::Platforms(all) => all.len() + 1,
            Offer::Referrers => 2,
        };
        self.at = self.at.saturating_add(len).saturating_add_signed(by) % len;
    }
}

impl Choices {
    /// The platforms that an image with these facts may have; this machine's first.
    #[must_use]
    pub fn platforms(known: Option<&Facts>) -> Choice {
        let here = Platform::here();
        let known = known.map(|f| f.platforms.as_slice()).unwrap_or_default();
        let others = known.iter().filter(|p| !here.accepts(p)).cloned();
        Choice { offer: Offer::Platforms(std::iter::once(here.clone()).chain(others).collect()), at: 0 }
    }

    /// These, with the keys elsewhere.
    #[must_use]
    pub fn of(list: Vec<Choice>) -> Self {
        Self { list, focus: None }
    }

    /// The chosen platform; nothing for all.
    #[must_use]
    pub fn platform(&self) -> Option<Platform> {
        self.list.iter().find_map(|choice| match &choice.offer {
            Offer::Platforms(all) => choice.platform(all).cloned(),
            Offer::Referrers => None,
        })
    }

    /// What goes along.
    #[must_use]
    pub fn along(&self) -> Along {
        let with = self.list.iter().any(|choice| choice.offer == Offer::Referrers && choice.at > 0);
        if with { Along::Referrers } else { Along::Nothing }
    }

    /// Takes a key that moves among the choices or turns the one that has the keys; says whether it was one.
    pub(super) fn take_key(&mut self, key: Key) -> bool {
        if self.list.is_empty() {
            return false;
        }
        match (key, self.focus) {
            (Key::Tab, None) => self.focus = Some(0),
            (Key::Tab | Key::Down, Some(at)) => self.focus = Some(at + 1).filter(|at| *at < self.list.len()),
            (Key::BackTab, None) => self.focus = self.list.len().checked_sub(1),
            (Key::BackTab | Key::Up, Some(at)) => self.focus = at.checked_sub(1),
            (Key::Char(' ' | 'l') | Key::Right, Some(at)) => self.turn(at, 1),
            (Key::Char('h') | Key::Left, Some(at)) => self.turn(at, -1),
            (Key::Char(_) | Key::Backspace, Some(_)) => self.focus = None,
            _ => return false,
        }
        // What is typed goes to the line, wherever the keys were.
        self.focus.is_some() || matches!(key, Key::Tab | Key::BackTab | Key::Up | Key::Down)
    }

    /// Gives the choice at `at` the keys, and its next value.
    pub(super) fn press(&mut self, at: usize) {
        if at < self.list.len() {
            self.focus = Some(at);
            self.turn(at, 1);
        }
    }

    fn turn(&mut self, at: usize, by: isize) {
        if let Some(choice) = self.list.get_mut(at) {
            choice.turn(by);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tab_goes_round_and_letters_go_to_the_line() {
        let known = Facts {
            platforms: ["linux/amd64", "linux/arm64/v8", "linux/s390x"].map(|p| p.parse().unwrap()).into(),
            ..Facts::default()
        };
        let referrers = Choice { offer: Offer::Referrers, at: 0 };
        let mut choices = Choices::of(vec![Choices::platforms(Some(&known)), referrers]);
        assert_eq!((choices.platform(), choices.along()), (None, Along::Nothing));
        assert!(!choices.take_key(Key::Char('x')), "nothing has the keys yet");
        assert!(choices.take_key(Key::Tab) && choices.take_key(Key::Right));
        assert_eq!(choices.platform(), Some(Platform::here()));
        assert!(choices.take_key(Key::Left) && choices.take_key(Key::Left));
        assert_eq!(choices.platform().map(|p| p.to_string()).as_deref(), Some("linux/s390x"));
        assert!(choices.take_key(Key::Tab) && choices.take_key(Key::Char(' ')));
        assert_eq!(choices.along(), Along::Referrers);
        assert!(choices.take_key(Key::Tab) && choices.focus.is_none());
        assert!(choices.take_key(Key::BackTab) && choices.focus == Some(1));
        assert!(!choices.take_key(Key::Char('x')), "it is typed");
        assert_eq!(choices.focus, None);
    }
}
