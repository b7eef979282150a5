//! Why a schedule is refused: each reason says where, and what would be right.
//! It decides nothing; `schedule` does.

use std::time::Duration;

use super::{INSTANT, LONGEST_NAME};

/// Why a schedule is refused; each says where, and what would be right.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ScheduleError {
    /// The name is not one.
    #[error(
        "`{0}` cannot name a schedule; use 1 to {LONGEST_NAME} of a-z, 0-9, `-` and `_`, beginning with a letter, such as `morning`"
    )]
    Name(String),
    /// The name is that of the alerts.
    #[error(
        "the name `{INSTANT}` belongs to the alerts; set them in the section [instant] and give this schedule another name"
    )]
    Reserved,
    /// Not five fields.
    #[error("`{cron}` has {found} fields, five are wanted: minute, hour, day of month, month, day of week; {right}")]
    Count {
        /// The expression.
        cron: String,
        /// How many it has.
        found: usize,
        /// What would be right.
        right: String,
    },
    /// One field is wrong.
    #[error("`{cron}`, field {number} ({field}): {reason}")]
    Field {
        /// The expression.
        cron: String,
        /// Which field, from 1.
        number: usize,
        /// What the field is called.
        field: &'static str,
        /// What is wrong and what would be right.
        reason: String,
    },
    /// Both day fields are set: cron programs disagree whether that means "and" or "or".
    #[error(
        "`{cron}` sets both the day of month (`{day}`) and the day of week (`{weekday}`), which cron programs read differently; make one of them `*`, or write two schedules"
    )]
    BothDays {
        /// The expression.
        cron: String,
        /// The third field.
        day: String,
        /// The fifth field.
        weekday: String,
    },
    /// It fires more often than [`SHORTEST_GAP`].
    #[error(
        "`{cron}` fires at {first} and again at {second}; leave at least 15 minutes between, or let readers choose `{INSTANT}`"
    )]
    TooOften {
        /// The expression.
        cron: String,
        /// A firing, `HH:MM`.
        first: String,
        /// The next one.
        second: String,
    },
    /// It never fires.
    #[error("`{cron}` never fires: no such day exists; check the day of month against the month")]
    Never {
        /// The expression.
        cron: String,
    },
    /// The cut-off is too long.
    #[error("a cut-off of {0:?} is longer than a day; 15m is usual")]
    CutOff(Duration),
}
