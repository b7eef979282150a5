//! What an attempt to reach a relay, or to hand it a mail, ends in.
//! It does not choose the relay, retry, or keep books.

mod body;
mod capabilities;
mod config;
mod open;
mod stream;
mod transact;

pub use config::{RelayConfig, Secret, Timeouts, TlsMode};
pub use open::Relay;
pub use transact::Connection;

use std::{fmt, io};

use super::address::Address;
use crate::delivery::{Blame, Failure, Phase, Reply, Verdict, judge};

/// Why no connection stands.
#[derive(Debug, thiserror::Error)]
#[error("relay `{relay}` ({address}), {phase}: {cause}")]
pub struct RelayError {
    /// The relay's name in the configuration.
    pub relay: String,
    /// Host and port.
    pub address: String,
    /// How far it came.
    pub phase: Phase,
    /// What happened.
    pub cause: Cause,
}

impl RelayError {
    /// Whether waiting helps: a wrong certificate, password or configuration stays wrong until somebody changes it.
    pub fn is_lasting(&self) -> bool {
        match &self.cause {
            Cause::Config(_) | Cause::Certificate(_) | Cause::NotOffered(_) | Cause::Injected(_) => true,
            Cause::Reply(reply) => reply.code >= 500,
            Cause::Timeout(_) | Cause::Network(_) | Cause::Protocol(_) => false,
        }
    }
}

/// What kept a connection from standing.
#[derive(Debug, thiserror::Error)]
pub enum Cause {
    /// The configuration contradicts itself.
    #[error("{0}")]
    Config(String),
    /// Seconds without an answer.
    #[error("no answer within {0} s")]
    Timeout(u64),
    /// Refused, reset, unreachable, closed.
    #[error("{0}")]
    Network(#[source] io::Error),
    /// TLS failed; mostly the certificate.
    #[error("{0}; if the relay has a certificate of your own, name its authority's PEM file in ca_file")]
    Certificate(String),
    /// The relay said no.
    #[error("the relay answered {0}")]
    Reply(Reply),
    /// What we need is not there.
    #[error("the relay does not offer {0}; nothing was sent")]
    NotOffered(&'static str),
    /// Bytes that came before TLS and would have counted as if they came under it (class CVE-2011-0411).
    #[error(
        "{0} bytes came after the answer to STARTTLS and before TLS: somebody on the way may be injecting answers; nothing was sent"
    )]
    Injected(usize),
    /// Not SMTP.
    #[error("what came is not SMTP: {0}")]
    Protocol(String),
}

/// From whom and to whom, as the relay is told; one recipient a mail.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Envelope {
    /// The return path; `None` is the empty one.
    pub from: Option<Address>,
    /// The reader.
    pub to: Address,
}

/// What handing over one mail ended in.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// A full reply, which is final: the end of the mail, or the first command that was refused.
    Replied {
        /// The command it answers.
        phase: Phase,
        /// The reply.
        reply: Reply,
    },
    /// The connection broke or went silent.
    Broken {
        /// What was going on.
        phase: Phase,
        /// Only once the final dot may have left; before it, all is safe to send again.
        in_doubt: bool,
        /// What happened, without addresses.
        error: String,
    },
    /// Nothing was sent: this relay cannot take this mail.
    Unsendable(Unsendable),
}

/// Why a mail does not fit this relay.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Unsendable {
    /// RFC 6531.
    #[error("the address holds letters beyond ASCII and the relay does not offer SMTPUTF8")]
    NeedsSmtpUtf8,
    /// The mail is not plain ASCII.
    #[error("the mail holds bytes beyond ASCII and the relay does not offer 8BITMIME")]
    Needs8BitMime,
    /// RFC 1870.
    #[error("the mail has {size} bytes and the relay takes {limit}")]
    TooLarge {
        /// Bytes of the mail.
        size: usize,
        /// The relay's limit.
        limit: usize,
    },
    /// A CR or LF alone: some relays take such a line end before a dot for the end of the mail.
    #[error("the mail holds a line end that is not CR LF")]
    BareLineEnd,
    /// Neither ASCII nor UTF-8.
    #[error("the mail holds bytes that are neither ASCII nor UTF-8")]
    NotUtf8,
}

impl Outcome {
    /// What is to be done with the mail.
    pub fn verdict(&self) -> Verdict {
        match self {
            Self::Replied { phase, reply } => judge(*phase, reply),
            Self::Broken { in_doubt: true, .. } => Verdict::InDoubt,
            Self::Broken { .. } => Verdict::Retry(Blame::Relay),
            Self::Unsendable(Unsendable::NeedsSmtpUtf8) => Verdict::Failed(Failure::BadAddress),
            Self::Unsendable(Unsendable::TooLarge { .. }) => Verdict::Failed(Failure::TooLarge),
            Self::Unsendable(_) => Verdict::Failed(Failure::Content),
        }
    }

    /// How far it came.
    pub const fn phase(&self) -> Phase {
        match self {
            Self::Replied { phase, .. } | Self::Broken { phase, .. } => *phase,
            Self::Unsendable(_) => Phase::Mail,
        }
    }

    /// The reply code, where there is one.
    pub const fn code(&self) -> Option<u16> {
        match self {
            Self::Replied { reply, .. } => Some(reply.code),
            _ => None,
        }
    }
}

impl fmt::Display for Outcome {
    /// The words for the ledger's `reply` column: `RCPT: 550 5.1.1 no such user`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Replied { phase: Phase::Dot, reply } => write!(f, "{reply}"),
            Self::Replied { phase, reply } => write!(f, "{phase}: {reply}"),
            Self::Broken { phase, error, .. } => write!(f, "{phase}: {error}"),
            Self::Unsendable(why) => write!(f, "{why}"),
        }
    }
}

#[cfg(test)]
mod tests;
