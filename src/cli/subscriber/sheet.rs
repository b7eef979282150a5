//! The CSV of subscribers: its columns, and how a file of them is read; every fault with its line and remedy.
//! It neither looks up readers nor writes any.

use std::collections::{HashMap, HashSet};

use chrono::{DateTime, NaiveDate, NaiveDateTime, Utc};

use super::add::{default_schedule, interface_language, reads, zone};
use crate::{
    cli::{Failure, filter_text, names},
    config::Config,
    digest::schedule::instant_of,
    store::{subscription::MAX_PER_READER, topic::TopicRow},
    subscriber::{Status, address::Address},
    topic::breadth::Breadth,
};

/// The columns of an export, in their order.
pub(super) const COLUMNS: [&str; 7] = ["email", "language", "zone", "topics", "schedule", "status", "created_at"];

/// The columns that a full export has beside them.
pub(super) const FULL_COLUMNS: [&str; 3] = ["reads", "filters", "updates"];

/// Lines of one file: its links are numbered under the lock that every commit of the flow waits for.
pub(super) const MAX_LINES: usize = 100_000;

/// Faults named one by one; beyond it the file as a whole is not what it should be.
const MAX_FAULTS: usize = 100;

/// A file that cannot be imported.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Refused {
    /// The file or its head is wrong.
    Whole(String),
    /// These lines are, and so many more.
    Lines(Vec<(u64, String)>, usize),
}

/// One reader with all of their lines.
#[derive(Clone, Debug)]
pub(super) struct Reader {
    /// The first line that names them.
    pub(super) line: u64,
    pub(super) address: Address,
    pub(super) language: String,
    pub(super) zone: &'static str,
    pub(super) reads: Vec<String>,
    /// They want to be told of updates.
    pub(super) updates: bool,
    pub(super) status: Status,
    pub(super) created_at: Option<DateTime<Utc>>,
    pub(super) follows: Vec<Follows>,
}

/// What a line says that a reader follows.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Follows {
    pub(super) schedule: String,
    pub(super) topics: Vec<i64>,
    pub(super) filters: Vec<String>,
}

/// What a file's cells are held against.
pub(super) struct Around<'a> {
    pub(super) config: &'a Config,
    pub(super) topics: &'a [TopicRow],
    pub(super) breadth: Option<&'a Breadth>,
    pub(super) now: DateTime<Utc>,
}

/// Reads a file; each reader once, in the order of their first lines.
pub(super) fn read(bytes: &[u8], around: &Around<'_>) -> Result<Vec<Reader>, Refused> {
    let bytes = bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(bytes);
    let mut csv = csv::ReaderBuilder::new()
        .has_headers(false)
        .flexible(true)
        .delimiter(delimiter(bytes))
        .trim(csv::Trim::All)
        .from_reader(bytes);
    let mut records = csv.byte_records();
    let head = match records.next() {
        Some(Ok(head)) => columns(&head)?,
        Some(Err(error)) => return Err(Refused::Whole(error.to_string())),
        None => {
            return Err(Refused::Whole(format!(
                "the file is empty; its first line names the columns: {}",
                COLUMNS.join(",")
            )));
        }
    };
    let mut sheet = Sheet {
        around,
        head,
        readers: Vec::new(),
        by_key: HashMap::new(),
        filters: HashMap::new(),
        faults: Vec::new(),
        more: 0,
    };
    for (at, record) in records.enumerate() {
        if at >= MAX_LINES {
            return Err(Refused::Whole(format!("the file has more than {MAX_LINES} lines; split it into several")));
        }
        match record {
            Ok(record) => sheet.line(&record),
            Err(error) => return Err(Refused::Whole(error.to_string())),
        }
    }
    match sheet.faults.is_empty() {
        true if sheet.readers.is_empty() => {
            Err(Refused::Whole("there is no line below the head; each line is a reader".to_owned()))
        }
        true => Ok(sheet.readers),
        false => Err(Refused::Lines(sheet.faults, sheet.more)),
    }
}

/// Comma, semicolon or tab, whichever parts the head into most: spreadsheets write what their country writes.
fn delimiter(bytes: &[u8]) -> u8 {
    let head = bytes.split(|b| matches!(b, b'\n' | b'\r')).next().unwrap_or_default();
    let parts = |delimiter: &u8| head.split(|b| b == delimiter).count();
    b"\t;,".iter().copied().max_by_key(parts).unwrap_or(b',')
}

