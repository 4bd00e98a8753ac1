//! One pattern of a `.dockerignore` file.
//!
//! Source: moby `patternmatcher` and Go's `filepath.Match`, whose rules Docker's documentation gives: `*` and `?` stop at a
//! slash, `**` does not, `[a-z]` and `[^a-z]` are sets, `\` takes the next character as it is.
//!
//! Invariant: matching takes a step for each character and token at most, whatever the pattern.

/// What a pattern consists of.
#[derive(Debug, Clone, PartialEq, Eq)]
enum Token {
    /// This character.
    Char(char),
    /// `?`: any but a slash.
    One,
    /// `[…]`: whether it is turned round, and its ranges.
    Set(bool, Vec<(char, char)>),
    /// `*`: any number of characters up to a slash.
    Within,
    /// `**` at the end: anything.
    Rest,
    /// `**` before more: any number of whole folders.
    Folders,
}

/// A pattern, read.
#[derive(Debug, Clone)]
pub(super) struct Pattern {
    tokens: Vec<Token>,
}

impl Pattern {
    /// Reads a tidied pattern; nothing when its sets or its escapes are not closed.
    pub(super) fn read(text: &str) -> Option<Self> {
        let mut rest = text.chars().peekable();
        let (mut tokens, mut is_bare) = (Vec::new(), false);
        while let Some(c) = rest.next() {
            tokens.push(match c {
                '*' if rest.next_if_eq(&'*').is_some() => {
                    let has_slash = rest.next_if_eq(&'/').is_some();
                    is_bare |= tokens.is_empty() && !has_slash;
                    if rest.peek().is_none() { Token::Rest } else { Token::Folders }
                }
                '*' => Token::Within,
                '?' => Token::One,
                '[' => read_set(&mut rest)?,
                '\\' => Token::Char(rest.next()?),
                c => Token::Char(c),
            });
        }
        // `**x` is any name that ends so, as long as nothing else in the pattern stands for more than itself.
        if is_bare
            && let Some((first, others)) = tokens.split_first_mut()
            && others.iter().all(|t| matches!(t, Token::Char(_)))
        {
            *first = Token::Rest;
        }
        Some(Self { tokens })
    }

    /// The pattern that is this path and no other.
    pub(super) fn exactly(path: &str) -> Self {
        Self { tokens: path.chars().map(Token::Char).collect() }
    }

    /// Whether it is all of `path`, whose parts have slashes between them.
    pub(super) fn matches(&self, path: &str) -> bool {
        let mut now = States::start(self);
        for c in path.chars() {
            now = now.step(self, c);
        }
        now.is_at_end()
    }

    /// Whether something below the folder `path` may be meant; `true` where that is not certain.
    pub(super) fn may_reach_below(&self, path: &str) -> bool {
        let fixed = self.tokens.iter().map_while(|t| if let Token::Char(c) = t { Some(*c) } else { None });
        fixed.zip(path.chars().chain(['/'])).all(|(a, b)| a == b)
    }
}

/// A set, after its `[`: `^` first turns it round, and it is never empty.
fn read_set(rest: &mut std::iter::Peekable<std::str::Chars<'_>>) -> Option<Token> {
    let is_turned = rest.next_if_eq(&'^').is_some();
    let mut ranges = Vec::new();
    while ranges.is_empty() || rest.next_if_eq(&']').is_none() {
        let low = read_member(rest)?;
        let high = if rest.next_if_eq(&'-').is_some() { read_member(rest)? } else { low };
        ranges.push((low, high));
    }
    Some(Token::Set(is_turned, ranges))
}

fn read_member(rest: &mut std::iter::Peekable<std::str::Chars<'_>>) -> Option<char> {
    match rest.next()? {
        '-' | ']' => None,
        '\\' => rest.next(),
        c => Some(c),
    }
}

/// Before which tokens a match may be; one more for its end.
struct States {
    at: Vec<bool>,
    /// In which [`Token::Folders`] it is, in the middle of a name.
    within: Vec<bool>,
}

impl States {
    fn start(pattern: &Pattern) -> Self {
        let mut start = Self::none(pattern);
        start.reach(pattern, 0);
        start
    }

    fn none(pattern: &Pattern) -> Self {
        let count = pattern.tokens.len();
        Self { at: vec![false; count + 1], within: vec![false; count] }
    }

    /// Comes to be before a token, and behind those that may stand for nothing.
    fn reach(&mut self, pattern: &Pattern, from: usize) {
        for (slot, i) in self.at.iter_mut().skip(from).zip(from..) {
            *slot = true;
            if !matches!(pattern.tokens.get(i), Some(Token::Within | Token::Rest | Token::Folders)) {
                return;
            }
        }
    }

    fn step(&self, pattern: &Pattern, c: char) -> Self {
        let mut next = Self::none(pattern);
        for (i, token) in pattern.tokens.iter().enumerate() {
            let (is_at, is_within) = (is_set(&self.at, i), is_set(&self.within, i));
            match token {
                Token::Folders if is_at || is_within => {
                    if let Some(slot) = next.within.get_mut(i) {
                        *slot = true;
                    }
                    if c == '/' {
                        next.reach(pattern, i + 1);
                    }
                }
                Token::Within if is_at && c != '/' => next.reach(pattern, i),
                Token::Rest if is_at => next.reach(pattern, i),
                token if is_at && token.is(c) => next.reach(pattern, i + 1),
                _ => {}
            }
        }
        next
    }

    fn is_at_end(&self) -> bool {
        self.at.last().copied().unwrap_or_default()
    }
}

fn is_set(all: &[bool], i: usize) -> bool {
    all.get(i).copied().unwrap_or_default()
}

impl Token {
    /// Whether it stands for this one character.
    fn is(&self, c: char) -> bool {
        match self {
            Self::Char(own) => *own == c,
            Self::One => c != '/',
            Self::Set(is_turned, ranges) => {
                ranges.iter().any(|(low, high)| (*low..=*high).contains(&c)) != *is_turned
            }
            Self::Within | Self::Rest | Self::Folders => false,
        }
    }
}
