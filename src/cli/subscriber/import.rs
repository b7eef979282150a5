//! `depeche subscriber import`: all of a CSV file in one transaction, or nothing of it.
//! Whoever left stays away, whatever a file says.

use std::{
    collections::{BTreeMap, HashMap, HashSet},
    fs::File,
    io::{self, Read as _},
};

use chrono::{DateTime, Utc};
use clap::Args;
use serde_json::json;

use super::sheet::{self, Around, Reader};
use crate::{
    cli::{Failure, Invocation, Store, output, source},
    daemon::forecast::breadth,
    digest::schedule::INSTANT,
    store::{self, Conn, subscriber::Imported, subscription::NewSubscription},
    subscriber::Status,
};

/// Largest file, in bytes: 100,000 lines with room.
const LARGEST: u64 = 64_000_000;

/// Readers looked up or written by one statement.
const CHUNK: usize = 1_000;

/// Skipped lines named one by one.
const MAX_SHOWN: usize = 50;

/// What it takes.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  depeche subscriber import readers.csv --dry-run
  depeche subscriber import readers.csv

Columns, of which only email is needed: email,language,zone,topics,schedule,status,created_at
  topics      slugs, with spaces between them
  schedule    of the config, or instant; a reader may have a line for each schedule
  status      confirmed (where it is empty), pending, paused, unsubscribed or suppressed
  created_at  2027-03-28 or 2027-03-28T07:00:00Z
and reads, filters, updates, as `subscriber export --full` writes them.

Any faulty line: nothing is imported, and each is named. Whoever left or must not be mailed is skipped, and so is
whoever is there already. The import itself mails nobody.")]
pub(super) struct ImportArgs {
    /// The file, or - for standard input
    #[arg(value_name = "FILE.csv")]
    file: String,
    /// Only say what would be done
    #[arg(long)]
    dry_run: bool,
}

/// What is to be done with the readers of a file.
struct Plan<'r> {
    new: Vec<&'r Reader>,
    skipped: Vec<(u64, &'static str)>,
}

pub(super) async fn run(invocation: &Invocation, args: ImportArgs) -> Result<(), Failure> {
    let bytes = bytes_of(&args.file)?;
    invocation
        .with_store(async |store| {
            let mut conn = store.pool.acquire().await?;
            let mut tx = store::begin(&mut conn).await?;
            let topics = store::topic::live(&mut tx).await?;
            let limit = u64::from(store.config.filters.max_hits_per_day);
            let breadth = breadth(&mut tx, invocation.now, limit).await.map_err(Failure::of)?;
            let around =
                Around { config: &store.config, topics: &topics, breadth: breadth.as_ref(), now: invocation.now };
            let readers = sheet::read(&bytes, &around).map_err(|refused| refused.failure(&args.file))?;
            let mut plan = plan(&mut tx, &readers).await?;
            if !args.dry_run {
                let source = format!("imported by {}", invocation.who());
                apply(&mut tx, invocation.now, store, &mut plan, &source).await?;
                let detail = json!({"file": args.file, "new": plan.new.len(), "skipped": plan.skipped.len()});
                store::act::write(&mut tx, invocation.now, &invocation.who(), "subscriber import", detail).await?;
                ask_for_updates(&mut tx, &plan).await?;
                link(&mut tx, invocation.now, &plan).await?;
                tx.commit().await?;
            }
            output::say(&report(&plan, args.dry_run))
        })
        .await
}

fn bytes_of(file: &str) -> Result<Vec<u8>, Failure> {
    let read = |from: Box<dyn io::Read>| {
        let mut bytes = Vec::new();
        from.take(LARGEST + 1).read_to_end(&mut bytes).map(|_| bytes)
    };
    let bytes = if file == "-" {
        read(Box::new(io::stdin().lock()))
    } else {
        File::open(file).and_then(|file| read(Box::new(file)))
    };
    let bytes = bytes.map_err(|error| source::cannot_read(file, &error))?;
    if bytes.len() as u64 > LARGEST {
        return Err(Failure::input(format!("{file} is larger than {} MB; split it into several", LARGEST / 1_000_000)));
    }
    Ok(bytes)
}

