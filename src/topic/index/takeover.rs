//! Takes the live filters of one segment over into a new one: back from numbers to expressions, which are then compiled again.
//! It does not choose anchors and reads no filter's text.

use rustc_hash::{FxHashMap, FxHashSet};

use super::compile::{Compiler, Expr, number, single};
use super::rows::Row;
use super::segment::{ALWAYS, AND, KIND, NOT, Posting, ROW, Rest, Segment, TERM, Tail, TermKind};
use crate::topic::frequency::TermFrequencies;

/// A posting with its filter and its anchor.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
struct Way {
    filter: u32,
    rest: u32,
    anchor: u32,
    second: u32,
}

impl Way {
    fn tail(self) -> Tail {
        Tail { rest: self.rest, filter: self.filter }
    }
}

impl Compiler {
    /// Takes over the live filters of another segment.
    pub(super) fn push_segment(&mut self, from: &Segment, gone: &FxHashSet<i64>, frequencies: &TermFrequencies) {
        let mut ways: Vec<Way> = Vec::with_capacity(from.tails.len());
        for anchor in 0..number(from.terms.len()) {
            let anchored = from.anchored(anchor).map(|at| from.posting(at));
            ways.extend(anchored.map(|Posting { second, tail }| Way {
                filter: tail.filter,
                rest: tail.rest,
                anchor,
                second,
            }));
        }
        ways.sort_unstable();
        ways.dedup();
        let mut takeover = Takeover { from, terms: FxHashMap::default(), rows: FxHashMap::default() };
        for ways in ways.chunk_by(|a, b| a.filter == b.filter) {
            let id = from.ids[ways[0].filter as usize];
            if !gone.contains(&id) {
                let expr = takeover.filter(ways, self, frequencies);
                self.push(id, expr);
            }
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
    /// The expression of a filter to which these ways lead.
    fn filter(&mut self, ways: &[Way], into: &mut Compiler, frequencies: &TermFrequencies) -> Expr {
        let mut all = Vec::new();
        for alike in ways.chunk_by(|a, b| a.rest == b.rest) {
            let anchors = distinct(alike.iter().map(|way| way.anchor));
            let seconds = distinct(alike.iter().map(|way| way.second));
            let pair = matches!(self.from.rest(alike[0].tail()), Rest::Pair(_));
            // Where each anchor stands with each second term, both are alternatives.
            if alike.len() == anchors.len() * seconds.len() && !pair {
                all.push(self.way(&anchors, &seconds, alike[0], into, frequencies));
            } else {
                let each = alike.iter().map(|way| self.way(&[way.anchor], &[way.second], *way, into, frequencies));
                all.extend(each.collect::<Vec<_>>());
            }
        }
        single(all, Expr::Or)
    }

    /// What one of the anchors, one of the second terms and the rest of a way ask for.
    fn way(
        &mut self,
        anchors: &[u32],
        seconds: &[u32],
        way: Way,
        into: &mut Compiler,
        frequencies: &TermFrequencies,
    ) -> Expr {
        let mut all = Vec::with_capacity(3);
        all.extend(self.alternatives(anchors, into, frequencies));
        all.extend(self.alternatives(seconds, into, frequencies));
        match self.from.rest(way.tail()) {
            Rest::Term(ALWAYS) => {}
            Rest::Term(term) => all.push(Expr::Term(self.term(term, into, frequencies))),
            Rest::Row(row) => all.push(Expr::Row(self.row(row, into, frequencies))),
            Rest::Pair([before, after]) => {
                let [anchor, second] = [way.anchor, way.second].map(|term| self.term(term, into, frequencies));
                let mut terms = [[before, anchor], [after, second]];
                terms.sort_unstable();
                let row = Row::Terms { length: before.max(after) + 1, terms: terms.to_vec().into() };
                return Expr::Row(into.row(&row));
            }
            Rest::Lacks(term) => all.push(Expr::Not(Box::new(Expr::Term(self.term(term, into, frequencies))))),
            Rest::Program(mut program) => match self.expr(&mut program, into, frequencies) {
                Expr::And(children) => all.extend(children),
                expr => all.push(expr),
            },
        }
        single(all, Expr::And)
    }

    /// One of these terms; None where every article holds one.
    fn alternatives(&mut self, terms: &[u32], into: &mut Compiler, frequencies: &TermFrequencies) -> Option<Expr> {
        if terms.contains(&ALWAYS) {
            return None;
        }
        let all = terms.iter().map(|term| Expr::Term(self.term(*term, into, frequencies))).collect();
        Some(single(all, Expr::Or))
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

fn distinct(terms: impl Iterator<Item = u32>) -> Vec<u32> {
    let mut terms: Vec<u32> = terms.collect();
    terms.sort_unstable();
    terms.dedup();
    terms
}
