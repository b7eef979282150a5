//! Cuts text into words, numbers, symbols and runs of unspaced scripts, the same way for articles and for filters.
//! It does not stem and does not count positions.

use super::ascii::{HIGH, ascii_run, first_of, small_bytes};
use super::fold::{fold, is_accent, is_invisible, lower_into};
use super::keys::Short;

/// Words written with an apostrophe in front of another word, which is the one that matters: `l’inflation`.
const ELIDED: [&str; 22] = [
    "l", "d", "j", "m", "n", "s", "t", "c", "qu", "lorsqu", "puisqu", "quoiqu", "jusqu", "un", "dell", "all", "nell",
    "sull", "dall", "coll", "quell", "quest",
];

/// Signs that are words of their own.
pub(crate) const SYMBOLS: &str = "€$£¥¢₹₽₿₩₺%‰§°";

/// Bytes up to which points and separators hold a number or an abbreviation together: each looks back to the beginning, and a
/// hostile text may be one abbreviation of a megabyte.
const LONGEST_WITH_SIGNS: usize = 48;

/// What a unit is made of.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Kind {
    /// Letters and digits.
    Word,
    /// One sign such as `€`.
    Symbol,
    /// A run of a script without spaces; it is searched by overlapping pairs of characters.
    Unspaced,
}

/// One unit of text.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Unit<'a> {
    /// Lower case, accents kept.
    pub(crate) text: &'a str,
    /// Whether it is letters and digits of ASCII that stand in the text just so.
    pub(crate) plain: bool,
    pub(crate) kind: Kind,
    /// Whether it hangs on the unit before without a space (`porte-parole`, `lemonde.fr`, `5€`).
    pub(crate) glued: bool,
    /// Where it stands in the text, in bytes.
    pub(crate) start: usize,
    pub(crate) end: usize,
}

/// A word of small letters and digits of ASCII, fewer than eight.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Plain {
    /// The key of its spelling.
    pub(crate) exact: u64,
    /// Where it begins in the text, in bytes.
    pub(crate) at: usize,
    pub(crate) length: usize,
}

/// Characters of scripts that put no spaces between words.
pub(crate) fn is_unspaced(c: char) -> bool {
    matches!(c,
        '\u{e00}'..='\u{eff}' | '\u{1000}'..='\u{109f}' | '\u{1780}'..='\u{17ff}'
        | '\u{1100}'..='\u{11ff}' | '\u{2e80}'..='\u{9fff}' | '\u{a960}'..='\u{a97f}' | '\u{ac00}'..='\u{d7ff}'
        | '\u{f900}'..='\u{faff}' | '\u{ff66}'..='\u{ff9f}' | '\u{20000}'..='\u{3ffff}')
        && (c.is_alphanumeric() || ('\u{e00}'..='\u{eff}').contains(&c))
}

pub(crate) fn is_apostrophe(c: char) -> bool {
    matches!(c, '\'' | '’' | '‘' | 'ʼ' | '＇' | '`' | '´')
}

pub(crate) fn is_hyphen(c: char) -> bool {
    matches!(c, '-' | '\u{2010}' | '\u{2011}')
}

fn is_word(c: char) -> bool {
    if c.is_ascii() { c.is_ascii_alphanumeric() } else { (c.is_alphanumeric() || is_accent(c)) && !is_unspaced(c) }
}

/// What a byte can begin, for the way through plain text that looks at no character twice.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Class {
    /// Nothing: spaces and most signs.
    Gap,
    /// A word.
    Word,
    /// A word of its own.
    Symbol,
    /// A sign that may join two units.
    Joiner,
    /// Anything, told by the character that begins here.
    Wide,
}

const CLASSES: [Class; 256] = {
    let mut classes = [Class::Gap; 256];
    let mut byte = 0;
    while byte < 256 {
        #[expect(clippy::cast_possible_truncation, reason = "below 256")]
        let ascii = byte as u8;
        classes[byte] = match ascii {
            b'0'..=b'9' | b'A'..=b'Z' | b'a'..=b'z' => Class::Word,
            b'$' | b'%' => Class::Symbol,
            b'-' | b'.' | b'_' | b'+' | b'#' | b'\'' | b'`' => Class::Joiner,
            0x80..=0xff => Class::Wide,
            _ => Class::Gap,
        };
        byte += 1;
    }
    classes
};

fn class(bytes: &[u8], at: usize) -> Option<Class> {
    bytes.get(at).map(|byte| CLASSES[usize::from(*byte)])
}

