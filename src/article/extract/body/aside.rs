//! Which containers of a page stand around its article, by element, by name, and by what is in them.
//! It knows publishers' habits of naming; single texts are judged by `boilerplate`.

use std::collections::HashMap;

use super::sums;
use crate::article::{
    boilerplate::Why,
    outline::{CAPTIONS, Container, Kind, Outline, share},
    words,
};

/// Words of a container's names that say it stands around an article.
#[rustfmt::skip]
const NAMES: &[&str] = &[
    "comment", "comments", "commentaires", "kommentare", "comentarios", "commenti", "reacties", "disqus", "footer",
    "related", "relatedcontent", "relatedposts", "relatedarticles", "relatedstories", "relatednews", "sharedaddy",
    "lireaussi", "leesook", "leggianche",
    "recommend", "recommended", "recommendation", "recommendations", "newsletter", "newsletters", "share", "sharing",
    "social", "socials", "nav", "navigation", "navbar", "menu", "breadcrumb", "breadcrumbs", "sidebar", "promo",
    "promotion", "promobox", "promos", "advert", "advertisement", "ads", "ad", "sponsor", "sponsored", "cookie",
    "cookies", "consent", "gdpr", "onetrust", "didomi", "usercentrics", "sourcepoint", "truste", "outbrain",
    "taboola", "popular", "trending", "mostread", "toolbar", "poll", "quiz", "signup", "signin", "subscribe",
    "subscription", "subscriptions", "tags", "taglist", "keywords", "author", "authors", "byline", "bio",
    "authorbox", "copyright", "disclaimer", "livefyre", "readmore", "banner", "popup", "modal", "tooltip", "login",
    "register", "donate", "donation", "offer", "offers", "caption", "credit", "credits", "audio", "podcast",
    "contentinfo", "complementary", "dialog", "search", "screenreader", "visuallyhidden", "skip", "footnote",
    "feedback", "rating", "crosslink", "recirc", "recirculation", "playlist", "printbox", "printonly",
    "relatedbroadcast", "tweet", "instagram", "tiktok", "pullquote", "pullquotes", "infobox", "factbox", "faktenbox",
    "infokasten",
];

/// Names that two or more words make.
#[rustfmt::skip]
const PHRASES: &[&[&str]] = &[
    &["read", "more"], &["see", "also"], &["sign", "in"], &["sign", "up"], &["log", "in"], &["most", "read"],
    &["more", "stories"], &["more", "from"], &["read", "next"], &["up", "next"], &["print", "only"],
    &["lire", "aussi"], &["lees", "ook"], &["also", "read"], &["sr", "only"], &["visually", "hidden"],
    &["screen", "reader"], &["pull", "quote"], &["author", "bio"], &["media", "info"],
];

/// Names of things that may hold text of the article as well as links to others; the links decide.
#[rustfmt::skip]
const CARDS: &[&str] = &[
    "teaser", "teasers", "card", "cards", "gallery", "slideshow", "carousel", "video", "player", "embed", "widget",
    "meta", "metadata", "rubric", "kicker", "eyebrow", "topics", "timestamp", "dateline",
    "abo", "excerpt",
];

const TAGS: &[&str] = &["nav", "aside", "footer", "form", "menu", "table"];

/// Share of the page's prose above which a container is the article whatever it is called, or however it is hidden.
const TOO_MUCH: f64 = 0.4;

/// Share of the page's prose below which an `<article>` inside the article is a card for another one.
const CARD_SHARE: f64 = 0.2;

/// Names of what readers write below an article, and it may be longer than the article.
#[rustfmt::skip]
const COMMENTS: &[&str] = &[
    "comment", "comments", "commentlist", "commentaires", "kommentare", "comentarios", "commenti", "reacties", "kommentarer",
    "komentarze", "disqus",
];

/// Whether a container, once the article has begun, holds no part of it however long it is.
fn stands_below(container: &Container) -> bool {
    container.tag == "aside" || container.named(COMMENTS)
}

/// Words of the article before such a container.
const BEFORE_COMMENTS: usize = 80;

/// Per container, whether it, or one around it, stands around the article.
pub(super) struct Aside {
    pub aside: Vec<bool>,
    pub hidden: Vec<bool>,
}

/// `prose` gives the words of prose before each block.
pub(super) fn asides(outline: &Outline, prose: &[usize], title: Option<usize>) -> Aside {
    let total = prose[outline.blocks.len()];
    let told = |at: usize| prose[at].saturating_sub(title.map_or(0, |title| prose[title]));
    let count = outline.containers.len();
    let mut all = Aside { aside: vec![false; count], hidden: vec![false; count] };
    let in_row = teasers(outline, prose);
    for (id, container) in outline.containers.iter().enumerate().skip(1) {
        let part = share(prose[container.last] - prose[container.first], total);
        let holds_title = title.is_some_and(|at| (container.first..container.last).contains(&at));
        // An article is called after its author and its tags too: `<article class="post tag-newsletter">`.
        let is_article = holds_title && matches!(container.tag.as_str(), "article" | "main");
        let named = is_named(container) && !is_article;
        let card = !holds_title && (is_card(outline, id, part) || in_row[id]);
        let own = (part < TOO_MUCH && (named || card))
            || (named && stands_below(container) && told(container.first) >= BEFORE_COMMENTS);
        all.aside[id] = own || all.aside[container.parent];
        let paragraph = matches!(container.tag.as_str(), "p" | "h2" | "h3" | "li");
        all.hidden[id] = all.hidden[container.parent] || (container.hidden && !paragraph && part < TOO_MUCH);
    }
    all
}

