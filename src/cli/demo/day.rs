//! The simulated day: moves the clock in steps and waits at each until the daemon's loops have nothing left to do.
//! The loops are the daemon's own; nothing is planned or sent here.

use std::{sync::Arc, time::Duration};

use chrono::{DateTime, TimeDelta, Utc};
use indicatif::ProgressBar;

use super::cast;
use crate::{
    cli::{Failure, names},
    daemon::Context,
    store,
};

/// How far the clock moves at a time: every cut-off, slot and poll lies on these steps or waits for the next.
const STEP: TimeDelta = TimeDelta::minutes(5);
/// How long the day is: each time zone has its morning in it.
const LENGTH: TimeDelta = TimeDelta::hours(24);
/// When one reader leaves: after the cut-off of their noon digest in Paris, before its slot.
const LEAVES: TimeDelta = TimeDelta::minutes(17 * 60 + 20);
/// Longest that one step may take on a busy machine: two fetches that time out.
const PATIENCE: Duration = Duration::from_secs(70);
/// How often the loops are looked at.
const LOOK: Duration = Duration::from_millis(1);

/// Steps of the day, for the progress bar.
pub(super) fn steps() -> u64 {
    LENGTH.num_seconds().unsigned_abs() / STEP.num_seconds().unsigned_abs()
}

/// What was wrong with a feed, each sentence once, in the order in which it was met.
pub(super) type Complaints = Vec<(i64, String)>;

/// Lives through the day; gives what was wrong with feeds in the course of it.
pub(super) async fn run(ctx: &Arc<Context>, begin: DateTime<Utc>, bar: &ProgressBar) -> Result<Complaints, Failure> {
    let mut complaints = Complaints::new();
    settle(ctx).await?;
    hear(ctx, &mut complaints).await?;
    let mut next = begin;
    let mut left = false;
    while next < begin + LENGTH {
        next += STEP;
        // In a demo that stays up the clock also runs by itself.
        ctx.clock.advance((next - ctx.clock.now()).to_std().unwrap_or_default());
        if !left && next >= begin + LEAVES {
            leave(ctx).await?;
            left = true;
        }
        settle(ctx).await?;
        hear(ctx, &mut complaints).await?;
        bar.inc(1);
    }
    Ok(complaints)
}

async fn hear(ctx: &Context, complaints: &mut Complaints) -> Result<(), Failure> {
    for row in store::feed::standing(&mut *ctx.pool.acquire().await?).await? {
        let Some(error) = row.last_error else { continue };
        if !complaints.iter().any(|(feed, known)| *feed == row.feed_id && *known == error) {
            complaints.push((row.feed_id, error));
        }
    }
    Ok(())
}

/// What a click on "unsubscribe" does.
async fn leave(ctx: &Context) -> Result<(), Failure> {
    let mut tx = ctx.pool.begin().await?;
    let reader = names::subscriber(&mut tx, cast::LEAVER).await?;
    store::membership::leave(&mut tx, ctx.clock.now(), reader.id, "demo").await?;
    Ok(tx.commit().await?)
}

/// Waits until every loop has gone through a whole idle round while no other did anything: then nothing is left to do now.
async fn settle(ctx: &Context) -> Result<(), Failure> {
    let quiet = async {
        loop {
            let busy = ctx.rounds.busy();
            // The first round to end may have begun before the look at `busy`; the second did not.
            for _ in 0..2 {
                let before = ctx.rounds.ended();
                ctx.wake.all();
                while ctx.rounds.ended().iter().zip(before).any(|(now, before)| *now == before) {
                    tokio::time::sleep(LOOK).await;
                }
            }
            if ctx.rounds.busy() == busy {
                return;
            }
        }
    };
    tokio::time::timeout(PATIENCE, quiet).await.map_err(|_| {
        let at = ctx.clock.now().format("%H:%M");
        Failure::failed(format!(
            "at {at} UTC of the simulated day a stage did not come to rest within {} s; DEPECHE_LOG__LEVEL=debug shows which",
            PATIENCE.as_secs()
        ))
    })
}
