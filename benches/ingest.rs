//! Measures ingest: a round over 10,000 feeds, 9 of 10 answering 304, with slow and hostile sites among them, beside a bare loop
//! of the same HTTP client over the same addresses. The publishers are a process of their own; Postgres is a private one.
//!
//! `cargo bench --bench ingest -- [--feeds 10000] [--rounds 3]`; a missed limit ends it with 1.
#![allow(missing_docs, dead_code, clippy::expect_used, clippy::print_stdout)]

#[path = "../tests/it/support/context.rs"]
mod context;
#[path = "ingest/process.rs"]
mod process;
#[path = "ingest/server.rs"]
mod server;

use std::{
    collections::{BTreeMap, HashMap},
    net::{IpAddr, SocketAddr},
    process::ExitCode,
    sync::Arc,
    time::{Duration, Instant},
};

use depeche::{
    clock::Clock,
    daemon::{self, Context, Stage},
    feed::FeedUrl,
    fetch::{FetchConfig, Fetcher},
    store::{
        self, Pool,
        cluster::{Cluster, ClusterConfig},
    },
};
use futures_util::StreamExt as _;
use reqwest::{
    dns::{Addrs, Name, Resolve, Resolving},
    header,
};
use server::{CHANGING, HOSTILE, Server};

/// Feeds of one site, and sites of one address.
const OF_SITE: usize = 4;
const ON_ADDRESS: usize = 5;
/// Requests of the bare loop at a time: as many as depeche has.
const CONCURRENT: usize = 64;
/// Seconds that a document may take: slow sites use them up.
const TIMEOUT_SECONDS: u64 = 10;

const LEAST_RATIO: f64 = 0.7;
const MOST_BYTES: f64 = 150e6;

struct Arguments {
    feeds: usize,
    rounds: usize,
    serve: Option<usize>,
}

impl Arguments {
    fn read() -> Self {
        let mut read = Self { feeds: 10_000, rounds: 3, serve: None };
        let mut arguments = std::env::args().skip(1);
        while let Some(argument) = arguments.next() {
            let mut number = || arguments.next().and_then(|n| n.parse().ok()).expect("a number after it");
            match argument.as_str() {
                "--feeds" => read.feeds = number(),
                "--rounds" => read.rounds = number(),
                // The bench's own second process.
                "--serve" => read.serve = Some(number()),
                // cargo's own.
                "--bench" => {}
                other => panic!("{other}: --feeds N and --rounds N are known"),
            }
        }
        read
    }
}

/// Every feed's address, and what its name stands for.
struct Web {
    urls: Vec<String>,
    hosts: BTreeMap<String, IpAddr>,
}

impl Web {
    fn new(feeds: usize, port: u16) -> Self {
        let (mut urls, mut hosts) = (Vec::new(), BTreeMap::new());
        for feed in 0..feeds {
            let site = feed / OF_SITE;
            let host = format!("feed-{feed}.site-{site}.test");
            urls.push(format!("http://{host}:{port}/feed/{feed}"));
            // Neighbours by number, and so by time, are on one address.
            hosts.insert(host, server::address(site / ON_ADDRESS));
        }
        for (n, path) in HOSTILE.iter().enumerate() {
            let host = format!("www.hostile-{n}.test");
            urls.push(format!("http://{host}:{port}{path}"));
            hosts.insert(host, server::address(n));
        }
        Self { urls, hosts }
    }
}

/// The names of the bench, for the bare loop.
struct Names(HashMap<String, IpAddr>);

impl Resolve for Names {
    fn resolve(&self, name: Name) -> Resolving {
        let found = self.0.get(name.as_str()).map(|address| SocketAddr::new(*address, 0));
        Box::pin(async move { Ok(Box::new(found.into_iter()) as Addrs) })
    }
}

