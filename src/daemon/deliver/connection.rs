//! One connection of a lane: takes a mail, asks the ledger, hands the mail over, reports, and takes the next.
//! It keeps the connection between rounds; which mails there are is decided by the lane.

use std::sync::{Arc, PoisonError};

use chrono::{DateTime, Utc};
use tokio::{
    sync::{Mutex, mpsc, oneshot},
    time::Instant,
};

use super::{
    entry::Entry,
    job::Job,
    ledger::{self, Answer, Report},
};
use crate::{
    daemon::Context,
    delivery::{Lane, State},
    mail::{Connection, Outcome, Relay, RelayConfig},
    store::wire::Claim,
};

/// Times that one mail may find its connection broken before its DATA; then it is deferred like any other.
const MAX_RECONNECTS: usize = 2;

/// Connections kept between rounds, per relay and lane.
#[derive(Debug, Default)]
pub struct Kept(std::sync::Mutex<Vec<KeptConnection>>);

#[derive(Debug)]
struct KeptConnection {
    /// As it was when the connection was opened: a reload may have changed it since.
    relay: RelayConfig,
    lane: Lane,
    connection: Connection,
}

impl Kept {
    fn take(&self, relay: &RelayConfig, lane: Lane) -> Option<Connection> {
        let mut kept = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        kept.retain(|one| one.connection.is_reusable());
        let at = kept.iter().position(|one| one.relay == *relay && one.lane == lane)?;
        Some(kept.swap_remove(at).connection)
    }

    fn put(&self, relay: &RelayConfig, lane: Lane, connection: Connection) {
        if connection.is_reusable() {
            let one = KeptConnection { relay: relay.clone(), lane, connection };
            self.0.lock().unwrap_or_else(PoisonError::into_inner).push(one);
        }
    }

    /// Says goodbye on every kept connection.
    pub async fn quit(&self) {
        let kept = std::mem::take(&mut *self.0.lock().unwrap_or_else(PoisonError::into_inner));
        for one in kept {
            one.connection.quit().await;
        }
    }
}

/// What one connection did in a round.
#[derive(Debug, Default)]
pub struct Tally {
    /// Mails handed over or tried, whatever came of it.
    pub sent: usize,
    /// Mails found to have no reader any more.
    pub skipped: usize,
    /// Mails that a hold on something in them stopped, and when their time is over.
    pub held: Vec<(Claim, DateTime<Utc>)>,
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
    pub jobs: Arc<Mutex<mpsc::Receiver<Arc<Job>>>>,
    /// Mails that a connection took and could not hand over, for another relay's.
    pub returned: Arc<std::sync::Mutex<Vec<Arc<Job>>>>,
    /// The ledger.
    pub ledger: mpsc::Sender<Report>,
}

/// Works until there are no more mails, a stop or hold is asked for, or the relay cannot be reached.
pub async fn run(shared: Shared, number: i32) -> Tally {
    let mut one = Worker { shared, number, connection: None, result: None, tally: Tally::default() };
    while let Some(job) = one.next_job().await {
        match one.hand_over(&job).await {
            Step::Next => {}
            Step::Stop => break,
        }
    }
    // The last result, and the end of this connection's row on the wire.
    one.report(None).await;
    if let Some(connection) = one.connection {
        one.shared.ctx.kept.put(one.shared.relay.config(), one.shared.lane, connection);
    }
    one.tally
}

enum Step {
    Next,
    Stop,
}

struct Worker {
    shared: Shared,
    number: i32,
    connection: Option<Connection>,
    /// Of the last mail, not yet reported.
    result: Option<Entry>,
    tally: Tally,
}

/// Whether DATA may still begin: a start is good for a moment, and a relay that was slower than that is asked about holds anew.
async fn may_begin(shared: &Shared, job: &Job, until: Instant) -> bool {
    Instant::now() <= until || ledger::is_free(&shared.ctx, job, &shared.relay.config().name).await.unwrap_or(false)
}

