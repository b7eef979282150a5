//! Shows schedules and slots over DST changes.
//! It does not test the parts alone; their files do.

use std::{collections::BTreeSet, time::Duration};

use chrono::{DateTime, Datelike as _, NaiveDateTime, TimeDelta, Timelike as _, Utc};
use chrono_tz::Tz;
use depeche::digest::schedule::Schedule;
use proptest::{prelude::*, sample::subsequence};

/// A day with a clock change at its start, its zone, and how far the clock moves in minutes.
const CHANGES: [(Tz, &str, i64); 6] = [
    (Tz::Europe__Paris, "2027-03-28T00:00:00Z", 60),
    (Tz::Europe__Paris, "2027-10-31T00:00:00Z", -60),
    (Tz::America__New_York, "2027-03-14T06:00:00Z", 60),
    (Tz::America__New_York, "2027-11-07T05:00:00Z", -60),
    (Tz::Australia__Lord_Howe, "2027-10-02T15:00:00Z", 30),
    (Tz::Australia__Lord_Howe, "2027-04-03T14:00:00Z", -30),
];

/// Days walked on either side of a change.
const AROUND: TimeDelta = TimeDelta::days(3);

/// More slots than the walk has minutes, so that nothing is cut off.
const BOUND: usize = 20_000;

fn instant(text: &str) -> DateTime<Utc> {
    text.parse().expect("an instant")
}

/// A rule as plain sets, so that the walker needs no cron parser.
#[derive(Clone, Debug)]
struct Rule {
    minutes: Vec<u32>,
    hours: Vec<u32>,
    days: Days,
}

#[derive(Clone, Debug)]
enum Days {
    Every,
    OfMonth(Vec<u32>),
    OfWeek(Vec<u32>),
}

impl Rule {
    fn cron(&self) -> String {
        let list = |values: &[u32]| values.iter().map(u32::to_string).collect::<Vec<_>>().join(",");
        let (day, weekday) = match &self.days {
            Days::Every => ("*".to_owned(), "*".to_owned()),
            Days::OfMonth(days) => (list(days), "*".to_owned()),
            Days::OfWeek(days) => ("*".to_owned(), list(days)),
        };
        format!("{} {} {day} * {weekday}", list(&self.minutes), list(&self.hours))
    }

    fn fires(&self, local: NaiveDateTime) -> bool {
        let day = match &self.days {
            Days::Every => true,
            Days::OfMonth(days) => days.contains(&local.day()),
            Days::OfWeek(days) => days.contains(&local.weekday().num_days_from_sunday()),
        };
        day && self.minutes.contains(&local.minute()) && self.hours.contains(&local.hour())
    }
}

/// The naive twin: walks the instants minute by minute and looks at the clock on the wall. What the clock shows for the first
/// time fires; what it leaps over fires as it lands; what it shows again does not.
fn walked(rule: &Rule, zone: Tz, after: DateTime<Utc>, until: DateTime<Utc>) -> Vec<(NaiveDateTime, DateTime<Utc>)> {
    let minute = TimeDelta::minutes(1);
    let wall = |at: DateTime<Utc>| at.with_timezone(&zone).naive_local();
    // A day earlier, so that an hour shown for the second time is known as such.
    let mut at = after.with_second(0).expect("a minute").with_nanosecond(0).expect("a minute") - TimeDelta::days(1);
    let mut shown = wall(at);
    let mut slots = Vec::new();
    while at <= until {
        while shown < wall(at) {
            shown += minute;
            if rule.fires(shown) && at > after {
                slots.push((shown, at));
            }
        }
        at += minute;
    }
    slots
}

fn rules() -> impl Strategy<Value = Rule> {
    let minutes = prop_oneof![
        (0..60u32).prop_map(|minute| vec![minute]),
        subsequence(vec![0u32, 15, 30, 45], 1..=4),
        subsequence(vec![1u32, 21, 41], 1..=3),
    ];
    let hours = prop_oneof![
        Just((0..24).collect::<Vec<u32>>()),
        subsequence((0..24).collect::<Vec<u32>>(), 1..=6),
        subsequence(vec![1u32, 2, 3], 1..=3),
    ];
    let days = prop_oneof![
        Just(Days::Every),
        subsequence((1..=31).collect::<Vec<u32>>(), 1..=20).prop_map(Days::OfMonth),
        subsequence((0..=6).collect::<Vec<u32>>(), 1..=6).prop_map(Days::OfWeek),
    ];
    (minutes, hours, days).prop_map(|(minutes, hours, days)| Rule { minutes, hours, days })
}

/// Seconds from the start of the walk; half of them on a quarter of an hour, where slots are.
fn moments() -> impl Strategy<Value = i64> {
    prop_oneof![0..6 * 86_400i64, (0..6 * 96i64).prop_map(|quarter| quarter * 900)]
}

