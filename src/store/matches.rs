//! Which filters each revision matched, one compact row per revision, in commit order.
//! It does not match; `topic::index` does, driven by the match stage.

use chrono::{DateTime, TimeDelta, Utc};

use super::{Conn, MAX_NUMBERED_ROWS, Result};

/// Rows of one window loaded for planning; at 100 bytes each this is some 10 MB.
pub const MAX_WINDOW: i64 = 100_000;

/// Months of matches are kept so long after their end: an audit can look back over a quarter.
pub const KEPT: TimeDelta = TimeDelta::days(100);
/// And so long where the window of a schedule still reaches back to them: longer than a year's.
pub const KEPT_AT_MOST: TimeDelta = TimeDelta::days(400);
/// How often months are looked at.
const LOOKED_AT_EVERY: TimeDelta = TimeDelta::hours(1);
/// Dropping a month waits no longer for those who read it; it is tried again.
const LONGEST_WAIT: &str = "2s";

/// A revision that waits to be matched.
#[derive(Clone, Debug)]
pub struct WaitingRow {
    /// Article.
    pub article_id: i64,
    /// Revision.
    pub rev: i16,
    /// First seen by us.
    pub seen_at: DateTime<Utc>,
    /// Language code.
    pub language: String,
    /// Analysed form.
    pub analysed: Vec<u8>,
    /// Signature for near-duplicates.
    pub signature: Vec<u8>,
    /// Story of an earlier revision.
    pub story_id: Option<i64>,
    /// It tells what the revisions before did not.
    pub material: bool,
}

/// A match to be written.
#[derive(Clone, Debug)]
pub struct NewMatch {
    /// Commit-ordered number.
    pub seq: i64,
    /// Article.
    pub article_id: i64,
    /// Revision.
    pub rev: i16,
    /// First seen by us.
    pub seen_at: DateTime<Utc>,
    /// Story.
    pub story_id: i64,
    /// Number of the story's first match.
    pub story_first_seq: i64,
    /// Sorted delta-varint filter ids.
    pub filters: Vec<u8>,
    /// It tells what the revisions before did not.
    pub material: bool,
}

/// A match inside a slot's window with what selection needs of its article.
#[derive(Clone, Debug)]
#[expect(clippy::struct_excessive_bools, reason = "columns as they are stored")]
pub struct WindowRow {
    /// Commit-ordered number.
    pub seq: i64,
    /// When it was committed.
    pub at: DateTime<Utc>,
    /// Article.
    pub article_id: i64,
    /// Revision.
    pub rev: i16,
    /// Story.
    pub story_id: i64,
    /// Number of the story's first match.
    pub story_first_seq: i64,
    /// Sorted delta-varint filter ids.
    pub filters: Vec<u8>,
    /// It tells what the revisions before did not.
    pub material: bool,
    /// Feed.
    pub feed_id: i64,
    /// Name of the feed.
    pub source: String,
    /// The publisher's own feed.
    pub own: bool,
    /// Language code of the text.
    pub language: String,
    /// Title.
    pub title: String,
    /// For the publisher's subscribers only, this revision or the article's last.
    pub paid: bool,
    /// Upper bound of its HTML in a mail, bytes.
    pub html_bytes: i32,
    /// State of the article.
    pub state: i16,
    /// When it was put back after a withdrawal: an older match of it is owed to nobody.
    pub restored_at: Option<DateTime<Utc>>,
    /// The feed hides pieces for subscribers only.
    pub hides_paid: bool,
    /// The feed labels them.
    pub labels_paid: bool,
}

/// Takes the longest waiting revisions; other nodes skip them until this transaction ends.
pub async fn take_waiting(conn: &mut Conn, limit: i64) -> Result<Vec<WaitingRow>> {
    sqlx::query_as!(
        WaitingRow,
        r#"select t.article_id, t.rev, t.seen_at, coalesce(r.body ->> 'language', 'und') as "language!", r.analysed, r.signature,
                  a.story_id, r.body ? 'update' as "material!"
           from todo t join revision r on r.article_id = t.article_id and r.rev = t.rev and r.seen_at = t.seen_at
                join article a on a.id = t.article_id
           order by t.seen_at, t.article_id limit $1 for update of t skip locked"#,
        limit.min(i64::try_from(MAX_NUMBERED_ROWS).unwrap_or(i64::MAX))
    )
    .fetch_all(conn)
    .await
}

