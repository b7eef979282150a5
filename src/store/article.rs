//! Articles and their immutable revisions.
//! It does not tell entries apart; `feed::identity` does.

mod state;

use chrono::{DateTime, Utc};
use sqlx::types::Json;

use super::{Conn, Result};
use crate::{article::ArticleText, feed::identity::Keys, topic::Analysed};

pub use state::{
    ArticleState, StandingRow, end_quarantine, left_and_waiting, quarantined, restore, standing, withdraw, withdrawn,
};

/// Known articles of one feed looked at to tell entries apart; more than any feed's page of entries.
const MAX_KNOWN: i64 = 20_000;

/// A stored article of a feed with the keys of `feed::identity`, as of its last revision.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct KnownRow {
    /// Article.
    pub id: i64,
    /// Key of its guid, or of what stands in for it; unique in the feed.
    pub guid_key: String,
    /// Key of its address.
    pub url_key: Option<String>,
    /// Key of its text.
    pub content_key: Option<String>,
    /// Key of its title.
    pub title_key: Option<String>,
    /// Key of title and text together.
    pub revision_key: String,
}

impl KnownRow {
    /// Its keys.
    pub fn keys(self) -> Keys {
        let Self { guid_key, url_key, content_key, title_key, revision_key, .. } = self;
        Keys { guid: guid_key, url: url_key, content: content_key, title: title_key, revision: revision_key }
    }
}

/// A new article with its first revision.
#[derive(Clone, Debug)]
pub struct NewArticle {
    /// Keys.
    pub keys: Keys,
    /// State.
    pub state: ArticleState,
    /// Text and analysed form.
    pub revision: NewRevision,
}

/// The text of a revision with what is derived from it.
#[derive(Clone, Debug)]
pub struct NewRevision {
    /// Text.
    pub body: ArticleText,
    /// Version of the analyser.
    pub analyser: i16,
    /// Analysed form.
    pub analysed: Vec<u8>,
    /// Signature for near-duplicates.
    pub signature: Vec<u8>,
    /// Upper bound of its HTML in a mail, bytes.
    pub html_bytes: i32,
}

/// One revision as loaded for rendering.
#[derive(Clone, Debug)]
pub struct RevisionRow {
    /// Article.
    pub article_id: i64,
    /// Revision.
    pub rev: i16,
    /// Feed.
    pub feed_id: i64,
    /// First seen by us.
    pub seen_at: DateTime<Utc>,
    /// Text.
    pub body: Json<ArticleText>,
}

/// Where an article stands on the web.
#[derive(Clone, Debug)]
pub struct AddressRow {
    /// Article.
    pub article_id: i64,
    /// Feed.
    pub feed_id: i64,
    /// Address of its last revision.
    pub url: String,
}

/// The articles of a feed that share any key with these.
pub async fn known(conn: &mut Conn, feed: i64, keys: &[Keys]) -> Result<Vec<KnownRow>> {
    let guids: Vec<String> = keys.iter().map(|k| k.guid.clone()).collect();
    let urls: Vec<String> = keys.iter().filter_map(|k| k.url.clone()).collect();
    let contents: Vec<String> = keys.iter().filter_map(|k| k.content.clone()).collect();
    let titles: Vec<String> = keys.iter().filter_map(|k| k.title.clone()).collect();
    sqlx::query_as!(
        KnownRow,
        r#"select id as "id!", guid_key as "guid_key!", url_key, content_key, title_key, revision_key as "revision_key!" from (
             select * from article where feed_id = $1 and guid_key = any($2)
             union select * from article where feed_id = $1 and url_key = any($3)
             union select * from article where feed_id = $1 and content_key = any($4)
             union select * from article where feed_id = $1 and title_key = any($5)) as any_key
           order by id desc limit $6"#,
        feed,
        &guids,
        &urls,
        &contents,
        &titles,
        MAX_KNOWN
    )
    .fetch_all(conn)
    .await
}

