//! The hook by which a publisher's own system says that there is news: what a POST to it does, and what it never does.
//! Hubs have a file of their own.

use std::{
    fs,
    os::unix::fs::PermissionsExt as _,
    sync::{
        Arc,
        atomic::{AtomicI64, AtomicU16, Ordering},
    },
};

use chrono::TimeDelta;
use depeche::{
    daemon::Stage,
    subscriber::token::{Keys, Purpose},
};
use reqwest::{Client, Response};

use super::{
    desk::Desk,
    feed_server::{FeedServer, reply},
    items::{rss, usual},
};
use crate::support::context::SECRET;

/// A desk with its door open, and a publisher whose feed was read once.
struct Press {
    desk: Desk,
    server: FeedServer,
    newest: Arc<AtomicI64>,
    status: Arc<AtomicU16>,
    door: String,
    http: Client,
    feed: i64,
}

impl Press {
    async fn new() -> Self {
        let (newest, status) = (Arc::new(AtomicI64::new(5)), Arc::new(AtomicU16::new(200)));
        let (shown, answer) = (Arc::clone(&newest), Arc::clone(&status));
        let server = FeedServer::start(move |_| match answer.load(Ordering::SeqCst) {
            200 => reply(200, &[], rss((1..=shown.load(Ordering::SeqCst)).rev().map(usual))),
            status @ (429 | 502) => reply(status, &[("Retry-After", "7200")], ""),
            status => reply(status, &[], ""),
        })
        .await;
        let desk = Desk::new().await;
        let feed = desk.add(&server.url("/feed")).await;
        desk.round(Stage::Ingest).await;
        let door = format!("http://{}", desk.open_door().await);
        Self { desk, server, newest, status, door, http: Client::new(), feed }
    }

    fn hook(&self, feed: i64) -> String {
        format!("{}/hooks/feed/{}", self.door, Keys::new(SECRET).sign(Purpose::FeedHook, feed, 0).as_str())
    }

    async fn post(&self, url: &str) -> Response {
        self.http.post(url).body("anything").send().await.expect("an answer")
    }

    async fn ring(&self) {
        assert_eq!(self.post(&self.hook(self.feed)).await.status(), 202);
    }

