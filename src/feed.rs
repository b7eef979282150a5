//! What a feed is: its address, what one reading of it gives, and the words for what can be wrong with it.
//! It does no I/O; fetching is in `fetch`, stored state in `store`.

pub mod address;
mod clean;
mod date;
mod decode;
pub mod identity;
mod json;
mod names;
pub mod opml;
pub mod page_limit;
pub mod parse;
mod plain;
pub mod polling;
pub mod push;
pub mod refusal;
pub mod robots;
pub mod verdict;

use chrono::{DateTime, Utc, Weekday};
use serde::{Deserialize, Serialize};

pub use address::{FeedUrl, FeedUrlError};
pub use date::{believable, first_believable};

/// Entries read from one document. The largest honest feeds are archives of some hundred entries;
/// beyond this the newest are kept.
pub const MAX_ENTRIES: usize = 2_000;
/// Bytes of one entry's full content; a long book chapter has 100 kB.
pub const MAX_CONTENT: usize = 1_000_000;
/// Bytes of one entry's summary.
pub const MAX_SUMMARY: usize = 64_000;
/// Bytes of a title, a guid, an author or an address; browsers and servers stop at 2 to 8 kB for addresses.
pub const MAX_LINE: usize = 2_000;
/// Categories kept of one entry.
pub const MAX_CATEGORIES: usize = 50;

/// What one reading of a feed document gives.
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
pub struct ParsedFeed {
    /// The feed's name in plain text; empty where it has none.
    pub title: String,
    /// The site that the feed belongs to, absolute.
    pub home_url: Option<String>,
    /// BCP 47 tag as the publisher writes it, lower case.
    pub language: Option<String>,
    /// What the document says about when to come again.
    pub hints: PollHints,
    /// The entries in document order, at most [`MAX_ENTRIES`].
    pub entries: Vec<Entry>,
    /// The document broke off or held more than [`MAX_ENTRIES`]: `entries` is a part of it.
    pub partial: bool,
    /// The document broke off: the next answer may show the rest.
    pub broken: bool,
}

/// What a document says about when to come again, and how to be told instead.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct PollHints {
    /// RSS 2.0 `ttl`, in minutes.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub ttl: Option<u32>,
    /// RSS `skipHours`: hours of the day in UTC, 0 to 23, in which nothing appears.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub skip_hours: Vec<u8>,
    /// RSS `skipDays`: days in UTC on which nothing appears.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub skip_days: Vec<Weekday>,
    /// `sy:updatePeriod` divided by `sy:updateFrequency`, in minutes.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub update_every: Option<u32>,
    /// The hub that pushes (W3C `WebSub`, section 4), absolute.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub hub: Option<String>,
    /// The address that the document gives for itself, absolute.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub self_url: Option<String>,
}

/// One entry of a feed, as the publisher wrote it, made safe to store: bounded, absolute addresses, dates parsed.
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
pub struct Entry {
    /// The publisher's own identifier, trimmed; never made up by us.
    pub guid: Option<String>,
    /// The address of the piece: absolute, http or https.
    pub url: Option<String>,
    /// Title in plain text, white space folded; may be empty.
    pub title: String,
    /// Name of the author, without mail address.
    pub author: Option<String>,
    /// The publisher's date of first publication, unchecked: see [`believable`].
    pub published: Option<DateTime<Utc>>,
    /// The publisher's date of the last change, unchecked.
    pub updated: Option<DateTime<Utc>>,
    /// The publisher's categories, plain text, without doubles.
    pub categories: Vec<String>,
    /// Standfirst or excerpt, HTML, not sanitised.
    pub summary_html: Option<String>,
    /// Full content, HTML, not sanitised.
    pub content_html: Option<String>,
    /// Language of the entry where it is said of the entry itself, else the feed's.
    pub language: Option<String>,
    /// The picture that belongs to the entry.
    pub image: Option<EntryImage>,
}

/// A picture of an entry.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct EntryImage {
    /// Absolute address.
    pub url: String,
    /// Caption or title; may be empty.
    pub alt: String,
}

/// The text of a page behind an entry, decoded by the same evidence as a feed's.
pub fn decode_page(bytes: &[u8], content_type: Option<&str>) -> String {
    decode::decode(bytes, content_type).text.into_owned()
}

/// The text of an HTML snippet on one line.
pub fn text(html: &str) -> String {
    plain::from_long_html(html)
}

/// Why a document gave no feed. Every message says what came, and what to do.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum FeedError {
    /// No content at all.
    #[error("the answer is empty; depeche keeps what it had and tries again later")]
    Empty,
    /// A web page; the addresses are those of the feeds that the page itself names.
    #[error("this is a web page{}, not a feed{}", quoted(title.as_deref()), proposals(discovered))]
    Html {
        /// The page's title.
        title: Option<String>,
        /// Feeds named by the page (`<link rel=alternate>`), absolute.
        discovered: Vec<String>,
    },
    /// A page that asks for a person.
    #[error(
        "{by} asks for a human visitor instead of giving the feed; ask the publisher to let feed readers through, \
         or use another address of the feed"
    )]
    Challenge {
        /// Who asks.
        by: &'static str,
    },
    /// Something else than a feed.
    #[error("this is {what}, not a feed; give the address of an RSS, Atom or JSON feed")]
    NotAFeed {
        /// What it is, as far as can be told.
        what: String,
    },
    /// Elements nested without end.
    #[error("elements are nested more than {limit} deep, which no real feed does; tell the publisher")]
    TooDeep {
        /// The greatest depth read.
        limit: usize,
    },
    /// Broken before the first whole entry.
    #[error("the feed breaks off at byte {at} before its first whole entry ({why}); tell the publisher if it stays so")]
    Broken {
        /// Byte offset in the decoded text.
        at: u64,
        /// What the reader stumbled on.
        why: String,
    },
    /// A text that is declared in a charset we cannot read.
    #[error("the feed is written in the charset {label:?}, which depeche cannot read; ask the publisher for UTF-8")]
    Charset {
        /// The declared label.
        label: String,
    },
}

fn quoted(title: Option<&str>) -> String {
    title.map(|t| format!(" ({t:?})")).unwrap_or_default()
}

fn proposals(discovered: &[String]) -> String {
    match discovered {
        [] => "; look for the address of its feed on the page".to_owned(),
        [one] => format!("; its feed is at {one}"),
        many => format!("; its feeds are at {}", many.join(", ")),
    }
}

/// `text` cut to at most `max` bytes at a character boundary.
fn bounded(text: &str, max: usize) -> &str {
    &text[..text.floor_char_boundary(max)]
}
