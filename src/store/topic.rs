//! Topics of the catalogue and the versions of their filters.
//! It does not parse queries and does not know who follows a topic.

use std::collections::BTreeMap;

use chrono::{DateTime, Utc};
use sqlx::types::Json;

use super::{Conn, Result};

/// Most topics in a catalogue.
pub const MAX_TOPICS: i64 = 5_000;

/// Titles or descriptions by language code.
pub type ByLanguage = BTreeMap<String, String>;

/// One topic with its present filter.
#[derive(Clone, Debug)]
pub struct TopicRow {
    /// Id.
    pub id: i64,
    /// Slug.
    pub slug: String,
    /// Title per language.
    pub titles: Json<ByLanguage>,
    /// Description per language.
    pub descriptions: Json<ByLanguage>,
    /// Present filter.
    pub filter_id: i64,
    /// Its canonical text.
    pub canonical: String,
    /// Readers who follow it now.
    pub readers: i64,
}

/// One version of a topic's filter: what counts for matches numbered in `from_seq..until_seq`.
#[derive(Clone, Copy, Debug)]
pub struct TopicVersion {
    /// Topic.
    pub topic_id: i64,
    /// Filter.
    pub filter_id: i64,
    /// First number it counts for.
    pub from_seq: i64,
    /// First number it no longer counts for.
    pub until_seq: Option<i64>,
}

/// What a new topic is made of.
#[derive(Clone, Debug)]
pub struct NewTopic<'a> {
    /// Slug.
    pub slug: &'a str,
    /// Title per language.
    pub titles: ByLanguage,
    /// Description per language.
    pub descriptions: ByLanguage,
    /// Its filter.
    pub filter_id: i64,
}

/// Adds a topic, or takes up a removed one again; none when the slug is in use.
pub async fn add(
    conn: &mut Conn,
    now: DateTime<Utc>,
    who: &str,
    topic: &NewTopic<'_>,
    seq: i64,
) -> Result<Option<i64>> {
    let id = sqlx::query_scalar!(
        "insert into topic (slug, titles, descriptions, from_seq) values ($1, $2, $3, $4)
         on conflict (slug) do update set titles = excluded.titles, descriptions = excluded.descriptions,
            from_seq = excluded.from_seq, until_seq = null
         where topic.until_seq is not null returning id",
        topic.slug,
        Json(&topic.titles) as _,
        Json(&topic.descriptions) as _,
        seq
    )
    .fetch_optional(&mut *conn)
    .await?;
    if let Some(id) = id {
        version(conn, now, who, id, topic.filter_id, seq).await?;
    }
    Ok(id)
}

/// Gives a topic its next filter from `seq` on and ends the one before.
pub async fn version(conn: &mut Conn, now: DateTime<Utc>, who: &str, topic: i64, filter: i64, seq: i64) -> Result<()> {
    sqlx::query!("update topic_filter set until_seq = $2 where topic_id = $1 and until_seq is null", topic, seq)
        .execute(&mut *conn)
        .await?;
    sqlx::query!(
        "insert into topic_filter (topic_id, from_seq, filter_id, by_whom, at) values ($1, $2, $3, $4, $5)",
        topic,
        seq,
        filter,
        who,
        now
    )
    .execute(conn)
    .await
    .map(drop)
}

/// Ends a topic, its filter version and every subscription to it; gives the number of readers it had.
pub async fn remove(conn: &mut Conn, topic: i64, seq: i64) -> Result<u64> {
    sqlx::query!("update topic set until_seq = $2 where id = $1 and until_seq is null", topic, seq)
        .execute(&mut *conn)
        .await?;
    sqlx::query!("update topic_filter set until_seq = $2 where topic_id = $1 and until_seq is null", topic, seq)
        .execute(&mut *conn)
        .await?;
    let ended =
        sqlx::query!("update subscription set until_seq = $2 where topic_id = $1 and until_seq is null", topic, seq)
            .execute(conn)
            .await?;
    Ok(ended.rows_affected())
}

/// The live topics in the order of their slugs.
pub async fn live(conn: &mut Conn) -> Result<Vec<TopicRow>> {
    sqlx::query_as!(
        TopicRow,
        r#"select t.id, t.slug, t.titles as "titles: Json<ByLanguage>", t.descriptions as "descriptions: Json<ByLanguage>",
                  v.filter_id, f.canonical,
                  (select count(*) from subscription s where s.topic_id = t.id and s.until_seq is null) as "readers!"
           from topic t join topic_filter v on v.topic_id = t.id and v.until_seq is null join filter f on f.id = v.filter_id
           where t.until_seq is null order by t.slug limit $1"#,
        MAX_TOPICS
    )
    .fetch_all(conn)
    .await
}

/// Every filter version that counted for a number above `seq`.
pub async fn versions_since(conn: &mut Conn, seq: i64) -> Result<Vec<TopicVersion>> {
    sqlx::query_as!(
        TopicVersion,
        "select topic_id, filter_id, from_seq, until_seq from topic_filter
         where until_seq is null or until_seq > $1 order by topic_id, from_seq limit $2",
        seq,
        MAX_TOPICS * 10
    )
    .fetch_all(conn)
    .await
}

/// Every topic that ever was, with its last filter, for the headings of mails already planned.
pub async fn named(conn: &mut Conn) -> Result<Vec<TopicRow>> {
    sqlx::query_as!(
        TopicRow,
        r#"select distinct on (t.id) t.id, t.slug, t.titles as "titles: Json<ByLanguage>",
                  t.descriptions as "descriptions: Json<ByLanguage>", v.filter_id, f.canonical, 0::bigint as "readers!"
           from topic t join topic_filter v on v.topic_id = t.id join filter f on f.id = v.filter_id
           order by t.id, v.from_seq desc limit $1"#,
        MAX_TOPICS * 2
    )
    .fetch_all(conn)
    .await
}
