//! Reads the texts of one article into its distinct words and their positions.
//! It does not cut text into units (`units`) and does not make keys (`keys`).

use std::ops::Range;

use super::keys::{self, Scheme};
use super::known::{Known, Unknown};
use super::stemmed;
use super::units::{Cutter, Kind, Plain, Unit};
use super::{Analysed, FIELD_GAP, Field, MOST_JOINED, MOST_WORDS, PARAGRAPH_GAP, WordEntry, number};
use crate::article::language::Language;

/// Words that are cut before they are looked up: few enough to stay in the nearest cache.
const PLAIN_AT_ONCE: usize = 64;

/// Collects the words of one article.
pub(super) struct Reader {
    scheme: Scheme,
    known: Known,
    /// What is known so far: the texts in lower case as spellings, and how often a word stands instead of the end of its positions.
    read: Analysed,
    /// Spellings that are no part of the texts.
    apart: String,
    /// How much of them words have keys of.
    learned_apart: usize,
    /// (word, position) in the order of the text.
    found: Vec<(u32, u32)>,
    /// Whether a word was found after one that stands behind it.
    found_late: bool,
    position: u32,
    field: Option<Field>,
    /// Of the text that is being read, as [`Field::bit`]s.
    bits: u8,
    joined: Joined,
    /// Working memory.
    plain: [Plain; PLAIN_AT_ONCE],
}

/// The parts of the hyphenated word that is being read.
#[derive(Default)]
struct Joined {
    text: String,
    parts: usize,
    first: u32,
    last: u32,
    letters: bool,
}

/// Of the start of a spelling: it is in `apart`.
const APART: u32 = 1 << 31;

impl Reader {
    /// A reader of texts of so many bytes.
    pub(super) fn new(scheme: Scheme, bytes: usize) -> Self {
        // News has a word every six bytes.
        let words = bytes / 6;
        Self {
            scheme,
            known: Known::new(),
            read: Analysed {
                words: Vec::with_capacity(words),
                exacts: Vec::with_capacity(words),
                spellings: String::with_capacity(bytes),
                ..Analysed::default()
            },
            apart: String::new(),
            learned_apart: 0,
            found: Vec::with_capacity(words),
            found_late: false,
            position: 0,
            field: None,
            bits: 0,
            joined: Joined::default(),
            plain: [Plain::default(); PLAIN_AT_ONCE],
        }
    }

    /// Begins a new text of `field`.
    pub(super) fn enter(&mut self, field: Field) {
        if self.field == Some(field) {
            self.position += PARAGRAPH_GAP;
        } else {
            self.position += FIELD_GAP;
            self.read.fields[field as usize] = (self.position, self.position);
            self.field = Some(field);
        }
        self.bits = field.bit();
        if field == Field::Body && self.lead_is_missing() {
            self.bits |= Field::Lead.bit();
        }
    }

    /// Without a standfirst the first paragraph is the lead.
    fn lead_is_missing(&self) -> bool {
        let (start, end) = self.read.fields[Field::Lead as usize];
        start == end
    }

    pub(super) fn read<'a>(&mut self, text: &'a str, seen: &mut impl FnMut(u32, &'a str, Range<usize>)) {
        let mut lower = std::mem::take(&mut self.read.spellings);
        let start = lower.len();
        lower.push_str(text);
        lower[start..].make_ascii_lowercase();
        let mut cutter = Cutter::new(&lower[start..]);
        loop {
            let most = MOST_WORDS.saturating_sub(self.found.len());
            if self.joined.parts == 0
                && self.read_plain(&mut cutter, start, most, |position, at| seen(position, text, at))
            {
                continue;
            }
            let Some(unit) = cutter.next().filter(|_| most > 0) else { break };
            self.read_unit(&unit, start, text, seen);
        }
        self.read.spellings = lower;
        self.end_joined();
        self.learn();
        self.close_field();
    }

    /// Reads words that are cut without looking at what they are. Whether there may be more of them.
    fn read_plain(
        &mut self,
        cutter: &mut Cutter<'_>,
        start: usize,
        most: usize,
        mut seen: impl FnMut(u32, Range<usize>),
    ) -> bool {
        let count = cutter.plain_words(&mut self.plain[..PLAIN_AT_ONCE.min(most)]);
        let (first, words) = (self.position, &self.plain[..count]);
        let unknown = (first..first + number(count)).zip(words).map(|(position, Plain { exact, at, length })| {
            seen(position, *at..at + length);
            Unknown { exact: *exact, spelling: (number(start + at), number(*length)), position }
        });
        self.known.add(unknown, self.bits, &mut self.read, &mut self.found);
        self.position += number(count);
        count == PLAIN_AT_ONCE
    }

