//! Shows that connections are kept, bounded and left as they should be, and that bytes arrive as they were sent.
//! It does not cause failures phase by phase.

use depeche::{
    delivery::{Failure, Phase, Verdict},
    mail::{Catcher, Connection, Envelope, Outcome, RelayConfig, Unsendable},
};
use tokio::{sync::mpsc, time::timeout};

use super::{
    address, envelope, mail, relay,
    smtp_server::{Act, At, SmtpServer, Tls},
};

/// A test that fails ends as well.
const PATIENCE: std::time::Duration = std::time::Duration::from_secs(20);

fn refuse_bad(at: &At) -> Act {
    match at {
        At::Rcpt(to) if to.starts_with("bad") => Act::Say(b"550 5.1.1 nobody here"),
        _ => Act::Usual,
    }
}

#[tokio::test]
async fn a_refused_recipient_costs_no_connection() {
    for keywords in [vec!["PIPELINING"], vec![]] {
        let server = SmtpServer::start_with(Tls::None, None, [keywords, vec![]], refuse_bad).await;
        let mut connection = Connection::open(&relay(server.address)).await.expect("a connection");
        let mut verdicts = Vec::new();
        for (number, to) in ["a@x.example", "bad@x.example", "bad@y.example", "b@x.example"].into_iter().enumerate() {
            verdicts.push(connection.transact(&envelope(to), &mail(number)).await.verdict());
            assert!(connection.is_reusable());
        }
        connection.quit().await;
        let dead = Verdict::Failed(Failure::NoSuchMailbox);
        assert_eq!(verdicts, [Verdict::Accepted, dead, dead, Verdict::Accepted]);
        let seen = server.seen();
        assert_eq!(seen.connections, 1);
        let arrived: Vec<_> = seen.mails.iter().map(|(_, to, bytes)| (to.join(","), bytes.clone())).collect();
        assert_eq!(arrived, [("a@x.example".to_owned(), mail(0)), ("b@x.example".to_owned(), mail(3))]);
    }
}

#[tokio::test]
async fn the_commands_of_a_mail_go_out_in_one_write_only_where_that_is_offered() {
    let reads = async |keywords: Vec<&'static str>| {
        let server = SmtpServer::start_with(Tls::None, None, [keywords, vec![]], |_| Act::Usual).await;
        let mut connection = Connection::open(&relay(server.address)).await.expect("a connection");
        assert_eq!(connection.transact(&envelope("b@x.example"), &mail(1)).await.verdict(), Verdict::Accepted);
        server.seen().reads
    };
    let all = "MAIL FROM:<bounces@lettres.example>\r\nRCPT TO:<b@x.example>\r\nDATA\r\n";
    let at_once = reads(vec!["pipelining"]).await;
    // One EHLO: some relays refuse a second.
    assert_eq!(at_once[..2], ["EHLO sender.example\r\n", all]);
    let in_turn = reads(vec![]).await;
    assert!(in_turn.contains(&"RCPT TO:<b@x.example>\r\n".to_owned()), "{in_turn:?}");
    assert!(in_turn.contains(&"DATA\r\n".to_owned()), "{in_turn:?}");
}

#[tokio::test]
async fn a_relay_that_waits_for_a_mail_after_a_refusal_gets_none() {
    let manners = |at: &At| match at {
        At::Rcpt(_) => Act::Say(b"550 5.1.1 nobody"),
        At::Data => Act::Say(b"354 all the same"),
        _ => Act::Usual,
    };
    let server = SmtpServer::start(manners).await;
    let mut connection = Connection::open(&relay(server.address)).await.expect("a connection");
    let outcome = connection.transact(&envelope("b@x.example"), &mail(1)).await;
    assert_eq!((outcome.phase(), outcome.code()), (Phase::Rcpt, Some(550)));
    assert!(!connection.is_reusable(), "what follows would be taken for the mail");
    drop(connection);
    assert!(server.seen().mails.is_empty());
}

