//! The one place that reads the wall clock, and reads times as people type them.
//! Everything else gets `now` as an argument.

mod spoken;

use std::{
    sync::{
        Arc,
        atomic::{AtomicI64, Ordering},
    },
    time::Instant,
};

use chrono::{DateTime, SubsecRound as _, TimeDelta, Utc};

pub use spoken::{TimeError, parse_time};

/// Digits of a second that are kept: Postgres stores microseconds, so an instant is the same before and after.
const SUBSECOND_DIGITS: u16 = 6;

/// Where `now` comes from: the machine's clock, or a simulated day. Clones of a simulated clock show the same time.
#[derive(Clone, Debug)]
pub enum Clock {
    /// The machine's clock.
    System,
    /// A clock of the demo's own.
    Simulated(Arc<Simulated>),
}

/// A clock that begins at a given instant, runs at a given pace and can be moved forward.
#[derive(Debug)]
pub struct Simulated {
    start: DateTime<Utc>,
    begun: Instant,
    pace: i32,
    moved_micros: AtomicI64,
}

impl Clock {
    /// A clock that shows `start` now and passes `pace` seconds in every real one; 0 stands still until it is moved.
    pub fn simulated(start: DateTime<Utc>, pace: u16) -> Self {
        let (begun, moved_micros) = (Instant::now(), AtomicI64::new(0));
        Self::Simulated(Arc::new(Simulated { start, begun, pace: pace.into(), moved_micros }))
    }

    /// The time, in whole microseconds.
    pub fn now(&self) -> DateTime<Utc> {
        match self {
            Self::System => Utc::now().trunc_subsecs(SUBSECOND_DIGITS),
            Self::Simulated(simulated) => simulated.now(),
        }
    }

    /// Moves a simulated clock forward; the machine's clock stays as it is, and the answer is no.
    pub fn advance(&self, by: std::time::Duration) -> bool {
        let Self::Simulated(simulated) = self else { return false };
        let micros = i64::try_from(by.as_micros()).unwrap_or(i64::MAX);
        simulated.moved_micros.fetch_add(micros, Ordering::SeqCst);
        true
    }
}

impl Simulated {
    fn now(&self) -> DateTime<Utc> {
        let passed = TimeDelta::from_std(self.begun.elapsed()).unwrap_or(TimeDelta::MAX);
        let passed = passed.checked_mul(self.pace).unwrap_or(TimeDelta::MAX);
        let moved = TimeDelta::microseconds(self.moved_micros.load(Ordering::SeqCst));
        let now = passed.checked_add(&moved).and_then(|by| self.start.checked_add_signed(by));
        now.unwrap_or(DateTime::<Utc>::MAX_UTC).trunc_subsecs(SUBSECOND_DIGITS)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::time::Duration;

    #[test]
    fn a_standing_clock_moves_only_when_moved_and_for_all_its_clones() {
        let start = "2027-03-28T00:00:00Z".parse().expect("an instant");
        let clock = Clock::simulated(start, 0);
        let other = clock.clone();
        assert_eq!(clock.now(), start);
        assert!(other.advance(Duration::from_mins(90)));
        assert_eq!(clock.now(), start + TimeDelta::minutes(90));
        assert!(!Clock::System.advance(Duration::from_secs(1)));
    }

    #[test]
    fn a_running_clock_never_goes_back() {
        let clock = Clock::simulated("2027-03-28T00:00:00Z".parse().expect("an instant"), 3600);
        let first = clock.now();
        assert!(clock.now() >= first);
        assert_eq!(Clock::System.now().timestamp_subsec_nanos() % 1000, 0);
    }
}
