//! Whether rows of words and NEARs stand in an article: the only questions that need positions.
//! It does not remember answers; `matching` does.

use std::ops::ControlFlow;

use super::marks::{Bits, Marks, each};
use super::rows::{Placed, Row};
use super::segment::Segment;
use crate::topic::analyze::Analysed;
use crate::topic::query::proximity::{Span, near_spans};

/// One article of a batch.
#[derive(Clone, Copy, Debug)]
struct Read<'a> {
    article: &'a Analysed,
    /// Its number in the batch.
    n: usize,
    marks: &'a Marks,
}

impl Read<'_> {
    fn words(&self, term: u32) -> impl Iterator<Item = u32> + '_ {
        self.marks.words(term, self.n)
    }
}

/// Bit n: the terms may begin to stand at their offsets at a position that is n modulo 64, whatever words stand for them. The
/// article holds all of them. It leaves one in fifty of two words to be looked at.
fn may_begin(terms: &[Placed], n: usize, marks: &Marks) -> u64 {
    terms.iter().fold(u64::MAX, |all, [offset, term]| all & marks.places(*term).spread(n).rotate_right(*offset))
}

/// These positions modulo 64 and so many after each.
fn reach(positions: u64, more: u32) -> u64 {
    let (mut all, mut reached) = (positions, 0);
    while reached < more.min(u64::BITS) {
        let step = (reached + 1).min(more - reached);
        all |= all.rotate_left(step);
        reached += step;
    }
    all
}

impl Segment {
    /// The articles that hold all terms of a row at all, wherever they stand.
    fn possible(&self, row: &Row<'_>, marks: &Marks) -> Bits {
        match row {
            Row::Terms { terms, .. } => terms.iter().fold(Bits::MAX, |all, [_, term]| all & marks.held(*term)),
            Row::Near { left, right, .. } => self.row_possible(*left, marks) & self.row_possible(*right, marks),
            Row::Any(rows) => rows.iter().fold(0, |any, row| any | self.row_possible(*row, marks)),
        }
    }

    fn row_possible(&self, row: u32, marks: &Marks) -> Bits {
        self.possible(&Row::decode(self.row(row)), marks)
    }

    /// In which of the articles a row stands.
    pub(super) fn row_standing(&self, row: u32, articles: Bits, batch: &[&Analysed], marks: &Marks) -> Bits {
        let row = Row::decode(self.row(row));
        self.standing(&row, articles & self.possible(&row, marks), batch, marks)
    }

    /// The same where each of the articles holds the row's terms; of alternatives, those of one.
    pub(super) fn standing(&self, row: &Row<'_>, articles: Bits, batch: &[&Analysed], marks: &Marks) -> Bits {
        let stands = |n| self.may_stand(row, n, marks) && self.row_stands(row, Read { article: batch[n], n, marks });
        each(articles).fold(0, |standing, n| standing | Bits::from(stands(n)) << n)
    }

    /// Whether a row may stand, told from positions modulo 64 alone. The article holds its terms.
    fn may_stand(&self, row: &Row<'_>, n: usize, marks: &Marks) -> bool {
        match row {
            Row::Terms { terms, .. } => may_begin(terms, n, marks) != 0,
            Row::Near { distance, ordered, left, right } => {
                let (Row::Terms { length, terms }, Row::Terms { length: right_length, terms: right_terms }) =
                    (Row::decode(self.row(*left)), Row::decode(self.row(*right)))
                else {
                    return true;
                };
                let (left, right) = (may_begin(&terms, n, marks), may_begin(&right_terms, n, marks));
                reach(left.rotate_left(length), *distance) & right != 0
                    || (!ordered && reach(right.rotate_left(right_length), *distance) & left != 0)
            }
            Row::Any(_) => true,
        }
    }

    /// Whether the terms of a row stand as they should. The article holds them all; of alternatives, those of one.
    fn row_stands(&self, row: &Row<'_>, read: Read<'_>) -> bool {
        match row {
            Row::Terms { terms, .. } => self.each_start(terms, read, |_| ControlFlow::Break(())).is_break(),
            Row::Near { distance, ordered, left, right } => {
                !self.near_spans(*distance, *ordered, [*left, *right], read).is_empty()
            }
            Row::Any(rows) => {
                let stands = |row: &u32| self.row_stands(&Row::decode(self.row(*row)), read);
                rows.iter().any(|row| self.holds_terms(*row, read) && stands(row))
            }
        }
    }

    fn holds_terms(&self, row: u32, read: Read<'_>) -> bool {
        self.row_possible(row, read.marks) >> read.n & 1 != 0
    }

    fn near_spans(&self, distance: u32, ordered: bool, sides: [u32; 2], read: Read<'_>) -> Vec<Span> {
        let [left, right] = sides.map(|row| self.row_spans(row, read));
        near_spans(&left, &right, distance, ordered)
    }

    /// Calls `found` for each position at which all terms stand at their offsets, in no order; the same may come twice.
    fn each_start(
        &self,
        terms: &[Placed],
        read: Read<'_>,
        mut found: impl FnMut(u32) -> ControlFlow<()>,
    ) -> ControlFlow<()> {
        let Some(([offset, first], others)) = terms.split_first() else { return ControlFlow::Continue(()) };
        for word in read.words(*first) {
            for position in read.article.positions(word as usize) {
                let Some(start) = position.checked_sub(*offset) else { continue };
                let stand = |[offset, term]: &Placed| self.stands_at(*term, start + offset, read);
                if self.counts_at(word, *first, *position, read.article) && others.iter().all(stand) {
                    found(start)?;
                }
            }
        }
        ControlFlow::Continue(())
    }

    fn stands_at(&self, term: u32, position: u32, read: Read<'_>) -> bool {
        read.words(term).any(|word| {
            let stands = read.article.positions(word as usize).binary_search(&position).is_ok();
            stands && self.counts_at(word, term, position, read.article)
        })
    }

    /// Whether a word of the article counts for a term at one of its positions: by its field.
    fn counts_at(&self, word: u32, term: u32, position: u32, article: &Analysed) -> bool {
        let mask = self.masks[term as usize];
        article.words[word as usize].fields & !mask == 0 || article.stands_in(position, mask)
    }

    fn row_spans(&self, row: u32, read: Read<'_>) -> Vec<Span> {
        let mut all = Vec::new();
        match Row::decode(self.row(row)) {
            Row::Terms { length, terms } => {
                let _ = self.each_start(&terms, read, |start| {
                    all.push((start, start + length - 1));
                    ControlFlow::Continue(())
                });
            }
            Row::Near { distance, ordered, left, right } => {
                return self.near_spans(distance, ordered, [left, right], read);
            }
            Row::Any(rows) => {
                let possible = rows.iter().filter(|row| self.holds_terms(**row, read));
                all.extend(possible.flat_map(|row| self.row_spans(*row, read)));
            }
        }
        all.sort_unstable();
        all.dedup();
        all
    }
}
