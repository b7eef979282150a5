//! Shows on the real ingest stage what becomes of a feed's address: moved, there already, gone, or behind a dead mirror.
//! When a feed is asked again is in `waits`.

use std::sync::{
    Arc,
    atomic::{AtomicI64, Ordering},
};

use depeche::{
    feed::FeedUrl,
    store::{self, feed::Moved},
};

use super::{
    desk::Desk,
    feed_server::{FeedServer, reply},
    items::{stories, usual},
};

/// A server of several hosts whose answers follow the hour.
async fn server(answer: impl Fn(&str, &str, i64) -> Answer + Send + Sync + 'static) -> (FeedServer, Arc<AtomicI64>) {
    let hours = Arc::new(AtomicI64::new(0));
    let hour = Arc::clone(&hours);
    let server = FeedServer::start(move |asked| {
        let now = hour.load(Ordering::SeqCst);
        let (host, port) = asked.headers["host"].split_once(':').unwrap_or_default();
        match answer(host, &asked.path, now) {
            Answer::Feed => {
                let items: String = stories(now).map(usual).collect();
                reply(
                    200,
                    &[],
                    format!("<rss version='2.0'><channel><title>Moves</title><ttl>360</ttl>{items}</channel></rss>"),
                )
            }
            Answer::Status(status) => reply(status, &[], ""),
            Answer::To(status, host, path) => {
                reply(status, &[("Location", &format!("http://{host}:{port}{path}"))], "")
            }
        }
    })
    .await;
    (server, hours)
}

enum Answer {
    Feed,
    Status(u16),
    /// A redirect: its status, the host and the path.
    To(u16, &'static str, &'static str),
}

