//! The sections of the file: which keys each has, their defaults, and what must agree between them.
//! How a value is spelt and where it was written is for `value` and `section`.

use std::{
    collections::BTreeMap,
    path::{Path, PathBuf},
    time::Duration,
};

use crate::{
    article::language::Language,
    digest::schedule::Schedule,
    telemetry::{Format, Level, LogConfig},
};

use super::{
    Config, Database, Expiry, Feeds, Instant, Mail, Node, OnDoubt, Publisher, Relay, RelayTls, ScheduleConfig, Web,
    document::{self, PREFIX, Place, Value, variable},
    problem::{ConfigError, Problem},
    secret::{self, Environment, Secret},
    section::{Known, Section},
    value,
};

/// Characters of a From name that phones show beside a subject.
const LONGEST_FROM_NAME: usize = 25;

/// Languages that the pages and mails are written in.
const INTERFACE_LANGUAGES: [&str; 4] = ["fr", "en", "de", "nl"];

/// The schedules of a file that has none: each morning, and Monday morning.
const DEFAULT_SCHEDULES: [(&str, &str); 2] = [("morning", "0 7 * * *"), ("weekly", "0 7 * * 1")];

/// Cut-off of a schedule that sets none: time enough for an editor to look at what will go out.
const DEFAULT_CUT_OFF: Duration = Duration::from_mins(15);

/// Items with key points of a schedule that sets no number.
const DEFAULT_ITEMS: u32 = 12;

/// Items with their title only of a schedule that sets no number.
const DEFAULT_TITLES: u32 = 10;

/// Poll intervals may not be shorter: feeds' owners block who asks more often.
const SHORTEST_POLL: Duration = Duration::from_mins(1);

/// What a section needs besides its own text.
struct Around<'a> {
    base: PathBuf,
    environment: &'a Environment,
}

/// The config, and every key that was asked for on the way.
pub(super) fn read(file: &Path, text: &str, environment: &Environment) -> (Result<Config, ConfigError>, Vec<Known>) {
    let fail = |problems| ConfigError { file: file.to_owned(), problems };
    let mut table = match document::parse(text) {
        Ok(table) => table,
        Err(errors) => {
            let problem = |(place, text)| Problem { place, key: String::new(), text: format!("is not TOML: {text}") };
            return (Err(fail(errors.into_iter().map(problem).collect())), Vec::new());
        }
    };
    document::lay_over(&mut table, environment.iter());
    let around = Around { base: file.parent().unwrap_or(Path::new("")).to_owned(), environment };
    let mut root = Section::root(table);
    let config = config(&mut root, &around);
    root.finish();
    root.problems.extend(misspelt_overrides(&root.known, environment));
    root.problems.sort_by(|a, b| a.place.cmp(&b.place));
    let known = std::mem::take(&mut root.known);
    match config {
        Some(mut config) if root.problems.is_empty() => {
            config.warnings = root.warnings;
            (Ok(config), known)
        }
        _ => (Err(fail(root.problems)), known),
    }
}

/// Variables that would be an override with one more `_`: silence would leave the operator wondering.
fn misspelt_overrides(known: &[Known], environment: &Environment) -> Vec<Problem> {
    let single = |known: &Known| (variable(&known.path).replace("__", "_"), variable(&known.path));
    let names: BTreeMap<String, String> = known.iter().filter(|known| known.path.contains('.')).map(single).collect();
    let given = environment.iter().map(|(name, _)| name).filter(|name| name.starts_with(PREFIX));
    let problem = |name: &String| {
        let right = names.get(name)?;
        let text = format!("is no override; write {right}, with two `_` between section and key");
        Some(Problem { place: Place::Environment(name.clone()), key: String::new(), text })
    };
    given.filter_map(problem).collect()
}

