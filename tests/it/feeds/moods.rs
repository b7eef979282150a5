//! Publishers that change identifiers, addresses and dates, side by side on the real ingest stage: each story is live once.
//! Longer times, and the mails that come of them, are in `season`.

use std::{
    collections::BTreeMap,
    sync::{
        Arc,
        atomic::{AtomicI64, Ordering},
    },
};

use chrono::{DateTime, TimeDelta, Utc};

use super::{
    desk::Desk,
    feed_server::{FeedServer, reply},
    moody::{item, rss, stories},
};

const DAYS: i64 = 4;

/// One story, by the hour and the time of that hour.
type Mood = fn(i64, i64, DateTime<Utc>) -> String;

fn dated(n: i64, date: &str) -> String {
    item(&format!("id-{n}"), &format!("story/{n}"), n, &format!("<pubDate>{date}</pubDate>"))
}

/// When a story came up, three hours after the one before.
fn came_up(n: i64, hour: i64, now: DateTime<Utc>) -> DateTime<Utc> {
    now + TimeDelta::hours((n - 40) * 3 - hour)
}

const MOODS: [(&str, Mood); 16] = [
    ("twins", |n, hour, _| {
        let scheme = if (hour / 20) % 2 == 0 { "http" } else { "https" };
        item(&format!("{scheme}://site.example/{n}"), &format!("story/{n}"), n, "")
    }),
    ("all-guids-changed", |n, hour, _| {
        let guid = if hour < 40 { format!("old-{n}") } else { format!("new-system-{}", n * 7) };
        item(&guid, &format!("story/{n}"), n, "")
    }),
    ("new-system", |n, hour, _| {
        let (guid, path) =
            if hour < 40 { (format!("a{n}"), format!("?p={n}")) } else { (format!("b{n}"), format!("2026/{n}/")) };
        item(&guid, &path, n, "")
    }),
    ("permalinks", |n, hour, _| {
        let (short, permalink) = (format!("?p={n}"), format!("2026/11/story-{n}/"));
        let age = hour - (n - 40) * 3;
        let guid = if age < 4 { &short } else { &permalink };
        item(&format!("https://site.example/{guid}"), if age < 2 { &short } else { &permalink }, n, "")
    }),
    ("random-ids", |n, hour, _| item(&format!("{n}-{hour}"), &format!("story/{n}"), n, "")),
    ("no-guid", |n, _, _| item("", &format!("story/{n}"), n, "")),
    ("no-link", |n, _, _| item(&format!("id-{n}"), "", n, "")),
    ("one-link", |n, _, _| item(&format!("id-{n}"), "live", n, "")),
    ("honest", |n, hour, now| dated(n, &came_up(n, hour, now).to_rfc2822())),
    ("eastern", |n, hour, now| dated(n, &came_up(n, hour, now).format("%a, %d %b %Y %H:%M:%S EST").to_string())),
    ("figures", |n, hour, now| dated(n, &came_up(n, hour, now).format("%d.%m.%Y %H:%M").to_string())),
    ("seconds", |n, hour, now| dated(n, &came_up(n, hour, now).timestamp().to_string())),
    ("future", |n, _, now| dated(n, &(now + TimeDelta::days(300)).to_rfc2822())),
    ("1970", |n, _, _| dated(n, "Thu, 01 Jan 1970 00:00:00 GMT")),
    ("2001", |n, _, _| dated(n, "Mon, 01 Jan 2001 00:00:00 GMT")),
    ("always-now", |n, _, now| dated(n, &now.to_rfc2822())),
];

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn moods_of_publishers_tell_no_story_twice_and_lose_none() {
    let hours = Arc::new(AtomicI64::new(0));
    let desk = Desk::new().await;
    let (hour, begin) = (Arc::clone(&hours), desk.now());
    let server = FeedServer::start(move |asked| {
        let Some((_, mood)) = MOODS.iter().find(|(name, _)| asked.path == format!("/feed/{name}")) else {
            return reply(404, &[], "");
        };
        let hour = hour.load(Ordering::SeqCst);
        let now = begin + TimeDelta::hours(hour);
        reply(200, &[], rss(stories(hour).map(|n| mood(n, hour, now))))
    })
    .await;
    let mut feeds = Vec::new();
    for (name, _) in MOODS {
        feeds.push((name, desk.add(&server.url(&format!("/feed/{name}"))).await));
    }
    desk.watch(DAYS, |now| hours.store(now, Ordering::SeqCst)).await;
    let before = stories(0).next().expect("a story");
    let newest = stories(DAYS * 24).next().expect("a story");
    for (name, feed) in feeds {
        let mut live: BTreeMap<String, usize> = BTreeMap::new();
        for title in desk.live(feed).await {
            *live.entry(title).or_default() += 1;
        }
        // The last stories may be out since the last poll.
        let title = |n: i64| format!("Story number {n} of this town");
        let lost: Vec<i64> = (before + 1..newest - 1).filter(|n| !live.contains_key(&title(*n))).collect();
        let twice: Vec<_> = live.iter().filter(|(_, n)| **n > 1).collect();
        assert!(lost.is_empty() && twice.is_empty(), "{name}: lost {lost:?}, twice {twice:?}");
        assert!((1..=before).all(|n| !live.contains_key(&title(n))), "{name}: older than the first reading: {live:?}");
        assert_eq!(desk.articles(feed).await.get("quarantined"), None, "{name}");
    }
}
