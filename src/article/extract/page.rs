//! An article from the HTML page that shows it.
//! What the page declares is read by `metadata`, which blocks are the article by `body`; this file puts them together.

use std::collections::HashSet;

use dom_query::Document;
use dom_smoothie::Readability;

use super::{
    Draft, ExtractSettings, Extracted, Removed,
    body::{Body, Finder},
    form,
    metadata::{self, Metadata},
    standfirst,
};
use crate::article::{
    KeyPoints,
    boilerplate::{self, Why},
    key_points,
    outline::{self, Kind, Outline},
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
    let block = key_points::find_block(&outline, range, &meta.titles, &settings.learned);
    let fingerprints = outline.blocks.iter().map(|b| boilerplate::fingerprint(&b.text)).collect();
    let mut taken = Vec::new();
    if let Some(block) = &block {
        let points = &block.key_points;
        taken.extend(block.blocks.iter().map(|at| &outline.blocks[*at]).map(|taken| {
            let shown = |point: &String| taken.text.contains(point.as_str()) || point.contains(&taken.text);
            let told = points.points.iter().chain(&points.ai_label).any(shown);
            let more = matches!(taken.kind, Kind::Item(_)) && !told;
            Removed::new(&taken.text, if more { Why::MorePoints } else { Why::KeyPoints })
        }));
        block.take_from(&mut outline);
    }
    let mut body = Finder::new(&outline, &meta, &settings.learned).find();
    let taken_texts: HashSet<String> = taken.iter().map(|t| words::fold(&t.text)).collect();
    // A page shows its block twice, for two widths of screen.
    let again = |at: usize| {
        let block = &outline.blocks[at];
        block.kind != Kind::Paragraph && taken_texts.contains(&words::fold(&block.text))
    };
    let repeated = body.kept.extract_if(.., |at| again(*at));
    body.removed.extend(repeated.map(|at| Removed::new(&outline.blocks[at].text, Why::KeyPoints)));
    body.removed.splice(..0, taken.iter().cloned());
    let standfirst = standfirst::take(&outline, &meta, &mut body, block.as_ref().map(|b| &b.key_points));
    let paragraphs = texts(&outline, &body);
    let found = Found {
        lead: standfirst.as_ref().map(|s| words::count(&s.text)).unwrap_or_default(),
        paragraphs,
        taken: taken_texts,
        key_points: block.map(|b| b.key_points),
    };
    let Found { paragraphs, key_points, .. } = doubted(found, document, &meta, settings);
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
        key_points,
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

/// What the blocks of a page gave.
struct Found {
    /// Words of the standfirst above the paragraphs.
    lead: usize,
    paragraphs: Vec<String>,
    /// Folded texts of the publisher's block.
    taken: HashSet<String>,
    key_points: Option<KeyPoints>,
}

impl Found {
    /// The same with other paragraphs; what the block says is not said again.
    fn with(self, paragraphs: Vec<String>) -> Self {
        let said = |p: &String| self.taken.contains(&words::fold(key_points::unmarked(p)));
        Self { paragraphs: paragraphs.into_iter().filter(|p| !said(p)).collect(), ..self }
    }
}

/// A body that is short, or far shorter than the declared one, is replaced by what the page declares or by what Readability finds,
/// whichever says more. Pages that are drawn by a script have their text in JSON-LD alone.
fn doubted(mut found: Found, document: Document, meta: &Metadata, settings: &ExtractSettings) -> Found {
    let length = |paragraphs: &[String]| paragraphs.iter().map(|p| words::count(p)).sum::<usize>();
    let known = length(&found.paragraphs) + found.lead;
    let (declared, block) = meta.body.as_deref().map(|body| declared(body, meta, settings)).unwrap_or_default();
    if length(&declared) > known * 2 && length(&declared) >= DOUBTFUL_WORDS {
        found.key_points = found.key_points.or(block);
        return found.with(declared);
    }
    if known >= DOUBTFUL_WORDS {
        return found;
    }
    let article = Readability::with_document(document, None, None).ok().and_then(|mut reader| reader.parse().ok());
    let Some(article) = article else { return found };
    let outline = outline::outline(&article.content);
    let body = Finder::new(&outline, meta, &settings.learned).find();
    let other = texts(&outline, &body);
    if length(&other) > known * 2 { found.with(other) } else { found }
}

/// Paragraphs of `articleBody`, which is plain text with line breaks, or HTML in spite of the standard; and the block that opens it.
fn declared(body: &str, meta: &Metadata, settings: &ExtractSettings) -> (Vec<String>, Option<KeyPoints>) {
    let html = ["</p>", "<br", "</div>", "&nbsp;", "&quot;"].iter().any(|mark| body.contains(mark));
    let (lines, key_points) = if html {
        let mut outline = outline::outline(body);
        let block = key_points::find_block(&outline, 0..outline.blocks.len(), &meta.titles, &settings.learned);
        if let Some(block) = &block {
            block.take_from(&mut outline);
        }
        (outline.blocks.into_iter().map(|b| b.text).collect(), block.map(|b| b.key_points))
    } else {
        let lines: Vec<String> = body.lines().flat_map(unglued).map(metadata::squeeze).collect();
        match key_points::find_lines(&lines.iter().map(String::as_str).collect::<Vec<_>>(), &meta.title) {
            Some(found) => (found.rest.into_iter().map(str::to_owned).collect(), Some(found.key_points)),
            None => (lines, None),
        }
    };
    let said = |b: &String| !b.is_empty() && boilerplate::why(b, 0.0).is_none();
    (lines.into_iter().filter(said).collect(), key_points)
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

    #[test]
    fn a_declared_text_does_not_say_the_publishers_block_again() {
        let points = ["The ferry stops for nine days.", "Buses drive round the bay instead."];
        let body = [
            "The ferry across the bay of Kervel stops for nine days from Monday, because its engine has to be taken out, the harbour said.",
            "Buses drive round the bay instead, every half hour from six in the morning, and they take bicycles as long as there is room.",
            "The harbour pays for the buses, and it hopes that the engine is back on board before the boats of the regatta arrive in August.",
        ];
        let read = |shown: &str, declared: &str| {
            let page = format!(
                "<html><head><script type=\"application/ld+json\">{}</script></head><body><main><h1>No ferry</h1>{shown}</main></body></html>",
                serde_json::json!({"@type": "NewsArticle", "headline": "No ferry", "articleBody": declared})
            );
            from_page(&page, None, &ExtractSettings::default()).article
        };
        let block =
            format!("<h2>Key points</h2><ul><li>{}</li><li>{}</li></ul><p>{}</p>", points[0], points[1], body[0]);
        let plain = format!("Key points\n{}\n{}\n{}", points[0], points[1], body.join("\n"));
        let marked = format!("Key points\n• {}\n• {}\n{}", points[0], points[1], body.join("\n"));
        let html = format!("{block}<p>{}</p><p>{}</p>", body[1], body[2]);
        for (shown, declared) in
            [(block.as_str(), plain.as_str()), (&block, &marked), (&block, &html), ("", &marked), ("", &html)]
        {
            let article = read(shown, declared);
            assert_eq!(article.key_points.points, points, "{shown} / {declared}");
            assert_eq!(article.paragraphs, body, "{shown} / {declared}");
        }
        assert_eq!(read("", &body.join("\n")).paragraphs, body);
    }
}
