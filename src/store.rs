//! Keeps everything in Postgres: one file per noun, all SQL, and the private cluster.
//! It decides nothing about digests or mails; the stages do.

pub mod act;
pub mod article;
pub mod audit;
pub mod batch;
pub mod bundle;
pub mod cluster;
pub mod delivery;
pub mod digest;
pub mod doubt;
pub mod feed;
pub mod filter;
pub mod forecast;
pub mod hold;
pub mod letter;
pub mod matches;
pub mod membership;
pub mod node;
pub mod notice;
pub mod reader;
pub mod retry;
pub mod schedule;
pub mod schema;
pub mod slot;
pub mod story;
pub mod subscriber;
pub mod subscription;
pub mod suppression;
pub mod topic;
pub mod topic_draft;
pub mod websub;
pub mod wire;

use std::time::Duration;

use sqlx::ConnectOptions as _;
use sqlx::postgres::{PgConnectOptions, PgPoolOptions};
use tokio::time::timeout;

/// A connection or an open transaction; every query takes it first.
pub type Conn = sqlx::PgConnection;
/// Connections kept open to Postgres.
pub type Pool = sqlx::PgPool;
/// An open transaction.
pub type Transaction<'c> = sqlx::Transaction<'c, sqlx::Postgres>;
/// Why a query gave nothing.
pub type Error = sqlx::Error;
/// A connection lent by a pool.
pub type PooledConn = sqlx::pool::PoolConnection<sqlx::Postgres>;
/// What a query gives.
pub type Result<T> = std::result::Result<T, sqlx::Error>;

/// Rows that one commit may number at most: the advisory lock is held while they are written.
pub const MAX_NUMBERED_ROWS: usize = 10_000;

/// How long a caller waits for a free connection before the database counts as down.
const ACQUIRE_TIMEOUT: Duration = Duration::from_secs(10);

/// Why the store could not be opened.
#[derive(Debug, thiserror::Error)]
pub enum StoreError {
    /// The address of the database is not one.
    #[error("`{0}` is not a Postgres address; `postgres://user@host/database` is one")]
    Url(String),
    /// Postgres could not be reached or refused us.
    #[error("cannot reach Postgres: {0}; is it running, and is DATABASE_URL right?")]
    Connect(#[source] sqlx::Error),
    /// The server is too old or too new.
    #[error("Postgres {0} is not supported; depeche runs on 14 to 18")]
    Version(i32),
    /// A migration did not apply.
    #[error("the schema could not be brought up to date: {0}; nothing of the failed step was applied")]
    Migrate(#[from] sqlx::migrate::MigrateError),
}

/// Opens a pool of at most `connections` connections.
pub async fn connect(url: &str, connections: u32) -> std::result::Result<Pool, StoreError> {
    let options: PgConnectOptions = url.parse().map_err(|_| StoreError::Url(without_password(url)))?;
    let options = options.application_name("depeche");
    let pool = PgPoolOptions::new().max_connections(connections).acquire_timeout(ACQUIRE_TIMEOUT);
    let pool = match pool.connect_with(options.clone()).await {
        // The pool waits for a server that starts, and keeps to itself what it waited for.
        Err(sqlx::Error::PoolTimedOut) => match timeout(ACQUIRE_TIMEOUT, options.connect()).await {
            Ok(Err(error)) => return Err(StoreError::Connect(error)),
            _ => return Err(StoreError::Connect(sqlx::Error::PoolTimedOut)),
        },
        opened => opened.map_err(StoreError::Connect)?,
    };
    let version = sqlx::query_scalar!(r#"select current_setting('server_version_num')::int / 10000 as "version!""#)
        .fetch_one(&pool)
        .await
        .map_err(StoreError::Connect)?;
    if !(14..=18).contains(&version) {
        return Err(StoreError::Version(version));
    }
    Ok(pool)
}

/// Brings the schema up to date under sqlx's migration lock; a second node waits for the first.
pub async fn migrate(pool: &Pool) -> std::result::Result<(), StoreError> {
    Ok(sqlx::migrate!().run(pool).await?)
}

/// Opens a transaction; it leaves nothing unless it is committed.
pub async fn begin(conn: &mut Conn) -> Result<Transaction<'_>> {
    sqlx::Connection::begin(conn).await
}

/// Opens a transaction that sees one instant and can write nothing: what previews run in.
pub async fn begin_read_only(pool: &Pool) -> Result<Transaction<'static>> {
    pool.begin_with("begin isolation level repeatable read read only").await
}

/// Creates the partitions of the month of `at` where they are absent.
pub async fn ensure_month(conn: &mut Conn, at: chrono::DateTime<chrono::Utc>) -> Result<()> {
    sqlx::query!("select ensure_month($1)", at).execute(conn).await.map(drop)
}

/// Takes `n` numbers in commit order; the last act before the commit.
pub async fn take_log_seq(conn: &mut Conn, n: usize) -> Result<i64> {
    let n = i64::try_from(n).expect("bounded by MAX_NUMBERED_ROWS");
    sqlx::query_scalar!(r#"select take_log_seq($1) as "seq!""#, n).fetch_one(conn).await
}

/// Closes the log: every number up to the returned one is committed or never will be.
pub async fn log_head(conn: &mut Conn) -> Result<i64> {
    sqlx::query_scalar!(r#"select log_head() as "seq!""#).fetch_one(conn).await
}

/// The last number given out, without closing: for looks ahead that write nothing.
pub async fn log_peek(conn: &mut Conn) -> Result<i64> {
    sqlx::query_scalar!(r#"select case when is_called then last_value else 0 end as "seq!" from log_seq"#)
        .fetch_one(conn)
        .await
}

/// Whether Postgres may take the same a little later: it is away, starting, stopping, full, or chose us as a deadlock's victim.
pub fn is_passing(error: &sqlx::Error) -> bool {
    match error {
        sqlx::Error::Io(_) | sqlx::Error::Tls(_) | sqlx::Error::Protocol(_) | sqlx::Error::PoolTimedOut => true,
        sqlx::Error::Database(error) => {
            error.code().is_some_and(|code| ["08", "40", "53", "57"].iter().any(|class| code.starts_with(class)))
        }
        _ => false,
    }
}

fn without_password(url: &str) -> String {
    match (url.find("://"), url.rfind('@')) {
        (Some(scheme), Some(at)) if scheme + 3 < at => {
            let user = url[scheme + 3..at].split(':').next().unwrap_or_default();
            format!("{}{user}{}", &url[..scheme + 3], &url[at..])
        }
        _ => url.to_owned(),
    }
}
