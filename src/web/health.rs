//! Whether this node can work: for load balancers and monitors.
//! It tells no secrets and no numbers about readers.

use std::{sync::Arc, time::Duration};

use axum::{
    Json,
    extract::State,
    http::StatusCode,
    response::{IntoResponse as _, Response},
};
use serde_json::json;
use tokio::time::timeout;

use crate::{daemon::Context, store};

/// Longer than this, and the database counts as gone: monitors do not wait.
const PATIENCE: Duration = Duration::from_secs(3);

/// 200 when the database answers and this node's lease is good, else 503 with the part that is wrong.
pub(super) async fn state(State(ctx): State<Arc<Context>>) -> Response {
    let alive = timeout(PATIENCE, async {
        let mut conn = ctx.pool.acquire().await?;
        store::node::is_alive(&mut conn, ctx.node()).await
    });
    let (database, lease) = match alive.await {
        Ok(Ok(true)) => ("reachable", "valid"),
        Ok(Ok(false)) => ("reachable", "run out"),
        Ok(Err(_)) | Err(_) => ("unreachable", "unknown"),
    };
    let well = lease == "valid";
    let body = json!({
        "status": if well { "ok" } else { "failing" },
        "database": database,
        "lease": lease,
        "version": env!("CARGO_PKG_VERSION"),
    });
    let status = if well { StatusCode::OK } else { StatusCode::SERVICE_UNAVAILABLE };
    (status, Json(body)).into_response()
}
