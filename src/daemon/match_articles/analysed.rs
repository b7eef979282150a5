//! The analysed forms of what waits: as stored, or made anew from the text where another version of the analyser wrote them.
//! It does not match and writes nothing.

use rustc_hash::FxHashMap;

use crate::{
    daemon::StageError,
    store::{self, Conn, matches::WaitingRow},
    topic::{Analysed, FeedFacts},
};

/// Every waiting revision with its words, in the given order. None is left out: an upgrade comes while articles wait.
pub(super) async fn read<'a>(
    conn: &mut Conn,
    waiting: &'a [WaitingRow],
) -> Result<Vec<(&'a WaitingRow, Analysed)>, StageError> {
    let stored: Vec<Option<Analysed>> = waiting.iter().map(|row| Analysed::from_bytes(&row.analysed).ok()).collect();
    let lacking = waiting.iter().zip(&stored).filter(|(_, stored)| stored.is_none());
    let mut anew = anew(conn, &lacking.map(|(row, _)| (row.article_id, row.rev)).collect::<Vec<_>>()).await?;
    let each = waiting.iter().zip(stored).filter_map(|(row, stored)| {
        let analysed = stored.or_else(|| anew.remove(&(row.article_id, row.rev)));
        if analysed.is_none() {
            tracing::warn!(article = row.article_id, "a waiting revision has no text any more; it is not matched");
        }
        Some((row, analysed?))
    });
    Ok(each.collect())
}

async fn anew(conn: &mut Conn, lacking: &[(i64, i16)]) -> Result<FxHashMap<(i64, i16), Analysed>, StageError> {
    if lacking.is_empty() {
        return Ok(FxHashMap::default());
    }
    let revisions = store::article::revisions(conn, lacking).await?;
    let mut feeds: Vec<i64> = revisions.iter().map(|revision| revision.feed_id).collect();
    feeds.sort_unstable();
    feeds.dedup();
    let feeds = store::feed::by_ids(conn, &feeds).await?;
    let feeds: FxHashMap<i64, _> = feeds.iter().map(|feed| (feed.id, feed)).collect();
    let each = revisions.iter().map(|revision| {
        let facts = feeds.get(&revision.feed_id).map_or_else(FeedFacts::default, |feed| FeedFacts {
            slug: "",
            title: &feed.title,
            site: &feed.site,
        });
        ((revision.article_id, revision.rev), Analysed::of(&revision.body, &facts))
    });
    Ok(each.collect())
}
