//! Finds and loads the config and opens the store: the configured Postgres, or the private cluster.
//! It does not make the daemon's settings out of the config.

use std::path::PathBuf;

use chrono::{DateTime, Utc};
use clap::Args;

use super::Failure;
use crate::{
    clock::Clock,
    config::{Config, Environment},
    store::{
        self, Pool,
        cluster::{Cluster, ClusterConfig},
        schema::{self, Schema},
    },
};

/// Connections of one command: it does one thing after the other, and a progress query beside it.
const CONNECTIONS: u32 = 2;

/// The options of every command.
#[derive(Debug, Args)]
#[command(next_help_heading = "Options of every command")]
pub struct InvocationArgs {
    /// The config file [default: `$DEPECHE_CONFIG`, ./depeche.toml, /etc/depeche/depeche.toml]
    #[arg(long, global = true, value_name = "FILE")]
    config: Option<PathBuf>,
    /// Who does this, for the journal [default: `$SUDO_USER`, `$USER`]
    #[arg(long, global = true, value_name = "NAME")]
    by: Option<String>,
}

/// One call of `depeche`: its surroundings and its time.
#[derive(Debug)]
pub struct Invocation {
    config: Option<PathBuf>,
    by: Option<String>,
    /// The variables of the process.
    pub environment: Environment,
    /// When it was called.
    pub now: DateTime<Utc>,
}

/// An open store with the config it belongs to.
#[derive(Debug)]
pub struct Store {
    /// The config.
    pub config: Config,
    /// Connections.
    pub pool: Pool,
    /// Where the database is.
    pub place: Place,
}

/// Where the database is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Place {
    /// A server of the operator's.
    Configured,
    /// The private cluster below `data_dir`.
    Private,
}

impl Invocation {
    /// That of this process.
    pub fn of_process(args: InvocationArgs) -> Self {
        Self { config: args.config, by: args.by, environment: Environment::of_process(), now: Clock::System.now() }
    }

    /// The config file's path.
    pub fn config_path(&self) -> Result<PathBuf, Failure> {
        Ok(Config::find(self.config.as_deref(), &self.environment)?)
    }

    /// The config.
    pub fn config(&self) -> Result<Config, Failure> {
        Ok(Config::load(&self.config_path()?, &self.environment)?)
    }

    /// Who calls, for the journal: a name that people know each other by.
    pub fn who(&self) -> String {
        let variables = ["SUDO_USER", "USER", "LOGNAME"];
        let account = || nix::unistd::User::from_uid(nix::unistd::getuid()).ok().flatten().map(|user| user.name);
        let named = self.by.as_deref().map(str::trim).filter(|name| !name.is_empty());
        named
            .or_else(|| variables.iter().find_map(|name| self.environment.get(name)))
            .map(str::to_owned)
            .or_else(account)
            .unwrap_or_else(|| "unknown".to_owned())
    }

    /// Opens the store with its schema up to date, does the work, and closes the store again, whatever came of it.
    pub async fn with_store<T>(&self, work: impl AsyncFnOnce(&Store) -> Result<T, Failure>) -> Result<T, Failure> {
        self.with_database(async |store| {
            ready(store).await?;
            work(store).await
        })
        .await
    }

    /// As `with_store`, whatever the state of the schema.
    pub async fn with_database<T>(&self, work: impl AsyncFnOnce(&Store) -> Result<T, Failure>) -> Result<T, Failure> {
        let config = self.config()?;
        if let Some(url) = config.database.url.clone() {
            return with_pool(config, url.expose(), Place::Configured, work).await;
        }
        // A running daemon's server is used as it is; whoever lets go last stops it.
        let cluster = Cluster::join(&ClusterConfig::new(&config.data_dir)).await.map_err(Failure::of)?;
        let url = cluster.url();
        let done = with_pool(config, &url, Place::Private, work).await;
        let stopped = cluster.stop().await.map_err(Failure::of);
        // What the work ended in says more than a server that does not stop.
        done.and_then(|done| stopped.map(|()| done))
    }
}

async fn with_pool<T>(
    config: Config,
    url: &str,
    place: Place,
    work: impl AsyncFnOnce(&Store) -> Result<T, Failure>,
) -> Result<T, Failure> {
    let store = Store { config, pool: store::connect(url, CONNECTIONS).await?, place };
    let done = work(&store).await;
    store.pool.close().await;
    done
}

/// A new database gets its schema; an old one is left to `migrate`, since daemons of the older version may be at work on it.
async fn ready(store: &Store) -> Result<(), Failure> {
    match schema::state(&mut *store.pool.acquire().await?).await? {
        Schema::Current => Ok(()),
        Schema::Empty => Ok(store::migrate(&store.pool).await?),
        Schema::Behind { .. } if store.place == Place::Private => Ok(store::migrate(&store.pool).await?),
        other => Err(Failure::failed(other.to_string())),
    }
}
