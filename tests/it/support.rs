//! Starts the real parts that tests need: a database of one's own, the binary, a bounded wait.
//! It asserts nothing about them.
#![allow(dead_code, unused_imports, reason = "each test file uses the parts it needs")]

pub(crate) mod certificates;
pub(crate) mod context;
pub(crate) mod database;
pub(crate) mod hub;
pub(crate) mod newsroom;
pub(crate) mod process;
pub(crate) mod smtp_server;

use std::future::Future;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

pub(crate) use database::TestDatabase;

/// How often [`wait_until`] asks: often enough not to slow a test, seldom enough for two cores.
const POLL: Duration = Duration::from_millis(20);

/// The `depeche` binary of this build.
pub(crate) fn depeche_binary() -> PathBuf {
    PathBuf::from(env!("CARGO_BIN_EXE_depeche"))
}

/// What one of our scripts prints that makes something of the outer world ready; `None`, with a line that says why the
/// test is skipped, where it cannot be had here.
///
/// # Panics
/// When the script itself is at fault.
pub(crate) fn ready(script: &str, arguments: &[&str]) -> Option<String> {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("scripts").join(script);
    let output = Command::new(path).args(arguments).stdin(Stdio::null()).output().expect("the script starts");
    let said = String::from_utf8_lossy(&output.stderr);
    match output.status.code() {
        Some(0) => Some(String::from_utf8_lossy(&output.stdout).trim().to_owned()),
        Some(3) => {
            let why = said.lines().last().unwrap_or_default();
            eprintln!("skipped: scripts/{script} {}: {why}", arguments.join(" "));
            None
        }
        _ => panic!("scripts/{script} {}: {said}", arguments.join(" ")),
    }
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
