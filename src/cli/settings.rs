//! Turns the config into each part's own settings: the one place where names of the file meet names of the code.
//! It reads no file and opens nothing but the certificates to trust.

use std::{collections::BTreeMap, sync::Arc, time::Duration};

use crate::{
    config::{self, Config, RelayTls},
    daemon::{
        Settings,
        compose::{ComposeSettings, Rhythm},
        deliver::DeliverSettings,
        ingest::IngestSettings,
        plan::{InstantSettings, PlanSettings, ScheduleLimits},
    },
    delivery::RetryConfig,
    digest::{schedule::INSTANT, select::Limits},
    feed::polling::PollConfig,
    fetch::{FetchConfig, Fetcher},
    mail::{ListId, Mailbox, Relay, RelayConfig, Secret, TlsMode},
    render::{Publisher, Templates},
    subscriber::{address::Address, token::Keys},
};

/// Why a config that reads well cannot be put in force.
#[derive(Debug, thiserror::Error)]
#[error("{what}: {why}")]
pub(super) struct SettingsError {
    what: &'static str,
    why: String,
}

fn failed<E: std::fmt::Display>(what: &'static str) -> impl Fn(E) -> SettingsError {
    move |why| SettingsError { what, why: why.to_string() }
}

/// All settings of the daemon.
pub(super) fn settings(config: &Config, keys: Keys) -> Result<Settings, SettingsError> {
    Ok(Settings {
        ingest: ingest(config)?,
        plan: plan(config),
        deliver: deliver(config)?,
        compose: compose(config, keys)?,
        max_hits_per_day: config.filters.max_hits_per_day.into(),
    })
}

/// For ingest and for single fetches of the command line.
pub(super) fn ingest(config: &Config) -> Result<IngestSettings, SettingsError> {
    Ok(IngestSettings {
        fetcher: Fetcher::new(&fetch_config(&config.feeds)).map_err(failed("[feeds]"))?,
        poll: PollConfig { min_minutes: minutes(config.feeds.poll_min), max_minutes: minutes(config.feeds.poll_max) },
        // Plain http is lawful on loopback only, where no hub comes.
        websub: config.feeds.websub && config.publisher.base_url.scheme() == "https",
    })
}

/// How feeds and pages are fetched.
pub(super) fn fetch_config(feeds: &config::Feeds) -> FetchConfig {
    FetchConfig {
        contact: feeds.contact_url.to_string(),
        allow_private: feeds.allow_private,
        ca_file: feeds.ca_file.clone(),
        ..FetchConfig::default()
    }
}

/// For plan.
pub(super) fn plan(config: &Config) -> PlanSettings {
    let limits = |full: u32, brief: u32| Limits {
        full: usize::try_from(full).unwrap_or(usize::MAX),
        brief: usize::try_from(brief).unwrap_or(usize::MAX),
        ..Limits::default()
    };
    PlanSettings {
        schedules: config
            .schedules
            .iter()
            .map(|s| ScheduleLimits { schedule: s.schedule.clone(), limits: limits(s.max_items, s.max_titles) })
            .collect(),
        instant: InstantSettings {
            settle: config.instant.settle,
            per_hour: usize::try_from(config.instant.per_hour).unwrap_or(usize::MAX),
            per_day: usize::try_from(config.instant.per_day).unwrap_or(usize::MAX),
        },
        instant_limits: limits(config.instant.max_items, 0),
        digest_expiry: config.mail.expiry.digest,
        alert_expiry: config.mail.expiry.alert,
    }
}

fn deliver(config: &Config) -> Result<DeliverSettings, SettingsError> {
    let relays = config.relays.iter().map(relay).collect::<Result<_, _>>()?;
    let mail = &config.mail;
    Ok(DeliverSettings {
        relays,
        retry: RetryConfig {
            first_seconds: seconds(mail.retry_first),
            longest_seconds: seconds(mail.retry_longest),
            alert_hours: hours(mail.expiry.alert),
            confirmation_hours: hours(mail.expiry.confirmation),
            digest_hours: hours(mail.expiry.digest),
            correction_hours: hours(mail.expiry.correction),
            proof_hours: hours(mail.expiry.proof),
            notice_hours: hours(mail.expiry.notice),
        },
        on_doubt: mail.on_doubt,
        only_to: mail.only_to.iter().map(Address::address_key).collect(),
    })
}

