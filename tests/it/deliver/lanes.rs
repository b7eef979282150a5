//! A slow digest run does not stand before an alert.
//! How alerts are kept few is plan's.

use std::sync::Arc;

use depeche::{
    daemon::{Stage, deliver},
    delivery::Lane,
};
use tokio::sync::Semaphore;

use super::{Act, At, Newsroom, SmtpServer, books};
use crate::support::newsroom;

#[tokio::test]
async fn alerts_go_while_a_digest_batch_is_slow() {
    // Every digest stands at the gate, before its DATA.
    let (gate, started) = (Arc::new(Semaphore::new(0)), Arc::new(Semaphore::new(0)));
    let (keeper, at_gate) = (Arc::clone(&gate), Arc::clone(&started));
    let server = SmtpServer::start(move |at| match at {
        At::Rcpt(to) if !to.starts_with("reader100@") => {
            at_gate.add_permits(1);
            Act::Gate(Arc::clone(&keeper))
        }
        _ => Act::Usual,
    })
    .await;
    let mut room = Newsroom::empty(newsroom::settings(vec![newsroom::relay("main", server.address, 1)])).await;
    for n in 0..8 {
        room.add_reader(n, "morning").await;
    }
    room.add_reader(100, "instant").await;
    room.publish("Le tramway passe la Loire", "Le tramway de Nantes passe la Loire dès lundi matin.").await;
    room.plan_morning().await;
    let (ctx, now) = (Arc::clone(&room.ctx), room.clock.now());
    let digests = tokio::spawn(async move { deliver::run_once(&ctx, Lane::Digest, now).await });
    let _ = started.acquire().await.expect("a digest is under way");
    room.round(Stage::Plan).await.expect("the alert is planned");
    let alerts = deliver::run_once(&room.ctx, Lane::Alert, room.clock.now()).await.expect("the alert goes");
    assert_eq!(alerts.did, 1);
    assert!(!digests.is_finished(), "the digests are not through");
    let to: Vec<String> = server.seen().mails.into_iter().flat_map(|(_, to, _)| to).collect();
    assert!(to.contains(&"reader100@lecteurs.example".to_owned()), "{to:?}");
    gate.close();
    assert_eq!(digests.await.expect("no panic").expect("delivered").did, 8);
    assert_eq!(room.states().await, books(&[("accepted", 9)]));
}
