//! Blocks of key points that are told by where they stand and by names: at the top, in a box under a telling heading, in a named one.
//! Whether their words agree with the article is judged in `block`.

use std::ops::Range;

use super::{block, block::Candidate, headings, label, lines, names};
use crate::article::{
    outline::{Block, Container, Kind, Outline},
    words,
};

/// Paragraphs of the article that may stand before a box: a standfirst and a first paragraph.
pub(super) const PROSE_BEFORE: usize = 2;

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
    statements && prose(outline, from..first) == 0 && block::is_named(outline, blocks, names::hints)
}

/// Paragraphs of prose in a part of the page.
pub(super) fn prose(outline: &Outline, range: Range<usize>) -> usize {
    let blocks = outline.blocks.get(range).unwrap_or_default();
    blocks.iter().filter(|b| b.is_prose() && matches!(b.kind, Kind::Paragraph)).count()
}

/// Short paragraphs that fill a box near the top, under a telling heading: in the box, or right above it.
pub(super) fn boxed(outline: &Outline, range: Range<usize>) -> Vec<Candidate> {
    let counts = |at: &usize| prose(outline, *at..*at + 1) > 0;
    let third = range.clone().filter(counts).nth(PROSE_BEFORE);
    let near = |at: usize| third.is_none_or(|third| at <= third);
    let last = range.clone().rev().find(counts);
    let mut found = Vec::new();
    for container in &outline.containers {
        let inside = container.first >= range.start && container.last <= range.end;
        let few = (2..=STATEMENTS.end).contains(&(container.last - container.first));
        if !inside || !few || !near(container.first) || last.is_none_or(|last| last < container.last) {
            continue;
        }
        let announces = |at: &usize| headings::announces(&outline.blocks[*at].text);
        let mut points: Vec<usize> =
            (container.first..container.last).filter(|at| outline.blocks[*at].letters > 0).collect();
        points.retain(|at| announces(at) || !label::is_label(&outline.blocks[*at].text));
        let own = points.first().copied().filter(announces);
        points.drain(..usize::from(own.is_some()));
        points.retain(|at| !label::is_label(&outline.blocks[*at].text));
        let heading = own.or_else(|| block::heading_before(outline, container.first, range.start));
        let is_text = points.iter().all(|at| outline.blocks[*at].kind == Kind::Paragraph);
        let items = statements(outline, &points);
        let short = items.iter().all(|item| STATEMENT_WORDS.contains(&words::count(item)));
        if heading.is_some() && is_text && short && STATEMENTS.contains(&items.len()) {
            found.push(Candidate { items, blocks: points, evidence: 2, heading, left: None });
        }
    }
    found
}

/// The lines of some blocks, without bullets and without a remark that a machine wrote them.
fn statements(outline: &Outline, blocks: &[usize]) -> Vec<String> {
    let lines = blocks.iter().flat_map(|at| lines::cut(&outline.blocks[*at].text));
    lines
        .filter(|line| label::in_line(line).is_none())
        .map(|line| lines::bulleted(line).unwrap_or(line).to_owned())
        .collect()
}

/// Containers with a telling name whose paragraphs are the points, without list or bullets.
pub(super) fn named(outline: &Outline, range: Range<usize>) -> Vec<Candidate> {
    let inside =
        |c: &&Container| c.first >= range.start && c.last <= range.end && (2..=10).contains(&(c.last - c.first));
    let mut found = Vec::new();
    for container in outline.containers.iter().filter(inside).filter(|c| names::marks(&c.names)) {
        let blocks: Vec<usize> =
            (container.first..container.last).filter(|at| outline.blocks[*at].letters > 0).collect();
        let heading = blocks.first().copied().filter(|at| {
            headings::announces(&outline.blocks[*at].text) || matches!(outline.blocks[*at].kind, Kind::Heading(_))
        });
        let points: Vec<usize> = blocks
            .into_iter()
            .filter(|at| Some(*at) != heading && !label::is_label(&outline.blocks[*at].text))
            .collect();
        let items = statements(outline, &points);
        found.push(Candidate { items, blocks: points, evidence: 2, heading, left: None });
    }
    found
}

/// Three or more short statements of one make where a standfirst stands, or two that the page's names call bullets.
pub(super) fn leads(outline: &Outline, range: Range<usize>) -> Vec<Candidate> {
    let mut found = Vec::new();
    let mut at = range.start;
    while at < range.end {
        let block = &outline.blocks[at];
        let container = &outline.containers[block.container];
        if !names::leads(&container.names) || block.letters == 0 {
            at += 1;
            continue;
        }
        let same = |b: &Block| {
            outline.containers[b.container].names == container.names
                && outline.containers[b.container].tag == container.tag
        };
        let run: Vec<usize> = (at..range.end).take_while(|b| same(&outline.blocks[*b])).collect();
        let items = statements(outline, &run);
        let short = items.iter().all(|i| words::count(i) <= 30);
        if items.len() >= 3 && short {
            found.push(Candidate { items, blocks: run.clone(), evidence: 1, heading: None, left: None });
        }
        at += run.len().max(1);
    }
    found
}
