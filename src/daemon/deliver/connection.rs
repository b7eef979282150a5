//! One connection of a lane: takes a mail, asks the ledger, hands the mail over, reports, and takes the next.
//! It keeps the connection between rounds; which mails there are is decided by the lane.

use std::sync::Arc;

use tokio::{
    sync::{Mutex, mpsc, oneshot},
    time::Instant,
};

use super::{
    job::Job,
    ledger::{Answer, Entry, Report},
};
use crate::{
    daemon::Context,
    delivery::{Lane, State},
    mail::{Connection, Outcome, Relay},
};

/// A kept connection older than this is closed: relays hang up on idle clients after some minutes (RFC 5321, 4.5.3.2.7: 5).
const MAX_IDLE: std::time::Duration = std::time::Duration::from_secs(60);
/// Times that one mail may find its connection broken before its DATA; then it is deferred like any other.
const MAX_RECONNECTS: usize = 2;

/// Connections kept between rounds, per relay and lane.
#[derive(Debug, Default)]
pub struct Kept(std::sync::Mutex<Vec<(String, Lane, Connection, Instant)>>);

impl Kept {
    fn take(&self, relay: &str, lane: Lane) -> Option<Connection> {
        let mut kept = self.0.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
        kept.retain(|(_, _, _, since)| since.elapsed() < MAX_IDLE);
        let at = kept.iter().position(|(name, of, ..)| name == relay && *of == lane)?;
        Some(kept.swap_remove(at).2)
    }

    fn put(&self, relay: &str, lane: Lane, connection: Connection) {
        if connection.is_reusable() {
            let mut kept = self.0.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
            kept.push((relay.to_owned(), lane, connection, Instant::now()));
        }
    }

    /// Says goodbye on every kept connection.
    pub async fn quit(&self) {
        let kept = std::mem::take(&mut *self.0.lock().unwrap_or_else(std::sync::PoisonError::into_inner));
        for (_, _, connection, _) in kept {
            connection.quit().await;
        }
    }
}

/// What one connection did in a round.
#[derive(Debug, Default)]
pub struct Tally {
    /// Mails handed over, whatever came of it.
    pub sent: usize,
    /// Mails that a hold stopped.
    pub held: Vec<Job>,
    /// The relay could not be reached; the mails stay where they are.
    pub unreachable: Option<String>,
}

/// What the connections of a lane share.
#[derive(Clone)]
pub struct Shared {
    /// The daemon.
    pub ctx: Arc<Context>,
    /// Lane.
    pub lane: Lane,
    /// Relay.
    pub relay: Arc<Relay>,
    /// Mails ready to go.
    pub jobs: Arc<Mutex<mpsc::Receiver<Job>>>,
    /// The ledger.
    pub ledger: mpsc::Sender<Report>,
}

/// Works until there are no more mails, a stop is asked for, or the relay cannot be reached.
pub async fn run(shared: Shared, number: i32) -> Tally {
    let mut tally = Tally::default();
    let mut connection = None;
    let mut result: Option<Entry> = None;
    loop {
        let job = if shared.ctx.stopping() { None } else { shared.jobs.lock().await.recv().await };
        let Some(job) = job else { break };
        match hand_over(&shared, number, job, &mut connection, &mut result, &mut tally).await {
            Step::Next => {}
            Step::Stop => break,
        }
    }
    // The last result, and the end of this connection's row on the wire.
    report(&shared, number, result.take(), None).await;
    if let Some(connection) = connection {
        shared.ctx.kept.put(&shared.relay.config().name, shared.lane, connection);
    }
    tally
}

enum Step {
    Next,
    Stop,
}

async fn hand_over(
    shared: &Shared,
    number: i32,
    job: Job,
    connection: &mut Option<Connection>,
    result: &mut Option<Entry>,
    tally: &mut Tally,
) -> Step {
    let name = shared.relay.config().name.clone();
    let mut job = job;
    for reconnects in 0..=MAX_RECONNECTS {
        if connection.as_ref().is_none_or(|open| !open.is_reusable()) {
            match open(shared, connection.take()).await {
                Ok(open) => *connection = Some(open),
                Err(error) => {
                    tally.unreachable = Some(error);
                    return Step::Stop;
                }
            }
        }
        let answer = report(shared, number, result.take(), Some(Box::new(job))).await;
        let now = || shared.ctx.clock.now();
        let (granted, until) = match answer {
            Some(Answer::Begin(granted, until)) => (granted, until),
            Some(Answer::Held(held)) => {
                tally.held.push(*held);
                return Step::Next;
            }
            Some(Answer::Left(left, reason)) => {
                *result = Some(left.skipped(reason, now()));
                return Step::Next;
            }
            Some(Answer::Lost | Answer::Noted) => return Step::Next,
            // The ledger is gone: nothing may begin any more.
            None => return Step::Stop,
        };
        if Instant::now() > until {
            job = *granted;
            continue;
        }
        let Some(open) = connection.as_mut() else { return Step::Stop };
        let outcome = open.transact(&granted.envelope, &granted.bytes).await;
        if matches!(outcome, Outcome::Broken { in_doubt: false, .. }) && reconnects < MAX_RECONNECTS {
            *connection = None;
            job = *granted;
            continue;
        }
        let settings = shared.ctx.settings();
        let entry = granted.entry(&outcome, &name, &settings.deliver.retry, settings.deliver.on_doubt, now());
        tracing::debug!(subscriber = granted.subscriber_id, kind = %granted.kind, state = entry.row.state, code = entry.row.code, "handed over");
        tally.sent += usize::from(entry.row.state != State::Skipped.code());
        *result = Some(entry);
        return Step::Next;
    }
    Step::Next
}

async fn open(shared: &Shared, broken: Option<Connection>) -> Result<Connection, String> {
    drop(broken);
    let name = &shared.relay.config().name;
    if let Some(kept) = shared.ctx.kept.take(name, shared.lane) {
        return Ok(kept);
    }
    shared.relay.connect().await.map_err(|error| error.to_string())
}

async fn report(shared: &Shared, connection: i32, result: Option<Entry>, start: Option<Box<Job>>) -> Option<Answer> {
    let (reply, answer) = oneshot::channel();
    let relay = shared.relay.config().name.clone();
    let report = Report { connection, result, start, relay, reply };
    shared.ledger.send(report).await.ok()?;
    answer.await.ok()
}
