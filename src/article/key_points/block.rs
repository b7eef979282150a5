//! Finds the publisher's own block of key points in the outline of a page.
//! It takes a block only where its place, its heading or its names, and its words agree; else there is none.

use std::{cmp::Reverse, ops::Range};

use super::{MAX_POINTS, content, headings, label, lines, names, places};
use crate::article::{
    KeyPoints, KeyPointsOrigin,
    boilerplate::Learned,
    outline::{Container, Kind, Outline},
    words::{self, Term},
};

/// Blocks before the article in which a publisher may put its points, between title and text.
const BEFORE: usize = 12;

/// Candidates that are weighed against the whole article; real pages have a handful.
const MOST_CANDIDATES: usize = 60;

/// Containers around a block that are asked for their names.
const LEVELS: usize = 6;

/// Blocks beside the points in a container that is theirs: a heading, a remark, a button.
const OTHER_BLOCKS: usize = 3;

/// A publisher's block, and the blocks of the outline that it takes.
pub(in crate::article) struct FoundBlock {
    pub key_points: KeyPoints,
    pub blocks: Vec<usize>,
    /// Lines of the last block that stand below the points, and are the article's.
    left: Option<(usize, String)>,
}

impl FoundBlock {
    /// Takes the block out of the outline.
    pub(in crate::article) fn take_from(&self, outline: &mut Outline) {
        outline.blank(&self.blocks);
        if let Some((at, text)) = &self.left {
            outline.blocks[*at].letters = text.chars().filter(|c| c.is_alphanumeric()).count();
            outline.blocks[*at].text.clone_from(text);
        }
    }
}

/// A run of items that could be one.
pub(super) struct Candidate {
    pub(super) items: Vec<String>,
    pub(super) blocks: Vec<usize>,
    /// 3 a heading says so, 2 names say so, 1 it stands where a standfirst does.
    pub(super) evidence: u8,
    pub(super) heading: Option<usize>,
    pub(super) left: Option<(usize, String)>,
}

impl Candidate {
    /// The block that it begins with.
    pub(super) fn first(&self) -> usize {
        self.heading.or(self.blocks.first().copied()).unwrap_or_default()
    }
}

/// A page as a block is looked for in it.
pub(super) struct Sight<'p> {
    pub(super) outline: &'p Outline,
    /// Where the article's text was found.
    pub(super) range: Range<usize>,
    /// The article's titles, folded.
    pub(super) titles: Vec<String>,
    /// What the feed repeats from article to article.
    pub(super) learned: &'p Learned,
}

impl Sight<'_> {
    /// Whether a block is the article's title.
    pub(super) fn is_title(&self, at: usize) -> bool {
        let block = &self.outline.blocks[at];
        block.kind == Kind::Heading(1) || self.titles.contains(&words::fold(&block.text))
    }

    /// The block with text right above another.
    pub(super) fn above(&self, at: usize) -> Option<usize> {
        (0..at).rev().find(|above| self.outline.blocks[*above].letters > 0)
    }

    /// Where the innermost container begins that holds the text and what stands right above it.
    fn around(&self, start: usize) -> usize {
        let holds = |c: &Container| c.first < start && c.last >= self.range.end;
        let around = self
            .outline
            .containers
            .iter()
            .filter(|c| !matches!(c.tag.as_str(), "html" | "body") && holds(c))
            .map(|c| c.first)
            .max();
        around.unwrap_or(start)
    }

    /// The block after the last title before the text, at most [`BEFORE`] blocks away.
    fn first_after_title(&self) -> usize {
        let start = self.range.start;
        let earliest = start.saturating_sub(BEFORE);
        let title = (earliest..self.range.end).rev().find(|at| *at <= start && self.is_title(*at));
        title.map_or_else(|| earliest.max(self.around(start)), |at| (at + 1).min(start))
    }
}

/// Finds the block; `range` is where the article's text was found.
pub(in crate::article) fn find_block(
    outline: &Outline,
    range: Range<usize>,
    titles: &[String],
    learned: &Learned,
) -> Option<FoundBlock> {
    let sight = Sight { outline, range, titles: titles.iter().map(|t| words::fold(t)).collect(), learned };
    let range = sight.first_after_title()..sight.range.end;
    let mut found: Vec<Candidate> = Vec::new();
    found.extend(runs(outline, range.clone()));
    found.extend(places::named(outline, range.clone()));
    found.extend(places::leads(outline, range.clone()));
    found.extend(places::boxed(outline, range));
    // The first of the best: a page may repeat its block at the end.
    found.sort_by_key(|candidate| Reverse(candidate.evidence));
    let best = found.into_iter().take(MOST_CANDIDATES).find(|candidate| content::agrees(&sight, candidate))?;
    Some(finish(&sight, best))
}