#[tokio::test]
async fn replies_that_no_longer_pair_with_commands_end_the_connection() {
    // One answer too many: from here on each answer is that of the command before.
    let manners = |at: &At| if matches!(at, At::Mail(_)) { Act::Say(b"250 Ok\r\n250 Ok") } else { Act::Usual };
    let server = SmtpServer::start(manners).await;
    let mut connection = Connection::open(&relay(server.address)).await.expect("a connection");
    let outcome = connection.transact(&envelope("b@x.example"), &mail(1)).await;
    assert!(matches!(outcome, Outcome::Broken { phase: Phase::Data, in_doubt: false, .. }), "{outcome:?}");
    assert!(!connection.is_reusable());
    let again = connection.transact(&envelope("b@x.example"), &mail(2)).await;
    assert!(matches!(again, Outcome::Broken { phase: Phase::Mail, in_doubt: false, .. }), "{again:?}");
}

#[tokio::test]
async fn a_connection_carries_a_bounded_number_of_mails() {
    let server = SmtpServer::start(|_| Act::Usual).await;
    let config = RelayConfig { mails_per_connection: 3, ..relay(server.address) };
    let mut connection = Connection::open(&config).await.expect("a connection");
    for number in 0..3 {
        assert!(connection.is_reusable(), "mail {number}");
        connection.transact(&envelope("b@x.example"), &mail(number)).await;
    }
    assert!(!connection.is_reusable());
}

#[tokio::test]
async fn a_connection_whose_mail_was_given_up_halfway_is_not_used_again() {
    let server = SmtpServer::start(|at: &At| if *at == At::Dot { Act::Hang } else { Act::Usual }).await;
    let mut connection = Connection::open(&relay(server.address)).await.expect("a connection");
    let (to, message) = (envelope("b@x.example"), mail(1));
    tokio::select! {
        biased;
        outcome = connection.transact(&to, &message) => panic!("{outcome:?}"),
        () = async { while server.seen().mails.is_empty() { tokio::task::yield_now().await } } => {}
    }
    assert!(!connection.is_reusable());
}

#[tokio::test]
async fn a_421_ends_the_connection_after_the_mail_it_answers() {
    for place in [At::Dot, At::Data] {
        let server =
            SmtpServer::start(move |at: &At| if *at == place { Act::Say(b"421 4.3.2 later") } else { Act::Usual })
                .await;
        let mut connection = Connection::open(&relay(server.address)).await.expect("a connection");
        let outcome = connection.transact(&envelope("b@x.example"), &mail(1)).await;
        assert_eq!(outcome.code(), Some(421));
        assert!(!connection.is_reusable());
    }
}

#[tokio::test]
async fn a_relay_is_not_given_what_it_says_it_cannot_take() {
    let manners = |at: &At| match at {
        At::Mail(line) if line.contains("BODY=8BITMIME") && line.contains("SMTPUTF8") && line.contains("SIZE=") => {
            Act::Usual
        }
        At::Mail(_) => Act::Say(b"501 5.5.4 parameters"),
        _ => Act::Usual,
    };
    let eight_bit = "Subject: é\r\n\r\né\r\n".as_bytes();
    let odd = Envelope { from: None, to: address("jörg@müller.example") };
    let transact = async |keywords: Vec<&'static str>, to: &Envelope, message: &[u8]| {
        let server = SmtpServer::start_with(Tls::None, None, [keywords, vec![]], manners).await;
        let mut connection = Connection::open(&relay(server.address)).await.expect("a connection");
        let outcome = connection.transact(to, message).await;
        assert!(connection.is_reusable());
        (outcome, server.seen().mails)
    };
    let (outcome, mails) = transact(vec!["SIZE 1000", "8BITMIME", "SMTPUTF8"], &odd, eight_bit).await;
    assert_eq!(outcome.verdict(), Verdict::Accepted, "{outcome:?}");
    assert_eq!(mails, [(String::new(), vec!["jörg@xn--mller-kva.example".to_owned()], eight_bit.to_vec())]);

    let plain = envelope("b@x.example");
    let long = [b"x\r\n".repeat(500), b"\r\n".to_vec()].concat();
    let cases = [
        (vec!["SIZE 1000", "8BITMIME"], &odd, eight_bit, Unsendable::NeedsSmtpUtf8),
        (vec!["SIZE 1000"], &plain, eight_bit, Unsendable::Needs8BitMime),
        (vec!["SIZE 1000"], &plain, &long, Unsendable::TooLarge { size: 1502, limit: 1000 }),
        (vec![], &plain, b"a\n.\r\nMAIL FROM:<x@y.example>\r\n", Unsendable::BareLineEnd),
    ];
    for (keywords, to, message, why) in cases {
        let (outcome, mails) = transact(keywords, to, message).await;
        assert_eq!(outcome, Outcome::Unsendable(why));
        assert!(matches!(outcome.verdict(), Verdict::Failed(_)));
        assert!(mails.is_empty());
    }
}

