//! Polls that are looked up, claimed and written together: what they share, and what none of them takes from another.
//! How many sites are asked at a time, `many` shows.

use std::{net::IpAddr, sync::Arc, time::Duration};

use chrono::TimeDelta;
use depeche::{
    daemon::{self, Stage},
    store,
};

use super::{
    desk::Desk,
    feed_server::{FeedServer, Reply, head, reply},
    items::{item, rss, usual},
};
use crate::support::wait_until;

/// Bounded by what the slowest machine needs, never waited for in full.
const LIMIT: Duration = Duration::from_secs(30);

/// Feeds that bring one more entry with each version; the pages behind them are not there.
fn version(asked: Option<&str>, path: &str, more: &str) -> Reply {
    if !path.starts_with("/feed") {
        return reply(404, &[], "");
    }
    match asked {
        Some("\"1\"") => reply(200, &[("ETag", "\"2\"")], rss((1..4).map(usual).chain([more.to_owned()]))),
        Some(_) => reply(304, &[], ""),
        None => reply(200, &[("ETag", "\"1\"")], rss((1..4).map(usual))),
    }
}

/// A desk with so many feeds, each on a site of its own, that were read once.
async fn desk_of(feeds: usize, server: &FeedServer) -> (Desk, Vec<i64>) {
    let name = |n: usize| format!("www.site-{n}.example");
    let hosts = (0..feeds).map(|n| (name(n), IpAddr::from([127, 0, 0, 1]))).collect();
    let desk = Desk::knowing(hosts, 20).await;
    let mut ids = Vec::new();
    for n in 0..feeds {
        ids.push(desk.add(&server.at(&name(n), &format!("/feed/{n}"))).await);
    }
    desk.round(Stage::Ingest).await;
    (desk, ids)
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn news_of_many_feeds_are_written_in_few_commits_each_with_its_feeds_state() {
    let server = FeedServer::start(|asked| {
        version(asked.headers.get("if-none-match").map(String::as_str), &asked.path, &usual(9))
    })
    .await;
    let (desk, feeds) = desk_of(40, &server).await;
    desk.poll_later().await;
    for feed in &feeds {
        assert_eq!(desk.live(*feed).await, ["Story number 9 of this town"], "its one new entry, once");
    }
    let together = "select count(*) from article a join feed_memory m on m.feed_id = a.feed_id join feed_poll p on p.feed_id = a.feed_id
        where a.state = 0 and a.xmin = m.xmin and a.xmin = p.xmin and p.polled_at = a.first_seen_at";
    assert_eq!(desk.number(together).await, 40, "news, memory and poll state are of one commit");
    let commits = desk.number("select count(distinct xmin::text) from article where state = 0").await;
    assert!(commits <= 20, "{commits} commits for 40 feeds with news");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_postgres_refuses_of_one_feed_keeps_no_others_news_from_being_written() {
    let server = FeedServer::start(|asked| {
        let more = if asked.path == "/feed/3" { item("bad", "story/9", 9, "") } else { usual(9) };
        version(asked.headers.get("if-none-match").map(String::as_str), &asked.path, &more)
    })
    .await;
    let (desk, feeds) = desk_of(10, &server).await;
    sqlx::query("alter table article add check (guid_key <> 'bad')").execute(&desk.db.pool).await.expect("a check");
    desk.pass(TimeDelta::minutes(90));
    desk.round(Stage::Ingest).await;
    for (n, feed) in feeds.iter().enumerate() {
        assert_eq!(desk.live(*feed).await.len(), usize::from(n != 3), "feed {n}");
        assert!(desk.minutes_to_poll(*feed).await > 0, "feed {n}: nobody is asked in every round");
    }
    let failed: Vec<(i64, String)> =
        sqlx::query_as("select feed_id, last_error from feed_poll where last_error is not null")
            .fetch_all(&desk.db.pool)
            .await
            .expect("rows");
    assert!(failed.len() == 1 && failed[0].0 == feeds[3] && failed[0].1.contains("check constraint"), "{failed:?}");
    // What was not stored is asked for again, with the old validator.
    sqlx::query("alter table article drop constraint article_guid_key_check")
        .execute(&desk.db.pool)
        .await
        .expect("gone");
    desk.pass(TimeDelta::days(1));
    desk.round(Stage::Ingest).await;
    assert_eq!(desk.live(feeds[3]).await.len(), 1);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn news_of_a_feed_that_another_node_has_taken_over_are_not_written() {
    let server = FeedServer::start(|asked| match asked.headers.get("if-none-match") {
        None => version(None, &asked.path, ""),
        Some(_) if !asked.path.starts_with("/feed") => reply(404, &[], ""),
        Some(_) => {
            let begun = [head(200, &[("ETag", "\"2\"")], None), b"<!-- slow -->".to_vec()].concat();
            Reply::Trickle(begun, rss((1..4).map(usual).chain([usual(9)])), Duration::from_millis(2))
        }
    })
    .await;
    let (desk, feeds) = desk_of(1, &server).await;
    desk.pass(TimeDelta::minutes(90));
    let ctx = Arc::clone(&desk.ctx);
    let before = server.asked().len();
    let round = tokio::spawn(async move { daemon::run_once(&ctx, Stage::Ingest).await });
    wait_until("the request", LIMIT, async || (server.asked().len() > before).then_some(())).await;
    let taken = "with taken as (update feed_poll set node_id = node_id + 1 where node_id is not null returning 1) select count(*) from taken";
    assert_eq!(desk.number(taken).await, 1, "it is being polled");
    round.await.expect("no panic").expect("the round ends");
    assert_eq!(desk.live(feeds[0]).await, [] as [&str; 0]);
    let seen = "select count(*) from feed_memory where state #>> '{validators,etag}' = '\"2\"'";
    assert_eq!(desk.number(seen).await, 0, "it will be asked with the old validator");
}

#[tokio::test]
async fn a_domain_is_claimed_whole_and_the_one_that_is_due_longest_comes_first() {
    let desk = Desk::new().await;
    let mut ids = Vec::new();
    for (host, minutes) in [("a", 5), ("b", 9), ("a", 1), ("c", 7), ("a", 8), ("b", 2)] {
        let id = desk.add(&format!("http://www.{host}.example/{}", ids.len())).await;
        let due = desk.now() - TimeDelta::minutes(minutes);
        let update = sqlx::query("update feed_poll set next_poll_at = $2 where feed_id = $1").bind(id).bind(due);
        update.execute(&desk.db.pool).await.expect("due");
        ids.push(id);
    }
    let mut conn = desk.db.pool.acquire().await.expect("a connection");
    let check = async |conn: &mut store::Conn, limit: i64, of_domain: i64, want: &[usize]| {
        let rows = store::feed::claim_due(conn, desk.now(), 7, limit, of_domain).await.expect("claimed");
        let mut got: Vec<i64> = rows.iter().map(|row| row.feed_id).collect();
        got.sort_unstable();
        let want: Vec<i64> = want.iter().map(|at| ids[*at]).collect();
        assert_eq!(got, want, "{limit} at a time, {of_domain} of a domain");
        store::feed::give_back(conn, 7, &want).await.expect("given back");
    };
    check(&mut conn, 1, 8, &[1, 5]).await;
    check(&mut conn, 3, 8, &[0, 1, 2, 4, 5]).await;
    check(&mut conn, 3, 2, &[0, 1, 4, 5]).await;
    check(&mut conn, 9, 1, &[1, 3, 4]).await;
}
