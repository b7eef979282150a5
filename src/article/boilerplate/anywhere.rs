//! Finds which of many phrases stand anywhere in a text, in one pass over it.
//! It knows no phrases; `phrases` does.

use std::ops::Range;

use rustc_hash::FxHashMap;

/// Phrases looked for anywhere in a text, all at once.
pub(super) struct Anywhere {
    /// By their first four bytes: the number of their table, and themselves.
    phrases: FxHashMap<u32, Vec<(usize, &'static str)>>,
    /// Which places are worth a look there, by [`Self::bit`].
    bits: [u64; 64],
}

impl Anywhere {
    pub(super) fn new(tables: impl Iterator<Item = &'static [&'static str]>) -> Self {
        let mut all = Self { phrases: FxHashMap::default(), bits: [0; 64] };
        for (number, table) in tables.enumerate() {
            for phrase in table {
                let begin = phrase.as_bytes().first_chunk().expect("a phrase has four bytes");
                let begin = u32::from_be_bytes(*begin);
                all.phrases.entry(begin).or_default().push((number, phrase));
                let (word, bit) = Self::bit(begin);
                all.bits[word] |= bit;
            }
        }
        all
    }

    fn bit(begin: u32) -> (usize, u64) {
        let hash = begin.wrapping_mul(0x9E37_79B1) >> 20;
        ((hash >> 6) as usize, 1 << (hash & 63))
    }

    /// The first of these tables of which a phrase stands in a text, and the phrase.
    pub(super) fn first_of(&self, text: &str, tables: Range<usize>) -> Option<(usize, &'static str)> {
        let bytes = text.as_bytes();
        let (mut first, mut begin) = ((tables.end, ""), 0_u32);
        for (end, byte) in bytes.iter().enumerate() {
            begin = begin << 8 | u32::from(*byte);
            let (word, bit) = Self::bit(begin);
            if self.bits[word] & bit == 0 || end < 3 {
                continue;
            }
            for (table, phrase) in self.phrases.get(&begin).into_iter().flatten() {
                let earlier = *table >= tables.start && *table < first.0;
                if earlier && bytes[end - 3..].starts_with(phrase.as_bytes()) {
                    first = (*table, phrase);
                }
            }
        }
        (first.0 < tables.end).then_some(first)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(text: &str, tables: Range<usize>, expected: Option<(usize, &str)>) {
        let all = Anywhere::new([&["footer", "foot note"][..], &["under foot", "écrit"]].into_iter());
        assert_eq!(all.first_of(text, tables), expected, "{text}");
    }

    #[test]
    fn the_first_table_with_a_phrase_is_found_wherever_it_stands() {
        check("footer", 0..2, Some((0, "footer")));
        check("it is under footers", 0..2, Some((0, "footer")));
        check("it is under footers", 1..2, Some((1, "under foot")));
        check("it is under foot", 0..2, Some((1, "under foot")));
        check("it is under foot", 0..1, None);
        check("un écrit", 0..2, Some((1, "écrit")));
        check("foo", 0..2, None);
        check("", 0..2, None);
        check("foote foot  note", 0..2, None);
    }
}
