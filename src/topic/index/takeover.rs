//! Takes the live filters of one segment over into a new one: back from numbers to expressions, which are then compiled again.
//! It does not choose anchors and reads no filter's text.

use rustc_hash::{FxHashMap, FxHashSet};

use super::compile::{Compiler, Expr, number, single};
use super::rows::Row;
use super::segment::{ALWAYS, AND, KIND, NOT, Posting, ROW, Rest, Segment, TERM, TermKind};
use crate::topic::frequency::TermFrequencies;

impl Compiler {
    /// Takes over the live filters of another segment.
    pub(super) fn push_segment(&mut self, from: &Segment, gone: &FxHashSet<i64>, frequencies: &TermFrequencies) {
        let mut postings: Vec<(u32, u32, Posting)> = Vec::with_capacity(from.tails.len());
        for term in 0..number(from.terms.len()) {
            let anchored = from.anchored(term).map(|at| from.posting(at));
            postings.extend(anchored.map(|posting| (posting.tail.filter, term, posting)));
        }
        postings.sort_unstable();
        let mut takeover = Takeover { from, terms: FxHashMap::default(), rows: FxHashMap::default() };
        for postings in postings.chunk_by(|a, b| a.0 == b.0) {
            let (filter, _, posting) = postings[0];
            let id = from.ids[filter as usize];
            if gone.contains(&id) {
                continue;
            }
            // Every anchor stands with every second term.
            let anchors = postings.iter().map(|(_, anchor, _)| *anchor).filter(|term| *term != ALWAYS);
            let seconds = postings.iter().map(|(_, _, posting)| posting.second).filter(|term| *term != ALWAYS);
            let mut all = Vec::with_capacity(3);
            all.extend(takeover.alternatives(anchors, self, frequencies));
            all.extend(takeover.alternatives(seconds, self, frequencies));
            match from.rest(posting.tail) {
                Rest::Term(ALWAYS) => {}
                Rest::Term(term) => all.push(Expr::Term(takeover.term(term, self, frequencies))),
                Rest::Row(row) => all.push(Expr::Row(takeover.row(row, self, frequencies))),
                Rest::Lacks(term) => {
                    all.push(Expr::Not(Box::new(Expr::Term(takeover.term(term, self, frequencies)))));
                }
                Rest::Program(mut program) => match takeover.expr(&mut program, self, frequencies) {
                    Expr::And(children) => all.extend(children),
                    expr => all.push(expr),
                },
            }
            self.push(id, single(all, Expr::And));
        }
    }
}

/// Copies filters out of a segment, each of its terms and rows once.
struct Takeover<'a> {
    from: &'a Segment,
    terms: FxHashMap<u32, u32>,
    rows: FxHashMap<u32, u32>,
}

impl Takeover<'_> {
    /// One of these terms; None where there is none.
    fn alternatives(
        &mut self,
        terms: impl Iterator<Item = u32>,
        into: &mut Compiler,
        frequencies: &TermFrequencies,
    ) -> Option<Expr> {
        let mut terms: Vec<u32> = terms.collect();
        terms.sort_unstable();
        terms.dedup();
        let all: Vec<Expr> = terms.into_iter().map(|term| Expr::Term(self.term(term, into, frequencies))).collect();
        (!all.is_empty()).then(|| single(all, Expr::Or))
    }

    fn term(&mut self, term: u32, into: &mut Compiler, frequencies: &TermFrequencies) -> u32 {
        if let Some(known) = self.terms.get(&term) {
            return *known;
        }
        let (kind, text) = (self.from.terms.kind(term), self.from.terms.text(term));
        let share = || match (self.from.terms.word(term), kind) {
            (Some(word), _) => frequencies.term_share(&word),
            (None, TermKind::Site) => frequencies.site_share(text),
            (None, _) => frequencies.lang_share(text.parse().unwrap_or_default()),
        };
        let new = into.term(kind, text, share);
        self.terms.insert(term, new);
        new
    }

    fn row(&mut self, row: u32, into: &mut Compiler, frequencies: &TermFrequencies) -> u32 {
        if let Some(known) = self.rows.get(&row) {
            return *known;
        }
        let copy = match Row::decode(self.from.row(row)) {
            Row::Terms { length, mut terms } => {
                for [_, term] in terms.to_mut() {
                    *term = self.term(*term, into, frequencies);
                }
                Row::Terms { length, terms }
            }
            Row::Near { distance, ordered, left, right } => Row::Near {
                distance,
                ordered,
                left: self.row(left, into, frequencies),
                right: self.row(right, into, frequencies),
            },
            Row::Any(mut rows) => {
                for row in rows.to_mut() {
                    *row = self.row(*row, into, frequencies);
                }
                rows.to_mut().sort_unstable();
                Row::Any(rows)
            }
        };
        let new = into.row(&copy);
        self.rows.insert(row, new);
        new
    }

    /// Reads one expression off the front of a program.
    fn expr(&mut self, program: &mut &[u32], into: &mut Compiler, frequencies: &TermFrequencies) -> Expr {
        let (head, rest) = program.split_first().expect("a program ends where its expression ends");
        *program = rest;
        let value = head & !KIND;
        match head & KIND {
            TERM => Expr::Term(self.term(value, into, frequencies)),
            ROW => Expr::Row(self.row(value, into, frequencies)),
            NOT => Expr::Not(Box::new(self.expr(program, into, frequencies))),
            kind => {
                let (mut inner, rest) = program.split_at(value as usize);
                *program = rest;
                let mut children = Vec::new();
                while !inner.is_empty() {
                    children.push(self.expr(&mut inner, into, frequencies));
                }
                if kind == AND { Expr::And(children) } else { Expr::Or(children) }
            }
        }
    }
}
