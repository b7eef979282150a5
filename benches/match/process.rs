//! What this process uses, as the system counts it: memory, and time on the processor.
//! It does not say what it is used for.

use std::time::{Duration, Instant};

/// Resident bytes; zero where /proc does not tell.
pub(crate) fn resident() -> usize {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:")).unwrap_or_default();
    line.trim().trim_end_matches(" kB").trim().parse::<usize>().unwrap_or(0) * 1024
}

/// Time that a thread or another process spent on the processor since it began, so that busy neighbours do not count; none
/// where /proc does not tell.
pub(crate) fn on_processor(whose: &str) -> Option<Duration> {
    let stat = std::fs::read_to_string(format!("/proc/{whose}/schedstat")).ok()?;
    stat.split(' ').next()?.parse().ok().map(Duration::from_nanos)
}

/// Its own thread, for [`on_processor`].
const THIS_THREAD: &str = "thread-self";

/// What `work` gives, and the time it took on the processor, else by the clock.
pub(crate) fn timed<T>(work: impl FnOnce() -> T) -> (T, Duration) {
    let (began, spent) = (Instant::now(), on_processor(THIS_THREAD));
    let done = work();
    let taken = match (spent, on_processor(THIS_THREAD)) {
        (Some(before), Some(after)) => after.saturating_sub(before),
        _ => began.elapsed(),
    };
    (done, taken)
}
