//! What a relay's reply means for one mail: final, to be tried again, and who is to blame.
//! It does not speak SMTP and does not count attempts.

use std::fmt;

use serde::{Deserialize, Serialize};

use super::Reply;

/// The step of an SMTP session (RFC 5321) in which something happened. The codes are stored.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[repr(i16)]
pub enum Phase {
    /// Name look-up and TCP connection.
    Connect = 1,
    /// TLS handshake, implicit or after STARTTLS.
    Tls = 2,
    /// The relay's first line.
    Greeting = 3,
    /// EHLO.
    Ehlo = 4,
    /// STARTTLS.
    StartTls = 5,
    /// AUTH.
    Auth = 6,
    /// MAIL FROM.
    Mail = 7,
    /// RCPT TO.
    Rcpt = 8,
    /// DATA, before the first byte of the mail.
    Data = 9,
    /// The mail itself, before the final dot.
    Body = 10,
    /// The final dot was sent, or may have been.
    Dot = 11,
}

impl Phase {
    /// The word for logs, tables and JSON.
    pub const fn word(self) -> &'static str {
        match self {
            Self::Connect => "connect",
            Self::Tls => "TLS handshake",
            Self::Greeting => "greeting",
            Self::Ehlo => "EHLO",
            Self::StartTls => "STARTTLS",
            Self::Auth => "AUTH",
            Self::Mail => "MAIL",
            Self::Rcpt => "RCPT",
            Self::Data => "DATA",
            Self::Body => "body",
            Self::Dot => "final dot",
        }
    }
}

impl fmt::Display for Phase {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.word())
    }
}

/// Who stands in the way of a mail that is to be tried again.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Blame {
    /// The mailbox or its domain: full, greylisted, away. Back off this mail alone.
    Recipient,
    /// This mail as it is. Back off this mail alone.
    Message,
    /// The relay, the way to it, or our standing there: the next mail would meet the same, so slow or stop this relay.
    Relay,
}

/// Why a mail ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Failure {
    /// No such mailbox or domain.
    NoSuchMailbox,
    /// The mailbox exists and takes no mail any more.
    MailboxDisabled,
    /// The mailbox is full, and the relay says for good.
    MailboxFull,
    /// The address cannot be written to: its syntax, or letters that the relay does not take.
    BadAddress,
    /// Larger than the relay or the mailbox takes.
    TooLarge,
    /// Refused by a rule of the receiver.
    Policy,
    /// The content was refused.
    Content,
    /// Refused without a reason that can be told.
    Refused,
}

impl Failure {
    /// Whether the address is dead: mailing it again is what ruins a sender's name.
    pub const fn is_hard_bounce(self) -> bool {
        matches!(self, Self::NoSuchMailbox | Self::MailboxDisabled)
    }

    /// The words for tables and logs.
    pub const fn text(self) -> &'static str {
        match self {
            Self::NoSuchMailbox => "no such mailbox",
            Self::MailboxDisabled => "mailbox disabled",
            Self::MailboxFull => "mailbox full",
            Self::BadAddress => "address cannot be written to",
            Self::TooLarge => "too large",
            Self::Policy => "refused by policy",
            Self::Content => "content refused",
            Self::Refused => "refused",
        }
    }
}

/// What is to be done with a mail after an attempt.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Verdict {
    /// The relay answers for it now.
    Accepted,
    /// Not taken yet; safe to try again.
    Retry(Blame),
    /// Not taken, for good.
    Failed(Failure),
    /// The relay may have it.
    InDoubt,
}

/// Reads a full reply. `phase` is the command it answers; [`Phase::Dot`] is the end of the mail.
///
/// Replies about the session or the sender never fail a mail: a wrong password would otherwise fail a whole list within
/// minutes. They blame the relay and the mail waits until it expires.
pub fn judge(phase: Phase, reply: &Reply) -> Verdict {
    match (reply.code, phase) {
        // The relay closes the connection whatever the command was (RFC 5321, 3.8).
        (421, _) => Verdict::Retry(Blame::Relay),
        (200..=299, Phase::Dot) => Verdict::Accepted,
        (400..=499, Phase::Rcpt | Phase::Data | Phase::Dot) => Verdict::Retry(deferral(phase, reply)),
        (500..=599, Phase::Mail) if is_too_large(reply) => Verdict::Failed(Failure::TooLarge),
        (500..=599, Phase::Mail) if reply.is(6, 7) => Verdict::Failed(Failure::BadAddress),
        (500..=599, Phase::Rcpt) => refusal_of_recipient(reply),
        (500..=599, Phase::Data | Phase::Dot) => refusal_of_mail(reply),
        // A positive reply other than the one that ends a mail, or no SMTP at all: after the dot nobody can tell.
        (_, Phase::Dot) => Verdict::InDoubt,
        _ => Verdict::Retry(Blame::Relay),
    }
}

