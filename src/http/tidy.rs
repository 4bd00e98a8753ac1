//! Text of a server, fit to be shown.
//!
//! Invariant: what leaves here is one line of limited length, without control characters and without the query or
//! the sign-in of any URL.

use crate::domain::text::visible;

/// Longest text of a server that is shown, in characters.
const SHOWN: usize = 300;

/// Text of the server, fit to be shown: one line, cut, control characters made visible, no query of a URL.
pub(super) fn tidy(text: &str) -> String {
    let words: Vec<&str> = text.split_whitespace().map(without_query).collect();
    let line = words.join(" ");
    let mut shown: String = line.chars().take(SHOWN).collect();
    if shown.len() < line.len() {
        shown.push('…');
    }
    visible(shown.trim_end_matches('.')).into_owned()
}

/// A URL in a text may be signed, or hold a password before its host.
fn without_query(word: &str) -> &str {
    let Some((before, after)) = word.split_once("://") else { return word };
    let path = after.split(['?', '#']).next().unwrap_or_default();
    if path.split('/').next().unwrap_or_default().contains('@') {
        return before;
    }
    word.get(..before.len() + 3 + path.len()).unwrap_or(before)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn text_of_a_server_is_tidied() {
        assert_eq!(tidy("  two\nlines\t here. "), "two lines here");
        assert_eq!(tidy("\u{1b}[31mred\u{202e}"), "␛[31mred<U+202E>");
        assert_eq!(tidy("see https://s3.example/a?X-Amz-Signature=1#f now"), "see https://s3.example/a now");
        assert_eq!(tidy("via https://ann:pw@proxy.example/x now"), "via https now");
        assert_eq!(tidy(&"é".repeat(400)).chars().count(), SHOWN + 1);
    }

    proptest! {
        #[test]
        fn no_text_survives_untidied(text in any::<String>(), signature in "[a-z]{20}") {
            let shown = tidy(&format!("{text} https://host/path?signature={signature}"));
            prop_assert!(!shown.contains(char::is_control));
            prop_assert!(!shown.contains(&signature));
            prop_assert!(shown.chars().count() <= 9 * SHOWN);
        }
    }
}
