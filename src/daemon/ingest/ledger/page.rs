//! A page of the ledger: polls and news that are written in one commit.
//! What comes onto which page, the file above decides.

use chrono::{DateTime, Datelike, Utc};
use rustc_hash::FxHashMap;
use tokio::sync::oneshot;

use super::{Entry, MAX_ARTICLES, MAX_POLLS, News, StageError};
use crate::store::{self, Conn, Pool, feed::Polled};

type Reply = oneshot::Sender<Result<usize, StageError>>;

#[derive(Default)]
pub(super) struct Page {
    polls: Vec<Polled>,
    news: Vec<(Box<News>, Reply)>,
    articles: usize,
    aside: Vec<i64>,
    marks: Vec<oneshot::Sender<()>>,
}

impl Page {
    pub(super) fn add(&mut self, entry: Entry) {
        match entry {
            Entry::Poll(poll) => self.polls.push(*poll),
            Entry::News(news, reply) => {
                self.articles += news.brought.count();
                self.news.push((news, reply));
            }
            Entry::Aside(feeds) => self.aside.extend(feeds),
            Entry::Mark(mark) => self.marks.push(mark),
        }
    }

    /// Nobody waits for it alone, and it has room.
    pub(super) fn may_wait(&self) -> bool {
        let polls = self.polls.len() + self.news.len() + self.aside.len();
        self.marks.is_empty() && polls < MAX_POLLS && self.articles < MAX_ARTICLES
    }

    /// Writes it all, and says so to who waits. `now` is of a month that is there.
    pub(super) async fn write(self, pool: &Pool, node: i64, now: DateTime<Utc>) -> Result<(), StageError> {
        let mut conn = pool.acquire().await?;
        let desk = Desk { node, now };
        let news: Vec<&News> = self.news.iter().map(|(news, _)| &**news).collect();
        match desk.write(&mut conn, &self.polls, &news).await {
            Ok(counts) => {
                for ((_, reply), count) in self.news.into_iter().zip(counts) {
                    // Who waited may have given up.
                    let _ = reply.send(Ok(count));
                }
            }
            Err(error) if news.is_empty() || store::is_passing(&error) => return Err(error.into()),
            Err(_) => {
                // What Postgres refuses of one feed keeps no other's from being written.
                desk.write(&mut conn, &self.polls, &[]).await?;
                for (news, reply) in self.news {
                    let written = desk.write(&mut conn, &[], &[&news]).await;
                    let _ = reply.send(written.map(|counts| counts.iter().sum()).map_err(StageError::from));
                }
            }
        }
        if !self.aside.is_empty() {
            store::feed::set_aside(&mut conn, node, &self.aside).await?;
        }
        for mark in self.marks {
            let _ = mark.send(());
        }
        Ok(())
    }
}

struct Desk {
    node: i64,
    now: DateTime<Utc>,
}

impl Desk {
    /// Writes these in one commit; gives the number of new articles and revisions of each of the news. A feed that another node has
    /// taken over is that one's: nothing of it is written.
    async fn write(&self, conn: &mut Conn, polls: &[Polled], news: &[&News]) -> store::Result<Vec<usize>> {
        let all: Vec<&Polled> = polls.iter().chain(news.iter().map(|news| &news.polled)).collect();
        if all.is_empty() {
            return Ok(Vec::new());
        }
        let mut tx = store::begin(conn).await?;
        let held = store::feed::polled(&mut tx, self.node, &all).await?;
        let mut counts: FxHashMap<i64, usize> = held.into_iter().map(|feed| (feed, 0)).collect();
        let held: Vec<&News> = news.iter().copied().filter(|news| counts.contains_key(&news.feed.id)).collect();
        for news in &held {
            if news.polled.at.month() != self.now.month() {
                store::ensure_month(&mut tx, news.polled.at).await?;
            }
        }
        let articles: Vec<_> =
            held.iter().flat_map(|news| news.brought.articles(news.feed.id, news.polled.at)).collect();
        for feed in store::article::add(&mut tx, &articles).await? {
            *counts.entry(feed).or_default() += 1;
        }
        for news in &held {
            let revised = news.brought.store_rest(&mut tx, &news.feed, news.polled.at).await?;
            *counts.entry(news.feed.id).or_default() += revised;
        }
        tx.commit().await?;
        Ok(news.iter().map(|news| counts.get(&news.feed.id).copied().unwrap_or(0)).collect())
    }
}