/// Who is new, and who is skipped and why.
async fn plan<'r>(conn: &mut Conn, readers: &'r [Reader]) -> Result<Plan<'r>, Failure> {
    let mut plan = Plan { new: Vec::new(), skipped: Vec::new() };
    for chunk in readers.chunks(CHUNK) {
        let keys: Vec<String> = chunk.iter().map(|reader| reader.address.address_key()).collect();
        let suppressed: HashSet<String> = store::suppression::among(conn, &keys).await?.into_iter().collect();
        let known: HashMap<String, i16> = store::subscriber::by_keys(conn, &keys)
            .await?
            .into_iter()
            .map(|row| (row.address_key, row.status))
            .collect();
        for (reader, key) in chunk.iter().zip(&keys) {
            let status = known.get(key).map(|code| Status::try_from(*code));
            match status {
                Some(Ok(Status::Unsubscribed)) => plan.skipped.push((reader.line, LEFT)),
                Some(Ok(Status::Suppressed)) => plan.skipped.push((reader.line, SUPPRESSED)),
                _ if suppressed.contains(key) => plan.skipped.push((reader.line, SUPPRESSED)),
                Some(_) => plan.skipped.push((reader.line, KNOWN)),
                None => plan.new.push(reader),
            }
        }
    }
    Ok(plan)
}

const LEFT: &str = "left, and stays away";
const SUPPRESSED: &str = "must not be mailed";
const KNOWN: &str = "is there already, and was not changed";

/// Writes the new readers; who signed up in this very moment is skipped as known.
async fn apply(
    conn: &mut Conn,
    now: DateTime<Utc>,
    store: &Store,
    plan: &mut Plan<'_>,
    source: &str,
) -> Result<(), Failure> {
    for found in &store.config.schedules {
        store::schedule::put(conn, found.schedule.name(), found.schedule.cron()).await?;
    }
    store::schedule::put(conn, INSTANT, "").await?;
    let bar = output::progress(plan.new.len() as u64, "importing");
    let mut added: HashSet<String> = HashSet::with_capacity(plan.new.len());
    for chunk in plan.new.chunks(CHUNK) {
        let rows: Vec<Imported> = chunk.iter().map(|reader| imported(reader, now)).collect();
        added.extend(store::subscriber::import(conn, now, &rows, source).await?.into_iter().map(|(_, key)| key));
        let gone = chunk.iter().filter(|reader| is_gone(reader.status));
        let (keys, reasons): (Vec<String>, Vec<String>) =
            gone.map(|reader| (reader.address.address_key(), reader.status.word().to_owned())).unzip();
        store::suppression::add_all(conn, now, &keys, &reasons).await?;
        bar.inc(chunk.len() as u64);
    }
    bar.finish_and_clear();
    let (new, late): (Vec<&Reader>, Vec<&Reader>) =
        plan.new.iter().partition(|reader| added.contains(&reader.address.address_key()));
    plan.new = new;
    plan.skipped.extend(late.iter().map(|reader| (reader.line, KNOWN)));
    Ok(())
}

/// Who comes only to be remembered as gone: an import takes over another system's list of those who left.
const fn is_gone(status: Status) -> bool {
    matches!(status, Status::Unsubscribed | Status::Suppressed)
}

fn imported(reader: &Reader, now: DateTime<Utc>) -> Imported {
    Imported {
        address_key: reader.address.address_key(),
        address: reader.address.as_str().to_owned(),
        status: reader.status.code(),
        language: reader.language.clone(),
        reads: reader.reads.clone(),
        zone: reader.zone.to_owned(),
        created_at: reader.created_at.unwrap_or(now),
    }
}