/// The columns that the head names.
fn columns(head: &csv::ByteRecord) -> Result<Vec<&'static str>, Refused> {
    let known: Vec<&str> = COLUMNS.into_iter().chain(FULL_COLUMNS).collect();
    let mut columns = Vec::with_capacity(head.len());
    for cell in head {
        let name = String::from_utf8_lossy(cell).trim().to_lowercase();
        let Some(column) = known.iter().find(|known| **known == name) else {
            let hint = match names::nearest(&name, &known) {
                Some(nearest) => format!("did you mean `{nearest}`?"),
                None => format!("the columns are: {}", known.join(", ")),
            };
            return Err(Refused::Whole(format!("line 1: there is no column `{name}`; {hint}")));
        };
        if columns.contains(column) {
            return Err(Refused::Whole(format!("line 1: the column `{column}` stands there twice; take one out")));
        }
        columns.push(*column);
    }
    if columns.contains(&"email") {
        return Ok(columns);
    }
    Err(Refused::Whole(format!(
        "line 1: the column `email` is missing; the first line names the columns: {}",
        COLUMNS.join(",")
    )))
}

struct Sheet<'a> {
    around: &'a Around<'a>,
    head: Vec<&'static str>,
    readers: Vec<Reader>,
    by_key: HashMap<String, usize>,
    /// What came of each filter: in a list of a newsroom many readers have the same.
    filters: HashMap<String, Result<String, String>>,
    faults: Vec<(u64, String)>,
    more: usize,
}

