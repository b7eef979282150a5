//! Shows that two nodes miss no filter and match none after its end, while articles pour in and filters come and go.
//! What a filter means is tested in `language`; here the plain definition is taken for granted.

use std::{
    collections::BTreeMap,
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    time::Duration,
};

use chrono::{DateTime, TimeDelta, Utc};
use depeche::{
    clock::Clock,
    daemon::{Context, forecast, match_articles, sweep},
    store::{self, Conn, Pool},
    topic::{Analysed, Query, decode_ids},
};

use crate::support::{
    TestDatabase,
    context::{article, at, context, feed, settings, text},
    wait_until,
};

const ARTICLES: usize = 240;
const CHANGES: usize = 80;
/// Words of the articles; few, so that every filter has hits all the time.
const WORDS: [&str; 8] = ["tramway", "vélo", "gare", "pont", "canal", "marché", "école", "musée"];
/// Stands in every article, so that each has a match and with it a number.
const ALWAYS: &str = "toujours";
const LIMIT: Duration = Duration::from_mins(3);

/// When each filter lived: canonical text, first number, first number after its end. A filter may live several times.
type Lives = Vec<(String, i64, Option<i64>)>;

fn now() -> DateTime<Utc> {
    at("2026-11-24T14:00:00Z")
}

fn word(n: usize) -> &'static str {
    WORDS[n % WORDS.len()]
}

fn filter(n: usize) -> String {
    let (a, b) = (word(n * 3), word(n * 5 + 1));
    let typed = match n % 4 {
        0 => a.to_owned(),
        1 => format!("{a} OR {b}"),
        2 => format!("{ALWAYS} -{b}"),
        _ => format!("{a} {ALWAYS}"),
    };
    Query::parse(&typed).expect("a filter").to_string()
}

/// Begins one filter and, in every second change, ends the oldest one that is alive, at one number each.
async fn change(pool: &Pool, n: usize, lives: &mut Lives) {
    let mut tx = pool.begin().await.expect("a transaction");
    let seq = store::take_log_seq(&mut tx, 1).await.expect("a number");
    if n % 2 == 1
        && let Some(at) = lives.iter().position(|(canonical, _, until)| canonical != ALWAYS && until.is_none())
    {
        let id: i64 = sqlx::query_scalar("select id from filter where canonical = $1")
            .bind(&lives[at].0)
            .fetch_one(&mut *tx)
            .await
            .expect("it was begun");
        assert_eq!(store::filter::end_unused(&mut tx, &[id], seq).await.expect("ended"), 1);
        lives[at].2 = Some(seq);
    }
    let canonical = filter(n);
    if !lives.iter().any(|life| life.0 == canonical && life.2.is_none()) {
        store::filter::intern(&mut tx, &canonical, seq).await.expect("begun");
        lives.push((canonical, seq, None));
    }
    // Others must wait for a commit that is late, not pass it by.
    if n.is_multiple_of(7) {
        sqlx::query("select pg_sleep(0.02)").execute(&mut *tx).await.expect("slept");
    }
    tx.commit().await.expect("committed");
}

