//! Shows mail through postfix and opensmtpd on loopback: STARTTLS, implicit TLS, AUTH, refusals, and what comes out at the end.
//! Each runs from a temporary directory on ports of its own; where it cannot be had, its test says so and passes.

use std::{fs, path::PathBuf, process::Command, time::Duration};

use depeche::{
    delivery::{Blame, Failure, Key, Kind, Phase, Verdict},
    mail::{
        Catcher, Caught, Connection, Encoded, HeaderText, HeaderUri, Mailbox, Message, RelayConfig, Secret, Timeouts,
        TlsMode, Unsubscribe,
    },
};
use tokio::{net::TcpStream, sync::mpsc};

use super::{
    address, envelope,
    servers::{Server, opensmtpd, password_server, postfix},
};
use crate::support::wait_until;

/// What a mail may take through a real server.
const PATIENCE: Duration = Duration::from_secs(20);

const SUBJECT: &str =
    "Trains\u{a0}: ce qui change lundi à Nantes et à Angers, et 6 autres articles «\u{a0}à suivre\u{a0}»\u{202f}!";
const TEXT: &str = "Télé : un train sur trois =\r\n.un point en tête\r\n..deux\r\n";

/// A digest as the daemon sends it, with everything that parsers trip over.
fn digest(number: u8) -> Vec<u8> {
    let from = Mailbox::new("L'Écho, du matin", address("resume@lettres.lefanal.example"));
    let (to, reply_to) =
        (Mailbox::from(address("claire@lecteur.example")), Mailbox::from(address("redaction@lefanal.example")));
    let subject = HeaderText::new(SUBJECT);
    let key = Key::new(Kind::Digest, 1, &[number]);
    let https: HeaderUri = "https://lettres.lefanal.example/u/AbC-dEf_123".parse().expect("a URI");
    let mailto = HeaderUri::mailto(&address("leave@lettres.lefanal.example"), "AbC-dEf_123").expect("a URI");
    let text = "T=C3=A9l=C3=A9 : un train sur trois =3D\r\n.un point en t=C3=AAte\r\n..deux\r\n";
    let html = format!("<p>{}</p>\r\n", "L=E2=80=99essentiel =E2=80=A2 un soft=\r\n break.\r\n".repeat(900));
    let mut out = Vec::new();
    Message {
        from: &from,
        to: &to,
        reply_to: &reply_to,
        subject: &subject,
        date: chrono::DateTime::parse_from_rfc3339("2026-11-24T07:00:00+01:00").expect("a date"),
        message_id: &key.message_id("lettres.lefanal.example"),
        language: "fr".parse().expect("a language"),
        list_id: &"resume.lettres.lefanal.example".parse().expect("a list id"),
        unsubscribe: Some(Unsubscribe { https: &https, mailto: &mailto }),
        kind: Kind::Digest,
        html: Encoded::new(html.as_bytes()).expect("encoded"),
        text: Encoded::new(text.as_bytes()).expect("encoded"),
        boundary: &key.boundary(),
    }
    .to_bytes(&mut out);
    out
}

/// Reads a mail with Python's `email` under its strict default policy, and prints what it found wrong and what it read.
const PARSE: &str = r#"
import email, email.policy, json, sys
mail = email.message_from_binary_file(open(sys.argv[1], "rb"), policy=email.policy.default)
defects = [repr(d) for part in mail.walk() for d in part.defects]
defects += [f"{name}: {d!r}" for part in mail.walk() for name, value in part.items() for d in value.defects]
print(json.dumps({
    "defects": defects, "subject": mail["subject"], "from": mail["from"].addresses[0].display_name,
    "to": mail["to"].addresses[0].addr_spec, "date": mail["date"].datetime.isoformat(), "id": mail["message-id"],
    "one_click": mail["list-unsubscribe-post"], "unsubscribe": mail["list-unsubscribe"], "list": mail["list-id"],
    "types": [part.get_content_type() for part in mail.iter_parts()],
    "text": mail.get_body(("plain",)).get_content(), "html": len(mail.get_body(("html",)).get_content()),
}))
"#;

fn parses_without_defects(mail: &Caught, number: u8) {
    let file = tempfile::NamedTempFile::new().expect("a file");
    fs::write(file.path(), &mail.message).expect("the mail");
    let Ok(output) = Command::new("python3").args(["-c", PARSE]).arg(file.path()).output() else {
        eprintln!("skipped the parse: python3 is not installed");
        return;
    };
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let read: serde_json::Value = serde_json::from_slice(&output.stdout).expect("JSON");
    let id = Key::new(Kind::Digest, 1, &[number]).message_id("lettres.lefanal.example");
    let expected = serde_json::json!({
        "defects": [], "subject": SUBJECT, "from": "L'Écho, du matin", "to": "claire@lecteur.example",
        "date": "2026-11-24T07:00:00+01:00", "id": format!("<{}>", id.as_str()), "one_click": "List-Unsubscribe=One-Click",
        "unsubscribe": "<https://lettres.lefanal.example/u/AbC-dEf_123>, <mailto:leave@lettres.lefanal.example?subject=AbC-dEf_123>",
        "list": "<resume.lettres.lefanal.example>", "types": ["text/plain", "text/html"],
        "text": TEXT.replace("\r\n", "\n").trim_end(), "html": read["html"],
    });
    assert_eq!(read, expected);
    assert!(read["html"].as_u64().is_some_and(|letters| letters > 20_000), "{}", read["html"]);
}

