//! Hashes under which a word is found: its stem in a language, its exact form, its beginnings.
//! It does not know positions or filters. The hashes are part of the stored analysed form: change them with the version.

use std::borrow::Cow;

use rust_stemmers::Algorithm;

use super::fold::{collapse_digraphs, fold, spelled_out};
use super::stem::stem;
use crate::article::language::Language;

/// Prefixes are found by their first letters only down to this length; shorter ones would match half a dictionary.
pub(crate) const PREFIX_LETTERS: usize = 3;
/// Beginnings of a word that are hashed; nobody types a longer prefix, and a hostile text may hold a word of a megabyte.
pub(crate) const LONGEST_PREFIX: usize = 24;
/// A word longer than this (in bytes) is not stemmed: it is an address, a hash or an attack.
const LONGEST_STEMMED: usize = 64;

/// At most so many keys a word: stem with accents, stem without, stem of the written-out umlauts.
pub(crate) const MOST_KEYS: usize = 3;

/// The keys of one word, all different.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Keys {
    keys: [u64; MOST_KEYS],
    len: u8,
}

impl Keys {
    pub(crate) fn as_slice(&self) -> &[u64] {
        &self.keys[..usize::from(self.len)]
    }

    pub(crate) fn push(&mut self, key: u64) {
        if !self.as_slice().contains(&key) && usize::from(self.len) < MOST_KEYS {
            self.keys[usize::from(self.len)] = key;
            self.len += 1;
        }
    }
}

/// What a key stands for; the same letters under two kinds are two keys.
#[derive(Clone, Copy)]
#[repr(u64)]
enum Kind {
    Word = 0x9e37_79b9_7f4a_7c15,
    Prefix = 0xc2b2_ae3d_27d4_eb4f,
    Site = 0x1656_67b1_9e37_79f9,
    Lang = 0x27d4_eb2f_1656_67c5,
}

/// Odd, with as many ones as zeros: the multiplier of wyhash.
const MIX: u64 = 0x9fb2_1c65_1e98_df25;

/// Both halves of a product, folded: every bit of the input reaches every bit of the result.
fn fold_product(a: u64, b: u64) -> u64 {
    let product = u128::from(a) * u128::from(b);
    #[expect(clippy::cast_possible_truncation, reason = "the lower half is wanted, and then the upper one")]
    let (low, high) = (product as u64, (product >> 64) as u64);
    low ^ high
}

/// Eight bytes at a time as wyhash does, stable on every machine and for every version of Rust. The last ones are filled up with
/// zeros; the length is part of it.
fn hash(kind: Kind, text: &str) -> u64 {
    let (eights, rest) = text.as_bytes().as_chunks::<8>();
    let mut h = kind as u64 ^ (text.len() as u64);
    for eight in eights {
        h = fold_product(h ^ u64::from_le_bytes(*eight), MIX);
    }
    let tail = match (rest.first_chunk::<4>(), rest.last_chunk::<4>()) {
        (Some(first), Some(last)) => {
            let (first, last) = (u32::from_le_bytes(*first), u32::from_le_bytes(*last));
            u64::from(first) | u64::from(last) << (8 * (rest.len() - 4))
        }
        _ => rest.iter().rev().fold(0, |tail, byte| tail << 8 | u64::from(*byte)),
    };
    end(h ^ tail)
}

fn end(h: u64) -> u64 {
    let h = fold_product(h, MIX);
    h ^ (h >> 32)
}

/// A word of fewer than eight bytes, which are the lower ones of `bytes`; what is above them is zero.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Short {
    pub(crate) bytes: u64,
    pub(crate) length: usize,
}

impl Short {
    pub(crate) fn exact(self) -> u64 {
        end(Kind::Word as u64 ^ (self.length as u64) ^ self.bytes)
    }
}

/// The key of a spelling; also that of a stem that is spelled so.
pub(crate) fn exact(lower: &str) -> u64 {
    hash(Kind::Word, lower)
}

pub(crate) fn site(host: &str) -> u64 {
    hash(Kind::Site, host)
}

pub(crate) fn lang(language: Language) -> u64 {
    hash(Kind::Lang, language.code())
}

