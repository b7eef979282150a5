//! Sets up structured logs on standard error, and keeps addresses, tokens and passwords out of them.
//! It decides nothing about what is logged.

mod redact;

use std::{fmt, io, io::IsTerminal as _, str::FromStr};

use tracing_subscriber::{
    EnvFilter, Registry, layer::SubscriberExt as _, reload, util::SubscriberInitExt as _, util::TryInitError,
};

pub use redact::redact;

/// `[log]`
#[derive(Clone, Debug, Default)]
pub struct LogConfig {
    /// What is logged.
    pub level: Level,
    /// For people or for machines.
    pub format: Format,
}

/// What is logged: one level for all (`info`), or levels by part (`info,depeche::fetch=debug`).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Level(String);

/// How a line looks.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Format {
    /// For people.
    #[default]
    Text,
    /// One JSON object a line.
    Json,
}

/// A level or a format that is none.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum LogError {
    /// Not a level.
    #[error(
        "`{0}` is not a log level; error, warn, info, debug and trace are, also by part: \"info,depeche::fetch=debug\""
    )]
    Level(String),
    /// Not a format.
    #[error("`{0}` is not a log format; text and json are")]
    Format(String),
}

/// Why logs could not be set up.
#[derive(Debug, thiserror::Error)]
pub enum TelemetryError {
    /// Somebody did already.
    #[error("logs are set up already in this process: {0}")]
    Twice(TryInitError),
    /// The handle is no longer connected.
    #[error("the log level cannot be changed: {0}")]
    Reload(reload::Error),
}

const LEVELS: [&str; 6] = ["off", "error", "warn", "info", "debug", "trace"];

impl Default for Level {
    fn default() -> Self {
        Self("info".to_owned())
    }
}

impl FromStr for Level {
    type Err = LogError;

    fn from_str(text: &str) -> Result<Self, LogError> {
        let wrong = || LogError::Level(text.to_owned());
        // `EnvFilter` takes a misspelt level for the name of a part, which would silence everything else.
        let directives: Vec<&str> = text.split(',').map(str::trim).collect();
        for directive in &directives {
            let level = directive.rsplit('=').next().unwrap_or_default().to_ascii_lowercase();
            if !LEVELS.contains(&level.as_str()) {
                return Err(wrong());
            }
        }
        let text = directives.join(",");
        EnvFilter::builder().parse(&text).map(|_| Self(text)).map_err(|_| wrong())
    }
}

impl FromStr for Format {
    type Err = LogError;

    fn from_str(text: &str) -> Result<Self, LogError> {
        match text {
            "text" => Ok(Self::Text),
            "json" => Ok(Self::Json),
            other => Err(LogError::Format(other.to_owned())),
        }
    }
}

impl fmt::Display for Level {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl Level {
    fn filter(&self) -> EnvFilter {
        EnvFilter::builder().parse_lossy(&self.0)
    }
}

/// The running logs; keeps the level changeable.
#[derive(Debug)]
pub struct Telemetry(reload::Handle<EnvFilter, Registry>);

impl Telemetry {
    /// Sends all logs of this process to standard error; once a process.
    pub fn start(config: &LogConfig) -> Result<Self, TelemetryError> {
        let (filter, handle) = reload::Layer::new(config.level.filter());
        let layer = tracing_subscriber::fmt::layer()
            .with_writer(|| redact::Redacted::new(io::stderr()))
            .with_ansi(io::stderr().is_terminal());
        let registry = tracing_subscriber::registry().with(filter);
        match config.format {
            // journald writes the time itself.
            Format::Text if journal_listens() => registry.with(layer.without_time()).try_init(),
            Format::Text => registry.with(layer).try_init(),
            Format::Json => registry.with(layer.json().flatten_event(true).with_ansi(false)).try_init(),
        }
        .map_err(TelemetryError::Twice)?;
        Ok(Self(handle))
    }

    /// Changes what is logged, as after SIGHUP.
    pub fn set_level(&self, level: &Level) -> Result<(), TelemetryError> {
        self.0.reload(level.filter()).map_err(TelemetryError::Reload)
    }
}

/// systemd sets this where standard error goes to the journal (systemd.exec(5)).
fn journal_listens() -> bool {
    std::env::var_os("JOURNAL_STREAM").is_some() && !io::stderr().is_terminal()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_misspelt_level_is_refused_instead_of_silencing_the_logs() {
        let check = |text: &str, lawful: bool| assert_eq!(text.parse::<Level>().is_ok(), lawful, "{text}");
        check("info", true);
        check("WARN", true);
        check("info,depeche::fetch=debug", true);
        check("warn, depeche=trace", true);
        check("inof", false);
        check("info,depeche::fetch", false);
        check("", false);
        check("depeche=loud", false);
        assert!("yaml".parse::<Format>().is_err());
    }
}
