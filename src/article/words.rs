//! Words as they are compared: folded to lower case without accents, cut to a stem-like prefix, hashed.
//! It does not analyse filters; that is `topic`.

use unicode_normalization::{UnicodeNormalization, char::decompose_canonical};
use unicode_segmentation::UnicodeSegmentation;

/// Letters of a word that count when two sentences are compared: inflections of most European languages sit behind them.
const STEM_LETTERS: usize = 6;

/// One word, compared by its folded prefix.
pub(super) type Term = u64;

/// A text with what all its judges ask for.
pub(super) struct Line<'t> {
    pub(super) text: &'t str,
    /// [`fold`]ed.
    pub(super) folded: String,
    /// Its [`count`].
    pub(super) words: usize,
}

impl<'t> Line<'t> {
    pub(super) fn of(text: &'t str) -> Self {
        Self { text, folded: fold(text), words: count(text) }
    }
}

/// Lower case, without accents, with plain apostrophes and single plain spaces: what phrases are compared by.
pub(super) fn fold(text: &str) -> String {
    // Most of what is read; the tables of Unicode would take ten times as long over it.
    if text.is_ascii() {
        return fold_ascii(text);
    }
    let mut folded = String::with_capacity(text.len());
    if text.chars().all(stands_apart) {
        for c in text.chars() {
            if c.is_ascii() {
                push_folded(&mut folded, c.to_ascii_lowercase());
            } else {
                let parts = |part: char| part.to_lowercase().for_each(|c| push_folded(&mut folded, c));
                with_parts(c, parts);
            }
        }
    } else {
        let blind = text.nfd().filter(|c| !is_accent(*c)).nfc();
        blind.flat_map(char::to_lowercase).for_each(|c| push_folded(&mut folded, c));
    }
    let end = folded.trim_end().len();
    folded.truncate(end);
    folded
}

fn fold_ascii(text: &str) -> String {
    let bytes = text.as_bytes();
    // In two passes without a way out, so that many bytes are looked at in one step.
    let broken = bytes.iter().fold(false, |broken, b| broken | matches!(b, b'\t'..=b'\r'));
    let gaps = bytes.iter().zip(bytes.iter().skip(1)).map(|pair| pair == (&b' ', &b' '));
    let ragged = broken || gaps.fold(false, |ragged, gap| ragged | gap);
    if !ragged {
        return text.strip_suffix(' ').unwrap_or(text).to_ascii_lowercase();
    }
    let mut folded = String::with_capacity(text.len());
    text.chars().for_each(|c| push_folded(&mut folded, c.to_ascii_lowercase()));
    let end = folded.trim_end().len();
    folded.truncate(end);
    folded
}

/// Accents of the European scripts only: in others such marks make another letter.
fn is_accent(c: char) -> bool {
    matches!(c, '\u{300}'..='\u{36f}')
}

/// Whether a character folds alike whatever stands beside it: it is no accent, and what is left of it without its accents
/// joins nothing. Latin letters and the marks of typography.
fn stands_apart(c: char) -> bool {
    matches!(c, '\0'..='\u{2ff}' | '\u{2000}'..='\u{206f}' | '€')
}

/// The parts of a character, accents aside.
fn with_parts(c: char, mut each: impl FnMut(char)) {
    decompose_canonical(c, |part| {
        if !is_accent(part) {
            each(part);
        }
    });
}

fn push_folded(folded: &mut String, c: char) {
    match c {
        '’' | '‘' | 'ʼ' => folded.push('\''),
        '\u{200b}' | '\u{ad}' | '\u{feff}' | '\u{2060}' => {}
        'ß' => folded.push_str("ss"),
        'œ' => folded.push_str("oe"),
        'æ' => folded.push_str("ae"),
        'ø' => folded.push('o'),
        'ł' => folded.push('l'),
        'ı' => folded.push('i'),
        'đ' | 'ð' => folded.push('d'),
        c if c.is_whitespace() => {
            if !folded.ends_with(' ') {
                folded.push(' ');
            }
        }
        c => folded.push(c),
    }
}

/// The content words of a text: no stop words (words of up to three letters), figures kept.
pub(super) fn terms(text: &str) -> Vec<Term> {
    terms_of(&fold(text)).collect()
}

/// The content words of a folded text.
pub(super) fn terms_of(folded: &str) -> impl Iterator<Item = Term> {
    folded.unicode_words().filter_map(|word| {
        // "l'accord": the article is not part of the word.
        let word = word.rsplit('\'').next().unwrap_or(word);
        let wide = word.chars().next().is_some_and(|c| !c.is_ascii() && !c.is_lowercase() && c.is_alphabetic());
        let long = || word.chars().nth(3).is_some();
        let figure = || word.bytes().any(|b| b.is_ascii_digit());
        let stem = || word.char_indices().nth(STEM_LETTERS).map_or(word, |(end, _)| &word[..end]);
        (wide || long() || figure()).then(|| hash(stem()))
    })
}

/// Words of any kind, for lengths.
pub(super) fn count(text: &str) -> usize {
    if text.is_ascii() {
        let (mut words, mut said) = (0, 0);
        for byte in text.bytes() {
            let kind = KINDS[usize::from(byte)];
            words += usize::from(kind & said & SPACE);
            // Bit SPACE of `said`: the word so far has a letter or a digit.
            said = (kind >> 1 | said) & !kind & SPACE;
        }
        return words + usize::from(said);
    }
    let spaced = text.split_whitespace().filter(|w| w.chars().any(char::is_alphanumeric)).count();
    let wide = text.chars().filter(|c| matches!(*c as u32, 0x3040..=0x30ff | 0x3400..=0x9fff)).count();
    // Japanese and Chinese write no spaces; about two characters make a word.
    spaced.max(wide / 2)
}

const SPACE: u8 = 1;
const LETTER: u8 = 2;

/// What each byte of ASCII is.
const KINDS: [u8; 256] = {
    let mut kinds = [0; 256];
    let mut byte = 0_u8;
    while byte < 128 {
        kinds[byte as usize] = match byte {
            b'\t'..=b'\r' | b' ' => SPACE,
            b'0'..=b'9' | b'A'..=b'Z' | b'a'..=b'z' => LETTER,
            _ => 0,
        };
        byte += 1;
    }
    kinds
};

/// FNV-1a with a final mix (splitmix64): the same on every machine and in every version, because it is stored.
pub(super) fn hash(value: &str) -> u64 {
    hash_bytes(value.bytes())
}

/// The same of bytes that stand nowhere together.
pub(super) fn hash_bytes(bytes: impl Iterator<Item = u8>) -> u64 {
    mix(bytes.fold(0xcbf2_9ce4_8422_2325_u64, |h, b| (h ^ u64::from(b)).wrapping_mul(0x0100_0000_01b3)))
}

/// The finaliser of splitmix64 (Steele, Lea, Flood 2014).
pub(super) fn mix(value: u64) -> u64 {
    let value = (value ^ (value >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    let value = (value ^ (value >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    value ^ (value >> 31)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn folding_blinds_to_accents_case_and_typography() {
        assert_eq!(fold("À  Retenir\u{a0}: l’Été\n"), "a retenir : l'ete");
        assert_eq!(terms("l'accord"), terms("Accords"));
        assert_eq!(count("東京で大雨が降った"), 4);
    }
}
