//! Reads JSON Feed into drafts of entries: wrong types, missing fields and a broken end do not lose the whole feed.
//! It does not finish entries; `parse` does.

use std::borrow::Cow;
use std::fmt;

use serde::Deserialize as _;
use serde::de::{DeserializeSeed, Deserializer, MapAccess, SeqAccess, Visitor};
use serde_json::{Map, Value};
use url::Url;

use super::address::site_of;
use super::clean::{Cleaned, Draft};
use super::{EntryImage, FeedError, MAX_LINE, PollHints, bounded, date, plain};

/// Reads `text` (jsonfeed.org, versions 1 and 1.1, which differ in nothing that is read here).
pub(super) fn clean(text: &str, base: &Url) -> Result<Cleaned, FeedError> {
    // What follows the document, as a cache's remark, is no part of it.
    let (root, broken) = match Value::deserialize(&mut serde_json::Deserializer::from_str(text)) {
        Ok(root) => (root, None),
        Err(e) => (whole_part(text), Some((offset(text, e.line(), e.column()), e.to_string()))),
    };
    let items = match (root.get("items").and_then(Value::as_array), &broken) {
        (Some(items), None) => items,
        (Some(items), Some(_)) if !items.is_empty() => items,
        (_, Some((at, why))) => return Err(FeedError::Broken { at: *at, why: why.clone() }),
        (None, None) => return Err(FeedError::NotAFeed { what: "JSON without a list of items".to_owned() }),
    };
    let text_of = |key: &str| root.get(key).and_then(Value::as_str);
    let link = |key: &str| text_of(key).and_then(|u| absolute(u, base));
    let hubs = root.get("hubs").and_then(Value::as_array).map(Vec::as_slice).unwrap_or_default();
    let hints = PollHints {
        hub: hubs.iter().find_map(|h| absolute(h.get("url")?.as_str()?, base)),
        self_url: link("feed_url"),
        ..PollHints::default()
    };
    let site = text_of("home_page_url").and_then(|home| site_of(home, base));
    let base = site.as_ref().unwrap_or(base);
    Ok(Cleaned {
        title: line(text_of("title").unwrap_or_default()),
        home_url: link("home_page_url"),
        authors: authors(root.as_object()),
        hints,
        language: text_of("language").map(str::to_ascii_lowercase),
        drafts: items.iter().filter_map(Value::as_object).map(|i| draft(i, base)).collect(),
        broken,
    })
}

fn draft(item: &Map<String, Value>, base: &Url) -> Draft {
    let text = |key: &str| item.get(key).and_then(Value::as_str);
    let filled = |key: &str| text(key).map(str::trim).filter(|t| !t.is_empty());
    let tags = item.get("tags").map(one_or_many).unwrap_or_default();
    let image = text("image").or_else(|| text("banner_image")).and_then(|u| absolute(u, base));
    let date = |key: &str| item.get(key).and_then(date_text).and_then(|text| date::parse(&text));
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

/// A date as text; some publishers write the seconds since 1970 as a number.
fn date_text(date: &Value) -> Option<Cow<'_, str>> {
    match date {
        Value::String(text) => Some(text.into()),
        Value::Number(seconds) => Some(seconds.to_string().into()),
        _ => None,
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
fn authors(of: Option<&Map<String, Value>>) -> Vec<String> {
    let Some(of) = of else { return Vec::new() };
    let all = ["authors", "author"].into_iter().filter_map(|key| of.get(key)).flat_map(one_or_many);
    let names = all.filter_map(|author| author.get("name").unwrap_or(author).as_str());
    names.filter_map(plain::person).collect()
}

/// The values of a list, or the one that stands in its place.
fn one_or_many(value: &Value) -> &[Value] {
    value.as_array().map_or(std::slice::from_ref(value), Vec::as_slice)
}

fn absolute(address: &str, base: &Url) -> Option<String> {
    let joined = base.join(address.trim()).ok()?;
    matches!(joined.scheme(), "http" | "https").then(|| joined.into())
}

fn offset(text: &str, line: usize, column: usize) -> u64 {
    let before: usize = text.split_inclusive('\n').take(line.saturating_sub(1)).map(str::len).sum();
    (before + column) as u64
}

/// Of a document that is broken: the values before the fault, and of the list of items its whole ones.
fn whole_part(text: &str) -> Value {
    let mut whole = Map::new();
    // The fault that ends the reading is known already.
    _ = Root(&mut whole).deserialize(&mut serde_json::Deserializer::from_str(text));
    Value::Object(whole)
}

struct Root<'a>(&'a mut Map<String, Value>);

struct Items<'a>(&'a mut Vec<Value>);

impl<'de> DeserializeSeed<'de> for Root<'_> {
    type Value = ();

    fn deserialize<D: Deserializer<'de>>(self, from: D) -> Result<(), D::Error> {
        from.deserialize_map(self)
    }
}

impl<'de> Visitor<'de> for Root<'_> {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a feed")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<(), A::Error> {
        while let Some(key) = map.next_key::<String>()? {
            if key != "items" {
                self.0.insert(key, map.next_value()?);
            } else if let Value::Array(items) = self.0.entry(key).or_insert_with(|| Value::Array(Vec::new())) {
                map.next_value_seed(Items(items))?;
            }
        }
        Ok(())
    }
}

impl<'de> DeserializeSeed<'de> for Items<'_> {
    type Value = ();

    fn deserialize<D: Deserializer<'de>>(self, from: D) -> Result<(), D::Error> {
        from.deserialize_seq(self)
    }
}

impl<'de> Visitor<'de> for Items<'_> {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a list of items")
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut list: A) -> Result<(), A::Error> {
        while let Some(item) = list.next_element()? {
            self.0.push(item);
        }
        Ok(())
    }
}
