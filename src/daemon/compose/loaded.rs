//! Loads everything that the mails of one batch, or of one preview, are made of: sets, never rows.
//! How they are drawn is in `draw`.

use std::{
    collections::{HashMap, HashSet},
    sync::Arc,
};

use chrono::{DateTime, Utc};

use super::{Cache, own_words::OwnWords};
use crate::{
    daemon::StageError,
    digest::FrozenItem,
    store::{
        self, Conn,
        article::{AddressRow, RevisionRow},
        delivery::OutboxRow,
        feed::FeedRow,
        slot::SlotRow,
        subscription::LinkRow,
        topic::TopicRow,
    },
};

/// A digest as frozen.
#[derive(Clone, Debug, Default)]
pub struct Frozen {
    /// Items in the order of the mail.
    pub items: Vec<FrozenItem>,
    /// Key of the lead title.
    pub lead_key: i64,
}

/// Where another feed tells the same story.
#[derive(Clone, Debug)]
pub(in crate::daemon) struct Elsewhere {
    pub(in crate::daemon) feed_id: i64,
    pub(in crate::daemon) url: String,
}

/// Everything that the mails of one group are made of.
#[derive(Debug)]
pub struct Composer {
    pub(super) slot: Option<SlotRow>,
    pub(super) schedule: String,
    pub(super) due_at: DateTime<Utc>,
    pub(in crate::daemon) frozen: HashMap<i64, Frozen>,
    pub(super) letters: HashMap<i16, serde_json::Value>,
    pub(in crate::daemon) revisions: HashMap<(i64, i16), Arc<RevisionRow>>,
    pub(super) withdrawn: HashSet<i64>,
    /// Articles that are for subscribers only by now, whatever the frozen revision was.
    pub(super) paid_by_now: HashSet<i64>,
    pub(in crate::daemon) elsewhere: HashMap<i64, Elsewhere>,
    pub(in crate::daemon) feeds: HashMap<i64, FeedRow>,
    pub(in crate::daemon) topics: HashMap<i64, TopicRow>,
    pub(in crate::daemon) links: HashMap<i64, Vec<LinkRow>>,
    pub(super) own_words: OwnWords,
}

impl Composer {
    /// Loads what the deliveries of a batch need.
    pub async fn load(
        conn: &mut Conn,
        cache: &Cache,
        (slot_at, batch_no): (DateTime<Utc>, i64),
        slot_id: Option<i64>,
        due_at: DateTime<Utc>,
        rows: &[OutboxRow],
    ) -> Result<Self, StageError> {
        let slot = match slot_id {
            Some(id) => store::slot::by_ids(conn, &[id]).await?.pop(),
            None => None,
        };
        let readers: Vec<i64> = rows.iter().map(|row| row.subscriber_id).collect();
        let mut frozen = HashMap::new();
        if let Some(slot) = &slot {
            for (reader, items, lead_key) in store::digest::items(conn, slot.slot_at, slot.id, &readers).await? {
                frozen.insert(reader, Frozen { items, lead_key });
            }
        }
        let mut composer = Self::of(conn, cache, slot, due_at, frozen, &readers).await?;
        if composer.slot.is_none() {
            composer.letters = store::letter::of_batch(conn, (slot_at, batch_no, 0)).await?.into_iter().collect();
        }
        Ok(composer)
    }

    /// Loads what digests need that are frozen already, or would be now.
    pub async fn of(
        conn: &mut Conn,
        cache: &Cache,
        slot: Option<SlotRow>,
        due_at: DateTime<Utc>,
        frozen: HashMap<i64, Frozen>,
        readers: &[i64],
    ) -> Result<Self, StageError> {
        let items = || frozen.values().flat_map(|frozen| &frozen.items);
        let wanted: Vec<(i64, i16)> = distinct(items().map(|item| (item.article, item.rev)));
        let revisions = revisions(conn, cache, &wanted).await?;
        // Read anew each time: an article can be withdrawn until the last moment.
        let also = || items().flat_map(|item| item.also.iter().copied());
        let articles = distinct(items().map(|item| item.article).chain(also()));
        let withdrawn: HashSet<i64> = store::article::withdrawn(conn, &articles).await?.into_iter().collect();
        let now = store::article::addresses(conn, &articles).await?;
        let paid_by_now: HashSet<i64> = now.iter().filter(|row| row.paid).map(|row| row.article_id).collect();
        let feed_ids = distinct(revisions.values().map(|r| r.feed_id).chain(now.iter().map(|row| row.feed_id)));
        let feeds: HashMap<i64, FeedRow> =
            store::feed::by_ids(conn, &feed_ids).await?.into_iter().map(|feed| (feed.id, feed)).collect();
        let also: HashSet<i64> = also().collect();
        let hidden = |row: &AddressRow| row.paid && feeds.get(&row.feed_id).is_some_and(|feed| feed.paid == "hide");
        let elsewhere = now
            .into_iter()
            .filter(|row| also.contains(&row.article_id) && !withdrawn.contains(&row.article_id) && !hidden(row))
            .map(|row| (row.article_id, Elsewhere { feed_id: row.feed_id, url: row.url }))
            .collect();
        let topics = store::topic::named(conn).await?.into_iter().map(|topic| (topic.id, topic)).collect();
        let mut links: HashMap<i64, Vec<LinkRow>> = HashMap::new();
        for link in store::subscription::live(conn, readers).await? {
            links.entry(link.subscriber_id).or_default().push(link);
        }
        let schedules = store::schedule::all(conn).await?;
        let of_slot =
            |slot: &SlotRow| schedules.iter().find(|(id, _)| *id == slot.schedule_id).map(|(_, name)| name.clone());
        let schedule = slot.as_ref().and_then(of_slot).unwrap_or_default();
        let mut composer = Self {
            slot,
            schedule,
            due_at,
            frozen,
            letters: HashMap::new(),
            revisions,
            withdrawn,
            paid_by_now,
            elsewhere,
            feeds,
            topics,
            links,
            own_words: OwnWords::new(),
        };
        composer.find_own_words().await;
        Ok(composer)
    }

    /// The schedule of these mails, none for letters.
    pub fn schedule_id(&self) -> Option<i32> {
        self.slot.as_ref().map(|slot| slot.schedule_id)
    }

    /// All that was frozen for a reader.
    pub fn stories(&self, reader: i64) -> Vec<i64> {
        self.frozen.get(&reader).map(|frozen| frozen.items.iter().map(|item| item.story).collect()).unwrap_or_default()
    }
}

async fn revisions(
    conn: &mut Conn,
    cache: &Cache,
    wanted: &[(i64, i16)],
) -> Result<HashMap<(i64, i16), Arc<RevisionRow>>, StageError> {
    let mut revisions: HashMap<(i64, i16), Arc<RevisionRow>> =
        wanted.iter().filter_map(|of| cache.revision(*of).map(|row| (*of, row))).collect();
    let missing: Vec<(i64, i16)> = wanted.iter().copied().filter(|of| !revisions.contains_key(of)).collect();
    if !missing.is_empty() {
        let rows: Vec<Arc<RevisionRow>> =
            store::article::revisions(conn, &missing).await?.into_iter().map(Arc::new).collect();
        cache.keep(rows.iter().cloned());
        revisions.extend(rows.into_iter().map(|row| ((row.article_id, row.rev), row)));
    }
    Ok(revisions)
}

fn distinct<T: Ord>(all: impl Iterator<Item = T>) -> Vec<T> {
    let mut all: Vec<T> = all.collect();
    all.sort_unstable();
    all.dedup();
    all
}
