//! Makes spellings of one word equal: case, accents, ligatures, umlauts written out.
//! It does not cut text into words and does not stem.

use std::borrow::Cow;

use unicode_normalization::UnicodeNormalization;

/// Lower case in composed form (NFKC), accents kept; the spelling that `=word` compares.
pub(crate) fn lower_into(raw: &str, out: &mut String) {
    out.clear();
    if raw.is_ascii() {
        out.push_str(raw);
        out.make_ascii_lowercase();
    } else if raw.chars().all(|c| c.is_ascii() || is_composed_latin(c)) {
        out.extend(raw.chars().flat_map(char::to_lowercase));
    } else {
        out.extend(raw.nfkc().flat_map(char::to_lowercase).nfkc().filter(|c| !is_invisible(*c)));
    }
}

/// Latin letters with an accent that NFKC leaves as they are, and that have one lower case: most of what is not ASCII in
/// European text, for which the tables of Unicode are a slow way.
fn is_composed_latin(c: char) -> bool {
    matches!(c, 'À'..='Ö' | 'Ø'..='ö' | 'ø'..='į' | 'ı' | 'Ĵ'..='ľ' | 'Ł'..='ň' | 'Ŋ'..='ž')
}

/// The letter below the accent of a [`is_composed_latin`] letter; None for letters that Unicode does not take apart.
fn below_accent(c: char) -> Option<char> {
    Some(match c {
        'à'..='å' | 'ā' | 'ă' | 'ą' => 'a',
        'ç' | 'ć' | 'ĉ' | 'ċ' | 'č' => 'c',
        'ď' => 'd',
        'è'..='ë' | 'ē' | 'ĕ' | 'ė' | 'ę' | 'ě' => 'e',
        'ĝ' | 'ğ' | 'ġ' | 'ģ' => 'g',
        'ĥ' => 'h',
        'ì'..='ï' | 'ĩ' | 'ī' | 'ĭ' | 'į' => 'i',
        'ĵ' => 'j',
        'ķ' => 'k',
        'ĺ' | 'ļ' | 'ľ' => 'l',
        'ñ' | 'ń' | 'ņ' | 'ň' => 'n',
        'ò'..='ö' | 'ō' | 'ŏ' | 'ő' => 'o',
        'ŕ' | 'ŗ' | 'ř' => 'r',
        'ś' | 'ŝ' | 'ş' | 'š' => 's',
        'ţ' | 'ť' => 't',
        'ù'..='ü' | 'ũ' | 'ū' | 'ŭ' | 'ů' | 'ű' | 'ų' => 'u',
        'ŵ' => 'w',
        'ý' | 'ÿ' | 'ŷ' => 'y',
        'ź' | 'ż' | 'ž' => 'z',
        _ => return None,
    })
}

/// Soft hyphens, joiners and direction marks: in the text for layout, not for meaning.
pub(crate) fn is_invisible(c: char) -> bool {
    matches!(c, '\u{ad}' | '\u{200b}'..='\u{200f}' | '\u{2060}' | '\u{feff}' | '\u{640}')
}

/// Accents that do not make another word: Latin, Greek, Cyrillic, Hebrew and Arabic marks, not the vowel signs of Indic
/// scripts.
pub(crate) fn is_accent(c: char) -> bool {
    matches!(c, '\u{300}'..='\u{36f}' | '\u{591}'..='\u{5c7}' | '\u{64b}'..='\u{65f}' | '\u{670}')
}

/// The spelling without accents, ligatures taken apart: `œuvre` is `oeuvre`, `straße` is `strasse`, `ısı` is `isi`.
pub(crate) fn fold(lower: &str) -> Cow<'_, str> {
    if lower.is_ascii() {
        return Cow::Borrowed(lower);
    }
    let mut out = String::with_capacity(lower.len());
    if lower.chars().all(|c| c.is_ascii() || is_composed_latin(c)) {
        for c in lower.chars() {
            push_plain(below_accent(c).unwrap_or(c), &mut out);
        }
    } else {
        for c in lower.nfd().filter(|c| !is_accent(*c)) {
            push_plain(c, &mut out);
        }
    }
    Cow::Owned(out)
}

