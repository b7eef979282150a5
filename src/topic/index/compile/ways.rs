//! Chooses how articles find a filter: its ways, their anchors and second terms, and the programs for the rest.
//! It does not number terms and rows and puts nothing in order.

use std::hash::BuildHasher as _;

use rustc_hash::FxBuildHasher;

use super::{Compiler, Expr, MOST_POSTINGS, Pending, number, single};
use crate::topic::index::rows::Row;
use crate::topic::index::segment::{ALWAYS, AND, NOT, OR, Posting, ROW, TERM, Tail, pair, program_at, short};

/// Words of programs that are written again for alternatives: what one filter may cost to be found by each.
const MOST_AGAIN: usize = 24;

impl Compiler {
    /// Writes the ways to a filter: one, or of alternatives one for each.
    pub(in crate::topic::index) fn push(&mut self, id: i64, expr: Expr) {
        let filter = number(self.ids.len());
        self.ids.push(id);
        match expr {
            Expr::Or(children) => children.into_iter().for_each(|child| self.push_ways(filter, child)),
            expr => self.push_ways(filter, expr),
        }
    }

    /// Writes a way for each of the alternatives beside what else it asks for, where they are more than terms and few.
    fn push_ways(&mut self, filter: u32, expr: Expr) {
        let Expr::And(all) = expr else { return self.push_way(filter, vec![expr]) };
        let length: usize = all.iter().map(words).sum();
        let (apart, mut others): (Vec<Expr>, Vec<Expr>) = all.into_iter().partition(|expr| match expr {
            Expr::Or(children) => {
                children.len() * (length - words(expr)) <= MOST_AGAIN
                    && !children.iter().all(|child| matches!(child, Expr::Term(_)))
            }
            _ => false,
        });
        let mut apart = apart.into_iter();
        let first = apart.next();
        others.extend(apart);
        let Some(Expr::Or(children)) = first else { return self.push_way(filter, others) };
        for child in children {
            let more = match child {
                Expr::And(children) => children,
                child => vec![child],
            };
            self.push_way(filter, [others.clone(), more].concat());
        }
    }

    /// Chooses the anchors of a way to a filter and writes its program.
    fn push_way(&mut self, filter: u32, mut all: Vec<Expr>) {
        let covers = all.iter().enumerate().filter_map(|(at, expr)| self.cover(expr).map(|cover| (at, cover)));
        let (at, (_, mut anchors)) =
            covers.min_by(|a, b| a.1.0.total_cmp(&b.1.0)).expect("a parsed filter has a word to look for");
        let implied = match &all[at] {
            Expr::Term(_) => true,
            Expr::Or(children) => children.iter().all(|child| matches!(child, Expr::Term(_))),
            _ => false,
        };
        if implied {
            all.remove(at);
        }
        anchors.sort_unstable();
        anchors.dedup();
        let seconds = self.seconds(&mut all, &anchors);
        let tail = Tail { rest: self.rest(all, &anchors, &seconds), filter };
        for anchor in anchors {
            let postings = seconds.iter().map(|second| Posting { second: *second, tail });
            self.pending.extend(postings.map(|posting| Pending { anchor, posting }));
        }
    }

    /// The word for what a way asks for beyond its anchors and second terms.
    fn rest(&mut self, all: Vec<Expr>, anchors: &[u32], seconds: &[u32]) -> u32 {
        if let (&[Expr::Row(row)], &[anchor], &[second]) = (&all[..], anchors, seconds)
            && let Row::Terms { terms, .. } = Row::decode(self.row_code(row))
            && let &[[first, one], [last, other]] = &*terms
            && let Some(offsets) = match [one, other] {
                terms if terms == [anchor, second] => Some([first, last]),
                terms if terms == [second, anchor] => Some([last, first]),
                _ => None,
            }
            && let Some(rest) = pair(offsets)
        {
            return rest;
        }
        let mut program = Vec::new();
        if !all.is_empty() {
            write(&single(all, Expr::And), &mut program);
        }
        let hash = FxBuildHasher.hash_one(&program);
        if let Some(known) = self.known_programs.get(&hash)
            && let Some(at) = program_at(*known)
            && self.code[at..].starts_with(&program)
        {
            return *known;
        }
        let rest = short(&program, &mut self.code);
        if program_at(rest).is_some() {
            self.known_programs.insert(hash, rest);
        }
        rest
    }

