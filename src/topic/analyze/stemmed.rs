//! Remembers the keys of words that a thread has stemmed: a language has few words that make up most of its texts.
//! It does not stem; `keys` does.

use std::cell::RefCell;

use super::keys::{Keys, Scheme};

/// Words remembered on each thread that analyses or evaluates, in two thirds of a megabyte: most of what a language says every day.
const WORDS: usize = 16_384;

/// A word by the key of its spelling, and its keys in a language.
#[derive(Clone, Copy, Default)]
struct Stemmed {
    exact: u64,
    scheme: Scheme,
    keys: Keys,
}

thread_local! {
    static STEMMED: RefCell<Vec<Stemmed>> = const { RefCell::new(Vec::new()) };
}

/// The keys of a word whose spelling has the key `exact`, as [`Scheme::stems`] gives them.
pub(crate) fn stems(scheme: Scheme, exact: u64, lower: &str) -> Keys {
    STEMMED.with_borrow_mut(|words| {
        if words.is_empty() {
            words.resize(WORDS, Stemmed::default());
        }
        #[expect(clippy::cast_possible_truncation, reason = "the lower bits are what is wanted")]
        let word = &mut words[exact as usize % WORDS];
        if (word.exact, word.scheme) != (exact, scheme) || word.keys.as_slice().is_empty() {
            *word = Stemmed { exact, scheme, keys: scheme.stems(lower) };
        }
        word.keys
    })
}

#[cfg(test)]
mod tests {
    use super::super::keys;
    use super::*;

    #[test]
    fn what_is_remembered_is_what_stemming_gives() {
        let spellings = ["running", "häuser", "prices", "énergies", "mueller", "nation", "a"].map(str::to_owned);
        let many = (0..20_000).map(|n| format!("wort{n}en"));
        for word in spellings.into_iter().chain(many) {
            for language in ["en", "de", "fr", "en"] {
                let scheme = Scheme::of(language.parse().expect("a code"));
                assert_eq!(stems(scheme, keys::exact(&word), &word), scheme.stems(&word), "{word} {language}");
            }
        }
    }
}
