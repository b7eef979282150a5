//! The sections of the file: which keys each has, their defaults, and what must agree between them.
//! How a value is spelt and where it was written is for `value` and `section`.

mod mail;
mod schedules;

use std::{
    collections::BTreeMap,
    path::{Path, PathBuf},
    str::FromStr,
    time::Duration,
};

use crate::{
    article::language::Language,
    render::UiLanguage,
    telemetry::{Format, Level, LogConfig},
};

use super::{
    Config, Database, Feeds, Filters, Node, Publisher, Web,
    document::{self, PREFIX, Place, Value, variable},
    problem::{ConfigError, Problem},
    secret::{self, Environment, Secret},
    section::{Known, Section},
    value,
};

/// Poll intervals may not be shorter: feeds' owners block who asks more often.
const SHORTEST_POLL: Duration = Duration::from_mins(1);

/// And not longer: a feed that is asked less than daily is no news.
const LONGEST_POLL: Duration = Duration::from_hours(24);

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
    let feeds = root.within("feeds", |section| feeds(section, around, publisher.as_ref())).flatten();
    let filters = root
        .within("filters", |section| {
            Some(Filters { max_hits_per_day: section.or("max_hits_per_day", "200", value::number::<0, 1_000_000>)? })
        })
        .flatten();
    let mail = root.within("mail", |section| mail::mail(section, publisher.as_ref())).flatten();
    let relays: Vec<_> = root.repeated("relay", |section| mail::relay(section, around)).into_iter().flatten().collect();
    mail::name_once(root, &relays);
    let schedules = schedules::schedules(root);
    let instant = root.within("instant", schedules::instant).flatten();
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
        filters: filters?,
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
    if UiLanguage::CODES.contains(&language.code()) {
        return Ok(language);
    }
    Err(format!("`{language}` is not a language of the pages and mails; {} are", UiLanguage::CODES.join(", ")))
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

fn feeds(section: &mut Section, around: &Around, publisher: Option<&Publisher>) -> Option<Feeds> {
    let contact_url = section.optional("contact_url", value::page);
    let allow_private = section.or("allow_private", "false", value::yes);
    let ca_file = section.optional("ca_file", value::path).map(|file| file.map(|file| around.base.join(file)));
    let poll_min = section.or("poll_min", "15m", value::duration);
    let poll_max = section.or("poll_max", "1h", value::duration);
    let websub = section.or("websub", "true", value::yes);
    let (poll_min, poll_max) = (poll_min?, poll_max?);
    if poll_min < SHORTEST_POLL {
        section.complain("poll_min", "is shorter than a minute, for which feeds' owners would block us; 15m is usual");
    }
    if poll_max < poll_min || poll_max > LONGEST_POLL {
        section.complain("poll_max", "must be from `poll_min` to 24h; 1h is usual");
    }
    let contact_url = match contact_url? {
        Some(url) => url,
        None => publisher?.home_url.clone(),
    };
    Some(Feeds { contact_url, allow_private: allow_private?, ca_file: ca_file?, poll_min, poll_max, websub: websub? })
}

fn log(section: &mut Section) -> Option<LogConfig> {
    let level = section.or("level", "info", parsed::<Level>);
    let format = section.or("format", "text", parsed::<Format>);
    Some(LogConfig { level: level?, format: format? })
}

fn parsed<T: FromStr<Err: ToString>>(value: &Value) -> Result<T, String> {
    value::text(value)?.parse().map_err(|error: T::Err| error.to_string())
}

fn node(section: &mut Section) -> Option<Node> {
    let name = section.optional("name", value::host);
    let drain = section.or("drain", "30s", value::duration);
    Some(Node { name: name?.unwrap_or_else(host_name), drain: drain? })
}

/// What this machine is called; a hardened service sees no `/proc/sys`.
fn host_name() -> String {
    let names = ["/proc/sys/kernel/hostname", "/etc/hostname"]
        .into_iter()
        .filter_map(|path| std::fs::read_to_string(path).ok());
    let mut names = names.map(|name| name.trim().to_owned()).filter(|name| !name.is_empty());
    names.next().unwrap_or_else(|| "node".to_owned())
}
