//! Shows that a hold put on by the binary stops every DATA, says how many left and wait, and that a release goes on.
//! It does not test the parts alone; their files do.

use std::{
    collections::BTreeSet,
    sync::Arc,
    time::{Duration, Instant},
};

use depeche::daemon::{self, Stage};
use tokio::sync::Semaphore;

use crate::support::{
    TestDatabase,
    database::Scratch,
    newsroom::{self, LiveSlot, Newsroom},
    process::{Site, SiteConfig},
    smtp_server::{Act, At, SmtpServer, Tls},
    wait_until,
};

const READERS: usize = 240;
const FEW: usize = 6;
const LIMIT: Duration = Duration::from_mins(1);
/// What design.md promises after `hold` returned.
const OBEYED_WITHIN: Duration = Duration::from_secs(2);

/// What one hold is to do.
struct Case {
    scope: &'static [&'static str],
    /// Whether the hold is on the mails of this reader.
    stops: fn(usize) -> bool,
    /// Whether mails of stopped readers may go over the second relay.
    second_relay_goes_on: bool,
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_hold_on_everything_stops_every_mail_and_a_release_goes_on() {
    check(Case { scope: &["--all"], stops: |_| true, second_relay_goes_on: false }).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_hold_on_a_schedule_stops_its_digests() {
    check(Case { scope: &["--schedule", "live"], stops: |_| true, second_relay_goes_on: false }).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_hold_on_a_topic_stops_the_mails_in_which_it_stands() {
    check(Case { scope: &["--topic", "transports"], stops: |n| n % 2 == 0, second_relay_goes_on: false }).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_hold_on_a_feed_stops_the_mails_in_which_it_stands() {
    let scope = &["--feed", "https://regate.example/feed.xml"];
    check(Case { scope, stops: |n| n % 2 == 1, second_relay_goes_on: false }).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_hold_on_a_relay_leaves_the_mails_to_the_other() {
    check(Case { scope: &["--relay", "main"], stops: |_| true, second_relay_goes_on: true }).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_relay_that_takes_its_time_over_a_recipient_begins_nothing_after_a_hold() {
    let gate = Arc::new(Semaphore::new(0));
    let slow = {
        let gate = Arc::clone(&gate);
        move |at: &At| if matches!(at, At::Rcpt(_)) { Act::Gate(Arc::clone(&gate)) } else { Act::Usual }
    };
    // Without PIPELINING, DATA waits for the answer to RCPT.
    let server = SmtpServer::start_with(Tls::None, None, [vec!["8BITMIME"], vec![]], slow).await;
    let (db, slot, scratch) = (TestDatabase::new().await, LiveSlot::new(), Scratch::new("slow"));
    let relays = [("main", server.address.port(), 2)];
    let site = Site::new(scratch.path(), &SiteConfig { url: Some(&db.url), relays: &relays, slot: &slot, mail: "" });
    let settings = slot.settings(vec![newsroom::relay("main", server.address, 2)]);
    let room = Newsroom::live(db.pool.clone(), settings, &slot, FEW).await;
    let ctx = Arc::clone(&room.ctx);
    let stages = [Stage::Plan, Stage::Deliver, Stage::Sweep];
    let daemon = tokio::spawn(async move { daemon::run::run(ctx, &stages, Duration::from_secs(5)).await });
    let said = |word: &str| server.seen().reads.iter().filter(|read| read.starts_with(word)).count();
    wait_until("recipients at the gate", LIMIT, async || (said("RCPT") >= 2).then_some(())).await;

    let held = site.ask(&["hold", "--all", "--reason", "wrong headline"]).await;
    assert!(held.status.success(), "{}", String::from_utf8_lossy(&held.stderr));
    gate.close();
    wait_until("both to be called off", LIMIT, async || (said("RSET") >= 2).then_some(())).await;
    assert_eq!(server.seen().data.len(), 0, "{:?}", server.seen().reads);

    let released = site.ask(&["release", "--all"]).await;
    assert!(released.status.success(), "{}", String::from_utf8_lossy(&released.stderr));
    wait_until("the mails", LIMIT, async || (server.count() >= FEW).then_some(())).await;
    room.ctx.stop();
    daemon.await.expect("no panic").expect("drained");
    assert_eq!(server.count(), FEW);
}

async fn check(case: Case) {
    let lazy = |at: &At| if *at == At::Dot { Act::Late(Duration::from_millis(40)) } else { Act::Usual };
    let (main, second) = (SmtpServer::start(lazy).await, SmtpServer::start(lazy).await);
    let (db, slot, scratch) = (TestDatabase::new().await, LiveSlot::new(), Scratch::new("hold"));
    let mut relays = vec![("main", main.address.port(), 3)];
    if case.second_relay_goes_on {
        relays.push(("second", second.address.port(), 1));
    }
    let site = Site::new(scratch.path(), &SiteConfig { url: Some(&db.url), relays: &relays, slot: &slot, mail: "" });
    let both = [&main, &second].into_iter().zip(&relays);
    let both = both.map(|(server, (name, _, most))| newsroom::relay(name, server.address, *most)).collect();
    let room = Newsroom::live(db.pool.clone(), slot.settings(both), &slot, READERS).await;
    let ctx = Arc::clone(&room.ctx);
    let stages = [Stage::Plan, Stage::Deliver, Stage::Sweep];
    let daemon = tokio::spawn(async move { daemon::run::run(ctx, &stages, Duration::from_secs(5)).await });
    wait_until("mails to flow", LIMIT, async || (main.count() > 30).then_some(())).await;

    let answer = site.ask(&[&["hold"], case.scope, &["--reason", "wrong headline", "--format", "json"]].concat()).await;
    let returned = Instant::now();
    let answer = json(&answer);
    let (left, waiting) = (answer["left"].as_u64().expect("left"), answer["waiting"].as_u64().expect("waiting"));
    assert_eq!(answer["on_wire"], 0, "each that had begun has its answer");
    assert!(left > 0 && waiting > 0, "{answer}");
    let touched = (0..READERS).filter(|n| (case.stops)(*n)).count();
    if !case.second_relay_goes_on {
        assert_eq!(left + waiting, touched as u64, "both add up: {answer}");
    }
    watch(&case, &main, &second, returned, left).await;

    let released = site.ask(&[&["release"], case.scope].concat()).await;
    assert!(released.status.success(), "{}", String::from_utf8_lossy(&released.stderr));
    wait_until("the rest", LIMIT, async || (main.count() + second.count() >= READERS).then_some(())).await;
    room.ctx.stop();
    daemon.await.expect("no panic").expect("drained");
    let all = i64::try_from(READERS).expect("few");
    assert_eq!(room.states().await, [("accepted".to_owned(), all)].into());
    let to: Vec<String> = [&main, &second].iter().flat_map(|s| s.seen().mails).flat_map(|(_, to, _)| to).collect();
    assert_eq!((to.len(), to.iter().collect::<BTreeSet<_>>().len()), (READERS, READERS), "nothing doubled");
}

/// Watches longer than the promise: what is held stays, what is not goes on.
async fn watch(case: &Case, main: &SmtpServer, second: &SmtpServer, returned: Instant, left: u64) {
    let is_stopped = |to: &str| {
        let number = to.trim_start_matches("reader").split('@').next().and_then(|n| n.parse().ok());
        (case.stops)(number.expect("readers are numbered"))
    };
    let free = (0..READERS).filter(|n| !(case.stops)(*n)).count();
    if case.second_relay_goes_on {
        wait_until("the other relay", LIMIT, async || (main.count() + second.count() == READERS).then_some(())).await;
    } else {
        wait_until("what is not held", LIMIT, async || {
            let gone = main.seen().data.iter().filter(|(_, to)| !is_stopped(to)).count();
            (gone == free && returned.elapsed() > OBEYED_WITHIN + Duration::from_secs(1)).then_some(())
        })
        .await;
    }
    let data = main.seen().data;
    // No mail that had begun is left when `hold` returns, so the promise is kept with two seconds to spare.
    let late = data.iter().filter(|(at, to)| is_stopped(to) && *at > returned).count();
    assert_eq!(late, 0, "DATA began under the hold");
    assert_eq!(
        data.iter().filter(|(_, to)| is_stopped(to)).count() as u64,
        left,
        "what left is known to the last mail"
    );
}

fn json(output: &std::process::Output) -> serde_json::Value {
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    serde_json::from_slice(&output.stdout).expect("JSON")
}
