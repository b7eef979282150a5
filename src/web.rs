//! Serves the pages and hooks: unsubscribe, health, and what the roadmap adds.
//! It sends no mail itself; it writes deliveries.
use std::{future::Future, io, sync::Arc};

use crate::daemon::Context;

/// Serves until `stopped`.
pub async fn serve(
    _ctx: Arc<Context>,
    _listener: tokio::net::TcpListener,
    stopped: impl Future<Output = ()> + Send + 'static,
) -> io::Result<()> {
    stopped.await;
    Ok(())
}