    fn read_unit<'a>(
        &mut self,
        unit: &Unit<'_>,
        start: usize,
        text: &'a str,
        seen: &mut impl FnMut(u32, &'a str, Range<usize>),
    ) {
        if !unit.glued && self.joined.parts > 0 {
            self.end_joined();
        }
        if unit.kind == Kind::Unspaced {
            for (n, (at, c)) in text[unit.start..unit.end].char_indices().enumerate() {
                let start = unit.start + at;
                seen(self.position + number(n), text, start..start + c.len_utf8());
            }
            return self.read_unspaced(unit.text);
        }
        seen(self.position, text, unit.start..unit.end);
        // Most words stand alone: what is followed by a space joins nothing.
        let alone = !unit.glued && text.as_bytes().get(unit.end).is_none_or(|next| *next == b' ');
        if unit.kind == Kind::Word && !alone {
            self.joined.push(unit.text, self.position);
        }
        if unit.plain {
            let spelling = (number(start + unit.start), number(unit.text.len()));
            return self.add_plain(keys::exact(unit.text), spelling);
        }
        self.add(unit.text, self.position);
        // Canal+ is also found as Canal; C++ is not found as C.
        if let Some(bare) = unit.text.strip_suffix('+').filter(|bare| !bare.ends_with('+')) {
            self.add(bare, self.position);
        }
        self.position += 1;
    }

    fn close_field(&mut self) {
        let Some(field) = self.field else { return };
        self.read.fields[field as usize].1 = self.position;
        let body = self.read.fields[Field::Body as usize];
        if field == Field::Body && self.lead_is_missing() && body.0 < self.position {
            self.read.fields[Field::Lead as usize] = body;
        }
    }

    /// Every character and every pair of neighbours stands at the position of its first character.
    fn read_unspaced(&mut self, text: &str) {
        let mut chars = text.char_indices().peekable();
        while let Some((at, c)) = chars.next() {
            let end = at + c.len_utf8();
            self.add(&text[at..end], self.position);
            if let Some((_, next)) = chars.peek() {
                self.add(&text[at..end + next.len_utf8()], self.position);
            }
            self.position += 1;
        }
    }

    fn end_joined(&mut self) {
        let joined = std::mem::take(&mut self.joined);
        if (2..=MOST_JOINED).contains(&joined.parts) && joined.letters {
            self.found_late = true;
            self.add(&joined.text, joined.first);
            self.add(&joined.text, joined.last);
        }
        self.joined.text = joined.text;
        self.joined.text.clear();
    }

    /// Adds a word that does not stand in the texts just so.
    fn add(&mut self, lower: &str, position: u32) {
        let spelling = (number(self.apart.len()) | APART, number(lower.len()));
        self.apart.push_str(lower);
        let word = Unknown { exact: keys::exact(lower), spelling, position };
        self.known.add(std::iter::once(word), self.bits, &mut self.read, &mut self.found);
    }

    /// Adds a word of plain letters that stands in the texts just so.
    fn add_plain(&mut self, exact: u64, spelling: (u32, u32)) {
        let word = Unknown { exact, spelling, position: self.position };
        self.known.add(std::iter::once(word), self.bits, &mut self.read, &mut self.found);
        self.position += 1;
    }

    /// Gives the new words of a text their keys, unless all so far are their own.
    fn learn(&mut self) {
        self.known.settle(&mut self.read);
        if self.scheme == Scheme::PLAIN && self.apart.len() == self.learned_apart {
            return;
        }
        self.learned_apart = self.apart.len();
        let first = self.read.stems.len();
        self.read.stems.extend_from_slice(&self.read.exacts[first..]);
        for word in first..self.read.words.len() {
            let (start, length) = self.read.words[word].spelling;
            let (of, start) = match start & APART {
                0 if self.scheme == Scheme::PLAIN => continue,
                0 => (&self.read.spellings, start),
                _ => (&self.apart, start & !APART),
            };
            let lower = &of[start as usize..][..length as usize];
            let keys = stemmed::stems(self.scheme, self.read.exacts[word], lower);
            self.read.set_stems(word, &keys);
        }
    }

    pub(super) fn finish(self, language: Language, site: String) -> Analysed {
        let mut read = self.read;
        if !read.stems.is_empty() {
            read.stems.extend_from_slice(&read.exacts[read.stems.len()..]);
        }
        // Counting sort by word keeps the positions of each word in order.
        let mut sum = 0;
        for WordEntry { spelling, positions_end, .. } in &mut read.words {
            sum += std::mem::replace(positions_end, sum);
            if spelling.0 & APART != 0 {
                let start = (spelling.0 & !APART) as usize;
                spelling.0 = number(read.spellings.len());
                read.spellings.push_str(&self.apart[start..][..spelling.1 as usize]);
            }
        }
        let mut positions = vec![0; self.found.len()];
        for (word, position) in &self.found {
            let at = &mut read.words[*word as usize].positions_end;
            positions[*at as usize] = *position;
            *at += 1;
        }
        if self.found_late {
            let mut start = 0;
            for entry in &read.words {
                positions[start..entry.positions_end as usize].sort_unstable();
                start = entry.positions_end as usize;
            }
        }
        Analysed { language, site, positions, ..read }
    }
}

impl Joined {
    fn push(&mut self, text: &str, position: u32) {
        if self.parts == 0 {
            self.first = position;
        }
        self.parts += 1;
        self.last = position;
        self.letters |= text.chars().any(char::is_alphabetic);
        if self.parts <= MOST_JOINED {
            self.text.push_str(text);
        }
    }
}
