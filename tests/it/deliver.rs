//! Shows deliveries to a real SMTP server on loopback: what arrives, and what the books say when it does not.
//! It does not test the parts alone; their files do.

mod doubt;
mod lanes;
mod mail;
mod nodes;
mod outage;
mod readers;
mod replies;

use std::{
    collections::BTreeMap,
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
};

use tokio::sync::Semaphore;

use crate::support::{
    newsroom::{self, Newsroom},
    smtp_server::{Act, At, SmtpServer},
};

/// A newsroom whose only relay is this server, over so many connections.
async fn newsroom(server: &SmtpServer, connections: u16, readers: usize) -> Newsroom {
    Newsroom::with(newsroom::settings(vec![newsroom::relay("main", server.address, connections)]), readers).await
}

/// A good server, but for the first time that it comes to the place that `is_there` names.
async fn once(is_there: impl Fn(&At) -> bool + Send + Sync + 'static, act: Act) -> SmtpServer {
    let came = Arc::new(AtomicUsize::new(0));
    SmtpServer::start(
        move |at| {
            if is_there(at) && came.fetch_add(1, Ordering::SeqCst) == 0 { act.clone() } else { Act::Usual }
        },
    )
    .await
}

/// A server that answers the first `before` mails and keeps the answers to the others until the gate is closed.
async fn gated(before: usize) -> (SmtpServer, Arc<Semaphore>) {
    let (gate, dots) = (Arc::new(Semaphore::new(0)), AtomicUsize::new(0));
    let keeper = Arc::clone(&gate);
    let server = SmtpServer::start(move |at| {
        let is_kept = *at == At::Dot && dots.fetch_add(1, Ordering::SeqCst) >= before;
        if is_kept { Act::Gate(Arc::clone(&keeper)) } else { Act::Usual }
    })
    .await;
    (server, gate)
}

fn books(expected: &[(&str, i64)]) -> BTreeMap<String, i64> {
    expected.iter().map(|(word, n)| ((*word).to_owned(), *n)).collect()
}

fn is_to(at: &At, name: &str) -> bool {
    matches!(at, At::Rcpt(to) if to.starts_with(name))
}
