//! Makes the mails of a preview: the very bytes, and what stands in them with the reason for each item.
//! Which items they are is decided before.

use std::{
    collections::{BTreeMap, HashMap},
    sync::Arc,
};

use chrono::{DateTime, Utc};

use super::Preview;
use crate::{
    article::ArticleText,
    daemon::{
        Settings, StageError,
        compose::{Cache, ComposeError, Composer, Draft, Frozen},
        plan::{kind_of, page::Planned},
    },
    digest::{FrozenItem, Place, Why},
    render::Sentences,
    store::{
        self, Conn,
        article::RevisionRow,
        delivery::{OutboxRow, PlannedRow},
        feed::FeedRow,
        subscription::LinkRow,
    },
    topic::{
        FeedFacts,
        query::{Place as MatchedPlace, Query},
    },
};

/// A mail that would be, or was, sent.
#[derive(Debug)]
pub struct Mail {
    /// To whom.
    pub reader: OutboxRow,
    /// Its bytes, or why there are none.
    pub draft: Result<Draft, ComposeError>,
    /// What stands in it.
    pub items: Vec<Item>,
    /// What became of it, where it stands in the books.
    pub booked: Option<PlannedRow>,
}

/// One item of a mail.
#[derive(Debug)]
pub struct Item {
    /// As frozen.
    pub frozen: FrozenItem,
    /// The revision that is shown.
    pub revision: Arc<RevisionRow>,
    /// What the mail says of it, as far as its feed's rules let it.
    pub sentences: Sentences,
    /// The feed's title.
    pub source: String,
    /// The feed's site.
    pub site: String,
    /// What it matched, the heading first.
    pub matched: Vec<Matched>,
    /// Other sources of the story, with their addresses.
    pub also_at: Vec<(String, String)>,
}

/// A topic or filter that an item matched.
#[derive(Clone, Debug)]
pub struct Matched {
    /// Topic's slug; none for a filter of the reader's own.
    pub topic: Option<String>,
    /// The filter's text.
    pub filter: String,
}

impl Item {
    /// Its text.
    pub fn text(&self) -> &ArticleText {
        &self.revision.body.0
    }

    /// Whether it stands in the mail with more than a count.
    pub fn is_shown(&self) -> bool {
        self.frozen.place != Place::Counted
    }

    /// The words by which it matched `filter`, by place.
    pub fn places(&self, filter: &str) -> Vec<MatchedPlace> {
        let facts = FeedFacts { slug: "", title: &self.source, site: &self.site };
        Query::parse(filter).map(|query| query.highlights_in(self.text(), &facts)).unwrap_or_default()
    }
}

impl Preview {
    /// The mails of these readers. `virtual_reader` stands for one who is not in the store: their row and their links.
    pub async fn mails(
        &self,
        conn: &mut Conn,
        settings: &Settings,
        cache: &Cache,
        planned: Vec<Planned>,
        virtual_reader: Option<(OutboxRow, Vec<LinkRow>)>,
    ) -> Result<Vec<Mail>, StageError> {
        let ids: Vec<i64> = planned.iter().map(|planned| planned.subscriber_id).collect();
        let mut readers = store::delivery::readers(conn, &ids).await?;
        let mut extra_links = None;
        if let Some((row, links)) = virtual_reader {
            extra_links = Some((row.subscriber_id, links));
            readers.push(row);
        }
        let booked: HashMap<i64, PlannedRow> = if self.frozen {
            let rows = store::delivery::of_slot(conn, self.slot.slot_at, self.slot.id, &ids).await?;
            rows.into_iter().map(|row| (row.subscriber_id, row)).collect()
        } else {
            HashMap::new()
        };
        // A page that was planned late is due later, and says so: one group for each time.
        let mut groups: BTreeMap<DateTime<Utc>, Vec<OutboxRow>> = BTreeMap::new();
        for mut row in readers {
            row.kind = kind_of(&self.slot).code();
            let due_at = booked.get(&row.subscriber_id).map_or(self.slot.slot_at, |row| row.due_at);
            groups.entry(due_at).or_default().push(row);
        }
        let frozen: HashMap<i64, Frozen> = planned
            .into_iter()
            .map(|p| (p.subscriber_id, Frozen { items: p.selection.items, lead_key: p.selection.lead_key }))
            .collect();
        let mut mails = Vec::new();
        for (due_at, rows) in groups {
            let ids: Vec<i64> = rows.iter().map(|row| row.subscriber_id).collect();
            let of_group = ids.iter().filter_map(|id| Some((*id, frozen.get(id)?.clone()))).collect();
            let slot = Some(self.slot.clone());
            let mut composer = Composer::of(conn, cache, slot, due_at, of_group, &ids).await?;
            if let Some((reader, links)) = &extra_links {
                composer.follow(*reader, links.clone());
            }
            for reader in rows {
                let draft = composer.compose(settings, &cache.fragments, &reader);
                let items = composer.items(reader.subscriber_id);
                let booked = booked.get(&reader.subscriber_id).copied();
                mails.push(Mail { reader, draft, items, booked });
            }
        }
        mails.sort_by_key(|mail| mail.reader.subscriber_id);
        Ok(mails)
    }
}

impl Composer {
    /// A reader who is not in the store follows these.
    fn follow(&mut self, reader: i64, links: Vec<LinkRow>) {
        self.links.insert(reader, links);
    }

    /// The items of one reader that are there, with what is known of them.
    fn items(&self, reader: i64) -> Vec<Item> {
        let frozen = self.frozen.get(&reader).map_or(&[][..], |frozen| &frozen.items);
        frozen.iter().filter(|item| self.is_there(item)).filter_map(|item| self.item(reader, item)).collect()
    }

    fn item(&self, reader: i64, item: &FrozenItem) -> Option<Item> {
        let revision = self.revisions.get(&(item.article, item.rev))?;
        let feed: &FeedRow = self.feeds.get(&revision.feed_id)?;
        let elsewhere = |article: &i64| {
            let elsewhere = self.elsewhere.get(article)?;
            Some((self.feeds.get(&elsewhere.feed_id)?.title.clone(), elsewhere.url.clone()))
        };
        Some(Item {
            frozen: item.clone(),
            revision: Arc::clone(revision),
            sentences: self.input(item)?.shown_sentences(),
            source: feed.title.clone(),
            site: feed.site.clone(),
            matched: item.why.iter().map(|why| self.matched(reader, *why)).collect(),
            also_at: item.also.iter().filter_map(elsewhere).collect(),
        })
    }

    fn matched(&self, reader: i64, why: Why) -> Matched {
        match why {
            Why::Topic(id) => {
                let topic = self.topics.get(&id);
                Matched {
                    topic: Some(topic.map(|topic| topic.slug.clone()).unwrap_or_default()),
                    filter: topic.map(|topic| topic.canonical.clone()).unwrap_or_default(),
                }
            }
            Why::Filter(id) => {
                let links = self.links.get(&reader).map_or(&[][..], Vec::as_slice);
                let own = links.iter().find(|link| link.filter_id == Some(id)).and_then(|link| link.canonical.clone());
                Matched { topic: None, filter: own.unwrap_or_default() }
            }
        }
    }
}