/// A relay ready to be connected to.
pub(super) fn relay(relay: &config::Relay) -> Result<Arc<Relay>, SettingsError> {
    Ok(Arc::new(Relay::new(relay_config(relay)).map_err(failed("[relay]"))?))
}

/// A relay of the config as `mail` takes it.
pub(super) fn relay_config(relay: &config::Relay) -> RelayConfig {
    let (username, password) = match &relay.login {
        Some((name, password)) => (Some(name.clone()), Some(Secret::new(password.expose().to_owned()))),
        None => (None, None),
    };
    RelayConfig {
        name: relay.name.clone(),
        host: relay.host.clone(),
        port: relay.port,
        tls: match relay.tls {
            RelayTls::Starttls => TlsMode::Starttls,
            RelayTls::Implicit => TlsMode::Implicit,
            RelayTls::None => TlsMode::None,
        },
        username,
        password,
        ehlo: relay.ehlo.clone().unwrap_or_default(),
        connections: u16::try_from(relay.connections).unwrap_or(u16::MAX),
        mails_per_connection: relay.mails_per_connection,
        ca_file: relay.ca_file.clone(),
        ..RelayConfig::default()
    }
}

/// For composing mails and pages.
pub(super) fn compose(config: &Config, keys: Keys) -> Result<ComposeSettings, SettingsError> {
    let (publisher, mail) = (&config.publisher, &config.mail);
    let mailbox = |name: &str, address: &str| -> Result<Mailbox, SettingsError> {
        let address = address.parse().map_err(failed("[mail]"))?;
        Ok(Mailbox::new(name, address))
    };
    let shown = Publisher {
        name: publisher.name.clone(),
        home_url: publisher.home_url.as_str().parse().map_err(failed("[publisher] home_url"))?,
        contact_email: publisher.contact.as_str().to_owned(),
        from_address: mail.from.as_str().to_owned(),
        postal_address: publisher.postal_address.clone(),
        base_url: publisher.base_url.as_str().trim_end_matches('/').parse().map_err(failed("[publisher] base_url"))?,
    };
    shown.check().map_err(failed("[publisher]"))?;
    Ok(ComposeSettings {
        publisher: shown,
        from: mailbox(&mail.from_name, mail.from.as_str())?,
        reply_to: mailbox("", publisher.contact.as_str())?,
        return_path: mail.return_path.as_str().parse().map_err(failed("[mail] return_path"))?,
        unsubscribe_to: mail.unsubscribe_to.as_str().parse().map_err(failed("[mail] unsubscribe_to"))?,
        list_id: mail.list_id.parse::<ListId>().map_err(failed("[mail] list_id"))?,
        templates: Arc::new(Templates::load(config.templates_dir.as_deref()).map_err(failed("[templates]"))?),
        keys,
        language: publisher.language.code().parse().unwrap_or_default(),
        zone: publisher.zone,
        rhythms: rhythms(config),
    })
}

/// Digests in the order of the config, alerts last.
fn rhythms(config: &Config) -> Vec<Rhythm> {
    let titles = |s: &config::ScheduleConfig| {
        s.titles.iter().filter_map(|(language, title)| Some((language.code().parse().ok()?, title.clone()))).collect()
    };
    let digests = config.schedules.iter().map(|s| Rhythm {
        name: s.schedule.name().to_owned(),
        line: Some(s.schedule.describe().clone()),
        titles: titles(s),
        public: s.public,
    });
    let alerts =
        Rhythm { name: INSTANT.to_owned(), line: None, titles: BTreeMap::new(), public: config.instant.public };
    digests.chain([alerts]).collect()
}

fn seconds(duration: Duration) -> u32 {
    u32::try_from(duration.as_secs()).unwrap_or(u32::MAX)
}

fn minutes(duration: Duration) -> u32 {
    seconds(duration) / 60
}

fn hours(duration: Duration) -> u32 {
    seconds(duration).div_ceil(3600)
}
