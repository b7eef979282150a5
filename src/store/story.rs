//! Stories of the last 72 hours and the bands by which near-duplicates find them.
//! It does not compare texts; `article::story` does.

use chrono::{DateTime, TimeDelta, Utc};

use super::{Conn, Result};

/// How long a story is remembered: articles join it for 72 hours after its first, a day more for their revisions and slow clocks.
pub const KEPT: TimeDelta = TimeDelta::hours(96);

/// Candidates compared per batch of articles; past it the oldest are left out.
const MAX_CANDIDATES: i64 = 20_000;

/// A story that shares a band with a new article.
#[derive(Clone, Debug)]
pub struct StoryRow {
    /// The first article's id.
    pub id: i64,
    /// Language code.
    pub language: String,
    /// Number of its first match.
    pub first_seq: i64,
    /// Signature of its first article.
    pub signature: Vec<u8>,
}

/// One story per transaction is told apart at a time: two nodes must not both begin the same story.
pub async fn lock(conn: &mut Conn) -> Result<()> {
    sqlx::query!("select pg_advisory_xact_lock(7024)").execute(conn).await.map(drop)
}

/// Stories since `since` that share any of the bands.
pub async fn sharing(conn: &mut Conn, bands: &[i64], since: DateTime<Utc>) -> Result<Vec<StoryRow>> {
    sqlx::query_as!(
        StoryRow,
        "select s.id, s.language, s.first_seq, s.signature from story s
         where s.seen_at >= $2 and s.id in (select b.story_id from story_band b where b.band = any($1))
         order by s.id desc limit $3",
        bands,
        since,
        MAX_CANDIDATES
    )
    .fetch_all(conn)
    .await
}

/// Those of these stories that began since `since`.
pub async fn by_ids(conn: &mut Conn, ids: &[i64], since: DateTime<Utc>) -> Result<Vec<StoryRow>> {
    sqlx::query_as!(
        StoryRow,
        "select id, language, first_seq, signature from story where id = any($1) and seen_at >= $2",
        ids,
        since
    )
    .fetch_all(conn)
    .await
}

/// Adds stories with their bands and ties each of these articles to its story.
pub async fn add(
    conn: &mut Conn,
    now: DateTime<Utc>,
    stories: &[StoryRow],
    bands: &[(i64, i64)],
    articles: &[(i64, i64)],
) -> Result<()> {
    let ids: Vec<i64> = stories.iter().map(|s| s.id).collect();
    let languages: Vec<String> = stories.iter().map(|s| s.language.clone()).collect();
    let first: Vec<i64> = stories.iter().map(|s| s.first_seq).collect();
    let signatures: Vec<Vec<u8>> = stories.iter().map(|s| s.signature.clone()).collect();
    sqlx::query!(
        "insert into story (id, language, first_seq, signature, seen_at)
         select i, l, f, s, $5 from unnest($1::bigint[], $2::text[], $3::bigint[], $4::bytea[]) as t(i, l, f, s)
         on conflict do nothing",
        &ids,
        &languages,
        &first,
        &signatures,
        now
    )
    .execute(&mut *conn)
    .await?;
    let (band, story): (Vec<i64>, Vec<i64>) = bands.iter().copied().unzip();
    sqlx::query!(
        "insert into story_band (band, story_id) select * from unnest($1::bigint[], $2::bigint[]) on conflict do nothing",
        &band,
        &story
    )
    .execute(&mut *conn)
    .await?;
    let (article, of): (Vec<i64>, Vec<i64>) = articles.iter().copied().unzip();
    sqlx::query!(
        "update article a set story_id = t.s from unnest($1::bigint[], $2::bigint[]) as t(a, s) where a.id = t.a",
        &article,
        &of
    )
    .execute(conn)
    .await
    .map(drop)
}

/// Forgets stories that no new article can join any more.
pub async fn prune(conn: &mut Conn, before: DateTime<Utc>) -> Result<u64> {
    let gone = sqlx::query!(
        "delete from story where id in (select id from story where seen_at < $1 order by seen_at limit $2)",
        before,
        MAX_CANDIDATES
    )
    .execute(conn)
    .await?;
    Ok(gone.rows_affected())
}