fn config(root: &mut Section, around: &Around<'_>) -> Option<Config> {
    let data_dir = root.or("data_dir", &default_data_dir(around), value::path).map(|path| around.base.join(path));
    let publisher = root.within("publisher", publisher).flatten();
    let database = root.within("database", |section| database(section, around)).flatten();
    let feeds = root.within("feeds", |section| feeds(section, publisher.as_ref())).flatten();
    let mail = root.within("mail", |section| mail(section, publisher.as_ref())).flatten();
    let relays: Vec<_> = root.repeated("relay", |section| relay(section, around)).into_iter().flatten().collect();
    name_once(root, &relays);
    let schedules = schedules(root);
    let instant = root.within("instant", instant).flatten();
    let web = root
        .within("web", |section| Some(Web { listen: section.or("listen", "127.0.0.1:8080", value::socket)? }))
        .flatten();
    let log = root.within("log", log).flatten();
    let templates = root.within("templates", |section| section.optional("dir", value::path)).flatten();
    let node = root.within("node", node).flatten();
    let key_file = root.within("secrets", |section| section.optional("key_file", value::path)).flatten();
    let data_dir = data_dir?;
    let key_file = match key_file? {
        Some(path) => around.base.join(path),
        None => around.environment.credential("keys").unwrap_or_else(|| data_dir.join("keys")),
    };
    Some(Config {
        publisher: publisher?,
        database: database?,
        feeds: feeds?,
        mail: mail?,
        relays,
        schedules,
        instant: instant?,
        web: web?,
        log: log?,
        templates_dir: templates?.map(|path| around.base.join(path)),
        node: node?,
        key_file,
        data_dir,
        warnings: Vec::new(),
    })
}

/// systemd's `StateDirectory=` where there is one.
fn default_data_dir(around: &Around<'_>) -> String {
    around.environment.get("STATE_DIRECTORY").unwrap_or("/var/lib/depeche").to_owned()
}

fn publisher(section: &mut Section) -> Option<Publisher> {
    let name = section.required("name", "\"Le Fanal\"", value::line);
    let home_url = section.required("home_url", "\"https://www.lefanal.example/\"", value::page);
    let postal_address =
        section.required("postal_address", "\"Le Fanal SAS, 1 rue de l'Exemple, 44000 Nantes\"", value::line);
    let contact = section.required("contact", "\"redaction@lefanal.example\"", value::address);
    let base_url = section.required("base_url", "\"https://lettres.lefanal.example/\"", value::base);
    let language = section.or("language", "en", interface_language);
    let zone = section.required("zone", "\"Europe/Paris\"", value::zone);
    Some(Publisher {
        name: name?,
        home_url: home_url?,
        postal_address: postal_address?,
        contact: contact?,
        base_url: base_url?,
        language: language?,
        zone: zone?,
    })
}

fn interface_language(value: &Value) -> Result<Language, String> {
    let language = value::language(value)?;
    if INTERFACE_LANGUAGES.contains(&language.code()) {
        return Ok(language);
    }
    Err(format!("`{language}` is not a language of the pages and mails; {} are", INTERFACE_LANGUAGES.join(", ")))
}

fn database(section: &mut Section, around: &Around<'_>) -> Option<Database> {
    let url = section.optional("url", value::line);
    let url_file = section.optional("url_file", value::path);
    let connections = section.or("connections", "10", value::number::<2, 200>);
    let (url, url_file) = (url?, url_file?);
    let overridden = around.environment.get("DEPECHE_DATABASE__URL").is_some();
    let from_environment = around.environment.get("DATABASE_URL").filter(|_| !overridden);
    if url.is_some() && url_file.is_some() && !overridden {
        section.complain("url_file", "stands beside `url`; keep one of the two");
    }
    let url = if let Some(url) = from_environment {
        Some(Secret::new(url))
    } else if let Some(url) = url {
        Some(Secret::new(url))
    } else {
        from_file(section, around, "url_file", url_file.as_deref(), "database.url")
    };
    let lawful = |url: &Secret| ["postgres://", "postgresql://"].iter().any(|scheme| url.expose().starts_with(scheme));
    if url.as_ref().is_some_and(|url| !lawful(url)) {
        // The URL may hold a password: it is not repeated.
        section.complain(
            "url",
            "must begin with postgres://, such as postgres:///depeche?host=/run/postgresql (see also DATABASE_URL)",
        );
    }
    Some(Database { url, connections: connections? })
}

