//! The ledger of a round: one commit holds the results of many connections and the starts that follow them.
//! It neither speaks SMTP nor decides what a reply means.

use std::{collections::HashMap, sync::Arc, time::Duration};

use chrono::{DateTime, Utc};
use rustc_hash::FxHashSet;
use tokio::{
    sync::{mpsc, oneshot},
    time::{Instant, sleep},
};

use super::{entry::Entry, job::Job};
use crate::{
    daemon::{Context, StageError},
    delivery::SkipReason,
    store::{self, Conn, PooledConn, delivery::Key as RowKey, hold::HoldRow, wire::Claim},
    subscriber::Status,
};

/// Reports that one commit takes; more connections than this wait for the next one.
const MAX_GROUP: usize = 256;
/// A start that waited longer than this for its commit is asked for again, so that a hold is obeyed within two seconds.
pub const START_IS_GOOD_FOR: Duration = Duration::from_secs(1);
/// How long results are kept for a Postgres that does not answer. What is dropped then stands on the wire, and is in doubt.
const LONGEST_OUTAGE: Duration = Duration::from_mins(5);
/// Wait between two attempts to commit.
const COMMIT_AGAIN: Duration = Duration::from_millis(250);

/// What a connection says and asks: the result of its last mail, and whether the next may begin.
#[derive(Debug)]
pub struct Report {
    /// Number of the connection within the node.
    pub connection: i32,
    /// Result of the last mail.
    pub result: Option<Entry>,
    /// The next mail.
    pub start: Option<Arc<Job>>,
    /// Relay that it would go through.
    pub relay: String,
    /// Where the answer goes.
    pub reply: oneshot::Sender<Answer>,
}

/// Whether the next mail may begin.
#[derive(Clone, Copy, Debug)]
pub enum Answer {
    /// Its start is committed; good until then.
    Begin(Instant),
    /// A hold on something in it stops it.
    Held,
    /// A hold on everything, its schedule or the relay: this connection begins nothing more.
    Stopped,
    /// The reader is one no more; that stands in the books.
    Left,
    /// Another node has it, or this node's lease ran out.
    Lost,
    /// Nothing was asked.
    Noted,
}

/// Takes reports until every connection of the round is gone. `node` is who claimed what they send.
pub async fn run(ctx: Arc<Context>, node: i64, mut reports: mpsc::Receiver<Report>) -> Result<(), StageError> {
    let mut ledger = Ledger { ctx, node, conn: None };
    let mut group = Vec::with_capacity(MAX_GROUP);
    while reports.recv_many(&mut group, MAX_GROUP).await > 0 {
        let answers = ledger.commit(&group).await?;
        for (report, answer) in group.drain(..).zip(answers) {
            // A connection that is gone needs no answer.
            let _ = report.reply.send(answer);
        }
    }
    Ok(())
}

struct Ledger {
    ctx: Arc<Context>,
    node: i64,
    /// Kept for the round: the pool asks a connection how it is each time it gives it.
    conn: Option<PooledConn>,
}

impl Ledger {
    /// Commits a group, again and again while Postgres is away: a relay's answer is known only here. Doing it twice, where a
    /// commit's own answer was lost, does no harm.
    async fn commit(&mut self, group: &[Report]) -> Result<Vec<Answer>, StageError> {
        let since = Instant::now();
        loop {
            match self.try_commit(group).await {
                Err(StageError::Store(error)) if store::is_passing(&error) && since.elapsed() < LONGEST_OUTAGE => {
                    tracing::warn!(%error, results = group.len(), "results cannot be written; trying again");
                    self.conn = None;
                    sleep(COMMIT_AGAIN).await;
                }
                other => return other,
            }
        }
    }

    async fn try_commit(&mut self, group: &[Report]) -> Result<Vec<Answer>, StageError> {
        let conn = match &mut self.conn {
            Some(conn) => conn,
            none => none.insert(self.ctx.pool.acquire().await?),
        };
        let mut tx = store::begin(conn).await?;
        let until = Instant::now() + START_IS_GOOD_FOR;
        let answers = write_group(&mut tx, self.ctx.clock.now(), self.node, group, until).await?;
        tx.commit().await?;
        Ok(answers)
    }
}

