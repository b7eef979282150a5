//! Reads a feed document of any dialect into entries: decode, clean, hand to the feed library, and make the result
//! safe to store. It does not fetch, and does not tell which entries are new.

use std::panic::{AssertUnwindSafe, catch_unwind};

use feed_rs::model;
use feed_rs::parser::Builder;
use url::Url;

use super::clean::{Aside, Cleaned};
use super::{
    Entry, EntryImage, FeedError, MAX_CATEGORIES, MAX_CONTENT, MAX_ENTRIES, MAX_LINE, MAX_SUMMARY, ParsedFeed, bounded,
    clean, date, decode, json, plain, refusal,
};

/// Authors named of one entry; more are a masthead.
const MAX_AUTHORS: usize = 3;

/// Reads a feed. `base` is the address that the document was got from, after redirects; for files, any address.
pub fn parse(bytes: &[u8], content_type: Option<&str>, base: &Url) -> Result<ParsedFeed, FeedError> {
    let decoded = decode::decode(bytes, content_type);
    let text = decoded.text.trim_matches(|c: char| c.is_whitespace() || matches!(c, '\0' | '\u{feff}'));
    let result = read(text, base);
    match (result, decoded.unknown_label) {
        (Err(FeedError::NotAFeed { .. } | FeedError::Broken { .. }), Some(label)) => Err(FeedError::Charset { label }),
        (result, _) => result,
    }
}

fn read(text: &str, base: &Url) -> Result<ParsedFeed, FeedError> {
    let cleaned = match text.find(['<', '{']) {
        None if text.is_empty() => return Err(FeedError::Empty),
        _ if refusal::is_page(text) => return Err(refusal::of_page(text, base)),
        Some(0) if text.starts_with('{') => json::clean(text, base)?,
        Some(at) if text[at..].starts_with('<') => clean::clean(&text[at..], base).map_err(|e| match e {
            FeedError::Html { .. } => refusal::of_page(text, base),
            other => other,
        })?,
        _ => return Err(FeedError::NotAFeed { what: refusal::of_text(text) }),
    };
    let feed = library(&cleaned)?;
    Ok(convert(feed, cleaned))
}

/// Hands the cleaned document to the feed library. It may panic on what we did not foresee; then this one document
/// fails, and no other.
fn library(cleaned: &Cleaned) -> Result<model::Feed, FeedError> {
    let parser = Builder::new()
        // An identifier made up by the library would differ from run to run, or change with the title.
        .id_generator(|_, _, _| String::new())
        .timestamp_parser(date::parse)
        .sanitize_content(false)
        .build();
    let unreadable = |why: String| FeedError::Broken { at: 0, why };
    catch_unwind(AssertUnwindSafe(|| parser.parse(cleaned.document.as_bytes())))
        .map_err(|_| unreadable("the feed library gave up".to_owned()))?
        .map_err(|e| unreadable(e.to_string()))
}

fn convert(feed: model::Feed, cleaned: Cleaned) -> ParsedFeed {
    let author = authors(&feed.authors);
    let language = cleaned.language.filter(|l| !l.is_empty());
    // One aside per entry by construction; should the library ever drop one, asides would be another entry's.
    let aligned = cleaned.asides.len() == feed.entries.len();
    let asides = cleaned.asides.into_iter().map(Some).chain(std::iter::repeat_with(|| None));
    let mut entries: Vec<Entry> = feed
        .entries
        .into_iter()
        .zip(asides)
        .map(|(entry, aside)| convert_entry(entry, aside.filter(|_| aligned).unwrap_or_default()))
        .collect();
    let cut = entries.len() > MAX_ENTRIES;
    if cut {
        keep_newest(&mut entries);
    }
    for entry in &mut entries {
        entry.author = entry.author.take().or_else(|| author.clone());
        entry.language = entry.language.take().or_else(|| language.clone());
    }
    ParsedFeed {
        title: title(feed.title.as_ref()),
        home_url: page_link(&feed.links),
        language,
        hints: cleaned.hints,
        entries,
        partial: cut || cleaned.broken.is_some(),
    }
}

