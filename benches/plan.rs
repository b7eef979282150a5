//! Measures plan: one slot of many readers over a window of 500 articles, against a bare COPY of the same rows into the same tables.
//! Usage: `cargo bench --bench plan -- [--readers N]`; it starts a private Postgres and ends it.
#![allow(missing_docs, clippy::expect_used, clippy::print_stdout)]

#[path = "../tests/it/support/context.rs"]
#[allow(dead_code, reason = "a bench uses the part it needs")]
mod context;

use std::{
    path::Path,
    time::{Duration, Instant},
};

use chrono::{DateTime, TimeDelta, Utc};
use depeche::{
    clock::Clock,
    daemon::{Context, match_articles, plan},
    store::{
        self, Pool,
        cluster::{Cluster, ClusterConfig},
    },
};
use futures_util::TryStreamExt as _;

/// Readers without an argument.
const READERS: i64 = 100_000;
/// Articles in the measured window.
const ARTICLES: usize = 500;
/// Topics, of which each reader follows three; an article is of one.
const TOPICS: usize = 100;
/// One article in this many tells a story of the day before once more, as agencies and revisions do.
const AGAIN: usize = 10;
const SCHEDULE: (&str, &str) = ("morning", "0 7 * * *");

fn main() {
    let readers = readers(std::env::args().skip(1));
    let runtime = tokio::runtime::Runtime::new().expect("a runtime");
    runtime.block_on(async {
        let place = std::env::temp_dir().join(format!("depeche-bench-plan-{}", std::process::id()));
        let cluster = Cluster::start(&ClusterConfig::new(&place)).await.expect("a private Postgres");
        let pool = store::connect(&cluster.url(), 4).await.expect("a pool");
        store::migrate(&pool).await.expect("the schema");
        measure(&pool, readers).await;
        pool.close().await;
        cluster.remove().await.expect("the private Postgres ends");
        remove(&place);
    });
}

/// `--readers N`; cargo's own `--bench` and name filters are passed over.
fn readers(mut args: impl Iterator<Item = String>) -> i64 {
    while let Some(arg) = args.next() {
        if arg == "--readers" {
            return args.next().and_then(|n| n.parse().ok()).filter(|n| *n > 0).expect("--readers N, such as 10000");
        }
    }
    READERS
}

fn remove(place: &Path) {
    // What the cluster left in it are locks and logs; a failure leaves some kilobytes in the temporary directory.
    let _ = std::fs::remove_dir_all(place);
}

fn at(text: &str) -> DateTime<Utc> {
    text.parse().expect("an instant")
}

async fn measure(pool: &Pool, readers: i64) {
    let now = at("2026-11-23T10:00:00Z");
    let ctx = context::context(pool, Clock::System, context::settings(&[SCHEDULE], Vec::new())).await;
    let mut feeds = Vec::new();
    for n in 0..10 {
        feeds.push(context::feed(pool, now, &format!("feed{n}")).await);
    }
    for n in 0..TOPICS {
        context::topic(pool, now, &format!("topic{n}"), &format!("sujet{n}")).await;
    }
    enter(pool, now, readers).await;
    println!("{readers} readers of 3 topics of {TOPICS}, {ARTICLES} articles a day");
    let mut copied = Vec::new();
    for day in 0..2 {
        let (now, cut_off) = (now + TimeDelta::days(day), at("2026-11-24T05:46:00Z") + TimeDelta::days(day));
        let matching = Instant::now();
        write(&ctx, now, &feeds, usize::try_from(day).expect("small")).await;
        println!("day {day}: {ARTICLES} articles stored and matched in {:.1?}", matching.elapsed());
        let planning = Instant::now();
        let did = plan::run_once(&ctx, cut_off).await.expect("plan runs").did - 1;
        report("plan", planning.elapsed(), did);
        copied.push((planning.elapsed(), did));
    }
    let (planned, digests) = copied.pop().expect("two days");
    let bare = bare_copy(pool).await;
    report("bare COPY", bare, digests);
    println!(
        "ratio: {:.2} (plan's time by that of a bare COPY of the same rows)",
        planned.as_secs_f64() / bare.as_secs_f64()
    );
}

