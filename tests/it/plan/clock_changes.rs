//! Shows that each local day's slot fires once over both changes of the clock, and that no story is lost or doubled by them.
//! How local times become instants is shown in `schedules`.

use std::collections::BTreeMap;

use chrono::{DateTime, NaiveDate, NaiveDateTime, TimeDelta, Utc};
use depeche::store::membership::Follow;

use super::world::{World, body};
use crate::support::context::{self, at, feed, text, topic};

const SCHEDULES: [(&str, &str); 2] = [("night", "30 2 * * *"), ("morning", "0 7 * * *")];

/// How far `now` moves between two rounds of plan; no divisor of the half hour by which Lord Howe changes.
const STEP: TimeDelta = TimeDelta::minutes(50);

/// Runs a reader of both schedules through four days around `change`, and compares the instants of the night's slots on that day.
async fn check(zone: &str, change: &str, night_at: &str, morning_at: &str) {
    let world = World::new(&SCHEDULES).await;
    let change: NaiveDate = change.parse().expect("a date");
    let midnight = |days: i64| (change + TimeDelta::days(days)).and_hms_opt(0, 0, 0).expect("midnight").and_utc();
    let (mut now, end) = (midnight(-2), midnight(3));
    let fanal = feed(world.pool(), now, "fanal").await;
    let trams = topic(world.pool(), now, "trams", "tramway").await;
    let mut readers = Vec::new();
    for (name, schedules) in [("lea", vec!["night", "morning"]), ("tom", vec!["night"]), ("ana", vec!["morning"])] {
        let mut wanted = Vec::new();
        for schedule in schedules {
            wanted.push(context::wanted(world.pool(), Follow::Topic(trams), schedule, zone).await);
        }
        readers.push(context::reader(world.pool(), now, name, zone, &wanted).await);
    }
    let mut titles = Vec::new();
    while now < end {
        // The last ones would wait for slots after the end.
        if now < end - TimeDelta::hours(30) {
            titles.push(format!("Tramway {}", titles.len()));
            let title = titles.last().expect("just pushed");
            context::article(world.pool(), now, fanal, text(title, &body(title))).await;
            world.matched(now).await;
        }
        world.planned(now).await;
        now += STEP;
    }
    let slots: Vec<(String, NaiveDateTime, DateTime<Utc>)> = sqlx::query_as(
        "select c.name, local_at, slot_at from slot s join schedule c on c.id = s.schedule_id order by slot_at",
    )
    .fetch_all(world.pool())
    .await
    .expect("the slots");
    for (schedule, time, wanted) in [("night", "02:30", night_at), ("morning", "07:00", morning_at)] {
        let days: BTreeMap<NaiveDate, &(String, NaiveDateTime, DateTime<Utc>)> =
            slots.iter().filter(|slot| slot.0 == schedule).map(|slot| (slot.1.date(), slot)).collect();
        assert_eq!(days.len(), slots.iter().filter(|slot| slot.0 == schedule).count(), "{zone} {schedule}: once a day");
        assert_eq!(days[&change].2, at(wanted), "{zone} {schedule} {change}");
        for (day, next) in days.keys().zip(days.keys().skip(1)) {
            assert_eq!(*next, *day + TimeDelta::days(1), "{zone} {schedule}: a day has no slot");
        }
        assert!(days.values().all(|slot| slot.1.format("%H:%M").to_string() == time) && days.len() >= 4);
    }
    for reader in readers {
        let mut told = world.titles(reader).await.concat();
        told.sort_unstable();
        let mut wanted = titles.clone();
        wanted.sort_unstable();
        assert_eq!(told, wanted, "{zone}: reader {reader}");
    }
}

#[tokio::test]
async fn each_day_has_its_slot_once_when_paris_changes_its_clocks() {
    check("Europe/Paris", "2026-10-25", "2026-10-25T00:30:00Z", "2026-10-25T06:00:00Z").await;
    check("Europe/Paris", "2027-03-28", "2027-03-28T01:00:00Z", "2027-03-28T05:00:00Z").await;
}

#[tokio::test]
async fn each_day_has_its_slot_once_when_new_york_changes_its_clocks() {
    check("America/New_York", "2026-11-01", "2026-11-01T07:30:00Z", "2026-11-01T12:00:00Z").await;
    check("America/New_York", "2027-03-14", "2027-03-14T07:00:00Z", "2027-03-14T11:00:00Z").await;
}

#[tokio::test]
async fn each_day_has_its_slot_once_when_lord_howe_changes_its_clocks_by_half_an_hour() {
    check("Australia/Lord_Howe", "2026-10-04", "2026-10-03T15:30:00Z", "2026-10-03T20:00:00Z").await;
    check("Australia/Lord_Howe", "2027-04-04", "2027-04-03T16:00:00Z", "2027-04-03T20:30:00Z").await;
}
