//! The order of a branch's entries.
//!
//! Invariant: every order is total; where it has nothing to say, natural order of the names decides. Page by page new
//! entries are merged in, so that feeding a listing of any length never sorts it as a whole. A change of order does:
//! a million names by version take about 0.12 s on two busy cores, which is why it is no task of its own.

use std::cmp::{Ordering, Reverse};

use super::book::FactsBook;
use super::entries::Entries;
use super::lanes::lane_len;
use super::version::{self, Version};
use crate::app::effect::Sort;
use crate::domain::{Facts, NodeKind};

/// How the entries of a branch compare.
#[derive(Clone, Copy)]
pub(super) struct Order<'a> {
    pub(super) entries: &'a Entries,
    pub(super) facts: &'a FactsBook,
    pub(super) sort: Sort,
}

impl Order<'_> {
    /// Compares two entries.
    pub(super) fn compare(&self, a: u32, b: u32) -> Ordering {
        let by_fact = |of: fn(&Facts) -> Option<Reverse<u64>>| {
            let value = |id: u32| self.facts.get(id).and_then(of);
            unknown_last(&value(a), &value(b))
        };
        match self.sort {
            Sort::Name => Ordering::Equal,
            Sort::Version => version::compare(self.entries.name(a), self.entries.name(b)),
            Sort::Newest => self.is_run(a).cmp(&self.is_run(b)).then_with(|| by_fact(newest)),
            Sort::Size => by_fact(largest),
        }
        .then_with(|| self.entries.compare(a, b))
    }

    /// `natural`, entries in natural order, put into this order.
    pub(super) fn arrange(&self, natural: Vec<u32>) -> Vec<u32> {
        match self.sort {
            Sort::Name => natural,
            Sort::Version => self.by_version(&natural),
            Sort::Newest => {
                // Definitions of builds stand before the runs beside them.
                let (runs, others): (Vec<u32>, _) = natural.into_iter().partition(|&id| self.is_run(id));
                let mut all = self.by_fact(others, newest);
                all.extend(self.by_fact(runs, newest));
                all
            }
            Sort::Size => self.by_fact(natural, largest),
        }
    }

    fn is_run(&self, id: u32) -> bool {
        self.entries.kind(id) == NodeKind::Run
    }

    fn by_fact(&self, natural: Vec<u32>, of: fn(&Facts) -> Option<Reverse<u64>>) -> Vec<u32> {
        let is_known = |id: &u32| self.facts.get(*id).and_then(of).is_some();
        let (mut known, unknown): (Vec<u32>, Vec<u32>) = natural.into_iter().partition(is_known);
        known.sort_by_cached_key(|&id| self.facts.get(id).and_then(of));
        known.extend(unknown);
        known
    }

    fn by_version(&self, natural: &[u32]) -> Vec<u32> {
        let lane = lane_len(natural.len());
        let mut keyed: Vec<Keyed> = vec![Keyed::default(); natural.len()];
        std::thread::scope(|scope| {
            let starts = (0u32..).step_by(lane);
            for ((ids, slots), start) in natural.chunks(lane).zip(keyed.chunks_mut(lane)).zip(starts) {
                let mut work = move || {
                    for ((&id, slot), place) in ids.iter().zip(slots.iter_mut()).zip(start..) {
                        *slot = Keyed { key: version_key(self.entries.name(id)), place, id };
                    }
                    slots.sort_unstable_by(|a, b| self.compare_keyed(a, b));
                };
                if ids.len() < natural.len() { drop(scope.spawn(work)) } else { work() }
            }
        });
        // a stable sort finds the sorted parts and merges them
        keyed.sort_by(|a, b| self.compare_keyed(a, b));
        keyed.into_iter().map(|k| k.id).collect()
    }

    /// By the start of the code; where that does not tell versions apart, by all of it.
    fn compare_keyed(&self, a: &Keyed, b: &Keyed) -> Ordering {
        b.key
            .cmp(&a.key)
            .then_with(|| if a.key == NO_VERSION { a.place.cmp(&b.place) } else { self.compare(a.id, b.id) })
    }
}