/// Notes who wants to be told of updates.
async fn ask_for_updates(conn: &mut Conn, plan: &Plan<'_>) -> Result<(), Failure> {
    let asking: Vec<&&Reader> = plan.new.iter().filter(|reader| reader.updates).collect();
    for chunk in asking.chunks(CHUNK) {
        let keys: Vec<String> = chunk.iter().map(|reader| reader.address.address_key()).collect();
        let ids: Vec<i64> = store::subscriber::by_keys(conn, &keys).await?.into_iter().map(|row| row.id).collect();
        store::membership::ask_for_updates(conn, &ids, true).await?;
    }
    Ok(())
}

/// Begins all links under one number, taken last: they count from this commit on.
async fn link(conn: &mut Conn, now: DateTime<Utc>, plan: &Plan<'_>) -> Result<(), Failure> {
    let following: Vec<&&Reader> =
        plan.new.iter().filter(|reader| !is_gone(reader.status) && !reader.follows.is_empty()).collect();
    if following.is_empty() {
        return Ok(());
    }
    let schedules: HashMap<String, i32> =
        store::schedule::all(conn).await?.into_iter().map(|(id, name)| (name, id)).collect();
    let mut ids: HashMap<String, i64> = HashMap::with_capacity(following.len());
    for chunk in following.chunks(CHUNK) {
        let keys: Vec<String> = chunk.iter().map(|reader| reader.address.address_key()).collect();
        ids.extend(store::subscriber::by_keys(conn, &keys).await?.into_iter().map(|row| (row.address_key, row.id)));
    }
    let seq = store::take_log_seq(conn, 1).await?;
    let mut filters: HashMap<&str, i64> = HashMap::new();
    for canonical in following.iter().flat_map(|reader| &reader.follows).flat_map(|follows| &follows.filters) {
        if !filters.contains_key(canonical.as_str()) {
            filters.insert(canonical, store::filter::intern(conn, canonical, seq).await?);
        }
    }
    let mut links: Vec<NewSubscription> = Vec::new();
    for reader in following {
        let Some(&id) = ids.get(&reader.address.address_key()) else { continue };
        for follows in &reader.follows {
            let Some(&schedule_id) = schedules.get(&follows.schedule) else {
                return Err(Failure::failed(format!("the schedule {} is not in the database", follows.schedule)));
            };
            let zone = if follows.schedule == INSTANT { "" } else { reader.zone };
            let topics = follows.topics.iter().map(|topic| (Some(*topic), None));
            let own = follows.filters.iter().map(|canonical| (None, filters.get(canonical.as_str()).copied()));
            for (at, (topic_id, filter_id)) in topics.chain(own).enumerate() {
                let position = i16::try_from(at).unwrap_or(i16::MAX);
                links.push(NewSubscription {
                    subscriber_id: id,
                    topic_id,
                    filter_id,
                    schedule_id,
                    zone: zone.to_owned(),
                    position,
                    told_seq: None,
                });
            }
        }
    }
    for chunk in links.chunks(store::MAX_NUMBERED_ROWS) {
        store::subscription::begin(conn, now, chunk, seq).await?;
    }
    Ok(())
}

fn report(plan: &Plan<'_>, dry_run: bool) -> String {
    let mut by_status: BTreeMap<i16, usize> = BTreeMap::new();
    for reader in &plan.new {
        *by_status.entry(reader.status.code()).or_default() += 1;
    }
    let words: Vec<String> = by_status
        .into_iter()
        .map(|(code, n)| format!("{} {}", output::number(n), Status::try_from(code).map_or("unknown", Status::word)))
        .collect();
    let words = if words.is_empty() { String::new() } else { format!(" ({})", words.join(", ")) };
    let n = plan.new.len();
    let done = if dry_run { "would import" } else { "imported" };
    let skipped = output::number(plan.skipped.len());
    let mut lines = vec![format!("{done} {}{words}; skipped {skipped}", output::count(n, "subscriber", "subscribers"))];
    let mut skipped = plan.skipped.clone();
    skipped.sort_unstable();
    lines.extend(skipped.iter().take(MAX_SHOWN).map(|(line, why)| format!("  line {line}: {why}")));
    if skipped.len() > MAX_SHOWN {
        lines.push(format!("  and {} more", skipped.len() - MAX_SHOWN));
    }
    lines.join("\n")
}
