//! Finds which words of readers' own filters the articles of their mails hold, for all mails of a group at once.
//! It does not say them; `render` does.

use std::collections::{BTreeSet, HashMap};

use super::Composer;
use crate::{
    digest::{FrozenItem, Why},
    topic::{Query, analyze::Spelled, query::Place},
};

/// What was found, by article, revision and filter.
pub(super) type OwnWords = HashMap<(i64, i16, i64), Vec<Place>>;

impl Composer {
    /// Looks for the words of what the readers follow now: each article is read once, each filter once.
    pub(super) async fn find_own_words(&mut self) {
        let links = self.links.values().flatten();
        let filters: HashMap<i64, &str> =
            links.filter_map(|link| Some((link.filter_id?, link.canonical.as_deref()?))).collect();
        let items = self.frozen.values().flat_map(|frozen| &frozen.items);
        let wanted: BTreeSet<(i64, i16, i64)> = items
            .flat_map(|item| item.why.iter().filter_map(|why| Some((item.article, item.rev, own(*why)?))))
            .filter(|(_, _, filter)| filters.contains_key(filter))
            .collect();
        let mut queries: HashMap<i64, Option<Query>> = HashMap::new();
        let mut found = OwnWords::new();
        let wanted: Vec<_> = wanted.into_iter().collect();
        for of_revision in wanted.chunk_by(|a, b| (a.0, a.1) == (b.0, b.1)) {
            let (article, rev, _) = of_revision[0];
            let Some(revision) = self.revisions.get(&(article, rev)) else { continue };
            let Some(feed) = self.feeds.get(&revision.feed_id) else { continue };
            let spelled = Spelled::of(&revision.body.0, &feed.facts());
            for (_, _, filter) in of_revision {
                let query = queries.entry(*filter).or_insert_with(|| Query::parse(filters[filter]).ok());
                let places = query.as_ref().map(|query| query.highlights_of(&spelled)).unwrap_or_default();
                found.insert((article, rev, *filter), places);
            }
            // A batch can hold hundreds of articles, and other tasks want their turn.
            tokio::task::yield_now().await;
        }
        self.own_words = found;
    }

    /// The reader's own words in an item, filter by filter.
    pub(super) fn own_words(&self, item: &FrozenItem) -> Vec<&Place> {
        let filters = item.why.iter().filter_map(|why| own(*why));
        filters.filter_map(|filter| self.own_words.get(&(item.article, item.rev, filter))).flatten().collect()
    }
}

fn own(why: Why) -> Option<i64> {
    match why {
        Why::Filter(id) => Some(id),
        Why::Topic(_) => None,
    }
}
