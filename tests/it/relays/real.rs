//! Shows mail through postfix and opensmtpd on loopback: STARTTLS, implicit TLS, AUTH, refusals, and what comes out at the end.
//! Each runs from a temporary directory on ports of its own; where it cannot be had, its test says so and passes.

use std::{
    fs,
    os::unix::{fs::PermissionsExt, process::CommandExt},
    path::{Path, PathBuf},
    process::{Child, Command, Stdio},
    time::{Duration, Instant},
};

use depeche::{
    delivery::{Blame, Failure, Key, Kind, Phase, Verdict},
    mail::{
        Catcher, Caught, Connection, Encoded, HeaderText, HeaderUri, Mailbox, Message, RelayConfig, Secret, Timeouts,
        TlsMode, Unsubscribe,
    },
};
use nix::{
    sys::signal::{Signal, kill, killpg},
    unistd::Pid,
};
use tempfile::TempDir;
use tokio::{
    io::{AsyncBufReadExt, AsyncWriteExt, BufReader},
    net::{TcpListener, TcpStream},
    sync::mpsc,
};

use super::{address, envelope, smtp_server::Certificates};

/// What a real server may take to start or stop.
const PATIENCE: Duration = Duration::from_secs(20);
const POLL: Duration = Duration::from_millis(50);

/// Asks the script for a relay; `None`, and a line that says why, where it cannot be had.
fn ready(arguments: &[&str]) -> Option<()> {
    let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("scripts/real-relays.sh");
    let output = Command::new("sh").arg(script).args(arguments).stdin(Stdio::null()).output().expect("sh");
    match output.status.code() {
        Some(0) => Some(()),
        Some(3) => {
            let why = String::from_utf8_lossy(&output.stderr);
            eprintln!("skipped, no {}: {}", arguments[0], why.lines().last().unwrap_or_default());
            None
        }
        _ => panic!("scripts/real-relays.sh: {}", String::from_utf8_lossy(&output.stderr)),
    }
}

/// A directory that other accounts may enter, with certificates in it.
fn directory() -> Option<(TempDir, Certificates)> {
    let directory = tempfile::tempdir().expect("a directory");
    fs::set_permissions(directory.path(), fs::Permissions::from_mode(0o755)).expect("its mode");
    let certificates = Certificates::make(directory.path(), "DNS:localhost,IP:127.0.0.1");
    if certificates.is_none() {
        eprintln!("skipped: openssl is not installed");
    }
    certificates.map(|certificates| (directory, certificates))
}

/// Ports that were free a moment ago.
fn free_ports() -> [u16; 2] {
    let listeners = [(); 2].map(|()| std::net::TcpListener::bind("127.0.0.1:0").expect("a port"));
    listeners.map(|listener| listener.local_addr().expect("its address").port())
}

async fn until_it_listens(port: u16, log: &Path) {
    let started = Instant::now();
    while TcpStream::connect(("127.0.0.1", port)).await.is_err() {
        assert!(started.elapsed() < PATIENCE, "nothing listens: {}", fs::read_to_string(log).unwrap_or_default());
        tokio::time::sleep(POLL).await;
    }
}

/// A server in the foreground, in a process group of its own; it is gone when this is dropped.
struct Server {
    child: Child,
    /// postfix's master leads a session of its own and names itself here.
    pid_file: Option<PathBuf>,
    _directory: TempDir,
}

impl Server {
    fn start(command: &mut Command, log: &Path, pid_file: Option<PathBuf>, directory: TempDir) -> Self {
        let log = fs::File::create(log).expect("a log");
        let output = Stdio::from(log.try_clone().expect("the log"));
        let child = command.stdin(Stdio::null()).stdout(output).stderr(log).process_group(0).spawn().expect("a server");
        Self { child, pid_file, _directory: directory }
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        if let Some(pid) = self
            .pid_file
            .as_ref()
            .and_then(|file| fs::read_to_string(file).ok())
            .and_then(|pid| pid.trim().parse().ok())
        {
            let _ = kill(Pid::from_raw(pid), Signal::SIGTERM);
        }
        let group = Pid::from_raw(i32::try_from(self.child.id()).expect("a process id"));
        let _ = killpg(group, Signal::SIGTERM);
        let started = Instant::now();
        while matches!(self.child.try_wait(), Ok(None)) && started.elapsed() < PATIENCE {
            std::thread::sleep(POLL);
        }
        let _ = killpg(group, Signal::SIGKILL);
        let _ = self.child.wait();
    }
}

