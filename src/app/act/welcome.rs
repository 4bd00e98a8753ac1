//! The first screen: connect, take over a sign-in that was found, or try a registry that asks nothing.

use crate::app::command::Command;
use crate::app::key::Key;
use crate::app::state::{App, WelcomeLine};
use crate::domain::connection::{FoundSignIn, ProviderInfo};

/// What a line of the first screen does.
enum Choice {
    Connect,
    SignIn(FoundSignIn),
    Provider(&'static ProviderInfo),
    Images,
}

impl App {
    /// A key on the first screen; says whether it was one of its own.
    pub(in crate::app) fn key_in_welcome(&mut self, key: Key) -> bool {
        let providers = self.providers;
        let Some(welcome) = &mut self.welcome else { return false };
        let count = welcome.lines(providers).len();
        match key {
            Key::Up | Key::Char('k') | Key::BackTab => {
                welcome.cursor = welcome.cursor.checked_sub(1).unwrap_or(count.saturating_sub(1));
            }
            Key::Down | Key::Char('j') | Key::Tab => {
                welcome.cursor = if welcome.cursor + 1 < count { welcome.cursor + 1 } else { 0 };
            }
            Key::Home | Key::Char('g') => welcome.cursor = 0,
            Key::End | Key::Char('G') => welcome.cursor = count.saturating_sub(1),
            Key::Enter | Key::Char(' ') => {
                let position = welcome.cursor;
                self.choose_welcome(position);
            }
            Key::Char(c @ '1'..='9') => {
                let position = usize::try_from(u32::from(c) - u32::from('0')).unwrap_or(0);
                if welcome.found.as_ref().is_some_and(|f| f.len() >= position) {
                    self.choose_welcome(position);
                }
            }
            Key::Esc if welcome.busy.take().is_some() => {
                self.give_up();
            }
            _ => return false,
        }
        true
    }

    /// Does what a line of the first screen says.
    pub(in crate::app) fn choose_welcome(&mut self, position: usize) {
        let Some(welcome) = &mut self.welcome else { return };
        let Some(choice) = welcome.lines(self.providers).get(position).map(Choice::of) else { return };
        welcome.cursor = position;
        match choice {
            Choice::Connect => self.perform(Command::Connect, None),
            Choice::SignIn(found) => self.take_over(found),
            Choice::Provider(provider) => self.connect_with(provider),
            Choice::Images => self.welcome = None,
        }
    }
}

impl Choice {
    fn of(line: &WelcomeLine<'_>) -> Self {
        match line {
            WelcomeLine::Connect => Self::Connect,
            WelcomeLine::SignIn(found) => Self::SignIn((*found).clone()),
            WelcomeLine::Provider(provider) => Self::Provider(provider),
            WelcomeLine::Images => Self::Images,
        }
    }
}