/// Per container of a feed's content, why it, or one around it, stands around the article. A table is a feed's way to lay out
/// its text, and a card there is no link to another page of a site: only names count.
pub(in crate::article::extract) fn asides_of_feed(outline: &Outline) -> Vec<Option<Why>> {
    let prose = sums(outline.blocks.iter().map(|b| if b.is_prose() { words::count(&b.text) } else { 0 }));
    let total = prose[outline.blocks.len()];
    let mut all: Vec<Option<Why>> = vec![None; outline.containers.len()];
    for (id, container) in outline.containers.iter().enumerate().skip(1) {
        let part = share(prose[container.last] - prose[container.first], total);
        let own = container.tag != "table" && part < TOO_MUCH && is_named(container);
        let why = if container.named(CAPTIONS) { Why::Credit } else { Why::Furniture };
        all[id] = all[container.parent].or_else(|| own.then_some(why));
    }
    all
}

/// Teasers of one make beside each other from which they are a row of them.
const ROW: usize = 3;

/// Blocks and words of prose that a teaser has at most, and words that its title has at least.
const TEASER_BLOCKS: usize = 6;
const TEASER_WORDS: usize = 60;
const TEASER_TITLE_WORDS: usize = 4;

/// Per container, whether it is one of several of the same make that each link to another article and say little of it.
fn teasers(outline: &Outline, prose: &[usize]) -> Vec<bool> {
    let is_teaser = |container: &Container| {
        let blocks = &outline.blocks[container.first..container.last];
        matches!(container.tag.as_str(), "div" | "article" | "section" | "li")
            && blocks.len() <= TEASER_BLOCKS
            && prose[container.last] - prose[container.first] <= TEASER_WORDS
            && blocks.iter().any(|b| b.link_share() > 0.9 && words::count(&b.text) >= TEASER_TITLE_WORDS)
    };
    let mut rows: HashMap<(usize, &str, Vec<&str>), Vec<usize>> = HashMap::new();
    for (id, container) in outline.containers.iter().enumerate().skip(1).filter(|(_, c)| is_teaser(c)) {
        rows.entry((container.parent, &container.tag, make(container).collect())).or_default().push(id);
    }
    let mut all = vec![false; outline.containers.len()];
    for id in rows.into_values().filter(|row| row.len() >= ROW).flatten() {
        all[id] = true;
    }
    all
}

/// A container's names without those that number it: `section-1` and `section-2` are of one make.
pub(super) fn make(container: &Container) -> impl Iterator<Item = &str> {
    container.names.iter().map(String::as_str).filter(|name| !name.bytes().all(|b| b.is_ascii_digit()))
}

fn is_named(container: &Container) -> bool {
    if TAGS.contains(&container.tag.as_str()) {
        return true;
    }
    if container.tag == "p" && container.named(CAPTIONS) {
        return true;
    }
    // A paragraph's other names are about its looks and about paywalls.
    if matches!(container.tag.as_str(), "p" | "h1" | "h2" | "h3" | "body" | "main" | "li") {
        return false;
    }
    container.named(NAMES)
        || container.named(CAPTIONS)
        || PHRASES.iter().any(|p| container.names.windows(p.len()).any(|w| w.iter().zip(*p).all(|(a, b)| a == b)))
}

/// Whether it is a card that links to another article: one of an `<article>`'s inner articles, or a linked heading with a few lines.
fn is_card(outline: &Outline, id: usize, part: f64) -> bool {
    let container = &outline.containers[id];
    let blocks = &outline.blocks[container.first..container.last];
    if part >= CARD_SHARE || blocks.is_empty() {
        return false;
    }
    let linked_heading =
        blocks.len() <= 6 && blocks.iter().any(|b| matches!(b.kind, Kind::Heading(_)) && b.link_share() > 0.9);
    let letters = blocks.iter().map(|b| b.letters).sum();
    let links = share(blocks.iter().map(|b| b.linked).sum(), letters);
    let inner_article = container.tag == "article"
        && outline
            .ancestors(container.parent)
            .any(|c| matches!(outline.containers[c].tag.as_str(), "article" | "main"));
    // A part of the article is as short, but none of its lines is a link and nothing else.
    let linked_line = blocks.len() <= 4 && blocks.iter().any(|b| b.link_share() > 0.9);
    linked_heading || (inner_article && (links > 0.1 || linked_line)) || (container.named(CARDS) && links > 0.25)
}
