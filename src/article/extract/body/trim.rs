//! Takes from a found article what only its place betrays: bylines above it, labels and lists below it, headings over nothing.
//! It sees blocks that passed every test of their own.

use super::{Body, Removed};
use crate::article::{
    boilerplate::Why,
    outline::{Block, Kind, Outline},
    words,
};

/// Trims a body's beginning, its end and its headings.
pub(super) fn trim(outline: &Outline, body: &mut Body) {
    head(outline, body);
    tail(outline, body);
    headings(outline, body);
}

/// Whether a block reads as a sentence or more.
pub(super) fn is_sentence(block: &Block) -> bool {
    let end = block.text.trim_end_matches(|c: char| {
        c.is_whitespace() || matches!(c, '"' | '”' | '»' | '“' | '’' | '\'' | ')' | ']' | '」')
    });
    end.ends_with(['.', '!', '?', '…', ':', '。', '！', '？', '।']) && words::count(&block.text) >= 4
}

fn drop(outline: &Outline, body: &mut Body, range: std::ops::Range<usize>, why: Why) {
    for at in body.kept.drain(range) {
        body.removed.push(Removed::new(&outline.blocks[at].text, why));
    }
}

/// Above the first prose stand kicker, byline and date.
fn head(outline: &Outline, body: &mut Body) {
    let Some(first) =
        body.kept.iter().position(|at| outline.blocks[*at].is_prose() || is_statement(&outline.blocks[*at]))
    else {
        return;
    };
    drop(outline, body, 0..first, Why::Head);
}

/// A short but whole sentence without a date.
fn is_statement(block: &Block) -> bool {
    is_sentence(block) && words::count(&block.text) >= 5 && !has_date(&block.text)
}

/// Below the last sentence stand labels, names and links.
fn tail(outline: &Outline, body: &mut Body) {
    let last = body.kept.iter().rposition(|at| {
        let block = &outline.blocks[*at];
        is_sentence(block) && !has_only_date(block) || (block.is_prose() && !matches!(block.kind, Kind::Heading(_)))
    });
    let Some(last) = last else { return };
    drop(outline, body, last + 1..body.kept.len(), Why::Furniture);
}

/// A heading over nothing that is kept was the heading of what was left out.
fn headings(outline: &Outline, body: &mut Body) {
    let mut i = 0;
    while i < body.kept.len() {
        let at = body.kept[i];
        let Kind::Heading(level) = outline.blocks[at].kind else {
            i += 1;
            continue;
        };
        let next = body.kept.get(i + 1).copied();
        let empty = next.is_none_or(|n| matches!(outline.blocks[n].kind, Kind::Heading(l) if l <= level) && n > at + 1);
        if empty {
            drop(outline, body, i..i + 1, Why::Related);
        } else {
            i += 1;
        }
    }
}

/// Whether a text holds a clock time or a date in figures.
fn has_date(text: &str) -> bool {
    let figures: Vec<&str> = text
        .split(|c: char| !c.is_ascii_digit() && !matches!(c, ':' | '.' | '/' | '-'))
        .filter(|w| w.len() >= 4)
        .collect();
    figures.iter().any(|w| {
        let parts: Vec<&str> = w.split([':', '.', '/', '-']).filter(|p| !p.is_empty()).collect();
        (parts.len() >= 2 && parts.iter().all(|p| p.len() <= 4))
            || (w.len() == 4 && (w.starts_with("19") || w.starts_with("20")))
    })
}

fn has_only_date(block: &Block) -> bool {
    words::count(&block.text) <= 8 && has_date(&block.text)
}
