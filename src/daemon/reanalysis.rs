//! Reads stored articles anew that another version of the analyser has read: those that wait, and by and by those of the last days.
//! It does not match.

use chrono::{DateTime, TimeDelta, Utc};
use rustc_hash::FxHashMap;

use super::{StageError, forecast};
use crate::{
    store::{self, Conn},
    topic::{Analysed, FeedFacts, analyze::ANALYSER_VERSION},
};

/// Revisions read anew in one commit: some milliseconds of work.
const AT_ONCE: i64 = 200;

/// Reads some of the articles anew that forecasts look at, which after an upgrade would find none of them; gives their number, and
/// whether there may be more.
pub(super) async fn run_once(conn: &mut Conn, now: DateTime<Utc>) -> Result<(usize, bool), StageError> {
    let version = i16::from(ANALYSER_VERSION);
    let mut tx = store::begin(conn).await?;
    let since = now - TimeDelta::days(forecast::DAYS);
    let older = store::article::of_older_analyser(&mut tx, version, since, AT_ONCE).await?;
    if older.is_empty() {
        return Ok((0, false));
    }
    let read = anew(&mut tx, &older).await?;
    let rows: Vec<_> =
        read.iter().map(|((article, rev), read)| (*article, *rev, read.to_bytes(), read.candidate_keys())).collect();
    store::article::reanalysed(&mut tx, version, &rows).await?;
    tx.commit().await?;
    Ok((rows.len(), i64::try_from(older.len()).is_ok_and(|n| n >= AT_ONCE) && !rows.is_empty()))
}

/// The words of revisions, from their texts; those that are gone are left out.
pub(super) async fn anew(
    conn: &mut Conn,
    wanted: &[(i64, i16)],
) -> Result<FxHashMap<(i64, i16), Analysed>, StageError> {
    if wanted.is_empty() {
        return Ok(FxHashMap::default());
    }
    let revisions = store::article::revisions(conn, wanted).await?;
    let mut feeds: Vec<i64> = revisions.iter().map(|revision| revision.feed_id).collect();
    feeds.sort_unstable();
    feeds.dedup();
    let feeds = store::feed::by_ids(conn, &feeds).await?;
    let feeds: FxHashMap<i64, _> = feeds.iter().map(|feed| (feed.id, feed)).collect();
    let each = revisions.iter().map(|revision| {
        let facts = feeds.get(&revision.feed_id).map_or_else(FeedFacts::default, |feed| feed.facts());
        ((revision.article_id, revision.rev), Analysed::of(&revision.body, &facts))
    });
    Ok(each.collect())
}
