//! The daemon's loops: one per stage and lane, the lease, and the drain at the end.
//! What a round does is the stages' own.

use std::{sync::Arc, time::Duration};

use tokio::{sync::Notify, task::JoinSet, time::timeout};

use super::{Context, Outcome, Stage, StageError, deliver};
use crate::{delivery::Lane, store};

/// How often each stage looks without being woken: polling alone must be enough.
const POLL: Duration = Duration::from_millis(500);
/// How often the sweep runs.
const SWEEP: Duration = Duration::from_secs(2);
/// The lease is renewed this often, three times within it.
const RENEW: Duration = Duration::from_secs(3);
/// Saying good-bye to relays takes at most this long.
const FAREWELL: Duration = Duration::from_secs(5);
/// Back-off after failures: doubled from the poll up to this.
const LONGEST_BACK_OFF: Duration = Duration::from_mins(1);

/// What one loop does: a stage, or one lane of deliver.
#[derive(Clone, Copy)]
enum Work {
    Stage(Stage),
    Lane(Lane),
}

/// A loop died; the daemon ends rather than go on without it, and its supervisor starts it anew.
#[derive(Debug, thiserror::Error)]
#[error("a loop of the daemon died: {0}")]
pub struct Died(String);

/// Runs these stages until a stop is asked for, then drains: each round under way ends, within `deadline`.
pub async fn run(ctx: Arc<Context>, stages: &[Stage], deadline: Duration) -> Result<(), Died> {
    let lease = tokio::spawn(keep_lease(Arc::clone(&ctx)));
    let mut loops = JoinSet::new();
    for stage in stages {
        let work = match stage {
            Stage::Deliver => Lane::ALL.map(Work::Lane).to_vec(),
            other => vec![Work::Stage(*other)],
        };
        for work in work {
            let ctx = Arc::clone(&ctx);
            loops.spawn(async move { stage_loop(&ctx, work).await });
        }
    }
    let died = tokio::select! {
        () = ctx.stopped() => Ok(()),
        Some(ended) = loops.join_next() => ended.map_err(|error| Died(error.to_string())),
    };
    ctx.stop();
    let drained = timeout(deadline, async { while loops.join_next().await.is_some() {} }).await;
    if drained.is_err() {
        tracing::warn!(
            seconds = deadline.as_secs(),
            "the drain took too long; what is open is taken up by the next start"
        );
        loops.abort_all();
    }
    // Until here: a mail on its way counts only under a lease.
    lease.abort();
    leave(&ctx).await;
    died
}

/// Closes the connections to relays, and gives up what this node still holds.
pub async fn leave(ctx: &Context) {
    let _ = timeout(FAREWELL, ctx.kept.quit()).await;
    if let Ok(mut conn) = ctx.pool.acquire().await {
        // What this node still holds is free for others at once; an error only means that they wait for the lease.
        let _ = store::node::leave(&mut conn, ctx.node()).await;
    }
}

impl Work {
    fn word(self) -> &'static str {
        match self {
            Self::Stage(stage) => stage.word(),
            Self::Lane(lane) => lane.word(),
        }
    }

    /// Its place among the loops of a node.
    const fn place(self) -> usize {
        match self {
            Self::Stage(Stage::Ingest) => 0,
            Self::Stage(Stage::Match) => 1,
            Self::Stage(Stage::Plan) => 2,
            Self::Stage(Stage::Deliver | Stage::Sweep) => 3,
            Self::Lane(Lane::Confirmation) => 4,
            Self::Lane(Lane::Alert) => 5,
            Self::Lane(Lane::Digest) => 6,
        }
    }

    fn every(self) -> Duration {
        if matches!(self, Self::Stage(Stage::Sweep)) { SWEEP } else { POLL }
    }

    fn doorbell(self, ctx: &Context) -> &Notify {
        match self {
            Self::Stage(Stage::Ingest) => &ctx.wake.ingest,
            Self::Stage(Stage::Match) => &ctx.wake.match_articles,
            Self::Stage(Stage::Plan) => &ctx.wake.plan,
            Self::Stage(Stage::Deliver | Stage::Sweep) => &ctx.wake.sweep,
            Self::Lane(lane) => &ctx.wake.lanes[usize::from(lane.code().unsigned_abs()) % Lane::ALL.len()],
        }
    }

    async fn round(self, ctx: &Arc<Context>) -> Result<Outcome, StageError> {
        match self {
            Self::Stage(stage) => super::run_once(ctx, stage).await,
            Self::Lane(lane) => deliver::run_once(ctx, lane, ctx.clock.now()).await,
        }
    }
}

/// One stage's loop: a round, then a wait until woken, polled or stopped; after a failure the wait doubles.
async fn stage_loop(ctx: &Arc<Context>, work: Work) {
    let (name, every) = (work.word(), work.every());
    let mut wait = every;
    while !ctx.stopping() {
        let round = work.round(ctx).await;
        ctx.rounds.end(work.place(), round.as_ref().is_ok_and(|outcome| *outcome == Outcome::IDLE));
        match round {
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
                let again_in_ms = u64::try_from(wait.as_millis()).unwrap_or(u64::MAX);
                tracing::warn!(stage = name, %error, again_in_ms, "round failed");
            }
        }
        tokio::select! {
            () = tokio::time::sleep(wait) => {}
            () = work.doorbell(ctx).notified() => {}
            () = ctx.stopped() => {}
        }
    }
}

/// Keeps the node's lease; a node that lost it goes on under a new id, so that nothing it held counts any more.
pub async fn keep_lease(ctx: Arc<Context>) {
    loop {
        tokio::time::sleep(RENEW).await;
        if let Err(error) = renew(&ctx).await {
            tracing::warn!(%error, "the lease could not be renewed; no mail begins until it is");
        }
    }
}

async fn renew(ctx: &Context) -> Result<(), StageError> {
    let mut conn = ctx.pool.acquire().await?;
    if !store::node::renew(&mut conn, ctx.node()).await? {
        let node = store::node::enter_again(&mut conn, ctx.node()).await?;
        tracing::warn!(was = ctx.node(), now = node, "the lease had run out; going on as a new node");
        ctx.set_node(node);
    }
    Ok(())
}
