//! Measures ingest: a round over 10,000 feeds, 9 of 10 answering 304, with slow and hostile sites among them, beside a bare loop
//! of the same HTTP client over the same addresses. The publishers are a process of their own; Postgres is a private one.
//!
//! `cargo bench --bench ingest -- [--feeds 10000] [--rounds 3] [--tls]`; with `--tls` all of it is https. A missed limit ends it with 1.
#![allow(missing_docs, dead_code, clippy::expect_used, clippy::print_stdout)]

#[path = "../tests/it/support/certificates.rs"]
mod certificates;
#[path = "../tests/it/support/context.rs"]
mod context;
#[path = "ingest/process.rs"]
mod process;
#[path = "ingest/server.rs"]
mod server;
#[path = "ingest/web.rs"]
mod web;

use std::{
    path::PathBuf,
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
use server::{CHANGING, HOSTILE, OF_SITE, ON_ADDRESS, Server};
use web::{TIMEOUT_SECONDS, Web, bare, rate};

const LEAST_RATIO: f64 = 0.7;
const MOST_BYTES: f64 = 150e6;

struct Arguments {
    feeds: usize,
    rounds: usize,
    tls: bool,
    serve: Option<usize>,
    certificates: Option<PathBuf>,
}

impl Arguments {
    fn read() -> Self {
        let mut read = Self { feeds: 10_000, rounds: 3, tls: false, serve: None, certificates: None };
        let mut arguments = std::env::args().skip(1);
        while let Some(argument) = arguments.next() {
            let mut next = || arguments.next().expect("a value after it");
            let number = |text: String| text.parse().expect("a number after it");
            match argument.as_str() {
                "--feeds" => read.feeds = number(next()),
                "--rounds" => read.rounds = number(next()),
                "--tls" => read.tls = true,
                // The bench's own second process.
                "--serve" => read.serve = Some(number(next())),
                "--certificates" => read.certificates = Some(next().into()),
                // cargo's own.
                "--bench" => {}
                other => panic!("{other}: --feeds N, --rounds N and --tls are known"),
            }
        }
        read
    }
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
            ca_file: web.ca_file.clone(),
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
            runtime.block_on(server::serve(addresses, arguments.certificates.as_deref()));
            ExitCode::SUCCESS
        }
        None => runtime.block_on(measure(&arguments)),
    }
}

#[expect(clippy::cast_precision_loss, reason = "figures for people")]
async fn measure(arguments: &Arguments) -> ExitCode {
    let feeds = arguments.feeds;
    let dir = tempfile::tempdir().expect("a directory");
    let addresses = feeds.div_ceil(OF_SITE * ON_ADDRESS).max(HOSTILE.len());
    let certificates = arguments.tls.then(|| server::certify(dir.path(), addresses));
    let server = Server::start(addresses, certificates.as_deref());
    let cluster = Cluster::start(&ClusterConfig::new(dir.path())).await.expect("a private Postgres");
    let pool = store::connect(&cluster.url(), 10).await.expect("a pool");
    store::migrate(&pool).await.expect("migrated");
    let web = Web::new(feeds, server.port, certificates.map(|directory| directory.join(server::AUTHORITY)));
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
