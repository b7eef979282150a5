//! Asks each relay up to the login: connection, greeting, EHLO, TLS, AUTH.
//! It begins no mail.

use std::time::Duration;

use tokio::{task::JoinSet, time::timeout};

use super::Line;
use crate::{
    cli::settings,
    config::{self, Config, RelayTls},
    mail::{Relay, RelayConfig, Timeouts},
};

/// How long a relay may take in all; the phases' own limits are for nights, and here a person waits.
const PATIENCE: Duration = Duration::from_secs(20);

/// Seconds for each phase.
const PHASE_SECONDS: u32 = 15;

/// One line a relay, in the order of the config.
pub(super) async fn check(config: &Config) -> Vec<Line> {
    if config.relays.is_empty() {
        return vec![Line::fail(
            "relay",
            "there is none, so nothing can be sent; add a [[relay]] section to the config",
        )];
    }
    let mut asked = JoinSet::new();
    for (at, relay) in config.relays.iter().enumerate() {
        let what = format!("relay {}", relay.name);
        let place = format!("{}:{}", relay.host, relay.port);
        let (tls, login) = (relay.tls, relay.login.is_some());
        let settings = impatient(relay);
        asked.spawn(async move {
            let answer = timeout(PATIENCE, ask(settings)).await;
            let line = match answer {
                Ok(Ok(())) => Line::ok(
                    &what,
                    format!("{place} answers{}{}", tls_words(tls), if login { ", login taken" } else { "" }),
                ),
                Ok(Err(text)) => Line::fail(&what, text),
                Err(_) => Line::fail(
                    &what,
                    format!("{place} gives no answer within {} s; check host, port and firewall", PATIENCE.as_secs()),
                ),
            };
            (at, line)
        });
    }
    let mut lines = asked.join_all().await;
    lines.sort_by_key(|(at, _)| *at);
    lines.into_iter().map(|(_, line)| line).collect()
}

async fn ask(settings: RelayConfig) -> Result<(), String> {
    let relay = Relay::new(settings).map_err(|error| error.to_string())?;
    let connection = relay.connect().await.map_err(|error| error.to_string())?;
    connection.quit().await;
    Ok(())
}

const fn tls_words(tls: RelayTls) -> &'static str {
    match tls {
        RelayTls::Starttls => ", STARTTLS",
        RelayTls::Implicit => ", TLS",
        RelayTls::None => ", without TLS",
    }
}

/// The relay as the daemon takes it, with the patience of a person.
fn impatient(relay: &config::Relay) -> RelayConfig {
    let timeouts = Timeouts {
        connect_seconds: PHASE_SECONDS,
        tls_seconds: PHASE_SECONDS,
        greeting_seconds: PHASE_SECONDS,
        command_seconds: PHASE_SECONDS,
        ..Timeouts::default()
    };
    RelayConfig { timeouts, ..settings::relay_config(relay) }
}
