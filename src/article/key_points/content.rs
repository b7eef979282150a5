//! Whether what stands where key points stand reads like them: statements about the article, and no list of another kind.
//! Where it stands and how it is headed, `block`, `places` and `headings` know.

use std::{collections::HashSet, ops::Range};

use super::{
    block::{Candidate, Sight},
    headings, others,
};
use crate::article::{
    boilerplate,
    outline::{Block, Outline, share},
    words,
};

/// Items that a block of key points may have; more are a list of another kind.
const ITEMS: Range<usize> = 2..13;

/// Words that one point may have.
const WORDS: Range<usize> = 3..71;

/// Words of the one point that may be shorter.
const SHORT: usize = 2;

/// Share of the points' words that the rest of the article must know: a summary speaks of its text.
const COVERED: f64 = 0.3;

/// Whether a candidate is a block of key points by its words and by what stands around it.
pub(super) fn agrees(sight: &Sight<'_>, candidate: &Candidate) -> bool {
    let items: Vec<&str> = candidate.items.iter().map(String::as_str).collect();
    let taken: HashSet<usize> = candidate.blocks.iter().copied().collect();
    let blocks = &sight.outline.blocks;
    let rest: Vec<&str> =
        sight.range.clone().filter(|at| !taken.contains(at)).map(|at| blocks[at].text.as_str()).collect();
    !under_other_heading(sight, candidate)
        && !links_away(sight.outline, &candidate.blocks)
        && !others::is_other(sight, candidate, &items)
        && reads_as_points(&items, &rest.join("\n"), candidate.evidence >= 2)
}

/// Whether the heading, or the block right above, announces a list of another kind. The title announces the article.
fn under_other_heading(sight: &Sight<'_>, candidate: &Candidate) -> bool {
    let above = sight.above(candidate.first()).filter(|at| !sight.is_title(*at));
    candidate.heading.into_iter().chain(above).any(|at| headings::announces_other(&sight.outline.blocks[at].text))
}

/// Links to other pages or to places of this one make a list of links or a table of contents.
fn links_away(outline: &Outline, blocks: &[usize]) -> bool {
    let sum = |count: fn(&Block) -> usize| blocks.iter().map(|at| count(&outline.blocks[*at])).sum::<usize>();
    let letters = sum(|b| b.letters);
    // A name may be linked where it comes first; in a list of links it is the beginning of each.
    if blocks.iter().all(|at| outline.blocks[*at].opens_linked)
        && (blocks.len() > 2 || share(sum(|b| b.linked), letters) > 0.3)
    {
        return true;
    }
    let whole = blocks.iter().filter(|at| outline.blocks[**at].link_share() > 0.9).count();
    share(sum(|b| b.linked), letters) > 0.5 || share(sum(|b| b.anchored), letters) > 0.3 || whole * 2 > blocks.len()
}

/// Tests of content: number and length of items, statements and not titles of other pieces, and spoken of in the rest of the article.
pub(super) fn reads_as_points(items: &[&str], rest: &str, sure: bool) -> bool {
    let odd = items.iter().filter(|i| !WORDS.contains(&words::count(i)) && !is_wide(i));
    // One of them may be as short as "Bridge closed." where it is sure that these are points.
    let short = |i: &&str| sure && items.len() > 2 && words::count(i) == SHORT && i.ends_with(['.', '!']);
    let odd: Vec<&&str> = odd.collect();
    if !ITEMS.contains(&items.len()) || odd.len() > 1 || odd.iter().any(|i| !short(i)) {
        return false;
    }
    if others::say_so(items) || items.iter().any(|i| boilerplate::why(i, 0.0).is_some()) {
        return false;
    }
    let unique: HashSet<String> = items.iter().map(|i| words::fold(i)).collect();
    if unique.len() != items.len() {
        return false;
    }
    let body: HashSet<u64> = words::terms(rest).into_iter().collect();
    let own: Vec<u64> = items.iter().flat_map(|i| words::terms(i)).collect();
    if own.is_empty() || body.len() < own.len() {
        // A text shorter than its points cannot be asked.
        return sure;
    }
    share(own.iter().filter(|t| body.contains(t)).count(), own.len()) >= COVERED
}

/// Scripts without spaces cannot be counted in words.
fn is_wide(text: &str) -> bool {
    text.chars().filter(|c| *c as u32 >= 0x1100).count() >= 8
}