/// Answers postfix's questions about passwords by Dovecot's protocol (`doc/wiki` of Dovecot, "Authentication Protocol"):
/// postfix brings no list of passwords of its own. `fanal` / `s3cret` is right.
async fn password_server() -> u16 {
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
    let port = listener.local_addr().expect("its address").port();
    tokio::spawn(async move {
        while let Ok((stream, _)) = listener.accept().await {
            tokio::spawn(async move {
                let mut stream = BufReader::new(stream);
                let hello = "VERSION\t1\t1\nMECH\tPLAIN\tplaintext\nMECH\tLOGIN\tplaintext\nSPID\t1\nCUID\t1\nCOOKIE\t00\nDONE\n";
                let _ = stream.write_all(hello.as_bytes()).await;
                let mut line = String::new();
                while stream.read_line(&mut line).await.is_ok_and(|read| read > 0) {
                    let mut words = line.trim_end().split('\t');
                    if words.next() == Some("AUTH") {
                        let id = words.next().unwrap_or_default();
                        let right = line.trim_end().ends_with("\tresp=AGZhbmFsAHMzY3JldA==");
                        let answer =
                            if right { format!("OK\t{id}\tuser=fanal\n") } else { format!("FAIL\t{id}\tuser=fanal\n") };
                        let _ = stream.write_all(answer.as_bytes()).await;
                    }
                    line.clear();
                }
            });
        }
    });
    port
}

fn postfix(out: u16, passwords: u16) -> Option<(Server, [u16; 2], PathBuf, PathBuf)> {
    ready(&["postfix"])?;
    let (directory, certificates) = directory()?;
    let root = directory.path();
    let ports = free_ports();
    for name in ["etc", "spool", "data"] {
        fs::create_dir(root.join(name)).expect("a directory");
    }
    let owner = nix::unistd::User::from_name("postfix").expect("the list of accounts").expect("postfix's account");
    std::os::unix::fs::chown(root.join("data"), Some(owner.uid.as_raw()), None).expect("postfix owns its data");
    let main = format!(
        "compatibility_level = 3.6\nqueue_directory = {root}/spool\ndata_directory = {root}/data\n\
         command_directory = /usr/sbin\ndaemon_directory = /usr/lib/postfix/sbin\nmail_owner = postfix\nsetgid_group = postdrop\n\
         myhostname = relay.example\nmydestination =\nmynetworks =\ninet_interfaces = 127.0.0.1\ninet_protocols = ipv4\n\
         relayhost = [127.0.0.1]:{out}\nsmtp_dns_support_level = disabled\nalias_maps =\nlocal_recipient_maps =\n\
         smtpd_relay_restrictions = permit_sasl_authenticated, reject_unauth_destination\n\
         smtpd_recipient_restrictions = check_recipient_access inline:{{ {{ nobody@lecteur.example = 550 5.1.1 nobody here }} }}\n\
         smtpd_tls_cert_file = {certificate}\nsmtpd_tls_key_file = {key}\nsmtpd_tls_security_level = encrypt\n\
         smtpd_sasl_auth_enable = yes\nsmtpd_sasl_type = dovecot\nsmtpd_sasl_path = inet:127.0.0.1:{passwords}\n\
         smtpd_sasl_security_options = noanonymous\nmaillog_file = /dev/stdout\n",
        root = root.display(),
        certificate = certificates.certificate.display(),
        key = certificates.key.display(),
    );
    let services: String = [
        format!("127.0.0.1:{} inet n - n - - smtpd", ports[0]),
        format!("127.0.0.1:{} inet n - n - - smtpd -o smtpd_tls_wrappermode=yes", ports[1]),
        "postlog unix-dgram n - n - 1 postlogd".to_owned(),
        "pickup unix n - n 60 1 pickup".to_owned(),
        "cleanup unix n - n - 0 cleanup".to_owned(),
        "qmgr unix n - n 300 1 qmgr".to_owned(),
        "tlsmgr unix - - n 1000? 1 tlsmgr".to_owned(),
        "rewrite unix - - n - - trivial-rewrite".to_owned(),
        "bounce unix - - n - 0 bounce".to_owned(),
        "defer unix - - n - 0 bounce".to_owned(),
        "trace unix - - n - 0 bounce".to_owned(),
        "proxymap unix - - n - - proxymap".to_owned(),
        "smtp unix - - n - - smtp".to_owned(),
        "relay unix - - n - - smtp".to_owned(),
        "error unix - - n - - error".to_owned(),
        "retry unix - - n - - error".to_owned(),
        "anvil unix - - n - 1 anvil".to_owned(),
        "scache unix - - n - 1 scache".to_owned(),
    ]
    .join("\n");
    fs::write(root.join("etc/main.cf"), main).expect("main.cf");
    fs::write(root.join("etc/master.cf"), services + "\n").expect("master.cf");
    let (log, pid_file) = (root.join("log"), root.join("spool/pid/master.pid"));
    let mut command = Command::new("/usr/sbin/postfix");
    command.arg("-c").arg(root.join("etc")).arg("start-fg");
    Some((Server::start(&mut command, &log, Some(pid_file), directory), ports, certificates.authority, log))
}