/// Adds articles with their first revisions; the live ones wait for match. Gives how many were new.
pub async fn add(conn: &mut Conn, now: DateTime<Utc>, feed: i64, new: &[NewArticle]) -> Result<usize> {
    let guids: Vec<String> = new.iter().map(|a| a.keys.guid.clone()).collect();
    let urls: Vec<Option<String>> = new.iter().map(|a| a.keys.url.clone()).collect();
    let contents: Vec<Option<String>> = new.iter().map(|a| a.keys.content.clone()).collect();
    let titles: Vec<Option<String>> = new.iter().map(|a| a.keys.title.clone()).collect();
    let revisions: Vec<String> = new.iter().map(|a| a.keys.revision.clone()).collect();
    let states: Vec<i16> = new.iter().map(|a| a.state.code()).collect();
    let rows = sqlx::query!(
        "insert into article (feed_id, guid_key, url_key, content_key, title_key, revision_key, state, first_seen_at)
         select $1, t.*, $8 from unnest($2::text[], $3::text[], $4::text[], $5::text[], $6::text[], $7::smallint[]) as t
         on conflict (feed_id, guid_key) do nothing returning id, guid_key",
        feed,
        &guids,
        &urls as &[Option<String>],
        &contents as &[Option<String>],
        &titles as &[Option<String>],
        &revisions,
        &states,
        now
    )
    .fetch_all(&mut *conn)
    .await?;
    let mut entered = Vec::with_capacity(rows.len());
    for row in &rows {
        if let Some(article) = new.iter().find(|a| a.keys.guid == row.guid_key) {
            entered.push((row.id, 1_i16, &article.revision, article.state == ArticleState::Live));
        }
    }
    add_revisions(conn, now, &entered).await?;
    Ok(rows.len())
}

/// Adds a next revision of a known article under these keys and queues it for match; false when nothing differs.
pub async fn revise(
    conn: &mut Conn,
    now: DateTime<Utc>,
    article: i64,
    keys: &Keys,
    revision: &NewRevision,
) -> Result<bool> {
    let updated = sqlx::query!(
        "update article set last_rev = last_rev + 1, content_key = $2, title_key = $3, revision_key = $4
         where id = $1 and revision_key <> $4 and last_rev < 1000 returning last_rev, state",
        article,
        keys.content,
        keys.title,
        keys.revision
    )
    .fetch_optional(&mut *conn)
    .await?;
    let Some(row) = updated else { return Ok(false) };
    add_revisions(conn, now, &[(article, row.last_rev, revision, row.state == ArticleState::Live.code())]).await?;
    Ok(true)
}

/// The text that readers may have been told last: of the first revision, or of the last that told something new.
pub async fn told_text(conn: &mut Conn, article: i64) -> Result<Option<ArticleText>> {
    let body = sqlx::query_scalar!(
        r#"select body as "body: Json<ArticleText>" from revision where article_id = $1 and (rev = 1 or body ? 'update')
           order by rev desc limit 1"#,
        article
    )
    .fetch_optional(conn)
    .await?;
    Ok(body.map(|body| body.0))
}

/// Writes other keys over a known article's, unless another article of the feed has them.
pub async fn adopt(conn: &mut Conn, article: i64, keys: &Keys) -> Result<()> {
    sqlx::query!(
        "update article a set guid_key = $2, url_key = coalesce($3, url_key) where id = $1
           and not exists (select from article o where o.feed_id = a.feed_id and o.guid_key = $2 and o.id <> a.id)",
        article,
        keys.guid,
        keys.url
    )
    .execute(conn)
    .await
    .map(drop)
}

async fn add_revisions(conn: &mut Conn, now: DateTime<Utc>, new: &[(i64, i16, &NewRevision, bool)]) -> Result<()> {
    let articles: Vec<i64> = new.iter().map(|n| n.0).collect();
    let revs: Vec<i16> = new.iter().map(|n| n.1).collect();
    let bodies: Vec<serde_json::Value> =
        new.iter().map(|n| serde_json::to_value(&n.2.body).expect("plain data serialises")).collect();
    let analysers: Vec<i16> = new.iter().map(|n| n.2.analyser).collect();
    let analysed: Vec<Vec<u8>> = new.iter().map(|n| n.2.analysed.clone()).collect();
    let signatures: Vec<Vec<u8>> = new.iter().map(|n| n.2.signature.clone()).collect();
    let html_bytes: Vec<i32> = new.iter().map(|n| n.2.html_bytes).collect();
    let keys: Vec<String> = new.iter().map(|n| forecast_keys(&n.2.analysed)).collect();
    sqlx::query!(
        "insert into revision (article_id, rev, seen_at, body, analyser, analysed, signature, html_bytes, keys)
         select a, r, $8, b, v, z, s, h, k::integer[] || (hashint8(a) & 1023)
         from unnest($1::bigint[], $2::smallint[], $3::jsonb[], $4::smallint[], $5::bytea[], $6::bytea[], $7::int[], $9::text[])
              as t(a, r, b, v, z, s, h, k)",
        &articles,
        &revs,
        &bodies,
        &analysers,
        &analysed,
        &signatures,
        &html_bytes,
        now,
        &keys
    )
    .execute(&mut *conn)
    .await?;
    let waiting: Vec<i64> = new.iter().filter(|n| n.3).map(|n| n.0).collect();
    let waiting_revs: Vec<i16> = new.iter().filter(|n| n.3).map(|n| n.1).collect();
    sqlx::query!(
        "insert into todo (article_id, rev, seen_at) select a, r, $3 from unnest($1::bigint[], $2::smallint[]) as t(a, r)
         on conflict do nothing",
        &waiting,
        &waiting_revs,
        now
    )
    .execute(conn)
    .await
    .map(drop)
}

