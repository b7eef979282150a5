//! Looks after a running daemon: signals, readiness and watchdog of systemd, the private cluster, the end.
//! It starts no stage by itself and holds no config of its own.

use std::{io, sync::Arc, time::Duration};

use sd_notify::NotifyState;
use tokio::{
    net::TcpListener,
    signal::unix::{Signal, SignalKind, signal},
    sync::watch,
    task::JoinHandle,
};

use super::settings_of;
use crate::{
    cli::{Failure, Invocation},
    config::Config,
    daemon::{self, Context, Stage, plan},
    store::cluster::Cluster,
    telemetry::Telemetry,
    web,
};

/// How often systemd hears that we live: within its 60 s of config/depeche.service with room for a busy machine.
const WATCHDOG: Duration = Duration::from_secs(15);

/// How often the private Postgres is looked at.
const CLUSTER: Duration = Duration::from_secs(2);

/// The signals that mean something to the daemon.
pub(super) struct Signals {
    terminate: Signal,
    interrupt: Signal,
    hang_up: Signal,
}

/// What people or the system asked for.
enum Asked {
    Stop,
    Reload,
}

impl Signals {
    /// From now on they are heard instead of ending the process.
    pub(super) fn listen() -> Result<Self, Failure> {
        let listen =
            |kind| signal(kind).map_err(|error| Failure::failed(format!("cannot listen for signals: {error}")));
        Ok(Self {
            terminate: listen(SignalKind::terminate())?,
            interrupt: listen(SignalKind::interrupt())?,
            hang_up: listen(SignalKind::hangup())?,
        })
    }

    async fn next(&mut self) -> Asked {
        tokio::select! {
            _ = self.terminate.recv() => Asked::Stop,
            _ = self.interrupt.recv() => Asked::Stop,
            _ = self.hang_up.recv() => Asked::Reload,
        }
    }
}

/// A daemon and what it was started with.
pub(super) struct Daemon<'a> {
    pub(super) invocation: &'a Invocation,
    pub(super) config: Config,
    pub(super) telemetry: &'a Telemetry,
    pub(super) cluster: Option<&'a mut Cluster>,
    pub(super) with_pages: bool,
}

/// Runs the stages until a signal asks for the end or one of them dies.
pub(super) async fn until_stopped(
    mut daemon: Daemon<'_>,
    ctx: Arc<Context>,
    stages: &[Stage],
    mut signals: Signals,
) -> Result<(), Failure> {
    let pages_end = watch::Sender::new(false);
    let pages = if daemon.with_pages { Some(serve(&daemon.config, &ctx, &pages_end).await?) } else { None };
    let stages = stages.to_vec();
    let (running, deadline) = (Arc::clone(&ctx), daemon.config.node.drain);
    let mut loops = tokio::spawn(async move { daemon::run::run(running, &stages, deadline).await });
    tell(&[NotifyState::Ready]);
    tracing::info!(node = ctx.node(), version = env!("CARGO_PKG_VERSION"), "ready");
    let (mut watchdog, mut cluster) = (tokio::time::interval(WATCHDOG), tokio::time::interval(CLUSTER));
    let ended = loop {
        tokio::select! {
            asked = signals.next() => match asked {
                Asked::Stop if ctx.stopping() => tracing::warn!("already stopping; mails on their way get their answer first"),
                Asked::Stop => {
                    tracing::info!("stopping: rounds under way end, mails on their way get their answer");
                    tell(&[NotifyState::Stopping]);
                    pages_end.send_replace(true);
                    ctx.stop();
                }
                Asked::Reload => daemon.reload(&ctx).await,
            },
            _ = watchdog.tick() => tell(&[NotifyState::Watchdog]),
            _ = cluster.tick() => daemon.revive().await,
            ended = &mut loops => break ended,
        }
    };
    pages_end.send_replace(true);
    if let Some(pages) = pages {
        pages.await.map_err(Failure::of)?.map_err(|error| Failure::failed(format!("the pages ended: {error}")))?;
    }
    ended.map_err(Failure::of)?.map_err(Failure::of)?;
    tracing::info!("stopped");
    Ok(())
}

/// Opens the address of the pages, and serves them.
async fn serve(
    config: &Config,
    ctx: &Arc<Context>,
    end: &watch::Sender<bool>,
) -> Result<JoinHandle<io::Result<()>>, Failure> {
    let address = config.web.listen;
    let listener = TcpListener::bind(address).await.map_err(|error| {
        Failure::failed(format!("cannot listen on {address}: {error}; free it or set another [web] listen"))
    })?;
    let mut end = end.subscribe();
    let stopped = async move {
        // A sender that is gone means the same.
        let _ = end.wait_for(|end| *end).await;
    };
    tracing::info!(%address, "serving the pages");
    Ok(tokio::spawn(web::serve(Arc::clone(ctx), listener, stopped)))
}

impl Daemon<'_> {
    /// Reads the config and the templates again; what is wrong in them changes nothing.
    async fn reload(&mut self, ctx: &Context) {
        match self.read_again(ctx).await {
            Ok(()) => tracing::info!("config and templates read again"),
            Err(failure) => tracing::error!("{failure}; the settings in force stay"),
        }
    }

    async fn read_again(&mut self, ctx: &Context) -> Result<(), Failure> {
        let fresh = self.invocation.config()?;
        let settings = settings_of(&fresh, self.with_pages)?;
        let mut conn = ctx.pool.acquire().await?;
        plan::enter_schedules(&mut conn, &settings.plan).await.map_err(Failure::of)?;
        self.telemetry.set_level(&fresh.log.level).map_err(Failure::of)?;
        for warning in &fresh.warnings {
            tracing::warn!("{warning}");
        }
        let waiting = self.config.needs_restart(&fresh);
        if !waiting.is_empty() {
            tracing::warn!(keys = waiting.join(", "), "changed, and taken over at the next start only");
        }
        ctx.set_settings(settings);
        self.config = fresh;
        Ok(())
    }

    /// Starts the private Postgres again if it died.
    async fn revive(&mut self) {
        let Some(cluster) = &mut self.cluster else { return };
        match cluster.revive().await {
            Ok(false) => {}
            Ok(true) => tracing::warn!("the private Postgres had ended and was started again"),
            Err(error) => tracing::error!(%error, "the private Postgres does not start"),
        }
    }
}

/// systemd is told; where there is none, nobody is.
fn tell(states: &[NotifyState<'_>]) {
    if let Err(error) = sd_notify::notify(states) {
        tracing::debug!(%error, "the service manager cannot be told");
    }
}