/// A secret from the file that a key names, or else from systemd's credentials.
fn from_file(
    section: &mut Section,
    around: &Around<'_>,
    key: &str,
    path: Option<&Path>,
    credential: &str,
) -> Option<Secret> {
    let path = path.map(|path| around.base.join(path)).or_else(|| around.environment.credential(credential))?;
    match secret::read(&path) {
        Ok((secret, warning)) => {
            section.warnings.extend(warning);
            Some(secret)
        }
        Err(text) => {
            section.complain(key, &text);
            None
        }
    }
}

fn feeds(section: &mut Section, publisher: Option<&Publisher>) -> Option<Feeds> {
    let contact_url = section.optional("contact_url", value::page);
    let allow_private = section.or("allow_private", "false", value::yes);
    let poll_min = section.or("poll_min", "5m", value::duration);
    let poll_max = section.or("poll_max", "24h", value::duration);
    let (poll_min, poll_max) = (poll_min?, poll_max?);
    if poll_min < SHORTEST_POLL {
        section.complain("poll_min", "is shorter than a minute, for which feeds' owners would block us; 5m is usual");
    }
    if poll_max < poll_min {
        section.complain("poll_max", "is shorter than `poll_min`; 24h is usual");
    }
    let contact_url = match contact_url? {
        Some(url) => url,
        None => publisher?.home_url.clone(),
    };
    Some(Feeds { contact_url, allow_private: allow_private?, poll_min, poll_max })
}

fn mail(section: &mut Section, publisher: Option<&Publisher>) -> Option<Mail> {
    let from = section.required("from", "\"resume@lettres.lefanal.example\"", value::address);
    let from_name = section.optional("from_name", value::line);
    let return_path = section.optional("return_path", value::address);
    let unsubscribe_to = section.optional("unsubscribe_to", value::address);
    let list_id = section.optional("list_id", list_id);
    let only_to = section.or("only_to", "", value::addresses);
    let on_doubt = section.or("on_doubt", "resend", on_doubt);
    let retry_first = section.or("retry_first", "1m", value::duration);
    let retry_longest = section.or("retry_longest", "1h", value::duration);
    let expiry = section.within("expiry", expiry).flatten();
    let (retry_first, retry_longest) = (retry_first?, retry_longest?);
    if retry_first.is_zero() || retry_longest < retry_first {
        section.complain(
            "retry_longest",
            "must not be shorter than `retry_first`, and `retry_first` not zero; 1m and 1h are usual",
        );
    }
    let from_name = from_name?.or_else(|| publisher.map(|publisher| publisher.name.clone()))?;
    if from_name.chars().count() > LONGEST_FROM_NAME {
        let text = format!(
            "`{from_name}` is longer than the {LONGEST_FROM_NAME} characters that phones show; give a shorter one"
        );
        section.complain("from_name", &text);
    }
    let from = from?;
    let by_default = format!("{}.{}", plain_label(from.local()), from.domain());
    Some(Mail {
        from_name,
        return_path: return_path?.unwrap_or_else(|| from.clone()),
        unsubscribe_to: match unsubscribe_to? {
            Some(address) => address,
            None => publisher?.contact.clone(),
        },
        list_id: list_id?.unwrap_or(by_default),
        from,
        only_to: only_to?,
        on_doubt: on_doubt?,
        retry_first,
        retry_longest,
        expiry: expiry?,
    })
}

/// A local part as one label of a List-Id.
fn plain_label(local: &str) -> String {
    local.chars().map(|c| if c.is_ascii_alphanumeric() { c.to_ascii_lowercase() } else { '-' }).collect()
}

