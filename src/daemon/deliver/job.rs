//! One mail ready to be handed over, with what the ledger needs to let it begin.
//! How it was composed is in `daemon::compose`.

use chrono::{DateTime, Utc};

use super::entry::Entry;
use crate::{
    delivery::{Key, Kind, Next, OnDoubt, RetryConfig, SkipReason, State, Verdict, back_off},
    mail::{Envelope, Outcome},
    store::{
        delivery::ResultRow,
        digest::Untold,
        wire::{Claim, Start},
    },
    subscriber::Status,
};

/// Characters of a relay's reply kept in the books.
const MAX_REPLY: usize = 300;
/// How soon a mail in doubt is resent: long enough for the relay to have let go of the broken connection.
pub(super) const RESEND_AFTER: chrono::TimeDelta = chrono::TimeDelta::seconds(5);

/// One mail ready to go.
#[derive(Clone, Debug)]
pub struct Job {
    /// Delivery's place in the books, as claimed.
    pub claim: Claim,
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
    /// Their hash.
    pub sha256: Vec<u8>,
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
    /// What was frozen for it and is not in it.
    pub missing: Option<Untold>,
    /// When it was first due.
    pub due_at: DateTime<Utc>,
    /// When it is given up.
    pub expires_at: DateTime<Utc>,
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
            claim: self.claim,
            subscriber_id: self.subscriber_id,
            status: self.status_needed(),
            sha256: self.sha256.clone(),
            relay: relay.to_owned(),
        }
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
        let (state, retry_at, sha256) = match outcome.verdict() {
            Verdict::Accepted => (State::Accepted, None, None),
            Verdict::Failed(_) => (State::Failed, None, None),
            Verdict::Retry(_) => match back_off(retry, self.kind, self.key, self.due_at, attempt, now) {
                Next::At(at) if at < self.expires_at => (waiting, Some(at), None),
                _ => (State::Expired, None, None),
            },
            Verdict::InDoubt => {
                let again = (on_doubt == OnDoubt::Resend).then(|| now + RESEND_AFTER);
                (State::InDoubt, again, Some(self.sha256.clone()))
            }
        };
        // Relays like to repeat the address; the books never hold it.
        let reply = outcome.to_string().replace(self.envelope.to.as_str(), "(address)");
        let row = ResultRow {
            key: self.claim.key,
            state: state.code(),
            reason: 0,
            attempted: true,
            code: Some(outcome.code().and_then(|code| i16::try_from(code).ok()).unwrap_or(0)),
            reply: Some(reply.chars().filter(|c| !c.is_control()).take(MAX_REPLY).collect()),
            relay: Some(relay.to_owned()),
            at: now,
            again: false,
            settles: None,
        };
        // Until it is accepted it may be composed anew, with what was put back; of one in doubt nobody knows which version arrived.
        let untold = self.missing.clone().filter(|_| state == State::Accepted && !self.in_doubt);
        Entry { row, retry_at, sha256, resent: self.in_doubt, untold }
    }

    /// It is not sent at all.
    pub fn skipped(&self, reason: SkipReason, now: DateTime<Utc>) -> Entry {
        Entry::skipped(self.claim.key, reason, reason.text(), now)
    }
}
