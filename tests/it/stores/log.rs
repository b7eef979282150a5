//! Shows that the numbers that decide who gets what are in the order of the commits, however long a commit takes.
//! Who uses the numbers is shown with plan.

use std::time::Duration;

use depeche::store::{self, Pool};

use crate::support::{TestDatabase, wait_until};

/// Longer than any statement of these tests takes.
const LIMIT: Duration = Duration::from_secs(20);

async fn waiting(pool: &Pool) -> i64 {
    let sql = "select count(*) from pg_stat_activity where datname = current_database() and wait_event_type = 'Lock'";
    sqlx::query_scalar(sql).fetch_one(pool).await.expect("activity")
}

async fn until_waiting(pool: &Pool, wanted: i64) {
    wait_until("others to wait for the log", LIMIT, async || (waiting(pool).await == wanted).then_some(())).await;
}

#[tokio::test]
async fn a_number_is_given_only_when_every_one_before_it_is_committed() {
    let db = TestDatabase::new().await;
    let mut slow = db.pool.begin().await.expect("a transaction");
    let first = store::take_log_seq(&mut slow, 3).await.expect("three numbers");
    let pool = db.pool.clone();
    let next = tokio::spawn(async move {
        let mut tx = pool.begin().await.expect("a transaction");
        let seq = store::take_log_seq(&mut tx, 1).await.expect("a number");
        tx.commit().await.expect("committed");
        seq
    });
    until_waiting(&db.pool, 1).await;
    slow.commit().await.expect("committed");
    assert_eq!(next.await.expect("no panic"), first + 3);
}

#[tokio::test]
async fn the_head_of_the_log_waits_for_commits_under_way_and_sees_what_they_wrote() {
    let db = TestDatabase::new().await;
    let mut slow = db.pool.begin().await.expect("a transaction");
    let seq = store::take_log_seq(&mut slow, 1).await.expect("a number");
    store::filter::intern(&mut slow, "tramway", seq).await.expect("a filter");
    assert_eq!(store::log_peek(&mut *db.pool.acquire().await.expect("a connection")).await.expect("a peek"), seq);
    let pool = db.pool.clone();
    let head = tokio::spawn(async move {
        let mut tx = pool.begin().await.expect("a transaction");
        let head = store::log_head(&mut tx).await.expect("the head");
        (head, store::filter::changed(&mut tx, 0, head).await.expect("filters").len())
    });
    until_waiting(&db.pool, 1).await;
    slow.commit().await.expect("committed");
    assert_eq!(head.await.expect("no panic"), (seq, 1));
}

#[tokio::test]
async fn numbers_of_a_transaction_that_failed_are_never_used_again() {
    let db = TestDatabase::new().await;
    let mut failed = db.pool.begin().await.expect("a transaction");
    let lost = store::take_log_seq(&mut failed, 10).await.expect("numbers");
    failed.rollback().await.expect("rolled back");
    let mut tx = db.pool.begin().await.expect("a transaction");
    assert_eq!(store::log_head(&mut tx).await.expect("the head"), lost + 9);
    assert_eq!(store::take_log_seq(&mut tx, 1).await.expect("a number"), lost + 10);
}

#[tokio::test]
async fn many_writers_at_once_commit_in_the_order_of_their_numbers() {
    let db = TestDatabase::new().await;
    sqlx::query("create table seen (seq bigint, committed bigint generated always as identity)")
        .execute(&db.pool)
        .await
        .expect("a table");
    let mut writers = tokio::task::JoinSet::new();
    for n in 0..30_usize {
        let pool = db.pool.clone();
        writers.spawn(async move {
            let mut tx = pool.begin().await.expect("a transaction");
            let seq = store::take_log_seq(&mut tx, 1 + n % 4).await.expect("a number");
            // Given under the log's lock: the order in which the writers hold it, one after the other.
            sqlx::query("insert into seen (seq) values ($1)").bind(seq).execute(&mut *tx).await.expect("a row");
            tx.commit().await.expect("committed");
        });
    }
    writers.join_all().await;
    let seqs: Vec<i64> =
        sqlx::query_scalar("select seq from seen order by committed").fetch_all(&db.pool).await.expect("rows");
    assert!(seqs.is_sorted_by(|a, b| a < b) && seqs.len() == 30, "{seqs:?}");
}
