//! `depeche run`: the daemon, all of its stages or some, once or until it is stopped.
//! The stages are the daemon's own; signals, readiness and the private cluster are looked after in `run/attend.rs`.

mod attend;

use std::sync::Arc;

use clap::{Args, ValueEnum};

use super::{Failure, Invocation, settings};
use crate::{
    clock::Clock,
    config::{Config, load_or_create_keys},
    daemon::{self, Context, Settings, Stage, plan},
    store::{
        self, Pool,
        cluster::{Cluster, ClusterConfig},
        schema::{self, Schema},
    },
    telemetry::Telemetry,
};
use attend::Signals;

/// Rounds of all stages that `--once` makes at most: each goes on only because the last one did something.
const MAX_ROUNDS: usize = 10_000;

/// A part of the daemon.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(super) enum StageName {
    /// Feeds to articles
    Ingest,
    /// Articles to matches
    Match,
    /// Matches to digests and deliveries
    Plan,
    /// Deliveries to relays
    Deliver,
    /// Takes over, expires, prunes
    Sweep,
}

/// What it takes.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  depeche run                               everything, with the pages
  depeche run --stage ingest --stage match  only these stages, without the pages
  depeche run --once                        does what is due and ends, for cron and for trying out

SIGTERM ends it after the mails that are on their way; SIGHUP reads config and templates again.")]
pub(super) struct RunArgs {
    /// Run only this stage; may be given several times [default: all, and the pages]
    #[arg(long = "stage", value_enum, value_name = "STAGE")]
    pub(super) stages: Vec<StageName>,
    /// Do what is due now and end
    #[arg(long)]
    pub(super) once: bool,
}

impl RunArgs {
    fn stages(&self) -> Vec<Stage> {
        let named = |stage: &Stage| self.stages.is_empty() || self.stages.iter().any(|name| name.stage() == *stage);
        Stage::ALL.into_iter().filter(named).collect()
    }

    fn with_pages(&self) -> bool {
        self.stages.is_empty() && !self.once
    }
}

impl StageName {
    const fn stage(self) -> Stage {
        match self {
            Self::Ingest => Stage::Ingest,
            Self::Match => Stage::Match,
            Self::Plan => Stage::Plan,
            Self::Deliver => Stage::Deliver,
            Self::Sweep => Stage::Sweep,
        }
    }
}

/// Runs the daemon.
pub(super) async fn run(invocation: &Invocation, args: RunArgs) -> Result<(), Failure> {
    // Before anything is started: what is asked for during the start is heard after it.
    let signals = Signals::listen()?;
    let config = invocation.config()?;
    let telemetry = Telemetry::start(&config.log).map_err(Failure::of)?;
    for warning in &config.warnings {
        tracing::warn!("{warning}");
    }
    if let Some(url) = &config.database.url {
        let url = url.expose().to_owned();
        return run_on(invocation, &args, config, &telemetry, signals, &url, None).await;
    }
    let mut cluster = Cluster::start(&ClusterConfig::new(&config.data_dir)).await.map_err(Failure::of)?;
    let url = cluster.url();
    let done = run_on(invocation, &args, config, &telemetry, signals, &url, Some(&mut cluster)).await;
    let stopped = cluster.stop().await.map_err(Failure::of);
    done.and(stopped)
}

async fn run_on(
    invocation: &Invocation,
    args: &RunArgs,
    config: Config,
    telemetry: &Telemetry,
    signals: Signals,
    url: &str,
    cluster: Option<&mut Cluster>,
) -> Result<(), Failure> {
    let pool = store::connect(url, config.database.connections).await?;
    let done = match enter(&config, &pool, args.with_pages()).await {
        Ok(ctx) if args.once => once(&ctx, &args.stages()).await,
        Ok(ctx) => {
            let daemon = attend::Daemon { invocation, config, telemetry, cluster, with_pages: args.with_pages() };
            attend::until_stopped(daemon, ctx, &args.stages(), signals).await
        }
        Err(failure) => Err(failure),
    };
    pool.close().await;
    done
}

/// Brings the schema and the schedules up to date and enters this process as a node.
async fn enter(config: &Config, pool: &Pool, with_pages: bool) -> Result<Arc<Context>, Failure> {
    let settings = settings_of(config, with_pages)?;
    if schema::state(&mut *pool.acquire().await?).await? == Schema::Ahead {
        return Err(Failure::failed(Schema::Ahead.to_string()));
    }
    store::migrate(pool).await?;
    let mut conn = pool.acquire().await?;
    plan::enter_schedules(&mut conn, &settings.plan).await.map_err(Failure::of)?;
    let node = store::node::enter(&mut conn, &config.node.name, env!("CARGO_PKG_VERSION")).await?;
    Ok(Arc::new(Context::new(pool.clone(), Clock::System, settings, node)))
}

/// The settings that a config puts in force, with the keys it names. Without pages, no hub is asked: its answer would go nowhere.
fn settings_of(config: &Config, with_pages: bool) -> Result<Settings, Failure> {
    let keys = load_or_create_keys(&config.key_file).map_err(Failure::of)?;
    let mut settings = settings::settings(config, keys).map_err(|error| Failure::input(error.to_string()))?;
    settings.ingest.websub &= with_pages;
    Ok(settings)
}

/// Rounds of the stages in the order of the flow, until none does anything.
async fn once(ctx: &Arc<Context>, stages: &[Stage]) -> Result<(), Failure> {
    let lease = tokio::spawn(daemon::run::keep_lease(Arc::clone(ctx)));
    let done = rounds(ctx, stages).await;
    lease.abort();
    daemon::run::leave(ctx).await;
    done
}

async fn rounds(ctx: &Arc<Context>, stages: &[Stage]) -> Result<(), Failure> {
    for _ in 0..MAX_ROUNDS {
        let mut did = 0;
        for stage in stages {
            let outcome = daemon::run_once(ctx, *stage)
                .await
                .map_err(|error| Failure::failed(format!("{}: {error}", stage.word())))?;
            if outcome.did > 0 {
                tracing::info!(stage = stage.word(), did = outcome.did, "round");
            }
            did += outcome.did;
        }
        if did == 0 {
            return Ok(());
        }
    }
    Err(Failure::failed("there was more to do than one call may; call it again"))
}
