//! A reader of Rust sources that knows comments, strings and characters, and nothing else.
//!
//! Invariant: the code that comes out has as many lines as the text that went in, so positions stay true.

/// A source text, taken apart.
pub(crate) struct Lexed {
    /// The text with comments, and what is inside strings and characters, replaced by spaces.
    pub(crate) code: String,
    /// What stood inside strings, with the byte where the literal begins.
    pub(crate) literals: Vec<(usize, String)>,
}

/// Takes a text apart.
pub(crate) fn lex(text: &str) -> Lexed {
    let mut lexer = Lexer { text, at: 0, out: Lexed { code: String::new(), literals: Vec::new() } };
    while lexer.at < text.len() {
        lexer.step();
    }
    lexer.out
}

struct Lexer<'a> {
    text: &'a str,
    at: usize,
    out: Lexed,
}

impl Lexer<'_> {
    fn step(&mut self) {
        let rest = &self.text[self.at..];
        if rest.starts_with("//") {
            self.blank(rest.find('\n').unwrap_or(rest.len()));
        } else if rest.starts_with("/*") {
            self.blank(rest.find("*/").map_or(rest.len(), |end| end + 2));
        } else if let Some(hashes) = raw_string(rest).filter(|_| !self.follows_word()) {
            let open = rest.find('"').unwrap_or_default() + 1;
            let end = format!("\"{}", "#".repeat(hashes));
            let inside = rest[open..].find(&end).unwrap_or(rest.len() - open);
            self.literal(open, inside, end.len());
        } else if let Some(after) = rest.strip_prefix('"') {
            let inside = escaped_end(after, '"');
            self.literal(1, inside, 1);
        } else if let Some(after) = rest.strip_prefix('\'').filter(|after| is_character(after)) {
            let inside = escaped_end(after, '\'');
            self.keep(1);
            self.blank(inside);
            self.keep(1);
        } else {
            self.keep(rest.chars().next().map_or(1, char::len_utf8));
        }
    }

    fn literal(&mut self, open: usize, inside: usize, close: usize) {
        let begin = self.at + open;
        self.out.literals.push((self.at, self.text[begin..begin + inside].to_owned()));
        self.keep(open);
        self.blank(inside);
        self.keep(close.min(self.text.len() - self.at));
    }

    fn keep(&mut self, length: usize) {
        self.out.code.push_str(&self.text[self.at..self.at + length]);
        self.at += length;
    }

    fn blank(&mut self, length: usize) {
        let blanks = self.text.bytes().skip(self.at).take(length);
        self.out.code.extend(blanks.map(|byte| if byte == b'\n' { '\n' } else { ' ' }));
        self.at += length;
    }

    fn follows_word(&self) -> bool {
        self.text[..self.at].chars().next_back().is_some_and(|c| c.is_alphanumeric() || c == '_')
    }
}

/// The number of hashes when a raw string begins here.
fn raw_string(rest: &str) -> Option<usize> {
    let after = rest.strip_prefix("br").or_else(|| rest.strip_prefix('r'))?;
    let hashes = after.bytes().take_while(|&b| b == b'#').count();
    after[hashes..].starts_with('"').then_some(hashes)
}

/// Whether what follows a quote is a character, and not a lifetime.
fn is_character(after: &str) -> bool {
    let mut chars = after.chars();
    chars.next().is_some_and(|c| c == '\\' || chars.next() == Some('\''))
}

/// Where the closing quote is, escapes passed over.
fn escaped_end(rest: &str, quote: char) -> usize {
    let mut escaped = false;
    for (at, c) in rest.char_indices() {
        match c {
            _ if escaped => escaped = false,
            '\\' => escaped = true,
            c if c == quote => return at,
            _ => {}
        }
    }
    rest.len()
}

#[test]
fn strings_characters_and_comments_are_blanked_in_place() {
    let lexed = lex("a('{', \"b\\\"{\") // {\n/* {\n */ r#\"c\"{\"# 'x: 'static");
    assert_eq!(lexed.code, "a(' ', \"    \")     \n    \n    r#\"   \"# 'x: 'static");
    let literals: Vec<_> = lexed.literals.iter().map(|(_, text)| text.as_str()).collect();
    assert_eq!(literals, ["b\\\"{", "c\"{"]);
}
