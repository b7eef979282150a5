//! One mail to one person: its kinds, lanes, states, skip reasons, keys, verdicts and back-off.
//! It neither speaks SMTP nor stores anything.

pub mod back_off;
pub mod key;
pub mod reply;
pub mod verdict;

pub use back_off::{Next, RetryConfig, back_off};
pub use key::{Boundary, Key, MessageId};
pub use reply::{Enhanced, Reply};
pub use verdict::{Blame, Failure, Phase, Verdict, judge};

use std::fmt;

use serde::{Deserialize, Serialize};

use crate::subscriber::Status;

/// A number from the database that no version of depeche wrote.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("{code} is not a code of a {what}; a newer depeche may have written it, so run that version on this database")]
pub struct UnknownCode {
    what: &'static str,
    code: i16,
}

/// What a mail is for. The codes are stored: a variant keeps its number for ever.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[repr(i16)]
pub enum Kind {
    /// Asks a person to confirm an address (or says that it is already subscribed).
    Confirmation = 1,
    /// Articles told at once.
    Alert = 2,
    /// Articles of one slot.
    Digest = 3,
    /// Takes back or amends what was sent, to those who got it.
    Correction = 4,
    /// What a digest would be, to an editor.
    Proof = 5,
    /// What depeche tells its operators.
    Notice = 6,
}

impl Kind {
    /// Every kind, in the order of the codes.
    pub const ALL: [Self; 6] =
        [Self::Confirmation, Self::Alert, Self::Digest, Self::Correction, Self::Proof, Self::Notice];

    /// The stored number.
    pub const fn code(self) -> i16 {
        self as i16
    }

    /// Reads the stored number.
    pub fn from_code(code: i16) -> Result<Self, UnknownCode> {
        Self::ALL.into_iter().find(|kind| kind.code() == code).ok_or(UnknownCode { what: "kind of mail", code })
    }

    /// The word for logs, tables and JSON.
    pub const fn word(self) -> &'static str {
        match self {
            Self::Confirmation => "confirmation",
            Self::Alert => "alert",
            Self::Digest => "digest",
            Self::Correction => "correction",
            Self::Proof => "proof",
            Self::Notice => "notice",
        }
    }

    /// The lane it travels in: who waits in front of a page or reads breaking news does not stand behind a digest run.
    pub const fn lane(self) -> Lane {
        match self {
            Self::Confirmation | Self::Proof | Self::Notice => Lane::Confirmation,
            Self::Alert | Self::Correction => Lane::Alert,
            Self::Digest => Lane::Digest,
        }
    }

    /// Whether it is mail of a list: then it carries List-Id and both List-Unsubscribe headers (RFC 8058).
    pub const fn is_list_mail(self) -> bool {
        matches!(self, Self::Alert | Self::Digest | Self::Correction)
    }
}

/// A claim of its own with connections of its own, most urgent first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[repr(i16)]
pub enum Lane {
    /// Somebody waits in front of the page.
    Confirmation = 1,
    /// Minutes count.
    Alert = 2,
    /// The large runs.
    Digest = 3,
}

impl Lane {
    /// Every lane, most urgent first.
    pub const ALL: [Self; 3] = [Self::Confirmation, Self::Alert, Self::Digest];

    /// The stored number.
    pub const fn code(self) -> i16 {
        self as i16
    }

    /// Reads the stored number.
    pub fn from_code(code: i16) -> Result<Self, UnknownCode> {
        Self::ALL.into_iter().find(|lane| lane.code() == code).ok_or(UnknownCode { what: "lane", code })
    }

    /// The word for logs, tables and JSON.
    pub const fn word(self) -> &'static str {
        match self {
            Self::Confirmation => "confirmation",
            Self::Alert => "alert",
            Self::Digest => "digest",
        }
    }
}

/// What became of a delivery. The codes are stored: a variant keeps its number for ever.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[repr(i16)]
pub enum State {
    /// Written by plan; waits for its time, for a claim, for a retry or under a hold.
    Planned = 0,
    /// The relay said 2xx after the final dot.
    Accepted = 1,
    /// A reply that ends it.
    Failed = 2,
    /// Still deferred when its time was over.
    Expired = 3,
    /// Not sent, with a [`SkipReason`].
    Skipped = 4,
    /// The final dot may have left and no full reply came.
    InDoubt = 5,
    /// Accepted, and a bounce or a complaint came back later.
    Returned = 6,
}

impl State {
    /// Every state, in the order of the codes.
    pub const ALL: [Self; 7] =
        [Self::Planned, Self::Accepted, Self::Failed, Self::Expired, Self::Skipped, Self::InDoubt, Self::Returned];

    /// The stored number.
    pub const fn code(self) -> i16 {
        self as i16
    }

    /// Reads the stored number.
    pub fn from_code(code: i16) -> Result<Self, UnknownCode> {
        Self::ALL.into_iter().find(|state| state.code() == code).ok_or(UnknownCode { what: "state", code })
    }

    /// The word for logs, tables and JSON.
    pub const fn word(self) -> &'static str {
        match self {
            Self::Planned => "planned",
            Self::Accepted => "accepted",
            Self::Failed => "failed",
            Self::Expired => "expired",
            Self::Skipped => "skipped",
            Self::InDoubt => "in doubt",
            Self::Returned => "returned",
        }
    }

    /// Whether nothing more is to be done. A mail in doubt is not settled: it is resent, kept back, or cleared by a late verdict.
    pub const fn is_settled(self) -> bool {
        !matches!(self, Self::Planned | Self::InDoubt)
    }
}

