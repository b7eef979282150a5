//! Shows that nothing is sent before TLS stands, whoever is on the way, and that AUTH works under it.
//! Certificates are made by openssl in a temporary directory; without it these tests say so and pass.

use depeche::{
    delivery::{Phase, Verdict},
    mail::{Connection, RelayConfig, RelayError, Secret, TlsMode},
};
use tempfile::TempDir;

use super::{
    certificates::Certificates,
    envelope, mail, relay,
    smtp_server::{Act, At, Seen, SmtpServer, Tls},
};

struct Stage {
    certificates: Certificates,
    _directory: TempDir,
}

fn stage() -> Option<Stage> {
    stage_for("DNS:localhost,IP:127.0.0.1")
}

fn stage_for(names: &str) -> Option<Stage> {
    let directory = tempfile::tempdir().expect("a directory");
    let certificates = Certificates::make(directory.path(), names);
    if certificates.is_none() {
        eprintln!("skipped: openssl is not installed");
    }
    certificates.map(|certificates| Stage { certificates, _directory: directory })
}

const IN_THE_CLEAR: [&str; 2] = ["STARTTLS", "PIPELINING"];

impl Stage {
    async fn server(
        &self,
        tls: Tls,
        secure: Vec<&'static str>,
        manners: impl Fn(&At) -> Act + Send + Sync + 'static,
    ) -> SmtpServer {
        SmtpServer::start_with(tls, Some(&self.certificates), [IN_THE_CLEAR.to_vec(), secure], manners).await
    }

    fn relay(&self, server: &SmtpServer, tls: TlsMode) -> RelayConfig {
        RelayConfig { tls, ca_file: Some(self.certificates.authority.clone()), ..relay(server.address) }
    }
}

fn with_password(config: RelayConfig, password: &str) -> RelayConfig {
    RelayConfig { username: Some("fanal".to_owned()), password: Some(Secret::new(password.to_owned())), ..config }
}

/// What the server read in the clear must be no more than EHLO and STARTTLS.
fn nothing_was_sent(seen: &Seen) {
    for read in &seen.reads {
        assert!(read.starts_with("EHLO ") || read == "STARTTLS\r\n" || !read.is_ascii(), "{read:?}");
    }
    assert!(seen.mails.is_empty());
}

#[tokio::test]
async fn a_mail_goes_out_under_starttls_and_under_implicit_tls_with_either_auth() {
    let Some(stage) = stage() else { return };
    for (tls, mode) in [(Tls::Starttls, TlsMode::Starttls), (Tls::Implicit, TlsMode::Implicit)] {
        for mechanisms in ["AUTH PLAIN LOGIN", "AUTH LOGIN"] {
            let server = stage.server(tls, vec!["PIPELINING", mechanisms], |_| Act::Usual).await;
            let config = with_password(stage.relay(&server, mode), "s3cret");
            let mut connection = Connection::open(&config).await.expect("a connection");
            for number in 0..2 {
                let outcome = connection.transact(&envelope("b@x.example"), &mail(number)).await;
                assert_eq!(outcome.verdict(), Verdict::Accepted, "{outcome:?}");
            }
            connection.quit().await;
            assert_eq!(server.seen().mails.len(), 2);
            assert_eq!(server.seen().mails[1].2, mail(1));
        }
    }
}

async fn refused(config: &RelayConfig) -> RelayError {
    Connection::open(config).await.expect_err("no connection may stand")
}

#[tokio::test]
async fn answers_injected_before_tls_end_the_attempt() {
    let Some(stage) = stage() else { return };
    let injections: [&[u8]; 4] = [
        b"220 go\r\n250 injected",
        b"220 go\r\n250-injected\r\n250 AUTH PLAIN",
        b"220 go\r\nx",
        b"220-go\r\n220 on\r\n235 welcome",
    ];
    for injection in injections {
        let server = stage
            .server(Tls::Starttls, vec!["AUTH PLAIN"], move |at: &At| {
                if *at == At::StartTls { Act::Say(injection) } else { Act::Usual }
            })
            .await;
        let config = with_password(stage.relay(&server, TlsMode::Starttls), "s3cret");
        let error = refused(&config).await;
        assert_eq!(error.phase, Phase::StartTls);
        assert!(error.is_lasting() && error.to_string().contains("before TLS"), "{error}");
        nothing_was_sent(&server.seen());
    }
}

#[tokio::test]
async fn plain_text_instead_of_a_handshake_ends_the_attempt() {
    let Some(stage) = stage() else { return };
    // The line comes after the client has begun its handshake, so it is no part of the answer to STARTTLS.
    let server = stage
        .server(Tls::Starttls, vec![], |at: &At| {
            if *at == At::Handshake { Act::SayAndClose(b"250 injected\r\n") } else { Act::Usual }
        })
        .await;
    let error = refused(&stage.relay(&server, TlsMode::Starttls)).await;
    assert!(matches!(error.phase, Phase::Tls | Phase::StartTls), "{error}");
    nothing_was_sent(&server.seen());
}