/// An entry with the start of its version's code.
#[derive(Clone, Copy, Default)]
struct Keyed {
    key: [u64; 3],
    /// Where it is in natural order.
    place: u32,
    id: u32,
}

const NO_VERSION: [u64; 3] = [0; 3];

fn version_key(name: &str) -> [u64; 3] {
    let Some(version) = Version::read(name) else { return NO_VERSION };
    let mut code = version.code();
    std::array::from_fn(|_| u64::from_be_bytes(std::array::from_fn(|_| code.next().unwrap_or(0))))
}

fn newest(facts: &Facts) -> Option<Reverse<u64>> {
    // shifted so that times before 1970 keep their order
    facts.time.map(|t| Reverse(t.cast_unsigned() ^ (1 << 63)))
}

fn largest(facts: &Facts) -> Option<Reverse<u64>> {
    facts.size.map(Reverse)
}

fn unknown_last<T: Ord>(a: &Option<T>, b: &Option<T>) -> Ordering {
    a.is_none().cmp(&b.is_none()).then_with(|| a.cmp(b))
}

/// Merges `new` into `list`, both in the order that `compare` tells; of equals the old come first.
pub(super) fn merge<T: Copy>(list: &mut Vec<T>, new: &[T], compare: impl Fn(T, T) -> Ordering) {
    let mut places = Vec::with_capacity(new.len());
    let mut place = if is_before(list.last(), new.first(), &compare) { list.len() } else { 0 };
    for &item in new {
        let rest = list.get(place..).unwrap_or_default();
        place += rest.partition_point(|&old| compare(old, item).is_le());
        places.push(place);
    }
    insert_at(list, new, &places);
}

fn is_before<T: Copy>(a: Option<&T>, b: Option<&T>, compare: impl Fn(T, T) -> Ordering) -> bool {
    matches!((a, b), (Some(&a), Some(&b)) if compare(a, b).is_le())
}

/// Inserts each of `new` before what is in its place in `list`; the places rise.
pub(super) fn insert_at<T: Copy>(list: &mut Vec<T>, new: &[T], places: &[usize]) {
    let mut end = list.len();
    list.extend_from_slice(new);
    for ((before, &item), &place) in new.iter().enumerate().zip(places).rev() {
        list.copy_within(place..end, place + before + 1);
        if let Some(slot) = list.get_mut(place + before) {
            *slot = item;
        }
        end = place;
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::domain::NodeKind;

    proptest! {
        #[test]
        fn merging_is_sorting(mut a: Vec<u8>, mut b: Vec<u8>) {
            a.sort_unstable();
            b.sort_unstable();
            let mut all = [a.clone(), b.clone()].concat();
            all.sort_unstable();
            merge(&mut a, &b, |x, y| x.cmp(&y));
            prop_assert_eq!(a, all);
        }

        #[test]
        fn arranging_agrees_with_comparing(
            names in prop::collection::btree_set("(v|r-|x)?[0-2]{1,2}(\\.[0-9]{1,9}){0,3}(-?rc[0-9a-z]{0,20})?|[a-c]{2}", 0..40),
            times in prop::collection::vec(prop::option::of(-2i64..3), 40),
        ) {
            let mut entries = Entries::default();
            let mut facts = FactsBook::default();
            for (name, time) in names.iter().zip(times) {
                let id = entries.push(NodeKind::Tag, name).unwrap();
                if time.is_some() {
                    facts.set(id, Box::new(Facts { time, size: time.map(|t| t.unsigned_abs()), ..Facts::default() }));
                }
            }
            let mut natural: Vec<u32> = (0..u32::try_from(names.len()).unwrap()).collect();
            natural.sort_by(|&a, &b| entries.compare(a, b));
            for sort in [Sort::Name, Sort::Version, Sort::Newest, Sort::Size] {
                let order = Order { entries: &entries, facts: &facts, sort };
                let mut expected = natural.clone();
                expected.sort_by(|&a, &b| order.compare(a, b));
                prop_assert_eq!(order.arrange(natural.clone()), expected, "{:?}", sort);
            }
        }
    }
}
