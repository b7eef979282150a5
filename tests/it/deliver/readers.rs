//! Who left, was suppressed or is not in `only_to` gets nothing, though the mail was planned.
//! How people leave is tested where they do.

use depeche::{store, subscriber::Status};

use super::{Act, SmtpServer, books, gated, newsroom};

#[tokio::test]
async fn who_left_or_was_suppressed_after_planning_is_skipped() {
    let server = SmtpServer::start(|_| Act::Usual).await;
    let room = newsroom(&server, 1, 4).await;
    let mut conn = room.pool.acquire().await.expect("a connection");
    let now = room.clock.now();
    let left = store::membership::leave(&mut conn, now, room.readers[0], "test").await.expect("left");
    assert!(matches!(left, store::membership::Left::Ended(_)));
    store::suppression::add(&mut conn, now, "reader1@lecteurs.example", "bounced", None).await.expect("suppressed");
    store::subscriber::set_status(&mut conn, now, room.readers[2], Status::Paused.code()).await.expect("paused");
    room.deliver().await.expect("delivered");
    let expected = [("accepted", 1), ("skipped(paused)", 1), ("skipped(suppressed)", 1), ("skipped(unsubscribed)", 1)];
    assert_eq!(room.states().await, books(&expected));
    assert_eq!(server.seen().mails[0].1, ["reader3@lecteurs.example"]);
}

#[tokio::test]
async fn who_leaves_while_the_mail_stands_ready_is_asked_for_once_more() {
    // The first mail's answer is kept back; the second is composed by then, and its reader leaves.
    let (server, gate) = gated(0).await;
    let room = newsroom(&server, 1, 2).await;
    let ctx = std::sync::Arc::clone(&room.ctx);
    let now = room.clock.now();
    let round =
        tokio::spawn(
            async move { depeche::daemon::deliver::run_once(&ctx, depeche::delivery::Lane::Digest, now).await },
        );
    crate::support::wait_until("the first mail", std::time::Duration::from_secs(5), async || {
        (server.count() == 1).then_some(())
    })
    .await;
    let mut conn = room.pool.acquire().await.expect("a connection");
    store::membership::leave(&mut conn, now, room.readers[1], "test").await.expect("left");
    gate.close();
    assert_eq!(round.await.expect("no panic").expect("delivered").did, 2);
    assert_eq!(room.states().await, books(&[("accepted", 1), ("skipped(unsubscribed)", 1)]));
    assert_eq!(server.count(), 1);
}

#[tokio::test]
async fn only_to_makes_a_safe_copy() {
    let server = SmtpServer::start(|_| Act::Usual).await;
    let room = newsroom(&server, 1, 3).await;
    let mut settings = newsroom::settings(vec![newsroom::relay("main", server.address, 1)]);
    settings.deliver.only_to = vec!["reader1@lecteurs.example".into()];
    room.set(settings);
    assert_eq!(room.deliver().await.expect("delivered").did, 3, "skipping is doing: `--once` goes on after it");
    assert_eq!(room.states().await, books(&[("accepted", 1), ("skipped(not in only_to)", 2)]));
    assert_eq!(server.seen().mails[0].1, ["reader1@lecteurs.example"]);
}
