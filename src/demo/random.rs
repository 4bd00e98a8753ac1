//! Names that nobody can guess: upload sessions and tokens.
//!
//! Invariant: no two are alike, and none tells anything about another.

use std::hash::{BuildHasher, Hasher, RandomState};

/// A random UUID, version 4.
pub(super) fn uuid() -> String {
    let bits =
        (u128::from(word()) << 64 | u128::from(word())) & !(0xF << 76) & !(0x3 << 62) | 0x4 << 76 | 0x2 << 62;
    let hex = format!("{bits:032x}");
    let mut parts = hex.as_str();
    let mut out = Vec::new();
    for length in [8, 4, 4, 4] {
        let (part, rest) = parts.split_at(length);
        out.push(part);
        parts = rest;
    }
    out.push(parts);
    out.join("-")
}

/// The standard library seeds its hash maps from the system's randomness; an empty hash under such a seed is random.
fn word() -> u64 {
    RandomState::new().build_hasher().finish()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_uuid_has_its_shape() {
        let one = uuid();
        assert_ne!(one, uuid());
        assert_eq!(one.split('-').map(str::len).collect::<Vec<_>>(), [8, 4, 4, 4, 12]);
        assert_eq!(one.chars().nth(14), Some('4'));
    }
}
