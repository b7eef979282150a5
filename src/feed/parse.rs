//! Reads a feed document of any dialect into entries: decode, read what it says, and make the result safe to store.
//! It does not fetch, and does not tell which entries are new.

use std::borrow::Cow;

use chrono::{DateTime, Utc};
use url::Url;

use super::clean::{Cleaned, Draft};
use super::{
    Entry, EntryImage, FeedError, MAX_CATEGORIES, MAX_CONTENT, MAX_ENTRIES, MAX_LINE, MAX_SUMMARY, ParsedFeed,
    believable, bounded, clean, decode, json, plain, refusal,
};

/// Authors named of one entry; more are a masthead.
const MAX_AUTHORS: usize = 3;

/// Reads a feed at `now`. `base` is the address that the document was got from, after redirects; for files, any address.
pub fn parse(
    bytes: &[u8],
    content_type: Option<&str>,
    base: &Url,
    now: DateTime<Utc>,
) -> Result<ParsedFeed, FeedError> {
    let decoded = decode::decode(bytes, content_type);
    let text = without_controls(&decoded.text);
    let text = text.trim_matches(|c: char| c.is_whitespace() || c == '\u{feff}');
    let result = read(text, base, now);
    match (result, decoded.unknown_label) {
        (Err(FeedError::NotAFeed { .. } | FeedError::Broken { .. }), Some(label)) => Err(FeedError::Charset { label }),
        (result, _) => result,
    }
}

/// A text without the control characters that neither XML nor JSON may hold: Postgres takes no NUL, and terminals obey others.
fn without_controls(text: &str) -> Cow<'_, str> {
    let dropped = |c: char| c.is_ascii_control() && !c.is_whitespace();
    if text.contains(dropped) { text.replace(dropped, "").into() } else { text.into() }
}

fn read(text: &str, base: &Url, now: DateTime<Utc>) -> Result<ParsedFeed, FeedError> {
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
    Ok(convert(cleaned, now))
}

fn convert(cleaned: Cleaned, now: DateTime<Utc>) -> ParsedFeed {
    let author = names(&cleaned.authors);
    let language = cleaned.language.as_deref().and_then(tag);
    let mut entries: Vec<Entry> = cleaned.drafts.into_iter().map(entry).collect();
    let broken = cleaned.broken.is_some();
    let cut = entries.len() > MAX_ENTRIES;
    if cut {
        keep_newest(&mut entries, now);
    }
    for entry in &mut entries {
        entry.author = entry.author.take().or_else(|| author.clone());
        entry.language = entry.language.take().or_else(|| language.clone());
    }
    ParsedFeed {
        title: cleaned.title,
        home_url: cleaned.home_url,
        language,
        hints: cleaned.hints,
        entries,
        partial: cut || broken,
        broken,
    }
}

fn entry(draft: Draft) -> Entry {
    // JSON can write with `\u0000` what its own text may not hold.
    let guid = Some(bounded(without_controls(&draft.guid).trim(), MAX_LINE).to_owned()).filter(|g| !g.is_empty());
    let from_guid = || guid.as_deref().filter(|_| draft.guid_is_link).and_then(web_address);
    let url = draft.original_link.or(draft.link).or_else(from_guid);
    let mut categories: Vec<String> = Vec::new();
    for category in &draft.categories {
        let name = bounded(&plain::from_unknown(category.trim()), MAX_LINE).to_owned();
        if !name.is_empty() && !categories.contains(&name) && categories.len() < MAX_CATEGORIES {
            categories.push(name);
        }
    }
    let image = draft.image.map(|(_, image)| image).filter(|i: &EntryImage| i.url.len() <= MAX_LINE);
    Entry {
        url: url.filter(|u| u.len() <= MAX_LINE),
        title: draft.title,
        author: names(&draft.authors).or(draft.author),
        published: draft.published,
        updated: draft.updated.filter(|u| Some(*u) != draft.published),
        categories,
        summary_html: draft.summary.and_then(|html| filled(once_escaped(html), MAX_SUMMARY)),
        content_html: draft.content.and_then(|html| filled(once_escaped(html), MAX_CONTENT)),
        language: draft.language.as_deref().and_then(tag),
        image,
        guid,
    }
}

/// The newest by the publisher's dates, in document order; entries without one that can be believed count as the oldest.
fn keep_newest(entries: &mut Vec<Entry>, now: DateTime<Utc>) {
    let date = |e: &Entry| believable(e.published, now).max(believable(e.updated, now));
    let mut dates: Vec<_> = entries.iter().enumerate().map(|(at, e)| (date(e), at)).collect();
    dates.sort_by(|a, b| b.0.cmp(&a.0).then(a.1.cmp(&b.1)));
    let mut keep: Vec<usize> = dates.iter().take(MAX_ENTRIES).map(|(_, at)| *at).collect();
    keep.sort_unstable();
    *entries = keep.into_iter().map(|at| std::mem::take(&mut entries[at])).collect();
}

/// HTML cut to `max` bytes, or nothing where there is none.
fn filled(mut html: String, max: usize) -> Option<String> {
    html.truncate(bounded(&html, max).len());
    let html = match without_controls(&html) {
        Cow::Owned(clean) => clean,
        Cow::Borrowed(_) => html,
    };
    (!html.is_empty()).then_some(html)
}

/// HTML that was escaped once too often: without any tag, its text begins with one that is closed further on. Its readers would
/// see the tags.
fn once_escaped(html: String) -> String {
    const FIRST: [&str; 18] = [
        "p",
        "div",
        "span",
        "a",
        "b",
        "strong",
        "i",
        "em",
        "h1",
        "h2",
        "h3",
        "h4",
        "ul",
        "ol",
        "table",
        "figure",
        "blockquote",
        "section",
    ];
    let Some(rest) = html.strip_prefix("&lt;").filter(|_| !html.contains('<')) else { return html };
    let name = &rest[..rest.find(|c: char| !c.is_ascii_alphanumeric()).unwrap_or(rest.len())];
    let is_tag = FIRST.iter().any(|first| first.eq_ignore_ascii_case(name));
    if is_tag && rest.contains(&format!("&lt;/{name}&gt;")) { clean::unescape(&html) } else { html }
}

fn tag(language: &str) -> Option<String> {
    Some(bounded(without_controls(language).trim(), MAX_LINE).to_owned()).filter(|tag| !tag.is_empty())
}

fn web_address(text: &str) -> Option<String> {
    let url = Url::parse(text.trim()).ok()?;
    matches!(url.scheme(), "http" | "https").then(|| url.into())
}

fn names(people: &[String]) -> Option<String> {
    let mut names: Vec<String> = Vec::new();
    for name in people.iter().map(|name| bounded(name.trim(), MAX_LINE).to_owned()) {
        if !names.contains(&name) && names.len() < MAX_AUTHORS {
            names.push(name);
        }
    }
    (!names.is_empty()).then(|| names.join(", "))
}

#[cfg(test)]
mod tests;
