//! Finds the standfirst of a page: the sentence or two between title and text, or the description that the page declares.
//! A standfirst that already stands first in the body is left there.

use std::collections::HashSet;

use super::{
    body::{Body, same_words},
    metadata::Metadata,
};
use crate::article::{
    KeyPoints, boilerplate,
    outline::{Block, Kind, Outline, share},
    words,
};

/// Words of a standfirst.
const WORDS: std::ops::RangeInclusive<usize> = 5..=90;

/// Blocks between the title and the text among which a standfirst is looked for.
const NEAR: usize = 14;

/// Blocks above the text among which one that says what the page declares is its standfirst.
const FAR: usize = 40;

/// Names of elements that hold a standfirst.
#[rustfmt::skip]
const NAMES: &[&str] = &[
    "lead", "leadtext", "ingress", "standfirst", "subtitle", "subheadline", "subhead", "deck", "dek", "chapo",
    "chapeau", "intro", "preamble", "summary", "description", "subheading", "sottotitolo", "bajada", "entradilla",
    "sumario", "vorspann", "teaser", "excerpt", "abstract", "subtitulo", "sommario", "manchet", "perex", "catchline",
    "strapline", "lede",
];

/// What introduces an article.
pub(super) struct Standfirst {
    pub text: String,
    /// Whether the page declares it and does not show it.
    pub declared: bool,
}

/// Finds the standfirst and takes it out of the body where it stands first there.
pub(super) fn take(
    outline: &Outline,
    meta: &Metadata,
    body: &mut Body,
    points: Option<&KeyPoints>,
) -> Option<Standfirst> {
    if let Some(first) = body.kept.first().copied().filter(|_| body.kept.len() > 1) {
        let block = &outline.blocks[first];
        let named = outline.ancestors(block.container).take(2).any(|c| is_named(outline, c));
        let description = meta.description.as_deref().unwrap_or_default();
        let like = same_words(description, &block.text) && words::count(&block.text) <= *WORDS.end();
        if (named && is_possible(block, meta)) || matches!(block.kind, Kind::Heading(2..=6)) && like {
            body.kept.remove(0);
            return Some(Standfirst { text: block.text.replace('\n', " "), declared: false });
        }
    }
    let kept: Vec<&Block> = body.kept.iter().map(|at| &outline.blocks[*at]).collect();
    let found = shown(outline, meta, body).map(|text| Standfirst { text, declared: false });
    let found = found.or_else(|| declared(meta, &kept).map(|text| Standfirst { text, declared: true }))?;
    let said_by_points = points.is_some_and(|p| said(&found.text, &p.points.join(" ")));
    let in_body = kept.iter().take(6).any(|b| same_words(&b.text, &found.text) || said(&found.text, &b.text));
    (!said_by_points && !in_body).then_some(found)
}

/// Whether a container of few blocks is called a standfirst.
fn is_named(outline: &Outline, container: usize) -> bool {
    let container = &outline.containers[container];
    container.last - container.first <= 3 && container.named(NAMES)
}

/// A block near the title that is outside the body: like the declared description, or called a standfirst.
fn shown(outline: &Outline, meta: &Metadata, body: &Body) -> Option<String> {
    let first = *body.kept.first()?;
    let from = body.title.unwrap_or(first).saturating_sub(2);
    let near = (from..first).rev().take(NEAR).filter(|at| !body.kept.contains(at)).map(|at| &outline.blocks[at]);
    let near: Vec<&Block> = near.filter(|b| is_possible(b, meta)).collect();
    let description = meta.description.as_deref().unwrap_or_default();
    let above = outline.blocks[first.saturating_sub(FAR)..first].iter().rev();
    let like = above
        .filter(|b| is_possible(b, meta))
        .find(|b| same_words(description, &b.text) || (said(description, &b.text) && said(&b.text, description)));
    let like = like.or_else(|| near.iter().copied().find(|b| said(description, &b.text)));
    let named =
        near.iter().find(|b| outline.ancestors(b.container).take(3).any(|c| outline.containers[c].named(NAMES)));
    let heading = near.iter().find(|b| matches!(b.kind, Kind::Heading(2..=6)) && words::count(&b.text) >= 8);
    like.or(named.copied()).or(heading.copied()).map(|b| b.text.replace('\n', " "))
}

fn is_possible(block: &Block, meta: &Metadata) -> bool {
    let sized = WORDS.contains(&words::count(&block.text)) && block.link_share() < 0.5 && block.kind != Kind::Caption;
    sized
        && boilerplate::why(&block.text, block.link_share()).is_none()
        && !meta.titles.iter().any(|t| same_words(t, &block.text))
}

/// The declared description, where it is a whole statement about this text and not the text's own beginning cut off.
fn declared(meta: &Metadata, kept: &[&Block]) -> Option<String> {
    let text = meta.description.as_deref()?;
    let end = text.trim_end_matches(|c: char| c.is_whitespace() || matches!(c, '"' | '”' | '»' | '“' | ')'));
    let whole = end.ends_with(['.', '!', '?', '。']) && !end.ends_with("...");
    if !whole
        || !WORDS.contains(&words::count(text))
        || boilerplate::why(text, 0.0).is_some()
        || meta.titles.iter().any(|t| same_words(t, text))
    {
        return None;
    }
    let body: HashSet<u64> = kept.iter().flat_map(|b| words::terms(&b.text)).collect();
    let own = words::terms(text);
    let known = own.iter().filter(|t| body.contains(t)).count();
    (share(known, own.len()) >= 0.4).then(|| text.to_owned())
}

/// Whether `text` is said, nearly word for word, inside `whole`.
fn said(text: &str, whole: &str) -> bool {
    let whole: HashSet<u64> = words::terms(whole).into_iter().collect();
    let own = words::terms(text);
    !own.is_empty() && share(own.iter().filter(|t| whole.contains(t)).count(), own.len()) > 0.85
}
