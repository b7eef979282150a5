//! What needs a Postgres: starting from stored filters beside a plain COPY, and the obvious design as the rival.
//! The server is private and ends with the bench.

use std::time::{Duration, Instant};

use depeche::{
    article::language::Language,
    daemon::match_articles::LiveIndex,
    store::{
        self, Pool,
        cluster::{Cluster, ClusterConfig},
    },
    topic::Query,
};
use futures_util::TryStreamExt as _;
use sqlx::{Acquire as _, Postgres, pool::PoolConnection, postgres::PgPoolCopyExt as _};

use crate::{process, synthetic};

/// A private Postgres for the length of the bench.
pub(crate) struct Database {
    cluster: Cluster,
    place: std::path::PathBuf,
    pool: Pool,
}

impl Database {
    pub(crate) async fn start() -> Self {
        let place = std::env::temp_dir().join(format!("depeche-bench-match-{}", std::process::id()));
        let cluster = Cluster::start(&ClusterConfig::new(&place)).await.expect("a private Postgres");
        let pool = store::connect(&cluster.url(), 4).await.expect("a pool");
        store::migrate(&pool).await.expect("the schema");
        Self { cluster, place, pool }
    }

    pub(crate) async fn end(self) {
        self.pool.close().await;
        self.cluster.remove().await.expect("the private Postgres ends");
        std::fs::remove_dir_all(&self.place).expect("the bench's own directory");
    }

    /// Stores the filters as subscribers' filters are stored.
    pub(crate) async fn store(&self, filters: &[String]) {
        sqlx::query("truncate filter cascade").execute(&self.pool).await.expect("emptied");
        let mut copy = self.pool.copy_in_raw("copy filter (canonical, from_seq) from stdin").await.expect("a copy");
        for page in filters.chunks(10_000) {
            let mut rows = String::new();
            for filter in page {
                rows.push_str(&filter.replace('\\', "\\\\"));
                rows.push_str("\t1\n");
            }
            copy.send(rows.into_bytes()).await.expect("sent");
        }
        copy.finish().await.expect("stored");
        sqlx::query("select setval('log_seq', 2)").execute(&self.pool).await.expect("numbered");
        sqlx::query("analyze filter").execute(&self.pool).await.expect("analysed");
    }

    /// `COPY filter TO STDOUT`, and reading every filter of it.
    pub(crate) async fn copy_and_parse(&self) -> Duration {
        let began = Instant::now();
        let mut rows = self.pool.copy_out_raw("copy filter to stdout").await.expect("a copy");
        let mut text = Vec::new();
        while let Some(bytes) = rows.try_next().await.expect("rows") {
            text.extend_from_slice(&bytes);
        }
        let text = String::from_utf8(text).expect("text");
        for row in text.lines() {
            let canonical = row.split('\t').nth(1).expect("the second column");
            std::hint::black_box(Query::parse(canonical).expect("canonical"));
        }
        began.elapsed()
    }

    /// What a node does before it matches its first article.
    pub(crate) async fn start_up(&self) -> (LiveIndex, Duration) {
        let mut conn = self.pool.acquire().await.expect("a connection");
        let index = LiveIndex::default();
        let began = Instant::now();
        index.catch_up(&mut conn).await.expect("built");
        (index, began.elapsed())
    }

    /// From the commit of new filters until the slower of these nodes has found the last of them in an article.
    pub(crate) async fn saved(&self, nodes: &[LiveIndex], filters: std::ops::Range<usize>) -> Duration {
        let mut conn = self.pool.acquire().await.expect("a connection");
        let mut tx = conn.begin().await.expect("a transaction");
        let seq = store::take_log_seq(&mut tx, 1).await.expect("a number");
        let mut id = 0;
        for n in filters.clone() {
            id = store::filter::intern(&mut tx, &format!("saved{n}"), seq).await.expect("begun");
        }
        tx.commit().await.expect("committed");
        let mut slowest = Duration::ZERO;
        let article = synthetic::analysed(&format!("une phrase saved{}", filters.end - 1), Language::UND);
        for node in nodes {
            let began = Instant::now();
            node.catch_up(&mut conn).await.expect("caught up");
            assert_eq!(node.matches(&[&article])[0], [id], "the filter is live");
            slowest = slowest.max(began.elapsed());
            node.observe([&article].into_iter());
        }
        slowest
    }

