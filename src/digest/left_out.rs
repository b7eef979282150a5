//! Says why an article that matches what a reader follows is not among their items: the answer to "where is it?".
//! It selects nothing.

use std::collections::BTreeMap;

use super::select::{Reader, Selection, Told, Window, is_read};

/// Why an article is not in a reader's digest.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum LeftOut {
    /// It matched before the reader followed this, or was told under the subscription that this one replaced.
    Before,
    /// Not among the languages the reader reads.
    Language,
    /// The reader was told the story already.
    Told,
    /// Another article of the digest tells the same story.
    SameStory,
    /// Nothing but what alerts told already: no digest is sent for that.
    NothingElse,
}

impl LeftOut {
    /// The reason in plain words.
    pub const fn reason(self) -> &'static str {
        match self {
            Self::Before => "it came before the reader followed this",
            Self::Language => "the reader does not read its language",
            Self::Told => "the reader was told this story before",
            Self::SameStory => "another item tells the same story",
            Self::NothingElse => "an alert told it, and there is nothing else to send",
        }
    }
}

/// The matching articles that are not among the items, each once with its reason, in the order of their ids.
pub fn left_out(window: &Window, reader: &Reader<'_>, selection: Option<&Selection>) -> Vec<(i64, LeftOut)> {
    let items = selection.map_or(&[][..], |selection| &selection.items);
    let mut found: BTreeMap<i64, LeftOut> = BTreeMap::new();
    for link in reader.links {
        for &row in window.by_why.get(&link.why).map_or(&[][..], Vec::as_slice) {
            let article = &window.articles[row as usize];
            if items.iter().any(|item| item.article == article.article) {
                continue;
            }
            let why = if article.seq <= link.after {
                LeftOut::Before
            } else if !is_read(reader.reads, article.language) {
                LeftOut::Language
            } else if reader.told.get(&article.story) == Some(&Told::Digest) {
                LeftOut::Told
            } else if items.iter().any(|item| item.story == article.story) {
                LeftOut::SameStory
            } else {
                LeftOut::NothingElse
            };
            // Followed twice, the later reason says more than "before".
            found.entry(article.article).and_modify(|known| *known = (*known).max(why)).or_insert(why);
        }
    }
    found.into_iter().collect()
}
