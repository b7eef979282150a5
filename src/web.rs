//! Serves the pages: leaving and coming back, choices, one topic's alerts, confirmation, web copies, the front page, health, and the hooks. Every
//! write needs a POST, or a hub that was asked.
//! It sends no mail itself and speaks no TLS; a web server with TLS stands before it.

mod alert;
mod answer;
mod asked;
mod choices;
mod confirm;
mod copy;
mod front;
mod health;
mod hooks;
mod leave;
mod own_words;
mod reader_form;

use std::{future::Future, io, pin::pin, sync::Arc, time::Duration};

use axum::{
    Router,
    extract::DefaultBodyLimit,
    middleware,
    routing::{get, post},
};
use hyper::server::conn::http1;
use hyper_util::{
    rt::{TokioIo, TokioTimer},
    service::TowerToHyperService,
};
use tokio::{
    net::{TcpListener, TcpStream},
    sync::{OwnedSemaphorePermit, Semaphore, watch},
    task::JoinSet,
    time::{sleep, timeout},
};

use crate::daemon::Context;

/// Connections open at once; more wait in the system's queue. Each costs some 30 kB.
const MOST_CONNECTIONS: usize = 256;
/// How long a client may take for the head of a request: who is slower holds a place that others need.
const HEAD_TIME: Duration = Duration::from_secs(5);
/// Octets of a request's head; ours has some hundred.
const MOST_HEAD: usize = 16 * 1024;
/// Header lines of a request.
const MOST_HEADERS: usize = 64;
/// Octets of a request's body: the form of 300 topics has 20 kB.
const MOST_BODY: usize = 64 * 1024;
/// How long a request may take, reading its body and asking the database included.
const REQUEST_TIME: Duration = Duration::from_secs(15);
/// How long a connection may stay open, whatever comes over it.
const CONNECTION_TIME: Duration = Duration::from_mins(2);
/// How long open requests may take to end after a stop.
const GRACE: Duration = Duration::from_secs(5);
/// The wait after a connection could not be accepted, mostly for want of file handles.
const ACCEPT_AGAIN: Duration = Duration::from_millis(200);

/// Serves until `stopped`, then ends what is open within a few seconds.
pub async fn serve(
    ctx: Arc<Context>,
    listener: TcpListener,
    stopped: impl Future<Output = ()> + Send + 'static,
) -> io::Result<()> {
    let router = router(ctx);
    let places = Arc::new(Semaphore::new(MOST_CONNECTIONS));
    let (end, ended) = watch::channel(false);
    let mut open = JoinSet::new();
    let mut stopped = pin!(stopped);
    loop {
        let accepted = tokio::select! {
            biased;
            () = &mut stopped => break,
            Some(_) = open.join_next() => continue,
            accepted = accept(&listener, &places) => accepted,
        };
        match accepted {
            Ok((stream, place)) => {
                open.spawn(attend(stream, place, router.clone(), ended.clone()));
            }
            Err(error) => {
                tracing::warn!(%error, "a connection to the pages could not be accepted");
                sleep(ACCEPT_AGAIN).await;
            }
        }
    }
    drop(listener);
    end.send_replace(true);
    // The tasks end by themselves within GRACE; the second GRACE is for a busy machine.
    let _ = timeout(GRACE * 2, async { while open.join_next().await.is_some() {} }).await;
    Ok(())
}

/// A connection, once there is a place for it.
async fn accept(listener: &TcpListener, places: &Arc<Semaphore>) -> io::Result<(TcpStream, OwnedSemaphorePermit)> {
    let place = Arc::clone(places).acquire_owned().await.map_err(io::Error::other)?;
    let (stream, _) = listener.accept().await?;
    Ok((stream, place))
}

/// Serves one connection within its limits.
async fn attend(stream: TcpStream, _place: OwnedSemaphorePermit, router: Router, mut ended: watch::Receiver<bool>) {
    // Only a matter of speed; an answer goes out without it as well.
    let _ = stream.set_nodelay(true);
    let connection = http1::Builder::new()
        .timer(TokioTimer::new())
        .header_read_timeout(HEAD_TIME)
        .max_buf_size(MOST_HEAD)
        .max_headers(MOST_HEADERS)
        .serve_connection(TokioIo::new(stream), TowerToHyperService::new(router));
    let mut connection = pin!(connection);
    tokio::select! {
        // Whether it ended well or badly, the client knows.
        _ = &mut connection => return,
        () = sleep(CONNECTION_TIME) => {}
        _ = ended.wait_for(|end| *end) => {}
    }
    connection.as_mut().graceful_shutdown();
    let _ = timeout(GRACE, connection).await;
}

fn router(ctx: Arc<Context>) -> Router {
    Router::new()
        .route("/", get(front::page))
        .route("/health", get(health::state))
        .route("/u/{token}", get(leave::ask).post(leave::leave))
        .route("/r/{token}", get(leave::ask_back).post(leave::back))
        .route("/p/{token}", get(choices::page).post(choices::choose))
        .route("/a/{token}", get(alert::page).post(alert::choose))
        .route("/c/{token}", get(confirm::ask).post(confirm::answer))
        .route("/d/{token}", get(copy::page))
        .route("/hooks/feed/{token}", post(hooks::feed))
        .route("/hooks/websub/{token}", get(hooks::verify).post(hooks::push))
        .route("/robots.txt", get(front::robots))
        .fallback(answer::missing)
        .method_not_allowed_fallback(answer::method)
        .layer(DefaultBodyLimit::max(MOST_BODY))
        .layer(middleware::from_fn_with_state(Arc::clone(&ctx), answer::within_time))
        .layer(middleware::map_response(answer::guarded))
        .with_state(ctx)
}
