//! A web server on loopback that does what it is told, byte by byte: polite, moody and hostile feeds.
//! It knows nothing about feeds or depeche.
#![allow(dead_code)]

use std::collections::HashMap;
use std::net::IpAddr;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio_rustls::TlsAcceptor;

/// Bytes of a request's head; ours are far below.
const MAX_HEAD: usize = 16_000;

/// One request as it came.
#[derive(Clone, Debug)]
pub(crate) struct Asked {
    /// Path and query.
    pub(crate) path: String,
    /// Headers by lower-case name.
    pub(crate) headers: HashMap<String, String>,
    /// Whether it came through TLS.
    pub(crate) secure: bool,
}

/// What to answer, down to the bytes on the wire.
#[derive(Clone, Debug)]
pub(crate) enum Reply {
    /// These bytes, then the end of the connection.
    Raw(Vec<u8>),
    /// The first bytes, then the second over and over, until the other side has enough.
    Endless(Vec<u8>, Vec<u8>),
    /// The first bytes, then the second one byte at a time with a pause between.
    Trickle(Vec<u8>, Vec<u8>, Duration),
    /// The connection is taken and never answered.
    Silence,
}

/// An answer of the usual form with a right `Content-Length`.
pub(crate) fn reply(status: u16, headers: &[(&str, &str)], body: impl AsRef<[u8]>) -> Reply {
    let body = body.as_ref();
    let mut bytes = head(status, headers, Some(body.len()));
    bytes.extend_from_slice(body);
    Reply::Raw(bytes)
}

/// The head of an answer, with the length that it claims.
pub(crate) fn head(status: u16, headers: &[(&str, &str)], length: Option<usize>) -> Vec<u8> {
    let mut text = format!("HTTP/1.1 {status} Answer\r\nConnection: close\r\n");
    for (name, value) in headers {
        text.extend([name, ": ", value, "\r\n"]);
    }
    if let Some(length) = length {
        text.extend(["Content-Length: ", &length.to_string(), "\r\n"]);
    }
    text.push_str("\r\n");
    text.into_bytes()
}

/// Requests now, and the most there were.
#[derive(Default)]
struct Crowd {
    now: AtomicUsize,
    most: AtomicUsize,
}

impl Crowd {
    fn enter(&self) {
        let now = self.now.fetch_add(1, Ordering::SeqCst) + 1;
        self.most.fetch_max(now, Ordering::SeqCst);
    }
}

/// The server; it stops when dropped.
pub(crate) struct FeedServer {
    port: u16,
    asked: Arc<Mutex<Vec<Asked>>>,
    crowd: Arc<Crowd>,
    task: tokio::task::JoinHandle<()>,
}

impl FeedServer {
    /// Starts on a free port of 127.0.0.1.
    pub(crate) async fn start(answer: impl Fn(&Asked) -> Reply + Send + Sync + 'static) -> Self {
        Self::start_on([127, 0, 0, 1], answer).await
    }

    /// Starts on a free port of 127.0.0.1, and answers both in TLS and without.
    pub(crate) async fn start_tls(tls: TlsAcceptor, answer: impl Fn(&Asked) -> Reply + Send + Sync + 'static) -> Self {
        Self::start_with(Some(tls), [127, 0, 0, 1], answer).await
    }

    /// Starts on a free port of an address of this machine.
    pub(crate) async fn start_on(ip: [u8; 4], answer: impl Fn(&Asked) -> Reply + Send + Sync + 'static) -> Self {
        Self::start_with(None, ip, answer).await
    }

