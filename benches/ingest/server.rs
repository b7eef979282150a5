//! The publishers of the bench: one process of its own, so that neither its memory nor its threads count as the reader's.
//! What a feed says follows from its number and from the validator that is sent back; nothing is remembered.

use std::{
    fmt::Write as _,
    io::{BufRead as _, BufReader, Read as _},
    net::{IpAddr, SocketAddr},
    path::{Path, PathBuf},
    process::{Child, Command, Stdio},
    time::Duration,
};

use tokio::{
    io::{AsyncRead, AsyncReadExt as _, AsyncWrite, AsyncWriteExt as _},
    net::TcpListener,
};
use tokio_rustls::TlsAcceptor;

use super::certificates::Certificates;

/// One feed in this many has something new each time; the others answer 304.
pub(crate) const CHANGING: usize = 10;
/// Entries of a changing feed at a time; the others have one, so that the first reading, which is not measured, is short.
const ENTRIES: usize = 10;
/// Words of an entry: enough for no page to be needed behind it.
const WORDS: usize = 160;
/// Bytes of a request's head; ours are far below.
const MAX_HEAD: usize = 16_000;

/// Feeds of one site, and sites of one address.
pub(crate) const OF_SITE: usize = 4;
pub(crate) const ON_ADDRESS: usize = 5;
/// Addresses that share a certificate, as those of a hoster do: it is for all their sites.
const ON_CERTIFICATE: usize = 5;
/// The file with the authority, in the directory of the certificates.
pub(crate) const AUTHORITY: &str = "ca.pem";

/// What else is there: sites that are slow or mean no good, each with a path of its own.
pub(crate) const HOSTILE: [&str; 4] = ["/drip", "/endless", "/lying", "/silent"];

/// The server's process; it ends with the bench.
pub(crate) struct Server {
    process: Child,
    pub(crate) port: u16,
}

impl Server {
    /// Starts this program once more, as the server on these addresses.
    pub(crate) fn start(addresses: usize, certificates: Option<&Path>) -> Self {
        let program = std::env::current_exe().expect("this program");
        let mut command = Command::new(program);
        command.args(["--serve", &addresses.to_string()]).stdin(Stdio::piped()).stdout(Stdio::piped());
        if let Some(directory) = certificates {
            command.arg("--certificates").arg(directory);
        }
        let mut process = command.spawn().expect("the server starts");
        let mut line = String::new();
        let said = process.stdout.take().expect("piped");
        BufReader::new(said).read_line(&mut line).expect("the server says its port");
        Self { process, port: line.trim().parse().expect("a port") }
    }
}

impl Server {
    pub(crate) fn id(&self) -> u32 {
        self.process.id()
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

/// The n-th address: all of them are this machine.
pub(crate) fn address(n: usize) -> IpAddr {
    let byte = |n: usize| u8::try_from(n % 250).expect("below 250");
    IpAddr::from([127, 1, byte(n / 250), byte(n) + 1])
}

/// The site of this number; its feeds have a name each below it.
pub(crate) fn site(n: usize) -> String {
    format!("site-{n}.test")
}

/// A site that is slow or means no good.
pub(crate) fn hostile_site(n: usize) -> String {
    format!("hostile-{n}.test")
}

fn certificate_of(address: usize) -> String {
    format!("shared-{}", address / ON_CERTIFICATE)
}

/// Makes an authority and the certificates of so many addresses, below this directory.
pub(crate) fn certify(directory: &Path, addresses: usize) -> PathBuf {
    let directory = directory.join("certificates");
    std::fs::create_dir(&directory).expect("a directory");
    Certificates::make(&directory, "DNS:localhost").expect("openssl is installed");
    for first in (0..addresses).step_by(ON_CERTIFICATE) {
        let sites = first * ON_ADDRESS..(first + ON_CERTIFICATE) * ON_ADDRESS;
        let hostile = (first..HOSTILE.len().min(first + ON_CERTIFICATE)).map(hostile_site);
        let names: Vec<String> = sites.map(site).chain(hostile).map(|site| format!("DNS:*.{site}")).collect();
        Certificates::issue(&directory, &certificate_of(first), &names.join(",")).expect("openssl is installed");
    }
    directory
}

/// What an address speaks: TLS where there are certificates.
fn tls_of(address: usize, certificates: Option<&Path>) -> Option<TlsAcceptor> {
    let directory = certificates?;
    let file = |extension: &str| directory.join(format!("{}.{extension}", certificate_of(address)));
    let of = Certificates { authority: directory.join(AUTHORITY), certificate: file("pem"), key: file("key") };
    Some(of.acceptor())
}

/// Serves until the bench is gone: the end of its input tells.
pub(crate) async fn serve(addresses: usize, certificates: Option<&Path>) {
    let first = TcpListener::bind(SocketAddr::new(address(0), 0)).await.expect("a free port");
    let port = first.local_addr().expect("bound").port();
    let mut listeners = vec![first];
    for n in 1..addresses {
        listeners.push(TcpListener::bind(SocketAddr::new(address(n), port)).await.expect("the same port"));
    }
    for (n, listener) in listeners.into_iter().enumerate() {
        let tls = tls_of(n, certificates);
        tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                let tls = tls.clone();
                // An error is a reader that hung up, which hostile sites provoke.
                tokio::spawn(async move {
                    match tls {
                        Some(tls) => answer_all(tls.accept(stream).await?).await,
                        None => answer_all(stream).await,
                    }
                });
            }
        });
    }
    println!("{port}");
    let _ = tokio::task::spawn_blocking(|| std::io::stdin().read(&mut [0; 1])).await;
}

