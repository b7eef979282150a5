//! The deliver stage: claims batches and deferred mails of one lane, composes them and hands them to the relays.
//! It selects nothing; what is in a mail was frozen by plan, and how a reply is read is the noun `delivery`'s.

pub mod claim;
pub mod connection;
pub mod entry;
pub mod job;
pub mod ledger;
pub mod offer;

use std::{
    ops::RangeInclusive,
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
};

use chrono::{DateTime, TimeDelta, Utc};
use tokio::{
    sync::{Mutex, mpsc},
    task::{JoinError, JoinSet},
};

use super::{Context, Outcome, StageError};
use crate::{
    delivery::{Lane, RetryConfig, SkipReason},
    mail::Relay,
    store::{self, hold::HoldRow},
};
use claim::Claimed;
use connection::{Shared, Tally};
use entry::Entry;
use job::{Job, OnDoubt};
use ledger::Report;

/// Composed mails that wait for a connection: some 30 kB each.
const MAX_READY: usize = 64;
/// Connections of a lane of its own for confirmations and for alerts, however many the relay allows for digests.
const URGENT_CONNECTIONS: u16 = 2;
/// How long a mail under a hold on something in it is left alone; a release wakes it.
const HELD_FOR: TimeDelta = TimeDelta::seconds(60);
/// Connection numbers per lane and relay: each connection of a node has its own row on the wire.
const LANE_STRIDE: i32 = 10_000;
const RELAY_STRIDE: i32 = 100;

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

/// Lanes whose last round ended before its claims were settled: Postgres was away for long, or the round was dropped.
#[derive(Debug, Default)]
pub struct Unsettled([AtomicBool; 3]);

impl Unsettled {
    fn of(&self, lane: Lane) -> &AtomicBool {
        &self.0[usize::from(lane.code().unsigned_abs()) % self.0.len()]
    }
}

/// Delivers what is due in one lane.
pub async fn run_once(ctx: &Arc<Context>, lane: Lane, now: DateTime<Utc>) -> Result<Outcome, StageError> {
    let (settings, node) = (ctx.settings(), ctx.node());
    let unsettled = ctx.unsettled.of(lane);
    if unsettled.load(Ordering::SeqCst) {
        recover(ctx, node, lane, now).await?;
        unsettled.store(false, Ordering::SeqCst);
    }
    let holds = store::hold::active(&mut *ctx.pool.acquire().await?).await?;
    let relays = open_relays(&settings.deliver, &holds);
    if relays.is_empty() || holds.iter().any(|hold| hold.scope == "all") {
        return Ok(Outcome::IDLE);
    }
    unsettled.store(true, Ordering::SeqCst);
    let claimed = claim::take(ctx, node, lane, &held_schedules(&holds), now).await?;
    if claimed.is_empty() {
        unsettled.store(false, Ordering::SeqCst);
        return Ok(Outcome::IDLE);
    }
    let more = claimed.is_full();
    let round = Round { ctx, node, lane, relays, now };
    let (tallies, skipped) = round.send(&claimed).await?;
    round.settle(&claimed, &tallies).await?;
    unsettled.store(false, Ordering::SeqCst);
    let sent: usize = tallies.iter().map(|tally| tally.sent).sum();
    let did = sent + skipped? + tallies.iter().map(|tally| tally.skipped).sum::<usize>();
    match tallies.into_iter().find_map(|tally| tally.unreachable) {
        Some(error) if sent == 0 => Err(StageError::Relay(error)),
        // Where nothing could be done, what was given back is not asked for again at once.
        _ => Ok(Outcome { did, more: more && did > 0 }),
    }
}

/// Puts in order what a round of this lane left behind: no connection of it is at work now.
async fn recover(ctx: &Context, node: i64, lane: Lane, now: DateTime<Utc>) -> Result<(), StageError> {
    let mut conn = ctx.pool.acquire().await?;
    let mut tx = sqlx::Acquire::begin(&mut *conn).await?;
    let doubts = store::doubt::from_wire(&mut tx, now, &[node], &connections_of(lane)).await?;
    store::batch::free_lane(&mut tx, node, lane.code()).await?;
    store::retry::free_lane(&mut tx, node, lane.code()).await?;
    if ctx.settings().deliver.on_doubt == OnDoubt::Resend {
        let again: Vec<_> = doubts.iter().map(|key| (*key, now + job::RESEND_AFTER)).collect();
        store::retry::put(&mut tx, node, &again).await?;
    }
    tx.commit().await?;
    if !doubts.is_empty() {
        tracing::warn!(in_doubt = doubts.len(), lane = lane.word(), "a round ended without its results");
    }
    Ok(())
}

fn connections_of(lane: Lane) -> RangeInclusive<i32> {
    let first = i32::from(lane.code()) * LANE_STRIDE;
    first..=first + LANE_STRIDE - 1
}

/// Relays that no hold stops, with their place in the config.
fn open_relays(settings: &DeliverSettings, holds: &[HoldRow]) -> Vec<(usize, Arc<Relay>)> {
    let is_open = |relay: &Relay| !holds.iter().any(|hold| hold.scope == "relay" && hold.name == relay.config().name);
    settings.relays.iter().cloned().enumerate().filter(|(_, relay)| is_open(relay)).collect()
}

