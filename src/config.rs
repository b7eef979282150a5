//! Reads the one annotated TOML file, environment overrides and secrets into each part's own config.
//! It does not check what only the outside can tell; `depeche check` does.

mod document;
mod problem;
mod secret;
mod section;
mod sections;
#[cfg(test)]
mod tests;
mod value;

use std::{
    collections::BTreeMap,
    fs, io,
    net::SocketAddr,
    path::{Path, PathBuf},
    time::Duration,
};

use chrono_tz::Tz;
use url::Url;

use crate::{
    article::language::Language, delivery::OnDoubt, digest::schedule::Schedule, subscriber::address::Address,
    telemetry::LogConfig,
};

pub use document::Place;
pub use problem::{ConfigError, Problem};
pub use secret::{Environment, KeyFileError, Secret, load_or_create_keys, rotate_keys};
pub use value::{parse_duration, parse_zone};

/// The annotated example with every key and its default.
pub const EXAMPLE: &str = include_str!("../config/depeche.toml");

/// The demo's config; ports, directories and the relay come by overrides.
pub const DEMO: &str = include_str!("../config/demo.toml");

/// Largest config file that is read, in octets; beyond it somebody named the wrong file.
const LARGEST: u64 = 256 * 1024;

/// Where the file is looked for when nobody names it.
const PATHS: [&str; 2] = ["depeche.toml", "/etc/depeche/depeche.toml"];

/// Everything the file says. What is in here is lawful; whether it works outside is for `depeche check` to find out.
#[derive(Clone, Debug)]
pub struct Config {
    /// Who publishes.
    pub publisher: Publisher,
    /// Postgres.
    pub database: Database,
    /// Where depeche keeps what is its own: the private cluster and the link keys. Absolute unless the file's directory is not.
    pub data_dir: PathBuf,
    /// Fetching.
    pub feeds: Feeds,
    /// What readers and editors may ask for.
    pub filters: Filters,
    /// What all mails have in common.
    pub mail: Mail,
    /// SMTP servers, in the order of the file; none means that nothing can be sent.
    pub relays: Vec<Relay>,
    /// Schedules, in the order of the file; at least one.
    pub schedules: Vec<ScheduleConfig>,
    /// Alerts.
    pub instant: Instant,
    /// Pages.
    pub web: Web,
    /// Logs.
    pub log: LogConfig,
    /// Directory of templates that stand before the built-in ones.
    pub templates_dir: Option<PathBuf>,
    /// This node.
    pub node: Node,
    /// The file with the keys of links in mails; see [`load_or_create_keys`].
    pub key_file: PathBuf,
    /// What is lawful but unwise, one sentence each; `run` and `check` show them.
    pub warnings: Vec<String>,
}

/// `[publisher]`
#[derive(Clone, Debug)]
pub struct Publisher {
    /// As readers know it.
    pub name: String,
    /// The site's front page.
    pub home_url: Url,
    /// In the footer of every mail, as law asks.
    pub postal_address: String,
    /// A mailbox that people read: Reply-To, and in the footer.
    pub contact: Address,
    /// Where readers reach the web pages; ends in `/`.
    pub base_url: Url,
    /// Language of the pages and mails of readers who did not choose.
    pub language: Language,
    /// Zone of readers who did not choose.
    pub zone: Tz,
}

/// `[database]`
#[derive(Clone, Debug)]
pub struct Database {
    /// `postgres://…`; none means the private cluster below `data_dir`. Holds a password, so it is a secret.
    pub url: Option<Secret>,
    /// Most connections of this node.
    pub connections: u32,
}

/// `[feeds]`
#[derive(Clone, Debug)]
pub struct Feeds {
    /// The page that the User-Agent names, so that a feed's owner finds who asks.
    pub contact_url: Url,
    /// Whether feeds on private addresses are fetched.
    pub allow_private: bool,
    /// Certificates to trust beside the system's, for feeds of one's own network.
    pub ca_file: Option<PathBuf>,
    /// Between two polls of a feed that brings news all the time; nothing is asked more often.
    pub poll_min: Duration,
    /// Between two polls of a quiet feed whose publisher asks for nothing else.
    pub poll_max: Duration,
    /// Whether hubs of feeds are asked to push.
    pub websub: bool,
}

/// `[filters]`
#[derive(Clone, Copy, Debug)]
pub struct Filters {
    /// Articles a day that a filter may bring when it is saved; 0 for any number.
    pub max_hits_per_day: u32,
}

/// `[mail]`
#[derive(Clone, Debug)]
pub struct Mail {
    /// Name beside the address in From, at most 25 characters.
    pub from_name: String,
    /// Address in From.
    pub from: Address,
    /// Where bounces go (MAIL FROM).
    pub return_path: Address,
    /// The mailbox in List-Unsubscribe's `mailto:`.
    pub unsubscribe_to: Address,
    /// RFC 2919 identifier, without brackets.
    pub list_id: String,
    /// If not empty, nobody else is mailed.
    pub only_to: Vec<Address>,
    /// What becomes of mails in doubt.
    pub on_doubt: OnDoubt,
    /// Wait before the second attempt; doubled for each further one.
    pub retry_first: Duration,
    /// Longest wait between two attempts.
    pub retry_longest: Duration,
    /// After what time a mail is not sent any more.
    pub expiry: Expiry,
}