/// Cuts a text from its beginning to its end. One pass, linear in the text.
pub(crate) struct Cutter<'t> {
    text: &'t str,
    bytes: &'t [u8],
    at: usize,
    /// End of the last unit when nothing but a joining sign follows it.
    joined_at: usize,
    lower: String,
}

/// Calls `found` for each unit of `text`, in order.
pub(crate) fn units(text: &str, mut found: impl FnMut(Unit<'_>)) {
    let mut cutter = Cutter::new(text);
    while let Some(unit) = cutter.next() {
        found(unit);
    }
}

impl<'t> Cutter<'t> {
    pub(crate) fn new(text: &'t str) -> Self {
        Self { text, bytes: text.as_bytes(), at: 0, joined_at: usize::MAX, lower: String::new() }
    }

    /// Fills `words` with those that begin here and follow each other as most words do: short, of small letters and digits, each
    /// with one space behind it. Gives their number; the next unit is then what follows.
    pub(crate) fn plain_words(&mut self, words: &mut [Plain]) -> usize {
        if self.joined_at == self.at {
            return 0;
        }
        let (mut at, mut count) = (self.at, 0);
        for plain in words {
            let Some(chunk) = self.bytes.get(at..).and_then(|rest| rest.first_chunk::<8>()) else { break };
            let chunk = u64::from_le_bytes(*chunk);
            // The way to the next word leads through the spaces alone, as short as can be: the words wait for it one after the other.
            let space = first_of(chunk, b' ');
            let bits = space.trailing_zeros() / 8 * 8;
            let below = (1 << (bits % 64)) - 1;
            if bits == 0 || space == 0 || !small_bytes(chunk) & HIGH & below != 0 {
                break;
            }
            let length = (bits / 8) as usize;
            *plain = Plain { exact: Short { bytes: chunk & below, length }.exact(), at, length };
            at += length + 1;
            count += 1;
        }
        if at > self.at {
            (self.at, self.joined_at) = (at, at - 1);
        }
        count
    }

    /// The next unit.
    pub(crate) fn next(&mut self) -> Option<Unit<'_>> {
        loop {
            let start = self.at;
            match class(self.bytes, start)? {
                Class::Gap => self.at += 1,
                Class::Joiner => {
                    self.at += 1;
                    if self.joined_at == start {
                        self.joined_at = self.at;
                    }
                }
                Class::Word if let Some((end, capitals)) = plain_end(self.bytes, start) => {
                    if capitals {
                        lower_into(&self.text[start..end], &mut self.lower);
                    }
                    return Some(self.unit(start, end, Kind::Word, !capitals));
                }
                Class::Word | Class::Symbol | Class::Wide => match wide_unit(self.text, start, &mut self.lower) {
                    Some((_, end)) if self.lower.is_empty() => (self.at, self.joined_at) = (end, end),
                    Some((kind, end)) => return Some(self.unit(start, end, kind, false)),
                    None => {
                        let sign = self.text[start..].chars().next().unwrap_or(' ');
                        self.at += sign.len_utf8();
                        if self.joined_at == start && (is_hyphen(sign) || is_apostrophe(sign)) {
                            self.joined_at = self.at;
                        }
                    }
                },
            }
        }
    }

    fn unit(&mut self, start: usize, end: usize, kind: Kind, plain: bool) -> Unit<'_> {
        let glued = self.joined_at == start;
        (self.at, self.joined_at) = (end, end);
        if self.bytes.get(end) == Some(&b' ') {
            self.at += 1;
        }
        let text = if plain { &self.text[start..end] } else { self.lower.as_str() };
        Unit { text, plain, kind, glued, start, end }
    }
}

/// End of the word of plain letters and digits that begins at `start`, and whether there are capitals in it; None where
/// something behind it may belong to it.
fn plain_end(bytes: &[u8], start: usize) -> Option<(usize, bool)> {
    let (length, capitals) = ascii_run(&bytes[start..]);
    let end = start + length;
    let ends = match bytes.get(end) {
        None => true,
        Some(b'+' | b'#') => false,
        // A sign inside a word has a word on both sides.
        Some(b'&' | b',' | b'.' | b'\'' | b'`') => !matches!(class(bytes, end + 1), Some(Class::Word | Class::Wide)),
        Some(byte) => byte.is_ascii(),
    };
    ends.then_some((end, capitals))
}

/// The unit that begins at `start` in any script, its spelling written to `lower`; None for a sign.
fn wide_unit(text: &str, start: usize, lower: &mut String) -> Option<(Kind, usize)> {
    let c = text[start..].chars().next()?;
    if is_word(c) && !is_accent(c) {
        let end = word_end(text, start);
        write_word(&text[start..end], lower);
        Some((Kind::Word, end))
    } else if is_unspaced(c) {
        let end = start + run(&text[start..], |c| is_unspaced(c) || is_invisible(c));
        lower_into(&text[start..end], lower);
        lower.retain(is_unspaced);
        Some((Kind::Unspaced, end))
    } else if SYMBOLS.contains(c) {
        lower.clear();
        lower.push(c);
        Some((Kind::Symbol, start + c.len_utf8()))
    } else {
        None
    }
}

