//! Measures forecasts over 100,000 stored articles, for rare, frequent and everywhere words, against a plain tsvector search in the same run.
//! Usage: `cargo bench --bench forecast -- [--articles N]`; it starts a private Postgres and ends it.
#![allow(missing_docs, clippy::expect_used, clippy::print_stdout)]

#[path = "../tests/it/support/context.rs"]
#[allow(dead_code, reason = "a bench uses the part it needs")]
mod context;

use std::time::{Duration, Instant};

use chrono::{DateTime, TimeDelta, Utc};
use depeche::{
    daemon::forecast::forecast,
    store::{
        self, Conn, Pool,
        article::NewArticle,
        cluster::{Cluster, ClusterConfig},
    },
    topic::Query,
};

/// Articles without an argument.
const ARTICLES: usize = 100_000;
/// Words of an article.
const WORDS: usize = 150;
/// Different words; the n-th occurs 1/n as often as the first, as in any language.
const VOCABULARY: usize = 60_000;
/// Articles stored per commit.
const CHUNK: usize = 2_000;
/// Times each is measured, of which the median counts.
const TIMES: usize = 5;
/// "Well under a second."
const LONGEST: Duration = Duration::from_secs(1);

/// Filters, with the same for a plain search.
const QUERIES: [(&str, &str, &str); 9] = [
    ("rare word", "m41000", "m41000"),
    ("word of 1 in 100", "m1300", "m1300"),
    ("word of 1 in 10", "m120", "m120"),
    ("word of every article", "partout", "partout"),
    ("everywhere, much left out", "partout -m1 -m2 -m3 -m4", "partout & !m1 & !m2 & !m3 & !m4"),
    ("two frequent words", "m5 m9", "m5 & m9"),
    ("prefix of everything", "par*", "par:*"),
    ("frequent phrase", "\"partout m1\"", "partout <-> m1"),
    (
        "eight alternatives",
        "m100 OR m110 OR m120 OR m130 OR m140 OR m150 OR m160 OR m170",
        "m100 | m110 | m120 | m130 | m140 | m150 | m160 | m170",
    ),
];

fn main() {
    let articles = articles(std::env::args().skip(1));
    let runtime = tokio::runtime::Runtime::new().expect("a runtime");
    let missed = runtime.block_on(async {
        let place = std::env::temp_dir().join(format!("depeche-bench-forecast-{}", std::process::id()));
        let cluster = Cluster::start(&ClusterConfig::new(&place)).await.expect("a private Postgres");
        let pool = store::connect(&cluster.url(), 4).await.expect("a pool");
        store::migrate(&pool).await.expect("the schema");
        let missed = measure(&pool, articles).await;
        pool.close().await;
        cluster.remove().await.expect("the private Postgres ends");
        // What the cluster left in it are locks and logs.
        let _ = std::fs::remove_dir_all(&place);
        missed
    });
    std::process::exit(i32::from(missed > 0));
}

/// `--articles N`; cargo's own `--bench` and name filters are passed over.
fn articles(mut args: impl Iterator<Item = String>) -> usize {
    while let Some(arg) = args.next() {
        if arg == "--articles" {
            return args.next().and_then(|n| n.parse().ok()).filter(|n| *n > 0).expect("--articles N, such as 10000");
        }
    }
    ARTICLES
}

