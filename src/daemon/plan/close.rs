//! Closes slots at their cut-off: fixes the window that all their readers share.
//! It plans nothing; a closed slot waits in the store until a node claims it.

use chrono::{DateTime, NaiveDateTime, TimeDelta, Utc};
use chrono_tz::Tz;
use rustc_hash::FxHashMap;

use super::{InstantSettings, PlanSettings};
use crate::{
    daemon::StageError,
    digest::schedule::{Schedule, SlotTime},
    store::{self, Conn, Pool, schedule::INSTANT, slot::NewSlot},
};

/// How far back a slot may lie that is still made up for after a stop; what is older goes into the next slot's window.
pub const MAX_LATE: TimeDelta = TimeDelta::hours(12);
/// Firings of one schedule looked at within that time: every 15 minutes.
const MAX_FIRINGS: usize = 60;

/// Closes every slot whose cut-off has passed; gives how many.
pub async fn due(pool: &Pool, settings: &PlanSettings, now: DateTime<Utc>) -> Result<usize, StageError> {
    let mut conn = pool.acquire().await?;
    let groups = store::subscription::groups(&mut conn).await?;
    let names = store::schedule::all(&mut conn).await?;
    let last = store::slot::last_locals(&mut conn, &groups).await?;
    let last: FxHashMap<(i32, &str), NaiveDateTime> =
        last.iter().map(|(id, zone, local)| ((*id, zone.as_str()), *local)).collect();
    let mut closed = 0;
    for (id, zone) in &groups {
        let Some((_, name)) = names.iter().find(|(known, _)| known == id) else { continue };
        if name == INSTANT {
            continue;
        }
        let (Some(planned), Ok(tz)) = (settings.schedule(name), zone.parse::<Tz>()) else {
            tracing::warn!(
                schedule = name,
                zone,
                "readers follow a schedule or zone that is not in the config; they get nothing"
            );
            continue;
        };
        if let Some(slot) = latest(&planned.schedule, tz, now)
            && last.get(&(*id, zone.as_str())).is_none_or(|last| *last < slot.local)
        {
            closed += usize::from(close(&mut conn, *id, zone, slot).await?);
        }
    }
    for (id, _) in names.iter().filter(|(id, name)| name == INSTANT && groups.iter().any(|(group, _)| group == id)) {
        closed += usize::from(close_instant(&mut conn, *id, &settings.instant, now).await?);
    }
    Ok(closed)
}

/// The last slot whose cut-off has passed, if it is not too old to be made up for.
fn latest(schedule: &Schedule, zone: Tz, now: DateTime<Utc>) -> Option<SlotTime> {
    schedule.closing_between(zone, now - MAX_LATE, now, MAX_FIRINGS).pop()
}

async fn close(conn: &mut Conn, schedule: i32, zone: &str, slot: SlotTime) -> Result<bool, StageError> {
    if !store::subscription::group_had_reader(conn, schedule, zone, slot.cut_off).await? {
        return Ok(false);
    }
    let mut tx = sqlx::Acquire::begin(conn).await?;
    let to_seq = store::log_head(&mut tx).await?;
    let last = store::slot::last(&mut tx, schedule, zone).await?;
    if last.as_ref().is_some_and(|last| last.local_at >= slot.local) {
        return Ok(false);
    }
    let new = NewSlot {
        schedule_id: schedule,
        zone,
        local_at: slot.local,
        slot_at: slot.at,
        cut_off: slot.cut_off,
        from_seq: last.map_or(0, |last| last.to_seq),
        to_seq,
    };
    let closed = store::slot::close(&mut tx, &new).await?.is_some();
    tx.commit().await?;
    Ok(closed)
}

/// Alerts have no clock: their slot closes when something has settled, or a bundle may go.
async fn close_instant(
    conn: &mut Conn,
    schedule: i32,
    settings: &InstantSettings,
    now: DateTime<Utc>,
) -> Result<bool, StageError> {
    let settled_at = now - TimeDelta::from_std(settings.settle).unwrap_or(TimeDelta::MAX);
    let from_seq = store::slot::last(conn, schedule, "").await?.map_or(0, |last| last.to_seq);
    let settled = store::matches::settled(conn, from_seq, settled_at).await?;
    if settled.is_none() && store::bundle::due(conn, now).await?.is_empty() {
        return Ok(false);
    }
    let mut tx = sqlx::Acquire::begin(conn).await?;
    // The log's lock also keeps two nodes from closing the same window.
    store::log_head(&mut tx).await?;
    let last = store::slot::last(&mut tx, schedule, "").await?;
    if last.as_ref().map_or(0, |last| last.to_seq) != from_seq {
        return Ok(false);
    }
    let local_at: NaiveDateTime = now.naive_utc();
    if last.is_some_and(|last| last.local_at >= local_at || last.planned_at.is_none()) {
        return Ok(false);
    }
    let new = NewSlot {
        schedule_id: schedule,
        zone: "",
        local_at,
        slot_at: now,
        cut_off: now,
        from_seq,
        to_seq: settled.unwrap_or(from_seq),
    };
    let closed = store::slot::close(&mut tx, &new).await?.is_some();
    tx.commit().await?;
    Ok(closed)
}