/// Bodies that dot-stuffing has to survive, some of them around the 64 kB at which a mail is cut into pieces.
fn dotted_bodies() -> Vec<Vec<u8>> {
    let mut bodies: Vec<Vec<u8>> =
        ["", ".\r\n", "..\r\n.\r\n", "a\r\n.\r\nb\r\n", "a.\r\n.b.\r\n", "\r\n\r\n", "a\r\n.\r\n\r\n."]
            .map(Into::into)
            .into();
    for before in 64 * 1024 - 4..64 * 1024 + 4 {
        let mut body = b"x".repeat(before);
        body.extend_from_slice(b"\r\n.\r\n..\r\nend\r\n");
        bodies.push(body);
    }
    bodies
}

#[tokio::test]
async fn every_byte_arrives_as_it_was_sent_dots_included() {
    let (sender, mut receiver) = mpsc::channel(64);
    let catcher = Catcher::start("127.0.0.1:0".parse().expect("an address"), sender).await.expect("a catcher");
    let mut connection = Connection::open(&relay(catcher.address())).await.expect("a connection");
    for body in dotted_bodies() {
        let outcome = connection.transact(&envelope("b@x.example"), &body).await;
        assert_eq!(outcome.verdict(), Verdict::Accepted, "{outcome:?}");
        let caught = timeout(PATIENCE, receiver.recv()).await.expect("a mail in time").expect("a mail");
        assert_eq!(
            (caught.from.as_str(), caught.to.as_slice()),
            ("bounces@lettres.example", &["b@x.example".to_owned()][..])
        );
        // SMTP carries lines: one that was not ended is, and a mail of no byte is one empty line.
        let expected = if body.ends_with(b"\r\n") { body.clone() } else { [&body[..], b"\r\n"].concat() };
        assert!(caught.message == expected, "{} bytes became {}", body.len(), caught.message.len());
    }
}

#[tokio::test]
async fn the_catcher_takes_many_connections_and_loses_nothing() {
    const CONNECTIONS: usize = 8;
    const MAILS: usize = 50;
    // A channel that holds four mails: the catcher has to wait for the reader.
    let (sender, mut receiver) = mpsc::channel(4);
    let catcher = Catcher::start("127.0.0.1:0".parse().expect("an address"), sender).await.expect("a catcher");
    let config = relay(catcher.address());
    for lane in 0..CONNECTIONS {
        let config = config.clone();
        tokio::spawn(async move {
            let mut connection = Connection::open(&config).await.expect("a connection");
            for number in 0..MAILS {
                let outcome = connection.transact(&envelope("b@x.example"), &mail(lane * MAILS + number)).await;
                assert_eq!(outcome.verdict(), Verdict::Accepted, "{outcome:?}");
            }
            connection.quit().await;
        });
    }
    let mut arrived = Vec::new();
    while arrived.len() < CONNECTIONS * MAILS {
        arrived.push(timeout(PATIENCE, receiver.recv()).await.expect("a mail in time").expect("a mail").message);
    }
    arrived.sort();
    let mut expected: Vec<_> = (0..CONNECTIONS * MAILS).map(mail).collect();
    expected.sort();
    assert!(arrived == expected);
    // The reader is gone: nothing may be answered for that nobody keeps.
    drop(receiver);
    let mut connection = Connection::open(&config).await.expect("a connection");
    assert_eq!(connection.transact(&envelope("b@x.example"), &mail(0)).await.code(), Some(421));
}

#[tokio::test]
async fn the_catcher_is_for_loopback_only() {
    let (sender, _receiver) = mpsc::channel(1);
    let error = Catcher::start("0.0.0.0:0".parse().expect("an address"), sender).await.expect_err("not loopback");
    assert!(error.to_string().contains("loopback only"), "{error}");
}
