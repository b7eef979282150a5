//! Turns filters into numbers: terms interned once, rows kept once, postings in the order of their anchors.
//! It does not evaluate anything.

mod ways;

use std::{hash::BuildHasher as _, sync::OnceLock};

use rustc_hash::{FxBuildHasher, FxHashMap, FxHashSet};

use super::rows::{Placed, Row};
use super::segment::{AND, KIND, NOT, Names, OR, POSITIONAL, Posting, Segment, TermKind, TermTable, program_at, short};
use crate::topic::analyze::keys;
use crate::topic::frequency::TermFrequencies;
use crate::topic::query::terms::Sequence;
use crate::topic::query::{Near, Node, Query};

/// Pairs of an anchor and a second term that one filter may stand under: `(a OR b) (c OR d)` has four.
const MOST_POSTINGS: usize = 12;

/// A filter between its tree and its program.
#[derive(Clone, Debug)]
pub(super) enum Expr {
    Term(u32),
    Row(u32),
    And(Vec<Expr>),
    Or(Vec<Expr>),
    Not(Box<Expr>),
}

/// A posting before all are put in order; its filter is a place in the order of coming.
#[derive(Debug)]
struct Pending {
    anchor: u32,
    posting: Posting,
}

/// Collects filters for one segment.
#[derive(Debug)]
pub(super) struct Compiler {
    terms: TermTable,
    shares: Vec<f32>,
    known_terms: FxHashMap<u64, u32>,
    rows: Vec<u32>,
    row_ends: Vec<u32>,
    /// By hash of their code, which is compared: a key of its own for each, between what parsing allocates and frees again, costs
    /// more than all the rest.
    known_rows: FxHashMap<u64, u32>,
    positional: FxHashSet<u32>,
    pending: Vec<Pending>,
    ids: Vec<i64>,
    code: Vec<u32>,
    /// As `known_rows`: programs that several filters have, which leave out the same words.
    known_programs: FxHashMap<u64, u32>,
}

impl Default for Compiler {
    fn default() -> Self {
        let mut terms = TermTable::default();
        terms.push(TermKind::Site, "");
        Self {
            terms,
            shares: vec![1.0],
            known_terms: FxHashMap::default(),
            rows: Vec::new(),
            row_ends: Vec::new(),
            known_rows: FxHashMap::default(),
            positional: FxHashSet::default(),
            pending: Vec::new(),
            ids: Vec::new(),
            code: Vec::new(),
            known_programs: FxHashMap::default(),
        }
    }
}

pub(super) fn number(n: usize) -> u32 {
    u32::try_from(n).expect("a segment holds far fewer than 2^32 of anything")
}

impl Compiler {
    pub(super) fn push_query(&mut self, id: i64, query: &Query, frequencies: &TermFrequencies) {
        let expr = self.expr(query.root(), frequencies);
        self.push(id, expr);
    }

    pub(super) fn term(&mut self, kind: TermKind, text: &str, share: impl FnOnce() -> f64) -> u32 {
        let mut known = keys::exact(text) ^ (u64::from(kind.code()) + 1).wrapping_mul(0x9e37_79b9_7f4a_7c15);
        known ^= known >> 29;
        let next = number(self.terms.len());
        let term = *self.known_terms.entry(known).or_insert(next);
        if term == next {
            self.terms.push(kind, text);
            #[expect(clippy::cast_possible_truncation, reason = "an estimate that is only compared")]
            self.shares.push(share() as f32);
        }
        term
    }

    pub(super) fn row(&mut self, row: &Row<'_>) -> u32 {
        let code = row.encode();
        let hash = FxBuildHasher.hash_one(&code);
        if let Some(known) = self.known_rows.get(&hash).filter(|known| self.row_code(**known) == code) {
            return *known;
        }
        if let Row::Terms { terms, .. } = row {
            self.positional.extend(terms.iter().map(|[_, term]| *term));
        }
        let next = number(self.row_ends.len());
        self.rows.extend_from_slice(&code);
        self.row_ends.push(number(self.rows.len()));
        self.known_rows.insert(hash, next);
        next
    }