async fn match_until(ctx: Arc<Context>, done: Arc<AtomicBool>) -> usize {
    let mut matched = 0;
    loop {
        let last = done.load(Ordering::Acquire);
        let did = match_articles::run_once(&ctx, now()).await.expect("match runs").did;
        matched += did;
        if did == 0 && last {
            return matched;
        }
        tokio::task::yield_now().await;
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn two_nodes_miss_no_filter_and_match_none_after_its_end() {
    let database = TestDatabase::new().await;
    let pool = &database.pool;
    let nodes = [
        context(pool, Clock::System, settings(&[], Vec::new())).await,
        context(pool, Clock::System, settings(&[], Vec::new())).await,
    ];
    let feed = feed(pool, now(), "fanal").await;
    let mut lives: Lives = Vec::new();
    let mut tx = pool.begin().await.expect("a transaction");
    let seq = store::take_log_seq(&mut tx, 1).await.expect("a number");
    store::filter::intern(&mut tx, ALWAYS, seq).await.expect("begun");
    lives.push((ALWAYS.to_owned(), seq, None));
    tx.commit().await.expect("committed");
    let done = Arc::new(AtomicBool::new(false));
    let stages = nodes.map(|ctx| tokio::spawn(match_until(ctx, Arc::clone(&done))));
    let pouring = async {
        for n in 0..ARTICLES {
            let body = format!("{} {} {} {ALWAYS} n{n}", word(n), word(n / 3), word(n / 7 + 2));
            article(pool, now(), feed, text(&format!("a{n}"), &body)).await;
        }
    };
    let changing = async {
        for n in 0..CHANGES {
            change(pool, n, &mut lives).await;
        }
    };
    tokio::join!(pouring, changing);
    done.store(true, Ordering::Release);
    let mut matched = 0;
    for stage in stages {
        matched += stage.await.expect("the stage ends");
    }
    assert_eq!(matched, ARTICLES, "each article is matched by one node");
    held_to_the_log(pool, &lives).await;
}

/// An upgrade comes while articles wait: what another version of the analyser left is read anew from the text.
#[tokio::test]
async fn an_article_that_another_version_analysed_is_matched_all_the_same() {
    let database = TestDatabase::new().await;
    let pool = &database.pool;
    let ctx = context(pool, Clock::System, settings(&[], Vec::new())).await;
    let mut lives = Lives::new();
    change(pool, 0, &mut lives).await;
    let feed = feed(pool, now(), "fanal").await;
    let old = article(pool, now(), feed, text("Le tramway", "Le tramway passe.")).await;
    let damaged = article(pool, now(), feed, text("Encore le tramway", "Un tramway passe, dit-on.")).await;
    for (id, bytes) in [(old, vec![1_u8, 0]), (damaged, Vec::new())] {
        let changed =
            sqlx::query("update revision set analysed = $2 where article_id = $1").bind(id).bind(bytes).execute(pool);
        assert_eq!(changed.await.expect("changed").rows_affected(), 1);
    }
    match_articles::run_once(&ctx, now()).await.expect("match");
    let matched: Vec<i64> =
        sqlx::query_scalar("select article_id from match order by article_id").fetch_all(pool).await.expect("matches");
    assert_eq!(matched, [old, damaged]);
}

/// After an upgrade forecasts find the articles of the last days again, and what is older is left as it was.
#[tokio::test]
async fn articles_that_an_older_analyser_read_are_found_by_forecasts_after_a_sweep() {
    let database = TestDatabase::new().await;
    let pool = &database.pool;
    let ctx = context(pool, Clock::System, settings(&[], Vec::new())).await;
    let feed = feed(pool, now(), "fanal").await;
    for day in [0, 1, 40] {
        let seen = now() - TimeDelta::days(day);
        article(pool, seen, feed, text(&format!("Le tramway {day}"), "Le tramway passe.")).await;
    }
    let upgraded = sqlx::query("update revision set analyser = 1, analysed = '\\x0100', keys = '{}'").execute(pool);
    assert_eq!(upgraded.await.expect("changed").rows_affected(), 3);
    let mut conn = pool.acquire().await.expect("a connection");
    let query = Query::parse("tramway").expect("a filter");
    let hits = async |conn: &mut Conn| forecast::forecast(conn, now(), &query).await.expect("a forecast").forecast.hits;
    assert_eq!(hits(&mut conn).await, 0);
    sweep::run_once(&ctx, now()).await.expect("a sweep");
    assert_eq!(hits(&mut conn).await, 2);
    let left: i64 =
        sqlx::query_scalar("select count(*) from revision where analyser = 1").fetch_one(pool).await.expect("a number");
    assert_eq!(left, 1, "no forecast looks at it");
    let again = sweep::run_once(&ctx, now()).await.expect("a sweep");
    assert_eq!((again.did, again.more), (0, false));
}

/// Compares every match row with the plain definition over the filters that were alive at its number.
async fn held_to_the_log(pool: &Pool, lives: &Lives) {
    let ids: Vec<(i64, String)> =
        sqlx::query_as("select id, canonical from filter").fetch_all(pool).await.expect("the filters");
    let ids: BTreeMap<String, i64> = ids.into_iter().map(|(id, canonical)| (canonical, id)).collect();
    let rows: Vec<(i64, Vec<u8>, Vec<u8>)> = sqlx::query_as(
        "select m.seq, m.filters, r.analysed from match m join revision r on r.article_id = m.article_id and r.rev = m.rev",
    )
    .fetch_all(pool)
    .await
    .expect("the matches");
    assert_eq!(rows.len(), ARTICLES);
    let (mut hits, mut others) = (0, 0);
    for (seq, filters, analysed) in rows {
        let analysed = Analysed::from_bytes(&analysed).expect("stored");
        let alive = lives.iter().filter(|(_, from, until)| *from <= seq && until.is_none_or(|until| seq < until));
        let mut wanted: Vec<i64> = alive
            .filter(|(canonical, ..)| Query::parse(canonical).expect("canonical").matches(&analysed))
            .map(|(canonical, ..)| ids[canonical])
            .collect();
        wanted.sort_unstable();
        assert_eq!(decode_ids(&filters).expect("stored"), wanted, "at {seq}");
        hits += wanted.len();
        others += ids.len() - wanted.len();
    }
    assert!(hits > 2 * ARTICLES && others > ARTICLES, "{hits} hits and {others} others show nothing");
}

#[tokio::test]
async fn a_saved_filter_is_live_on_every_node_for_the_next_article() {
    let database = TestDatabase::new().await;
    let pool = &database.pool;
    let feed = feed(pool, now(), "fanal").await;
    for node in 0..2 {
        let ctx = context(pool, Clock::System, settings(&[], Vec::new())).await;
        match_articles::run_once(&ctx, now()).await.expect("the index is built");
        let canonical = format!("w{node}");
        let mut tx = pool.begin().await.expect("a transaction");
        let seq = store::take_log_seq(&mut tx, 1).await.expect("a number");
        let id = store::filter::intern(&mut tx, &canonical, seq).await.expect("begun");
        tx.commit().await.expect("committed");
        article(pool, now(), feed, text(&format!("t{node}"), &format!("{canonical} et rien"))).await;
        wait_until("the article to be matched", LIMIT, || async {
            (match_articles::run_once(&ctx, now()).await.expect("match runs").did == 0).then_some(())
        })
        .await;
        let filters: Vec<u8> = sqlx::query_scalar("select filters from match order by seq desc limit 1")
            .fetch_one(pool)
            .await
            .expect("a match");
        assert_eq!(decode_ids(&filters), Ok(vec![id]));
    }
}

/// So many new filters that the index is rebuilt after the next article.
const MANY: i32 = 10_100;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn filters_come_and_go_while_the_index_is_rebuilt_beside_its_use() {
    let database = TestDatabase::new().await;
    let pool = &database.pool;
    let feed = feed(pool, now(), "fanal").await;
    let ctx = context(pool, Clock::System, settings(&[], Vec::new())).await;
    match_articles::run_once(&ctx, now()).await.expect("the index is built");
    let mut tx = pool.begin().await.expect("a transaction");
    let seq = store::take_log_seq(&mut tx, 1).await.expect("a number");
    let many = "insert into filter (canonical, from_seq) select 'w' || n, $1 from generate_series(1, $2) as n";
    sqlx::query(many).bind(seq).bind(MANY).execute(&mut *tx).await.expect("begun");
    let one_of_many: i64 =
        sqlx::query_scalar("select id from filter where canonical = 'w5'").fetch_one(&mut *tx).await.expect("an id");
    tx.commit().await.expect("committed");
    let mut alive: Vec<i64> = Vec::new();
    for n in 0..24 {
        let mut tx = pool.begin().await.expect("a transaction");
        let seq = store::take_log_seq(&mut tx, 1).await.expect("a number");
        alive.push(store::filter::intern(&mut tx, &format!("x{n}"), seq).await.expect("begun"));
        if alive.len() > 2 {
            let ended = store::filter::end_unused(&mut tx, &[alive.remove(0)], seq).await.expect("ended");
            assert_eq!(ended, 1);
        }
        tx.commit().await.expect("committed");
        let all: Vec<String> = (0..=n).map(|n| format!("x{n}")).collect();
        article(pool, now(), feed, text(&format!("t{n}"), &format!("w5 {}", all.join(" ")))).await;
        while match_articles::run_once(&ctx, now()).await.expect("match runs").did > 0 {}
        let last = sqlx::query_scalar("select filters from match order by seq desc limit 1").fetch_one(pool);
        let mut found = decode_ids(&last.await.map(|bytes: Vec<u8>| bytes).expect("a match")).expect("stored");
        found.sort_unstable();
        let mut wanted: Vec<i64> = alive.iter().copied().chain([one_of_many]).collect();
        wanted.sort_unstable();
        assert_eq!(found, wanted, "after article {n}");
    }
}