/// The spelling of people without those keys: `müller` is `mueller`, `århus` is `aarhus`. None where there is none.
pub(crate) fn spelled_out(lower: &str) -> Option<String> {
    if lower.is_ascii() || !lower.contains(['ä', 'ö', 'ü', 'å', 'ø']) {
        return None;
    }
    let mut out = String::with_capacity(lower.len() + 4);
    for c in lower.chars() {
        match c {
            'ä' => out.push_str("ae"),
            'ö' | 'ø' => out.push_str("oe"),
            'ü' => out.push_str("ue"),
            'å' => out.push_str("aa"),
            c => out.push(c),
        }
    }
    Some(fold(&out).into_owned())
}

/// For languages that write umlauts in two ways: `mueller` and `muller` become one key. `ue` stays after `a`, `e` and
/// `q` (`bauer`, `neue`, `quelle`), as in Snowball's german2.
pub(crate) fn collapse_digraphs(folded: &str, double_a: bool) -> Cow<'_, str> {
    let bytes = folded.as_bytes();
    if !bytes.windows(2).any(|w| matches!(w, b"ae" | b"oe" | b"ue") || (double_a && w == b"aa")) {
        return Cow::Borrowed(folded);
    }
    let mut out = String::with_capacity(folded.len());
    let mut before = ' ';
    let mut chars = folded.chars().peekable();
    while let Some(c) = chars.next() {
        out.push(c);
        let drops = match (c, chars.peek()) {
            ('a' | 'o', Some('e')) => true,
            ('a', Some('a')) => double_a,
            ('u', Some('e')) => !matches!(before, 'a' | 'e' | 'q'),
            _ => false,
        };
        if drops {
            chars.next();
        }
        before = c;
    }
    Cow::Owned(out)
}

fn push_plain(c: char, out: &mut String) {
    match c {
        'ß' => out.push_str("ss"),
        'œ' => out.push_str("oe"),
        'æ' => out.push_str("ae"),
        'þ' => out.push_str("th"),
        'ø' => out.push('o'),
        'ı' => out.push('i'),
        'ł' => out.push('l'),
        'đ' | 'ð' => out.push('d'),
        'ħ' => out.push('h'),
        'ŧ' => out.push('t'),
        'ŋ' => out.push('n'),
        'ς' => out.push('σ'),
        c => out.push(c),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn spellings_of_one_word_fold_to_one() {
        for (a, b) in [
            ("ÉNERGIE", "energie"),
            ("Straße", "strasse"),
            ("Cœur", "coeur"),
            ("Ærø", "aero"),
            ("ISI", "isi"),
            ("ısı", "isi"),
            ("İstanbul", "istanbul"),
            ("Łódź", "lodz"),
            ("co\u{ad}opé\u{ad}ration", "cooperation"),
            ("ｉＰｈｏｎｅ", "iphone"),
        ] {
            let mut lower = String::new();
            lower_into(a, &mut lower);
            assert_eq!(fold(&lower), b, "{a}");
        }
    }

    #[test]
    fn latin_letters_take_the_short_way_to_the_same_spelling() {
        let all = ('\u{80}'..='\u{24f}').filter(|c| is_composed_latin(*c));
        assert!(all.clone().count() > 150);
        for c in all {
            let raw = format!("x{c}z");
            let lower: String = raw.nfkc().flat_map(char::to_lowercase).nfkc().collect();
            let plain = lower.nfd().filter(|c| !is_accent(*c)).fold(String::new(), |mut plain, c| {
                push_plain(c, &mut plain);
                plain
            });
            let mut short = String::new();
            lower_into(&raw, &mut short);
            assert_eq!(short, lower, "{c}");
            assert_eq!(fold(&short), plain, "{c}");
        }
    }

    #[test]
    fn written_out_umlauts_collapse_but_diphthongs_stay() {
        for (a, b) in [("mueller", "muller"), ("bauer", "bauer"), ("neue", "neue"), ("quelle", "quelle")] {
            assert_eq!(collapse_digraphs(a, false), b, "{a}");
        }
        assert_eq!(collapse_digraphs("aarhus", true), "arhus");
        assert_eq!(spelled_out("århus").as_deref(), Some("aarhus"));
    }
}
