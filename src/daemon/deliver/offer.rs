//! Turns claimed deliveries into mails ready to go, and offers them to the connections.
//! It hands nothing over; what is in a mail is `daemon::compose`'s.

use std::sync::Arc;

use chrono::{DateTime, Utc};
use sha2::{Digest as _, Sha256};
use tokio::sync::mpsc;

use super::{
    DeliverSettings,
    claim::{Group, Held},
    entry::Entry,
    job::Job,
    ledger,
};
use crate::{
    daemon::{
        Context, StageError,
        compose::{ComposeError, Composer, Draft},
    },
    delivery::{Kind, SkipReason, State},
    store::{self, delivery::OutboxRow, digest::Untold, wire::Claim},
    subscriber::Status,
};

/// Composes every claimed mail and offers it to the connections; ends early when they are gone. Gives how many are not sent at all.
pub(super) async fn all(
    ctx: Arc<Context>,
    node: i64,
    groups: Vec<Group>,
    jobs: mpsc::Sender<Arc<Job>>,
    now: DateTime<Utc>,
) -> Result<usize, StageError> {
    let mut skipped = 0;
    for group in &groups {
        skipped += one(&ctx, node, group, &jobs, now).await?;
        if jobs.is_closed() {
            break;
        }
    }
    Ok(skipped)
}

async fn one(
    ctx: &Context,
    node: i64,
    group: &Group,
    jobs: &mpsc::Sender<Arc<Job>>,
    now: DateTime<Utc>,
) -> Result<usize, StageError> {
    let (rows, composer) = load(ctx, group).await?;
    let settings = ctx.settings();
    let mut unsent: Vec<(Claim, Entry)> = Vec::new();
    for row in &rows {
        let Some(claim) = group.claim(row.n) else { continue };
        if let Some(entry) = refusal(&settings.deliver, row, claim, group.expires_at, now) {
            unsent.push((claim, entry));
            continue;
        }
        match composer.compose(&settings, &ctx.cache.fragments, row) {
            Ok(draft) => {
                if jobs.send(Arc::new(job(draft, claim, row, group, composer.schedule_id()))).await.is_err() {
                    break;
                }
            }
            Err(why) => {
                let mut entry = not_composed(claim, &why, now);
                // Of a mail that was tried before nobody knows whether it arrived.
                if why == ComposeError::Withdrawn && row.attempts == 0 {
                    entry.untold = untold(group, row, composer.stories(row.subscriber_id));
                }
                unsent.push((claim, entry));
            }
        }
    }
    write(ctx, node, unsent, now).await
}

fn untold(group: &Group, row: &OutboxRow, stories: Vec<i64>) -> Option<Untold> {
    let slot_id = group.slot_id.filter(|_| !stories.is_empty())?;
    Some(Untold { slot_at: group.slot_at, slot_id, subscriber_id: row.subscriber_id, stories })
}

/// The deliveries that wait and everything that their mails are made of.
async fn load(ctx: &Context, group: &Group) -> Result<(Vec<OutboxRow>, Composer), StageError> {
    let mut conn = ctx.pool.acquire().await?;
    let rows = match &group.held {
        Held::Batch(_) => store::delivery::outbox(&mut conn, group.slot_at, group.batch_no).await?,
        Held::Retries(epochs) => {
            let places: Vec<i16> = epochs.keys().copied().collect();
            let rows = store::delivery::some(&mut conn, group.slot_at, group.batch_no, &places).await?;
            let waits = |row: &OutboxRow| matches!(State::from_code(row.state), Ok(State::Planned | State::InDoubt));
            let (rows, settled): (Vec<_>, Vec<_>) = rows.into_iter().partition(waits);
            let settled: Vec<_> = settled.iter().map(|row| (group.slot_at, group.batch_no, row.n)).collect();
            if !settled.is_empty() {
                store::retry::remove(&mut conn, &settled).await?;
            }
            rows
        }
    };
    let place = (group.slot_at, group.batch_no);
    let composer = Composer::load(&mut conn, &ctx.cache, place, group.slot_id, group.due_at, &rows).await?;
    Ok((rows, composer))
}

fn job(draft: Draft, claim: Claim, row: &OutboxRow, group: &Group, schedule_id: Option<i32>) -> Job {
    Job {
        claim,
        key: draft.key,
        kind: draft.kind,
        subscriber_id: row.subscriber_id,
        envelope: draft.envelope,
        sha256: Sha256::digest(&draft.bytes).to_vec(),
        bytes: draft.bytes,
        attempts: row.attempts,
        in_doubt: row.state == State::InDoubt.code(),
        schedule_id,
        topics: draft.topics,
        feeds: draft.feeds,
        missing: untold(group, row, draft.missing),
        due_at: group.due_at,
        expires_at: group.expires_at,
    }
}

/// The books keep what went wrong, except for an article that people took back: there the reason says it all.
fn not_composed(claim: Claim, why: &ComposeError, now: DateTime<Utc>) -> Entry {
    tracing::warn!(%why, "a mail cannot be made");
    Entry::skipped(claim.key, why.reason(), &why.to_string(), now)
}

/// Writes down what is not sent, as far as it is still ours to say so.
async fn write(ctx: &Context, node: i64, unsent: Vec<(Claim, Entry)>, now: DateTime<Utc>) -> Result<usize, StageError> {
    if unsent.is_empty() {
        return Ok(0);
    }
    let mut tx = ctx.pool.begin().await?;
    let claims: Vec<Claim> = unsent.iter().map(|(claim, _)| *claim).collect();
    let ours = ledger::still_held(&mut tx, node, &claims).await?;
    let entries: Vec<&Entry> = unsent.iter().filter(|(c, _)| ours.contains(&c.key)).map(|(_, entry)| entry).collect();
    ledger::write(&mut tx, now, node, &entries).await?;
    tx.commit().await?;
    Ok(entries.len())
}

/// What the books get of a mail that is not sent at all; the ledger looks at the reader once more when it begins.
fn refusal(
    settings: &DeliverSettings,
    row: &OutboxRow,
    claim: Claim,
    expires_at: DateTime<Utc>,
    now: DateTime<Utc>,
) -> Option<Entry> {
    let reason = match skip_reason(settings, row) {
        Some(reason) => reason,
        None if expires_at > now => return None,
        None if row.attempts > 0 => return Some(Entry::expired(claim.key, now)),
        None => SkipReason::TooOld,
    };
    Some(Entry::skipped(claim.key, reason, reason.text(), now))
}

/// Why this reader is not mailed as things stand; none where they are.
pub fn skip_reason(settings: &DeliverSettings, row: &OutboxRow) -> Option<SkipReason> {
    let suppressed = row.suppressed.is_some().then_some(SkipReason::Suppressed);
    let left_out = !settings.only_to.is_empty() && !settings.only_to.contains(&row.address_key);
    // Who left is suppressed as well; the books say the nearer reason.
    status_reason(row).or(suppressed).or(left_out.then_some(SkipReason::NotInOnlyTo))
}

fn status_reason(row: &OutboxRow) -> Option<SkipReason> {
    let status = Status::try_from(row.status).unwrap_or(Status::Suppressed);
    let awaited = Kind::from_code(row.kind) == Ok(Kind::Confirmation) && status == Status::Pending;
    if awaited { None } else { SkipReason::of(status) }
}
