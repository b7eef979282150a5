//! Plans one page of readers: reads their links and what they were told, and selects. It writes nothing.
//! The same code plans for real and for `dry-run`.

use chrono::{DateTime, TimeDelta, Utc};
use rustc_hash::{FxHashMap, FxHashSet};

use super::{InstantSettings, PlanSettings, window::Loaded};
use crate::{
    article::language::Language,
    daemon::StageError,
    digest::{
        Why,
        left_out::{LeftOut, left_out},
        select::{Limits, Link, Reader, Selection, Told, Version, select},
    },
    store::{
        self, Conn,
        bundle::BundleRow,
        digest::{LastLead, ReaderLink, VersionRow},
        slot::SlotRow,
    },
    subscriber::Status,
};

/// How far back a reader's last digest is looked for, so that two subjects in a row differ: a monthly one and some days.
const LAST_LEAD: TimeDelta = TimeDelta::days(35);
/// A story that a reader was told once more is not told again so soon: one update of it a day, in the short days of spring too.
pub const UPDATE_EVERY: TimeDelta = TimeDelta::hours(20);
const HOUR: TimeDelta = TimeDelta::hours(1);
const DAY: TimeDelta = TimeDelta::hours(24);

/// One reader's frozen digest.
#[derive(Clone, Debug)]
pub struct Planned {
    /// Reader.
    pub subscriber_id: i64,
    /// Where they stand: only the confirmed are mailed.
    pub status: Status,
    /// Their items.
    pub selection: Selection,
}

/// One page of readers, planned.
#[derive(Debug, Default)]
pub struct Page {
    /// Digests with something in them.
    pub planned: Vec<Planned>,
    /// Readers looked at.
    pub readers: usize,
    /// The last of them; none when there are no more.
    pub last_reader: Option<i64>,
    /// Readers over the alert limit: what they follow waits.
    pub bundles: Vec<BundleRow>,
    /// Readers whose bundle goes out now, or holds nothing any more.
    pub unbundled: Vec<i64>,
    /// Articles that match what the one reader follows and are not among their items; only for [`Look::One`].
    pub left_out: Vec<(i64, LeftOut)>,
}

/// Whose page is read, and whether it will be written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Look {
    /// The next readers, to be planned: their blocks are locked, so that two slots of one reader do not race.
    Plan,
    /// The next readers, to be shown: nothing is locked.
    Show,
    /// One reader, to be shown with what is left out and why.
    One(i64),
}

/// What the page's readers were told, and when they got alerts.
#[derive(Default)]
struct Histories {
    told: FxHashMap<i64, FxHashMap<i64, Told>>,
    versions: FxHashMap<i64, FxHashMap<i64, Version>>,
    last_lead: FxHashMap<i64, i64>,
    alerts: FxHashMap<i64, Vec<DateTime<Utc>>>,
    bundled: FxHashSet<i64>,
}

