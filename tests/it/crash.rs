//! Shows that kill -9 loses nothing and doubles at most one mail per connection, and that a stop drains.
//! It does not test the parts alone; their files do.

use std::{collections::BTreeMap, fs, time::Duration};

use depeche::{
    daemon::audit,
    store::{
        self,
        cluster::{Cluster, ClusterConfig},
    },
};
use nix::{
    sys::signal::{Signal, kill},
    unistd::Pid,
};

use crate::support::{
    database::Scratch,
    newsroom::{LiveSlot, Newsroom, states},
    process::{Daemon, Site, SiteConfig},
    smtp_server::{Act, At, SmtpServer},
    wait_until,
};

const CONNECTIONS: u16 = 4;
const STAGES: [&str; 7] = ["run", "--stage", "plan", "--stage", "deliver", "--stage", "sweep"];
/// A daemon that was killed is known to be dead when its lease is over, 10 s; and the machine is busy.
const LIMIT: Duration = Duration::from_secs(90);

/// A site whose private cluster holds so many readers with a matched article, none of them mailed yet.
struct Stage {
    server: SmtpServer,
    site: Site,
    readers: usize,
    _scratch: Scratch,
}

impl Stage {
    async fn set(readers: usize) -> Self {
        let slow = |at: &At| if *at == At::Dot { Act::Late(Duration::from_millis(5)) } else { Act::Usual };
        let (server, slot, scratch) = (SmtpServer::start(slow).await, LiveSlot::new(), Scratch::new("crash"));
        let relays = [("main", server.address.port(), CONNECTIONS)];
        let site = Site::new(scratch.path(), &SiteConfig { url: None, relays: &relays, slot: &slot, mail: "" });
        let cluster = Cluster::start(&ClusterConfig::new(site.data_dir())).await.expect("a private Postgres");
        let pool = store::connect(&cluster.url(), 4).await.expect("a pool");
        store::migrate(&pool).await.expect("migrated");
        let room = Newsroom::live(pool.clone(), slot.settings(Vec::new()), &slot, readers).await;
        let mut conn = pool.acquire().await.expect("a connection");
        store::node::leave(&mut conn, room.ctx.node()).await.expect("left");
        drop(conn);
        pool.close().await;
        cluster.stop().await.expect("stopped");
        Self { server, site, readers, _scratch: scratch }
    }

    fn start(&self) -> Daemon {
        self.site.start(&STAGES, &[])
    }

    async fn wait_for(&self, mails: usize, daemon: &Daemon) {
        let so_far = async || (self.server.count() >= mails).then_some(());
        if tokio::time::timeout(LIMIT, wait_until("mails", LIMIT * 2, so_far)).await.is_err() {
            panic!("{} of {mails} mails came: {}", self.server.count(), daemon.log());
        }
    }

    /// Waits until everybody has a mail and the books are closed, and stops the daemon.
    async fn finish(&self, daemon: &mut Daemon) {
        self.wait_for(self.readers, daemon).await;
        let cluster = Cluster::join(&ClusterConfig::new(self.site.data_dir())).await.expect("the daemon's Postgres");
        let pool = store::connect(&cluster.url(), 2).await.expect("a pool");
        let all = BTreeMap::from([("accepted".to_owned(), i64::try_from(self.readers).expect("few"))]);
        wait_until("the books to close", LIMIT, async || (states(&pool).await == all).then_some(())).await;
        daemon.signal(Signal::SIGTERM);
        assert!(daemon.end(Duration::from_secs(20)).await.success(), "{}", daemon.log());
        let mut conn = pool.acquire().await.expect("a connection");
        let report = audit::audit(&mut conn, chrono::DateTime::UNIX_EPOCH).await.expect("audited");
        assert!(report.findings.is_empty(), "{:?}", report.findings);
        assert_eq!(report.slots, 1);
        drop(conn);
        pool.close().await;
        cluster.stop().await.expect("stopped");
    }