async fn write_group(
    conn: &mut Conn,
    now: DateTime<Utc>,
    node: i64,
    group: &[Report],
    until: Instant,
) -> Result<Vec<Answer>, StageError> {
    let results: Vec<&Entry> = group.iter().filter_map(|report| report.result.as_ref()).collect();
    write(conn, now, node, &results).await?;
    // Read in the very transaction that begins the mails: from a hold's commit on nothing begins without having seen it.
    let asked = group.iter().any(|report| report.start.is_some());
    let holds = if asked { store::hold::active(conn).await? } else { Vec::new() };
    let mut answers = vec![Answer::Noted; group.len()];
    let mut asking: Vec<(usize, &Job)> = Vec::new();
    for (at, report) in group.iter().enumerate() {
        if let Some(job) = report.start.as_deref() {
            match held(&holds, job, &report.relay) {
                Some(answer) => answers[at] = answer,
                None => asking.push((at, job)),
            }
        }
    }
    let starts: Vec<_> = asking.iter().map(|(at, job)| job.start(group[*at].connection, &group[*at].relay)).collect();
    if !starts.is_empty() {
        let granted = store::wire::begin(conn, now, node, &starts).await?;
        let (begun, refused): (Vec<_>, Vec<_>) =
            asking.into_iter().partition(|(at, _)| granted.contains(&group[*at].connection));
        for (at, _) in begun {
            answers[at] = Answer::Begin(until);
        }
        refuse(conn, now, node, &refused, &mut answers).await?;
    }
    let idle: Vec<i32> = group
        .iter()
        .zip(&answers)
        .filter(|(_, answer)| !matches!(answer, Answer::Begin(_)))
        .map(|(report, _)| report.connection)
        .collect();
    if !idle.is_empty() {
        store::wire::clear(conn, node, &idle).await?;
    }
    Ok(answers)
}

/// Says why mails may not begin: the claim is lost, or the reader left, which is written down.
async fn refuse(
    conn: &mut Conn,
    now: DateTime<Utc>,
    node: i64,
    refused: &[(usize, &Job)],
    answers: &mut [Answer],
) -> Result<(), StageError> {
    if refused.is_empty() {
        return Ok(());
    }
    let readers: Vec<i64> = refused.iter().map(|(_, job)| job.subscriber_id).collect();
    let standing: HashMap<i64, (i16, bool)> = store::subscriber::standing(conn, &readers)
        .await?
        .into_iter()
        .map(|(id, status, suppressed)| (id, (status, suppressed)))
        .collect();
    let claims: Vec<Claim> = refused.iter().map(|(_, job)| job.claim).collect();
    let ours = still_held(conn, node, &claims).await?;
    let mut left = Vec::new();
    for (at, job) in refused {
        let reason =
            standing.get(&job.subscriber_id).and_then(|(status, suppressed)| why_left(job, *status, *suppressed));
        answers[*at] = Answer::Lost;
        if let Some(reason) = reason.filter(|_| ours.contains(&job.claim.key)) {
            answers[*at] = Answer::Left;
            left.push(job.skipped(reason, now));
        }
    }
    write(conn, now, node, &left.iter().collect::<Vec<_>>()).await
}

fn why_left(job: &Job, status: i16, suppressed: bool) -> Option<SkipReason> {
    let status = Status::try_from(status).unwrap_or(Status::Suppressed);
    if status.code() != job.status_needed() {
        return Some(SkipReason::of(status).unwrap_or(SkipReason::Cancelled));
    }
    suppressed.then_some(SkipReason::Suppressed)
}

/// The claims that are the node's until this transaction ends: only about those it may say that they are not sent.
pub async fn still_held(conn: &mut Conn, node: i64, claims: &[Claim]) -> Result<FxHashSet<RowKey>, StageError> {
    Ok(store::wire::held(conn, node, claims).await?.into_iter().collect())
}

/// Writes results into the books: states, deferrals, doubts and what was not told after all.
pub async fn write(conn: &mut Conn, now: DateTime<Utc>, node: i64, entries: &[&Entry]) -> Result<(), StageError> {
    if entries.is_empty() {
        return Ok(());
    }
    let rows: Vec<_> = entries.iter().map(|entry| entry.to_row()).collect();
    store::delivery::results(conn, &rows).await?;
    let doubts: Vec<_> = entries.iter().filter_map(|entry| entry.doubt()).collect();
    if !doubts.is_empty() {
        store::doubt::add(conn, now, node, &doubts).await?;
    }
    let retries: Vec<_> = entries.iter().filter_map(|e| e.retry_at.map(|at| (e.row.key, at))).collect();
    if !retries.is_empty() {
        store::retry::put(conn, node, &retries).await?;
    }
    let untold: Vec<_> = entries.iter().filter_map(|entry| entry.untold.as_ref()).collect();
    if !untold.is_empty() {
        store::digest::untell(conn, &untold).await?;
    }
    Ok(())
}

/// Whether no hold that stands now keeps this mail back.
pub async fn is_free(ctx: &Context, job: &Job, relay: &str) -> Result<bool, StageError> {
    let holds = store::hold::active(&mut *ctx.pool.acquire().await?).await?;
    Ok(held(&holds, job, relay).is_none())
}

fn held(holds: &[HoldRow], job: &Job, relay: &str) -> Option<Answer> {
    holds.iter().find_map(|hold| match hold.scope.as_str() {
        "all" => Some(Answer::Stopped),
        "relay" => (hold.name == relay).then_some(Answer::Stopped),
        "schedule" => (job.schedule_id.map(i64::from) == hold.ref_id).then_some(Answer::Stopped),
        "topic" => hold.ref_id.filter(|id| job.topics.contains(id)).map(|_| Answer::Held),
        "feed" => hold.ref_id.filter(|id| job.feeds.contains(id)).map(|_| Answer::Held),
        _ => None,
    })
}
