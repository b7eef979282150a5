//! Many sites at once: how many requests an address gets, who delays whom, and what a round costs Postgres.
//! How fast it is, the bench `ingest` measures.

use std::{
    net::IpAddr,
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
    time::Duration,
};

use depeche::{
    daemon::{self, Outcome, Stage, StageError},
    fetch::{FetchConfig, Fetcher},
};
use tokio::task::JoinHandle;

use super::{
    desk::Desk,
    feed_server::{FeedServer, Reply, head, reply},
    items::{rss, usual},
};
use crate::support::{context, wait_until};

/// Bounded by what the slowest machine needs, never waited for in full.
const LIMIT: Duration = Duration::from_secs(30);
/// Requests to one address at a time, and those that wait for it, as `fetch/slots.rs` has them.
const AT_ONCE: usize = 8;
const WAITING: usize = 32;

fn feed() -> Vec<u8> {
    rss((1..4).map(usual))
}

/// Sites of these numbers at an address.
fn sites(numbers: std::ops::Range<usize>, ip: [u8; 4]) -> impl Iterator<Item = (String, IpAddr)> {
    numbers.map(move |n| (format!("www.site-{n}.example"), ip.into()))
}

fn begin(desk: &Desk) -> JoinHandle<Result<Outcome, StageError>> {
    let ctx = Arc::clone(&desk.ctx);
    tokio::spawn(async move { daemon::run_once(&ctx, Stage::Ingest).await })
}

