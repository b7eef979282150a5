//! Compares plan with the naive planner on random days: articles, filters, readers and changes, with commits held open while slots close.
//! The seed stands in every failure; the same seed makes the same day.

use std::{
    sync::Arc,
    time::{Duration, Instant},
};

use chrono::{DateTime, Utc};
use depeche::{
    article::ArticleText,
    daemon::{Context, audit, match_articles, plan},
    store::{self, Conn, Pool, membership, membership::Follow, membership::Wanted},
};
use sqlx::{Postgres, Transaction};
use tokio::task::JoinSet;

use super::{
    naive::{Ask, Books, Dice, updates::Wish},
    world::{World, body, later},
};
use crate::support::context::{self, at, canonical, feed, new_article, schedule_id, text};

const SCHEDULES: [(&str, &str); 3] = [("often", "0 */2 * * *"), ("morning", "0 7 * * *"), ("evening", "30 18 * * *")];
const ZONES: [&str; 2] = ["Europe/Paris", "Asia/Kolkata"];
/// Words that no stemmer of French or English makes the same.
const WORDS: [&str; 6] = ["tramway", "orchestre", "volcan", "fanfare", "citadelle", "glacier"];
/// In every title, and followed by one reader throughout: each article has its match.
const EVERY: &str = "gazette";
const READERS: usize = 7;
/// Steps of a random day: some 45 minutes each, so that every twin comes within the 72 hours of its story.
const STEPS: usize = 60;

/// Longer than any round of theirs, whatever else the machine does.
const LONGEST_RACE: Duration = Duration::from_secs(20);

struct Day {
    world: World,
    other: Arc<Context>,
    dice: Dice,
    now: DateTime<Utc>,
    asks: Vec<Ask>,
    topics: Vec<i64>,
    feeds: Vec<i64>,
    readers: Vec<i64>,
    /// Title and story of each.
    articles: Vec<(String, usize)>,
    stories: usize,
    wishes: Vec<Wish>,
    /// An article that ingest has written and not committed.
    writing: Option<Transaction<'static, Postgres>>,
}

fn asks() -> Vec<Ask> {
    let mut asks: Vec<Ask> = WORDS.into_iter().map(Ask::Word).collect();
    asks.push(Ask::Word(EVERY));
    for (n, a) in WORDS.into_iter().enumerate() {
        let b = WORDS[(n + 1) % WORDS.len()];
        asks.extend([Ask::Both(a, b), Ask::Either(a, b), Ask::Without(a, b)]);
    }
    asks
}

impl Day {
    async fn begin(seed: u64) -> Self {
        let mut settings = context::settings(&SCHEDULES, Vec::new());
        // The limits of alerts are shown elsewhere; here nothing may wait in bundles.
        (settings.plan.instant.per_hour, settings.plan.instant.per_day) = (100_000, 100_000);
        let mut again = context::settings(&SCHEDULES, Vec::new());
        (again.plan.instant.per_hour, again.plan.instant.per_day) = (100_000, 100_000);
        let world = World::with(settings).await;
        // Not in the first article's transaction, which may be held open.
        store::ensure_month(&mut world.pool().acquire().await.expect("a connection"), at("2026-11-24T00:00:00Z"))
            .await
            .expect("a month");
        let other = context::context(world.pool(), depeche::clock::Clock::System, again).await;
        let (now, asks) = (at("2026-11-24T03:10:00Z"), asks());
        let every = context::topic(world.pool(), now, "every", EVERY).await;
        let all = world.reader(now, "all", &[(every, "often")]).await;
        let mut day = Self {
            world,
            other,
            dice: Dice(seed),
            now,
            asks,
            topics: vec![every],
            feeds: Vec::new(),
            readers: Vec::new(),
            articles: Vec::new(),
            stories: 0,
            wishes: Vec::new(),
            writing: None,
        };
        for n in 0..3 {
            day.feeds.push(feed(day.world.pool(), now, &format!("feed{n}")).await);
            let ask = day.dice.one_of(&day.asks).text();
            day.topics.push(context::topic(day.world.pool(), now, &format!("topic{n}"), &ask).await);
        }
        for n in 0..READERS {
            let reader = day.world.reader(now, &format!("reader{n}"), &[]).await;
            let reads: Vec<String> = if n % 3 == 0 { vec!["fr".into()] } else { Vec::new() };
            let update = sqlx::query("update subscriber set reads = $2 where id = $1").bind(reader).bind(reads);
            update.execute(day.world.pool()).await.expect("their languages");
            day.readers.push(reader);
        }
        for reader in [all, day.readers[0], day.readers[1]] {
            let mut tx = day.pool().begin().await.expect("a transaction");
            day.asks(&mut tx, reader, true).await;
            tx.commit().await.expect("committed");
        }
        day
    }

