//! Three simulated weeks from feeds to mails: publishers in all their moods, readers of each, and the mails that left, counted.
//! What a publisher's moods are, `publishers` says; what one mood does to one stage, other files of this directory show.

mod publishers;

use std::{
    collections::{BTreeMap, BTreeSet},
    net::IpAddr,
    sync::Arc,
    time::Duration,
};

use chrono::{DateTime, Utc};
use depeche::{
    clock::Clock,
    daemon::{self, Context, Stage, audit, deliver},
    delivery::{Lane, State},
    fetch::{FetchConfig, Fetcher},
    store::{self, membership::Follow},
};

use super::{
    desk,
    feed_server::FeedServer,
    moody_server::{self, Publisher},
};
use crate::support::{
    TestDatabase,
    context::{self, at},
    newsroom,
    smtp_server::{Act, At, SmtpServer},
};

const DAYS: i64 = 21;
/// Hours between two looks; 07:00 in Paris, when digests leave, is one of them.
const STEP: usize = 4;
/// New entries at once that no feed is quarantined for, so that a mail may hold as many of each feed.
const FLOOD: usize = 10;
/// Rounds after which a stage that still finds work is stuck.
const MAX_ROUNDS: usize = 50;

/// A newspaper that follows moody publishers.
struct Season {
    db: TestDatabase,
    clock: Clock,
    ctx: Arc<Context>,
    begin: DateTime<Utc>,
    server: FeedServer,
    relay: SmtpServer,
    /// Feeds and their topics, by the names of their publishers.
    feeds: BTreeMap<&'static str, (i64, i64)>,
    /// What went wrong with each feed.
    errors: BTreeMap<i64, BTreeSet<String>>,
}

impl Season {
    /// Before the first reading, without readers.
    async fn of(publishers: &[Publisher]) -> Self {
        let begin = at("2026-11-02T02:00:00Z");
        let (db, clock) = (TestDatabase::new().await, Clock::simulated(begin, 0));
        let relay = SmtpServer::start(|_: &At| Act::Usual).await;
        let mut settings = newsroom::settings(vec![newsroom::relay("main", relay.address, 4)]);
        let hosts = publishers.iter().map(|one| (one.host(), IpAddr::from([127, 0, 0, 1]))).collect();
        let fetch = FetchConfig { allow_private: true, hosts, ..FetchConfig::default() };
        settings.ingest.fetcher = Fetcher::new(&fetch).expect("a client");
        let ctx = context::context(&db.pool, clock.clone(), settings).await;
        let server = moody_server::start(publishers.to_vec(), begin, clock.clone()).await;
        let (feeds, errors) = (BTreeMap::new(), BTreeMap::new());
        let mut season = Self { db, clock, ctx, begin, server, relay, feeds, errors };
        for publisher in publishers {
            season.add(publisher).await;
        }
        season
    }

    /// A feed, and a topic of all that it tells.
    async fn add(&mut self, publisher: &Publisher) {
        let (url, now) = (self.server.at(&publisher.host(), "/feed"), self.clock.now());
        let feed = desk::add(&self.db.pool, now, &url).await;
        let slug = publisher.name.to_lowercase();
        let topic = context::topic(&self.db.pool, now, &slug, &format!("title:{slug}")).await;
        self.feeds.insert(publisher.name, (feed, topic));
    }

    /// A reader of these publishers.
    async fn subscribe(&self, name: &str, schedule: &str, publishers: &[&str]) {
        let zone = if schedule == "instant" { "" } else { "Europe/Paris" };
        let mut wanted = Vec::new();
        for publisher in publishers {
            let topic = Follow::Topic(self.feeds[publisher].1);
            wanted.push(context::wanted(&self.db.pool, topic, schedule, zone).await);
        }
        context::reader(&self.db.pool, self.clock.now(), name, "Europe/Paris", &wanted).await;
    }