fn finish(sight: &Sight<'_>, mut best: Candidate) -> FoundBlock {
    let labels = labels(sight, &best);
    let ai_label = labels.last().map(|(_, text)| text.clone());
    best.blocks.extend(best.heading);
    best.blocks.extend(labels.into_iter().map(|(at, _)| at));
    best.blocks.sort_unstable();
    best.blocks.dedup();
    best.items.truncate(MAX_POINTS);
    let key_points = KeyPoints { origin: KeyPointsOrigin::Publisher, points: best.items, ai_label };
    FoundBlock { key_points, blocks: best.blocks, left: best.left }
}

/// Remarks that a machine wrote the points: above their heading, in it, under it, among them and below them. What says something
/// that the points say too is the article.
fn labels(sight: &Sight<'_>, best: &Candidate) -> Vec<(usize, String)> {
    let blocks = &sight.outline.blocks;
    let (first, end) = (best.first(), best.blocks.iter().max().copied().unwrap_or_default());
    let said: Vec<Term> = best.items.iter().flat_map(|item| words::terms(item)).collect();
    let stands = |at: &usize| {
        let section = *at > end && matches!(blocks[*at].kind, Kind::Heading(1..=6));
        !section && !sight.is_title(*at) && !label::other_terms(&blocks[*at].text).any(|term| said.contains(&term))
    };
    let mut found = Vec::new();
    for at in sight.above(first).into_iter().chain(first..(end + 3).min(blocks.len())) {
        let text = &blocks[at].text;
        if best.heading == Some(at) || best.blocks.contains(&at) {
            let remark = lines::cut(text).into_iter().find_map(label::in_line);
            found.extend(remark.map(|remark| (at, remark.to_owned())));
        } else if label::is_label(text) && stands(&at) {
            found.push((at, text.clone()));
        }
    }
    found
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
        let block = &outline.blocks[at];
        let first = lines::cut(&block.text).first().copied().unwrap_or_default();
        let begins_so = headings::announces(first);
        if !begins_so && !matches!(block.kind, Kind::Item(_)) && lines::dashed(first).is_none() {
            at += 1;
            continue;
        }
        let heading = heading_before(outline, at, range.start);
        let announced = heading.is_some();
        let dashes = announced || begins_so;
        let lines: Vec<Line<'_>> = (at..range.end).flat_map(|b| lines_of(outline, b, dashes)).take(60).collect();
        // The heading may be the first line of the block, or the first item of the list.
        let inner_heading =
            begins_so && lines.get(1).is_some_and(|l| l.at == at || (l.list.is_some() && l.list == lines[0].list));
        if begins_so && !inner_heading {
            // "📌 Key points": the heading of what follows, whatever mark it bears.
            at += 1;
            continue;
        }
        let lines = if inner_heading { &lines[1..] } else { &lines[..] };
        let mut run = run_length(outline, lines);
        let below = lines[run.len()..].iter().take_while(|line| Some(line.at) == run.last().map(|last| last.at));
        let below: Vec<&str> = below.map(|line| line.text).filter(|line| !label::is_label(line)).collect();
        run.retain(|line| label::in_line(line.text).is_none());
        if run.is_empty() {
            at += 1;
            continue;
        }
        let blocks: Vec<usize> = dedup(run.iter().map(|l| l.at));
        let last = *blocks.last().unwrap_or(&at);
        let items = joined(outline, &run);
        let evidence = match announced || inner_heading {
            true => 3,
            false if is_named(outline, &blocks, names::marks) => 2,
            false => u8::from(places::opens(outline, range.start, &blocks, &items)),
        };
        if evidence > 0 {
            let left = (!below.is_empty()).then(|| (last, below.join("\n")));
            found.push(Candidate { items, blocks, evidence, heading, left });
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

/// The heading right above a block; remarks that a machine wrote the points may stand between.
pub(super) fn heading_before(outline: &Outline, at: usize, from: usize) -> Option<usize> {
    let above = (from.saturating_sub(2)..at).rev().filter(|b| outline.blocks[*b].letters > 0);
    label::heading(above.map(|b| (b, outline.blocks[b].text.as_str())))
}

/// Whether a container that holds hardly more than these blocks has a telling name or label.
pub(super) fn is_named(outline: &Outline, blocks: &[usize], telling: fn(&[String]) -> bool) -> bool {
    in_container(outline, blocks, |c| telling(&c.names) || c.label.as_deref().is_some_and(headings::announces))
}

/// Whether a container that holds hardly more than these blocks passes the test.
pub(super) fn in_container(outline: &Outline, blocks: &[usize], test: impl Fn(&Container) -> bool) -> bool {
    let (Some(first), Some(last)) = (blocks.first(), blocks.last()) else { return false };
    let around = outline.ancestors(outline.blocks[*first].container).take(LEVELS);
    around
        .map(|c| &outline.containers[c])
        .take_while(|c| c.last - c.first <= (last - first + 1) + OTHER_BLOCKS)
        .any(test)
}
