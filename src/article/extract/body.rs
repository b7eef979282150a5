//! Finds the blocks of a page that are its article.
//! It works on the outline alone; key points are taken out of the outline before.

mod aside;
#[cfg(test)]
mod tests;
mod trim;

use std::collections::{HashMap, HashSet};

use super::{Removed, metadata::Metadata};
use crate::article::{
    boilerplate::{self, Learned, Why},
    outline::{Block, Container, Kind, Outline, share},
    words::{self, Term},
};
use aside::Aside;
pub(super) use aside::asides_of_feed;

/// Share of the prose that one child must hold for the search to go on inside it.
const DESCENDS: f64 = 0.8;

/// Share of the prose that a container called article must hold.
const NAMED_SHARE: f64 = 0.4;

/// Share of the prose in containers of the same make from which an article is cut into several.
const SEVERAL: f64 = 0.15;

/// Words of prose from which a container beside the main one is a section of the article.
const SECTION_WORDS: usize = 20;

/// Names by which a page says where something stands and not what it is; so do those of one or two letters (`col-md-8`).
const GRID: &[&str] =
    &["row", "col", "column", "columns", "container", "wrapper", "wrap", "grid", "flex", "box", "inner", "outer"];

/// Words of `articleBody` from which it is a measure for the page.
const TRUSTED_BODY_WORDS: usize = 80;

/// Words of an article before its readers' comments may begin.
const BEFORE_COMMENTS: usize = 80;

/// Blocks between the title and the main part of an article that may still belong to it.
const MAX_BEGINNING: usize = 40;

/// Blocks below the article among which the call to subscribe stands that cuts it off.
const BELOW: usize = 10;

pub(super) struct Body {
    /// Indices of the blocks, in order.
    pub kept: Vec<usize>,
    pub removed: Vec<Removed>,
    /// The block of the title above the article.
    pub title: Option<usize>,
    /// The range of blocks looked at: for key points.
    pub range: std::ops::Range<usize>,
}

pub(super) struct Finder<'o> {
    outline: &'o Outline,
    meta: &'o Metadata,
    learned: &'o Learned,
    /// Per container: whether it, or one around it, stands around the article.
    aside: Vec<bool>,
    /// Per container: whether the page hides it.
    hidden: Vec<bool>,
    /// The block of the title above the article.
    title: Option<usize>,
    /// Words of prose before each block, one longer than the blocks.
    prose_before: Vec<usize>,
}

impl<'o> Finder<'o> {
    pub(super) fn new(outline: &'o Outline, meta: &'o Metadata, learned: &'o Learned) -> Self {
        let all = sums(outline.blocks.iter().map(|b| if b.is_prose() { words::count(&b.text) } else { 0 }));
        let title = title_block(outline, meta, &all);
        let Aside { aside, hidden } = aside::asides(outline, &all, title);
        let prose_before = sums(outline.blocks.iter().enumerate().map(|(at, b)| {
            let around = aside[b.container] || hidden[b.container] || title.is_some_and(|title| at < title);
            let counts = b.is_prose() && !around && !matches!(b.kind, Kind::Caption | Kind::Cell);
            if counts { words::count(&b.text) } else { 0 }
        }));
        Self { outline, meta, learned, aside, hidden, title, prose_before }
    }

    fn prose(&self, container: &Container) -> usize {
        self.prose_before[container.last] - self.prose_before[container.first]
    }

    pub(super) fn find(&self) -> Body {
        let main = self.by_declared_body().unwrap_or_else(|| self.by_descent());
        let container = &self.outline.containers[main];
        let range = self.with_beginning(container.first)..container.last;
        let mut body = Body { kept: Vec::new(), removed: Vec::new(), title: self.title, range };
        let mut seen = HashSet::new();
        let mut offer = None;
        let mut told = 0;
        for at in body.range.clone() {
            let block = &self.outline.blocks[at];
            if told >= BEFORE_COMMENTS && trim::opens_comments(block) {
                break;
            }
            let verdict =
                if self.title.is_some_and(|title| at < title) { Verdict::Out(Why::Head) } else { self.verdict(block) };
            // What a subscription holds is listed under the call for it.
            let listed = offer.filter(|_| matches!(block.kind, Kind::Item(_)) && matches!(verdict, Verdict::Keep));
            offer = match (&verdict, listed) {
                (Verdict::Out(why @ (Why::Subscribe | Why::Newsletter)), _) => Some(*why),
                (Verdict::Silent, _) | (_, Some(_)) => offer,
                _ => None,
            };
            match listed.map_or(verdict, Verdict::Out) {
                Verdict::Out(why) => body.removed.push(Removed::new(&block.text, why)),
                Verdict::Silent => {}
                // A page shows a text twice for two widths of screen.
                Verdict::Keep if block.is_prose() && !seen.insert(words::fold(&block.text)) => {}
                Verdict::Keep => {
                    told += words::count(&block.text);
                    body.kept.push(at);
                }
            }
        }
        trim::trim(self.outline, &mut body);
        self.calls_below(&mut body);
        body
    }

