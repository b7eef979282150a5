//! A compact read-only map from 64-bit keys to one or more numbers.
//! It does not grow; it is built once from all its pairs.

/// Slots for each pair: a word that no filter asks for meets an empty slot after two or three.
const SLOTS_A_PAIR: usize = 2;
/// The value of an empty slot.
const EMPTY: u32 = u32::MAX;
/// Of a value: another one of the same key follows.
const MORE: u32 = 1 << 31;

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

/// A key, the slot where it may be, and the word of the article that asks.
#[derive(Clone, Copy, Debug)]
pub(super) struct Question {
    word: u32,
    low: u32,
    high: u32,
    at: u32,
}

impl KeyMap {
    /// Builds the map; equal pairs are kept once. Values are below 2^31 - 1.
    pub(super) fn new(mut pairs: Vec<(u64, u32)>) -> Self {
        pairs.sort_unstable();
        pairs.dedup();
        let mut slots = vec![Slot::EMPTY; pairs.len() * SLOTS_A_PAIR].into_boxed_slice();
        for (n, (key, value)) in pairs.iter().copied().enumerate() {
            let mut at = place(key, slots.len()) as usize;
            while slots[at].value != EMPTY {
                at = after(at, slots.len());
            }
            let (low, high) = halves(key);
            let follows = pairs.get(n + 1).is_some_and(|next| next.0 == key);
            slots[at] = Slot { low, high, value: value | if follows { MORE } else { 0 } };
        }
        Self { slots }
    }

    pub(super) fn is_empty(&self) -> bool {
        self.slots.is_empty()
    }

    /// Every number kept under `key`.
    pub(super) fn get(&self, key: u64) -> impl Iterator<Item = u32> + '_ {
        let (low, high) = halves(key);
        let mut at = place(key, self.slots.len()) as usize;
        let mut more = !self.slots.is_empty();
        std::iter::from_fn(move || {
            while more {
                let slot = self.slots[at];
                at = after(at, self.slots.len());
                more = slot.value != EMPTY;
                if more && slot.low == low && slot.high == high {
                    more = slot.value & MORE != 0;
                    return Some(slot.value & !MORE);
                }
            }
            None
        })
    }

    /// A question for [`KeyMap::find_all`].
    pub(super) fn question(&self, word: u32, key: u64) -> Question {
        let (low, high) = halves(key);
        Question { word, low, high, at: place(key, self.slots.len()) }
    }

    /// Appends every number kept under the keys of many questions at once, in no order, each with the word of its question.
    /// All of them look at one slot, then those that are not at an end at the next: no branch depends on what is there, and the
    /// cache misses of one round overlap. `questions` is empty afterwards.
    #[expect(clippy::needless_bitwise_bool, reason = "a lazy operator is a branch")]
    pub(super) fn find_all(&self, questions: &mut Vec<Question>, found: &mut Vec<(u32, u32)>) {
        if self.slots.is_empty() {
            questions.clear();
        }
        let slots = u32::try_from(self.slots.len()).expect("a segment has far fewer than 2^32 terms");
        let mut hits = found.len();
        while !questions.is_empty() {
            if found.len() < hits + questions.len() {
                found.resize(hits + questions.len(), (0, 0));
            }
            let mut kept = 0;
            for n in 0..questions.len() {
                let question = questions[n];
                let slot = self.slots[question.at as usize];
                let full = slot.value != EMPTY;
                let equal = full & (slot.low == question.low) & (slot.high == question.high);
                let goes_on = full & (!equal | (slot.value & MORE != 0));
                found[hits] = (question.word, slot.value & !MORE);
                hits += usize::from(equal);
                let next = question.at + 1;
                questions[kept] = Question { at: if next == slots { 0 } else { next }, ..question };
                kept += usize::from(goes_on);
            }
            questions.truncate(kept);
        }
        found.truncate(hits);
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
fn place(key: u64, slots: usize) -> u32 {
    halves(((key >> 32) * slots as u64) >> 32).0
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
            let mut questions: Vec<Question> = (0..310).map(|n| map.question(n, key(n))).collect();
            let mut found = Vec::new();
            map.find_all(&mut questions, &mut found);
            found.sort_unstable();
            let mut wanted: Vec<(u32, u32)> = (0..1000).map(|n| (n % 300, n)).collect();
            wanted.sort_unstable();
            assert_eq!(found, wanted);
        }
        assert_eq!(KeyMap::new(Vec::new()).get(5).count(), 0);
        assert_eq!(KeyMap::new(vec![(5, 1)]).get(5).count(), 1);
    }
}