/// Keys of every ending part of a host: `www.lemonde.fr` is found as itself, as `lemonde.fr` and as `fr`.
pub(crate) fn sites(host: &str) -> impl Iterator<Item = u64> + '_ {
    let starts = std::iter::once(0).chain(host.match_indices('.').map(|(at, _)| at + 1));
    starts.filter(|start| *start < host.len()).map(|start| site(&host[start..]))
}

/// Keys of the beginning `prefix` in both spellings.
pub(crate) fn prefix(lower: &str) -> Keys {
    let mut keys = Keys::default();
    let cut =
        |text: &str| hash(Kind::Prefix, text.char_indices().nth(LONGEST_PREFIX).map_or(text, |(at, _)| &text[..at]));
    keys.push(cut(&fold(lower)));
    if let Some(long) = spelled_out(lower) {
        keys.push(cut(&long));
    }
    keys
}

/// Lengths in letters of the keys that [`prefix`] makes.
pub(crate) fn prefix_letters(lower: &str) -> impl Iterator<Item = usize> {
    let spellings = [Some(fold(lower).chars().count()), spelled_out(lower).map(|long| long.chars().count())];
    spellings.into_iter().flatten().map(|letters| letters.min(LONGEST_PREFIX))
}

/// Keys of the first [`PREFIX_LETTERS`] letters of a word or prefix in both spellings; none for shorter words.
pub(crate) fn prefix_start(lower: &str) -> Keys {
    let mut keys = Keys::default();
    beginnings(lower, 1 << PREFIX_LETTERS, |key| keys.push(key));
    keys
}

/// Calls `found` with the key of each beginning of the word that has one of the `lengths` in letters (bit n: n letters).
pub(crate) fn beginnings(lower: &str, lengths: u32, mut found: impl FnMut(u64)) {
    if lower.is_ascii() {
        // Every letter is a byte, and there is one spelling.
        let most = lower.len().min(LONGEST_PREFIX);
        let mut left = lengths & (u32::MAX >> (31 - most));
        while left != 0 {
            found(hash(Kind::Prefix, &lower[..left.trailing_zeros() as usize]));
            left &= left - 1;
        }
        return;
    }
    let mut walk = |text: &str| {
        for (n, (at, c)) in (1_u32..).zip(text.char_indices().take(LONGEST_PREFIX)) {
            if lengths & (1 << n) != 0 {
                found(hash(Kind::Prefix, &text[..at + c.len_utf8()]));
            }
        }
    };
    walk(&fold(lower));
    if let Some(long) = spelled_out(lower) {
        walk(&long);
    }
}

/// How words of a language are reduced; languages without a stemmer share [`Scheme::PLAIN`].
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(crate) struct Scheme(u8);

/// Stemmer, its language, and whether `ae oe ue` (and `aa`) are written-out umlauts there.
const STEMMED: [(&str, Algorithm, Umlauts); 18] = [
    ("ar", Algorithm::Arabic, Umlauts::No),
    ("da", Algorithm::Danish, Umlauts::DoubleA),
    ("nl", Algorithm::Dutch, Umlauts::No),
    ("en", Algorithm::English, Umlauts::No),
    ("fi", Algorithm::Finnish, Umlauts::No),
    ("fr", Algorithm::French, Umlauts::No),
    ("de", Algorithm::German, Umlauts::Yes),
    ("el", Algorithm::Greek, Umlauts::No),
    ("hu", Algorithm::Hungarian, Umlauts::No),
    ("it", Algorithm::Italian, Umlauts::No),
    ("no", Algorithm::Norwegian, Umlauts::DoubleA),
    ("pt", Algorithm::Portuguese, Umlauts::No),
    ("ro", Algorithm::Romanian, Umlauts::No),
    ("ru", Algorithm::Russian, Umlauts::No),
    ("es", Algorithm::Spanish, Umlauts::No),
    ("sv", Algorithm::Swedish, Umlauts::DoubleA),
    ("ta", Algorithm::Tamil, Umlauts::No),
    ("tr", Algorithm::Turkish, Umlauts::No),
];

#[derive(Clone, Copy, PartialEq, Eq)]
enum Umlauts {
    No,
    Yes,
    DoubleA,
}

impl Scheme {
    /// Folding only.
    pub(crate) const PLAIN: Self = Self(0);
    /// Number of schemes.
    pub(crate) const COUNT: usize = STEMMED.len() + 1;