async fn answer_all(mut stream: impl AsyncRead + AsyncWrite + Unpin) -> std::io::Result<()> {
    let mut bytes = Vec::new();
    loop {
        let end = loop {
            if let Some(at) = bytes.windows(4).position(|w| w == b"\r\n\r\n") {
                break at + 4;
            }
            if bytes.len() > MAX_HEAD || stream.read_buf(&mut bytes).await? == 0 {
                return Ok(());
            }
        };
        let head = String::from_utf8_lossy(&bytes[..end]).into_owned();
        bytes.drain(..end);
        let path = head.split(' ').nth(1).unwrap_or_default();
        if HOSTILE.contains(&path) {
            return hostile(&mut stream, path).await;
        }
        let feed = path.trim_start_matches("/feed/").parse().unwrap_or(0);
        stream.write_all(&answer(feed, header(&head, "if-none-match"))).await?;
        if header(&head, "connection") == Some("close") {
            return stream.shutdown().await;
        }
    }
}

fn header<'a>(head: &'a str, name: &str) -> Option<&'a str> {
    let mut lines = head.lines().filter_map(|line| line.split_once(": "));
    lines.find(|(known, _)| known.eq_ignore_ascii_case(name)).map(|(_, value)| value)
}

/// The first reading is version 1; a changing feed is always one ahead of the version that is sent back.
fn answer(feed: usize, seen: Option<&str>) -> Vec<u8> {
    let seen: Option<usize> = seen.and_then(|tag| tag.trim_matches('"').parse().ok());
    match seen {
        Some(version) if !feed.is_multiple_of(CHANGING) => {
            format!("HTTP/1.1 304 Not Modified\r\nETag: \"{version}\"\r\n\r\n").into_bytes()
        }
        seen => {
            let version = seen.unwrap_or(0) + 1;
            let body = document(feed, version);
            let head = format!(
                "HTTP/1.1 200 OK\r\nContent-Type: application/rss+xml\r\nETag: \"{version}\"\r\nContent-Length: {}\r\n\r\n",
                body.len()
            );
            [head.into_bytes(), body.into_bytes()].concat()
        }
    }
}

fn document(feed: usize, version: usize) -> String {
    let mut text = format!(
        "<?xml version=\"1.0\" encoding=\"utf-8\"?>\
         <rss version=\"2.0\" xmlns:content=\"http://purl.org/rss/1.0/modules/content/\"><channel><title>Feed {feed}</title>\
         <link>http://site.test/</link><language>en</language>"
    );
    let entries = if feed.is_multiple_of(CHANGING) { ENTRIES } else { 1 };
    for n in (version..version + entries).rev() {
        let _ = write!(
            text,
            "<item><guid isPermaLink=\"false\">{feed}-{n}</guid><link>http://site.test/{feed}/{n}</link>\
             <title>Council {feed} decides on matter {n}</title><content:encoded>&lt;p&gt;{}&lt;/p&gt;</content:encoded></item>",
            prose(feed * 1_000 + n)
        );
    }
    text.push_str("</channel></rss>");
    text
}

/// Sentences of their own for each seed: articles of the same words would be one story.
fn prose(seed: usize) -> String {
    let syllables = ["ba", "ne", "ri", "to", "lou", "va", "con", "mi", "du", "que", "za", "fro", "pli", "gre", "sta"];
    let mut state = (seed as u64).wrapping_mul(0x9E37_79B9_7F4A_7C15) + 1;
    let mut text = String::new();
    for word in 0..WORDS {
        if word % 16 == 0 {
            text.push_str(if word == 0 { "The" } else { ". The" });
        }
        text.push(' ');
        for _ in 0..2 {
            state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
            text.push_str(syllables[usize::try_from(state >> 40).unwrap_or_default() % syllables.len()]);
        }
    }
    text.push('.');
    text
}

/// Ends when the reader has enough.
async fn hostile(stream: &mut (impl AsyncRead + AsyncWrite + Unpin), path: &str) -> std::io::Result<()> {
    let head = match path {
        "/lying" => "HTTP/1.1 200 OK\r\nContent-Length: 900000000\r\n\r\n<rss",
        _ => "HTTP/1.1 200 OK\r\n\r\n",
    };
    if path != "/silent" {
        stream.write_all(head.as_bytes()).await?;
    }
    match path {
        "/drip" => loop {
            stream.write_all(b" ").await?;
            tokio::time::sleep(Duration::from_secs(1)).await;
        },
        "/endless" => loop {
            stream.write_all(&[b'x'; 16_000]).await?;
        },
        _ => {
            while stream.read(&mut [0; 64]).await? > 0 {}
            Ok(())
        }
    }
}
