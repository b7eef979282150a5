//! Finds the known article that an entry may be, by identifier, address, text or title.
//! It does not judge what a likeness means.

use std::collections::{HashMap, HashSet};

use super::KnownArticle;
use crate::feed::identity::Keys;

/// How weak a likeness may be.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Trust {
    /// Address or text.
    Single,
    /// The title too, as most of the reading's entries are known.
    Majority,
}

pub(super) struct Match<'a> {
    pub(super) article: &'a KnownArticle,
    pub(super) by_guid: bool,
}

pub(super) struct Index<'a> {
    pub(super) by_guid: HashMap<&'a str, &'a KnownArticle>,
    by_url: HashMap<&'a str, &'a KnownArticle>,
    by_content: HashMap<&'a str, &'a KnownArticle>,
    by_title: HashMap<&'a str, &'a KnownArticle>,
    /// Addresses that stand on several entries or articles: the home page, a live page. They identify nothing.
    shared_urls: HashSet<&'a str>,
}

impl<'a> Index<'a> {
    pub(super) fn new(known: &'a [KnownArticle], entries: &'a [Keys]) -> Self {
        let by = |key: fn(&Keys) -> Option<&str>| -> HashMap<&'a str, &'a KnownArticle> {
            known.iter().filter_map(|a| Some((key(&a.keys)?, a))).collect()
        };
        Self {
            by_guid: by(|k| Some(&k.guid)),
            by_url: by(|k| k.url.as_deref()),
            by_content: by(|k| k.content.as_deref()),
            by_title: by(|k| k.title.as_deref()),
            shared_urls: shared_urls(known.iter().map(|a| &a.keys)).union(&shared_urls(entries)).copied().collect(),
        }
    }

    pub(super) fn lookup(&self, k: &Keys, trust: Trust) -> Option<Match<'a>> {
        if let Some(article) = self.by_guid.get(k.guid.as_str()) {
            return Some(Match { article, by_guid: true });
        }
        let url = k.url.as_deref().filter(|u| !self.shared_urls.contains(u));
        let nameless = k.guid.starts_with("text:");
        let title = k.title.as_deref().filter(|_| trust == Trust::Majority || nameless);
        let article = url
            .and_then(|u| self.by_url.get(u))
            .or_else(|| self.by_content.get(k.content.as_deref()?))
            .or_else(|| self.by_title.get(title?))?;
        Some(Match { article, by_guid: false })
    }
}

/// Addresses under more than one identifier.
fn shared_urls<'a>(keys: impl IntoIterator<Item = &'a Keys>) -> HashSet<&'a str> {
    let mut guid_of: HashMap<&str, &str> = HashMap::new();
    let mut shared = HashSet::new();
    for k in keys {
        let Some(url) = k.url.as_deref() else { continue };
        if guid_of.insert(url, &k.guid).is_some_and(|other| other != k.guid) {
            shared.insert(url);
        }
    }
    shared
}
