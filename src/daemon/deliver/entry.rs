//! How a mail's attempt ended, in the ledger's terms.
//! It writes nothing and does not read replies.

use chrono::{DateTime, Utc};

use crate::{
    delivery::{SkipReason, State},
    store::{
        delivery::{Key as RowKey, ResultRow},
        digest::Untold,
    },
};

/// How a mail's attempt ended, or that there was none.
#[derive(Clone, Debug)]
pub struct Entry {
    /// What stands in the books.
    pub row: ResultRow,
    /// When it is tried again.
    pub retry_at: Option<DateTime<Utc>>,
    /// The hash of its unsigned bytes, where the final dot may have left and no full reply came.
    pub sha256: Option<Vec<u8>>,
    /// It was sent because it had been in doubt.
    pub resent: bool,
    /// What it was to tell and does not.
    pub untold: Option<Untold>,
}

impl Entry {
    /// It is not sent at all, in the words that the books keep.
    pub fn skipped(key: RowKey, reason: SkipReason, words: &str, now: DateTime<Utc>) -> Self {
        Self::unsent(key, State::Skipped, reason.code(), Some(words.to_owned()), now)
    }

    /// Its time was over before it could be tried once more; the last reply stays.
    pub fn expired(key: RowKey, now: DateTime<Utc>) -> Self {
        Self::unsent(key, State::Expired, 0, None, now)
    }

    fn unsent(key: RowKey, state: State, reason: i16, reply: Option<String>, now: DateTime<Utc>) -> Self {
        let row = ResultRow {
            key,
            state: state.code(),
            reason,
            attempted: false,
            code: None,
            reply,
            relay: None,
            at: now,
            again: false,
            settles: None,
        };
        Self { row, retry_at: None, sha256: None, resent: false, untold: None }
    }

    /// The row that the books get.
    pub fn to_row(&self) -> ResultRow {
        ResultRow { again: self.retry_at.is_some(), settles: self.settles_doubt(), ..self.row.clone() }
    }

    /// What is to be listed as in doubt: key, hash, relay.
    pub fn doubt(&self) -> Option<(RowKey, Vec<u8>, String)> {
        let sha256 = self.sha256.clone()?;
        Some((self.row.key, sha256, self.row.relay.clone().unwrap_or_default()))
    }

    /// How it settles a doubt about this mail, if there is one: by the resend, or by the verdict that came late.
    fn settles_doubt(&self) -> Option<&'static str> {
        match State::from_code(self.row.state) {
            Ok(State::InDoubt) | Err(_) => None,
            Ok(State::Skipped | State::Expired) => Some("kept"),
            Ok(_) if self.resent => Some("resent"),
            Ok(State::Accepted) => Some("accepted"),
            Ok(_) => Some("failed"),
        }
    }
}
