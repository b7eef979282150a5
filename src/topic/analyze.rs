//! Turns an article into what filters look at: its words with positions, field by field.
//! It does not know the filter language; `query` asks it, `index` looks its keys up.

mod ascii;
pub(crate) mod bytes;
pub(crate) mod fold;
pub(crate) mod keys;
pub(crate) mod source;
mod known;
mod reader;
mod stem;
pub(crate) mod stemmed;
pub(crate) mod units;

use std::ops::Range;

use crate::article::{ArticleText, KeyPointsOrigin, language::Language};
use keys::{Keys, Scheme};
use reader::Reader;
use source::Source;

/// Version of cutting, folding and stemming; a stored analysed form of another version is made anew from the text.
pub const ANALYSER_VERSION: u8 = 3;

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
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct WordEntry {
    /// Where its spelling begins in `Analysed::spellings`, and its length.
    spelling: (u32, u32),
    /// End of its positions in `Analysed::positions`.
    positions_end: u32,
    /// Fields it stands in, as [`Field::bit`]s.
    pub(crate) fields: u8,
    /// Bit n: it stands at a position that is n modulo 64.
    pub(crate) spread: u64,
}

/// An article as filters see it.
#[derive(Clone, Debug, Default)]
pub struct Analysed {
    pub(crate) language: Language,
    /// Host of the article, lower case, without `www.`.
    pub(crate) site: String,
    /// First position and end of each field.
    pub(crate) fields: [(u32, u32); Field::ALL.len()],
    pub(crate) words: Vec<WordEntry>,
    /// The key of each word's spelling.
    pub(crate) exacts: Vec<u64>,
    /// The first key of each word, apart: matching needs nothing else of most words. Empty where these are the keys of the spellings,
    /// as in a language without stems.
    stems: Vec<u64>,
    /// Words with the other keys that some have, sorted by word.
    other_stems: Vec<(u32, u64)>,
    /// Holds the spelling of every word: the texts in lower case, and what is written otherwise there.
    spellings: String,
    positions: Vec<u32>,
}

/// An article as filters see it, with its own spelling by position: for showing what matched.
#[derive(Debug)]
pub struct Spelled<'a> {
    pub(crate) analysed: Analysed,
    pub(crate) source: Source<'a>,
}

impl<'a> Spelled<'a> {
    /// Analyses an article that came with a feed.
    pub fn of(article: &'a ArticleText, feed: &FeedFacts<'a>) -> Self {
        let mut source = Source::default();
        let analysed =
            Analysed::read(article, feed, |position, text, range| source.slices.push((position, &text[range])));
        Self { analysed, source }
    }
}

/// The same words at the same places; where their spellings are kept does not matter.
impl PartialEq for Analysed {
    fn eq(&self, other: &Self) -> bool {
        let spellings = || (0..self.words.len()).map(|word| self.spelling(word));
        let entries = |all: &Self| all.words.iter().map(|word| word.fields).collect::<Vec<_>>();
        (self.language, &self.site, self.fields) == (other.language, &other.site, other.fields)
            && (self.first_stems(), &self.other_stems, &self.positions)
                == (other.first_stems(), &other.other_stems, &other.positions)
            && (entries(self), &self.exacts) == (entries(other), &other.exacts)
            && spellings().eq((0..other.words.len()).map(|word| other.spelling(word)))
    }
}

impl Eq for Analysed {}

impl Analysed {
    /// Analyses an article that came with a feed.
    pub fn of(article: &ArticleText, feed: &FeedFacts<'_>) -> Self {
        Self::read(article, feed, |_, _, _| {})
    }

    fn read<'a>(
        article: &'a ArticleText,
        feed: &FeedFacts<'a>,
        mut seen: impl FnMut(u32, &'a str, Range<usize>),
    ) -> Self {
        let fields = fields(article, feed);
        let bytes = fields.iter().map(|(_, text)| text.len()).sum();
        let mut reader = Reader::new(Scheme::of(article.language), bytes);
        for (field, text) in fields {
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
        let (start, length) = self.words[word].spelling;
        &self.spellings[start as usize..][..length as usize]
    }

    /// The first key of each word.
    pub(crate) fn first_stems(&self) -> &[u64] {
        if self.stems.is_empty() { &self.exacts } else { &self.stems }
    }

    /// Words with the other keys that some have, sorted by word.
    pub(crate) fn other_stems(&self) -> &[(u32, u64)] {
        &self.other_stems
    }

    /// Every key of a word.
    pub(crate) fn stems(&self, word: usize) -> impl Iterator<Item = u64> + '_ {
        let from = self.other_stems.partition_point(|(other, _)| (*other as usize) < word);
        let others = self.other_stems[from..].iter().take_while(move |(other, _)| *other as usize == word);
        std::iter::once(self.first_stems()[word]).chain(others.map(|(_, key)| *key))
    }

    /// Sets the keys of a word that has none yet, after those of the words before it.
    fn set_stems(&mut self, word: usize, keys: &Keys) {
        let (first, others) = keys.as_slice().split_first().expect("a word has a key");
        self.stems[word] = *first;
        self.other_stems.extend(others.iter().map(|key| (number(word), *key)));
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

fn number(n: usize) -> u32 {
    u32::try_from(n).expect("an article is far below 2 GB")
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