fn held_schedules(holds: &[HoldRow]) -> Vec<i64> {
    holds.iter().filter(|hold| hold.scope == "schedule").filter_map(|hold| hold.ref_id).collect()
}

/// One round of a lane.
struct Round<'a> {
    ctx: &'a Arc<Context>,
    /// Who claims: a node that loses its lease goes on under another id, and this round's claims are not that one's.
    node: i64,
    lane: Lane,
    relays: Vec<(usize, Arc<Relay>)>,
    now: DateTime<Utc>,
}

type Sent = (Vec<Tally>, Result<usize, StageError>);

impl Round<'_> {
    /// Sends what was claimed over the lane's connections. Composing, connections and ledger are tasks of their own, so that
    /// none waits for another's work.
    async fn send(&self, claimed: &Claimed) -> Result<Sent, StageError> {
        let (job_sender, jobs) = mpsc::channel::<Arc<Job>>(MAX_READY);
        let (ledger_sender, reports) = mpsc::channel::<Report>(MAX_READY);
        let mut tasks = JoinSet::new();
        for (shared, number) in self.connections(claimed, jobs, ledger_sender) {
            tasks.spawn(async move { Done::Connection(connection::run(shared, number).await) });
        }
        let (ctx, node, groups, now) = (Arc::clone(self.ctx), self.node, claimed.groups(), self.now);
        tasks.spawn(async move { Done::Offered(offer::all(ctx, node, groups, job_sender, now).await) });
        let (ctx, node) = (Arc::clone(self.ctx), self.node);
        tasks.spawn(async move { Done::Ledger(ledger::run(ctx, node, reports).await) });
        let (mut tallies, mut offered, mut written) = (Vec::new(), Ok(0), Ok(()));
        while let Some(done) = tasks.join_next().await {
            match done.map_err(|error| died(&error))? {
                Done::Connection(tally) => tallies.push(tally),
                Done::Offered(done) => offered = done,
                Done::Ledger(done) => written = done,
            }
        }
        written?;
        Ok((tallies, offered))
    }

    #[expect(clippy::needless_pass_by_value, reason = "the last sender goes with this call, so that the ledger ends")]
    fn connections(
        &self,
        claimed: &Claimed,
        jobs: mpsc::Receiver<Arc<Job>>,
        ledger: mpsc::Sender<Report>,
    ) -> Vec<(Shared, i32)> {
        let (jobs, returned) = (Arc::new(Mutex::new(jobs)), Arc::default());
        let mut all = Vec::new();
        for (at, relay) in &self.relays {
            let most = relay.config().connections;
            let most = if self.lane == Lane::Digest { most } else { most.min(URGENT_CONNECTIONS) };
            let first = connections_of(self.lane).start() + i32::try_from(*at).unwrap_or(0) * RELAY_STRIDE;
            for number in (first..).take(usize::from(most).min(claimed.mails())) {
                let (ctx, relay) = (Arc::clone(self.ctx), Arc::clone(relay));
                let (jobs, returned, ledger) = (Arc::clone(&jobs), Arc::clone(&returned), ledger.clone());
                all.push((Shared { ctx, lane: self.lane, relay, jobs, returned, ledger }, number));
            }
        }
        all
    }

    /// Closes batches whose every mail has its result, and gives back what was not sent.
    async fn settle(&self, claimed: &Claimed, tallies: &[Tally]) -> Result<(), StageError> {
        let (node, now) = (self.node, self.ctx.clock.now());
        let mut conn = self.ctx.pool.acquire().await?;
        let mut tx = sqlx::Acquire::begin(&mut *conn).await?;
        let held: Vec<_> = tallies.iter().flat_map(|tally| &tally.held).collect();
        let claims: Vec<_> = held.iter().map(|(claim, _)| *claim).collect();
        let ours = ledger::still_held(&mut tx, node, &claims).await?;
        let held = held.into_iter().filter(|(claim, _)| ours.contains(&claim.key));
        let (late, waiting): (Vec<_>, Vec<_>) = held.partition(|(_, expires_at)| *expires_at <= now);
        let reason = SkipReason::Held;
        let late: Vec<Entry> = late.iter().map(|(c, _)| Entry::skipped(c.key, reason, reason.text(), now)).collect();
        ledger::write(&mut tx, now, node, &late.iter().collect::<Vec<_>>()).await?;
        let again: Vec<_> = waiting.iter().map(|(claim, _)| (claim.key, now + HELD_FOR)).collect();
        if !again.is_empty() {
            store::retry::put(&mut tx, node, &again).await?;
        }
        claimed.settle(&mut tx, node, now).await?;
        tx.commit().await?;
        Ok(())
    }
}

/// What a task of a round ends with.
enum Done {
    Connection(Tally),
    Offered(Result<usize, StageError>),
    Ledger(Result<(), StageError>),
}

fn died(error: &JoinError) -> StageError {
    StageError::Stored(format!("a task of a round died: {error}"))
}