fn opensmtpd(out: u16) -> Option<(Server, [u16; 2], PathBuf, PathBuf)> {
    let unpacked = Path::new(env!("CARGO_TARGET_TMPDIR")).join("opensmtpd");
    ready(&["opensmtpd", unpacked.to_str().expect("a path in UTF-8")])?;
    let (directory, certificates) = directory()?;
    let root = directory.path().join("root");
    let copied = Command::new("cp").arg("-a").arg(unpacked.join("root")).arg(&root).status();
    assert!(copied.is_ok_and(|status| status.success()), "opensmtpd's directory could not be copied");
    let ports = free_ports();
    let hash = Command::new("openssl").args(["passwd", "-6", "s3cret"]).output().expect("openssl").stdout;
    let etc = root.join("etc");
    fs::copy(&certificates.certificate, etc.join("cert.pem")).expect("the certificate");
    fs::copy(&certificates.authority, etc.join("ssl/certs/ca-certificates.crt")).expect("the authority");
    fs::copy(&certificates.key, etc.join("key.pem")).expect("the key");
    fs::set_permissions(etc.join("key.pem"), fs::Permissions::from_mode(0o600)).expect("its mode");
    fs::write(etc.join("users"), format!("fanal {}", String::from_utf8_lossy(&hash))).expect("users");
    let configuration = format!(
        "pki test cert \"/etc/cert.pem\"\npki test key \"/etc/key.pem\"\ntable users file:/etc/users\n\
         listen on 127.0.0.1 port {} tls-require pki test auth-optional <users> hostname relay.example\n\
         listen on 127.0.0.1 port {} smtps pki test auth-optional <users> hostname relay.example\n\
         action \"out\" relay host smtp://127.0.0.1:{out}\n\
         match from any for rcpt-to \"nobody@lecteur.example\" reject\nmatch auth from any for any action \"out\"\n",
        ports[0], ports[1],
    );
    fs::write(etc.join("smtpd.conf"), configuration).expect("smtpd.conf");
    let log = directory.path().join("log");
    let mut command = Command::new("chroot");
    command.arg(&root).args(["/usr/sbin/smtpd", "-d", "-f", "/etc/smtpd.conf"]);
    Some((Server::start(&mut command, &log, None, directory), ports, certificates.authority, log))
}

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
    let Some((server, ports, authority, log)) = postfix(catcher.address().port(), passwords) else { return };
    until_it_listens(ports[1], &log).await;
    check(ports, authority, behind).await;
    drop(server);
    assert!(TcpStream::connect(("127.0.0.1", ports[0])).await.is_err(), "postfix is still there");
}

#[tokio::test]
async fn opensmtpd_takes_our_mail_and_passes_it_on_whole() {
    let (catcher, behind) = catcher().await;
    let Some((server, ports, authority, log)) = opensmtpd(catcher.address().port()) else { return };
    until_it_listens(ports[1], &log).await;
    check(ports, authority, behind).await;
    drop(server);
    assert!(TcpStream::connect(("127.0.0.1", ports[0])).await.is_err(), "opensmtpd is still there");
}
