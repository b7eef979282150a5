//! Which terms of a segment the articles of a batch hold, and where in them.
//! It does not know what filters ask of the terms; `matching` does.

use super::compile::number;
use super::key_map::Likely;
use super::segment::{ALWAYS, POSITIONAL, Segment};
use crate::topic::analyze::Analysed;
use crate::topic::analyze::keys::{self, Scheme};

/// One bit for each article of a batch.
pub(super) type Bits = u64;

/// Articles that are looked up at once, as many as a set has bits: a posting is looked at once for all of them.
pub const AT_ONCE: usize = Bits::BITS as usize;

/// The numbers of the articles in a set.
pub(super) fn each(mut articles: Bits) -> impl Iterator<Item = usize> {
    std::iter::from_fn(move || {
        let first = (articles != 0).then(|| articles.trailing_zeros() as usize);
        articles &= articles.wrapping_sub(1);
        first
    })
}

/// What the articles of a batch hold.
#[derive(Debug, Default)]
pub(super) struct Marks {
    /// By term: the articles that hold it.
    held: Vec<Bits>,
    /// One bit a term: whether any of them holds it.
    present: Vec<u64>,
    /// The words that stand for a term whose positions are needed, article by article; behind them what older batches left.
    words: Vec<Stands>,
    count: usize,
    /// By such a term: the end of its places, of which every article that holds it has one, in their order; so the number of
    /// articles from one on says where to look.
    places_end: Vec<u32>,
    places: Vec<Place>,
    looking: Looking,
}

/// Working memory for looking words up.
#[derive(Debug, Default)]
struct Looking {
    likely: Vec<Likely>,
    /// Words of all articles with the terms that they stand for.
    found: Vec<(u32, u32)>,
    /// Of one article: the keys of its words' beginnings, and whose they are.
    beginnings: Vec<u64>,
    begun: Vec<u32>,
}

/// A word of an article that stands for a term.
#[derive(Clone, Copy, Debug, Default)]
struct Stands {
    term: u32,
    /// Whether another word of the article stands for it too, and came before.
    again: bool,
    place: Place,
}

/// Where a term stands in an article.
#[derive(Clone, Copy, Debug, Default)]
struct Place {
    /// Of all words of the term, where there are several.
    spread: u64,
    word: u32,
    /// One more than the number of another word of the same term, in `words`; 0 where there is none.
    next: u32,
}

/// Where a term stands in the articles that hold it.
#[derive(Clone, Copy)]
pub(super) struct Places<'a> {
    held: Bits,
    /// Those of the term are the last ones.
    places: &'a [Place],
}

impl Places<'_> {
    /// Bit n: it stands at a position that is n modulo 64. The article holds the term.
    pub(super) fn spread(&self, article: usize) -> u64 {
        self.of(article).spread
    }

    fn of(&self, article: usize) -> Place {
        self.places[self.places.len() - (self.held >> article).count_ones() as usize]
    }
}

impl Marks {
    /// Marks what the articles hold, at most [`AT_ONCE`], and forgets those of before.
    pub(super) fn read(&mut self, segment: &Segment, articles: &[&Analysed]) {
        let terms = segment.terms.len();
        for (at, terms) in self.present.iter_mut().enumerate() {
            for term in each(std::mem::take(terms)) {
                self.held[at * 64 + term] = 0;
            }
        }
        self.count = 0;
        if self.held.len() < terms {
            self.held.resize(terms, 0);
            self.places_end.resize(terms, 0);
        }
        self.present.resize(terms.div_ceil(64), 0);
        // All are looked up before any is marked: each half of the work finds its own tables in the cache.
        let (mut looking, mut ends) = (std::mem::take(&mut self.looking), [0; AT_ONCE]);
        looking.found.clear();
        for (article, end) in articles.iter().zip(&mut ends) {
            segment.find(article, &mut looking);
            *end = looking.found.len();
        }
        let mut start = 0;
        for ((n, article), end) in (0..).zip(articles).zip(ends) {
            segment.mark(&looking.found[start..end], article, n, self);
            start = end;
        }
        self.looking = looking;
        self.put_in_order(segment);
    }

