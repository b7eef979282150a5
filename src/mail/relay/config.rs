//! What a relay is called, where it is, how the way to it is protected and how long each phase may take.
//! It connects to nothing.

use std::{fmt, net::IpAddr, path::PathBuf, time::Duration};

use serde::Deserialize;

use crate::delivery::Phase;

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

    pub(super) fn expose(&self) -> &str {
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
    pub(super) fn of(&self, phase: Phase) -> Duration {
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
