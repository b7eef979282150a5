//! Turns an article into what filters look at: its words with positions, field by field.
//! It does not know the filter language; `query` asks it, `index` looks its keys up.

pub(crate) mod bytes;
pub(crate) mod fold;
pub(crate) mod keys;
pub(crate) mod source;
mod known;
mod stem;
pub(crate) mod units;

use crate::article::{ArticleText, KeyPointsOrigin, language::Language};
use keys::{Keys, Scheme};
use known::Known;
use source::Source;
use units::Kind;

/// Version of cutting, folding and stemming; a stored analysed form of another version is made anew from the text.
pub const ANALYSER_VERSION: u8 = 2;

/// Words of one article that are looked at; a novel has 100,000, news has 500.
pub const MOST_WORDS: usize = 50_000;
/// Positions between two paragraphs, so that a phrase does not run over the end of one.
const PARAGRAPH_GAP: u32 = 1;
/// Positions between two fields: more than the widest NEAR.
const FIELD_GAP: u32 = 1_000;
/// Parts of one hyphenated word that are also kept written as one (`e-mail`, `email`).
const MOST_JOINED: usize = 4;

/// A part of an article that a filter can ask for by name.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[repr(u8)]
pub enum Field {
    /// The title.
    Title,
    /// The standfirst and the publisher's key points; the first paragraph where there is no standfirst.
    Lead,
    /// The paragraphs.
    Body,
    /// The author.
    Author,
    /// The publisher's categories.
    Category,
    /// The feed's title and short name.
    Feed,
}

impl Field {
    /// Every field in the order of their positions.
    pub const ALL: [Self; 6] = [Self::Title, Self::Lead, Self::Body, Self::Author, Self::Category, Self::Feed];

    /// Its bit in a mask.
    pub(crate) const fn bit(self) -> u8 {
        1 << self as u8
    }
}

/// What the feed adds to an article for filters.
#[derive(Clone, Copy, Debug, Default)]
pub struct FeedFacts<'a> {
    /// The operator's short name of the feed.
    pub slug: &'a str,
    /// The feed's title.
    pub title: &'a str,
    /// The host of the feed's site, used where the article's own address has none.
    pub site: &'a str,
}

/// One distinct word of an article.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct WordEntry {
    /// End of its spelling in `Analysed::spellings`; it begins where the one before ends.
    spelling_end: u32,
    /// End of its positions in `Analysed::positions`.
    positions_end: u32,
    /// Fields it stands in, as [`Field::bit`]s.
    pub(crate) fields: u8,
    /// Bit n: it stands at a position that is n modulo 64.
    pub(crate) spread: u64,
    pub(crate) exact: u64,
}

/// An article as filters see it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Analysed {
    pub(crate) language: Language,
    /// Host of the article, lower case, without `www.`.
    pub(crate) site: String,
    /// First position and end of each field.
    pub(crate) fields: [(u32, u32); Field::ALL.len()],
    pub(crate) words: Vec<WordEntry>,
    /// The first key of each word, apart: matching needs nothing else of most words.
    stems: Vec<u64>,
    /// Words with the other keys that some have, sorted by word.
    other_stems: Vec<(u32, u64)>,
    spellings: String,
    positions: Vec<u32>,
}

impl Analysed {
    /// Analyses an article that came with a feed.
    pub fn of(article: &ArticleText, feed: &FeedFacts<'_>) -> Self {
        Self::read(article, feed, |_, _| {})
    }