/// What the obvious program does: ask with the validator, read the answer, forget it. Gives requests a second.
async fn bare(web: &Web, feeds: usize, version: usize) -> f64 {
    let names = Names(web.hosts.clone().into_iter().collect());
    let client = reqwest::Client::builder()
        .no_proxy()
        .redirect(reqwest::redirect::Policy::none())
        .timeout(Duration::from_secs(TIMEOUT_SECONDS))
        .pool_max_idle_per_host(0)
        .dns_resolver(Arc::new(names))
        .build()
        .expect("a client");
    let since = Instant::now();
    let asked = futures_util::stream::iter(web.urls.iter().take(feeds)).map(|url| {
        let request = client.get(url).header(header::IF_NONE_MATCH, format!("\"{version}\""));
        async move {
            let response = request.send().await.expect("an answer");
            let status = response.status().as_u16();
            response.bytes().await.expect("a whole answer");
            status
        }
    });
    let statuses: Vec<u16> = asked.buffer_unordered(CONCURRENT).collect().await;
    let took = since.elapsed();
    let new = statuses.iter().filter(|status| **status == 200).count();
    assert_eq!(new, feeds.div_ceil(CHANGING), "one of {CHANGING} has news");
    rate(feeds, took)
}

#[expect(clippy::cast_precision_loss, reason = "thousands")]
fn rate(feeds: usize, took: Duration) -> f64 {
    feeds as f64 / took.as_secs_f64()
}

/// A node with all its feeds.
struct Desk {
    ctx: Arc<Context>,
    pool: Pool,
    clock: Clock,
    feeds: usize,
}

impl Desk {
    async fn open(pool: Pool, web: &Web, feeds: usize) -> Self {
        let clock = Clock::simulated(context::at("2026-11-24T05:00:00Z"), 0);
        let fetch = FetchConfig {
            allow_private: true,
            timeout_seconds: TIMEOUT_SECONDS,
            hosts: web.hosts.clone(),
            ..FetchConfig::default()
        };
        let mut settings = context::settings(&[("morning", "0 7 * * *")], Vec::new());
        settings.ingest.fetcher = Fetcher::new(&fetch).expect("a client");
        let ctx = context::context(&pool, clock.clone(), settings).await;
        Self { ctx, pool, clock, feeds }
    }

    async fn add(&self, urls: &[String]) {
        let domain = |url: &String| FeedUrl::parse(url).expect("an address").domain();
        let domains: Vec<String> = urls.iter().map(domain).collect();
        sqlx::query(
            "with added as (
                insert into feed (url, title, site, domain, added_at)
                select url, '', domain, domain, $3 from unnest($1::text[], $2::text[]) as t(url, domain) returning id)
             insert into feed_poll (feed_id, next_poll_at) select id, $3 from added",
        )
        .bind(urls)
        .bind(domains)
        .bind(self.clock.now())
        .execute(&self.pool)
        .await
        .expect("feeds");
        sqlx::query("analyze feed, feed_poll").execute(&self.pool).await.expect("analysed");
    }

    /// Makes every feed due, and polls them all; gives how long the ordinary ones took, and how long the round.
    async fn round(&self) -> (Duration, Duration) {
        self.clock.advance(Duration::from_hours(26));
        let now = self.clock.now();
        let ordinary = i64::try_from(self.feeds).expect("thousands");
        let since = Instant::now();
        let ctx = Arc::clone(&self.ctx);
        let round = tokio::spawn(async move { daemon::run_once(&ctx, Stage::Ingest).await });
        let done = "select count(*) from feed_poll where polled_at >= $1 and last_error is null";
        let mut took = None;
        while took.is_none() && !round.is_finished() {
            tokio::time::sleep(Duration::from_millis(50)).await;
            let read: i64 = sqlx::query_scalar(done).bind(now).fetch_one(&self.pool).await.expect("a number");
            took = (read >= ordinary).then(|| since.elapsed());
        }
        round.await.expect("no panic").expect("the round ends");
        let read: i64 = sqlx::query_scalar(done).bind(now).fetch_one(&self.pool).await.expect("a number");
        assert_eq!(read, ordinary, "all ordinary feeds are read");
        (took.unwrap_or_else(|| since.elapsed()), since.elapsed())
    }

    async fn number(&self, sql: &'static str) -> i64 {
        sqlx::query_scalar(sql).fetch_one(&self.pool).await.expect("a number")
    }

    /// Commits so far, as Postgres counts them; sessions report with a delay.
    async fn commits(&self) -> i64 {
        tokio::time::sleep(Duration::from_millis(1_500)).await;
        self.number("select xact_commit from pg_stat_database where datname = current_database()").await
    }
}

