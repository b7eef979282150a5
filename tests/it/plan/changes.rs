//! Shows that readers who move, pause or leave get each story once, or stand in the books with the reason.
//! The pages on which they do it are the web's.

use chrono::{DateTime, Utc};
use depeche::{
    daemon::plan::close,
    delivery::{SkipReason, State},
    store::{self, membership},
    subscriber::Status,
};

use super::world::{World, later};
use crate::support::context::{at, feed, schedule_id, topic};

const SCHEDULES: [(&str, &str); 2] = [("morning", "0 7 * * *"), ("evening", "0 18 * * *")];

fn day_before() -> DateTime<Utc> {
    at("2026-11-24T14:00:00Z")
}

fn after_cut_off() -> DateTime<Utc> {
    at("2026-11-25T05:46:00Z")
}

async fn moves(world: &World, now: DateTime<Utc>, reader: i64, schedule: &str, zone: &str) {
    let id = schedule_id(world.pool(), schedule).await;
    let mut tx = world.pool().begin().await.expect("a transaction");
    let links = store::subscription::live(&mut tx, &[reader]).await.expect("links");
    membership::reschedule(&mut tx, now, &links, id, zone).await.expect("the links move");
    tx.commit().await.expect("committed");
}

#[tokio::test]
async fn a_change_of_schedule_neither_doubles_nor_loses_a_story() {
    let (world, now) = (World::new(&SCHEDULES).await, day_before());
    let feed = feed(world.pool(), now, "fanal").await;
    let trams = topic(world.pool(), now, "trams", "tramway").await;
    let reader = world.reader(now, "lea", &[(trams, "morning")]).await;
    let other = world.reader(now, "tom", &[(trams, "evening")]).await;
    world.news(now, feed, "Tramway 1").await;
    world.planned(at("2026-11-24T16:46:00Z")).await;
    world.planned(after_cut_off()).await;
    world.news(later(after_cut_off(), 1, 0), feed, "Tramway 2").await;
    moves(&world, later(after_cut_off(), 2, 0), reader, "evening", "Europe/Paris").await;
    world.news(later(after_cut_off(), 3, 0), feed, "Tramway 3").await;
    world.planned(at("2026-11-25T16:46:00Z")).await;
    moves(&world, at("2026-11-25T20:00:00Z"), reader, "morning", "America/New_York").await;
    world.news(at("2026-11-25T21:00:00Z"), feed, "Tramway 4").await;
    for hours in 0..24 {
        world.planned(later(at("2026-11-26T00:00:00Z"), hours, 0)).await;
    }
    assert_eq!(world.titles(reader).await, [vec!["Tramway 1"], vec!["Tramway 3", "Tramway 2"], vec!["Tramway 4"]]);
    assert_eq!(world.titles(other).await, [vec!["Tramway 1"], vec!["Tramway 3", "Tramway 2"], vec!["Tramway 4"]]);
}

#[tokio::test]
async fn who_moves_while_alerts_wait_in_a_bundle_gets_them_in_the_next_digest() {
    let (world, now) = (World::new(&SCHEDULES).await, day_before());
    let feed = feed(world.pool(), now, "fanal").await;
    let trams = topic(world.pool(), now, "trams", "tramway").await;
    let reader = world.reader(now, "lea", &[(trams, "instant")]).await;
    for n in 0..5 {
        world.news(later(now, 0, n), feed, &format!("Tramway {n}")).await;
        world.planned(later(now, 0, n)).await;
    }
    moves(&world, later(now, 0, 10), reader, "morning", "Europe/Paris").await;
    world.planned(later(now, 2, 0)).await;
    world.planned(after_cut_off()).await;
    let told = world.titles(reader).await;
    assert_eq!(told[..3].concat(), ["Tramway 0", "Tramway 1", "Tramway 2"]);
    assert_eq!(told[3..], [["Tramway 4", "Tramway 3"]]);
}

#[tokio::test]
async fn who_pauses_or_leaves_after_the_cut_off_stands_in_the_books_as_skipped() {
    let (world, now) = (World::new(&SCHEDULES).await, day_before());
    let feed = feed(world.pool(), now, "fanal").await;
    let trams = topic(world.pool(), now, "trams", "tramway").await;
    let paused = world.reader(now, "lea", &[(trams, "morning")]).await;
    let gone = world.reader(now, "tom", &[(trams, "morning")]).await;
    let gone_before = world.reader(now, "ana", &[(trams, "morning")]).await;
    world.news(now, feed, "Tramway").await;
    let mut conn = world.pool().acquire().await.expect("a connection");
    store::subscriber::set_status(&mut conn, now, paused, Status::Paused.code()).await.expect("paused");
    let leave = async |reader| {
        let mut tx = world.pool().begin().await.expect("a transaction");
        membership::leave(&mut tx, now, reader, "test").await.expect("they leave");
        tx.commit().await.expect("committed");
    };
    leave(gone_before).await;
    let settings = world.ctx.settings();
    assert_eq!(close::due(world.pool(), &settings.plan, after_cut_off()).await.expect("the slot closes"), 1);
    leave(gone).await;
    world.planned(after_cut_off()).await;
    let skipped = |reason: SkipReason| [(State::Skipped.code(), reason.code())];
    assert_eq!(world.deliveries(paused).await, skipped(SkipReason::Paused));
    assert_eq!(world.deliveries(gone).await, skipped(SkipReason::Unsubscribed));
    assert_eq!(world.deliveries(gone_before).await, []);
    assert_eq!(world.digests(gone).await.len(), 1, "what they were not sent stands in the books");
}

#[tokio::test]
async fn who_comes_back_gets_what_comes_from_then_on() {
    let (world, now) = (World::new(&SCHEDULES).await, day_before());
    let feed = feed(world.pool(), now, "fanal").await;
    let trams = topic(world.pool(), now, "trams", "tramway").await;
    let reader = world.reader(now, "lea", &[(trams, "morning")]).await;
    let change = async |back: bool| {
        let mut tx = world.pool().begin().await.expect("a transaction");
        if back {
            assert!(membership::come_back(&mut tx, now, reader, "test").await.expect("they come back"));
        } else {
            membership::leave(&mut tx, now, reader, "test").await.expect("they leave");
        }
        tx.commit().await.expect("committed");
    };
    world.news(now, feed, "Tramway 1").await;
    change(false).await;
    world.news(now, feed, "Tramway 2").await;
    change(true).await;
    world.news(now, feed, "Tramway 3").await;
    world.planned(after_cut_off()).await;
    assert_eq!(world.titles(reader).await, [["Tramway 3"]]);
    assert_eq!(world.deliveries(reader).await, [(State::Planned.code(), 0)]);
}
