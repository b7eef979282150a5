//! Audits the books: recomputes from matches and histories who should have been told what, and compares it both ways.
//! It mends nothing, and shares no code with plan but the words.

mod finding;
mod naive;
mod updates;

use std::collections::HashSet;

use chrono::{DateTime, TimeDelta, Utc};

use super::{StageError, plan::close::MAX_LATE};
use crate::store::{self, Conn, audit::ItemThen, slot::SlotRow};
pub use finding::Finding;
use naive::{Matches, Readers};

/// What was told this long before the audited time can still have kept a story from being told again.
const TOLD_BEFORE: TimeDelta = TimeDelta::hours(store::story::KEPT.num_hours() + MAX_LATE.num_hours());
/// A bundle of alerts waits a day at most.
const BUNDLED_FOR: TimeDelta = TimeDelta::hours(26);
/// Blocks of readers: 200 million.
const MAX_BLOCKS: usize = 10_000;

/// What an audit found, with the books' own sums.
#[derive(Debug, Default)]
pub struct Report {
    /// Slots looked at.
    pub slots: usize,
    /// Slots that were not, since what they told was found in matches that are pruned.
    pub too_old: usize,
    /// Stories that readers should have been told, over all slots.
    pub candidates: usize,
    /// Of them, told in a digest.
    pub told: usize,
    /// Told once more, to readers who asked for updates.
    pub updates: usize,
    /// Of the stories, waiting in a bundle of alerts.
    pub bundled: usize,
    /// Of them, alerts that waited in a bundle when the reader left or moved to a schedule of digests.
    pub left: usize,
    /// Deliveries per state code.
    pub states: Vec<(i16, i64)>,
    /// What is wrong, sorted.
    pub findings: Vec<Finding>,
}

/// Why a candidate may stand in no digest, least excuse first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Excuse {
    None,
    Bundled,
    Left,
}

/// Audits everything closed since `since`; in a transaction of one snapshot, so that nothing is planned meanwhile.
pub async fn audit(conn: &mut Conn, since: DateTime<Utc>) -> Result<Report, StageError> {
    let mut slots = store::audit::slots(conn, since).await?;
    let states = store::audit::states(conn, since).await?;
    let mut report = Report { states, ..Report::default() };
    gaps(&slots, &mut report.findings);
    let pruned = store::matches::pruned_through(conn).await?;
    let closed = slots.len();
    slots.retain(|slot| slot.to_seq > pruned);
    (report.slots, report.too_old) = (slots.len(), closed - slots.len());
    for bad in store::audit::uncarried(conn, since).await? {
        let (subscriber, slot) = (bad.subscriber_id, bad.slot_id);
        report.findings.push(if bad.lost {
            Finding::Lost { subscriber, slot }
        } else {
            Finding::Uncarried { subscriber, slot, deliveries: bad.deliveries }
        });
    }
    let (Some(from), Some(until)) = (slots.iter().map(|s| s.from_seq).min(), slots.iter().map(|s| s.to_seq).max())
    else {
        return Ok(report);
    };
    let oldest = store::audit::oldest_begin(conn, from).await?.map_or(from, |begin| begin.min(from));
    let bundled_since = store::audit::closed_before(conn, since - BUNDLED_FOR).await?;
    let rows = store::matches::window(conn, oldest.min(bundled_since), until).await?;
    let matches = Matches::new(rows, &store::topic::versions_since(conn, 0).await?, pruned);
    let mut cursor = 0;
    for _ in 0..MAX_BLOCKS {
        let Some(last) = store::audit::block(conn, cursor).await? else { break };
        let links = store::audit::links(conn, cursor, last).await?;
        let bundled = store::audit::bundled(conn, cursor, last).await?.into_iter().collect();
        let readers = Readers::new(links, bundled);
        let items = store::audit::items(conn, since - TOLD_BEFORE, cursor, last).await?;
        compare(&slots, &matches, &readers, &items, &mut report);
        report.updates += updates::compare(&slots, &matches, &readers, &items, &mut report.findings);
        cursor = last;
    }
    report.findings.sort();
    Ok(report)
}

fn gaps(slots: &[SlotRow], findings: &mut Vec<Finding>) {
    for pair in slots.windows(2) {
        let chained = pair[0].schedule_id == pair[1].schedule_id && pair[0].zone == pair[1].zone;
        if chained && pair[0].to_seq != pair[1].from_seq {
            findings.push(Finding::Gap { slot: pair[1].id, ended: pair[0].to_seq, begins: pair[1].from_seq });
        }
    }
}

/// Compares one block of readers: what they should have been told with what they were, and the other way round.
fn compare(slots: &[SlotRow], matches: &Matches, readers: &Readers, items: &[ItemThen], report: &mut Report) {
    let audited: HashSet<i64> = slots.iter().map(|slot| slot.id).collect();
    // An alert's line in a digest repeats on purpose, and so does an update.
    let repeats = |item: &&ItemThen| item.place == "alerted" || item.updated;
    let (inside, before): (Vec<_>, Vec<_>) =
        items.iter().filter(|item| !repeats(item)).partition(|item| audited.contains(&item.slot_id));
    let before: HashSet<(i64, i64)> =
        before.iter().filter(|item| !item.untold).map(|item| (item.subscriber_id, item.story)).collect();
    // What was frozen and then withdrawn stands in the books with its reason, and may be told by somebody else.
    let mut told: Vec<(i64, i64, i64, bool)> =
        inside.iter().map(|i| (i.subscriber_id, i.story, i.slot_id, i.untold)).collect();
    told.sort_unstable();
    let expected = naive::expected(slots, matches, readers);
    for (key, entry) in &expected {
        let (subscriber, story) = *key;
        if before.contains(key) {
            continue;
        }
        report.candidates += 1;
        let at = told.partition_point(|t| (t.0, t.1) < *key);
        match entry.0 {
            _ if told.get(at).is_some_and(|t| (t.0, t.1) == *key) => report.told += 1,
            Excuse::None => report.findings.push(Finding::Forgotten { subscriber, slot: entry.1, story }),
            Excuse::Bundled => report.bundled += 1,
            Excuse::Left => report.left += 1,
        }
    }
    for same in told.chunk_by(|a, b| (a.0, a.1) == (b.0, b.1)) {
        let (subscriber, story, ..) = same[0];
        let times = same.iter().filter(|told| !told.3).count() + usize::from(before.contains(&(subscriber, story)));
        if times > 1 {
            report.findings.push(Finding::Doubled { subscriber, story, times });
        }
        for &(subscriber, story, slot, _) in same {
            if !naive::allowed(slots, matches, readers, (subscriber, story, slot)) {
                report.findings.push(Finding::Unasked { subscriber, slot, story });
            }
        }
    }
}
