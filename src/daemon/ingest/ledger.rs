//! Writes what polls leave that brought no article: one statement for many of them, as most answers are 304.
//! What brought articles is written by its own poll, in the commit of its articles.

use std::{sync::Arc, time::Duration};

use tokio::{
    sync::{mpsc, oneshot},
    time::{Instant, timeout_at},
};

use super::super::{Context, StageError};
use crate::store::{self, feed::Polled};

/// Polls of one statement at most.
const MAX_POLLS: usize = 512;
/// How long a poll waits for company. What is lost with a node that dies meanwhile are the next times, validators and counts
/// of failures of these polls: their feeds are asked once more. No article waits here.
const MAX_DELAY: Duration = Duration::from_millis(200);
/// Polls that wait while a statement is under way; beyond it polling waits for Postgres.
const MAX_WAITING: usize = 2 * MAX_POLLS;

enum Entry {
    Poll(Box<Polled>),
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

#[derive(Default)]
struct Page {
    polls: Vec<Polled>,
    aside: Vec<i64>,
    marks: Vec<oneshot::Sender<()>>,
}

impl Page {
    fn add(&mut self, entry: Entry) {
        match entry {
            Entry::Poll(poll) => self.polls.push(*poll),
            Entry::Aside(feeds) => self.aside.extend(feeds),
            Entry::Mark(mark) => self.marks.push(mark),
        }
    }

    /// Nobody waits for it, and it has room.
    fn may_wait(&self) -> bool {
        self.marks.is_empty() && self.polls.len() + self.aside.len() < MAX_POLLS
    }

    async fn write(&mut self, ctx: &Context, node: i64) -> Result<(), StageError> {
        let mut conn = ctx.pool.acquire().await?;
        if !self.polls.is_empty() {
            store::feed::polled(&mut conn, node, &self.polls).await?;
        }
        if !self.aside.is_empty() {
            store::feed::set_aside(&mut conn, node, &self.aside).await?;
        }
        Ok(())
    }
}

/// Writes what is handed in, under the claims of this node, until nobody hands in any more.
pub(super) async fn write(ctx: &Arc<Context>, mut entries: Entries, node: i64) -> Result<(), StageError> {
    while let Some(first) = entries.0.recv().await {
        let until = Instant::now() + MAX_DELAY;
        let mut page = Page::default();
        page.add(first);
        while page.may_wait() {
            match timeout_at(until, entries.0.recv()).await {
                Ok(Some(entry)) => page.add(entry),
                Ok(None) | Err(_) => break,
            }
        }
        page.write(ctx, node).await?;
        for mark in page.marks {
            // Who waited may have given up.
            let _ = mark.send(());
        }
    }
    Ok(())
}