    fn sequence(&mut self, sequence: &Sequence<'_>, frequencies: &TermFrequencies) -> Vec<Placed> {
        let mut terms = Vec::with_capacity(sequence.terms.len());
        for (offset, term) in &sequence.terms {
            let kind = TermKind::Word(term.scope, term.form);
            terms.push([*offset, self.term(kind, &term.text, || frequencies.term_share(term))]);
        }
        terms
    }

    fn expr(&mut self, node: &Node, frequencies: &TermFrequencies) -> Expr {
        match node {
            Node::Word(word) => {
                let sequences = word.sequences();
                let each = sequences.iter().map(|sequence| self.sequence_expr(sequence, frequencies));
                single(each.collect(), Expr::Or)
            }
            Node::Phrase(phrase) => self.sequence_expr(&phrase.sequence(), frequencies),
            Node::Near(near) => self.near_expr(near, frequencies),
            Node::Site(host) => Expr::Term(self.term(TermKind::Site, host, || frequencies.site_share(host))),
            Node::Lang(language) => {
                Expr::Term(self.term(TermKind::Lang, language.code(), || frequencies.lang_share(*language)))
            }
            Node::And(children) => Expr::And(children.iter().map(|child| self.expr(child, frequencies)).collect()),
            Node::Or(children) => {
                // A compound inside is an OR already.
                let mut flat = Vec::with_capacity(children.len());
                for child in children {
                    match self.expr(child, frequencies) {
                        Expr::Or(inner) => flat.extend(inner),
                        expr => flat.push(expr),
                    }
                }
                Expr::Or(flat)
            }
            Node::Not(child) => Expr::Not(Box::new(self.expr(child, frequencies))),
        }
    }

    fn sequence_expr(&mut self, sequence: &Sequence<'_>, frequencies: &TermFrequencies) -> Expr {
        let terms = self.sequence(sequence, frequencies);
        match terms.as_slice() {
            [[_, term]] => Expr::Term(*term),
            _ => Expr::Row(self.row(&Row::Terms { length: sequence.length, terms: terms.into() })),
        }
    }

    /// Alternatives on its sides are told apart, as long as that makes few rows: each says by its own terms where to look.
    fn near_expr(&mut self, near: &Near, frequencies: &TermFrequencies) -> Expr {
        let Near { distance, ordered, left, right } = near;
        let mut lefts = self.node_rows(left, frequencies);
        let mut rights = self.node_rows(right, frequencies);
        if lefts.len() * rights.len() > MOST_POSTINGS {
            (lefts, rights) = (vec![self.any_row(lefts)], vec![self.any_row(rights)]);
        }
        let pairs = lefts.iter().flat_map(|left| rights.iter().map(|right| (*left, *right)));
        let rows = pairs.map(|(left, right)| Row::Near { distance: *distance, ordered: *ordered, left, right });
        single(rows.map(|row| Expr::Row(self.row(&row))).collect(), Expr::Or)
    }

    /// The row of a node that has a place in the text.
    fn node_row(&mut self, node: &Node, frequencies: &TermFrequencies) -> u32 {
        let rows = self.node_rows(node, frequencies);
        self.any_row(rows)
    }

    /// The rows of which one must stand for a node that has a place in the text.
    fn node_rows(&mut self, node: &Node, frequencies: &TermFrequencies) -> Vec<u32> {
        match node {
            Node::Word(word) => {
                let sequences = word.sequences();
                sequences.iter().map(|sequence| self.sequence_row(sequence, frequencies)).collect()
            }
            Node::Phrase(phrase) => vec![self.sequence_row(&phrase.sequence(), frequencies)],
            Node::Near(near) => {
                let left = self.node_row(&near.left, frequencies);
                let right = self.node_row(&near.right, frequencies);
                vec![self.row(&Row::Near { distance: near.distance, ordered: near.ordered, left, right })]
            }
            Node::Or(children) => children.iter().flat_map(|child| self.node_rows(child, frequencies)).collect(),
            _ => Vec::new(),
        }
    }