    /// Everybody has the digest; those who have it twice are few and have the same bytes. Gives how many those are.
    fn doubled(&self) -> usize {
        let mut by_reader: BTreeMap<String, Vec<Vec<u8>>> = BTreeMap::new();
        for (_, to, bytes) in self.server.seen().mails {
            by_reader.entry(to.concat()).or_default().push(bytes);
        }
        assert_eq!(by_reader.len(), self.readers, "each has the digest");
        let mut ids: Vec<&[u8]> = by_reader.values().map(|mails| message_id(&mails[0])).collect();
        ids.sort_unstable();
        ids.dedup();
        assert_eq!(ids.len(), self.readers, "each its own");
        let doubled = by_reader.values().filter(|mails| mails.len() > 1);
        for mails in doubled.clone() {
            assert!(mails.iter().all(|mail| *mail == mails[0]), "the same Message-ID and the same bytes");
        }
        doubled.map(|mails| mails.len() - 1).sum()
    }
}

fn message_id(mail: &[u8]) -> &[u8] {
    let mut lines = mail.split(|b| *b == b'\n');
    lines.find(|line| line.starts_with(b"Message-ID: ")).expect("a Message-ID")
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn kill_nine_in_the_middle_of_2000_deliveries_loses_nothing() {
    let stage = Stage::set(2_000).await;
    let kills = [150, 700, 1_400];
    for mails in kills {
        let mut daemon = stage.start();
        stage.wait_for(mails, &daemon).await;
        daemon.kill_nine();
        assert!(stage.server.count() < stage.readers, "it died in the middle");
    }
    let mut daemon = stage.start();
    stage.finish(&mut daemon).await;
    let doubled = stage.doubled();
    assert!(doubled <= kills.len() * usize::from(CONNECTIONS), "{doubled} mails came twice");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn kill_nine_of_postgres_under_the_daemon_loses_and_doubles_nothing() {
    let stage = Stage::set(600).await;
    let mut daemon = stage.start();
    for mails in [100, 350] {
        stage.wait_for(mails, &daemon).await;
        let cluster = Cluster::join(&ClusterConfig::new(stage.site.data_dir())).await.expect("the daemon's Postgres");
        let file = fs::read_to_string(cluster.root().join("data/postmaster.pid")).expect("a pid file");
        let pid = file.lines().next().and_then(|line| line.parse().ok()).expect("a process id");
        cluster.stop().await.expect("the daemon uses it still");
        kill(Pid::from_raw(pid), Signal::SIGKILL).expect("the postmaster is there");
    }
    stage.finish(&mut daemon).await;
    assert_eq!(stage.doubled(), 0, "the answers were kept until Postgres was back");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn sigterm_drains_and_the_next_start_goes_on() {
    let stage = Stage::set(600).await;
    let mut daemon = stage.start();
    stage.wait_for(100, &daemon).await;
    daemon.signal(Signal::SIGTERM);
    assert!(daemon.end(Duration::from_secs(20)).await.success(), "{}", daemon.log());
    let drained = stage.server.count();
    assert!(drained < stage.readers, "it was in the middle");
    let cluster = Cluster::join(&ClusterConfig::new(stage.site.data_dir())).await.expect("a private Postgres");
    let pool = store::connect(&cluster.url(), 2).await.expect("a pool");
    let (accepted, waiting) =
        (i64::try_from(drained).expect("few"), i64::try_from(stage.readers - drained).expect("few"));
    let expected = BTreeMap::from([("accepted".to_owned(), accepted), ("planned".to_owned(), waiting)]);
    assert_eq!(states(&pool).await, expected, "each mail that left has its answer");
    let claimed: i64 = sqlx::query_scalar(
        "select (select count(*) from wire) + (select count(*) from batch where node_id is not null)",
    )
    .fetch_one(&pool)
    .await
    .expect("a count");
    assert_eq!(claimed, 0, "nothing is left claimed");
    pool.close().await;
    cluster.stop().await.expect("stopped");
    let mut daemon = stage.start();
    stage.finish(&mut daemon).await;
    assert_eq!(stage.doubled(), 0);
}
