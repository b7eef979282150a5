//! What the demo's books say after the day: feeds, articles and mails, counted and held against each other.
//! It reads the store and changes nothing.

use std::{
    collections::{BTreeMap, HashSet},
    fmt::Write as _,
};

use chrono::{DateTime, TimeDelta, Utc};

use super::{cast, day::Complaints, site::Site};
use crate::{
    cli::{
        Failure,
        output::{Table, count, wrapped},
    },
    daemon::audit,
    delivery::{Kind, SkipReason, State},
    store::{self, Conn, article::ArticleState, delivery::DeliveryRow},
};

/// Articles looked at per feed, and deliveries in all: far more than the demo has.
const MOST: i64 = 10_000;
/// Letters of what a feed or a server said.
const SAID: usize = 90;

/// The books of the day.
#[derive(Debug, Default)]
pub(super) struct Books {
    feeds: Vec<Feed>,
    readers: BTreeMap<String, Tally>,
    /// Stories that readers should have been told, by an independent count.
    candidates: usize,
    findings: Vec<String>,
}

#[derive(Debug, Default)]
struct Feed {
    title: String,
    polls: usize,
    adopted: usize,
    live: usize,
    matched: usize,
    other: usize,
    complaints: Vec<String>,
}

/// What became of one reader's mails.
#[derive(Debug, Default)]
struct Tally {
    planned: usize,
    sent: usize,
    failed: usize,
    skipped: usize,
    waiting: usize,
    alerts: usize,
    why: Vec<String>,
}

impl Books {
    /// Reads them.
    pub(super) async fn read(conn: &mut Conn, site: &Site, complaints: &Complaints) -> Result<Self, Failure> {
        let since = site.begin - TimeDelta::days(1);
        let mut books = Self { feeds: feeds(conn, site, complaints).await?, ..Self::default() };
        for row in store::delivery::list(conn, None, None, since, MOST).await? {
            books.readers.entry(row.address.clone()).or_default().add(&row);
        }
        books.audit(conn, since).await?;
        Ok(books)
    }

    async fn audit(&mut self, conn: &mut Conn, since: DateTime<Utc>) -> Result<(), Failure> {
        let report = audit::audit(conn, since).await.map_err(Failure::of)?;
        self.candidates = report.candidates;
        self.findings = report.findings.iter().map(ToString::to_string).collect();
        Ok(())
    }

    fn total(&self) -> Tally {
        let mut total = Tally::default();
        for tally in self.readers.values() {
            total.planned += tally.planned;
            total.sent += tally.sent;
            total.failed += tally.failed;
            total.skipped += tally.skipped;
            total.waiting += tally.waiting;
            total.alerts += tally.alerts;
        }
        total
    }

    /// Where the numbers do not add up, or differ from what the mailbox holds.
    pub(super) fn contradictions(&self, caught: usize) -> Vec<String> {
        let total = self.total();
        let sum = total.sent + total.failed + total.skipped + total.waiting;
        let mut wrong = self.findings.clone();
        if sum != total.planned {
            wrong.push(format!("{} mails were planned, and {sum} are accounted for", total.planned));
        }
        if total.sent != caught {
            wrong.push(format!("{} mails were sent, and the mailbox holds {caught}", total.sent));
        }
        wrong
    }

    /// The tables for people.
    pub(super) fn text(&self) -> String {
        let total = self.total();
        let sum = |of: fn(&Feed) -> usize| self.feeds.iter().map(of).sum::<usize>();
        format!(
            "{}{}\n{}\npolled {} {} times -> stored {} ({} older than the subscription, never mailed; {} new{}) -> matched {}\n\
             planned {} ({} alerts) = sent {} + failed {} + skipped {} + waiting {}\n\
             audit: {} owed to readers, each told once or in the table above\n",
            self.feed_table(),
            self.complaints(),
            self.reader_table(),
            count(self.feeds.len(), "feed", "feeds"),
            sum(|feed| feed.polls),
            count(sum(Feed::stored), "article", "articles"),
            sum(|feed| feed.adopted),
            sum(|feed| feed.live),
            match sum(|feed| feed.other) {
                0 => String::new(),
                other => format!("; {other} quarantined or withdrawn"),
            },
            sum(|feed| feed.matched),
            total.planned,
            total.alerts,
            total.sent,
            total.failed,
            total.skipped,
            total.waiting,
            count(self.candidates, "story", "stories"),
        )
    }

