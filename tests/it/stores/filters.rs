//! Shows that every begin and end of a filter reaches the index, also when one import begins more than a page of them.
//! How filters are matched is the index's own matter.

use depeche::store::{self, Conn, filter};

use crate::support::TestDatabase;

/// Walks the changes as match does; gives each filter with whether it is alive, as last seen.
async fn walked(conn: &mut Conn) -> std::collections::BTreeMap<i64, bool> {
    let (mut seen, mut alive) = (0, std::collections::BTreeMap::new());
    while let Some(until) = filter::changed_until(conn, seen).await.expect("a page") {
        assert!(until > seen);
        for row in filter::changed(conn, seen, until).await.expect("changes") {
            alive.insert(row.id, row.until_seq.is_none());
        }
        seen = until;
    }
    alive
}

#[tokio::test]
async fn no_change_is_passed_over_at_the_end_of_a_page() {
    let db = TestDatabase::new().await;
    let mut conn = db.pool.acquire().await.expect("a connection");
    // One import of 12,000 filters at one number, then as many single ones, of which every third has ended much later.
    sqlx::query(
        "insert into filter (canonical, from_seq, until_seq)
         select 'w' || n, 5, null from generate_series(1, 12000) as n
         union all select 'x' || n, 5 + n, case when n % 3 = 0 then 50000 + n end from generate_series(1, 12000) as n",
    )
    .execute(&mut *conn)
    .await
    .expect("filters");
    let alive = walked(&mut conn).await;
    assert_eq!(alive.len(), 24_000);
    assert_eq!(alive.values().filter(|alive| !**alive).count(), 4_000);
}

#[tokio::test]
async fn a_filter_that_ended_begins_again_under_its_old_id() {
    let db = TestDatabase::new().await;
    let mut tx = db.pool.begin().await.expect("a transaction");
    let id = filter::intern(&mut tx, "tramway", 1).await.expect("a filter");
    assert_eq!(filter::intern(&mut tx, "tramway", 2).await.expect("known"), id);
    assert_eq!(filter::end_unused(&mut tx, &[id], 3).await.expect("ended"), 1);
    assert!(!walked(&mut tx).await[&id]);
    assert_eq!(filter::intern(&mut tx, "tramway", 4).await.expect("begun"), id);
    assert!(walked(&mut tx).await[&id]);
    let rows = filter::changed(&mut tx, 3, 4).await.expect("changes");
    assert_eq!((rows[0].from_seq, rows[0].until_seq), (4, None));
    store::take_log_seq(&mut tx, 1).await.expect("a number");
}
