//! The bytes under SMTP: TCP or TLS, read one reply line at a time and repaired where relays are sloppy.
//! It does not know what the lines mean.

use std::{
    fmt, io,
    net::SocketAddr,
    pin::Pin,
    sync::{Arc, Mutex, Weak},
    task::{Context, Poll, ready},
};

use lettre::transport::smtp::client::AsyncTokioStream;
use tokio::{
    io::{AsyncRead, AsyncWrite, ReadBuf},
    net::TcpStream,
    time::Instant,
};
use tokio_rustls::{
    TlsConnector,
    client::TlsStream,
    rustls::{ClientConfig, pki_types::ServerName},
};

/// Longest line we wait for, in bytes; RFC 5321, 4.5.3.1.5 says 512, and lettre takes 1,000.
const LINE_MAX: usize = 2048;
/// Bytes asked for at a time; replies are short.
const READ_SIZE: usize = 1024;

/// TCP, in the clear or under TLS.
#[derive(Debug)]
pub(super) enum Wire {
    Plain(TcpStream),
    Tls(Box<TlsStream<TcpStream>>),
}

impl Wire {
    /// Puts TLS over a plain wire.
    pub(super) async fn secure(
        tcp: TcpStream,
        config: Arc<ClientConfig>,
        name: ServerName<'static>,
    ) -> io::Result<Self> {
        Ok(Self::Tls(Box::new(TlsConnector::from(config).connect(name, tcp).await?)))
    }

    fn tcp(&self) -> &TcpStream {
        match self {
            Self::Plain(tcp) => tcp,
            Self::Tls(tls) => tls.get_ref().0,
        }
    }
}

/// A wire whose reader gets at most one line a read. So whoever buffers above (lettre does) never holds a line that came
/// before TLS when TLS begins, and a line is repaired before anybody parses it.
pub(super) struct ReplyStream {
    wire: Wire,
    /// Read from the wire, no full line yet or not handed out.
    raw: Vec<u8>,
    /// The line being handed out.
    line: Vec<u8>,
    /// How much of it was.
    given: usize,
    /// Gets a copy of each line that is handed out, as long as somebody holds it.
    listener: Weak<Mutex<Vec<u8>>>,
    written: Arc<Written>,
}

/// How many bytes the wire took so far, and when it took the last of them.
#[derive(Debug)]
pub(super) struct Written(Mutex<(u64, Instant)>);

impl Written {
    pub(super) fn now(&self) -> (u64, Instant) {
        *self.0.lock().expect("no code panics while it holds this lock")
    }

    fn add(&self, bytes: usize) {
        let mut written = self.0.lock().expect("no code panics while it holds this lock");
        *written = (written.0 + bytes as u64, Instant::now());
    }
}

impl ReplyStream {
    pub(super) fn new(wire: Wire) -> Self {
        Self {
            wire,
            raw: Vec::with_capacity(READ_SIZE),
            line: Vec::with_capacity(READ_SIZE),
            given: 0,
            listener: Weak::new(),
            written: Arc::new(Written(Mutex::new((0, Instant::now())))),
        }
    }

    /// Follows what is written.
    pub(super) fn written(&self) -> Arc<Written> {
        Arc::clone(&self.written)
    }

    /// Listens in on the lines that come from the wire from now on, until the returned end is dropped. What lettre makes of
    /// an EHLO answer has neither PIPELINING nor SIZE, and some relays (`OpenSMTPD`) refuse to be asked twice.
    pub(super) fn listen(&mut self) -> Arc<Mutex<Vec<u8>>> {
        let heard = Arc::new(Mutex::new(Vec::new()));
        self.listener = Arc::downgrade(&heard);
        heard
    }

    /// Hands out `line` before anything else that comes.
    pub(super) fn replay(&mut self, line: &[u8]) {
        self.line.clear();
        self.line.extend_from_slice(line);
        self.given = 0;
    }

    /// The wire, and how many bytes came that nobody has asked for.
    pub(super) fn into_wire(self) -> (Wire, usize) {
        let unread = self.raw.len() + (self.line.len() - self.given);
        (self.wire, unread)
    }

