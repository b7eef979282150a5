//! Moody publishers over simulated weeks: what leaves is counted, and no story leaves twice, is lost, or floods.
//! The store is a list here; what stands between feed and list is real, the HTTP included.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};

use chrono::{DateTime, TimeDelta, Utc};
use depeche::feed::parse::parse;
use depeche::feed::polling::{self, Answer, PollConfig, PollState, Polled, Validators};
use depeche::feed::verdict::{self, KnownArticle, Memory, Shown, Verdict};
use depeche::feed::{FeedUrl, ParsedFeed};
use depeche::fetch::{FetchConfig, Fetcher, Outcome, Request, Wanted};

use super::feed_server::{Asked, FeedServer, Reply, reply};

/// Hours between two stories of the publisher.
const PACE: i64 = 3;
/// Stories shown at a time.
const SHOWN: i64 = 20;
/// Stories out before the first poll.
const BEFORE: i64 = 40;
/// Days that a publisher is watched.
const DAYS: i64 = 21;

fn at(minutes: i64) -> DateTime<Utc> {
    DateTime::from_timestamp(1_795_500_000, 0).expect("a valid instant") + TimeDelta::minutes(minutes)
}

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

/// A reader of one feed: the ingest stage with a list for a store.
struct Reader {
    url: FeedUrl,
    state: PollState,
    memory: Memory,
    known: Vec<KnownArticle>,
    /// Title to number of mails.
    mailed: BTreeMap<String, usize>,
    quarantined: usize,
    polls: usize,
    errors: Vec<String>,
    adopted: Vec<String>,
}

impl Reader {
    async fn poll(&mut self, fetcher: &Fetcher, now: DateTime<Utc>) -> Polled {
        self.polls += 1;
        let validators = self.state.validators.clone();
        let request = Request { url: self.url.url(), wanted: Wanted::Feed, validators: &validators, subscribers: None };
        let result = fetcher.fetch(request).await;
        let parsed = match &result.outcome {
            Outcome::Body(body) => Some((parse(&body.bytes, body.content_type.as_deref(), &result.url), body)),
            _ => None,
        };
        let answer = match (&result.outcome, &parsed) {
            (_, Some((Ok(feed), body))) => {
                let new_entries = self.store(feed, now);
                let validators = if feed.broken { Validators::default() } else { body.validators.clone() };
                Answer::Read { new_entries, hints: &feed.hints, validators }
            }
            (_, Some((Err(e), _))) => Answer::Failed(e.to_string()),
            (Outcome::NotModified, None) => {
                self.memory.not_modified(now);
                Answer::NotModified
            }
            (Outcome::Status { status, .. }, None) => Answer::Status(*status),
            (Outcome::Failed(e), None) => Answer::Failed(e.to_string()),
            (Outcome::Body(_), None) => unreachable!("every body is parsed"),
        };
        let moved = result.moved_to.as_ref();
        let polled =
            polling::after(&self.state, (1, &self.url), &answer, &result.headers, moved, now, &PollConfig::default());
        self.state = polled.state.clone();
        self.errors.extend(self.state.last_error.clone());
        if let Some(to) = &polled.adopt {
            self.adopted.push(to.url().path().to_owned());
            self.url = to.clone();
        }
        polled
    }

    fn store(&mut self, feed: &ParsedFeed, now: DateTime<Utc>) -> usize {
        let entries = &feed.entries;
        let shown = Shown { entries, keys: verdict::keys_of(entries, &self.memory), broken: feed.broken };
        let judgement = verdict::classify(shown, &self.known, &self.memory, now);
        self.memory = judgement.memory;
        let mut new = 0;
        for ((keys, verdict), entry) in judgement.verdicts.into_iter().zip(entries) {
            let id = i64::try_from(self.known.len()).expect("a short list");
            match verdict {
                Verdict::New => {
                    new += 1;
                    *self.mailed.entry(entry.title.clone()).or_default() += 1;
                    self.known.push(KnownArticle { id, keys });
                }
                Verdict::Silent(_) | Verdict::Quarantined => {
                    self.quarantined += usize::from(verdict == Verdict::Quarantined);
                    self.known.push(KnownArticle { id, keys });
                }
                Verdict::Revision(id) | Verdict::Adopt { id, .. } => {
                    self.known.iter_mut().filter(|a| a.id == id).for_each(|a| a.keys = keys.clone());
                }
                Verdict::Known(_) | Verdict::Repeated => {}
            }
        }
        new
    }

    /// Every story that came up after the first poll was mailed once, and nothing else.
    fn assert_each_story_once(&self) {
        let newest = BEFORE + DAYS * 24 / PACE;
        // The last story may be out since the last poll.
        let wanted: Vec<String> = (BEFORE + 1..newest - 1).map(|n| format!("Story number {n} of this town")).collect();
        let lost: Vec<&String> = wanted.iter().filter(|w| !self.mailed.contains_key(*w)).collect();
        let twice: Vec<_> = self.mailed.iter().filter(|(_, n)| **n > 1).collect();
        let odd = self.mailed.len().saturating_sub(wanted.len());
        assert!(lost.is_empty() && twice.is_empty() && odd <= 2, "lost {lost:?}, twice {twice:?}, odd {odd}");
        assert_eq!(self.quarantined, 0);
    }
}