    async fn step(&mut self) {
        self.now = self.dice.later(self.now);
        match self.dice.below(12) {
            0..=3 => self.article().await,
            10 | 11 => self.revision().await,
            4 | 5 => {
                let held = self.change().await;
                held.commit().await.expect("committed");
            }
            6 | 7 => {
                // Something for match to do that the change may already concern.
                self.article().await;
                let held = self.change().await;
                self.race(held).await;
            }
            8 => {
                let mut held = self.pool().begin().await.expect("a transaction");
                // Match stops with its numbers taken and nothing committed.
                sqlx::query("lock table match in exclusive mode").execute(&mut *held).await.expect("locked");
                self.article().await;
                self.race(held).await;
            }
            _ => self.commit_article().await,
        }
        if self.dice.below(3) > 0 {
            self.world.matched(self.now).await;
        }
        if self.dice.below(5) > 0 {
            self.world.planned(self.now).await;
        }
    }

    fn pool(&self) -> Pool {
        self.world.pool().clone()
    }

    /// An article of one to three words, one in three of a story that was told before; one in four is not committed yet.
    async fn article(&mut self) {
        let twin = self.stories > 0 && self.dice.below(3) == 0;
        let story = if twin { self.dice.below(self.stories) } else { self.stories };
        self.stories = self.stories.max(story + 1);
        let words: Vec<&str> = (0..=self.dice.below(3)).map(|_| self.dice.one_of(&WORDS)).collect();
        let title = format!("{EVERY} {} n{}", words.join(" "), self.articles.len());
        self.articles.push((title.clone(), story));
        let text = text_of(&title, story);
        let feed = self.dice.one_of(&self.feeds);
        let mut tx = self.pool().begin().await.expect("a transaction");
        store::ensure_month(&mut tx, self.now).await.expect("a month");
        store::article::add(&mut tx, &[(feed, self.now, &new_article(text))]).await.expect("stored");
        if self.writing.is_none() && self.dice.below(4) == 0 {
            self.writing = Some(tx);
        } else {
            tx.commit().await.expect("committed");
        }
    }

    /// Another text of an article that is there: two in three say more than before.
    async fn revision(&mut self) {
        if self.articles.is_empty() {
            return;
        }
        let (title, story) = self.dice.one_of(&self.articles);
        let id: Option<i64> = sqlx::query_scalar("select id from article where guid_key = $1")
            .bind(&title)
            .fetch_optional(self.world.pool())
            .await
            .expect("an article");
        let Some(id) = id else { return };
        let mut text = text_of(&title, story);
        let seed = format!("change {}", self.now);
        text.paragraphs.push(if self.dice.below(3) == 0 { format!("x{}", self.dice.0) } else { body(&seed) });
        context::revise(self.world.pool(), self.now, id, text).await;
    }

    async fn commit_article(&mut self) {
        if let Some(tx) = self.writing.take() {
            tx.commit().await.expect("committed");
        }
    }

