//! Claims batches and deferred mails, and gives back what was not sent.
//! It composes nothing and hands nothing over.

use std::collections::BTreeMap;

use chrono::{DateTime, Utc};

use crate::{
    daemon::{Context, StageError},
    delivery::Lane,
    store::{self, Conn, batch::BatchRow, delivery::Key as RowKey, retry::RetryRow, wire::Claim},
};

/// Batches claimed at once: 2,000 mails, a minute's work of one relay.
const MAX_BATCHES: i64 = 4;
/// Deferred mails claimed at once.
const MAX_RETRIES: i64 = 500;

/// What a round holds.
#[derive(Debug, Default)]
pub struct Claimed {
    batches: Vec<BatchRow>,
    retries: Vec<RetryRow>,
}

/// Claimed deliveries of one batch: all that wait, or those that were deferred.
#[derive(Clone, Debug)]
pub struct Group {
    /// Slot's time.
    pub slot_at: DateTime<Utc>,
    /// Batch.
    pub batch_no: i64,
    /// Slot, none for single mails.
    pub slot_id: Option<i64>,
    /// The frozen Date.
    pub due_at: DateTime<Utc>,
    /// When what is left is given up.
    pub expires_at: DateTime<Utc>,
    /// How they are claimed.
    pub held: Held,
}

/// How a group is claimed.
#[derive(Clone, Debug)]
pub enum Held {
    /// As a whole, with this epoch.
    Batch(i32),
    /// Place by place, each with its own epoch.
    Retries(BTreeMap<i16, i32>),
}

impl Group {
    /// The claim of one of its deliveries; none where it is not claimed.
    pub fn claim(&self, n: i16) -> Option<Claim> {
        let key = (self.slot_at, self.batch_no, n);
        match &self.held {
            Held::Batch(epoch) => Some(Claim { key, epoch: *epoch, from_retry: false }),
            Held::Retries(epochs) => epochs.get(&n).map(|epoch| Claim { key, epoch: *epoch, from_retry: true }),
        }
    }
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

    /// What is claimed, by batch: first what was deferred, it has waited longer.
    pub fn groups(&self) -> Vec<Group> {
        let mut deferred: BTreeMap<(DateTime<Utc>, i64), Group> = BTreeMap::new();
        for row in &self.retries {
            let group = deferred.entry((row.slot_at, row.batch_no)).or_insert_with(|| Group {
                slot_at: row.slot_at,
                batch_no: row.batch_no,
                slot_id: row.slot_id,
                due_at: row.due_at,
                expires_at: row.expires_at,
                held: Held::Retries(BTreeMap::new()),
            });
            if let Held::Retries(epochs) = &mut group.held {
                epochs.insert(row.n, row.epoch);
            }
        }
        let batches = self.batches.iter().map(|row| Group {
            slot_at: row.slot_at,
            batch_no: row.no,
            slot_id: row.slot_id,
            due_at: row.due_at,
            expires_at: row.expires_at,
            held: Held::Batch(row.epoch),
        });
        deferred.into_values().chain(batches).collect()
    }

    /// Marks wholly worked batches as done and gives the others, and unsent deferred mails, back.
    pub async fn settle(&self, conn: &mut Conn, node: i64, now: DateTime<Utc>) -> Result<(), StageError> {
        let batches: Vec<_> = self.batches.iter().map(|batch| (batch.slot_at, batch.no)).collect();
        if !batches.is_empty() {
            store::batch::done(conn, now, node, &batches).await?;
            store::batch::give_back(conn, node, &batches).await?;
        }
        let retries: Vec<RowKey> = self.retries.iter().map(|r| (r.slot_at, r.batch_no, r.n)).collect();
        if !retries.is_empty() {
            store::retry::give_back(conn, node, &retries).await?;
        }
        Ok(())
    }
}

/// Claims what is due in a lane for a node.
pub async fn take(
    ctx: &Context,
    node: i64,
    lane: Lane,
    held_schedules: &[i64],
    now: DateTime<Utc>,
) -> Result<Claimed, StageError> {
    let mut conn = ctx.pool.acquire().await?;
    let mut tx = sqlx::Acquire::begin(&mut *conn).await?;
    let claimed = Claimed {
        retries: store::retry::claim(&mut tx, now, node, lane.code(), held_schedules, MAX_RETRIES).await?,
        batches: store::batch::claim(&mut tx, now, node, lane.code(), held_schedules, MAX_BATCHES).await?,
    };
    tx.commit().await?;
    Ok(claimed)
}
