//! A small HTTP server on loopback for the demo's publishers and its inbox: GET only, one answer a connection.
//! What is answered is decided by others.

use std::{future::Future, io, sync::Arc, time::Duration};

use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::{TcpListener, TcpStream},
    task::{JoinHandle, JoinSet},
};

/// Largest head of a request.
const HEAD_MAX: usize = 16 * 1024;
/// A client that sends no request, or takes no answer, is dropped.
const PATIENCE: Duration = Duration::from_secs(30);
/// Size of what is written at a time where an answer does not end.
const ENDLESS_CHUNK: usize = 64 * 1024;

/// What a client asked for.
#[derive(Clone, Debug, Default)]
pub(super) struct Asked {
    /// Host name, without the port.
    pub(super) host: String,
    /// Path, without query.
    pub(super) path: String,
    /// `If-None-Match`.
    pub(super) known: String,
}

/// What it gets.
#[derive(Clone, Debug)]
pub(super) struct Answer {
    pub(super) status: &'static str,
    pub(super) content_type: &'static str,
    /// Further headers, each with its line end.
    pub(super) headers: String,
    pub(super) body: Vec<u8>,
    /// The body is repeated until the client leaves.
    pub(super) endless: bool,
}

impl Answer {
    /// A document.
    pub(super) fn document(content_type: &'static str, body: impl Into<Vec<u8>>) -> Self {
        Self { status: "200 OK", content_type, headers: String::new(), body: body.into(), endless: false }
    }

    /// There is no such thing.
    pub(super) fn not_found() -> Self {
        let mut answer = Self::document("text/plain; charset=utf-8", "There is nothing here.\n");
        answer.status = "404 Not Found";
        answer
    }
}

/// Serves until it is dropped.
#[derive(Debug)]
pub(super) struct Server(JoinHandle<()>);

impl Drop for Server {
    fn drop(&mut self) {
        self.0.abort();
    }
}

impl Server {
    /// Answers every request that reaches `listener`.
    pub(super) fn start<F: Future<Output = Answer> + Send>(
        listener: TcpListener,
        answer: impl Fn(Asked) -> F + Send + Sync + 'static,
    ) -> Self {
        let answer = Arc::new(answer);
        Self(tokio::spawn(async move {
            // Dropping the set with this task ends the connections too.
            let mut open = JoinSet::new();
            loop {
                while open.try_join_next().is_some() {}
                // An error of one connection says nothing about the next.
                let Ok((stream, _)) = listener.accept().await else { continue };
                let answer = Arc::clone(&answer);
                open.spawn(async move {
                    // The client sees the broken connection; there is nobody else to tell.
                    let _ = tokio::time::timeout(PATIENCE, serve(stream, &*answer)).await;
                });
            }
        }))
    }
}

async fn serve<F: Future<Output = Answer>>(mut stream: TcpStream, answer: &impl Fn(Asked) -> F) -> io::Result<()> {
    let mut head = Vec::new();
    let mut chunk = [0; 2048];
    while !head.windows(4).any(|end| end == b"\r\n\r\n") {
        let read = stream.read(&mut chunk).await?;
        if read == 0 || head.len() > HEAD_MAX {
            return Ok(());
        }
        head.extend_from_slice(&chunk[..read]);
    }
    let answer = answer(asked(&String::from_utf8_lossy(&head))).await;
    let length = if answer.endless { String::new() } else { format!("Content-Length: {}\r\n", answer.body.len()) };
    let head = format!(
        "HTTP/1.1 {}\r\nContent-Type: {}\r\n{length}{}Connection: close\r\n\r\n",
        answer.status, answer.content_type, answer.headers
    );
    stream.write_all(head.as_bytes()).await?;
    stream.write_all(&answer.body).await?;
    if answer.endless {
        let more = answer.body.repeat(ENDLESS_CHUNK / answer.body.len().max(1));
        loop {
            stream.write_all(&more).await?;
        }
    }
    stream.shutdown().await
}

fn asked(head: &str) -> Asked {
    let header = |name: &str| {
        let named = head.lines().filter_map(|line| line.split_once(':')).find(|(n, _)| n.eq_ignore_ascii_case(name));
        named.map(|(_, value)| value.trim().to_owned()).unwrap_or_default()
    };
    let target = head.split_whitespace().nth(1).unwrap_or_default();
    Asked {
        host: header("host").split(':').next().unwrap_or_default().to_owned(),
        path: target.split('?').next().unwrap_or_default().to_owned(),
        known: header("if-none-match"),
    }
}
