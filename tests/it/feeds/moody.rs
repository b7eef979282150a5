//! Single publishers over simulated weeks of the real ingest stage: how often each is asked, and when no more.
//! What their readers are told is counted in `season`.

use std::sync::{
    Arc,
    atomic::{AtomicI64, Ordering},
};

use super::{
    desk::Desk,
    feed_server::{Asked, FeedServer, Reply, reply},
};

/// Hours between two stories of the publisher.
const PACE: i64 = 3;
/// Stories shown at a time.
const SHOWN: i64 = 20;
/// Stories out before the first poll.
const BEFORE: i64 = 40;
/// Days that a publisher is watched.
const DAYS: i64 = 12;

/// Numbers of the stories that are shown at an hour, newest first.
pub(super) fn stories(hour: i64) -> impl Iterator<Item = i64> {
    let newest = BEFORE + hour / PACE;
    (newest - SHOWN + 1..=newest).rev()
}

/// A feed with one item per story.
pub(super) fn rss(items: impl Iterator<Item = String>) -> Vec<u8> {
    let items: String = items.collect();
    format!("<rss version='2.0'><channel><title>Moods</title>{items}</channel></rss>").into_bytes()
}

pub(super) fn item(guid: &str, path: &str, n: i64, more: &str) -> String {
    let guid = if guid.is_empty() { String::new() } else { format!("<guid isPermaLink='false'>{guid}</guid>") };
    let words = format!("sentence of story {n} about something that happened on that day in town ").repeat(4);
    format!(
        "<item>{guid}<link>/{path}</link><title>Story number {n} of this town</title><description>{words}</description>{more}</item>"
    )
}

pub(super) fn usual(n: i64) -> String {
    item(&format!("id-{n}"), &format!("story/{n}"), n, "")
}

/// The hours at which a publisher was asked for the feed in [`DAYS`], and how many of its stories came up; its answer depends on
/// the hour.
async fn watch(publisher: impl Fn(i64, &Asked) -> Reply + Send + Sync + 'static) -> (Vec<i64>, usize) {
    let (hours, asked_at) = (Arc::new(AtomicI64::new(0)), Arc::default());
    let (hour, log) = (Arc::clone(&hours), Arc::<std::sync::Mutex<Vec<i64>>>::clone(&asked_at));
    let server = FeedServer::start(move |asked| {
        if asked.path != "/feed" {
            return reply(404, &[], "");
        }
        let now = hour.load(Ordering::SeqCst);
        log.lock().expect("no panic").push(now);
        publisher(now, asked)
    })
    .await;
    let desk = Desk::new().await;
    let feed = desk.add(&server.url("/feed")).await;
    desk.watch(DAYS, |now| hours.store(now, Ordering::SeqCst)).await;
    let asked_at = asked_at.lock().expect("no panic").clone();
    (asked_at, desk.live(feed).await.len())
}

/// Stories that come up in so many hours.
fn stories_in(hours: i64) -> usize {
    usize::try_from(hours / PACE).expect("some stories")
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_plain_publisher_is_read_at_his_pace() {
    let (asked_at, live) = watch(|hour, _| reply(200, &[], rss(stories(hour).map(usual)))).await;
    let most = usize::try_from(DAYS * 24).expect("some hours");
    assert!(asked_at.len() <= most + 1, "{} polls in {most} hours", asked_at.len());
    assert!(live + 1 >= stories_in(DAYS * 24), "{live}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_limit_is_kept_and_zero_is_a_value() {
    let (asked_at, live) = watch(|hour, _| match hour {
        50..60 => reply(429, &[("Retry-After", "0")], ""),
        100..140 => reply(429, &[("Retry-After", "36000")], ""),
        200..210 => reply(403, &[], ""),
        _ => reply(200, &[], rss(stories(hour).map(usual))),
    })
    .await;
    let asked = |hours: std::ops::Range<i64>| asked_at.iter().filter(|hour| hours.contains(hour)).count();
    // Zero is no leave to ask more often than four times an hour, and ten hours are ten hours.
    assert!((1..=4 * 10).contains(&asked(50..60)), "{asked_at:?}");
    assert!((1..=5).contains(&asked(100..140)), "{asked_at:?}");
    assert!((1..=7).contains(&asked(200..210)), "{asked_at:?}");
    assert!(live + 1 >= stories_in(DAYS * 24), "{live}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_feed_that_is_gone_is_asked_on_a_second_day_and_then_no_more() {
    let (asked_at, live) =
        watch(|hour, _| if hour < 50 { reply(200, &[], rss(stories(hour).map(usual))) } else { reply(410, &[], "") })
            .await;
    assert_eq!(live, stories_in(49), "{asked_at:?}");
    assert!(asked_at.iter().any(|hour| *hour >= 50) && asked_at.iter().all(|hour| *hour < 100), "{asked_at:?}");
}
