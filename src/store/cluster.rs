//! Runs a private Postgres below the data directory, for those who have no `DATABASE_URL`.
//! It holds no tables of its own; schema and queries are the rest of the store.

mod account;
mod error;
mod place;
mod programs;
mod server;
mod upgrade;

use std::fs::{self, File};
use std::io;
use std::path::{Path, PathBuf};

use sqlx::error::DatabaseError;
use sqlx::postgres::{PgConnectOptions, PgConnection, PgSslMode};
use sqlx::{ConnectOptions, Connection, Executor};

pub use error::ClusterError;

use account::RunAs;
use error::at;
use place::Place;
use server::{NAME, Server};

/// What the private Postgres needs to know.
#[derive(Debug, Clone)]
pub struct ClusterConfig {
    /// depeche's data directory; the server's files go to `postgres` below it, or elsewhere where root's server account may enter.
    pub data_dir: PathBuf,
    /// A directory with `initdb` and `postgres`, the only one to look in; `None` looks in the usual places.
    pub programs: Option<PathBuf>,
    /// `false` gives up what a power cut or a killed system would need, for the speed of tests and demo.
    pub durable: bool,
}

impl ClusterConfig {
    /// A durable cluster with the programs that the system has.
    pub fn new(data_dir: impl Into<PathBuf>) -> Self {
        Self { data_dir: data_dir.into(), programs: None, durable: true }
    }
}

/// A running private Postgres and this process's share in it: whoever lets go last stops the server.
#[derive(Debug)]
pub struct Cluster {
    config: ClusterConfig,
    data_dir: PathBuf,
    place: Place,
    server: Server,
    /// Shared with every process that uses the server.
    users: File,
    /// Exclusive, for the one daemon.
    _daemon: Option<File>,
    stopped: bool,
}

/// Postgres's code for a database that does not exist.
const INVALID_CATALOG_NAME: &str = "3D000";

impl Cluster {
    /// For the daemon: takes the data directory for itself, then starts the server or takes over one that a killed daemon left.
    pub async fn start(config: &ClusterConfig) -> Result<Self, ClusterError> {
        Self::open(config, true).await
    }

    /// For the other commands: uses the server of a running daemon, or starts one for as long as the command takes.
    pub async fn join(config: &ClusterConfig) -> Result<Self, ClusterError> {
        Self::open(config, false).await
    }

    async fn open(config: &ClusterConfig, for_daemon: bool) -> Result<Self, ClusterError> {
        fs::create_dir_all(&config.data_dir).map_err(at("create", &config.data_dir))?;
        let data_dir = config.data_dir.canonicalize().map_err(at("resolve", &config.data_dir))?;
        let existing = Place::existing(&data_dir)?;
        let (data, owner) =
            existing.as_ref().map_or((data_dir.clone(), None), |place| (place.data(), place.data_owner()));
        let run_as = RunAs::choose(&data, owner)?;
        let place = match existing {
            Some(place) => place,
            None => Place::create(&data_dir, &run_as).await?,
        };
        if place.is_elsewhere() {
            let (database, account) = (place.root().display(), run_as.name());
            tracing::info!(data_dir = %data_dir.display(), %database, "the account {account} may not enter data_dir; its database is elsewhere");
        }
        let daemon = for_daemon.then(|| place.lock_for_daemon(&data_dir)).transpose()?;
        let change = place.lock_for_change().await?;
        let users = place.lock_file("users.lock")?;
        users.lock_shared().map_err(at("lock", place.root()))?;
        let server = match Server::running(&place).await? {
            Some(server) => {
                tracing::info!(pid = server.pid, "using the private Postgres that already runs");
                server
            }
            None => begin(config, &place, &run_as).await?,
        };
        let cluster = Self { config: config.clone(), data_dir, place, server, users, _daemon: daemon, stopped: false };
        cluster.ensure_database().await?;
        drop(change);
        Ok(cluster)
    }

    /// How to connect: to the database `depeche` as the role `depeche`, on the private socket.
    pub fn connect_options(&self) -> PgConnectOptions {
        PgConnectOptions::new_without_pgpass()
            .socket(&self.server.socket_dir)
            .port(5432)
            .username(NAME)
            .database(NAME)
            .ssl_mode(PgSslMode::Disable)
    }

    /// The same as a `DATABASE_URL`, for another program of this account.
    pub fn url(&self) -> String {
        let host: String =
            url::form_urlencoded::byte_serialize(self.server.socket_dir.as_os_str().as_encoded_bytes()).collect();
        format!("postgres://{NAME}@localhost/{NAME}?host={host}&sslmode=disable")
    }

    /// The directory that holds the data, the socket, the log and the locks.
    pub fn root(&self) -> &Path {
        self.place.root()
    }

