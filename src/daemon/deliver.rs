//! The deliver stage: claims batches and deferred mails of one lane, composes them and hands them to the relays.
//! It selects nothing; what is in a mail was frozen by plan, and how a reply is read is the noun `delivery`'s.

pub mod claim;
pub mod connection;
pub mod job;
pub mod ledger;

use std::sync::Arc;

use chrono::{DateTime, TimeDelta, Utc};
use tokio::{
    sync::{Mutex, mpsc},
    task::JoinSet,
};

use super::{Context, Outcome, StageError};
use crate::{
    delivery::{Lane, RetryConfig, SkipReason},
    mail::Relay,
    store::{self, hold::HoldRow},
};
use claim::Claimed;
use connection::{Shared, Tally};
use job::{Job, OnDoubt};
use ledger::Report;

/// Composed mails that wait for a connection: some 30 kB each.
const MAX_READY: usize = 64;
/// Connections of a lane of its own for confirmations and for alerts, however many the relay allows for digests.
const URGENT_CONNECTIONS: u16 = 2;
/// How long a mail under a hold is left alone before it is looked at again.
const HELD_FOR: TimeDelta = TimeDelta::seconds(30);
/// Connection numbers per lane and relay: each connection of a node has its own row on the wire.
const LANE_STRIDE: i32 = 10_000;
const RELAY_STRIDE: i32 = 1_000;

/// What deliver needs to know.
#[derive(Clone, Debug)]
pub struct DeliverSettings {
    /// The relays, in the order of the config.
    pub relays: Vec<Arc<Relay>>,
    /// Waits and expiry.
    pub retry: RetryConfig,
    /// What happens to mails in doubt.
    pub on_doubt: OnDoubt,
    /// Only these mailboxes are mailed; empty for all. A safe copy.
    pub only_to: Vec<String>,
}

/// Delivers what is due in one lane.
pub async fn run_once(ctx: &Arc<Context>, lane: Lane, now: DateTime<Utc>) -> Result<Outcome, StageError> {
    let settings = ctx.settings();
    let holds = store::hold::active(&mut *ctx.pool.acquire().await?).await?;
    if settings.deliver.relays.is_empty() || holds.iter().any(|hold| hold.scope == "all") {
        return Ok(Outcome::IDLE);
    }
    let claimed = claim::take(ctx, lane, &held_schedules(&holds), now).await?;
    if claimed.is_empty() {
        return Ok(Outcome::IDLE);
    }
    let more = claimed.is_full();
    let (sent, unreachable) = send(ctx, lane, &settings.deliver, &holds, claimed, now).await?;
    match unreachable {
        Some(error) if sent == 0 => Err(StageError::Relay(error)),
        _ => Ok(Outcome { did: sent, more }),
    }
}

fn held_schedules(holds: &[HoldRow]) -> Vec<i64> {
    holds.iter().filter(|hold| hold.scope == "schedule").filter_map(|hold| hold.ref_id).collect()
}

/// Sends what was claimed over the lane's connections and settles the claims.
async fn send(
    ctx: &Arc<Context>,
    lane: Lane,
    settings: &DeliverSettings,
    holds: &[HoldRow],
    claimed: Claimed,
    now: DateTime<Utc>,
) -> Result<(usize, Option<String>), StageError> {
    let (job_sender, jobs) = mpsc::channel::<Job>(MAX_READY);
    let (ledger_sender, reports) = mpsc::channel::<Report>(MAX_READY);
    let jobs = Arc::new(Mutex::new(jobs));
    let mut connections: JoinSet<Tally> = JoinSet::new();
    for (at, relay) in settings.relays.iter().enumerate() {
        if holds.iter().any(|hold| hold.scope == "relay" && hold.name == relay.config().name) {
            continue;
        }
        let most = relay.config().connections;
        let count = if lane == Lane::Digest { most } else { most.min(URGENT_CONNECTIONS) };
        let count = usize::from(count).min(claimed.mails());
        for n in 0..count {
            let shared = Shared {
                ctx: Arc::clone(ctx),
                lane,
                relay: Arc::clone(relay),
                jobs: Arc::clone(&jobs),
                ledger: ledger_sender.clone(),
            };
            let number = i32::from(lane.code()) * LANE_STRIDE
                + i32::try_from(at).unwrap_or(0) * RELAY_STRIDE
                + i32::try_from(n).unwrap_or(0);
            connections.spawn(connection::run(shared, number));
        }
    }
    drop((ledger_sender, jobs));
    let compose = async {
        let composed = claim::compose_all(ctx, settings, &claimed, job_sender, now).await;
        let mut tallies = Vec::new();
        while let Some(tally) = connections.join_next().await {
            tallies.push(tally.unwrap_or_default());
        }
        (composed, tallies)
    };
    let (written, (composed, tallies)) = tokio::join!(ledger::run(ctx, reports), compose);
    written?;
    settle(ctx, &claimed, &tallies, composed, now).await?;
    let sent = tallies.iter().map(|tally| tally.sent).sum();
    Ok((sent, tallies.into_iter().find_map(|tally| tally.unreachable)))
}

/// Closes batches whose every mail has its result, and gives back what was not sent.
async fn settle(
    ctx: &Context,
    claimed: &Claimed,
    tallies: &[Tally],
    composed: Result<(), StageError>,
    now: DateTime<Utc>,
) -> Result<(), StageError> {
    let mut conn = ctx.pool.acquire().await?;
    let mut tx = sqlx::Acquire::begin(&mut *conn).await?;
    let held: Vec<&Job> = tallies.iter().flat_map(|tally| &tally.held).collect();
    let (late, waiting): (Vec<&Job>, Vec<&Job>) = held.into_iter().partition(|job| job.expires_at <= now);
    let skipped = late.iter().map(|job| (job.skipped(SkipReason::Held, now), String::new())).collect();
    ledger::write(&mut tx, ctx.node(), now, skipped).await?;
    let again: Vec<_> = waiting.iter().map(|job| (job.row, now + HELD_FOR)).collect();
    if !again.is_empty() {
        store::retry::put(&mut tx, &again).await?;
    }
    claimed.settle(&mut tx, ctx.node(), now).await?;
    tx.commit().await?;
    composed
}
