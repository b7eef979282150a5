//! Shows that what one node holds no other gets, and that a late sleeper's work does not count.
//! What deliver does with a claim is shown there.

use chrono::{DateTime, TimeDelta, Utc};
use depeche::store::{
    self, Pool,
    batch::{self, NewBatch},
    delivery::{self, NewDelivery, ResultRow},
    slot::{self, NewSlot},
};

use crate::support::{TestDatabase, context::at};

fn now() -> DateTime<Utc> {
    at("2026-11-25T06:00:00Z")
}

async fn node(pool: &Pool) -> i64 {
    store::node::enter(&mut pool.acquire().await.expect("a connection"), "test", "0").await.expect("a node")
}

/// Batches of the digest lane, due now, with two deliveries each.
async fn batches(pool: &Pool, n: usize) -> Vec<i64> {
    let mut conn = pool.acquire().await.expect("a connection");
    store::ensure_month(&mut conn, now()).await.expect("a month");
    let mut numbers = Vec::new();
    for _ in 0..n {
        let new = NewBatch {
            slot_at: now(),
            slot_id: None,
            lane: 3,
            due_at: now(),
            expires_at: now() + TimeDelta::hours(36),
            deliveries: 2,
        };
        let no = batch::add(&mut conn, &new).await.expect("a batch");
        let rows = [1, 2].map(|subscriber_id| NewDelivery { subscriber_id, kind: 3, state: 0, reason: 0 });
        delivery::copy_in(&mut conn, now(), &[(no, &rows)], now()).await.expect("deliveries");
        numbers.push(no);
    }
    numbers
}

#[tokio::test]
async fn nodes_that_claim_at_the_same_time_get_different_batches_and_skip_what_is_locked() {
    let db = TestDatabase::new().await;
    batches(&db.pool, 6).await;
    let (one, two) = (node(&db.pool).await, node(&db.pool).await);
    let mut first = db.pool.begin().await.expect("a transaction");
    let mine = batch::claim(&mut first, now(), one, 3, &[], 4).await.expect("a claim");
    // The first claim is not committed: the second must not wait for it.
    let mut second = db.pool.begin().await.expect("a transaction");
    let theirs = batch::claim(&mut second, now(), two, 3, &[], 4).await.expect("a claim");
    first.commit().await.expect("committed");
    second.commit().await.expect("committed");
    assert_eq!((mine.len(), theirs.len()), (4, 2));
    assert!(mine.iter().all(|m| theirs.iter().all(|t| t.no != m.no)));
    let mut conn = db.pool.acquire().await.expect("a connection");
    assert!(batch::claim(&mut conn, now(), one, 3, &[], 4).await.expect("a claim").is_empty());
}

#[tokio::test]
async fn a_batch_is_claimed_only_when_due_in_its_lane_and_under_no_hold() {
    let db = TestDatabase::new().await;
    batches(&db.pool, 1).await;
    let one = node(&db.pool).await;
    let mut conn = db.pool.acquire().await.expect("a connection");
    sqlx::query("insert into schedule (name, rule) values ('morning', '0 7 * * *')")
        .execute(&mut *conn)
        .await
        .expect("a schedule");
    let new = NewSlot {
        schedule_id: 1,
        zone: "Europe/Paris",
        local_at: now().naive_utc(),
        slot_at: now(),
        cut_off: now(),
        from_seq: 0,
        to_seq: 1,
    };
    let slot = slot::close(&mut conn, &new).await.expect("closed").expect("a new slot");
    assert_eq!(slot::close(&mut conn, &new).await.expect("no fault"), None, "a slot's key cannot fire twice");
    sqlx::query("update batch set slot_id = $1").bind(slot).execute(&mut *conn).await.expect("a slot's batch");
    for (at, lane, held) in [(now() - TimeDelta::seconds(1), 3, vec![]), (now(), 2, vec![]), (now(), 3, vec![1])] {
        assert!(
            batch::claim(&mut conn, at, one, lane, &held, 4).await.expect("no fault").is_empty(),
            "{at} {lane} {held:?}"
        );
    }
    assert_eq!(batch::claim(&mut conn, now(), one, 3, &[2], 4).await.expect("a claim").len(), 1);
}

#[tokio::test]
async fn each_claim_has_a_higher_epoch_and_a_late_sleeper_cannot_close_the_batch_of_another() {
    let db = TestDatabase::new().await;
    let numbers = batches(&db.pool, 1).await;
    let (one, two) = (node(&db.pool).await, node(&db.pool).await);
    let mut conn = db.pool.acquire().await.expect("a connection");
    let asleep = batch::claim(&mut conn, now(), one, 3, &[], 1).await.expect("a claim");
    assert_eq!(batch::free_of(&mut conn, &[one]).await.expect("freed"), 1);
    let taken = batch::claim(&mut conn, now(), two, 3, &[], 1).await.expect("a claim");
    assert_eq!((asleep[0].epoch, taken[0].epoch), (1, 2));
    let key = [(now(), numbers[0])];
    batch::done(&mut conn, now(), one, &key).await.expect("no fault");
    batch::give_back(&mut conn, one, &key).await.expect("no fault");
    let open: i64 = sqlx::query_scalar("select count(*) from batch where done_at is null and node_id = $1")
        .bind(two)
        .fetch_one(&mut *conn)
        .await
        .expect("a count");
    assert_eq!(open, 1, "the batch is still the second node's");
    batch::done(&mut conn, now(), two, &key).await.expect("done");
    assert!(batch::claim(&mut conn, now(), one, 3, &[], 1).await.expect("a claim").is_empty());
}

#[tokio::test]
async fn a_final_result_is_never_overwritten() {
    let db = TestDatabase::new().await;
    let numbers = batches(&db.pool, 1).await;
    let mut conn = db.pool.acquire().await.expect("a connection");
    let result = |state: i16, code: i16| ResultRow {
        key: (now(), numbers[0], 0),
        state,
        reason: 0,
        attempted: true,
        code: Some(code),
        reply: None,
        relay: Some("relay".into()),
        at: now(),
        again: false,
        settles: None,
    };
    for (state, code) in [(1, 250), (2, 550)] {
        delivery::results(&mut conn, &[result(state, code)]).await.expect("no fault");
    }
    let (state, code, attempts): (i16, i16, i16) =
        sqlx::query_as("select state, code, attempts from delivery where n = 0")
            .fetch_one(&mut *conn)
            .await
            .expect("a row");
    assert_eq!((state, code, attempts), (1, 250, 1));
}