fn is_too_large(reply: &Reply) -> bool {
    reply.is(3, 4) || reply.is(2, 3) || (reply.code == 552 && reply.enhanced.is_none())
}

fn deferral(phase: Phase, reply: &Reply) -> Blame {
    // 454 is what large relays say when their rate is exceeded; 4.3.x is the relay's own state, 4.4.2 its connection.
    if reply.code == 454 || reply.subject() == Some(3) || reply.is(4, 2) {
        return Blame::Relay;
    }
    match phase {
        Phase::Rcpt => Blame::Recipient,
        // After the mail, policy and limits are about how much we send, not about this mail.
        _ if reply.subject() == Some(7) || reply.is(5, 3) => Blame::Relay,
        _ if reply.subject() == Some(2) || reply.subject() == Some(1) => Blame::Recipient,
        _ => Blame::Message,
    }
}

/// How relays say that they do not relay for us: our configuration is wrong, not the recipient.
const RELAYING_DENIED: [&str; 9] = [
    "relay access",
    "relaying",
    "relay not",
    "relay denied",
    "to relay",
    "no relay",
    "authentication required",
    "must authenticate",
    "starttls",
];

/// How relays without enhanced codes say that nobody lives there. "Invalid recipient" and "mailbox unavailable" are not
/// among them: `OpenSMTPD` and others say so to a client they do not know as well, and whole lists would be taken for dead.
const NOBODY_THERE: [&str; 10] = [
    "user unknown",
    "unknown user",
    "recipient unknown",
    "unknown recipient",
    "no such",
    "not exist",
    "user not found",
    "recipient not found",
    "mailbox not found",
    "no mailbox",
];

fn refusal_of_recipient(reply: &Reply) -> Verdict {
    let session = Verdict::Retry(Blame::Relay);
    // Unrecognised, not implemented, bad sequence, authentication required: the session, not the address.
    if matches!(reply.code, 500 | 502 | 503 | 504 | 530 | 535 | 538) {
        return session;
    }
    let says_no_relay = reply.says(&RELAYING_DENIED);
    Verdict::Failed(match reply.enhanced.map(|e| (e.subject, e.detail)) {
        // 5.1.7 and 5.1.8 are about the sender's address.
        Some((1, 7 | 8)) => return session,
        Some((7, _)) | None if says_no_relay => return session,
        Some((1, 3) | (6, 7)) => Failure::BadAddress,
        // 5.4.4: no route to the domain.
        Some((1, _) | (4, 4)) => Failure::NoSuchMailbox,
        Some((2, 1)) => Failure::MailboxDisabled,
        Some((2, 2)) => Failure::MailboxFull,
        Some((2, 3) | (3, 4)) => Failure::TooLarge,
        Some((7, _)) => Failure::Policy,
        _ if reply.says(&NOBODY_THERE) => Failure::NoSuchMailbox,
        None if reply.code == 552 => Failure::MailboxFull,
        None if matches!(reply.code, 501 | 553) => Failure::BadAddress,
        _ => Failure::Refused,
    })
}

fn refusal_of_mail(reply: &Reply) -> Verdict {
    if matches!(reply.code, 500 | 502 | 503 | 530 | 535 | 538) {
        return Verdict::Retry(Blame::Relay);
    }
    Verdict::Failed(match reply.enhanced.map(|e| (e.subject, e.detail)) {
        _ if is_too_large(reply) => Failure::TooLarge,
        Some((1, 7 | 8)) => return Verdict::Retry(Blame::Relay),
        Some((1, _)) => Failure::NoSuchMailbox,
        Some((2, 1)) => Failure::MailboxDisabled,
        Some((2, 2)) => Failure::MailboxFull,
        Some((6, _)) => Failure::Content,
        Some((7, _)) => Failure::Policy,
        _ => Failure::Refused,
    })
}

#[cfg(test)]
mod tests;
