//! Sets up structured logs on standard error, and keeps addresses, tokens and passwords out of them.
//! It decides nothing about what is logged.

mod redact;

use std::{fmt, io, io::IsTerminal as _, str::FromStr};

use tracing::Subscriber;
use tracing_subscriber::{
    EnvFilter, Layer, Registry,
    layer::SubscriberExt as _,
    registry::LookupSpan,
    reload,
    util::{SubscriberInitExt as _, TryInitError},
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
        // Postgres's notices tell that a partition is there already, on every round; who wants them names the part.
        EnvFilter::builder().parse_lossy(format!("sqlx::postgres::notice=warn,{}", self.0))
    }
}

/// The running logs; keeps the level changeable.
#[derive(Debug)]
pub struct Telemetry(reload::Handle<EnvFilter, Registry>);

impl Telemetry {
    /// Sends all logs of this process to standard error; once a process.
    pub fn start(config: &LogConfig) -> Result<Self, TelemetryError> {
        let (filter, handle) = reload::Layer::new(config.level.filter());
        let look = Look { format: config.format, colours: io::stderr().is_terminal(), times: !journal_listens() };
        let registry = tracing_subscriber::registry().with(filter).with(lines(look, io::stderr));
        registry.try_init().map_err(TelemetryError::Twice)?;
        Ok(Self(handle))
    }

    /// Changes what is logged, as after SIGHUP.
    pub fn set_level(&self, level: &Level) -> Result<(), TelemetryError> {
        self.0.reload(level.filter()).map_err(TelemetryError::Reload)
    }
}

/// What a line looks like.
#[derive(Clone, Copy)]
struct Look {
    format: Format,
    colours: bool,
    times: bool,
}

/// Lines for a writer, redacted whatever they look like.
fn lines<S, W, F>(look: Look, writer: F) -> Box<dyn Layer<S> + Send + Sync>
where
    S: Subscriber + for<'a> LookupSpan<'a>,
    W: io::Write,
    F: Fn() -> W + Send + Sync + 'static,
{
    let layer =
        tracing_subscriber::fmt::layer().with_ansi(look.colours).with_writer(move || redact::Redacted::new(writer()));
    match look.format {
        // JSON always has the time: who reads it may not be the journal.
        Format::Json => layer.json().flatten_event(true).with_current_span(false).with_ansi(false).boxed(),
        Format::Text if look.times => layer.boxed(),
        Format::Text => layer.without_time().boxed(),
    }
}

/// Whether standard error goes to the journal, which notes the time itself: systemd sets this variable (systemd.exec(5)).
fn journal_listens() -> bool {
    std::env::var_os("JOURNAL_STREAM").is_some() && !io::stderr().is_terminal()
}

#[cfg(test)]
mod tests {
    use std::sync::{Arc, Mutex};

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

    #[derive(Clone, Default)]
    struct Paper(Arc<Mutex<Vec<u8>>>);

    impl io::Write for Paper {
        fn write(&mut self, octets: &[u8]) -> io::Result<usize> {
            self.0.lock().expect("one thread").extend_from_slice(octets);
            Ok(octets.len())
        }

        fn flush(&mut self) -> io::Result<()> {
            Ok(())
        }
    }

    fn logged(look: Look) -> String {
        let paper = Paper::default();
        let pen = paper.clone();
        let subscriber = tracing_subscriber::registry().with(lines(look, move || pen.clone()));
        tracing::subscriber::with_default(subscriber, || {
            let span = tracing::info_span!("deliver", to = "paul@lefanal.example");
            let _inside = span.enter();
            let error = io::Error::other("550 <claire@lefanal.example> unknown");
            let link = Some("https://l.example/u/tk_ASoH-JVVOfehmUoM9ESYmj0Y2w");
            tracing::warn!(delivery = 12, %error, ?link, "refused for \"zoe@lefanal.example\"");
        });
        let octets = paper.0.lock().expect("one thread").clone();
        String::from_utf8(octets).expect("UTF-8")
    }

    #[test]
    fn no_shape_of_a_line_lets_an_address_or_a_token_through() {
        for (format, colours, times) in
            [(Format::Text, false, false), (Format::Text, true, true), (Format::Json, false, true)]
        {
            let line = logged(Look { format, colours, times });
            assert!(line.contains("refused") && line.contains("12"), "{line}");
            assert_eq!(line.matches("<address>").count(), 3, "{line}");
            assert!(line.contains("l.example/u/<token>"), "{line}");
            assert!(!line.contains("lefanal.example") && !line.contains("ASoH"), "{line}");
        }
    }

    #[test]
    fn a_json_line_is_json_with_its_fields_on_top() {
        let line = logged(Look { format: Format::Json, colours: false, times: true });
        let value: serde_json::Value = serde_json::from_str(&line).expect("JSON");
        assert_eq!((&value["level"], &value["delivery"]), (&"WARN".into(), &12.into()));
        assert!(value["timestamp"].is_string());
    }
}
