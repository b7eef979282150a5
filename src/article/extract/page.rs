//! An article from the HTML page that shows it.
//! What the page declares is read by `metadata`, which blocks are the article by `body`; this file puts them together.

use dom_query::Document;
use dom_smoothie::Readability;

use super::{
    Draft, ExtractSettings, Extracted,
    body::{Body, Finder},
    form,
    metadata::{self, Metadata},
    standfirst,
};
use crate::article::{
    boilerplate, key_points,
    outline::{self, Outline},
    words,
};

/// Words below which a found body is doubted and other ways are tried.
const DOUBTFUL_WORDS: usize = 60;

/// Reads a page. `url` is where it was fetched, for addresses that the page gives relative to it.
pub fn from_page(html: &str, url: Option<&str>, settings: &ExtractSettings) -> Extracted {
    let document = outline::parse(html);
    let mut meta = metadata::read(&document, url);
    let mut outline = outline::outline_of(&document);
    let range = Finder::new(&outline, &meta, &settings.learned).find().range;
    let block = key_points::find_block(&outline, range, &meta.titles);
    let fingerprints = outline.blocks.iter().map(|b| boilerplate::fingerprint(&b.text)).collect();
    if let Some(block) = &block {
        outline.blank(&block.blocks);
    }
    let mut body = Finder::new(&outline, &meta, &settings.learned).find();
    let standfirst = standfirst::take(&outline, &meta, &mut body, block.as_ref().map(|b| &b.key_points));
    let paragraphs = texts(&outline, &body);
    let found = Found { lead: standfirst.as_ref().map(|s| words::count(&s.text)).unwrap_or_default(), paragraphs };
    let paragraphs = doubted(found, document, &meta, settings);
    meta.paid |= form::says_paid(&paragraphs, &body.removed);
    Draft {
        form: form::form(&meta, &paragraphs, &body.removed),
        title: meta.title,
        url: meta.url.unwrap_or_default(),
        language: meta.language,
        author: meta.author,
        published: meta.published,
        categories: meta.categories,
        standfirst_declared: standfirst.as_ref().is_some_and(|s| s.declared),
        standfirst: standfirst.map(|s| s.text),
        paragraphs,
        key_points: block.map(|b| b.key_points),
        paid: meta.paid,
        removed: body.removed,
        fingerprints,
        ..Draft::default()
    }
    .finish(settings)
}

fn texts(outline: &Outline, body: &Body) -> Vec<String> {
    body.kept.iter().map(|at| outline.blocks[*at].text.clone()).collect()
}

/// Paragraphs, and the words of the standfirst above them.
struct Found {
    lead: usize,
    paragraphs: Vec<String>,
}

/// A body that is short, or far shorter than the declared one, is replaced by what the page declares or by what Readability finds,
/// whichever says more. Pages that are drawn by a script have their text in JSON-LD alone.
fn doubted(found: Found, document: Document, meta: &Metadata, settings: &ExtractSettings) -> Vec<String> {
    let length = |paragraphs: &[String]| paragraphs.iter().map(|p| words::count(p)).sum::<usize>();
    let (known, found) = (length(&found.paragraphs) + found.lead, found.paragraphs);
    let declared: Vec<String> = meta.body.as_deref().map(declared_paragraphs).unwrap_or_default();
    if length(&declared) > known * 2 && length(&declared) >= DOUBTFUL_WORDS {
        return declared;
    }
    if known >= DOUBTFUL_WORDS {
        return found;
    }
    let article = Readability::with_document(document, None, None).ok().and_then(|mut reader| reader.parse().ok());
    let Some(article) = article else { return found };
    let outline = outline::outline(&article.content);
    let body = Finder::new(&outline, meta, &settings.learned).find();
    let other = texts(&outline, &body);
    if length(&other) > known * 2 { other } else { found }
}

/// Paragraphs of `articleBody`, which is plain text with line breaks, or HTML in spite of the standard.
fn declared_paragraphs(body: &str) -> Vec<String> {
    let html = ["</p>", "<br", "</div>", "&nbsp;", "&quot;"].iter().any(|mark| body.contains(mark));
    let blocks: Vec<String> = if html {
        outline::outline(body).blocks.into_iter().map(|b| b.text).collect()
    } else {
        body.lines().flat_map(unglued).map(metadata::squeeze).collect()
    };
    blocks.into_iter().filter(|b| !b.is_empty() && boilerplate::why(b, 0.0).is_none()).collect()
}

/// Cuts where paragraphs were joined without a space ("…of it.The next"); an abbreviation has too few small letters before its stop.
fn unglued(line: &str) -> Vec<&str> {
    const SMALL: usize = 3;
    let mut parts = Vec::new();
    let (mut from, mut small, mut stop) = (0, 0, false);
    for (at, c) in line.char_indices() {
        if stop && small >= SMALL && c.is_uppercase() {
            parts.push(&line[from..at]);
            from = at;
        }
        let closing = matches!(c, '"' | '”' | '“' | '»');
        stop = matches!(c, '.' | '!' | '?') || (stop && closing);
        small = if c.is_lowercase() {
            small + 1
        } else if stop || closing {
            small
        } else {
            0
        };
    }
    parts.push(&line[from..]);
    parts
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paragraphs_that_were_joined_without_a_space_are_cut_again() {
        assert_eq!(
            unglued("It is a loss, he said.The town waits. “So they wait.”Nobody came, z.B. Mr.Low"),
            ["It is a loss, he said.", "The town waits. “So they wait.”", "Nobody came, z.B. Mr.Low"]
        );
    }
}
