//! Shows by cases what `mail::relay` promises.
//! It does not show how the parts beside it take it up; their own tests do.

use super::*;

fn check(config: &RelayConfig, part: &str) {
    match config.check() {
        Ok(()) => assert!(part.is_empty(), "nothing was found wrong, {part:?} was expected"),
        Err(sentence) => assert!(!part.is_empty() && sentence.contains(part), "{sentence}"),
    }
}

#[test]
fn a_relay_in_the_clear_is_on_loopback_or_refused() {
    let plain = |host: &str| RelayConfig { host: host.to_owned(), tls: TlsMode::None, ..RelayConfig::default() };
    for host in ["localhost", "127.0.0.1", "127.9.9.9", "::1"] {
        check(&plain(host), "");
    }
    for host in ["smtp.example.org", "10.0.0.1", "localhost.example.org", "2001:db8::1", "0.0.0.0"] {
        check(&plain(host), "is for loopback only");
    }
    check(&RelayConfig { tls: TlsMode::Starttls, ..plain("smtp.example.org") }, "");
}

#[test]
fn a_contradiction_is_said_in_a_sentence() {
    let good = RelayConfig::default();
    check(&good, "");
    check(&RelayConfig { username: Some("x".to_owned()), ..good.clone() }, "go together");
    check(&RelayConfig { host: "a b".to_owned(), ..good.clone() }, "not a host name");
    check(&RelayConfig { ehlo: "a\r\nMAIL".to_owned(), ..good.clone() }, "ehlo");
    check(&RelayConfig { connections: 0, ..good.clone() }, "connections = 0");
    check(&RelayConfig { connections: 999, ..good.clone() }, "connections = 999");
    check(&RelayConfig { mails_per_connection: 0, ..good.clone() }, "mails_per_connection");
    check(&RelayConfig { timeouts: Timeouts { dot_seconds: 0, ..Timeouts::default() }, ..good }, "timeout of 0");
}

#[test]
fn a_password_is_never_printed() {
    let config: RelayConfig = toml::from_str(
        "host = 'smtp.example.org'\nport = 465\ntls = 'implicit'\nusername = 'fanal'\npassword = 'hunter2'\n[timeouts]\ndot_seconds = 900",
    )
    .expect("a relay");
    assert_eq!((config.tls, config.timeouts.dot_seconds, config.timeouts.data_seconds), (TlsMode::Implicit, 900, 120));
    assert!(!format!("{config:?}").contains("hunter2"));
    assert!(toml::from_str::<RelayConfig>("hots = 'x'").is_err());
}

#[test]
fn only_what_broke_after_the_dot_is_in_doubt() {
    let broken = |phase, in_doubt| Outcome::Broken { phase, in_doubt, error: "reset".to_owned() };
    assert_eq!(broken(Phase::Dot, true).verdict(), Verdict::InDoubt);
    assert_eq!(broken(Phase::Body, false).verdict(), Verdict::Retry(Blame::Relay));
    let replied = Outcome::Replied { phase: Phase::Rcpt, reply: Reply::new(550, "5.1.1 <a@b.example> unknown") };
    assert_eq!(replied.verdict(), Verdict::Failed(Failure::NoSuchMailbox));
    assert_eq!(replied.to_string(), "RCPT: 550 5.1.1 <address> unknown");
    assert_eq!(Outcome::Unsendable(Unsendable::NeedsSmtpUtf8).verdict(), Verdict::Failed(Failure::BadAddress));
}
