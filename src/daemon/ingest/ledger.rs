//! Takes what polls leave, and has many of them written in one commit: a feed's news always in that of its poll state.
//! What touches more than a feed's own rows is written by its poll.

mod page;

use std::{sync::Arc, time::Duration};

use chrono::{DateTime, Utc};
use tokio::{
    sync::{mpsc, oneshot},
    time::{Instant, timeout_at},
};

use super::{
    super::{Context, StageError},
    brought::Brought,
};
use crate::store::feed::{FeedRow, Polled};
use page::Page;

/// Polls of one commit at most.
const MAX_POLLS: usize = 512;
/// Articles of one commit at most, the last reading's aside: what a feed brings at once is bounded where it is parsed.
const MAX_ARTICLES: usize = 256;
/// Time between two commits, in which polls wait for company. What is lost with a node that dies meanwhile: the feeds are asked once more, with the
/// validators that they had, and bring the same again. Within a second an alert must be under way; this is a small part of it.
const MAX_DELAY: Duration = Duration::from_millis(40);
/// Polls that wait while a commit is under way; beyond it polling waits for Postgres. Who brought news waits until they are written,
/// so that there are never more of those than sites under way.
const MAX_WAITING: usize = 2 * MAX_POLLS;

/// A reading that brought something.
pub(super) struct News {
    pub(super) feed: FeedRow,
    pub(super) polled: Polled,
    pub(super) brought: Brought,
}

enum Entry {
    Poll(Box<Polled>),
    News(Box<News>, oneshot::Sender<Result<usize, StageError>>),
    Aside(Vec<i64>),
    Mark(oneshot::Sender<()>),
}

/// Where polls hand in what they leave.
#[derive(Clone)]
pub(super) struct Ledger(mpsc::Sender<Entry>);

/// What was handed in.
pub(super) struct Entries(mpsc::Receiver<Entry>);

/// A ledger of one round; [`write`] ends when all its copies are dropped.
pub(super) fn open() -> (Ledger, Entries) {
    let (sender, receiver) = mpsc::channel(MAX_WAITING);
    (Ledger(sender), Entries(receiver))
}

impl Ledger {
    /// Hands in a poll. In a ledger that failed it is lost, and the round fails.
    pub(super) async fn enter(&self, poll: Polled) {
        let _ = self.0.send(Entry::Poll(Box::new(poll))).await;
    }

    /// Hands in a poll that brought something, and ends when both are written: gives the number of new articles and revisions, none
    /// where another node has taken the feed over. In a ledger that failed it is lost, and the round fails.
    pub(super) async fn bring(&self, news: News) -> Result<usize, StageError> {
        let (reply, written) = oneshot::channel();
        let _ = self.0.send(Entry::News(Box::new(news), reply)).await;
        written.await.unwrap_or(Ok(0))
    }

    /// Hands in feeds that are not asked for some seconds.
    pub(super) async fn set_aside(&self, feeds: Vec<i64>) {
        let _ = self.0.send(Entry::Aside(feeds)).await;
    }

    /// Ends when all that the caller handed in is written, or will never be.
    pub(super) async fn written(&self) {
        let (mark, reached) = oneshot::channel();
        if self.0.send(Entry::Mark(mark)).await.is_ok() {
            let _ = reached.await;
        }
    }

    /// Nothing is written any more.
    pub(super) fn failed(&self) -> bool {
        self.0.is_closed()
    }
}

/// Writes what is handed in, under the claims of this node, until nobody hands in any more. The month of `now` is there.
pub(super) async fn write(
    ctx: &Arc<Context>,
    mut entries: Entries,
    node: i64,
    now: DateTime<Utc>,
) -> Result<(), StageError> {
    let mut until = Instant::now();
    while let Some(first) = entries.0.recv().await {
        let mut page = Page::default();
        page.add(first);
        while page.may_wait() {
            match timeout_at(until, entries.0.recv()).await {
                Ok(Some(entry)) => page.add(entry),
                Ok(None) | Err(_) => break,
            }
        }
        page.write(&ctx.pool, node, now).await?;
        until = Instant::now() + MAX_DELAY;
    }
    Ok(())
}
