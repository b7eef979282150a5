//! Finds the publisher's own block of key points in the outline of a page.
//! It takes a block only where its place, its heading or its names, and its words agree; else there is none.

use std::{collections::HashSet, ops::Range};

use super::{MAX_POINTS, headings, lines, places};
use crate::article::{
    KeyPoints, KeyPointsOrigin, boilerplate,
    outline::{Block, Kind, Outline, share},
    words,
};

/// Items that a block of key points may have; more are a list of another kind.
const ITEMS: Range<usize> = 2..13;

/// Words that one point may have.
const WORDS: Range<usize> = 3..71;

/// Share of the points' words that the rest of the article must know: a summary speaks of its text.
const COVERED: f64 = 0.3;

/// Blocks before the article in which a publisher may put its points, between title and text.
const BEFORE: usize = 12;

/// A publisher's block, and the blocks of the outline that it takes.
pub(in crate::article) struct FoundBlock {
    pub key_points: KeyPoints,
    pub blocks: Vec<usize>,
}

/// A run of items that could be one.
pub(super) struct Candidate {
    pub(super) items: Vec<String>,
    pub(super) blocks: Vec<usize>,
    /// 3 a heading says so, 2 names say so, 1 it stands where a standfirst does.
    pub(super) evidence: u8,
    pub(super) heading: Option<usize>,
}

/// Finds the block; `range` is where the article's text was found.
pub(in crate::article) fn find_block(outline: &Outline, range: Range<usize>, titles: &[String]) -> Option<FoundBlock> {
    let from = first_after_title(outline, &range, titles);
    let mut found: Vec<Candidate> = Vec::new();
    found.extend(runs(outline, from..range.end));
    found.extend(named(outline, from..range.end));
    found.extend(leads(outline, from..range.end));
    found.extend(places::boxed(outline, from..range.end));
    found.retain(|candidate| {
        let items: Vec<&str> = candidate.items.iter().map(String::as_str).collect();
        let taken: HashSet<usize> = candidate.blocks.iter().copied().collect();
        let rest =
            outline.blocks[range.clone()].iter().enumerate().filter(|(i, _)| !taken.contains(&(range.start + i)));
        let rest: Vec<&str> = rest.map(|(_, b)| b.text.as_str()).collect();
        let of_other_kind = under_other_heading(outline, candidate) || links_away(outline, &candidate.blocks);
        !of_other_kind && reads_as_points(&items, &rest.join("\n"), candidate.evidence >= 2)
    });
    // The first of the best: a page may repeat its block at the end.
    let best = found.into_iter().rev().max_by_key(|c| c.evidence)?;
    Some(finish(outline, best))
}

fn finish(outline: &Outline, mut best: Candidate) -> FoundBlock {
    let end = best.blocks.iter().max().copied().unwrap_or_default();
    let near = best.heading.into_iter().chain(end + 1..(end + 3).min(outline.blocks.len()));
    let label = near.rev().find(|at| is_label(&outline.blocks[*at].text));
    let ai_label = label.map(|at| outline.blocks[at].text.clone());
    best.blocks.extend(best.heading);
    best.blocks.extend(label);
    best.blocks.sort_unstable();
    best.blocks.dedup();
    best.items.truncate(MAX_POINTS);
    let key_points = KeyPoints { origin: KeyPointsOrigin::Publisher, points: best.items, ai_label };
    FoundBlock { key_points, blocks: best.blocks }
}

/// A short remark that a machine wrote the points.
pub(super) fn is_label(text: &str) -> bool {
    words::count(text) <= 40 && headings::mentions_machine(text)
}

/// The block after the last title before the text, at most [`BEFORE`] blocks away.
fn first_after_title(outline: &Outline, range: &Range<usize>, titles: &[String]) -> usize {
    let folded: Vec<String> = titles.iter().map(|t| words::fold(t)).collect();
    let earliest = range.start.saturating_sub(BEFORE);
    let title = (earliest..range.end).rev().find(|at| {
        let block = &outline.blocks[*at];
        *at <= range.start && (block.kind == Kind::Heading(1) || folded.contains(&words::fold(&block.text)))
    });
    title.map_or(range.start, |at| (at + 1).min(range.start))
}

/// One item of a list or one bulleted line.
struct Line<'o> {
    at: usize,
    text: &'o str,
    list: Option<usize>,
    bullet: bool,
}