    /// Moves the first full line of `raw`, if there is one, to `line`.
    fn next_line(&mut self) -> bool {
        let Some(end) = self.raw.iter().position(|b| *b == b'\n') else { return false };
        repair(&self.raw[..end], &mut self.line);
        self.raw.drain(..=end);
        self.given = 0;
        if let Some(heard) = self.listener.upgrade() {
            heard.lock().expect("no code panics while it holds this lock").extend_from_slice(&self.line);
        }
        true
    }
}

/// Makes a line that lettre parses: a reply must not be lost, and an accepted mail not become one in doubt, because a relay
/// answers in Latin-1, ends lines with LF alone, or leaves out the blank after the code (RFC 5321, 4.2 lets it).
fn repair(raw: &[u8], line: &mut Vec<u8>) {
    let raw = raw.strip_suffix(b"\r").unwrap_or(raw);
    line.clear();
    line.extend(raw.iter().map(|b| if b.is_ascii_graphic() || matches!(b, b' ' | b'\t') { *b } else { b'?' }));
    if line.len() == 3 && line.iter().all(u8::is_ascii_digit) {
        line.push(b' ');
    }
    line.extend_from_slice(b"\r\n");
}

impl AsyncRead for ReplyStream {
    fn poll_read(mut self: Pin<&mut Self>, cx: &mut Context<'_>, buf: &mut ReadBuf<'_>) -> Poll<io::Result<()>> {
        let this = &mut *self;
        while this.given == this.line.len() {
            if this.next_line() {
                break;
            }
            if this.raw.len() > LINE_MAX {
                return Poll::Ready(Err(io::Error::new(io::ErrorKind::InvalidData, "a reply line without an end")));
            }
            let mut space = [0; READ_SIZE];
            let mut read = ReadBuf::new(&mut space);
            ready!(match &mut this.wire {
                Wire::Plain(tcp) => Pin::new(tcp).poll_read(cx, &mut read),
                Wire::Tls(tls) => Pin::new(tls.as_mut()).poll_read(cx, &mut read),
            })?;
            if read.filled().is_empty() {
                // The end of the stream; a line without its end is no reply.
                return Poll::Ready(Ok(()));
            }
            this.raw.extend_from_slice(read.filled());
        }
        let rest = &this.line[this.given..];
        let taken = rest.len().min(buf.remaining());
        buf.put_slice(&rest[..taken]);
        this.given += taken;
        Poll::Ready(Ok(()))
    }
}

impl AsyncWrite for ReplyStream {
    fn poll_write(mut self: Pin<&mut Self>, cx: &mut Context<'_>, bytes: &[u8]) -> Poll<io::Result<usize>> {
        let taken = ready!(match &mut self.wire {
            Wire::Plain(tcp) => Pin::new(tcp).poll_write(cx, bytes),
            Wire::Tls(tls) => Pin::new(tls.as_mut()).poll_write(cx, bytes),
        })?;
        self.written.add(taken);
        Poll::Ready(Ok(taken))
    }

    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        match &mut self.wire {
            Wire::Plain(tcp) => Pin::new(tcp).poll_flush(cx),
            Wire::Tls(tls) => Pin::new(tls.as_mut()).poll_flush(cx),
        }
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        match &mut self.wire {
            Wire::Plain(tcp) => Pin::new(tcp).poll_shutdown(cx),
            Wire::Tls(tls) => Pin::new(tls.as_mut()).poll_shutdown(cx),
        }
    }
}

impl fmt::Debug for ReplyStream {
    // What passes holds addresses and passwords.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ReplyStream").finish_non_exhaustive()
    }
}

impl AsyncTokioStream for ReplyStream {
    fn peer_addr(&self) -> io::Result<SocketAddr> {
        self.wire.tcp().peer_addr()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sloppy_lines_become_ones_that_parse() {
        let check = |raw: &[u8], expected: &str| {
            let mut line = Vec::new();
            repair(raw, &mut line);
            assert_eq!(String::from_utf8(line).expect("ASCII"), expected);
        };
        check(b"250 Ok\r", "250 Ok\r\n");
        check(b"250 Ok", "250 Ok\r\n");
        check(b"250\r", "250 \r\n");
        check(b"250-a", "250-a\r\n");
        check(b"550 bo\xeete pleine\0", "550 bo?te pleine?\r\n");
    }
}
