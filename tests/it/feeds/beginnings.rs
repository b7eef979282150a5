//! First readings and floods on the real ingest stage: what a feed held before it was read whole mails nobody.
//! How single entries are judged is shown beside `feed::verdict`.

use std::sync::{
    Arc,
    atomic::{AtomicI64, Ordering},
};

use super::{
    desk::Desk,
    feed_server::{Asked, FeedServer, Reply, reply},
    items::{item, rss, usual},
};

/// A publisher whose answer depends on a number that is set.
async fn publisher(answer: impl Fn(i64, &Asked) -> Reply + Send + Sync + 'static) -> (FeedServer, Arc<AtomicI64>) {
    let turn = Arc::new(AtomicI64::new(0));
    let now = Arc::clone(&turn);
    let server = FeedServer::start(move |asked| match asked.path.as_str() {
        "/feed" => answer(now.load(Ordering::SeqCst), asked),
        _ => reply(404, &[], ""),
    })
    .await;
    (server, turn)
}

/// A feed of these stories that ends within the one after them, its length as said.
fn broken_after(shown: impl Iterator<Item = i64>) -> Vec<u8> {
    let whole = String::from_utf8(rss(shown.map(usual))).expect("UTF-8");
    whole.replace("</channel></rss>", "<item><guid>half</guid><title>Half of a").into_bytes()
}

/// The same in JSON.
fn broken_json_after(shown: impl Iterator<Item = i64>) -> Vec<u8> {
    let item =
        |n| format!("{{\"id\":\"id-{n}\",\"title\":\"Story number {n} of this town\",\"content_text\":\"Said.\"}},");
    let items: String = shown.map(item).collect();
    format!("{{\"version\":\"https://jsonfeed.org/version/1.1\",\"items\":[{items}{{\"id\":\"half\",\"tit").into_bytes()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_archive_behind_an_empty_first_reading_waits_for_the_operator() {
    let (server, turn) = publisher(|turn, _| reply(200, &[], rss((1..=turn).rev().map(usual)))).await;
    let desk = Desk::new().await;
    let feed = desk.add(&server.url("/feed")).await;
    desk.poll_later().await;
    turn.store(10, Ordering::SeqCst);
    desk.poll_later().await;
    assert_eq!(desk.articles(feed).await, [("quarantined", 10)].into());
    assert_eq!(desk.notices().await, ["feed 1 quarantine"]);
    turn.store(11, Ordering::SeqCst);
    desk.poll_later().await;
    assert_eq!(desk.live(feed).await, ["Story number 11 of this town"], "and what comes from then on is news");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_new_feed_that_was_empty_at_first_has_its_first_pieces_mailed() {
    let (server, turn) = publisher(|turn, _| reply(200, &[], rss((1..=turn).rev().map(usual)))).await;
    let desk = Desk::new().await;
    let feed = desk.add(&server.url("/feed")).await;
    for shown in [0, 0, 2, 5] {
        turn.store(shown, Ordering::SeqCst);
        desk.poll_later().await;
    }
    assert_eq!(desk.articles(feed).await, [("live", 5)].into());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_rest_of_a_first_reading_that_broke_off_is_asked_for_and_mails_nobody() {
    for broken in [broken_after(11..14), broken_json_after(11..14)] {
        // The whole and the broken document go by one validator, as with a proxy that kept half of one.
        let (server, turn) = publisher(move |turn, asked| match turn {
            _ if asked.headers.contains_key("if-none-match") => reply(304, &[], ""),
            0 => reply(200, &[("ETag", "\"one\""), ("Last-Modified", "Tue, 24 Nov 2026 00:00:00 GMT")], &broken),
            _ => reply(200, &[("ETag", "\"one\"")], rss((1..14).rev().map(usual))),
        })
        .await;
        let desk = Desk::new().await;
        let feed = desk.add(&server.url("/feed")).await;
        desk.poll_later().await;
        assert_eq!(desk.articles(feed).await, [("adopted", 3)].into());
        turn.store(1, Ordering::SeqCst);
        desk.poll_later().await;
        assert_eq!(desk.articles(feed).await, [("adopted", 13)].into());
        desk.poll_later().await;
        let asked = server.asked();
        let conditional: Vec<bool> = asked
            .iter()
            .filter(|asked| asked.path == "/feed")
            .map(|asked| asked.headers.contains_key("if-none-match"))
            .collect();
        assert_eq!(conditional, [false, false, true], "only a whole document may be confirmed");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_reading_that_breaks_off_later_on_hides_nothing() {
    let (server, turn) = publisher(|turn, asked| match turn {
        _ if asked.headers.get("if-none-match").is_some_and(|tag| *tag == format!("\"{}\"", turn.min(1))) => {
            reply(304, &[], "")
        }
        0 => reply(200, &[("ETag", "\"0\"")], rss((1..=5).rev().map(usual))),
        1 => reply(200, &[("ETag", "\"1\"")], broken_after((8..=9).rev())),
        _ => reply(200, &[("ETag", "\"1\"")], rss((1..=9).rev().map(usual))),
    })
    .await;
    let desk = Desk::new().await;
    let feed = desk.add(&server.url("/feed")).await;
    for at in 0..4 {
        turn.store(at, Ordering::SeqCst);
        desk.poll_later().await;
    }
    assert_eq!(desk.articles(feed).await, [("adopted", 5), ("live", 4)].into());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_steady_flood_in_portions_that_would_pass_does_not_grow_from_day_to_day() {
    const DAYS: i64 = 5;
    // Neither identifier nor date, another address at every poll.
    let next = AtomicI64::new(0);
    let (server, hour) = publisher(move |_, _| {
        let first = next.fetch_add(10, Ordering::SeqCst);
        reply(200, &[], rss((first..first + 10).map(|n| item("", &format!("archive/{n}"), n, ""))))
    })
    .await;
    let desk = Desk::new().await;
    let feed = desk.add(&server.url("/feed")).await;
    desk.watch(DAYS, |now| hour.store(now, Ordering::SeqCst)).await;
    let by_day: Vec<i64> = sqlx::query_scalar(
        "select count(*) filter (where state = 0) from article where feed_id = $1
         group by (first_seen_at at time zone 'UTC')::date order by (first_seen_at at time zone 'UTC')::date",
    )
    .bind(feed)
    .fetch_all(&desk.db.pool)
    .await
    .expect("days");
    // Ten pass on a day; thirty where a first day had so few polls that its ten were no flood.
    assert!(by_day.iter().all(|live| *live <= 30) && by_day[1..].windows(2).all(|d| d[1] <= d[0]), "{by_day:?}");
    let quarantined = desk.articles(feed).await.get("quarantined").copied().unwrap_or(0);
    assert!(quarantined > by_day.iter().sum(), "{quarantined} of {by_day:?}");
}
