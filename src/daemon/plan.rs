//! The plan stage: closes slots at their cut-off and turns their windows into frozen digests and deliveries, page by page.
//! It renders and sends nothing; every page is one commit, and a killed page leaves nothing.

pub mod close;
pub mod page;
pub mod window;

use std::time::Duration;

use chrono::{DateTime, TimeDelta, Utc};

use super::{Context, Outcome, StageError};
use crate::{
    delivery::{Kind, SkipReason, State},
    digest::{schedule::Schedule, select::Limits},
    store::{
        self, Conn,
        batch::{MAX_DELIVERIES, NewBatch},
        bundle, delivery,
        delivery::NewDelivery,
        digest::NewDigest,
        schedule::INSTANT,
        slot::SlotRow,
    },
};
use page::{Look, Page, Planned};

/// Slots planned per round, so that a round ends and a shutdown is heard.
const MAX_SLOTS: usize = 20;
/// Pages per slot: 20 million readers.
pub const MAX_PAGES: usize = 20_000;

/// One schedule with how much its mails hold.
#[derive(Clone, Debug)]
pub struct ScheduleLimits {
    /// When it fires.
    pub schedule: Schedule,
    /// How much one mail holds.
    pub limits: Limits,
}

/// How alerts are kept few.
#[derive(Clone, Copy, Debug)]
pub struct InstantSettings {
    /// A match waits this long, so that twins and withdrawals can catch up with it.
    pub settle: Duration,
    /// Alerts per reader and hour.
    pub per_hour: usize,
    /// Alerts per reader and 24 hours.
    pub per_day: usize,
}

/// What plan needs to know.
#[derive(Clone, Debug)]
pub struct PlanSettings {
    /// The schedules of the config.
    pub schedules: Vec<ScheduleLimits>,
    /// Alerts.
    pub instant: InstantSettings,
    /// How much one alert holds.
    pub instant_limits: Limits,
    /// How long a digest may be late before it is given up.
    pub digest_expiry: Duration,
    /// How long an alert may be late before it is given up.
    pub alert_expiry: Duration,
}

impl PlanSettings {
    /// The schedule with this name and its limits.
    pub fn schedule(&self, name: &str) -> Option<&ScheduleLimits> {
        self.schedules.iter().find(|planned| planned.schedule.name() == name)
    }

    /// How much a mail of this schedule holds.
    pub fn limits(&self, name: &str) -> Limits {
        if name == INSTANT { self.instant_limits } else { self.schedule(name).map(|s| s.limits).unwrap_or_default() }
    }
}

/// Closes what is due and plans what is closed.
pub async fn run_once(ctx: &Context, now: DateTime<Utc>) -> Result<Outcome, StageError> {
    let settings = ctx.settings();
    let mut did = close::due(&ctx.pool, &settings.plan, now).await?;
    for _ in 0..MAX_SLOTS {
        let slot = store::slot::claim(&mut *ctx.pool.acquire().await?, ctx.node()).await?;
        let Some(slot) = slot else { return Ok(Outcome { did, more: false }) };
        did += plan_slot(ctx, &settings.plan, &slot, now).await?;
    }
    Ok(Outcome { did, more: true })
}

