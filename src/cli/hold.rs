//! `depeche hold` and `depeche release`: the hand on it.
//! That no node begins another mail under a hold is deliver's promise; this file only puts holds on and takes them off.

use std::{collections::BTreeSet, time::Duration};

use chrono::{DateTime, TimeDelta, Utc};
use clap::{ArgGroup, Args};
use serde_json::json;
use tokio::time::{Instant, sleep};

use super::{
    Failure, Invocation, Store, names,
    output::{self, Format, FormatArgs},
};
use crate::{
    config::Config,
    store::{
        self, Conn,
        hold::{HoldRow, LeftAndWaiting},
        wire::OnWire,
    },
};

/// How long `hold` waits for the mails that were between DATA and reply, so that its numbers are the last ones.
const SETTLE: Duration = Duration::from_secs(2);

/// How often it looks meanwhile.
const LOOK: Duration = Duration::from_millis(100);

/// What is held or released.
#[derive(Debug, Args)]
#[command(group(ArgGroup::new("scope").args(["all", "schedule", "topic", "feed", "relay", "list"]).required(true)))]
pub(super) struct ScopeArgs {
    /// Everything
    #[arg(long)]
    all: bool,
    /// The digests of a schedule, or `instant` for alerts
    #[arg(long, value_name = "NAME")]
    schedule: Option<String>,
    /// Mails in which something of this topic stands
    #[arg(long, value_name = "SLUG")]
    topic: Option<String>,
    /// Mails in which something of this feed stands: its number, address or title
    #[arg(long, value_name = "FEED")]
    feed: Option<String>,
    /// Mails over this relay
    #[arg(long, value_name = "NAME")]
    relay: Option<String>,
    /// Only list what is held
    #[arg(long)]
    list: bool,
}

/// What `hold` takes.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  depeche hold --all --reason 'wrong headline in the lead'
  depeche hold --topic transports
  depeche hold --list

No node begins another mail 2 seconds after it returns. Mails whose time runs out under a hold are skipped, and counted.")]
pub(super) struct HoldArgs {
    #[command(flatten)]
    scope: ScopeArgs,
    /// Why, for those who find it
    #[arg(long, value_name = "TEXT", default_value = "")]
    reason: String,
    #[command(flatten)]
    format: FormatArgs,
}

/// What `release` takes.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  depeche release --all
  depeche release --topic transports

Each hold is released by itself: `release --all` takes off what `hold --all` put on. `depeche hold --list` shows them.")]
pub(super) struct ReleaseArgs {
    #[command(flatten)]
    scope: ScopeArgs,
    #[command(flatten)]
    format: FormatArgs,
}

/// What a hold is on, found in the store.
#[derive(Clone, Debug)]
struct Scope {
    kind: &'static str,
    name: String,
    ref_id: Option<i64>,
}

impl Scope {
    fn text(&self) -> String {
        text_of(self.kind, &self.name)
    }

    fn option(&self) -> String {
        if self.kind == "all" { "--all".to_owned() } else { format!("--{} '{}'", self.kind, self.name) }
    }

    fn is(&self, row: &HoldRow) -> bool {
        row.scope == self.kind && row.name == self.name
    }
}

fn text_of(kind: &str, name: &str) -> String {
    if kind == "all" { "everything".to_owned() } else { format!("{kind} {name}") }
}

/// Finds what the options name.
async fn scope(conn: &mut Conn, config: &Config, args: &ScopeArgs) -> Result<Scope, Failure> {
    let of = |kind, name: &str, ref_id| Scope { kind, name: name.to_owned(), ref_id };
    if let Some(name) = &args.schedule {
        let (name, rule) = names::schedule(config, name)?;
        let id = store::schedule::put(conn, name, rule).await?;
        return Ok(of("schedule", name, Some(i64::from(id))));
    }
    if let Some(slug) = &args.topic {
        let topic = names::topic(conn, slug).await?;
        return Ok(of("topic", &topic.slug, Some(topic.id)));
    }
    if let Some(given) = &args.feed {
        let feed = names::feed(conn, given).await?;
        return Ok(of("feed", &feed.url, Some(feed.id)));
    }
    if let Some(name) = &args.relay {
        return Ok(of("relay", &names::relay(config, name)?.name, None));
    }
    Ok(of("all", "", None))
}

