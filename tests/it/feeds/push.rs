//! Hubs that push (W3C `WebSub`), played over HTTP on a clock that is moved: found, asked, verified, believed, doubted, left.
//! The hook for publishers has a file of its own.

use std::{
    sync::{
        Arc,
        atomic::{AtomicBool, AtomicI64, Ordering},
    },
    time::Duration,
};

use chrono::TimeDelta;
use depeche::{
    daemon::Stage,
    fetch::{FetchConfig, FetchError, Fetcher},
    subscriber::token::{Keys, Purpose},
};
use serde_json::Value;

use super::{
    desk::Desk,
    feed_server::{FeedServer, Reply, reply},
    items::{rss, usual},
};
use crate::support::{
    context::SECRET,
    hub::{Hub, Manner, Wish, sign},
    wait_until,
};

/// What the feed calls itself.
const TOPIC: &str = "https://topic.example/feed?a=1&b=2";

/// A desk with its door open, a hub, and a publisher who names it until told otherwise.
struct Press {
    desk: Desk,
    server: FeedServer,
    hub: Hub,
    newest: Arc<AtomicI64>,
    named: Arc<AtomicBool>,
    feed: i64,
}

impl Press {
    async fn new() -> Self {
        let desk = Desk::new().await;
        let hub = Hub::start(desk.open_door().await).await;
        let (newest, named) = (Arc::new(AtomicI64::new(5)), Arc::new(AtomicBool::new(true)));
        let (shown, names) = (Arc::clone(&newest), Arc::clone(&named));
        let links = format!("<{}>; rel=\"hub\", <{TOPIC}>; rel=self", hub.url);
        let server = FeedServer::start(move |_| {
            let links = if names.load(Ordering::SeqCst) { links.as_str() } else { "" };
            reply(200, &[("Link", links)], rss((1..=shown.load(Ordering::SeqCst)).rev().map(usual)))
        })
        .await;
        let feed = desk.add(&server.url("/feed")).await;
        Self { desk, server, hub, newest, named, feed }
    }

    /// With a hub that behaves so and was asked once.
    async fn asked(manner: Manner) -> Self {
        let press = Self::new().await;
        press.hub.behave(manner);
        press.round().await;
        press.round().await;
        assert_eq!(press.hub.wishes().len(), 1);
        press
    }

    /// With a hub that has pushed.
    async fn working() -> Self {
        let press = Self::asked(Manner::GOOD).await;
        press.desk.pass(TimeDelta::minutes(10));
        press.newest.fetch_add(1, Ordering::SeqCst);
        press.push("sha256").await;
        press.round().await;
        assert_eq!((press.polls(), press.news().await), (2, 1));
        press
    }

    async fn round(&self) {
        self.desk.round(Stage::Ingest).await;
    }

    async fn pass(&self, by: TimeDelta) {
        self.desk.pass(by);
        self.round().await;
    }

    async fn push(&self, method: &str) {
        assert_eq!(self.hub.push(&self.hub.last(), method).await, 202);
    }

    async fn news(&self) -> usize {
        self.desk.live(self.feed).await.len()
    }

    fn polls(&self) -> usize {
        self.server.asked().iter().filter(|asked| asked.path == "/feed").count()
    }

    /// How `feed show` says that it stands with the hub.
    async fn shown(&self) -> Value {
        let shown = self.desk.done(&["feed", "show", "1", "--format", "json"]).await;
        serde_json::from_str::<Value>(&shown).expect("JSON")["hub"].take()
    }

    async fn state(&self) -> String {
        self.shown().await["state"].as_str().unwrap_or("none").to_owned()
    }

    /// Polls as the feed becomes due, until `minutes` have passed.
    async fn watch(&self, minutes: i64) {
        for _ in 0..minutes / 5 {
            self.pass(TimeDelta::minutes(5)).await;
        }
    }
}

