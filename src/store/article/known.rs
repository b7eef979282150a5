//! The stored articles that entries of a reading may be, looked up for many feeds at once.
//! Which of them an entry is, `feed::verdict` decides.

use super::super::{Conn, Result};
use crate::feed::identity::Keys;

/// A stored article of a feed with the keys of `feed::identity`, as of its last revision.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct KnownRow {
    /// Article.
    pub id: i64,
    /// Feed.
    pub feed_id: i64,
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

/// The articles of these feeds that share a key with one of their entries. Of an entry whose identifier is known only that article
/// is given, as its other keys decide nothing; of others those under the address (two tell that it is shared), and the first with
/// the text and with the title.
pub async fn known(conn: &mut Conn, entries: &[(i64, &Keys)]) -> Result<Vec<KnownRow>> {
    let feeds: Vec<i64> = entries.iter().map(|(feed, _)| *feed).collect();
    let guids: Vec<&str> = entries.iter().map(|(_, k)| k.guid.as_str()).collect();
    let urls: Vec<Option<&str>> = entries.iter().map(|(_, k)| k.url.as_deref()).collect();
    let contents: Vec<Option<&str>> = entries.iter().map(|(_, k)| k.content.as_deref()).collect();
    let titles: Vec<Option<&str>> = entries.iter().map(|(_, k)| k.title.as_deref()).collect();
    // `offset 0` has each key looked up in its index, whatever the statistics say of a table that grows.
    sqlx::query_as!(
        KnownRow,
        r#"with entry as materialized (
               select * from unnest($1::bigint[], $2::text[], $3::text[], $4::text[], $5::text[]) with ordinality
                    as e(feed, guid, url, content, title, n)),
           same as materialized (
               select e.n, a.* from entry e
                    cross join lateral (select * from article where feed_id = e.feed and guid_key = e.guid offset 0) as a),
           other as materialized (select * from entry e where not exists (select from same s where s.n = e.n)),
           found as (
               select id, feed_id, guid_key, url_key, content_key, title_key, revision_key from same
               union select a.id, a.feed_id, a.guid_key, a.url_key, a.content_key, a.title_key, a.revision_key from other e
                    cross join lateral (select * from (
                         select * from article where feed_id = e.feed and url_key = e.url offset 0) as u order by id limit 2) as a
               union select a.id, a.feed_id, a.guid_key, a.url_key, a.content_key, a.title_key, a.revision_key from other e
                    cross join lateral (select * from (
                         select * from article where feed_id = e.feed and content_key = e.content offset 0) as u order by id limit 1) as a
               union select a.id, a.feed_id, a.guid_key, a.url_key, a.content_key, a.title_key, a.revision_key from other e
                    cross join lateral (select * from (
                         select * from article where feed_id = e.feed and title_key = e.title offset 0) as u order by id limit 1) as a)
           select id as "id!", feed_id as "feed_id!", guid_key as "guid_key!", url_key, content_key, title_key,
                  revision_key as "revision_key!" from found order by id desc"#,
        &feeds,
        &guids as &[&str],
        &urls as &[Option<&str>],
        &contents as &[Option<&str>],
        &titles as &[Option<&str>]
    )
    .fetch_all(conn)
    .await
}
