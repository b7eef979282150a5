//! Shows on the real ingest stage when a feed is asked again: by its headers, its document, its limits and those of its site.
//! What becomes of its address is in `moves`.

use std::{
    collections::BTreeMap,
    sync::{
        Arc, Mutex,
        atomic::{AtomicI64, Ordering},
    },
};

use chrono::{DateTime, Datelike, TimeDelta, Timelike, Utc};
use depeche::daemon::Stage;

use super::{
    desk::Desk,
    feed_server::{FeedServer, Reply, reply},
    moody::usual,
};
use crate::support::context;

/// Hours between the two readings of the table: a day, so that whatever was asked for at first is over.
const LATER: i64 = 25;
const DAY: i64 = 24 * 60;

/// What a feed answers at first and then, and the minutes until it is asked again.
struct Case {
    name: &'static str,
    first: Said,
    then: Said,
    minutes: i64,
}

/// One answer: status, headers, and what stands in the channel.
#[derive(Clone, Default)]
struct Said(u16, Vec<(&'static str, String)>, String);

impl Said {
    fn reply(&self) -> Reply {
        let headers: Vec<(&str, &str)> = self.1.iter().map(|(name, value)| (*name, value.as_str())).collect();
        if self.0 != 200 {
            return reply(self.0, &headers, "");
        }
        let items: String = (1..4).map(usual).collect();
        reply(
            200,
            &headers,
            format!(
                "<rss version='2.0' xmlns:sy='http://purl.org/rss/1.0/modules/syndication/'><channel><title>Waits</title>{}{items}</channel></rss>",
                self.2
            ),
        )
    }
}

fn says(status: u16, headers: &[(&'static str, &str)], channel: &str) -> Said {
    Said(status, headers.iter().map(|(name, value)| (*name, (*value).to_owned())).collect(), channel.to_owned())
}

/// A feed that says this with a good answer.
fn good(name: &'static str, headers: &[(&'static str, &str)], channel: &str, minutes: i64) -> Case {
    Case { name, first: says(200, &[], ""), then: says(200, headers, channel), minutes }
}

/// A feed whose channel and headers said this, and that then answers with a status.
fn bad(name: &'static str, first: (&str, &str), status: u16, headers: &[(&'static str, &str)], minutes: i64) -> Case {
    let cached: Vec<_> = [("Cache-Control", first.0)].into_iter().filter(|(_, value)| !value.is_empty()).collect();
    Case { name, first: says(200, &cached, first.1), then: says(status, headers, ""), minutes }
}

fn http_date(at: DateTime<Utc>) -> String {
    at.format("%a, %d %b %Y %H:%M:%S GMT").to_string()
}