    async fn start_with(
        tls: Option<TlsAcceptor>,
        ip: [u8; 4],
        answer: impl Fn(&Asked) -> Reply + Send + Sync + 'static,
    ) -> Self {
        let listener = TcpListener::bind((IpAddr::from(ip), 0)).await.expect("a free port on loopback");
        let port = listener.local_addr().expect("a bound listener has an address").port();
        let asked: Arc<Mutex<Vec<Asked>>> = Arc::default();
        let crowd = Arc::<Crowd>::default();
        let (log, answer, here) = (asked.clone(), Arc::new(answer), Arc::clone(&crowd));
        let task = tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                let (log, answer, here) = (log.clone(), answer.clone(), Arc::clone(&here));
                let tls = tls.clone();
                tokio::spawn(async move {
                    match tls {
                        Some(tls) if begins_tls(&stream).await => {
                            // Who does not trust us hangs up.
                            if let Ok(stream) = tls.accept(stream).await {
                                attend((stream, true), &here, &log, answer.as_ref()).await;
                            }
                        }
                        _ => attend((stream, false), &here, &log, answer.as_ref()).await,
                    }
                });
            }
        });
        Self { port, asked, crowd, task }
    }

    /// Most requests there were at the same time. An answer that ends with its connection counts to its very end.
    pub(crate) fn most_at_once(&self) -> usize {
        self.crowd.most.load(Ordering::SeqCst)
    }

    /// The address of a path on this server, by the name or number given.
    pub(crate) fn at(&self, host: &str, path: &str) -> String {
        format!("http://{host}:{}{path}", self.port)
    }

    /// The address of a path.
    pub(crate) fn url(&self, path: &str) -> String {
        self.at("127.0.0.1", path)
    }

    /// All requests so far.
    pub(crate) fn asked(&self) -> Vec<Asked> {
        self.asked.lock().expect("no panic under the lock").clone()
    }
}

impl Drop for FeedServer {
    fn drop(&mut self) {
        self.task.abort();
    }
}

/// A handshake is the first record (RFC 8446, section 5.1); no request begins with that byte.
async fn begins_tls(stream: &TcpStream) -> bool {
    let mut first = [0];
    matches!(stream.peek(&mut first).await, Ok(1)) && first == [22]
}

async fn attend(
    (mut stream, secure): (impl AsyncRead + AsyncWrite + Unpin, bool),
    here: &Crowd,
    log: &Mutex<Vec<Asked>>,
    answer: &(impl Fn(&Asked) -> Reply + Send + Sync),
) {
    here.enter();
    // Errors mean that the other side has hung up, which hostile replies provoke.
    let _ = serve(&mut stream, secure, log, answer).await;
    // Before the other side can know that this answer is whole.
    here.now.fetch_sub(1, Ordering::SeqCst);
    let _ = stream.shutdown().await;
}

async fn serve(
    stream: &mut (impl AsyncRead + AsyncWrite + Unpin),
    secure: bool,
    log: &Mutex<Vec<Asked>>,
    answer: &(impl Fn(&Asked) -> Reply + Send + Sync),
) -> std::io::Result<()> {
    let Some(asked) = read_request(stream, secure).await? else { return Ok(()) };
    log.lock().expect("no panic under the lock").push(asked.clone());
    match answer(&asked) {
        Reply::Raw(bytes) => stream.write_all(&bytes).await?,
        Reply::Endless(head, piece) => {
            stream.write_all(&head).await?;
            // Ends with the error of a closed connection: every fetch has a cap.
            loop {
                stream.write_all(&piece).await?;
            }
        }
        Reply::Trickle(head, body, pause) => {
            stream.write_all(&head).await?;
            for byte in body {
                stream.write_all(&[byte]).await?;
                tokio::time::sleep(pause).await;
            }
        }
        // Ends when the client gives up.
        Reply::Silence => {
            let mut rest = [0; 64];
            while stream.read(&mut rest).await? > 0 {}
        }
    }
    Ok(())
}

async fn read_request(stream: &mut (impl AsyncRead + Unpin), secure: bool) -> std::io::Result<Option<Asked>> {
    let mut bytes = Vec::new();
    while !bytes.windows(4).any(|w| w == b"\r\n\r\n") {
        let mut piece = [0; 1_024];
        let n = stream.read(&mut piece).await?;
        if n == 0 || bytes.len() > MAX_HEAD {
            return Ok(None);
        }
        bytes.extend_from_slice(&piece[..n]);
    }
    let text = String::from_utf8_lossy(&bytes);
    let mut lines = text.lines();
    let path = lines.next().and_then(|l| l.split(' ').nth(1)).unwrap_or_default().to_owned();
    let headers = lines.filter_map(|l| l.split_once(": ")).map(|(k, v)| (k.to_ascii_lowercase(), v.to_owned()));
    Ok(Some(Asked { path, headers: headers.collect(), secure }))
}
