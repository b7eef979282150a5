//! An SMTP server on loopback whose manners a test decides, command by command, with STARTTLS, implicit TLS and AUTH.
//! It asserts nothing; it remembers mails, connections and what came in one read.

use std::{
    net::SocketAddr,
    sync::{Arc, Mutex},
    time::{Duration, Instant},
};

use tokio::{
    io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt},
    net::{TcpListener, TcpStream},
    sync::Semaphore,
    task::{JoinHandle, JoinSet},
};
use tokio_rustls::TlsAcceptor;

use super::certificates::Certificates;

/// Where in a session the server asks for its manners.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum At {
    /// A client connected; what is said is the greeting.
    Connect,
    /// The whole EHLO line, and whether TLS stands.
    Ehlo(bool),
    StartTls,
    /// After the 220 to STARTTLS, instead of the handshake.
    Handshake,
    Auth,
    Mail(String),
    Rcpt(String),
    Data,
    /// After 354 and before a byte of the mail is read.
    Body,
    /// The mail is complete.
    Dot,
    Rset,
}

/// What the server does there.
#[derive(Clone, Debug)]
pub(crate) enum Act {
    /// What a good server does.
    Usual,
    /// These bytes, with CR LF after them, and on.
    Say(&'static [u8]),
    /// These bytes as they are, then the connection is closed.
    SayAndClose(&'static [u8]),
    Close,
    /// Nothing at all, until the client gives up.
    Hang,
    /// What a good server does, after this long.
    Late(Duration),
    /// What a good server does, once the gate is closed for good: a closed semaphore lets everybody through.
    Gate(Arc<Semaphore>),
}

/// What the server saw.
#[derive(Clone, Debug, Default)]
pub(crate) struct Seen {
    pub(crate) connections: usize,
    /// Accepted mails: return path, recipients, bytes.
    pub(crate) mails: Vec<(String, Vec<String>, Vec<u8>)>,
    /// When each DATA was taken, and for whom.
    pub(crate) data: Vec<(Instant, String)>,
    /// Commands as they came, one entry per read.
    pub(crate) reads: Vec<String>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Tls {
    None,
    Starttls,
    Implicit,
}

type Manners = dyn Fn(&At) -> Act + Send + Sync;

struct Shared {
    manners: Box<Manners>,
    /// EHLO keywords in the clear and under TLS.
    keywords: [Vec<&'static str>; 2],
    tls: Tls,
    acceptor: Option<TlsAcceptor>,
    seen: Mutex<Seen>,
}

/// A running server; it stops, with its sessions, when it is dropped.
pub(crate) struct SmtpServer {
    pub(crate) address: SocketAddr,
    shared: Arc<Shared>,
    accepting: JoinHandle<()>,
}

impl Drop for SmtpServer {
    fn drop(&mut self) {
        self.accepting.abort();
    }
}

impl SmtpServer {
    /// A server in the clear that offers PIPELINING and 8BITMIME.
    pub(crate) async fn start(manners: impl Fn(&At) -> Act + Send + Sync + 'static) -> Self {
        Self::start_with(Tls::None, None, [vec!["PIPELINING", "8BITMIME"], vec![]], manners).await
    }

    pub(crate) async fn start_with(
        tls: Tls,
        certificates: Option<&Certificates>,
        keywords: [Vec<&'static str>; 2],
        manners: impl Fn(&At) -> Act + Send + Sync + 'static,
    ) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port on loopback");
        let address = listener.local_addr().expect("its address");
        let acceptor = certificates.map(Certificates::acceptor);
        let shared = Arc::new(Shared { manners: Box::new(manners), keywords, tls, acceptor, seen: Mutex::default() });
        let accepting = tokio::spawn(accept(listener, Arc::clone(&shared)));
        Self { address, shared, accepting }
    }

    /// How many mails were taken, without copying them.
    pub(crate) fn count(&self) -> usize {
        self.shared.seen.lock().expect("no panic").mails.len()
    }

    pub(crate) fn seen(&self) -> Seen {
        self.shared.seen.lock().expect("no panic").clone()
    }
}

async fn accept(listener: TcpListener, shared: Arc<Shared>) {
    let mut sessions = JoinSet::new();
    while let Ok((stream, _)) = listener.accept().await {
        shared.seen.lock().expect("no panic").connections += 1;
        let shared = Arc::clone(&shared);
        sessions.spawn(async move {
            let _ = session(stream, &shared).await;
        });
    }
}

/// `None` ends the session.
type Step<T> = Option<T>;

async fn session(stream: TcpStream, shared: &Shared) -> Step<()> {
    stream.set_nodelay(true).ok()?;
    if shared.tls == Tls::Implicit {
        let stream = shared.acceptor.as_ref()?.accept(stream).await.ok()?;
        Talk::new(stream, shared, true).run().await?;
        return Some(());
    }
    // The talk in the clear ends with STARTTLS or for good.
    let mut stream = Talk::new(stream, shared, false).run().await?;
    answer(&mut stream, &(shared.manners)(&At::Handshake), b"").await?;
    let stream = shared.acceptor.as_ref()?.accept(stream).await.ok()?;
    let mut talk = Talk::new(stream, shared, true);
    talk.greeted = true;
    talk.run().await?;
    Some(())
}

/// Does what `act` says; whether the last thing said was positive.
async fn answer<S: AsyncWrite + Unpin>(stream: &mut S, act: &Act, usual: &[u8]) -> Step<bool> {
    let said = match act {
        Act::Usual if usual.is_empty() => return Some(true),
        Act::Usual => usual,
        Act::Say(text) => text,
        Act::SayAndClose(text) => {
            stream.write_all(text).await.ok()?;
            let _ = stream.shutdown().await;
            return None;
        }
        Act::Close => return None,
        Act::Hang => return std::future::pending().await,
        Act::Late(by) => {
            tokio::time::sleep(*by).await;
            return Box::pin(answer(stream, &Act::Usual, usual)).await;
        }
        Act::Gate(gate) => {
            let _ = gate.acquire().await;
            return Box::pin(answer(stream, &Act::Usual, usual)).await;
        }
    };
    stream.write_all(&[said, b"\r\n"].concat()).await.ok()?;
    Some(matches!(said.first(), Some(b'2' | b'3')))
}

struct Talk<'a, S> {
    stream: S,
    shared: &'a Shared,
    secure: bool,
    greeted: bool,
    buffer: Vec<u8>,
    /// What of the buffer was given as lines.
    given: usize,
    begun: bool,
    from: String,
    to: Vec<String>,
}

impl<'a, S: AsyncRead + AsyncWrite + Unpin> Talk<'a, S> {
    fn new(stream: S, shared: &'a Shared, secure: bool) -> Self {
        Self {
            stream,
            shared,
            secure,
            greeted: false,
            buffer: Vec::new(),
            given: 0,
            begun: false,
            from: String::new(),
            to: Vec::new(),
        }
    }

    /// Gives the stream back when the client has asked for TLS.
    async fn run(mut self) -> Step<S> {
        if !self.greeted {
            self.do_at(&At::Connect, b"220 test ESMTP").await?;
        }
        loop {
            let line = self.line().await?;
            let upper = line.to_ascii_uppercase();
            let word = upper.split([' ', ':']).next().unwrap_or_default();
            match word {
                "EHLO" => {
                    let keywords = &self.shared.keywords[usize::from(self.secure)];
                    let mut reply = String::from("250-test\r\n");
                    for keyword in keywords {
                        reply.push_str("250-");
                        reply.push_str(keyword);
                        reply.push_str("\r\n");
                    }
                    reply.push_str("250 HELP");
                    self.do_at(&At::Ehlo(self.secure), reply.as_bytes()).await?;
                }
                "STARTTLS" => {
                    if self.do_at(&At::StartTls, b"220 go").await? {
                        return Some(self.stream);
                    }
                }
                "AUTH" => self.auth(&line).await?,
                "MAIL" => {
                    // RFC 5321, 4.1.4: no second MAIL before the end of the first or RSET.
                    let usual: &[u8] = if self.begun { b"503 5.5.1 nested MAIL" } else { b"250 2.1.0 Ok" };
                    if self.do_at(&At::Mail(line.clone()), usual).await? {
                        self.from = path(&line);
                        self.begun = true;
                    }
                }
                "RCPT" => {
                    if self.do_at(&At::Rcpt(path(&line)), b"250 2.1.5 Ok").await? {
                        self.to.push(path(&line));
                    }
                }
                "DATA" => self.data().await?,
                "RSET" => {
                    self.do_at(&At::Rset, b"250 2.0.0 Ok").await?;
                    self.begun = false;
                    self.to.clear();
                }
                "QUIT" => {
                    let _ = self.stream.write_all(b"221 2.0.0 Bye\r\n").await;
                    return None;
                }
                _ => {
                    self.stream.write_all(b"500 5.5.2 what?\r\n").await.ok()?;
                }
            }
        }
    }

    async fn do_at(&mut self, at: &At, usual: &[u8]) -> Step<bool> {
        let act = (self.shared.manners)(at);
        answer(&mut self.stream, &act, usual).await
    }

    /// PLAIN with its initial response, or LOGIN in three steps; `fanal` / `s3cret` is right.
    async fn auth(&mut self, line: &str) -> Step<()> {
        let right = if line.starts_with("AUTH LOGIN") {
            self.stream.write_all(b"334 VXNlcm5hbWU6\r\n").await.ok()?;
            let user = self.line().await?;
            self.stream.write_all(b"334 UGFzc3dvcmQ6\r\n").await.ok()?;
            let password = self.line().await?;
            (user.as_str(), password.as_str()) == ("ZmFuYWw=", "czNjcmV0")
        } else {
            line == "AUTH PLAIN AGZhbmFsAHMzY3JldA=="
        };
        let usual: &[u8] = if right { b"235 2.7.0 Ok" } else { b"535 5.7.8 bad credentials" };
        self.do_at(&At::Auth, usual).await.map(|_| ())
    }

    async fn data(&mut self) -> Step<()> {
        let usual: &[u8] = if self.to.is_empty() { b"503 5.5.1 no valid recipients" } else { b"354 go on" };
        if !self.do_at(&At::Data, usual).await? {
            return Some(());
        }
        let begun = (Instant::now(), self.to.first().cloned().unwrap_or_default());
        self.shared.seen.lock().expect("no panic").data.push(begun);
        self.do_at(&At::Body, b"").await?;
        let mut message = Vec::new();
        loop {
            let line = self.raw_line().await?;
            if line == b".\r\n" {
                break;
            }
            message.extend_from_slice(line.strip_prefix(b".").unwrap_or(&line));
        }
        self.begun = false;
        let (from, to) = (std::mem::take(&mut self.from), std::mem::take(&mut self.to));
        // What is answered afterwards is another matter: the mail is here.
        self.shared.seen.lock().expect("no panic").mails.push((from, to, message));
        self.do_at(&At::Dot, b"250 2.0.0 Ok: queued").await.map(|_| ())
    }

    async fn line(&mut self) -> Step<String> {
        let line = self.raw_line().await?;
        Some(String::from_utf8_lossy(&line).trim_end().to_owned())
    }

    async fn raw_line(&mut self) -> Step<Vec<u8>> {
        loop {
            if let Some(end) = self.buffer[self.given..].iter().position(|b| *b == b'\n') {
                let line = self.buffer[self.given..=self.given + end].to_vec();
                self.given += end + 1;
                return Some(line);
            }
            self.buffer.drain(..self.given);
            self.given = 0;
            let known = self.buffer.len();
            self.buffer.reserve(16 * 1024);
            let read = self.stream.read_buf(&mut self.buffer).await.ok().filter(|read| *read > 0)?;
            // Commands are short; a mail is kept elsewhere.
            if read < 1024 {
                let text = String::from_utf8_lossy(&self.buffer[known..]).into_owned();
                self.shared.seen.lock().expect("no panic").reads.push(text);
            }
        }
    }
}

fn path(line: &str) -> String {
    line.split(['<', '>']).nth(1).unwrap_or_default().to_owned()
}
