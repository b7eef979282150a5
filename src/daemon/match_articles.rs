//! The match stage: tells stories apart and finds the filters that each waiting revision hits, in commit order.
//! It knows no readers; plan turns matches into digests.

mod analysed;
mod live;
mod stories;

use std::sync::Arc;

use chrono::{DateTime, Utc};

use super::{Context, Outcome, StageError};
use crate::{
    store::{self, matches::NewMatch},
    topic::{Analysed, encode_ids},
};
pub use live::LiveIndex;

/// Revisions matched per commit.
const BATCH: i64 = 500;

/// Matches what waits.
pub async fn run_once(ctx: &Arc<Context>, now: DateTime<Utc>) -> Result<Outcome, StageError> {
    let mut conn = ctx.pool.acquire().await?;
    ctx.index.catch_up(&mut conn).await?;
    store::ensure_month(&mut conn, now).await?;
    let mut tx = store::begin(&mut conn).await?;
    store::story::lock(&mut tx).await?;
    let waiting = store::matches::take_waiting(&mut tx, BATCH).await?;
    if waiting.is_empty() {
        return Ok(Outcome::IDLE);
    }
    let found = analysed::read(&mut tx, &waiting).await?;
    let told_apart = stories::tell_apart(&mut tx, &waiting, now).await?;
    // From here to the commit the log is ours: what began or ended before is seen, what comes later gets a higher number.
    let first = store::take_log_seq(&mut tx, waiting.len().max(1)).await?;
    ctx.index.catch_up(&mut tx).await?;
    let (mut matches, mut stories) = (Vec::new(), told_apart);
    let analysed: Vec<&Analysed> = found.iter().map(|(_, analysed)| analysed).collect();
    let hits = ctx.index.matches(&analysed);
    for (seq, ((row, _), filters)) in (first..).zip(found.iter().zip(hits)) {
        let Some((story_id, story_first_seq)) = stories.begin(row.article_id, seq) else { continue };
        if !filters.is_empty() {
            matches.push(NewMatch {
                seq,
                article_id: row.article_id,
                rev: row.rev,
                seen_at: row.seen_at,
                story_id,
                story_first_seq,
                filters: encode_ids(&filters),
                material: row.material,
            });
        }
    }
    stories.write(&mut tx, now).await?;
    let done: Vec<(i64, i16)> = waiting.iter().map(|row| (row.article_id, row.rev)).collect();
    store::matches::add(&mut tx, now, &matches, &done).await?;
    tx.commit().await?;
    drop(conn);
    ctx.index.observe(found.iter().map(|(_, analysed)| analysed));
    tracing::debug!(articles = waiting.len(), matched = matches.len(), "matched");
    ctx.wake.plan.notify_one();
    Ok(Outcome { did: waiting.len(), more: i64::try_from(waiting.len()).is_ok_and(|n| n >= BATCH) })
}
