//! `depeche check`: proves that what `run` needs is there, and says of each thing whether it is.
//! It changes nothing and sends nothing.

mod relay;

use std::{fmt, fs, os::unix::fs::PermissionsExt as _, path::Path};

use chrono::{Datelike as _, TimeDelta};
use clap::Args;
use serde_json::json;

use super::{
    Failure, Invocation, Store,
    open::Place,
    output::{self, Format, FormatArgs},
};
use crate::{
    clock::Clock,
    config::{Config, load_or_create_keys},
    render::Templates,
    store::{
        self,
        schema::{self, Schema},
    },
};

/// Difference of two clocks that is worth a word, and one that makes slots wrong.
const CLOCKS_DIFFER: TimeDelta = TimeDelta::seconds(2);
const CLOCKS_WRONG: TimeDelta = TimeDelta::seconds(60);

/// A clock before this year was never set.
const FIRST_YEAR: i32 = 2025;

/// Permission bits of everybody but the owner.
const NOT_THE_OWNER: u32 = 0o077;

/// What it takes.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  depeche check
  depeche check --config /etc/depeche/depeche.toml --format json

One line a thing: ok, warn or fail, and what to do. Exit code 1 where something fails. Relays are asked up to the
login; no mail is sent.")]
pub(super) struct CheckArgs {
    #[command(flatten)]
    format: FormatArgs,
}

/// How a thing stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Verdict {
    Ok,
    Warn,
    Fail,
}

impl fmt::Display for Verdict {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(match self {
            Self::Ok => "ok",
            Self::Warn => "warn",
            Self::Fail => "fail",
        })
    }
}

/// One line of the answer.
#[derive(Clone, Debug)]
struct Line {
    verdict: Verdict,
    what: String,
    text: String,
}

impl Line {
    fn ok(what: &str, text: impl Into<String>) -> Self {
        Self { verdict: Verdict::Ok, what: what.to_owned(), text: text.into() }
    }

    fn warn(what: &str, text: impl Into<String>) -> Self {
        Self { verdict: Verdict::Warn, what: what.to_owned(), text: text.into() }
    }

    fn fail(what: &str, text: impl Into<String>) -> Self {
        Self { verdict: Verdict::Fail, what: what.to_owned(), text: text.into() }
    }
}

/// Checks everything that can be checked.
pub(super) async fn run(invocation: &Invocation, args: CheckArgs) -> Result<(), Failure> {
    let path = invocation.config_path()?;
    let config = invocation.config()?;
    let mut lines = vec![Line::ok("config", path.display().to_string())];
    lines.extend(config.warnings.iter().map(|text| Line::warn("config", text.as_str())));
    lines.extend(only_to(&config));
    let (database, relays) = tokio::join!(database(invocation), relay::check(&config));
    lines.extend(database);
    lines.push(templates(&config));
    lines.extend(relays);
    lines.push(keys(&config.key_file));
    lines.extend(clock());
    answer(&lines, args.format.format)
}

fn answer(lines: &[Line], format: Format) -> Result<(), Failure> {
    match format {
        Format::Json => {
            let rows: Vec<_> = lines
                .iter()
                .map(|line| json!({"verdict": line.verdict.to_string(), "what": line.what, "text": line.text}))
                .collect();
            output::say_json(&rows)?;
        }
        Format::Text => {
            let shown: Vec<String> =
                lines.iter().map(|line| format!("{:4}  {}: {}", line.verdict, line.what, line.text)).collect();
            output::say(&shown.join("\n"))?;
        }
    }
    match lines.iter().filter(|line| line.verdict == Verdict::Fail).count() {
        0 => Ok(()),
        1 => Err(Failure::failed("one thing is not ready; its line says what to do")),
        n => Err(Failure::failed(format!("{n} things are not ready; their lines say what to do"))),
    }
}

fn only_to(config: &Config) -> Option<Line> {
    let n = config.mail.only_to.len();
    let people = output::count(n, "address", "addresses");
    (n > 0).then(|| {
        Line::warn("mail", format!("[mail] only_to lets mail through to {people} only; everybody else is skipped"))
    })
}

