//! What a relay is (its configuration, its errors) and what an attempt to hand it a mail ends in.
//! It does not choose the relay, retry, or keep books.

mod body;
mod capabilities;
mod open;
mod stream;
mod transact;

pub use open::Relay;
pub use transact::Connection;

use std::{fmt, io, net::IpAddr, path::PathBuf, time::Duration};

use serde::Deserialize;

use super::address::Address;
use crate::delivery::{Blame, Failure, Phase, Reply, Verdict, judge};

/// How the way to a relay is protected.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum TlsMode {
    /// Plain at first, then STARTTLS, which is required (port 587 or 25).
    #[default]
    Starttls,
    /// TLS from the first byte (port 465).
    Implicit,
    /// No protection; to loopback only.
    None,
}

/// A password. It is read from the configuration and never printed.
#[derive(Clone, Default, PartialEq, Eq, Deserialize)]
#[serde(transparent)]
pub struct Secret(String);

impl Secret {
    /// Takes the password in.
    pub const fn new(text: String) -> Self {
        Self(text)
    }

    fn expose(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("(secret)")
    }
}

/// How long each phase may take, in seconds. The defaults are those of RFC 5321, 4.5.3.2, but for connecting.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Timeouts {
    /// Name look-up and TCP, for each address of the relay.
    pub connect_seconds: u32,
    /// TLS handshake.
    pub tls_seconds: u32,
    /// The relay's first line.
    pub greeting_seconds: u32,
    /// EHLO, STARTTLS, AUTH, MAIL, RCPT, RSET: each.
    pub command_seconds: u32,
    /// From DATA to 354.
    pub data_seconds: u32,
    /// For each piece of the mail that the network takes.
    pub body_seconds: u32,
    /// From the final dot to the reply. A short one makes duplicates: the relay may have the mail and we send it again.
    pub dot_seconds: u32,
}

impl Default for Timeouts {
    fn default() -> Self {
        Self {
            connect_seconds: 30,
            tls_seconds: 30,
            greeting_seconds: 300,
            command_seconds: 300,
            data_seconds: 120,
            body_seconds: 180,
            dot_seconds: 600,
        }
    }
}

impl Timeouts {
    fn of(&self, phase: Phase) -> Duration {
        Duration::from_secs(u64::from(match phase {
            Phase::Connect => self.connect_seconds,
            Phase::Tls => self.tls_seconds,
            Phase::Greeting => self.greeting_seconds,
            Phase::Ehlo | Phase::StartTls | Phase::Auth | Phase::Mail | Phase::Rcpt => self.command_seconds,
            Phase::Data => self.data_seconds,
            Phase::Body => self.body_seconds,
            Phase::Dot => self.dot_seconds,
        }))
    }
}

/// An SMTP server that takes our mail.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct RelayConfig {
    /// How people call it; holds and logs name it.
    pub name: String,
    /// Host name or IP address. The certificate has to be for it.
    pub host: String,
    /// 587 for STARTTLS, 465 for implicit TLS.
    pub port: u16,
    /// Protection of the way.
    pub tls: TlsMode,
    /// With `password`: AUTH PLAIN or LOGIN.
    pub username: Option<String>,
    /// With `username`.
    pub password: Option<Secret>,
    /// The name in EHLO: this machine's public name. Empty: the local address as a literal.
    pub ehlo: String,
    /// Connections at a time.
    pub connections: u16,
    /// Mails on one connection; then it is closed and another opened. Some servers refuse the 1,001st.
    pub mails_per_connection: u32,
    /// PEM file with certificates to trust beside the system's, for a relay with a certificate of one's own.
    pub ca_file: Option<PathBuf>,
    /// Times per phase.
    pub timeouts: Timeouts,
}

impl Default for RelayConfig {
    fn default() -> Self {
        Self {
            name: "main".to_owned(),
            host: "localhost".to_owned(),
            port: 587,
            tls: TlsMode::Starttls,
            username: None,
            password: None,
            ehlo: String::new(),
            connections: 4,
            mails_per_connection: 500,
            ca_file: None,
            timeouts: Timeouts::default(),
        }
    }
}

/// Most connections to one relay: more than any public relay allows, and each costs a task and two buffers.
const CONNECTIONS_MAX: u16 = 100;

impl RelayConfig {
    /// Says in a sentence what is wrong with it. Called before each connection, and by whoever reads the configuration.
    pub fn check(&self) -> Result<(), String> {
        let name = &self.name;
        let is_word =
            |text: &str| !text.is_empty() && text.bytes().all(|b| b.is_ascii_graphic() && b != b'<' && b != b'>');
        if !is_word(&self.host) || self.host.len() > 255 {
            return Err(format!(
                "relay `{name}`: host `{}` is not a host name; one looks like `smtp.example.org`",
                self.host
            ));
        }
        if !self.ehlo.is_empty() && !is_word(&self.ehlo) {
            return Err(format!(
                "relay `{name}`: ehlo `{}` is not a host name; leave it out to use the local address",
                self.ehlo
            ));
        }
        if self.tls == TlsMode::None && !self.is_loopback() {
            return Err(format!(
                "relay `{name}`: tls = \"none\" is for loopback only, and `{}` is not; use \"starttls\" (port 587) or \"implicit\" (port 465)",
                self.host
            ));
        }
        if self.username.is_some() != self.password.is_some() {
            return Err(format!("relay `{name}`: username and password go together; set both or neither"));
        }
        if self.connections == 0 || self.connections > CONNECTIONS_MAX {
            return Err(format!(
                "relay `{name}`: connections = {} is not between 1 and {CONNECTIONS_MAX}",
                self.connections
            ));
        }
        if self.mails_per_connection == 0 {
            return Err(format!("relay `{name}`: mails_per_connection = 0 would send nothing; 500 is usual"));
        }
        let t = &self.timeouts;
        let shortest = [
            t.connect_seconds,
            t.tls_seconds,
            t.greeting_seconds,
            t.command_seconds,
            t.data_seconds,
            t.body_seconds,
            t.dot_seconds,
        ];
        if shortest.contains(&0) {
            return Err(format!(
                "relay `{name}`: a timeout of 0 seconds lets nothing through; leave it out for the default"
            ));
        }
        Ok(())
    }

    fn is_loopback(&self) -> bool {
        self.host == "localhost" || self.host.parse::<IpAddr>().is_ok_and(|ip| ip.is_loopback())
    }
}

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
