//! Shows that a relay's every answer, silence and break is reported for what it is: on a server of bad manners and on real ones.
//! It does not test the parts alone; their files do.

mod phases;
mod real;
mod servers;
mod session;
mod tls;

use std::net::SocketAddr;

use depeche::mail::{Address, Envelope, RelayConfig, Timeouts, TlsMode};

use crate::support::{certificates, smtp_server};

/// A relay in the clear on loopback that gives up after a second in every phase.
fn relay(address: SocketAddr) -> RelayConfig {
    RelayConfig {
        host: address.ip().to_string(),
        port: address.port(),
        tls: TlsMode::None,
        ehlo: "sender.example".to_owned(),
        timeouts: Timeouts {
            connect_seconds: 1,
            tls_seconds: 1,
            greeting_seconds: 1,
            command_seconds: 1,
            data_seconds: 1,
            body_seconds: 1,
            dot_seconds: 1,
        },
        ..RelayConfig::default()
    }
}

fn address(text: &str) -> Address {
    text.parse().expect("an address")
}

fn envelope(to: &str) -> Envelope {
    Envelope { from: Some(address("bounces@lettres.example")), to: address(to) }
}

/// A small mail that names its number.
fn mail(number: usize) -> Vec<u8> {
    format!("From: a@lettres.example\r\nTo: b@lecteur.example\r\nSubject: {number}\r\n\r\nmail {number}\r\n")
        .into_bytes()
}