/// Gives how many filters missed the limit.
async fn measure(pool: &Pool, articles: usize) -> usize {
    let now: DateTime<Utc> = "2026-11-24T10:00:00Z".parse().expect("an instant");
    let since = Instant::now();
    fill(pool, now, articles).await;
    println!("{articles} articles of {WORDS} words stored in {:.0?}", since.elapsed());
    let mut conn = pool.acquire().await.expect("a connection");
    let mut missed = 0;
    for (name, filter, plain) in QUERIES {
        let query = Query::parse(filter).expect(filter);
        let (mut ours, mut theirs, mut told) = (Vec::new(), Vec::new(), None);
        for _ in 0..TIMES {
            let since = Instant::now();
            told = Some(forecast(&mut conn, now, &query).await.expect("a forecast"));
            ours.push(since.elapsed());
            let since = Instant::now();
            let counted = plainly(&mut conn, plain).await;
            theirs.push((since.elapsed(), counted));
        }
        ours.sort_unstable();
        theirs.sort_unstable();
        let (took, (plainly, counted)) = (ours[TIMES / 2], theirs[TIMES / 2]);
        let told = told.expect("measured").forecast;
        let verdict = if took < LONGEST { "" } else { "  MISSED" };
        missed += usize::from(took >= LONGEST);
        println!(
            "{name}: {:.0} ms, {}{} hits (limit {} ms); plain tsvector: {:.0} ms, {counted} hits; ratio {:.2}{verdict}",
            took.as_secs_f64() * 1e3,
            if told.about { "about " } else { "" },
            told.hits,
            LONGEST.as_millis(),
            plainly.as_secs_f64() * 1e3,
            took.as_secs_f64() / plainly.as_secs_f64(),
        );
    }
    missed
}

/// What a plain search says: how many, over a GIN index, and nothing else.
async fn plainly(conn: &mut Conn, query: &'static str) -> i64 {
    sqlx::query_scalar("select count(*) from plain where words @@ to_tsquery('simple', $1)")
        .bind(query)
        .fetch_one(conn)
        .await
        .expect("a count")
}

async fn fill(pool: &Pool, now: DateTime<Utc>, articles: usize) {
    let first = now - TimeDelta::days(29);
    let mut conn = pool.acquire().await.expect("a connection");
    for month in [first, now] {
        store::ensure_month(&mut conn, month).await.expect("a month");
    }
    // Built at the end, as one builds an index over what is there.
    run(&mut conn, "drop index revision_keys").await;
    run(&mut conn, "create table plain (id bigint, words tsvector)").await;
    let feed = context::feed(pool, first, "fanal").await;
    let mut dice = Dice(7);
    let minutes = 29 * 24 * 60;
    for at in (0..articles).step_by(CHUNK) {
        let seen = first + TimeDelta::minutes(i64::try_from(at * minutes / articles).expect("small"));
        let chunk: Vec<NewArticle> = (at..articles.min(at + CHUNK))
            .map(|n| context::new_article(context::text(&format!("n{n}"), &dice.body())))
            .collect();
        let texts: Vec<&str> = chunk.iter().map(|new| new.revision.body.paragraphs[0].as_str()).collect();
        sqlx::query(
            "insert into plain select n, to_tsvector('simple', t) from unnest($1::text[]) with ordinality as u(t, n)",
        )
        .bind(texts)
        .execute(&mut *conn)
        .await
        .expect("plain texts");
        let new: Vec<_> = chunk.iter().map(|article| (feed, seen, article)).collect();
        store::article::add(&mut conn, &new).await.expect("articles");
    }
    run(&mut conn, "create index revision_keys on revision using gin (keys)").await;
    run(&mut conn, "create index plain_words on plain using gin (words)").await;
    run(&mut conn, "vacuum analyze").await;
}

async fn run(conn: &mut Conn, sql: &'static str) {
    sqlx::query(sql).execute(conn).await.expect(sql);
}

/// The same numbers in each run.
struct Dice(u64);

impl Dice {
    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        self.0 >> 33
    }

    /// A text of words that are rarer the higher their number.
    #[expect(
        clippy::cast_precision_loss,
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "a word's number out of a share"
    )]
    fn body(&mut self) -> String {
        let mut text = String::from("partout");
        for _ in 0..WORDS {
            let share = self.next() as f64 / f64::from(1_u32 << 31);
            text.push_str(&format!(" m{}", (VOCABULARY as f64).powf(share) as usize));
        }
        text
    }
}