    /// Analyses an article and keeps its own spelling by position.
    pub(crate) fn with_source<'a>(article: &'a ArticleText, feed: &FeedFacts<'a>) -> (Self, Source<'a>) {
        let mut source = Source::default();
        let analysed = Self::read(article, feed, |position, slice| source.slices.push((position, slice)));
        (analysed, source)
    }

    fn read<'a>(article: &'a ArticleText, feed: &FeedFacts<'a>, mut seen: impl FnMut(u32, &'a str)) -> Self {
        let mut reader = Reader::new(Scheme::of(article.language));
        for (field, text) in fields(article, feed) {
            reader.enter(field);
            reader.read(text, &mut seen);
        }
        let host = url::Url::parse(&article.url).ok().and_then(|url| url.host_str().map(str::to_lowercase));
        let site = host.unwrap_or_else(|| feed.site.to_lowercase());
        let site = site.strip_prefix("www.").unwrap_or(&site).to_owned();
        reader.finish(article.language, site)
    }

    /// Language of the article.
    pub fn language(&self) -> Language {
        self.language
    }

    /// Host of the article without `www.`; empty where unknown.
    pub fn site(&self) -> &str {
        &self.site
    }

    /// Number of words, repeated ones included.
    pub fn len(&self) -> usize {
        self.positions.len()
    }

    /// Whether there is no word in it.
    pub fn is_empty(&self) -> bool {
        self.positions.is_empty()
    }

    pub(crate) fn spelling(&self, word: usize) -> &str {
        let start = word.checked_sub(1).map_or(0, |before| self.words[before].spelling_end);
        &self.spellings[start as usize..self.words[word].spelling_end as usize]
    }

    /// The first key of each word.
    pub(crate) fn first_stems(&self) -> &[u64] {
        &self.stems
    }

    /// Words with the other keys that some have, sorted by word.
    pub(crate) fn other_stems(&self) -> &[(u32, u64)] {
        &self.other_stems
    }

    /// Every key of a word.
    pub(crate) fn stems(&self, word: usize) -> impl Iterator<Item = u64> + '_ {
        let from = self.other_stems.partition_point(|(other, _)| (*other as usize) < word);
        let others = self.other_stems[from..].iter().take_while(move |(other, _)| *other as usize == word);
        std::iter::once(self.stems[word]).chain(others.map(|(_, key)| *key))
    }

    /// Adds the keys of the word that is next.
    fn push_stems(&mut self, keys: &Keys) {
        let word = u32::try_from(self.stems.len()).expect("bounded by MOST_WORDS");
        let (first, others) = keys.as_slice().split_first().expect("a word has a key");
        self.stems.push(*first);
        self.other_stems.extend(others.iter().map(|key| (word, *key)));
    }

    pub(crate) fn positions(&self, word: usize) -> &[u32] {
        let start = word.checked_sub(1).map_or(0, |before| self.words[before].positions_end);
        &self.positions[start as usize..self.words[word].positions_end as usize]
    }

    /// Whether a position lies in one of the fields of the mask.
    pub(crate) fn stands_in(&self, position: u32, mask: u8) -> bool {
        Field::ALL.into_iter().any(|field| {
            let (start, end) = self.fields[field as usize];
            mask & field.bit() != 0 && (start..end).contains(&position)
        })
    }

    /// The field a position is shown under: the lead before the body where both hold it.
    pub(crate) fn field_at(&self, position: u32) -> Option<Field> {
        Field::ALL.into_iter().find(|field| self.stands_in(position, field.bit()))
    }
}

/// The texts of an article in the order of their positions, with the field each belongs to.
pub(crate) fn fields<'a>(article: &'a ArticleText, feed: &FeedFacts<'a>) -> Vec<(Field, &'a str)> {
    let mut all = vec![(Field::Title, article.title.as_str())];
    all.extend(article.standfirst.iter().map(|text| (Field::Lead, text.as_str())));
    if article.key_points.origin == KeyPointsOrigin::Publisher {
        all.extend(article.key_points.points.iter().map(|text| (Field::Lead, text.as_str())));
    }
    all.extend(article.paragraphs.iter().map(|text| (Field::Body, text.as_str())));
    all.extend(article.author.iter().map(|text| (Field::Author, text.as_str())));
    all.extend(article.categories.iter().map(|text| (Field::Category, text.as_str())));
    all.extend([(Field::Feed, feed.title), (Field::Feed, feed.slug)]);
    all
}

/// Collects the words of one article.
struct Reader {
    scheme: Scheme,
    known: Known,
    /// What is known so far; positions and their ends come last.
    read: Analysed,
    /// (word, position) in the order of the text.
    found: Vec<(u32, u32)>,
    position: u32,
    field: Option<Field>,
    /// Of the text that is being read, as [`Field::bit`]s.
    bits: u8,
    joined: Joined,
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

impl Reader {
    fn new(scheme: Scheme) -> Self {
        Self {
            scheme,
            known: Known::new(),
            read: Analysed {
                words: Vec::with_capacity(512),
                stems: Vec::with_capacity(512),
                spellings: String::with_capacity(4096),
                ..Analysed::default()
            },
            found: Vec::with_capacity(1024),
            position: 0,
            field: None,
            bits: 0,
            joined: Joined::default(),
        }
    }