/// Watches a publisher for [`DAYS`], polling when the polling noun says so. The publisher's answer depends on the hour.
async fn watch(publisher: impl Fn(i64, &Asked) -> Reply + Send + Sync + 'static) -> Reader {
    let clock = Arc::new(AtomicI64::new(0));
    let hours = clock.clone();
    let server = FeedServer::start(move |asked| publisher(hours.load(Ordering::SeqCst), asked)).await;
    let config = FetchConfig { allow_private: true, timeout_seconds: 5, ..FetchConfig::default() };
    let fetcher = Fetcher::new(&config).expect("a client");
    let mut reader = Reader {
        url: FeedUrl::parse(&server.url("/feed")).expect("a valid address"),
        state: PollState::default(),
        memory: Memory::default(),
        known: Vec::new(),
        mailed: BTreeMap::new(),
        quarantined: 0,
        polls: 0,
        errors: Vec::new(),
        adopted: Vec::new(),
    };
    let mut now = at(0);
    while now < at(DAYS * 24 * 60) && reader.state.stopped.is_none() {
        clock.store((now - at(0)).num_hours(), Ordering::SeqCst);
        reader.poll(&fetcher, now).await;
        let next = reader.state.next_poll_at.expect("a next poll");
        assert!(next > now && next <= now + polling::MAX_WAIT, "{next} after {now}");
        now = next;
    }
    reader
}

#[tokio::test]
async fn a_plain_publisher_is_read_at_his_pace() {
    let reader = watch(|hour, _| reply(200, &[], rss(stories(hour).map(usual)))).await;
    reader.assert_each_story_once();
    let most = usize::try_from(DAYS * 24).expect("some hours");
    assert!(reader.polls <= most + 1, "{} polls in {most} hours", reader.polls);
}

#[tokio::test]
async fn a_publisher_with_validators_is_not_made_to_repeat_himself() {
    let reader = watch(|hour, asked| {
        let tag = format!("\"{}\"", hour / PACE);
        if asked.headers.get("if-none-match") == Some(&tag) {
            return reply(304, &[], "");
        }
        reply(200, &[("ETag", &tag)], rss(stories(hour).map(usual)))
    })
    .await;
    reader.assert_each_story_once();
}

#[tokio::test]
async fn guids_that_change_scheme_or_altogether_by_a_move_tell_nothing_twice() {
    let reader = watch(|hour, _| {
        let guid = move |n: i64| match hour {
            ..100 => format!("http://site.example/{n}"),
            100..250 => format!("https://site.example/{n}"),
            _ => format!("new-system-{}", n * 7),
        };
        reply(200, &[], rss(stories(hour).map(|n| item(&guid(n), &format!("story/{n}"), n, ""))))
    })
    .await;
    reader.assert_each_story_once();
}

#[tokio::test]
async fn a_new_system_with_new_guids_and_new_addresses_tells_nothing_twice() {
    let reader = watch(|hour, _| {
        let path = move |n: i64| if hour < 200 { format!("?p={n}") } else { format!("2026/11/story-{n}/") };
        let guid = move |n: i64| if hour < 200 { format!("a{n}") } else { format!("b{n}") };
        reply(200, &[], rss(stories(hour).map(|n| item(&guid(n), &path(n), n, ""))))
    })
    .await;
    reader.assert_each_story_once();
}

#[tokio::test]
async fn wordpress_short_links_that_become_permalinks_tell_nothing_twice() {
    // A piece comes up under its short link; two hours later the link is the permalink, after four the guid too.
    let reader = watch(|hour, _| {
        let piece = move |n: i64| {
            let (short, permalink) = (format!("?p={n}"), format!("2026/11/story-{n}/"));
            let age = hour - (n - BEFORE) * PACE;
            let guid = if age < 4 { &short } else { &permalink };
            let link = if age < 2 { &short } else { &permalink };
            item(&format!("https://site.example/{guid}"), link, n, "")
        };
        reply(200, &[], rss(stories(hour).map(piece)))
    })
    .await;
    reader.assert_each_story_once();
}

#[tokio::test]
async fn random_ids_in_every_run_tell_nothing_twice() {
    // Polls are at least an hour apart here, so the hour is the run.
    let reader = watch(|hour, _| {
        reply(200, &[], rss(stories(hour).map(|n| item(&format!("{n}-{hour}"), &format!("story/{n}"), n, ""))))
    })
    .await;
    reader.assert_each_story_once();
}