    /// A row that stands where any of these does.
    fn any_row(&mut self, mut rows: Vec<u32>) -> u32 {
        if let [only] = rows.as_slice() {
            return *only;
        }
        rows.sort_unstable();
        self.row(&Row::Any(rows.into()))
    }

    fn sequence_row(&mut self, sequence: &Sequence<'_>, frequencies: &TermFrequencies) -> u32 {
        let terms = self.sequence(sequence, frequencies);
        self.row(&Row::Terms { length: sequence.length, terms: terms.into() })
    }
}

pub(super) fn single(mut all: Vec<Expr>, many: impl FnOnce(Vec<Expr>) -> Expr) -> Expr {
    if all.len() == 1 { all.remove(0) } else { many(all) }
}

impl Compiler {
    fn row_code(&self, row: u32) -> &[u32] {
        let start = row.checked_sub(1).map_or(0, |before| self.row_ends[before as usize]);
        &self.rows[start as usize..self.row_ends[row as usize] as usize]
    }

    /// Puts all filters in the order of their anchors.
    pub(super) fn finish(mut self) -> Segment {
        let terms = self.terms.len();
        let mut ids: Vec<(i64, u32)> = (0..).zip(&self.ids).map(|(came, id)| (*id, came)).collect();
        ids.sort_unstable();
        let mut place = vec![0_u32; ids.len()];
        (0..).zip(&ids).for_each(|(to, (_, came))| place[*came as usize] = to);
        for Pending { posting, .. } in &mut self.pending {
            posting.tail.filter = place[posting.tail.filter as usize];
        }
        self.pending.sort_unstable_by_key(|pending| (pending.anchor, pending.posting));
        let code = self.code_in_order();
        let mut masks: Vec<u8> = (0..number(terms)).map(|term| self.terms.kind(term).mask()).collect();
        let mut positional = vec![0_u64; masks.len().div_ceil(64)];
        for term in &self.positional {
            masks[*term as usize] |= POSITIONAL;
            positional[*term as usize / 64] |= 1 << (term % 64);
        }
        self.terms.text.shrink_to_fit();
        self.terms.kinds.shrink_to_fit();
        self.terms.ends.shrink_to_fit();
        let names = Names::of(&self.terms);
        Segment {
            masks: masks.into(),
            positional: positional.into(),
            first: starts(terms, self.pending.iter().map(|pending| pending.anchor)),
            seconds: self.pending.iter().map(|pending| pending.posting.second).collect(),
            tails: self.pending.iter().map(|pending| pending.posting.tail).collect(),
            code,
            ids: ids.into_iter().map(|(id, _)| id).collect(),
            row_ends: self.row_ends.into(),
            row_code: self.rows.into(),
            names: names.names,
            prefixes: names.prefixes,
            prefix_lengths: names.prefix_lengths,
            has_exact: names.has_exact,
            stems: [const { OnceLock::new() }; _],
            terms: self.terms,
        }
    }
}

impl Compiler {
    /// Programs in the order in which postings ask for them; alternatives share one.
    fn code_in_order(&mut self) -> Box<[u32]> {
        let mut code = Vec::with_capacity(self.code.len());
        let mut moved = FxHashMap::default();
        for Pending { posting, .. } in &mut self.pending {
            if let Some(at) = program_at(posting.tail.rest) {
                posting.tail.rest = *moved.entry(at).or_insert_with(|| short(whole(&self.code[at..]), &mut code));
            }
        }
        code.into()
    }
}

/// The program at the front of `code`.
fn whole(code: &[u32]) -> &[u32] {
    let mut length = 1;
    while code[length - 1] & KIND == NOT {
        length += 1;
    }
    if matches!(code[length - 1] & KIND, AND | OR) {
        length += (code[length - 1] & !KIND) as usize;
    }
    &code[..length]
}

/// For sorted terms: where each begins, and the end.
fn starts(terms: usize, sorted: impl Iterator<Item = u32>) -> Box<[u32]> {
    let mut starts = vec![0_u32; terms + 1];
    sorted.for_each(|term| starts[term as usize + 1] += 1);
    let mut sum = 0;
    for start in &mut starts {
        sum += *start;
        *start = sum;
    }
    starts.into()
}
