//! The index of filters as this node has it, brought up to date from the log of their begins and ends.
//! How filters are matched is `topic::index`'s.

use std::sync::{Mutex, PoisonError};

use crate::{
    daemon::StageError,
    store::{self, Conn, filter::FilterRow},
    topic::{analyze::Analysed, index::Index, query::Query},
};

/// Pages of changes read in one go: 10 million filters.
const MAX_PAGES: usize = 1_000;

/// The index with the number up to which it knows all changes.
#[derive(Debug, Default)]
pub struct LiveIndex {
    inner: Mutex<Inner>,
}

#[derive(Debug, Default)]
struct Inner {
    index: Option<Index>,
    seen_seq: i64,
}

impl LiveIndex {
    /// Applies every change since the last one seen. Inside a transaction that holds the log's lock, nothing is missed.
    pub async fn catch_up(&self, conn: &mut Conn) -> Result<(), StageError> {
        if self.lock().index.is_none() {
            self.build(conn).await?;
        }
        for _ in 0..MAX_PAGES {
            let since = self.lock().seen_seq;
            let changes = store::filter::changed_since(conn, since).await?;
            let full = i64::try_from(changes.len()).is_ok_and(|n| n >= store::filter::PAGE);
            self.apply(changes);
            if !full {
                return Ok(());
            }
        }
        Ok(())
    }

    async fn build(&self, conn: &mut Conn) -> Result<(), StageError> {
        // Peeked before reading: a change that commits meanwhile is seen again, which changes nothing.
        let seen_seq = store::log_peek(conn).await?;
        let mut filters: Vec<(i64, Query)> = Vec::new();
        let mut cursor = 0;
        for _ in 0..MAX_PAGES {
            let page = store::filter::live_page(conn, cursor).await?;
            let Some(last) = page.last() else { break };
            cursor = last.id;
            filters.extend(page.into_iter().filter_map(|row| Some((row.id, parse(&row)?))));
        }
        let index = Index::build(filters.iter().map(|(id, query)| (*id, query)));
        tracing::info!(filters = filters.len(), "index of filters built");
        let mut inner = self.lock();
        (inner.index, inner.seen_seq) = (Some(index), seen_seq.saturating_sub(1).max(0));
        Ok(())
    }

    fn apply(&self, changes: Vec<FilterRow>) {
        let mut inner = self.lock();
        for row in changes {
            inner.seen_seq = inner.seen_seq.max(row.from_seq).max(row.until_seq.unwrap_or(0));
            let query = if row.until_seq.is_none() { parse(&row) } else { None };
            let Some(index) = inner.index.as_mut() else { return };
            index.remove(row.id);
            if let Some(query) = query {
                index.add(row.id, &query);
            }
        }
    }

    /// The filters that an article hits, sorted, each once.
    pub fn matches(&self, analysed: &Analysed) -> Vec<i64> {
        let mut inner = self.lock();
        inner.index.as_mut().map(|index| index.matches(analysed)).unwrap_or_default()
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, Inner> {
        self.inner.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn parse(row: &FilterRow) -> Option<Query> {
    Query::parse(&row.canonical)
        .inspect_err(|error| tracing::warn!(filter = row.id, %error, "a stored filter does not read; it matches nothing"))
        .ok()
}