    /// Puts the words of each term side by side.
    fn put_in_order(&mut self, segment: &Segment) {
        let mut count = 0;
        for (at, (terms, positional)) in self.present.iter().zip(&segment.positional).enumerate() {
            for term in each(terms & positional) {
                let term = at * 64 + term;
                self.places_end[term] = count;
                count += self.held[term].count_ones();
            }
        }
        self.places.clear();
        self.places.resize(count as usize, Place::default());
        self.words.truncate(self.count);
        for at in 0..self.count {
            let Stands { term, again, mut place } = self.words[at];
            let end = &mut self.places_end[term as usize];
            *end += u32::from(!again);
            let to = *end as usize - 1;
            if again {
                let before = self.places[to];
                self.words.push(Stands { term, again, place: before });
                place.next = number(self.words.len());
                place.spread |= before.spread;
            }
            self.places[to] = place;
        }
    }

    /// Calls `found` with each term that any of the articles holds, in order.
    pub(super) fn each_term(&self, mut found: impl FnMut(u32)) {
        for (at, terms) in self.present.iter().enumerate() {
            each(*terms).for_each(|term| found(number(at * 64 + term)));
        }
    }

    /// By term: the articles that hold it.
    pub(super) fn held_by(&self) -> &[Bits] {
        &self.held
    }

    /// The articles that hold a term.
    pub(super) fn held(&self, term: u32) -> Bits {
        self.held[term as usize]
    }

    /// Where the words stand that stand for a term, article by article. One of them holds it.
    pub(super) fn places(&self, term: u32) -> Places<'_> {
        let end = self.places_end[term as usize] as usize;
        Places { held: self.held[term as usize], places: &self.places[..end] }
    }

    /// The words that stand for a term. The article holds the term.
    pub(super) fn words(&self, term: u32, article: usize) -> impl Iterator<Item = u32> + '_ {
        let mut place = Some(self.places(term).of(article));
        std::iter::from_fn(move || {
            let Place { word, next, .. } = place?;
            place = next.checked_sub(1).map(|at| self.words[at as usize].place);
            Some(word)
        })
    }

    fn set(&mut self, term: u32, article: u32, bit: bool) {
        self.held[term as usize] |= Bits::from(bit) << article;
        self.present[term as usize / 64] |= u64::from(bit) << (term % 64);
    }
}

impl Segment {
    /// Finds the terms for which words of an article stand.
    fn find(&self, article: &Analysed, looking: &mut Looking) {
        let Looking { likely, found, beginnings, begun } = looking;
        let stems = self.stems(Scheme::of(article.language));
        stems.find_all(article.first_stems(), likely, found);
        for (word, key) in article.other_stems() {
            found.extend(stems.get(*key).iter().map(|term| (*word, *term)));
        }
        if self.has_exact {
            self.names.find_all(&article.exacts, likely, found);
        }
        if !self.prefixes.is_empty() {
            beginnings.clear();
            begun.clear();
            for word in 0..article.words.len() {
                keys::beginnings(article.spelling(word), self.prefix_lengths, |key| beginnings.push(key));
                begun.resize(beginnings.len(), number(word));
            }
            let first = found.len();
            self.prefixes.find_all(beginnings, likely, found);
            found[first..].iter_mut().for_each(|(word, _)| *word = begun[*word as usize]);
        }
    }

    /// Marks every term that an article holds.
    fn mark(&self, found: &[(u32, u32)], article: &Analysed, n: u32, marks: &mut Marks) {
        marks.set(ALWAYS, n, true);
        self.set_all(found, article, n, marks);
        for key in keys::sites(&article.site).chain([keys::lang(article.language)]) {
            self.names.get(key).iter().for_each(|term| marks.set(*term, n, true));
        }
    }

    /// Marks the terms for which words of an article stand, where they count in a field of the word. No branch depends on one word.
    fn set_all(&self, found: &[(u32, u32)], article: &Analysed, n: u32, marks: &mut Marks) {
        let mut end = marks.count;
        if marks.words.len() < end + found.len() {
            marks.words.resize(end + found.len(), Stands::default());
        }
        for (word, term) in found {
            let (mask, entry) = (self.masks[*term as usize], &article.words[*word as usize]);
            let counts = mask & entry.fields != 0;
            let again = marks.held[*term as usize] >> n & 1 != 0;
            let needs_place = mask & POSITIONAL != 0;
            marks.set(*term, n, counts);
            let place = Place { spread: entry.spread, word: *word, next: 0 };
            marks.words[end] = Stands { term: *term, again, place };
            end += usize::from(counts) * usize::from(needs_place);
        }
        marks.count = end;
    }
}
