//! Names as versions, tolerant: `v1.2`, `release-1.2.3`, `3.13.0rc1`, `1.25-alpine`, `2024-01-15`.
//!
//! Invariant: a total order by construction, like [`natural`]: a version has a code, and codes compare as bytes.

use std::cmp::Ordering;

use super::natural;

/// What follows the numbers. Its value is what stands in the code: a suffix makes a version older than without, and
/// further numbers (`.` in the code) make it newer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Ending {
    Suffix = 1,
    Release = 2,
}

/// The parts of a version.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Version<'a> {
    numbers: &'a [u8],
    ending: Ending,
    rest: &'a [u8],
}

/// The words that may follow a number without a separator.
const WORDS: &[&[u8]] = &[
    b"a", b"alpha", b"b", b"beta", b"c", b"dev", b"k", b"m", b"p", b"pl", b"post", b"pre", b"preview", b"r",
    b"rc", b"u",
];

impl<'a> Version<'a> {
    /// Reads a name. Nothing for names without a number, and for those where the number is part of something else,
    /// such as an abbreviated commit.
    pub(super) fn read(name: &'a str) -> Option<Self> {
        let name = name.as_bytes();
        let start = name.iter().position(u8::is_ascii_digit)?;
        let name = name.get(start..)?;
        let (numbers, rest) = name.split_at_checked(numbers_len(name))?;
        let (ending, rest) = match rest.split_first() {
            None => (Ending::Release, rest),
            // build metadata; Helm writes it with an underscore where a tag may not have a plus
            Some((b'+' | b'_', rest)) => (Ending::Release, rest),
            Some((b'-' | b'.' | b'~', rest)) => (Ending::Suffix, rest),
            Some(_) if starts_with_word(rest) => (Ending::Suffix, rest),
            Some(_) => return None,
        };
        Some(Self { numbers, ending, rest })
    }

    /// Its code; a larger one is a newer version.
    pub(super) fn code(self) -> impl Iterator<Item = u8> + use<'a> {
        natural::code(self.numbers)
            .chain(std::iter::once(self.ending as u8))
            .chain(natural::code(self.rest).map(|b| b.to_ascii_lowercase()))
    }
}

/// Compares two names: newest version first, other names after all versions, then natural order.
pub(super) fn compare(a: &str, b: &str) -> Ordering {
    match (Version::read(a), Version::read(b)) {
        (Some(x), Some(y)) => y.code().cmp(x.code()),
        (Some(_), None) => Ordering::Less,
        (None, Some(_)) => Ordering::Greater,
        (None, None) => Ordering::Equal,
    }
    .then_with(|| natural::compare(a, b))
}

/// The length of `1.2.3` at the start of `name`, which starts with a digit.
fn numbers_len(name: &[u8]) -> usize {
    let mut len = 0;
    loop {
        len += digits_at(name, len);
        if name.get(len) != Some(&b'.') || digits_at(name, len + 1) == 0 {
            return len;
        }
        len += 1;
    }
}

fn digits_at(name: &[u8], at: usize) -> usize {
    name.get(at..).unwrap_or_default().iter().take_while(|b| b.is_ascii_digit()).count()
}

/// Whether `rest` is a word such as `rc`, perhaps with a number, up to its end or a separator.
fn starts_with_word(rest: &[u8]) -> bool {
    let letters = rest.iter().take_while(|b| b.is_ascii_alphabetic()).count();
    let Some((word, after)) = rest.split_at_checked(letters) else { return false };
    let end = after.get(digits_at(after, 0));
    WORDS.iter().any(|known| word.eq_ignore_ascii_case(known))
        && end.is_none_or(|b| matches!(b, b'-' | b'.' | b'_' | b'+' | b'~'))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn newest_first_then_the_rest_by_name() {
        let mut names = vec![
            "latest",
            "1.2",
            "v1.10.0",
            "1.9.9",
            "release-2.0.0",
            "2.0.0-rc.1",
            "1.9",
            "main",
            "3.13.0rc1",
            "3.13.0",
            "1.25.3-alpine",
            "1.25.3",
            "7f3a9c1",
            "a1b2c3d",
        ];
        names.sort_by(|a, b| compare(a, b));
        assert_eq!(
            names,
            [
                "3.13.0",
                "3.13.0rc1",
                "release-2.0.0",
                "2.0.0-rc.1",
                "1.25.3",
                "1.25.3-alpine",
                "v1.10.0",
                "1.9.9",
                "1.9",
                "1.2",
                "7f3a9c1",
                "a1b2c3d",
                "latest",
                "main",
            ]
        );
    }

    #[test]
    fn dates_and_build_numbers_are_versions_too() {
        let mut names = vec!["2024-01-15", "2024-02-01", "2023-12-31", "20240115", "1.2.3_5", "1.2.3"];
        names.sort_by(|a, b| compare(a, b));
        assert_eq!(names, ["20240115", "2024-02-01", "2024-01-15", "2023-12-31", "1.2.3_5", "1.2.3"]);
    }

    proptest! {
        #[test]
        fn is_a_total_order(
            a in "v?[0-2]?[.-]?[0-2]{0,2}(rc|b|x)?[a0.+-]{0,3}",
            b in "v?[0-2]?[.-]?[0-2]{0,2}(rc|b|x)?[a0.+-]{0,3}",
            c in "v?[0-2]?[.-]?[0-2]{0,2}(rc|b|x)?[a0.+-]{0,3}",
        ) {
            prop_assert_eq!(compare(&a, &b), compare(&b, &a).reverse());
            prop_assert_eq!(compare(&a, &b) == Ordering::Equal, a == b);
            if compare(&a, &b).is_le() && compare(&b, &c).is_le() {
                prop_assert!(compare(&a, &c).is_le());
            }
        }
    }
}
