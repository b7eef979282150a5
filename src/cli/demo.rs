//! `depeche demo`: the whole flow over a simulated day, with sample feeds and a mailbox of its own.
//! Nothing of it leaves this machine, and nothing is left running.

mod books;
mod cast;
mod day;
mod document;
mod mailbox;
mod mime;
mod network;
mod samples;
mod server;
mod site;

use std::{
    collections::BTreeMap,
    net::IpAddr,
    path::{Path, PathBuf},
    sync::Arc,
    time::{Duration, Instant},
};

use chrono::{DateTime, Utc};
use clap::Args;
use tokio::{
    net::TcpListener,
    signal::unix::{Signal, SignalKind, signal},
    sync::watch,
};

use super::{Failure, Invocation, output, settings};
use crate::{
    clock::Clock,
    config::{Config, load_or_create_keys},
    daemon::{self, Context, Stage, plan},
    fetch::{FetchConfig, Fetcher},
    store::{
        self, Pool,
        cluster::{Cluster, ClusterConfig},
    },
    telemetry::Telemetry,
    web,
};
use books::Books;
use mailbox::Mailbox;
use network::{Network, answer, loopback};
use server::Server;
use site::Site;

/// When the day begins: the evening before a Friday, so that the weekly digest has its hour too.
const BEGIN: &str = "2026-11-26T18:00:00Z";
/// The database and the keys of links, below the output directory; removed at the end.
const DATA: &str = ".depeche";
/// How long the end waits for mails on their way.
const DRAIN: Duration = Duration::from_secs(10);

/// What it takes.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  depeche demo                    a simulated day; look at demo-out/index.html
  depeche demo --serve            stays up with the pages and an inbox; Ctrl-C ends it")]
pub(super) struct DemoArgs {
    /// Where the mails are left
    #[arg(long, value_name = "DIR", default_value = "demo-out")]
    pub(super) out: PathBuf,
    /// Stay up with the web pages and an inbox page
    #[arg(long)]
    pub(super) serve: bool,
}

/// Ctrl-C and SIGTERM.
struct End {
    interrupt: Signal,
    terminate: Signal,
}

impl End {
    fn listen() -> Result<Self, Failure> {
        let listen = |kind| signal(kind).map_err(Failure::of);
        Ok(Self { interrupt: listen(SignalKind::interrupt())?, terminate: listen(SignalKind::terminate())? })
    }

    async fn asked(&mut self) {
        tokio::select! {
            _ = self.interrupt.recv() => {}
            _ = self.terminate.recv() => {}
        }
    }
}

/// Runs the demo.
pub(super) async fn run(invocation: &Invocation, args: DemoArgs) -> Result<(), Failure> {
    let started = Instant::now();
    let mut end = End::listen()?;
    let refused = |error| Failure::input(format!("{}: cannot be written to: {error}", args.out.display()));
    std::fs::create_dir_all(&args.out).map_err(refused)?;
    // Absolute, as a config's own paths are taken from where the config is.
    let data = args.out.canonicalize().map_err(refused)?.join(DATA);
    let cluster = fresh_cluster(&data).await?;
    let done = on_cluster(invocation, &cluster, &args, &data, &mut end, started).await;
    let removed = cluster.remove().await.map_err(Failure::of);
    // What is left are keys of links that lead nowhere now.
    let _ = std::fs::remove_dir_all(&data);
    done.and(removed)
}

/// A new database; what a killed demo left in the same place goes first.
async fn fresh_cluster(data: &Path) -> Result<Cluster, Failure> {
    let config = ClusterConfig { durable: false, ..ClusterConfig::new(data) };
    if data.exists() {
        Cluster::start(&config).await.map_err(Failure::of)?.remove().await.map_err(Failure::of)?;
        std::fs::remove_dir_all(data)?;
    }
    Cluster::start(&config).await.map_err(Failure::of)
}

async fn on_cluster(
    invocation: &Invocation,
    cluster: &Cluster,
    args: &DemoArgs,
    data: &Path,
    end: &mut End,
    started: Instant,
) -> Result<(), Failure> {
    let begin: DateTime<Utc> = BEGIN.parse().map_err(Failure::of)?;
    // A demo that stays up has pages on which time goes on.
    let clock = Clock::simulated(begin, u16::from(args.serve));
    let network = network::open(invocation, args, data, begin, &clock).await?;
    let _telemetry = Telemetry::start(&network.config.log).map_err(Failure::of)?;
    let pool = store::connect(&cluster.url(), network.config.database.connections).await?;
    let done = on_store(&pool, network, args, clock, end, started).await;
    pool.close().await;
    done
}