impl Sheet<'_> {
    fn line(&mut self, record: &csv::ByteRecord) {
        // Spreadsheets leave lines of nothing but commas behind.
        if record.iter().all(<[u8]>::is_empty) {
            return;
        }
        let line = record.position().map_or(0, csv::Position::line);
        match self.reader(line, record).and_then(|reader| self.keep(reader)) {
            Ok(()) => {}
            Err(_) if self.faults.len() >= MAX_FAULTS => self.more += 1,
            Err(text) => self.faults.push((line, text)),
        }
    }

    /// A line as a reader of its own.
    fn reader(&mut self, line: u64, record: &csv::ByteRecord) -> Result<Reader, String> {
        // Before the cells are counted: a quote that swallowed lines has swallowed commas, too.
        let swallowed = |(column, cell): &(&&str, &[u8])| **column != "filters" && cell.contains(&b'\n');
        if let Some((column, _)) = self.head.iter().zip(record).find(swallowed) {
            return Err(format!(
                "{column}: a `\"` is opened here and closed only lines further down; close it, or double it within a cell"
            ));
        }
        if record.len() != self.head.len() {
            let (cells, wanted) = (record.len(), self.head.len());
            return Err(format!(
                "has {cells} cells and the head has {wanted}; look for a missing comma, or quote a cell that has one in it"
            ));
        }
        let cells: Vec<&str> = record
            .iter()
            .map(str::from_utf8)
            .collect::<Result<_, _>>()
            .map_err(|_| "is not UTF-8; save the file as \"CSV UTF-8\"".to_owned())?;
        let head = self.head.clone();
        let cell = |column: &str| head.iter().position(|head| *head == column).map_or("", |at| cells[at]);
        let config = self.around.config;
        let address = Address::parse(cell("email")).map_err(|error| format!("email: {error}"))?;
        let language =
            interface_language(config, Some(cell("language"))).map_err(|error| format!("language: {error}"))?;
        let zone = zone(config, Some(cell("zone"))).map_err(|error| format!("zone: {error}"))?;
        let listed: Vec<String> = cell("reads").split([' ', ',', ';', '|']).map(str::to_owned).collect();
        let status = match cell("status") {
            "" => Status::Confirmed,
            word => word.parse().map_err(|_| {
                format!("status: {}", names::unknown("status", word, &Status::ALL.map(Status::word), ""))
            })?,
        };
        let updates = match cell("updates").to_lowercase().as_str() {
            "" | "no" => false,
            "yes" => true,
            other => return Err(format!("updates: `{other}` is neither yes nor no")),
        };
        Ok(Reader {
            updates,
            reads: reads(&listed, &language).map_err(|error| format!("reads: {error}"))?,
            follows: self.follows(cell("topics"), cell("filters"), cell("schedule"))?.into_iter().collect(),
            created_at: self.created_at(cell("created_at"))?,
            line,
            address,
            language,
            zone,
            status,
        })
    }

    fn follows(&mut self, topics: &str, filters: &str, schedule: &str) -> Result<Option<Follows>, String> {
        let config = self.around.config;
        let schedule = if schedule.is_empty() { default_schedule(config) } else { schedule };
        let (schedule, _) = names::schedule(config, schedule).map_err(|error| format!("schedule: {error}"))?;
        let find = |slug: &str| {
            let found = self.around.topics.iter().find(|topic| topic.slug == slug.to_lowercase());
            found.map(|topic| topic.id).ok_or_else(|| format!("topics: {}", names::no_topic(slug, self.around.topics)))
        };
        let slugs = topics.split([' ', ',', ';', '|', '\t']).filter(|slug| !slug.is_empty());
        let topics = slugs.map(find).collect::<Result<Vec<_>, _>>()?;
        let queries = filters.lines().map(str::trim).filter(|query| !query.is_empty());
        let filters = queries
            .map(|query| self.filter(query))
            .collect::<Result<Vec<_>, _>>()
            .map_err(|text| format!("filters: {text}"))?;
        let number = topics.len() + filters.len();
        if number > usize::try_from(MAX_PER_READER).unwrap_or(usize::MAX) {
            return Err(format!(
                "topics: {number} are more than the {MAX_PER_READER} that one reader may follow; take some out"
            ));
        }
        Ok((number > 0).then(|| Follows { schedule: schedule.to_owned(), topics, filters }))
    }

    fn filter(&mut self, query: &str) -> Result<String, String> {
        let breadth = self.around.breadth;
        let read = || filter_text::parse_cell(query, breadth);
        self.filters.entry(query.to_owned()).or_insert_with(read).clone()
    }

    fn created_at(&self, cell: &str) -> Result<Option<DateTime<Utc>>, String> {
        if cell.is_empty() {
            return Ok(None);
        }
        let wrong = || format!("created_at: `{cell}` is not a time; 2027-03-28T07:00:00Z and 2027-03-28 are");
        let local = |text: &str| {
            let midnight = NaiveDate::parse_from_str(text, "%Y-%m-%d").ok().and_then(|day| day.and_hms_opt(0, 0, 0));
            midnight
                .or_else(|| NaiveDateTime::parse_from_str(text, "%Y-%m-%d %H:%M:%S").ok())
                .or_else(|| NaiveDateTime::parse_from_str(text, "%Y-%m-%d %H:%M").ok())
        };
        let at = match DateTime::parse_from_rfc3339(cell) {
            Ok(at) => at.to_utc(),
            Err(_) => instant_of(self.around.config.publisher.zone, local(cell).ok_or_else(wrong)?),
        };
        if at > self.around.now {
            return Err(format!("created_at: `{cell}` lies in the future; leave it empty for now"));
        }
        Ok(Some(at))
    }

    /// Joins a line to its reader's other lines: the same reader may stand once for each schedule.
    fn keep(&mut self, reader: Reader) -> Result<(), String> {
        let key = reader.address.address_key();
        let Some(&at) = self.by_key.get(&key) else {
            self.by_key.insert(key, self.readers.len());
            self.readers.push(reader);
            return Ok(());
        };
        let first = &mut self.readers[at];
        let schedules: HashSet<&str> = first.follows.iter().map(|follows| follows.schedule.as_str()).collect();
        let Some(follows) = reader
            .follows
            .into_iter()
            .next()
            .filter(|f| !schedules.contains(f.schedule.as_str()) && !schedules.is_empty())
        else {
            return Err(format!(
                "email: the same address stands in line {}; keep one line for each address and schedule",
                first.line
            ));
        };
        let differs = [
            ("language", first.language != reader.language),
            ("zone", first.zone != reader.zone),
            ("status", first.status != reader.status),
            ("created_at", first.created_at != reader.created_at),
            ("reads", first.reads != reader.reads),
            ("updates", first.updates != reader.updates),
        ];
        if let Some((column, _)) = differs.iter().find(|(_, differs)| *differs) {
            return Err(format!(
                "{column}: differs from that of the same address in line {}; make them equal",
                first.line
            ));
        }
        first.follows.push(follows);
        Ok(())
    }
}

impl Refused {
    /// The sentences for the operator, one a line.
    pub(super) fn failure(&self, file: &str) -> Failure {
        match self {
            Self::Whole(text) => Failure::input(format!("{file}: {text}; nothing was imported")),
            Self::Lines(faults, more) => {
                let number = faults.len() + more;
                let head = if number == 1 { "a line".to_owned() } else { format!("{number} lines") };
                let mut lines = vec![format!("{file}: {head} cannot be imported, so nothing was:")];
                lines.extend(faults.iter().map(|(line, fault)| format!("{file}:{line}: {fault}")));
                if *more > 0 {
                    lines.push(format!("{file}: and {more} more lines"));
                }
                Failure::input(lines.join("\n"))
            }
        }
    }
}

#[cfg(test)]
mod tests;
