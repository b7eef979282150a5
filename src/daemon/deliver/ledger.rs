//! The ledger of a node: one commit holds the results of many connections and the starts that follow them.
//! It neither speaks SMTP nor decides what a reply means.

use std::time::Duration;

use chrono::{DateTime, Utc};
use rustc_hash::FxHashMap;
use tokio::{
    sync::{mpsc, oneshot},
    time::Instant,
};

use super::job::Job;
use crate::{
    daemon::{Context, StageError, plan},
    delivery::{SkipReason, State},
    store::{self, Conn, delivery::ResultRow, hold::HoldRow, wire::Start},
    subscriber::Status,
};

/// Reports that one commit takes; more connections than this wait for the next one.
const MAX_GROUP: usize = 256;
/// A start that waited longer than this for its commit is asked for again, so that a hold is obeyed within two seconds.
pub const START_IS_GOOD_FOR: Duration = Duration::from_millis(1_000);

/// How a mail's attempt ended, in the ledger's terms.
#[derive(Clone, Debug)]
pub struct Entry {
    /// What stands in the books.
    pub row: ResultRow,
    /// When it is tried again.
    pub retry_at: Option<DateTime<Utc>>,
    /// It is in doubt: the hash of its unsigned bytes.
    pub doubt: Option<Vec<u8>>,
}

/// What a connection says and asks: the result of its last mail, and whether the next may begin.
#[derive(Debug)]
pub struct Report {
    /// Number of the connection within the node.
    pub connection: i32,
    /// Result of the last mail.
    pub result: Option<Entry>,
    /// The next mail.
    pub start: Option<Box<Job>>,
    /// Relay that it would go through.
    pub relay: String,
    /// Where the answer goes.
    pub reply: oneshot::Sender<Answer>,
}

/// Whether the next mail may begin.
#[derive(Debug)]
pub enum Answer {
    /// Its start is committed; good until then.
    Begin(Box<Job>, Instant),
    /// A hold stops it.
    Held(Box<Job>),
    /// The reader is one no more.
    Left(Box<Job>, SkipReason),
    /// Another node has it, or this node's lease ran out.
    Lost,
    /// Nothing was asked.
    Noted,
}

/// Takes reports until every connection is gone.
pub async fn run(ctx: &Context, mut reports: mpsc::Receiver<Report>) -> Result<(), StageError> {
    let mut group = Vec::with_capacity(MAX_GROUP);
    while reports.recv_many(&mut group, MAX_GROUP).await > 0 {
        let mut conn = ctx.pool.acquire().await?;
        let mut tx = sqlx::Acquire::begin(&mut *conn).await?;
        let began = Instant::now();
        let answers = commit_group(&mut tx, ctx, &mut group).await?;
        tx.commit().await?;
        drop(conn);
        for (reply, answer) in answers {
            let answer = match answer {
                Answer::Begin(job, _) => Answer::Begin(job, began + START_IS_GOOD_FOR),
                other => other,
            };
            // A connection that is gone needs no answer.
            let _ = reply.send(answer);
        }
    }
    Ok(())
}

type Answered = Vec<(oneshot::Sender<Answer>, Answer)>;

async fn commit_group(conn: &mut Conn, ctx: &Context, group: &mut Vec<Report>) -> Result<Answered, StageError> {
    let now = ctx.clock.now();
    write_results(conn, ctx, now, group).await?;
    let holds =
        if group.iter().any(|report| report.start.is_some()) { store::hold::active(conn).await? } else { Vec::new() };
    let mut answers: Answered = Vec::with_capacity(group.len());
    let (mut starts, mut asking, mut idle) = (Vec::new(), Vec::new(), Vec::new());
    for report in group.drain(..) {
        match report.start {
            None => {
                idle.push(report.connection);
                answers.push((report.reply, Answer::Noted));
            }
            Some(job) if is_held(&holds, &job, &report.relay) => {
                idle.push(report.connection);
                answers.push((report.reply, Answer::Held(job)));
            }
            Some(job) => {
                starts.push(job.start(report.connection, &report.relay));
                asking.push((report.connection, job, report.reply));
            }
        }
    }
    if !starts.is_empty() {
        begin(conn, ctx, now, &starts, asking, &mut idle, &mut answers).await?;
    }
    if !idle.is_empty() {
        store::wire::clear(conn, ctx.node(), &idle).await?;
    }
    Ok(answers)
}

