//! Pasted text goes to the line that has the cursor, or nowhere.

use tui_input::Input;

use crate::app::modal::Modal;
use crate::app::state::App;
use crate::app::typing::paste;

impl App {
    pub(super) fn on_paste(&mut self, text: &str) {
        if !self.focused_line().is_some_and(|line| paste(line, text)) {
            return;
        }
        match self.modals.last_mut() {
            Some(Modal::Form(form)) => {
                form.forgive();
                self.after_typing();
            }
            Some(Modal::Prompt(_)) => self.check_prompt(),
            Some(Modal::Picker(_)) => self.narrow_picker(),
            Some(Modal::Menu(_)) => self.narrow_menu(),
            Some(Modal::Inspect(viewer)) => viewer.find(),
            Some(Modal::Confirm(_) | Modal::Text(_) | Modal::Help(_) | Modal::Log(_)) => {}
            None => self.apply_filter(),
        }
    }

    /// The line that letters go to.
    fn focused_line(&mut self) -> Option<&mut Input> {
        match self.modals.last_mut() {
            Some(Modal::Form(form)) => form.focused_line(),
            Some(Modal::Prompt(prompt)) => (!prompt.busy).then_some(&mut prompt.input),
            Some(Modal::Picker(picker)) => Some(&mut picker.input),
            Some(Modal::Menu(menu)) => menu.narrow.as_mut(),
            Some(Modal::Inspect(viewer)) => viewer.search.as_mut().filter(|s| s.typing).map(|s| &mut s.input),
            Some(Modal::Confirm(confirm)) => Some(&mut confirm.input),
            Some(Modal::Text(_) | Modal::Help(_) | Modal::Log(_)) => None,
            None => self.filter.as_mut().filter(|bar| bar.typing).map(|bar| &mut bar.input),
        }
    }
}
