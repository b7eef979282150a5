//! Which filters of a segment an article matches.
//! It does not build segments and does not know what was removed since.

use std::ops::{ControlFlow, Range};

use super::compile::number;
use super::key_map::Question;
use super::rows::{Placed, Row};
use super::segment::{ALWAYS, AND, KIND, LACKS, NOT, POSITIONAL, ROW, Rest, Segment, TERM, Tail};
use crate::topic::analyze::Analysed;
use crate::topic::analyze::keys::{self, Scheme};
use crate::topic::query::proximity::{Span, near_spans};

/// Working memory that one thread keeps from article to article.
#[derive(Debug, Default)]
pub struct Scratch {
    /// By term: 1 where the article holds it.
    held: Vec<u8>,
    /// The terms that it holds.
    present: Vec<u32>,
    /// By term whose positions are needed: the last of its `places`; of no meaning where it is not held.
    last_place: Vec<u32>,
    places: Vec<Place>,
    /// By row: not evaluated yet, false or true.
    rows: Vec<Verdict>,
    judged: Vec<u32>,
    /// The words of the article as questions for terms, and the answers: words and terms. Both are empty between articles.
    questions: Vec<Question>,
    found: Vec<(u32, u32)>,
    /// Where the postings of the present terms stand: read before any is looked at, so that their cache misses overlap.
    ranges: Vec<Range<usize>>,
    /// Postings whose first two terms the article holds.
    candidates: Vec<u32>,
    /// One bit a filter: it is a hit. None is set between articles.
    hits: Vec<u64>,
    /// Which words of `hits` are not zero.
    marked: Vec<u32>,
}

/// A word of the article that stands for a term, and the one before it.
#[derive(Clone, Copy, Debug)]
struct Place {
    word: u32,
    before: Option<u32>,
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
enum Verdict {
    #[default]
    Unknown,
    No,
    Yes,
}

impl Scratch {
    fn begin(&mut self, segment: &Segment) {
        for term in self.present.drain(..) {
            self.held[term as usize] = 0;
        }
        for row in self.judged.drain(..) {
            self.rows[row as usize] = Verdict::Unknown;
        }
        self.places.clear();
        let terms = segment.terms.len();
        if self.held.len() < terms {
            self.held.resize(terms, 0);
            self.last_place.resize(terms, 0);
        }
        if self.rows.len() < segment.row_ends.len() {
            self.rows.resize(segment.row_ends.len(), Verdict::Unknown);
        }
        if self.hits.len() < segment.len().div_ceil(64) {
            self.hits.resize(segment.len().div_ceil(64), 0);
        }
    }

    fn holds(&self, term: u32) -> bool {
        self.held[term as usize] != 0
    }

    /// Whether it was not held before.
    fn set(&mut self, term: u32) -> bool {
        let held = &mut self.held[term as usize];
        let new = *held == 0;
        if new {
            *held = 1;
            self.present.push(term);
        }
        new
    }
}

/// Postings sifted at once: as many as a word has bits.
const SIFTED: usize = 64;

impl Segment {
    /// Appends the ids of all matching filters, sorted, each once.
    pub(super) fn matches(&self, article: &Analysed, scratch: &mut Scratch, hits: &mut Vec<i64>) {
        scratch.begin(self);
        self.mark(article, scratch);
        self.sift(scratch);
        let candidates = std::mem::take(&mut scratch.candidates);
        for candidate in &candidates {
            let tail = self.tails[*candidate as usize];
            let holds = if tail.rest < ROW {
                scratch.held[(tail.rest & !KIND) as usize] ^ u8::from(tail.rest >= LACKS)
            } else {
                u8::from(self.rest_holds(tail, article, scratch))
            };
            scratch.hits[tail.filter as usize / 64] |= u64::from(holds) << (tail.filter % 64);
        }
        scratch.candidates = candidates;
        self.collect(scratch, hits);
    }

    /// Appends the ids of the marked filters and takes the marks away. Most words of marks are empty or have one, so that
    /// which are empty is found without a branch, as in [`Segment::sift`].
    fn collect(&self, scratch: &mut Scratch, hits: &mut Vec<i64>) {
        let words = self.len().div_ceil(64);
        scratch.marked.resize(words, 0);
        let mut count = 0;
        for (at, bits) in (0..).zip(&scratch.hits[..words]) {
            scratch.marked[count] = at;
            count += usize::from(*bits != 0);
        }
        for at in &scratch.marked[..count] {
            let mut bits = std::mem::take(&mut scratch.hits[*at as usize]);
            while bits != 0 {
                hits.push(self.ids[*at as usize * 64 + bits.trailing_zeros() as usize]);
                bits &= bits - 1;
            }
        }
    }