fn main() -> ExitCode {
    let arguments = Arguments::read();
    let runtime = tokio::runtime::Runtime::new().expect("a runtime");
    match arguments.serve {
        Some(addresses) => {
            runtime.block_on(server::serve(addresses));
            ExitCode::SUCCESS
        }
        None => runtime.block_on(measure(&arguments)),
    }
}

#[expect(clippy::cast_precision_loss, reason = "figures for people")]
async fn measure(arguments: &Arguments) -> ExitCode {
    let feeds = arguments.feeds;
    let server = Server::start(feeds.div_ceil(OF_SITE * ON_ADDRESS).max(HOSTILE.len()));
    let dir = tempfile::tempdir().expect("a directory");
    let cluster = Cluster::start(&ClusterConfig::new(dir.path())).await.expect("a private Postgres");
    let pool = store::connect(&cluster.url(), 10).await.expect("a pool");
    store::migrate(&pool).await.expect("migrated");
    let web = Web::new(feeds, server.port);
    let desk = Desk::open(pool.clone(), &web, feeds).await;
    desk.add(&web.urls[..feeds]).await;
    let (first, _) = desk.round().await;
    println!(
        "ingest: {feeds} feeds, read for the first time in {first:.1?}; {} slow or hostile sites from now on",
        HOSTILE.len()
    );
    desk.add(&web.urls[feeds..]).await;
    let (mut ratios, mut peak) = (Vec::new(), 0);
    for round in 1..=arguments.rounds {
        let used = process::cpu_seconds(std::process::id());
        let before = bare(&web, feeds, round).await;
        let loop_used = process::cpu_seconds(std::process::id()) - used;
        let commits = desk.commits().await;
        process::forget_peak();
        let articles = desk.number("select count(*) from article").await;
        let processor = || {
            let postgres = u32::try_from(cluster.pid()).expect("a process id");
            [
                process::cpu_seconds(std::process::id()),
                process::cpu_seconds_of_family(postgres),
                process::cpu_seconds(server.id()),
            ]
        };
        let used = processor();
        let (took, whole) = desk.round().await;
        let now = processor();
        let [cpu, postgres, publishers] = std::array::from_fn(|at| now[at] - used[at]);
        let new = desk.number("select count(*) from article").await - articles;
        assert_eq!(new, i64::try_from(feeds.div_ceil(CHANGING)).expect("thousands"), "every new item is stored, once");
        peak = peak.max(process::peak());
        let commits = desk.commits().await - commits;
        let after = bare(&web, feeds, round + 1).await;
        let (ours, theirs) = (rate(feeds, took), f64::midpoint(before, after));
        println!(
            "round {round}: depeche {ours:.0} polls/s, bare loop {before:.0} and {after:.0} requests/s, ratio {:.2}; {:.2} commits a poll; \
             seconds of processor: {cpu:.1}, Postgres {postgres:.1}, publishers {publishers:.1}, the bare loop {loop_used:.1}; peak {:.0} MB; the slow sites took {whole:.1?}",
            ours / theirs,
            commits as f64 / feeds as f64,
            process::peak() as f64 / 1e6,
        );
        ratios.push(ours / theirs);
    }
    ratios.sort_by(f64::total_cmp);
    let mut missed = show("polls by bare requests (median)", ratios[ratios.len() / 2], LEAST_RATIO, true);
    missed |= show("peak memory of the process, MB", peak as f64 / 1e6, MOST_BYTES / 1e6, false);
    pool.close().await;
    cluster.remove().await.expect("removed");
    ExitCode::from(u8::from(missed))
}

/// Prints a figure beside its limit; whether it misses it.
fn show(name: &str, figure: f64, limit: f64, at_least: bool) -> bool {
    let missed = if at_least { figure < limit } else { figure > limit };
    let sign = if at_least { ">=" } else { "<=" };
    println!("{name:<40} {figure:>8.2}  limit {sign} {limit:<6} {}", if missed { "MISSED" } else { "ok" });
    missed
}
