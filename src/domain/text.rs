//! Text from outside, made safe for a terminal.
//!
//! Invariant: what leaves here holds no control character, escape, bidi override or zero-width trick.

use std::borrow::Cow;

/// `text` with everything that could move the cursor, hide or reorder other text shown as `␛`-like pictures or `<U+…>`.
#[must_use]
pub fn visible(text: &str) -> Cow<'_, str> {
    if text.chars().all(is_plain) {
        return Cow::Borrowed(text);
    }
    let mut out = String::with_capacity(text.len() + 16);
    for c in text.chars() {
        push_visible(&mut out, c);
    }
    Cow::Owned(out)
}

/// Like [`visible`], but line feeds stay and tabs become four spaces: for text that is drawn in several lines.
#[must_use]
pub fn visible_lines(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '\n' => out.push('\n'),
            '\t' => out.push_str("    "),
            '\r' => {}
            c => push_visible(&mut out, c),
        }
    }
    out
}

fn push_visible(out: &mut String, c: char) {
    match c {
        c if is_plain(c) => out.push(c),
        '\u{0}'..='\u{1f}' => out.extend(char::from_u32(0x2400 + c as u32)),
        '\u{7f}' => out.push('\u{2421}'),
        c => out.push_str(&format!("<U+{:04X}>", c as u32)),
    }
}

/// Whether `c` is shown as itself: it moves, hides and reorders nothing.
#[must_use]
pub fn is_plain(c: char) -> bool {
    if c.is_ascii() {
        return !c.is_ascii_control();
    }
    !(c.is_control()
        || matches!(c,
            '\u{ad}' | '\u{61c}' | '\u{115f}' | '\u{1160}' | '\u{180e}'
            | '\u{200b}' | '\u{200e}' | '\u{200f}'
            | '\u{2028}'..='\u{202e}' | '\u{2060}'..='\u{206f}'
            | '\u{feff}' | '\u{fff9}'..='\u{fffb}'
            | '\u{e0000}'..='\u{e007f}'))
}

/// Words as a person would type them into a shell.
#[must_use]
pub fn command_line(words: &[String]) -> String {
    let is_special = |c: char| c.is_whitespace() || "'\"\\$`&|;<>()*?[]{}~#!".contains(c);
    let quoted = words.iter().map(|word| {
        let is_plain = !word.is_empty() && !word.contains(is_special);
        if is_plain { word.clone() } else { format!("'{}'", word.replace('\'', r"'\''")) }
    });
    quoted.collect::<Vec<_>>().join(" ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_shell_would_take_apart_is_quoted() {
        let words = ["sh", "-c", "a && b", "", "it's", "/bin/*", "--x=1"].map(str::to_owned);
        assert_eq!(command_line(&words), r"sh -c 'a && b' '' 'it'\''s' '/bin/*' --x=1");
    }

    #[test]
    fn plain_text_is_not_copied() {
        assert!(matches!(visible("v1.2.3 注册表 é"), Cow::Borrowed(_)));
    }

    #[test]
    fn escapes_and_overrides_are_shown() {
        assert_eq!(visible("\u{1b}[2J"), "␛[2J");
        assert_eq!(visible("a\u{202e}b"), "a<U+202E>b");
        assert_eq!(visible("\u{9b}31m"), "<U+009B>31m");
        assert_eq!(visible_lines("a\tb\r\nc\u{7}"), "a    b\nc␇");
    }
}
