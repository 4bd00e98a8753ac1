//! Names that nobody can guess: upload sessions and tokens.
//!
//! Invariant: no two are alike, and none tells anything about another.

use std::hash::{BuildHasher, Hasher, RandomState};

/// A random UUID, version 4.
pub(super) fn uuid() -> String {
    let (high, low) = (word(), word());
    format!(
        "{:08x}-{:04x}-4{:03x}-{:04x}-{:012x}",
        high >> 32,
        high >> 16 & 0xFFFF,
        high & 0xFFF,
        low >> 48 & 0x3FFF | 0x8000,
        low & 0xFFFF_FFFF_FFFF
    )
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
