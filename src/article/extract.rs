//! Makes the text of an article from what a feed and a page give: body, standfirst, key points, address, language.
//! It fetches nothing; whether a page has to be fetched, `needs_page` says.

pub mod address;
mod body;
mod feed;
mod form;
mod metadata;
mod page;
mod plain;
mod standfirst;

#[cfg(test)]
mod tests;

pub use feed::{FeedPart, Page, from_feed, needs_page};
pub use page::from_page;
pub use plain::from_plain_text;

use serde::{Deserialize, Serialize};

use chrono::{DateTime, Utc};

use super::{
    ArticleText, Form, Image, KeyPoints, KeyPointsOrigin,
    boilerplate::{Learned, Why},
    key_points,
    language::{self, Language},
};

/// What the operator allows of a feed's texts, and what is known of the feed.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct ExtractSettings {
    /// The publisher's own feed: pictures may be shown.
    pub own: bool,
    /// Characters that all shown key points, or the standfirst, may have together.
    pub max_chars: usize,
    /// Blocks that this feed repeats from article to article.
    #[serde(skip)]
    pub learned: Learned,
}

impl Default for ExtractSettings {
    fn default() -> Self {
        Self { own: false, max_chars: key_points::MAX_CHARS, learned: Learned::new() }
    }
}

/// A piece of text that was left out, and why: an editor's answer to "where did it go?".
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Removed {
    /// The text.
    pub text: String,
    /// The reason in plain words.
    pub why: String,
}

impl Removed {
    fn new(text: &str, why: Why) -> Self {
        Self { text: text.to_owned(), why: why.reason().to_owned() }
    }
}

/// An article with what was left out of it.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Extracted {
    /// What is kept.
    pub article: ArticleText,
    /// Whether the standfirst is declared for machines and not shown on the page.
    pub standfirst_declared: bool,
    /// What is not, in the page's order.
    pub removed: Vec<Removed>,
    /// Fingerprints of all blocks, kept and not, for [`super::boilerplate::learn`].
    pub fingerprints: Vec<u64>,
}

/// What the sources gave, before it is judged as a whole.
#[derive(Default)]
struct Draft {
    title: String,
    url: String,
    language: Language,
    author: Option<String>,
    published: Option<DateTime<Utc>>,
    categories: Vec<String>,
    standfirst: Option<String>,
    standfirst_declared: bool,
    paragraphs: Vec<String>,
    key_points: Option<KeyPoints>,
    image: Option<Image>,
    form: Form,
    paid: bool,
    removed: Vec<Removed>,
    fingerprints: Vec<u64>,
}

impl Draft {
    /// Tells the language, ranks sentences, chooses what is shown under the title.
    fn finish(self, settings: &ExtractSettings) -> Extracted {
        let mut text: String =
            self.standfirst.iter().chain(&self.paragraphs).fold(String::new(), |all, p| all + p + "\n");
        if self.paragraphs.is_empty() {
            text.push_str(&self.title);
        }
        let language = language::detect(&text, self.language);
        let ranked = key_points::rank(&self.title, self.standfirst.as_deref(), &self.paragraphs, language);
        let key_points = self.key_points.unwrap_or_else(|| {
            let points = if self.form == Form::Article {
                let chosen = key_points::choose(&ranked, |_| false, settings.max_chars);
                chosen.into_iter().map(|i| ranked[i].text.clone()).collect()
            } else {
                Vec::new()
            };
            let origin = if !points.is_empty() {
                KeyPointsOrigin::Extracted
            } else if self.standfirst.is_some() {
                KeyPointsOrigin::Summary
            } else {
                KeyPointsOrigin::None
            };
            let points =
                if origin == KeyPointsOrigin::Summary { self.standfirst.iter().cloned().collect() } else { points };
            KeyPoints { origin, points, ai_label: None }
        });
        let article = ArticleText {
            update: None,
            title: self.title,
            url: self.url,
            language,
            author: self.author,
            published: self.published,
            categories: self.categories,
            standfirst: self.standfirst,
            paragraphs: self.paragraphs,
            key_points,
            ranked,
            image: self.image.filter(|_| settings.own),
            paid: self.paid,
            form: self.form,
        };
        Extracted {
            article,
            standfirst_declared: self.standfirst_declared,
            removed: self.removed,
            fingerprints: self.fingerprints,
        }
    }
}
