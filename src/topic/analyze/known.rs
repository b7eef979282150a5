//! Finds the word of an article that has been read before by the key of its spelling.
//! It does not hold the words; their list does.

use super::WordEntry;

/// Slots at first; news has about 250 different words.
const SLOTS: usize = 1024;
const EMPTY: u32 = u32::MAX;

/// Numbers of words, open addressing with linear probing. The keys are hashes already and stand with the words, which is half
/// the work of a map that hashes them again.
pub(super) struct Known {
    slots: Vec<u32>,
}

impl Known {
    pub(super) fn new() -> Self {
        Self { slots: vec![EMPTY; SLOTS] }
    }

    /// The word of this key and whether it is new: then it has the next number, and the caller adds it to `words`.
    #[inline]
    pub(super) fn word(&mut self, exact: u64, words: &[WordEntry]) -> (u32, bool) {
        let at = self.place(exact, words);
        let known = self.slots[at];
        if known != EMPTY {
            return (known, false);
        }
        let next = u32::try_from(words.len()).expect("bounded by MOST_WORDS");
        self.slots[at] = next;
        // Never more than half full, this one counted.
        if (words.len() + 1) * 2 > self.slots.len() {
            self.grow(words);
            let at = self.place(exact, words);
            self.slots[at] = next;
        }
        (next, true)
    }

    /// The slot of a key: its own or the first empty one behind it.
    fn place(&self, exact: u64, words: &[WordEntry]) -> usize {
        let mask = self.slots.len() - 1;
        #[expect(clippy::cast_possible_truncation, reason = "the lower bits are what is wanted")]
        let mut at = exact as usize & mask;
        while let Some(word) = words.get(self.slots[at] as usize) {
            if word.exact == exact {
                break;
            }
            at = (at + 1) & mask;
        }
        at
    }

    fn grow(&mut self, words: &[WordEntry]) {
        self.slots = vec![EMPTY; self.slots.len() * 2];
        for (n, word) in (0..).zip(words) {
            let at = self.place(word.exact, words);
            self.slots[at] = n;
        }
    }
}