    /// All that happens until the end.
    async fn pass(&mut self) {
        for hour in (0..=DAYS * 24).step_by(STEP) {
            for stage in [Stage::Ingest, Stage::Match, Stage::Plan] {
                self.run(stage).await;
            }
            for lane in [Lane::Alert, Lane::Digest] {
                deliver::run_once(&self.ctx, lane, self.clock.now()).await.expect("deliver");
            }
            if hour % 24 == 0 {
                self.run(Stage::Sweep).await;
            }
            self.note_errors().await;
            assert!(self.clock.advance(Duration::from_hours(STEP as u64)), "a simulated clock");
        }
    }

    async fn run(&self, stage: Stage) {
        for _ in 0..MAX_ROUNDS {
            if daemon::run_once(&self.ctx, stage).await.expect("the stage runs").did == 0 {
                return;
            }
        }
        panic!("{} finds work without end", stage.word());
    }

    async fn note_errors(&mut self) {
        let errors: Vec<(i64, String)> =
            sqlx::query_as("select feed_id, last_error from feed_poll where last_error is not null")
                .fetch_all(&self.db.pool)
                .await
                .expect("errors");
        for (feed, error) in errors {
            self.errors.entry(feed).or_default().insert(error);
        }
    }

    /// What each reader got: the titles of each mail, oldest mail first.
    fn got(&self) -> BTreeMap<String, Vec<Vec<String>>> {
        let mut got: BTreeMap<String, Vec<Vec<String>>> = BTreeMap::new();
        for (_, to, bytes) in self.relay.seen().mails {
            let titles = text_of(&bytes).lines().filter_map(|line| self.title(line)).collect();
            got.entry(to[0].split('@').next().unwrap_or_default().to_owned()).or_default().push(titles);
        }
        got
    }

    /// The title that a line of a mail is; the contents of a long mail are indented and repeat them.
    fn title(&self, line: &str) -> Option<String> {
        let mut words = line.split(' ');
        let named = words.next().is_some_and(|name| self.feeds.contains_key(name));
        let numbered = words.next().is_some_and(|n| n.bytes().all(|byte| byte.is_ascii_digit()));
        (named && numbered).then(|| line.to_owned())
    }

    /// Titles of what waits in quarantine.
    async fn waiting(&self, feed: i64) -> BTreeSet<String> {
        let titles: Vec<String> = sqlx::query_scalar(
            "select r.body ->> 'title' from article a join revision r on r.article_id = a.id and r.rev = 1
             where a.feed_id = $1 and a.state = 2",
        )
        .bind(feed)
        .fetch_all(&self.db.pool)
        .await
        .expect("titles");
        titles.into_iter().collect()
    }

    /// The audit agrees with what was planned, and all of it has left.
    async fn assert_balanced(&self) {
        let mut conn = self.db.pool.acquire().await.expect("a connection");
        let report = audit::audit(&mut conn, self.begin).await.expect("the audit runs");
        assert_eq!(report.findings, []);
        assert_eq!((report.candidates, report.too_old, report.bundled), (report.told, 0, 0), "{report:?}");
        let sent: i64 =
            report.states.iter().filter(|(state, _)| *state == State::Accepted.code()).map(|(_, n)| n).sum();
        let planned: i64 = report.states.iter().map(|(_, n)| n).sum();
        assert_eq!((planned, usize::try_from(sent)), (sent, Ok(self.relay.count())), "{report:?}");
    }

    /// What is wrong with the books of a feed.
    async fn wrong_in_books(&self, publisher: &Publisher) -> Vec<String> {
        let (feed, _) = self.feeds[publisher.name];
        let mut wrong = Vec::new();
        let mut conn = self.db.pool.acquire().await.expect("a connection");
        let why = store::notice::about(&mut conn, &store::notice::feed_quarantine(feed)).await.expect("notices");
        let row = store::feed::by_ids(&mut conn, &[feed]).await.expect("feeds").remove(0);
        drop(conn);
        if row.stopped.is_some() || row.url != self.server.at(&publisher.host(), publisher.ends_at) {
            wrong.push(format!("stands at {}, stopped: {:?}", row.url, row.stopped));
        }
        let waiting = self.waiting(feed).await;
        let held = publisher.waiting();
        if held.iter().any(|title| !waiting.contains(title)) || held.is_empty() != waiting.is_empty() {
            wrong.push(format!("{waiting:?} wait in quarantine and not {held:?}"));
        }
        if !held.is_empty() && !why.as_deref().is_some_and(|why| why.contains("new entries at once")) {
            wrong.push(format!("they wait because of {why:?}"));
        }
        let said = self.errors.get(&feed).cloned().unwrap_or_default();
        let unsaid = publisher.says.iter().filter(|part| !said.iter().any(|error| error.contains(*part)));
        wrong.extend(unsaid.map(|part| format!("{part:?} is in none of {said:?}")));
        wrong
    }
}

