//! Measures deliver: from planned deliveries in Postgres over SMTP to results in the books, beside Debian's smtp-source, which
//! sends one and the same text. It checks that all were taken, not what is in them.
//!
//! `cargo bench --bench deliver -- [--mails 4000] [--connections 10] [--rounds 3] [--own]`; with `--own` each reader has a filter
//! of their own, whose words are named in the mail.
#![allow(missing_docs, dead_code)]

#[path = "../tests/it/support/context.rs"]
mod context;

use std::{
    fs,
    net::{SocketAddr, TcpListener, TcpStream},
    path::PathBuf,
    process::{Child, Command, Stdio},
    sync::Arc,
    time::{Duration, Instant},
};

use chrono::{DateTime, TimeDelta, Utc};
use depeche::{
    article::{ArticleText, RankedSentence},
    clock::Clock,
    daemon::{self, Context, Settings, Stage, deliver, run},
    delivery::{Lane, State},
    mail::{Catcher, Relay, RelayConfig, TlsMode},
    store::{
        self, Pool,
        cluster::{Cluster, ClusterConfig},
        membership::Follow,
    },
};

/// Articles of a digest, each shown whole: as many as make a mail of about the size that design.md asks to be measured.
const ARTICLES: usize = 8;
/// Bytes of a mail aimed at.
const MAIL_BYTES: usize = 30_000;
/// Sentences under each title that make a mail as large.
const POINTS: usize = 3;
/// Words of such a sentence.
const WORDS: usize = 12;
/// Words of a filter of a reader's own.
const OWN_WORDS: usize = 40;

struct Arguments {
    mails: usize,
    connections: u16,
    rounds: usize,
    own: bool,
}

impl Arguments {
    fn read() -> Self {
        let mut read = Self { mails: 4_000, connections: 10, rounds: 3, own: false };
        let mut arguments = std::env::args().skip(1);
        while let Some(argument) = arguments.next() {
            let mut number = || arguments.next().and_then(|n| n.parse().ok()).expect("a number after it");
            match argument.as_str() {
                "--mails" => read.mails = number(),
                "--connections" => read.connections = u16::try_from(number()).expect("at most 100"),
                "--rounds" => read.rounds = number(),
                "--own" => read.own = true,
                // cargo's own.
                "--bench" => {}
                other => panic!("{other}: --mails N, --connections N, --rounds N and --own are known"),
            }
        }
        read
    }
}

/// The relay: takes everything and keeps nothing.
struct Sink {
    process: Child,
    address: SocketAddr,
}

impl Sink {
    fn start(program: &str) -> Self {
        let free = TcpListener::bind("127.0.0.1:0").and_then(|port| port.local_addr()).expect("a free port");
        let mut command = Command::new(program);
        command.args(["-u", "nobody", &free.to_string(), "500"]).stdout(Stdio::null()).stderr(Stdio::null());
        let process = command.spawn().expect("smtp-sink starts; as root, for it changes to nobody");
        let since = Instant::now();
        while TcpStream::connect(free).is_err() {
            assert!(since.elapsed() < Duration::from_secs(10), "smtp-sink does not listen");
            std::thread::sleep(Duration::from_millis(20));
        }
        Self { process, address: free }
    }
}

