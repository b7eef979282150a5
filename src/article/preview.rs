//! Shows what would be kept of a page or a text, and what not and why: an editor's view of extraction.
//! It decides nothing; `extract` does.

use serde_json::{Value, json};

use super::extract::{ExtractSettings, Extracted, from_page, from_plain_text};

/// What a source is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Source {
    /// An HTML page.
    Html,
    /// Plain text.
    Plain,
}

impl Source {
    /// Tells by the name of a file or address, else by the text.
    pub fn of(name: &str, text: &str) -> Self {
        let name = name.split(['?', '#']).next().unwrap_or_default().to_ascii_lowercase();
        let extension = name.rsplit_once('.').map(|(_, end)| end).unwrap_or_default();
        if matches!(extension, "txt" | "md") {
            return Self::Plain;
        }
        let begin: String = text.trim_start().chars().take(2_000).collect::<String>().to_ascii_lowercase();
        let html = matches!(extension, "html" | "htm" | "xhtml");
        let looks =
            ["<!doctype html", "<html", "<head", "<body", "<p>", "<div", "<article"].iter().any(|t| begin.contains(t));
        if html || looks { Self::Html } else { Self::Plain }
    }
}

/// `{title, url, language, text, key_points, key_points_origin, removed:[{text, why}]}`; `title` overrules the one found.
pub fn preview(text: &str, source: Source, url: Option<&str>, title: Option<&str>) -> Value {
    let settings = ExtractSettings::default();
    let Extracted { article, removed, .. } = match source {
        Source::Html => from_page(text, url, &settings),
        Source::Plain => from_plain_text(text, title, &settings),
    };
    let standfirst = article.standfirst.iter().filter(|s| !article.paragraphs.contains(s));
    let body: Vec<&str> = standfirst.chain(&article.paragraphs).map(String::as_str).collect();
    json!({
        "title": title.filter(|t| !t.is_empty()).unwrap_or(&article.title),
        "url": (!article.url.is_empty()).then_some(&article.url),
        "language": article.language,
        "text": body.join("\n\n"),
        "key_points": article.key_points.points,
        "key_points_origin": article.key_points.origin,
        "removed": removed,
    })
}
