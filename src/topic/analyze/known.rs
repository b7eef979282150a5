//! Finds the words of an article that have been read before by the key of their spelling.
//! It does not hold the words; their list does.

use super::{Analysed, WordEntry, number};

/// Slots at first; news has about 250 different words.
const SLOTS: usize = 1024;
const EMPTY: u32 = u32::MAX;

/// Numbers of words, open addressing with linear probing. The keys are hashes already and stand with the words, which is half
/// the work of a map that hashes them again.
pub(super) struct Known {
    slots: Vec<u32>,
}

/// A word of the text whose number is not known yet.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Unknown {
    pub(super) exact: u64,
    /// As in [`WordEntry`].
    pub(super) spelling: (u32, u32),
    pub(super) position: u32,
}

impl Known {
    pub(super) fn new() -> Self {
        Self { slots: vec![EMPTY; SLOTS] }
    }

    /// Adds words to those of the article, and their numbers and positions to `found`. No branch depends on whether one is new,
    /// which half of them are: it is written to the next place and then found there.
    pub(super) fn add_all(
        &mut self,
        unknown: &[Unknown],
        fields: u8,
        into: &mut Analysed,
        found: &mut Vec<(u32, u32)>,
    ) {
        let (first, most) = (into.words.len(), into.words.len() + unknown.len());
        self.hold(most, &into.exacts);
        // One behind the last, which is written before it is known whether it is needed.
        into.exacts.resize(most + 1, 0);
        into.words.resize(most, WordEntry::default());
        let (exacts, words) = (&mut into.exacts[..], &mut into.words[..]);
        let (mask, slots) = (self.slots.len() - 1, &mut self.slots[..]);
        let found_before = found.len();
        found.resize(found_before + unknown.len(), (0, 0));
        let mut count = number(first);
        for (Unknown { exact, spelling, position }, found) in unknown.iter().zip(&mut found[found_before..]) {
            #[expect(clippy::cast_possible_truncation, reason = "the lower bits are what is wanted")]
            let mut at = *exact as usize & mask;
            // An empty slot stands for the next word, which is this one.
            exacts[count as usize] = *exact;
            let mut word = slots[at].min(count);
            while exacts[word as usize] != *exact {
                at = (at + 1) & mask;
                word = slots[at].min(count);
            }
            slots[at] = word;
            let entry = &mut words[word as usize];
            entry.spelling = *spelling;
            entry.fields |= fields;
            entry.spread |= 1 << (position % 64);
            entry.positions_end += 1;
            *found = (word, *position);
            count += u32::from(word == count);
        }
        into.exacts.truncate(count as usize);
        into.words.truncate(count as usize);
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