    /// Collects the postings whose anchor and second term the article holds. No branch depends on one posting: about every
    /// eighth passes, and a branch that cannot be foretold costs more than the question.
    fn sift(&self, scratch: &mut Scratch) {
        let Scratch { present, held, ranges, candidates, .. } = scratch;
        ranges.clear();
        ranges.extend(present.iter().map(|term| self.anchored(*term)));
        candidates.clear();
        for range in ranges.iter() {
            for start in range.clone().step_by(SIFTED) {
                let mut passed = 0_u64;
                for (at, second) in self.seconds[start..range.end.min(start + SIFTED)].iter().enumerate() {
                    passed |= u64::from(held[*second as usize]) << at;
                }
                while passed != 0 {
                    candidates.push(number(start) + passed.trailing_zeros());
                    passed &= passed - 1;
                }
            }
        }
    }

    fn rest_holds(&self, tail: Tail, article: &Analysed, scratch: &mut Scratch) -> bool {
        match self.rest(tail) {
            Rest::Term(term) => scratch.holds(term),
            Rest::Lacks(term) => !scratch.holds(term),
            Rest::Row(row) => self.row_holds(row, article, scratch),
            Rest::Program(program) => self.run(program, article, scratch).0,
        }
    }

    /// Sets the bit of every term that the article holds.
    fn mark(&self, article: &Analysed, scratch: &mut Scratch) {
        scratch.set(ALWAYS);
        let stems = self.stems(Scheme::of(article.language));
        let (mut questions, mut found) = (std::mem::take(&mut scratch.questions), std::mem::take(&mut scratch.found));
        for (n, word) in (0..).zip(&article.words) {
            questions.extend(word.stems.as_slice().iter().map(|key| stems.question(n, *key)));
        }
        stems.find_all(&mut questions, &mut found);
        for (n, term) in found.drain(..) {
            self.found(term, n, article.words[n as usize].fields, scratch);
        }
        (scratch.questions, scratch.found) = (questions, found);
        if self.has_exact || !self.prefixes.is_empty() {
            self.mark_names(article, scratch);
        }
        for key in keys::sites(&article.site).chain([keys::lang(article.language)]) {
            for term in self.names.get(key) {
                scratch.set(term);
            }
        }
    }

    /// The same for exact forms and prefixes.
    fn mark_names(&self, article: &Analysed, scratch: &mut Scratch) {
        for (n, word) in (0..).zip(&article.words) {
            let mut found = |term| self.found(term, n, word.fields, scratch);
            if self.has_exact {
                self.names.get(word.exact).for_each(&mut found);
            }
            if !self.prefixes.is_empty() {
                keys::beginnings(article.spelling(n as usize), self.prefix_lengths, |key| {
                    self.prefixes.get(key).for_each(&mut found);
                });
            }
        }
    }

    fn found(&self, term: u32, word: u32, fields: u8, scratch: &mut Scratch) {
        let mask = self.masks[term as usize];
        if mask & fields == 0 {
            return;
        }
        let new = scratch.set(term);
        if mask & POSITIONAL != 0 {
            let last = &mut scratch.last_place[term as usize];
            let before = if new { None } else { Some(*last) };
            *last = number(scratch.places.len());
            scratch.places.push(Place { word, before });
        }
    }

    /// Runs the expression at the front of `program`; also says how long it was.
    fn run(&self, program: &[u32], article: &Analysed, scratch: &mut Scratch) -> (bool, usize) {
        let value = program[0] & !KIND;
        match program[0] & KIND {
            TERM => (scratch.holds(value), 1),
            ROW => (self.row_holds(value, article, scratch), 1),
            NOT => {
                let (holds, length) = self.run(&program[1..], article, scratch);
                (!holds, length + 1)
            }
            kind => {
                let end = 1 + value as usize;
                let mut at = 1;
                while at < end {
                    let (holds, length) = self.run(&program[at..], article, scratch);
                    at += length;
                    if holds != (kind == AND) {
                        return (holds, end);
                    }
                }
                (kind == AND, end)
            }
        }
    }

