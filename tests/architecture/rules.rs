//! The rules of the house, each a function from a file to the lines that break it.
//! How source is read is in `scan`; ARCHITECTURE.md gives the reasons.

use crate::scan::{Source, starts_path};

/// A line that breaks a rule.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Offence {
    pub(crate) path: String,
    pub(crate) line: usize,
    pub(crate) rule: String,
    pub(crate) text: String,
}

impl std::fmt::Display for Offence {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}:{}: {}\n    {}", self.path, self.line, self.rule, self.text)
    }
}

fn offence(source: &Source, line: usize, rule: impl Into<String>) -> Offence {
    Offence { path: source.path.clone(), line, rule: rule.into(), text: source.line(line).to_owned() }
}

const NOUNS: [&str; 6] = ["feed", "article", "topic", "subscriber", "digest", "delivery"];
const EFFECTS: [&str; 4] = ["fetch", "render", "mail", "store"];
const STAGES: [&str; 5] = ["ingest", "match_articles", "plan", "deliver", "sweep"];
const LINES_OF_A_FILE: usize = 500;
const LINES_OF_A_FUNCTION: usize = 70;
const SENTENCES: usize = 2;

/// An outside library, and the start of the paths that may use it.
const LIBRARIES: [(&str, &[&str]); 15] = [
    ("reqwest", &["src/fetch"]),
    ("handlebars", &["src/render"]),
    ("fluent_bundle", &["src/render"]),
    ("lettre", &["src/mail"]),
    ("mail_auth", &["src/mail"]),
    ("tokio_rustls", &["src/mail"]),
    ("rustls_platform_verifier", &["src/mail"]),
    ("sqlx", &["src/store"]),
    ("axum", &["src/web"]),
    ("clap", &["src/cli"]),
    ("indicatif", &["src/cli"]),
    ("cron", &["src/digest/schedule"]),
    ("quick_xml", &["src/feed"]),
    ("rust_stemmers", &["src/topic", "src/article"]),
    ("tracing_subscriber", &["src/telemetry"]),
];

/// What may not stand in the code of some rooms: the path, who may, and why not the rest.
const WALL_CLOCKS: [&str; 4] = ["Utc::now", "SystemTime::now", "Local::now", "UtcDateTime::now"];
const IMPURE: [&str; 10] = [
    "Instant::now",
    "std::fs",
    "std::env",
    "std::net::TcpStream",
    "std::process",
    "std::thread",
    "tokio::",
    "getrandom::",
    "nix::",
    "rand::",
];

/// Rooms that a room may import from, beside itself.
fn allowed(room: &str) -> Option<Vec<&'static str>> {
    let outer = ["clock", "telemetry"];
    if let Some(place) = NOUNS.iter().position(|noun| *noun == room) {
        return Some(NOUNS[..place].to_vec());
    }
    if EFFECTS.contains(&room) {
        return Some(NOUNS.to_vec());
    }
    Some(match room {
        "daemon" => [&NOUNS[..], &EFFECTS, &outer].concat(),
        // The pages show what `compose` draws, of the same settings and connections; no stage knows a page.
        "web" => [&NOUNS[..], &EFFECTS, &outer, &["daemon"]].concat(),
        // Wall clock times map to instants as slots do, and a token in a log line is known by its beginning.
        "clock" | "telemetry" => NOUNS.to_vec(),
        "lib" => Vec::new(),
        "config" => [&NOUNS[..], &EFFECTS, &outer, &["daemon", "web"]].concat(),
        "cli" => [&NOUNS[..], &EFFECTS, &outer, &["daemon", "web", "config"]].concat(),
        "main" => vec!["cli"],
        _ => return None,
    })
}