fn query<'a>(mode: &'a str, topic: &'a str) -> [(&'a str, &'a str); 4] {
    [("hub.mode", mode), ("hub.topic", topic), ("hub.challenge", "abc"), ("hub.lease_seconds", "86400")]
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_hub_that_a_feed_names_is_asked_and_verifies() {
    let press = Press::asked(Manner::GOOD).await;
    let wish = press.hub.last();
    assert_eq!((wish["hub.mode"].as_str(), wish["hub.topic"].as_str()), ("subscribe", TOPIC));
    assert!(wish["hub.callback"].starts_with("https://lettres.lefanal.example/hooks/websub/tk_"), "{wish:?}");
    assert!((40..200).contains(&wish["hub.secret"].len()) && wish["hub.lease_seconds"] == "864000", "{wish:?}");
    assert_eq!(press.hub.echoed(), 1);
    assert_eq!(press.state().await, "active");
    let shown = press.desk.done(&["feed", "show", "1"]).await;
    assert!(shown.contains("to push until") && shown.contains("polled as usual until it has"), "{shown}");
    assert!(press.desk.minutes_to_poll(press.feed).await <= 66, "what has not pushed yet spares no pulls");
    // Who answered late asks again; that changes nothing.
    assert_eq!(press.hub.say(&wish, &query("subscribe", TOPIC)).await, (200, "abc".to_owned()));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_hub_that_the_document_names_stays_while_nothing_changes_and_another_takes_its_place() {
    let desk = Desk::new().await;
    let door = desk.open_door().await;
    let (first, second) = (Hub::start(door).await, Hub::start(door).await);
    let moved = Arc::new(AtomicBool::new(false));
    let (hubs, second_named) = ([first.url.clone(), second.url.clone()], Arc::clone(&moved));
    let server = FeedServer::start(move |asked| {
        let now = usize::from(second_named.load(Ordering::SeqCst));
        let tag = format!("\"{now}\"");
        if asked.headers.get("if-none-match") == Some(&tag) {
            return reply(304, &[], "");
        }
        let named = format!("<title/><a:link xmlns:a='http://www.w3.org/2005/Atom' rel='hub' href='{}'/>", hubs[now]);
        let feed =
            String::from_utf8(rss((1..=5).map(usual))).expect("text").replacen("<title>Moods</title>", &named, 1);
        reply(200, &[("ETag", tag.as_str())], feed)
    })
    .await;
    let feed = server.url("/feed");
    desk.add(&feed).await;
    for _ in 0..3 {
        desk.poll_later().await;
        desk.round(Stage::Ingest).await;
    }
    assert_eq!((first.wishes().len(), first.last()["hub.topic"].as_str()), (1, feed.as_str()));
    moved.store(true, Ordering::SeqCst);
    desk.poll_later().await;
    desk.round(Stage::Ingest).await;
    let modes: Vec<String> = first.wishes().iter().map(|wish| wish["hub.mode"].clone()).collect();
    assert_eq!(modes, ["subscribe", "unsubscribe"]);
    assert_eq!((second.wishes().len(), second.echoed(), first.echoed()), (1, 1, 2));
    assert_ne!(first.wishes()[0]["hub.secret"], second.last()["hub.secret"]);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_signed_push_has_the_feed_read_at_once_and_another_does_nothing() {
    let press = Press::asked(Manner::GOOD).await;
    let wish = press.hub.last();
    press.desk.pass(TimeDelta::minutes(10));
    press.newest.store(6, Ordering::SeqCst);
    let (body, secret) = (b"<rss/>".as_slice(), wish["hub.secret"].as_bytes());
    for signature in [
        String::new(),
        "sha256=".to_owned(),
        "sha256=00".to_owned(),
        sign("sha256", b"another secret", body),
        sign("sha256", secret, b"another body"),
        sign("sha1", secret, body).replace("sha1", "sha256"),
        sign("sha256", secret, body).replace("sha256", "md5"),
    ] {
        assert_eq!(press.hub.push_signed(&wish, body, &signature).await, 202, "{signature}");
        press.round().await;
        assert_eq!(press.polls(), 1, "{signature}");
    }
    press.push("sha256").await;
    press.round().await;
    assert_eq!((press.polls(), press.news().await), (2, 1));
    for (method, news) in [("sha1", 2), ("sha512", 3)] {
        press.desk.pass(TimeDelta::minutes(1));
        press.newest.fetch_add(1, Ordering::SeqCst);
        press.push(method).await;
        press.round().await;
        assert_eq!(press.news().await, news, "{method}");
    }
    let shown = press.shown().await;
    assert_eq!((shown["pushes"].as_i64(), shown["ignored"].as_i64()), (Some(3), Some(7)));
    let wait = press.desk.minutes_to_poll(press.feed).await;
    assert!((55..=6 * 60).contains(&wait), "a hub that works spares pulls: {wait}");
    let large = vec![b'x'; 11_000_000];
    assert_eq!(press.hub.push_signed(&wish, &large, &sign("sha256", secret, &large)).await, 413);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_a_push_told_and_a_cache_withheld_is_looked_for_again_soon() {
    let press = Press::working().await;
    press.desk.pass(TimeDelta::minutes(10));
    press.push("sha256").await;
    press.round().await;
    assert!((14..=17).contains(&press.desk.minutes_to_poll(press.feed).await));
    press.newest.fetch_add(1, Ordering::SeqCst);
    press.pass(TimeDelta::minutes(17)).await;
    assert_eq!(press.news().await, 2);
    press.watch(60).await;
    assert_eq!(press.state().await, "active", "the push had told of it");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_lease_is_renewed_well_before_it_ends_even_if_the_hub_is_down_for_a_while() {
    let press = Press::asked(Manner { lease: "86400", ..Manner::GOOD }).await;
    press.pass(TimeDelta::hours(11)).await;
    assert_eq!(press.hub.wishes().len(), 1);
    press.hub.behave(Manner { status: 503, verifies: false, ..Manner::GOOD });
    press.pass(TimeDelta::minutes(130)).await;
    assert_eq!(press.hub.wishes().len(), 2);
    assert_eq!(press.state().await, "active");
    assert!(press.shown().await["why"].as_str().is_some_and(|why| why.contains("503")));
    press.hub.behave(Manner { lease: "86400", ..Manner::GOOD });
    press.watch(30).await;
    assert_eq!((press.hub.wishes().len(), press.hub.echoed()), (3, 2));
    let shown = press.shown().await;
    assert!(shown["why"].is_null() && shown["state"] == "active", "{shown}");
    press.push("sha256").await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_hub_that_does_not_tell_what_a_pull_finds_is_bad_for_a_week() {
    let press = Press::working().await;
    press.pass(TimeDelta::minutes(30)).await;
    press.newest.fetch_add(1, Ordering::SeqCst);
    let spared = press.desk.minutes_to_poll(press.feed).await;
    press.pass(TimeDelta::minutes(spared + 1)).await;
    assert_eq!(press.news().await, 2, "the pull found it");
    assert!(press.desk.minutes_to_poll(press.feed).await <= 66 && press.state().await == "active");
    press.pass(TimeDelta::minutes(16)).await;
    let shown = press.desk.done(&["feed", "show", "1"]).await;
    assert!(shown.contains(": bad, so that the feed is polled as usual; asked again"), "{shown}");
    press.poll_for_days(6).await;
    assert_eq!(press.hub.wishes().len(), 1);
    press.poll_for_days(2).await;
    assert_eq!((press.hub.wishes().len(), press.state().await.as_str()), (2, "active"));
    assert!(press.desk.minutes_to_poll(press.feed).await <= 66, "it has to keep its word anew");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_hub_that_falls_silent_is_bad_however_often_it_has_itself_verified() {
    let press = Press::asked(Manner { lease: "0", ..Manner::GOOD }).await;
    press.desk.pass(TimeDelta::minutes(10));
    press.newest.fetch_add(1, Ordering::SeqCst);
    press.push("sha256").await;
    press.round().await;
    assert_eq!(press.news().await, 1);
    // It goes on to renew what is the shortest lease for us.
    press.watch(6 * 60).await;
    let renewed = press.hub.echoed();
    assert!(renewed >= 10 && press.state().await == "active", "{renewed}");
    press.newest.fetch_add(1, Ordering::SeqCst);
    press.watch(7 * 60).await;
    assert_eq!((press.news().await, press.state().await.as_str()), (2, "bad"));
    assert!(press.desk.minutes_to_poll(press.feed).await <= 66, "polled as usual");
}

impl Press {
    async fn poll_for_days(&self, days: i64) {
        for _ in 0..days * 24 {
            self.pass(TimeDelta::hours(1)).await;
            let wait = self.desk.minutes_to_poll(self.feed).await;
            assert!(wait <= 66, "polled as usual: {wait}");
        }
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_push_that_comes_a_little_after_the_pull_is_in_time() {
    let press = Press::working().await;
    press.pass(TimeDelta::minutes(30)).await;
    press.newest.fetch_add(1, Ordering::SeqCst);
    let spared = press.desk.minutes_to_poll(press.feed).await;
    press.pass(TimeDelta::minutes(spared + 1)).await;
    assert_eq!(press.news().await, 2);
    press.pass(TimeDelta::minutes(5)).await;
    press.push("sha1").await;
    press.watch(60).await;
    assert_eq!(press.state().await, "active");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_hub_may_deny_and_says_why() {
    let press = Press::asked(Manner { verifies: false, ..Manner::GOOD }).await;
    let wish = press.hub.last();
    let denied = [("hub.mode", "denied"), ("hub.topic", TOPIC), ("hub.reason", "not\u{7}for you")];
    assert_eq!(press.hub.say(&wish, &denied).await.0, 200);
    let shown = press.shown().await;
    assert_eq!(
        (shown["state"].as_str(), shown["why"].as_str()),
        (Some("denied"), Some("the hub does not want the subscription: notfor you"))
    );
    assert_eq!(press.hub.say(&wish, &query("subscribe", TOPIC)).await.0, 404, "denied is denied");
    assert_eq!(press.hub.push(&wish, "sha256").await, 202);
    press.watch(23 * 60).await;
    assert_eq!(press.hub.wishes().len(), 1);
    press.hub.behave(Manner::GOOD);
    press.watch(120).await;
    assert_eq!((press.hub.wishes().len(), press.state().await.as_str()), (2, "active"));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_hub_that_fails_or_never_verifies_is_asked_less_and_less() {
    for (manner, most) in [
        (Manner { status: 500, verifies: false, ..Manner::GOOD }, 11),
        (Manner { status: 202, verifies: false, ..Manner::GOOD }, 11),
        (Manner { status: 429, retry_after: Some("86400"), verifies: false, ..Manner::GOOD }, 3),
    ] {
        let press = Press::asked(manner).await;
        for _ in 0..2 * 24 * 2 {
            press.pass(TimeDelta::minutes(30)).await;
        }
        let asked = press.hub.wishes().len();
        assert!((2..=most).contains(&asked), "{asked} times");
        assert_eq!(press.state().await, "wanted");
        assert!(press.desk.minutes_to_poll(press.feed).await <= 66);
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_hub_that_lies_about_its_lease_makes_nobody_ask_without_end_or_never_again() {
    for (lease, least, most) in [("0", 30, 45), ("-86400", 30, 45), ("3153600000", 1, 1), ("nonsense", 30, 45)] {
        let press = Press::asked(Manner { lease, ..Manner::GOOD }).await;
        press.watch(24 * 60).await;
        let asked = press.hub.wishes().len();
        assert!((least..=most).contains(&asked), "{lease}: {asked} times in a day");
        for _ in 0..17 {
            press.pass(TimeDelta::days(1)).await;
        }
        assert!(press.hub.wishes().len() > asked, "{lease}");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_was_not_asked_for_is_not_verified() {
    let press = Press::new().await;
    let door =
        |token: &str| Wish::from([("hub.callback".to_owned(), format!("https://l.example/hooks/websub/{token}"))]);
    let token = |keys: [u8; 32], purpose, id| Keys::new(keys).sign(purpose, id, 0).as_str().to_owned();
    // A subscription that is in the books, whose hub was not asked yet.
    let wanted = "insert into websub (feed_id, hub, topic, next_at) values ($1, 'https://hub.example/', $2, now() + interval '9 years')";
    sqlx::query(wanted).bind(press.feed).bind(TOPIC).execute(&press.desk.db.pool).await.expect("a subscription");
    let unasked = door(&token(SECRET, Purpose::Hub, 1));
    assert_eq!(press.hub.say(&unasked, &query("subscribe", TOPIC)).await.0, 404);
    press.hub.behave(Manner { verifies: false, ..Manner::GOOD });
    press.round().await;
    let ours = door(&token(SECRET, Purpose::Hub, 2));
    assert_eq!(press.hub.last()["hub.callback"].rsplit('/').next(), ours["hub.callback"].rsplit('/').next());
    for (wish, query) in [
        (&ours, query("subscribe", "https://topic.example/another")),
        (&ours, query("subscribe", "")),
        (&ours, query("unsubscribe", TOPIC)),
        (&ours, query("publish", TOPIC)),
        (&door(&token(SECRET, Purpose::Hub, 3)), query("subscribe", TOPIC)),
        (&door(&token([8; 32], Purpose::Hub, 2)), query("subscribe", TOPIC)),
        (&door(&token(SECRET, Purpose::FeedHook, 2)), query("subscribe", TOPIC)),
        (&door("tk_"), query("subscribe", TOPIC)),
    ] {
        assert_eq!(press.hub.say(wish, &query).await.0, 404, "{wish:?} {query:?}");
    }
    let long = "x".repeat(3_000);
    for challenge in ["", &long] {
        let query = [("hub.mode", "subscribe"), ("hub.topic", TOPIC), ("hub.challenge", challenge)];
        assert_eq!(press.hub.say(&ours, &query).await.0, 404);
    }
    assert_eq!(press.state().await, "wanted");
    assert_eq!(press.hub.say(&ours, &query("subscribe", TOPIC)).await, (200, "abc".to_owned()));
    assert_eq!(press.state().await, "active");
    // A push to the wrong door, or signed with the secret of another.
    let wish = press.hub.last();
    let elsewhere =
        [door(&token(SECRET, Purpose::Hub, 3)), door(&token(SECRET, Purpose::FeedHook, 2)), door("tk_AAAA")];
    for door in elsewhere {
        let signature = sign("sha256", wish["hub.secret"].as_bytes(), b"news");
        assert_eq!(press.hub.push_signed(&door, b"news", &signature).await, 404);
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_hub_that_is_not_named_any_more_is_left_and_so_is_a_removed_feeds() {
    for removed in [false, true] {
        let press = Press::working().await;
        let wish = press.hub.last();
        if removed {
            press.desk.done(&["feed", "remove", "1"]).await;
            // The command was given at the machine's own time, which is the desk's but for minutes.
        } else {
            press.named.store(false, Ordering::SeqCst);
            press.pass(TimeDelta::hours(6)).await;
        }
        press.pass(TimeDelta::hours(1)).await;
        let last = press.hub.last();
        assert_eq!((last["hub.mode"].as_str(), last["hub.topic"].as_str()), ("unsubscribe", TOPIC));
        assert_eq!(last["hub.callback"], wish["hub.callback"]);
        assert_eq!(press.hub.echoed(), 2, "the leaving is verified");
        assert_eq!(press.desk.number("select count(*) from websub").await, 0);
        assert_eq!(press.hub.push(&wish, "sha256").await, 404);
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_hub_that_does_not_hear_a_good_bye_is_forgotten() {
    let press = Press::working().await;
    press.hub.behave(Manner { status: 500, verifies: false, ..Manner::GOOD });
    press.named.store(false, Ordering::SeqCst);
    press.watch(6 * 60).await;
    let farewells = press.hub.wishes().iter().filter(|wish| wish["hub.mode"] == "unsubscribe").count();
    assert_eq!(farewells, 3);
    assert_eq!(press.desk.number("select count(*) from websub").await, 0);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_hub_that_never_answers_delays_no_feed() {
    let desk = Arc::new(Desk::resolving(&[], 30).await);
    let silent = FeedServer::start(|_| Reply::Silence).await;
    let links = format!("<{}>; rel=hub", silent.url("/hub"));
    let server = FeedServer::start(move |_| reply(200, &[("Link", links.as_str())], rss((1..=5).map(usual)))).await;
    desk.add(&server.url("/feed")).await;
    let rounds = Arc::clone(&desk);
    let stage = tokio::spawn(async move { rounds.round(Stage::Ingest).await });
    let answered = async |server: &FeedServer| (!server.asked().is_empty()).then_some(());
    wait_until("the hub to be asked", Duration::from_secs(20), async || answered(&silent).await).await;
    let other = FeedServer::start(|_| reply(200, &[], rss((1..=5).map(usual)))).await;
    desk.add(&other.at("localhost", "/feed")).await;
    wait_until("the other feed to be read", Duration::from_secs(20), async || answered(&other).await).await;
    assert!(!stage.is_finished(), "the hub is still waited for");
    stage.abort();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_hub_must_not_reach_into_ones_own_network() {
    let server = FeedServer::start(|asked| match asked.path.as_str() {
        "/moved" => reply(307, &[("Location", "/hub")], ""),
        "/turned" => reply(302, &[("Location", "/hub")], ""),
        _ => reply(202, &[("Retry-After", "60")], "taken"),
    })
    .await;
    let url = |path: &str| server.url(path).parse().expect("an address");
    let guarded = Fetcher::new(&FetchConfig::default()).expect("a client");
    let refused = guarded.post(&url("/hub"), &[("hub.mode", "subscribe")]).await.expect_err("no");
    assert!(matches!(refused, FetchError::Refused(_)), "{refused}");
    assert!(server.asked().is_empty());
    let open = Fetcher::new(&FetchConfig { allow_private: true, ..FetchConfig::default() }).expect("a client");
    let status = async |path| open.post(&url(path), &[("hub.mode", "subscribe")]).await.map(|posted| posted.status);
    assert_eq!((status("/moved").await, status("/turned").await), (Ok(202), Ok(302)));
    let asked: Vec<String> = server.asked().into_iter().map(|asked| asked.path).collect();
    assert_eq!(asked, ["/moved", "/hub", "/turned"]);
}
