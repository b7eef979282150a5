//! Claims batches and deferred mails, and turns them into mails ready to go.
//! It hands nothing over.

use chrono::{DateTime, Utc};
use tokio::sync::mpsc;

use super::{DeliverSettings, job::Job, ledger};
use crate::{
    daemon::{
        Context, StageError,
        compose::{self, Composer, Draft},
    },
    delivery::{Lane, SkipReason, State},
    store::{
        self, Conn,
        batch::BatchRow,
        delivery::{Key as RowKey, OutboxRow},
        retry::RetryRow,
    },
    subscriber::Status,
};

/// Batches claimed at once: 2,000 mails, a minute's work of one relay.
const MAX_BATCHES: i64 = 4;
/// Deferred mails claimed at once.
const MAX_RETRIES: i64 = 200;

/// What a round holds.
#[derive(Debug, Default)]
pub struct Claimed {
    batches: Vec<BatchRow>,
    retries: Vec<RetryRow>,
}

impl Claimed {
    /// Whether there is nothing to do.
    pub fn is_empty(&self) -> bool {
        self.batches.is_empty() && self.retries.is_empty()
    }

    /// Whether more is likely to wait.
    pub fn is_full(&self) -> bool {
        !self.batches.is_empty() || i64::try_from(self.retries.len()).is_ok_and(|n| n >= MAX_RETRIES)
    }

    /// Mails at most.
    pub fn mails(&self) -> usize {
        self.batches.len() * store::batch::MAX_DELIVERIES + self.retries.len()
    }

    /// Marks wholly worked batches as done and gives the others, and unsent deferred mails, back.
    pub async fn settle(&self, conn: &mut Conn, node: i64, now: DateTime<Utc>) -> Result<(), StageError> {
        let (mut done, mut open) = (Vec::new(), Vec::new());
        for batch in &self.batches {
            let left = store::delivery::outbox(conn, batch.slot_at, batch.no).await?;
            let key = (batch.slot_at, batch.no);
            if left.is_empty() { done.push(key) } else { open.push(key) }
        }
        if !done.is_empty() {
            store::batch::done(conn, now, node, &done).await?;
        }
        if !open.is_empty() {
            store::batch::give_back(conn, node, &open).await?;
        }
        if !self.retries.is_empty() {
            let keys: Vec<RowKey> = self.retries.iter().map(|r| (r.slot_at, r.batch_no, r.n)).collect();
            store::retry::give_back(conn, node, &keys).await?;
        }
        Ok(())
    }
}

/// Claims what is due in a lane.
pub async fn take(ctx: &Context, lane: Lane, held: &[i64], now: DateTime<Utc>) -> Result<Claimed, StageError> {
    let mut conn = ctx.pool.acquire().await?;
    Ok(Claimed {
        batches: store::batch::claim(&mut conn, now, ctx.node(), lane.code(), held, MAX_BATCHES).await?,
        retries: store::retry::claim(&mut conn, now, ctx.node(), lane.code(), held, MAX_RETRIES).await?,
    })
}

/// Composes every claimed mail and offers it to the connections; stops early when they are gone.
pub async fn compose_all(
    ctx: &Context,
    settings: &DeliverSettings,
    claimed: &Claimed,
    jobs: mpsc::Sender<Job>,
    now: DateTime<Utc>,
) -> Result<(), StageError> {
    for batch in &claimed.batches {
        let rows = store::delivery::outbox(&mut *ctx.pool.acquire().await?, batch.slot_at, batch.no).await?;
        let place = Place { slot_at: batch.slot_at, batch_no: batch.no, slot_id: batch.slot_id };
        let times = (batch.due_at, batch.expires_at);
        compose_rows(ctx, settings, place, times, batch.epoch, false, rows, &jobs, now).await?;
    }
    for retry in &claimed.retries {
        let key = (retry.slot_at, retry.batch_no, retry.n);
        let row = store::delivery::one(&mut *ctx.pool.acquire().await?, key).await?;
        let waits = |row: &OutboxRow| matches!(State::from_code(row.state), Ok(State::Planned | State::InDoubt));
        let Some(row) = row.filter(waits) else {
            store::retry::remove(&mut *ctx.pool.acquire().await?, &[key]).await?;
            continue;
        };
        let place = Place { slot_at: retry.slot_at, batch_no: retry.batch_no, slot_id: retry.slot_id };
        let times = (retry.due_at, retry.expires_at);
        compose_rows(ctx, settings, place, times, retry.epoch, true, vec![row], &jobs, now).await?;
    }
    Ok(())
}

