//! What a page says about itself: JSON-LD, Open Graph and meta elements, its title and address.
//! It reads declarations only; the text is found by `page`.

mod declared;

use chrono::{DateTime, Utc};
use dom_query::Document;
use serde_json::Value;

use super::{Form, address};
use crate::article::{language::Language, outline, words};

/// Objects of JSON-LD that are looked at on one page; real pages have a handful.
const MAX_OBJECTS: usize = 400;

/// A page's declarations; empty where it makes none.
#[derive(Clone, Debug, Default)]
pub(super) struct Metadata {
    pub title: String,
    /// Further titles the page goes by (`<title>`, headline): for telling them apart from the text.
    pub titles: Vec<String>,
    pub url: Option<String>,
    pub language: Language,
    pub author: Option<String>,
    pub published: Option<DateTime<Utc>>,
    pub description: Option<String>,
    pub categories: Vec<String>,
    /// `articleBody` of JSON-LD, as the publisher wrote it.
    pub body: Option<String>,
    pub form: Form,
    pub paid: bool,
}

pub(super) fn read(document: &Document, url: Option<&str>) -> Metadata {
    let mut meta = Metadata::default();
    let objects = json_ld(document);
    let h1 = single_heading(document);
    let article = declared::article(&objects, h1.as_deref(), url);
    if let Some(article) = article.or_else(|| objects.iter().find(|o| o["articleBody"].is_string())) {
        from_json_ld(article, &mut meta);
    }
    meta.paid = declared::is_paid(article, &objects) || declared::microdata_says_paid(document);
    meta.form = declared::form(article, &objects);
    if meta.form == Form::Article
        && content(document, "meta[property='og:type']").is_some_and(|t| t.starts_with("video"))
    {
        meta.form = Form::Video;
    }
    let og = content(document, "meta[property='og:title']").or_else(|| content(document, "meta[name='twitter:title']"));
    let tab = Some(squeeze(&document.select("title").first().text())).filter(|t| !t.is_empty());
    let headline = Some(std::mem::take(&mut meta.title)).filter(|t| !t.is_empty());
    // A theme's only heading of the first level may name the site.
    let is_own = h1.as_ref().is_none_or(|h1| shares_words(h1, [&headline, &og]));
    let (own, site) = if is_own { (h1, None) } else { (None, h1) };
    let all: Vec<String> = [own, headline, og, tab, site].into_iter().flatten().map(|t| one_line(&t)).collect();
    meta.title = all.first().cloned().unwrap_or_default();
    meta.titles = all;
    let description =
        ["meta[property='og:description']", "meta[name='description']", "meta[name='twitter:description']"];
    meta.description = meta.description.or_else(|| description.iter().find_map(|sel| content(document, sel)));
    let locale = document.select("html").first().attr("lang").map(|l| l.to_string());
    let locale = locale
        .or_else(|| content(document, "meta[property='og:locale']"))
        .or_else(|| content(document, "meta[http-equiv='content-language']"));
    meta.language = locale.and_then(|l| l.parse().ok()).unwrap_or_default();
    meta.author = meta
        .author
        .or_else(|| content(document, "meta[name='author']"))
        .filter(|a| !a.contains(['@', '<']) && !a.contains("://"));
    meta.published = meta.published.or_else(|| {
        let at = content(document, "meta[property='article:published_time']")?;
        Some(DateTime::parse_from_rfc3339(&at).ok()?.with_timezone(&Utc))
    });
    if meta.categories.is_empty() {
        meta.categories = content(document, "meta[property='article:section']").into_iter().collect();
    }
    meta.paid |= content(document, "meta[property='article:content_tier']").is_some_and(|tier| tier == "locked");
    meta.url = page_address(document, meta.url.take(), url);
    meta
}

/// Whether a heading says anything of what the declared titles say; where there is none, nothing speaks against it.
fn shares_words<'t>(heading: &str, declared: impl IntoIterator<Item = &'t Option<String>>) -> bool {
    let known: Vec<_> = declared.into_iter().flatten().flat_map(|title| words::terms(title)).collect();
    known.is_empty() || words::terms(heading).iter().any(|term| known.contains(term))
}

/// The address of the piece itself: canonical link, else `og:url`, else JSON-LD's, else where it was fetched; AMP and tracking resolved.
fn page_address(document: &Document, json_ld: Option<String>, url: Option<&str>) -> Option<String> {
    let canonical = document.select("link[rel='canonical']").first().attr("href").map(|h| h.to_string());
    let declared = [canonical, content(document, "meta[property='og:url']"), json_ld];
    declared
        .iter()
        .flatten()
        .find_map(|declared| address::declared(declared, url))
        .or_else(|| url.map(address::canonical))
}