/// The hold that the options name, by what is held: a feed, topic or schedule that is gone meanwhile can still be released.
fn standing(holds: &[HoldRow], args: &ScopeArgs) -> Option<Scope> {
    let named = [("schedule", &args.schedule), ("topic", &args.topic), ("feed", &args.feed), ("relay", &args.relay)];
    let named = named.into_iter().find_map(|(kind, given)| given.as_ref().map(|given| (kind, given.trim())));
    let (kind, name) = named.unwrap_or(("all", ""));
    let is_id = |row: &HoldRow| kind == "feed" && row.ref_id.is_some_and(|id| id.to_string() == name);
    let row = holds.iter().find(|row| row.scope == kind && (row.name == name || is_id(row)))?;
    Some(Scope { kind, name: row.name.clone(), ref_id: row.ref_id })
}

/// Puts a hold on, waits for the mails on the wire, and says how many have left and how many wait.
pub(super) async fn hold(invocation: &Invocation, args: HoldArgs) -> Result<(), Failure> {
    let format = args.format.format;
    invocation
        .with_store(async |store| {
            if args.scope.list {
                return list(store, format).await;
            }
            let mut tx = store.pool.begin().await?;
            let scope = scope(&mut tx, &store.config, &args.scope).await?;
            let (now, who, reason) = (invocation.now, invocation.who(), args.reason.trim());
            let new = store::hold::put(&mut tx, now, scope.kind, &scope.name, scope.ref_id, reason, &who).await?;
            if new {
                let detail = json!({"scope": scope.kind, "name": scope.name, "reason": reason});
                store::act::write(&mut tx, now, &who, "hold", detail).await?;
            }
            tx.commit().await?;
            let mut conn = store.pool.acquire().await?;
            let counted = count_held(&mut conn, store, now, &scope).await;
            let (answer, row) = counted.map_err(|error| uncounted(&scope, "is held", &error))?;
            if format == Format::Json {
                return output::say_json(&answer.json("held", new, row.as_ref()));
            }
            let head = match row.filter(|_| !new) {
                Some(row) => already(&row, store),
                None => format!("held: {}", scope.text()),
            };
            output::say(&format!("{head}\n{}\nlet it go with: depeche release {}", answer.text(), scope.option()))
        })
        .await
}

async fn count_held(
    conn: &mut Conn,
    store: &Store,
    now: DateTime<Utc>,
    scope: &Scope,
) -> Result<(Answer, Option<HoldRow>), Failure> {
    let on_wire = settle(conn).await?;
    let row = store::hold::active(conn).await?.into_iter().find(|row| scope.is(row));
    Ok((Answer::read(conn, store, now, scope, on_wire).await?, row))
}

/// What was done stands, whatever became of the counting.
fn uncounted(scope: &Scope, done: &str, error: &Failure) -> Failure {
    Failure::failed(format!("{} {done}, but what left and what waits could not be counted: {error}", scope.text()))
}

fn already(row: &HoldRow, store: &Store) -> String {
    let since = output::at(row.at, store.config.publisher.zone);
    let reason = if row.reason.is_empty() { String::new() } else { format!(": {}", row.reason) };
    format!("{} is held already, since {since}, by {}{reason}", text_of(&row.scope, &row.name), row.by_whom)
}

/// Takes a hold off.
pub(super) async fn release(invocation: &Invocation, args: ReleaseArgs) -> Result<(), Failure> {
    let format = args.format.format;
    invocation
        .with_store(async |store| {
            if args.scope.list {
                return list(store, format).await;
            }
            let mut tx = store.pool.begin().await?;
            let holds = store::hold::active(&mut tx).await?;
            let scope = match standing(&holds, &args.scope) {
                Some(scope) => scope,
                None => scope(&mut tx, &store.config, &args.scope).await?,
            };
            let (now, who) = (invocation.now, invocation.who());
            if !store::hold::release(&mut tx, now, scope.kind, &scope.name, &who).await? {
                let held =
                    listed(&holds).map_or_else(|| "nothing is held".to_owned(), |held| format!("held are: {held}"));
                return Err(Failure::failed(format!("there is no hold on {}; {held}", scope.text())));
            }
            store::retry::wake_held(&mut tx, now).await?;
            let detail = json!({"scope": scope.kind, "name": scope.name});
            store::act::write(&mut tx, now, &who, "release", detail).await?;
            tx.commit().await?;
            let mut conn = store.pool.acquire().await?;
            let counted = Answer::read(&mut conn, store, now, &scope, 0).await;
            let answer = counted.map_err(|error| uncounted(&scope, "is released", &error))?;
            if format == Format::Json {
                return output::say_json(&answer.json("released", true, None));
            }
            let others: Vec<HoldRow> = holds.into_iter().filter(|row| !scope.is(row)).collect();
            let still = listed(&others).map(|held| format!("\nstill held: {held}")).unwrap_or_default();
            output::say(&format!("released: {}\n{}{still}", scope.text(), answer.text()))
        })
        .await
}

