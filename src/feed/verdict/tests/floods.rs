//! Shows by cases how many new entries at once pass, and what a feed learns from its days.
//! What a new entry is, the file above shows.

use super::*;

#[test]
fn a_flood_is_quarantined_and_a_busy_day_is_not() {
    let mut shelf = Shelf::default();
    shelf.read(0, &titled(10));
    shelf.read(24, &titled(15));
    shelf.read(48, &titled(30));
    assert_eq!(shelf.memory.busiest_day, 5);
    assert_eq!(shelf.mailed.len(), 20, "15 at once are three times the busiest day, not more");
    let judgement = shelf.read(72, &titled(200));
    assert_eq!(judgement.remarks, [Remark::Flood { new: 170, limit: 45 }]);
    assert_eq!((shelf.mailed.len(), shelf.quarantined), (20, 170));
    shelf.read(96, &titled(200));
    assert_eq!(shelf.memory.busiest_day, 15, "a quarantined flood is not a busy day");
}

#[test]
fn a_flood_in_small_portions_is_a_flood() {
    let mut shelf = Shelf::default();
    shelf.read(0, &titled(10));
    for portion in 0..20 {
        shelf.read(24, &titled(10 + (portion + 1) * 5));
    }
    assert_eq!((shelf.mailed.len(), shelf.quarantined), (10, 90));
}

#[test]
fn a_feed_that_was_away_brings_its_backlog() {
    let mut shelf = Shelf::default();
    shelf.read(0, &titled(10));
    shelf.read(24, &titled(15));
    shelf.read(24 * 5, &titled(40));
    assert_eq!((shelf.mailed.len(), shelf.quarantined), (30, 0));
}

#[test]
fn a_busy_feed_is_not_quarantined_on_its_first_day() {
    let mut shelf = Shelf::default();
    let mut busy = titled(60);
    busy.iter_mut().enumerate().for_each(|(i, e)| e.published = Some(at(-i64::try_from(i).unwrap_or(0) / 2)));
    shelf.read(0, &busy[..40]);
    shelf.read(6, &busy);
    assert_eq!((shelf.mailed.len(), shelf.quarantined), (20, 0));
}

#[test]
fn what_an_operator_released_is_usual_from_then_on() {
    let mut shelf = Shelf::default();
    shelf.read(0, &titled(10));
    shelf.read(24, &titled(40));
    assert_eq!(shelf.quarantined, 30);
    shelf.memory.released(30);
    shelf.read(48, &titled(70));
    assert_eq!((shelf.mailed.len(), shelf.quarantined), (30, 30));
}

#[test]
fn an_endless_archive_without_guid_and_date_does_not_flood() {
    let mut shelf = Shelf::default();
    let page = |run: usize| -> Vec<Entry> {
        (0..50).map(|i| entry("", &format!("archive/{}", run * 50 + i), &format!("Old piece {run} {i}"))).collect()
    };
    for run in 0..30 {
        shelf.read(i64::try_from(run).unwrap_or(0), &page(run));
    }
    assert!(shelf.mailed.is_empty(), "{}", shelf.mailed.len());
    assert_eq!(shelf.quarantined, 29 * 50);
}

#[test]
fn a_quiet_feed_that_floods_has_no_backlog() {
    let mut shelf = Shelf::default();
    shelf.read(0, &titled(10));
    for day in 1..7 {
        shelf.memory.not_modified(at(day * 24));
    }
    shelf.read(7 * 24, &titled(60));
    assert_eq!((shelf.mailed.len(), shelf.quarantined), (0, 50));
}

/// Entries `from..to` of an endless archive: no identifier, no date, always another address.
fn archive(from: usize, to: usize) -> Vec<Entry> {
    (from..to).map(|i| entry("", &format!("archive/{i}"), &format!("Old piece {i} of this archive"))).collect()
}

fn dated(entries: &mut [Entry], date: impl Fn(i64) -> DateTime<Utc>) {
    entries.iter_mut().zip(0..).for_each(|(e, i)| e.published = Some(date(i)));
}

#[test]
fn a_steady_flood_lets_no_more_through_from_day_to_day() {
    let mut shelf = Shelf::default();
    shelf.read(0, &archive(0, 10));
    let mut mailed_by_day = Vec::new();
    for day in 0..9 {
        let before = shelf.mailed.len();
        for hour in 1..=24 {
            let run = day * 24 + hour;
            shelf.read(i64::try_from(run).unwrap_or(0), &archive(run * 10, run * 10 + 10));
        }
        mailed_by_day.push(shelf.mailed.len() - before);
    }
    let floor = usize::try_from(flood::FLOOR).unwrap_or(0);
    // A day of the test touches two days of the calendar.
    assert!(mailed_by_day.iter().all(|mailed| *mailed <= 2 * floor), "{mailed_by_day:?}");
    assert!(mailed_by_day[1..].iter().all(|mailed| *mailed <= floor), "{mailed_by_day:?}");
    assert!(shelf.memory.busiest_day <= flood::FLOOR, "{}", shelf.memory.busiest_day);
    // What the operator releases is usual from then on, flood or not.
    shelf.memory.released(230);
    let before = shelf.mailed.len();
    (217..241).for_each(|run| _ = shelf.read(i64::try_from(run).unwrap_or(0), &archive(run * 10, run * 10 + 10)));
    assert!(shelf.mailed.len() - before >= 220, "{}", shelf.mailed.len() - before);
}

#[test]
fn a_feed_that_grows_without_a_flood_raises_its_own_limit() {
    let mut shelf = Shelf::default();
    shelf.read(0, &titled(5));
    let mut all = 5;
    for (day, new) in (1..).zip([4, 8, 16, 30, 60]) {
        all += new;
        shelf.read(day * 24, &titled(all));
    }
    assert_eq!((shelf.mailed.len(), shelf.quarantined), (all - 5, 0));
}

#[test]
fn an_import_with_one_date_on_everything_does_not_make_a_busy_feed() {
    // Dates of the first reading's 40 entries, and how many may come at once an hour later.
    let check = |what: &str, date: fn(i64) -> DateTime<Utc>, limit: usize| {
        for (extra, passes) in [(limit, true), (limit + 1, false)] {
            let mut shelf = Shelf::default();
            let mut entries = titled(40 + extra);
            dated(&mut entries[..40], date);
            shelf.read(0, &entries[..40]);
            shelf.read(1, &entries);
            assert_eq!(shelf.quarantined == 0, passes, "{what}: {extra} at once");
        }
    };
    check("the instant of the reading", |_| at(0), 10);
    check("one instant last year", |_| at(-24 * 365), 10);
    check("an import of 39 minutes yesterday", |i| at(-30) + TimeDelta::minutes(i), 10);
    check("an import of most, and some honest ones", |i| if i < 30 { at(-50) } else { at(-24 * (i - 20)) }, 10);
    check("two imports", |i| if i < 25 { at(-50) } else { at(-24 * 30) }, 10);
    check("some minutes ahead", |i| at(0) + TimeDelta::minutes(i), 10);
    // Left as they are: what a busy publisher does.
    check("one every half hour", |i| at(-15) - TimeDelta::minutes(30 * i), 120);
    check("two editions at five o'clock", |i| at(-24 * (1 + i % 2)), 60);
    check("days without time", |i| at(-24 * (1 + i / 10)), 30);
    check("a piece a day", |i| at(-24 * i - 2), 10);
}