/// What is wrong with the mails of one reader, who should have been told `want`.
fn wrong_in_mails(mails: &[Vec<String>], want: &BTreeSet<String>, most: usize) -> Vec<String> {
    let mut times: BTreeMap<&String, usize> = BTreeMap::new();
    for title in mails.iter().flatten() {
        *times.entry(title).or_default() += 1;
    }
    let of = |what: &str, titles: Vec<&String>| (!titles.is_empty()).then(|| format!("{what} {titles:?}"));
    let largest = mails.iter().map(Vec::len).max().unwrap_or(0);
    [
        of("lost", want.iter().filter(|title| !times.contains_key(title)).collect()),
        of("twice", times.iter().filter(|(_, n)| **n > 1).map(|(title, _)| *title).collect()),
        of("not theirs", times.keys().copied().filter(|title| !want.contains(*title)).collect()),
        (largest > most).then(|| format!("{largest} in one mail")),
        mails.iter().any(Vec::is_empty).then(|| "an empty mail".to_owned()),
    ]
    .into_iter()
    .flatten()
    .collect()
}

/// The text part of a mail.
fn text_of(mail: &[u8]) -> String {
    let mail = String::from_utf8_lossy(mail).replace("=\r\n", "");
    let part = mail.split("Content-Type: text/").nth(1).expect("a text part comes first");
    let part = part.split_once("\r\n\r\n").and_then(|(_, text)| text.rsplit_once("\r\n--")).expect("its text").0;
    let mut bytes = Vec::new();
    let mut pieces = part.split('=');
    bytes.extend(pieces.next().unwrap_or_default().bytes());
    for piece in pieces {
        let byte = piece.get(..2).and_then(|hex| u8::from_str_radix(hex, 16).ok()).expect("quoted-printable");
        bytes.push(byte);
        bytes.extend(piece.bytes().skip(2));
    }
    String::from_utf8(bytes).expect("UTF-8")
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn in_three_weeks_of_moods_no_story_is_mailed_twice_and_none_is_lost_and_nothing_floods() {
    let publishers = publishers::all();
    let mut season = Season::of(&publishers).await;
    let alone = publishers.iter().map(|one| (one.name.to_lowercase(), "morning", vec![one.name]));
    let mut readers: Vec<(String, &str, Vec<&str>)> = alone.collect();
    readers.push(("quick".into(), "instant", vec!["Random", "Badday"]));
    readers.push(("curious".into(), "morning", vec!["Plain", "Rebuilt", "Wordpress", "Archive"]));
    for (name, schedule, follows) in &readers {
        season.subscribe(name, schedule, follows).await;
    }
    season.pass().await;
    let got = season.got();
    let mut wrong = Vec::new();
    for (name, _, follows) in &readers {
        let theirs = publishers.iter().filter(|one| follows.contains(&one.name));
        let want: BTreeSet<String> = theirs.flat_map(Publisher::told).collect();
        let mails = got.get(name).map(Vec::as_slice).unwrap_or_default();
        let found = wrong_in_mails(mails, &want, FLOOD * follows.len());
        wrong.extend(found.into_iter().map(|found| format!("{name}: {found}")));
    }
    for publisher in &publishers {
        let found = season.wrong_in_books(publisher).await;
        wrong.extend(found.into_iter().map(|found| format!("{}: {found}", publisher.name)));
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    assert_eq!(got.len(), readers.len(), "everybody is told something");
    season.assert_balanced().await;
}
