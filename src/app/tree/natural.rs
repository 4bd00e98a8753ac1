//! Natural order: digit runs compare as numbers, everything else byte by byte.
//!
//! Invariant: a total order by construction. A name has a code (a byte string), codes compare as bytes, and names with
//! the same code differ in leading zeros alone. On the characters that tags may have it is the order of the
//! `alphanumeric-sort` crate, which compares by characters and is too slow to sort a million names between two frames.

use std::cmp::Ordering;

/// The code of a name, byte by byte. A digit run becomes its length, then its digits without leading zeros; the length
/// is written as one of the bytes `0` to `9`, so that numbers keep their place among other characters.
#[derive(Debug, Clone)]
pub(super) struct Code<'a> {
    rest: &'a [u8],
    /// Digits of the current run that are still to come.
    digits: usize,
    /// The exact length of a run of nine or more.
    length: Option<u8>,
}

/// The code of `name`.
pub(super) fn code(name: &[u8]) -> Code<'_> {
    Code { rest: name, digits: 0, length: None }
}

impl Code<'_> {
    fn take(&mut self) -> Option<u8> {
        let (&first, rest) = self.rest.split_first()?;
        self.rest = rest;
        Some(first)
    }

    fn start_run(&mut self) -> u8 {
        let run = self.rest.iter().take_while(|b| b.is_ascii_digit()).count();
        let zeros = self.rest.iter().take(run).take_while(|&&b| b == b'0').count();
        self.rest = self.rest.get(zeros..).unwrap_or_default();
        self.digits = run - zeros;
        match u8::try_from(self.digits) {
            Ok(short @ 0..9) => b'0' + short,
            long => {
                self.length = Some(long.unwrap_or(u8::MAX));
                b'9'
            }
        }
    }
}

impl Iterator for Code<'_> {
    type Item = u8;

    fn next(&mut self) -> Option<u8> {
        if let Some(length) = self.length.take() {
            return Some(length);
        }
        if self.digits > 0 {
            self.digits -= 1;
            return self.take();
        }
        match self.rest.first() {
            Some(b'0'..=b'9') => Some(self.start_run()),
            _ => self.take(),
        }
    }
}

/// Compares two names.
pub(super) fn compare(a: &str, b: &str) -> Ordering {
    let (a, b) = (a.as_bytes(), b.as_bytes());
    let same = a.iter().zip(b).take_while(|(x, y)| x == y).count();
    let shared = a.get(..same).unwrap_or_default();
    let cut = same - shared.iter().rev().take_while(|b| b.is_ascii_digit()).count();
    let tail = |name: &'_ [u8]| -> usize { cut.min(name.len()) };
    let (at_a, at_b) = (tail(a), tail(b));
    code(a.get(at_a..).unwrap_or_default()).cmp(code(b.get(at_b..).unwrap_or_default())).then_with(|| match (
        a.get(same),
        b.get(same),
    ) {
        (None, None) => Ordering::Equal,
        // the same numbers: the one with more leading zeros follows
        (Some(b'0'), _) => Ordering::Greater,
        _ => Ordering::Less,
    })
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn numbers_compare_as_numbers() {
        let mut names = ["v10", "v9", "v1.10", "v1.9", "a", "v01", "v1", "", "v9x", "v123456789012", "v99"];
        names.sort_by(|a, b| compare(a, b));
        assert_eq!(
            names,
            ["", "a", "v1", "v01", "v1.9", "v1.10", "v9", "v9x", "v10", "v99", "v123456789012"]
        );
    }

    proptest! {
        #[test]
        fn agrees_with_alphanumeric_sort_on_tags(a in "[a-bA0-2._-]{0,12}", b in "[a-bA0-2._-]{0,12}") {
            prop_assert_eq!(compare(&a, &b), alphanumeric_sort::compare_str(&a, &b));
        }

        #[test]
        fn is_a_total_order(a in "[a0-1é.]{0,6}", b in "[a0-1é.]{0,6}", c in "[a0-1é.]{0,6}") {
            prop_assert_eq!(compare(&a, &b), compare(&b, &a).reverse());
            prop_assert_eq!(compare(&a, &b) == Ordering::Equal, a == b);
            if compare(&a, &b).is_le() && compare(&b, &c).is_le() {
                prop_assert!(compare(&a, &c).is_le());
            }
        }
    }
}