fn listed(holds: &[HoldRow]) -> Option<String> {
    let names: Vec<String> = holds.iter().map(|row| text_of(&row.scope, &row.name)).collect();
    (!names.is_empty()).then(|| names.join(", "))
}

async fn list(store: &Store, format: Format) -> Result<(), Failure> {
    let rows = store::hold::active(&mut *store.pool.acquire().await?).await?;
    if format == Format::Json {
        let rows: Vec<_> = rows
            .iter()
            .map(|row| json!({"scope": row.scope, "name": row.name, "reason": row.reason, "by": row.by_whom, "since": row.at}))
            .collect();
        return output::say_json(&rows);
    }
    if rows.is_empty() {
        return output::say("nothing is held");
    }
    let mut table = output::Table::new(&["held", "since", "by", "reason"]);
    for row in rows {
        let since = output::at(row.at, store.config.publisher.zone);
        table.row(vec![text_of(&row.scope, &row.name), since, row.by_whom, row.reason]);
    }
    output::say(&table.text())
}

/// Waits for the mails that had begun before the hold; gives how many of them are still out.
async fn settle(conn: &mut Conn) -> Result<usize, Failure> {
    let mut begun: BTreeSet<OnWire> = store::wire::all(conn).await?.into_iter().collect();
    let until = Instant::now() + SETTLE;
    while !begun.is_empty() && Instant::now() < until {
        sleep(LOOK).await;
        let now: BTreeSet<OnWire> = store::wire::all(conn).await?.into_iter().collect();
        begun.retain(|mail| now.contains(mail));
    }
    Ok(begun.len())
}

/// How many mails a hold touches.
struct Answer {
    scope: Scope,
    counts: LeftAndWaiting,
    on_wire: usize,
    since: DateTime<Utc>,
    hours: i64,
}

impl Answer {
    /// Counts back to the longest time that a mail may wait.
    async fn read(
        conn: &mut Conn,
        store: &Store,
        now: DateTime<Utc>,
        scope: &Scope,
        on_wire: usize,
    ) -> Result<Self, Failure> {
        let expiry = &store.config.mail.expiry;
        let longest =
            [expiry.alert, expiry.confirmation, expiry.digest, expiry.correction, expiry.proof, expiry.notice];
        let longest = longest.into_iter().max().unwrap_or(expiry.digest);
        let back = TimeDelta::from_std(longest).unwrap_or(TimeDelta::days(3));
        let since = now.checked_sub_signed(back).unwrap_or(now);
        let relay = if scope.kind == "relay" { scope.name.as_str() } else { "" };
        let counts = store::hold::left_and_waiting(conn, scope.kind, scope.ref_id, relay, since).await?;
        Ok(Self { scope: scope.clone(), counts, on_wire, since, hours: back.num_hours() })
    }

    fn text(&self) -> String {
        let LeftAndWaiting { left, waiting } = self.counts;
        let out = match self.on_wire {
            0 => String::new(),
            n => format!("; {} had begun before and may still leave", output::count(n, "mail", "mails")),
        };
        format!(
            "{} left in the last {} hours, {} {}{out}",
            output::number(left),
            self.hours,
            output::number(waiting),
            if waiting == 1 { "waits" } else { "wait" }
        )
    }

    fn json(&self, done: &str, new: bool, row: Option<&HoldRow>) -> serde_json::Value {
        json!({
            "done": done, "new": new, "scope": self.scope.kind, "name": self.scope.name,
            "left": self.counts.left, "waiting": self.counts.waiting, "on_wire": self.on_wire, "since": self.since,
            "reason": row.map(|row| &row.reason), "by": row.map(|row| &row.by_whom),
        })
    }
}