fn list_id(value: &Value) -> Result<String, String> {
    let text = value::line(value)?;
    let bare = text.trim_start_matches('<').trim_end_matches('>');
    // RFC 2919 section 2: dot-atom text with at least one dot.
    let lawful = bare.contains('.')
        && bare.split('.').all(|label| {
            !label.is_empty() && label.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-' || b == b'_')
        });
    if lawful {
        Ok(bare.to_ascii_lowercase())
    } else {
        Err(format!("`{text}` is not a List-Id; `resume.lettres.lefanal.example` is"))
    }
}

fn on_doubt(value: &Value) -> Result<OnDoubt, String> {
    match value::text(value)?.as_str() {
        "resend" => Ok(OnDoubt::Resend),
        "keep" => Ok(OnDoubt::Keep),
        other => Err(format!("`{other}` is neither \"resend\" nor \"keep\"")),
    }
}

fn expiry(section: &mut Section) -> Option<Expiry> {
    let mut one = |key: &str, default: &str| section.or(key, default, value::duration);
    let (alert, confirmation, digest) = (one("alert", "4h"), one("confirmation", "24h"), one("digest", "36h"));
    let (correction, proof, notice) = (one("correction", "72h"), one("proof", "2h"), one("notice", "24h"));
    Some(Expiry {
        alert: alert?,
        confirmation: confirmation?,
        digest: digest?,
        correction: correction?,
        proof: proof?,
        notice: notice?,
    })
}

fn relay(section: &mut Section, around: &Around<'_>) -> Option<Relay> {
    let name = section.required("name", "\"main\"", relay_name);
    let host = section.required("host", "\"smtp.lefanal.example\"", value::host);
    let tls = section.or("tls", "starttls", relay_tls);
    let port = section.optional("port", value::port);
    let username = section.optional("username", value::line);
    let password_file = section.optional("password_file", value::path);
    let connections = section.or("connections", "4", value::number::<1, 100>);
    let helo = section.optional("helo", value::host);
    let (name, host, tls, username) = (name?, host?, tls?, username?);
    let credential = format!("relay.{name}.password");
    let password = from_file(section, around, "password_file", password_file?.as_deref(), &credential);
    if tls == RelayTls::None && !value::is_loopback(&host) {
        let text = format!(
            "is \"none\", but `{host}` is not this machine: mails would pass readable; use \"starttls\" or \"implicit\""
        );
        section.complain("tls", &text);
    }
    let login = match (username, password) {
        (Some(username), Some(password)) => Some((username, password)),
        (None, None) => None,
        (Some(_), None) => {
            let text =
                format!("has no password; name its file by `password_file`, or give systemd's credential {credential}");
            section.complain("username", &text);
            None
        }
        (None, Some(_)) => {
            section.complain("password_file", "has no user; give `username` as well");
            None
        }
    };
    let port = port?.unwrap_or(match tls {
        RelayTls::Starttls => 587,
        RelayTls::Implicit => 465,
        RelayTls::None => 25,
    });
    Some(Relay { name, host, port, tls, login, connections: connections?, helo: helo? })
}

fn relay_name(value: &Value) -> Result<String, String> {
    let name = value::line(value)?;
    let lawful = name.len() <= 32
        && name.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-' || b == b'_');
    if lawful {
        Ok(name)
    } else {
        Err(format!("`{name}` cannot name a relay; use up to 32 of a-z, 0-9, `-` and `_`, such as `main`"))
    }
}

fn relay_tls(value: &Value) -> Result<RelayTls, String> {
    match value::text(value)?.as_str() {
        "starttls" => Ok(RelayTls::Starttls),
        "implicit" => Ok(RelayTls::Implicit),
        "none" => Ok(RelayTls::None),
        other => Err(format!("`{other}` is none of \"starttls\", \"implicit\" and \"none\"")),
    }
}

fn name_once(root: &mut Section, relays: &[Relay]) {
    for (index, relay) in relays.iter().enumerate() {
        if relays[..index].iter().any(|other| other.name == relay.name) {
            root.complain("relay", &format!("two relays are called `{}`; each needs a name of its own", relay.name));
        }
    }
}

