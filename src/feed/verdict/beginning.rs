//! Judges the first readings of a feed: what was there before the subscription is not news, even where an empty or broken
//! document showed it late. It does not judge feeds that have once been read whole.

use chrono::{DateTime, TimeDelta, Utc};
use rustc_hash::{FxHashMap, FxHashSet};

use super::{Memory, Remark, Shown, Silence, Verdict};
use crate::feed::{Entry, first_believable};

/// Undated entries after an empty first reading that may well be a new feed's first pieces; more look like its archive.
const FEW: usize = 3;
/// A feed that breaks off for longer than this does so always: what it shows is all it has.
const BROKEN_FOR_GOOD: TimeDelta = TimeDelta::days(1);

/// Where a feed stands with its first readings.
pub(super) struct Beginning {
    /// How to judge this reading, where it is one of the first.
    pub(super) first: Option<First>,
    /// For the memory.
    pub(super) read_at: Option<DateTime<Utc>>,
    /// For the memory.
    pub(super) begun_at: Option<DateTime<Utc>>,
}

/// One of a feed's first readings.
pub(super) struct First {
    /// The very first.
    since: DateTime<Utc>,
    /// Entries without a date are old ones: part of what the feed holds was seen, or is seen now.
    archive: bool,
    /// Minutes that stand on more entries than a person writes in one: a machine's, which date nothing.
    stamps: FxHashSet<i64>,
}

impl Beginning {
    pub(super) fn of(shown: &Shown<'_>, memory: &Memory, now: DateTime<Utc>) -> Self {
        if memory.read_at.is_some() && memory.begun_at.is_none() {
            return Self { first: None, read_at: Some(now), begun_at: None };
        }
        let since = memory.begun_at.unwrap_or(now);
        let broken = shown.broken && now - since < BROKEN_FOR_GOOD;
        let archive = memory.read_at.is_none() || broken;
        Self {
            first: Some(First { since, archive, stamps: stamps(shown.entries, now) }),
            read_at: (!broken).then_some(now),
            begun_at: (broken || shown.entries.is_empty()).then_some(since),
        }
    }
}

impl First {
    /// Judges an entry that is not known. Where nothing tells, it is quarantined until [`First::guard`] has seen how many.
    pub(super) fn unseen(&self, entry: &Entry, now: DateTime<Utc>) -> Verdict {
        let date = first_believable([entry.published, entry.updated], now);
        match date.filter(|date| *date <= self.since || !self.stamps.contains(&minute(*date))) {
            Some(date) if date > self.since => Verdict::New,
            Some(_) => Verdict::Silent(Silence::FirstReading),
            None if self.archive => Verdict::Silent(Silence::FirstReading),
            None => Verdict::Quarantined,
        }
    }

    /// Lets a few undated entries pass; more wait for an operator.
    pub(super) fn guard(verdicts: &mut [Verdict]) -> Option<Remark> {
        let undated = verdicts.iter().filter(|v| **v == Verdict::Quarantined).count();
        if undated > FEW {
            let number = |n| u32::try_from(n).unwrap_or(u32::MAX);
            return Some(Remark::Flood { new: number(undated), limit: number(FEW) });
        }
        verdicts.iter_mut().filter(|v| **v == Verdict::Quarantined).for_each(|v| *v = Verdict::New);
        None
    }
}

fn stamps(entries: &[Entry], now: DateTime<Utc>) -> FxHashSet<i64> {
    let mut minutes: FxHashMap<i64, usize> = FxHashMap::default();
    for date in entries.iter().filter_map(|e| first_believable([e.published, e.updated], now)) {
        *minutes.entry(minute(date)).or_default() += 1;
    }
    minutes.into_iter().filter(|(_, n)| *n > FEW).map(|(minute, _)| minute).collect()
}

fn minute(date: DateTime<Utc>) -> i64 {
    date.timestamp().div_euclid(60)
}
