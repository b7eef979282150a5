//! Words that stand in every article and are passed over in a filter, in six languages.
//! Words that also mean something in a neighbouring language (war, die, or, son, car, est, man) are left out on purpose.

/// Lower case, accents as written, in byte order for the binary search. One list serves all: a filter has no language.
const STOP_WORDS: [&str; 168] = [
    "a", "aan", "about", "al", "als", "and", "are", "at", "au", "auch", "auf", "aus", "aux", "avait", "avec", "be",
    "been", "bei", "bij", "but", "by", "ce", "ces", "cet", "cette", "che", "como", "con", "da", "dai", "dal", "dalla",
    "dans", "das", "dass", "de", "del", "della", "delle", "dello", "dem", "den", "der", "des", "deze", "di", "dont",
    "door", "du", "e", "een", "ein", "eine", "einem", "einen", "einer", "eines", "el", "en", "er", "es", "et", "for",
    "from", "für", "gli", "has", "have", "he", "her", "het", "his", "i", "ihr", "il", "im", "in", "into", "is", "ist",
    "it", "its", "la", "las", "le", "les", "leur", "leurs", "lo", "los", "maar", "mais", "met", "mit", "naar", "ne",
    "nei", "nel", "nella", "nicht", "niet", "nog", "o", "oder", "of", "om", "on", "ook", "ou", "our", "où", "par",
    "para", "per", "pero", "por", "pour", "qu", "que", "qui", "se", "ses", "she", "sich", "sie", "sind", "sont", "su",
    "sul", "sulla", "sus", "te", "than", "that", "the", "their", "then", "these", "they", "this", "those", "to", "tot",
    "um", "un", "una", "und", "une", "van", "vom", "von", "voor", "vor", "we", "were", "wird", "with", "would", "y",
    "you", "your", "zijn", "zu", "zum", "zur", "à", "è", "über",
];

/// Whether a lower-case word is passed over.
pub(crate) fn is_stop_word(lower: &str) -> bool {
    STOP_WORDS.binary_search(&lower).is_ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_list_is_in_order() {
        assert!(STOP_WORDS.is_sorted());
    }

    #[test]
    fn words_that_mean_something_elsewhere_are_kept() {
        for word in ["war", "die", "or", "son", "car", "est", "été", "who", "us", "man", "maïs", "china"] {
            assert!(!is_stop_word(word), "{word}");
        }
        for word in ["the", "le", "der", "het", "di", "los", "où"] {
            assert!(is_stop_word(word), "{word}");
        }
    }
}
