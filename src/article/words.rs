//! Words as they are compared: folded to lower case without accents, cut to a stem-like prefix, hashed.
//! It does not analyse filters; that is `topic`.

use unicode_normalization::UnicodeNormalization;
use unicode_segmentation::UnicodeSegmentation;

/// Letters of a word that count when two sentences are compared: inflections of most European languages sit behind them.
const STEM_LETTERS: usize = 6;

/// One word, compared by its folded prefix.
pub(super) type Term = u64;

/// Lower case, without accents, with plain apostrophes and single plain spaces: what phrases are compared by.
pub(super) fn fold(text: &str) -> String {
    let mut folded = String::with_capacity(text.len());
    if text.is_ascii() {
        // Most of what is read; the tables of Unicode would take ten times as long over it.
        text.chars().for_each(|c| push_folded(&mut folded, c.to_ascii_lowercase()));
    } else {
        // Accents of the European scripts only: in others such marks make another letter.
        let blind = text.nfd().filter(|c| !matches!(c, '\u{300}'..='\u{36f}')).nfc();
        blind.flat_map(char::to_lowercase).for_each(|c| push_folded(&mut folded, c));
    }
    let end = folded.trim_end().len();
    folded.truncate(end);
    folded
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
    let folded = fold(text);
    let mut terms = Vec::new();
    for word in folded.unicode_words() {
        // "l'accord": the article is not part of the word.
        let word = word.rsplit('\'').next().unwrap_or(word);
        let wide = word.chars().next().is_some_and(|c| !c.is_ascii() && !c.is_lowercase() && c.is_alphabetic());
        let figure = word.chars().any(|c| c.is_ascii_digit());
        if wide || figure || word.chars().count() > 3 {
            terms.push(hash(&word.chars().take(STEM_LETTERS).collect::<String>()));
        }
    }
    terms
}

/// Words of any kind, for lengths.
pub(super) fn count(text: &str) -> usize {
    let spaced = text.split_whitespace().filter(|w| w.chars().any(char::is_alphanumeric)).count();
    let wide = text.chars().filter(|c| matches!(*c as u32, 0x3040..=0x30ff | 0x3400..=0x9fff)).count();
    // Japanese and Chinese write no spaces; about two characters make a word.
    spaced.max(wide / 2)
}

/// FNV-1a with a final mix (splitmix64): the same on every machine and in every version, because it is stored.
pub(super) fn hash(value: &str) -> u64 {
    let fnv = value.bytes().fold(0xcbf2_9ce4_8422_2325_u64, |h, b| (h ^ u64::from(b)).wrapping_mul(0x0100_0000_01b3));
    mix(fnv)
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