/// Where a group of deliveries stands.
#[derive(Clone, Copy)]
struct Place {
    slot_at: DateTime<Utc>,
    batch_no: i64,
    slot_id: Option<i64>,
}

#[expect(clippy::too_many_arguments, reason = "a claim's facts; a struct would only rename the call")]
async fn compose_rows(
    ctx: &Context,
    settings: &DeliverSettings,
    place: Place,
    (due_at, expires_at): (DateTime<Utc>, DateTime<Utc>),
    epoch: i32,
    from_retry: bool,
    rows: Vec<OutboxRow>,
    jobs: &mpsc::Sender<Job>,
    now: DateTime<Utc>,
) -> Result<(), StageError> {
    let mut conn = ctx.pool.acquire().await?;
    let composer =
        Composer::load(&mut conn, &ctx.cache, (place.slot_at, place.batch_no), place.slot_id, due_at, &rows).await?;
    drop(conn);
    let all = ctx.settings();
    let mut skipped = Vec::new();
    for row in rows {
        let mail = composer.compose(&all, &ctx.cache.fragments, &row);
        let job = |draft: Draft| Job {
            row: (place.slot_at, place.batch_no, row.n),
            key: draft.key,
            kind: draft.kind,
            subscriber_id: row.subscriber_id,
            envelope: draft.envelope,
            bytes: draft.bytes,
            epoch,
            from_retry,
            attempts: row.attempts,
            in_doubt: row.state == State::InDoubt.code(),
            schedule_id: composer.schedule_id(),
            topics: draft.topics,
            feeds: draft.feeds,
            due_at,
            expires_at,
        };
        let job = mail.map(job);
        match (refusal(settings, &row, expires_at, now), job) {
            (Some(reason), Ok(job)) => skipped.push((job.skipped(reason, now), String::new())),
            (None, Ok(job)) => {
                if jobs.send(job).await.is_err() {
                    break;
                }
            }
            (reason, Err(why)) => {
                let reason = reason.unwrap_or(why.reason());
                skipped
                    .push((compose::skipped((place.slot_at, place.batch_no, row.n), reason, &why, now), String::new()));
            }
        }
    }
    let mut conn = ctx.pool.acquire().await?;
    let mut tx = sqlx::Acquire::begin(&mut *conn).await?;
    ledger::write(&mut tx, ctx.node(), now, skipped).await?;
    tx.commit().await?;
    Ok(())
}

/// Why a mail is not sent at all; the ledger looks at the reader once more when it begins.
pub fn refusal(
    settings: &DeliverSettings,
    row: &OutboxRow,
    expires_at: DateTime<Utc>,
    now: DateTime<Utc>,
) -> Option<SkipReason> {
    if row.suppressed.is_some() {
        return Some(SkipReason::Suppressed);
    }
    if !settings.only_to.is_empty() && !settings.only_to.contains(&row.address_key) {
        return Some(SkipReason::NotInOnlyTo);
    }
    if expires_at <= now {
        return Some(SkipReason::TooOld);
    }
    let status = Status::try_from(row.status).unwrap_or(Status::Suppressed);
    let awaited = crate::delivery::Kind::from_code(row.kind) == Ok(crate::delivery::Kind::Confirmation)
        && status == Status::Pending;
    if awaited { None } else { crate::daemon::plan::skip_reason(status) }
}
