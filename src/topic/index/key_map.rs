//! A compact read-only map from 64-bit keys to one or more numbers.
//! It does not grow; it is built once from all its pairs.

/// Slots for each pair: a word that no filter asks for meets an empty slot after two or three.
const SLOTS_A_PAIR: usize = 2;
/// The value of an empty slot.
const EMPTY: u32 = u32::MAX;

/// Open addressing with linear probing, a key beside its value: one cache line answers most questions. 24 bytes a pair.
#[derive(Debug, Default)]
pub(super) struct KeyMap {
    slots: Box<[Slot]>,
}

/// In halves, so that a slot has twelve bytes and not sixteen.
#[derive(Clone, Copy, Debug)]
struct Slot {
    low: u32,
    high: u32,
    value: u32,
}

impl Slot {
    const EMPTY: Self = Self { low: 0, high: 0, value: EMPTY };
}

/// A key and the first slot where it may be.
#[derive(Clone, Copy, Debug)]
pub(super) struct Probe {
    key: u64,
    at: usize,
    slot: Slot,
}

impl KeyMap {
    /// Builds the map; equal pairs are kept once. Values are below `u32::MAX`.
    pub(super) fn new(mut pairs: Vec<(u64, u32)>) -> Self {
        pairs.sort_unstable();
        pairs.dedup();
        let mut slots = vec![Slot::EMPTY; pairs.len() * SLOTS_A_PAIR].into_boxed_slice();
        for (key, value) in pairs {
            let mut at = place(key, slots.len());
            while slots[at].value != EMPTY {
                at = after(at, slots.len());
            }
            let (low, high) = halves(key);
            slots[at] = Slot { low, high, value };
        }
        Self { slots }
    }

    pub(super) fn is_empty(&self) -> bool {
        self.slots.is_empty()
    }

    /// What stands at the slot where the search for `key` begins. Asked for many keys before any answer is looked at, the
    /// cache misses of all of them overlap.
    #[inline]
    pub(super) fn probe(&self, key: u64) -> Probe {
        let at = place(key, self.slots.len());
        Probe { key, at, slot: self.slots.get(at).copied().unwrap_or(Slot::EMPTY) }
    }

    /// Every number kept under the key of a probe.
    #[inline]
    pub(super) fn answers(&self, probe: Probe) -> impl Iterator<Item = u32> + '_ {
        let (low, high) = halves(probe.key);
        let (mut at, mut slot) = (probe.at, probe.slot);
        std::iter::from_fn(move || {
            while slot.value != EMPTY {
                let found = slot;
                at = after(at, self.slots.len());
                slot = self.slots[at];
                if found.low == low && found.high == high {
                    return Some(found.value);
                }
            }
            None
        })
    }

    /// Every number kept under `key`.
    pub(super) fn get(&self, key: u64) -> impl Iterator<Item = u32> + '_ {
        self.answers(self.probe(key))
    }

    pub(super) fn heap_bytes(&self) -> usize {
        size_of_val(&*self.slots)
    }
}

#[expect(clippy::cast_possible_truncation, reason = "the two halves of a key")]
fn halves(key: u64) -> (u32, u32) {
    (key as u32, (key >> 32) as u32)
}

/// The slot where the search for a key begins, by its upper half.
fn place(key: u64, slots: usize) -> usize {
    let at = ((key >> 32) * slots as u64) >> 32;
    usize::try_from(at).expect("below the number of slots")
}

fn after(at: usize, slots: usize) -> usize {
    if at + 1 == slots { 0 } else { at + 1 }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_number_of_a_key_is_found_and_no_other() {
        // Keys that all begin at few slots, and keys spread as hashes are.
        for spread in [1 << 50, 0x9e37_79b9_7f4a_7c15_u64] {
            let key = |n: u32| u64::from(n).wrapping_mul(spread);
            let pairs: Vec<(u64, u32)> = (0..1000_u32).map(|n| (key(n % 300), n)).collect();
            let map = KeyMap::new(pairs.clone());
            for n in 0..310 {
                let mut found: Vec<u32> = map.get(key(n)).collect();
                found.sort_unstable();
                let wanted: Vec<u32> = pairs.iter().filter(|(k, _)| *k == key(n)).map(|(_, v)| *v).collect();
                assert_eq!(found, wanted, "{n}");
            }
        }
        assert_eq!(KeyMap::new(Vec::new()).get(5).count(), 0);
        assert_eq!(KeyMap::new(vec![(5, 1)]).get(5).count(), 1);
    }
}