#[expect(clippy::cast_precision_loss, reason = "a time per digest needs no more digits")]
fn report(what: &str, took: Duration, digests: usize) {
    println!("  {what}: {digests} digests in {took:.2?}, {:.1} us a digest", took.as_secs_f64() * 1e6 / digests as f64);
}

/// Readers with three topics each, all at one number before any article.
async fn enter(pool: &Pool, now: DateTime<Utc>, readers: i64) {
    sqlx::query(
        "insert into subscriber (address_key, address, status, status_at, language, reads, zone, created_at, confirmed_at)
         select n || '@lecteurs.example', n || '@lecteurs.example', 2, $1, 'fr', '{}', 'Europe/Paris', $1, $1
         from generate_series(1, $2) as n",
    )
    .bind(now)
    .bind(readers)
    .execute(pool)
    .await
    .expect("readers");
    sqlx::query(
        "with number as (select take_log_seq(1) as seq)
         insert into subscription (subscriber_id, topic_id, schedule_id, zone, from_seq, created_at)
         select s.id, 1 + (s.id * 7 + t * (1 + s.id % 5)) % $3, (select id from schedule where name = $2), 'Europe/Paris', seq, $1
         from number, subscriber s, generate_series(0, 2) as t",
    )
    .bind(now)
    .bind(SCHEDULE.0)
    .bind(i64::try_from(TOPICS).expect("small"))
    .execute(pool)
    .await
    .expect("links");
    sqlx::query("analyze").execute(pool).await.expect("analysed");
}

/// One day's articles, some of them twins of the day before.
async fn write(ctx: &std::sync::Arc<Context>, now: DateTime<Utc>, feeds: &[i64], day: usize) {
    for n in 0..ARTICLES {
        let story = if day > 0 && n % AGAIN == 0 { n } else { day * ARTICLES + n };
        let body: String = (0..40).map(|word| format!("mot{story}x{word} ")).collect();
        let text = context::text(&format!("Le sujet{} du jour {day} numero {n}", n % TOPICS), &body);
        context::article(&ctx.pool, now, feeds[(n + day) % feeds.len()], text).await;
    }
    while match_articles::run_once(ctx, now).await.expect("match runs").did > 0 {}
}

/// Takes the rows of the last slot out and copies them in again under another time, in one statement a table.
async fn bare_copy(pool: &Pool) -> Duration {
    let mut conn = pool.acquire().await.expect("a connection");
    let mut out = async |sql: &'static str| {
        let chunks = conn.copy_out_raw(sql).await.expect("rows come out");
        chunks
            .try_fold(Vec::new(), async |mut all, chunk| {
                all.extend_from_slice(&chunk);
                Ok(all)
            })
            .await
            .expect("all of them")
    };
    let digests =
        out("copy (select slot_at + interval '1 day', slot_id, subscriber_id, lead_key, items, stories from digest
               where slot_id = (select max(id) from slot)) to stdout")
        .await;
    let deliveries = out(
        "copy (select slot_at + interval '1 day', batch_no, n, subscriber_id, kind, state, reason, at from delivery
               where slot_at = (select slot_at from slot order by id desc limit 1)) to stdout",
    )
    .await;
    let since = Instant::now();
    for (sql, rows) in [
        ("copy digest (slot_at, slot_id, subscriber_id, lead_key, items, stories) from stdin", digests),
        ("copy delivery (slot_at, batch_no, n, subscriber_id, kind, state, reason, at) from stdin", deliveries),
    ] {
        let mut copy = conn.copy_in_raw(sql).await.expect("rows go in");
        copy.send(rows).await.expect("all of them");
        copy.finish().await.expect("committed");
    }
    since.elapsed()
}