/// Imports point one way.
pub(crate) fn imports(source: &Source) -> Vec<Offence> {
    let Some(room) = source.room() else { return Vec::new() };
    let Some(allowed) = allowed(room) else {
        return vec![offence(
            source,
            1,
            format!("the house has no room `{room}`: add it to ARCHITECTURE.md and to this test"),
        )];
    };
    let paths = source.crate_paths().into_iter().filter_map(|(line, path)| Some((line, path.into_iter().next()?)));
    let mut offences: Vec<Offence> = paths
        .filter(|(_, target)| {
            target.starts_with(char::is_lowercase) && target != room && !allowed.contains(&target.as_str())
        })
        .map(|(line, target)| offence(source, line, format!("`{room}` may not import from `{target}`")))
        .collect();
    // A group such as `digest::{Slot, select}` breaks the rule once.
    offences.dedup();
    offences
}

/// Stages talk through tables, never to each other.
pub(crate) fn stages(source: &Source) -> Vec<Offence> {
    let Some(own) = source.path.strip_prefix("src/daemon/") else { return Vec::new() };
    let own = own.split('/').next().unwrap_or(own).trim_end_matches(".rs");
    if !STAGES.contains(&own) {
        return Vec::new();
    }
    let other = |path: &[String]| {
        path.first().is_some_and(|room| room == "daemon")
            && path.get(1).is_some_and(|stage| stage != own && STAGES.contains(&stage.as_str()))
    };
    let paths = source.crate_paths().into_iter().filter(|(_, path)| other(path));
    paths.map(|(line, path)| offence(source, line, format!("stage `{own}` may not call stage `{}`", path[1]))).collect()
}

/// Each outside library has one user.
pub(crate) fn libraries(source: &Source) -> Vec<Offence> {
    if source.room().is_none() {
        return Vec::new();
    }
    let mut offences = Vec::new();
    for (library, homes) in LIBRARIES {
        // `src/mail` is `src/mail.rs` and everything below `src/mail/`, but not `src/mailbox.rs`.
        let at_home = |home: &str| source.path.strip_prefix(home).is_some_and(|rest| rest.starts_with(['.', '/']));
        if homes.iter().any(|home| at_home(home)) {
            continue;
        }
        for (line, code) in source.code_lines() {
            if uses(code, library) {
                offences.push(offence(source, line, format!("only {} may use {library}", homes.join(" and "))));
            }
        }
    }
    offences
}

fn uses(code: &str, library: &str) -> bool {
    code.match_indices(library).any(|(at, _)| {
        let after = &code[at + library.len()..];
        let imported = code[..at].trim_end().ends_with("use") && after.starts_with([';', ' ']);
        starts_path(code, at) && (after.starts_with("::") || imported)
    })
}

/// The wall clock is read in one file; nouns know neither clock nor system nor chance.
pub(crate) fn purity(source: &Source) -> Vec<Offence> {
    let Some(room) = source.room() else { return Vec::new() };
    let mut forbidden: Vec<(&str, &str)> = Vec::new();
    if room != "clock" {
        forbidden.extend(WALL_CLOCKS.map(|path| (path, "only clock.rs reads the clock; take `now` as an argument")));
    }
    if NOUNS.contains(&room) {
        forbidden.extend(IMPURE.map(|path| (path, "nouns are pure: no I/O, no clock, no randomness")));
    }
    if EFFECTS.contains(&room) {
        forbidden.extend(["getrandom::", "rand::"].map(|path| (path, "effects take randomness as an argument")));
    }
    let lines =
        source.code_lines().flat_map(|(line, code)| forbidden.iter().map(move |(path, why)| (line, code, *path, *why)));
    lines
        .filter(|(_, code, path, _)| contains_path(code, path))
        .map(|(line, _, _, why)| offence(source, line, why))
        .collect()
}

/// `chrono::Utc::now` counts as `Utc::now`, `MyUtc::now` does not.
fn contains_path(code: &str, path: &str) -> bool {
    code.match_indices(path).any(|(at, _)| {
        let ends =
            path.ends_with("::") || !code[at + path.len()..].starts_with(|c: char| c.is_alphanumeric() || c == '_');
        crate::scan::starts_word(code, at) && ends
    })
}

