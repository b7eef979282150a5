//! The sweep stage: takes over what dead nodes held, ends pauses, prunes, prepares the months to come, reads anew what an older analyser read.
//! It sends nothing and plans nothing.

use std::sync::Arc;

use chrono::{DateTime, TimeDelta, Utc};

use super::{Context, Outcome, StageError, reanalysis};
use crate::{delivery::OnDoubt, store};

/// Partitions are prepared this far ahead, so that a stopped sweep is no emergency.
const MONTHS_AHEAD: TimeDelta = TimeDelta::days(35);

/// Takes over, prunes and prepares; gives the number of things done.
pub async fn run_once(ctx: &Arc<Context>, now: DateTime<Utc>) -> Result<Outcome, StageError> {
    let taken = take_over(ctx, now).await?;
    let mut conn = ctx.pool.acquire().await?;
    for at in [now, now + MONTHS_AHEAD] {
        store::ensure_month(&mut conn, at).await?;
    }
    let resumed = store::reader::end_pauses(&mut conn, now).await?;
    let pruned = store::story::prune(&mut conn, now - store::story::KEPT).await?;
    let months = store::matches::prune(&mut conn, now).await?;
    if months > 0 {
        tracing::info!(months, "months of matches that nothing needs any more were dropped");
    }
    let (read_anew, more) = reanalysis::run_once(&mut conn, now).await?;
    if read_anew > 0 {
        tracing::info!(articles = read_anew, "stored articles were read anew: an older analyser had read them");
    }
    let did = taken + usize::try_from(pruned + months + resumed).unwrap_or(0) + read_anew;
    Ok(Outcome { did, more })
}

/// A dead node's mails on the wire become doubt, its claims are free for all; gives the number of its nodes and mails.
async fn take_over(ctx: &Arc<Context>, now: DateTime<Utc>) -> Result<usize, StageError> {
    let mut tx = ctx.pool.begin().await?;
    let dead: Vec<i64> = store::node::lock_dead(&mut tx).await?.into_iter().filter(|id| *id != ctx.node()).collect();
    if dead.is_empty() {
        return Ok(0);
    }
    let doubts = store::doubt::from_wire(&mut tx, now, &dead, &(0..=i32::MAX)).await?;
    store::batch::free_of(&mut tx, &dead).await?;
    store::retry::free_of(&mut tx, &dead).await?;
    store::feed::free_of(&mut tx, &dead).await?;
    if ctx.settings().deliver.on_doubt == OnDoubt::Resend {
        let again: Vec<_> = doubts.iter().map(|key| (*key, now)).collect();
        store::retry::put(&mut tx, ctx.node(), &again).await?;
    }
    store::node::stop(&mut tx, &dead).await?;
    tx.commit().await?;
    if !doubts.is_empty() {
        tracing::warn!(nodes = dead.len(), in_doubt = doubts.len(), "a node died with mails on the wire");
    }
    ctx.wake.deliver();
    Ok(dead.len() + doubts.len())
}
