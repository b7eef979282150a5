//! An article from the HTML page that shows it.
//! What the page declares is read by `metadata`, which blocks are the article by `body`; this file puts them together.

use dom_query::Document;

use super::{Draft, ExtractSettings, Extracted, body::Finder, metadata, standfirst};
use crate::article::{boilerplate, key_points, outline};

/// Reads a page. `url` is where it was fetched, for addresses that the page gives relative to it.
pub fn from_page(html: &str, url: Option<&str>, settings: &ExtractSettings) -> Extracted {
    let document = Document::from(outline::bounded(html));
    let meta = metadata::read(&document, url);
    let mut outline = outline::outline_of(&document);
    let range = Finder::new(&outline, &meta, &settings.learned).find().range;
    let block = key_points::find_block(&outline, range, &meta.titles);
    let fingerprints = outline.blocks.iter().map(|b| boilerplate::fingerprint(&b.text)).collect();
    if let Some(block) = &block {
        outline.blank(&block.blocks);
    }
    let body = Finder::new(&outline, &meta, &settings.learned).find();
    let standfirst = standfirst::find(&outline, &meta, &body, block.as_ref().map(|b| &b.key_points));
    let paragraphs: Vec<String> = body.kept.iter().map(|at| outline.blocks[*at].text.clone()).collect();
    Draft {
        title: meta.title,
        url: meta.url.unwrap_or_default(),
        language: meta.language,
        author: meta.author,
        published: meta.published,
        categories: meta.categories,
        standfirst,
        paragraphs,
        key_points: block.map(|b| b.key_points),
        form: meta.form,
        paid: meta.paid,
        removed: body.removed,
        fingerprints,
        ..Draft::default()
    }
    .finish(settings)
}