/// All SQL is in the store.
pub(crate) fn sql(source: &Source) -> Vec<Offence> {
    if source.room().is_none_or(|room| room == "store") {
        return Vec::new();
    }
    let literals = source.literals.iter().filter(|(line, text)| !source.is_test(*line) && is_sql(text));
    literals.map(|(line, _)| offence(source, *line, "SQL belongs in src/store")).collect()
}

fn is_sql(text: &str) -> bool {
    let words: Vec<&str> = text.trim_matches(|c: char| c.is_whitespace() || c == '"').split_whitespace().collect();
    let Some(first) = words.first() else { return false };
    // A sentence begins with one capital; SQL is written in one case.
    if first.to_lowercase() != *first && first.to_uppercase() != *first {
        return false;
    }
    let lower: Vec<String> = words.iter().map(|word| word.to_lowercase()).collect();
    let has = |word: &str| lower.iter().any(|other| other == word);
    match lower[0].as_str() {
        "select" => has("from") || lower.get(1).is_some_and(|word| word.contains('(')),
        "insert" => has("into"),
        "update" => lower.get(2).is_some_and(|word| word == "set") || lower.get(3).is_some_and(|word| word == "set"),
        "delete" => lower.get(1).is_some_and(|word| word == "from"),
        "with" => has("as") && has("select"),
        "create" | "alter" | "drop" => lower
            .get(1)
            .is_some_and(|word| matches!(word.as_str(), "table" | "index" | "database" | "sequence" | "function")),
        "copy" => has("stdin") || has("stdout"),
        _ => false,
    }
}

/// Files and functions fit a head.
pub(crate) fn lengths(source: &Source) -> Vec<Offence> {
    if source.room().is_none() {
        return Vec::new();
    }
    let mut offences = Vec::new();
    let lines = source.code_lines().count();
    if lines > LINES_OF_A_FILE {
        offences.push(offence(
            source,
            1,
            format!("{lines} lines without tests; {LINES_OF_A_FILE} at most: split it where the thought splits"),
        ));
    }
    for function in source.functions().into_iter().filter(|function| function.lines > LINES_OF_A_FUNCTION) {
        let rule = format!("a function of {} lines; {LINES_OF_A_FUNCTION} at most", function.lines);
        offences.push(offence(source, function.line, rule));
    }
    offences
}

/// Each file opens with what it is responsible for and what not.
pub(crate) fn opening(source: &Source) -> Vec<Offence> {
    let opening: Vec<&str> = source.text.lines().map_while(|line| line.strip_prefix("//!")).map(str::trim).collect();
    let text = opening.join(" ");
    let sentences = text
        .split_whitespace()
        .filter(|word| word.trim_end_matches([')', '"', '`', '”', '»']).ends_with(['.', '!', '?']))
        .count();
    if sentences >= SENTENCES {
        return Vec::new();
    }
    vec![offence(source, 1, "opens without two `//!` sentences: what it is responsible for, and what not")]
}

/// Names that say nothing.
pub(crate) fn names(source: &Source) -> Vec<Offence> {
    const EMPTY: [&str; 9] =
        ["util", "utils", "helper", "helpers", "manager", "managers", "service", "services", "common"];
    let parts = source.path.split('/').map(|part| part.trim_end_matches(".rs")).flat_map(|part| part.split(['_', '-']));
    let empty: Vec<&str> = parts.filter(|part| EMPTY.contains(part)).collect();
    empty
        .first()
        .map(|name| offence(source, 1, format!("`{name}` says nothing: name what it does")))
        .into_iter()
        .collect()
}

pub(crate) const ALL: [fn(&Source) -> Vec<Offence>; 8] =
    [imports, stages, libraries, purity, sql, lengths, opening, names];
