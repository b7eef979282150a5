//! Loads what matched in a slot's window, once for all its readers.
//! It knows no reader.

use chrono::{DateTime, TimeDelta, Utc};
use rustc_hash::{FxHashMap, FxHashSet};

use super::close;
use crate::{
    daemon::StageError,
    digest::{
        Why,
        select::{Window, WindowArticle},
    },
    render::subject,
    store::{
        self, Conn,
        article::ArticleState,
        bundle::BundleRow,
        matches::{MAX_WINDOW, WindowRow},
        slot::SlotRow,
        topic::TopicVersion,
    },
    topic::decode_ids,
};

/// A story of the window began at most this long before its oldest match, and a slot that told it may have been sent late.
const TOLD_BEFORE: TimeDelta = TimeDelta::hours(store::story::KEPT.num_hours() + close::MAX_LATE.num_hours());

/// A slot's window, loaded.
#[derive(Debug)]
pub struct Loaded {
    /// What matched, inverted.
    pub window: Window,
    /// The stories of the window.
    pub stories: Vec<i64>,
    /// Of them, those with a revision that tells what earlier ones did not.
    pub updated: Vec<i64>,
    /// What was told before this instant is not in the window any more.
    pub told_since: DateTime<Utc>,
    /// What matched a story that began before the window: whoever follows it may have been told.
    pub old: FxHashSet<Why>,
    /// Readers over the alert limit whose bundle may go now; only for alerts.
    pub bundles: FxHashMap<i64, BundleRow>,
}

/// Loads the window of a slot, stretched back to where its new links and due bundles begin.
pub async fn load(conn: &mut Conn, slot: &SlotRow, now: DateTime<Utc>) -> Result<Loaded, StageError> {
    let bundles = if slot.zone.is_empty() { store::bundle::due(conn, now).await? } else { Vec::new() };
    let new_links =
        store::digest::new_links_from(conn, slot.schedule_id, &slot.zone, slot.from_seq, slot.to_seq).await?;
    // A slot with no slot before it has no window of its own: only its links' beginnings count.
    let own = if slot.from_seq > 0 { Some(slot.from_seq) } else { None };
    let after =
        [own, new_links].into_iter().flatten().chain(bundles.iter().map(|b| b.from_seq)).min().unwrap_or(slot.to_seq);
    let rows = store::matches::window(conn, after, slot.to_seq).await?;
    if rows.len() >= usize::try_from(MAX_WINDOW).unwrap_or(usize::MAX) {
        tracing::warn!(slot = slot.id, rows = rows.len(), "the window is cut at its newest matches");
    }
    let versions = store::topic::versions_since(conn, after).await?;
    let oldest = rows.iter().map(|row| row.at).min().unwrap_or(slot.slot_at);
    let stories = distinct(rows.iter().map(|row| row.story_id));
    let updated = distinct(rows.iter().filter(|row| row.material).map(|row| row.story_id));
    let mut old = FxHashSet::default();
    let window = invert(rows, &versions, |row, whys| {
        // Not `after`: links and bundles stretch the window back over what everybody else was told.
        if row.story_first_seq <= slot.from_seq {
            old.extend(whys);
        }
    });
    let bundles = bundles.into_iter().map(|bundle| (bundle.subscriber_id, bundle)).collect();
    Ok(Loaded { window, stories, updated, told_since: oldest - TOLD_BEFORE, old, bundles })
}

fn distinct(stories: impl Iterator<Item = i64>) -> Vec<i64> {
    let mut stories: Vec<i64> = stories.collect();
    stories.sort_unstable();
    stories.dedup();
    stories
}

fn invert(rows: Vec<WindowRow>, versions: &[TopicVersion], mut seen: impl FnMut(&WindowRow, &[Why])) -> Window {
    let mut topics: FxHashMap<i64, Vec<&TopicVersion>> = FxHashMap::default();
    for version in versions {
        topics.entry(version.filter_id).or_default().push(version);
    }
    let shown = rows.into_iter().filter(|row| row.state == ArticleState::Live.code() && !(row.paid && row.hides_paid));
    Window::new(shown.map(|row| {
        let filters = decode_ids(&row.filters)
            .inspect_err(|error| tracing::error!(seq = row.seq, %error, "a stored match does not read"))
            .unwrap_or_default();
        let mut whys: Vec<Why> = Vec::with_capacity(filters.len());
        for filter in filters {
            whys.push(Why::Filter(filter));
            let counted = |v: &&&TopicVersion| v.from_seq < row.seq && v.until_seq.is_none_or(|until| row.seq < until);
            whys.extend(topics.get(&filter).into_iter().flatten().filter(counted).map(|v| Why::Topic(v.topic_id)));
        }
        seen(&row, &whys);
        (article(&row), whys)
    }))
}

fn article(row: &WindowRow) -> WindowArticle {
    WindowArticle {
        seq: row.seq,
        article: row.article_id,
        rev: row.rev,
        story: row.story_id,
        story_first_seq: row.story_first_seq,
        feed: row.feed_id,
        own: row.own,
        paid: row.paid && row.labels_paid,
        language: row.language.parse().unwrap_or_default(),
        html_bytes: u32::try_from(row.html_bytes).unwrap_or(0),
        material: row.material,
        lead: subject::lead_key(&row.title, &row.source),
    }
}