fn convert_entry(entry: model::Entry, aside: Aside) -> Entry {
    let guid = Some(bounded(entry.id.trim(), MAX_LINE).to_owned()).filter(|g| !g.is_empty());
    let from_guid = guid.as_deref().filter(|_| aside.guid_is_link).and_then(web_address);
    let url = aside.original_link.or_else(|| page_link(&entry.links)).or(from_guid);
    let mut categories: Vec<String> = Vec::new();
    for category in &entry.categories {
        let name = bounded(&plain::from_unknown(&category.term), MAX_LINE).to_owned();
        if !name.is_empty() && !categories.contains(&name) && categories.len() < MAX_CATEGORIES {
            categories.push(name);
        }
    }
    // What JSON gives; of other documents the texts were kept aside.
    let summary = entry.summary.map(|s| html(&s.content, s.content_type.as_str()));
    let content = entry.content.map(|c| html(c.body.as_deref().unwrap_or_default(), c.content_type.as_str()));
    let image = aside.image.map(|(_, image)| image).filter(|i: &EntryImage| i.url.len() <= MAX_LINE);
    Entry {
        url: url.filter(|u| u.len() <= MAX_LINE),
        title: title(entry.title.as_ref()),
        author: authors(&entry.authors).or(aside.author),
        published: entry.published,
        // The library copies the date of publication where there is none of change.
        updated: entry.updated.filter(|u| Some(*u) != entry.published),
        categories,
        summary_html: aside.summary.or(summary).and_then(|html| filled(html, MAX_SUMMARY)),
        content_html: aside.content.or(content).and_then(|html| filled(html, MAX_CONTENT)),
        language: aside.language.filter(|l| !l.is_empty()),
        image,
        guid,
    }
}

/// The newest by the publisher's dates, in document order; entries without a date count as the oldest.
fn keep_newest(entries: &mut Vec<Entry>) {
    let mut dates: Vec<_> = entries.iter().enumerate().map(|(at, e)| (e.published.max(e.updated), at)).collect();
    dates.sort_by(|a, b| b.0.cmp(&a.0).then(a.1.cmp(&b.1)));
    let mut keep: Vec<usize> = dates.iter().take(MAX_ENTRIES).map(|(_, at)| *at).collect();
    keep.sort_unstable();
    *entries = keep.into_iter().map(|at| std::mem::take(&mut entries[at])).collect();
}

fn title(text: Option<&model::Text>) -> String {
    let Some(text) = text else { return String::new() };
    let is_html = text.content_type.as_str() == "text/html";
    let plain = if is_html { plain::from_html(&text.content) } else { plain::from_unknown(&text.content) };
    bounded(&plain, MAX_LINE).to_owned()
}

/// HTML of a trimmed text.
fn html(content: &str, kind: &str) -> String {
    let content = content.trim();
    if kind == "text/plain" && !content.contains("</") {
        plain::to_html(content).replace("\n\n", "<p>")
    } else {
        content.to_owned()
    }
}

/// HTML cut to `max` bytes, or nothing where there is none.
fn filled(mut html: String, max: usize) -> Option<String> {
    html.truncate(bounded(&html, max).len());
    (!html.is_empty()).then_some(html)
}

fn page_link(links: &[model::Link]) -> Option<String> {
    let mut pages = links.iter().filter(|l| l.target.is_none() && l.rel.as_deref().is_none_or(|r| r == "alternate"));
    pages.find_map(|l| web_address(&l.href))
}

fn web_address(text: &str) -> Option<String> {
    let url = Url::parse(text.trim()).ok()?;
    matches!(url.scheme(), "http" | "https").then(|| url.into())
}

fn authors(people: &[model::Person]) -> Option<String> {
    let mut names: Vec<String> = Vec::new();
    for name in people.iter().filter_map(|p| p.name.as_deref()).map(|n| bounded(n.trim(), MAX_LINE).to_owned()) {
        if !names.contains(&name) && names.len() < MAX_AUTHORS {
            names.push(name);
        }
    }
    (!names.is_empty()).then(|| names.join(", "))
}

#[cfg(test)]
mod tests;