async fn read(desk: &Desk) -> i64 {
    desk.number("select count(*) from feed_poll where polled_at is not null and last_error is null").await
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn many_sites_on_one_address_are_asked_a_few_at_a_time_and_all_get_their_turn() {
    const SITES: usize = AT_ONCE + WAITING + 20;
    let body = feed();
    let server = FeedServer::start(move |_| {
        let (most, last) = body.split_at(body.len() - 3);
        let begun = [head(200, &[], None), most.to_vec()].concat();
        Reply::Trickle(begun, last.to_vec(), Duration::from_millis(20))
    })
    .await;
    let desk = Desk::knowing(sites(0..SITES, [127, 0, 0, 1]).collect(), 20).await;
    for (name, _) in sites(0..SITES, [127, 0, 0, 1]) {
        desk.add(&server.at(&name, "/feed")).await;
    }
    desk.round(Stage::Ingest).await;
    assert_eq!(server.most_at_once(), AT_ONCE);
    let (read_now, all) = (read(&desk).await, i64::try_from(SITES).expect("few"));
    assert!(read_now >= i64::try_from(AT_ONCE + WAITING).expect("few") && read_now < all, "{read_now}");
    let aside = "select count(*) from feed_poll where polled_at is null and node_id is null
        and lease_until between clock_timestamp() - interval '1 minute' and clock_timestamp() + interval '1 minute'";
    assert_eq!(read_now + desk.number(aside).await, all, "the others are set aside, and no failure is counted");
    // Some seconds pass for Postgres, whose clock leases go by.
    while read(&desk).await < all {
        desk.number("with passed as (update feed_poll set lease_until = null returning 1) select count(*) from passed")
            .await;
        let before = read(&desk).await;
        desk.round(Stage::Ingest).await;
        assert!(read(&desk).await > before, "each round gets on");
    }
    assert_eq!(server.most_at_once(), AT_ONCE);
    assert_eq!(server.asked().len(), SITES, "each was asked once");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn forms_go_to_an_address_a_few_at_a_time_too() {
    let server =
        FeedServer::start(|_| Reply::Trickle(head(202, &[], None), b"taken".to_vec(), Duration::from_millis(20))).await;
    let config = FetchConfig { allow_private: true, ..FetchConfig::default() };
    let (fetcher, url) = (Fetcher::new(&config).expect("a client"), server.url("/hub").parse().expect("an address"));
    // An empty form, as the server reads heads only.
    let answers = futures_util::future::join_all((0..3 * AT_ONCE).map(|_| fetcher.post(&url, &[]))).await;
    assert!(answers.iter().all(|answer| matches!(answer, Ok(posted) if posted.status == 202)), "{answers:?}");
    assert_eq!((server.asked().len(), server.most_at_once()), (3 * AT_ONCE, AT_ONCE));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_slow_address_with_many_sites_delays_no_other_address() {
    const SLOW: usize = 100;
    let slow = FeedServer::start_on([127, 0, 0, 2], |_| Reply::Silence).await;
    let quick = FeedServer::start(|_| reply(200, &[], feed())).await;
    let hosts = sites(0..SLOW, [127, 0, 0, 2]).chain(sites(SLOW..SLOW + 10, [127, 0, 0, 1])).collect();
    let desk = Desk::knowing(hosts, 60).await;
    for (name, _) in sites(0..SLOW, [127, 0, 0, 2]) {
        desk.add(&slow.at(&name, "/feed")).await;
    }
    // Due after all of the slow ones.
    desk.pass(chrono::TimeDelta::seconds(1));
    for (name, _) in sites(SLOW..SLOW + 10, [127, 0, 0, 1]) {
        desk.add(&quick.at(&name, "/feed")).await;
    }
    let round = begin(&desk);
    wait_until("the quick address", LIMIT, async || (read(&desk).await == 10).then_some(())).await;
    assert!(!round.is_finished(), "the slow address is still waited for");
    assert_eq!(slow.most_at_once(), AT_ONCE);
    round.abort();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn dripping_endless_and_lying_sites_in_a_round_delay_no_other() {
    let server = FeedServer::start(|asked| match asked.path.as_str() {
        "/drip" => Reply::Trickle(head(200, &[], None), feed(), Duration::from_secs(1)),
        "/endless" => Reply::Endless(head(200, &[], None), vec![b'x'; 65_536]),
        "/lying" => Reply::Trickle(head(200, &[], Some(900_000_000)), vec![b'<'; 600], Duration::from_secs(1)),
        "/silent" => Reply::Silence,
        _ => reply(200, &[], feed()),
    })
    .await;
    let desk = Desk::knowing(sites(0..24, [127, 0, 0, 1]).collect(), 60).await;
    let paths = ["/drip", "/endless", "/lying", "/silent"];
    for ((name, _), n) in sites(0..24, [127, 0, 0, 1]).zip(0..) {
        desk.add(&server.at(&name, paths.get(n).unwrap_or(&"/feed"))).await;
    }
    let round = begin(&desk);
    wait_until("the other sites", LIMIT, async || (read(&desk).await == 20).then_some(())).await;
    let too_large = "select count(*) from feed_poll where last_error like '%larger than%'";
    wait_until("the cap", LIMIT, async || (desk.number(too_large).await == 1).then_some(())).await;
    assert!(!round.is_finished(), "the slow sites are still waited for");
    round.abort();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_brought_nothing_is_written_many_at_a_time() {
    let hub = FeedServer::start_on([127, 0, 0, 2], |_| reply(404, &[], "")).await;
    let link = format!("<{}>; rel=hub", hub.at("hub.example", "/"));
    // Also of feeds that go on naming their hub.
    let server = FeedServer::start(move |asked| match asked.headers.get("if-none-match") {
        Some(_) => reply(304, &[("Link", &link)], ""),
        None => reply(200, &[("ETag", "\"1\""), ("Link", &link)], feed()),
    })
    .await;
    let hosts = sites(0..25, [127, 0, 0, 1]).chain([("hub.example".to_owned(), [127, 0, 0, 2].into())]);
    let desk = Desk::knowing(hosts.collect(), 20).await;
    for n in 0..100 {
        let (name, _) = sites(0..25, [127, 0, 0, 1]).nth(n % 25).expect("a site");
        desk.add(&server.at(&name, &format!("/feed/{n}"))).await;
    }
    desk.round(Stage::Ingest).await;
    assert_eq!(read(&desk).await, 100);
    assert_eq!(desk.number("select count(*) from websub where state = 'wanted'").await, 100);
    desk.poll_later().await;
    let due =
        "select count(*) from feed_poll where next_poll_at <= polled_at or polled_at is null or node_id is not null";
    assert_eq!(desk.number(due).await, 0, "every one is written and given back");
    assert_eq!(server.asked().len(), 200);
    // Rows of one commit carry its number.
    let commits = desk.number("select count(distinct xmin::text) from feed_poll").await;
    assert!(commits <= 50, "{commits} commits for 100 polls");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_a_dead_node_was_polling_is_free_at_once_and_its_late_result_changes_nothing() {
    let requests = AtomicUsize::new(0);
    let server = FeedServer::start(move |_| match requests.fetch_add(1, Ordering::SeqCst) {
        0 => Reply::Silence,
        _ => reply(200, &[], feed()),
    })
    .await;
    let desk = Desk::resolving(&["site.example"], 10).await;
    desk.add(&server.at("site.example", "/feed")).await;
    let sleeper = begin(&desk);
    wait_until("the request", LIMIT, async || (server.asked().len() == 1).then_some(())).await;
    let mut settings = context::settings(&[], Vec::new());
    settings.ingest.fetcher = desk.ctx.settings().ingest.fetcher.clone();
    let next = context::context(&desk.db.pool, desk.ctx.clock.clone(), settings).await;
    let run = async |stage| daemon::run_once(&next, stage).await.expect("the stage runs");
    run(Stage::Ingest).await;
    assert_eq!(server.asked().len(), 1, "a living node keeps its claim");
    desk.number(
        "with dead as (update node set lease_until = clock_timestamp() where id = (select min(id) from node) returning 1)
         select count(*) from dead",
    )
    .await;
    run(Stage::Sweep).await;
    run(Stage::Ingest).await;
    assert_eq!(read(&desk).await, 1);
    assert!(!sleeper.is_finished(), "the first node still waits for its answer");
    sleeper.await.expect("no panic").expect("the round ends");
    assert_eq!(read(&desk).await, 1, "its failure does not count");
}