    /// The rarest other term that must occur, or alternatives of which one must; taken out of the program where the posting
    /// says it all.
    fn seconds(&self, all: &mut Vec<Expr>, anchors: &[u32]) -> Vec<u32> {
        let share = |term: &u32| self.shares[*term as usize];
        let required = |expr: &Expr| match expr {
            Expr::Term(term) => Some(*term),
            _ => None,
        };
        let rarest = all.iter().filter_map(required).min_by(|a, b| share(a).total_cmp(&share(b)));
        if let Some(term) = rarest {
            all.retain(|expr| required(expr) != Some(term));
            return vec![term];
        }
        let in_rows = all.iter().filter_map(|expr| match expr {
            Expr::Row(row) => Some(self.row_terms(*row)),
            _ => None,
        });
        let others = in_rows.flatten().filter(|term| !anchors.contains(term));
        if let Some(term) = others.min_by(|a, b| share(a).total_cmp(&share(b))) {
            return vec![term];
        }
        let either = |expr: &Expr| match expr {
            Expr::Or(children) if children.len() * anchors.len() <= MOST_POSTINGS => {
                children.iter().map(required).collect::<Option<Vec<u32>>>()
            }
            _ => None,
        };
        match all.iter().enumerate().find_map(|(at, expr)| Some((at, either(expr)?))) {
            Some((at, mut terms)) => {
                all.remove(at);
                terms.sort_unstable();
                terms.dedup();
                terms
            }
            None => vec![ALWAYS],
        }
    }

    /// Terms without which a row cannot stand.
    fn row_terms(&self, row: u32) -> Vec<u32> {
        match Row::decode(self.row_code(row)) {
            Row::Terms { terms, .. } => terms.iter().map(|[_, term]| *term).collect(),
            Row::Near { left, right, .. } => [self.row_terms(left), self.row_terms(right)].concat(),
            Row::Any(_) => Vec::new(),
        }
    }

    /// The cheapest terms of which one must occur, and their expected share together; None below NOT.
    fn cover(&self, expr: &Expr) -> Option<(f32, Vec<u32>)> {
        match expr {
            Expr::Term(term) => Some((self.shares[*term as usize], vec![*term])),
            Expr::Row(row) => Some(self.row_cover(*row)),
            Expr::And(children) => cheapest(children.iter().filter_map(|child| self.cover(child))),
            Expr::Or(children) => {
                let covers: Option<Vec<_>> = children.iter().map(|child| self.cover(child)).collect();
                together(covers?)
            }
            Expr::Not(_) => None,
        }
    }

    fn row_cover(&self, row: u32) -> (f32, Vec<u32>) {
        let cover = match Row::decode(self.row_code(row)) {
            Row::Terms { terms, .. } => {
                cheapest(terms.iter().map(|[_, term]| (self.shares[*term as usize], vec![*term])))
            }
            Row::Near { left, right, .. } => cheapest([left, right].into_iter().map(|row| self.row_cover(row))),
            Row::Any(rows) => together(rows.iter().map(|row| self.row_cover(*row)).collect()),
        };
        cover.expect("no row is empty")
    }
}

/// How long its program is.
fn words(expr: &Expr) -> usize {
    match expr {
        Expr::Term(_) | Expr::Row(_) => 1,
        Expr::Not(child) => 1 + words(child),
        Expr::And(children) | Expr::Or(children) => 1 + children.iter().map(words).sum::<usize>(),
    }
}

fn write(expr: &Expr, program: &mut Vec<u32>) {
    match expr {
        Expr::Term(term) => program.push(TERM | term),
        Expr::Row(row) => program.push(ROW | row),
        Expr::Not(child) => {
            program.push(NOT);
            write(child, program);
        }
        Expr::And(children) | Expr::Or(children) => {
            let head = program.len();
            program.push(0);
            for child in children {
                write(child, program);
            }
            let length = number(program.len() - head - 1);
            program[head] = length | if matches!(expr, Expr::And(_)) { AND } else { OR };
        }
    }
}

fn cheapest(covers: impl Iterator<Item = (f32, Vec<u32>)>) -> Option<(f32, Vec<u32>)> {
    covers.min_by(|a, b| a.0.total_cmp(&b.0))
}

fn together(covers: Vec<(f32, Vec<u32>)>) -> Option<(f32, Vec<u32>)> {
    covers.into_iter().reduce(|(share, mut terms), (more, others)| {
        terms.extend(others);
        (share + more, terms)
    })
}
