//! What a feed document says, before it is made safe to store.
//! It reads no documents, and its texts are as long as the publisher wrote them.

use chrono::{DateTime, Utc};

use crate::feed::names::Weight;
use crate::feed::{EntryImage, PollHints};

/// What a document says.
#[derive(Debug, Default)]
pub(in crate::feed) struct Cleaned {
    /// In plain text.
    pub(in crate::feed) title: String,
    /// Absolute.
    pub(in crate::feed) home_url: Option<String>,
    /// Of all entries that name none.
    pub(in crate::feed) authors: Vec<String>,
    pub(in crate::feed) hints: PollHints,
    pub(in crate::feed) language: Option<String>,
    /// In document order.
    pub(in crate::feed) drafts: Vec<Draft>,
    /// Where and why the document broke off, if it did.
    pub(in crate::feed) broken: Option<(u64, String)>,
}

/// What an entry says.
#[derive(Debug, Default)]
pub(in crate::feed) struct Draft {
    pub(in crate::feed) guid: String,
    /// The first link to a page, absolute.
    pub(in crate::feed) link: Option<String>,
    /// In plain text.
    pub(in crate::feed) title: String,
    pub(in crate::feed) published: Option<DateTime<Utc>>,
    pub(in crate::feed) updated: Option<DateTime<Utc>>,
    pub(in crate::feed) authors: Vec<String>,
    /// As they are written: HTML or text.
    pub(in crate::feed) categories: Vec<String>,
    /// HTML.
    pub(in crate::feed) summary: Option<String>,
    /// HTML.
    pub(in crate::feed) content: Option<String>,
    pub(in crate::feed) language: Option<String>,
    /// The best picture so far and its rank.
    pub(in crate::feed) image: Option<(u8, EntryImage)>,
    /// The piece's own address where the link goes through a counter (`FeedBurner`).
    pub(in crate::feed) original_link: Option<String>,
    /// The guid is the piece's address where it looks like one and there is no link: unless RSS 2.0 says otherwise (`isPermaLink`), as
    /// JSON Feed recommends and Atom feeds without links mean.
    pub(in crate::feed) guid_is_link: bool,
    /// A name to use where no author is given.
    pub(in crate::feed) author: Option<String>,
    /// How sure the name was that gave each meaning, by [`Meaning`] as index.
    pub(in crate::feed) seen: [Weight; 32],
}
