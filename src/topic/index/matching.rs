//! Which filters of a segment an article matches.
//! It does not build segments and does not know what was removed since.

use super::compile::{AND, KIND, NOT, ROW, TERM};
use super::rows::Row;
use super::segment::{ALWAYS, Segment};
use crate::topic::analyze::Analysed;
use crate::topic::analyze::keys::{self, Scheme};
use crate::topic::query::proximity::{Span, near_spans, row_spans};

/// Working memory that one thread keeps from article to article.
#[derive(Debug, Default)]
pub struct Scratch {
    /// One bit a term: the article holds it.
    bits: Vec<u64>,
    /// The terms whose bits are set.
    present: Vec<u32>,
    /// (term, word of the article) for terms whose positions are needed.
    places: Vec<(u32, u32)>,
    positions: Positions,
    /// By row: not evaluated yet, false or true.
    rows: Vec<Verdict>,
    judged: Vec<u32>,
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
enum Verdict {
    #[default]
    Unknown,
    No,
    Yes,
}

/// Sorted positions of each needed term, gathered when the first row is evaluated.
#[derive(Debug, Default)]
struct Positions {
    gathered: bool,
    /// (term, start, end) in `all`, by term.
    terms: Vec<(u32, u32, u32)>,
    all: Vec<u32>,
}

impl Scratch {
    fn begin(&mut self, segment: &Segment) {
        for term in self.present.drain(..) {
            self.bits[term as usize / 64] = 0;
        }
        for row in self.judged.drain(..) {
            self.rows[row as usize] = Verdict::Unknown;
        }
        self.places.clear();
        self.positions.gathered = false;
        let bits = segment.terms.len().div_ceil(64);
        if self.bits.len() < bits {
            self.bits.resize(bits, 0);
        }
        if self.rows.len() < segment.row_ends.len() {
            self.rows.resize(segment.row_ends.len(), Verdict::Unknown);
        }
    }

    fn holds(&self, term: u32) -> bool {
        self.bits[term as usize / 64] & (1 << (term % 64)) != 0
    }

    fn set(&mut self, term: u32) {
        let bit = 1 << (term % 64);
        let bits = &mut self.bits[term as usize / 64];
        if *bits & bit == 0 {
            *bits |= bit;
            self.present.push(term);
        }
    }
}

impl Segment {
    /// Appends the ids of all matching filters in no order; one with alternatives may come more than once.
    pub(super) fn matches(&self, article: &Analysed, scratch: &mut Scratch, hits: &mut Vec<i64>) {
        scratch.begin(self);
        self.mark(article, scratch);
        let mut at = 0;
        while let Some(term) = scratch.present.get(at).copied() {
            at += 1;
            for filter in self.first[term as usize]..self.first[term as usize + 1] {
                self.judge(filter, article, scratch, hits);
            }
            for filter in self.more(term) {
                self.judge(*filter, article, scratch, hits);
            }
        }
    }

    fn judge(&self, filter: u32, article: &Analysed, scratch: &mut Scratch, hits: &mut Vec<i64>) {
        if !scratch.holds(self.second[filter as usize]) {
            return;
        }
        let program = self.program(filter);
        if program.is_empty() || self.run(program, article, scratch).0 {
            hits.push(self.ids[filter as usize]);
        }
    }

    /// Sets the bit of every term that the article holds.
    fn mark(&self, article: &Analysed, scratch: &mut Scratch) {
        scratch.set(ALWAYS);
        let stems = self.stems(Scheme::of(article.language));
        for (n, word) in article.words.iter().enumerate() {
            let mut found = |term| self.found(term, n, word.fields, scratch);
            for key in word.stems.as_slice() {
                stems.get(*key).for_each(&mut found);
            }
            if self.has_exact {
                self.names.get(word.exact).for_each(&mut found);
            }
            if !self.prefixes.is_empty() {
                keys::beginnings(article.spelling(n), |letters, key| {
                    if self.prefix_lengths & (1 << letters) != 0 {
                        self.prefixes.get(key).for_each(&mut found);
                    }
                });
            }
        }
        for key in keys::sites(&article.site).chain([keys::lang(article.language)]) {
            self.names.get(key).for_each(|term| scratch.set(term));
        }
    }

    fn found(&self, term: u32, word: usize, fields: u8, scratch: &mut Scratch) {
        if self.terms.kind(term).mask() & fields == 0 {
            return;
        }
        scratch.set(term);
        if self.positional[term as usize / 64] & (1 << (term % 64)) != 0 {
            scratch.places.push((term, u32::try_from(word).expect("an article has at most MOST_WORDS words")));
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
        let holds = self.row_possible(row, scratch) && {
            self.gather(article, scratch);
            !self.row_spans(row, &scratch.positions).is_empty()
        };
        scratch.rows[row as usize] = if holds { Verdict::Yes } else { Verdict::No };
        scratch.judged.push(row);
        holds
    }

    /// Whether all terms are there at all, before any position is looked at.
    fn row_possible(&self, row: u32, scratch: &Scratch) -> bool {
        match Row::decode(self.row(row)) {
            Row::Terms { terms, .. } => terms.iter().all(|(_, term)| scratch.holds(*term)),
            Row::Near { left, right, .. } => self.row_possible(left, scratch) && self.row_possible(right, scratch),
            Row::Any(rows) => rows.iter().any(|row| self.row_possible(*row, scratch)),
        }
    }

    fn gather(&self, article: &Analysed, scratch: &mut Scratch) {
        let Scratch { places, positions, .. } = scratch;
        if std::mem::replace(&mut positions.gathered, true) {
            return;
        }
        positions.terms.clear();
        positions.all.clear();
        places.sort_unstable();
        places.dedup();
        for words in places.chunk_by(|a, b| a.0 == b.0) {
            let term = words[0].0;
            let mask = self.terms.kind(term).mask();
            let start = positions.all.len();
            for (_, word) in words {
                positions.all.extend_from_slice(article.positions(*word as usize));
            }
            let mut kept = positions.all.split_off(start);
            if words.iter().any(|(_, word)| article.words[*word as usize].fields & !mask != 0) {
                kept.retain(|position| article.stands_in(*position, mask));
            }
            if words.len() > 1 {
                kept.sort_unstable();
                kept.dedup();
            }
            positions.all.append(&mut kept);
            let bound = |n: usize| u32::try_from(n).expect("an article has at most MOST_WORDS words a term");
            positions.terms.push((term, bound(start), bound(positions.all.len())));
        }
    }

    fn row_spans(&self, row: u32, positions: &Positions) -> Vec<Span> {
        match Row::decode(self.row(row)) {
            Row::Terms { length, terms } => {
                let rows: Vec<(u32, &[u32])> =
                    terms.iter().map(|(offset, term)| (*offset, positions.of(*term))).collect();
                row_spans(&rows, length)
            }
            Row::Near { distance, ordered, left, right } => {
                near_spans(&self.row_spans(left, positions), &self.row_spans(right, positions), distance, ordered)
            }
            Row::Any(rows) => {
                let mut all: Vec<Span> = rows.iter().flat_map(|row| self.row_spans(*row, positions)).collect();
                all.sort_unstable();
                all.dedup();
                all
            }
        }
    }
}

impl Positions {
    fn of(&self, term: u32) -> &[u32] {
        match self.terms.binary_search_by_key(&term, |(term, ..)| *term) {
            Ok(at) => &self.all[self.terms[at].1 as usize..self.terms[at].2 as usize],
            Err(_) => &[],
        }
    }
}