/// Reads a feed for each case twice, and checks when each is asked a third time: within a tenth, and within a day.
async fn check(desk: &Desk, cases: &[Case]) {
    let (late, answers) = (Arc::new(AtomicI64::new(0)), BTreeMap::from_iter(cases.iter().enumerate().map(sides)));
    let turn = Arc::clone(&late);
    let server = FeedServer::start(move |asked| match answers.get(&asked.path) {
        Some((first, _)) if turn.load(Ordering::SeqCst) == 0 => first.reply(),
        Some((_, then)) => then.reply(),
        None => reply(404, &[], ""),
    })
    .await;
    let mut feeds = Vec::new();
    for at in 0..cases.len() {
        feeds.push(desk.add(&server.at(&host(at), &format!("/{at}"))).await);
    }
    desk.round(Stage::Ingest).await;
    late.store(1, Ordering::SeqCst);
    desk.pass(TimeDelta::hours(LATER));
    desk.round(Stage::Ingest).await;
    let mut wrong = Vec::new();
    for (case, feed) in cases.iter().zip(feeds) {
        let (waits, least) = (desk.minutes_to_poll(feed).await, case.minutes);
        if waits < least || waits > (least + least / 10).min(DAY).max(least) {
            wrong.push(format!("{}: {waits} min and not {least}", case.name));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

fn sides((at, case): (usize, &Case)) -> (String, (Said, Said)) {
    (format!("/{at}"), (case.first.clone(), case.then.clone()))
}

/// Each feed is its own site, so that no limit is another's.
fn host(at: usize) -> String {
    format!("site{at}.example")
}

/// A desk at half past noon, and the instant of the second reading.
async fn desk_at_noon(sites: usize) -> (Desk, DateTime<Utc>) {
    let names: Vec<String> = (0..sites).map(host).collect();
    let desk = Desk::resolving(&names.iter().map(String::as_str).collect::<Vec<_>>(), 5).await;
    let noon = (desk.now().date_naive() + TimeDelta::days(1)).and_hms_opt(12, 30, 0).expect("noon").and_utc();
    desk.pass(noon - desk.now());
    (desk, noon + TimeDelta::hours(LATER))
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_good_answer_is_waited_upon_as_its_headers_and_its_document_say() {
    let (desk, then) = desk_at_noon(40).await;
    let date = |minutes: i64| http_date(then + TimeDelta::minutes(minutes));
    let epoch = |minutes: i64| (then + TimeDelta::minutes(minutes)).timestamp().to_string();
    let (sent, stale, reset, twitter, again) = (date(0), date(150), epoch(200), epoch(90), date(240));
    let hours: String = (0..5).map(|h| format!("<hour>{}</hour>", (then.hour() + h) % 24)).collect();
    let day = |days: i64| format!("<day>{}</day>", (then + TimeDelta::days(days)).format("%A"));
    let all_days: String = (0..7).map(day).collect();
    let all_hours: String = (0..24).map(|h| format!("<hour>{h}</hour>")).collect();
    let sy = |period: &str, n: &str| {
        format!("<sy:updatePeriod>{period}</sy:updatePeriod><sy:updateFrequency>{n}</sy:updateFrequency>")
    };
    #[rustfmt::skip]
    let cases = [
        good("nothing", &[], "", 60),
        good("Retry-After", &[("Retry-After", "7200")], "", 120),
        good("Retry-After: 0", &[("Retry-After", "0")], "", 60),
        good("Retry-After, a date", &[("Retry-After", &again)], "", 240),
        good("max-age", &[("Cache-Control", "public, max-age=7200")], "", 120),
        good("max-age and Age", &[("Cache-Control", "max-age=7200"), ("Age", "1800")], "", 90),
        good("max-age of a year", &[("Cache-Control", "max-age=31536000")], "", DAY),
        good("no-cache", &[("Cache-Control", "no-cache, max-age=7200")], "", 60),
        good("Expires", &[("Expires", &stale), ("Date", &sent)], "", 150),
        good("Expires: 0", &[("Expires", "0")], "", 60),
        good("quota left", &[("X-RateLimit-Remaining", "3"), ("X-RateLimit-Reset", "10800")], "", 60),
        good("quota used up", &[("X-RateLimit-Remaining", "0"), ("X-RateLimit-Reset", "10800")], "", 180),
        good("quota until an instant", &[("X-RateLimit-Remaining", "0"), ("X-RateLimit-Reset", &reset)], "", 200),
        good("quota, with hyphens", &[("X-Rate-Limit-Remaining", "0"), ("X-Rate-Limit-Reset", &twitter)], "", 90),
        good("quota, draft 6", &[("RateLimit-Remaining", "0"), ("RateLimit-Reset", "9000")], "", 150),
        good("quota, draft 7", &[("RateLimit", "limit=10, remaining=0, reset=9000")], "", 150),
        good("quota, draft 10", &[("RateLimit", "\"burst\";r=0;t=9000, \"day\";r=70;t=40000")], "", 150),
        good("quota left, draft 10", &[("RateLimit", "\"burst\";r=2;t=9000")], "", 60),
        good("ttl", &[], "<ttl>300</ttl>", 300),
        good("ttl with a fraction", &[], "<ttl>720.0</ttl>", 720),
        good("ttl with its unit", &[], "<ttl> 240 minutes </ttl>", 240),
        good("ttl of a week", &[], "<ttl>10080</ttl>", DAY),
        good("no ttl", &[], "<ttl>soon</ttl>", 60),
        good("four a day", &[], &sy("daily", "4"), 360),
        good("two a day", &[], &sy("Daily", "2.0"), 720),
        good("hourly", &[], &sy("hourly", "1"), 60),
        good("weekly", &[], &sy("weekly", "1"), DAY),
        good("hours of rest", &[], &format!("<skipHours>{hours}</skipHours>"), 4 * 60 + 30),
        good("no hour of work", &[], &format!("<skipHours>{all_hours}</skipHours>"), 60),
        good("a day of rest", &[], &format!("<skipDays>{}</skipDays>", day(0)), 10 * 60 + 30),
        good("two days of rest", &[], &format!("<skipDays>{}{}</skipDays>", day(0), day(1)), DAY),
        good("no day of work", &[], &format!("<skipDays>{all_days}</skipDays>"), 60),
        good("the longest wish", &[("Cache-Control", "max-age=7200")], "<ttl>90</ttl>", 120),
    ];
    assert_eq!((then.hour(), then.minute()), (13, 30), "a day of rest ends {} later", then.weekday());
    check(&desk, &cases).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn no_limit_and_no_failure_makes_us_ask_sooner_than_the_publisher_wishes() {
    let (desk, then) = desk_at_noon(40).await;
    let date = http_date(then + TimeDelta::minutes(120));
    let (none, ttl) = (("", ""), ("", "<ttl>720</ttl>"));
    #[rustfmt::skip]
    let cases = [
        bad("429", none, 429, &[], 60),
        bad("429, Retry-After", none, 429, &[("Retry-After", "7200")], 120),
        bad("429, Retry-After: 0", none, 429, &[("Retry-After", "0")], 15),
        bad("429, a date", none, 429, &[("Retry-After", &date)], 120),
        bad("429, no value", none, 429, &[("Retry-After", "soon")], 60),
        bad("429, a year", none, 429, &[("Retry-After", "31536000")], DAY),
        bad("429, reset", none, 429, &[("X-RateLimit-Reset", "7200")], 120),
        bad("429, RateLimit", none, 429, &[("RateLimit", "\"a\";r=0;t=7200")], 120),
        bad("429, RateLimit by its policy", none, 429,
            &[("RateLimit", "\"a\";r=0"), ("RateLimit-Policy", "\"b\";q=9;w=60, \"a\";q=9;w=7200")], 120),
        bad("429 and ttl", ttl, 429, &[], 720),
        bad("429, Retry-After: 0 and ttl", ttl, 429, &[("Retry-After", "0")], 720),
        bad("429 and sy", ("", "<sy:updatePeriod>daily</sy:updatePeriod>"), 429, &[], DAY),
        bad("429 and max-age", ("max-age=14400", ""), 429, &[], 240),
        bad("429, reset in no time", ttl, 429, &[("X-RateLimit-Reset", "60")], 720),
        bad("403 after success", none, 403, &[], 60),
        bad("403, quota used up", none, 403, &[("X-RateLimit-Remaining", "0"), ("X-RateLimit-Reset", "7200")], 120),
        bad("503, Retry-After", none, 503, &[("Retry-After", "7200")], 120),
        bad("503", none, 503, &[], 15),
        bad("503 and ttl", ttl, 503, &[], 720),
        bad("500", none, 500, &[], 15),
        bad("500 and ttl", ttl, 500, &[], 720),
        bad("404 with a quota that is left", none, 404,
            &[("X-RateLimit-Remaining", "4999"), ("X-RateLimit-Reset", "3600")], 15),
    ];
    check(&desk, &cases).await;
}

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
            // A day may pass between two polls and a little more, where the server names a day.
            assert!(days.windows(2).all(|two| two[0] + two[1] > 0), "{site}{path}: {days:?}");
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
    let target = desk.add(&server.at("target.example", "/feed")).await;
    let other = desk.add(&server.at("other.example", "/feed")).await;
    desk.round(Stage::Ingest).await;
    turn.store(1, Ordering::SeqCst);
    let due = "update feed_poll set next_poll_at = $1 where feed_id = $2";
    sqlx::query(due).bind(desk.now()).bind(short).execute(&desk.db.pool).await.expect("due");
    desk.round(Stage::Ingest).await;
    assert!((300..=330).contains(&desk.minutes_to_poll(short).await));
    assert!((300..=330).contains(&desk.minutes_to_poll(target).await), "the site that set the limit waits");
    assert!(desk.minutes_to_poll(other).await <= 66, "and nobody else");
    turn.store(2, Ordering::SeqCst);
    desk.poll_later().await;
    let log = asked_for.lock().expect("no panic").clone();
    let since: Vec<&str> = log.iter().filter(|(at, _)| *at == 2).map(|(_, host)| host.as_str()).collect();
    assert_eq!(since, ["other"]);
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
    let new = desk.add(&server.at("b.news.example", "/3")).await;
    let removed = desk.done(&["feed", "remove", "2"]).await;
    let again = desk.add(&server.at("b.news.example", "/2")).await;
    desk.round(Stage::Ingest).await;
    assert_eq!(server.asked().len(), asked, "{removed}");
    for feed in [first, new, again] {
        assert!((178..=198).contains(&desk.minutes_to_poll(feed).await), "feed {feed}");
    }
    // Another site is not concerned, and once the time is over all are asked.
    let other = desk.add(&server.at("other.example", "/4")).await;
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
async fn publishers_are_told_how_many_confirmed_readers_we_have() {
    let server = FeedServer::start(|_| says(200, &[], "").reply()).await;
    let desk = Desk::new().await;
    for name in ["ann", "bob", "cem"] {
        context::reader(&desk.db.pool, desk.now(), name, "Europe/Paris", &[]).await;
    }
    desk.add(&server.url("/feed")).await;
    sqlx::query("update subscriber set status = 1 where id = (select min(id) from subscriber)")
        .execute(&desk.db.pool)
        .await
        .expect("one has not confirmed");
    desk.round(Stage::Ingest).await;
    let agents: Vec<String> = server.asked().into_iter().map(|asked| asked.headers["user-agent"].clone()).collect();
    assert!(agents.len() == 1 && agents[0].contains("; 2 subscribers)"), "{agents:?}");
}
