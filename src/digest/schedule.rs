//! Named schedules: five-field cron expressions, their slots in any time zone across DST changes.
//! It reads no clock, and does not know what is sent in a slot.

mod error;
mod field;
mod fields;
#[cfg(test)]
mod tests;

use std::time::Duration;

use chrono::{DateTime, Days, NaiveDate, NaiveDateTime, NaiveTime, TimeDelta, TimeZone as _, Utc, Weekday};
use chrono_tz::Tz;

pub use error::ScheduleError;
use fields::{expand, line_of, parse_fields, rule_of};

/// The reserved name of the alerts' schedule, which has no slots: what it holds is sent at once.
pub const INSTANT: &str = "instant";

/// Shortest time between two slots: below it a digest is an alert, which `instant` does better.
pub const SHORTEST_GAP: Duration = Duration::from_mins(15);

/// Longest cut-off: beyond a day the items of a daily digest would be older than the one before.
pub const LONGEST_CUT_OFF: Duration = Duration::from_hours(24);

/// Letters of a schedule's name: it stands in URLs, in SQL and in column heads.
const LONGEST_NAME: usize = 32;

/// Days looked through for two firing days in a row; one year holds every pattern but those of 29 February.
const NEIGHBOUR_DAYS: u64 = 366;

/// Minutes looked through for the end of a DST gap: the longest known one was a whole day (Samoa, 30 December 2011).
const LONGEST_GAP_MINUTES: i64 = 25 * 60;

/// A named schedule that cannot be wrong: it fires, and never more often than [`SHORTEST_GAP`].
#[derive(Clone, Debug)]
pub struct Schedule {
    name: String,
    cron: String,
    rule: cron::Schedule,
    line: ScheduleLine,
    cut_off: Duration,
}

/// One firing in one time zone. Its key is `local`: the same wall clock time cannot fire twice, and none is left out.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct SlotTime {
    /// What the wall clock should show; the key, together with schedule and zone.
    pub local: NaiveDateTime,
    /// When that is: in a DST gap the first valid instant after it, in an overlap the first of the two.
    pub at: DateTime<Utc>,
    /// When its items freeze: `at` less the schedule's cut-off.
    pub cut_off: DateTime<Utc>,
}

/// What a schedule says in words, for `Every day from 7:00` in a mail's footer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ScheduleLine {
    /// Every day at one time.
    Daily {
        /// Local time.
        time: NaiveTime,
    },
    /// One day a week at one time.
    Weekly {
        /// The day.
        weekday: Weekday,
        /// Local time.
        time: NaiveTime,
    },
    /// Monday to Friday at one time.
    Weekdays {
        /// Local time.
        time: NaiveTime,
    },
    /// Anything else: the expression as the operator wrote it.
    Other(String),
}

impl Schedule {
    /// Parses a five-field expression (or `@hourly`, `@daily`, `@weekly`, `@monthly`, `@yearly`) with its name and cut-off.
    pub fn parse(name: &str, cron: &str, cut_off: Duration) -> Result<Self, ScheduleError> {
        check_name(name)?;
        if cut_off > LONGEST_CUT_OFF {
            return Err(ScheduleError::CutOff(cut_off));
        }
        let cron = expand(cron).split_whitespace().collect::<Vec<_>>().join(" ");
        let fields = parse_fields(&cron)?;
        let rule = rule_of(&fields);
        let line = line_of(&cron, &fields);
        let schedule = Self { name: name.to_owned(), rule, line, cut_off, cron };
        schedule.check_gaps()?;
        Ok(schedule)
    }

    /// The name by which readers' subscriptions know it.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// The five fields, single-spaced, shorthands written out.
    pub fn cron(&self) -> &str {
        &self.cron
    }

    /// How long before a slot its items freeze.
    pub fn cut_off(&self) -> Duration {
        self.cut_off
    }

    /// What it says in words.
    pub fn describe(&self) -> &ScheduleLine {
        &self.line
    }

    /// The first local time after `after` at which it fires, whatever zone the wall clock hangs in; none beyond the year 2100.
    pub fn next_local(&self, after: NaiveDateTime) -> Option<NaiveDateTime> {
        self.locals_after(after).next()
    }

    /// The first slot in `zone` later than `now`; none beyond the year 2100.
    pub fn next_slot(&self, zone: Tz, now: DateTime<Utc>) -> Option<SlotTime> {
        self.slots_between(zone, now, DateTime::<Utc>::MAX_UTC, 1).pop()
    }

    /// The slots in `zone` with `after` < `at` <= `until`, oldest first, at most `bound` of them.
    pub fn slots_between(&self, zone: Tz, after: DateTime<Utc>, until: DateTime<Utc>, bound: usize) -> Vec<SlotTime> {
        // No slot at or before this wall clock time can lie after `after`: the mapping never runs backwards.
        let from = after.with_timezone(&zone).naive_local();
        self.locals_after(from)
            .map(|local| self.slot(zone, local))
            .skip_while(|slot| slot.at <= after)
            .take_while(|slot| slot.at <= until)
            .take(bound)
            .collect()
    }

