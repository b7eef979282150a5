//! Blocks of key points that are told by where they stand: at the top, or alone in a box under a telling heading.
//! Whether their words agree with the article is judged in `block`.

use std::ops::Range;

use super::{block, block::Candidate, headings, lines};
use crate::article::{
    outline::{Kind, Outline},
    words,
};

/// Paragraphs of the article that may stand before a box: a standfirst and a first paragraph.
const PROSE_BEFORE: usize = 2;

/// Statements that a box of paragraphs may hold.
const STATEMENTS: Range<usize> = 2..9;

/// Words of such a statement: longer ones are paragraphs of the article.
const STATEMENT_WORDS: Range<usize> = 4..36;

/// Words that an item of a list needs to be a statement where only its place and a vague name speak for it.
const MIN_WORDS: usize = 5;

/// Whether a list opens the article, before all its prose, in a container whose names allow for key points.
pub(super) fn opens(outline: &Outline, from: usize, blocks: &[usize], items: &[String]) -> bool {
    let first = blocks.first().copied().unwrap_or_default();
    let statements = items.iter().all(|item| words::count(item) >= MIN_WORDS);
    statements && prose(outline, from..first) == 0 && block::is_named(outline, blocks, headings::hints)
}

fn prose(outline: &Outline, range: Range<usize>) -> usize {
    let blocks = outline.blocks.get(range).unwrap_or_default();
    blocks.iter().filter(|b| b.is_prose() && matches!(b.kind, Kind::Paragraph)).count()
}

/// Short paragraphs that fill a box near the top, under a telling heading: in the box, or right above it.
pub(super) fn boxed(outline: &Outline, range: Range<usize>) -> Vec<Candidate> {
    let near = |at: usize| prose(outline, range.start..at) <= PROSE_BEFORE;
    let mut found = Vec::new();
    for container in &outline.containers {
        let inside = container.first >= range.start && container.last <= range.end;
        let few = (2..=STATEMENTS.end).contains(&(container.last - container.first));
        if !inside || !few || !near(container.first) || prose(outline, container.last..range.end) == 0 {
            continue;
        }
        let announces = |at: &usize| headings::announces(&outline.blocks[*at].text);
        let mut points: Vec<usize> =
            (container.first..container.last).filter(|at| outline.blocks[*at].letters > 0).collect();
        let own = points.first().copied().filter(announces);
        points.drain(..usize::from(own.is_some()));
        let heading = own.or_else(|| container.first.checked_sub(1).filter(announces));
        points.retain(|at| !block::is_label(&outline.blocks[*at].text));
        let is_text = points.iter().all(|at| outline.blocks[*at].kind == Kind::Paragraph);
        let items: Vec<String> =
            points.iter().flat_map(|at| lines::cut(&outline.blocks[*at].text)).map(str::to_owned).collect();
        let statements = items.iter().all(|item| STATEMENT_WORDS.contains(&words::count(item)));
        if heading.is_some() && is_text && statements && STATEMENTS.contains(&items.len()) {
            found.push(Candidate { items, blocks: points, evidence: 2, heading });
        }
    }
    found
}
