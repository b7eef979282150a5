//! Shows that months have their partitions in time, and that results are written in place (HOT), without touching an index.
//! How fast either is is a bench's matter.

use std::time::Duration;

use chrono::{DateTime, TimeDelta, Utc};
use depeche::store::{
    self,
    delivery::{self, NewDelivery, ResultRow},
};

use crate::support::{TestDatabase, context::at, wait_until};

/// Mails of one batch.
const MAILS: i16 = 500;
/// Batches: enough to fill some hundred pages of the table.
const BATCHES: i64 = 20;

#[tokio::test]
async fn a_month_is_made_once_however_many_ask_for_it_and_its_ends_hold_what_belongs_to_it() {
    let db = TestDatabase::new().await;
    let ends = ["2027-02-01T00:00:00Z", "2027-02-28T23:59:59.999999Z"].map(at);
    let mut asking = tokio::task::JoinSet::new();
    for n in 0..8_usize {
        let (pool, at) = (db.pool.clone(), ends[n % 2]);
        asking.spawn(async move {
            store::ensure_month(&mut pool.acquire().await.expect("a connection"), at).await.expect("a month");
        });
    }
    asking.join_all().await;
    let mut conn = db.pool.acquire().await.expect("a connection");
    for (n, at) in (1..).zip(ends) {
        let rows = [NewDelivery { subscriber_id: 1, kind: 3, state: 0, reason: 0 }];
        delivery::copy_in(&mut conn, at, &[(n, &rows)], at).await.expect("a delivery of that month");
    }
    let february: i64 =
        sqlx::query_scalar("select count(*) from delivery_2027_02").fetch_one(&mut *conn).await.expect("rows");
    assert_eq!(february, 2);
    let rows = [NewDelivery { subscriber_id: 1, kind: 3, state: 0, reason: 0 }];
    let march = at("2027-03-01T00:00:00Z");
    assert!(delivery::copy_in(&mut conn, march, &[(3, &rows)], march).await.is_err(), "March was not asked for");
}

fn results(slot_at: DateTime<Utc>, no: i64) -> Vec<ResultRow> {
    let result = |n: i16| ResultRow {
        key: (slot_at, no, n),
        state: 1,
        reason: 0,
        attempted: true,
        code: Some(250),
        reply: Some("2.0.0 Ok: queued as 4BZ7Qk2X3Yz1".into()),
        relay: Some("relay".into()),
        at: slot_at + TimeDelta::seconds(n.into()),
        again: false,
        settles: None,
    };
    (0..MAILS).map(result).collect()
}

#[tokio::test]
async fn writing_the_results_of_deliveries_touches_no_index() {
    let db = TestDatabase::new().await;
    let mut conn = db.pool.acquire().await.expect("a connection");
    let slot_at = at("2026-11-25T06:00:00Z");
    store::ensure_month(&mut conn, slot_at).await.expect("a month");
    for no in 1..=BATCHES {
        let rows: Vec<NewDelivery> =
            (0..MAILS).map(|n| NewDelivery { subscriber_id: n.into(), kind: 3, state: 0, reason: 0 }).collect();
        delivery::copy_in(&mut conn, slot_at, &[(no, &rows)], slot_at).await.expect("deliveries");
    }
    for no in 1..=BATCHES {
        for some in results(slot_at, no).chunks(50) {
            delivery::results(&mut conn, some).await.expect("results");
        }
    }
    let sql = "select sum(n_tup_upd)::bigint, sum(n_tup_hot_upd)::bigint from pg_stat_user_tables where relname like 'delivery_%'";
    // The server sums its statistics when a session has been idle for a moment.
    drop(conn);
    let all = BATCHES * i64::from(MAILS);
    let (updated, hot) = wait_until("the server's statistics", Duration::from_secs(20), async || {
        let sums: (i64, i64) = sqlx::query_as(sql).fetch_one(&db.pool).await.expect("statistics");
        (sums.0 == all).then_some(sums)
    })
    .await;
    assert!(hot * 100 >= updated * 99, "{hot} of {updated} updates were in place");
}
