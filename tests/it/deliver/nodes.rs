//! Several nodes: a dead one's mails are taken over, a woken one does no harm.
//! The death of a whole process is in `crash.rs`.

use std::{sync::Arc, time::Duration};

use depeche::{
    daemon::{deliver, sweep},
    delivery::Lane,
    store,
};

use super::{Act, Newsroom, SmtpServer, books, gated, newsroom};
use crate::support::{newsroom as rooms, wait_until};

/// What a lease that ran out looks like.
async fn end_lease(room: &Newsroom, node: i64) {
    let ended = sqlx::query("update node set lease_until = clock_timestamp() where id = $1").bind(node);
    ended.execute(&room.pool).await.expect("ended");
}

#[tokio::test]
async fn a_dead_nodes_batches_go_on_at_a_higher_epoch_and_its_mail_on_the_wire_is_in_doubt() {
    let (server, gate) = gated(1).await;
    let room = newsroom(&server, 1, 6).await;
    let (ctx, now) = (Arc::clone(&room.ctx), room.clock.now());
    let round = tokio::spawn(async move { deliver::run_once(&ctx, Lane::Digest, now).await });
    wait_until("two mails", Duration::from_secs(5), async || (server.count() == 2).then_some(())).await;
    round.abort();
    assert!(round.await.is_err(), "it dies between a dot and its answer");
    gate.close();
    let dead = room.ctx.node();
    let other = room.other_node(rooms::settings(vec![rooms::relay("main", server.address, 1)])).await;
    sweep::run_once(&other, now).await.expect("swept");
    assert_eq!(deliver::run_once(&other, Lane::Digest, now).await.expect("nothing is free").did, 0, "its lease stands");
    end_lease(&room, dead).await;
    sweep::run_once(&other, now).await.expect("swept");
    assert_eq!(room.states().await, books(&[("accepted", 1), ("in doubt", 1), ("planned", 4)]));
    assert_eq!(deliver::run_once(&other, Lane::Digest, now).await.expect("delivered").did, 5);
    assert_eq!(room.states().await, books(&[("accepted", 6)]));
    let mails = server.seen().mails;
    assert_eq!(mails.len(), 7, "one in doubt came twice");
    let doubled = mails.iter().filter(|mail| mails.iter().filter(|other| other.1 == mail.1).count() == 2);
    let doubled: Vec<_> = doubled.collect();
    assert_eq!(doubled[0], doubled[1]);
    let epoch: i32 = sqlx::query_scalar("select epoch from batch").fetch_one(&room.pool).await.expect("one batch");
    assert_eq!(epoch, 2);
}

#[tokio::test]
async fn a_node_that_wakes_after_its_lease_begins_nothing_and_settles_its_doubt() {
    let (server, gate) = gated(0).await;
    let room = newsroom(&server, 1, 4).await;
    let (ctx, now, sleeper) = (Arc::clone(&room.ctx), room.clock.now(), room.ctx.node());
    let round = tokio::spawn(async move { deliver::run_once(&ctx, Lane::Digest, now).await });
    wait_until("a mail", Duration::from_secs(5), async || (server.count() == 1).then_some(())).await;
    // While the answer is on its way, the lease runs out and another node takes over; it keeps doubts back, so that only
    // the late verdict can settle this one.
    let mut settings = rooms::settings(vec![rooms::relay("main", server.address, 1)]);
    settings.deliver.on_doubt = depeche::delivery::OnDoubt::Keep;
    let other = room.other_node(settings).await;
    end_lease(&room, sleeper).await;
    sweep::run_once(&other, now).await.expect("swept");
    assert_eq!(room.states().await, books(&[("in doubt", 1), ("planned", 3)]));
    gate.close();
    round.await.expect("no panic").expect("the round ends");
    assert_eq!(server.count(), 1, "the sleeper began no other mail");
    assert_eq!(room.states().await, books(&[("accepted", 1), ("planned", 3)]), "its late verdict counts");
    let settled: Option<String> =
        sqlx::query_scalar("select settled from doubt").fetch_one(&room.pool).await.expect("one");
    assert_eq!(settled.as_deref(), Some("accepted"));
    assert_eq!(deliver::run_once(&other, Lane::Digest, now).await.expect("delivered").did, 3);
    assert_eq!((room.states().await, server.count()), (books(&[("accepted", 4)]), 4));
}

#[tokio::test]
async fn a_woken_node_takes_no_deferral_away_from_the_one_that_works_on_it() {
    let server = SmtpServer::start(|_| Act::Usual).await;
    let room = newsroom(&server, 1, 1).await;
    let other = room.other_node(rooms::settings(vec![rooms::relay("main", server.address, 1)])).await;
    let now = room.clock.now();
    let mut conn = room.pool.acquire().await.expect("a connection");
    let key: (chrono::DateTime<chrono::Utc>, i64, i16) =
        sqlx::query_as("select slot_at, batch_no, n from delivery").fetch_one(&room.pool).await.expect("one");
    store::retry::put(&mut conn, other.node(), &[(key, now)]).await.expect("deferred");
    let claimed =
        store::retry::claim(&mut conn, now, other.node(), Lane::Digest.code(), &[], 10).await.expect("claimed");
    assert_eq!(claimed.len(), 1);
    store::retry::put(&mut conn, room.ctx.node(), &[(key, now + chrono::TimeDelta::minutes(1))])
        .await
        .expect("ignored");
    let node: Option<i64> = sqlx::query_scalar("select node_id from retry").fetch_one(&room.pool).await.expect("one");
    assert_eq!(node, Some(other.node()));
}

#[tokio::test]
async fn two_nodes_share_a_slot_and_nobody_gets_two_mails() {
    let server = SmtpServer::start(|_| Act::Usual).await;
    let room = newsroom(&server, 3, 60).await;
    // Batches are what nodes share: ten of six.
    sqlx::query(
        "with b as (select * from batch), new as (
            insert into batch (slot_at, no, slot_id, lane, due_at, expires_at, deliveries)
            select slot_at, no + g, slot_id, lane, due_at, expires_at, 6 from b, generate_series(1, 9) g returning 1)
         update delivery set batch_no = batch_no + n / 6 where n >= 6 and exists (select from new)",
    )
    .execute(&room.pool)
    .await
    .expect("ten batches");
    let other = room.other_node(rooms::settings(vec![rooms::relay("main", server.address, 3)])).await;
    let now = room.clock.now();
    for _ in 0..10 {
        let (a, b) =
            tokio::join!(deliver::run_once(&room.ctx, Lane::Digest, now), deliver::run_once(&other, Lane::Digest, now));
        if a.expect("delivered").did + b.expect("delivered").did == 0 {
            break;
        }
    }
    assert_eq!(room.states().await, books(&[("accepted", 60)]));
    let mut to: Vec<String> = server.seen().mails.into_iter().flat_map(|(_, to, _)| to).collect();
    to.sort();
    to.dedup();
    assert_eq!((to.len(), server.count()), (60, 60));
}
