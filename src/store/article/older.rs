//! Revisions that an older analyser read, and what this one makes of them.
//! It reads no text; `daemon::reanalysis` does.

use chrono::{DateTime, Utc};

use super::{
    super::{Conn, Result},
    new::array,
};

/// Some of the revisions seen since `since` that an analyser before `version` read, locked; those that another node is at are
/// left out.
pub async fn of_older_analyser(
    conn: &mut Conn,
    version: i16,
    since: DateTime<Utc>,
    limit: i64,
) -> Result<Vec<(i64, i16)>> {
    let rows = sqlx::query!(
        "select article_id, rev from revision where analyser < $1 and seen_at >= $2 limit $3 for update skip locked",
        version,
        since,
        limit
    )
    .fetch_all(conn)
    .await?;
    Ok(rows.into_iter().map(|row| (row.article_id, row.rev)).collect())
}

/// Writes the analysed forms of revisions and the keys that forecasts find them by.
pub async fn reanalysed(conn: &mut Conn, version: i16, anew: &[(i64, i16, Vec<u8>, Vec<i32>)]) -> Result<()> {
    let articles: Vec<i64> = anew.iter().map(|(article, ..)| *article).collect();
    let revs: Vec<i16> = anew.iter().map(|(_, rev, ..)| *rev).collect();
    let analysed: Vec<&[u8]> = anew.iter().map(|(_, _, analysed, _)| analysed.as_slice()).collect();
    let keys: Vec<String> = anew.iter().map(|(.., keys)| array(keys)).collect();
    sqlx::query!(
        "update revision r set analyser = $1, analysed = n.analysed, keys = n.keys::integer[] || (hashint8(n.article_id) & 1023)
         from unnest($2::bigint[], $3::smallint[], $4::bytea[], $5::text[]) as n(article_id, rev, analysed, keys)
         where r.article_id = n.article_id and r.rev = n.rev",
        version,
        &articles,
        &revs,
        &analysed as &[&[u8]],
        &keys
    )
    .execute(conn)
    .await
    .map(drop)
}