#[tokio::test]
async fn what_was_said_before_tls_is_forgotten_under_it() {
    let Some(stage) = stage() else { return };
    // AUTH and PIPELINING are offered in the clear only.
    let clear = vec!["STARTTLS", "PIPELINING", "AUTH PLAIN"];
    let server =
        SmtpServer::start_with(Tls::Starttls, Some(&stage.certificates), [clear, vec![]], |_| Act::Usual).await;
    let config = stage.relay(&server, TlsMode::Starttls);
    let error = refused(&with_password(config.clone(), "s3cret")).await;
    assert_eq!(error.phase, Phase::Auth);
    assert!(error.to_string().contains("does not offer AUTH PLAIN"), "{error}");
    let mut connection = Connection::open(&config).await.expect("a connection without AUTH");
    connection.transact(&envelope("b@x.example"), &mail(1)).await;
    assert!(server.seen().reads.contains(&"DATA\r\n".to_owned()), "DATA went out alone");
}

#[tokio::test]
async fn a_relay_without_starttls_gets_neither_password_nor_mail() {
    let server = SmtpServer::start_with(Tls::None, None, [vec!["AUTH PLAIN"], vec![]], |_| Act::Usual).await;
    let config = with_password(RelayConfig { tls: TlsMode::Starttls, ..relay(server.address) }, "s3cret");
    let error = refused(&config).await;
    assert_eq!(error.phase, Phase::StartTls);
    assert!(error.is_lasting() && error.to_string().contains("does not offer STARTTLS"), "{error}");
    nothing_was_sent(&server.seen());
}

#[tokio::test]
async fn a_refused_or_silent_starttls_is_reported() {
    let Some(stage) = stage() else { return };
    for (at, act, phase, part) in [
        (At::StartTls, Act::Say(b"454 4.7.0 no TLS now"), Phase::StartTls, "454 4.7.0 no TLS now"),
        (At::StartTls, Act::Hang, Phase::StartTls, "no answer within 1 s"),
        (At::StartTls, Act::Close, Phase::StartTls, "closed"),
        (At::Handshake, Act::Hang, Phase::Tls, "no answer within 1 s"),
        (At::Handshake, Act::Close, Phase::Tls, ""),
        (At::Ehlo(true), Act::Say(b"550 not you"), Phase::Ehlo, "550 not you"),
    ] {
        let server = stage
            .server(Tls::Starttls, vec![], move |now: &At| if *now == at { act.clone() } else { Act::Usual })
            .await;
        let error = refused(&stage.relay(&server, TlsMode::Starttls)).await;
        assert_eq!(error.phase, phase, "{error}");
        assert!(error.to_string().contains(part), "{error}");
    }
}

#[tokio::test]
async fn a_certificate_that_nobody_vouches_for_or_for_another_name_is_refused() {
    let (Some(ours), Some(others)) = (stage(), stage_for("DNS:other.example")) else { return };
    for (tls, mode) in [(Tls::Starttls, TlsMode::Starttls), (Tls::Implicit, TlsMode::Implicit)] {
        let server = ours.server(tls, vec![], |_| Act::Usual).await;
        let unknown = RelayConfig { ca_file: None, ..ours.relay(&server, mode) };
        let elsewhere = others.server(tls, vec![], |_| Act::Usual).await;
        for config in [unknown, others.relay(&elsewhere, mode)] {
            let error = refused(&config).await;
            assert_eq!(error.phase, Phase::Tls, "{error}");
            assert!(error.is_lasting() && error.to_string().contains("certificate"), "{error}");
        }
    }
}

#[tokio::test]
async fn a_ca_file_that_is_none_is_said_before_anything_is_dialled() {
    let directory = tempfile::tempdir().expect("a directory");
    let empty = directory.path().join("empty.pem");
    std::fs::write(&empty, "no certificate").expect("a file");
    for path in [empty, directory.path().join("absent.pem")] {
        let config =
            RelayConfig { host: "127.0.0.1".to_owned(), ca_file: Some(path.clone()), ..RelayConfig::default() };
        let error = refused(&config).await;
        assert!(error.is_lasting() && error.to_string().contains(&path.display().to_string()), "{error}");
    }
}

#[tokio::test]
async fn wrong_and_missing_passwords_are_told_apart() {
    let Some(stage) = stage() else { return };
    let server = stage.server(Tls::Implicit, vec!["AUTH PLAIN LOGIN"], |_| Act::Usual).await;
    let error = refused(&with_password(stage.relay(&server, TlsMode::Implicit), "wrong")).await;
    assert_eq!(error.phase, Phase::Auth);
    assert!(error.is_lasting() && error.to_string().contains("535 5.7.8 bad credentials"), "{error}");
    assert!(!format!("{error:?}").contains("wrong"), "the password is not printed");

    let silent = stage
        .server(Tls::Implicit, vec!["AUTH PLAIN"], |at: &At| if *at == At::Auth { Act::Hang } else { Act::Usual })
        .await;
    let error = refused(&with_password(stage.relay(&silent, TlsMode::Implicit), "s3cret")).await;
    assert!(error.phase == Phase::Auth && !error.is_lasting(), "{error}");
}