    /// True when the database had to go outside `data_dir` because the server's account may not enter there.
    pub fn is_elsewhere(&self) -> bool {
        self.place.is_elsewhere()
    }

    /// The postmaster's process id.
    pub fn pid(&self) -> i32 {
        self.server.pid
    }

    /// Starts the server again if it died, at the same socket: true if it had to. Pools reconnect by themselves.
    pub async fn revive(&mut self) -> Result<bool, ClusterError> {
        if self.server.is_alive() {
            return Ok(false);
        }
        let _change = self.place.lock_for_change().await?;
        let run_as = RunAs::choose(&self.place.data(), self.place.data_owner())?;
        self.server = match Server::running(&self.place).await? {
            Some(server) => server,
            None => begin(&self.config, &self.place, &run_as).await?,
        };
        Ok(true)
    }

    /// Lets go; the last process to do so stops the server with everything written.
    pub async fn stop(mut self) -> Result<(), ClusterError> {
        self.leave().await.map(drop)
    }

    /// Stops the server and deletes the database; refused by nobody, so only for what was made to be thrown away.
    pub async fn remove(mut self) -> Result<(), ClusterError> {
        let change = self.leave().await?;
        let socket_dir = self.server.socket_dir.clone();
        if self.server.is_alive() {
            tracing::warn!("another depeche uses this database; it was not removed");
            return Ok(());
        }
        drop(change);
        self.place.remove(&self.data_dir, &socket_dir)
    }

    async fn leave(&mut self) -> Result<File, ClusterError> {
        self.stopped = true;
        let change = self.place.lock_for_change().await?;
        if self.is_last_user() {
            self.server.stop().await?;
        } else {
            tracing::info!("another depeche still uses the private Postgres; it stops with the last one");
        }
        Ok(change)
    }

    /// Asked under the lock for change, so that nobody comes in between.
    fn is_last_user(&self) -> bool {
        self.users.unlock().is_ok() && self.users.try_lock().is_ok()
    }

    async fn ensure_database(&self) -> Result<(), ClusterError> {
        let options = self.connect_options();
        let refused = |cause| ClusterError::Database { socket_dir: self.server.socket_dir.clone(), cause };
        match options.connect().await {
            Ok(connection) => connection.close().await.map_err(refused),
            Err(error)
                if error.as_database_error().and_then(DatabaseError::code).as_deref() == Some(INVALID_CATALOG_NAME) =>
            {
                let mut connection: PgConnection = options.database("postgres").connect().await.map_err(refused)?;
                connection.execute("create database depeche").await.map_err(refused)?;
                connection.close().await.map_err(refused)
            }
            Err(error) => Err(refused(error)),
        }
    }
}

impl Drop for Cluster {
    /// For an early return or a panic: asks the server to stop and does not wait.
    fn drop(&mut self) {
        if self.stopped {
            return;
        }
        let change = self.place.lock_file("change.lock");
        if change.is_ok_and(|change| change.try_lock().is_ok() && self.is_last_user()) {
            self.server.ask_to_stop();
        }
    }
}

/// Finds the programs, makes data where there are none, and starts the server; the lock for change is held.
async fn begin(config: &ClusterConfig, place: &Place, run_as: &RunAs) -> Result<Server, ClusterError> {
    let data = place.data();
    let version = data_version(&data)?;
    let only = config.programs.as_deref();
    let found = programs::installed(only, run_as).await;
    let programs = programs::choose(found, version, only).map_err(|error| match error {
        ClusterError::OtherVersion { data: old, installed, bin, .. } => {
            let old_bin = format!("/usr/lib/postgresql/{old}/bin");
            let commands = upgrade::dump_and_load(&data, &old_bin, &bin, run_as);
            ClusterError::OtherVersion { data: old, installed, bin, commands }
        }
        other => other,
    })?;
    if version.is_none() {
        tracing::info!(database = %data.display(), version = programs.major, "making a new private Postgres");
        server::init(place, &programs, run_as, config.durable).await?;
    } else if !run_as.may_enter(&data).await {
        return Err(ClusterError::Closed { path: data, account: run_as.name().to_owned() });
    }
    Server::start(place, &programs, run_as, config.durable).await
}

/// The major version that made the data, from its `PG_VERSION` file.
fn data_version(data: &Path) -> Result<Option<u32>, ClusterError> {
    let path = data.join("PG_VERSION");
    match fs::read_to_string(&path) {
        Ok(text) => {
            let major = text.trim().split('.').next().and_then(|major| major.parse().ok());
            let odd = || {
                at("read", &path)(io::Error::new(
                    io::ErrorKind::InvalidData,
                    format!("not a version: {:?}", text.trim()),
                ))
            };
            major.map(Some).ok_or_else(odd)
        }
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
        Err(error) => Err(at("read", &path)(error)),
    }
}
