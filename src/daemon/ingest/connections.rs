//! The connections to Postgres that a round of polls may hold at a time.
//! What is asked over them is the callers' matter.

use std::sync::Arc;

use tokio::sync::{OwnedSemaphorePermit, Semaphore};

use crate::store::{self, Pool, PooledConn, Transaction};

/// Most connections that polls hold at a time, beside the ledger's: their work between two statements is short, and more would
/// only wait for the same disk.
const MOST: u32 = 4;

/// A share of the pool: hundreds of sites under way must not stand before the other stages in its queue.
#[derive(Clone)]
pub(super) struct Connections {
    pool: Pool,
    places: Arc<Semaphore>,
}

impl Connections {
    /// A third of this pool, within bounds.
    pub(super) fn of(pool: &Pool) -> Self {
        let places = (pool.options().get_max_connections() / 3).clamp(1, MOST);
        Self { pool: pool.clone(), places: Arc::new(Semaphore::new(places as usize)) }
    }

    /// A connection, to be given back before anything else is waited for.
    pub(super) async fn acquire(&self) -> store::Result<(PooledConn, OwnedSemaphorePermit)> {
        let place = self.place().await;
        Ok((self.pool.acquire().await?, place))
    }

    /// A transaction, likewise.
    pub(super) async fn begin(&self) -> store::Result<(Transaction<'static>, OwnedSemaphorePermit)> {
        let place = self.place().await;
        Ok((self.pool.begin().await?, place))
    }

    async fn place(&self) -> OwnedSemaphorePermit {
        Arc::clone(&self.places).acquire_owned().await.expect("the semaphore is never closed")
    }
}
