//! The names of a branch's children, end to end in one text.
//!
//! Invariant: a name keeps its number for as long as the arena lives; nothing is ever taken out.

/// The most names of one arena; larger numbers stand for folders.
const MOST: usize = 1 << 31;

/// Names by number.
#[derive(Debug, Clone, Default)]
pub(super) struct Names {
    text: String,
    ends: Vec<u32>,
}

impl Names {
    /// How many there are.
    pub(super) fn len(&self) -> usize {
        self.ends.len()
    }

    /// Takes one more and gives it its number; nothing when 4 GiB of text or 2³¹ names are full.
    pub(super) fn push(&mut self, name: &str) -> Option<u32> {
        let end = u32::try_from(self.text.len() + name.len()).ok()?;
        let id = u32::try_from(self.ends.len()).ok().filter(|_| self.ends.len() < MOST)?;
        self.text.push_str(name);
        self.ends.push(end);
        Some(id)
    }

    /// The name with this number; empty for a number that was never given.
    pub(super) fn get(&self, id: u32) -> &str {
        let id = id as usize;
        let start = id.checked_sub(1).and_then(|before| self.ends.get(before)).copied().unwrap_or(0);
        let end = self.ends.get(id).copied().unwrap_or(start);
        self.text.get(start as usize..end as usize).unwrap_or_default()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_come_back_by_number() {
        let mut names = Names::default();
        let ids: Vec<u32> = ["a", "", "注册", "z"].iter().filter_map(|n| names.push(n)).collect();
        assert_eq!(ids, [0, 1, 2, 3]);
        assert_eq!(ids.iter().map(|&i| names.get(i)).collect::<Vec<_>>(), ["a", "", "注册", "z"]);
        assert_eq!(names.get(4), "");
        assert_eq!(names.len(), 4);
    }
}
