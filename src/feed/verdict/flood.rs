//! Decides how many new entries at once are too many for a feed, by what it has shown before.
//! It does not judge single entries.

use chrono::{DateTime, NaiveDate, TimeDelta, Utc};
use rustc_hash::FxHashMap;

use super::{Memory, Remark, Verdict};
use crate::feed::{Entry, first_believable};

/// New entries that no feed is quarantined for: after a quiet day, ten at once are a normal morning.
pub(super) const FLOOR: u32 = 10;
/// New entries at once are a flood from this many times the feed's busiest day.
pub(super) const FACTOR: u32 = 3;
/// Days without a good reading that may add up in the flood limit: a feed that was down brings its backlog.
const MAX_BACKLOG_DAYS: u32 = 7;
/// Within this time of each other, most of a document's dates are those of an import, a build or a move.
const IMPORT: TimeDelta = TimeDelta::hours(1);

/// Quarantines all new entries where they are too many at once, else counts them into the feed's busiest day.
pub(super) fn guard(
    verdicts: &mut [Verdict],
    memory: &Memory,
    next: &mut Memory,
    now: DateTime<Utc>,
    remarks: &mut Vec<Remark>,
) {
    let new = u32::try_from(verdicts.iter().filter(|v| **v == Verdict::New).count()).unwrap_or(u32::MAX);
    next.count_until(now.date_naive());
    let days_away = memory.read_at.map_or(0, |at| (now - at).num_days().max(0));
    let days = u32::try_from(days_away).unwrap_or(MAX_BACKLOG_DAYS).clamp(1, MAX_BACKLOG_DAYS);
    let limit = next.busiest_day.saturating_mul(FACTOR * days).max(FLOOR);
    if new > 0 && next.day_count.saturating_add(new) > limit {
        next.day_flooded = true;
        remarks.push(Remark::Flood { new, limit });
        for verdict in verdicts.iter_mut().filter(|v| **v == Verdict::New) {
            *verdict = Verdict::Quarantined;
        }
        return;
    }
    // A backlog of several days is not one busy day.
    next.day_count += new.div_ceil(days);
}

impl Memory {
    /// A flood fills each day up to the limit; were that a busy day, the limit would grow threefold from day to day.
    fn count_until(&mut self, today: NaiveDate) {
        if self.day == Some(today) {
            return;
        }
        if !self.day_flooded {
            self.busiest_day = self.busiest_day.max(self.day_count);
        }
        (self.day, self.day_count, self.day_flooded) = (Some(today), 0, false);
    }
}

/// Most entries dated on one day, for feeds whose own days have not been seen yet. Without dates nothing is known, nor by
/// the dates of an import.
pub(super) fn busiest_dated_day(entries: &[Entry], now: DateTime<Utc>) -> u32 {
    let mut dates: Vec<_> = entries
        .iter()
        .filter_map(|e| first_believable([e.published, e.updated], now))
        .filter(|d| *d < now - IMPORT)
        .collect();
    dates.sort_unstable();
    while let Some(import) = most_within(&dates, IMPORT).filter(|import| import.len() * 2 > dates.len()) {
        dates.drain(import);
    }
    let mut days: FxHashMap<NaiveDate, u32> = FxHashMap::default();
    for date in dates {
        *days.entry(date.date_naive()).or_default() += 1;
    }
    days.into_values().max().unwrap_or(0)
}

/// The longest run of sorted dates that lie within a time of each other.
fn most_within(dates: &[DateTime<Utc>], time: TimeDelta) -> Option<std::ops::Range<usize>> {
    let run = |from: usize| from..dates.partition_point(|date| *date < dates[from] + time);
    (0..dates.len()).map(run).max_by_key(std::ops::Range::len)
}