async fn begin(
    conn: &mut Conn,
    ctx: &Context,
    now: DateTime<Utc>,
    starts: &[Start],
    asking: Vec<(i32, Box<Job>, oneshot::Sender<Answer>)>,
    idle: &mut Vec<i32>,
    answers: &mut Answered,
) -> Result<(), StageError> {
    let granted = store::wire::begin(conn, now, ctx.node(), starts).await?;
    let mut standing = FxHashMap::default();
    if granted.len() < starts.len() {
        let readers: Vec<i64> = starts.iter().map(|start| start.subscriber_id).collect();
        for (id, status, suppressed) in store::subscriber::standing(conn, &readers).await? {
            standing.insert(id, (status, suppressed));
        }
    }
    for (connection, job, reply) in asking {
        let answer = if granted.contains(&connection) {
            Answer::Begin(job, Instant::now())
        } else {
            idle.push(connection);
            match standing.get(&job.subscriber_id) {
                Some((_, true)) => Answer::Left(job, SkipReason::Suppressed),
                Some((status, _)) if *status != job.status_needed() => {
                    let status = Status::try_from(*status).unwrap_or(Status::Suppressed);
                    Answer::Left(job, plan::skip_reason(status).unwrap_or(SkipReason::Cancelled))
                }
                _ => Answer::Lost,
            }
        };
        answers.push((reply, answer));
    }
    Ok(())
}

async fn write_results(
    conn: &mut Conn,
    ctx: &Context,
    now: DateTime<Utc>,
    group: &mut [Report],
) -> Result<(), StageError> {
    let entries: Vec<(Entry, String)> =
        group.iter_mut().filter_map(|r| r.result.take().map(|entry| (entry, r.relay.clone()))).collect();
    write(conn, ctx.node(), now, entries).await
}

/// Writes results into the books: states, deferrals and doubts.
pub async fn write(
    conn: &mut Conn,
    node: i64,
    now: DateTime<Utc>,
    entries: Vec<(Entry, String)>,
) -> Result<(), StageError> {
    if entries.is_empty() {
        return Ok(());
    }
    let rows: Vec<ResultRow> = entries.iter().map(|(entry, _)| entry.row.clone()).collect();
    store::delivery::results(conn, &rows).await?;
    let (mut retries, mut settled, mut doubts) = (Vec::new(), Vec::new(), Vec::new());
    for (entry, relay) in entries {
        let key = entry.row.key;
        match entry.retry_at {
            Some(at) => retries.push((key, at)),
            None => settled.push(key),
        }
        if let Some(sha256) = entry.doubt {
            doubts.push((key, sha256, relay));
        }
    }
    if !doubts.is_empty() {
        store::doubt::add(conn, now, node, &doubts).await?;
    }
    if !retries.is_empty() {
        store::retry::put(conn, &retries).await?;
    }
    let tried_before: Vec<_> = rows
        .iter()
        .filter(|row| settled.contains(&row.key) && row.state != State::InDoubt.code())
        .map(|row| row.key)
        .collect();
    if !tried_before.is_empty() {
        store::retry::remove(conn, &tried_before).await?;
        store::doubt::settle(conn, &tried_before, "resent").await?;
    }
    Ok(())
}

fn is_held(holds: &[HoldRow], job: &Job, relay: &str) -> bool {
    holds.iter().any(|hold| match hold.scope.as_str() {
        "all" => true,
        "relay" => hold.name == relay,
        "schedule" => job.schedule_id.map(i64::from) == hold.ref_id,
        "topic" => hold.ref_id.is_some_and(|id| job.topics.contains(&id)),
        "feed" => hold.ref_id.is_some_and(|id| job.feeds.contains(&id)),
        _ => false,
    })
}