/// Bytes of the run at the beginning whose characters all pass.
fn run(text: &str, pass: impl Fn(char) -> bool) -> usize {
    text.find(|c| !pass(c)).unwrap_or(text.len())
}

/// Where the word that begins at `start` ends, signs inside it included (`l’eau`, `AT&T`, `1 000`, `U.S.`, `C++`).
fn word_end(text: &str, start: usize) -> usize {
    let mut at = start;
    loop {
        at += ascii_run(&text.as_bytes()[at..]).0;
        at += run(&text[at..], |c| is_word(c) || is_invisible(c));
        let mut rest = text[at..].chars();
        let (Some(sign), next) = (rest.next(), rest.next()) else { return at };
        let goes_on = match next {
            Some(next) if is_word(next) => inner_sign(text, start, at, sign),
            _ => false,
        };
        if !goes_on {
            return at + tail(&text[start..at], &text[at..]);
        }
        at += sign.len_utf8();
    }
}

/// Whether `sign`, between two word characters, is part of the word.
fn inner_sign(text: &str, start: usize, at: usize, sign: char) -> bool {
    let numeric = matches!(sign, ',' | '.' | '\u{a0}' | '\u{202f}' | '\u{2009}');
    if numeric && at - start > LONGEST_WITH_SIGNS {
        return false;
    }
    let before = text[start..at].chars().next_back().unwrap_or(' ');
    let rest = &text[at + sign.len_utf8()..];
    match sign {
        '&' => true,
        sign if is_apostrophe(sign) => true,
        ',' | '.' | '\u{a0}' | '\u{202f}' | '\u{2009}' if before.is_ascii_digit() => {
            let digits = rest.bytes().take_while(u8::is_ascii_digit).count();
            let grouped = text[start..at].bytes().rev().take_while(u8::is_ascii_digit).count() <= 3;
            let ends = !rest[digits..].starts_with(is_word);
            let again = rest[digits..].starts_with(['.', ',']) && rest[digits + 1..].starts_with(is_word);
            let before = &text[..start];
            let dated =
                before.strip_suffix(['.', ',']).is_some_and(|rest| rest.ends_with(|c: char| c.is_ascii_digit()));
            let decimal = matches!(sign, ',' | '.') && !dated && !text[start..at].contains(['.', ',']);
            digits > 0 && ((grouped && digits == 3 && ends) || (decimal && !again))
        }
        // Single letters with points between them: U.S., s.n.c.f.
        '.' => {
            let single = text[start..at].rsplit('.').next().is_some_and(|last| last.chars().count() == 1);
            let all = text[start..at].split('.').all(|part| part.chars().count() == 1);
            let mut rest = rest.chars();
            let letter = rest.next().is_some_and(char::is_alphabetic);
            single && all && before.is_alphabetic() && letter && !rest.next().is_some_and(is_word)
        }
        _ => false,
    }
}

/// Length of the signs that belong to the end of a word: `C++`, `C#`, `Canal+`.
fn tail(word: &str, rest: &str) -> usize {
    let length = if rest.starts_with("++") {
        2
    } else if rest.starts_with('+') || (rest.starts_with('#') && word.len() <= 2) {
        1
    } else {
        return 0;
    };
    let open = rest[length..].starts_with(|c: char| is_word(c) || is_unspaced(c) || matches!(c, '+' | '#'));
    if open || !word.ends_with(char::is_alphabetic) { 0 } else { length }
}

/// The spelling under which a raw word is kept: lower case, elision and possessive gone, digits without separators.
fn write_word(raw: &str, lower: &mut String) {
    lower_into(raw, lower);
    if raw.is_ascii() && raw.bytes().all(|b| b.is_ascii_alphanumeric()) {
        return;
    }
    if lower.contains(is_apostrophe) {
        let word = without_apostrophes(lower);
        *lower = word;
    }
    if lower.contains(['.', ',', '\u{a0}', '\u{202f}', '\u{2009}', ' ']) {
        let word = without_separators(lower);
        *lower = word;
    }
    lower.retain(|c| is_word(c) || matches!(c, '&' | '+' | '#' | '.'));
}

