//! Shows that a page killed in the middle leaves nothing, that planning goes on from the cursor, and that nodes share slots.
//! Killing the whole process is the crash test's matter.

use std::{sync::Arc, time::Duration};

use chrono::{DateTime, Utc};
use depeche::{daemon::plan, store};

use super::world::World;
use crate::support::{
    context::{at, feed, topic},
    wait_until,
};

const MORNING: [(&str, &str); 1] = [("morning", "0 7 * * *")];
/// Three pages, the last one short.
const READERS: i64 = 2_500;

fn day_before() -> DateTime<Utc> {
    at("2026-11-24T14:00:00Z")
}

fn after_cut_off() -> DateTime<Utc> {
    at("2026-11-25T05:46:00Z")
}

/// Readers of one topic, evenly over the zones, and one article for all of them.
async fn crowd(zones: &[&str]) -> World {
    let (world, now) = (World::new(&MORNING).await, day_before());
    let feed = feed(world.pool(), now, "fanal").await;
    let trams = topic(world.pool(), now, "trams", "tramway").await;
    sqlx::query(
        "insert into subscriber (address_key, address, status, status_at, language, reads, zone, created_at, confirmed_at)
         select n || '@lecteurs.example', n || '@lecteurs.example', 2, $1, 'fr', '{}', 'Europe/Paris', $1, $1
         from generate_series(1, $2) as n",
    )
    .bind(now)
    .bind(READERS)
    .execute(world.pool())
    .await
    .expect("readers");
    sqlx::query(
        "insert into subscription (subscriber_id, topic_id, schedule_id, zone, from_seq, created_at)
         select id, $1, (select id from schedule where name = 'morning'), ($2::text[])[1 + id % cardinality($2::text[])],
                (select take_log_seq(1)), $3 from subscriber",
    )
    .bind(trams)
    .bind(zones)
    .bind(now)
    .execute(world.pool())
    .await
    .expect("links");
    world.news(now, feed, "Tramway").await;
    world
}

/// Each reader has one digest, carried by one delivery.
async fn assert_each_reader_once(world: &World) {
    assert_eq!(world.number("select count(*) from digest").await, READERS);
    assert_eq!(world.number("select count(distinct subscriber_id) from digest").await, READERS);
    assert_eq!(world.number("select count(*) from delivery").await, READERS);
    assert_eq!(world.number("select count(distinct subscriber_id) from delivery").await, READERS);
    assert_eq!(world.number("select sum(deliveries) from batch").await, READERS);
    assert_eq!(world.number("select sum(digests)::bigint from slot").await, READERS);
    assert_eq!(world.number("select count(*) from slot where planned_at is null").await, 0);
}

#[tokio::test]
async fn a_killed_page_leaves_nothing_and_another_node_goes_on_from_the_cursor() {
    let world = crowd(&["Europe/Paris"]).await;
    world
        .execute("create function fail() returns trigger language plpgsql as 'begin raise exception ''killed''; end'")
        .await;
    world
        .execute("create trigger killed before insert on delivery for each row when (new.subscriber_id = 1500) execute function fail()")
        .await;
    let failed = plan::run_once(&world.ctx, after_cut_off()).await;
    assert!(failed.is_err(), "{failed:?}");
    assert_eq!(world.number("select cursor_id from slot").await, 1_000);
    for sql in ["select count(*) from digest", "select count(*) from delivery", "select sum(deliveries) from batch"] {
        assert_eq!(world.number(sql).await, 1_000, "{sql}");
    }
    world.execute("drop trigger killed on delivery").await;
    let other = world.other_node(&MORNING).await;
    assert_eq!(
        plan::run_once(&other, after_cut_off()).await.expect("plan runs").did,
        0,
        "the first node holds the slot"
    );
    world.execute("update node set lease_until = clock_timestamp() where id = (select min(id) from node)").await;
    assert_eq!(plan::run_once(&other, after_cut_off()).await.expect("plan runs").did, 1_500);
    assert_each_reader_once(&world).await;
}

/// Waits until this many sessions wait for a lock.
async fn until_stuck(world: &World, wanted: i64) {
    let stuck = "select count(*) from pg_stat_activity where datname = current_database() and wait_event_type = 'Lock'";
    wait_until("nodes to wait for their readers", Duration::from_secs(20), async || {
        (world.number(stuck).await == wanted).then_some(())
    })
    .await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_node_that_wakes_after_its_slot_was_taken_over_writes_nothing() {
    let world = crowd(&["Europe/Paris"]).await;
    let other = world.other_node(&MORNING).await;
    // Holds the readers of every page, so that each node stops in the middle of its first one.
    let mut readers = world.pool().begin().await.expect("a transaction");
    store::subscriber::lock_blocks(&mut readers, &[1]).await.expect("their lock");
    let node = Arc::clone(&world.ctx);
    let asleep =
        tokio::spawn(async move { plan::run_once(&node, after_cut_off()).await.expect("a late page is no error") });
    until_stuck(&world, 1).await;
    world.execute("update node set lease_until = clock_timestamp() where id = (select min(id) from node)").await;
    let taken = tokio::spawn(async move { plan::run_once(&other, after_cut_off()).await.expect("plan runs") });
    until_stuck(&world, 2).await;
    readers.commit().await.expect("committed");
    assert_eq!(asleep.await.expect("no panic").did, 1, "it closed the slot and wrote nothing");
    assert_eq!(i64::try_from(taken.await.expect("no panic").did).expect("a count"), READERS);
    assert_each_reader_once(&world).await;
}

#[tokio::test]
async fn two_nodes_planning_at_once_give_the_same_digests_once() {
    let world = crowd(&["Europe/Paris", "Europe/Brussels", "Europe/Zurich", "Europe/Vienna"]).await;
    let other = world.other_node(&MORNING).await;
    let (one, two) = tokio::join!(plan::run_once(&world.ctx, after_cut_off()), plan::run_once(&other, after_cut_off()));
    one.expect("plan runs");
    two.expect("plan runs");
    assert_eq!(world.number("select count(*) from slot").await, 4);
    assert_each_reader_once(&world).await;
    assert_eq!(world.number("select count(distinct items::text || lead_key) from digest").await, 1);
}
