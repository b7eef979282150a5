//! Looks up what is stored of feeds that were read: one pair of statements for many of them.
//! What a reading is then held against, `feed::verdict` knows.

use std::sync::Arc;

use rustc_hash::FxHashMap;
use tokio::{
    sync::{mpsc, oneshot},
    time::{Duration, Instant, timeout_at},
};

use super::super::{Context, StageError};
use crate::{
    feed::{identity::Keys, verdict::Memory},
    store::{self, Conn, article::KnownRow},
};

/// Entries looked up in one statement at most, the last reading's aside: some milliseconds of Postgres.
const MAX_ENTRIES: usize = 512;
/// Time between two statements, in which readings wait for company: next to nothing beside the minutes until a feed is asked again.
const MAX_DELAY: Duration = Duration::from_millis(15);
/// Readings that wait while a statement is under way; each of them holds a site's place.
const MAX_WAITING: usize = 64;

/// What is stored of one feed.
#[derive(Default)]
pub(super) struct Stored {
    /// What the feed has shown of itself before.
    pub(super) memory: Memory,
    /// The keys of the reading's entries, as they were given.
    pub(super) keys: Vec<Keys>,
    /// The articles that they may be.
    pub(super) articles: Vec<KnownRow>,
}

struct Question {
    feed: i64,
    keys: Vec<Keys>,
    reply: oneshot::Sender<store::Result<Stored>>,
}

/// Where readings ask.
#[derive(Clone)]
pub(super) struct Lookup(mpsc::Sender<Question>);

/// What was asked.
pub(super) struct Questions(mpsc::Receiver<Question>);

/// A desk of one round; [`answer`] ends when all its copies are dropped.
pub(super) fn open() -> (Lookup, Questions) {
    let (sender, receiver) = mpsc::channel(MAX_WAITING);
    (Lookup(sender), Questions(receiver))
}

impl Lookup {
    /// What is stored of a feed whose reading has entries with these keys.
    pub(super) async fn ask(&self, feed: i64, keys: Vec<Keys>) -> Result<Stored, StageError> {
        let (reply, answer) = oneshot::channel();
        let lost = || StageError::Stored("Postgres went away while readings waited for it".to_owned());
        self.0.send(Question { feed, keys, reply }).await.map_err(|_| lost())?;
        Ok(answer.await.map_err(|_| lost())??)
    }
}

/// Answers until nobody asks any more.
pub(super) async fn answer(ctx: &Arc<Context>, mut questions: Questions) {
    let mut until = Instant::now();
    while let Some(first) = questions.0.recv().await {
        let mut entries = first.keys.len();
        let mut page = vec![first];
        while entries < MAX_ENTRIES
            && let Ok(Some(next)) = timeout_at(until, questions.0.recv()).await
        {
            entries += next.keys.len();
            page.push(next);
        }
        answer_page(ctx, page).await;
        until = Instant::now() + MAX_DELAY;
    }
}

async fn answer_page(ctx: &Context, page: Vec<Question>) {
    let found = look_up(ctx, &page).await;
    match found {
        Ok(found) => page.into_iter().zip(found).for_each(|(question, stored)| question.answer(Ok(stored))),
        Err(error) if page.len() == 1 || store::is_passing(&error) => {
            // The others learn that nothing comes.
            page.into_iter().take(1).zip([error]).for_each(|(question, error)| question.answer(Err(error)));
        }
        Err(_) => {
            // What Postgres refuses of one feed keeps no other from its answer.
            for question in page {
                let alone = [question];
                let found = look_up(ctx, &alone).await.map(|mut found| found.pop().unwrap_or_default());
                let [question] = alone;
                question.answer(found);
            }
        }
    }
}

impl Question {
    fn answer(self, mut stored: store::Result<Stored>) {
        if let Ok(stored) = &mut stored {
            stored.keys = self.keys;
        }
        // Who asked may have given up.
        let _ = self.reply.send(stored);
    }
}

/// What is stored of these, in their order; the keys are still with the questions.
async fn look_up(ctx: &Context, page: &[Question]) -> store::Result<Vec<Stored>> {
    let mut conn = ctx.pool.acquire().await?;
    let mut memories = memories(&mut conn, page).await?;
    let entries: Vec<(i64, &Keys)> = page.iter().flat_map(|q| q.keys.iter().map(|keys| (q.feed, keys))).collect();
    let mut articles: FxHashMap<i64, Vec<KnownRow>> = FxHashMap::default();
    for row in store::article::known(&mut conn, &entries).await? {
        articles.entry(row.feed_id).or_default().push(row);
    }
    let stored = page.iter().map(|question| Stored {
        memory: memories.remove(&question.feed).unwrap_or_default(),
        keys: Vec::new(),
        articles: articles.remove(&question.feed).unwrap_or_default(),
    });
    Ok(stored.collect())
}

async fn memories(conn: &mut Conn, page: &[Question]) -> store::Result<FxHashMap<i64, Memory>> {
    let feeds: Vec<i64> = page.iter().map(|question| question.feed).collect();
    let stored = store::feed::memories(conn, &feeds).await?;
    // One that does not read is a newer version's, and counts as none.
    Ok(stored.into_iter().map(|(feed, raw)| (feed, serde_json::from_str(raw.get()).unwrap_or_default())).collect())
}