    /// A wall stands right below what it cuts off, and often outside of its container.
    fn calls_below(&self, body: &mut Body) {
        let below = body.range.end..(body.range.end + BELOW).min(self.outline.blocks.len());
        for block in self.outline.blocks[below].iter().filter(|b| b.letters > 0 && !self.hidden[b.container]) {
            if boilerplate::why(&block.text, block.link_share()) == Some(Why::Subscribe) {
                body.removed.push(Removed::new(&block.text, Why::Subscribe));
            }
        }
    }

    /// An article may begin above the container of its main part: prose between title and there belongs to it.
    fn with_beginning(&self, first: usize) -> usize {
        let Some(title) = self.title.filter(|t| *t < first && first - t <= MAX_BEGINNING) else { return first };
        if self.prose_before[first] > self.prose_before[title + 1] { title + 1 } else { first }
    }

    /// The container whose prose is most like the text that the page declares.
    fn by_declared_body(&self) -> Option<usize> {
        let body = self.meta.body.as_deref().filter(|b| words::count(b) >= TRUSTED_BODY_WORDS)?;
        let wanted = bag(body);
        let size: usize = wanted.values().sum();
        let total = *self.prose_before.last()?;
        let mut best = (0.5, None);
        for (id, container) in self.outline.containers.iter().enumerate() {
            if share(self.prose(container), total) < 0.1 || self.aside[id] {
                continue;
            }
            let blocks = self.outline.blocks[container.first..container.last]
                .iter()
                .filter(|b| b.is_prose() && !self.aside[b.container]);
            let mut left = wanted.clone();
            let (mut hits, mut given) = (0, 0);
            for term in blocks.flat_map(|b| words::terms(&b.text)) {
                given += 1;
                if let Some(n) = left.get_mut(&term).filter(|n| **n > 0) {
                    *n -= 1;
                    hits += 1;
                }
            }
            let f1 = 2.0 * share(hits, given + size);
            if f1 > best.0 {
                best = (f1, Some(id));
            }
        }
        best.1
    }

    /// The innermost container that the page itself calls its article, if it holds enough of the prose and is not one of several.
    fn by_name(&self) -> Option<usize> {
        let total = *self.prose_before.last()?;
        let all = &self.outline.containers;
        let named: Vec<usize> =
            (0..all.len()).filter(|id| !self.aside[*id] && calls_itself_article(&all[*id])).collect();
        let enough = named.iter().filter(|id| share(self.prose(&all[**id]), total) >= NAMED_SHARE);
        let alone = enough.filter(|id| {
            let this = &all[**id];
            let others =
                named.iter().map(|other| &all[*other]).filter(|c| c.first >= this.last || c.last <= this.first);
            let like_it = others.filter(|c| is_like(c, this) || c.parent == this.parent).map(|c| self.prose(c)).sum();
            share(like_it, total) < SEVERAL
        });
        alone.min_by_key(|id| (self.prose(&all[**id]), usize::MAX - **id)).copied()
    }

    /// From there, or from the root, inwards, as long as one child holds most of the prose.
    fn by_descent(&self) -> usize {
        let mut main = self.by_name().unwrap_or(0);
        loop {
            let mass = self.prose(&self.outline.containers[main]);
            let children = self.outline.containers.iter().enumerate().filter(|(id, c)| *id > 0 && c.parent == main);
            let Some((child, inside)) =
                children.map(|(id, c)| (id, self.prose(c))).max_by_key(|(id, p)| (*p, usize::MAX - id))
            else {
                break;
            };
            if mass == 0 || share(inside, mass) < DESCENDS || self.goes_on_beside(child) {
                break;
            }
            main = child;
        }
        main
    }

    /// Whether containers of the same make as this one stand beside it with prose of their own: an article laid out in sections.
    fn goes_on_beside(&self, child: usize) -> bool {
        let this = &self.outline.containers[child];
        let mut others =
            self.outline.containers.iter().enumerate().filter(|(id, c)| *id != child && c.parent == this.parent);
        this.names.iter().any(|name| name.len() > 2 && !GRID.contains(&name.as_str()))
            && others.any(|(_, c)| is_like(c, this) && self.prose(c) >= SECTION_WORDS)
    }