/// What to do with mails in doubt.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum OnDoubt {
    /// Send the same bytes again, with the same Message-ID.
    #[default]
    Resend,
    /// Keep them back until a person decides.
    Keep,
}

/// Why a delivery was not sent. The codes are stored: a variant keeps its number for ever.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[repr(i16)]
pub enum SkipReason {
    /// `[mail] only_to` is set and does not name this address.
    NotInOnlyTo = 1,
    /// The address must not be mailed.
    Suppressed = 2,
    /// The person left after the plan and before the hand-over.
    Unsubscribed = 3,
    /// The person paused in between.
    Paused = 4,
    /// The address was never confirmed.
    NotConfirmed = 5,
    /// Nothing new for this reader.
    Empty = 6,
    /// It would have arrived after its time.
    TooOld = 7,
    /// A hold outlasted its time.
    Held = 8,
    /// Every article in it was withdrawn.
    Withdrawn = 9,
    /// The person's data were erased.
    Erased = 10,
    /// This address got as many confirmation mails as the limits allow.
    LimitReached = 11,
    /// An operator took it out.
    Cancelled = 12,
    /// What is stored under this address is not one.
    BadAddress = 13,
}

impl SkipReason {
    /// Why a reader of this status is not mailed; none where they are.
    pub const fn of(status: Status) -> Option<Self> {
        match status {
            Status::Confirmed => None,
            Status::Pending => Some(Self::NotConfirmed),
            Status::Paused => Some(Self::Paused),
            Status::Unsubscribed => Some(Self::Unsubscribed),
            Status::Suppressed => Some(Self::Suppressed),
        }
    }

    /// Every reason, in the order of the codes.
    pub const ALL: [Self; 13] = [
        Self::NotInOnlyTo,
        Self::Suppressed,
        Self::Unsubscribed,
        Self::Paused,
        Self::NotConfirmed,
        Self::Empty,
        Self::TooOld,
        Self::Held,
        Self::Withdrawn,
        Self::Erased,
        Self::LimitReached,
        Self::Cancelled,
        Self::BadAddress,
    ];

    /// The stored number.
    pub const fn code(self) -> i16 {
        self as i16
    }

    /// Reads the stored number.
    pub fn from_code(code: i16) -> Result<Self, UnknownCode> {
        Self::ALL.into_iter().find(|reason| reason.code() == code).ok_or(UnknownCode { what: "skip reason", code })
    }

    /// The words that stand behind "skipped" in tables: `skipped(not in only_to)`.
    pub const fn text(self) -> &'static str {
        match self {
            Self::NotInOnlyTo => "not in only_to",
            Self::Suppressed => "suppressed",
            Self::Unsubscribed => "unsubscribed",
            Self::Paused => "paused",
            Self::NotConfirmed => "not confirmed",
            Self::Empty => "empty",
            Self::TooOld => "too old",
            Self::Held => "held past its time",
            Self::Withdrawn => "all articles withdrawn",
            Self::Erased => "erased",
            Self::LimitReached => "limit of confirmation mails reached",
            Self::Cancelled => "cancelled by an operator",
            Self::BadAddress => "not a mail address",
        }
    }
}

impl fmt::Display for Kind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.word())
    }
}

impl fmt::Display for Lane {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.word())
    }
}

impl fmt::Display for State {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.word())
    }
}

impl fmt::Display for SkipReason {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.text())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_code_reads_back_and_no_other_does() {
        for kind in Kind::ALL {
            assert_eq!(Kind::from_code(kind.code()), Ok(kind));
        }
        for lane in Lane::ALL {
            assert_eq!(Lane::from_code(lane.code()), Ok(lane));
        }
        for state in State::ALL {
            assert_eq!(State::from_code(state.code()), Ok(state));
        }
        for reason in SkipReason::ALL {
            assert_eq!(SkipReason::from_code(reason.code()), Ok(reason));
        }
        assert!(Kind::from_code(0).is_err() && Lane::from_code(4).is_err());
        assert!(State::from_code(7).is_err() && SkipReason::from_code(0).is_err());
    }

    #[test]
    fn the_stored_numbers_do_not_move() {
        let kinds: Vec<i16> = Kind::ALL.iter().map(|kind| kind.code()).collect();
        let states: Vec<i16> = State::ALL.iter().map(|state| state.code()).collect();
        let reasons: Vec<i16> = SkipReason::ALL.iter().map(|reason| reason.code()).collect();
        assert_eq!(kinds, (1..=6).collect::<Vec<i16>>());
        assert_eq!(states, (0..=6).collect::<Vec<i16>>());
        assert_eq!(reasons, (1..=13).collect::<Vec<i16>>());
        assert_eq!((Kind::Digest.code(), State::Accepted.code(), SkipReason::NotInOnlyTo.code()), (3, 1, 1));
    }

    #[test]
    fn a_digest_run_does_not_stand_before_a_confirmation() {
        assert!(Kind::Confirmation.lane() < Kind::Alert.lane());
        assert!(Kind::Alert.lane() < Kind::Digest.lane());
        assert_eq!(Kind::Correction.lane(), Lane::Alert);
    }
}
