//! Which filters of a segment the articles of a batch match: each posting is looked at once, for all of them by their bits.
//! It does not build segments and does not know what was removed since.

use super::compile::number;
use super::marks::{AT_ONCE, Bits, Marks, each};
use super::rows::Row;
use super::segment::{AND, KIND, LACKS, NOT, ROW, Rest, Segment, TERM, Tail};
use crate::topic::analyze::Analysed;

/// Working memory that one thread keeps from batch to batch.
#[derive(Debug, Default)]
pub struct Scratch {
    marks: Marks,
    /// Of the last batch; behind them what older ones left.
    passed: Vec<Passed>,
    /// By row: what is known of it. Nothing is known between batches.
    rows: Vec<Known>,
    asked: Vec<u32>,
    /// By filter: the articles that it matches. None between batches.
    hits: Vec<Bits>,
    /// One bit a filter: whether there are such articles.
    hit: Vec<u64>,
}

/// In which articles a row was looked for, and in which it stands.
#[derive(Clone, Copy, Debug, Default)]
struct Known {
    asked: Bits,
    stands: Bits,
}

/// A posting, and the articles that hold its anchor and its second term.
#[derive(Clone, Copy, Debug, Default)]
struct Passed {
    posting: u32,
    anchor: u32,
    articles: Bits,
}

/// What one batch is matched with.
struct Batch<'a> {
    segment: &'a Segment,
    articles: &'a [&'a Analysed],
    marks: &'a Marks,
    rows: &'a mut Vec<Known>,
    asked: &'a mut Vec<u32>,
}

impl Segment {
    /// Appends to the hits of each article the ids of all filters that it matches, sorted, each once. At most [`AT_ONCE`] articles.
    pub(super) fn matches(&self, articles: &[&Analysed], scratch: &mut Scratch, hits: &mut [Vec<i64>]) {
        debug_assert!(articles.len() <= AT_ONCE && articles.len() == hits.len());
        scratch.marks.read(self, articles);
        if scratch.rows.len() < self.row_ends.len() {
            scratch.rows.resize(self.row_ends.len(), Known::default());
        }
        if scratch.hits.len() < self.len() {
            scratch.hits.resize(self.len(), 0);
            scratch.hit.resize(self.len().div_ceil(64), 0);
        }
        let passed = self.sift(&scratch.marks, &mut scratch.passed);
        self.ask(passed, articles, scratch);
        self.collect(scratch, hits);
        for row in scratch.asked.drain(..) {
            scratch.rows[row as usize] = Known::default();
        }
    }

    /// Collects the postings whose anchor and second term stand in one article. No branch depends on one posting: a third of them
    /// passes, and a branch that cannot be foretold costs more than the question. Gives their number.
    fn sift(&self, marks: &Marks, passed: &mut Vec<Passed>) -> usize {
        let mut count = 0;
        let held_by = marks.held_by();
        marks.each_term(|anchor| {
            let (held, range) = (held_by[anchor as usize], self.anchored(anchor));
            if passed.len() < count + range.len() {
                passed.resize((count + range.len()).next_power_of_two(), Passed::default());
            }
            for (posting, second) in (number(range.start)..).zip(&self.seconds[range]) {
                let articles = held & held_by[*second as usize];
                passed[count] = Passed { posting, anchor, articles };
                count += usize::from(articles != 0);
            }
        });
        count
    }

    /// Asks the first postings that passed, so many, for the rest.
    fn ask(&self, count: usize, articles: &[&Analysed], scratch: &mut Scratch) {
        let Scratch { marks, passed, rows, asked, hits, hit } = scratch;
        let mut batch = Batch { segment: self, articles, marks, rows, asked };
        for way @ Passed { posting, articles, .. } in &passed[..count] {
            let tail = self.tails[*posting as usize];
            let found = if tail.rest < ROW {
                // All ones where the term must not be there.
                let lacks = Bits::from(tail.rest >= LACKS).wrapping_neg();
                *articles & (batch.marks.held(tail.rest & !KIND) ^ lacks)
            } else {
                batch.rest(*way, tail)
            };
            let filter = tail.filter as usize;
            hits[filter] |= found;
            hit[filter / 64] |= u64::from(found != 0) << (filter % 64);
        }
    }

    /// Hands out the hits in the order of the filters, and takes them away.
    fn collect(&self, scratch: &mut Scratch, hits: &mut [Vec<i64>]) {
        let of_filters = scratch.hit.iter_mut().zip(scratch.hits.chunks_mut(64)).zip(self.ids.chunks(64));
        for ((hit, by_filter), ids) in of_filters {
            for filter in each(std::mem::take(hit)) {
                let id = ids[filter];
                for article in each(std::mem::take(&mut by_filter[filter])) {
                    hits[article].push(id);
                }
            }
        }
    }
}

impl Batch<'_> {
    /// In which of its articles the rest of a posting holds.
    fn rest(&mut self, Passed { posting, anchor, articles }: Passed, tail: Tail) -> Bits {
        match self.segment.rest(tail) {
            Rest::Term(term) => articles & self.marks.held(term),
            Rest::Lacks(term) => articles & !self.marks.held(term),
            Rest::Row(row) => self.row(row, articles),
            Rest::Pair([before, after]) => {
                let second = self.segment.seconds[posting as usize];
                let terms = [[before, anchor], [after, second]];
                let row = Row::Terms { length: before.max(after) + 1, terms: terms.as_slice().into() };
                self.segment.standing(&row, articles, self.articles, self.marks)
            }
            Rest::Program(program) => self.run(program, articles).0,
        }
    }

    /// In which of the articles the expression at the front of `program` holds, and how long it is.
    fn run(&mut self, program: &[u32], articles: Bits) -> (Bits, usize) {
        let value = program[0] & !KIND;
        match program[0] & KIND {
            TERM => (articles & self.marks.held(value), 1),
            ROW => (self.row(value, articles), 1),
            NOT => {
                let (holds, length) = self.run(&program[1..], articles);
                (articles & !holds, length + 1)
            }
            kind => {
                let end = 1 + value as usize;
                let (mut at, mut open) = (1, articles);
                // AND asks the next of those where all held so far, OR of those where none did.
                while at < end && open != 0 {
                    let (holds, length) = self.run(&program[at..], open);
                    at += length;
                    open = if kind == AND { holds } else { open & !holds };
                }
                (if kind == AND { open } else { articles & !open }, end)
            }
        }
    }

    /// In which of the articles a row stands.
    fn row(&mut self, row: u32, articles: Bits) -> Bits {
        let known = &mut self.rows[row as usize];
        let open = articles & !known.asked;
        if open != 0 {
            if known.asked == 0 {
                self.asked.push(row);
            }
            known.asked |= open;
            known.stands |= self.segment.row_standing(row, open, self.articles, self.marks);
        }
        articles & known.stands
    }
}
