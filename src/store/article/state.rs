//! What an article may be, and how people change it: quarantines ended, articles withdrawn and put back.
//! What ingest stores is in the file above.

use chrono::{DateTime, Utc};

use crate::store::{Conn, Result, hold::LeftAndWaiting};

/// Articles moved by one statement.
const AT_ONCE: i64 = 5_000;

/// What an article may be.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ArticleState {
    /// Matched and mailed.
    Live,
    /// Known from the first poll or after rotated guids: never mailed.
    Adopted,
    /// Too many at once: waits for the operator.
    Quarantined,
    /// Taken back by the operator or the publisher.
    Withdrawn,
}

impl ArticleState {
    /// Its code in the database.
    pub const fn code(self) -> i16 {
        match self {
            Self::Live => 0,
            Self::Adopted => 1,
            Self::Quarantined => 2,
            Self::Withdrawn => 3,
        }
    }
}

/// Moves articles from one state to another; live ones are queued for match. Gives how many moved.
async fn set_state(conn: &mut Conn, articles: &[i64], from: ArticleState, to: ArticleState) -> Result<u64> {
    let moved = sqlx::query_scalar!(
        "update article set state = $3 where id = any($1) and state = $2 returning id",
        articles,
        from.code(),
        to.code()
    )
    .fetch_all(&mut *conn)
    .await?;
    if to == ArticleState::Live {
        sqlx::query!(
            "insert into todo (article_id, rev, seen_at)
             select r.article_id, r.rev, r.seen_at from article a join revision r on r.article_id = a.id and r.rev = a.last_rev
             where a.id = any($1) on conflict do nothing",
            &moved
        )
        .execute(conn)
        .await?;
    }
    Ok(u64::try_from(moved.len()).unwrap_or(u64::MAX))
}

/// How many articles of a feed wait in quarantine.
pub async fn quarantined(conn: &mut Conn, feed: i64) -> Result<i64> {
    sqlx::query_scalar!(r#"select count(*) as "n!" from article where feed_id = $1 and state = 2"#, feed)
        .fetch_one(conn)
        .await
}

/// Ends the quarantine of a feed's articles: live ones are queued for match, others are never mailed. Gives how many moved.
pub async fn end_quarantine(conn: &mut Conn, feed: i64, to: ArticleState) -> Result<u64> {
    let mut moved = 0;
    loop {
        let some = sqlx::query_scalar!(
            "select id from article where feed_id = $1 and state = 2 order by id limit $2 for update",
            feed,
            AT_ONCE
        )
        .fetch_all(&mut *conn)
        .await?;
        if some.is_empty() {
            return Ok(moved);
        }
        moved += set_state(conn, &some, ArticleState::Quarantined, to).await?;
    }
}

/// An article as its withdrawal and return see it.
#[derive(Clone, Debug)]
pub struct StandingRow {
    /// Article.
    pub id: i64,
    /// Feed.
    pub feed_id: i64,
    /// Code of the state.
    pub state: i16,
    /// First seen by us.
    pub first_seen_at: DateTime<Utc>,
    /// Title.
    pub title: String,
}

/// One article, kept from changing until the end of the transaction.
pub async fn standing(conn: &mut Conn, article: i64) -> Result<Option<StandingRow>> {
    sqlx::query_as!(
        StandingRow,
        r#"select a.id, a.feed_id, a.state, a.first_seen_at, coalesce(r.body ->> 'title', '') as "title!"
           from article a left join revision r on r.article_id = a.id and r.rev = a.last_rev where a.id = $1 for update of a"#,
        article
    )
    .fetch_optional(conn)
    .await
}

/// Takes back an article that is live or waits in quarantine; false when it is neither.
pub async fn withdraw(conn: &mut Conn, article: i64) -> Result<bool> {
    let done =
        sqlx::query!("update article set state = 3 where id = $1 and state in (0, 2)", article).execute(conn).await?;
    Ok(done.rows_affected() == 1)
}

/// Puts a withdrawn article back and gives what it is now: live, and matched anew from now on; or in quarantine again where it was
/// withdrawn out of it and the feed's others still wait there. None when it was not withdrawn.
pub async fn restore(conn: &mut Conn, now: DateTime<Utc>, article: i64) -> Result<Option<ArticleState>> {
    let waits = sqlx::query_scalar!(
        r#"select exists (select from article a join article o on o.feed_id = a.feed_id and o.state = 2 where a.id = $1)
             and coalesce((select (detail ->> 'state')::smallint from act
                           where what = 'article withdraw' and (detail ->> 'article')::bigint = $1
                           order by id desc limit 1), 0) = 2 as "waits!""#,
        article
    )
    .fetch_one(&mut *conn)
    .await?;
    let to = if waits { ArticleState::Quarantined } else { ArticleState::Live };
    if set_state(conn, &[article], ArticleState::Withdrawn, to).await? == 0 {
        return Ok(None);
    }
    if to == ArticleState::Live {
        sqlx::query!("update article set restored_at = $2 where id = $1", article, now).execute(conn).await?;
    }
    Ok(Some(to))
}

/// How many mails with this article have left since `since`, and how many wait.
pub async fn left_and_waiting(conn: &mut Conn, article: i64, since: DateTime<Utc>) -> Result<LeftAndWaiting> {
    sqlx::query_as!(
        LeftAndWaiting,
        r#"select count(*) filter (where d.state = 1) as "left!", count(*) filter (where d.state = 0) as "waiting!"
           from digest g join batch b on b.slot_at = g.slot_at and b.slot_id = g.slot_id
                join delivery d on d.slot_at = b.slot_at and d.batch_no = b.no and d.subscriber_id = g.subscriber_id
           where g.slot_at >= $2 and g.items @> jsonb_build_array(jsonb_build_object('article', $1::bigint))"#,
        article,
        since
    )
    .fetch_one(conn)
    .await
}

/// Of these articles, the withdrawn ones.
pub async fn withdrawn(conn: &mut Conn, articles: &[i64]) -> Result<Vec<i64>> {
    sqlx::query_scalar!("select id from article where id = any($1) and state = 3", articles).fetch_all(conn).await
}
