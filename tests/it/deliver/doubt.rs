//! A mail whose final dot left without an answer is in doubt; everything before the dot is safe to send again.
//! Crashes of the whole process are in `crash.rs`.

use std::time::Duration;

use depeche::{daemon::deliver::job::OnDoubt, store};

use super::{Act, At, Newsroom, SmtpServer, books, newsroom, once};

async fn doubts(room: &Newsroom) -> Vec<Option<String>> {
    let mut conn = room.pool.acquire().await.expect("a connection");
    store::doubt::list(&mut conn).await.expect("the doubts").into_iter().map(|(_, _, settled)| settled).collect()
}

#[tokio::test]
async fn a_mail_in_doubt_is_resent_with_the_same_bytes() {
    let server = once(|at| *at == At::Dot, Act::Close).await;
    let room = newsroom(&server, 1, 3).await;
    room.deliver().await.expect("delivered");
    assert_eq!(room.states().await, books(&[("accepted", 2), ("in doubt", 1)]));
    assert_eq!(doubts(&room).await, [None]);
    room.pass(Duration::from_secs(6));
    room.deliver().await.expect("resent");
    assert_eq!(room.states().await, books(&[("accepted", 3)]));
    assert_eq!(doubts(&room).await, [Some("resent".to_owned())]);
    let mails = server.seen().mails;
    assert_eq!(mails.len(), 4, "one came twice");
    assert_eq!(mails[0], mails[3], "with the same Message-ID and bytes");
    assert_no_claims(&room).await;
}

#[tokio::test]
async fn a_mail_in_doubt_is_kept_back_where_the_operator_wants_that() {
    // Deferred first: its place among the deferred mails must not bring it back.
    let server = SmtpServer::start({
        let dots = std::sync::atomic::AtomicUsize::new(0);
        move |at| match at {
            At::Dot => match dots.fetch_add(1, std::sync::atomic::Ordering::SeqCst) {
                0 => Act::Say(b"451 4.3.0 later"),
                _ => Act::Close,
            },
            _ => Act::Usual,
        }
    })
    .await;
    let room = newsroom(&server, 1, 1).await;
    let mut settings = newsroom::settings(vec![newsroom::relay("main", server.address, 1)]);
    settings.deliver.on_doubt = OnDoubt::Keep;
    room.set(settings);
    room.deliver().await.expect("deferred");
    room.pass(Duration::from_mins(2));
    room.deliver().await.expect("in doubt");
    assert_eq!(room.states().await, books(&[("in doubt", 1)]));
    for _ in 0..3 {
        room.pass(Duration::from_hours(1));
        assert_eq!(room.deliver().await.expect("nothing").did, 0);
    }
    assert_eq!((server.count(), doubts(&room).await), (2, vec![None]));
}

#[tokio::test]
async fn a_relay_that_hangs_up_at_data_makes_no_doubt() {
    let server = once(|at| *at == At::Data, Act::Close).await;
    let room = newsroom(&server, 1, 3).await;
    room.deliver().await.expect("delivered");
    assert_eq!(room.states().await, books(&[("accepted", 3)]), "on another connection, at once");
    assert_eq!((server.count(), doubts(&room).await), (3, vec![]));
}

#[tokio::test]
async fn a_mail_that_always_breaks_the_connection_is_deferred_and_the_others_go() {
    let server = SmtpServer::start(|at| if super::is_to(at, "reader1@") { Act::Close } else { Act::Usual }).await;
    let room = newsroom(&server, 1, 4).await;
    room.deliver().await.expect("delivered");
    assert_eq!(room.states().await, books(&[("accepted", 3), ("planned", 1)]));
    let waiting: i64 = sqlx::query_scalar("select count(*) from retry").fetch_one(&room.pool).await.expect("a count");
    assert_eq!(waiting, 1);
    assert_no_claims(&room).await;
}

/// Nothing is left claimed or on the wire after a round.
async fn assert_no_claims(room: &Newsroom) {
    let left: i64 = sqlx::query_scalar(
        "select (select count(*) from wire) + (select count(*) from batch where node_id is not null)
              + (select count(*) from retry where node_id is not null)",
    )
    .fetch_one(&room.pool)
    .await
    .expect("a count");
    assert_eq!(left, 0);
}