/// Plans the readers after `cursor`, or one.
#[expect(clippy::too_many_arguments, reason = "each is a fact of its own; a struct would only rename the call")]
pub async fn read(
    conn: &mut Conn,
    slot: &SlotRow,
    loaded: &Loaded,
    settings: &PlanSettings,
    limits: &Limits,
    cursor: i64,
    look: Look,
    now: DateTime<Utc>,
) -> Result<Page, StageError> {
    let links = links(conn, slot, loaded, cursor, look).await?;
    let ids: Vec<i64> = links.chunk_by(|a, b| a.subscriber_id == b.subscriber_id).map(|l| l[0].subscriber_id).collect();
    let mut page = Page { readers: ids.len(), last_reader: ids.last().copied(), ..Page::default() };
    if ids.is_empty() {
        return Ok(page);
    }
    if look == Look::Plan {
        store::subscriber::lock_blocks(conn, &ids).await?;
    }
    let histories = histories(conn, slot, loaded, &links, &ids, now).await?;
    let (nothing, unasked) = (FxHashMap::default(), FxHashMap::default());
    for of_reader in links.chunk_by(|a, b| a.subscriber_id == b.subscriber_id) {
        let first = &of_reader[0];
        let id = first.subscriber_id;
        let bundle = loaded.bundles.get(&id);
        if bundle.is_none() && histories.bundled.contains(&id) {
            continue;
        }
        let links: Vec<Link> = of_reader.iter().map(|link| to_link(link, slot, bundle)).collect();
        let reads: Vec<Language> = first.reads.iter().filter_map(|code| code.parse().ok()).collect();
        let told = histories.told.get(&id).unwrap_or(&nothing);
        let last_lead = histories.last_lead.get(&id).copied();
        let versions = histories.versions.get(&id).unwrap_or(&unasked);
        let reader = Reader { links: &links, reads: &reads, told, versions, last_lead };
        let selection = select(&loaded.window, &reader, limits);
        if let Look::One(_) = look {
            page.left_out = left_out(&loaded.window, &reader, selection.as_ref());
        }
        if bundle.is_some() {
            page.unbundled.push(id);
        }
        let Some(selection) = selection else { continue };
        let alerts = histories.alerts.get(&id).map_or(&[][..], Vec::as_slice);
        if let Some(due_at) = slot.zone.is_empty().then(|| next_alert(alerts, &settings.instant, now)).flatten() {
            page.unbundled.retain(|unbundled| *unbundled != id);
            let from_seq = links.iter().map(|link| link.after).min().unwrap_or(slot.from_seq);
            page.bundles.push(BundleRow { subscriber_id: id, from_seq, due_at });
            continue;
        }
        let status = Status::try_from(first.status).unwrap_or(Status::Suppressed);
        page.planned.push(Planned { subscriber_id: id, status, selection });
    }
    Ok(page)
}

async fn links(
    conn: &mut Conn,
    slot: &SlotRow,
    loaded: &Loaded,
    cursor: i64,
    look: Look,
) -> Result<Vec<ReaderLink>, StageError> {
    let only = if let Look::One(reader) = look { Some(reader) } else { None };
    if !slot.zone.is_empty() || only.is_some() {
        return Ok(store::digest::page(conn, slot.schedule_id, &slot.zone, slot.to_seq, cursor, only).await?);
    }
    let (mut topics, mut filters) = (Vec::new(), Vec::new());
    for why in loaded.window.whys() {
        match why {
            Why::Topic(id) => topics.push(id),
            Why::Filter(id) => filters.push(id),
        }
    }
    let due: Vec<i64> = loaded.bundles.keys().copied().collect();
    Ok(store::digest::page_alert(conn, slot.schedule_id, slot.to_seq, cursor, &topics, &filters, &due).await?)
}

fn why(link: &ReaderLink) -> Why {
    match (link.topic_id, link.filter_id) {
        (Some(topic), _) => Why::Topic(topic),
        (None, filter) => Why::Filter(filter.unwrap_or_default()),
    }
}

/// A link's own begin counts where it is younger than the slot's window; a bundle's where one waits.
fn to_link(link: &ReaderLink, slot: &SlotRow, bundle: Option<&BundleRow>) -> Link {
    let begin = link.told_seq.unwrap_or(link.from_seq);
    let chain = bundle.map_or(slot.from_seq, |bundle| bundle.from_seq);
    Link { why: why(link), position: link.position, after: if link.from_seq > chain { begin } else { chain } }
}