/// `[mail.expiry]`: after what time a mail of each kind is not sent any more.
#[derive(Clone, Debug)]
pub struct Expiry {
    /// Alerts.
    pub alert: Duration,
    /// Confirmations of a sign-up.
    pub confirmation: Duration,
    /// Digests.
    pub digest: Duration,
    /// Corrections.
    pub correction: Duration,
    /// Proofs.
    pub proof: Duration,
    /// Notices to operators.
    pub notice: Duration,
}

/// How a connection to a relay is encrypted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RelayTls {
    /// STARTTLS, required (RFC 3207).
    Starttls,
    /// TLS from the first octet (RFC 8314).
    Implicit,
    /// None; on this very machine only.
    None,
}

/// `[[relay]]`
#[derive(Clone, Debug)]
pub struct Relay {
    /// What holds, logs and the books call it.
    pub name: String,
    /// Host name or IP address.
    pub host: String,
    /// Port.
    pub port: u16,
    /// Encryption.
    pub tls: RelayTls,
    /// User name and password for AUTH.
    pub login: Option<(String, Secret)>,
    /// Most connections of this node at a time.
    pub connections: u32,
    /// Mails on one connection before it is closed and another opened.
    pub mails_per_connection: u32,
    /// PEM file with certificates that are trusted beside the system's.
    pub ca_file: Option<PathBuf>,
    /// What to call ourselves in EHLO; none means the local address as a literal.
    pub ehlo: Option<String>,
}

/// `[schedules.NAME]`
#[derive(Clone, Debug)]
pub struct ScheduleConfig {
    /// Name, expression and cut-off.
    pub schedule: Schedule,
    /// Whether readers can choose it.
    pub public: bool,
    /// Most items with key points in one digest.
    pub max_items: u32,
    /// Most items with their title only, after those; what is beyond is counted.
    pub max_titles: u32,
    /// What readers see instead of the times, by language; empty where the times say it all.
    pub titles: BTreeMap<Language, String>,
}

/// `[instant]`
#[derive(Clone, Debug)]
pub struct Instant {
    /// Whether readers can choose alerts.
    pub public: bool,
    /// How long an article settles before its alert.
    pub settle: Duration,
    /// Most alerts an hour per reader; the rest is bundled.
    pub per_hour: u32,
    /// Most alerts a day per reader.
    pub per_day: u32,
    /// Most items in one bundled alert.
    pub max_items: u32,
}

/// `[web]`
#[derive(Clone, Debug)]
pub struct Web {
    /// Address and port to listen on.
    pub listen: SocketAddr,
}

/// `[node]`
#[derive(Clone, Debug)]
pub struct Node {
    /// What this node is called among others on the same database.
    pub name: String,
    /// How long a stop waits for mails that are on their way.
    pub drain: Duration,
}

impl Config {
    /// Reads a file with the overrides and secrets of an environment; finds every fault, not only the first.
    pub fn load(file: &Path, environment: &Environment) -> Result<Self, ConfigError> {
        let fail = |text: String| ConfigError {
            file: file.to_owned(),
            problems: vec![Problem { place: Place::Missing, key: String::new(), text }],
        };
        let text = read_file(file).map_err(|error| fail(format!("cannot read the config: {error}")))?;
        Self::parse(file, &text, environment)
    }

    /// Reads a config from its text; `file` stands in messages, and paths in the text are relative to its directory.
    pub fn parse(file: &Path, text: &str, environment: &Environment) -> Result<Self, ConfigError> {
        sections::read(file, text, environment).0
    }

    /// The file to read: the one that was named, `$DEPECHE_CONFIG`, or the first that is there of `depeche.toml` and
    /// `/etc/depeche/depeche.toml`.
    pub fn find(named: Option<&Path>, environment: &Environment) -> Result<PathBuf, NoConfig> {
        named
            .map(Path::to_owned)
            .or_else(|| environment.get("DEPECHE_CONFIG").map(PathBuf::from))
            .or_else(|| PATHS.iter().map(PathBuf::from).find(|path| path.is_file()))
            .ok_or(NoConfig)
    }

    /// The keys whose change a reload cannot take over, such as `database.url`; empty where it can.
    pub fn needs_restart(&self, fresh: &Self) -> Vec<&'static str> {
        let changes = [
            ("data_dir", self.data_dir != fresh.data_dir),
            ("database.url", self.database.url != fresh.database.url),
            ("database.connections", self.database.connections != fresh.database.connections),
            ("web.listen", self.web.listen != fresh.web.listen),
            ("log.format", self.log.format != fresh.log.format),
            ("node.name", self.node.name != fresh.node.name),
        ];
        changes.into_iter().filter_map(|(key, changed)| changed.then_some(key)).collect()
    }

    /// The schedule of that name.
    pub fn schedule(&self, name: &str) -> Option<&ScheduleConfig> {
        self.schedules.iter().find(|config| config.schedule.name() == name)
    }
}

/// No config file was named or found.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error(
    "there is no config: neither ./depeche.toml nor /etc/depeche/depeche.toml; name one with --config or DEPECHE_CONFIG, or copy config/depeche.toml, which explains every key"
)]
pub struct NoConfig;

fn read_file(file: &Path) -> io::Result<String> {
    let metadata = fs::metadata(file)?;
    if metadata.is_dir() {
        return Err(io::Error::new(io::ErrorKind::IsADirectory, "it is a directory; name the file in it"));
    }
    if metadata.len() > LARGEST {
        return Err(io::Error::new(io::ErrorKind::FileTooLarge, "it is larger than 256 KiB"));
    }
    fs::read_to_string(file)
}
