//! The pass before the feed library for JSON Feed: wrong types and missing fields do not lose the whole feed.
//! It keeps what the library would drop (pictures, languages, hubs) and does not build entries.

use serde_json::{Map, Value, json};
use url::Url;

use super::clean::{Aside, Cleaned};
use super::{EntryImage, FeedError, PollHints};

/// What the feed library takes as a version; the versions differ in nothing that is read here.
const VERSION: &str = "https://jsonfeed.org/version/1.1";

/// Reads `text` and gives it back as a JSON Feed with the types of the specification (jsonfeed.org, version 1.1).
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
    let objects = || items.iter().filter_map(Value::as_object);
    let document = json!({
        "version": VERSION,
        "title": text_of("title").unwrap_or_default(),
        "home_page_url": link("home_page_url"),
        "authors": authors(root.as_object()),
        "items": objects().map(|i| item(i, base)).collect::<Vec<_>>(),
    });
    Ok(Cleaned {
        document: document.to_string(),
        hints,
        language: text_of("language").map(str::to_ascii_lowercase),
        asides: objects().map(|i| aside(i, base)).collect(),
        broken: None,
    })
}

fn item(item: &Map<String, Value>, base: &Url) -> Value {
    let text = |key: &str| item.get(key).and_then(Value::as_str).filter(|t| !t.trim().is_empty());
    let tags = item.get("tags").and_then(Value::as_array).map(Vec::as_slice).unwrap_or_default();
    json!({
        "id": item.get("id").and_then(identifier),
        "url": text("url").or_else(|| text("external_url")).and_then(|u| absolute(u, base)),
        "title": text("title"),
        "content_html": text("content_html"),
        "content_text": text("content_text"),
        "summary": text("summary"),
        "date_published": text("date_published"),
        "date_modified": text("date_modified"),
        "authors": authors(Some(item)),
        "tags": tags.iter().filter_map(Value::as_str).collect::<Vec<_>>(),
    })
}

fn aside(item: &Map<String, Value>, base: &Url) -> Aside {
    let text = |key: &str| item.get(key).and_then(Value::as_str);
    let image = text("image").or_else(|| text("banner_image")).and_then(|u| absolute(u, base));
    Aside {
        language: text("language").map(str::to_ascii_lowercase),
        image: image.map(|url| (1, EntryImage { url, alt: String::new() })),
        ..Aside::default()
    }
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
fn authors(of: Option<&Map<String, Value>>) -> Vec<Value> {
    let Some(of) = of else { return Vec::new() };
    let many = of.get("authors").and_then(Value::as_array).map(Vec::as_slice).unwrap_or_default();
    let names = many.iter().chain(of.get("author")).filter_map(|a| a.get("name").and_then(Value::as_str));
    names.map(|name| json!({ "name": name })).collect()
}

fn absolute(address: &str, base: &Url) -> Option<String> {
    let joined = base.join(address.trim()).ok()?;
    matches!(joined.scheme(), "http" | "https").then(|| joined.into())
}

fn offset(text: &str, line: usize, column: usize) -> u64 {
    let before: usize = text.split_inclusive('\n').take(line.saturating_sub(1)).map(str::len).sum();
    (before + column) as u64
}
