//! Postgres goes away in the middle: what relays answered is written when it is back.
//! The death of our own process is in `crash.rs`.

use std::{sync::Arc, time::Duration};

use depeche::{
    daemon::{deliver, run},
    delivery::Lane,
    store::{
        self,
        cluster::{Cluster, ClusterConfig},
    },
};
use nix::{
    sys::signal::{Signal, kill},
    unistd::Pid,
};

use super::{Act, At, SmtpServer, books};
use crate::support::{
    database::Scratch,
    newsroom::{self, states},
    wait_until,
};

/// A busy machine starts Postgres slowly.
const LIMIT: Duration = Duration::from_mins(1);

#[tokio::test]
async fn postgres_killed_in_the_middle_loses_and_doubles_nothing() {
    let server =
        SmtpServer::start(|at| if *at == At::Dot { Act::Late(Duration::from_millis(20)) } else { Act::Usual }).await;
    let scratch = Scratch::new("outage");
    let mut cluster = Cluster::start(&ClusterConfig::new(scratch.path())).await.expect("a private Postgres");
    let pool = store::connect(&cluster.url(), 8).await.expect("a pool");
    store::migrate(&pool).await.expect("migrated");
    let room =
        newsroom::Newsroom::on(pool.clone(), newsroom::settings(vec![newsroom::relay("main", server.address, 3)]), 200)
            .await;
    let (ctx, now) = (Arc::clone(&room.ctx), room.clock.now());
    let lease = tokio::spawn(run::keep_lease(Arc::clone(&ctx)));
    let sending = tokio::spawn(async move {
        // Rounds as the daemon's loop makes them: one that fails is followed by another.
        while !matches!(deliver::run_once(&ctx, Lane::Digest, now).await, Ok(outcome) if outcome.did == 0) {
            tokio::time::sleep(Duration::from_millis(100)).await;
        }
    });
    for goal in [40, 100] {
        wait_until("mails", LIMIT, async || (server.count() >= goal).then_some(())).await;
        kill(Pid::from_raw(cluster.pid()), Signal::SIGQUIT).expect("the postmaster is there");
        // The one that was killed is gone when the next one stands.
        while !cluster.revive().await.unwrap_or(false) {
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
    }
    tokio::time::timeout(LIMIT, sending).await.expect("the rounds end").expect("no panic");
    lease.abort();
    assert_eq!(states(&pool).await, books(&[("accepted", 200)]));
    assert_eq!(server.count(), 200, "nothing twice: the answers were kept");
    pool.close().await;
    cluster.stop().await.expect("stopped");
}
