//! Starts postfix and opensmtpd on loopback, each from a temporary directory and on ports of its own, and stops them.
//! It sends nothing.

use std::{
    fs,
    os::unix::{fs::PermissionsExt, process::CommandExt},
    path::{Path, PathBuf},
    process::{Child, Command, Stdio},
    time::{Duration, Instant},
};

use nix::{
    sys::signal::{Signal, kill, killpg},
    unistd::Pid,
};
use tempfile::TempDir;
use tokio::{
    io::{AsyncBufReadExt, AsyncWriteExt, BufReader},
    net::{TcpListener, TcpStream},
};

use super::certificates::Certificates;
use crate::support::ready;

/// What a real server may take to start or stop.
const PATIENCE: Duration = Duration::from_secs(20);
const POLL: Duration = Duration::from_millis(50);

/// A directory that other accounts may enter, with certificates in it.
fn directory() -> Option<(TempDir, Certificates)> {
    ready("setup.sh", &["openssl"])?;
    let directory = tempfile::tempdir().expect("a directory");
    fs::set_permissions(directory.path(), fs::Permissions::from_mode(0o755)).expect("its mode");
    let certificates = Certificates::make(directory.path(), "DNS:localhost,IP:127.0.0.1");
    certificates.map(|certificates| (directory, certificates))
}

/// Ports that were free a moment ago.
fn free_ports() -> [u16; 2] {
    let listeners = [(); 2].map(|()| std::net::TcpListener::bind("127.0.0.1:0").expect("a port"));
    listeners.map(|listener| listener.local_addr().expect("its address").port())
}

/// A server in the foreground, in a process group of its own; it is gone when this is dropped.
pub(super) struct Server {
    /// STARTTLS, and implicit TLS.
    pub(super) ports: [u16; 2],
    /// The authority of its certificate.
    pub(super) authority: PathBuf,
    log: PathBuf,
    child: Child,
    /// postfix's master leads a session of its own and names itself here.
    pid_file: Option<PathBuf>,
    _directory: TempDir,
}

impl Server {
    fn start(
        command: &mut Command,
        ports: [u16; 2],
        authority: PathBuf,
        pid_file: Option<PathBuf>,
        directory: TempDir,
    ) -> Self {
        let log = directory.path().join("log");
        let output = fs::File::create(&log).expect("a log");
        let errors = Stdio::from(output.try_clone().expect("the log"));
        let child =
            command.stdin(Stdio::null()).stdout(output).stderr(errors).process_group(0).spawn().expect("a server");
        Self { ports, authority, log, child, pid_file, _directory: directory }
    }

    pub(super) async fn until_it_listens(&self) {
        let started = Instant::now();
        while TcpStream::connect(("127.0.0.1", self.ports[1])).await.is_err() {
            let log = || fs::read_to_string(&self.log).unwrap_or_default();
            assert!(started.elapsed() < PATIENCE, "nothing listens: {}", log());
            tokio::time::sleep(POLL).await;
        }
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
pub(super) async fn password_server() -> u16 {
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

pub(super) fn postfix(out: u16, passwords: u16) -> Option<Server> {
    ready("real-relays.sh", &["postfix"])?;
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
    let pid_file = root.join("spool/pid/master.pid");
    let mut command = Command::new("/usr/sbin/postfix");
    command.arg("-c").arg(root.join("etc")).arg("start-fg");
    Some(Server::start(&mut command, ports, certificates.authority, Some(pid_file), directory))
}

pub(super) fn opensmtpd(out: u16) -> Option<Server> {
    let unpacked = Path::new(env!("CARGO_TARGET_TMPDIR")).join("opensmtpd");
    ready("real-relays.sh", &["opensmtpd", unpacked.to_str().expect("a path in UTF-8")])?;
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
    let mut command = Command::new("chroot");
    command.arg(&root).args(["/usr/sbin/smtpd", "-d", "-f", "/etc/smtpd.conf"]);
    Some(Server::start(&mut command, ports, certificates.authority, None, directory))
}
