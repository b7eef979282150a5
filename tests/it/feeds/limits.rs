//! Shows on the real ingest stage whom a limit holds for: the site that set it, its new feeds and the operator, and not the feeds that it
//! has nothing to do with. How long a single feed waits is in `waits`.

use std::sync::{
    Arc, Mutex,
    atomic::{AtomicI64, Ordering},
};

use chrono::TimeDelta;
use depeche::daemon::Stage;

use super::{
    desk::Desk,
    feed_server::{FeedServer, reply},
    waits::says,
};

/// Who was asked at which hour, by host and path.
type Log = Arc<Mutex<Vec<(i64, String)>>>;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn one_feed_that_is_refused_for_ever_keeps_no_other_of_its_site_from_being_read() {
    const DAYS: i64 = 20;
    let (hours, log) = (Arc::new(AtomicI64::new(0)), Log::default());
    let (hour, all) = (Arc::clone(&hours), Arc::clone(&log));
    let server = FeedServer::start(move |asked| {
        let now = hour.load(Ordering::SeqCst);
        let host = asked.headers.get("host").cloned().unwrap_or_default();
        let site = host.split('.').next().unwrap_or_default().to_owned();
        all.lock().expect("no panic").push((now, format!("{site}{}", asked.path)));
        match (asked.path.as_str(), site.as_str()) {
            ("/private", "refuses") if now > 5 => reply(403, &[], ""),
            ("/private", "limits") if now > 5 => reply(429, &[], ""),
            ("/private", "names") if now > 5 => reply(429, &[("Retry-After", "86400")], ""),
            _ => says(200, &[], "<ttl>360</ttl>").reply(),
        }
    })
    .await;
    let sites = ["refuses", "limits", "names"];
    let hosts = sites.map(|site| format!("{site}.example"));
    let desk = Desk::resolving(&hosts.each_ref().map(String::as_str), 5).await;
    for host in &hosts {
        for path in ["/private", "/town", "/sport", "/arts"] {
            desk.add(&server.at(host, path)).await;
        }
    }
    desk.watch(DAYS, |now| hours.store(now, Ordering::SeqCst)).await;
    let log = log.lock().expect("no panic").clone();
    let polls = |of: &str, day: i64| log.iter().filter(|(at, who)| who == of && at / 24 == day).count();
    for site in sites {
        for path in ["/town", "/sport", "/arts"] {
            let days: Vec<usize> = (0..DAYS - 1).map(|day| polls(&format!("{site}{path}"), day)).collect();
            // Where the server names a day, a day may pass between two polls and a little more; and one more whenever the feed that is
            // refused goes first all the same, which is ever more rarely.
            let rare = days.windows(2).filter(|two| two[0] + two[1] == 0).count();
            assert!(
                rare <= 2 && days.windows(3).all(|three| three.iter().sum::<usize>() > 0),
                "{site}{path}: {days:?}"
            );
            // What names no wait is that feed's own trouble, as the others answer.
            assert!(site == "names" || days[2..].iter().all(|polls| *polls >= 3), "{site}{path}: {days:?}");
        }
        let refused: usize = (0..DAYS).map(|day| polls(&format!("{site}/private"), day)).sum();
        assert!((15..=45).contains(&refused), "{site}: {refused} polls of the feed that is refused");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_limit_met_behind_a_redirect_holds_for_the_site_that_set_it() {
    let turn = Arc::new(AtomicI64::new(0));
    let (limiting, asked_for) = (Arc::clone(&turn), Log::default());
    let all = Arc::clone(&asked_for);
    let server = FeedServer::start(move |asked| {
        let now = limiting.load(Ordering::SeqCst);
        all.lock().expect("no panic").push((now, asked.headers["host"].split('.').next().unwrap_or("").to_owned()));
        match (asked.path.as_str(), now) {
            ("/there", _) => {
                let port = asked.headers["host"].split(':').nth(1).unwrap_or_default();
                reply(302, &[("Location", &format!("http://target.example:{port}/limited"))], "")
            }
            ("/limited", 1) => reply(429, &[("Retry-After", "18000")], ""),
            _ => says(200, &[], "").reply(),
        }
    })
    .await;
    let desk = Desk::resolving(&["short.example", "target.example", "other.example"], 5).await;
    let short = desk.add(&server.at("short.example", "/there")).await;
    desk.round(Stage::Ingest).await;
    // Only now, so that the others' turns come after.
    let second = desk.add(&server.at("short.example", "/feed")).await;
    let target = desk.add(&server.at("target.example", "/feed")).await;
    let other = desk.add(&server.at("other.example", "/feed")).await;
    desk.round(Stage::Ingest).await;
    desk.pass(TimeDelta::minutes(1));
    turn.store(1, Ordering::SeqCst);
    let due = "update feed_poll set next_poll_at = $1 where feed_id = $2";
    sqlx::query(due).bind(desk.now()).bind(short).execute(&desk.db.pool).await.expect("due");
    desk.round(Stage::Ingest).await;
    assert!((300..=330).contains(&desk.minutes_to_poll(short).await));
    assert!((300..=330).contains(&desk.minutes_to_poll(target).await), "the site that set the limit waits");
    assert!((300..=330).contains(&desk.minutes_to_poll(second).await), "as does one that may lead there altogether");
    assert!(desk.minutes_to_poll(other).await <= 66, "and nobody else");
    turn.store(2, Ordering::SeqCst);
    desk.poll_later().await;
    let log = asked_for.lock().expect("no panic").clone();
    let since: Vec<&str> = log.iter().filter(|(at, _)| *at == 2).map(|(_, host)| host.as_str()).collect();
    assert_eq!(since, ["other"]);
    turn.store(1, Ordering::SeqCst);
    // It goes first once more, as it may only have come too late; then the others do.
    for _ in 0..2 {
        desk.pass(TimeDelta::hours(6));
        desk.round(Stage::Ingest).await;
    }
    assert!(desk.minutes_to_poll(short).await >= 300);
    assert!(desk.minutes_to_poll(second).await <= 66, "it has answered since, and leads elsewhere");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn neither_a_new_feed_nor_an_operator_asks_a_site_that_has_limited_us() {
    let turn = Arc::new(AtomicI64::new(0));
    let answer = Arc::clone(&turn);
    let server = FeedServer::start(move |_| match answer.load(Ordering::SeqCst) {
        1 => reply(429, &[("Retry-After", "10800")], ""),
        _ => says(200, &[], "").reply(),
    })
    .await;
    let desk = Desk::resolving(&["a.news.example", "b.news.example", "other.example"], 5).await;
    let first = desk.add(&server.at("a.news.example", "/1")).await;
    desk.add(&server.at("b.news.example", "/2")).await;
    desk.round(Stage::Ingest).await;
    turn.store(1, Ordering::SeqCst);
    desk.poll_later().await;
    turn.store(0, Ordering::SeqCst);
    let asked = server.asked().len();
    let said = desk.done(&["feed", "poll", "1"]).await;
    assert!(said.contains("its server lets nobody ask before"), "{said}");
    let all = desk.done(&["feed", "poll", "--all"]).await;
    assert!(all.contains("0 feeds are due now; 2 feeds are due later"), "{all}");
    let id = |added: &str| added.split([' ', ':']).nth(2).and_then(|id| id.parse().ok()).expect("its number");
    let added = desk.done(&["feed", "add", &server.at("b.news.example", "/3")]).await;
    assert!(added.contains("as its site lets nobody ask before"), "{added}");
    let new: i64 = id(&added);
    let removed = desk.done(&["feed", "remove", "2"]).await;
    let again = desk.add(&server.at("b.news.example", "/2")).await;
    desk.round(Stage::Ingest).await;
    assert_eq!(server.asked().len(), asked, "{removed}");
    for feed in [first, new, again] {
        assert!((178..=198).contains(&desk.minutes_to_poll(feed).await), "feed {feed}");
    }
    // Another site is not concerned, and once the time is over all are asked.
    let added = desk.done(&["feed", "add", &server.at("other.example", "/4")]).await;
    assert!(added.contains("it is polled at once"), "{added}");
    let other: i64 = id(&added);
    desk.round(Stage::Ingest).await;
    assert!(desk.minutes_to_poll(other).await > 0);
    desk.pass(TimeDelta::minutes(200));
    desk.round(Stage::Ingest).await;
    for feed in [first, new, again, other] {
        assert!(desk.minutes_to_poll(feed).await > 0, "feed {feed}");
    }
    let asked: Vec<String> = server.asked().into_iter().map(|asked| asked.path).collect();
    assert!(["/1", "/2", "/3"].iter().all(|path| asked.iter().any(|one| one == path)), "{asked:?}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_challenge_that_comes_as_a_limit_makes_its_site_wait_new_feeds_too() {
    const CHALLENGE: &str = "<html><title>Just a moment...</title><script>window._cf_chl_opt={}</script></html>";
    let turn = Arc::new(AtomicI64::new(0));
    let answer = Arc::clone(&turn);
    let server = FeedServer::start(move |asked| match (answer.load(Ordering::SeqCst), asked.path.as_str()) {
        (_, "/gone") => reply(410, &[], ""),
        (1, _) => reply(429, &[("Retry-After", "10800")], CHALLENGE),
        _ => says(200, &[], "").reply(),
    })
    .await;
    let desk = Desk::resolving(&["news.example"], 5).await;
    let gone = desk.add(&server.at("news.example", "/gone")).await;
    let feeds = [desk.add(&server.at("news.example", "/1")).await, desk.add(&server.at("news.example", "/2")).await];
    desk.watch(2, |_| {}).await;
    turn.store(1, Ordering::SeqCst);
    desk.poll_later().await;
    let asked = server.asked().len();
    let new = desk.add(&server.at("news.example", "/3")).await;
    desk.round(Stage::Ingest).await;
    assert_eq!(server.asked().len(), asked);
    for feed in [feeds[0], feeds[1], new] {
        assert!((178..=198).contains(&desk.minutes_to_poll(feed).await), "feed {feed}");
    }
    let shown = desk.done(&["feed", "list"]).await;
    assert!(shown.contains("stopped"), "feed {gone}: {shown}");
    let said = desk.done(&["feed", "show", &feeds[0].to_string()]).await;
    assert!(said.contains("Cloudflare asks for a human visitor"), "{said}");
}
