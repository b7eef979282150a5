//! Key points: the publisher's own block where there is one, else sentences of the article chosen by rank.
//! This file names the parts and chooses what is shown; finding is in `block`, ranking in `rank`.

mod block;
mod content;
mod headings;
mod label;
mod lines;
mod names;
mod others;
mod places;
mod rank;

#[cfg(test)]
mod tests;

pub(super) use block::find_block;
pub(super) use headings::announces;
pub(super) use lines::{find_lines, unmarked};
pub(super) use rank::rank;

use super::RankedSentence;

/// Characters that all shown points may have together, unless a feed allows fewer.
pub const MAX_CHARS: usize = 600;

/// Statements of a publisher's block that are kept.
const MAX_POINTS: usize = 5;

/// Extracted sentences that are shown at least, or none is.
const FEWEST: usize = 2;

/// Extracted sentences that are shown at most.
const MOST: usize = 4;

/// Extracted sentences that are shown where no reader's words ask for another: two well chosen ones say more than a third adds.
const USUAL: usize = 2;

/// Chooses 2 to 4 of the ranked sentences, in the article's order and together at most `max_chars` characters; whole sentences only.
/// Those that are `preferred`, for a reader's own words, come before better ranked ones, the very best excepted. None where two do not
/// fit. Sentences are told by their place in `ranked`.
pub fn choose(ranked: &[RankedSentence], preferred: impl Fn(usize) -> bool, max_chars: usize) -> Vec<usize> {
    let wanted: Vec<bool> = (0..ranked.len()).map(preferred).collect();
    let mut order: Vec<usize> = (0..ranked.len()).collect();
    order.sort_by_key(|i| (*i != 0, !wanted[*i], *i));
    let mut left = max_chars;
    let mut chosen: Vec<usize> = Vec::new();
    for i in order {
        let length = ranked[i].text.chars().count();
        let room = if wanted[i] { MOST } else { USUAL };
        if chosen.len() < room && length <= left {
            left -= length;
            chosen.push(i);
        }
    }
    if chosen.len() < FEWEST {
        return Vec::new();
    }
    chosen.sort_by_key(|i| ranked[*i].at);
    chosen
}
