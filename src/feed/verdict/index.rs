//! Finds the known article that an entry may be, by identifier, address, text or title.
//! It does not judge what a likeness means.

use rustc_hash::{FxHashMap, FxHashSet};

use super::KnownArticle;
use crate::feed::identity::{Keys, TEXT_KEY};

/// How weak a likeness may be.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Trust {
    /// Address with title, or text.
    Single,
    /// Address or title alone too, as most of the reading's entries are known.
    Majority,
}

/// What an entry is like.
#[derive(Clone, Copy)]
pub(super) enum Likeness<'a> {
    /// Nothing known.
    None,
    /// The article with this identifier.
    Same(&'a KnownArticle),
    /// An article whose identifier is in this reading no more.
    Alike(&'a KnownArticle),
    /// Word for word an article that is in this reading under its own identifier.
    Double,
}

pub(super) struct Index<'a> {
    by_guid: FxHashMap<&'a str, &'a KnownArticle>,
    by_url: FxHashMap<&'a str, &'a KnownArticle>,
    by_content: FxHashMap<&'a str, &'a KnownArticle>,
    by_title: FxHashMap<&'a str, &'a KnownArticle>,
    /// Addresses that stand on several entries or articles: the home page, a live page. They identify nothing.
    shared_urls: FxHashSet<&'a str>,
    /// Identifiers in this reading: who has one of them is itself and nobody else.
    present: FxHashSet<&'a str>,
}

impl<'a> Index<'a> {
    pub(super) fn new(known: &'a [KnownArticle], entries: &'a [Keys]) -> Self {
        let by = |key: fn(&Keys) -> Option<&str>| -> FxHashMap<&'a str, &'a KnownArticle> {
            known.iter().filter_map(|a| Some((key(&a.keys)?, a))).collect()
        };
        Self {
            by_guid: by(|k| Some(&k.guid)),
            by_url: by(|k| k.url.as_deref()),
            by_content: by(|k| k.content.as_deref()),
            by_title: by(|k| k.title.as_deref()),
            shared_urls: shared_urls(known.iter().map(|a| &a.keys)).union(&shared_urls(entries)).copied().collect(),
            present: entries.iter().map(|k| k.guid.as_str()).collect(),
        }
    }

    pub(super) fn knows_guid(&self, k: &Keys) -> bool {
        self.by_guid.contains_key(k.guid.as_str())
    }

    pub(super) fn likeness(&self, k: &Keys, trust: Trust) -> Likeness<'a> {
        if let Some(article) = self.by_guid.get(k.guid.as_str()) {
            return Likeness::Same(article);
        }
        let free = |a: &&&KnownArticle| !self.present.contains(a.keys.guid.as_str());
        let nameless = k.guid.starts_with(TEXT_KEY);
        // Known while it was the only one at an address that others share by now.
        let alone = k.url.as_deref().filter(|_| nameless).and_then(|url| self.by_guid.get(url)).filter(free);
        if let Some(article) = alone.filter(|article| article.keys.revision == k.revision) {
            return Likeness::Alike(article);
        }
        let own_url = k.url.as_deref().filter(|u| !self.shared_urls.contains(u));
        let by_url = own_url.and_then(|u| self.by_url.get(u)).filter(free);
        // A page that is always the newest piece has one address for all of them.
        if let Some(article) = by_url.filter(|a| trust == Trust::Majority || may_share_title(&a.keys, k)) {
            return Likeness::Alike(article);
        }
        if let Some(article) = k.content.as_deref().and_then(|c| self.by_content.get(c)) {
            return if free(&article) { Likeness::Alike(article) } else { Likeness::Double };
        }
        let title = k.title.as_deref().filter(|_| trust == Trust::Majority || nameless);
        match title.and_then(|t| self.by_title.get(t)).filter(free) {
            Some(article) => Likeness::Alike(article),
            None => Likeness::None,
        }
    }
}

/// Whether the titles are the same, as far as they can be compared.
fn may_share_title(a: &Keys, b: &Keys) -> bool {
    let title = |k: &'_ Keys| k.title.as_deref().and_then(|t| t.split(' ').next()).map(str::to_owned);
    match (title(a), title(b)) {
        (Some(a), Some(b)) => a == b,
        _ => true,
    }
}

/// Addresses under more than one identifier.
fn shared_urls<'a>(keys: impl IntoIterator<Item = &'a Keys>) -> FxHashSet<&'a str> {
    let mut guid_of: FxHashMap<&str, &str> = FxHashMap::default();
    let mut shared = FxHashSet::default();
    for k in keys {
        let Some(url) = k.url.as_deref() else { continue };
        if guid_of.insert(url, &k.guid).is_some_and(|other| other != k.guid) {
            shared.insert(url);
        }
    }
    shared
}