    /// Every scheme.
    pub(crate) fn all() -> impl Iterator<Item = Self> {
        (0..=u8::try_from(STEMMED.len()).expect("a short table")).map(Self)
    }

    /// The scheme of a language.
    pub(crate) fn of(language: Language) -> Self {
        let code = match language.code() {
            "nb" | "nn" => "no",
            code => code,
        };
        let at = STEMMED.iter().position(|(known, ..)| *known == code);
        Self(at.map_or(0, |at| u8::try_from(at + 1).expect("a short table")))
    }

    /// Position in a table of [`Scheme::COUNT`].
    pub(crate) fn index(self) -> usize {
        usize::from(self.0)
    }

    /// Keys of a lower-case word: its stem as written and its stem without accents, so that accents may be left out on
    /// either side; both without accents themselves.
    pub(crate) fn stems(self, lower: &str) -> Keys {
        let mut keys = Keys::default();
        self.stems_into(lower, &mut keys);
        keys
    }

    fn stems_into(self, lower: &str, keys: &mut Keys) {
        let folded = fold(lower);
        let Some((_, algorithm, umlauts)) = self.0.checked_sub(1).map(|at| STEMMED[usize::from(at)]) else {
            keys.push(hash(Kind::Word, &folded));
            if let Some(long) = spelled_out(lower) {
                keys.push(hash(Kind::Word, &long));
            }
            return;
        };
        let mut push = |word: &str, stemmable: bool| {
            let stemmed = if stemmable { stem(algorithm, word) } else { Cow::Borrowed(word) };
            let plain = fold(&stemmed);
            let key = match umlauts {
                Umlauts::No => plain,
                umlauts => Cow::Owned(collapse_digraphs(&plain, umlauts == Umlauts::DoubleA).into_owned()),
            };
            keys.push(hash(Kind::Word, &key));
        };
        let stemmable = lower.len() <= LONGEST_STEMMED && lower.chars().all(char::is_alphabetic);
        push(lower, stemmable);
        if folded != lower {
            push(&folded, stemmable);
        }
        if umlauts == Umlauts::No
            && let Some(long) = spelled_out(lower)
        {
            push(&long, stemmable);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn meet(language: &str, a: &str, b: &str) -> bool {
        let scheme = Scheme::of(language.parse().expect("a code"));
        let b = scheme.stems(b);
        scheme.stems(a).as_slice().iter().any(|key| b.as_slice().contains(key))
    }

    #[test]
    fn a_short_word_has_the_same_key_by_its_bytes_and_is_its_own_stem_where_nothing_is_stemmed() {
        for word in ["", "a", "ab", "abc", "abcd", "abcde", "abcdef", "abcdefg"] {
            let bytes = word.bytes().rev().fold(0, |all, byte| all << 8 | u64::from(byte));
            let short = Short { bytes, length: word.len() };
            assert_eq!(short.exact(), exact(word), "{word}");
            assert_eq!(Scheme::PLAIN.stems(word).as_slice(), [exact(word)], "{word}");
        }
    }

    #[test]
    fn words_meet_by_stem_with_and_without_accents() {
        for (language, a, b, expected) in [
            ("fr", "activité", "activités", true),
            ("fr", "activite", "activités", true),
            ("fr", "hôpitaux", "hôpital", true),
            ("de", "müller", "mueller", true),
            ("en", "müller", "mueller", true),
            ("und", "müller", "muller", true),
            ("de", "häuser", "haus", true),
            ("en", "elections", "election", true),
            ("und", "elections", "election", false),
            ("da", "århus", "aarhus", true),
            ("fr", "maire", "maison", false),
        ] {
            assert_eq!(meet(language, a, b), expected, "{language}: {a} {b}");
        }
    }

    #[test]
    fn a_host_is_found_by_each_of_its_parents() {
        let keys: Vec<u64> = sites("eco.lemonde.fr").collect();
        assert_eq!(keys, [site("eco.lemonde.fr"), site("lemonde.fr"), site("fr")]);
    }

    #[test]
    fn a_prefix_is_among_the_beginnings_of_the_word() {
        let mut seen = Vec::new();
        beginnings("électricité", 1 << 5, |key| seen.push(key));
        assert_eq!(seen, prefix("élect").as_slice());
    }
}