/// Plans a claimed slot to its end; gives the number of digests.
async fn plan_slot(
    ctx: &Context,
    settings: &PlanSettings,
    slot: &SlotRow,
    now: DateTime<Utc>,
) -> Result<usize, StageError> {
    let mut conn = ctx.pool.acquire().await?;
    store::ensure_month(&mut conn, slot.slot_at).await?;
    let window = window::load(&mut conn, slot, now).await?;
    let schedule = schedule_name(&mut conn, slot.schedule_id).await?;
    let limits = settings.limits(&schedule);
    let mut cursor = slot.cursor_id;
    let mut digests = 0;
    for _ in 0..MAX_PAGES {
        let mut tx = store::begin(&mut conn).await?;
        let page = page::read(&mut tx, slot, &window, settings, &limits, cursor, Look::Plan, now).await?;
        let Some(last) = page.last_reader else { break };
        // Before the rows: where another node has written this page already, theirs would collide with ours.
        if !store::slot::advance(&mut tx, slot.id, ctx.node(), cursor, last, page.readers, page.planned.len()).await? {
            // Another node took the slot over: its pages stand, ours leaves nothing.
            return Ok(digests);
        }
        write(&mut tx, slot, settings, &page, now).await?;
        tx.commit().await?;
        digests += page.planned.len();
        cursor = last;
        ctx.wake.deliver();
    }
    if slot.zone.is_empty() {
        bundle::close_abandoned(&mut conn, slot.schedule_id, slot.to_seq, now).await?;
    }
    store::slot::finish(&mut conn, slot.id, ctx.node(), now).await?;
    tracing::info!(slot = slot.id, schedule, zone = slot.zone, digests, "planned");
    Ok(digests)
}

async fn schedule_name(conn: &mut Conn, id: i32) -> Result<String, StageError> {
    let all = store::schedule::all(conn).await?;
    Ok(all.into_iter().find(|(known, _)| *known == id).map(|(_, name)| name).unwrap_or_default())
}

/// Writes a page: digests, batches, deliveries and bundles; the caller moves the cursor and commits.
async fn write(
    conn: &mut Conn,
    slot: &SlotRow,
    settings: &PlanSettings,
    page: &Page,
    now: DateTime<Utc>,
) -> Result<(), StageError> {
    let digests: Vec<NewDigest> = page
        .planned
        .iter()
        .map(|p| NewDigest {
            subscriber_id: p.subscriber_id,
            lead_key: p.selection.lead_key,
            items: p.selection.items.clone(),
        })
        .collect();
    store::digest::copy_in(conn, slot.slot_at, slot.id, &digests).await?;
    let kind = kind_of(slot);
    let expiry = if kind == Kind::Alert { settings.alert_expiry } else { settings.digest_expiry };
    // A slot that is planned late is sent at once; the mail says so.
    let due_at = slot.slot_at.max(now);
    let deliveries: Vec<NewDelivery> = page.planned.iter().map(|p| new_delivery(p, kind)).collect();
    let mut batches = Vec::new();
    for chunk in deliveries.chunks(MAX_DELIVERIES) {
        let batch = NewBatch {
            slot_at: slot.slot_at,
            slot_id: Some(slot.id),
            lane: kind.lane().code(),
            due_at,
            expires_at: due_at + TimeDelta::from_std(expiry).unwrap_or(TimeDelta::MAX),
            deliveries: i16::try_from(chunk.len()).expect("MAX_DELIVERIES fits"),
        };
        batches.push((store::batch::add(conn, &batch).await?, chunk));
    }
    delivery::copy_in(conn, slot.slot_at, &batches, now).await?;
    if !page.bundles.is_empty() {
        bundle::open(conn, &page.bundles).await?;
    }
    if !page.unbundled.is_empty() {
        bundle::close(conn, &page.unbundled).await?;
    }
    Ok(())
}

fn new_delivery(planned: &Planned, kind: Kind) -> NewDelivery {
    let skip = SkipReason::of(planned.status);
    NewDelivery {
        subscriber_id: planned.subscriber_id,
        kind: kind.code(),
        state: if skip.is_some() { State::Skipped } else { State::Planned }.code(),
        reason: skip.map_or(0, SkipReason::code),
    }
}

/// Alerts are the digests of the schedule without a zone.
pub fn kind_of(slot: &SlotRow) -> Kind {
    if slot.zone.is_empty() { Kind::Alert } else { Kind::Digest }
}

/// Enters the schedules of the config, and `instant`, in the store.
pub async fn enter_schedules(conn: &mut Conn, settings: &PlanSettings) -> Result<(), StageError> {
    for planned in &settings.schedules {
        store::schedule::put(conn, planned.schedule.name(), planned.schedule.cron()).await?;
    }
    store::schedule::put(conn, INSTANT, "").await?;
    Ok(())
}