fn schedules(root: &mut Section) -> Vec<ScheduleConfig> {
    let mut given = false;
    let schedules = root.each("schedules", |name, section| {
        given = true;
        schedule(name, section)
    });
    if given {
        return schedules.into_iter().flatten().collect();
    }
    let by_default =
        DEFAULT_SCHEDULES.iter().filter_map(|(name, cron)| Schedule::parse(name, cron, DEFAULT_CUT_OFF).ok());
    by_default
        .map(|schedule| ScheduleConfig {
            schedule,
            public: true,
            max_items: DEFAULT_ITEMS,
            max_titles: DEFAULT_TITLES,
            titles: BTreeMap::new(),
        })
        .collect()
}

fn schedule(name: &str, section: &mut Section) -> Option<ScheduleConfig> {
    use crate::digest::schedule::{ScheduleError, ScheduleLine};
    let cron = section.required("cron", "\"0 7 * * *\"", value::line);
    let public = section.or("public", "true", value::yes);
    let cut_off = section.or("cut_off", "15m", value::duration);
    let max_items = section.or("max_items", "12", value::number::<1, 50>);
    let max_titles = section.or("max_titles", "10", value::number::<0, 100>);
    let titles = section.within("title", |section| titles(section)).unwrap_or_default();
    let (cron, public) = (cron?, public?);
    let schedule = match Schedule::parse(name, &cron, cut_off?) {
        Ok(schedule) => schedule,
        Err(error) => {
            let key = match error {
                ScheduleError::CutOff(_) => "cut_off",
                _ => "cron",
            };
            section.complain(key, &error.to_string());
            return None;
        }
    };
    if public && titles.is_empty() && matches!(schedule.describe(), ScheduleLine::Other(_)) {
        let text = format!(
            "`{cron}` cannot be said in words to readers; give a title in your languages, such as `title.en = \"Twice a day\"`, or `public = false`"
        );
        section.complain("cron", &text);
    }
    Some(ScheduleConfig { schedule, public, max_items: max_items?, max_titles: max_titles?, titles })
}

fn titles(section: &mut Section) -> BTreeMap<Language, String> {
    let mut titles = BTreeMap::new();
    for (key, title) in section.rest(value::line) {
        match interface_language(&Value::Text(key.clone())) {
            Ok(language) => {
                titles.insert(language, title);
            }
            Err(text) => section.complain(&key, &text),
        }
    }
    titles
}

fn instant(section: &mut Section) -> Option<Instant> {
    let public = section.or("public", "true", value::yes);
    let settle = section.or("settle", "3m", value::duration);
    let per_hour = section.or("per_hour", "3", value::number::<1, 60>);
    let per_day = section.or("per_day", "8", value::number::<1, 200>);
    let max_items = section.or("max_items", "12", value::number::<1, 50>);
    let (per_hour, per_day, settle) = (per_hour?, per_day?, settle?);
    if per_day < per_hour {
        section.complain("per_day", "is less than `per_hour`; 3 an hour and 8 a day are usual");
    }
    if settle > Duration::from_hours(1) {
        section.complain("settle", "is longer than an hour, which is no alert; 3m is usual");
    }
    Some(Instant { public: public?, settle, per_hour, per_day, max_items: max_items? })
}

fn log(section: &mut Section) -> Option<LogConfig> {
    let level =
        section.or("level", "info", |value| value::text(value)?.parse::<Level>().map_err(|error| error.to_string()));
    let format =
        section.or("format", "text", |value| value::text(value)?.parse::<Format>().map_err(|error| error.to_string()));
    Some(LogConfig { level: level?, format: format? })
}

fn node(section: &mut Section) -> Option<Node> {
    let name = section.optional("name", value::host);
    let drain = section.or("drain", "30s", value::duration);
    Some(Node { name: name?.unwrap_or_else(host_name), drain: drain? })
}

/// What the kernel calls this machine.
fn host_name() -> String {
    let name = std::fs::read_to_string("/proc/sys/kernel/hostname").unwrap_or_default();
    let name = name.trim();
    if name.is_empty() { "node".to_owned() } else { name.to_owned() }
}