/// Sends through both doors of a relay and follows each mail to the catcher behind it.
async fn check(relay: [u16; 2], authority: PathBuf, mut behind: mpsc::Receiver<Caught>) {
    let seconds = 20;
    for (door, (port, tls)) in relay.into_iter().zip([TlsMode::Starttls, TlsMode::Implicit]).enumerate() {
        let config = RelayConfig {
            host: "localhost".to_owned(),
            port,
            tls,
            username: Some("fanal".to_owned()),
            password: Some(Secret::new("s3cret".to_owned())),
            ehlo: "sender.example".to_owned(),
            ca_file: Some(authority.clone()),
            timeouts: Timeouts {
                greeting_seconds: seconds,
                command_seconds: seconds,
                dot_seconds: seconds,
                ..Timeouts::default()
            },
            ..RelayConfig::default()
        };
        let wrong = RelayConfig { password: Some(Secret::new("wrong".to_owned())), ..config.clone() };
        let error = Connection::open(&wrong).await.expect_err("a wrong password");
        assert!(error.phase == Phase::Auth && error.is_lasting(), "{error}");

        let nobody = RelayConfig { username: None, password: None, ..config.clone() };
        let mut unknown = Connection::open(&nobody).await.expect("a connection without AUTH");
        let outcome = unknown.transact(&envelope("claire@lecteur.example"), &digest(0)).await;
        let session = [Verdict::Retry(Blame::Relay), Verdict::Failed(Failure::Refused)];
        assert!(session.contains(&outcome.verdict()) && outcome.phase() == Phase::Rcpt, "{outcome:?}");
        unknown.quit().await;

        let mut connection = Connection::open(&config).await.expect("a connection");
        let first = u8::try_from(2 * door).expect("few doors");
        for number in [first, first + 1] {
            let refused = connection.transact(&envelope("nobody@lecteur.example"), &digest(number)).await;
            assert!(matches!(refused.verdict(), Verdict::Failed(_)) && refused.phase() == Phase::Rcpt, "{refused:?}");
            assert!(connection.is_reusable(), "a refused recipient keeps the connection");
            let accepted = connection.transact(&envelope("claire@lecteur.example"), &digest(number)).await;
            assert_eq!(accepted.verdict(), Verdict::Accepted, "{accepted:?}");
        }
        connection.quit().await;
        let mut arrived = Vec::new();
        for _ in 0..2 {
            arrived.push(tokio::time::timeout(PATIENCE, behind.recv()).await.expect("a mail in time").expect("a mail"));
        }
        for number in [first, first + 1] {
            let sent = digest(number);
            let mail = arrived
                .iter()
                .find(|mail| mail.message.ends_with(&sent))
                .expect("each mail, byte for byte below Received");
            assert_eq!(mail.to, ["claire@lecteur.example"]);
            assert_eq!(mail.from, "bounces@lettres.example");
            parses_without_defects(mail, number);
        }
    }
}

async fn catcher() -> (Catcher, mpsc::Receiver<Caught>) {
    let (sender, receiver) = mpsc::channel(64);
    (Catcher::start("127.0.0.1:0".parse().expect("an address"), sender).await.expect("a catcher"), receiver)
}

#[tokio::test]
async fn postfix_takes_our_mail_and_passes_it_on_whole() {
    let (catcher, behind) = catcher().await;
    let passwords = password_server().await;
    let Some(server) = postfix(catcher.address().port(), passwords) else { return };
    follow(server, behind).await;
}

#[tokio::test]
async fn opensmtpd_takes_our_mail_and_passes_it_on_whole() {
    let (catcher, behind) = catcher().await;
    let Some(server) = opensmtpd(catcher.address().port()) else { return };
    follow(server, behind).await;
}

async fn follow(server: Server, behind: mpsc::Receiver<Caught>) {
    server.until_it_listens().await;
    let ports = server.ports;
    check(ports, server.authority.clone(), behind).await;
    drop(server);
    // The processes that Postfix starts for its clients hold its sockets, and see a moment later that it is gone.
    let refused = async || TcpStream::connect(("127.0.0.1", ports[0])).await.err();
    wait_until("the end of the relay", PATIENCE, refused).await;
}
