//! Finds the words of an article that have been read before by the key of their spelling.
//! It does not hold the words; their list does.

use super::{Analysed, WordEntry};

/// Slots at first; news has about 250 different words, and few of them are to meet.
const SLOTS: usize = 2048;
const EMPTY: u32 = u32::MAX;
/// Words that room is made for at a time.
const ROOM: usize = 64;

/// Numbers of words, open addressing with linear probing. The keys are hashes already and stand with the words, which is half
/// the work of a map that hashes them again.
pub(super) struct Known {
    slots: Vec<u32>,
    /// Words so far.
    count: u32,
}

/// A word of the text, before it has its number.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Unknown {
    pub(super) exact: u64,
    /// As in [`WordEntry`].
    pub(super) spelling: (u32, u32),
    pub(super) position: u32,
}

impl Known {
    pub(super) fn new() -> Self {
        Self { slots: vec![EMPTY; SLOTS], count: 0 }
    }

    /// Adds words to those of the article, and their numbers and positions to `found`. No branch depends on whether a word is new,
    /// which half of them are: it is written to the next place and then found there.
    #[inline]
    pub(super) fn add(
        &mut self,
        words: impl ExactSizeIterator<Item = Unknown>,
        fields: u8,
        into: &mut Analysed,
        found: &mut Vec<(u32, u32)>,
    ) {
        if self.count as usize + words.len() > into.words.len() {
            self.make_room(words.len(), into);
        }
        let room = into.exacts.len();
        let (exacts, entries, slots) = (&mut into.exacts[..room], &mut into.words[..room], &mut self.slots[..]);
        let (mask, mut count) = (slots.len() - 1, self.count);
        found.extend(words.map(|Unknown { exact, spelling, position }| {
            #[expect(clippy::cast_possible_truncation, reason = "the lower bits are what is wanted")]
            let mut at = exact as usize & mask;
            // An empty slot stands for the next word, which is this one.
            exacts[count as usize] = exact;
            let mut word = slots[at].min(count);
            while exacts[word as usize] != exact {
                at = (at + 1) & mask;
                word = slots[at].min(count);
            }
            slots[at] = word;
            let entry = &mut entries[word as usize];
            entry.spelling = spelling;
            entry.fields |= fields;
            entry.spread |= 1 << (position % 64);
            entry.positions_end += 1;
            count += u32::from(word == count);
            (word, position)
        }));
        self.count = count;
    }

    /// Room for so many more words, and some.
    #[cold]
    fn make_room(&mut self, more: usize, into: &mut Analysed) {
        let most = self.count as usize + more + ROOM;
        into.exacts.truncate(self.count as usize);
        self.hold(most, &into.exacts);
        into.exacts.resize(most, 0);
        into.words.resize(most, WordEntry::default());
    }

    /// Takes back the room that was not needed.
    pub(super) fn settle(&self, into: &mut Analysed) {
        into.exacts.truncate(self.count as usize);
        into.words.truncate(self.count as usize);
    }

    /// Makes room for so many words: never more than half full.
    fn hold(&mut self, most: usize, exacts: &[u64]) {
        if most * 2 <= self.slots.len() {
            return;
        }
        let slots = (most * 2).next_power_of_two();
        self.slots = vec![EMPTY; slots];
        for (n, exact) in (0..).zip(exacts) {
            #[expect(clippy::cast_possible_truncation, reason = "the lower bits are what is wanted")]
            let mut at = *exact as usize & (slots - 1);
            while self.slots[at] != EMPTY {
                at = (at + 1) & (slots - 1);
            }
            self.slots[at] = n;
        }
    }
}