fn found(
    schedule: &Schedule,
    zone: Tz,
    after: DateTime<Utc>,
    until: DateTime<Utc>,
) -> Vec<(NaiveDateTime, DateTime<Utc>)> {
    schedule.slots_between(zone, after, until, BOUND).into_iter().map(|slot| (slot.local, slot.at)).collect()
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 96, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn slots_equal_those_of_a_walker_with_a_clock_on_the_wall(
        rule in rules(),
        change in 0..CHANGES.len(),
        start in moments(),
        length in moments(),
    ) {
        let (zone, midnight, _) = CHANGES[change];
        let schedule = Schedule::parse("any", &rule.cron(), Duration::from_mins(15)).expect("a schedule");
        let after = instant(midnight) - AROUND + TimeDelta::seconds(start);
        let until = after + TimeDelta::seconds(length);
        let slots = found(&schedule, zone, after, until);
        prop_assert_eq!(&slots, &walked(&rule, zone, after, until));
        let keys: BTreeSet<_> = slots.iter().map(|(local, _)| *local).collect();
        prop_assert_eq!(keys.len(), slots.len());
    }

    #[test]
    fn however_often_one_looks_each_slot_is_seen_once(
        rule in rules(),
        change in 0..CHANGES.len(),
        mut cuts in prop::collection::vec(moments(), 0..12),
    ) {
        let (zone, midnight, _) = CHANGES[change];
        let schedule = Schedule::parse("any", &rule.cron(), Duration::from_mins(15)).expect("a schedule");
        let (from, to) = (instant(midnight) - AROUND, instant(midnight) + AROUND);
        cuts.sort_unstable();
        let mut looks: Vec<_> = cuts.into_iter().map(|seconds| from + TimeDelta::seconds(seconds)).collect();
        looks.push(to);
        let (mut at, mut pieces, mut closed) = (from, Vec::new(), Vec::new());
        for look in looks {
            pieces.extend(found(&schedule, zone, at, look));
            closed.extend(schedule.closing_between(zone, at, look, BOUND));
            at = look;
        }
        prop_assert_eq!(pieces, found(&schedule, zone, from, to));
        prop_assert_eq!(&closed, &schedule.closing_between(zone, from, to, BOUND));
        for slot in closed {
            prop_assert_eq!(slot.at - slot.cut_off, TimeDelta::minutes(15));
            prop_assert_eq!(schedule.slot(zone, slot.local), slot);
        }
    }
}

#[test]
fn the_clock_changes_where_the_test_thinks_it_does() {
    for (zone, midnight, moved) in CHANGES {
        let (before, after) = (instant(midnight) - TimeDelta::days(1), instant(midnight) + TimeDelta::days(1));
        let wall = |at: DateTime<Utc>| at.with_timezone(&zone).naive_local();
        assert_eq!((wall(after) - wall(before)).num_minutes() - 2 * 24 * 60, moved, "{zone}");
    }
}

#[test]
fn one_reader_gets_one_digest_a_day_whatever_the_clock_does() {
    let check = |zone: Tz, cron: &str, from: &str, wanted: &[&str]| {
        let schedule = Schedule::parse("any", cron, Duration::from_mins(15)).expect("a schedule");
        let slots = schedule.slots_between(zone, instant(from), instant(from) + TimeDelta::days(3), BOUND);
        let slots: Vec<_> = slots
            .iter()
            .map(|slot| format!("{} = {}", slot.local.format("%d %H:%M"), slot.at.format("%d %H:%MZ")))
            .collect();
        assert_eq!(slots, wanted, "{zone} {cron}");
    };
    let spring = "2027-03-26T23:00:00Z";
    check(
        Tz::Europe__Paris,
        "30 2 * * *",
        spring,
        &["27 02:30 = 27 01:30Z", "28 02:30 = 28 01:00Z", "29 02:30 = 29 00:30Z"],
    );
    check(
        Tz::Europe__Paris,
        "0 7 * * *",
        spring,
        &["27 07:00 = 27 06:00Z", "28 07:00 = 28 05:00Z", "29 07:00 = 29 05:00Z"],
    );
    check(Tz::Europe__Paris, "30 2 * * 0", spring, &["28 02:30 = 28 01:00Z"]);
    let autumn = "2027-10-29T22:00:00Z";
    check(
        Tz::Europe__Paris,
        "30 2 * * *",
        autumn,
        &["30 02:30 = 30 00:30Z", "31 02:30 = 31 00:30Z", "01 02:30 = 01 01:30Z"],
    );
    check(Tz::Europe__Paris, "30 2 * * 0", autumn, &["31 02:30 = 31 00:30Z"]);
    // Lord Howe moves its clock by half an hour.
    check(Tz::Australia__Lord_Howe, "15 2 * * 0", "2027-10-01T00:00:00Z", &["03 02:15 = 02 15:30Z"]);
    check(Tz::Australia__Lord_Howe, "45 1 * * 0", "2027-04-02T00:00:00Z", &["04 01:45 = 03 14:45Z"]);
}
