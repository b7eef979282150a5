//! Causes every failure in every phase and reads what is reported.
//! It does not speak TLS.

use depeche::{
    delivery::{Blame, Failure, Phase, Verdict},
    mail::{Connection, Outcome, RelayError},
};
use futures_util::future::join_all;
use tokio::net::TcpListener;

use super::{
    envelope, mail, relay,
    smtp_server::{Act, At, SmtpServer, Tls},
};

/// What a test expects of a connection or a mail that fails.
#[derive(Clone, Copy, Debug)]
enum Expect {
    /// No connection stands; the sentence holds this.
    NoConnection(Phase, &'static str),
    /// A full reply decides.
    Replied(Phase, u16, Verdict),
    /// It broke before the dot: safe.
    Broken(Phase, &'static str),
    /// It broke after the dot.
    InDoubt(&'static str),
}

const RELAY: Verdict = Verdict::Retry(Blame::Relay);

/// Larger than what the system's buffers on both sides swallow: writing it needs a reader.
const LARGE: usize = 24 * 1024 * 1024;

fn is_at(at: &At, phase: Phase) -> bool {
    matches!(
        (at, phase),
        (At::Connect, Phase::Greeting)
            | (At::Ehlo(_), Phase::Ehlo)
            | (At::Mail(_), Phase::Mail)
            | (At::Rcpt(_), Phase::Rcpt)
            | (At::Data, Phase::Data)
            | (At::Body, Phase::Body)
            | (At::Dot, Phase::Dot)
    )
}

async fn attempt(pipelining: bool, phase: Phase, act: Act, size: usize) -> Result<Outcome, RelayError> {
    let keywords = if pipelining { vec!["PIPELINING"] } else { vec!["8BITMIME"] };
    let manners = move |at: &At| if is_at(at, phase) { act.clone() } else { Act::Usual };
    let server = SmtpServer::start_with(Tls::None, None, [keywords, vec![]], manners).await;
    let mut connection = Connection::open(&relay(server.address)).await?;
    let mut message = mail(1);
    message.resize(message.len() + size, b'x');
    message.extend_from_slice(b"\r\n");
    Ok(connection.transact(&envelope("b@lecteur.example"), &message).await)
}

async fn check(phase: Phase, act: Act, expected: Expect) {
    for pipelining in [true, false] {
        let size = if phase == Phase::Body { LARGE } else { 0 };
        let got = attempt(pipelining, phase, act.clone(), size).await;
        let what = format!("pipelining {pipelining}, {phase}, {act:?}: {got:?} is not {expected:?}");
        match (got, expected) {
            (Err(error), Expect::NoConnection(phase, part)) => {
                assert_eq!(error.phase, phase, "{what}");
                assert!(error.to_string().contains(part), "{what}: {error}");
            }
            (Ok(outcome @ Outcome::Replied { .. }), Expect::Replied(phase, code, verdict)) => {
                assert_eq!(
                    (outcome.phase(), outcome.code(), outcome.verdict()),
                    (phase, Some(code), verdict),
                    "{what}"
                );
            }
            (Ok(Outcome::Broken { phase, in_doubt: false, error }), Expect::Broken(expected, part)) => {
                assert!(phase == expected && error.contains(part), "{what}");
            }
            (Ok(Outcome::Broken { phase, in_doubt: true, error }), Expect::InDoubt(part)) => {
                assert!(phase == Phase::Dot && error.contains(part), "{what}");
            }
            _ => panic!("{what}"),
        }
    }
}

/// Runs all cases at once: many wait for a timeout of a second.
async fn check_all(cases: Vec<(Phase, Act, Expect)>) {
    join_all(cases.into_iter().map(|(phase, act, expected)| check(phase, act, expected))).await;
}

#[tokio::test]
async fn a_relay_that_refuses_the_session_is_named_with_phase_and_answer() {
    let (greeting, ehlo) = (Phase::Greeting, Phase::Ehlo);
    check_all(vec![
        (
            greeting,
            Act::Say(b"554 5.7.1 not you"),
            Expect::NoConnection(greeting, "the relay answered 554 5.7.1 not you"),
        ),
        (greeting, Act::SayAndClose(b"421 4.3.2 full\r\n"), Expect::NoConnection(greeting, "421 4.3.2 full")),
        (greeting, Act::Say(b"SSH-2.0-OpenSSH_9.2"), Expect::NoConnection(greeting, "not SMTP: SSH-2.0")),
        (greeting, Act::Close, Expect::NoConnection(greeting, "closed the connection")),
        (greeting, Act::SayAndClose(b"220"), Expect::NoConnection(greeting, "closed the connection")),
        (greeting, Act::Hang, Expect::NoConnection(greeting, "no answer within 1 s")),
        (ehlo, Act::Say(b"550 5.7.1 go away"), Expect::NoConnection(ehlo, "550 5.7.1 go away")),
        (ehlo, Act::Close, Expect::NoConnection(ehlo, "")),
        (ehlo, Act::Hang, Expect::NoConnection(ehlo, "no answer within 1 s")),
    ])
    .await;
}

#[tokio::test]
async fn a_port_that_nobody_listens_on_is_a_failure_to_connect() {
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
    let address = listener.local_addr().expect("its address");
    drop(listener);
    let error = Connection::open(&relay(address)).await.expect_err("nobody listens");
    assert_eq!(error.phase, Phase::Connect);
    assert!(!error.is_lasting(), "it may come up again");
    assert!(error.to_string().starts_with(&format!("relay `main` ({address}), connect: ")), "{error}");
}

#[tokio::test]
async fn a_refused_command_is_reported_with_its_phase_and_verdict() {
    let (mail, rcpt, data) = (Phase::Mail, Phase::Rcpt, Phase::Data);
    let no_such = Verdict::Failed(Failure::NoSuchMailbox);
    let greylisted = Verdict::Retry(Blame::Recipient);
    check_all(vec![
        (mail, Act::Say(b"550 5.7.1 not from there"), Expect::Replied(mail, 550, RELAY)),
        (mail, Act::Say(b"451 4.3.0 later"), Expect::Replied(mail, 451, RELAY)),
        (mail, Act::SayAndClose(b"421 4.4.2 timeout\r\n"), Expect::Replied(mail, 421, RELAY)),
        (rcpt, Act::Say(b"550-5.1.1 no\r\n550 5.1.1 such user"), Expect::Replied(rcpt, 550, no_such)),
        (rcpt, Act::Say(b"450 4.7.1 greylisted"), Expect::Replied(rcpt, 450, greylisted)),
        (rcpt, Act::SayAndClose(b"421 4.3.2 bye\r\n"), Expect::Replied(rcpt, 421, RELAY)),
        (data, Act::Say(b"554 5.7.1 no"), Expect::Replied(data, 554, Verdict::Failed(Failure::Policy))),
        (data, Act::Say(b"451 4.3.0 later"), Expect::Replied(data, 451, RELAY)),
    ])
    .await;
}

#[tokio::test]
async fn what_breaks_before_the_dot_is_safe() {
    let mut cases = Vec::new();
    for phase in [Phase::Mail, Phase::Rcpt, Phase::Data] {
        cases.push((phase, Act::Close, Expect::Broken(phase, "")));
        cases.push((phase, Act::SayAndClose(b"250-half a reply\r\n"), Expect::Broken(phase, "incomplete")));
        cases.push((phase, Act::Hang, Expect::Broken(phase, "no answer within 1 s")));
    }
    cases.push((Phase::Data, Act::Say(b"250 Ok"), Expect::Broken(Phase::Data, "does not fit: 250 Ok")));
    cases.push((Phase::Mail, Act::Say(b"354 go on"), Expect::Broken(Phase::Mail, "does not fit: 354")));
    check_all(cases).await;
}

#[tokio::test]
async fn a_mail_that_breaks_in_the_middle_is_safe() {
    check(Phase::Body, Act::Close, Expect::Broken(Phase::Body, "")).await;
    check(Phase::Body, Act::Hang, Expect::Broken(Phase::Body, "no answer within 1 s")).await;
}

#[tokio::test]
async fn every_full_reply_to_the_dot_is_final() {
    let dot = Phase::Dot;
    check_all(vec![
        (dot, Act::Usual, Expect::Replied(dot, 250, Verdict::Accepted)),
        (dot, Act::Say(b"250"), Expect::Replied(dot, 250, Verdict::Accepted)),
        (dot, Act::SayAndClose(b"250 Ok\r\n"), Expect::Replied(dot, 250, Verdict::Accepted)),
        (dot, Act::SayAndClose(b"250 Ok\n"), Expect::Replied(dot, 250, Verdict::Accepted)),
        (dot, Act::Say(b"250-2.0.0 Ok\r\n250 2.0.0 queued"), Expect::Replied(dot, 250, Verdict::Accepted)),
        (dot, Act::Say(b"451 again"), Expect::Replied(dot, 451, Verdict::Retry(Blame::Message))),
        (dot, Act::Say(b"554 5.6.0 no"), Expect::Replied(dot, 554, Verdict::Failed(Failure::Content))),
        // Latin-1: a refusal must not turn into doubt because of its letters.
        (dot, Act::Say(b"550 5.7.1 refus\xe9"), Expect::Replied(dot, 550, Verdict::Failed(Failure::Policy))),
    ])
    .await;
}

#[tokio::test]
async fn only_a_dot_without_a_full_reply_is_in_doubt() {
    check_all(vec![
        (Phase::Dot, Act::Close, Expect::InDoubt("")),
        (Phase::Dot, Act::Hang, Expect::InDoubt("no answer within 1 s")),
        (Phase::Dot, Act::SayAndClose(b"25"), Expect::InDoubt("incomplete")),
        (Phase::Dot, Act::SayAndClose(b"250 O"), Expect::InDoubt("incomplete")),
        (Phase::Dot, Act::SayAndClose(b"250-Ok\r\n"), Expect::InDoubt("incomplete")),
        (Phase::Dot, Act::Say(b"hello"), Expect::InDoubt("")),
    ])
    .await;
}