async fn on_store(
    pool: &Pool,
    network: Network,
    args: &DemoArgs,
    clock: Clock,
    end: &mut End,
    started: Instant,
) -> Result<(), Failure> {
    let Network { site, mailbox, config, pages, catcher, caught, feeds } = network;
    let ctx = enter(pool, &config, &site, &clock).await?;
    let (answering, inbox) = (Arc::clone(&site), Arc::clone(&mailbox));
    let server = Server::start(feeds, move |asked| {
        let answer = answer(&answering, &inbox, &asked);
        async move { answer }
    });
    let keeping = mailbox.keep(caught, clock);
    let running = Arc::clone(&ctx);
    let stages = tokio::spawn(async move { daemon::run::run(running, &Stage::ALL, DRAIN).await });
    let bar = output::progress(day::steps(), "a day in the life of a publisher");
    output::note("A simulated day: seven publishers, a feed that means harm, fourteen readers …");
    let lived = tokio::select! {
        lived = day::run(&ctx, site.begin, &bar) => lived,
        () = end.asked() => Err(Failure::failed("stopped before the end of the day; nothing was left running")),
    };
    bar.finish_and_clear();
    let lived = match lived {
        Ok(complaints) => {
            let books = Books::read(&mut *pool.acquire().await?, &site, &complaints).await;
            books.and_then(|books| report(&books, &mailbox, args, started))
        }
        Err(failure) => Err(failure),
    };
    let lived = match (lived, pages) {
        (Ok(()), Some(pages)) => stay(&ctx, &site, pages, end).await,
        (lived, _) => lived,
    };
    ctx.stop();
    stages.await.map_err(Failure::of)?.map_err(Failure::of)?;
    drop((server, catcher));
    keeping.await.map_err(Failure::of)??;
    lived
}

/// Brings the schema up, enters feeds, topics, readers and this process.
async fn enter(pool: &Pool, config: &Config, site: &Site, clock: &Clock) -> Result<Arc<Context>, Failure> {
    store::migrate(pool).await?;
    let keys = load_or_create_keys(&config.key_file).map_err(Failure::of)?;
    let mut settings = settings::settings(config, keys).map_err(Failure::of)?;
    let hosts = site.publishers.iter().map(|publisher| publisher.host.as_str()).chain([site::HOSTILE]);
    let hosts: BTreeMap<String, IpAddr> =
        hosts.map(|host| (format!("{host}.{}", site::SUFFIX), loopback(0).ip())).collect();
    let fetch = FetchConfig { allow_private: true, hosts, ..FetchConfig::default() };
    settings.ingest.fetcher = Fetcher::new(&fetch).map_err(Failure::of)?;
    let mut conn = pool.acquire().await?;
    plan::enter_schedules(&mut conn, &settings.plan).await.map_err(Failure::of)?;
    cast::enter(pool, site).await?;
    let node = store::node::enter(&mut conn, "demo", env!("CARGO_PKG_VERSION")).await?;
    Ok(Arc::new(Context::new(pool.clone(), clock.clone(), settings, node)))
}

/// Says what the books hold, and where to look; numbers that do not add up are a failure.
fn report(books: &Books, mailbox: &Mailbox, args: &DemoArgs, started: Instant) -> Result<(), Failure> {
    let out = args.out.display();
    output::say(&format!(
        "{}\nThe day took {} s. Look at {out}/index.html, or at {out}/*.eml, *.html and *.txt.",
        books.text(),
        started.elapsed().as_secs().max(1)
    ))?;
    let contradictions = books.contradictions(mailbox.len());
    if contradictions.is_empty() {
        return Ok(());
    }
    Err(Failure::failed(format!("the books do not add up:\n{}", contradictions.join("\n"))))
}

/// Serves the pages and the inbox until somebody ends it.
async fn stay(ctx: &Arc<Context>, site: &Site, pages: TcpListener, end: &mut End) -> Result<(), Failure> {
    let address = pages.local_addr()?;
    let closing = watch::Sender::new(false);
    let mut closed = closing.subscribe();
    let stopped = async move {
        // A sender that is gone means the same.
        let _ = closed.wait_for(|closed| *closed).await;
    };
    let serving = tokio::spawn(web::serve(Arc::clone(ctx), pages, stopped));
    output::say(&format!(
        "\nThe inbox is at http://127.0.0.1:{}/, the pages at http://{address}/. Ctrl-C ends it.",
        site.port
    ))?;
    end.asked().await;
    closing.send_replace(true);
    serving.await.map_err(Failure::of)?.map_err(Failure::of)
}