    /// Some change of what somebody follows, with its number taken and not committed.
    async fn change(&mut self) -> Transaction<'static, Postgres> {
        let mut tx = self.pool().begin().await.expect("a transaction");
        let reader = self.dice.one_of(&self.readers);
        let links = store::subscription::live(&mut tx, &[reader]).await.expect("links");
        match self.dice.below(13) {
            10..=12 => self.wish(&mut tx, reader).await,
            0..=4 => self.follow(&mut tx, reader).await,
            5 if !links.is_empty() => {
                let link = self.dice.one_of(&links);
                membership::unfollow(&mut tx, &[link]).await.expect("unfollowed");
            }
            6 | 7 if !links.is_empty() => {
                let (schedule, zone) = self.schedule();
                let id = schedule_id(self.world.pool(), schedule).await;
                membership::reschedule(&mut tx, self.now, &links, id, zone).await.expect("moved");
            }
            8 => self.publish(&mut tx).await,
            _ if self.dice.below(3) == 0 => {
                if membership::leave(&mut tx, self.now, reader, "test").await.expect("left")
                    == membership::Left::Already
                {
                    membership::come_back(&mut tx, self.now, reader, "test").await.expect("back");
                }
            }
            _ => self.follow(&mut tx, reader).await,
        }
        tx
    }

    fn schedule(&mut self) -> (&'static str, &'static str) {
        match self.dice.one_of(&["often", "morning", "evening", "instant"]) {
            "instant" => ("instant", ""),
            named => (named, self.dice.one_of(&ZONES)),
        }
    }

    async fn follow(&mut self, conn: &mut Conn, reader: i64) {
        let mut wanted = Vec::new();
        for _ in 0..=self.dice.below(2) {
            let follow = if self.dice.below(2) == 0 {
                Follow::Topic(self.dice.one_of(&self.topics))
            } else {
                Follow::Filter(canonical(&self.dice.one_of(&self.asks).text()))
            };
            let (schedule, zone) = self.schedule();
            let schedule_id = schedule_id(self.world.pool(), schedule).await;
            wanted.push(Wanted { follow, schedule_id, zone: zone.to_owned() });
        }
        membership::follow(conn, self.now, reader, &wanted).await.expect("followed");
    }

    /// A reader asks for updates, or no more.
    async fn wish(&mut self, conn: &mut Conn, reader: i64) {
        let wanted = self.dice.below(3) > 0;
        self.asks(conn, reader, wanted).await;
    }

    async fn asks(&mut self, conn: &mut Conn, reader: i64, wanted: bool) {
        if membership::ask_for_updates(conn, &[reader], wanted).await.expect("they ask") == 0 {
            return;
        }
        let seq = "select case when updates_until_seq is null then updates_seq else updates_until_seq end from subscriber where id = $1";
        let seq: i64 = sqlx::query_scalar(seq).bind(reader).fetch_one(conn).await.expect("a number");
        self.wishes.push((reader, seq, wanted));
    }

    /// A topic's filter changes, for what comes from then on.
    async fn publish(&mut self, conn: &mut Conn) {
        let (topic, ask) = (self.dice.one_of(&self.topics[1..]), self.dice.one_of(&self.asks));
        let seq = store::take_log_seq(conn, 1).await.expect("a number");
        let filter = store::filter::intern(conn, &canonical(&ask.text()), seq).await.expect("a filter");
        store::topic::version(conn, self.now, "test", topic, filter, seq).await.expect("a version");
    }

    /// Runs match and two nodes' plan until each is done or waits for `held`, then commits it and lets them end.
    async fn race(&mut self, held: Transaction<'static, Postgres>) {
        let (one, two, now) = (Arc::clone(&self.world.ctx), Arc::clone(&self.other), self.now);
        let mut tasks: JoinSet<Result<(), String>> = JoinSet::new();
        let matching = Arc::clone(&one);
        tasks.spawn(async move { match_articles::run_once(&matching, now).await.map(drop).map_err(|e| e.to_string()) });
        for node in [one, two] {
            tasks.spawn(async move { plan::run_once(&node, now).await.map(drop).map_err(|e| e.to_string()) });
        }
        let waiting =
            "select count(*) from pg_stat_activity where datname = current_database() and wait_event_type = 'Lock'";
        let pool = self.pool();
        let (mut outcomes, since) = (Vec::new(), Instant::now());
        while !tasks.is_empty() {
            assert!(since.elapsed() < LONGEST_RACE, "match and plan neither end nor wait for the held commit");
            while let Some(done) = tasks.try_join_next() {
                outcomes.push(done.expect("no panic"));
            }
            let stuck = sqlx::query_scalar::<_, i64>(waiting).fetch_one(&pool).await.expect("activity");
            if usize::try_from(stuck).expect("a count") >= tasks.len() {
                break;
            }
            tokio::time::sleep(Duration::from_millis(2)).await;
        }
        held.commit().await.expect("committed");
        outcomes.extend(tasks.join_all().await);
        assert!(outcomes.iter().all(Result::is_ok), "{outcomes:?}");
    }
}

fn text_of(title: &str, story: usize) -> ArticleText {
    let mut text = text(title, &body(&format!("story {story}")));
    text.language = if story.is_multiple_of(4) { "en" } else { "fr" }.parse().expect("a language");
    text
}

/// Stories and updates that were compared.
async fn check(seed: u64) -> (usize, usize) {
    let mut day = Day::begin(seed).await;
    for _ in 0..STEPS {
        day.step().await;
    }
    day.commit_article().await;
    day.world.matched(day.now).await;
    for hours in 0..26 {
        day.world.planned(later(day.now, hours, 0)).await;
    }
    let books = Books::read(day.world.pool(), &day.asks).await;
    let mut wrong = books.disagreements();
    let (of_updates, updates) = books.of_updates(&day.wishes);
    wrong.extend(of_updates);
    assert!(wrong.is_empty(), "seed {seed}: {} disagreements\n{}", wrong.len(), wrong.join("\n"));
    let mut conn = day.world.pool().acquire().await.expect("a connection");
    let report = audit::audit(&mut conn, at("2026-11-20T00:00:00Z")).await.expect("the audit runs");
    assert!(report.findings.is_empty(), "seed {seed}: {:#?}", report.findings);
    let (candidates, slots) = books.size();
    println!("seed {seed}: {candidates} stories and {updates} updates for readers in {slots} slots");
    (candidates, updates)
}

/// Cases a run: some seconds on two cores.
const SEEDS: std::ops::Range<u64> = 1..6;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn plan_equals_the_naive_planner_on_random_days_with_late_commits() {
    let (mut compared, mut updates) = (0, 0);
    for seed in SEEDS {
        let day = check(seed).await;
        (compared, updates) = (compared + day.0, updates + day.1);
    }
    assert!(updates > 10, "only {updates} updates were compared");
    assert!(compared > 300, "only {compared} stories were compared: the days are too empty to show anything");
}