    /// The obvious design: a table of tsquery, every row asked for every article.
    pub(crate) async fn rival(&self, filters: &[String]) -> Rival {
        let mut connection = self.pool.acquire().await.expect("a connection");
        let conn = connection.acquire().await.expect("a connection");
        sqlx::raw_sql(
            "drop table if exists rival; create unlogged table rival (id bigint, query tsquery);
             set max_parallel_workers_per_gather = 0; set jit = off",
        )
        .execute(&mut *conn)
        .await
        .expect("a table");
        for page in filters.chunks(10_000) {
            let queries: Vec<String> = page.iter().map(|filter| tsquery(filter)).collect();
            sqlx::query("insert into rival select n, q::tsquery from unnest($1::text[]) with ordinality as t(q, n)")
                .bind(queries)
                .execute(&mut *conn)
                .await
                .expect("the rival's filters");
        }
        sqlx::query("vacuum analyze rival").execute(&mut *conn).await.expect("analysed");
        let backend: i32 =
            sqlx::query_scalar("select pg_backend_pid()").fetch_one(&mut *conn).await.expect("its number");
        Rival { connection, backend: backend.to_string() }
    }
}

/// The obvious design, ready for articles.
pub(crate) struct Rival {
    connection: PoolConnection<Postgres>,
    /// The server's process.
    backend: String,
}

impl Rival {
    /// Seconds of one of these articles, and the hits of all.
    #[expect(clippy::cast_precision_loss, reason = "few")]
    pub(crate) async fn articles(&mut self, texts: &[String]) -> (f64, usize) {
        let (mut spent, mut hits) = (Duration::ZERO, 0);
        for text in texts {
            let (took, found) = self.article(text).await;
            (spent, hits) = (spent + took, hits + found);
        }
        (spent.as_secs_f64() / texts.len() as f64, hits)
    }

    /// How long one article takes, and its hits. It is the server's own time on the processor, as on our side: what it takes to
    /// send the hits to us does not count.
    async fn article(&mut self, text: &str) -> (Duration, usize) {
        let conn = self.connection.acquire().await.expect("a connection");
        let vector: String = sqlx::query_scalar("select to_tsvector('simple', $1)::text")
            .bind(text)
            .fetch_one(&mut *conn)
            .await
            .expect("the article's words");
        let (began, before) = (Instant::now(), process::on_processor(&self.backend));
        let ids: Vec<i64> = sqlx::query_scalar("select id from rival where query @@ $1::tsvector")
            .bind(vector)
            .fetch_all(&mut *conn)
            .await
            .expect("hits");
        let spent = match (before, process::on_processor(&self.backend)) {
            (Some(before), Some(after)) => after.saturating_sub(before),
            _ => began.elapsed(),
        };
        (spent, ids.len())
    }
}

/// A synthetic filter in the rival's language.
fn tsquery(canonical: &str) -> String {
    let mut out = String::new();
    let mut phrase = false;
    for piece in canonical.split(' ') {
        let (opens, closes) = (piece.starts_with('"'), piece.ends_with('"'));
        let word = piece.trim_matches('"');
        match word {
            "AND" => out.push('&'),
            "OR" => out.push('|'),
            word => {
                let negated = word.strip_prefix('-');
                let joint = if phrase { "<->" } else { "&" };
                if !out.is_empty() && !out.ends_with(['&', '|', '(']) {
                    out.push_str(joint);
                }
                out.push_str(&negated.map_or_else(|| word.to_owned(), |word| format!("!{word}")));
            }
        }
        phrase = (phrase || opens) && !closes;
    }
    out
}
