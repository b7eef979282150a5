//! What an article is: the immutable text of one entry, its language, key points and story.
//! It does not fetch pages and does not know who reads them.

pub mod language;
pub mod boilerplate;
pub mod extract;
pub mod key_points;
mod outline;
pub mod preview;
pub mod sentences;
pub mod story;
pub mod update;
mod words;

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};

use language::Language;

/// Where an article's key points come from; it decides the words above them in a mail.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum KeyPointsOrigin {
    /// The publisher's own block, word for word.
    Publisher,
    /// Sentences of the article, chosen by us.
    Extracted,
    /// The feed's standfirst: one paragraph, shown without bullets.
    Summary,
    /// Nothing worth showing: the title stands alone.
    #[default]
    None,
}

/// The statements shown under an article's title.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct KeyPoints {
    /// Where they come from.
    pub origin: KeyPointsOrigin,
    /// 2 to 5 whole statements, or one paragraph where the origin is [`KeyPointsOrigin::Summary`].
    pub points: Vec<String>,
    /// The publisher's own label where the block is marked as made by a machine.
    pub ai_label: Option<String>,
}

/// One verbatim sentence that could be shown, best first, up to 8 an article.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct RankedSentence {
    /// Position in the article, 0 = its first sentence.
    pub at: u32,
    /// The sentence, verbatim.
    pub text: String,
}

/// What kind of piece an article is; all but [`Form::Article`] are shown without sentences of ours.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Form {
    /// A text.
    #[default]
    Article,
    /// The beginning of a text whose rest is for subscribers.
    Stub,
    /// A page that goes on being written, newest first.
    Live,
    /// Pictures with captions.
    Gallery,
    /// A film with a few lines.
    Video,
}

/// A picture that the publisher's own feed gives with an article.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Image {
    /// Its https address.
    pub url: String,
    /// The caption, used as alternative text; may be empty.
    pub alt: String,
}

/// The text of one revision, immutable once stored.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct ArticleText {
    /// Title in plain text, source suffixes kept (the subject line cleans its own copy).
    pub title: String,
    /// The address of the piece itself, canonical and without tracking parameters.
    pub url: String,
    /// Language of the text.
    pub language: Language,
    /// Author as the publisher writes it.
    pub author: Option<String>,
    /// The publisher's date where it can be believed; the first-seen instant is kept apart.
    pub published: Option<DateTime<Utc>>,
    /// The publisher's categories.
    pub categories: Vec<String>,
    /// The feed's standfirst in plain text where it is a real one.
    pub standfirst: Option<String>,
    /// The body's paragraphs in plain text, without the key-point block and without boilerplate.
    pub paragraphs: Vec<String>,
    /// What is shown under the title.
    pub key_points: KeyPoints,
    /// Candidates for key points, best first.
    pub ranked: Vec<RankedSentence>,
    /// Picture, only from feeds marked as the publisher's own.
    pub image: Option<Image>,
    /// Whether the piece is for the publisher's subscribers only.
    pub paid: bool,
    /// What kind of piece it is.
    #[serde(default)]
    pub form: Form,
    /// What is new since the revision that readers may have been told; only of a revision that tells them something.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub update: Option<update::Update>,
}

/// Words a reader takes in per minute; the usual figure for news prose in European languages.
const WORDS_PER_MINUTE: usize = 220;

impl ArticleText {
    /// Reading time in minutes, at least 1.
    pub fn minutes(&self) -> u32 {
        let words: usize = self.paragraphs.iter().map(|p| p.split_whitespace().count()).sum();
        u32::try_from(words.div_ceil(WORDS_PER_MINUTE)).unwrap_or(u32::MAX).max(1)
    }
}
