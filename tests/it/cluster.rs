//! Shows the private cluster: start, stop, take-over, refusal.
//! It does not test the parts alone; their files do.

use crate::support::TestDatabase;

#[tokio::test]
async fn every_test_has_a_database_of_its_own() {
    let (one, two) = (TestDatabase::new().await, TestDatabase::new().await);
    assert_ne!(one.url, two.url);
    let insert = "insert into notice (at, about, text) values (now(), 'a', 'b')";
    sqlx::query(insert).execute(&one.pool).await.expect("written");
    let count: i64 = sqlx::query_scalar("select count(*) from notice").fetch_one(&two.pool).await.expect("read");
    assert_eq!(count, 0);
    let by_url = sqlx::PgPool::connect(&one.url).await.expect("the URL connects");
    let count: i64 = sqlx::query_scalar("select count(*) from notice").fetch_one(&by_url).await.expect("read");
    assert_eq!(count, 1);
}
