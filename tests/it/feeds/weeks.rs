//! Simulated weeks of the real ingest stage in Postgres: what becomes live is counted, story by story.
//! What leaves in mails over weeks is counted in `season`.

use std::{
    collections::{BTreeMap, BTreeSet},
    sync::{
        Arc, Mutex,
        atomic::{AtomicI64, Ordering},
    },
    time::Duration,
};

use chrono::{DateTime, TimeDelta, Utc};
use depeche::{
    daemon::{self, Stage},
    store,
};

use super::{
    desk::Desk,
    feed_server::{Asked, FeedServer, Reply, reply},
    items::{item, rss, stories, usual},
};
use crate::support::{
    context,
    newsroom::{self, Newsroom},
    smtp_server::{Act, At, SmtpServer},
    wait_until,
};

const DAYS: i64 = 8;

/// Watches one publisher for [`DAYS`], and checks that each story that came up after the first poll is live once.
async fn each_story_once(publisher: impl Fn(i64, &Asked) -> Reply + Send + Sync + 'static) -> (Desk, i64) {
    let hours = Arc::new(AtomicI64::new(0));
    let hour = Arc::clone(&hours);
    let server = FeedServer::start(move |asked| match asked.path.as_str() {
        "/feed" => publisher(hour.load(Ordering::SeqCst), asked),
        _ => reply(404, &[], ""),
    })
    .await;
    let desk = Desk::new().await;
    let feed = desk.add(&server.url("/feed")).await;
    desk.watch(DAYS, |now| hours.store(now, Ordering::SeqCst)).await;
    let mut live: BTreeMap<String, usize> = BTreeMap::new();
    for title in desk.live(feed).await {
        *live.entry(title).or_default() += 1;
    }
    let before = stories(0).next().expect("a story");
    let newest = stories(DAYS * 24).next().expect("a story");
    // The last stories may be out since the last poll.
    let lost: Vec<i64> =
        (before + 1..newest - 1).filter(|n| !live.contains_key(&format!("Story number {n} of this town"))).collect();
    let twice: Vec<_> = live.iter().filter(|(_, n)| **n > 1).collect();
    assert!(lost.is_empty() && twice.is_empty(), "lost {lost:?}, twice {twice:?}");
    assert!(live.len() <= usize::try_from(newest - before).expect("some stories"), "too many: {live:?}");
    assert_eq!(desk.articles(feed).await.get("quarantined"), None);
    (desk, feed)
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn two_stories_with_one_guid_or_one_link_are_two_stories() {
    each_story_once(|hour, _| {
        reply(200, &[], rss(stories(hour).map(|n| item(&format!("pair-{}", n / 2), &format!("story/{n}"), n, ""))))
    })
    .await;
    each_story_once(|hour, _| reply(200, &[], rss(stories(hour).map(|n| item(&format!("id-{n}"), "live", n, "")))))
        .await;
    each_story_once(|hour, _| reply(200, &[], rss(stories(hour).map(|n| item("", "live", n, ""))))).await;
    each_story_once(|hour, _| reply(200, &[], rss(stories(hour).map(|n| item("home", "", n, ""))))).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_text_that_changes_under_its_guid_is_a_revision_and_no_other_story() {
    let (desk, _) = each_story_once(|hour, _| {
        let changing = |n: i64| usual(n).replace("in town", &format!("in town on turn {}", (hour / 5 + n) % 3));
        reply(200, &[], rss(stories(hour).map(changing)))
    })
    .await;
    let revisions = desk.number("select count(*) from revision").await;
    let articles = desk.number("select count(*) from article").await;
    assert!(revisions > articles * 2, "{revisions} revisions of {articles} articles");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_first_import_dated_today_mails_nothing_and_a_day_of_errors_loses_nothing() {
    each_story_once(|hour, _| match hour {
        50..60 => reply(500, &[], ""),
        60..70 => reply(200, &[], rss(std::iter::empty())),
        70..74 => reply(200, &[], "<html><title>Maintenance</title></html>"),
        _ => {
            let now = DateTime::from_timestamp(Utc::now().timestamp() + hour * 3_600, 0).expect("an instant");
            let dated = |n: i64| {
                item(&format!("id-{n}"), &format!("s/{n}"), n, &format!("<pubDate>{}</pubDate>", now.to_rfc2822()))
            };
            reply(200, &[], rss(stories(hour).map(dated)))
        }
    })
    .await;
}

/// Who asked for what at which hour.
type Log = Arc<Mutex<Vec<(i64, String)>>>;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_limit_met_on_one_sub_domain_is_kept_on_all_and_on_no_other_site() {
    let (hours, log) = (Arc::new(AtomicI64::new(0)), Log::default());
    let (hour, asked_for) = (Arc::clone(&hours), Arc::clone(&log));
    let server = FeedServer::start(move |asked| {
        let (now, host) = (hour.load(Ordering::SeqCst), asked.headers.get("host").cloned().unwrap_or_default());
        let host = host.split(':').next().unwrap_or_default().to_owned();
        asked_for.lock().expect("no panic").push((now, host.clone()));
        if host == "a.service.example" && (20..30).contains(&now) {
            return reply(429, &[("Retry-After", "36000")], "");
        }
        reply(200, &[], rss(stories(now).map(usual)))
    })
    .await;
    let desk = Desk::resolving(&["a.service.example", "b.service.example", "other.example"], 5).await;
    for host in ["a.service.example", "b.service.example", "other.example"] {
        desk.add(&server.at(host, "/feed")).await;
    }
    desk.watch(3, |now| hours.store(now, Ordering::SeqCst)).await;
    let log = log.lock().expect("no panic").clone();
    let limited = log.iter().position(|(hour, host)| *hour >= 20 && host == "a.service.example").expect("it was asked");
    let since = log[limited].0;
    let during = |host: &str| log.iter().skip(limited + 1).filter(|(at, h)| h == host && *at < since + 9).count();
    assert_eq!((during("a.service.example"), during("b.service.example")), (0, 0), "{log:?}");
    assert!(during("other.example") >= 5, "{log:?}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_service_that_lets_few_through_starves_none_of_its_feeds() {
    const FEEDS: usize = 20;
    const AN_HOUR: usize = 4;
    let hours = Arc::new(AtomicI64::new(0));
    let (hour, log) = (Arc::clone(&hours), Arc::new(Mutex::new(BTreeMap::<i64, BTreeSet<String>>::new())));
    let all = Arc::clone(&log);
    let server = FeedServer::start(move |asked| {
        let now = hour.load(Ordering::SeqCst);
        if !asked.path.starts_with("/feed") {
            return reply(404, &[], "");
        }
        let mut served = all.lock().expect("no panic");
        let this_hour = served.entry(now).or_default();
        if this_hour.len() >= AN_HOUR {
            return reply(429, &[("Retry-After", "3600")], "");
        }
        this_hour.insert(asked.path.clone());
        reply(200, &[], rss(stories(now).map(usual)))
    })
    .await;
    let desk = Desk::new().await;
    for n in 0..FEEDS {
        desk.add(&server.url(&format!("/feed/{n}"))).await;
    }
    desk.watch(2, |now| hours.store(now, Ordering::SeqCst)).await;
    let mut times: BTreeMap<String, usize> = BTreeMap::new();
    for path in log.lock().expect("no panic").values().flatten() {
        *times.entry(path.clone()).or_default() += 1;
    }
    assert_eq!(times.len(), FEEDS, "each was read: {times:?}");
    let (least, most) = (times.values().min().expect("some"), times.values().max().expect("some"));
    assert!(*least * 3 >= *most, "nobody far more often than others: {times:?}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_silent_site_delays_no_other() {
    let server = FeedServer::start(|asked| {
        if asked.headers.get("host").is_some_and(|host| host.starts_with("silent")) {
            return Reply::Silence;
        }
        reply(200, &[], rss((1..4).map(usual)))
    })
    .await;
    let desk = Desk::resolving(&["silent.example", "quick.example", "late.example"], 20).await;
    let silent = desk.add(&server.at("silent.example", "/feed")).await;
    let quick = desk.add(&server.at("quick.example", "/feed")).await;
    let ctx = Arc::clone(&desk.ctx);
    let round = tokio::spawn(async move { daemon::run_once(&ctx, Stage::Ingest).await });
    let limit = Duration::from_secs(10);
    wait_until("the quick site", limit, async || (desk.articles(quick).await.len() == 1).then_some(())).await;
    // Due only after the round began.
    let late = desk.add(&server.at("late.example", "/feed")).await;
    wait_until("the late site", limit, async || (desk.articles(late).await.len() == 1).then_some(())).await;
    assert!(!round.is_finished(), "the silent site is still waited for");
    round.await.expect("no panic").expect("the round ends");
    let mut conn = desk.db.pool.acquire().await.expect("a connection");
    let (_, _, error) = store::feed::poll_state(&mut conn, silent).await.expect("read").expect("a poll state");
    assert!(error.is_some_and(|error| error.contains("did not finish its answer within 20 s")));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_new_text_of_a_mailed_story_is_not_told_again() {
    let server = SmtpServer::start(|_: &At| Act::Usual).await;
    let settings = newsroom::settings(vec![newsroom::relay("main", server.address, 2)]);
    let room = Newsroom::with(settings, 3).await;
    room.deliver().await.expect("deliver");
    assert_eq!(server.count(), 3);
    let text =
        context::text("Le tramway passe la Loire", "Le tramway attendra : la mise en service est reportée à l’été.");
    let new = context::new_article(text);
    let mut tx = room.pool.begin().await.expect("a transaction");
    let now = room.clock.now();
    store::ensure_month(&mut tx, now).await.expect("a month");
    assert!(store::article::revise(&mut tx, now, 1, &new.keys, &new.revision).await.expect("revised"));
    tx.commit().await.expect("committed");
    room.round(Stage::Match).await.expect("match");
    room.pass((TimeDelta::hours(24)).to_std().expect("forward"));
    room.round(Stage::Plan).await.expect("plan");
    room.deliver().await.expect("deliver");
    assert_eq!(server.count(), 3, "it was told once");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_change_that_matters_is_marked_with_what_is_new_and_a_typing_error_is_not() {
    const TOLD: &str = "A fire broke out in a warehouse of the harbour on Monday evening. The tramway of line 1 is interrupted \
                        between two stops. Sixty firemen were sent to the quay. The cause of the fire is not known.";
    const MORE: &str = " Three night workers were found safe and sound in the cellar on Tuesday morning. The owner of the building \
                        puts the damage at two million euros or more. The quay will stay closed to all traffic until the week-end.";
    let turn = Arc::new(AtomicI64::new(0));
    let now = Arc::clone(&turn);
    let server = FeedServer::start(move |asked| {
        if asked.path != "/feed" {
            return reply(404, &[], "");
        }
        let text = match now.load(Ordering::SeqCst) {
            0 => return reply(200, &[], rss(stories(0).map(usual))),
            1 => TOLD.to_owned(),
            2 => TOLD.replace("Sixty", "Sixtty"),
            _ => format!("{TOLD}{MORE}"),
        };
        let fire = format!(
            "<item><guid>fire</guid><title>Fire at the harbour</title><description>{text}</description></item>"
        );
        reply(200, &[], rss(stories(0).map(usual).chain([fire])))
    })
    .await;
    let desk = Desk::new().await;
    context::topic(&desk.db.pool, desk.now(), "trams", "tramway").await;
    let feed = desk.add(&server.url("/feed")).await;
    for at in 0..4 {
        turn.store(at, Ordering::SeqCst);
        desk.poll_later().await;
        desk.round(Stage::Match).await;
    }
    let revisions: Vec<(i16, bool, Option<String>)> = sqlx::query_as(
        "select m.rev, m.material, r.body #>> '{update,news,0}' from match m
         join revision r on r.article_id = m.article_id and r.rev = m.rev join article a on a.id = m.article_id
         where a.feed_id = $1 order by m.seq",
    )
    .bind(feed)
    .fetch_all(&desk.db.pool)
    .await
    .expect("matches");
    let found = "Three night workers were found safe and sound in the cellar on Tuesday morning.";
    assert_eq!(revisions, [(1, false, None), (2, false, None), (3, true, Some(found.to_owned()))]);
}