    fn verdict(&self, block: &Block) -> Verdict {
        let words = words::count(&block.text);
        let container = &self.outline.containers[block.container];
        if block.letters == 0 || self.hidden[block.container] {
            return Verdict::Silent;
        }
        if matches!(block.kind, Kind::Caption) {
            return Verdict::Out(Why::Credit);
        }
        if self.learned.contains(&boilerplate::fingerprint(&block.text)) {
            return Verdict::Out(Why::Repeated);
        }
        if let Some(why) = boilerplate::why(&block.text, block.link_share()) {
            return Verdict::Out(why);
        }
        // "1/5", "14": the counter of a gallery or of shares.
        let figures = block.text.chars().all(|c| c.is_ascii_digit() || matches!(c, '/' | '.' | '#' | '(' | ')' | ' '));
        if self.aside[block.container] || block.kind == Kind::Cell || figures {
            return Verdict::Out(Why::Furniture);
        }
        if self.meta.titles.iter().any(|t| same_words(t, &block.text)) || block.kind == Kind::Heading(1) {
            return Verdict::Out(Why::Head);
        }
        let said = block.marked && block.link_share() < 0.95 && trim::is_sentence(block);
        if block.link_share() > 0.7 && words < 25 && !said {
            return Verdict::Out(Why::Related);
        }
        // Loose text without an element of its own is a label unless it reads like a sentence.
        let sentence = block.text.ends_with(['.', '!', '?', '…', '"', '”', '»', '“', ':', '。']);
        if !block.marked && words < 8 && !sentence && container.tag != "div" {
            return Verdict::Out(Why::Furniture);
        }
        Verdict::Keep
    }
}

enum Verdict {
    Keep,
    /// Not shown on the page, so nobody misses it.
    Silent,
    Out(Why),
}

/// Whether two containers are of the same make.
fn is_like(a: &Container, b: &Container) -> bool {
    a.tag == b.tag && aside::make(a).eq(aside::make(b))
}

fn calls_itself_article(container: &Container) -> bool {
    const NAMES: &[&[&str]] = &[
        &["articlebody"],
        &["article", "body"],
        &["article", "content"],
        &["story", "body"],
        &["entry", "content"],
        &["post", "content"],
        &["article", "text"],
    ];
    let named = |p: &[&str]| container.names.windows(p.len()).any(|w| w.iter().zip(p.iter()).all(|(a, b)| a == b));
    matches!(container.tag.as_str(), "article" | "main") || (container.tag != "body" && NAMES.iter().any(|p| named(p)))
}

fn sums(values: impl Iterator<Item = usize>) -> Vec<usize> {
    let mut sums = vec![0];
    let mut sum = 0;
    for value in values {
        sum += value;
        sums.push(sum);
    }
    sums
}

fn bag(text: &str) -> HashMap<u64, usize> {
    let mut bag = HashMap::new();
    for term in words::terms(text) {
        *bag.entry(term).or_insert(0) += 1;
    }
    bag
}

/// Whether two short texts say the same, whatever stands around them (« – Le Fanal »).
pub(super) fn same_words(a: &str, b: &str) -> bool {
    same_terms(&words::terms(a), &words::terms(b))
}

/// The same of their content words.
pub(super) fn same_terms(a: &[Term], b: &[Term]) -> bool {
    if a.is_empty() || b.is_empty() {
        return false;
    }
    let common = b.iter().filter(|t| a.contains(t)).count();
    share(common, b.len()) > 0.9 && share(common, a.len()) > 0.6
}

/// The last block with the page's title that has most of the page's prose behind it; a heading of the first level goes before others,
/// since a recipe or a table further down may name the article again.
fn title_block(outline: &Outline, meta: &Metadata, prose: &[usize]) -> Option<usize> {
    let total = *prose.last()?;
    let titles: Vec<String> = meta.titles.iter().map(|t| words::fold(t)).collect();
    let is_title = |b: &Block| {
        b.letters > 0
            && (titles.contains(&words::fold(&b.text))
                || (b.kind == Kind::Heading(1) && meta.titles.iter().any(|t| same_words(t, &b.text))))
    };
    let behind = |at: &usize| share(total - prose[*at], total) > 0.85;
    let titles: Vec<usize> =
        (0..outline.blocks.len()).rev().filter(|at| is_title(&outline.blocks[*at]) && behind(at)).collect();
    titles.iter().find(|at| outline.blocks[**at].kind == Kind::Heading(1)).or(titles.first()).copied()
}
