//! One mail ready to be handed over, with what the ledger needs to let it begin.
//! How it was composed is in `daemon::compose`.

use chrono::{DateTime, Utc};
use sha2::{Digest as _, Sha256};

use super::ledger::Entry;
use crate::{
    delivery::{Key, Kind, Next, RetryConfig, SkipReason, State, Verdict, back_off},
    mail::{Envelope, Outcome},
    store::{
        delivery::{Key as RowKey, ResultRow},
        wire::Start,
    },
    subscriber::Status,
};

/// Characters of a relay's reply kept in the books.
const MAX_REPLY: usize = 300;
/// How soon a mail in doubt is resent: long enough for the relay to have let go of the broken connection.
const RESEND_AFTER: chrono::TimeDelta = chrono::TimeDelta::seconds(5);

/// One mail ready to go.
#[derive(Clone, Debug)]
pub struct Job {
    /// Delivery's place in the books.
    pub row: RowKey,
    /// Delivery's own key.
    pub key: Key,
    /// Kind.
    pub kind: Kind,
    /// Reader.
    pub subscriber_id: i64,
    /// From and to.
    pub envelope: Envelope,
    /// The unsigned bytes.
    pub bytes: Vec<u8>,
    /// Epoch of the claim.
    pub epoch: i32,
    /// The claim is in `retry`.
    pub from_retry: bool,
    /// Attempts made before.
    pub attempts: i16,
    /// It is in doubt already.
    pub in_doubt: bool,
    /// Schedule, topics and feeds that a hold may name.
    pub schedule_id: Option<i32>,
    /// Topics of its items.
    pub topics: Vec<i64>,
    /// Feeds of its items.
    pub feeds: Vec<i64>,
    /// When it was first due.
    pub due_at: DateTime<Utc>,
    /// When it is given up.
    pub expires_at: DateTime<Utc>,
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

impl Job {
    /// A confirmation goes to somebody who has not confirmed; everything else only to those who have.
    pub fn status_needed(&self) -> i16 {
        if self.kind == Kind::Confirmation { Status::Pending } else { Status::Confirmed }.code()
    }

    /// Its start on a connection.
    pub fn start(&self, connection: i32, relay: &str) -> Start {
        Start {
            connection,
            key: self.row,
            subscriber_id: self.subscriber_id,
            status: self.status_needed(),
            epoch: self.epoch,
            from_retry: self.from_retry,
            sha256: self.sha256(),
            relay: relay.to_owned(),
        }
    }

    fn sha256(&self) -> Vec<u8> {
        Sha256::digest(&self.bytes).to_vec()
    }

    /// What an attempt's outcome means for the books.
    pub fn entry(
        &self,
        outcome: &Outcome,
        relay: &str,
        retry: &RetryConfig,
        on_doubt: OnDoubt,
        now: DateTime<Utc>,
    ) -> Entry {
        let waiting = if self.in_doubt { State::InDoubt } else { State::Planned };
        let attempt = u32::try_from(self.attempts).unwrap_or(0) + 1;
        let (state, retry_at, doubt) = match outcome.verdict() {
            Verdict::Accepted => (State::Accepted, None, None),
            Verdict::Failed(_) => (State::Failed, None, None),
            Verdict::Retry(_) => match back_off(retry, self.kind, self.key, self.due_at, attempt, now) {
                Next::At(at) if at < self.expires_at => (waiting, Some(at), None),
                _ => (State::Expired, None, None),
            },
            Verdict::InDoubt => {
                let again = (on_doubt == OnDoubt::Resend).then(|| now + RESEND_AFTER);
                (State::InDoubt, again, Some(self.sha256()))
            }
        };
        let code = outcome.code().and_then(|code| i16::try_from(code).ok()).unwrap_or(0);
        let row = self.result(state, None, code, &outcome.to_string(), relay, now);
        Entry { row, retry_at, doubt }
    }

    /// It is not sent at all.
    pub fn skipped(&self, reason: SkipReason, now: DateTime<Utc>) -> Entry {
        Entry { row: self.result(State::Skipped, Some(reason), 0, reason.text(), "", now), retry_at: None, doubt: None }
    }

    fn result(
        &self,
        state: State,
        skip: Option<SkipReason>,
        code: i16,
        reply: &str,
        relay: &str,
        now: DateTime<Utc>,
    ) -> ResultRow {
        ResultRow {
            key: self.row,
            state: state.code(),
            reason: skip.map_or(0, SkipReason::code),
            attempted: skip.is_none(),
            code,
            // Relays like to repeat the address; the books never hold it.
            reply: reply
                .replace(self.envelope.to.as_str(), "(address)")
                .chars()
                .filter(|c| !c.is_control())
                .take(MAX_REPLY)
                .collect(),
            relay: relay.to_owned(),
            at: now,
        }
    }
}