/// The keys that forecasts find a revision by, as the text of an array: arrays of arrays must be of one length.
fn forecast_keys(analysed: &[u8]) -> String {
    let keys = Analysed::from_bytes(analysed).map(|analysed| analysed.candidate_keys()).unwrap_or_default();
    let mut text = String::with_capacity(keys.len() * 12 + 2);
    text.push('{');
    for key in keys {
        if text.len() > 1 {
            text.push(',');
        }
        text.push_str(&key.to_string());
    }
    text.push('}');
    text
}

/// Loads revisions; those that are gone are left out.
pub async fn revisions(conn: &mut Conn, wanted: &[(i64, i16)]) -> Result<Vec<RevisionRow>> {
    let articles: Vec<i64> = wanted.iter().map(|w| w.0).collect();
    let revs: Vec<i16> = wanted.iter().map(|w| w.1).collect();
    sqlx::query_as!(
        RevisionRow,
        r#"select r.article_id, r.rev, a.feed_id, r.seen_at, r.body as "body: Json<ArticleText>"
           from unnest($1::bigint[], $2::smallint[]) as w(article_id, rev)
                join revision r on r.article_id = w.article_id and r.rev = w.rev join article a on a.id = r.article_id"#,
        &articles,
        &revs
    )
    .fetch_all(conn)
    .await
}

/// Where these articles stand on the web.
pub async fn addresses(conn: &mut Conn, articles: &[i64]) -> Result<Vec<AddressRow>> {
    sqlx::query_as!(
        AddressRow,
        r#"select a.id as article_id, a.feed_id, coalesce(r.body ->> 'url', '') as "url!"
           from article a join revision r on r.article_id = a.id and r.rev = a.last_rev where a.id = any($1)"#,
        articles
    )
    .fetch_all(conn)
    .await
}

/// The analysed form of a revision.
pub async fn analysed(conn: &mut Conn, article: i64, rev: i16) -> Result<Option<Vec<u8>>> {
    sqlx::query_scalar!("select analysed from revision where article_id = $1 and rev = $2", article, rev)
        .fetch_optional(conn)
        .await
}

/// An article as listed under its feed.
#[derive(Clone, Debug)]
pub struct LatestRow {
    /// Article.
    pub id: i64,
    /// Its last revision.
    pub rev: i16,
    /// Code of the state.
    pub state: i16,
    /// First seen by us.
    pub first_seen_at: DateTime<Utc>,
    /// Title.
    pub title: String,
    /// Address.
    pub url: String,
}

/// The articles of a feed that were seen last, newest first.
pub async fn latest(conn: &mut Conn, feed: i64, limit: i64) -> Result<Vec<LatestRow>> {
    sqlx::query_as!(
        LatestRow,
        r#"select a.id, a.last_rev as rev, a.state, a.first_seen_at, coalesce(r.body ->> 'title', '') as "title!",
                  coalesce(r.body ->> 'url', '') as "url!"
           from (select * from article where feed_id = $1 order by first_seen_at desc, id desc limit $2) as a
                left join revision r on r.article_id = a.id and r.rev = a.last_rev
           order by a.first_seen_at desc, a.id desc"#,
        feed,
        limit
    )
    .fetch_all(conn)
    .await
}
