//! The stored form of an analysed article: a version, then words and positions as short numbers.
//! It does not compress; Postgres does.

use super::keys::{Keys, Scheme};
use super::{ANALYSER_VERSION, Analysed, Field, WordEntry, keys};
use crate::article::language::Language;

/// Why stored bytes cannot be read.
#[derive(Debug, thiserror::Error, PartialEq, Eq)]
pub enum AnalysedError {
    /// Written by another version of the analyser.
    #[error("analysed by version {0}, this is version {ANALYSER_VERSION}: analyse the article's text again")]
    Version(u8),
    /// Not such a form at all.
    #[error("the analysed form is damaged: analyse the article's text again")]
    Damaged,
}

impl Analysed {
    /// The form kept with the revision. Stems are stored only where they differ from the spelling's own key.
    pub fn to_bytes(&self) -> Vec<u8> {
        let mut out = vec![ANALYSER_VERSION];
        put_text(&mut out, self.language.code());
        put_text(&mut out, &self.site);
        for (start, end) in self.fields {
            put(&mut out, start);
            put(&mut out, end - start);
        }
        put(&mut out, u32::try_from(self.words.len()).expect("bounded by MOST_WORDS"));
        for word in 0..self.words.len() {
            put_text(&mut out, self.spelling(word));
            if self.stems(word).eq(Scheme::PLAIN.stems(self.spelling(word)).as_slice().iter().copied()) {
                out.push(0);
            } else {
                out.push(u8::try_from(self.stems(word).count()).expect("at most MOST_KEYS"));
                for stem in self.stems(word) {
                    out.extend_from_slice(&stem.to_le_bytes());
                }
            }
            let positions = self.positions(word);
            put(&mut out, u32::try_from(positions.len()).expect("bounded by MOST_WORDS"));
            let mut before = 0;
            for position in positions {
                put(&mut out, position - before);
                before = *position;
            }
        }
        out
    }

    /// Reads [`Analysed::to_bytes`] back.
    pub fn from_bytes(bytes: &[u8]) -> Result<Self, AnalysedError> {
        match bytes.split_first() {
            Some((&ANALYSER_VERSION, rest)) => Cursor(rest).analysed().ok_or(AnalysedError::Damaged),
            Some((&version, _)) => Err(AnalysedError::Version(version)),
            None => Err(AnalysedError::Damaged),
        }
    }
}

struct Cursor<'a>(&'a [u8]);

impl Cursor<'_> {
    fn analysed(mut self) -> Option<Analysed> {
        let language: Language = self.text()?.parse().ok()?;
        let site = self.text()?.to_owned();
        let mut fields = [(0, 0); Field::ALL.len()];
        for field in &mut fields {
            let start = self.number()?;
            *field = (start, start.checked_add(self.number()?)?);
        }
        let count = self.number()? as usize;
        // A word takes at least four bytes, so a damaged count cannot ask for more memory than the input has.
        let mut analysed = Analysed { language, site, fields, ..Analysed::default() };
        analysed.words.reserve(count.min(self.0.len() / 4));
        for _ in 0..count {
            let spelling = self.text()?;
            analysed.stems.push(0);
            analysed.set_stems(analysed.words.len(), &self.stems(spelling)?);
            analysed.exacts.push(keys::exact(spelling));
            let start = u32::try_from(analysed.spellings.len()).ok()?;
            analysed.spellings.push_str(spelling);
            let mut position = 0_u32;
            for _ in 0..self.number()? {
                position = position.checked_add(self.number()?)?;
                analysed.positions.push(position);
            }
            analysed.words.push(WordEntry {
                spelling: (start, u32::try_from(spelling.len()).ok()?),
                positions_end: u32::try_from(analysed.positions.len()).ok()?,
                fields: 0,
                spread: 0,
            });
        }
        analysed.mark_fields();
        self.0.is_empty().then_some(analysed)
    }

    fn stems(&mut self, spelling: &str) -> Option<Keys> {
        let (count, rest) = self.0.split_first()?;
        self.0 = rest;
        if *count == 0 {
            return Some(Scheme::PLAIN.stems(spelling));
        }
        let mut keys = Keys::default();
        for _ in 0..*count {
            let (key, rest) = self.0.split_first_chunk::<8>()?;
            keys.push(u64::from_le_bytes(*key));
            self.0 = rest;
        }
        Some(keys)
    }

    fn number(&mut self) -> Option<u32> {
        let mut number = 0_u32;
        for shift in [0, 7, 14, 21, 28] {
            let (byte, rest) = self.0.split_first()?;
            self.0 = rest;
            number |= u32::from(byte & 0x7f).checked_shl(shift)?;
            if byte & 0x80 == 0 {
                return Some(number);
            }
        }
        None
    }
}

impl<'a> Cursor<'a> {
    fn text(&mut self) -> Option<&'a str> {
        let length = self.number()? as usize;
        let (text, rest) = self.0.split_at_checked(length)?;
        self.0 = rest;
        str::from_utf8(text).ok()
    }
}

fn put(out: &mut Vec<u8>, mut number: u32) {
    while number >= 0x80 {
        out.push(u8::try_from(number & 0x7f).expect("seven bits") | 0x80);
        number >>= 7;
    }
    out.push(u8::try_from(number).expect("below 0x80"));
}

fn put_text(out: &mut Vec<u8>, text: &str) {
    put(out, u32::try_from(text.len()).expect("an article is far below 4 GB"));
    out.extend_from_slice(text.as_bytes());
}
