//! What the relay answers, and what the books make of it.
//! How each reply is read is tested beside `delivery::verdict`.

use std::time::Duration;

use depeche::daemon::Stage;
use serde_json::Value;

use super::{Act, At, Newsroom, SmtpServer, books, is_to, newsroom, once};
use crate::support::{
    TestDatabase,
    database::Scratch,
    newsroom::LiveSlot,
    process::{Site, SiteConfig},
};

#[tokio::test]
async fn a_deferred_mail_backs_off_and_a_refused_one_fails_without_losing_the_connection() {
    let server = SmtpServer::start(|at| {
        if is_to(at, "reader1@") {
            Act::Say(b"451 4.2.1 <reader1@lecteurs.example> greylisted")
        } else if is_to(at, "reader2@") {
            Act::Say(b"550 5.1.1 no such user")
        } else {
            Act::Usual
        }
    })
    .await;
    let room = newsroom(&server, 1, 5).await;
    assert_eq!(room.deliver().await.expect("delivered").did, 5);
    assert_eq!(room.states().await, books(&[("accepted", 3), ("failed", 1), ("planned", 1)]));
    assert_eq!(server.seen().connections, 1, "RSET, and on");
    let deferred = sqlx::query_as::<_, (i16, i16, String, String)>(
        "select attempts, code, reply, relay from delivery where state = 0",
    );
    let deferred = deferred.fetch_one(&room.pool).await.expect("one");
    assert_eq!(deferred, (1, 451, "RCPT: 451 4.2.1 <address> greylisted".into(), "main".into()));
    // Doubled each time: after one minute (jitter 20 %) it is tried, then it waits for two.
    room.pass(Duration::from_secs(75));
    assert_eq!(room.deliver().await.expect("tried").did, 1);
    room.pass(Duration::from_secs(90));
    assert_eq!(room.deliver().await.expect("waits").did, 0);
    room.pass(Duration::from_mins(1));
    assert_eq!(room.deliver().await.expect("tried").did, 1);
    assert_eq!(room.states().await, books(&[("accepted", 3), ("failed", 1), ("planned", 1)]));
    assert_eq!(server.count(), 3);
}

#[tokio::test]
async fn a_mail_deferred_until_its_time_is_over_has_expired_and_one_never_tried_is_too_old() {
    let server =
        SmtpServer::start(|at| if is_to(at, "reader") { Act::Say(b"451 4.2.1 later") } else { Act::Usual }).await;
    let room = newsroom(&server, 1, 2).await;
    room.deliver().await.expect("tried");
    room.pass(Duration::from_hours(35));
    room.deliver().await.expect("tried");
    assert_eq!(room.states().await, books(&[("planned", 2)]));
    room.pass(Duration::from_hours(2));
    room.deliver().await.expect("given up");
    assert_eq!(room.states().await, books(&[("expired", 2)]));
    let replies: Vec<(Option<i16>,)> =
        sqlx::query_as("select code from delivery").fetch_all(&room.pool).await.expect("two");
    assert_eq!(replies, [(Some(451),), (Some(451),)], "the last reply is kept");

    let late = newsroom(&server, 1, 2).await;
    late.pass(Duration::from_hours(37));
    late.deliver().await.expect("given up");
    assert_eq!(late.states().await, books(&[("skipped(too old)", 2)]));
}

#[tokio::test]
async fn a_relay_that_says_421_in_the_middle_of_a_session_loses_nothing() {
    let server = once(|at| is_to(at, "reader2@"), Act::SayAndClose(b"421 4.3.2 shutting down\r\n")).await;
    let room = newsroom(&server, 1, 5).await;
    room.deliver().await.expect("delivered");
    let states = room.states().await;
    assert_eq!(
        states.get("accepted").copied().unwrap_or(0) + states.get("planned").copied().unwrap_or(0),
        5,
        "{states:?}"
    );
    room.pass(Duration::from_mins(2));
    room.deliver().await.expect("delivered");
    assert_eq!(room.states().await, books(&[("accepted", 5)]));
    assert_eq!(server.count(), 5, "and nothing twice");
    assert_eq!(server.seen().connections, 2);
}

#[tokio::test]
async fn a_relay_that_is_down_or_refuses_us_costs_no_mail_an_attempt() {
    let server = SmtpServer::start(|at| if *at == At::Connect { Act::Say(b"554 go away") } else { Act::Usual }).await;
    let room = newsroom(&server, 2, 3).await;
    let error = room.deliver().await.expect_err("nothing can be handed over").to_string();
    assert!(error.contains("relay `main`") && error.contains("554"), "{error}");
    drop(server);
    let error = room.deliver().await.expect_err("nobody listens").to_string();
    assert!(error.contains("relay `main`"), "{error}");
    let tried: Vec<(i16, i16)> =
        sqlx::query_as("select state, attempts from delivery").fetch_all(&room.pool).await.expect("three");
    assert_eq!(tried, [(0, 0); 3]);
    let again = SmtpServer::start(|_| Act::Usual).await;
    room.set(newsroom::settings(vec![newsroom::relay("main", again.address, 2)]));
    assert_eq!(room.deliver().await.expect("delivered").did, 3);
    assert_eq!((room.states().await, again.count()), (books(&[("accepted", 3)]), 3));
}

#[tokio::test]
async fn one_relay_that_is_down_leaves_the_mails_to_the_other() {
    let (down, up) = (SmtpServer::start(|_| Act::Close).await, SmtpServer::start(|_| Act::Usual).await);
    let relays = vec![newsroom::relay("first", down.address, 2), newsroom::relay("second", up.address, 2)];
    let room = Newsroom::with(newsroom::settings(relays), 20).await;
    room.deliver().await.expect("delivered");
    assert_eq!((room.states().await, up.count()), (books(&[("accepted", 20)]), 20));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_person_has_a_failed_mail_tried_again_and_never_an_accepted_one() {
    let server = once(|at| is_to(at, "reader1@"), Act::Say(b"550 5.1.1 no such user")).await;
    let (db, slot, scratch) = (TestDatabase::new().await, LiveSlot::new(), Scratch::new("retry"));
    let relays = [("main", server.address.port(), 1)];
    let site = Site::new(scratch.path(), &SiteConfig { url: Some(&db.url), relays: &relays, slot: &slot, mail: "" });
    let settings = slot.settings(vec![newsroom::relay("main", server.address, 1)]);
    let room = Newsroom::live(db.pool.clone(), settings, &slot, 3).await;
    room.round(Stage::Plan).await.expect("planned");
    room.deliver().await.expect("delivered");
    assert_eq!(room.states().await, books(&[("accepted", 2), ("failed", 1)]));

    let key = async |state: &str| {
        let answer = site.ask(&["delivery", "list", "--state", state, "--format", "json"]).await;
        let rows: Value = serde_json::from_slice(&answer.stdout).expect("JSON");
        rows[0]["delivery"].as_str().expect("a key").to_owned()
    };
    let refused = site.ask(&["delivery", "retry", &key("accepted").await]).await;
    let said = String::from_utf8_lossy(&refused.stderr).into_owned();
    assert!(refused.status.code() == Some(1) && said.contains("a second try would be a double"), "{said}");
    let again = site.ask(&["delivery", "retry", &key("failed").await]).await;
    assert!(again.status.success(), "{}", String::from_utf8_lossy(&again.stderr));
    room.deliver().await.expect("delivered");
    assert_eq!(room.states().await, books(&[("accepted", 3)]));
    assert_eq!(server.count(), 3, "nothing doubled");
}
