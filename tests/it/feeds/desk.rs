//! The real ingest stage on a database of its own, with a clock that is moved and commands that are given by the binary.
//! It asserts nothing about what the stage does.

use std::{
    collections::BTreeMap,
    net::{IpAddr, SocketAddr},
    sync::Arc,
};

use chrono::{DateTime, TimeDelta, Utc};
use depeche::{
    clock::Clock,
    daemon::{self, Context, Stage},
    feed::{FeedUrl, polling::MAX_WAIT},
    fetch::{FetchConfig, Fetcher},
    store::{self, Pool, article::ArticleState, feed::NewFeed},
    web,
};
use tokio::net::TcpListener;

use crate::support::{
    TestDatabase, context,
    database::Scratch,
    newsroom::LiveSlot,
    process::{Site, SiteConfig},
};

/// A database with its node, clock, and a shell beside it.
pub(crate) struct Desk {
    pub(crate) db: TestDatabase,
    pub(crate) ctx: Arc<Context>,
    clock: Clock,
    site: Site,
    _scratch: Scratch,
}

impl Desk {
    /// At the machine's own time, as commands are.
    pub(crate) async fn new() -> Self {
        Self::resolving(&[], 5).await
    }

    /// Where these names are this machine, and a document may take so many seconds.
    pub(crate) async fn resolving(names: &[&str], timeout_seconds: u64) -> Self {
        let here = |name: &&str| ((*name).to_owned(), [127, 0, 0, 1].into());
        Self::knowing(names.iter().map(here).collect(), timeout_seconds).await
    }

    /// Where these names stand for these addresses.
    pub(crate) async fn knowing(hosts: BTreeMap<String, IpAddr>, timeout_seconds: u64) -> Self {
        Self::fetching(FetchConfig { timeout_seconds, hosts, ..FetchConfig::default() }).await
    }

    /// Where documents are fetched so, from this machine too.
    pub(crate) async fn fetching(fetch: FetchConfig) -> Self {
        let (db, scratch, slot) = (TestDatabase::new().await, Scratch::new("desk"), LiveSlot::new());
        let site = Site::new(scratch.path(), &SiteConfig { url: Some(&db.url), relays: &[], slot: &slot, mail: "" });
        let clock = Clock::simulated(Utc::now(), 0);
        let fetch = FetchConfig { allow_private: true, ..fetch };
        let mut settings = slot.settings(Vec::new());
        settings.ingest.fetcher = Fetcher::new(&fetch).expect("a client");
        let ctx = context::context(&db.pool, clock.clone(), settings).await;
        Self { db, ctx, clock, site, _scratch: scratch }
    }

    pub(crate) fn now(&self) -> DateTime<Utc> {
        self.clock.now()
    }

    pub(crate) fn pass(&self, by: TimeDelta) {
        assert!(self.clock.advance(by.to_std().expect("forward")), "a simulated clock");
    }

    /// Adds a feed as of the simulated time.
    pub(crate) async fn add(&self, url: &str) -> i64 {
        add(&self.db.pool, self.now(), url).await
    }

    /// Writes a file beside the config.
    pub(crate) fn write(&self, name: &str, text: &str) {
        std::fs::write(self.site.dir.join(name), text).expect("a file");
    }

    /// Path of a file beside the config.
    pub(crate) fn path(&self, name: &str) -> String {
        self.site.dir.join(name).display().to_string()
    }

    /// Gives a command; what it answered on either side, and its exit code.
    pub(crate) async fn ask(&self, arguments: &[&str]) -> (Option<i32>, String) {
        let answer = self.site.ask(arguments).await;
        let said = [answer.stdout, answer.stderr].concat();
        (answer.status.code(), String::from_utf8(said).expect("UTF-8"))
    }

    /// Gives a command that is done.
    pub(crate) async fn done(&self, arguments: &[&str]) -> String {
        let (code, said) = self.ask(arguments).await;
        assert_eq!(code, Some(0), "depeche {}: {said}", arguments.join(" "));
        said
    }

    pub(crate) async fn round(&self, stage: Stage) {
        daemon::run_once(&self.ctx, stage).await.expect("the stage runs");
    }