fn content(document: &Document, selector: &str) -> Option<String> {
    let value = document.select(selector).first().attr("content")?;
    Some(squeeze(&value)).filter(|v| !v.is_empty())
}

fn single_heading(document: &Document) -> Option<String> {
    let headings = document.select("h1");
    let mut texts: Vec<String> =
        headings.iter().map(|h| squeeze(&h.text())).filter(|t| t.chars().count() > 8).collect();
    texts.dedup();
    if texts.len() == 1 { texts.pop() } else { None }
}

/// Characters of a title; what goes on longer is no title.
const MAX_TITLE: usize = 400;

/// A title as one line of bounded length.
pub(super) fn one_line(text: &str) -> String {
    let line = squeeze(text);
    line.char_indices().nth(MAX_TITLE).map_or(line.clone(), |(at, _)| line[..at].to_owned())
}

/// White space of layout collapsed; no-break spaces stay. Control characters, which JSON can write and Postgres does not take, go.
pub(super) fn squeeze(text: &str) -> String {
    let splits = |c: char| c.is_whitespace() && !matches!(c, '\u{a0}' | '\u{202f}' | '\u{2009}') || c.is_control();
    text.split(splits).filter(|w| !w.is_empty()).collect::<Vec<_>>().join(" ")
}

/// All objects of the page's JSON-LD, nested graphs flattened.
fn json_ld(document: &Document) -> Vec<Value> {
    let mut objects = Vec::new();
    for script in &document.select("script[type='application/ld+json']") {
        let source = script.text();
        let source = source.trim().trim_start_matches("<!--").trim_end_matches("-->").trim_end_matches(';');
        let value = serde_json::from_str(source).or_else(|_| serde_json::from_str(&without_controls(source)));
        if let Ok(value) = value {
            flatten(value, &mut objects);
        }
    }
    objects
}

/// Publishers put raw line breaks into JSON strings.
fn without_controls(source: &str) -> String {
    source.chars().map(|c| if c.is_control() { ' ' } else { c }).collect()
}

fn flatten(value: Value, objects: &mut Vec<Value>) {
    if objects.len() >= MAX_OBJECTS {
        return;
    }
    match value {
        Value::Array(values) => values.into_iter().for_each(|v| flatten(v, objects)),
        Value::Object(mut map) => {
            for key in ["@graph", "mainEntity", "mainEntityOfPage"] {
                if map.get(key).is_some_and(|v| v.is_array() || v.is_object()) {
                    flatten(map.remove(key).unwrap_or_default(), objects);
                }
            }
            objects.push(Value::Object(map));
        }
        _ => {}
    }
}

fn types(object: &Value) -> Vec<&str> {
    match &object["@type"] {
        Value::String(one) => vec![one],
        Value::Array(many) => many.iter().filter_map(Value::as_str).collect(),
        _ => Vec::new(),
    }
}

fn from_json_ld(object: &Value, meta: &mut Metadata) {
    meta.title = text_of(&object["headline"]).unwrap_or_default();
    meta.url = text_of(&object["url"]).or_else(|| text_of(&object["mainEntityOfPage"]));
    meta.author = author_of(&object["author"]);
    meta.published = text_of(&object["datePublished"])
        .and_then(|d| DateTime::parse_from_rfc3339(&d).ok())
        .map(|d| d.with_timezone(&Utc));
    meta.description = text_of(&object["description"]);
    meta.body = object["articleBody"].as_str().map(str::to_owned).filter(|b| !b.trim().is_empty());
    meta.categories = match &object["articleSection"] {
        Value::String(one) => vec![squeeze(one)],
        Value::Array(many) => many.iter().filter_map(text_of).collect(),
        _ => Vec::new(),
    };
}

/// A string with character references resolved: publishers escape HTML into JSON.
fn text_of(value: &Value) -> Option<String> {
    let text = value.as_str()?;
    let text = if text.contains(['&', '<']) { outline::parse(text).text().to_string() } else { text.to_owned() };
    Some(squeeze(&text)).filter(|t| !t.is_empty())
}

fn author_of(value: &Value) -> Option<String> {
    match value {
        Value::String(_) => text_of(value),
        Value::Object(_) => text_of(&value["name"]),
        Value::Array(all) => {
            let names: Vec<String> = all.iter().filter_map(author_of).collect();
            (!names.is_empty()).then(|| names.join(", "))
        }
        _ => None,
    }
}
