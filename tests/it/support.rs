//! Starts the real parts that tests need: a database of one's own, the binary, a bounded wait.
//! It asserts nothing about them.
#![allow(dead_code, unused_imports, reason = "each test file uses the parts it needs")]

pub(crate) mod certificates;
pub(crate) mod context;
pub(crate) mod database;
pub(crate) mod newsroom;
pub(crate) mod process;
pub(crate) mod smtp_server;

use std::future::Future;
use std::path::PathBuf;
use std::time::{Duration, Instant};

pub(crate) use database::TestDatabase;

/// How often [`wait_until`] asks: often enough not to slow a test, seldom enough for two cores.
const POLL: Duration = Duration::from_millis(20);

/// The `depeche` binary of this build.
pub(crate) fn depeche_binary() -> PathBuf {
    PathBuf::from(env!("CARGO_BIN_EXE_depeche"))
}

/// Asks `poll` until it gives a value, and fails the test after `limit` with `what` it waited for.
///
/// # Panics
/// When `limit` has passed.
pub(crate) async fn wait_until<T, F>(what: &str, limit: Duration, mut poll: impl FnMut() -> F) -> T
where
    F: Future<Output = Option<T>>,
{
    let since = Instant::now();
    loop {
        if let Some(value) = poll().await {
            return value;
        }
        assert!(since.elapsed() < limit, "waited {limit:?} for {what}");
        tokio::time::sleep(POLL).await;
    }
}