fn lines_of(outline: &Outline, at: usize, dashes: bool) -> Vec<Line<'_>> {
    let block = &outline.blocks[at];
    let list = match block.kind {
        Kind::Item(list) => Some(list),
        _ => None,
    };
    let mark = if dashes { lines::dashed } else { lines::bulleted };
    let cut = lines::cut(&block.text);
    cut.into_iter()
        .map(|text| {
            mark(text).map_or(Line { at, text, list, bullet: false }, |text| Line { at, text, list, bullet: true })
        })
        .collect()
}

/// Lists, and runs of lines that begin with a bullet, under a heading or in a container that say what they are.
fn runs(outline: &Outline, range: Range<usize>) -> Vec<Candidate> {
    let mut found = Vec::new();
    let mut at = range.start;
    while at < range.end {
        let heading = heading_before(outline, at, range.start);
        let announced = heading.is_some();
        let begins_so = lines::cut(&outline.blocks[at].text).first().is_some_and(|line| headings::announces(line));
        let dashes = announced || begins_so;
        let lines: Vec<Line<'_>> = (at..range.end).flat_map(|b| lines_of(outline, b, dashes)).take(60).collect();
        // The heading may be the first line of the block, or the first item of the list.
        let inner_heading =
            begins_so && lines.get(1).is_some_and(|l| l.at == at || (l.list.is_some() && l.list == lines[0].list));
        let lines = if inner_heading { &lines[1..] } else { &lines[..] };
        let run = run_length(outline, lines);
        if run.is_empty() {
            at += 1;
            continue;
        }
        let blocks: Vec<usize> = dedup(run.iter().map(|l| l.at));
        let last = *blocks.last().unwrap_or(&at);
        let items = joined(outline, &run);
        let evidence = match announced || inner_heading {
            true => 3,
            false if is_named(outline, &blocks, headings::marks) => 2,
            false => u8::from(places::opens(outline, range.start, &blocks, &items)),
        };
        if evidence > 0 {
            found.push(Candidate { items, blocks, evidence, heading });
        }
        at = last + 1;
    }
    found
}

fn run_length<'a, 'o>(outline: &Outline, lines: &'a [Line<'o>]) -> Vec<&'a Line<'o>> {
    let Some(first) = lines.first() else { return Vec::new() };
    if let Some(list) = first.list {
        return lines
            .iter()
            .take_while(|l| l.list.is_some_and(|other| other == list || inside(outline, other, list)))
            .collect();
    }
    lines.iter().take_while(|l| l.bullet).collect()
}

fn inside(outline: &Outline, container: usize, around: usize) -> bool {
    outline.ancestors(container).any(|c| c == around)
}

fn dedup(blocks: impl Iterator<Item = usize>) -> Vec<usize> {
    let mut blocks: Vec<usize> = blocks.collect();
    blocks.dedup();
    blocks
}

