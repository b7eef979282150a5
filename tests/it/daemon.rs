//! Shows the daemon as a process: stages alone and in any order, readiness, signals, reload, one daemon a directory.
//! Crashes are in `crash.rs`; what the stages do is in their own files.

use std::{
    collections::BTreeMap,
    os::unix::net::UnixDatagram,
    path::Path,
    sync::{Arc, Mutex},
    time::Duration,
};

use depeche::store::{
    self, Pool,
    cluster::{Cluster, ClusterConfig},
};
use nix::sys::signal::Signal;

use crate::support::{
    TestDatabase,
    database::Scratch,
    newsroom::{LiveSlot, Newsroom, states},
    process::{Site, SiteConfig},
    smtp_server::{Act, At, SmtpServer},
    wait_until,
};

const LIMIT: Duration = Duration::from_secs(30);

fn accepted(n: i64) -> BTreeMap<String, i64> {
    BTreeMap::from([("accepted".to_owned(), n)])
}

async fn good_server() -> SmtpServer {
    SmtpServer::start(|_: &At| Act::Usual).await
}

/// A site on a database of its own, with so many readers whose digest is not yet planned.
async fn site(server: &SmtpServer, scratch: &Scratch, db: &TestDatabase, slot: &LiveSlot, mail: &str) -> (Site, Pool) {
    let relays = [("main", server.address.port(), 2)];
    let site = Site::new(scratch.path(), &SiteConfig { url: Some(&db.url), relays: &relays, slot, mail });
    Newsroom::live(db.pool.clone(), slot.settings(Vec::new()), slot, 10).await;
    (site, db.pool.clone())
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn stages_run_alone_and_in_any_order_until_everything_is_sent() {
    let (server, scratch, db, slot) =
        (good_server().await, Scratch::new("once"), TestDatabase::new().await, LiveSlot::new());
    let (site, pool) = site(&server, &scratch, &db, &slot, "").await;
    for (stage, so_far) in
        [("deliver", 0), ("sweep", 0), ("match", 0), ("deliver", 0), ("plan", 0), ("sweep", 0), ("deliver", 10)]
    {
        let ran = site.ask(&["run", "--stage", stage, "--once"]).await;
        assert!(ran.status.success(), "{stage}: {}", String::from_utf8_lossy(&ran.stderr));
        assert_eq!(server.count(), so_far, "after {stage}");
    }
    assert_eq!(states(&pool).await, accepted(10));
    for stage in ["plan", "match", "deliver", "sweep"] {
        assert!(site.ask(&["run", "--stage", stage, "--once"]).await.status.success(), "{stage} again");
    }
    assert_eq!(server.count(), 10, "and nothing twice");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_service_manager_hears_of_readiness_life_and_the_end() {
    let (server, scratch, db, slot) =
        (good_server().await, Scratch::new("notify"), TestDatabase::new().await, LiveSlot::new());
    let (site, _) = site(&server, &scratch, &db, &slot, "").await;
    let socket = scratch.path().join("notify");
    let heard = listen(&socket);
    let has = |word: &'static str| {
        let heard = Arc::clone(&heard);
        move || {
            let found = heard.lock().expect("no panic").iter().any(|said| said.lines().any(|line| line == word));
            async move { found.then_some(()) }
        }
    };
    let mut daemon = site.start(&["run", "--stage", "deliver"], &[("NOTIFY_SOCKET", &socket)]);
    wait_until("READY=1", LIMIT, has("READY=1")).await;
    wait_until("WATCHDOG=1", LIMIT, has("WATCHDOG=1")).await;
    assert!(!heard.lock().expect("no panic").iter().any(|said| said.contains("STOPPING=1")));
    daemon.signal(Signal::SIGTERM);
    wait_until("STOPPING=1", LIMIT, has("STOPPING=1")).await;
    assert!(daemon.end(LIMIT).await.success(), "{}", daemon.log());
}

/// What is said on a socket of the service manager's kind; the thread ends with the test.
fn listen(socket: &Path) -> Arc<Mutex<Vec<String>>> {
    let heard = Arc::new(Mutex::new(Vec::new()));
    let receiver = UnixDatagram::bind(socket).expect("a socket");
    let all = Arc::clone(&heard);
    std::thread::spawn(move || {
        let mut said = [0; 4_096];
        while let Ok(n) = receiver.recv(&mut said) {
            all.lock().expect("no panic").push(String::from_utf8_lossy(&said[..n]).into_owned());
        }
    });
    heard
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_reload_takes_config_and_templates_over_and_a_broken_one_changes_nothing() {
    let (first, second) = (good_server().await, good_server().await);
    let (scratch, db, slot) = (Scratch::new("reload"), TestDatabase::new().await, LiveSlot::new());
    let (site, pool) = site(&first, &scratch, &db, &slot, "").await;
    let held = site.ask(&["hold", "--all"]).await;
    assert!(held.status.success(), "{}", String::from_utf8_lossy(&held.stderr));
    let mut daemon = site.start(&["run", "--stage", "plan", "--stage", "deliver"], &[]);
    wait_until("the plan", LIMIT, async || (states(&pool).await.get("planned") == Some(&10)).then_some(())).await;
    let log = || daemon.log();
    let logged = |word: &'static str| move |log: String| async move { log.contains(word).then_some(()) };

    let relays = [("main", second.address.port(), 2)];
    let broken = SiteConfig { url: Some(&db.url), relays: &relays, slot: &slot, mail: "no_such_key = 1" };
    site.write(&broken);
    daemon.signal(Signal::SIGHUP);
    wait_until("a complaint", LIMIT, || logged("no_such_key")(log())).await;

    // Another relay behind the same name, another name in From, and a footer of one's own.
    site.write(&SiteConfig { mail: "from_name = \"Le Phare\"", ..broken });
    daemon.signal(Signal::SIGHUP);
    wait_until("the reload", LIMIT, || logged("config and templates read again")(log())).await;
    assert!(site.ask(&["release", "--all"]).await.status.success());
    wait_until("the mails", LIMIT, async || (states(&pool).await == accepted(10)).then_some(())).await;
    assert_eq!((first.count(), second.count()), (0, 10), "the relay of the new config");
    let mail = String::from_utf8(second.seen().mails[0].2.clone()).expect("ASCII");
    assert!(mail.contains("From: Le Phare <resume@lettres.lefanal.example>"), "{}", &mail[..300]);
    daemon.signal(Signal::SIGTERM);
    assert!(daemon.end(LIMIT).await.success(), "{}", daemon.log());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn two_daemons_on_one_directory_make_one_clear_refusal() {
    let (server, scratch, slot) = (good_server().await, Scratch::new("two"), LiveSlot::new());
    let relays = [("main", server.address.port(), 2)];
    let site = Site::new(scratch.path(), &SiteConfig { url: None, relays: &relays, slot: &slot, mail: "" });
    let mut daemon = site.start(&["run", "--stage", "deliver"], &[]);
    wait_until("the first daemon", LIMIT, || {
        let log = daemon.log();
        async move { log.contains("ready").then_some(()) }
    })
    .await;
    let second = site.ask(&["run", "--stage", "deliver"]).await;
    assert_eq!(second.status.code(), Some(1));
    let said = String::from_utf8_lossy(&second.stderr).into_owned();
    assert_eq!(said.lines().filter(|line| line.contains("already") || line.contains("another")).count(), 1, "{said}");
    daemon.signal(Signal::SIGTERM);
    assert!(daemon.end(LIMIT).await.success(), "{}", daemon.log());
    // The first one was not disturbed, and left a directory that can be used again.
    let cluster = Cluster::start(&ClusterConfig::new(site.data_dir())).await.expect("free again");
    let pool = store::connect(&cluster.url(), 1).await.expect("a pool");
    pool.close().await;
    cluster.stop().await.expect("stopped");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_stop_is_heard_while_the_relay_is_silent() {
    // The relay never answers the dot; the drain gives up after its deadline and the mail is in doubt, not lost.
    let server = SmtpServer::start(|at: &At| if *at == At::Dot { Act::Hang } else { Act::Usual }).await;
    let (scratch, db, slot) = (Scratch::new("silent"), TestDatabase::new().await, LiveSlot::new());
    let mail = "[node]\ndrain = \"1s\"\n";
    let (site, pool) = site(&server, &scratch, &db, &slot, mail).await;
    let mut daemon = site.start(&["run", "--stage", "plan", "--stage", "deliver"], &[]);
    wait_until("two mails", LIMIT, async || (server.count() == 2).then_some(())).await;
    daemon.signal(Signal::SIGTERM);
    assert!(daemon.end(LIMIT).await.success(), "{}", daemon.log());
    let swept = site.ask(&["run", "--stage", "sweep", "--once"]).await;
    assert!(swept.status.success(), "{}", String::from_utf8_lossy(&swept.stderr));
    let expected = BTreeMap::from([("in doubt".to_owned(), 2), ("planned".to_owned(), 8)]);
    assert_eq!(states(&pool).await, expected);
}