fn without_apostrophes(lower: &str) -> String {
    let mut parts: Vec<&str> = lower.split(is_apostrophe).collect();
    let vowel = |part: &str| fold(part).starts_with(['a', 'e', 'i', 'o', 'u', 'y', 'h']);
    if parts.len() > 1 && ELIDED.contains(&parts[0]) && (parts[0].len() > 1 || vowel(parts[1])) && parts[1].len() > 1 {
        parts.remove(0);
    }
    if parts.len() > 1 && parts[parts.len() - 1] == "s" {
        parts.pop();
    }
    parts.concat()
}

/// `1 000`, `1,000` and `1.000` are `1000`; `3,5` is `3.5`; `u.s` is `us`.
fn without_separators(lower: &str) -> String {
    let mut out = String::with_capacity(lower.len());
    let mut rest = lower;
    while let Some(at) = rest.find(['.', ',', '\u{a0}', '\u{202f}', '\u{2009}', ' ']) {
        out.push_str(&rest[..at]);
        let sign = rest[at..].chars().next().unwrap_or('.');
        rest = &rest[at + sign.len_utf8()..];
        let digits = rest.bytes().take_while(u8::is_ascii_digit).count();
        if digits != 3 && digits > 0 || (digits == 3 && rest[3..].starts_with(is_word)) {
            out.push('.');
        }
    }
    out + rest
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn cut(text: &str) -> String {
        let mut out = String::new();
        units(text, |unit| {
            if !out.is_empty() {
                out.push(if unit.glued { '~' } else { ' ' });
            }
            out.push_str(unit.text);
        });
        out
    }

    #[test]
    fn one_long_abbreviation_or_number_takes_no_longer_than_its_length_allows() {
        for piece in ["U.S.", "1\u{a0}000\u{a0}", "1,", "a&", "l’"] {
            let mut count = 0;
            // A hundred thousand pieces that looked back to the beginning would take minutes.
            units(&piece.repeat(100_000), |_| count += 1);
            assert!(count > 0, "{piece}");
        }
    }

    proptest! {
        #[test]
        fn words_read_in_one_go_are_those_that_are_cut_one_by_one(text in "([a-zA-Z0-9]{1,9}|[ ,.+'é-]| ){0,40}") {
            let mut one_by_one = Vec::new();
            units(&text, |unit| one_by_one.push((unit.start, unit.text.to_owned(), unit.glued)));
            let (mut cutter, mut found) = (Cutter::new(&text), Vec::new());
            loop {
                let mut words = [Plain::default(); 3];
                let count = cutter.plain_words(&mut words);
                for Plain { exact, at, length } in &words[..count] {
                    let word = &text[*at..at + length];
                    assert_eq!(*exact, crate::topic::analyze::keys::exact(word), "{text}");
                    found.push((*at, word.to_owned(), false));
                }
                let Some(unit) = cutter.next() else { break };
                found.push((unit.start, unit.text.to_owned(), unit.glued));
            }
            prop_assert_eq!(found, one_by_one);
        }
    }

    #[test]
    fn text_is_cut_as_a_reader_sees_words() {
        for (text, expected) in [
            ("L’inflation en France", "inflation en france"),
            ("aujourd'hui, c’est l'Oréal", "aujourdhui est oréal"),
            ("Macron's plan, don't", "macron plan dont"),
            ("N'Golo et M'Bappé", "ngolo et mbappé"),
            ("rock'n'roll dell'acqua", "rocknroll acqua"),
            ("le porte-parole (lemonde.fr)", "le porte~parole lemonde~fr"),
            ("5G, C++ et C#; Canal+ AT&T", "5g c++ et c# canal+ at&t"),
            ("5 €, 5€ et 50 %", "5 € 5~€ et 50 %"),
            ("1 000, 1\u{a0}000, 1,000 et 1.000", "1 000 1000 1000 et 1000"),
            ("3,5 puis 3.5 ou 12.05.2024", "3.5 puis 3.5 ou 12~05~2024"),
            ("12,345.678", "12345678"),
            ("the U.S. and the E.U., J.K. Rowling", "the us and the eu jk rowling"),
            ("fin.Le début", "fin~le début"),
            ("Straße, cœur, Ærø, ISI", "straße cœur ærø isi"),
            ("東京タワー is in 東京", "東京タワー is in 東京"),
            ("iPhone15発売", "iphone15~発売"),
            ("#climat @macron", "climat macron"),
            ("co\u{ad}opération", "coopération"),
            ("Covid-19 F-16 et/ou", "covid~19 f~16 et ou"),
            ("--- ... !!!", ""),
            ("e\u{301}nergie", "énergie"),
        ] {
            assert_eq!(cut(text), expected, "{text}");
        }
    }
}