/// Texts of a run; several blocks of one list item are one text.
fn joined(outline: &Outline, run: &[&Line<'_>]) -> Vec<String> {
    let mut items: Vec<(Option<usize>, String)> = Vec::new();
    for line in run {
        let item = line.list.and_then(|_| {
            outline.ancestors(outline.blocks[line.at].container).find(|c| outline.containers[*c].tag == "li")
        });
        match items.last_mut() {
            Some((Some(before), text)) if item == Some(*before) && !line.bullet => {
                text.push(' ');
                text.push_str(line.text);
            }
            _ => items.push((item, line.text.to_owned())),
        }
    }
    items.into_iter().map(|(_, text)| text).collect()
}

/// The heading right above a run; a label that a machine wrote it may stand between.
fn heading_before(outline: &Outline, at: usize, from: usize) -> Option<usize> {
    let mut above = (from.saturating_sub(2)..at).rev().filter(|b| outline.blocks[*b].letters > 0);
    let first = above.next()?;
    if headings::announces(&outline.blocks[first].text) {
        return Some(first);
    }
    let second = above.next()?;
    (is_label(&outline.blocks[first].text) && headings::announces(&outline.blocks[second].text)).then_some(second)
}

/// Whether a container that holds hardly more than these blocks has a telling name or label.
pub(super) fn is_named(outline: &Outline, blocks: &[usize], telling: fn(&[String]) -> bool) -> bool {
    let (Some(first), Some(last)) = (blocks.first(), blocks.last()) else { return false };
    let own = outline.ancestors(outline.blocks[*first].container).take(6);
    own.map(|c| &outline.containers[c])
        .take_while(|c| c.last - c.first <= (last - first + 1) + 3)
        .any(|c| telling(&c.names) || c.label.as_deref().is_some_and(headings::announces))
}

/// Containers with a telling name whose paragraphs are the points, without list or bullets.
fn named(outline: &Outline, range: Range<usize>) -> Vec<Candidate> {
    let inside = |c: &&crate::article::outline::Container| {
        c.first >= range.start && c.last <= range.end && (2..=10).contains(&(c.last - c.first))
    };
    let mut found = Vec::new();
    for container in outline.containers.iter().filter(inside).filter(|c| headings::marks(&c.names)) {
        let blocks: Vec<usize> =
            (container.first..container.last).filter(|at| outline.blocks[*at].letters > 0).collect();
        let heading = blocks.first().copied().filter(|at| {
            headings::announces(&outline.blocks[*at].text) || matches!(outline.blocks[*at].kind, Kind::Heading(_))
        });
        let points: Vec<usize> =
            blocks.into_iter().filter(|at| Some(*at) != heading && !is_label(&outline.blocks[*at].text)).collect();
        let items = points
            .iter()
            .flat_map(|at| lines::cut(&outline.blocks[*at].text))
            .map(|l| lines::bulleted(l).unwrap_or(l).to_owned())
            .collect();
        found.push(Candidate { items, blocks: points, evidence: 2, heading });
    }
    found
}

/// Three or more short statements of one make where a standfirst stands, or two that the page's names call bullets.
fn leads(outline: &Outline, range: Range<usize>) -> Vec<Candidate> {
    let mut found = Vec::new();
    let mut at = range.start;
    while at < range.end {
        let block = &outline.blocks[at];
        let container = &outline.containers[block.container];
        if !headings::leads(&container.names) || block.letters == 0 {
            at += 1;
            continue;
        }
        let same = |b: &Block| {
            outline.containers[b.container].names == container.names
                && outline.containers[b.container].tag == container.tag
        };
        let run: Vec<usize> = (at..range.end).take_while(|b| same(&outline.blocks[*b])).collect();
        let items: Vec<String> = run
            .iter()
            .flat_map(|b| lines::cut(&outline.blocks[*b].text))
            .map(|l| lines::bulleted(l).unwrap_or(l).to_owned())
            .collect();
        let short = items.iter().all(|i| words::count(i) <= 30);
        if items.len() >= 3 && short {
            found.push(Candidate { items, blocks: run.clone(), evidence: 1, heading: None });
        }
        at += run.len().max(1);
    }
    found
}

/// Whether the heading, or the block right above, announces a list of another kind.
fn under_other_heading(outline: &Outline, candidate: &Candidate) -> bool {
    let first = candidate.heading.or(candidate.blocks.first().copied()).unwrap_or_default();
    let above = outline.blocks[..first].iter().rev().find(|b| b.letters > 0);
    let own = candidate.heading.map(|at| &outline.blocks[at]);
    own.into_iter().chain(above).any(|b| headings::announces_other(&b.text))
}

/// Links to other pages or to places of this one make a list of links or a table of contents.
fn links_away(outline: &Outline, blocks: &[usize]) -> bool {
    let sum = |count: fn(&Block) -> usize| blocks.iter().map(|at| count(&outline.blocks[*at])).sum::<usize>();
    let letters = sum(|b| b.letters);
    let whole = blocks.iter().filter(|at| outline.blocks[**at].link_share() > 0.9).count();
    share(sum(|b| b.linked), letters) > 0.5 || share(sum(|b| b.anchored), letters) > 0.3 || whole * 2 > blocks.len()
}

/// Tests of content: number and length of items, statements and not titles of other pieces, and spoken of in the rest of the article.
pub(super) fn reads_as_points(items: &[&str], rest: &str, sure: bool) -> bool {
    if !ITEMS.contains(&items.len()) || items.iter().any(|i| !WORDS.contains(&words::count(i)) && !is_wide(i)) {
        return false;
    }
    let questions = items.iter().filter(|i| i.ends_with('?')).count();
    if questions * 2 > items.len() || items.iter().any(|i| boilerplate::why(i, 0.0).is_some()) {
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