/// Looks into the past only for readers whom the past can concern.
async fn histories(
    conn: &mut Conn,
    slot: &SlotRow,
    loaded: &Loaded,
    links: &[ReaderLink],
    ids: &[i64],
    now: DateTime<Utc>,
) -> Result<Histories, StageError> {
    let mut histories = Histories::default();
    let concerned: Vec<i64> = links
        .chunk_by(|a, b| a.subscriber_id == b.subscriber_id)
        .filter(|l| l.iter().any(|link| link.several || link.told_seq.is_some() || loaded.old.contains(&why(link))))
        .map(|l| l[0].subscriber_id)
        .collect();
    if !concerned.is_empty() {
        for row in store::digest::told(conn, &concerned, &loaded.stories, loaded.told_since).await? {
            let told = if row.alert { Told::Alert { article: row.article, rev: row.rev } } else { Told::Digest };
            let stories = histories.told.entry(row.subscriber_id).or_default();
            // What a digest told is told; an alert's line is shown once, by the digest that comes next.
            if stories.get(&row.story) != Some(&Told::Digest) {
                stories.insert(row.story, told);
            }
        }
    }
    if slot.zone.is_empty() {
        // An alert never repeats an alert: told is told.
        for told in histories.told.values_mut().flat_map(FxHashMap::values_mut) {
            *told = Told::Digest;
        }
        for (id, at) in store::digest::alerts_since(conn, ids, now - DAY).await? {
            histories.alerts.entry(id).or_default().push(at);
        }
        histories.bundled = store::bundle::of(conn, ids).await?.into_iter().map(|b| b.subscriber_id).collect();
    }
    histories.versions = versions(conn, slot, loaded, links).await?;
    for LastLead { subscriber_id, lead_key } in store::digest::last_leads(conn, ids, slot.slot_at - LAST_LEAD).await? {
        histories.last_lead.insert(subscriber_id, lead_key);
    }
    Ok(histories)
}

/// What readers who asked for updates were told of stories that changed; alerts bring none.
async fn versions(
    conn: &mut Conn,
    slot: &SlotRow,
    loaded: &Loaded,
    links: &[ReaderLink],
) -> Result<FxHashMap<i64, FxHashMap<i64, Version>>, StageError> {
    let asked: FxHashMap<i64, i64> =
        links.iter().filter_map(|link| Some((link.subscriber_id, link.updates_seq?))).collect();
    if slot.zone.is_empty() || loaded.updated.is_empty() || asked.is_empty() {
        return Ok(FxHashMap::default());
    }
    let mut readers: Vec<i64> = asked.keys().copied().collect();
    readers.sort_unstable();
    let mut versions: FxHashMap<i64, FxHashMap<i64, Version>> = FxHashMap::default();
    let rows = store::digest::versions(conn, &readers, &loaded.updated, loaded.told_since).await?;
    for VersionRow { subscriber_id, story, article, rev, .. } in &rows {
        let told = versions.entry(*subscriber_id).or_default();
        let known = told.get(story).filter(|known| known.article == *article).map_or(0, |known| known.rev);
        told.insert(*story, Version { article: *article, rev: known.max(*rev), after: asked[subscriber_id] });
    }
    for row in rows.iter().filter(|row| row.updated && slot.slot_at - row.slot_at < UPDATE_EVERY) {
        versions.entry(row.subscriber_id).or_default().remove(&row.story);
    }
    Ok(versions)
}

/// When the next alert may go; none when it may go now. `alerts` are the last 24 hours', newest first.
fn next_alert(alerts: &[DateTime<Utc>], settings: &InstantSettings, now: DateTime<Utc>) -> Option<DateTime<Utc>> {
    // The alert whose passing out of the span makes room for one more.
    let blocking = |limit: usize, span: TimeDelta| {
        alerts.get(limit.max(1) - 1).map(|at| *at + span).filter(|free_at| *free_at > now)
    };
    blocking(settings.per_hour, HOUR).max(blocking(settings.per_day, DAY))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_fourth_alert_of_an_hour_and_the_ninth_of_a_day_wait_for_the_oldest_to_pass() {
        let now: DateTime<Utc> = "2026-11-24T12:00:00Z".parse().expect("a time");
        let settings = InstantSettings { settle: std::time::Duration::ZERO, per_hour: 3, per_day: 8 };
        let ago = |minutes: &[i64]| minutes.iter().map(|m| now - TimeDelta::minutes(*m)).collect::<Vec<_>>();
        let wait = |alerts: &[i64]| next_alert(&ago(alerts), &settings, now).map(|at| (at - now).num_minutes());
        assert_eq!(wait(&[]), None);
        assert_eq!(wait(&[1, 2]), None);
        assert_eq!(wait(&[1, 2, 59]), Some(1));
        assert_eq!(wait(&[1, 2, 61]), None);
        assert_eq!(wait(&[100, 200, 300, 400, 500, 600, 700, 1400]), Some(40));
    }
}
