//! The index of filters as this node has it, brought up to date from the log of their begins and ends.
//! How filters are matched is `topic::index`'s.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use crate::{
    daemon::{StageError, forecast},
    store::{self, Conn, filter::FilterRow},
    topic::{Analysed, Index, Query, Scratch, TermFrequencies, index::Builder},
};

/// Pages of changes read in one go: 10 million filters.
const MAX_PAGES: usize = 1_000;

/// Stored articles that word frequencies are measured on at start.
const MEASURED: i64 = 1_000;

/// The index with the number up to which it knows all changes.
#[derive(Debug, Default)]
pub struct LiveIndex {
    inner: Arc<Mutex<Inner>>,
}

#[derive(Debug, Default)]
struct Inner {
    index: Option<Index>,
    frequencies: TermFrequencies,
    scratch: Scratch,
    seen_seq: i64,
    rebuilding: bool,
}

impl LiveIndex {
    /// Applies every change since the last one seen. Inside a transaction that holds the log's lock, nothing is missed.
    pub async fn catch_up(&self, conn: &mut Conn) -> Result<(), StageError> {
        if self.lock().index.is_none() {
            self.build(conn).await?;
        }
        for _ in 0..MAX_PAGES {
            let since = self.lock().seen_seq;
            let Some(until) = store::filter::changed_until(conn, since).await? else { return Ok(()) };
            let changes = store::filter::changed(conn, since, until).await?;
            self.apply(changes, until);
        }
        Ok(())
    }

    async fn build(&self, conn: &mut Conn) -> Result<(), StageError> {
        // Without them a restarted node would anchor filters by guess.
        let frequencies = forecast::frequencies(conn, MEASURED).await?;
        // Peeked before reading, and one less: a change that commits meanwhile is seen again, which changes nothing.
        let seen_seq = store::log_peek(conn).await?;
        let mut builder = Builder::new(Arc::new(frequencies.clone()));
        store::filter::each_live(conn, |id, canonical| {
            if let Some(query) = parse(id, canonical) {
                builder.push(id, &query);
            }
        })
        .await?;
        let index = builder.finish();
        tracing::info!(filters = index.len(), "index of filters built");
        let mut inner = self.lock();
        (inner.index, inner.frequencies, inner.seen_seq) = (Some(index), frequencies, (seen_seq - 1).max(0));
        Ok(())
    }

    fn apply(&self, changes: Vec<FilterRow>, until: i64) {
        let mut inner = self.lock();
        inner.seen_seq = until;
        let Some(index) = inner.index.as_mut() else { return };
        let mut begun = Vec::new();
        for row in changes {
            let query = if row.until_seq.is_none() { parse(row.id, &row.canonical) } else { None };
            match query {
                Some(query) if !index.contains(row.id) => begun.push((row.id, query)),
                Some(_) => {}
                None => drop(index.remove(row.id)),
            }
        }
        index.add_all(&begun);
    }

    /// The filters that each article hits, in the order of the articles; sorted, each once.
    pub fn matches(&self, articles: &[&Analysed]) -> Vec<Vec<i64>> {
        let mut hits = vec![Vec::new(); articles.len()];
        let mut inner = self.lock();
        let Inner { index, scratch, .. } = &mut *inner;
        if let Some(index) = index {
            index.matches(articles, scratch, &mut hits);
        }
        hits
    }

    /// Learns how rare words are, and has the index rebuilt when enough has changed in it: on another thread, while this one goes on
    /// and is used and changed as before.
    pub fn observe<'a>(&self, articles: impl Iterator<Item = &'a Analysed>) {
        let mut inner = self.lock();
        for article in articles {
            inner.frequencies.observe(article);
        }
        if inner.rebuilding {
            return;
        }
        let Inner { index, frequencies, .. } = &mut *inner;
        let Some(index) = index.as_mut().filter(|index| index.wants_rebuild()) else { return };
        let (snapshot, frequencies) = (index.snapshot(), Arc::new(frequencies.clone()));
        inner.rebuilding = true;
        let shared = Arc::clone(&self.inner);
        tokio::spawn(async move {
            let rebuilt = tokio::task::spawn_blocking(move || snapshot.rebuild(&frequencies)).await;
            let mut inner = lock(&shared);
            inner.rebuilding = false;
            match (rebuilt, inner.index.as_mut()) {
                (Ok(rebuilt), Some(index)) => index.adopt(rebuilt),
                (Err(error), _) => tracing::error!(%error, "the index could not be rebuilt; it goes on as it is"),
                (Ok(_), None) => {}
            }
        });
    }

    fn lock(&self) -> MutexGuard<'_, Inner> {
        lock(&self.inner)
    }
}

/// A poisoned lock guards a whole index all the same.
fn lock(inner: &Mutex<Inner>) -> MutexGuard<'_, Inner> {
    inner.lock().unwrap_or_else(PoisonError::into_inner)
}

fn parse(id: i64, canonical: &str) -> Option<Query> {
    Query::parse(canonical)
        .inspect_err(|error| tracing::warn!(filter = id, %error, "a stored filter does not read; it matches nothing"))
        .ok()
}
