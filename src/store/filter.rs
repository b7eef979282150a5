//! Canonical filters: interned once, begun and ended by commit-ordered numbers.
//! It does not parse queries; `topic::query` does.

mod copied;

use futures_util::TryStreamExt as _;

use super::{Conn, Result};

/// Filters read per page while the index is brought up to date.
pub const PAGE: i64 = 10_000;

/// One stored filter that changed: alive where `until_seq` is none.
#[derive(Clone, Debug)]
pub struct FilterRow {
    /// Id.
    pub id: i64,
    /// Canonical text.
    pub canonical: String,
    /// Number since which it is matched.
    pub from_seq: i64,
    /// Number since which it is not matched any more.
    pub until_seq: Option<i64>,
}

/// Gives the id of a canonical filter; a new or ended one begins at `seq`.
pub async fn intern(conn: &mut Conn, canonical: &str, seq: i64) -> Result<i64> {
    sqlx::query_scalar!(
        "insert into filter (canonical, from_seq) values ($1, $2)
         on conflict (canonical) do update set
            from_seq = case when filter.until_seq is null then filter.from_seq else excluded.from_seq end,
            until_seq = null
         returning id",
        canonical,
        seq
    )
    .fetch_one(conn)
    .await
}

/// Calls `found` with the id and canonical text of every live filter, as they come off the wire: the server reads on while
/// they are parsed, and none is kept here.
pub async fn each_live(conn: &mut Conn, mut found: impl FnMut(i64, &str)) -> Result<()> {
    let mut rows = conn
        .copy_out_raw("copy (select id, canonical from filter where until_seq is null) to stdout with (format binary)")
        .await?;
    let mut copied = copied::Rows::default();
    while let Some(bytes) = rows.try_next().await? {
        copied.push(&bytes, &mut found)?;
    }
    copied.end()
}

/// The number up to which one page of changes after `seq` goes; none when nothing changed.
pub async fn changed_until(conn: &mut Conn, seq: i64) -> Result<Option<i64>> {
    sqlx::query_scalar!(
        "select max(seq) from (
            select seq from (
                (select from_seq as seq from filter where from_seq > $1 order by from_seq limit $2)
                union all
                (select until_seq from filter where until_seq > $1 order by until_seq limit $2)
            ) as numbers order by seq limit $2
         ) as page",
        seq,
        PAGE
    )
    .fetch_one(conn)
    .await
}

/// Filters begun or ended at the numbers `after < seq <= until`. One import begins many at one number: a page never ends inside it.
pub async fn changed(conn: &mut Conn, after: i64, until: i64) -> Result<Vec<FilterRow>> {
    sqlx::query_as!(
        FilterRow,
        r#"select id as "id!", canonical as "canonical!", from_seq as "from_seq!", until_seq from filter
           where from_seq > $1 and from_seq <= $2
           union
           select id, canonical, from_seq, until_seq from filter where until_seq > $1 and until_seq <= $2"#,
        after,
        until
    )
    .fetch_all(conn)
    .await
}

/// Ends those of the given filters that no live subscription and no live topic uses.
pub async fn end_unused(conn: &mut Conn, filters: &[i64], seq: i64) -> Result<u64> {
    let ended = sqlx::query!(
        "update filter f set until_seq = $2 where f.id = any($1) and f.until_seq is null
           and not exists (select from subscription s where s.filter_id = f.id and s.until_seq is null)
           and not exists (select from topic_filter t where t.filter_id = f.id and t.until_seq is null)",
        filters,
        seq
    )
    .execute(conn)
    .await?;
    Ok(ended.rows_affected())
}

/// Canonical texts of these filters.
pub async fn texts(conn: &mut Conn, filters: &[i64]) -> Result<Vec<(i64, String)>> {
    let rows = sqlx::query!("select id, canonical from filter where id = any($1)", filters).fetch_all(conn).await?;
    Ok(rows.into_iter().map(|row| (row.id, row.canonical)).collect())
}