impl Worker {
    /// A result does not wait for the next mail: where none is ready it is written first.
    async fn next_job(&mut self) -> Option<Arc<Job>> {
        if self.shared.ctx.stopping() {
            return None;
        }
        if self.result.is_some() {
            let ready = match self.shared.jobs.try_lock() {
                Ok(mut jobs) => jobs.try_recv().ok(),
                Err(_) => None,
            };
            if ready.is_some() {
                return ready;
            }
            self.report(None).await?;
        }
        let next = self.shared.jobs.lock().await.recv().await;
        next.or_else(|| self.returned().pop())
    }

    fn returned(&self) -> std::sync::MutexGuard<'_, Vec<Arc<Job>>> {
        self.shared.returned.lock().unwrap_or_else(PoisonError::into_inner)
    }

    async fn hand_over(&mut self, job: &Arc<Job>) -> Step {
        let mut broke = false;
        for attempt in 0..=MAX_RECONNECTS {
            if let Err(error) = self.stand(broke).await {
                self.tally.unreachable = Some(error);
                self.returned().push(Arc::clone(job));
                return Step::Stop;
            }
            let until = match self.report(Some(Arc::clone(job))).await {
                Some(Answer::Begin(begin_until)) if Instant::now() <= begin_until => begin_until,
                Some(Answer::Begin(_)) => continue,
                Some(Answer::Held) => {
                    self.tally.held.push((job.claim, job.expires_at));
                    return Step::Next;
                }
                Some(Answer::Left) => {
                    self.tally.skipped += 1;
                    return Step::Next;
                }
                Some(Answer::Lost | Answer::Noted) => return Step::Next,
                Some(Answer::Stopped) => {
                    self.returned().push(Arc::clone(job));
                    return Step::Stop;
                }
                // The ledger is gone: nothing may begin any more.
                None => return Step::Stop,
            };
            let Some(open) = self.connection.as_mut() else { return Step::Stop };
            let may_begin = may_begin(&self.shared, job, until);
            let outcome = open.transact_if(&job.envelope, &job.bytes, may_begin).await;
            if matches!(outcome, Outcome::Broken { in_doubt: false, .. }) && attempt < MAX_RECONNECTS {
                broke = true;
                continue;
            }
            self.result = Some(self.entry(job, &outcome));
            self.tally.sent += 1;
            return Step::Next;
        }
        Step::Next
    }

    fn entry(&self, job: &Job, outcome: &Outcome) -> Entry {
        let settings = self.shared.ctx.settings();
        let (deliver, now) = (&settings.deliver, self.shared.ctx.clock.now());
        let entry = job.entry(outcome, &self.shared.relay.config().name, &deliver.retry, deliver.on_doubt, now);
        let state = State::from_code(entry.row.state).map_or("", State::word);
        tracing::debug!(subscriber = job.subscriber_id, kind = %job.kind, state, code = entry.row.code, "handed over");
        entry
    }

    /// Makes sure of a usable connection. After one that broke the kept ones are not trusted either: they are as old.
    async fn stand(&mut self, broke: bool) -> Result<(), String> {
        if !broke && self.connection.as_ref().is_some_and(Connection::is_reusable) {
            return Ok(());
        }
        if let Some(old) = self.connection.take() {
            old.quit().await;
        }
        let relay = &self.shared.relay;
        let kept = if broke { None } else { self.shared.ctx.kept.take(relay.config(), self.shared.lane) };
        self.connection = Some(match kept {
            Some(kept) => kept,
            None => relay.connect().await.map_err(|error| error.to_string())?,
        });
        Ok(())
    }

    async fn report(&mut self, start: Option<Arc<Job>>) -> Option<Answer> {
        let (reply, answer) = oneshot::channel();
        let relay = self.shared.relay.config().name.clone();
        let report = Report { connection: self.number, result: self.result.take(), start, relay, reply };
        self.shared.ledger.send(report).await.ok()?;
        answer.await.ok()
    }
}
