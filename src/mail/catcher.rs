//! A small SMTP server on loopback that takes every mail and passes it on inside the process: the demo's mailbox.
//! It delivers nothing, knows no TLS, and binds nothing but loopback.

use std::{io, net::SocketAddr, sync::Arc, time::Duration};

use tokio::{
    io::{AsyncBufReadExt, AsyncReadExt, AsyncWriteExt, BufReader},
    net::{TcpListener, TcpStream},
    sync::{Semaphore, mpsc},
    task::JoinHandle,
    time::timeout,
};

/// A mail as it arrived.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Caught {
    /// The return path as written in MAIL; empty for the empty one.
    pub from: String,
    /// The recipients as written in RCPT.
    pub to: Vec<String>,
    /// The bytes between DATA and the dot, dots unstuffed, ending in CR LF.
    pub message: Vec<u8>,
}

/// Largest mail that is taken, in bytes: a digest has at most 100 kB.
const MESSAGE_MAX: usize = 2 * 1024 * 1024;
/// Longest command line, in bytes (RFC 5321, 4.5.3.1.4 says 512; paths may add to it).
const LINE_MAX: u64 = 2048;
/// Most recipients of one mail.
const RECIPIENTS_MAX: usize = 100;
/// Sessions at a time; the listener's own queue holds the rest.
const SESSIONS_MAX: usize = 256;
/// A client that says nothing is dropped.
const IDLE: Duration = Duration::from_mins(5);

/// What the catcher says to a recipient instead of taking the mail: a whole reply such as `550 5.1.1 no such mailbox`.
pub type Refusal = Arc<dyn Fn(&str) -> Option<&'static str> + Send + Sync>;

/// A running catcher; it stops when it is dropped.
#[derive(Debug)]
pub struct Catcher {
    address: SocketAddr,
    accepting: JoinHandle<()>,
}

impl Catcher {
    /// Listens on `address` (port 0 picks one) and passes each mail to `mails`. The reply to a mail waits until the channel
    /// takes it, so a slow reader slows the sender and nothing piles up; a closed channel refuses mail.
    pub async fn start(address: SocketAddr, mails: mpsc::Sender<Caught>) -> io::Result<Self> {
        Self::start_refusing(address, mails, Arc::new(|_| None)).await
    }

    /// The same, asking `refusal` at every recipient.
    pub async fn start_refusing(
        address: SocketAddr,
        mails: mpsc::Sender<Caught>,
        refusal: Refusal,
    ) -> io::Result<Self> {
        if !address.ip().is_loopback() {
            let sentence = format!("the catcher is for loopback only and {address} is not; use 127.0.0.1");
            return Err(io::Error::new(io::ErrorKind::InvalidInput, sentence));
        }
        let listener = TcpListener::bind(address).await?;
        let address = listener.local_addr()?;
        Ok(Self { address, accepting: tokio::spawn(accept(listener, mails, refusal)) })
    }

    /// Where it listens.
    pub const fn address(&self) -> SocketAddr {
        self.address
    }
}

impl Drop for Catcher {
    fn drop(&mut self) {
        self.accepting.abort();
    }
}

async fn accept(listener: TcpListener, mails: mpsc::Sender<Caught>, refusal: Refusal) {
    let sessions = Arc::new(Semaphore::new(SESSIONS_MAX));
    // Dropping the set with this task ends the sessions too.
    let mut running = tokio::task::JoinSet::new();
    while let Ok(permit) = Arc::clone(&sessions).acquire_owned().await {
        while running.try_join_next().is_some() {}
        // An error of one connection (reset before it was accepted) says nothing about the next.
        let Ok((stream, _)) = listener.accept().await else { continue };
        let (mails, refusal) = (mails.clone(), Arc::clone(&refusal));
        running.spawn(async move {
            // The client sees the broken connection; there is nobody else to tell.
            let _ = Session::new(stream, mails, refusal).run().await;
            drop(permit);
        });
    }
}

struct Session {
    stream: BufReader<TcpStream>,
    mails: mpsc::Sender<Caught>,
    refusal: Refusal,
    from: Option<String>,
    to: Vec<String>,
}

impl Session {
    fn new(stream: TcpStream, mails: mpsc::Sender<Caught>, refusal: Refusal) -> Self {
        // Replies are small and awaited.
        let _ = stream.set_nodelay(true);
        Self { stream: BufReader::with_capacity(64 * 1024, stream), mails, refusal, from: None, to: Vec::new() }
    }