impl Drop for Sink {
    fn drop(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

/// Mails a second of smtp-source with as many sessions, each kept for all its mails.
fn source(program: &str, to: SocketAddr, arguments: &Arguments, bytes: usize) -> f64 {
    let (sessions, mails) = (arguments.connections.to_string(), arguments.mails.to_string());
    let since = Instant::now();
    let mut command = Command::new(program);
    command.args(["-d", "-s", &sessions, "-m", &mails, "-l", &bytes.to_string(), "-f", "a@example.org"]);
    let status = command.args(["-t", "b@example.org", &to.to_string()]).status().expect("smtp-source starts");
    assert!(status.success(), "smtp-source failed");
    rate(arguments.mails, since.elapsed())
}

#[expect(clippy::cast_precision_loss, reason = "thousands")]
fn rate(mails: usize, took: Duration) -> f64 {
    mails as f64 / took.as_secs_f64()
}

/// Words of no language, other ones for each seed: articles with the same words would be one story.
fn words(seed: usize, count: usize) -> String {
    let syllables =
        ["ba", "né", "ri", "to", "lou", "va", "çon", "mi", "du", "que", "za", "fro", "pli", "gre", "sta", "vu"];
    let mut state = (seed as u64).wrapping_mul(0x9E37_79B9_7F4A_7C15) + 1;
    let mut next = || {
        state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        syllables[usize::try_from(state >> 60).unwrap_or_default()]
    };
    let words: Vec<String> = (0..count).map(|_| (0..3).map(|_| next()).collect()).collect();
    words.join(" ")
}

/// Matches every article, and by other words each.
fn own_filter(reader: usize) -> String {
    let alternatives = words(reader * 1_000 + 77, OWN_WORDS).replace(' ', " OR ");
    context::canonical(&format!("tramway OR {alternatives}"))
}

/// An article of some hundred words with its key points.
fn article(day: usize, n: usize) -> ArticleText {
    let seed = (day * ARTICLES + n) * 100;
    let point = |p: usize| format!("Le tramway « {} » {}.", words(seed + p, 2), words(seed + p + 50, WORDS));
    let mut text = context::text(&format!("Tramway {day}-{n} : {}", words(seed, 5)), &point(0));
    text.key_points.points = (1..=POINTS).map(point).collect();
    text.paragraphs = (0..10).map(point).collect();
    let ranked = (0..).zip(&text.paragraphs).take(8);
    text.ranked = ranked.map(|(at, text)| RankedSentence { at, text: text.clone() }).collect();
    text
}

/// A newspaper with its readers on a private Postgres that writes to the disk as in earnest.
struct Newspaper {
    ctx: Arc<Context>,
    pool: Pool,
    clock: Clock,
    feed: i64,
}

impl Newspaper {
    async fn found(pool: Pool, relay: Arc<Relay>, readers: usize, own: bool) -> Self {
        let clock = Clock::simulated(context::at("2026-11-24T05:00:00Z"), 0);
        let ctx = context::context(&pool, clock.clone(), settings(relay)).await;
        let feed = context::feed(&pool, clock.now(), "fanal").await;
        let topic = context::topic(&pool, clock.now(), "transports", "tramway").await;
        let mut wanted = [context::wanted(&pool, Follow::Topic(topic), "morning", "Europe/Paris").await];
        let mut tx = pool.begin().await.expect("a transaction");
        for n in 0..readers {
            if own {
                wanted[0].follow = Follow::Filter(own_filter(n));
            }
            context::reader_in(&mut tx, clock.now(), &format!("reader{n}"), "Europe/Paris", &wanted).await;
        }
        tx.commit().await.expect("committed");
        Self { ctx, pool, clock, feed }
    }

    /// Plans a morning of new articles and moves the clock to its slot.
    async fn plan(&self, day: usize) {
        let midnight = context::at("2026-11-24T00:00:00Z") + TimeDelta::days(i64::try_from(day).expect("few"));
        self.move_to(midnight + TimeDelta::hours(5));
        for n in 0..ARTICLES {
            context::article(&self.pool, self.clock.now(), self.feed, article(day, n)).await;
        }
        while daemon::run_once(&self.ctx, Stage::Match).await.expect("match").did > 0 {}
        self.move_to(midnight + TimeDelta::minutes(5 * 60 + 50));
        daemon::run_once(&self.ctx, Stage::Plan).await.expect("plan");
        self.move_to(midnight + TimeDelta::hours(6));
    }

    fn move_to(&self, time: DateTime<Utc>) {
        self.clock.advance((time - self.clock.now()).to_std().unwrap_or_default());
    }

    /// Delivers everything that is planned; gives how long it took and how busy our own process was meanwhile.
    async fn deliver(&self, mails: usize) -> (Duration, f64) {
        let (since, cpu) = (Instant::now(), cpu_seconds());
        let mut did = 0;
        loop {
            let outcome = deliver::run_once(&self.ctx, Lane::Digest, self.clock.now()).await.expect("delivered");
            did += outcome.did;
            if outcome.did == 0 {
                break;
            }
        }
        let took = since.elapsed();
        assert_eq!(did, mails, "every mail was handed over");
        (took, (cpu_seconds() - cpu) / took.as_secs_f64())
    }
}

/// Seconds of processor that this process has used.
fn cpu_seconds() -> f64 {
    let stat = fs::read_to_string("/proc/self/stat").unwrap_or_default();
    // After the name in brackets: state is the first field, user and system time the 12th and 13th, in hundredths.
    let fields: Vec<&str> = stat.rsplit(')').next().unwrap_or_default().split_whitespace().collect();
    let hundredths = |at: usize| fields.get(at).and_then(|n| n.parse::<f64>().ok()).unwrap_or_default();
    (hundredths(11) + hundredths(12)) / 100.0
}

fn program(name: &str) -> Option<String> {
    let places = ["/usr/sbin", "/usr/bin", "/usr/local/sbin"];
    let found = places.iter().map(|place| PathBuf::from(place).join(name)).find(|path| path.exists());
    found.map(|path| path.display().to_string())
}

/// The size of one of the mails, as a server on loopback takes it; fills the caches, too.
async fn mail_bytes(paper: &Newspaper, mails: usize) -> usize {
    let (sender, mut caught) = tokio::sync::mpsc::channel(64);
    let catcher = Catcher::start(SocketAddr::from(([127, 0, 0, 1], 0)), sender).await.expect("a catcher");
    let sizes = tokio::spawn(async move {
        let mut size = 0;
        while let Some(mail) = caught.recv().await {
            size = mail.message.len();
        }
        size
    });
    let usual = paper.ctx.settings();
    paper.ctx.set_settings(settings(relay(catcher.address(), 4)));
    paper.plan(0).await;
    paper.deliver(mails).await;
    paper.ctx.kept.quit().await;
    paper.ctx.set_settings(settings(Arc::clone(&usual.deliver.relays[0])));
    drop(catcher);
    sizes.await.expect("no panic")
}

fn settings(relay: Arc<Relay>) -> Settings {
    context::settings(&[("morning", "0 7 * * *")], vec![relay])
}

fn relay(address: SocketAddr, connections: u16) -> Arc<Relay> {
    let config = RelayConfig {
        name: "main".into(),
        host: address.ip().to_string(),
        port: address.port(),
        tls: TlsMode::None,
        ehlo: "sender.example".into(),
        connections,
        mails_per_connection: u32::MAX,
        ..RelayConfig::default()
    };
    Arc::new(Relay::new(config).expect("a relay"))
}

#[tokio::main]
async fn main() {
    let arguments = Arguments::read();
    let (Some(sink), Some(smtp_source)) = (program("smtp-sink"), program("smtp-source")) else {
        println!("deliver: smtp-sink and smtp-source are not here; apt-get install postfix");
        return;
    };
    let sink = Sink::start(&sink);
    let dir = tempfile::tempdir().expect("a directory");
    let cluster = Cluster::start(&ClusterConfig::new(dir.path())).await.expect("a private Postgres");
    let pool = store::connect(&cluster.url(), 10).await.expect("a pool");
    store::migrate(&pool).await.expect("migrated");
    let paper =
        Newspaper::found(pool.clone(), relay(sink.address, arguments.connections), arguments.mails, arguments.own)
            .await;
    let lease = tokio::spawn(run::keep_lease(Arc::clone(&paper.ctx)));
    let bytes = mail_bytes(&paper, arguments.mails).await;
    println!(
        "deliver: {} mails of {bytes} bytes (aim: {MAIL_BYTES}) over {} connections",
        arguments.mails, arguments.connections
    );
    let mut ratios = Vec::new();
    for round in 1..=arguments.rounds {
        paper.plan(round).await;
        let before = source(&smtp_source, sink.address, &arguments, bytes);
        let (took, busy) = paper.deliver(arguments.mails).await;
        let after = source(&smtp_source, sink.address, &arguments, bytes);
        let (ours, theirs) = (rate(arguments.mails, took), f64::midpoint(before, after));
        println!(
            "round {round}: depeche {ours:.0} mails/s with {busy:.2} processors, smtp-source {theirs:.0} mails/s, ratio {:.2}",
            ours / theirs
        );
        ratios.push(ours / theirs);
    }
    ratios.sort_by(f64::total_cmp);
    println!("deliver: ratio to smtp-source {:.2} (median of {})", ratios[ratios.len() / 2], ratios.len());
    let mut conn = pool.acquire().await.expect("a connection");
    let counts = store::delivery::counts(&mut conn, DateTime::UNIX_EPOCH).await.expect("counts");
    drop(conn);
    assert!(counts.iter().all(|(_, state, ..)| *state == State::Accepted.code()), "all accepted: {counts:?}");
    lease.abort();
    paper.ctx.kept.quit().await;
    pool.close().await;
    cluster.remove().await.expect("removed");
}
