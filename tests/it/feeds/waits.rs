//! Shows on the real ingest stage when a feed is asked again, by its headers and its document, and what is told with the question.
//! What its site's other feeds have to do with it is in `limits`, what becomes of its address in `moves`.

use std::{
    collections::BTreeMap,
    sync::{
        Arc,
        atomic::{AtomicI64, Ordering},
    },
};

use chrono::{DateTime, Datelike, TimeDelta, Timelike, Utc};
use depeche::daemon::Stage;

use super::{
    desk::Desk,
    feed_server::{FeedServer, Reply, reply},
    items::usual,
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
pub(super) struct Said(u16, Vec<(&'static str, String)>, String);

impl Said {
    pub(super) fn reply(&self) -> Reply {
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

pub(super) fn says(status: u16, headers: &[(&'static str, &str)], channel: &str) -> Said {
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
    let late = Arc::new(AtomicI64::new(0));
    let answers: BTreeMap<_, _> = cases.iter().enumerate().map(sides).collect();
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