    fn polls(&self) -> usize {
        self.server.asked().iter().filter(|asked| asked.path == "/feed").count()
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_post_to_a_feeds_hook_has_it_read_at_once() {
    let press = Press::new().await;
    press.desk.pass(TimeDelta::minutes(2));
    press.newest.store(6, Ordering::SeqCst);
    press.desk.round(Stage::Ingest).await;
    assert_eq!(press.polls(), 1, "it is not due");
    press.ring().await;
    press.desk.round(Stage::Ingest).await;
    assert_eq!(press.polls(), 2);
    assert_eq!(press.desk.live(press.feed).await, ["Story number 6 of this town"]);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn ringing_without_end_has_a_feed_read_twice_a_minute_at_most() {
    let press = Press::new().await;
    for _ in 0..30 {
        for _ in 0..3 {
            press.ring().await;
        }
        press.desk.round(Stage::Ingest).await;
        press.desk.pass(TimeDelta::seconds(10));
    }
    // Five minutes, and the first reading.
    assert!((9..=11).contains(&press.polls()), "{}", press.polls());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn news_that_comes_during_a_poll_has_the_feed_read_again() {
    let press = Press::new().await;
    let claim =
        "update feed_poll set node_id = $2, lease_until = clock_timestamp() + interval '1 minute', next_poll_at = $1";
    let node = press.desk.ctx.node();
    for (nth, began, minutes) in [(1, -3, 0), (2, 1, 60)] {
        let pool = &press.desk.db.pool;
        sqlx::query(claim).bind(press.desk.now()).bind(node).execute(pool).await.expect("a claim");
        if nth == 1 {
            press.desk.pass(TimeDelta::seconds(5));
            press.ring().await;
        }
        let polled = depeche::store::feed::Polled {
            feed_id: press.feed,
            at: press.desk.now() + TimeDelta::seconds(began),
            next_poll_at: press.desk.now() + TimeDelta::hours(1),
            succeeded_at: None,
            state: None,
            memory: None,
            last_error: None,
            not_before: None,
        };
        let mut conn = pool.acquire().await.expect("a connection");
        let written = depeche::store::feed::polled(&mut conn, node, &[&polled]).await;
        assert_eq!(written.expect("written"), [press.feed]);
        let told = "the news of the first poll was before the second";
        assert_eq!(press.desk.minutes_to_poll(press.feed).await, minutes, "poll {nth}: {told}");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_a_server_forbids_no_hook_allows() {
    let press = Press::new().await;
    // One is a limit of the whole service, the other this feed's own trouble.
    for (nth, status) in [(0, 429), (1, 502)] {
        let polls = 2 * nth + 2;
        press.status.store(status, Ordering::SeqCst);
        press.desk.poll_later().await;
        assert_eq!(press.polls(), polls);
        press.status.store(200, Ordering::SeqCst);
        for minutes in [1, 59, 59] {
            press.desk.pass(TimeDelta::minutes(minutes));
            press.ring().await;
            press.desk.round(Stage::Ingest).await;
            assert_eq!(press.polls(), polls, "{status}: after {minutes} minutes more of the two hours");
        }
        press.desk.pass(TimeDelta::minutes(1));
        press.ring().await;
        press.desk.round(Stage::Ingest).await;
        assert_eq!(press.polls(), polls + 1);
    }
    // Our own back-off is ours: a publisher whose server is up again need not wait for it.
    press.status.store(500, Ordering::SeqCst);
    press.desk.poll_later().await;
    press.desk.pass(TimeDelta::minutes(1));
    press.status.store(200, Ordering::SeqCst);
    press.desk.round(Stage::Ingest).await;
    assert_eq!(press.polls(), 6);
    press.ring().await;
    press.desk.round(Stage::Ingest).await;
    assert_eq!(press.polls(), 7);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_hook_is_good_for_its_feed_only_and_nothing_tells_why() {
    let press = Press::new().await;
    press.desk.pass(TimeDelta::minutes(2));
    let good = press.hook(press.feed);
    let other = Keys::new(SECRET);
    let foreign =
        |keys: &Keys, purpose| format!("{}/hooks/feed/{}", press.door, keys.sign(purpose, press.feed, 0).as_str());
    let bad = [
        press.hook(press.feed + 1),
        format!("{good}A"),
        good[..good.len() - 1].to_owned(),
        format!("{}/hooks/feed/{}", press.door, press.feed),
        foreign(&Keys::new([8; 32]), Purpose::FeedHook),
        foreign(&other, Purpose::Hub),
        foreign(&other, Purpose::Unsubscribe),
    ];
    let mut pages = Vec::new();
    for url in &bad {
        let answer = press.post(url).await;
        assert_eq!(answer.status(), 404, "{url}");
        pages.push(answer.text().await.expect("a page"));
    }
    assert!(pages.iter().all(|page| *page == pages[0]), "{pages:?}");
    let get = press.http.get(&good).send().await.expect("an answer");
    assert_eq!(get.status(), 405);
    press.desk.round(Stage::Ingest).await;
    assert_eq!(press.polls(), 1, "none of them had it read");
    press.desk.done(&["feed", "remove", "1"]).await;
    assert_eq!(press.post(&good).await.status(), 404);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn show_prints_the_hook_that_works() {
    let press = Press::new().await;
    let keys = press.desk.path("data/keys");
    fs::create_dir_all(press.desk.path("data")).expect("a directory");
    fs::write(&keys, Keys::new(SECRET).to_file()).expect("a file");
    fs::set_permissions(&keys, fs::Permissions::from_mode(0o600)).expect("its mode");
    let shown = press.desk.done(&["feed", "show", "1"]).await;
    let path = press.hook(press.feed).replace(&press.door, "https://lettres.lefanal.example");
    assert!(shown.contains(&format!("hook:      {path}\n")), "{shown}");
    assert!(shown.contains("hub:       none; the feed is polled"), "{shown}");
}
