//! The daemon's loops: one per stage and lane, the lease, and the drain at the end.
//! What a round does is the stages' own.

use std::{future::Future, pin::Pin, sync::Arc, time::Duration};

use tokio::{sync::Notify, task::JoinSet, time::timeout};

use super::{Context, Outcome, Stage, StageError, deliver, ingest, match_articles, plan, sweep};
use crate::{delivery::Lane, store};

/// How often each stage looks without being woken: polling alone must be enough.
const POLL: Duration = Duration::from_millis(500);
/// How often the sweep runs.
const SWEEP: Duration = Duration::from_secs(2);
/// The lease is renewed this often, three times within it.
const RENEW: Duration = Duration::from_secs(3);
/// Back-off after failures: doubled from the poll up to this.
const LONGEST_BACK_OFF: Duration = Duration::from_secs(60);

type Round<'a> = Pin<Box<dyn Future<Output = Result<Outcome, StageError>> + Send + 'a>>;

/// Runs these stages until a stop is asked for, then drains: each round under way ends, within `deadline`.
pub async fn run(ctx: Arc<Context>, stages: &[Stage], deadline: Duration) {
    let mut loops = JoinSet::new();
    spawn(&mut loops, &ctx, |ctx| async move { renew(&ctx).await });
    for stage in stages {
        match stage {
            Stage::Ingest => spawn(&mut loops, &ctx, |ctx| async move {
                stage_loop(&ctx, "ingest", POLL, &ctx.wake.ingest, |ctx| Box::pin(ingest::run_once(ctx, ctx.clock.now()))).await;
            }),
            Stage::Match => spawn(&mut loops, &ctx, |ctx| async move {
                let wake = &ctx.wake.match_articles;
                stage_loop(&ctx, "match", POLL, wake, |ctx| Box::pin(match_articles::run_once(ctx, ctx.clock.now()))).await;
            }),
            Stage::Plan => spawn(&mut loops, &ctx, |ctx| async move {
                stage_loop(&ctx, "plan", POLL, &ctx.wake.plan, |ctx| Box::pin(plan::run_once(ctx, ctx.clock.now()))).await;
            }),
            Stage::Sweep => spawn(&mut loops, &ctx, |ctx| async move {
                let never = Notify::new();
                stage_loop(&ctx, "sweep", SWEEP, &never, |ctx| Box::pin(sweep::run_once(ctx, ctx.clock.now()))).await;
            }),
            Stage::Deliver => {
                for lane in Lane::ALL {
                    spawn(&mut loops, &ctx, move |ctx| async move {
                        let round = move |ctx| -> Round<'_> { Box::pin(deliver_round(ctx, lane)) };
                        stage_loop(&ctx, lane.word(), POLL, &ctx.wake.deliver, round).await;
                    });
                }
            }
        }
    }
    ctx.stopped().await;
    let drained = timeout(deadline, async { while loops.join_next().await.is_some() {} }).await;
    if drained.is_err() {
        tracing::warn!(seconds = deadline.as_secs(), "the drain took too long; what is open is taken up by the next start");
        loops.abort_all();
    }
    let _ = timeout(deadline, ctx.kept.quit()).await;
    if let Ok(mut conn) = ctx.pool.acquire().await {
        // What this node still holds is free for others at once; an error only means that they wait for the lease.
        let _ = store::node::leave(&mut conn, ctx.node()).await;
    }
}

async fn deliver_round(ctx: &Arc<Context>, lane: Lane) -> Result<Outcome, StageError> {
    deliver::run_once(ctx, lane, ctx.clock.now()).await
}

fn spawn<F, R>(loops: &mut JoinSet<()>, ctx: &Arc<Context>, body: F)
where
    F: FnOnce(Arc<Context>) -> R,
    R: Future<Output = ()> + Send + 'static,
{
    loops.spawn(body(Arc::clone(ctx)));
}

/// One stage's loop: a round, then a wait until woken, polled or stopped; after a failure the wait doubles.
async fn stage_loop(
    ctx: &Arc<Context>,
    name: &str,
    every: Duration,
    wake: &Notify,
    round: impl for<'a> Fn(&'a Arc<Context>) -> Round<'a>,
) {
    let mut wait = every;
    while !ctx.stopping() {
        match round(ctx).await {
            Ok(outcome) => {
                wait = every;
                if outcome.did > 0 {
                    tracing::debug!(stage = name, did = outcome.did, "round");
                }
                if outcome.more {
                    tokio::task::yield_now().await;
                    continue;
                }
            }
            Err(error) => {
                wait = (wait * 2).min(LONGEST_BACK_OFF);
                tracing::warn!(stage = name, %error, again_in_ms = u64::try_from(wait.as_millis()).unwrap_or(u64::MAX), "round failed");
            }
        }
        tokio::select! {
            () = tokio::time::sleep(wait) => {}
            () = wake.notified() => {}
            () = ctx.stopped() => {}
        }
    }
}

/// Keeps the node's lease; a node that lost it goes on under a new id, so that nothing it held counts any more.
async fn renew(ctx: &Arc<Context>) {
    loop {
        tokio::select! {
            () = tokio::time::sleep(RENEW) => {}
            () = ctx.stopped() => return,
        }
        match renew_once(ctx).await {
            Ok(()) => {}
            Err(error) => tracing::warn!(%error, "the lease could not be renewed; no mail begins until it is"),
        }
    }
}

async fn renew_once(ctx: &Arc<Context>) -> Result<(), StageError> {
    let mut conn = ctx.pool.acquire().await?;
    if !store::node::renew(&mut conn, ctx.node()).await? {
        let node = store::node::enter(&mut conn, "again", env!("CARGO_PKG_VERSION")).await?;
        tracing::warn!(was = ctx.node(), now = node, "the lease had run out; going on as a new node");
        ctx.set_node(node);
    }
    Ok(())
}