    /// Passes an hour and a half, so that every quiet feed is due, and polls.
    pub(crate) async fn poll_later(&self) {
        self.pass(TimeDelta::minutes(90));
        self.round(Stage::Ingest).await;
    }

    /// Polls for so many days whenever a feed is due; `hour` is told the hours passed before each round.
    pub(crate) async fn watch(&self, days: i64, mut hour: impl FnMut(i64)) {
        let begin = self.now();
        let end = begin + TimeDelta::days(days);
        while self.now() < end {
            hour((self.now() - begin).num_hours());
            self.round(Stage::Ingest).await;
            let next: Option<DateTime<Utc>> = sqlx::query_scalar(
                "select min(next_poll_at) from feed_poll p join feed f on f.id = p.feed_id where f.stopped is null and f.removed_at is null",
            )
            .fetch_one(&self.db.pool)
            .await
            .expect("poll states");
            let Some(next) = next else { return };
            assert!(next > self.now() && next <= self.now() + MAX_WAIT, "{next} after {}", self.now());
            self.pass(next - self.now());
        }
    }

    /// How many articles of a feed are in each state.
    pub(crate) async fn articles(&self, feed: i64) -> BTreeMap<&'static str, i64> {
        let rows: Vec<(i16, i64)> =
            sqlx::query_as("select state, count(*) from article where feed_id = $1 group by state")
                .bind(feed)
                .fetch_all(&self.db.pool)
                .await
                .expect("articles");
        let word = |code: i16| match code {
            code if code == ArticleState::Live.code() => "live",
            code if code == ArticleState::Adopted.code() => "adopted",
            code if code == ArticleState::Quarantined.code() => "quarantined",
            _ => "withdrawn",
        };
        rows.into_iter().map(|(state, n)| (word(state), n)).collect()
    }

    /// Titles of the live articles of a feed.
    pub(crate) async fn live(&self, feed: i64) -> Vec<String> {
        sqlx::query_scalar(
            "select r.body ->> 'title' from article a join revision r on r.article_id = a.id and r.rev = 1
             where a.feed_id = $1 and a.state = 0 order by a.id",
        )
        .bind(feed)
        .fetch_all(&self.db.pool)
        .await
        .expect("titles")
    }

    /// When a feed is polled next, in minutes from now; negative where it is due.
    pub(crate) async fn minutes_to_poll(&self, feed: i64) -> i64 {
        let next: DateTime<Utc> = sqlx::query_scalar("select next_poll_at from feed_poll where feed_id = $1")
            .bind(feed)
            .fetch_one(&self.db.pool)
            .await
            .expect("a poll state");
        (next - self.now()).num_minutes()
    }

    /// Opens the pages; they end with the test's runtime.
    pub(crate) async fn open_door(&self) -> SocketAddr {
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a free port on loopback");
        let address = listener.local_addr().expect("its address");
        tokio::spawn(web::serve(Arc::clone(&self.ctx), listener, std::future::pending()));
        address
    }

    /// One number of the database.
    pub(crate) async fn number(&self, sql: &'static str) -> i64 {
        sqlx::query_scalar(sql).fetch_one(&self.db.pool).await.expect("a number")
    }

    /// What the open notices are about.
    pub(crate) async fn notices(&self) -> Vec<String> {
        let open = store::notice::open_ones(&mut self.db.pool.acquire().await.expect("a connection")).await;
        open.expect("notices").into_iter().map(|(about, _)| about).collect()
    }
}

/// Adds a feed that is not there yet.
pub(crate) async fn add(pool: &Pool, now: DateTime<Utc>, url: &str) -> i64 {
    let url = FeedUrl::parse(url).expect("an address");
    let domain = url.domain();
    let new = NewFeed {
        url: url.as_str(),
        title: "",
        site: &domain,
        domain: &domain,
        language: None,
        own: false,
        mail_newest: 0,
    };
    let mut conn = pool.acquire().await.expect("a connection");
    store::feed::add(&mut conn, now, &new).await.expect("added").expect("not there yet")
}