    async fn run(mut self) -> io::Result<()> {
        self.say("220 catcher ESMTP").await?;
        while let Some(line) = self.line().await? {
            let upper = line.to_ascii_uppercase();
            let reply = match upper.as_str() {
                _ if upper.starts_with("EHLO") => {
                    self.forget();
                    "250-catcher\r\n250-PIPELINING\r\n250-8BITMIME\r\n250-SMTPUTF8\r\n250 SIZE 2097152"
                }
                _ if upper.starts_with("HELO") => "250 catcher",
                _ if upper.starts_with("MAIL FROM:") => match path(&line) {
                    Some(from) => {
                        self.from = Some(from.to_owned());
                        "250 2.1.0 Ok"
                    }
                    None => "501 5.1.7 no path",
                },
                _ if upper.starts_with("RCPT TO:") => self.recipient(&line),
                "DATA" if self.to.is_empty() => "503 5.5.1 RCPT first",
                "DATA" => {
                    self.say("354 End data with <CR><LF>.<CR><LF>").await?;
                    self.mail().await?
                }
                "RSET" => {
                    self.forget();
                    "250 2.0.0 Ok"
                }
                "NOOP" => "250 2.0.0 Ok",
                "QUIT" => return self.say("221 2.0.0 Bye").await,
                _ => "500 5.5.2 unknown command",
            };
            self.say(reply).await?;
        }
        Ok(())
    }

    fn forget(&mut self) {
        self.from = None;
        self.to.clear();
    }

    fn recipient(&mut self, line: &str) -> &'static str {
        match path(line) {
            _ if self.from.is_none() => "503 5.5.1 MAIL first",
            _ if self.to.len() == RECIPIENTS_MAX => "452 4.5.3 too many recipients",
            Some(to) if !to.is_empty() => {
                if let Some(refused) = (self.refusal)(to) {
                    return refused;
                }
                self.to.push(to.to_owned());
                "250 2.1.5 Ok"
            }
            _ => "501 5.1.3 no path",
        }
    }

    /// Reads up to the lone dot and passes the mail on.
    async fn mail(&mut self) -> io::Result<&'static str> {
        let mut message = Vec::with_capacity(64 * 1024);
        loop {
            let start = message.len();
            let room = u64::try_from(MESSAGE_MAX + 3 - start.min(MESSAGE_MAX)).unwrap_or(3);
            let mut bounded = (&mut self.stream).take(room);
            let read = timeout(IDLE, bounded.read_until(b'\n', &mut message)).await.map_err(io::Error::other)??;
            if read == 0 || message.len() > MESSAGE_MAX {
                return Err(io::Error::new(io::ErrorKind::UnexpectedEof, "the mail did not end"));
            }
            // Only CR LF begins a line: a dot after a bare LF is text.
            if start > 0 && !message[..start].ends_with(b"\r\n") {
                continue;
            }
            if message[start..] == *b".\r\n" {
                message.truncate(start);
                break;
            }
            if message[start] == b'.' {
                message.remove(start);
            }
        }
        let caught = Caught { from: self.from.take().unwrap_or_default(), to: std::mem::take(&mut self.to), message };
        Ok(match self.mails.send(caught).await {
            Ok(()) => "250 2.0.0 Ok: caught",
            Err(_) => "421 4.3.2 the catcher is closing",
        })
    }

    /// A command line without its end; `None` when the client is gone.
    async fn line(&mut self) -> io::Result<Option<String>> {
        let mut line = Vec::new();
        let mut bounded = (&mut self.stream).take(LINE_MAX);
        if timeout(IDLE, bounded.read_until(b'\n', &mut line)).await.map_err(io::Error::other)?? == 0
            || !line.ends_with(b"\n")
        {
            return Ok(None);
        }
        Ok(Some(String::from_utf8_lossy(&line).trim_end().to_owned()))
    }

    async fn say(&mut self, reply: &str) -> io::Result<()> {
        self.stream.write_all(format!("{reply}\r\n").as_bytes()).await
    }
}

/// What stands in the angle brackets of MAIL or RCPT.
fn path(line: &str) -> Option<&str> {
    let start = line.find('<')? + 1;
    let end = start + line[start..].find('>')?;
    Some(&line[start..end])
}
