//! Reads JSON Feed into drafts of entries: wrong types and missing fields do not lose the whole feed.
//! It does not finish entries; `parse` does.

use serde_json::{Map, Value};
use url::Url;

use super::clean::{Cleaned, Draft};
use super::{EntryImage, FeedError, MAX_LINE, PollHints, bounded, date, plain};

/// Reads `text` (jsonfeed.org, versions 1 and 1.1, which differ in nothing that is read here).
pub(super) fn clean(text: &str, base: &Url) -> Result<Cleaned, FeedError> {
    let root: Value = serde_json::from_str(text.trim())
        .map_err(|e| FeedError::Broken { at: offset(text, e.line(), e.column()), why: e.to_string() })?;
    let Some(items) = root.get("items").and_then(Value::as_array) else {
        return Err(FeedError::NotAFeed { what: "JSON without a list of items".to_owned() });
    };
    let text_of = |key: &str| root.get(key).and_then(Value::as_str);
    let link = |key: &str| text_of(key).and_then(|u| absolute(u, base));
    let hubs = root.get("hubs").and_then(Value::as_array).map(Vec::as_slice).unwrap_or_default();
    let hints = PollHints {
        hub: hubs.iter().find_map(|h| absolute(h.get("url")?.as_str()?, base)),
        self_url: link("feed_url"),
        ..PollHints::default()
    };
    Ok(Cleaned {
        title: line(text_of("title").unwrap_or_default()),
        home_url: link("home_page_url"),
        authors: authors(root.as_object()),
        hints,
        language: text_of("language").map(str::to_ascii_lowercase),
        drafts: items.iter().filter_map(Value::as_object).map(|i| draft(i, base)).collect(),
        broken: None,
    })
}

fn draft(item: &Map<String, Value>, base: &Url) -> Draft {
    let text = |key: &str| item.get(key).and_then(Value::as_str);
    let filled = |key: &str| text(key).map(str::trim).filter(|t| !t.is_empty());
    let tags = item.get("tags").and_then(Value::as_array).map(Vec::as_slice).unwrap_or_default();
    let image = text("image").or_else(|| text("banner_image")).and_then(|u| absolute(u, base));
    let date = |key: &str| filled(key).and_then(date::parse);
    let content = filled("content_html").map(str::to_owned);
    // Beside HTML the text stands in for a summary.
    let (content, second) = match content {
        Some(html) => (Some(html), filled("content_text")),
        None => (filled("content_text").map(html), None),
    };
    Draft {
        guid: item.get("id").and_then(identifier).unwrap_or_default(),
        link: filled("url").or_else(|| filled("external_url")).and_then(|u| absolute(u, base)),
        title: filled("title").map(line).unwrap_or_default(),
        published: date("date_published"),
        updated: date("date_modified"),
        authors: authors(Some(item)),
        categories: tags.iter().filter_map(Value::as_str).map(str::to_owned).collect(),
        summary: filled("summary").or(second).map(html),
        content,
        language: text("language").map(str::to_ascii_lowercase),
        image: image.map(|url| (1, EntryImage { url, alt: String::new() })),
        guid_is_link: true,
        ..Draft::default()
    }
}

fn line(text: &str) -> String {
    bounded(&plain::from_unknown(text.trim()), MAX_LINE).to_owned()
}

/// HTML of a text, which may be HTML already.
fn html(text: &str) -> String {
    if text.contains("</") { text.to_owned() } else { plain::to_html(text).replace("\n\n", "<p>") }
}

/// Version 1 allowed numbers as identifiers in practice, and publishers write them.
fn identifier(id: &Value) -> Option<String> {
    match id {
        Value::String(text) => Some(text.trim().to_owned()),
        Value::Number(number) => Some(number.to_string()),
        _ => None,
    }
}

/// The names of `authors` (1.1) or `author` (1.0).
fn authors(of: Option<&Map<String, Value>>) -> Vec<String> {
    let Some(of) = of else { return Vec::new() };
    let many = of.get("authors").and_then(Value::as_array).map(Vec::as_slice).unwrap_or_default();
    let names = many.iter().chain(of.get("author")).filter_map(|a| a.get("name").and_then(Value::as_str));
    names.filter_map(plain::person).collect()
}

fn absolute(address: &str, base: &Url) -> Option<String> {
    let joined = base.join(address.trim()).ok()?;
    matches!(joined.scheme(), "http" | "https").then(|| joined.into())
}

fn offset(text: &str, line: usize, column: usize) -> u64 {
    let before: usize = text.split_inclusive('\n').take(line.saturating_sub(1)).map(str::len).sum();
    (before + column) as u64
}