/// Writes matches and takes their revisions, matched or not, off the waiting list.
pub async fn add(conn: &mut Conn, now: DateTime<Utc>, matches: &[NewMatch], done: &[(i64, i16)]) -> Result<()> {
    let seqs: Vec<i64> = matches.iter().map(|m| m.seq).collect();
    let articles: Vec<i64> = matches.iter().map(|m| m.article_id).collect();
    let revs: Vec<i16> = matches.iter().map(|m| m.rev).collect();
    let seen: Vec<DateTime<Utc>> = matches.iter().map(|m| m.seen_at).collect();
    let stories: Vec<i64> = matches.iter().map(|m| m.story_id).collect();
    let first: Vec<i64> = matches.iter().map(|m| m.story_first_seq).collect();
    let filters: Vec<Vec<u8>> = matches.iter().map(|m| m.filters.clone()).collect();
    let material: Vec<bool> = matches.iter().map(|m| m.material).collect();
    sqlx::query!(
        "insert into match (seq, article_id, rev, seen_at, story_id, story_first_seq, filters, material, at)
         select *, $9::timestamptz from unnest($1::bigint[], $2::bigint[], $3::smallint[], $4::timestamptz[], $5::bigint[],
                                               $6::bigint[], $7::bytea[], $8::boolean[])",
        &seqs,
        &articles,
        &revs,
        &seen,
        &stories,
        &first,
        &filters,
        &material,
        now
    )
    .execute(&mut *conn)
    .await?;
    let (articles, revs): (Vec<i64>, Vec<i16>) = done.iter().copied().unzip();
    sqlx::query!(
        "delete from todo t using unnest($1::bigint[], $2::smallint[]) as d(a, r) where t.article_id = d.a and t.rev = d.r",
        &articles,
        &revs
    )
    .execute(conn)
    .await
    .map(drop)
}

/// The matches of a window `after < seq <= up_to`, newest first.
pub async fn window(conn: &mut Conn, after: i64, up_to: i64) -> Result<Vec<WindowRow>> {
    sqlx::query_as!(
        WindowRow,
        r#"select m.seq, m.at, m.article_id, m.rev, m.story_id, m.story_first_seq, m.filters, m.material, a.feed_id, f.title as source, f.own,
                  coalesce(r.body ->> 'language', 'und') as "language!", coalesce(r.body ->> 'title', '') as "title!",
                  coalesce((r.body ->> 'paid')::boolean, false) or (a.last_rev > m.rev and exists (
                      select from revision l where l.article_id = a.id and l.rev = a.last_rev and (l.body ->> 'paid')::boolean)) as "paid!",
                  r.html_bytes, a.state, a.restored_at, f.paid = 'hide' as "hides_paid!", f.paid = 'label' as "labels_paid!"
           from match m join article a on a.id = m.article_id join feed f on f.id = a.feed_id
                join revision r on r.article_id = m.article_id and r.rev = m.rev and r.seen_at = m.seen_at
           where m.seq > $1 and m.seq <= $2 order by m.seq desc limit $3"#,
        after,
        up_to,
        MAX_WINDOW
    )
    .fetch_all(conn)
    .await
}

/// The last number whose match, and every one before it above `after`, was committed at or before `settled`.
pub async fn settled(conn: &mut Conn, after: i64, settled: DateTime<Utc>) -> Result<Option<i64>> {
    sqlx::query_scalar!(
        r#"select max(seq) from match where seq > $1
           and seq < coalesce((select min(seq) from match where seq > $1 and at > $2), 9223372036854775807)"#,
        after,
        settled
    )
    .fetch_one(conn)
    .await
}

/// Drops the months of matches that nothing needs any more; gives how many. Looks once an hour.
pub async fn prune(conn: &mut Conn, now: DateTime<Utc>) -> Result<u64> {
    let looked_at = sqlx::query_scalar!("select looked_at from pruned where what = 'match'");
    if looked_at.fetch_optional(&mut *conn).await?.is_some_and(|at| now - at < LOOKED_AT_EVERY) {
        return Ok(0);
    }
    let mut tx = super::begin(conn).await?;
    sqlx::query!(
        "insert into pruned (what, looked_at) values ('match', $1) on conflict (what) do update set looked_at = $1",
        now
    )
    .execute(&mut *tx)
    .await?;
    sqlx::query!("select set_config('lock_timeout', $1, true)", LONGEST_WAIT).fetch_one(&mut *tx).await?;
    let months = sqlx::query_scalar!(r#"select prune_matches($1, $2) as "n!""#, now - KEPT, now - KEPT_AT_MOST)
        .fetch_one(&mut *tx)
        .await?;
    tx.commit().await?;
    Ok(u64::from(months.unsigned_abs()))
}

/// The number up to which matches were pruned.
pub async fn pruned_through(conn: &mut Conn) -> Result<i64> {
    let through =
        sqlx::query_scalar!("select through_seq from pruned where what = 'match'").fetch_optional(conn).await?;
    Ok(through.unwrap_or(0))
}