#[tokio::test]
async fn items_without_guid_or_without_link_are_stories_too() {
    let reader =
        watch(|hour, _| reply(200, &[], rss(stories(hour).map(|n| item("", &format!("story/{n}"), n, ""))))).await;
    reader.assert_each_story_once();
    let reader =
        watch(|hour, _| reply(200, &[], rss(stories(hour).map(|n| item(&format!("id-{n}"), "", n, ""))))).await;
    reader.assert_each_story_once();
}

#[tokio::test]
async fn lying_dates_lose_nothing() {
    let reader = watch(|hour, _| {
        let dated = |n: i64| {
            let date = match n % 6 {
                0 => "Thu, 01 Jan 1970 00:00:00 GMT".to_owned(),
                1 => "Mon, 01 Jan 2001 00:00:00 GMT".to_owned(),
                2 => (at(hour * 60) + TimeDelta::days(300)).to_rfc2822(),
                // Today's date on everything, at every run.
                3 => at(hour * 60).to_rfc2822(),
                4 => at(hour * 60).format("%a, %d %b %Y %H:%M:%S EST").to_string(),
                _ => "soon".to_owned(),
            };
            item(&format!("id-{n}"), &format!("story/{n}"), n, &format!("<pubDate>{date}</pubDate>"))
        };
        reply(200, &[], rss(stories(hour).map(dated)))
    })
    .await;
    reader.assert_each_story_once();
}

#[tokio::test]
async fn a_feed_that_is_bad_for_a_day_and_good_again_loses_nothing() {
    let reader = watch(|hour, _| match hour {
        100..108 => reply(500, &[], rss(std::iter::empty())),
        108..114 => reply(200, &[], "<html><title>Down for maintenance</title></html>"),
        114..118 => reply(200, &[], ""),
        118..124 => reply(503, &[], "<html><script>window._cf_chl_opt={}</script></html>"),
        // An error page in the shape of an empty feed.
        200..206 => reply(200, &[], rss(std::iter::empty())),
        _ => reply(200, &[], rss(stories(hour).map(usual))),
    })
    .await;
    assert!(reader.errors.iter().any(|e| e.contains("Down for maintenance")), "{:?}", reader.errors);
    // 20 stories are 60 hours: more than the longest back-off leaves out.
    reader.assert_each_story_once();
}

#[tokio::test]
async fn a_limit_is_kept_and_zero_is_a_value() {
    let reader = watch(|hour, _| match hour {
        50..60 => reply(429, &[("Retry-After", "0")], ""),
        100..140 => reply(429, &[("Retry-After", "36000")], ""),
        200..210 => reply(403, &[], ""),
        _ => reply(200, &[], rss(stories(hour).map(usual))),
    })
    .await;
    reader.assert_each_story_once();
    let asked_while_limited = reader.errors.iter().filter(|e| e.contains("429")).count();
    assert!(asked_while_limited <= 4 * 10 + 5, "{asked_while_limited}");
}

#[tokio::test]
async fn a_feed_address_that_changes_is_followed_after_a_week_and_loses_nothing() {
    let reader = watch(|hour, asked| match (asked.path.as_str(), hour) {
        ("/feed", 50..400) => reply(301, &[("Location", "/moved")], ""),
        ("/feed", 400..) => reply(404, &[], ""),
        _ => reply(200, &[], rss(stories(hour).map(usual))),
    })
    .await;
    reader.assert_each_story_once();
    assert_eq!(reader.adopted, ["/moved"]);
}

#[tokio::test]
async fn a_dead_mirror_behind_a_302_is_never_adopted() {
    let reader = watch(|hour, asked| match (asked.path.as_str(), hour) {
        ("/feed", 50..90) => reply(302, &[("Location", "/mirror")], ""),
        ("/mirror", 70..) => reply(410, &[], ""),
        _ => reply(200, &[], rss(stories(hour).map(usual))),
    })
    .await;
    assert!(reader.adopted.is_empty());
    reader.assert_each_story_once();
}

#[tokio::test]
async fn a_feed_that_is_gone_is_stopped() {
    let reader =
        watch(|hour, _| if hour < 50 { reply(200, &[], rss(stories(hour).map(usual))) } else { reply(410, &[], "") })
            .await;
    assert_eq!(reader.state.stopped, Some(polling::Stop::Gone));
}

#[tokio::test]
async fn a_flood_and_an_endless_archive_mail_nobody() {
    let reader = watch(|hour, _| {
        let archive = (0..60).filter(move |_| hour > 100).map(move |i| {
            let n = 1_000_000 + hour * 100 + i;
            item("", &format!("archive/{n}"), n, "")
        });
        reply(200, &[], rss(stories(hour.min(100)).map(usual).chain(archive)))
    })
    .await;
    assert!(reader.quarantined > 1_000, "{}", reader.quarantined);
    // 100 hours of stories before it, and not one piece of the archive.
    assert_eq!(reader.mailed.len(), usize::try_from(100 / PACE).expect("some stories"), "{:?}", reader.mailed);
}