async fn column(desk: &Desk, feed: i64, column: &str) -> String {
    sqlx::query_scalar(sqlx::AssertSqlSafe(format!("select coalesce({column}, '') from feed where id = $1")))
        .bind(feed)
        .fetch_one(&desk.db.pool)
        .await
        .expect("a column of the feed")
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_address_that_moved_for_good_is_adopted_after_seven_days_and_no_story_is_told_twice() {
    let (server, hours) = server(|host, path, _| match (host, path) {
        ("old.example", "/feed") => Answer::To(301, "www.new.example", "/rss"),
        ("www.new.example", "/rss") => Answer::Feed,
        _ => Answer::Status(404),
    })
    .await;
    let desk = Desk::resolving(&["old.example", "www.new.example"], 5).await;
    let feed = desk.add(&server.at("old.example", "/feed")).await;
    desk.watch(6, |now| hours.store(now, Ordering::SeqCst)).await;
    assert_eq!(column(&desk, feed, "url").await, server.at("old.example", "/feed"), "it is not believed for a week");
    desk.watch(2, |now| hours.store(6 * 24 + now, Ordering::SeqCst)).await;
    assert_eq!(column(&desk, feed, "url").await, server.at("www.new.example", "/rss"));
    assert_eq!(
        (&*column(&desk, feed, "domain").await, &*column(&desk, feed, "site").await),
        ("new.example", "new.example")
    );
    let before = server.asked().len();
    desk.watch(1, |now| hours.store(8 * 24 + now, Ordering::SeqCst)).await;
    let asked: Vec<String> = server.asked().into_iter().skip(before).map(|asked| asked.path).collect();
    assert!(!asked.is_empty() && asked.iter().all(|path| path != "/feed"), "{asked:?}");
    let mut live = desk.live(feed).await;
    let all = live.len();
    live.dedup();
    assert!(all > 50 && live.len() == all, "{live:?}");
    assert!(desk.notices().await.is_empty());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_feed_that_moves_to_where_another_is_is_told_once_and_stays_and_a_removed_one_is_in_nobodys_way() {
    let (server, hours) = server(|_, path, _| match path {
        "/old" | "/older" => Answer::To(301, "town.example", "/new"),
        "/lost" => Answer::To(308, "town.example", "/removed"),
        "/new" | "/removed" => Answer::Feed,
        _ => Answer::Status(404),
    })
    .await;
    let desk = Desk::resolving(&["town.example"], 5).await;
    let mut feeds = Vec::new();
    for path in ["/new", "/old", "/removed", "/lost"] {
        feeds.push(desk.add(&server.at("town.example", path)).await);
    }
    desk.done(&["feed", "remove", "3"]).await;
    desk.watch(9, |now| hours.store(now, Ordering::SeqCst)).await;
    assert_eq!(column(&desk, feeds[1], "url").await, server.at("town.example", "/old"));
    assert_eq!(desk.notices().await, ["feed 2 doubled"]);
    let mut conn = desk.db.pool.acquire().await.expect("a connection");
    let told = store::notice::about(&mut conn, "feed 2 doubled").await.expect("read").expect("a notice");
    assert!(told.contains("the same feed as 1") && told.contains("/new") && told.contains("feed remove 2"), "{told}");
    drop(conn);
    assert_eq!(column(&desk, feeds[3], "url").await, server.at("town.example", "/removed"), "nobody reads that one");
    assert!(desk.done(&["feed", "list"]).await.contains("/removed"));
    desk.done(&["feed", "remove", "2"]).await;
    assert!(desk.notices().await.is_empty());
    // What was removed can be taken up again under its address of then only as the feed that has it now.
    let (code, said) = desk.ask(&["feed", "add", &server.at("town.example", "/removed")]).await;
    assert!(code == Some(1) && said.contains("is there already"), "{said}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_notice_of_a_double_goes_when_the_feed_stays_where_it_is() {
    let (server, hours) = server(|_, path, now| match path {
        "/old" if now < 24 * 9 => Answer::To(301, "town.example", "/new"),
        _ => Answer::Feed,
    })
    .await;
    let desk = Desk::resolving(&["town.example"], 5).await;
    for path in ["/new", "/old"] {
        desk.add(&server.at("town.example", path)).await;
    }
    desk.watch(8, |now| hours.store(now, Ordering::SeqCst)).await;
    assert_eq!(desk.notices().await, ["feed 2 doubled"]);
    desk.watch(2, |now| hours.store(8 * 24 + now, Ordering::SeqCst)).await;
    assert!(desk.notices().await.is_empty());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_adopted_address_takes_host_and_limits_along_and_an_operator_hears_of_a_double() {
    let desk = Desk::new().await;
    let feed = desk.add("http://www.town.example/feed").await;
    let twin = FeedUrl::parse("https://www.town.example/feed").expect("an address");
    let mut conn = desk.db.pool.acquire().await.expect("a connection");
    // The site is the host's name, however it was written.
    sqlx::query("update feed set site = 'town.example' where id = $1")
        .bind(feed)
        .execute(&mut *conn)
        .await
        .expect("set");
    let other = FeedUrl::parse("https://city.example:8443/feed").expect("an address");
    assert_eq!(store::feed::moved(&mut conn, feed, &twin).await.expect("asked"), Moved::Adopted);
    assert_eq!(column(&desk, feed, "url").await, twin.as_str());
    let second = desk.add("http://city.example/feed").await;
    assert_eq!(store::feed::moved(&mut conn, second, &twin).await.expect("asked"), Moved::Taken(feed));
    assert_eq!(store::feed::moved(&mut conn, second, &other).await.expect("asked"), Moved::Adopted);
    assert_eq!(
        (&*column(&desk, second, "url").await, &*column(&desk, second, "site").await),
        (other.as_str(), "city.example")
    );
    store::feed::remove(&mut conn, desk.now(), feed).await.expect("removed");
    assert_eq!(store::feed::moved(&mut conn, second, &twin).await.expect("asked"), Moved::Adopted);
    assert_eq!(
        (&*column(&desk, second, "site").await, &*column(&desk, second, "domain").await),
        ("town.example", "town.example")
    );
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_feed_is_stopped_for_what_its_own_address_says_and_not_for_a_dead_mirror() {
    let (server, hours) = server(|host, path, now| match (host, path) {
        _ if now < 2 => Answer::Feed,
        ("gone.example", "/feed") | (_, "/gone") => Answer::Status(410),
        ("lost.example", "/feed") | (_, "/lost") => Answer::Status(404),
        ("moved.example", "/feed") => Answer::To(301, "moved.example", "/gone"),
        ("mirror.example", "/feed") => Answer::To(302, "mirror.example", "/gone"),
        ("copy.example", "/feed") => Answer::To(307, "copy.example", "/lost"),
        // One hop of the way is for now only.
        ("chain.example", "/feed") => Answer::To(301, "chain.example", "/next"),
        ("chain.example", "/next") => Answer::To(303, "chain.example", "/gone"),
        // A site that is rebuilt over two week-ends, and answers between.
        ("rebuilt.example", "/feed") if now % (24 * 13) > 24 => Answer::Status(404),
        _ => Answer::Feed,
    })
    .await;
    let hosts = ["gone", "lost", "moved", "mirror", "copy", "chain", "rebuilt"].map(|host| format!("{host}.example"));
    let desk = Desk::resolving(&hosts.each_ref().map(String::as_str), 5).await;
    let mut stopped = Vec::new();
    for host in &hosts {
        desk.add(&server.at(host, "/feed")).await;
    }
    desk.watch(13, |now| hours.store(now, Ordering::SeqCst)).await;
    for (host, feed) in hosts.iter().zip(1..) {
        stopped.push((host.split('.').next().unwrap_or_default(), column(&desk, feed, "stopped").await));
    }
    let says = |of: &str| stopped.iter().find(|(host, _)| *host == of).map(|(_, why)| why.clone()).unwrap_or_default();
    for host in ["gone", "moved"] {
        assert!(says(host).contains("410 on two days"), "{stopped:?}");
    }
    for host in ["lost", "mirror", "copy", "chain", "rebuilt"] {
        assert_eq!(says(host), "", "{stopped:?}");
    }
    let asked = || server.asked().iter().filter(|asked| asked.headers["host"].starts_with("gone.")).count();
    let before = asked();
    desk.watch(14, |now| hours.store(13 * 24 + now, Ordering::SeqCst)).await;
    assert_eq!(asked(), before, "what is stopped is asked no more");
    assert!(column(&desk, 2, "stopped").await.contains("not been found for 14 days"));
    let mut told = desk.notices().await;
    told.sort();
    assert_eq!(told, ["feed 1 stopped", "feed 2 stopped", "feed 3 stopped"]);
    let shown = desk.done(&["feed", "show", "4"]).await;
    assert!(shown.contains("mirror.example") && shown.contains("410"), "an operator sees which address: {shown}");
}