/// Reachability, version, schema, the database's clock, holds and notices.
async fn database(invocation: &Invocation) -> Vec<Line> {
    let looked = invocation.with_database(async |store| look(store).await).await;
    looked.unwrap_or_else(|failure| vec![Line::fail("database", failure.to_string())])
}

async fn look(store: &Store) -> Result<Vec<Line>, Failure> {
    let mut conn = store.pool.acquire().await?;
    let (version, name, database_clock) = schema::server(&mut conn).await?;
    let place = match store.place {
        Place::Configured => format!("database {name}"),
        Place::Private => format!("private cluster below {}", store.config.data_dir.display()),
    };
    let mut lines = vec![Line::ok("database", format!("Postgres {version}, {place}"))];
    let public = store.config.publisher.base_url.scheme() == "https";
    if store.place == Place::Private && public {
        let text = format!(
            "readers reach {} and the books are in the private cluster, which is for trying out; set [database] url",
            store.config.publisher.base_url
        );
        lines.push(Line::warn("database", text));
    }
    let ours = Clock::System.now();
    let differ = (database_clock - ours).abs();
    if differ >= CLOCKS_DIFFER {
        let text = format!("the database's differs by {} s; let NTP set both", differ.num_seconds());
        lines.push(if differ >= CLOCKS_WRONG { Line::fail("clock", text) } else { Line::warn("clock", text) });
    }
    let state = schema::state(&mut conn).await?;
    match state {
        Schema::Current => lines.push(Line::ok("schema", state.to_string())),
        Schema::Empty | Schema::Behind { .. } => {
            lines.push(Line::warn("schema", format!("{state}, and so does `depeche run`")));
        }
        Schema::Ahead => lines.push(Line::fail("schema", state.to_string())),
    }
    if state == Schema::Current {
        let zone = store.config.publisher.zone;
        for hold in store::hold::active(&mut conn).await? {
            let what =
                if hold.scope == "all" { "everything".to_owned() } else { format!("{} {}", hold.scope, hold.name) };
            let reason = if hold.reason.is_empty() { String::new() } else { format!(": {}", hold.reason) };
            lines.push(Line::warn(
                "hold",
                format!("{what}, since {}, by {}{reason}", output::at(hold.at, zone), hold.by_whom),
            ));
        }
        for (about, text) in store::notice::open_ones(&mut conn).await? {
            lines.push(Line::warn("notice", format!("{about}: {text}")));
        }
    }
    Ok(lines)
}

/// Loading parses every template and renders each with a sample, so what passes here works at night.
fn templates(config: &Config) -> Line {
    let dir = config.templates_dir.as_deref();
    match Templates::load(dir) {
        Err(error) => Line::fail("templates", error.to_string()),
        Ok(_) => Line::ok(
            "templates",
            dir.map_or_else(
                || "the built-in ones".to_owned(),
                |dir| format!("{} before the built-in ones", dir.display()),
            ),
        ),
    }
}

/// Made by the first `run` and not here: here it would belong to whoever checks, often root, and the daemon could not read it.
fn keys(path: &Path) -> Line {
    let shown = path.display();
    match fs::metadata(path) {
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => {
            Line::ok("keys", format!("{shown} is not there yet; `depeche run` makes it"))
        }
        Err(error) => Line::fail("keys", format!("cannot read {shown}: {error}; `depeche run` needs it")),
        Ok(metadata) => match load_or_create_keys(path) {
            Err(error) => Line::fail("keys", error.to_string()),
            Ok(_) if metadata.permissions().mode() & NOT_THE_OWNER != 0 => {
                Line::warn("keys", format!("{shown} can be read by others; `chmod 600 {shown}` ends that"))
            }
            Ok(_) => Line::ok("keys", shown.to_string()),
        },
    }
}

fn clock() -> Vec<Line> {
    let now = Clock::System.now();
    let text = now.format("%Y-%m-%d %H:%M:%S UTC").to_string();
    if now.year() < FIRST_YEAR {
        return vec![Line::fail("clock", format!("{text} cannot be; set the machine's clock"))];
    }
    vec![Line::ok("clock", text)]
}