    fn row_holds(&self, row: u32, article: &Analysed, scratch: &mut Scratch) -> bool {
        match scratch.rows[row as usize] {
            Verdict::Yes => return true,
            Verdict::No => return false,
            Verdict::Unknown => {}
        }
        let holds = self.row_stands(row, article, scratch);
        scratch.rows[row as usize] = if holds { Verdict::Yes } else { Verdict::No };
        scratch.judged.push(row);
        holds
    }

    /// Whether all terms are there at all, before any position is looked at, and then whether they stand as they should.
    fn row_stands(&self, row: u32, article: &Analysed, scratch: &Scratch) -> bool {
        match Row::decode(self.row(row)) {
            Row::Terms { terms, .. } => {
                terms.iter().all(|[_, term]| scratch.holds(*term))
                    && self.each_start(&terms, article, scratch, |_| ControlFlow::Break(())).is_break()
            }
            Row::Near { left, right, .. } => {
                self.row_possible(left, scratch)
                    && self.row_possible(right, scratch)
                    && !self.row_spans(row, article, scratch).is_empty()
            }
            Row::Any(rows) => rows.iter().any(|row| self.row_stands(*row, article, scratch)),
        }
    }

    fn row_possible(&self, row: u32, scratch: &Scratch) -> bool {
        match Row::decode(self.row(row)) {
            Row::Terms { terms, .. } => terms.iter().all(|[_, term]| scratch.holds(*term)),
            Row::Near { left, right, .. } => self.row_possible(left, scratch) && self.row_possible(right, scratch),
            Row::Any(rows) => rows.iter().any(|row| self.row_possible(*row, scratch)),
        }
    }

    /// Calls `found` for each position at which all terms stand at their offsets, in no order; the same may come twice.
    fn each_start(
        &self,
        terms: &[Placed],
        article: &Analysed,
        scratch: &Scratch,
        mut found: impl FnMut(u32) -> ControlFlow<()>,
    ) -> ControlFlow<()> {
        let Some(([offset, first], others)) = terms.split_first() else { return ControlFlow::Continue(()) };
        for word in scratch.words(*first) {
            for position in article.positions(word as usize) {
                let Some(start) = position.checked_sub(*offset) else { continue };
                let stand = |[offset, term]: &Placed| self.stands_at(*term, start + offset, article, scratch);
                if self.counts_at(word, *first, *position, article) && others.iter().all(stand) {
                    found(start)?;
                }
            }
        }
        ControlFlow::Continue(())
    }

    fn stands_at(&self, term: u32, position: u32, article: &Analysed, scratch: &Scratch) -> bool {
        scratch.words(term).any(|word| {
            let stands = article.positions(word as usize).binary_search(&position).is_ok();
            stands && self.counts_at(word, term, position, article)
        })
    }

    /// Whether a word of the article counts for a term at one of its positions: by its field.
    fn counts_at(&self, word: u32, term: u32, position: u32, article: &Analysed) -> bool {
        let mask = self.masks[term as usize];
        article.words[word as usize].fields & !mask == 0 || article.stands_in(position, mask)
    }

    fn row_spans(&self, row: u32, article: &Analysed, scratch: &Scratch) -> Vec<Span> {
        let mut all = Vec::new();
        match Row::decode(self.row(row)) {
            Row::Terms { length, terms } => {
                if terms.iter().all(|[_, term]| scratch.holds(*term)) {
                    let _ = self.each_start(&terms, article, scratch, |start| {
                        all.push((start, start + length - 1));
                        ControlFlow::Continue(())
                    });
                }
            }
            Row::Near { distance, ordered, left, right } => {
                let (left, right) = (self.row_spans(left, article, scratch), self.row_spans(right, article, scratch));
                return near_spans(&left, &right, distance, ordered);
            }
            Row::Any(rows) => all.extend(rows.iter().flat_map(|row| self.row_spans(*row, article, scratch))),
        }
        all.sort_unstable();
        all.dedup();
        all
    }
}

impl Scratch {
    /// The words of the article that stand for a term which it holds.
    fn words(&self, term: u32) -> impl Iterator<Item = u32> + '_ {
        let mut next = Some(self.last_place[term as usize]);
        std::iter::from_fn(move || {
            let place = self.places[next? as usize];
            next = place.before;
            Some(place.word)
        })
    }
}