    /// The slots in `zone` whose items freeze in `after` < `cut_off` <= `until`, oldest first, at most `bound` of them.
    pub fn closing_between(&self, zone: Tz, after: DateTime<Utc>, until: DateTime<Utc>, bound: usize) -> Vec<SlotTime> {
        self.slots_between(zone, later(after, self.cut_off), later(until, self.cut_off), bound)
    }

    /// The slot of a local time, as found in the database.
    pub fn slot(&self, zone: Tz, local: NaiveDateTime) -> SlotTime {
        let at = instant_of(zone, local);
        SlotTime { local, at, cut_off: at - TimeDelta::from_std(self.cut_off).unwrap_or_default() }
    }

    /// Firing times on the wall clock, dressed as UTC so that `cron` sees a clock without DST changes.
    fn locals_after(&self, after: NaiveDateTime) -> impl Iterator<Item = NaiveDateTime> {
        self.rule.after(&after.and_utc()).map(|at| at.naive_utc())
    }

    fn check_gaps(&self) -> Result<(), ScheduleError> {
        let never = || ScheduleError::Never { cron: self.cron.clone() };
        let first = self.next_local(origin()).ok_or_else(never)?;
        // Hours and minutes are the same on every firing day, so one day and its join to the next show every gap.
        let day: Vec<_> = self.locals_after(eve(first.date())).take_while(|t| t.date() == first.date()).collect();
        let too_often = |first: NaiveDateTime, second: NaiveDateTime| ScheduleError::TooOften {
            cron: self.cron.clone(),
            first: first.format("%H:%M").to_string(),
            second: second.format("%H:%M").to_string(),
        };
        let shortest = TimeDelta::from_std(SHORTEST_GAP).unwrap_or_default();
        if let Some(pair) = day.windows(2).find(|pair| pair[1] - pair[0] < shortest) {
            return Err(too_often(pair[0], pair[1]));
        }
        let (Some(&morning), Some(&evening)) = (day.first(), day.last()) else { return Err(never()) };
        let next_morning = morning + TimeDelta::days(1);
        if next_morning - evening < shortest && self.fires_on_neighbours(first.date()) {
            return Err(too_often(evening, next_morning));
        }
        Ok(())
    }

    fn fires_on_neighbours(&self, from: NaiveDate) -> bool {
        let fires = |day: NaiveDate| self.next_local(eve(day)).is_some_and(|next| next.date() == day);
        (0..NEIGHBOUR_DAYS)
            .filter_map(|n| from.checked_add_days(Days::new(n)))
            .any(|day| fires(day) && day.succ_opt().is_some_and(fires))
    }
}

/// When the wall clock in `zone` shows `local`: in a DST gap the first valid instant after it, in an overlap the first.
pub fn instant_of(zone: Tz, local: NaiveDateTime) -> DateTime<Utc> {
    (0..=LONGEST_GAP_MINUTES)
        .find_map(|minutes| {
            // The gap ends on a whole minute, so seconds count only outside of it.
            let shown = if minutes == 0 { local } else { whole_minute(local)? + TimeDelta::minutes(minutes) };
            zone.from_local_datetime(&shown).earliest()
        })
        .map_or_else(|| local.and_utc(), |at| at.with_timezone(&Utc))
}

fn whole_minute(local: NaiveDateTime) -> Option<NaiveDateTime> {
    use chrono::Timelike as _;
    local.with_second(0)?.with_nanosecond(0)
}

fn later(at: DateTime<Utc>, by: Duration) -> DateTime<Utc> {
    TimeDelta::from_std(by).ok().and_then(|by| at.checked_add_signed(by)).unwrap_or(DateTime::<Utc>::MAX_UTC)
}

/// The last second before a day, after which its midnight still comes.
fn eve(day: NaiveDate) -> NaiveDateTime {
    day.and_time(NaiveTime::MIN) - TimeDelta::seconds(1)
}

/// Where looking for the first firing begins; any fixed day does.
fn origin() -> NaiveDateTime {
    NaiveDate::from_ymd_opt(2024, 1, 1).unwrap_or_default().and_time(NaiveTime::MIN)
}

fn check_name(name: &str) -> Result<(), ScheduleError> {
    if name == INSTANT {
        return Err(ScheduleError::Reserved);
    }
    let lawful = name.starts_with(|c: char| c.is_ascii_lowercase())
        && name.len() <= LONGEST_NAME
        && name.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-' || b == b'_');
    if lawful { Ok(()) } else { Err(ScheduleError::Name(name.to_owned())) }
}