    /// Begins a new text of `field`.
    fn enter(&mut self, field: Field) {
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

    fn read<'a>(&mut self, text: &'a str, seen: &mut impl FnMut(u32, &'a str)) {
        units::units(text, |unit| {
            if self.found.len() >= MOST_WORDS {
                return;
            }
            if !unit.glued && self.joined.parts > 0 {
                self.end_joined();
            }
            match unit.kind {
                Kind::Unspaced => {
                    for (n, (at, c)) in text[unit.start..unit.end].char_indices().enumerate() {
                        let start = unit.start + at;
                        seen(self.position + u32::try_from(n).unwrap_or(u32::MAX), &text[start..start + c.len_utf8()]);
                    }
                    self.read_unspaced(unit.text);
                }
                Kind::Symbol => {
                    seen(self.position, &text[unit.start..unit.end]);
                    self.add(unit.text, self.position);
                }
                Kind::Word => {
                    seen(self.position, &text[unit.start..unit.end]);
                    self.add(unit.text, self.position);
                    // Canal+ is also found as Canal; C++ is not found as C.
                    if let Some(bare) = unit.text.strip_suffix('+').filter(|bare| !bare.ends_with('+')) {
                        self.add(bare, self.position);
                    }
                    // Most words stand alone: what is followed by a space joins nothing.
                    if unit.glued || text.as_bytes().get(unit.end).is_some_and(|next| *next != b' ') {
                        self.joined.push(unit.text, self.position);
                    }
                }
            }
            self.position += u32::from(unit.kind != Kind::Unspaced);
        });
        self.end_joined();
        self.close_field();
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
            self.add(&joined.text, joined.first);
            self.add(&joined.text, joined.last);
        }
        self.joined.text = joined.text;
        self.joined.text.clear();
    }

    fn add(&mut self, lower: &str, position: u32) {
        let exact = keys::exact(lower);
        let read = &mut self.read;
        let (word, is_new) = self.known.word(exact, &read.words);
        if is_new {
            read.spellings.push_str(lower);
            let spelling_end = u32::try_from(read.spellings.len()).unwrap_or(u32::MAX);
            read.words.push(WordEntry { spelling_end, positions_end: 0, fields: 0, spread: 0, exact });
            match self.scheme.only_stem(lower) {
                Some(key) => read.stems.push(key),
                None => read.push_stems(&self.scheme.stems(lower)),
            }
        }
        let entry = &mut read.words[word as usize];
        entry.fields |= self.bits;
        entry.spread |= 1 << (position % 64);
        self.found.push((word, position));
    }

    fn finish(self, language: Language, site: String) -> Analysed {
        let mut read = self.read;
        // Counting sort by word keeps the positions of each word in order; joined words were found late.
        let mut ends = vec![0_u32; read.words.len()];
        for (word, _) in &self.found {
            ends[*word as usize] += 1;
        }
        let mut sum = 0;
        for end in &mut ends {
            sum += std::mem::replace(end, sum);
        }
        let mut positions = vec![0; self.found.len()];
        for (word, position) in &self.found {
            let at = &mut ends[*word as usize];
            positions[*at as usize] = *position;
            *at += 1;
        }
        let mut start = 0;
        for (entry, end) in read.words.iter_mut().zip(ends) {
            entry.positions_end = end;
            positions[start..end as usize].sort_unstable();
            start = end as usize;
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

impl Analysed {
    /// Fills `fields` and `spread` of every word from its positions; the stored form does not hold them.
    fn mark_fields(&mut self) {
        for word in 0..self.words.len() {
            let mut fields = 0;
            for field in Field::ALL {
                let (start, end) = self.fields[field as usize];
                let positions = self.positions(word);
                let at = positions.partition_point(|position| *position < start);
                if positions.get(at).is_some_and(|position| *position < end) {
                    fields |= field.bit();
                }
            }
            let spread = self.positions(word).iter().fold(0, |all, position| all | 1 << (position % 64));
            (self.words[word].fields, self.words[word].spread) = (fields, spread);
        }
    }
}

#[cfg(test)]
mod tests;
