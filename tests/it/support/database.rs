//! Gives each test an empty, migrated database of its own on one private Postgres per test run.
//! It leaves nothing behind, even when the test process is killed: a watchdog waits for its end.

use std::fs::{self, DirBuilder};
use std::os::unix::fs::DirBuilderExt;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::OnceLock;
use std::sync::atomic::{AtomicU32, Ordering};

use depeche::store::cluster::{Cluster, ClusterConfig};
use sqlx::postgres::{PgConnectOptions, PgPoolOptions};
use sqlx::{AssertSqlSafe, ConnectOptions, Connection, Executor, PgPool};

/// A copy of the migrated template; dropped at the end of its test.
#[derive(Debug)]
pub(crate) struct TestDatabase {
    pub(crate) pool: PgPool,
    pub(crate) url: String,
    name: String,
}

/// Enough for the stages of one test side by side; the server has 60 for all of them.
const CONNECTIONS: u32 = 8;

/// A directory that ends with this process: on end of file of its standard input the watchdog stops every postmaster
/// below the directory and deletes it. Its own session keeps it alive when the terminal interrupts the tests.
#[derive(Debug)]
pub(crate) struct Scratch {
    path: PathBuf,
    _watchdog: Child,
}

/// Immediate stop: what the tests wrote is to be deleted. Twenty seconds at most for the postmasters to go.
const WATCHDOG: &str = r#"
cat >/dev/null
for place in "$1" $(cat "$1"/*/postgres.elsewhere "$1"/postgres.elsewhere 2>/dev/null); do
    find "$place" -maxdepth 5 -name postmaster.pid 2>/dev/null | while read -r file; do
        pid=$(head -n 1 "$file")
        kill -QUIT "$pid" 2>/dev/null
        n=0
        while [ $n -lt 200 ] && [ -e "$file" ]; do sleep 0.1; n=$((n + 1)); done
    done
    rm -rf "$place"
done
"#;

impl Scratch {
    /// # Panics
    /// When the directory cannot be made or the watchdog cannot be started.
    pub(crate) fn new(name: &str) -> Self {
        static COUNT: AtomicU32 = AtomicU32::new(0);
        let count = COUNT.fetch_add(1, Ordering::Relaxed);
        // /tmp is short enough for sockets and open to the account that the server runs under.
        let path = PathBuf::from(format!("/tmp/depeche-test-{}-{count}-{name}", std::process::id()));
        DirBuilder::new().mode(0o755).create(&path).expect("a new directory in /tmp");
        let mut shell = Command::new("setsid");
        shell.args(["sh", "-c", WATCHDOG, "sh"]).arg(&path);
        shell.stdin(Stdio::piped()).stdout(Stdio::null()).stderr(Stdio::null());
        let watchdog = shell.spawn().expect("setsid and sh are there");
        Self { path, _watchdog: watchdog }
    }

    pub(crate) fn path(&self) -> &Path {
        &self.path
    }
}

/// The one server of this test process, made at its first use and ended by the watchdog.
struct Shared {
    admin: PgConnectOptions,
    _cluster: Cluster,
    _scratch: Scratch,
}

const TEMPLATE: &str = "depeche_template";

fn shared() -> &'static Shared {
    static SHARED: OnceLock<Shared> = OnceLock::new();
    // A thread with a runtime of its own: the first test's runtime ends with the first test.
    SHARED.get_or_init(|| in_own_runtime(start_shared))
}

fn in_own_runtime<T: Send, F: Future<Output = T>>(work: impl FnOnce() -> F + Send) -> T {
    std::thread::scope(|scope| {
        let runtime = || tokio::runtime::Builder::new_current_thread().enable_all().build().expect("a runtime");
        scope.spawn(move || runtime().block_on(work())).join().expect("the database thread does not panic")
    })
}

async fn start_shared() -> Shared {
    let scratch = Scratch::new("shared");
    let config = ClusterConfig { durable: false, ..ClusterConfig::new(scratch.path()) };
    let cluster = Cluster::start(&config).await.expect("a private Postgres");
    let admin = cluster.connect_options();
    let mut connection = admin.connect().await.expect("a connection");
    connection.execute(AssertSqlSafe(format!("create database {TEMPLATE}"))).await.expect("a template");
    connection.close().await.expect("closed");
    let mut connection = admin.clone().database(TEMPLATE).connect().await.expect("a connection");
    sqlx::migrate!().run(&mut connection).await.expect("the migrations run");
    connection.close().await.expect("closed");
    Shared { admin, _cluster: cluster, _scratch: scratch }
}

impl TestDatabase {
    /// # Panics
    /// When there is no server to be had.
    pub(crate) async fn new() -> Self {
        static COUNT: AtomicU32 = AtomicU32::new(0);
        let admin = &shared().admin;
        let name = format!("test_{}", COUNT.fetch_add(1, Ordering::Relaxed));
        let mut connection = admin.connect().await.expect("a connection");
        let copy = format!("create database {name} template {TEMPLATE}");
        connection.execute(AssertSqlSafe(copy)).await.expect("a copy of the template");
        connection.close().await.expect("closed");
        let options = admin.clone().database(&name);
        let url = options.to_url_lossy().to_string();
        let pool = PgPoolOptions::new().max_connections(CONNECTIONS).connect_with(options).await.expect("a pool");
        Self { pool, url, name }
    }
}

impl Drop for TestDatabase {
    /// Best effort: the watchdog deletes the whole server anyway, this only keeps it small while tests run.
    fn drop(&mut self) {
        let admin = shared().admin.clone();
        let drop = format!("drop database if exists {} with (force)", self.name);
        in_own_runtime(|| async move {
            if let Ok(mut connection) = admin.connect().await {
                let _ = connection.execute(AssertSqlSafe(drop)).await;
            }
        });
    }
}
