//! Finds the slot that a preview is about, and what its readers get: as frozen after the cut-off, before it by the real
//! planner over what is there now. It runs in a read-only transaction and formats nothing.

pub mod mails;

use chrono::{DateTime, TimeDelta, Utc};
use chrono_tz::Tz;
use rustc_hash::FxHashMap;

use super::{
    StageError,
    plan::{
        PlanSettings,
        page::{self, Look, Planned},
        window::{self, Loaded},
    },
};
use crate::{
    digest::{
        Why,
        left_out::{LeftOut, left_out},
        schedule::SlotTime,
        select::{Link, Reader, Selection, select},
    },
    store::{self, Conn, schedule::INSTANT, slot::SlotRow},
    subscriber::Status,
};

/// Earlier slots that are counted before the one that is shown.
const MAX_EARLIER: usize = 1_000;
/// Just before an instant, in the steps of the database.
const BEFORE: TimeDelta = TimeDelta::microseconds(1);

/// A slot to be shown.
#[derive(Debug)]
pub struct Preview {
    /// As stored, or as it would be closed now.
    pub slot: SlotRow,
    /// Name of its schedule.
    pub schedule: String,
    /// Its items are frozen: this is what is, or was, sent.
    pub frozen: bool,
    /// Slots that come before it and take what is there by then.
    pub earlier: usize,
    loaded: Loaded,
}

/// What one page of readers gets.
#[derive(Debug, Default)]
pub struct Readers {
    /// Readers with something in their digest.
    pub planned: Vec<Planned>,
    /// What one reader does not get, and why.
    pub left_out: Vec<(i64, LeftOut)>,
    /// Where the next page begins; none when there are no more.
    pub cursor: Option<i64>,
}

/// The slot of a schedule in a zone at or after `at`, or the next one after `now`; none where there is none.
pub async fn find(
    conn: &mut Conn,
    settings: &PlanSettings,
    (schedule_id, schedule): (i32, &str),
    zone: &str,
    at: Option<DateTime<Utc>>,
    now: DateTime<Utc>,
) -> Result<Option<Preview>, StageError> {
    let last = store::slot::last(conn, schedule_id, zone).await?;
    let from_seq = last.as_ref().map_or(0, |last| last.to_seq);
    let Some((time, earlier)) = time_of(settings, schedule, zone, at, now) else { return Ok(None) };
    let stored = store::slot::by_key(conn, schedule_id, zone, time.local).await?;
    // Another slot was closed since: this one never will be.
    let missed = stored.is_none() && last.is_some_and(|last| last.local_at > time.local);
    if missed {
        return Ok(None);
    }
    let frozen = stored.is_some();
    let slot = match stored {
        Some(slot) => slot,
        None => SlotRow {
            id: 0,
            schedule_id,
            zone: zone.to_owned(),
            local_at: time.local,
            slot_at: time.at,
            cut_off: time.cut_off,
            from_seq,
            to_seq: store::log_peek(conn).await?,
            cursor_id: 0,
            planned_at: None,
        },
    };
    let loaded = window::load(conn, &slot, now).await?;
    Ok(Some(Preview { slot, schedule: schedule.to_owned(), frozen, earlier, loaded }))
}

fn time_of(
    settings: &PlanSettings,
    schedule: &str,
    zone: &str,
    at: Option<DateTime<Utc>>,
    now: DateTime<Utc>,
) -> Option<(SlotTime, usize)> {
    if schedule == INSTANT {
        let at = at.unwrap_or(now).max(now);
        return Some((SlotTime { local: at.naive_utc(), at, cut_off: at }, 0));
    }
    let rule = &settings.schedule(schedule)?.schedule;
    let zone: Tz = zone.parse().ok()?;
    let time = rule.next_slot(zone, at.map_or(now, |at| at - BEFORE))?;
    Some((time, rule.slots_between(zone, now, time.at - BEFORE, MAX_EARLIER).len()))
}

impl Preview {
    /// What the readers after `cursor` get, or one reader.
    pub async fn readers(
        &self,
        conn: &mut Conn,
        settings: &PlanSettings,
        look: Look,
        cursor: i64,
        now: DateTime<Utc>,
    ) -> Result<Readers, StageError> {
        match look {
            Look::One(reader) if self.frozen => {
                let planned = self.frozen_of(conn, &[reader]).await?;
                if planned.is_empty() && reader > self.slot.cursor_id {
                    return self.plan(conn, settings, look, cursor, now).await;
                }
                Ok(Readers { planned, ..Readers::default() })
            }
            _ if self.frozen && cursor < self.slot.cursor_id => {
                let ids = store::digest::readers_of(conn, self.slot.slot_at, self.slot.id, cursor).await?;
                let planned = self.frozen_of(conn, &ids).await?;
                // Behind the last frozen one, readers are planned as they would be.
                let next = ids.last().copied().unwrap_or(self.slot.cursor_id);
                Ok(Readers { planned, left_out: Vec::new(), cursor: Some(next) })
            }
            _ => self.plan(conn, settings, look, cursor, now).await,
        }
    }

    async fn plan(
        &self,
        conn: &mut Conn,
        settings: &PlanSettings,
        look: Look,
        cursor: i64,
        now: DateTime<Utc>,
    ) -> Result<Readers, StageError> {
        let limits = settings.limits(&self.schedule);
        let page = page::read(conn, &self.slot, &self.loaded, settings, &limits, cursor, look, now).await?;
        Ok(Readers { planned: page.planned, left_out: page.left_out, cursor: page.last_reader })
    }

    async fn frozen_of(&self, conn: &mut Conn, readers: &[i64]) -> Result<Vec<Planned>, StageError> {
        let mut rows = store::digest::items(conn, self.slot.slot_at, self.slot.id, readers).await?;
        rows.sort_unstable_by_key(|row| row.0);
        let standing = store::subscriber::standing(conn, readers).await?;
        let statuses: FxHashMap<i64, Status> =
            standing.into_iter().filter_map(|(id, status, _)| Some((id, Status::try_from(status).ok()?))).collect();
        let planned = |(subscriber_id, items, lead_key)| Planned {
            subscriber_id,
            // A row of the books always has its reader.
            status: statuses.get(&subscriber_id).copied().unwrap_or(Status::Suppressed),
            selection: Selection { items, lead_key },
        };
        Ok(rows.into_iter().map(planned).collect())
    }

    /// What somebody who follows this one thing, reads every language and was told nothing would get.
    pub fn of_one(&self, settings: &PlanSettings, why: Why) -> (Option<Selection>, Vec<(i64, LeftOut)>) {
        let links = [Link { why, position: 0, after: self.slot.from_seq }];
        let told = FxHashMap::default();
        let reader =
            Reader { links: &links, reads: &[], told: &told, versions: &FxHashMap::default(), last_lead: None };
        let selection = select(&self.loaded.window, &reader, &settings.limits(&self.schedule));
        let left = left_out(&self.loaded.window, &reader, selection.as_ref());
        (selection, left)
    }
}