    fn feed_table(&self) -> String {
        let mut table = Table::new(&["feed", "polled", "stored", "old", "new", "matched"]);
        for feed in &self.feeds {
            let numbers = [feed.polls, feed.stored(), feed.adopted, feed.live, feed.matched].map(|n| n.to_string());
            table.row([vec![feed.title.clone()], numbers.to_vec()].concat());
        }
        table.text()
    }

    /// What was wrong with feeds; the others went on meanwhile.
    fn complaints(&self) -> String {
        let mut text = String::new();
        for feed in self.feeds.iter().filter(|feed| !feed.complaints.is_empty()) {
            let lines: Vec<String> = feed.complaints.iter().map(|said| wrapped(said, "  • ")).collect();
            let _ = writeln!(
                text,
                "{} was refused each time, and nothing else waited for it:\n{}",
                feed.title,
                lines.join("\n")
            );
        }
        text
    }

    fn reader_table(&self) -> String {
        let heads = ["reader", "schedule", "planned", "sent", "failed", "skipped", "waiting", "why"];
        let mut table = Table::new(&heads);
        for (address, tally) in &self.readers {
            let numbers =
                [tally.planned, tally.sent, tally.failed, tally.skipped, tally.waiting].map(|n| n.to_string());
            let names = vec![address.clone(), cast::schedules_of(address)];
            table.row([names, numbers.to_vec(), vec![tally.why.join("; ")]].concat());
        }
        table.text()
    }
}

impl Feed {
    const fn stored(&self) -> usize {
        self.adopted + self.live + self.other
    }
}

impl Tally {
    fn add(&mut self, row: &DeliveryRow) {
        self.planned += 1;
        self.alerts += usize::from(row.kind == Kind::Alert.code());
        let reply = || short(row.reply.as_deref().unwrap_or_default());
        match State::from_code(row.state) {
            Ok(State::Accepted | State::Returned) => {
                self.sent += 1;
                if row.attempts > 1 {
                    self.why.push(format!("taken at attempt {}", row.attempts));
                }
            }
            Ok(State::Failed | State::Expired) => {
                self.failed += 1;
                self.why.push(reply());
            }
            Ok(State::Skipped) => {
                self.skipped += 1;
                self.why.push(SkipReason::from_code(row.reason).map_or("unknown", SkipReason::text).to_owned());
            }
            _ => self.waiting += 1,
        }
    }
}

async fn feeds(conn: &mut Conn, site: &Site, complaints: &Complaints) -> Result<Vec<Feed>, Failure> {
    let head = store::log_peek(conn).await?;
    let matched: HashSet<(i64, i64)> =
        store::matches::window(conn, 0, head).await?.iter().map(|row| (row.feed_id, row.article_id)).collect();
    let mut feeds = Vec::new();
    for row in store::feed::live(conn).await? {
        let articles = store::article::latest(conn, row.id, MOST).await?;
        let of = |state: ArticleState| articles.iter().filter(|article| article.state == state.code()).count();
        let (adopted, live) = (of(ArticleState::Adopted), of(ArticleState::Live));
        let host = row.site.split('.').next().unwrap_or_default();
        feeds.push(Feed {
            polls: site.polls(host),
            adopted,
            live,
            matched: matched.iter().filter(|(feed, _)| *feed == row.id).count(),
            other: articles.len() - adopted - live,
            complaints: complaints.iter().filter(|(feed, _)| *feed == row.id).map(|(_, said)| said.clone()).collect(),
            title: row.title,
        });
    }
    Ok(feeds)
}

fn short(text: &str) -> String {
    let line = text.split_whitespace().collect::<Vec<_>>().join(" ");
    match line.char_indices().nth(SAID) {
        Some((at, _)) => format!("{}…", line[..at].trim_end()),
        None => line,
    }
}
